//! The search index: what each section says, as plain text. The page scans it for substrings,
//! which finds a Korean word whatever particle follows it; no word index could.
//!
//! Not in it: facilitator blocks, indexes of names, `<noscript>`, hints and explanations, axis labels of figures.

use mdbook_driver::book::Book;
use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};
use serde::Serialize;

use super::index::UNSEARCHED;
use super::page::parser;
use super::slots::{FACILITATOR, Slots};

/// A section of the index: address, title, chapter, text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry(pub String, pub String, pub String, pub String);

/// The index as a script that leaves it on the window: a
/// page opened from a disk may load scripts but may not fetch.
pub fn script(entries: &[Entry]) -> String {
    let json = serde_json::to_string(entries).unwrap_or_default();
    format!("window.workbookIndex = {json};\n")
}

/// The sections of a book, in order.
pub fn entries(book: &Book, slots: &Slots) -> Vec<Entry> {
    let mut entries = Vec::new();
    for chapter in book.chapters() {
        let Some(path) = &chapter.path else { continue };
        let address = path.with_extension("html").to_string_lossy().replace('\\', "/");
        section_entries(&chapter.content, &address, &chapter.name, slots, &mut entries);
    }
    entries
}

fn section_entries(text: &str, address: &str, chapter: &str, slots: &Slots, entries: &mut Vec<Entry>) {
    let fresh = |id: Option<&str>| {
        let address = id.map_or(address.to_owned(), |id| format!("{address}#{id}"));
        Entry(address, String::new(), chapter.to_owned(), String::new())
    };
    let mut entry = fresh(None);
    let mut in_heading = false;
    // The tag whose end is waited for, while what stands inside is skipped.
    let mut hidden: Option<&str> = None;
    let keep = |entry: Entry, entries: &mut Vec<Entry>| {
        if !entry.1.is_empty() || !entry.3.trim().is_empty() {
            let [title, body] = [entry.1, entry.3].map(|words| words.split_whitespace().collect::<Vec<_>>().join(" "));
            entries.push(Entry(entry.0, title, entry.2, body));
        }
    };
    for event in parser(text) {
        if let Event::Html(html) | Event::InlineHtml(html) = &event {
            match hidden {
                Some(end) if html.contains(end) => hidden = None,
                Some(_) => {}
                None if html.contains(UNSEARCHED) => hidden = Some("</div>"),
                None if html.contains(FACILITATOR) => hidden = Some("</aside>"),
                None if html.contains("<noscript") && !html.contains("</noscript>") => hidden = Some("</noscript>"),
                None => {
                    if let Some(words) = slots.words(html) {
                        entry.3.push_str(&format!(" {words} "));
                    }
                }
            }
            continue;
        }
        if hidden.is_some() {
            continue;
        }
        let target = if in_heading { &mut entry.1 } else { &mut entry.3 };
        match event {
            Event::Start(Tag::Heading { level, id, .. }) if level <= HeadingLevel::H3 => {
                let next = fresh(id.as_deref());
                keep(std::mem::replace(&mut entry, next), entries);
                in_heading = true;
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Text(words) | Event::Code(words) => target.push_str(&words),
            // Inline ends must not part a word from its particle.
            Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Strikethrough) => {}
            Event::SoftBreak | Event::HardBreak | Event::End(_) => target.push(' '),
            _ => {}
        }
    }
    keep(entry, entries);
}

#[cfg(test)]
mod tests {
    use mdbook_driver::book::{BookItem, Chapter};

    use super::*;

    #[test]
    fn sections_are_indexed_without_what_is_hidden() {
        let text = "lead\n\n# 부하 {#top}\n\n**메모리**를 `top`으로\n\n<aside class=\"facilitator\" aria-label=\"x\"><p>label</p>\n\nsecret minutes\n\n</aside>\n\nafter\n\n\
                    <noscript>no script</noscript>\n\n### 더 {#more}\n\n```console\n$ uptime\n```\n";
        let chapter = Chapter::new("장", text.to_owned(), "a.md", Vec::new());
        let book = Book::new_with_items(vec![BookItem::Chapter(chapter)]);
        let entry = |url: &str, title: &str, body: &str| Entry(url.into(), title.into(), "장".into(), body.into());
        assert_eq!(
            entries(&book, &Slots::default()),
            [
                entry("a.html", "", "lead"),
                entry("a.html#top", "부하", "메모리를 top으로 after"),
                entry("a.html#more", "더", "$ uptime"),
            ]
        );
    }
}
