//! Links within the book lead somewhere.

use super::Finding;
use super::source::{SUMMARY, Source, Tree};
use crate::site::page::{Kind, Link, Page};

pub fn check(source: &Source, findings: &mut Vec<Finding>) {
    for tree in &source.trees {
        for (name, text) in tree.pages.iter().filter(|(name, _)| *name != SUMMARY) {
            for link in &text.page.links {
                if let Err((message, fix)) = resolve(tree, name, link) {
                    findings.push(Finding { file: text.file.clone(), line: link.line, rule: "link", message, fix });
                }
            }
        }
    }
}

/// Whether a link leads out of the book.
pub fn leads_out(to: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|scheme| to.starts_with(scheme))
}

/// What is wrong with a link, and what to do.
fn resolve(tree: &Tree, from: &str, link: &Link) -> Result<(), (String, String)> {
    let to = link.to.as_str();
    if leads_out(to) {
        return Ok(());
    }
    if to.starts_with('/') || to.contains("://") {
        return Err((
            format!("{to} would leave the book on a site that is not at the root of its host"),
            "link relative to this file".into(),
        ));
    }
    let (path, anchor) = to.split_once('#').map_or((to, None), |(path, anchor)| (path, Some(anchor)));
    let target = if path.is_empty() { from.to_owned() } else { join(from, path) };
    if let Some(page) = target.strip_suffix(".html") {
        return Err((format!("{to} names the page as built"), format!("link to its source: {page}.md")));
    }
    if tree.others.contains(&target) {
        return Ok(());
    }
    let Some(page) = tree.pages.get(&target) else {
        return Err((
            format!("{to} leads to book/{}/{target}, which does not exist", tree.lang),
            "correct the path; pages end in .md".into(),
        ));
    };
    match anchor {
        None => Ok(()),
        Some(anchor) if anchors(&page.page).any(|known| known == anchor) => Ok(()),
        Some(anchor) => {
            let known: Vec<_> = anchors(&page.page).collect();
            Err((format!("{target} has no #{anchor}"), format!("it has {}", known.join(", "))))
        }
    }
}

/// Everything on a page that an address can end in.
fn anchors(page: &Page) -> impl Iterator<Item = String> {
    let headings = page.headings.iter().filter_map(|heading| heading.id.clone());
    let drawn = page.directives.iter().filter_map(|directive| match &directive.kind {
        Kind::Sim { model, preset } => Some(format!("sim-{model}-{preset}")),
        Kind::Exercise { id } => Some(format!("ex-{}", id.split_once('/').map_or(id.as_str(), |(_, slug)| slug))),
        Kind::Diagram { name } => Some(format!("dia-{name}")),
        Kind::QuizBegins { id } => Some(format!("quiz-{id}")),
        _ => None,
    });
    headings.chain(drawn)
}

/// A relative path seen from a file.
fn join(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
