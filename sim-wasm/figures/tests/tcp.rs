//! The figures of TCP, one element a line so that a change can be read.

mod extents;

mod common;

use common::readable;
use extents::extents;
use sim_core::tcp_keepalive::TcpKeepalive;
use sim_core::tcp_rto::TcpRto;
use sim_core::{Lang, Valid};
use sim_figures::{Drawn, Source, View, static_figure};

#[test]
fn figures_for_pages() {
    for (model, name) in [
        ("tcp-rto", "lost-three-times"),
        ("tcp-rto", "tail-of-ten"),
        ("tcp-rto", "gone-for-good"),
        ("tcp-keepalive", "zombie-found"),
        ("tcp-keepalive", "default-behind-a-balancer"),
    ] {
        for lang in Lang::ALL {
            let figure = static_figure(model, Source::Preset(name), None, lang).expect("a figure");
            insta::assert_snapshot!(format!("{name}.{lang}"), readable(&figure.inline));
        }
    }
}

/// Every text as wide as estimated: nothing is cut off, and the picture keeps its height.
fn fits<M: Drawn>() {
    for preset in M::presets() {
        let scenario = Valid::<M>::new(preset.scenario).expect("valid");
        let history = M::history(&scenario);
        let ends = M::start(&scenario).ends();
        for (lang, width) in [(Lang::Ko, 320), (Lang::Ko, 360), (Lang::Ko, 720), (Lang::En, 320), (Lang::En, 720)] {
            let mut heights = Vec::new();
            for t in [0, preset.cursor / 2, preset.cursor, ends] {
                let state = M::state_at(&scenario, t);
                let view = View { id: "fit", width, lang };
                let picture = state.picture(&history, &view);
                heights
                    .push(picture.split("viewBox").nth(1).and_then(|rest| rest.split('"').nth(1)).map(str::to_owned));
                for svg in [picture, M::chart(&history, state.now()).svg(&view)] {
                    for (left, right, text) in extents(&svg) {
                        let fits = left >= -5 && right <= width as i32 * 10 + 5;
                        assert!(fits, "{} {lang} {width} px at {t}: {text:?} {left}..{right}", preset.name);
                    }
                }
            }
            heights.dedup();
            assert_eq!(heights.len(), 1, "{} {lang} {width}", preset.name);
        }
    }
}

#[test]
fn no_text_leaves_the_drawing() {
    fits::<TcpRto>();
    fits::<TcpKeepalive>();
}
