//! What a supervisor and its tasks say to each other.

use std::collections::BTreeMap;
use std::path::PathBuf;

use exercises::Load;
use serde::{Deserialize, Serialize};
use sim_core::Text;

/// What a task is told on its standard input.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaskOrder {
    /// What to do; the number of tasks in it is the supervisor's affair.
    pub load: Load,
    /// Which of the load's tasks it is, from 0.
    pub index: u32,
    /// For how long, in milliseconds; 0 to try only whether it can be done.
    pub ms: u64,
    /// Process name to take, at most 15 bytes.
    pub name: String,
    /// Process that supervises; the task dies with it.
    pub supervisor: i32,
    /// Private directory.
    pub directory: PathBuf,
}

/// What a task says on its standard output, a line of JSON each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "kebab-case")]
pub enum Said {
    /// It is ready and runs.
    Began {
        /// What stands for the names in braces.
        places: BTreeMap<String, String>,
    },
    /// It measured something.
    Figure {
        /// Name and unit.
        name: String,
        /// How much.
        value: i64,
    },
    /// What a reader should know.
    Note {
        /// In words.
        text: Text,
    },
    /// It cannot be done on this machine.
    Cannot {
        /// Why.
        why: Text,
    },
    /// Something broke.
    Broken {
        /// In the system's words.
        why: String,
    },
}
