//! Context switches a second, choosing and events included.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sim_core::find;

fn switches(c: &mut Criterion) {
    let model = find("cpu-shares").expect("the model");
    let mut group = c.benchmark_group("cpu-shares");
    // A service that wakes up beside two loops under both policies, and groups in groups.
    for name in ["waking-under-cfs", "waking-under-eevdf", "cpu-weight"] {
        let token = model.run_preset(name).expect("a preset").token;
        let count = || model.count_events(std::hint::black_box(&token), "switch").expect("a token that runs");
        group.throughput(Throughput::Elements(count()));
        group.bench_function(name, |b| b.iter(count));
    }
    group.finish();
}

criterion_group!(benches, switches);
criterion_main!(benches);
