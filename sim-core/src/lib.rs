//! Models of how a Linux server behaves, in the kernel's own integers.
//!
//! The crate is sans-I/O: time is a parameter, randomness comes from a seed, collections are
//! ordered. A model is started from a validated scenario and stepped from event to event; what it
//! knows can be read as numbers ([`Metric`]) or as the text of the files the kernel would show.
//! Nothing is drawn here and nothing is read here.
//!
//! Start at [`Model`], then a model such as [`load_average`]. Who shows models of any kind takes
//! them from the [`catalogue`]: an [`Entry`] starts a [`State`], a [`Tape`] lets one go back in it.

mod anon;
mod base64;
pub mod buddy_allocator;
mod catalogue;
pub mod commit;
pub mod cpu_shares;
pub mod decimal;
pub mod dirty_writeback;
pub mod fidelity;
pub mod io_scheduler;
pub mod json;
mod kernel;
pub mod load_average;
mod math;
pub mod memory_map;
mod model;
pub mod numa_policy;
mod packet;
mod params;
mod path;
pub mod process_life;
mod procfs;
pub mod reclaim;
mod run;
pub mod scenario;
pub mod service;
mod state;
pub mod tape;
pub mod tcp_keepalive;
pub mod tcp_life;
pub mod tcp_rto;
mod text;
pub mod timer;
mod token;

pub use catalogue::{Entry, Started, catalogue, find};
pub use fidelity::Contract;
pub use json::Json;
pub use kernel::KernelVersion;
pub use math::{mul_div, mul_div_ceil};
pub use model::{Event, Files, Log, Metric, Model, Preset};
pub use packet::{Flags, Packet};
pub use params::Params;
pub use run::{Frame, Run, Running, run};
pub use scenario::{Param, Problem, Valid};
pub use state::State;
pub use tape::{Curve, Moment, Tape, Taping, Track};
pub use text::{Lang, Text};
pub use token::{Token, TokenError};

/// Nanoseconds of simulated time since the scenario began.
pub type Nanos = u64;

/// Nanoseconds in a second.
pub const SECOND: Nanos = 1_000_000_000;
/// Nanoseconds in a millisecond.
pub const MILLISECOND: Nanos = 1_000_000;
