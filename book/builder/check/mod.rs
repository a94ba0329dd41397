//! The linter of the book: what a reader would trip over, and what the two languages say
//! differently. Its messages are for whoever writes the book.
//!
//! Each finding has a file, a line, the rule and what to do. The rules:
//!
//! | rule | what it holds |
//! |---|---|
//! | `files` | `book/ko` and `book/en` have the same files |
//! | `summary` | both summaries list the same pages in the same order; every page is listed |
//! | `heading-id` | every heading has an explicit `{#id}`, unique on its page |
//! | `skeleton` | both languages have the same headings by level and id |
//! | `directives` | both languages have the same directives in the same order, and each can be expanded |
//! | `code` | both languages have the same code blocks: kind, lines, commands, numbers |
//! | `commands` | every block of commands says whether the tests run it, or why not |
//! | `links` | both languages link to the same places |
//! | `link` | every link within the book leads somewhere |
//! | `todo` | nothing is left to do |
//! | `exercise` | the exercises are sound and each is on its chapter's page |
//! | `drift` | no section changed in one language alone ([`drift`]) |
//! | `rendered` | in the built site every reference resolves and nothing comes from elsewhere |

pub mod drift;
mod links;
mod pages;
mod rendered;
mod source;
mod twins;

use std::fmt;
use std::path::Path;

use crate::site;
pub use rendered::rendered;
use source::Source;

/// Something to put right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, as a path from the root of the workspace.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The rule, as in the table above.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: [{}] {}\n    {}", self.file, self.line, self.rule, self.message, self.fix)
    }
}

/// Checks the book of a workspace: its pages, its exercises and the site they make.
pub fn check(root: &Path) -> Vec<Finding> {
    let mut findings = match Source::read(&root.join("book")) {
        Ok(source) => pages_of(&source),
        Err(finding) => return vec![finding],
    };
    findings.extend(drift::check(root));
    findings.extend(exercises(root));
    // A site with broken pages would only say the same again.
    if findings.iter().all(|finding| finding.rule == "drift") {
        findings.extend(built(root));
    }
    findings.sort();
    findings
}

/// What `cargo book check` does: records the sections that changed in both languages (where it may:
/// with `CI=true` nothing is written), checks, and prints every finding to the error stream.
///
/// # Errors
/// How many findings there are.
pub fn report(root: &Path) -> Result<(), String> {
    let ci = std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    if !ci && let Err(finding) = drift::settle(root) {
        return Err(finding.to_string());
    }
    let findings = check(root);
    for finding in &findings {
        eprintln!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err("1 thing to put right".into()),
        n => Err(format!("{n} things to put right")),
    }
}

/// Every rule about the pages themselves.
fn pages_of(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    pages::check(source, &mut findings);
    links::check(source, &mut findings);
    twins::check(source, &mut findings);
    findings
}

/// What the linter of the exercises finds.
fn exercises(root: &Path) -> Vec<Finding> {
    let found = exercises::lint(&root.join("exercises"));
    let finding = |found: exercises::Finding| Finding {
        file: format!("exercises/{}", found.file),
        line: found.line.unwrap_or(1),
        rule: "exercise",
        message: if found.field.is_empty() {
            found.message.en.into_owned()
        } else {
            format!("{}: {}", found.field, found.message.en)
        },
        fix: "put it right in this file; CONTRIBUTING.md describes the format".into(),
    };
    found.into_iter().map(finding).collect()
}

/// Builds the site aside and checks what came out.
fn built(root: &Path) -> Vec<Finding> {
    let finding = |file: &str, line: usize, message: String| Finding {
        file: file.into(),
        line,
        rule: "rendered",
        message,
        fix: "put it right and run `cargo book check` again".into(),
    };
    let folder = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => return vec![finding("book", 1, format!("no temporary folder to build the site in: {error}"))],
    };
    let options = site::Options { book: root.join("book"), out: folder.path().join("site"), widgets: Vec::new() };
    match site::build(&options) {
        Ok(_) => rendered(&options.out),
        Err(site::BuildError::Pages(problems)) => {
            problems.into_iter().map(|p| finding(&format!("book/{}", p.file), p.line, p.what)).collect()
        }
        Err(error) => vec![finding("book", 1, error.to_string())],
    }
}

#[cfg(test)]
mod tests;
