//! CPU shares: which task has the CPU, for how long, and how long the others wait.
//!
//! Models the fair class of `kernel/sched/fair.c` (CFS until 6.5, EEVDF since 6.6) with its groups and
//! their quotas, the real-time class of `kernel/sched/rt.c` and what is left to ordinary tasks beside
//! it. Tasks are pinned: nothing moves from one CPU to another. Who wants to run when is an input.
//!
//! Event kinds: `start`, `end` (a task is forked, is gone), `sleep`, `wake`, `switch` (a CPU goes from
//! one task to another), `throttle`, `unthrottle` (a group's quota is used up, is there again),
//! `rt-throttle`, `rt-unthrottle` (until 6.11 real-time tasks have had their part of a second, get
//! the next), `server`, `server-end` (since 6.12 ordinary tasks come first, have had their 50 ms).

mod bandwidth;
pub mod calc;
mod contract;
mod engine;
mod entity;
mod fair;
mod files;
#[cfg(test)]
mod invariants;
mod model;
mod params;
mod presets;
#[cfg(feature = "golden")]
mod replay;
mod rt;
mod rules;
mod scenario;
mod task;
mod tell;
#[cfg(test)]
mod tests;
mod view;

pub use model::CpuShares;
#[cfg(feature = "golden")]
pub use replay::replay;
pub use rules::{Policy, Rules, Times};
pub use scenario::{Class, Group, Scenario, Task, letter};
pub use task::Doing;
pub use view::{EntityView, Owner, QueueView, RtView, TaskView};
