//! No section changes in one language alone.
//!
//! `book/drift.lock.toml` holds the hash of every section as it was when both languages were last
//! known to say the same:
//!
//! ```toml
//! ["ch03-load-average.md"]
//! definition = ["0f3a…", "9b41…"]
//! ```
//!
//! A section whose hash changed in one language only is a finding, until its twin changes too or
//! somebody confirms that the twin needs no change. Sections that changed in both are recorded by
//! [`settle`]; where nothing may be written (CI), an outdated record is a finding as well.

use std::collections::BTreeMap;
use std::path::Path;

use sim_core::Lang;

use super::Finding;
use super::source::{Source, Text};
use crate::site::assets::hash;

/// The record.
const LOCK: &str = "book/drift.lock.toml";

/// What stands before the first heading of a page.
const BEFORE: &str = "top";

/// By page and section: the hash in each language, in the order of [`Lang::ALL`].
type Record = BTreeMap<String, BTreeMap<String, [String; 2]>>;

/// How a section stands to the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// As recorded.
    Same,
    /// New, or changed in both languages: can be recorded.
    Settled,
    /// Changed in this language only.
    OneSided(Lang),
}

/// A section of a page in both languages.
struct Section<'a> {
    page: &'a str,
    id: String,
    hashes: [String; 2],
    /// Where it is in each language: file and line.
    places: [(&'a str, usize); 2],
    state: State,
}

/// Sections that changed in one language only, and whether the record is out of date.
pub fn check(root: &Path) -> Vec<Finding> {
    let (source, record) = match read(root) {
        Ok(read) => read,
        Err(finding) => return vec![finding],
    };
    let sections = sections(&source, &record);
    let mut findings: Vec<_> = sections.iter().filter_map(one_sided).collect();
    if settled(&sections, &record) != record {
        let new = sections.iter().find(|section| section.state == State::Settled);
        let (file, line) = new.map_or((LOCK, 1), |section| section.places[0]);
        findings.push(Finding {
            file: file.to_owned(),
            line,
            rule: "drift",
            message: format!("{LOCK} does not know the sections as they are"),
            fix: "run `cargo book check` and commit the file".into(),
        });
    }
    findings
}

/// Records every section that is new or changed in both languages, and forgets those that are
/// gone. Returns whether the record changed.
///
/// # Errors
/// The book or the record cannot be read or written.
pub fn settle(root: &Path) -> Result<bool, Finding> {
    let (source, record) = read(root)?;
    let settled = settled(&sections(&source, &record), &record);
    if settled == record {
        return Ok(false);
    }
    write(root, &settled)?;
    Ok(true)
}

/// Records sections (`PAGE.md#ID`) as they are: their twins need no change.
///
/// # Errors
/// A name that is no drifted section, with the names that are; or the record cannot be written.
pub fn confirm(root: &Path, names: &[String]) -> Result<(), Finding> {
    let (source, mut record) = read(root)?;
    let sections = sections(&source, &record);
    for name in names {
        let known = |section: &&Section<'_>| section.name() == *name;
        let Some(section) = sections.iter().find(known) else {
            return Err(finding(LOCK, format!("there is no section {name}"), open(&sections)));
        };
        let State::OneSided(_) = section.state else {
            return Err(finding(LOCK, format!("{name} has not drifted"), open(&sections)));
        };
        record.entry(section.page.to_owned()).or_default().insert(section.id.clone(), section.hashes.clone());
    }
    write(root, &record)
}

/// What can be confirmed, in words.
fn open(sections: &[Section<'_>]) -> String {
    let names: Vec<_> = sections.iter().filter(|section| one_sided(section).is_some()).map(Section::name).collect();
    if names.is_empty() {
        "nothing is to be confirmed".into()
    } else {
        format!("to be confirmed: {}", names.join(", "))
    }
}

impl Section<'_> {
    fn name(&self) -> String {
        format!("{}#{}", self.page, self.id)
    }
}

fn one_sided(section: &Section<'_>) -> Option<Finding> {
    let State::OneSided(lang) = section.state else { return None };
    let (here, there) = match lang {
        Lang::Ko => (section.places[0], section.places[1]),
        Lang::En => (section.places[1], section.places[0]),
    };
    let name = section.name();
    Some(Finding {
        file: here.0.to_owned(),
        line: here.1,
        rule: "drift",
        message: format!("#{} changed here, and its twin did not", section.id),
        fix: format!(
            "bring {}:{} up to date, or, if it already says the same, run `cargo book check --confirm {name}`",
            there.0, there.1
        ),
    })
}

/// The record as it should be.
fn settled(sections: &[Section<'_>], record: &Record) -> Record {
    let mut new = Record::new();
    for section in sections {
        let old = record.get(section.page).and_then(|page| page.get(&section.id));
        let hashes = match (section.state, old) {
            (State::OneSided(_), Some(old)) => old.clone(),
            _ => section.hashes.clone(),
        };
        new.entry(section.page.to_owned()).or_default().insert(section.id.clone(), hashes);
    }
    new
}

/// Every section that both languages have.
fn sections<'a>(source: &'a Source, record: &Record) -> Vec<Section<'a>> {
    let mut sections = Vec::new();
    for (page, ko, en) in source.pairs() {
        let mut english: BTreeMap<String, (usize, String)> =
            parts(en).into_iter().map(|(id, line, hash)| (id, (line, hash))).collect();
        for (id, line, hash) in parts(ko) {
            let Some((en_line, en_hash)) = english.remove(&id) else { continue };
            let state = match record.get(page).and_then(|page| page.get(&id)) {
                None => State::Settled,
                Some([ko, en]) => match (*ko == hash, *en == en_hash) {
                    (true, true) => State::Same,
                    (false, false) => State::Settled,
                    (false, true) => State::OneSided(Lang::Ko),
                    (true, false) => State::OneSided(Lang::En),
                },
            };
            let places = [(ko.file.as_str(), line), (en.file.as_str(), en_line)];
            sections.push(Section { page, id, hashes: [hash, en_hash], places, state });
        }
    }
    sections
}

/// The sections of a page: id, line, hash. A heading of any level begins one.
fn parts(text: &Text) -> Vec<(String, usize, String)> {
    let headings = &text.page.headings;
    let mut starts = vec![(BEFORE.to_owned(), 1, 0)];
    starts.extend(headings.iter().filter_map(|h| Some((h.id.clone()?, h.line, h.start))));
    let ends = starts.iter().skip(1).map(|(.., start)| *start).chain([text.text.len()]).collect::<Vec<_>>();
    let parts = starts.into_iter().zip(ends).map(|((id, line, start), end)| {
        // Where lines break says nothing.
        let words: Vec<_> = text.text[start..end].split_whitespace().collect();
        (id, line, words.join(" "))
    });
    parts
        .filter(|(id, _, words)| id != BEFORE || !words.is_empty())
        .map(|(id, line, words)| (id, line, hash(words.as_bytes())[..16].to_owned()))
        .collect()
}

fn read(root: &Path) -> Result<(Source, Record), Finding> {
    let source = Source::read(&root.join("book"))?;
    let text = match std::fs::read_to_string(root.join(LOCK)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(finding(LOCK, format!("cannot be read: {error}"), "make it readable".into())),
    };
    let record = toml::from_str(&text).map_err(|error| {
        finding(
            LOCK,
            format!("is damaged: {}", error.message()),
            "take it from the repository again (git checkout), never edit it by hand".into(),
        )
    })?;
    Ok((source, record))
}

fn write(root: &Path, record: &Record) -> Result<(), Finding> {
    let mut text = String::from(
        "# When both languages last said the same: a hash of each section, Korean and English.\n\
         # Written by `cargo book check`; see book/builder/check/drift.rs.\n",
    );
    for (page, sections) in record {
        text.push_str(&format!("\n[\"{page}\"]\n"));
        for (id, [ko, en]) in sections {
            text.push_str(&format!("{id} = [\"{ko}\", \"{en}\"]\n"));
        }
    }
    let path = root.join(LOCK);
    let put = || -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(root);
        let file = tempfile::NamedTempFile::new_in(folder)?;
        std::fs::write(file.path(), &text)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
        }
        file.persist(&path).map_err(|error| error.error)?;
        Ok(())
    };
    put().map_err(|error| finding(LOCK, format!("cannot be written: {error}"), "make book/ writable".into()))
}

fn finding(file: &str, message: String, fix: String) -> Finding {
    Finding { file: file.to_owned(), line: 1, rule: "drift", message, fix }
}
