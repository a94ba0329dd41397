//! What an exercise makes a machine do: named kinds, fixed and bounded parameters.

mod load;
mod words;

pub use load::{Load, Parameter};

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
    /// Files of what runs, recorded besides those the judge reads. A name in braces stands for
    /// something the workload made and is only known while it runs: `/proc/{task}/status`,
    /// `{cgroup}/memory.stat`. The recording keeps them under these very names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<String>,
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
            range(format!("loads[{i}].tasks"), load.tasks_wanted(16), 1, MAX_TASKS / most.max(1), "");
            for Parameter { name, value, min, max, unit } in load.parameters() {
                if !name.starts_with("tasks") {
                    range(format!("loads[{i}].{name}"), value, min, max, unit);
                }
            }
            if let Load::PeriodicSleeper { on_ms, every_ms, .. } = *load {
                range(format!("loads[{i}].on_ms"), on_ms, 1, every_ms.clamp(1, 60_000), " ms");
            }
        }
        for (i, path) in self.records.iter().enumerate() {
            if problem_of_record(path) {
                problems.push((
                    format!("records[{i}]"),
                    text!(
                        ko: "`{path}`: /proc, /sys 또는 중괄호로 시작하고, 중괄호 안은 소문자여야 합니다",
                        en: "`{path}`: must start with /proc, /sys or a brace, with a name in lower case between braces"
                    ),
                ));
            }
        }
        problems
    }
}

/// Whether a path to be recorded is not one.
fn problem_of_record(path: &str) -> bool {
    let begins = ["/proc/", "/sys/", "{"].iter().any(|start| path.starts_with(start));
    let mut rest = path;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { return true };
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') {
            return true;
        }
        rest = after;
    }
    !begins || rest.contains('}') || path.contains("..") || path.len() > 200
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind with its defaults, one task where a number of them is wanted.
    fn kinds() -> Vec<Load> {
        let of = |kind: &&str| Load::of(kind, |name, default| Some(if name == "tasks" { 1 } else { default }));
        Load::KINDS.iter().filter_map(of).collect()
    }

    fn workload(load: Load) -> Workload {
        Workload { seconds: 10, before_s: 1, after_s: 0, pick: Pick::All, loads: vec![load], records: Vec::new() }
    }

    #[test]
    fn every_kind_is_read_back_fits_its_bounds_and_has_words() {
        assert_eq!(kinds().len(), Load::KINDS.len());
        for load in kinds() {
            let kind = load.kind();
            let json = serde_json::to_string(&load).unwrap();
            assert_eq!(serde_json::from_str::<Load>(&json).unwrap(), load, "{json}");
            assert_eq!(
                Load::of(kind, |name, _| serde_json::from_str::<serde_json::Value>(&json).unwrap()[name]
                    .as_u64()?
                    .try_into()
                    .ok()),
                Some(load)
            );
            assert!(Load::KINDS.contains(&kind) && load.process_name().len() <= 15, "{kind}");
            assert_eq!(workload(load).problems(), [], "{kind}");
            let text = load.text(2);
            assert!(text.ko != text.en && !text.ko.contains('{'), "{text:?}");
            assert!(load.processes(2) >= load.tasks(2) && load.processes(16) <= 2 * MAX_TASKS, "{kind}");
            assert!(load.memory_mib() <= 1024 && load.disk_mib() <= 512, "{kind}");
        }
    }

    #[test]
    fn every_parameter_is_bounded() {
        for load in kinds() {
            for Parameter { name, value, min, max, .. } in load.parameters() {
                assert!((min..=max).contains(&value) || name.starts_with("tasks"), "{} {name}", load.kind());
                let with = |wanted: u32| {
                    let given = |other: &str, default| {
                        Some(match other {
                            _ if other == name => wanted,
                            "tasks" => 1,
                            "every_ms" => 60_000,
                            _ => default,
                        })
                    };
                    workload(Load::of(load.kind(), given).unwrap()).problems().len()
                };
                assert!(with(u32::MAX) > 0, "{} {name}", load.kind());
                assert!(min == 0 || with(min - 1) > 0, "{} {name}", load.kind());
            }
        }
    }

    #[test]
    fn what_is_recorded_besides_is_a_kernel_file() {
        for (path, good) in [
            ("/proc/{task}/status", true),
            ("/proc/sys/fs/dentry-state", true),
            ("{cgroup}/memory.stat", true),
            ("/sys/block/{disk}/stat", true),
            ("/etc/passwd", false),
            ("/proc/{}/status", false),
            ("/proc/{task/status", false),
            ("/proc/task}/status", false),
            ("/proc/{TASK}/status", false),
            ("/proc/../etc/passwd", false),
            ("", false),
        ] {
            let mut workload = workload(Load::Zombies { count: 1 });
            workload.records = vec![path.to_owned()];
            assert_eq!(workload.problems().is_empty(), good, "{path}");
        }
    }
}
