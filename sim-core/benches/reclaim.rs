//! Simulated seconds of memory under pressure a second, bookkeeping and events included.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sim_core::find;

fn runs(c: &mut Criterion) {
    let model = find("reclaim").expect("the model");
    let mut group = c.benchmark_group("reclaim");
    // kswapd alone, both types in and out, swap to its end, and names. An element is a simulated second.
    for (name, seconds) in
        [("streaming-read", 40), ("swappiness-60", 60), ("leak-until-oom", 60), ("vfs-cache-pressure-200", 30)]
    {
        let token = model.run_preset(name).expect("a preset").token;
        group.throughput(Throughput::Elements(seconds));
        group.bench_function(name, |b| {
            b.iter(|| model.count_events(std::hint::black_box(&token), "refault").expect("a token that runs"));
        });
    }
    group.finish();
}

criterion_group!(benches, runs);
criterion_main!(benches);
