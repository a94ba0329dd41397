//! What every model is, seen from outside.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fidelity::Contract;
use crate::scenario::{Param, Problem, Problems, Valid};
use crate::{Json, Nanos, Packet, Params, Text};

/// A model of one mechanism of the kernel.
///
/// The model is its own state: started from a validated scenario, stepped from event to event,
/// cloned to keep a moment. The same scenario always gives the same bytes, on every target.
pub trait Model: Clone {
    /// The permanent name: an URL part, the first word of `sim`, a folder of golden traces.
    const NAME: &'static str;
    /// The model whose recordings hold this one: another one where both have the same engine.
    const RECORDED_AS: &'static str = Self::NAME;
    /// Grows when the same scenario would give other output; a token of another version is refused.
    const VERSION: u32;
    /// Whether the model puts packets on a wire ([`Log::packet`]), so that a run can be exported as a
    /// capture.
    const CAPTURES: bool = false;

    /// What a run starts from, in integers; `postcard` of it is the body of a token.
    type Scenario: Params + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned;

    /// The model's title and what one learns from it, for lists and figures.
    fn title() -> Text;
    /// Which kernels and functions are modelled, what is left out, how far it may stray.
    fn contract() -> Contract;
    /// Scenarios that each show one insight; the first is the default.
    fn presets() -> Vec<Preset<Self::Scenario>>;
    /// The scalar parameters a control can set, in the order a reader meets them.
    fn params() -> &'static [Param] {
        Self::Scenario::params()
    }
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
    fn get_param(scenario: &Self::Scenario, name: &str) -> i64 {
        scenario.clone().field(name).map_or(0, |value| *value)
    }
    /// Sets a scalar parameter; out-of-range values are reported by [`Model::problems`].
    fn set_param(scenario: &mut Self::Scenario, name: &str, value: i64) {
        if let Some(field) = scenario.field(name) {
            *field = value;
        }
    }

    /// The state at time zero.
    fn start(scenario: &Valid<Self>) -> Self;
    /// Simulated time of the state.
    fn now(&self) -> Nanos;
    /// When the run ends; nothing happens from then on.
    fn ends(&self) -> Nanos;
    /// Advances to `to`, or to the first event on the way, and writes down what happened there
    /// (several things can happen at one instant). Time never goes back and never passes
    /// [`Model::ends`]. Returns whether anything happened.
    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool;
    /// Advances to the next event. False only when the run has ended.
    fn step(&mut self, log: &mut Log) -> bool {
        self.advance(self.ends(), log)
    }
    /// Advances to `to` with everything of that moment done, telling nobody.
    fn advance_to(&mut self, to: Nanos) {
        let mut log = Log::silent();
        let to = to.min(self.ends());
        while self.advance(to, &mut log) || self.now() < to {
            log.clear();
        }
    }
    /// The numbers of the state, in the order and the units of [`Model::metrics_list`].
    fn metrics(&self) -> Vec<i64>;
    /// The files the kernel would show at this moment, by absolute path.
    fn files(&self) -> Files;
    /// About how many bytes a clone takes that it does not share with the original: how many moments
    /// of a run are kept depends on it. A model with large tables of its own adds them.
    fn footprint(&self) -> usize {
        size_of::<Self>()
    }
}

/// Kernel files by absolute path.
pub type Files = BTreeMap<Cow<'static, str>, String>;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub t_ns: Nanos,
    /// What kind of thing, in `kebab-case`; each model documents its kinds.
    pub kind: &'static str,
    /// The reason with its numbers, as a sentence; empty in a log that does not tell reasons.
    pub why: Text,
}

/// What happens on the way, in order. Reasons are sentences and cost more than what they explain,
/// so a log makes them only when somebody is going to read them.
#[derive(Clone, Debug)]
pub struct Log {
    telling: bool,
    events: Vec<Event>,
    packets: Option<Vec<Packet>>,
}

impl Log {
    /// Keeps when what happened, with reasons.
    pub fn telling() -> Log {
        Log { telling: true, events: Vec::new(), packets: None }
    }

    /// Keeps when what happened, without reasons.
    pub fn silent() -> Log {
        Log { telling: false, events: Vec::new(), packets: None }
    }

    /// Keeps the packets on the wire beside when what happened, without reasons.
    pub fn capturing() -> Log {
        Log { telling: false, events: Vec::new(), packets: Some(Vec::new()) }
    }

    /// Writes an event down; `why` is asked only if reasons are wanted.
    pub fn push(&mut self, t_ns: Nanos, kind: &'static str, why: impl FnOnce() -> Text) {
        let why = if self.telling { why() } else { Text::default() };
        self.events.push(Event { t_ns, kind, why });
    }

    /// Writes a packet down; `packet` is asked only if they are wanted.
    pub fn packet(&mut self, packet: impl FnOnce() -> Packet) {
        if let Some(packets) = &mut self.packets {
            packets.push(packet());
        }
    }

    /// Takes the packets out of the log.
    pub fn take_packets(&mut self) -> Vec<Packet> {
        self.packets.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// What was written down.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Takes what was written down out of the log.
    pub fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Forgets what was written down.
    pub fn clear(&mut self) {
        self.events.clear();
    }
}
