//! Rules about the site as built.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Finding;
use super::links::leads_out;
use crate::site::html::{Tag, tags};

/// Checks a built site: every reference resolves, nothing is loaded from elsewhere, no address
/// depends on where the site lies, and every id is unique on its page.
pub fn rendered(site: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut files = BTreeSet::new();
    let mut pages: BTreeMap<String, Vec<Tag>> = BTreeMap::new();
    let mut folders = vec![site.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(site).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                folders.push(path);
            } else {
                if name.ends_with(".html") {
                    let html = std::fs::read_to_string(&path).unwrap_or_default();
                    pages.insert(name.clone(), tags(&html));
                }
                files.insert(name);
            }
        }
    }
    if pages.is_empty() {
        findings.push(finding(".", 1, "holds no page".into(), "build the site first"));
    }
    let ids: BTreeMap<&str, BTreeSet<&str>> = pages
        .iter()
        .map(|(name, tags)| (name.as_str(), tags.iter().filter_map(|tag| tag.attr("id")).collect()))
        .collect();
    for (name, tags) in &pages {
        // The page of the whole book shows a figure as often as the chapters do.
        if !name.ends_with("print.html") {
            unique_ids(name, tags, &mut findings);
        }
        for tag in tags {
            for (attr, to) in references(tag) {
                if let Some((message, fix)) = wrong(name, tag, attr, to, &files, &ids) {
                    findings.push(finding(name, tag.line as usize, message, fix));
                }
            }
        }
    }
    findings
}

fn finding(page: &str, line: usize, message: String, fix: &str) -> Finding {
    Finding { file: format!("site/{page}"), line, rule: "rendered", message, fix: fix.to_owned() }
}

fn unique_ids(page: &str, tags: &[Tag], findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for tag in tags {
        if let Some(id) = tag.attr("id")
            && !seen.insert(id)
        {
            findings.push(finding(page, tag.line as usize, format!("the id {id} is there twice"), "rename one"));
        }
    }
}

/// The addresses a tag names.
fn references(tag: &Tag) -> impl Iterator<Item = (&str, &str)> {
    let named = |name: &str| matches!(name, "href" | "src" | "poster" | "action" | "data");
    tag.attrs.iter().filter(move |(name, _)| named(name)).map(|(name, value)| (name.as_str(), value.as_str()))
}

fn wrong(
    page: &str,
    tag: &Tag,
    attr: &str,
    to: &str,
    files: &BTreeSet<String>,
    ids: &BTreeMap<&str, BTreeSet<&str>>,
) -> Option<(String, &'static str)> {
    if leads_out(to) {
        // A reader may follow a link out of the book; the page itself must not.
        let loads = tag.name != "a" || attr != "href";
        return loads
            .then(|| (format!("<{}> loads {to}", tag.name), "put the file into the book: it must work offline"));
    }
    if to.starts_with('/') || to.contains("://") {
        return Some((format!("{to} depends on where the site lies"), "use a relative address"));
    }
    let (path, anchor) = to.split_once('#').map_or((to, ""), |(path, anchor)| (path, anchor));
    let path = path.split('?').next().unwrap_or_default();
    let target = if path.is_empty() { Some(page.to_owned()) } else { join(page, path) };
    let Some(target) = target else { return Some((format!("{to} leads out of the site"), "correct the link")) };
    if !files.contains(&target) {
        return Some((format!("{to} leads to {target}, which was not built"), "correct the link"));
    }
    let known = ids.get(target.as_str()).is_some_and(|ids| ids.contains(anchor));
    // `#` alone is the top of the page.
    (!anchor.is_empty() && !known).then(|| (format!("{target} has no #{anchor}"), "correct the anchor"))
}

/// A relative address seen from a page; nothing when it would leave the site.
fn join(page: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
