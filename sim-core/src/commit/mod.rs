//! Promises of memory: what `mmap` and `fork` are granted, and what happens when promises are used.
//!
//! Models `mm/util.c` (`__vm_enough_memory`, `vm_commit_limit`), the accounting of `mm/mmap.c`,
//! `mm/shmem.c` and `kernel/fork.c: dup_mmap`, and `mm/oom_kill.c` (who dies, and the score). What
//! programs ask for and touch is an input. Reclaim is simple here: page cache goes first, then the
//! oldest pages go to swap; how the two are weighed is another model's business.
//!
//! Event kinds: `mmap`, `refused` (ENOMEM), `munmap`, `touched`, `rewrote`, `fork`, `exit`, `reclaim` (page
//! cache begins to go), `swap` (pages begin to go to swap), `oom`, `panic`, `adjust`, `nobody`.

mod account;
mod contract;
mod engine;
mod files;
mod json;
mod model;
mod oom;
mod params;
mod presets;
#[cfg(feature = "golden")]
mod replay;
mod rules;
mod scenario;
mod sizes;
mod tell;
#[cfg(test)]
mod tests;
mod touch;

pub use account::{Ask, Machine, Policy};
pub use engine::{Engine, Process, Share, State};
pub use model::Commit;
pub use oom::{Candidate, badness, oom_score};
#[cfg(feature = "golden")]
pub use replay::replay;
pub use rules::{Guess, Rules};
pub use scenario::{Kind, Op, Scenario, Start, Step};
