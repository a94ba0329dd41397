//! The same bytes natively and in WASM.

use sim_core::load_average::{LoadAverage, Scenario, State, Task};
use sim_core::{Lang, Model, Token, Valid, run};
use sim_figures::{Drawn, View};

use crate::harness::{Browser, Look, PlainHost, setting};

/// Makes an instance of the module with every model: `window.glue`.
async fn instance(browser: &Browser) {
    let models = serde_json::json!(sim_core::catalogue().iter().map(|entry| entry.name).collect::<Vec<_>>());
    let script = format!("window.workbookInstance({models}).then(glue => {{ window.glue = glue; return 1 }})");
    browser.eval(&script).await;
}

/// Every preset, and scenarios that between them use every kernel era, tick rate and kind of task.
fn scenarios() -> Vec<Valid<LoadAverage>> {
    let mut scenarios: Vec<_> = LoadAverage::presets().into_iter().map(|preset| preset.scenario).collect();
    let kernels = ["2.6.18", "2.6.32", "3.10", "4.6", "4.11", "4.18", "5.10", "7.3"];
    for (i, kernel) in kernels.into_iter().enumerate() {
        let n = i as i64;
        let turns = Task { jitter_ms: 30, ..Task::new(State::Runnable, 100 * n, 110_000).periodic(7 + n, 60) };
        scenarios.push(Scenario {
            kernel: kernel.parse().unwrap(),
            hz: [100, 250, 300, 1000][i % 4],
            cpus: 1 + n,
            duration_ms: 120_000,
            seed: 1 << (8 * i),
            sample_offset_ticks: 37 * n,
            tasks: vec![
                turns,
                Task::new(State::IoWait, 3000, 90_000).times(2),
                Task::new(State::Uninterruptible, 0, 50_000),
            ],
            ..Scenario::default()
        });
    }
    scenarios.into_iter().map(|scenario| Valid::new(scenario).unwrap()).collect()
}

#[tokio::test]
async fn native_and_wasm_give_the_same_bytes() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    browser.open(&format!("{}ko/glossary.html", host.base)).await;
    instance(&browser).await;
    for (i, scenario) in scenarios().iter().enumerate() {
        let token = Token::new(scenario.clone(), 0).to_string();
        let lang = Lang::ALL[i % 2];
        let in_page = browser.text(&format!("window.glue.run_json('{token}', '{lang}')")).await;
        let native = run(scenario).to_json(lang).to_string();
        assert!(in_page == native, "scenario {i}: {}", first_difference(&native, &in_page));
    }
}

/// Every preset of every model, whole: by length and sum, because some are long.
#[tokio::test]
async fn every_preset_of_every_model_runs_alike_in_wasm() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    browser.open(&format!("{}ko/glossary.html", host.base)).await;
    instance(&browser).await;
    let sum = "t => { let sum = 2166136261; \
               for (let i = 0; i < t.length; i++) sum = Math.imul(sum ^ t.charCodeAt(i), 16777619) >>> 0; \
               return `${t.length} ${sum}` }";
    browser.eval(&format!("(window.sum = {sum}, 1)")).await;
    for entry in sim_core::catalogue() {
        for preset in (entry.presets)() {
            let run = entry.run(&preset.scenario).unwrap();
            let native = run.to_json(Lang::Ko).to_string();
            let units: Vec<u16> = native.encode_utf16().collect();
            let native =
                units.iter().fold(2_166_136_261_u32, |sum, unit| (sum ^ u32::from(*unit)).wrapping_mul(16_777_619));
            let in_page = browser.text(&format!("window.sum(window.glue.run_json('{}', 'ko'))", run.token)).await;
            assert_eq!(in_page, format!("{} {native}", units.len()), "{} {}", entry.name, preset.name);
        }
    }
}

#[tokio::test]
async fn the_terminal_prints_what_the_page_computes() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    browser.open(&format!("{}ko/glossary.html", host.base)).await;
    instance(&browser).await;
    let preset = LoadAverage::presets().swap_remove(0);
    let token = Token::<LoadAverage>::new(Valid::new(preset.scenario).unwrap(), preset.cursor).to_string();
    let in_page = browser.text(&format!("window.glue.run_json('{token}', 'ko')")).await;
    let output = std::process::Command::new(setting("WORKBOOK_PROBE"))
        .args(["--lang", "ko", "sim", "load-average", "--format", "json", "--token", &token])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.trim_end() == in_page, "{}", first_difference(&printed, &in_page));
}

/// The pictures are functions of the model's state, wherever they are drawn.
#[tokio::test]
async fn a_page_draws_the_pictures_the_builder_draws() {
    let host = PlainHost::start().await;
    for (lang, size) in [(Lang::Ko, (1280, 1000)), (Lang::En, (360, 740))] {
        let browser = Browser::start(&Look { size, ..Look::default() }).await;
        browser.open(&format!("{}{lang}/ch03-load-average.html", host.base)).await;
        let presets = browser.eval("[...document.querySelectorAll('figure.sim')].map(f => f.dataset.preset)").await;
        let presets: Vec<String> = serde_json::from_value(presets).unwrap();
        assert!(!presets.is_empty());
        for name in presets {
            let svg = format!("document.querySelector('figure.sim[data-preset=\"{name}\"] .sim-live svg.fig-picture')");
            browser
                .eval(&format!("document.querySelector('figure.sim[data-preset=\"{name}\"]').scrollIntoView()"))
                .await;
            browser.until(&svg).await;
            let id = browser.text(&format!("{svg}.id")).await;
            let width = browser.eval(&format!("{svg}.viewBox.baseVal.width")).await.as_f64().unwrap() as u32;
            let preset = LoadAverage::presets().into_iter().find(|preset| preset.name == name).unwrap();
            let scenario = Valid::<LoadAverage>::new(preset.scenario).unwrap();
            let state = LoadAverage::state_at(&scenario, preset.cursor);
            let native = state.picture(&LoadAverage::history(&scenario), &View { id: &id, width, lang });
            // The page's parser knows no difference between <a/> and <a></a>: let it read both.
            let both = format!(
                "(t => {{ const d = document.createElement('div'); d.innerHTML = t; \
                 return [d.firstElementChild.outerHTML, {svg}.outerHTML] }})({})",
                serde_json::to_string(&native).unwrap()
            );
            let both: [String; 2] = serde_json::from_value(browser.eval(&both).await).unwrap();
            assert!(both[0] == both[1], "{name} {lang}: {}", first_difference(&both[0], &both[1]));
        }
    }
}

fn first_difference(a: &str, b: &str) -> String {
    let at = a.bytes().zip(b.bytes()).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
    let around = |text: &str| {
        String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(60)..(at + 60).min(text.len())]).into_owned()
    };
    format!("from byte {at}: {:?} against {:?}", around(a), around(b))
}
