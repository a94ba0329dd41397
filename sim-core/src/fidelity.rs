//! What a model promises of itself, and how recorded traces hold it to that.

use serde::Serialize;

use crate::Text;

/// What a model stands for: printed under its widget.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The kernel functions modelled, each as `file: function`.
    pub functions: &'static [&'static str],
    /// The kernel versions it is true for, in words.
    pub kernels: Text,
    /// What it does not model.
    pub leaves_out: Vec<Text>,
    /// How far it may stray, and on what.
    pub tolerance: Text,
}

/// The outcome of replaying one recorded trace.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TraceReport {
    /// Model the trace was replayed against.
    pub model: String,
    /// Name of the trace, its file name without endings.
    pub trace: String,
    /// Kernel it was recorded on.
    pub kernel: String,
    /// How many recorded values were compared.
    pub compared: u64,
    /// How many differed by more than the tolerance.
    pub mismatches: u64,
    /// Largest difference seen, in the unit of the compared values.
    pub max_error: f64,
    /// Largest difference allowed.
    pub tolerance: f64,
    /// What the two are measured in, with the space before it; empty where nothing may differ.
    pub unit: Text,
    /// Whether the contract held: something was compared and nothing mismatched.
    pub pass: bool,
    /// What was compared; where it first went wrong, if it did.
    pub note: String,
}

#[cfg(feature = "golden")]
pub use replay::{GoldenError, GoldenFiles, Row, Tally, Trace, embedded, replay_all};

#[cfg(feature = "golden")]
mod replay;
