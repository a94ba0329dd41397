//! What an exercise is, as its TOML file says it.

use serde::{Deserialize, Serialize};
use sim_core::Text;

#[cfg(feature = "catalogue")]
use crate::Verdict;
use crate::Workload;

/// Version of the format of exercise files.
pub const FORMAT_VERSION: u32 = 1;

/// One exercise. Texts are plain: paragraphs are separated by an empty line, commands and file
/// names stand in backticks, nothing else is marked up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The permanent name, `chapter/slug`: folder and file name without its ending.
    pub id: String,
    /// Place in the chapter, from 1.
    pub order: u32,
    /// What the reader does.
    pub kind: Kind,
    /// What the machine must have.
    #[serde(default)]
    pub needs: Needs,
    /// A few words.
    #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
    pub title: Text,
    /// The situation, in a few sentences.
    #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
    pub story: Text,
    /// What is asked.
    #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
    pub question: Text,
    /// Commands to look with, in the order a reader would type them.
    #[serde(default)]
    pub commands: Vec<Command>,
    /// From vague to plain; the last all but says it.
    #[cfg_attr(feature = "catalogue", schemars(with = "Vec<crate::catalogue::Words>"))]
    pub hints: Vec<Text>,
    /// Shown after success: the arithmetic, and what to take along.
    #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
    pub explanation: Text,
    /// The run of a model that shows the same.
    pub scenario: Scenario,
    /// What the reader commits to.
    pub prediction: Prediction,
    /// What the machine is made to do; nothing when it is only looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workload: Option<Workload>,
    /// What is judged.
    pub check: Check,
    /// Machines and answers with the verdict they must get. A page does without.
    #[cfg(feature = "catalogue")]
    #[serde(default, skip_serializing)]
    pub fixtures: Vec<Fixture>,
}

impl Exercise {
    /// The first part of the id: `ch03-load-average`.
    pub fn chapter(&self) -> &str {
        self.id.split_once('/').map_or("", |(chapter, _)| chapter)
    }

    /// The second part of the id: `load-after-a-minute`.
    pub fn slug(&self) -> &str {
        self.id.split_once('/').map_or(&self.id, |(_, slug)| slug)
    }

    /// Every file the judge reads: what a recording of this exercise must hold.
    pub fn reads(&self) -> Vec<&str> {
        let mut reads: Vec<_> = self.needs.files.iter().map(String::as_str).collect();
        for path in self.check.reads() {
            if !reads.contains(path) {
                reads.push(path);
            }
        }
        reads
    }
}

/// What the reader does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Finds a fact on the machine.
    Observe,
    /// Commits to a figure before simulator and machine give theirs.
    Predict,
    /// Brings the machine into a state.
    Act,
    /// Says what is wrong with a machine.
    Diagnose,
}

impl Kind {
    /// What a reader calls it.
    pub fn text(self) -> Text {
        match self {
            Kind::Observe => Text::fixed("관찰", "observe"),
            Kind::Predict => Text::fixed("예측", "predict"),
            Kind::Act => Text::fixed("실행", "act"),
            Kind::Diagnose => Text::fixed("진단", "diagnose"),
        }
    }
}

/// What a machine must have for an exercise to be checked on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Needs {
    /// Oldest kernel, `4.20`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// Files that must be readable.
    #[serde(default)]
    pub files: Vec<String>,
    /// Whether the reader must be root.
    #[serde(default)]
    pub root: bool,
    /// What it means when something is missing: said after what is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "catalogue", schemars(with = "Option<crate::catalogue::Words>"))]
    pub otherwise: Option<Text>,
}

/// A command to look with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// What is typed.
    pub run: String,
    /// What it shows.
    #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
    pub shows: Text,
}

/// A run of a model of sim-core: a preset, or a token where no preset fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name of the model.
    pub model: String,
    /// Name of one of its presets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// A scenario token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// What the reader commits to, as a text: `0.63`, or the id of a choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Prediction {
    /// A number.
    Number {
        /// What is asked for, as a label of the field.
        #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
        label: Text,
        /// Its unit; empty for a plain number.
        #[serde(default)]
        #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
        unit: Text,
        /// Smallest number that is accepted.
        min: f64,
        /// Largest number that is accepted.
        max: f64,
        /// What a control moves by.
        step: f64,
        /// How far off it may be and still be right.
        tolerance: f64,
    },
    /// One of a few.
    Choice {
        /// What is asked for, as a label of the field.
        #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
        label: Text,
        /// The choices.
        options: Vec<Choice>,
    },
}

/// One of a few answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is typed and stored.
    pub id: String,
    /// What is shown.
    #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
    pub text: Text,
}

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
        }
    }
}

/// A machine and an answer with the verdict they must get. Every exercise has one named
/// `untouched` that fails, one named `solved` that passes and one named `cannot-check`.
#[cfg(feature = "catalogue")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// Its name, unique in the file.
    pub name: String,
    /// The verdict it must get.
    pub verdict: Verdict,
    /// Words the reason must contain, in each language.
    #[serde(default)]
    #[cfg_attr(feature = "catalogue", schemars(with = "Option<crate::catalogue::Words>"))]
    pub says: Option<Text>,
    /// What the reader committed to.
    #[serde(default)]
    pub prediction: Option<String>,
    /// The machine now.
    pub machine: FixtureMachine,
    /// What was recorded of the workload.
    #[serde(default)]
    pub run: Option<FixtureMachine>,
}

/// Where a fixture's machine comes from.
#[cfg(feature = "catalogue")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum FixtureMachine {
    /// A recording, as a path from the chapter's folder.
    Recording(String),
    /// A simulated machine, running the exercise's workload if it is a run.
    Simulated(crate::Host),
    /// Files, word for word.
    Files(std::collections::BTreeMap<String, String>),
}
