//! The figures of promised memory, one element a line so that a change can be read.

mod common;
mod extents;

use common::readable;
use extents::extents;
use sim_core::commit::{Commit, Kind, Op, Scenario, Start, Step};
use sim_core::process_life::Program;
use sim_core::scenario::Valid;
use sim_core::{Lang, Model, SECOND};
use sim_figures::{Drawn, Source, View, static_figure};

#[test]
fn figures_for_pages() {
    for name in ["redis-fork-mode-2", "promise-not-kept"] {
        for lang in Lang::ALL {
            let figure = static_figure("commit", Source::Preset(name), None, lang).expect("a figure");
            insta::assert_snapshot!(format!("{name}.{lang}"), readable(&figure.inline));
        }
    }
}

/// What no preset shows: many processes, shared memory, huge pages, swap, a request far too large.
fn crowded() -> Scenario {
    let touch = |who, mib| Step { for_ms: 4000, ..Step::new(1000, who, Op::Touch, mib) };
    let mut steps = vec![
        Step { kind: Kind::Shared, ..Step::new(100, 0, Op::Map, 3000) },
        Step::new(200, 1, Op::Map, 1 << 20),
        Step::new(300, 2, Op::Map, 200_000),
        touch(0, 3000),
        touch(2, 9000),
        Step { child: 11, ..Step::new(600, 2, Op::Fork, 0) },
        Step { for_ms: 2000, ..Step::new(6000, 11, Op::Rewrite, 3000) },
    ];
    steps.extend((3..9).map(|who| Step::new(400, who, Op::Map, 100 * who)));
    Scenario {
        overcommit_memory: 1,
        hugetlb_mib: 1024,
        swap_mib: 3000,
        processes: vec![Start::new(Program::Shim); 12],
        steps,
        ..Scenario::default()
    }
}

/// Every text inside the drawing, as wide as estimated: nothing is cut off, and the picture does not
/// change its height over a run.
#[test]
fn no_text_leaves_the_drawing() {
    let presets = Commit::presets().into_iter().map(|preset| (preset.name, preset.scenario));
    for (name, scenario) in presets.chain([("crowded", crowded())]) {
        let scenario = Valid::<Commit>::new(scenario).expect("valid");
        let history = Commit::history(&scenario);
        for lang in Lang::ALL {
            for width in [320, 360, 720] {
                let mut heights = Vec::new();
                for t in [0, 1, 3, 6, 10] {
                    let state = Commit::state_at(&scenario, t * SECOND);
                    let view = View { id: "fit", width, lang };
                    let picture = state.picture(&history, &view);
                    heights.push(
                        picture.split("viewBox=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned),
                    );
                    let chart = Commit::chart(&history, state.now());
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
    for preset in Commit::presets() {
        let figure = static_figure("commit", Source::Preset(preset.name), None, Lang::Ko).expect("a figure");
        for forbidden in ["#", "rgb", "style=", "fill=", "stroke="] {
            assert!(!figure.inline.contains(forbidden), "{}: {forbidden}", preset.name);
        }
    }
}
