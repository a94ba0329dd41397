//! Every heading of the notes that the book grew from has its section, in both languages.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// `book/headings.toml`.
#[derive(Deserialize)]
struct Headings {
    heading: Vec<Heading>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Heading {
    level: u8,
    title: String,
    to: String,
}

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn headings() -> Vec<Heading> {
    let text = std::fs::read_to_string(book().join("headings.toml")).unwrap();
    toml::from_str::<Headings>(&text).unwrap().heading
}

/// The sections of a page: id and title; nothing when there is no such page.
fn sections(lang: &str, page: &str) -> Option<Vec<(String, String)>> {
    let text = std::fs::read_to_string(book().join(lang).join(page)).ok()?;
    let heading = |line: &str| {
        let (title, id) = line.trim_start_matches('#').trim().strip_suffix('}')?.split_once(" {#")?;
        line.starts_with('#').then(|| (id.to_owned(), title.replace('|', "\\|")))
    };
    Some(text.lines().filter_map(heading).collect())
}

/// The title of the section, or what is wrong.
fn title(lang: &str, heading: &Heading) -> Result<Option<String>, String> {
    let (page, id) = heading.to.split_once('#').unwrap_or((&heading.to, ""));
    let Some(sections) = sections(lang, page) else {
        let to_come = std::fs::read_to_string(book().join(lang).join("SUMMARY.md")).unwrap().contains("]()");
        // A chapter that the table of contents still announces has no sections yet.
        return if to_come && id.is_empty() { Ok(None) } else { Err(format!("{lang}/{page} does not exist")) };
    };
    match sections.iter().find(|(known, _)| known == id) {
        Some((_, title)) => Ok(Some(title.clone())),
        None => {
            let known: Vec<_> = sections.iter().map(|(id, _)| id.as_str()).collect();
            Err(format!("{}: {lang}/{page} has no #{id}: it has {}", heading.title, known.join(", ")))
        }
    }
}

#[test]
fn every_heading_has_its_section_in_both_languages() {
    let headings = headings();
    let wrong: Vec<_> =
        headings.iter().flat_map(|heading| ["ko", "en"].map(|lang| title(lang, heading).err())).flatten().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(headings.iter().filter(|heading| heading.level == 2).count(), 15, "chapters and appendices");
    assert_eq!(headings.len(), 106);
}

#[test]
fn no_section_stands_for_two_headings() {
    let mut seen = BTreeSet::new();
    for heading in headings().iter().filter(|heading| heading.to.contains('#')) {
        assert!(seen.insert(heading.to.clone()), "{}: {} is taken", heading.title, heading.to);
    }
}

/// Run with `UPDATE_TABLES=1` to write `book/HEADINGS.md` anew.
#[test]
fn the_table_is_as_made() {
    let mut made = String::from(
        "# Headings of the notes, and their sections\n\n\
         Made from [headings.toml](headings.toml) by `UPDATE_TABLES=1 cargo test -p book --test headings`.\n\n\
         | Notes | 한국어 | English |\n|---|---|---|\n",
    );
    for heading in headings() {
        let link = |lang: &str| match title(lang, &heading) {
            Ok(Some(title)) => format!("[{title}]({lang}/{})", heading.to),
            _ => "–".to_owned(),
        };
        let name = if heading.level == 2 { format!("**{}**", heading.title) } else { heading.title.clone() };
        let _ = writeln!(made, "| {name} | {} | {} |", link("ko"), link("en"));
    }
    let path = book().join("HEADINGS.md");
    if std::env::var_os("UPDATE_TABLES").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == made, "book/HEADINGS.md is old: run UPDATE_TABLES=1 cargo test -p book --test headings");
}
