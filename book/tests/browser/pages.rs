//! The pages around the widgets: languages, search, print, phones, no JavaScript.

use serde_json::Value;

use crate::axe::pages;
use crate::harness::{Browser, Look, PlainHost, Probe, assert_clean, setting};

const CHAPTER: &str = "ch03-load-average.html";
const PHONE: (u32, u32) = (360, 740);

#[tokio::test]
async fn every_page_is_whole_under_any_path() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    for page in pages() {
        browser.open(&format!("{}{page}", host.base)).await;
        browser.until("document.readyState === 'complete'").await;
        if let Some((lang, _)) = page.split_once('/') {
            assert_eq!(browser.text("document.documentElement.lang").await, lang, "{page}");
        }
        assert_clean(&browser).await;
    }
    let lost: Vec<_> = host.lost();
    assert!(lost.is_empty(), "asked for and not there: {lost:?}");
}

#[tokio::test]
async fn the_probe_serves_the_pages_without_a_policy_violation() {
    let probe = Probe::start();
    let browser = Browser::start(&Look::default()).await;
    browser.open(&probe.launch_page(&format!("ko/{CHAPTER}"))).await;
    browser.until("document.readyState === 'complete'").await;
    assert_clean(&browser).await;
}

#[tokio::test]
async fn the_language_switch_stays_on_the_page() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    browser.open(&format!("{}ko/{CHAPTER}", host.base)).await;
    let other = browser.text("document.getElementById('other-language').href").await;
    assert_eq!(other, format!("{}en/{CHAPTER}", host.base));
}

#[tokio::test]
async fn search_finds_korean_words_with_their_endings() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    browser.open(&format!("{}ko/{CHAPTER}", host.base)).await;
    browser.key("/").await;
    browser.until("document.activeElement.id === 'search-input'").await;
    // What is typed, and what must be among the marked words: the same word with another ending, or none.
    for (word, marked) in [
        ("부하", Some("부하")),
        ("메모리", Some("메모리")),
        ("메모리가", Some("메모리가")),
        ("메모리에서는", Some("메모리")),
        ("vmstat으로", Some("vmstat")),
        ("부하평균", Some("부하 평균")),
        ("값이라도", Some("값이라")),
        ("값처럼", Some("값")),
        ("avenrun", Some("avenrun")),
        ("없는낱말입니다", None),
    ] {
        let type_in = format!(
            "(i => {{ i.value = '{word}'; i.dispatchEvent(new Event('input', {{bubbles: true}})); }})\
             (document.getElementById('search-input'))"
        );
        browser.eval(&type_in).await;
        browser.until(&format!("document.getElementById('search-count').textContent.includes('‘{word}’')")).await;
        let marks = browser
            .eval("[...document.querySelectorAll('#search-results mark')].map(m => m.textContent.toLowerCase())")
            .await;
        let marks: Vec<_> = marks.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(!marks.is_empty(), marked.is_some(), "{word}: {marks:?}");
        assert!(marked.is_none_or(|marked| marks.contains(&marked)), "{word}: {marks:?}");
    }
    // Without an ending it is found with every ending: all sections that have one are among the results.
    let index = std::fs::read_to_string(setting("WORKBOOK_SITE").join("ko/searchindex.js")).unwrap();
    let index = index.trim_end().trim_end_matches(';').trim_start_matches("window.workbookIndex = ");
    let sections: Vec<Vec<String>> = serde_json::from_str(index).unwrap();
    let with_ending =
        sections.iter().filter(|section| section[3].contains("스왑을") || section[3].contains("스왑이")).count();
    assert!(with_ending > 2, "the text has the word with endings");
    let type_in = "(i => { i.value = '스왑'; i.dispatchEvent(new Event('input', {bubbles: true})); })(document.getElementById('search-input'))";
    browser.eval(type_in).await;
    browser.until("document.getElementById('search-count').textContent.includes('‘스왑’')").await;
    let found = browser.text("document.getElementById('search-count').textContent").await;
    let found: usize =
        found.split('’').nth(1).unwrap().chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
    assert!(found >= with_ending, "{found} of at least {with_ending}");
}

#[tokio::test]
async fn nothing_is_wider_than_a_phone() {
    let host = PlainHost::start().await;
    for dark in [false, true] {
        let browser = Browser::start(&Look { size: PHONE, dark, ..Look::default() }).await;
        for page in pages() {
            browser.open(&format!("{}{page}", host.base)).await;
            let width = browser.eval("document.documentElement.scrollWidth").await;
            assert_eq!(width, u64::from(PHONE.0), "{page}");
            let name = page.replace('/', "-").replace(".html", "");
            browser.picture(&format!("phone-{name}-{}", if dark { "dark" } else { "light" })).await;
        }
    }
}

#[tokio::test]
async fn without_javascript_the_chapter_still_teaches() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look { no_script: true, ..Look::default() }).await;
    browser.open(&format!("{}ko/{CHAPTER}", host.base)).await;
    let source = browser.client.source().await.unwrap();
    for needed in ["sim-static", "<figcaption", "sim-fidelity", "class=\"exercise\"", "0.63"] {
        assert!(source.contains(needed), "{needed}");
    }
    browser.picture("no-javascript").await;
}

#[tokio::test]
async fn notes_for_the_facilitator_are_for_the_workshop() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    let shown = "[...document.querySelectorAll('.facilitator')].filter(e => e.offsetHeight > 0).length";
    browser.open(&format!("{}en/{CHAPTER}", host.base)).await;
    assert_eq!(browser.eval(shown).await, 0);
    browser.open(&format!("{}en/{CHAPTER}?workshop", host.base)).await;
    assert_eq!(browser.eval(shown).await, 1);
}
