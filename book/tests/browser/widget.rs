//! The frame of the simulators, with the load average in it.

use sim_core::load_average::{LoadAverage, Scenario, State, Task};
use sim_core::{Token, Valid};

use crate::harness::{Browser, Look, PlainHost, Probe, assert_clean};

const ID: &str = "sim-load-average-one-task-for-a-minute";

/// A JavaScript expression for something inside the first widget.
fn part(name: &str) -> String {
    format!("document.querySelector('#{ID} [data-testid={name}]')")
}

/// Scrolls to the first widget and waits until it is there.
async fn start(browser: &Browser, address: &str) {
    browser.open(address).await;
    browser.eval(&format!("document.getElementById('{ID}').scrollIntoView()")).await;
    browser.until(&part("stage")).await;
}

async fn click(browser: &Browser, name: &str) {
    browser.eval(&format!("{}.click()", part(name))).await;
}

async fn time(browser: &Browser) -> String {
    browser.text(&format!("{}.textContent", part("time"))).await
}

/// Opens the panel that holds a part, as a reader would have to.
async fn open_panels(browser: &Browser) {
    let closed = format!("#{ID} details:not([open]) > summary");
    browser.eval(&format!("document.querySelectorAll('{closed}').forEach(summary => summary.click())")).await;
    browser.until(&part("link")).await;
}

fn chapter(host: &PlainHost, lang: &str) -> String {
    format!("{}{lang}/ch03-load-average.html", host.base)
}

#[tokio::test]
async fn the_widget_takes_the_place_of_its_figure() {
    let host = PlainHost::start().await;
    for (lang, dark, size) in
        [("ko", false, (1280, 900)), ("en", true, (1280, 900)), ("ko", true, (360, 740)), ("en", false, (360, 740))]
    {
        let browser = Browser::start(&Look { dark, size, ..Look::default() }).await;
        start(&browser, &chapter(&host, lang)).await;
        let width = browser.eval("document.documentElement.scrollWidth").await;
        assert_eq!(width, u64::from(size.0), "{lang} {size:?}: nothing is wider than the window");
        let name = format!("widget-{lang}-{}-{}", if dark { "dark" } else { "light" }, size.0);
        browser.picture(&name).await;
        open_panels(&browser).await;
        let width = browser.eval("document.documentElement.scrollWidth").await;
        assert_eq!(width, u64::from(size.0), "{lang} {size:?}: nor with every panel open");
        browser.picture(&format!("{name}-open")).await;
        assert_clean(&browser).await;
    }
}

#[tokio::test]
async fn steps_lead_back_to_where_they_came_from() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    start(&browser, &chapter(&host, "en")).await;
    click(&browser, "home").await;
    let picture = format!("{}.innerHTML", part("stage"));
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push((time(&browser).await, browser.text(&picture).await));
        click(&browser, "step").await;
    }
    let moments: std::collections::BTreeSet<_> = seen.iter().map(|(time, _)| time).collect();
    assert_eq!(moments.len(), 5, "every step is another moment: {moments:?}");
    for (time_then, picture_then) in seen.iter().rev() {
        click(&browser, "back").await;
        assert_eq!(&time(&browser).await, time_then);
        assert!(&browser.text(&picture).await == picture_then, "the same picture at {time_then}");
    }
}

#[tokio::test]
async fn a_link_opens_the_same_frame() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    start(&browser, &chapter(&host, "ko")).await;
    click(&browser, "home").await;
    for _ in 0..4 {
        click(&browser, "step").await;
    }
    open_panels(&browser).await;
    let link = browser.text(&format!("{}.value", part("link"))).await;
    let frame = (time(&browser).await, browser.text(&format!("{}.innerHTML", part("stage"))).await);
    let other = Browser::start(&Look::default()).await;
    other.open(&link).await;
    other.until(&part("stage")).await;
    assert_eq!(time(&other).await, frame.0);
    assert!(other.text(&format!("{}.innerHTML", part("stage"))).await == frame.1);
    let seen = other.eval(&format!("document.getElementById('{ID}').getBoundingClientRect().top < innerHeight")).await;
    assert_eq!(seen, true, "the page went to the widget");
}

#[tokio::test]
async fn a_damaged_link_says_so() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    start(&browser, &format!("{}#sim=load-average.1.AAAA", chapter(&host, "ko"))).await;
    browser.until(&format!("document.getElementById('{ID}').textContent.includes('토큰')")).await;
}

#[tokio::test]
async fn the_keyboard_is_enough() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    let address = chapter(&host, "en");
    start(&browser, &address).await;
    // From the heading before the widget, nothing but Tab until the stage has the focus.
    browser.eval(&format!("document.querySelector('#{ID} [data-testid=preset]').focus()")).await;
    for _ in 0..20 {
        if browser.eval(&format!("document.activeElement === {}", part("stage"))).await == true {
            break;
        }
        browser.key("Tab").await;
    }
    assert_eq!(browser.eval(&format!("document.activeElement === {}", part("stage"))).await, true);
    browser.key("Home").await;
    let home = time(&browser).await;
    browser.key("ArrowRight").await;
    let next = time(&browser).await;
    assert_ne!(home, next, "an arrow steps");
    browser.key("ArrowLeft").await;
    assert_eq!(time(&browser).await, home, "and back");
    browser.key("End").await;
    assert_ne!(time(&browser).await, home);
    assert!(browser.text("location.href").await.starts_with(&address), "the page was not turned");
}

#[tokio::test]
async fn reduced_motion_is_stepping() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look { reduced_motion: true, ..Look::default() }).await;
    start(&browser, &chapter(&host, "en")).await;
    click(&browser, "home").await;
    let home = time(&browser).await;
    click(&browser, "play").await;
    browser.until(&format!("{}.textContent !== '{home}'", part("time"))).await;
}

#[tokio::test]
async fn a_bad_value_is_told_and_the_run_stays() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    start(&browser, &chapter(&host, "ko")).await;
    open_panels(&browser).await;
    let stage = browser.text(&format!("{}.innerHTML", part("stage"))).await;
    let set = |value: &str| {
        format!(
            "(i => {{ i.value = '{value}'; i.dispatchEvent(new Event('input', {{bubbles: true}})); \
             i.dispatchEvent(new Event('change', {{bubbles: true}})) }})\
             (document.querySelector('#{ID} .sim-params input[type=number]'))"
        )
    };
    browser.eval(&set("65")).await;
    let told =
        format!("[...document.querySelectorAll('#{ID} .sim-problem')].some(p => p.textContent.includes('1..64'))");
    browser.until(&told).await;
    assert!(browser.text(&format!("{}.innerHTML", part("stage"))).await == stage, "the run that works stays");
    browser.eval(&set("4")).await;
    browser.until(&format!("{}.textContent.includes('CPU 3')", part("stage"))).await;
    browser.until(&format!("!{told}")).await;
}

#[tokio::test]
async fn a_prediction_is_drawn_and_then_compared() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look { size: (1280, 1400), ..Look::default() }).await;
    start(&browser, &chapter(&host, "en")).await;
    open_panels(&browser).await;
    click(&browser, "guess-start").await;
    browser.eval(&format!("{}.scrollIntoView({{block: 'center'}})", part("chart"))).await;
    let place = browser
        .eval(&format!("(r => [r.left, r.top, r.width, r.height])({}.getBoundingClientRect())", part("chart")))
        .await;
    let at = |x: f64, y: f64| {
        let number = |i: usize| place[i].as_f64().unwrap();
        (number(0) + x * number(2), number(1) + y * number(3))
    };
    browser.drag(&[at(0.15, 0.85), at(0.3, 0.6), at(0.5, 0.4), at(0.7, 0.35)]).await;
    browser.picture("prediction-drawn").await;
    click(&browser, "guess-reveal").await;
    browser.until(&part("guess-score")).await;
    browser.picture("prediction-revealed").await;
}

#[tokio::test]
async fn a_widget_that_cannot_start_leaves_its_figure_and_says_why() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    browser.cdp("Network.enable", serde_json::json!({})).await;
    browser.cdp("Network.setBlockedURLs", serde_json::json!({"urls": ["*_bg.wasm"]})).await;
    browser.open(&chapter(&host, "ko")).await;
    browser.eval(&format!("document.getElementById('{ID}').scrollIntoView()")).await;
    browser.until(&format!("document.querySelector('#{ID} .widget-failed')")).await;
    let shown =
        browser.eval(&format!("document.querySelector('#{ID} .sim-static svg').getBoundingClientRect().height")).await;
    assert!(shown.as_f64().unwrap() > 100.0, "the figure stays");
    browser.picture("widget-failed").await;
}

#[tokio::test]
async fn one_widget_that_fails_takes_no_other_with_it() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    start(&browser, &chapter(&host, "en")).await;
    let other = "sim-load-average-four-tasks-then-calm";
    browser.eval(&format!("document.getElementById('{other}').scrollIntoView()")).await;
    browser.until(&format!("document.querySelector('#{other} [data-testid=stage]')")).await;
    browser
        .eval(&format!(
            "document.getElementById('{ID}').dispatchEvent(new CustomEvent('widget-panic', {{detail: 'a test'}}))"
        ))
        .await;
    browser.until(&format!("document.querySelector('#{ID} .widget-failed')")).await;
    let text = browser.text(&format!("document.querySelector('#{ID} .widget-failed').textContent")).await;
    assert!(text.contains("a test"), "{text}");
    let time = format!("document.querySelector('#{other} [data-testid=time]').textContent");
    let before = browser.text(&time).await;
    browser.eval(&format!("document.querySelector('#{other} [data-testid=step]').click()")).await;
    browser.until(&format!("{time} !== '{before}'")).await;
}

#[tokio::test]
async fn this_machine_is_drawn_over_the_simulated_one() {
    let probe = Probe::start();
    let browser = Browser::start(&Look { size: (1280, 1400), ..Look::default() }).await;
    start(&browser, &probe.launch_page("ko/ch03-load-average.html")).await;
    open_panels(&browser).await;
    browser.until(&part("live-start")).await;
    click(&browser, "live-start").await;
    let samples = format!("Number({}.dataset.samples)", part("live-now"));
    browser.until(&format!("{} && {samples} >= 2", part("live-now"))).await;
    browser.until(&format!("{samples} >= 4")).await;
    browser.eval(&format!("{}.scrollIntoView()", part("stage"))).await;
    browser.picture("live-overlay").await;
    click(&browser, "live-adopt").await;
    assert_clean(&browser).await;
}

/// A run of two hundred thousand turns is made while the page lives on, and need not be made.
#[tokio::test]
async fn a_long_run_leaves_the_page_time_and_can_be_cancelled() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    start(&browser, &chapter(&host, "en")).await;
    let tasks = vec![Task::new(State::Runnable, 0, 7_200_000).periodic(30, 73)];
    let scenario = Scenario { cpus: 64, duration_ms: 7_200_000, tasks, ..Scenario::default() };
    let token = Token::<LoadAverage>::new(Valid::new(scenario).unwrap(), 7_200_000_000_000).to_string();
    let before = time(&browser).await;
    let open = |cancel: bool| {
        format!(
            "(async () => {{ \
               const figure = document.getElementById('{ID}'), seen = []; \
               figure.dispatchEvent(new CustomEvent('sim-open', {{detail: '{token}'}})); \
               for (;;) {{ \
                 await new Promise(done => setTimeout(done)); \
                 const work = figure.querySelector('[data-testid=work]'); \
                 if (!work) return seen; \
                 seen.push(work.querySelector('progress').value); \
                 if ({cancel} && seen.length === 2) work.querySelector('[data-testid=cancel]').click(); \
               }} }})()"
        )
    };
    let seen = browser.eval(&open(true)).await;
    assert_eq!(seen.as_array().unwrap().len(), 2, "cancelled at the second look: {seen}");
    assert_eq!(time(&browser).await, before, "the run before is still there");
    let notice = browser.text(&format!("document.querySelector('#{ID} .sim-notice').textContent")).await;
    assert!(notice.contains("Cancelled"), "{notice}");

    let seen = browser.eval(&open(false)).await;
    let seen: Vec<_> = seen.as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).collect();
    assert!(seen.len() >= 3 && seen.is_sorted() && seen[0] < 500, "the page had its turns in between: {seen:?}");
    assert_eq!(time(&browser).await, "2 h / 2 h");
}
