//! What an exercise is, as its TOML file says it.

use serde::{Deserialize, Serialize};
use sim_core::{Text, text};

#[cfg(feature = "catalogue")]
use crate::Verdict;
use crate::Workload;
use crate::check::{Check, name_of};
use crate::expression::Condition;

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
    /// The run of a model that shows the same; nothing where no model does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<Scenario>,
    /// The recorded machine on which it can be done where the reader's own does not fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<StandIn>,
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

    /// Every file the judge reads: what a recording of this exercise must hold. `*` in a path stands
    /// for any name ([`crate::expand`]).
    pub fn reads(&self) -> Vec<String> {
        let mut reads: Vec<String> = self.needs.files.clone();
        let mut add = |path: String| {
            // What a name in braces stands for is only known while the workload runs, which records it.
            if !path.contains('{') && !reads.contains(&path) {
                reads.push(path);
            }
        };
        self.check.reads().iter().for_each(|path| add((*path).to_owned()));
        let needs = self.needs.quantities();
        for name in self.check.quantities().into_iter().chain(needs) {
            crate::quantity::paths(name).unwrap_or_default().into_iter().for_each(&mut add);
        }
        // Memory is converted by the size of a page, and kernels are told apart.
        if self.check.generic() {
            add("@page_size".to_owned());
        }
        if self.needs.kernel.is_some() || self.needs.kernel_before.is_some() {
            add("/proc/sys/kernel/osrelease".to_owned());
        }
        if self.needs.root {
            add("/proc/self/status".to_owned());
        }
        reads
    }

    /// Whether checking compares with how the machine was before, which the first check notes.
    pub fn wants_baseline(&self) -> bool {
        self.workload.is_none() && matches!(&self.check, Check::Act(reached) if reached.baseline)
    }
}

/// A recorded machine in place of the reader's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct StandIn {
    /// Its name, of those in `machines/`.
    pub name: String,
    /// What the exercise reads of it. Filled in for a page, which cannot carry whole machines; in a
    /// file only what is to differ from the recorded machine.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub files: std::collections::BTreeMap<String, String>,
}

impl StandIn {
    /// The machine a page carries, at rest.
    pub fn recording(&self) -> crate::Recording {
        let files = self.files.iter().map(|(path, text)| (path.clone(), crate::Content::Text(text.clone())));
        let mut recording = crate::Recording::new(crate::Source::Recorded, crate::Facts::default());
        recording.frames.push(crate::Frame { t_ns: 0, avenrun: None, files: files.collect() });
        recording
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Needs {
    /// Oldest kernel, `4.20`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// First kernel that is too new, `4.12`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel_before: Option<String>,
    /// Files that must be readable.
    #[serde(default)]
    pub files: Vec<String>,
    /// Whether the reader must be root.
    #[serde(default)]
    pub root: bool,
    /// How many NUMA nodes there must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<u32>,
    /// Whether it cannot be shown inside a container.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outside_container: bool,
    /// Whether there must be a rotating disk.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rotating_disk: bool,
    /// Programs that must be installed on a live machine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// Anything else that must hold, in terms of quantities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub that: Vec<NeedThat>,
    /// What it means when something is missing: said after what is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "catalogue", schemars(with = "Option<crate::catalogue::Words>"))]
    pub otherwise: Option<Text>,
}

/// Something that must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NeedThat {
    /// What.
    pub holds: Condition,
    /// What is lacking where it does not, as a sentence.
    #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
    pub says: Text,
}

impl Needs {
    /// What it asks for besides files, each in a few words.
    pub fn words(&self) -> Vec<Text> {
        let mut words = Vec::new();
        if let Some(kernel) = &self.kernel {
            words.push(text!(ko: "리눅스 {kernel} 이상", en: "Linux {kernel} or newer"));
        }
        if let Some(kernel) = &self.kernel_before {
            words.push(text!(ko: "리눅스 {kernel}보다 오래된 커널", en: "a Linux kernel before {kernel}"));
        }
        if self.root {
            words.push(Text::fixed("root 권한", "root"));
        }
        if let Some(nodes) = self.nodes {
            words.push(text!(ko: "NUMA 노드 {nodes}개 이상", en: "{nodes} NUMA nodes or more"));
        }
        if self.outside_container {
            words.push(Text::fixed("컨테이너가 아닌 곳", "a machine that is no container"));
        }
        if self.rotating_disk {
            words.push(Text::fixed("회전하는 디스크", "a rotating disk"));
        }
        if !self.tools.is_empty() {
            let tools = self.tools.iter().map(|tool| format!("`{tool}`")).collect::<Vec<_>>().join(", ");
            let s = if self.tools.len() == 1 { "" } else { "s" };
            words.push(text!(ko: "프로그램 {tools}", en: "the program{s} {tools}"));
        }
        words
    }

    /// Names of the quantities it asks for.
    pub fn quantities(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for that in &self.that {
            that.holds.visit(&mut |part| names.extend(name_of(part)));
        }
        if self.nodes.is_some() {
            names.push("numa.nodes");
        }
        if self.rotating_disk {
            names.push("disk[rotating].name");
        }
        if self.outside_container {
            names.push("host.container");
        }
        names
    }
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
    /// A word or a line, as the machine has it: `virtio_net`. Letter case and spaces around do not
    /// matter.
    Word {
        /// What is asked for, as a label of the field.
        #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
        label: Text,
        /// What an answer looks like, on no machine the right one: shown in the field.
        #[serde(default)]
        example: String,
    },
    /// Nothing: something is to be done.
    Nothing {
        /// What is to be reached, as a label.
        #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
        label: Text,
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
    /// A machine of `machines/`, with some files changed.
    Named(crate::StandIn),
}
