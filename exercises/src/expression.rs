//! What an exercise file says about quantities: values that are computed from them, and conditions
//! over these. Data only; [`crate::judge()`] evaluates it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sim_core::Text;

/// A value: a number, the name of a quantity (`meminfo.MemFree`) or of a value of `given` (`$gap`), or
/// something made of others (`{ difference = ["meminfo.MemTotal", "meminfo.MemFree"] }`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(
    untagged,
    expecting = "must be a number, the name of a quantity, \"$name\" of check.given, or one table such as { sum = [\"…\", \"…\"] }; see the list of values in CONTRIBUTING"
)]
pub enum Value {
    /// A plain number.
    Number(f64),
    /// A quantity, or with `$` a value of `given`.
    Name(String),
    /// Something made of others.
    Made(Box<Made>),
}

/// A value made of others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Made {
    /// All of them added up. They must be of one unit.
    Sum(Vec<Value>),
    /// The first less the others. They must be of one unit.
    Difference(Vec<Value>),
    /// All of them multiplied.
    Product(Vec<Value>),
    /// The first divided by the second.
    Quotient([Value; 2]),
    /// The first as percent of the second.
    Percent([Value; 2]),
    /// The smallest.
    Smallest(Vec<Value>),
    /// The largest.
    Largest(Vec<Value>),
    /// The whole number below.
    Whole(Value),
    /// Without its sign.
    Size(Value),
    /// An amount of memory in bytes.
    Bytes(Value),
    /// An amount of memory in KiB.
    Kb(Value),
    /// An amount of memory in MiB.
    Mib(Value),
    /// An amount of memory in pages.
    Pages(Value),
    /// A time in seconds.
    Seconds(Value),
    /// As it was before: when the workload began, or when the baseline was taken.
    Start(Value),
    /// As it was when the workload ended.
    End(Value),
    /// As it was when recording ended, some time after the workload.
    After(Value),
    /// What it grew by from before to the end of the workload (or to now, with a baseline).
    Delta(Value),
    /// What it grew by from before to the end of the recording.
    DeltaAfter(Value),
    /// What it grew by in a second while the workload ran.
    Rate(Value),
    /// The largest it was while the workload ran.
    Peak(Value),
    /// The smallest it was while the workload ran.
    Lowest(Value),
    /// The middle one of what it was while the workload ran.
    Typical(Value),
    /// Seconds from the beginning of the workload until a condition held.
    SecondsUntil(Condition),
    /// Seconds from the end of the workload until a condition held.
    SecondsAfterUntil(Condition),
    /// 1 where a condition holds, 0 where it does not: a sum of these counts.
    One(Condition),
}

/// Something that holds or does not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// The first is the second or more.
    AtLeast([Value; 2]),
    /// The first is the second or less.
    AtMost([Value; 2]),
    /// The first is more than the second.
    More([Value; 2]),
    /// The first is less than the second.
    Less([Value; 2]),
    /// Both are the same number.
    Equal([Value; 2]),
    /// The first is no further from the second than the third.
    Near([Value; 3]),
    /// A quantity is this word, or has it among its words: `["kernel.arch", "x86_64"]`.
    Word([String; 2]),
    /// A quantity begins with these letters.
    Begins([String; 2]),
    /// A quantity can be read at all. Where a file may not be read, this cannot be known either.
    Present(String),
    /// All of them hold.
    All(Vec<Condition>),
    /// One of them holds.
    Any(Vec<Condition>),
    /// None of them holds.
    None(Vec<Condition>),
}

/// Values by name: what `$name` stands for, in values and, as `{name}`, in texts.
pub type Given = BTreeMap<String, Value>;

/// What a choice says, and when it is the right one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Right {
    /// Id of the choice.
    pub choice: String,
    /// When it is right. Of several that are the first counts.
    pub when: Condition,
}

/// A wrong answer that deserves a word of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    /// The number or word it looks like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The choice it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<String>,
    /// What to say about it. `{name}` is a value of `given`.
    #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
    pub says: Text,
}

/// When no verdict is possible.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Unclear {
    /// When.
    pub when: Condition,
    /// Why, and what to do. `{name}` is a value of `given`.
    #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
    pub says: Text,
}

/// A figure that is shown beside what was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// What it is called; left out, the quantity's own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "catalogue", schemars(with = "Option<crate::catalogue::Words>"))]
    pub label: Option<Text>,
    /// The figure.
    pub value: Value,
}

/// What the simulator says. One of `value`, `metric` and `quantity`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Modelled {
    /// The kernel's own formula, from the machine's own figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// A metric of the run of the exercise's `scenario`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// A value read from the kernel files of that run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Value>,
    /// When in that run, s; left out, at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_s: Option<f64>,
    /// Fields of the scenario that are set from the machine's own figures, rounded to whole numbers; one
    /// within a list by its path, `legs[0].per_s`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Value>,
    /// What the simulator's figure is multiplied by, to be in the unit that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<f64>,
}

/// A question about quantities: of the machine as it is (`observe`), or of what becomes of them while a
/// workload runs or a model does (`predict`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    /// Values by name.
    #[serde(skip_serializing_if = "Given::is_empty")]
    pub given: Given,
    /// What is asked for, where a number or a word is. In the unit of the prediction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// When each choice is right, where a choice is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Right>,
    /// How far off the answer may be, in percent of the value, where that is more than the prediction's
    /// tolerance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance_pct: Option<f64>,
    /// What the simulator says; only of what is predicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulated: Option<Modelled>,
    /// How far other work may have moved the figure. What it moved by before the workload began is
    /// always taken in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<Value>,
    /// When no verdict is possible.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unclear: Vec<Unclear>,
    /// Wrong answers that deserve a word.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<Mistake>,
    /// Figures that are shown beside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<Shown>,
    /// What is said whatever the verdict, once there is an answer: the arithmetic. `{name}` is a value of
    /// `given`; a text of which one has no value is left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "catalogue", schemars(with = "Vec<crate::catalogue::Words>"))]
    pub details: Vec<Text>,
}

/// A state the reader brings the machine into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reached {
    /// Values by name.
    #[serde(default, skip_serializing_if = "Given::is_empty")]
    pub given: Given,
    /// What must hold: now, or of the recording where a workload runs.
    pub done: Condition,
    /// What to say while it does not. `{name}` is a value of `given`.
    #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
    pub not_yet: Text,
    /// Whether `done` compares with how the machine was before (`start`, `delta`): then the first check
    /// only notes how it is.
    #[serde(default)]
    pub baseline: bool,
    /// When no verdict is possible.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unclear: Vec<Unclear>,
    /// Figures that are shown beside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<Shown>,
    /// What is said when it is reached. `{name}` is a value of `given`; a text of which one has no value is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "catalogue", schemars(with = "Vec<crate::catalogue::Words>"))]
    pub details: Vec<Text>,
}

/// Which of the workload's loads ran in secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Diagnosed {
    /// Values by name.
    #[serde(default, skip_serializing_if = "Given::is_empty")]
    pub given: Given,
    /// For each load, in their order, the choice that names it.
    pub answers: Vec<Suspect>,
    /// Figures that are shown beside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<Shown>,
    /// What is said whatever the verdict. `{name}` is a value of `given`; a text of which one has no value is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "catalogue", schemars(with = "Vec<crate::catalogue::Words>"))]
    pub details: Vec<Text>,
}

/// A load that may have run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Suspect {
    /// Id of the choice.
    pub choice: String,
    /// What the recording shows when this one ran. Where it does not show it, a wrong diagnosis is not
    /// held against the reader.
    pub shows_as: Condition,
    /// What gives it away. `{name}` is a value of `given`.
    #[cfg_attr(feature = "catalogue", schemars(with = "crate::catalogue::Words"))]
    pub says: Text,
}

/// A place in an exercise's values and conditions.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// A value.
    Value(&'a Value),
    /// The name of a quantity of which words are wanted.
    Word(&'a str),
}

impl Value {
    /// Visits this value and everything in it.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(Part<'a>)) {
        see(Part::Value(self));
        let Value::Made(made) = self else { return };
        match &**made {
            Made::Sum(all) | Made::Difference(all) | Made::Product(all) | Made::Smallest(all) | Made::Largest(all) => {
                all.iter().for_each(|value| value.visit(see));
            }
            Made::Quotient(two) | Made::Percent(two) => two.iter().for_each(|value| value.visit(see)),
            Made::Whole(value)
            | Made::Size(value)
            | Made::Bytes(value)
            | Made::Kb(value)
            | Made::Mib(value)
            | Made::Pages(value)
            | Made::Seconds(value)
            | Made::Start(value)
            | Made::End(value)
            | Made::After(value)
            | Made::Delta(value)
            | Made::DeltaAfter(value)
            | Made::Rate(value)
            | Made::Peak(value)
            | Made::Lowest(value)
            | Made::Typical(value) => value.visit(see),
            Made::SecondsUntil(condition) | Made::SecondsAfterUntil(condition) | Made::One(condition) => {
                condition.visit(see);
            }
        }
    }

    /// Whether something in it compares moments.
    pub fn needs_time(&self) -> bool {
        let mut needs = false;
        self.visit(&mut |part| {
            if let Part::Value(Value::Made(made)) = part {
                needs |= made.of_time();
            }
        });
        needs
    }
}

impl Made {
    /// Whether it looks at another moment than the one it is asked for.
    pub fn of_time(&self) -> bool {
        matches!(
            self,
            Made::Start(_)
                | Made::End(_)
                | Made::After(_)
                | Made::Delta(_)
                | Made::DeltaAfter(_)
                | Made::Rate(_)
                | Made::Peak(_)
                | Made::Lowest(_)
                | Made::Typical(_)
                | Made::SecondsUntil(_)
                | Made::SecondsAfterUntil(_)
        )
    }
}

impl Condition {
    /// Visits everything in it.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(Part<'a>)) {
        match self {
            Condition::AtLeast(two)
            | Condition::AtMost(two)
            | Condition::More(two)
            | Condition::Less(two)
            | Condition::Equal(two) => two.iter().for_each(|value| value.visit(see)),
            Condition::Near(three) => three.iter().for_each(|value| value.visit(see)),
            Condition::Word([name, _]) | Condition::Begins([name, _]) | Condition::Present(name) => {
                see(Part::Word(name));
            }
            Condition::All(all) | Condition::Any(all) | Condition::None(all) => {
                all.iter().for_each(|condition| condition.visit(see));
            }
        }
    }
}

impl Asked {
    /// Visits every value and condition.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(Part<'a>)) {
        self.given.values().chain(&self.value).chain(&self.noise).for_each(|value| value.visit(see));
        self.answers.iter().for_each(|right| right.when.visit(see));
        self.unclear.iter().for_each(|unclear| unclear.when.visit(see));
        self.mistakes.iter().filter_map(|mistake| mistake.value.as_ref()).for_each(|value| value.visit(see));
        self.shows.iter().for_each(|shown| shown.value.visit(see));
        if let Some(simulated) = &self.simulated {
            simulated.value.iter().chain(simulated.set.values()).for_each(|value| value.visit(see));
        }
    }
}

impl Reached {
    /// Visits every value and condition.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(Part<'a>)) {
        self.given.values().for_each(|value| value.visit(see));
        self.done.visit(see);
        self.unclear.iter().for_each(|unclear| unclear.when.visit(see));
        self.shows.iter().for_each(|shown| shown.value.visit(see));
    }
}

impl Diagnosed {
    /// Visits every value and condition.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(Part<'a>)) {
        self.given.values().for_each(|value| value.visit(see));
        self.answers.iter().for_each(|suspect| suspect.shows_as.visit(see));
        self.shows.iter().for_each(|shown| shown.value.visit(see));
    }
}
