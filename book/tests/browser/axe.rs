//! Every page by the rules of axe-core (WCAG 2.2 AA), light and dark; and the way through a page for
//! who has a keyboard alone.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{Browser, Look, PlainHost, setting};

/// What is asked of a page.
const RULES: [&str; 5] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/// The pages of both languages, and the page that chooses one. `print.html` holds them all once more.
pub fn pages() -> Vec<String> {
    let site = setting("WORKBOOK_SITE");
    let of = |lang: &str| {
        let entries = std::fs::read_dir(site.join(lang)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| {
            Path::new(name).extension().is_some_and(|e| e == "html") && name != "print.html" && name != "index.html"
        });
        names.sort();
        names.into_iter().map(|name| format!("{lang}/{name}")).collect::<Vec<_>>()
    };
    let all = [vec!["index.html".to_owned()], of("ko"), of("en")].concat();
    assert!(all.len() > 30, "{all:?}");
    all
}

/// What axe-core finds wrong with the page, in a line each.
async fn violations(browser: &Browser, script: &str, run: &Value) -> Vec<String> {
    browser.client.execute(script, vec![]).await.unwrap();
    let ask = format!(
        "axe.run(document, {run}).then(found => found.violations.flatMap(rule => rule.nodes.map(node => \
         `${{rule.id}}: ${{node.target.join(' ')}}: ${{node.failureSummary.replace(/\\s+/g, ' ')}}`)))"
    );
    let found = browser.eval(&ask).await;
    found.as_array().unwrap().iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
}

/// Opens every page in both colours and gives what is wrong.
async fn every_page(dark: bool, run: Value) -> Vec<String> {
    let script = std::fs::read_to_string(setting("WORKBOOK_AXE")).unwrap();
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look { dark, ..Look::default() }).await;
    let mut wrong = Vec::new();
    for page in pages() {
        browser.open(&format!("{}{page}?workshop", host.base)).await;
        browser.until("document.readyState === 'complete'").await;
        start_first_of_each_kind(&browser).await;
        let found = violations(&browser, &script, &run).await;
        wrong.extend(found.into_iter().map(|line| format!("{page}: {line}")));
    }
    wrong
}

/// One widget of each kind on the page, so that its parts are looked at and not only its figure.
async fn start_first_of_each_kind(browser: &Browser) {
    for kind in ["figure.sim", "section.exercise"] {
        let first = format!("document.querySelector('{kind}')");
        if browser.eval(&format!("!!{first}")).await == true {
            browser.eval(&format!("{first}.scrollIntoView()")).await;
            browser.until(&format!("{first}.dataset.widget === 'running'")).await;
        }
    }
    browser.eval("document.querySelectorAll('details').forEach(details => { details.open = true })").await;
    // Under the bar on top a link that is half scrolled away would count as too small.
    browser.eval("scrollTo({ top: 0, behavior: 'instant' })").await;
}

#[tokio::test]
async fn every_page_in_light_keeps_the_rules_of_wcag() {
    let wrong = every_page(false, json!({"runOnly": RULES, "resultTypes": ["violations"]})).await;
    assert!(wrong.is_empty(), "{} violations: {:#?}", wrong.len(), &wrong[..wrong.len().min(60)]);
}

/// Structure and names are the same in the dark: what can differ is the contrast.
#[tokio::test]
async fn every_page_in_the_dark_has_contrast() {
    let rule = json!({"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, "resultTypes": ["violations"]});
    let wrong = every_page(true, rule).await;
    assert!(wrong.is_empty(), "{} violations: {:#?}", wrong.len(), &wrong[..wrong.len().min(60)]);
}

#[tokio::test]
async fn the_tab_key_leads_through_the_page_and_out_again() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    browser.open(&format!("{}en/ch05-swap.html", host.base)).await;
    browser.until("document.readyState === 'complete'").await;
    // Where the focus is; each element gets a number once.
    let here = "(e => { if (e === document.body) return 'out'; \
                window.stops ??= new Map(); if (!stops.has(e)) stops.set(e, stops.size); \
                return [stops.get(e), e.closest('figure.sim, section.exercise')?.className ?? 'page', e.tagName, e.id, \
                e.getClientRects().length > 0 ? 'seen' : 'hidden'].join(' '); })(document.activeElement)";
    let settled = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))";
    let mut visited = BTreeSet::new();
    let (mut seen, mut last) = (Vec::new(), String::new());
    loop {
        browser.key("Tab").await;
        // A widget that starts under the focus takes it over.
        browser.eval(settled).await;
        browser.until("!document.activeElement.closest('[data-widget=starting]')").await;
        let stop = browser.text(here).await;
        if stop == "out" {
            break;
        }
        assert_ne!(stop, last, "the focus is held; before: {:?}", seen.last());
        assert!(stop.ends_with("seen"), "the focus is on what nobody sees: {stop}");
        assert!(visited.insert(stop.clone()), "the focus goes in a circle: {stop}, after {} stops", seen.len());
        last.clone_from(&stop);
        seen.push(stop);
        assert!(seen.len() < 1500, "the page has no end");
    }
    let within = |what: &str| seen.iter().filter(|stop| stop.contains(what)).count();
    assert!(within(" page ") > 60 && within(" sim ") > 20 && within(" exercise ") > 5, "{} stops", seen.len());
    assert!(last.contains(" page A"), "{last}");
}
