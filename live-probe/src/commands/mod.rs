//! The commands that neither load the machine nor serve the book.

pub mod completions;
pub mod fidelity;
pub mod manual;
pub mod sim;
