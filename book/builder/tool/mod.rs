//! The commands of `cargo book`.

pub mod axe;
pub mod bench;
pub mod commands;
pub mod pack;
mod parts;
pub mod serve;
pub mod setup;
pub mod test;
pub mod wasm;
pub mod workspace;

use std::fmt;
use std::path::Path;

use workspace::Workspace;

use crate::{check, site};

/// Why a command stopped: what went wrong, and what to do next.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// With what is to be printed.
    pub fn new(what: impl Into<String>) -> Failure {
        Failure(what.into())
    }

    /// Wraps an error of some work.
    pub fn of(what: &str, error: impl fmt::Display) -> Failure {
        Failure(format!("{what}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Writes the site of both languages, with the widgets of a folder or without.
///
/// # Errors
/// What is wrong with which page.
pub fn build_site(workspace: &Workspace, out: &Path, widgets: Option<&Path>) -> Result<(), Failure> {
    let loader = workspace.root.join("sim-wasm/loader.js");
    let widgets = match widgets {
        Some(folder) => site::assets::widgets(folder, &loader).map_err(|error| Failure::new(error.to_string()))?,
        None => Vec::new(),
    };
    let options = site::Options { book: workspace.root.join("book"), out: out.to_path_buf(), widgets };
    let report = site::build(&options).map_err(|error| Failure::new(error.to_string()))?;
    let site::Report { pages, changed, build_id, took } = report;
    eprintln!("     {pages} pages a language, {changed} files changed, build {build_id}, {} ms", took.as_millis());
    Ok(())
}

/// The linter, after sections were confirmed to need no change in the other language.
///
/// # Errors
/// A section to confirm is not known, the record cannot be written, or there is something to put
/// right.
pub fn check(workspace: &Workspace, confirm: &[String]) -> Result<(), Failure> {
    if !confirm.is_empty() {
        check::drift::confirm(&workspace.root, confirm).map_err(|finding| Failure::new(finding.to_string()))?;
    }
    check::report(&workspace.root).map_err(Failure::new)
}
