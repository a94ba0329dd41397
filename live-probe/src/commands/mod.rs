//! The commands that neither load the machine nor serve the book.

pub mod check;
pub mod completions;
pub mod fidelity;
pub mod hint;
pub mod list;
pub mod manual;
pub mod predict;
pub mod progress;
pub mod reset;
pub mod show;
pub mod sim;
pub mod watch;
