//! An exercise on its page: commit, reveal, three columns - on any computer.

use crate::harness::{Browser, Look, PlainHost, Probe, assert_clean};

const ID: &str = "ex-load-after-a-minute";

fn part(selector: &str) -> String {
    format!("document.querySelector('#{ID} {selector}')")
}

async fn start(browser: &Browser, address: &str) {
    browser.open(address).await;
    browser.eval(&format!("document.getElementById('{ID}').scrollIntoView()")).await;
    browser.until(&part(".exercise-form")).await;
}

/// Types a prediction and commits it with the keyboard.
async fn commit(browser: &Browser, value: &str) {
    let input = part("input[type=number], #ex-load-after-a-minute input[inputmode]");
    browser.eval(&format!("{input}.focus()")).await;
    browser.cdp("Input.insertText", serde_json::json!({"text": value})).await;
    browser.key("Enter").await;
}

#[tokio::test]
async fn a_reader_without_linux_predicts_and_sees_all_three_columns() {
    let host = PlainHost::start().await;
    for (lang, size) in [("ko", (1280, 1100)), ("en", (360, 740))] {
        let browser = Browser::start(&Look { size, ..Look::default() }).await;
        start(&browser, &format!("{}{lang}/ch03-load-average.html", host.base)).await;
        commit(&browser, "0.63").await;
        browser.until(&part(".exercise-committed")).await;
        browser.eval(&format!("{}.click()", part("[data-act=check]"))).await;
        browser.until(&part(".exercise-columns")).await;
        let verdict = browser.text(&format!("{}.dataset.verdict", part("[data-verdict]"))).await;
        assert_eq!(verdict, "pass", "{lang}");
        let columns = browser.eval(&format!("{}.querySelectorAll('thead th').length", part(".exercise-columns"))).await;
        assert!(columns.as_u64().unwrap() >= 3, "{lang}: {columns}");
        browser.eval(&format!("{}.scrollIntoView({{block: 'center'}})", part(".exercise-columns"))).await;
        browser.picture(&format!("exercise-revealed-{lang}")).await;
        assert_clean(&browser).await;
    }
}

#[tokio::test]
async fn what_was_committed_is_still_there_after_a_visit_elsewhere() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    let address = format!("{}en/ch03-load-average.html", host.base);
    start(&browser, &address).await;
    commit(&browser, "0.5").await;
    browser.until(&part(".exercise-committed")).await;
    browser.open(&format!("{}en/glossary.html", host.base)).await;
    browser.open(&address).await;
    browser.eval(&format!("document.getElementById('{ID}').scrollIntoView()")).await;
    browser.until(&part(".exercise-committed")).await;
    assert!(browser.text(&format!("{}.textContent", part(".exercise-committed"))).await.contains("0.5"));
}

#[tokio::test]
async fn the_probe_judges_the_machine_it_runs_on() {
    let probe = Probe::start();
    let browser = Browser::start(&Look::default()).await;
    start(&browser, &probe.launch_page("en/ch03-load-average.html")).await;
    commit(&browser, "0.63").await;
    browser.until(&part("[data-act=check]")).await;
    browser.eval(&format!("document.querySelector('#{ID} [data-act=check]').click()")).await;
    browser.until(&part("[data-verdict]")).await;
    // Nothing was run on this machine yet: the probe says so and what to type, it does not guess.
    let text = browser.text(&format!("document.getElementById('{ID}').textContent")).await;
    assert!(text.contains("live-probe run ch03-load-average/load-after-a-minute"), "{text}");
    assert_clean(&browser).await;
}

#[tokio::test]
async fn whoever_leaves_the_page_leaves_no_load_behind() {
    let probe = Probe::start_with(&["--allow-workloads"]);
    let browser = Browser::start(&Look::default()).await;
    start(&browser, &probe.launch_page("ko/ch03-load-average.html")).await;
    commit(&browser, "0.63").await;
    browser.until(&part("[data-act=check]")).await;
    browser.eval(&format!("{}.click()", part("input[type=radio]"))).await;
    browser.until(&part("[data-act=run]")).await;
    browser.eval(&format!("{}.click()", part("[data-act=run]"))).await;
    browser.until(&format!("{}.value > 1000", part("progress"))).await;
    browser.open(&format!("{}ko/glossary.html", probe.base)).await;
    let now = "fetch('/api/v1/workload', {headers: {'X-Live-Probe-Token': sessionStorage['live-probe-token']}})\
               .then(answer => answer.json())";
    browser.until(&format!("{now}.then(now => now.running === null && now.last.ended === 'stopped')")).await;
}
