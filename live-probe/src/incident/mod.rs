//! `live-probe incident`: cases in the manner of an on-call page, run for real.
//!
//! [`command`] talks to the reader; [`keeper`] is the process that runs the load while the reader
//! looks around, and ends it when the reader's shell is gone; [`state`] is what both know, kept so
//! that a crash loses nothing.

mod command;
mod keeper;
mod state;
mod words;

pub use command::{Args, HELP, run};
pub use keeper::{COMMAND as HIDDEN_COMMAND, main as hidden_main};
