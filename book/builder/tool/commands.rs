//! `cargo book commands`: what the text asks a reader to type, and the kernel's names in it, as
//! JSON. `book/tests/commands` types it in.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sim_core::Lang;

use super::Failure;
use super::workspace::Workspace;
use crate::site::fence::{self, Command, Fence};
use crate::site::names::{self, Known, Missing};
use crate::site::whole;

/// Both languages.
#[derive(Serialize)]
struct Listing {
    /// Blocks by language and page, those of commands and those that are files.
    pages: BTreeMap<&'static str, BTreeMap<String, Vec<Block>>>,
    /// Kernel parameters as `sysctl` writes them.
    parameters: BTreeSet<String>,
    /// Files of the kernel.
    files: BTreeSet<String>,
    /// Other words in code.
    words: BTreeSet<String>,
    /// What a machine may lack.
    missing: Vec<Missing>,
    /// The kernel that the pages name.
    checked_on: &'static str,
}

/// A block of code.
#[derive(Serialize)]
struct Block {
    line: usize,
    fence: Fence,
    commands: Vec<Command>,
    text: String,
}

/// Prints the listing.
///
/// # Errors
/// A mark that cannot be read, or a damaged table of names.
pub fn print(workspace: &Workspace) -> Result<(), Failure> {
    let book = workspace.root.join("book");
    let known = Known::read(&book).map_err(Failure::new)?;
    let mut pages = BTreeMap::new();
    let (mut parameters, mut files, mut words) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for lang in Lang::ALL {
        let chapters = whole::read(&book, lang);
        let names = names::collect(&chapters, &known);
        parameters.extend(names.parameters.into_keys().filter(|name| !name.ends_with('=')));
        files.extend(names.files.into_keys());
        words.extend(names.words);
        let mut blocks = BTreeMap::new();
        for chapter in chapters {
            let mut all = Vec::new();
            for code in &chapter.page.code {
                let wrong = |what| Failure::new(format!("book/{lang}/{}:{}: {what}", chapter.file, code.line));
                let fence = Fence::read(&code.info).map_err(wrong)?;
                if fence.is_shell() || fence.file.is_some() {
                    let commands = if fence.is_shell() { fence::commands(&code.text) } else { Vec::new() };
                    all.push(Block { line: code.line, fence, commands, text: code.text.clone() });
                }
            }
            blocks.insert(chapter.file, all);
        }
        pages.insert(lang.tag(), blocks);
    }
    let checked_on = fence::CHECKED_ON;
    let listing = Listing { pages, parameters, files, words, missing: known.missing, checked_on };
    let json = serde_json::to_string_pretty(&listing).map_err(|error| Failure::of("the listing", error))?;
    println!("{json}");
    Ok(())
}
