//! The figures of reclaim and of the memory map.

mod common;
mod extents;

use common::readable;
use extents::extents;
use sim_core::memory_map::MemoryMap;
use sim_core::reclaim::{Kind, Program, Reclaim, Scenario};
use sim_core::scenario::Valid;
use sim_core::{Lang, Model, SECOND};
use sim_figures::{Drawn, Source, View, static_figure};

#[test]
fn figures_for_pages() {
    for (model, name) in [("reclaim", "streaming-read"), ("reclaim", "leak-until-oom"), ("memory-map", "read-a-file")] {
        for lang in Lang::ALL {
            let figure = static_figure(model, Source::Preset(name), None, lang).expect("a figure");
            insta::assert_snapshot!(format!("{name}.{lang}"), readable(&figure.inline));
        }
    }
}

/// As many programs as there may be, large memory, everything in use.
fn crowded() -> Scenario {
    let kinds = [Kind::Heap, Kind::File, Kind::Shmem, Kind::Device];
    let program = |i: usize| Program::new(kinds[i % 4], 700, 2000, 0, 9000).over_and_over();
    Scenario {
        mem_mib: 4096,
        swap_mib: 2048,
        duration_ms: 10_000,
        programs: (0..11).map(program).chain([Program::lookups(900_000, 300_000, 0, 9000)]).collect(),
        ..Scenario::default()
    }
}

/// Every text as wide as estimated: nothing is cut off.
fn nothing_is_cut_off<M: Drawn>(scenarios: impl Iterator<Item = (M::Scenario, u64)>) {
    for (scenario, cursor) in scenarios {
        let scenario = Valid::<M>::new(scenario).expect("valid");
        let history = M::history(&scenario);
        for t in [0, cursor / 2, cursor, 7_200 * SECOND] {
            let state = M::state_at(&scenario, t);
            for (lang, width) in [(Lang::Ko, 320), (Lang::Ko, 360), (Lang::Ko, 720), (Lang::En, 320), (Lang::En, 720)] {
                let view = View { id: "fit", width, lang };
                let chart = M::chart(&history, state.now());
                for svg in [state.picture(&history, &view), chart.svg(&view)] {
                    for (left, right, text) in extents(&svg) {
                        let fits = left >= -5 && right <= width as i32 * 10 + 5;
                        assert!(fits, "{lang} {width} px at {t}: {text:?} {left}..{right}");
                    }
                }
            }
        }
    }
}

#[test]
fn no_text_leaves_the_drawing() {
    let presets = |presets: Vec<sim_core::Preset<Scenario>>| presets.into_iter().map(|p| (p.scenario, p.cursor));
    nothing_is_cut_off::<Reclaim>(presets(Reclaim::presets()).chain([(crowded(), 6 * SECOND)]));
    nothing_is_cut_off::<MemoryMap>(presets(MemoryMap::presets()).chain([(crowded(), 6 * SECOND)]));
}

/// The picture takes the same room at every moment, or the page would jump.
#[test]
fn the_height_does_not_depend_on_the_moment() {
    for preset in Reclaim::presets() {
        let scenario = Valid::<Reclaim>::new(preset.scenario).expect("valid");
        let history = Reclaim::history(&scenario);
        for width in [360, 720] {
            let height = |t: u64| {
                let view = View { id: "h", width, lang: Lang::Ko };
                let svg = Reclaim::state_at(&scenario, t).picture(&history, &view);
                svg.split("height=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned)
            };
            assert_eq!(height(0), height(preset.cursor), "{} {width}", preset.name);
        }
    }
}

#[test]
fn colours_are_the_pages() {
    for (model, presets) in [("reclaim", Reclaim::presets()), ("memory-map", MemoryMap::presets())] {
        for preset in presets {
            let figure = static_figure(model, Source::Preset(preset.name), None, Lang::Ko).expect("a figure");
            for forbidden in ["#", "rgb", "style=", "fill=", "stroke="] {
                assert!(!figure.inline.contains(forbidden), "{}: {forbidden}", preset.name);
            }
            assert_eq!(figure.insight, preset.insight.get(Lang::Ko));
        }
    }
}
