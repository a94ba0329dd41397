//! Writes figures as pages to look at: `cargo run -p sim-figures --example gallery -- DIR [THEME]`.
//!
//! One page a preset and language, and `extras.LANG.html` with what no preset shows: many CPUs,
//! and a chart with a pinned run, a live machine and a prediction.

use std::io::{Error, Result};

use sim_core::load_average::{LoadAverage, Scenario, State, Task};
use sim_core::scenario::Valid;
use sim_core::{Lang, Nanos, SECOND};
use sim_figures::{Drawn, Points, STYLE, Source, View, Whose, lines, prediction, static_figure};

fn main() -> Result<()> {
    let dir = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let theme = std::env::args().nth(2).unwrap_or_else(|| "light".to_owned());
    std::fs::create_dir_all(&dir)?;
    for lang in Lang::ALL {
        for entry in sim_core::catalogue() {
            for sim_core::Preset { name, .. } in (entry.presets)() {
                let figure = static_figure(entry.name, Source::Preset(name), None, lang)
                    .map_err(|error| Error::other(error.text().get(lang).to_owned()))?;
                let caption = format!("<b>{}</b> {}", figure.title, figure.insight);
                let page = page(&theme, lang, &[(figure.inline, caption)]);
                std::fs::write(format!("{dir}/{name}.{lang}.html"), page)?;
                std::fs::write(format!("{dir}/{name}.{lang}.svg"), figure.file)?;
            }
        }
        std::fs::write(format!("{dir}/extras.{lang}.html"), page(&theme, lang, &extras(lang)))?;
    }
    Ok(())
}

fn extras(lang: Lang) -> Vec<(String, String)> {
    let mut shown = Vec::new();
    for (cpus, tasks, width) in [
        (8, vec![Task::new(State::Runnable, 0, 300_000).times(11), Task::new(State::IoWait, 1000, 200_000)], 720),
        (
            1,
            vec![
                Task::new(State::Runnable, 0, 300_000).times(40),
                Task::new(State::Uninterruptible, 0, 200_000).times(12),
            ],
            360,
        ),
        (4, vec![Task::new(State::Runnable, 0, 300_000).periodic(2000, 3000).times(7)], 360),
        (
            64,
            vec![Task::new(State::Runnable, 0, 300_000).times(70), Task::new(State::IoWait, 1000, 200_000).times(9)],
            720,
        ),
        (
            64,
            vec![Task::new(State::Runnable, 0, 300_000).times(70), Task::new(State::IoWait, 1000, 200_000).times(9)],
            360,
        ),
    ] {
        let scenario = Scenario { cpus, duration_ms: 600_000, tasks, ..Scenario::default() };
        let scenario = Valid::<LoadAverage>::new(scenario).expect("a valid scenario");
        let history = LoadAverage::history(&scenario);
        let state = LoadAverage::state_at(&scenario, 100 * SECOND);
        let id = format!("extra-{}", shown.len());
        let view = View { id: &id, width, lang };
        shown.push((state.picture(&history, &view), format!("{cpus} CPUs")));
    }
    let run = |name: &str| {
        let presets = <LoadAverage as sim_core::Model>::presets();
        let preset = presets.into_iter().find(|preset| preset.name == name).expect("a preset");
        LoadAverage::history(&Valid::new(preset.scenario).expect("presets are valid"))
    };
    let (history, pinned) = (run("four-tasks-then-calm"), run("sleepers-on-an-idle-cpu"));
    let mut chart = LoadAverage::chart(&history, 420 * SECOND);
    chart.series.extend(lines(Whose::Pinned, LoadAverage::lines(), &pinned.track.metrics));
    let live = |factor: i64| -> Points {
        (0..50u64)
            .map(|i| (i * 10 * SECOND, factor * 20 * (i as i64 % 7 + i as i64)))
            .collect::<Vec<(Nanos, i64)>>()
            .into()
    };
    chart.series.extend(lines(Whose::Live, LoadAverage::lines(), &[live(3), live(2), live(1)]));
    chart.series.push(prediction(vec![(0, 0), (300 * SECOND, 8192), (700 * SECOND, 2048), (1200 * SECOND, 0)].into()));
    for (id, width) in [("wide", 720), ("phone", 360)] {
        shown.push((chart.svg(&View { id, width, lang }), "pinned, live, predicted".to_owned()));
    }
    shown
}

fn page(theme: &str, lang: Lang, figures: &[(String, String)]) -> String {
    let figures: String = figures
        .iter()
        .map(|(svg, caption)| {
            format!(
                "<figure class=\"sim\"><div class=\"sim-static\">{svg}</div><figcaption>{caption}</figcaption></figure>"
            )
        })
        .collect();
    format!(
        "<!doctype html><html lang=\"{lang}\" class=\"{theme}\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{THEMES}{STYLE}</style>{figures}"
    )
}

/// Paper and ink of the book's themes.
const THEMES: &str = "
.light { --bg: #ffffff; --fg: #000000 } .rust { --bg: #e1e1db; --fg: #262625 }
.coal { --bg: #141617; --fg: #98a3ad } .navy { --bg: #161923; --fg: #bcbdd0 }
.ayu { --bg: #0f1419; --fg: #c5c5c5 }
body { background: var(--bg); color: var(--fg); font-family: 'Noto Sans CJK KR', sans-serif;
  max-width: 750px; margin: 0 auto; padding: 0 15px; word-break: keep-all }
figure { margin: 2em 0 } figcaption { margin-top: 0.6em; line-height: 1.7 }
";
