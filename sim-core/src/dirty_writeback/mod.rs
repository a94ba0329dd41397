//! Dirty pages and writeback: how much may be dirty, who is paused for it, and when it is written.
//!
//! Models `mm/page-writeback.c` and `fs/fs-writeback.c` with `lib/flex_proportions.c`, and shows the
//! lines of `/proc/vmstat`, `/proc/meminfo` and the statistics of each disk that they move. What
//! programs want to write and how fast a disk is are inputs.
//!
//! Event kinds: `burst`, `burst-end` (a writer begins, has written all), `background`, `periodic`,
//! `flush-end` (the flusher begins for too much, wakes to look for old pages, stops), `throttle` (a
//! writer is paused), `rate` (a disk's rate for writers is worked out anew), `stall`, `stall-end`
//! (until 3.1 a writer writes to the disk itself, and is let go), `fsync`, `fsync-end`, `sync`,
//! `sync-end`, `memory` (other programs take memory or give some back).

mod balance;
pub mod calc;
#[cfg(feature = "golden")]
mod closed;
mod contract;
mod disk;
mod engine;
mod files;
mod flusher;
mod happening;
mod machine;
mod model;
mod notation;
mod params;
mod presets;
#[cfg(feature = "golden")]
mod replay;
mod rules;
mod scenario;
mod share;
#[cfg(test)]
mod tests;
mod writer;

pub use model::{DirtyWriteback, DiskView, Flushing, WriterState, WriterView};
#[cfg(feature = "golden")]
pub use replay::replay;
pub use rules::{Dirtyable, Floor, Flusher, Rules, Throttling};
pub use scenario::{DiskSpec, MemorySpec, Scenario, WriterSpec};

/// Counts that one CPU may keep to itself (`WB_STAT_BATCH`, `PROP_BATCH`).
fn stat_batch(cpus: u64) -> u64 {
    8 * (1 + u64::from(cpus.max(1).ilog2()))
}
