//! The figures themselves, one element a line so that a change can be read.

mod extents;

mod common;

use common::readable;
use extents::extents;
use sim_core::load_average::{LoadAverage, Scenario, State, Task};
use sim_core::scenario::Valid;
use sim_core::{Lang, MILLISECOND, Model, SECOND, Token};
use sim_figures::{Drawn, FigureError, Source, View, Whose, lines, prediction, static_figure};

fn preset(name: &str) -> Valid<LoadAverage> {
    let preset = LoadAverage::presets().into_iter().find(|preset| preset.name == name).expect("a preset");
    Valid::new(preset.scenario).expect("presets are valid")
}

#[test]
fn figures_for_pages() {
    for name in ["one-task-for-a-minute", "waiting-for-a-disk", "quarter-busy-rhel6"] {
        for lang in Lang::ALL {
            let figure = static_figure("load-average", Source::Preset(name), None, lang).expect("a figure");
            insta::assert_snapshot!(format!("{name}.{lang}"), readable(&figure.inline));
        }
    }
}

#[test]
fn many_cpus_in_small_cells() {
    let tasks = vec![Task::new(State::Runnable, 0, 300_000).times(20), Task::new(State::IoWait, 0, 90_000).on_cpu(18)];
    let scenario = Scenario { cpus: 20, duration_ms: 600_000, tasks, ..Scenario::default() };
    let scenario = Valid::<LoadAverage>::new(scenario).expect("a valid scenario");
    let history = LoadAverage::history(&scenario);
    let state = LoadAverage::state_at(&scenario, 30 * SECOND);
    let view = View { id: "many", width: 360, lang: Lang::En };
    insta::assert_snapshot!(readable(&state.picture(&history, &view)));
}

#[test]
fn a_chart_with_everything_on_it() {
    let (history, pinned) = (preset("four-tasks-then-calm"), preset("sleepers-on-an-idle-cpu"));
    let (history, pinned) = (LoadAverage::history(&history), LoadAverage::history(&pinned));
    let mut chart = LoadAverage::chart(&history, 420 * SECOND);
    chart.series.extend(lines(Whose::Pinned, LoadAverage::lines(), &pinned.track.metrics));
    let live = [3, 2, 1].map(|n| vec![(0, 0), (60 * SECOND, n * 300), (120 * SECOND, n * 500)].into());
    chart.series.extend(lines(Whose::Live, LoadAverage::lines(), &live));
    chart.series.push(prediction(vec![(0, 0), (300 * SECOND, 8192), (1200 * SECOND, 0)].into()));
    for (lang, width) in [(Lang::Ko, 720), (Lang::En, 360)] {
        let view = View { id: "all", width, lang };
        insta::assert_snapshot!(format!("everything.{lang}"), readable(&chart.svg(&view)));
        // Drawn again with another cursor, with other curves, in another width: always as if anew.
        let mut drawn = None;
        for (cursor, curves, width) in [(0, 9, width), (60, 9, width), (60, 4, width), (61, 4, 500), (420, 9, width)] {
            let mut chart = chart.clone();
            chart.cursor = Some(cursor * SECOND);
            chart.series.truncate(curves);
            let view = View { width, ..view };
            assert_eq!(chart.svg_again(&view, &mut drawn), chart.svg(&view), "{cursor} {curves} {width}");
        }
    }
}

/// Every element inside the drawing, every text as wide as estimated: nothing is cut off.
#[test]
fn no_text_leaves_the_drawing() {
    for lang in Lang::ALL {
        for preset in LoadAverage::presets() {
            let scenario = Valid::<LoadAverage>::new(preset.scenario).expect("presets are valid");
            let history = LoadAverage::history(&scenario);
            for width in [320, 360, 720] {
                for t in [0, preset.cursor / 2, preset.cursor, 7_200 * SECOND] {
                    let state = LoadAverage::state_at(&scenario, t);
                    let view = View { id: "fit", width, lang };
                    let chart = LoadAverage::chart(&history, state.now());
                    for svg in [state.picture(&history, &view), chart.svg(&view)] {
                        for (left, right, text) in extents(&svg) {
                            let fits = left >= -5 && right <= width as i32 * 10 + 5;
                            assert!(fits, "{} {lang} {width} px at {t}: {text:?} {left}..{right}", preset.name);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn colours_and_ids_are_the_pages() {
    for preset in LoadAverage::presets() {
        let figure = static_figure("load-average", Source::Preset(preset.name), None, Lang::Ko).expect("a figure");
        for forbidden in ["#", "rgb", "style=", "fill=", "stroke="] {
            assert!(!figure.inline.contains(forbidden), "{}: {forbidden}", preset.name);
        }
        for part in figure.inline.split("<svg ").skip(1) {
            let id = part.split("id=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id");
            assert!(part.contains(&format!("aria-labelledby=\"{id}-t {id}-d\"")));
            assert!(part.contains("role=\"img\"") && part.contains("lang=\"ko\""));
        }
        assert!(figure.file.starts_with("<svg ") && figure.file.contains("<style>"));
        assert_eq!(figure.insight, preset.insight.get(Lang::Ko));
    }
}

#[test]
fn every_source_gives_the_same_run() {
    let scenario = preset("one-task-for-a-minute");
    let cursor = 61 * SECOND;
    let token = Token::<LoadAverage>::new(scenario.clone(), cursor).to_string();
    let json = LoadAverage::write_scenario(&scenario).to_string();
    let by = |source, cursor| static_figure("load-average", source, cursor, Lang::En).expect("a figure");
    let by_token = by(Source::Token(&token), None);
    let by_json = by(Source::Json(&json), Some(cursor));
    assert_eq!(by_token, by_json);
    assert!(by_token.insight.contains("0.63 0.18 0.06"), "{}", by_token.insight);
    // Without a cursor a bare scenario is shown at its end.
    assert!(by(Source::Json(&json), None).insight.starts_with("4 min:"));
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let figure = |model, source| static_figure(model, source, None, Lang::En);
    let said =
        |outcome: Result<_, FigureError>| outcome.map(|_: sim_figures::StaticFigure| ()).expect_err("refused").text();
    for (outcome, ko, en) in [
        (figure("no-such", Source::Preset("x")), "`no-such`라는 모델은 없습니다", "no model called `no-such`"),
        (figure("load-average", Source::Preset("x")), "one-task-for-a-minute", "no preset called `x`"),
        (figure("load-average", Source::Token("x")), "토큰이 아닙니다", "not a token"),
        (figure("load-average", Source::Json("{")), "JSON", "well-formed JSON"),
        (figure("load-average", Source::Json(r#"{"cpus": 0}"#)), "cpus = 0", "cpus = 0"),
    ] {
        let text = said(outcome);
        assert!(text.ko.contains(ko) && text.en.contains(en), "{text:?}");
    }
}

#[test]
fn a_pointer_finds_the_time_and_value_it_points_at() {
    let history = LoadAverage::history(&preset("one-task-for-a-minute"));
    let chart = LoadAverage::chart(&history, 61 * SECOND);
    for width in [360, 720] {
        let plot = chart.plot(&View { id: "p", width, lang: Lang::Ko });
        for t in [0, 30, 61, 200, 240] {
            let found = plot.time_at(f64::from(plot.x(t * SECOND)) / 10.0);
            // A tenth of a pixel is the finest a drawing knows.
            assert!(found.abs_diff(t * SECOND) <= 150 * MILLISECOND, "{t}: {found}");
        }
        assert!(plot.value_at(f64::from(plot.y(1024)) / 10.0).abs_diff(1024) <= 2);
        assert_eq!((plot.time_at(-50.0), plot.value_at(-50.0)), (0, plot.top_value));
    }
}
