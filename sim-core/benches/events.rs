//! Whole runs of the models whose work is counted in events.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sim_core::{Json, Log, find};

/// Each model with presets that say most about its speed.
const RUNS: &[(&str, &[&str])] = &[
    ("process-life", &["pids-run-out", "fork-shares-pages"]),
    ("commit", &["redis-fork-mode-2", "promise-not-kept"]),
    ("tcp-rto", &["gone-for-good"]),
    ("tcp-keepalive", &["tuned-behind-a-balancer"]),
];

/// How many events a run has.
fn events(model: &str, scenario: &Json) -> u64 {
    let start = find(model).expect("a model").start;
    let Ok(mut state) = start(scenario) else { panic!("{model}: the scenario is refused") };
    let (ends, mut log, mut events) = (state.ends(), Log::silent(), 0);
    while state.advance(ends, &mut log) {
        events += log.events().len() as u64;
        log.clear();
    }
    events
}

fn runs(c: &mut Criterion) {
    let busy = r#"{"rtt_us": 500, "duration_ms": 60000, "writes": [{"count": 5000, "every_ms": 10}],
                   "losses": [{"segment": 100, "times": 2}, {"segment": 900, "times": 1}]}"#;
    for (model, presets) in RUNS {
        let preset = |name: &str| find(model).and_then(|entry| entry.preset(name)).expect("a preset").scenario;
        let mut scenarios: Vec<_> = presets.iter().map(|name| (*name, preset(name))).collect();
        if *model == "tcp-rto" {
            scenarios.push(("5000-requests", Json::parse(busy).expect("JSON")));
        }
        let mut group = c.benchmark_group(*model);
        for (name, scenario) in &scenarios {
            group.throughput(Throughput::Elements(events(model, scenario)));
            group.bench_function(*name, |b| b.iter(|| events(model, std::hint::black_box(scenario))));
        }
        group.finish();
    }
}

criterion_group!(benches, runs);
criterion_main!(benches);
