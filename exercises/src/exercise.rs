//! What an exercise is, as its TOML file says it.

use serde::{Deserialize, Serialize};
use sim_core::{Text, text};

#[cfg(feature = "catalogue")]
use crate::Verdict;
use crate::Workload;
use crate::expression::{Asked, Condition, Diagnosed, Made, Part, Reached, Value};

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
            words.push(text!(ko: "프로그램 {tools}", en: "the programs {tools}"));
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

/// The quantity a part of an expression names.
pub(crate) fn name_of(part: Part<'_>) -> Option<&str> {
    let name = match part {
        Part::Value(Value::Name(name)) => name,
        Part::Value(_) => return None,
        Part::Word(name) => name,
    };
    (!name.starts_with('$')).then_some(name)
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
fn require<'a>(value: &'a Value, given: &'a crate::expression::Given, names: &mut Vec<&'a str>, depth: u32) {
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
