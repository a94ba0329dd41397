//! What is judged of an exercise, and what that asks a machine for.

use serde::{Deserialize, Serialize};

use crate::expression::{Asked, Condition, Diagnosed, Given, Made, Part, Reached, Value};

/// What is judged. Each rule is a file of the judge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(tag = "rule", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Check {
    /// The 1-minute average at the end of the workload.
    LoadAtEnd {
        /// The CPUs must have been busy for no more than this share of the time, %.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        busy_at_most_pct: Option<f64>,
    },
    /// Seconds from the end of the workload until the 1-minute average is below a share of what
    /// it was then.
    TimeToFall {
        /// The share, %.
        to_pct: f64,
    },
    /// One of the averages divided by the online CPUs, now.
    LoadPerCpu {
        /// Which average: 1, 5 or 15 minutes.
        minutes: u32,
    },
    /// What `procs_running` and `procs_blocked` were while the workload ran.
    RunningAndBlocked {
        /// What each choice says they are.
        answers: Vec<RunningBlocked>,
    },
    /// Which of the workload's loads ran in secret.
    WhichLoad {
        /// The choice that names each load, in the order of the loads.
        answers: Vec<String>,
    },
    /// The number of running tasks in `/proc/loadavg` while the workload ran.
    RunningField,
    /// `some avg10` of `/proc/pressure/cpu` at the end of the workload.
    CpuPressure,
    /// Any quantity of the machine as it is: a number, a word or one of a few.
    Observe(Box<Asked>),
    /// Any quantity while a workload runs or a model does, against prediction and simulator.
    Predict(Box<Asked>),
    /// A state the reader brings the machine into.
    Act(Box<Reached>),
    /// Which of the workload's loads ran in secret, told by any quantity.
    Diagnose(Box<Diagnosed>),
}

/// What a choice says about tasks that run and tasks that wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RunningBlocked {
    /// Id of the choice.
    pub choice: String,
    /// Tasks on the run queues, without the reader of the file.
    pub running: u32,
    /// Tasks that wait for a block device.
    pub blocked: u32,
}

impl Check {
    /// The files it reads.
    pub fn reads(&self) -> &'static [&'static str] {
        match self {
            Check::LoadAtEnd { .. } | Check::TimeToFall { .. } | Check::WhichLoad { .. } => {
                &["/proc/loadavg", "/proc/stat"]
            }
            Check::LoadPerCpu { .. } => &["/proc/loadavg", "/sys/devices/system/cpu/online"],
            Check::RunningAndBlocked { .. } => &["/proc/stat"],
            Check::RunningField => &["/proc/loadavg"],
            Check::CpuPressure => &["/proc/pressure/cpu", "/proc/stat"],
            Check::Observe(_) | Check::Predict(_) | Check::Act(_) | Check::Diagnose(_) => &[],
        }
    }

    /// Whether it is one of the rules that work on any quantity.
    pub fn generic(&self) -> bool {
        matches!(self, Check::Observe(_) | Check::Predict(_) | Check::Act(_) | Check::Diagnose(_))
    }

    /// Visits every part of its expressions.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(Part<'a>)) {
        match self {
            Check::Observe(asked) | Check::Predict(asked) => asked.visit(see),
            Check::Act(reached) => reached.visit(see),
            Check::Diagnose(diagnosed) => diagnosed.visit(see),
            _ => {}
        }
    }

    /// Names of all quantities it may ask for.
    pub fn quantities(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        self.visit(&mut |part| names.extend(name_of(part).filter(|name| !names.contains(name))));
        names
    }

    /// Names of the quantities without which there is nothing to judge: those of what is asked for,
    /// less what a condition looks whether it is there, and what need not be there from the start.
    pub fn required(&self) -> Vec<&str> {
        let (Check::Observe(asked) | Check::Predict(asked)) = self else { return Vec::new() };
        let mut names = Vec::new();
        let simulated =
            asked.simulated.iter().flat_map(|simulated| simulated.value.iter().chain(simulated.set.values()));
        for value in asked.value.iter().chain(simulated) {
            require(value, &asked.given, &mut names, 0);
        }
        // A choice is decided by conditions; the first of them says what it takes.
        if let Some(right) = asked.answers.first() {
            right.when.visit(&mut |part| names.extend(name_of(part)));
            right.when.visit(&mut |part| {
                if let Part::Value(value) = part {
                    require(value, &asked.given, &mut names, 0)
                }
            });
            let mut tried = Vec::new();
            asked.answers.iter().for_each(|right| tried_in(&right.when, &mut tried));
            names.retain(|name| !tried.contains(name) && !name.contains('{') && !name.starts_with("reported."));
        }
        names
    }
}

/// The quantities a value cannot do without.
fn require<'a>(value: &'a Value, given: &'a Given, names: &mut Vec<&'a str>, depth: u32) {
    value.visit(&mut |part| {
        let Part::Value(Value::Name(name)) = part else { return };
        match name.strip_prefix('$') {
            // What a workload makes and measures is there while it runs.
            None if name.contains('{') || name.starts_with("reported.") => {}
            None => names.push(name),
            Some(name) if depth < 8 => {
                if let Some(value) = given.get(name) {
                    require(value, given, names, depth + 1);
                }
            }
            Some(_) => {}
        }
    });
    // What is looked for over time may come and go.
    let mut over_time = Vec::new();
    value.visit(&mut |part| {
        if let Part::Value(Value::Made(made)) = part
            && let Made::Peak(inner) | Made::Lowest(inner) | Made::Typical(inner) = &**made
        {
            inner.visit(&mut |part| over_time.extend(name_of(part)));
        }
    });
    names.retain(|name| !over_time.contains(name));
}

/// The quantities of which a condition asks whether they are there.
fn tried_in<'a>(condition: &'a Condition, names: &mut Vec<&'a str>) {
    match condition {
        Condition::Present(name) => names.push(name),
        Condition::All(all) | Condition::Any(all) | Condition::None(all) => {
            all.iter().for_each(|condition| tried_in(condition, names));
        }
        _ => {}
    }
}

/// The quantity a part of an expression names.
pub(crate) fn name_of(part: Part<'_>) -> Option<&str> {
    let name = match part {
        Part::Value(Value::Name(name)) => name,
        Part::Value(_) => return None,
        Part::Word(name) => name,
    };
    (!name.starts_with('$')).then_some(name)
}
