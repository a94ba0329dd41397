//! NUMA placement: which node a page comes from, and what it costs that it came from there.
//!
//! Models `mm/mempolicy.c` (the policies), `mm/page_alloc.c` (fallback lists, watermarks,
//! `zone_statistics`), `mm/vmscan.c: node_reclaim` and the automatic balancing of
//! `kernel/sched/fair.c`. Which CPU a thread runs on is an input, but where balancing moves a thread
//! to an idle CPU. What an access costs is no kernel arithmetic: see [`cost`].
//!
//! Event kinds: `start`, `refused`, `exit` (a process begins, is denied its policy, ends), `spill`
//! (its pages first go to another node than the one wanted), `touched` (it has all its pages),
//! `zone-reclaim` (local page cache is dropped for it), `kswapd`, `oom`, `move` (a thread changes
//! its CPU), `scan` and `migrate` (automatic balancing).

pub mod balancing;
mod check;
mod contract;
pub mod cost;
mod engine;
mod files;
mod follow;
mod json;
pub mod memory;
mod model;
mod params;
pub mod place;
pub mod policy;
mod presets;
pub mod process;
#[cfg(feature = "golden")]
mod recorded;
#[cfg(feature = "golden")]
mod replay;
mod rules;
mod scenario;
mod tell;
#[cfg(test)]
mod tests;
#[cfg(feature = "golden")]
mod touched;
pub mod watermark;
#[cfg(feature = "golden")]
mod zoneinfo;
pub mod zonelist;

pub use engine::{Engine, Vmstat};
pub use model::NumaPolicy;
pub use policy::{Mask, Policy};
#[cfg(feature = "golden")]
pub use replay::replay;
pub use rules::{Balance, Rules};
pub use scenario::{FirstTouch, Kind, Node, Scenario, Sharing, Task};
