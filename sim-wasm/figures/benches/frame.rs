//! What one frame of a widget costs: drawing, and gathering a run.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use sim_core::load_average::LoadAverage;
use sim_core::scenario::Valid;
use sim_core::{Lang, Model};
use sim_figures::{Drawn, View};

fn frame(c: &mut Criterion) {
    let view = View { id: "bench", width: 720, lang: Lang::Ko };
    for name in ["one-task-for-a-minute", "same-load-today", "quarter-busy-today"] {
        let preset = LoadAverage::presets().into_iter().find(|preset| preset.name == name).expect("a preset");
        let scenario = Valid::<LoadAverage>::new(preset.scenario).expect("presets are valid");
        let history = LoadAverage::history(&scenario);
        let state = LoadAverage::state_at(&scenario, preset.cursor);
        let mut group = c.benchmark_group(name);
        group.bench_function("picture", |b| b.iter(|| black_box(&state).picture(&history, &view)));
        group.bench_function("chart", |b| b.iter(|| LoadAverage::chart(&history, black_box(preset.cursor)).svg(&view)));
        group.bench_function("history", |b| b.iter(|| LoadAverage::history(black_box(&scenario))));
        group.finish();
    }
}

criterion_group!(benches, frame);
criterion_main!(benches);
