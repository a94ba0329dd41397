//! The tasks of `task/` where there is no Linux kernel: there are none.

use std::collections::BTreeMap;
use std::path::PathBuf;

use exercises::Load;
use serde::{Deserialize, Serialize};
use sim_core::Text;

/// What a task is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaskOrder {
    /// What to do.
    pub load: Load,
    /// Which of the load's tasks it is.
    pub index: u32,
    /// For how long, in milliseconds.
    pub ms: u64,
    /// Process name.
    pub name: String,
    /// Process that supervises.
    pub supervisor: i32,
    /// Private directory.
    pub directory: PathBuf,
}

/// What a task says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "as in task/desk.rs")]
pub enum Said {
    Began { places: BTreeMap<String, String> },
    Figure { name: String, value: i64 },
    Note { text: Text },
    Cannot { why: Text },
    Broken { why: String },
}

/// Ends at once.
pub fn run(_: &TaskOrder) -> u8 {
    1
}

/// No file.
pub fn largest_file(_: Load) -> u64 {
    0
}
