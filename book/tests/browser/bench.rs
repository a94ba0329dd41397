//! What the widgets cost a page, measured in a browser. Prints one JSON object.

#[expect(dead_code, reason = "the tests use the rest of it")]
mod harness;

use serde_json::{Value, json};
use sim_core::load_average::LoadAverage;
use sim_core::{Model, Token, Valid};

use harness::{Browser, Look, PlainHost, setting};

const ID: &str = "sim-load-average-one-task-for-a-minute";
/// Visits of a page, each with a browser that has never seen it.
const VISITS: usize = 5;
/// Frames drawn while scrubbing.
const FRAMES: usize = 200;

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
    let rates = ["same-load-today", "quarter-busy-today"];
    let mut updates = serde_json::Map::new();
    for name in rates {
        updates.insert(name.to_owned(), updates_per_second(&browser, name).await);
    }
    let measured = json!({
        "first_widget_usable_ms": median(usable),
        "page_without_widgets_ms": median(plain),
        "frame_ms": median(frames.clone()),
        "frame_p95_ms": quantile(frames, 0.95),
        "updates_per_second": updates,
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

/// Updates of the averages a second in WASM: the same loop that the native benchmark measures.
async fn updates_per_second(browser: &Browser, preset: &str) -> Value {
    let preset = LoadAverage::presets().into_iter().find(|p| p.name == preset).expect("a preset");
    let token = Token::<LoadAverage>::new(Valid::new(preset.scenario).expect("valid"), 0).to_string();
    let script = format!(
        "window.workbookInstance(['load-average']).then(g => {{ \
           const rates = []; \
           for (let i = 0; i < 15; i++) {{ \
             const start = performance.now(); let updates = 0; \
             do {{ updates += g.count_events('{token}', 'update') }} while (performance.now() - start < 100); \
             rates.push(updates / (performance.now() - start) * 1000); \
           }} \
           return rates }})"
    );
    let rates = browser.eval(&script).await;
    json!(median(rates.as_array().expect("a list").iter().map(number).collect()))
}
