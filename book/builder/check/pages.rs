//! Rules about a page by itself.

use std::collections::BTreeMap;
use std::path::Path;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::Finding;
use super::source::{SUMMARY, Source, Text, Tree};
use crate::site::fence::Fence;
use crate::site::page::{Kind, line_of, parser};
use crate::site::slots::Slots;

pub fn check(source: &Source, findings: &mut Vec<Finding>) {
    for tree in &source.trees {
        for (name, text) in &tree.pages {
            todo(text, findings);
            commands(text, findings);
            if name != SUMMARY {
                heading_ids(text, findings);
                directives(&source.book, tree, name, text, findings);
                listed(tree, name, text, findings);
            }
        }
        exercises_shown(tree, findings);
    }
}

/// Every heading has an id of its own: it is an address that must survive a better title, and the
/// same in both languages.
fn heading_ids(text: &Text, findings: &mut Vec<Finding>) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for heading in &text.page.headings {
        let mut finding = |message: String, fix: String| {
            findings.push(Finding { file: text.file.clone(), line: heading.line, rule: "heading-id", message, fix });
        };
        let Some(id) = heading.id.as_deref() else {
            finding(
                format!("the heading {:?} has no id", heading.title),
                "end the line with {#some-id}, the same in both languages".into(),
            );
            continue;
        };
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            finding(format!("{{#{id}}} is no good address"), "use a-z, 0-9 and - only".into());
        }
        if let Some(line) = seen.insert(id, heading.line) {
            finding(format!("{{#{id}}} is taken by the heading in line {line}"), "give it another id".into());
        }
    }
}

/// Every directive is well written and names what exists.
fn directives(book: &Path, tree: &Tree, name: &str, text: &Text, findings: &mut Vec<Finding>) {
    let mut problems = Vec::new();
    Slots::of(book).expand(&format!("{}/{name}", tree.lang), &text.text, tree.lang, &mut problems);
    findings.extend(problems.into_iter().map(|problem| {
        Finding {
            file: text.file.clone(),
            line: problem.line,
            rule: "directives",
            message: problem.what,
            fix:
                "correct the directive; `live-probe sim MODEL --list-presets` and `live-probe list` name what there is"
                    .into(),
        }
    }));
}

/// Every block of commands says whether the tests run it.
fn commands(text: &Text, findings: &mut Vec<Finding>) {
    for code in &text.page.code {
        let wrong = match Fence::read(&code.info) {
            Ok(fence) => fence.wrong(&code.text),
            Err(wrong) => Some(wrong),
        };
        findings.extend(wrong.map(|message| Finding {
            file: text.file.clone(),
            line: code.line,
            rule: "commands",
            message,
            fix: "correct what stands after the fence, in both languages".into(),
        }));
    }
}

/// Words that a writer leaves for later.
const LATER: [&str; 5] = ["TODO", "FIXME", "XXX", "TBD", "TKTK"];

fn todo(text: &Text, findings: &mut Vec<Finding>) {
    let mut in_code = false;
    for (event, span) in parser(&text.text).into_offset_iter() {
        let words = match event {
            Event::Start(Tag::CodeBlock(_)) | Event::End(TagEnd::CodeBlock) => {
                in_code = !in_code;
                continue;
            }
            Event::Text(words) | Event::Html(words) | Event::InlineHtml(words) if !in_code => words,
            _ => continue,
        };
        let Some(word) = words.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| LATER.contains(word)) else {
            continue;
        };
        findings.push(Finding {
            file: text.file.clone(),
            line: line_of(&text.text, span.start),
            rule: "todo",
            message: format!("{word} is left in the text"),
            fix: "do it, or take it out".into(),
        });
    }
}

/// A page that no summary lists is in no site.
fn listed(tree: &Tree, name: &str, text: &Text, findings: &mut Vec<Finding>) {
    let Some(summary) = tree.pages.get(SUMMARY) else { return };
    if summary.page.links.iter().all(|link| link.to != name) {
        findings.push(Finding {
            file: text.file.clone(),
            line: 1,
            rule: "summary",
            message: format!("{} does not list this page", summary.file),
            fix: "list it there, or remove the page".into(),
        });
    }
}

/// Every exercise of a chapter that is written is on its page, in order.
fn exercises_shown(tree: &Tree, findings: &mut Vec<Finding>) {
    for exercise in exercises::catalogue() {
        let Some(text) = tree.pages.get(&format!("{}.md", exercise.chapter())) else { continue };
        let shown = |kind: &Kind| matches!(kind, Kind::Exercise { id } if *id == exercise.id);
        if !text.page.directives.iter().any(|directive| shown(&directive.kind)) {
            findings.push(Finding {
                file: text.file.clone(),
                line: 1,
                rule: "exercise",
                message: format!("the exercise {} is nowhere on its chapter's page", exercise.id),
                fix: format!("put {{{{#exercise {}}}}} where a reader should meet it", exercise.id),
            });
        }
    }
}
