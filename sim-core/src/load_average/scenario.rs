//! What a run starts from.

use serde::{Deserialize, Serialize};

use crate::KernelVersion;

/// Tasks over time on a machine of a certain kernel.
///
/// Scalars are `i64` because controls and refusals handle them alike; [`crate::Valid`] says they
/// are in range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Kernel whose rules apply.
    pub kernel: KernelVersion,
    /// Ticks a second (`CONFIG_HZ`).
    pub hz: i64,
    /// Online CPUs.
    pub cpus: i64,
    /// Length of the run, ms.
    pub duration_ms: i64,
    /// 1 when an idle CPU stops its tick (`CONFIG_NO_HZ_IDLE`).
    pub nohz: i64,
    /// Ticks since the last sample when the run begins: the first one comes `LOAD_FREQ` less this.
    pub sample_offset_ticks: i64,
    /// While all CPUs idle without a tick, some timer brings jiffies up to date this often, ms;
    /// 0 for never.
    pub idle_wakeup_ms: i64,
    /// The three averages at the start, in 1/2048.
    pub avenrun: [i64; 3],
    /// Threads on the machine besides the tasks below.
    pub nr_threads: i64,
    /// Last PID given out before the start.
    pub last_pid: i64,
    /// Seed of the jitter.
    pub seed: i64,
    /// The load.
    pub tasks: Vec<Task>,
}

/// Some equal tasks and when they are active.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// CPU of the first; the next ones take the next CPUs in turn.
    pub cpu: i64,
    /// How many.
    pub count: i64,
    /// What they are while active; otherwise they sleep and do not count.
    pub state: State,
    /// When they start, ms.
    pub from_ms: i64,
    /// When they exit, ms.
    pub until_ms: i64,
    /// Period of their activity, ms; 0 for always active.
    pub every_ms: i64,
    /// How long of each period they are active, ms.
    pub for_ms: i64,
    /// Each period's activity begins up to this much later, ms, at random.
    pub jitter_ms: i64,
}

/// What an active task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// On the run queue, running or waiting for the CPU (R).
    Runnable,
    /// Blocked and not to be interrupted, but not for a disk: a vfork parent, a lock (D).
    Uninterruptible,
    /// The same, waiting for a block device (D): also counted in `procs_blocked` and in PSI io.
    IoWait,
}

impl State {
    /// The states by their names in a scenario.
    pub const NAMES: [(&'static str, State); 4] = [
        ("runnable", State::Runnable),
        ("running", State::Runnable),
        ("uninterruptible", State::Uninterruptible),
        ("iowait", State::IoWait),
    ];

    /// The name a scenario is written with.
    pub fn name(self) -> &'static str {
        match self {
            State::Runnable => "runnable",
            State::Uninterruptible => "uninterruptible",
            State::IoWait => "iowait",
        }
    }
}

impl Task {
    /// One task on CPU 0 that is active from `from_ms` to `until_ms`.
    pub const fn new(state: State, from_ms: i64, until_ms: i64) -> Task {
        Task { cpu: 0, count: 1, state, from_ms, until_ms, every_ms: 0, for_ms: 0, jitter_ms: 0 }
    }

    /// The same on another CPU.
    pub const fn on_cpu(mut self, cpu: i64) -> Task {
        self.cpu = cpu;
        self
    }

    /// So many of them.
    pub const fn times(mut self, count: i64) -> Task {
        self.count = count;
        self
    }

    /// Active only `for_ms` of every `every_ms`.
    pub const fn periodic(mut self, for_ms: i64, every_ms: i64) -> Task {
        self.for_ms = for_ms;
        self.every_ms = every_ms;
        self
    }
}
