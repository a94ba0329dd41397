//! Connections opened a second, from SYN to the end of their TIME_WAIT.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sim_core::find;

fn connections(c: &mut Criterion) {
    let model = find("tcp-life").expect("the model");
    let mut group = c.benchmark_group("tcp-life");
    group.sample_size(10);
    // 100 s of a thousand a second: with ports running out, and taken over.
    for (name, kind) in [("port-budget", "connect"), ("tw-reuse", "reuse")] {
        let scenario = model.preset(name).expect("a preset").scenario;
        let token = (model.token)(&scenario, 0).expect("a token");
        let count = || model.count_events(std::hint::black_box(&token), kind).expect("a token that runs");
        group.throughput(Throughput::Elements(count()));
        group.bench_function(name, |b| b.iter(count));
    }
    group.finish();
}

criterion_group!(benches, connections);
criterion_main!(benches);
