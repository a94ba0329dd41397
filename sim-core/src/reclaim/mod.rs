//! Reclaim: what becomes of pages when memory runs short.
//!
//! Models the two lists a type of `mm/vmscan.c`, `mm/swap.c` and `mm/workingset.c`, kswapd and the
//! watermarks, the shrinker of dentries and inodes, swap and the OOM killer, and shows
//! `/proc/meminfo`, `/proc/vmstat`, `/proc/zoneinfo`, `/proc/swaps`, `/proc/slabinfo` and
//! `/proc/pressure/memory`. What programs want, and how fast disks are, are inputs. Pages are moved
//! in blocks of 32, as many as the kernel itself looks at in one turn.
//!
//! [`crate::memory_map`] is the same engine, seen by whose the memory is.
//!
//! Event kinds: `start`, `through`, `end` (a program begins, has gone through its memory once, ends),
//! `kswapd-wake`, `kswapd-rest` (kswapd wakes after a rest, has slept for a second), `direct` (a
//! program has to reclaim for itself), `scan` (what is looked at changes), `swap-out`, `refault`
//! (pages go to swap, come back), `drop` (`drop_caches`), `oom` (a program is killed), `panic`.

mod allocate;
pub mod calc;
pub(crate) mod contract;
mod counters;
mod engine;
mod files;
mod happening;
mod kswapd;
mod lists;
mod memory;
mod model;
mod notation;
mod params;
mod presets;
mod pressure;
mod program;
#[cfg(feature = "golden")]
mod replay;
mod rules;
mod scan;
mod scenario;
mod slab;
#[cfg(test)]
mod tests;

pub use lists::Lru;
pub use memory::{Plan, Watermarks};
pub use model::{KswapdView, Part, ProgramView, Reclaim};
pub use program::Doing;
#[cfg(feature = "golden")]
pub use replay::replay;
pub use rules::{Balance, Rules, SlabScan};
pub use scenario::{Drop, Kind, Program, Scenario};
