//! Pages placed a second, and whole recordings replayed.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sim_core::fidelity::{embedded, replay_all};
use sim_core::find;

fn runs(c: &mut Criterion) {
    let model = find("numa-policy").expect("the model");
    let mut group = c.benchmark_group("numa-policy");
    // 20 GiB that spill, the same in turns of a page, and page cache dropped on the way.
    for name in ["database-larger-than-a-node", "database-interleaved", "zone-reclaim-trade"] {
        let token = model.run_preset(name).expect("a preset").token;
        let run = || model.count_events(std::hint::black_box(&token), "touched").expect("a token that runs");
        group.throughput(Throughput::Elements(if name.starts_with("database") { 20 << 18 } else { 8 << 18 }));
        group.bench_function(name, |b| b.iter(run));
    }
    let trace = embedded().only("numa", "N1");
    group.throughput(Throughput::Elements(replay_all(&trace).0.iter().map(|report| report.compared).sum()));
    group.bench_function("replay N1", |b| b.iter(|| replay_all(std::hint::black_box(&trace))));
    group.finish();
}

criterion_group!(benches, runs);
criterion_main!(benches);
