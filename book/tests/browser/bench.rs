//! What the widgets cost a page, measured in a browser. Prints one JSON object.

#[expect(dead_code, reason = "the tests use the rest of it")]
mod harness;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sim_core::Entry;

use harness::{Browser, Look, PlainHost, setting};

const ID: &str = "sim-load-average-one-task-for-a-minute";
/// Visits of a page, each with a browser that has never seen it.
const VISITS: usize = 5;
/// Frames drawn while scrubbing.
const FRAMES: usize = 200;
/// Rounds of a comparison, each natively and then in WASM.
const ROUNDS: usize = 15;
/// A round, at least.
const ROUND: Duration = Duration::from_millis(100);
/// What is run natively and in WASM: model, preset, and the events that are counted.
const RUNS: [(&str, &str, &str); 9] = [
    ("load-average", "same-load-today", "update"),
    ("load-average", "quarter-busy-today", "update"),
    ("buddy-allocator", "no-huge-page-with-half-free", ""),
    ("buddy-allocator", "per-cpu-lists", ""),
    ("numa-policy", "database-larger-than-a-node", ""),
    ("dirty-writeback", "steady-writer", ""),
    ("dirty-writeback", "usb-beside-a-fast-disk", ""),
    ("io-scheduler", "random-readers-deadline", ""),
    ("io-scheduler", "fsync-behind-backup-bfq", ""),
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let with = PlainHost::start_at(setting("WORKBOOK_SITE")).await;
    let without = PlainHost::start_at(setting("WORKBOOK_SITE_WITHOUT")).await;
    let (mut usable, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..VISITS {
        // In turns, so that what else the machine does meets both alike.
        usable.push(first_widget_usable(&with).await);
        plain.push(page_loaded(&without).await);
    }
    let browser = Browser::start(&Look::default()).await;
    let frames = scrub(&browser, &with).await;
    let mut rates = Vec::new();
    for (model, preset, kind) in RUNS {
        rates.push(native_and_wasm(&browser, model, preset, kind).await);
    }
    let measured = json!({
        "first_widget_usable_ms": median(usable),
        "page_without_widgets_ms": median(plain),
        "frame_ms": median(frames.clone()),
        "frame_p95_ms": quantile(frames, 0.95),
        "rates": rates,
    });
    println!("{measured}");
}

fn median(values: Vec<f64>) -> f64 {
    quantile(values, 0.5)
}

fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share).round() as usize]
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// From navigation to the first simulator running, ms.
async fn first_widget_usable(host: &PlainHost) -> f64 {
    let browser = Browser::start(&Look::default()).await;
    let watch = format!(
        "new MutationObserver((_, watch) => {{ \
           if (document.getElementById('{ID}')?.dataset.widget === 'running') {{ \
             window.usable = performance.now(); watch.disconnect() }} \
         }}).observe(document, {{subtree: true, childList: true, attributes: true, attributeFilter: ['data-widget']}})"
    );
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({"source": watch})).await;
    browser.open(&format!("{}en/ch03-load-average.html#{ID}", host.base)).await;
    browser.until("window.usable").await;
    number(&browser.eval("window.usable").await)
}

/// From navigation to the page being loaded, ms.
async fn page_loaded(host: &PlainHost) -> f64 {
    let browser = Browser::start(&Look::default()).await;
    browser.open(&format!("{}en/ch03-load-average.html#{ID}", host.base)).await;
    let loaded = "performance.getEntriesByType('navigation')[0].loadEventEnd";
    browser.until(loaded).await;
    number(&browser.eval(loaded).await)
}

/// Main-thread time of each frame while the slider is moved: computing, drawing, layout.
async fn scrub(browser: &Browser, host: &PlainHost) -> Vec<f64> {
    browser.open(&format!("{}en/ch03-load-average.html#{ID}", host.base)).await;
    browser.until(&format!("document.querySelector('#{ID} [data-testid=scrub]')")).await;
    let script = format!(
        "(async () => {{ \
           const slider = document.querySelector('#{ID} [data-testid=scrub]'); \
           const stage = document.querySelector('#{ID} [data-testid=stage]'); \
           const rest = () => new Promise(done => {{ const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0) }}); \
           const times = []; \
           for (let i = 0; i < {FRAMES}; i++) {{ \
             await rest(); \
             const start = performance.now(); \
             slider.value = String((i * 7919) % Number(slider.max)); \
             slider.dispatchEvent(new Event('input', {{bubbles: true}})); \
             await rest(); stage.getBoundingClientRect(); \
             times.push(performance.now() - start); \
           }} \
           return times }})()"
    );
    let times = browser.eval(&script).await;
    times.as_array().expect("a list").iter().map(number).collect()
}

/// Runs a second of a preset natively and in WASM, by the same loop and in turns, so that what else the
/// machine does meets both alike; and how many events of the kind a run has.
async fn native_and_wasm(browser: &Browser, model: &str, preset: &str, kind: &str) -> Value {
    let entry = sim_core::find(model).expect("a model");
    let token = (entry.token)(&entry.preset(preset).expect("a preset").scenario, 0).expect("valid");
    browser.eval(&format!("window.workbookInstance(['{model}']).then(g => {{ window.glue = g; return 1 }})")).await;
    let round = format!(
        "(() => {{ const start = performance.now(); let runs = 0; \
           do {{ window.glue.count_events('{token}', '{kind}'); runs++ }} while (performance.now() - start < {}); \
           return runs / (performance.now() - start) * 1000 }})()",
        ROUND.as_millis(),
    );
    let (mut native, mut wasm) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        native.push(runs_per_second(entry, &token, kind));
        wasm.push(number(&browser.eval(&round).await));
    }
    let events = entry.count_events(&token, kind).expect("a token that runs");
    json!({"model": model, "preset": preset, "events": events, "native": median(native), "wasm": median(wasm)})
}

fn runs_per_second(entry: &Entry, token: &str, kind: &str) -> f64 {
    let (start, mut runs) = (Instant::now(), 0);
    while start.elapsed() < ROUND {
        std::hint::black_box(entry.count_events(std::hint::black_box(token), kind)).expect("a token that runs");
        runs += 1;
    }
    f64::from(runs) / start.elapsed().as_secs_f64()
}
