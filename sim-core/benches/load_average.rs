//! Load-average updates a second, bookkeeping and events included.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sim_core::find;

fn updates(c: &mut Criterion) {
    let model = find("load-average").expect("the model");
    let mut group = c.benchmark_group("load-average");
    // Two hours of few tasks, and ten minutes of many short turns.
    for name in ["same-load-today", "quarter-busy-today"] {
        let token = model.run_preset(name).expect("a preset").token;
        let count = || model.count_events(std::hint::black_box(&token), "update").expect("a token that runs");
        group.throughput(Throughput::Elements(count()));
        group.bench_function(name, |b| b.iter(count));
    }
    group.finish();
}

criterion_group!(benches, updates);
criterion_main!(benches);
