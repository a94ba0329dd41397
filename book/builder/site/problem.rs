//! What can go wrong while the site is built.

use std::fmt;
use std::path::{Path, PathBuf};

/// A mistake in a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the folder of the book: `ko/ch03-load-average.md`.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong, and what to write instead.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// Why there is no site.
#[derive(Debug)]
pub enum BuildError {
    /// Mistakes in the pages, all of them.
    Pages(Vec<Problem>),
    /// A file that cannot be read or written.
    File {
        /// Which.
        path: PathBuf,
        /// What was tried: "read", "write".
        doing: &'static str,
        /// What the system said.
        error: std::io::Error,
    },
    /// mdBook refused the book in one language.
    Book {
        /// The folder of that language.
        folder: PathBuf,
        /// What mdBook said, with its causes.
        what: String,
    },
    /// The builder's own parts do not fit together (a placeholder without a value, a figure that
    /// cannot be drawn): a mistake in the theme or the code, not in a page.
    Theme(String),
}

impl BuildError {
    /// A file that cannot be used.
    pub fn file(path: &Path, doing: &'static str, error: std::io::Error) -> BuildError {
        BuildError::File { path: path.to_owned(), doing, error }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::Pages(problems) => {
                let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
                f.write_str(&lines.join("\n"))
            }
            BuildError::File { path, doing, error } => write!(f, "cannot {doing} {}: {error}", path.display()),
            BuildError::Book { folder, what } => write!(f, "mdBook cannot build {}: {what}", folder.display()),
            BuildError::Theme(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for BuildError {}
