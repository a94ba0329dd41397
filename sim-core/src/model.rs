//! What every model is, seen from outside.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::fidelity::Contract;
use crate::scenario::{Param, Problem, Problems, Valid};
use crate::{Json, Nanos, Text};

/// A model of one mechanism of the kernel.
///
/// The model is its own state: started from a validated scenario, stepped from event to event,
/// cloned to keep a moment. The same scenario always gives the same bytes, on every target.
pub trait Model: Clone {
    /// The permanent name: an URL part, the first word of `sim`, a folder of golden traces.
    const NAME: &'static str;
    /// Grows when the same scenario would give other output; a token of another version is refused.
    const VERSION: u32;

    /// What a run starts from, in integers; `postcard` of it is the body of a token.
    type Scenario: Clone + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned;

    /// The model's title and what one learns from it, for lists and figures.
    fn title() -> Text;
    /// Which kernels and functions are modelled, what is left out, how far it may stray.
    fn contract() -> Contract;
    /// Scenarios that each show one insight; the first is the default.
    fn presets() -> Vec<Preset<Self::Scenario>>;
    /// The scalar parameters a control can set, in the order a reader meets them.
    fn params() -> &'static [Param];
    /// What the numbers of [`Model::metrics`] are, in the same order.
    fn metrics_list() -> &'static [Metric];

    /// Reads a scenario from JSON and gathers every problem (unknown fields, types, ranges).
    /// Fields that are left out take the default preset-independent value of [`Model::params`].
    fn read_scenario(json: &Json, problems: &mut Problems) -> Self::Scenario;
    /// The scenario as JSON, every field written out; [`Model::read_scenario`] reads it back.
    fn write_scenario(scenario: &Self::Scenario) -> Json;
    /// Every problem of a scenario: field, value, allowed range, unit. Empty means it can start.
    fn problems(scenario: &Self::Scenario) -> Vec<Problem>;
    /// Value of a scalar parameter of [`Model::params`].
    fn get_param(scenario: &Self::Scenario, name: &str) -> i64;
    /// Sets a scalar parameter; out-of-range values are reported by [`Model::problems`].
    fn set_param(scenario: &mut Self::Scenario, name: &str, value: i64);

    /// The state at time zero.
    fn start(scenario: &Valid<Self>) -> Self;
    /// Simulated time of the state.
    fn now(&self) -> Nanos;
    /// When the run ends; nothing happens from then on.
    fn ends(&self) -> Nanos;
    /// Advances to `to`, or to the first event on the way, and says what happened there (several
    /// things can happen at one instant). Time never goes back and never passes [`Model::ends`].
    fn advance(&mut self, to: Nanos) -> Vec<Event>;
    /// Advances to the next event. Empty only when the run has ended.
    fn step(&mut self) -> Vec<Event> {
        self.advance(self.ends())
    }
    /// The numbers of the state, in the order and the units of [`Model::metrics_list`].
    fn metrics(&self) -> Vec<i64>;
    /// The files the kernel would show at this moment, by absolute path.
    fn files(&self) -> Files;
}

/// Kernel files by absolute path.
pub type Files = BTreeMap<&'static str, String>;

/// A named scenario that shows one thing.
#[derive(Clone, Debug)]
pub struct Preset<S> {
    /// Permanent name, `kebab-case`.
    pub name: &'static str,
    /// What a button calls it.
    pub title: Text,
    /// One sentence: what one sees, and why it matters.
    pub insight: Text,
    /// The scenario.
    pub scenario: S,
    /// Where a figure or a widget first puts the cursor.
    pub cursor: Nanos,
}

/// Describes one number of a model's state.
#[derive(Clone, Debug)]
pub struct Metric {
    /// The kernel's name where it has one (`avenrun_1`, `nr_running`).
    pub name: &'static str,
    /// What a reader calls it.
    pub label: Text,
    /// What one unit is (`""` for a count).
    pub unit: &'static str,
    /// `value / scale` is in `unit`: 2048 for the kernel's fixed point.
    pub scale: i64,
}

/// Something that happened, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub t_ns: Nanos,
    /// What kind of thing, in `kebab-case`; each model documents its kinds.
    pub kind: String,
    /// The reason with its numbers, as a sentence.
    pub why: Text,
}
