//! The pages around the widgets: languages, search, print, phones, no JavaScript.

use crate::harness::{Browser, Look, PlainHost, Probe, assert_clean};

const PAGES: &[&str] = &["introduction.html", "ch03-load-average.html", "glossary.html"];
const CHAPTER: &str = "ch03-load-average.html";
const PHONE: (u32, u32) = (360, 740);

#[tokio::test]
async fn every_page_is_whole_under_any_path() {
    let host = PlainHost::start().await;
    let browser = Browser::start(&Look::default()).await;
    for lang in ["ko", "en"] {
        for page in PAGES {
            browser.open(&format!("{}{lang}/{page}", host.base)).await;
            assert_eq!(browser.text("document.documentElement.lang").await, lang, "{page}");
            browser.until("document.readyState === 'complete'").await;
            assert_clean(&browser).await;
        }
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
    for (word, least) in [("부하", 3), ("표본", 1), ("avenrun", 1), ("없는낱말입니다", 0)] {
        let type_in = format!(
            "(i => {{ i.value = '{word}'; i.dispatchEvent(new Event('input', {{bubbles: true}})); }})\
             (document.getElementById('search-input'))"
        );
        browser.eval(&type_in).await;
        browser.until("document.getElementById('search-count').textContent !== ''").await;
        let found = browser.eval("document.querySelectorAll('#search-results > li').length").await;
        let found = found.as_u64().unwrap();
        assert!(if least == 0 { found == 0 } else { found >= least }, "{word}: {found}");
    }
}

#[tokio::test]
async fn nothing_is_wider_than_a_phone() {
    let host = PlainHost::start().await;
    for dark in [false, true] {
        let browser = Browser::start(&Look { size: PHONE, dark, ..Look::default() }).await;
        for lang in ["ko", "en"] {
            for page in PAGES {
                browser.open(&format!("{}{lang}/{page}", host.base)).await;
                let width = browser.eval("document.documentElement.scrollWidth").await;
                assert_eq!(width, u64::from(PHONE.0), "{lang}/{page}");
            }
            browser.picture(&format!("phone-{lang}-{}", if dark { "dark" } else { "light" })).await;
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
