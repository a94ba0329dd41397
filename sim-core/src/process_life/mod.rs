//! The life of processes: fork, exec, exit, wait, and the states in between.
//!
//! Models `kernel/fork.c` (fork, vfork, threads, what is refused), `kernel/pid.c` (which PID is next),
//! `kernel/exit.c` (zombies, who adopts orphans, wait), `kernel/signal.c` (what a signal does to a task
//! in each state) and the page counts of `mm/memory.c` after a fork. What processes do is an input: a
//! [`Step`] says who does what and when. No scheduler: whoever wants a CPU has one.
//!
//! Event kinds: `fork`, `vfork`, `clone`, `refused` (no PID or thread left), `exec`, `exit`, `killed`,
//! `zombie`, `reaped`, `gone` (nobody has to wait for it), `adopted`, `wait`, `returned` (a wait without
//! children), `signal` (without effect, or kept for later), `ignore`, `stopped`, `continued`, `traced`,
//! `run`, `sleep`, `block`, `woken`, `subreaper`, `map`, `write`, `nobody`.

mod act;
mod contract;
mod engine;
mod exit;
mod files;
mod json;
mod model;
mod params;
mod pids;
mod presets;
mod process;
#[cfg(feature = "golden")]
mod replay;
mod rules;
mod scenario;
mod signals;
mod tell;
#[cfg(test)]
mod tests;

pub use engine::{Engine, Pages};
pub use model::ProcessLife;
pub use process::{Doing, Process, Stop};
#[cfg(feature = "golden")]
pub use replay::replay;
pub use rules::Rules;
pub use scenario::{INIT, Op, Program, Scenario, Signal, Step};
