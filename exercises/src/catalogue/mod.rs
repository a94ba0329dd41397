//! Every exercise of the workbook, read from the TOML beside this crate; the files' schema and
//! their linter.

#[cfg(test)]
mod coverage;
mod fixtures;
mod lint;
mod locate;
mod machines;
mod rules;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Deserialize;

#[cfg(test)]
use coverage::table as coverage_table;
pub use fixtures::verdict_of;
pub use lint::{Finding, lint};
pub use machines::{RecordedMachine, machine, machines};
pub use rules::table as rules_table;

use crate::Exercise;
use crate::files::EXERCISES;

/// A text in both languages, as a file has it: the schema of [`sim_core::Text`].
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct Words {
    /// Korean.
    ko: String,
    /// English.
    en: String,
}

/// Every exercise, in the order of the chapters and in the order they have there.
///
/// A file that cannot be read is left out; a test and the linter see to it that there is none.
pub fn catalogue() -> &'static [Exercise] {
    static ALL: LazyLock<Vec<Exercise>> = LazyLock::new(|| {
        let read = |(_, json): &(&str, &str)| serde_json::from_str::<Exercise>(json).ok();
        let mut all: Vec<_> = EXERCISES.iter().filter_map(read).collect();
        all.iter_mut().for_each(machines::fill);
        all.sort_by(|a, b| (chapter_key(a), a.order, &a.id).cmp(&(chapter_key(b), b.order, &b.id)));
        all
    });
    &ALL
}

/// Numbered chapters come before the appendices, which are lettered.
fn chapter_key(exercise: &Exercise) -> (bool, &str) {
    (!exercise.id.starts_with("ch"), exercise.chapter())
}

/// The exercise of that id.
pub fn find(id: &str) -> Option<&'static Exercise> {
    catalogue().iter().find(|exercise| exercise.id == id)
}

/// The JSON schema of an exercise file: for editors. Kept in `schema.json`.
pub fn schema() -> String {
    let schema = schemars::schema_for!(Exercise);
    let mut json = serde_json::to_string_pretty(&schema).unwrap_or_default();
    json.push('\n');
    json
}
