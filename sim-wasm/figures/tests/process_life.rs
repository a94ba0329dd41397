//! The figures of process life, one element a line so that a change can be read.

mod common;
mod extents;

use common::readable;
use extents::extents;
use sim_core::process_life::{Op, ProcessLife, Program, Scenario, Step};
use sim_core::scenario::Valid;
use sim_core::{Lang, Model, SECOND};
use sim_figures::{Drawn, Source, View, static_figure};

#[test]
fn figures_for_pages() {
    for name in ["fork-shares-pages", "zombie"] {
        for lang in Lang::ALL {
            let figure = static_figure("process-life", Source::Preset(name), None, lang).expect("a figure");
            insta::assert_snapshot!(format!("{name}.{lang}"), readable(&figure.inline));
        }
    }
}

/// What no preset shows: a deep tree, long names, many threads, large memory, every state.
fn crowded() -> Scenario {
    let step = |at_ms, who, op| Step::new(at_ms, who, op);
    let mut steps = vec![Step { child: 2, ..step(0, 1, Op::Fork) }];
    steps.push(Step { program: Program::Shim, ..step(0, 2, Op::Exec) });
    for i in 2..12 {
        steps.push(Step { child: i + 1, ..step(100, i, Op::Fork) });
    }
    steps.push(Step { count: 900, ..step(200, 12, Op::Clone) });
    steps.push(Step { kib: 40 << 20, ..step(300, 5, Op::Map) });
    steps.push(Step { kib: 30 << 20, ..step(400, 5, Op::Write) });
    steps.push(step(500, 6, Op::Run));
    steps.push(step(500, 7, Op::Block));
    steps.push(step(500, 8, Op::Trace));
    steps.push(Step { count: 60, every_ms: 20, child: 50, for_ms: 10, ..step(1000, 5, Op::Fork) });
    Scenario { steps, ..Scenario::default() }
}

/// Every text inside the drawing, as wide as estimated: nothing is cut off, and the picture does not
/// change its height over a run.
#[test]
fn no_text_leaves_the_drawing() {
    let presets = ProcessLife::presets().into_iter().map(|preset| (preset.name, preset.scenario));
    for (name, scenario) in presets.chain([("crowded", crowded())]) {
        let scenario = Valid::<ProcessLife>::new(scenario).expect("valid");
        let history = ProcessLife::history(&scenario);
        for lang in Lang::ALL {
            for width in [320, 360, 720] {
                let mut heights = Vec::new();
                for t in [0, 1, 3, 6, 10] {
                    let state = ProcessLife::state_at(&scenario, t * SECOND);
                    let view = View { id: "fit", width, lang };
                    let picture = state.picture(&history, &view);
                    heights.push(
                        picture.split("viewBox=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned),
                    );
                    let chart = ProcessLife::chart(&history, state.now());
                    for svg in [picture, chart.svg(&view)] {
                        for (left, right, text) in extents(&svg) {
                            let fits = left >= -5 && right <= width as i32 * 10 + 5;
                            assert!(fits, "{name} {lang} {width} px at {t}: {text:?} {left}..{right}");
                        }
                    }
                }
                heights.dedup();
                assert_eq!(heights.len(), 1, "{name} {lang} {width}: {heights:?}");
            }
        }
    }
}

#[test]
fn colours_are_the_pages() {
    for preset in ProcessLife::presets() {
        let figure = static_figure("process-life", Source::Preset(preset.name), None, Lang::Ko).expect("a figure");
        for forbidden in ["#", "rgb", "style=", "fill=", "stroke="] {
            assert!(!figure.inline.contains(forbidden), "{}: {forbidden}", preset.name);
        }
    }
}
