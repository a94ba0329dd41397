//! For readers who listen, who use the keyboard alone, who need contrast, and who print.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Browser, Look, PlainHost};

const ID: &str = "sim-load-average-one-task-for-a-minute";

/// A JavaScript expression for something inside the first widget.
fn part(name: &str) -> String {
    format!("document.querySelector('#{ID} [data-testid={name}]')")
}

async fn start(browser: &Browser, host: &PlainHost, lang: &str) {
    browser.open(&format!("{}{lang}/ch03-load-average.html", host.base)).await;
    browser.eval(&format!("document.getElementById('{ID}').scrollIntoView()")).await;
    browser.until(&part("stage")).await;
}

/// Starts every widget of the page and opens all that opens.
async fn open_everything(browser: &Browser) {
    let widgets = browser.eval("[...document.querySelectorAll('figure.sim, section.exercise')].map(w => w.id)").await;
    for id in widgets.as_array().unwrap() {
        browser.eval(&format!("document.getElementById({id}).scrollIntoView()")).await;
        browser.until(&format!("document.getElementById({id}).dataset.widget === 'running'")).await;
    }
    let closed = format!("#{ID} details:not([open]) > summary");
    browser.eval(&format!("document.querySelectorAll('{closed}').forEach(summary => summary.click())")).await;
    browser.until(&part("link")).await;
    browser.eval("document.querySelectorAll('details').forEach(details => { details.open = true })").await;
}

async fn focus(browser: &Browser, name: &str) {
    browser.eval(&format!("{}.focus()", part(name))).await;
}

async fn focused(browser: &Browser) -> String {
    browser.text("document.activeElement.dataset.testid ?? document.activeElement.tagName").await
}

#[tokio::test]
async fn everything_that_can_be_used_has_a_name() {
    const USED: [&str; 12] = [
        "button",
        "checkbox",
        "combobox",
        "DisclosureTriangle",
        "figure",
        "image",
        "link",
        "radio",
        "searchbox",
        "slider",
        "spinbutton",
        "textbox",
    ];
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    for lang in ["ko", "en"] {
        start(&browser, &host, lang).await;
        open_everything(&browser).await;
        let tree = browser.cdp("Accessibility.getFullAXTree", json!({})).await;
        let nodes = tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] != true);
        let mut seen = BTreeSet::new();
        for node in nodes {
            let role = node["role"]["value"].as_str().unwrap_or_default();
            if let Some(role) = USED.iter().find(|used| **used == role) {
                seen.insert(role);
                assert!(!node["name"]["value"].as_str().unwrap_or_default().trim().is_empty(), "{lang}: {node}");
            }
        }
        assert!(seen.len() >= 9, "{lang}: {seen:?}");
        let levels = browser
            .eval("[...document.querySelectorAll('main :is(h1, h2, h3, h4, h5, h6)')].map(h => Number(h.tagName[1]))")
            .await;
        let levels: Vec<u64> = levels.as_array().unwrap().iter().filter_map(Value::as_u64).collect();
        assert_eq!(levels[0], 1);
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "no level is left out: {levels:?}");
    }
}

#[tokio::test]
async fn a_step_is_told_and_playing_is_quiet() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    start(&browser, &host, "en").await;
    focus(&browser, "stage").await;
    browser.key("Home").await;
    browser.key("ArrowRight").await;
    let heard = format!("{}.textContent", part("heard"));
    browser.until(&format!("{heard}.includes('sample')")).await;
    let live = format!("[...document.querySelectorAll('#{ID} :is([role=status], [role=alert], [aria-live=polite])')]");
    let watch = format!(
        "(window.told = 0, {live}.forEach(region => new MutationObserver(changes => {{ window.told += changes.length }})\
         .observe(region, {{subtree: true, childList: true, characterData: true}})), {live}.length)"
    );
    assert!(browser.eval(&watch).await.as_u64().unwrap() >= 2);
    let time = format!("{}.textContent", part("time"));
    let before = browser.text(&time).await;
    browser.key(" ").await;
    browser.until(&format!("{time} !== '{before}'")).await;
    let (now, told) = (browser.text(&time).await, browser.eval("window.told").await);
    browser.until(&format!("{time} !== '{now}'")).await;
    assert_eq!(browser.text(&heard).await, "", "what the last step told is over");
    assert_eq!(browser.eval("window.told").await, told, "nothing more is told while it plays");
}

#[tokio::test]
async fn the_focus_stays_in_the_widget() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    start(&browser, &host, "ko").await;
    open_everything(&browser).await;
    let address = browser.text("location.pathname").await;
    // A button that leads nowhere any more is still there: the next arrow must not turn the page.
    focus(&browser, "end").await;
    browser.key("Enter").await;
    browser.until(&format!("{}.getAttribute('aria-disabled') === 'true'", part("end"))).await;
    browser.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))").await;
    assert_eq!(focused(&browser).await, "end");
    browser.key("ArrowLeft").await;
    browser.until(&format!("{}.getAttribute('aria-disabled') !== 'true'", part("end"))).await;
    assert_eq!(browser.text("location.pathname").await, address);
    // What goes away hands the focus on.
    for (gone, comes, to) in [
        ("guess-start", "guess-clear", "stage"),
        ("guess-clear", "guess-start", "SUMMARY"),
        ("pin", "unpin", "pin"),
        ("unpin", "pin", "SUMMARY"),
    ] {
        focus(&browser, gone).await;
        browser.key("Enter").await;
        // The part that stays is there before as well: what is waited for is the change.
        browser.until(&format!("{} && ('{gone}' === '{to}' || !{})", part(comes), part(gone))).await;
        assert_eq!(focused(&browser).await, to, "after {gone}");
    }
}

#[tokio::test]
async fn no_text_is_too_pale_in_any_theme() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    start(&browser, &host, "en").await;
    browser.eval("document.documentElement.classList.add('workshop')").await;
    open_everything(&browser).await;
    browser.eval("document.getElementById('search-button').click()").await;
    browser
        .eval(
            "(i => { i.value = 'load'; i.dispatchEvent(new Event('input', {bubbles: true})) })\
             (document.getElementById('search-input'))",
        )
        .await;
    browser.until("document.querySelector('#search-results mark')").await;
    for theme in ["light", "rust", "coal", "navy", "ayu"] {
        browser.eval(&format!("(localStorage.setItem('mdbook-theme', '{theme}'), workbookPaint())")).await;
        let pale = browser.eval(include_str!("contrast.js").trim_end()).await;
        assert_eq!(pale, json!([]), "{theme}");
    }
}

#[tokio::test]
async fn a_widget_that_ran_prints_as_its_figure() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    start(&browser, &host, "ko").await;
    browser.cdp("Emulation.setEmulatedMedia", json!({"media": "print"})).await;
    let height = |part: &str| format!("document.querySelector('#{ID} > {part}').getBoundingClientRect().height > 0");
    for (part, shown) in [(".sim-static", true), ("figcaption", true), (".sim-live", false)] {
        assert_eq!(browser.eval(&height(part)).await, shown, "{part}");
    }
}

#[tokio::test]
async fn a_heading_stays_where_its_link_led_while_widgets_start_above_it() {
    let host = PlainHost::start().await;
    for size in [(1280, 900), (360, 740)] {
        let browser = Browser::start(&Look { size, ..Look::default() }).await;
        browser.open(&format!("{}ko/ch03-load-average.html#after-a-minute", host.base)).await;
        browser.until("document.querySelector('#ex-load-after-a-minute .exercise-form')").await;
        browser.until(&part("stage")).await;
        browser.eval("new Promise(done => setTimeout(done, 300))").await;
        let top = browser.eval("document.getElementById('after-a-minute').getBoundingClientRect().top").await;
        let top = top.as_f64().unwrap();
        assert!((0.0..200.0).contains(&top), "{size:?}: {top}");
    }
}
