//! Whole runs of the TCP models: one that waits, and one that is busy.

use criterion::{Criterion, criterion_group, criterion_main};
use sim_core::{Json, Log, find};

fn run(model: &str, scenario: &Json) -> usize {
    let mut state = (find(model).expect("a model").start)(scenario).unwrap_or_else(|_| panic!("valid"));
    let (ends, mut log, mut events) = (state.ends(), Log::silent(), 0);
    while state.advance(ends, &mut log) {
        events += log.events().len();
        log.clear();
    }
    events
}

fn runs(c: &mut Criterion) {
    let preset = |model: &str, name: &str| find(model).and_then(|entry| entry.preset(name)).expect("a preset").scenario;
    let gone = preset("tcp-rto", "gone-for-good");
    c.bench_function("tcp-rto: given up after 15 minutes", |b| b.iter(|| run("tcp-rto", &gone)));
    let busy = Json::parse(
        r#"{"rtt_us": 500, "duration_ms": 60000, "writes": [{"count": 5000, "every_ms": 10}],
            "losses": [{"segment": 100, "times": 2}, {"segment": 900, "times": 1}]}"#,
    )
    .expect("JSON");
    c.bench_function("tcp-rto: 5000 requests", |b| b.iter(|| run("tcp-rto", &busy)));
    let tuned = preset("tcp-keepalive", "tuned-behind-a-balancer");
    c.bench_function("tcp-keepalive: forty minutes behind a balancer", |b| b.iter(|| run("tcp-keepalive", &tuned)));
}

criterion_group!(benches, runs);
criterion_main!(benches);
