//! What the judge says.

use serde::{Deserialize, Serialize};
use sim_core::Text;

use crate::Source;

/// The outcome of judging one exercise. Never a guess: what is not known is said to be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Done, and right.
    Pass,
    /// Not done yet, or not right.
    Fail,
    /// This machine cannot show it; the reason says what it lacks.
    CannotCheck,
    /// It could be shown, but not with the privileges the reader has.
    Denied,
    /// It was shown, but other work on the machine hid the answer.
    Inconclusive,
    /// Something is broken: a file that cannot be understood, a damaged recording.
    Error,
}

impl Verdict {
    /// What it is called in JSON, and wherever a program reads it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::CannotCheck => "cannot-check",
            Verdict::Denied => "denied",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Error => "error",
        }
    }

    /// What a reader calls it.
    pub fn text(self) -> Text {
        match self {
            Verdict::Pass => Text::fixed("통과", "pass"),
            Verdict::Fail => Text::fixed("아직", "not yet"),
            Verdict::CannotCheck => Text::fixed("확인 불가", "cannot be checked"),
            Verdict::Denied => Text::fixed("권한 없음", "denied"),
            Verdict::Inconclusive => Text::fixed("판단 보류", "inconclusive"),
            Verdict::Error => Text::fixed("오류", "error"),
        }
    }
}

/// Everything the judge has to say about one exercise: the same JSON on the command line, from
/// the server and in a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Id of the exercise.
    pub exercise: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in a sentence or two.
    pub reason: Text,
    /// What explains the difference between the figures, each a sentence or two.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Text>,
    /// What to do now, commands in backticks; nothing when there is nothing left to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Text>,
    /// Prediction, simulator and machine side by side, one entry a quantity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
    /// The simulated and the measured curve, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curves: Option<Curves>,
    /// Token of the simulated run with the machine's own values: opens in a widget or a terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// What was read and decided on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
    /// Whose figures were measured; nothing when none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// One quantity in up to three columns. Values are as printed; a word is in both languages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// What is compared.
    pub label: Text,
    /// What the reader said.
    pub prediction: Option<Text>,
    /// What the simulator says, from the machine's own values.
    pub simulated: Option<Text>,
    /// What the machine said.
    pub measured: Option<Text>,
    /// Unit of all three; empty for a plain number.
    pub unit: Text,
    /// The difference that matters, in words.
    pub difference: Option<Text>,
}

/// A 1-minute average over time, simulated and measured, on one clock.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// When the load began, ms on the curves' clock.
    pub from_ms: u64,
    /// When the load ended, ms on the curves' clock.
    pub until_ms: u64,
    /// Steps of the simulated figure; each holds until the next.
    pub simulated: Vec<Point>,
    /// Steps of the measured figure.
    pub measured: Vec<Point>,
}

/// A figure from a moment on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// When, ms on the curves' clock.
    pub t_ms: u64,
    /// The 1-minute average in 1/2048.
    pub avenrun: u64,
}

/// A file the judge read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Which file.
    pub path: String,
    /// The lines that were used, or why there are none.
    pub excerpt: Text,
}
