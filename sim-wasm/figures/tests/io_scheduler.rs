//! The figures of the I/O scheduler: a phone's and a page's, a turning disk and flash.

mod common;
mod extents;

use common::readable;
use extents::extents;
use sim_core::io_scheduler::IoScheduler;
use sim_core::scenario::Valid;
use sim_core::{Lang, Model, Preset};
use sim_figures::{Drawn, Source, View, static_figure};

#[test]
fn figures_for_pages() {
    for name in ["reader-and-writer-deadline", "nvme-none"] {
        for lang in Lang::ALL {
            let figure = static_figure("io-scheduler", Source::Preset(name), None, lang).expect("a figure");
            insta::assert_snapshot!(format!("{name}.{lang}"), readable(&figure.inline));
        }
    }
}

/// The picture is as high at any moment as at any other, or the page would jump; and says in words
/// what it shows.
#[test]
fn a_picture_keeps_its_height() {
    for Preset { name, scenario, cursor, .. } in IoScheduler::presets() {
        let scenario = Valid::<IoScheduler>::new(scenario).expect("presets are valid");
        let history = IoScheduler::history(&scenario);
        for width in [360, 720] {
            let view = View { id: "p", width, lang: Lang::Ko };
            let height = |t| {
                let state = IoScheduler::state_at(&scenario, t);
                let svg = state.picture(&history, &view);
                assert!(svg.contains(state.scheduler().name()), "{name}");
                let at = svg.find(" height=\"").expect("a height") + 9;
                svg[at..].split('"').next().expect("a number").to_owned()
            };
            let at_start = height(0);
            for t in [cursor / 3, cursor, cursor * 3 / 2, u64::MAX] {
                assert_eq!(height(t), at_start, "{name} at {t}");
            }
        }
    }
}

/// Every text as wide as estimated stays inside the drawing.
#[test]
fn no_text_leaves_the_picture() {
    for Preset { name, scenario, cursor, .. } in IoScheduler::presets() {
        let scenario = Valid::<IoScheduler>::new(scenario).expect("presets are valid");
        let history = IoScheduler::history(&scenario);
        for (lang, width) in [(Lang::Ko, 320), (Lang::En, 360), (Lang::Ko, 720), (Lang::En, 720)] {
            for t in [0, cursor, u64::MAX] {
                let svg = IoScheduler::state_at(&scenario, t).picture(&history, &View { id: "fit", width, lang });
                for (left, right, text) in extents(&svg) {
                    let fits = left >= -5 && right <= width as i32 * 10 + 5;
                    assert!(fits, "{name} {lang} {width} px at {t}: {text:?} {left}..{right}");
                }
            }
        }
    }
}
