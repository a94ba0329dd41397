//! What an exercise makes a machine do: named kinds, fixed and bounded parameters.

use serde::{Deserialize, Serialize};
use sim_core::{Text, text};

/// Most tasks a workload may start, all its loads together.
pub const MAX_TASKS: u32 = 64;
/// Longest a load may last, s.
pub const MAX_SECONDS: u32 = 300;
/// Longest a machine may be watched before and after a load, s.
pub const MAX_WATCH_SECONDS: u32 = 300;

/// A bounded load and how long it is watched. The machine is recorded from `before_s` before the
/// load begins until `after_s` after it has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// How long the load lasts, s: 1 to 300.
    pub seconds: u32,
    /// How long the machine is recorded before the load begins, s.
    #[serde(default = "before_s")]
    pub before_s: u32,
    /// How long the machine is recorded after the load has ended, s.
    #[serde(default)]
    pub after_s: u32,
    /// Which of the loads run.
    #[serde(default)]
    pub pick: Pick,
    /// What runs.
    pub loads: Vec<Load>,
}

/// Long enough to see the sampling clock strike once.
fn before_s() -> u32 {
    6
}

/// Which of a workload's loads run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Pick {
    /// All of them at once.
    #[default]
    All,
    /// One, chosen at random and not told to the reader: what ran is only in the recording
    /// ([`crate::Ran::picked`]).
    OneInSecret,
}

/// Some equal tasks. The number started is `tasks` plus `tasks_per_cpu` for each online CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Load {
    /// Each spins without a pause: always on a run queue (state R).
    BusyLoops {
        /// How many.
        #[serde(default)]
        tasks: u32,
        /// How many more for each online CPU.
        #[serde(default)]
        tasks_per_cpu: u32,
    },
    /// Each waits in `vfork` for a child that sleeps: state D without a disk and without CPU time.
    VforkParents {
        /// How many.
        #[serde(default)]
        tasks: u32,
        /// How many more for each online CPU.
        #[serde(default)]
        tasks_per_cpu: u32,
    },
    /// Each spins for `on_ms` of every `every_ms` and sleeps otherwise.
    PeriodicSleeper {
        /// How many.
        #[serde(default)]
        tasks: u32,
        /// How many more for each online CPU.
        #[serde(default)]
        tasks_per_cpu: u32,
        /// How long it spins, ms.
        on_ms: u32,
        /// How often, ms.
        every_ms: u32,
    },
}

impl Load {
    /// The name of its kind, as in a file.
    pub fn kind(self) -> &'static str {
        match self {
            Load::BusyLoops { .. } => "busy-loops",
            Load::VforkParents { .. } => "vfork-parents",
            Load::PeriodicSleeper { .. } => "periodic-sleeper",
        }
    }

    /// How many tasks it starts on a machine with so many online CPUs, at most [`MAX_TASKS`].
    pub fn tasks(self, cpus: u32) -> u32 {
        self.planned(cpus).min(MAX_TASKS)
    }

    /// The same without the limit.
    fn planned(self, cpus: u32) -> u32 {
        let (Load::BusyLoops { tasks, tasks_per_cpu }
        | Load::VforkParents { tasks, tasks_per_cpu }
        | Load::PeriodicSleeper { tasks, tasks_per_cpu, .. }) = self;
        tasks.saturating_add(tasks_per_cpu.saturating_mul(cpus))
    }

    /// What it does, for a reader, on a machine with so many online CPUs.
    pub fn text(self, cpus: u32) -> Text {
        let n = self.tasks(cpus);
        let s = if n == 1 { "" } else { "s" };
        match self {
            Load::BusyLoops { .. } => text!(ko: "쉬지 않고 도는 태스크 {n}개", en: "{n} busy loop{s}"),
            Load::VforkParents { .. } => text!(
                ko: "vfork로 자식을 기다리는 태스크 {n}개(중단 불가 대기, D)",
                en: "{n} task{s} waiting in vfork (uninterruptible sleep, D)"
            ),
            Load::PeriodicSleeper { on_ms, every_ms, .. } => text!(
                ko: "{every_ms} ms마다 {on_ms} ms씩 도는 태스크 {n}개",
                en: "{n} task{s} busy for {on_ms} ms of every {every_ms} ms"
            ),
        }
    }
}

impl Workload {
    /// Length of the whole recording, s.
    pub fn total_s(&self) -> u32 {
        self.before_s.saturating_add(self.seconds).saturating_add(self.after_s)
    }

    /// Everything that is out of bounds: the field and what it may hold. Empty when it may run.
    pub fn problems(&self) -> Vec<(String, Text)> {
        let mut problems = Vec::new();
        let mut range = |field: String, value: u32, min: u32, max: u32, unit: &str| {
            if !(min..=max).contains(&value) {
                problems.push((
                    field,
                    text!(
                        ko: "값 {value}{unit}: 허용 범위는 {min}~{max}{unit}입니다",
                        en: "{value}{unit} is out of range; allowed {min} to {max}{unit}"
                    ),
                ));
            }
        };
        range("seconds".into(), self.seconds, 1, MAX_SECONDS, " s");
        range("before_s".into(), self.before_s, 0, MAX_WATCH_SECONDS, " s");
        range("after_s".into(), self.after_s, 0, MAX_WATCH_SECONDS, " s");
        let most = self.loads.len() as u32;
        range("loads".into(), most, if self.pick == Pick::OneInSecret { 2 } else { 1 }, 4, "");
        for (i, load) in self.loads.iter().enumerate() {
            // Asked about 16 CPUs: the figure a classroom machine is likely to stay below.
            range(format!("loads[{i}].tasks"), load.planned(16), 1, MAX_TASKS / most.max(1), "");
            if let Load::PeriodicSleeper { on_ms, every_ms, .. } = *load {
                range(format!("loads[{i}].every_ms"), every_ms, 10, 60_000, " ms");
                range(format!("loads[{i}].on_ms"), on_ms, 1, every_ms.max(1), " ms");
            }
        }
        problems
    }
}
