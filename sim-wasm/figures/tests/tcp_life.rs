//! The figures of connections, one element a line so that a change can be read.

mod extents;

mod common;

use common::readable;
use extents::extents;
use sim_core::scenario::Valid;
use sim_core::tcp_life::{Close, Host, Leg, Scenario, TcpLife};
use sim_core::{Lang, Model, SECOND};
use sim_figures::{Drawn, Source, View, static_figure};

#[test]
fn figures_for_pages() {
    for name in ["who-closes-first", "fin-timeout-62", "restart-without-reuseaddr"] {
        for lang in Lang::ALL {
            let figure = static_figure("tcp-life", Source::Preset(name), None, lang).expect("a figure");
            insta::assert_snapshot!(format!("{name}.{lang}"), readable(&figure.inline));
        }
    }
}

/// More than any preset shows: four hosts, every way to close, a range of seven ports.
fn crowded() -> Valid<TcpLife> {
    let legs = Close::NAMES.iter().take(5).enumerate().map(|(i, (_, close))| {
        let (from, to) = [
            (Host::Client, Host::Proxy),
            (Host::Client2, Host::Proxy),
            (Host::Proxy, Host::Server),
            (Host::Server, Host::Client),
        ][i % 4];
        Leg { destinations: 3, ..Leg::new(from, to, 40, 10_000) }.closed_by(*close)
    });
    Valid::new(Scenario {
        ip_local_port_range_low: 65_000,
        ip_local_port_range_high: 65_006,
        watch: 2,
        rtt_us: 90_000,
        duration_ms: 10_000,
        legs: legs.collect(),
        ..Scenario::default()
    })
    .expect("valid")
}

#[test]
fn four_hosts_and_few_ports() {
    let scenario = crowded();
    let history = TcpLife::history(&scenario);
    let state = TcpLife::state_at(&scenario, 5 * SECOND);
    let view = View { id: "many", width: 360, lang: Lang::En };
    insta::assert_snapshot!(readable(&state.picture(&history, &view)));
}

/// Every text as wide as estimated: nothing is cut off, and the picture does not change its height over
/// a run.
#[test]
fn no_text_leaves_the_drawing() {
    let presets = TcpLife::presets().into_iter();
    let all = presets.map(|preset| (preset.name, Valid::new(preset.scenario).expect("valid"), preset.cursor));
    let none = Valid::new(Scenario::default()).expect("valid");
    for (name, scenario, cursor) in all.chain([("crowded", crowded(), 5 * SECOND), ("none", none, SECOND)]) {
        let history = TcpLife::history(&scenario);
        let states = [0, cursor / 2, cursor, 600 * SECOND].map(|t| TcpLife::state_at(&scenario, t));
        for (lang, width) in [(Lang::Ko, 320), (Lang::Ko, 360), (Lang::Ko, 720), (Lang::En, 320), (Lang::En, 720)] {
            let mut heights = Vec::new();
            for state in &states {
                let view = View { id: "fit", width, lang };
                let picture = state.picture(&history, &view);
                heights.push(
                    picture.split("viewBox=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned),
                );
                let chart = TcpLife::chart(&history, state.now());
                for svg in [picture, chart.svg(&view)] {
                    for (left, right, text) in extents(&svg) {
                        let fits = left >= -5 && right <= width as i32 * 10 + 5;
                        assert!(fits, "{name} {lang} {width} px: {text:?} {left}..{right}");
                    }
                }
            }
            heights.dedup();
            assert_eq!(heights.len(), 1, "{name} {lang} {width}: {heights:?}");
        }
    }
}

#[test]
fn colours_are_the_pages() {
    let preset = &TcpLife::presets()[0];
    let figure = static_figure("tcp-life", Source::Preset(preset.name), None, Lang::Ko).expect("a figure");
    for forbidden in ["#", "rgb", "style=", "fill=", "stroke="] {
        assert!(!figure.inline.contains(forbidden), "{forbidden}");
    }
    assert_eq!(figure.insight, preset.insight.get(Lang::Ko));
}
