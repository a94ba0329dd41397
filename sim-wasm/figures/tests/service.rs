//! The figures of the service: a phone's and a page's, at its start and at its worst.

mod common;
mod extents;

use common::readable;
use extents::extents;
use sim_core::scenario::Valid;
use sim_core::service::Service;
use sim_core::{Lang, Model, Preset};
use sim_figures::{Drawn, Source, View, static_figure};

#[test]
fn figures_for_pages() {
    for name in ["baseline", "backlog-overflow"] {
        for lang in Lang::ALL {
            let figure = static_figure("service", Source::Preset(name), None, lang).expect("a figure");
            insta::assert_snapshot!(format!("{name}.{lang}"), readable(&figure.inline));
        }
    }
}

/// The picture is as high at any moment as at any other, or the page would jump; and every text as
/// wide as estimated stays inside it.
#[test]
fn a_picture_keeps_its_height_and_its_texts() {
    for Preset { name, scenario, cursor, .. } in Service::presets() {
        let scenario = Valid::<Service>::new(scenario).expect("presets are valid");
        let history = Service::history(&scenario);
        for (lang, width) in [(Lang::Ko, 320), (Lang::En, 360), (Lang::Ko, 720), (Lang::En, 720)] {
            let mut heights = Vec::new();
            for t in [0, cursor, u64::MAX] {
                let svg = Service::state_at(&scenario, t).picture(&history, &View { id: "fit", width, lang });
                for (left, right, text) in extents(&svg) {
                    let fits = left >= -5 && right <= width as i32 * 10 + 5;
                    assert!(fits, "{name} {lang} {width} px at {t}: {text:?} {left}..{right}");
                }
                let at = svg.find(" height=\"").expect("a height") + 9;
                heights.push(svg[at..].split('"').next().expect("a number").to_owned());
            }
            assert!(heights.windows(2).all(|pair| pair[0] == pair[1]), "{name} {heights:?}");
        }
    }
}
