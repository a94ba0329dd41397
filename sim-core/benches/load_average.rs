//! Load-average updates a second, bookkeeping and events included.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sim_core::load_average::LoadAverage;
use sim_core::{Model, Valid};

/// Runs a scenario to its end and counts the updates of the averages.
fn count_updates(scenario: &Valid<LoadAverage>) -> u64 {
    let mut model = LoadAverage::start(scenario);
    let mut updates = 0;
    loop {
        let events = model.step();
        if events.is_empty() {
            return updates;
        }
        updates += events.iter().filter(|event| event.kind == "update").count() as u64;
    }
}

fn updates(c: &mut Criterion) {
    let mut group = c.benchmark_group("load-average");
    // Two hours of few tasks, and ten minutes of many short turns.
    for name in ["same-load-today", "quarter-busy-today"] {
        let preset = LoadAverage::presets().into_iter().find(|preset| preset.name == name).expect("a preset");
        let scenario = Valid::new(preset.scenario).expect("a preset that holds");
        group.throughput(Throughput::Elements(count_updates(&scenario)));
        group.bench_function(name, |b| b.iter(|| count_updates(std::hint::black_box(&scenario))));
    }
    group.finish();
}

criterion_group!(benches, updates);
criterion_main!(benches);
