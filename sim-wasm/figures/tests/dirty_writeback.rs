//! The figures of dirty pages, one element a line so that a change can be read.

mod extents;

mod common;

use common::readable;
use extents::extents;
use sim_core::dirty_writeback::{DirtyWriteback, DiskSpec, Scenario, WriterSpec};
use sim_core::scenario::Valid;
use sim_core::{Lang, Model, SECOND};
use sim_figures::{Drawn, Source, View, static_figure};

#[test]
fn figures_for_pages() {
    for name in ["freerun-then-throttle", "usb-beside-a-fast-disk", "stall-rhel6"] {
        for lang in Lang::ALL {
            let figure = static_figure("dirty-writeback", Source::Preset(name), None, lang).expect("a figure");
            insta::assert_snapshot!(format!("{name}.{lang}"), readable(&figure.inline));
        }
    }
}

/// More writers and disks than there are rows, marks that lie on each other, a disk over its share.
fn crowded() -> Valid<DirtyWriteback> {
    let slow = DiskSpec { kib_per_s: 1000, request_kib: 64, strict_limit: 1, ..DiskSpec::default() };
    Valid::new(Scenario {
        dirty_ratio: 1,
        dirty_background_ratio: 0,
        disks: vec![slow; 8],
        writers: (0..16).map(|i| WriterSpec::new(200_000, i * 100, 20_000).on_disk(i % 8).fsync(4 * i)).collect(),
        syncs: vec![5000],
        duration_ms: 20_000,
        ..Scenario::default()
    })
    .expect("valid")
}

#[test]
fn a_crowd_is_drawn_in_a_few_rows() {
    let scenario = crowded();
    let history = DirtyWriteback::history(&scenario);
    let state = DirtyWriteback::state_at(&scenario, 7 * SECOND);
    let view = View { id: "many", width: 360, lang: Lang::Ko };
    insta::assert_snapshot!(readable(&state.picture(&history, &view)));
}

/// Every text as wide as estimated: nothing is cut off.
#[test]
fn no_text_leaves_the_drawing() {
    let presets = DirtyWriteback::presets().into_iter();
    let all = presets.map(|preset| (Valid::new(preset.scenario).expect("valid"), preset.cursor));
    for (scenario, cursor) in all.chain([(crowded(), 9 * SECOND)]) {
        let history = DirtyWriteback::history(&scenario);
        for t in [0, cursor / 2, cursor, 7_200 * SECOND] {
            let state = DirtyWriteback::state_at(&scenario, t);
            for (lang, width) in [(Lang::Ko, 320), (Lang::Ko, 360), (Lang::Ko, 720), (Lang::En, 320), (Lang::En, 720)] {
                let view = View { id: "fit", width, lang };
                let chart = DirtyWriteback::chart(&history, state.now());
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
fn colours_are_the_pages() {
    for preset in DirtyWriteback::presets() {
        let figure = static_figure("dirty-writeback", Source::Preset(preset.name), None, Lang::Ko).expect("a figure");
        for forbidden in ["#", "rgb", "style=", "fill=", "stroke="] {
            assert!(!figure.inline.contains(forbidden), "{}: {forbidden}", preset.name);
        }
        assert_eq!(figure.insight, preset.insight.get(Lang::Ko));
    }
}
