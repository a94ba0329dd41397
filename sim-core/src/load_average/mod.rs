//! Load average: what `/proc/loadavg` says while tasks run, wait and sleep.
//!
//! Models `kernel/sched/loadavg.c` (until 3.9 `kernel/sched/core.c`, `kernel/sched.c`), the text of
//! `fs/proc/loadavg.c`, and `kernel/sched/psi.c` beside it. The scheduler itself is an input: a
//! [`Task`] says when it is on a run queue or blocked, and the model says what the averages make
//! of it.
//!
//! Event kinds: `start`, `end` (a task begins or ends), `sample` (CPUs fold their active counts),
//! `update` (the three averages move one step), `catch-up` (they move several steps at once after
//! tick-less idling).

pub mod calc;
mod contract;
mod engine;
mod files;
mod model;
mod params;
mod presets;
mod psi;
#[cfg(feature = "golden")]
mod replay;
mod rules;
mod scenario;
#[cfg(test)]
mod tests;
mod timeline;

pub use engine::CpuView;
pub use model::LoadAverage;
#[cfg(feature = "golden")]
pub use replay::replay;
pub use rules::{Folding, Rules};
pub use scenario::{Scenario, State, Task};
pub use timeline::Change;
