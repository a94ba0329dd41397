//! The pages of both languages, read and scanned.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sim_core::Lang;

use super::Finding;
use crate::site::page::Page;

/// Both languages of a book.
pub struct Source {
    /// The folder of the book.
    pub book: PathBuf,
    /// The pages by file name, summaries included, in the order of [`Lang::ALL`].
    pub trees: [Tree; 2],
}

/// One language.
pub struct Tree {
    /// Which.
    pub lang: Lang,
    /// Its pages by path under its folder.
    pub pages: BTreeMap<String, Text>,
    /// Its other files.
    pub others: Vec<String>,
}

/// One page.
pub struct Text {
    /// The path of the file from the root of the workspace.
    pub file: String,
    /// Its Markdown.
    pub text: String,
    /// What it holds.
    pub page: Page,
}

impl Source {
    /// Reads `BOOK/ko` and `BOOK/en`.
    pub fn read(book: &Path) -> Result<Source, Finding> {
        let [ko, en] = Lang::ALL.map(|lang| Tree::read(book, lang));
        Ok(Source { book: book.to_owned(), trees: [ko?, en?] })
    }

    /// The pages that both languages have, summaries aside: name, Korean, English.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &Text, &Text)> {
        let [ko, en] = &self.trees;
        let both = ko.pages.iter().filter_map(|(name, page)| Some((name.as_str(), page, en.pages.get(name)?)));
        both.filter(|(name, ..)| *name != SUMMARY)
    }
}

/// The table of contents, which is no page.
pub const SUMMARY: &str = "SUMMARY.md";

impl Tree {
    fn read(book: &Path, lang: Lang) -> Result<Tree, Finding> {
        let root = book.join(lang.tag());
        let mut tree = Tree { lang, pages: BTreeMap::new(), others: Vec::new() };
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, book, &error))?;
            for entry in entries {
                let path = entry.map_err(|error| unreadable(&folder, book, &error))?.path();
                let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                if path.is_dir() {
                    folders.push(path);
                } else if name.ends_with(".md") {
                    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, book, &error))?;
                    let file = format!("book/{lang}/{name}");
                    let page = Page::scan(&text);
                    tree.pages.insert(name, Text { file, text, page });
                } else {
                    tree.others.push(name);
                }
            }
        }
        tree.others.sort();
        Ok(tree)
    }
}

fn unreadable(path: &Path, book: &Path, error: &std::io::Error) -> Finding {
    let path = path.strip_prefix(book.parent().unwrap_or(book)).unwrap_or(path);
    Finding {
        file: path.to_string_lossy().into_owned(),
        line: 1,
        rule: "files",
        message: format!("cannot be read: {error}"),
        fix: "a book needs book/ko and book/en, with readable UTF-8 pages".into(),
    }
}
