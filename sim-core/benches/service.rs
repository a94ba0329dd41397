//! Visits a second, from coming to being answered.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sim_core::find;

fn visits(c: &mut Criterion) {
    let model = find("service").expect("the model");
    let mut group = c.benchmark_group("service");
    // One that goes through every station, and one that is refused half the time.
    for name in ["proxy-with-keepalive", "backlog-overflow"] {
        let token = model.run_preset(name).expect("a preset").token;
        let count = || model.count_events(std::hint::black_box(&token), "answer").expect("a token that runs");
        group.throughput(Throughput::Elements(count()));
        group.bench_function(name, |b| b.iter(count));
    }
    group.finish();
}

criterion_group!(benches, visits);
criterion_main!(benches);
