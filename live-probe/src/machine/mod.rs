//! The reader's machine: its kernel files, what kind of machine it is, and a capture of it.
//!
//! Reads and reports; decides nothing the judge could decide.
#[cfg_attr(not(target_os = "linux"), path = "calls_elsewhere.rs")]
mod calls;
pub mod capture;
mod cost;
mod describe;
pub mod doctor;
mod files;
mod live;
mod needs;
mod open;
mod parse;
mod path;
mod profile;
mod redact;
mod sampler;
mod snapshot;
mod source;
mod virtuals;

pub use calls::avenrun;
pub use live::LiveMachine;
pub use profile::{Profile, online_cpus};
pub use sampler::{Sample, Sampler};
#[cfg(test)]
pub use source::{NO_KERNEL, NoKernel};
pub use source::{no_kernel, open, recorded};
