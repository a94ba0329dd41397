//! The reader's machine: its kernel files, what it can do, and a capture of it.

pub mod capture;
pub mod doctor;
