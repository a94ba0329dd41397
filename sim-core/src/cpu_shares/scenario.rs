//! What a run starts from.

use serde::{Deserialize, Serialize};

use crate::KernelVersion;

/// Tasks that compete for CPUs, each pinned to one.
///
/// Scalars are `i64` because controls and refusals handle them alike; [`crate::Valid`] says they
/// are in range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Kernel whose rules apply.
    pub kernel: KernelVersion,
    /// Online CPUs.
    pub cpus: i64,
    /// Ticks a second (`CONFIG_HZ`).
    pub hz: i64,
    /// Length of the run, ms.
    pub duration_ms: i64,
    /// 1 when each session of tasks outside cgroups is a group (`kernel.sched_autogroup_enabled`).
    pub sched_autogroup_enabled: i64,
    /// EEVDF: what a task asks for at once, ns; 0 for the kernel's own.
    pub base_slice_ns: i64,
    /// Until 6.11: what real-time tasks may use of each second, µs; -1 for all of it.
    pub sched_rt_runtime_us: i64,
    /// Seed of the jitter.
    pub seed: i64,
    /// The cgroups.
    pub groups: Vec<Group>,
    /// The tasks; in pictures and metrics they are A, B, C and so on.
    pub tasks: Vec<Task>,
}

/// A cgroup below the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// `cpu.weight`: 100 is the weight of a nice 0 task.
    pub cpu_weight: i64,
    /// First figure of `cpu.max`, µs: CPU time in each period; 0 for `max`.
    pub quota_us: i64,
    /// Second figure of `cpu.max`, µs.
    pub period_us: i64,
}

/// One task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The CPU it is pinned to.
    pub cpu: i64,
    /// Its nice value; real-time tasks ignore it.
    pub nice: i64,
    /// Its scheduling policy.
    pub policy: Class,
    /// Its real-time priority, 1 to 99; 0 for the other policies.
    pub rt_priority: i64,
    /// Index of its cgroup; -1 for the root.
    pub group: i64,
    /// Its session, for the autogroup.
    pub session: i64,
    /// When it is forked, ms.
    pub from_ms: i64,
    /// When it is killed, ms.
    pub until_ms: i64,
    /// CPU time after which it exits, ms; 0 for never.
    pub cpu_ms: i64,
    /// CPU time between two sleeps, µs; 0 for a task that never sleeps.
    pub run_us: i64,
    /// Length of a sleep, µs.
    pub sleep_us: i64,
    /// Each sleep is up to this much longer, µs, at random.
    pub jitter_us: i64,
}

/// A scheduling policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Class {
    /// `SCHED_OTHER`.
    Normal,
    /// `SCHED_BATCH`: never preempts when it wakes.
    Batch,
    /// `SCHED_IDLE`: weight 3.
    Idle,
    /// `SCHED_FIFO`: runs until it sleeps or a higher priority comes.
    Fifo,
    /// `SCHED_RR`: as FIFO, in turns of 100 ms among equals.
    Rr,
}

impl Class {
    /// The policies by their names in a scenario.
    pub const NAMES: [(&'static str, Class); 5] = [
        ("normal", Class::Normal),
        ("batch", Class::Batch),
        ("idle", Class::Idle),
        ("fifo", Class::Fifo),
        ("rr", Class::Rr),
    ];

    /// The name a scenario is written with.
    pub fn name(self) -> &'static str {
        let named = Class::NAMES.iter().find(|(_, class)| *class == self);
        named.map_or("normal", |(name, _)| name)
    }

    /// Whether it comes before the fair class.
    pub fn realtime(self) -> bool {
        matches!(self, Class::Fifo | Class::Rr)
    }

    /// Field 41 of `/proc/PID/stat`.
    pub fn number(self) -> u32 {
        match self {
            Class::Normal => 0,
            Class::Fifo => 1,
            Class::Rr => 2,
            Class::Batch => 3,
            Class::Idle => 5,
        }
    }
}

impl Task {
    /// An endless loop on CPU 0, until `until_ms`.
    pub const fn new(nice: i64, until_ms: i64) -> Task {
        Task {
            cpu: 0,
            nice,
            policy: Class::Normal,
            rt_priority: 0,
            group: -1,
            session: 0,
            from_ms: 0,
            until_ms,
            cpu_ms: 0,
            run_us: 0,
            sleep_us: 0,
            jitter_us: 0,
        }
    }

    /// The same on another CPU.
    pub const fn on_cpu(mut self, cpu: i64) -> Task {
        self.cpu = cpu;
        self
    }

    /// One that runs for `run_us` and sleeps for `sleep_us`, again and again.
    pub const fn sleeping(mut self, run_us: i64, sleep_us: i64, jitter_us: i64) -> Task {
        self.run_us = run_us;
        self.sleep_us = sleep_us;
        self.jitter_us = jitter_us;
        self
    }

    /// The same in a cgroup.
    pub const fn in_group(mut self, group: i64) -> Task {
        self.group = group;
        self
    }

    /// The same in another session.
    pub const fn in_session(mut self, session: i64) -> Task {
        self.session = session;
        self
    }

    /// One that is done after so much CPU time.
    pub const fn working(mut self, cpu_ms: i64) -> Task {
        self.cpu_ms = cpu_ms;
        self
    }

    /// The same, forked later.
    pub const fn from(mut self, from_ms: i64) -> Task {
        self.from_ms = from_ms;
        self
    }

    /// The same under a real-time policy.
    pub const fn realtime(mut self, policy: Class, rt_priority: i64) -> Task {
        self.policy = policy;
        self.rt_priority = rt_priority;
        self
    }
}

/// The letter of a task, by its index.
pub fn letter(task: usize) -> char {
    char::from(b'A' + (task % 26) as u8)
}
