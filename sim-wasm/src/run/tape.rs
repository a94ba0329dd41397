//! A run laid out in time, so that a reader can go anywhere in it, backwards too.
//!
//! A model only goes forward. Going back is going forward from a moment that was kept: snapshots
//! are kept every few events and at least [`SNAPSHOTS`] times over the run, so that no moment is
//! far from one, however unevenly the work lies in time.

use std::fmt;
use std::rc::Rc;

use sim_core::scenario::Valid;
use sim_core::{Event, Log, Model, Nanos};

/// Least number of snapshots over a run.
const SNAPSHOTS: u64 = 256;
/// Most events between two snapshots.
const EVENTS_APART: usize = 32;

/// One number over time: the moments at which it changed, with its value from then on.
pub type Curve = Rc<[(Nanos, i64)]>;

/// A whole run: its events, its curves, and a way to any moment.
pub struct Tape<M: Model> {
    scenario: Valid<M>,
    events: Vec<Event>,
    curves: Vec<Curve>,
    /// Distinct times of events, with the beginning and the end.
    moments: Vec<Nanos>,
    snapshots: Vec<M>,
}

impl<M: Model> Tape<M> {
    /// Runs a scenario to its end.
    pub fn new(scenario: Valid<M>) -> Tape<M> {
        let start = M::start(&scenario);
        let ends = start.ends();
        let stride = (ends / SNAPSHOTS).max(1);
        let mut curves = Curves(vec![Vec::new(); M::metrics_list().len()]);
        curves.push(0, start.metrics());
        let mut tape =
            Tape { curves: Vec::new(), snapshots: vec![start.clone()], moments: vec![0], events: Vec::new(), scenario };
        let mut model = start;
        let mut log = Log::telling();
        let mut kept_at = 0;
        loop {
            let grid = (model.now() / stride + 1).saturating_mul(stride).min(ends);
            let happened = model.advance(grid, &mut log);
            let (now, done) = (model.now(), !happened && model.now() >= ends);
            curves.push(now, model.metrics());
            if happened {
                tape.moment(now);
                tape.events.extend(log.take());
            }
            if done {
                break;
            }
            if now.is_multiple_of(stride) || tape.events.len() - kept_at >= EVENTS_APART {
                kept_at = tape.events.len();
                tape.snapshots.push(model.clone());
            }
        }
        tape.moment(ends);
        tape.curves = curves.0.into_iter().map(Curve::from).collect();
        tape
    }

    fn moment(&mut self, t: Nanos) {
        if self.moments.last() != Some(&t) {
            self.moments.push(t);
        }
    }

    /// What was run.
    pub fn scenario(&self) -> &Valid<M> {
        &self.scenario
    }

    /// Everything that happened, in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The numbers over time, in the order of [`Model::metrics_list`].
    pub fn curves(&self) -> &[Curve] {
        &self.curves
    }

    /// When the run ends.
    pub fn ends(&self) -> Nanos {
        self.moments.last().copied().unwrap_or(0)
    }

    /// The state at a moment, with everything of that moment done.
    pub fn at(&self, t: Nanos) -> M {
        let t = t.min(self.ends());
        // A snapshot of the moment itself may be from before the last thing of that moment.
        let after = self.snapshots.partition_point(|kept| kept.now() < t);
        let mut model = self.snapshots[after.saturating_sub(1)].clone();
        model.advance_to(t);
        model
    }

    /// How many events are done at a moment.
    pub fn passed(&self, t: Nanos) -> usize {
        self.events.partition_point(|event| event.t_ns <= t)
    }

    /// The next moment at which something happens, or the end.
    pub fn next(&self, t: Nanos) -> Nanos {
        let after = self.moments.partition_point(|moment| *moment <= t);
        self.moments.get(after).copied().unwrap_or(self.ends())
    }

    /// The last moment before `t` at which something happened, or the beginning.
    pub fn back(&self, t: Nanos) -> Nanos {
        let before = self.moments.partition_point(|moment| *moment < t);
        before.checked_sub(1).map_or(0, |last| self.moments[last])
    }

    /// The next moment at which something of a kind happens.
    pub fn next_of(&self, kind: &str, t: Nanos) -> Option<Nanos> {
        self.events[self.passed(t)..].iter().find(|event| event.kind == kind).map(|event| event.t_ns)
    }

    /// The last moment before `t` at which something of a kind happened.
    pub fn back_to(&self, kind: &str, t: Nanos) -> Option<Nanos> {
        let before = self.events.partition_point(|event| event.t_ns < t);
        self.events[..before].iter().rev().find(|event| event.kind == kind).map(|event| event.t_ns)
    }

    /// The kinds of events of this run, each once, in the order they first happen.
    pub fn kinds(&self) -> Vec<&'static str> {
        let mut kinds: Vec<&'static str> = Vec::new();
        for event in &self.events {
            if !kinds.contains(&event.kind) {
                kinds.push(event.kind);
            }
        }
        kinds
    }

    /// One number at a moment, as a curve of steps shows it.
    pub fn value(&self, metric: usize, t: Nanos) -> i64 {
        let curve = &self.curves[metric];
        let after = curve.partition_point(|point| point.0 <= t);
        curve[after.saturating_sub(1)].1
    }

    /// The largest value of a number over the run.
    pub fn largest(&self, metric: usize) -> i64 {
        self.curves[metric].iter().map(|point| point.1).max().unwrap_or(0)
    }
}

struct Curves(Vec<Vec<(Nanos, i64)>>);

impl Curves {
    fn push(&mut self, t: Nanos, values: Vec<i64>) {
        for (curve, value) in self.0.iter_mut().zip(values) {
            match curve.last_mut() {
                Some(last) if last.1 == value => {}
                // Of several things at one instant, the last counts.
                Some(last) if last.0 == t => last.1 = value,
                _ => curve.push((t, value)),
            }
        }
    }
}

impl<M: Model> fmt::Debug for Tape<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tape({} events, {} snapshots)", self.events.len(), self.snapshots.len())
    }
}

#[cfg(test)]
mod tests {
    use sim_core::load_average::{LoadAverage, Scenario, State, Task};
    use sim_core::{MILLISECOND, SECOND};

    use super::*;

    fn tape(scenario: Scenario) -> Tape<LoadAverage> {
        Tape::new(Valid::new(scenario).unwrap())
    }

    fn one_task() -> Scenario {
        Scenario { duration_ms: 20_000, tasks: vec![Task::new(State::Runnable, 0, 12_000)], ..Scenario::default() }
    }

    /// The straight way to a moment, without anything kept.
    fn from_the_start(tape: &Tape<LoadAverage>, t: Nanos) -> LoadAverage {
        let mut model = LoadAverage::start(tape.scenario());
        model.advance_to(t);
        model
    }

    #[test]
    fn any_moment_of_any_preset_is_the_same_as_going_there_from_the_start() {
        for preset in LoadAverage::presets() {
            let tape = tape(preset.scenario);
            let ends = tape.ends();
            for part in [0, 1, 7, 13, 29, 64] {
                for t in [ends / 64 * part, tape.next(ends / 64 * part), tape.back(ends / 64 * part)] {
                    let (kept, straight) = (tape.at(t), from_the_start(&tape, t));
                    assert_eq!(kept.files(), straight.files(), "{} at {t}", preset.name);
                    assert_eq!(kept.metrics(), straight.metrics(), "{} at {t}", preset.name);
                    assert_eq!(kept.cpus(), straight.cpus(), "{} at {t}", preset.name);
                }
            }
        }
    }

    #[test]
    fn events_are_those_of_a_run_by_steps() {
        for preset in LoadAverage::presets() {
            let scenario = Valid::new(preset.scenario).unwrap();
            let run = sim_core::run(&scenario);
            let tape = Tape::<LoadAverage>::new(scenario);
            assert_eq!(tape.events(), run.events, "{}", preset.name);
            for frame in &run.frames[1..] {
                assert_eq!(tape.value(0, frame.t_ns), frame.metrics["avenrun_1"], "{} {}", preset.name, frame.t_ns);
            }
        }
    }

    #[test]
    fn stepping_forward_and_back_visits_the_same_moments() {
        let tape = tape(one_task());
        let mut there = vec![0];
        while *there.last().unwrap() < tape.ends() {
            there.push(tape.next(*there.last().unwrap()));
        }
        let mut back = vec![tape.ends()];
        while *back.last().unwrap() > 0 {
            back.push(tape.back(*back.last().unwrap()));
        }
        back.reverse();
        assert_eq!(there, back);
        assert!(there.contains(&(5004 * MILLISECOND)) && there.contains(&(5044 * MILLISECOND)), "{there:?}");
    }

    #[test]
    fn one_can_jump_to_a_kind_and_between_events() {
        let tape = tape(one_task());
        let update = 5044 * MILLISECOND;
        for (got, want) in [
            (tape.next_of("update", 0), Some(update)),
            (tape.next_of("update", update), Some(update + 5004 * MILLISECOND)),
            (tape.back_to("update", update), None),
            (tape.back_to("sample", update), Some(5004 * MILLISECOND)),
            (tape.next_of("catch-up", 0), None),
            (tape.next_of("end", 0), Some(12 * SECOND)),
        ] {
            assert_eq!(got, want);
        }
        assert_eq!(tape.back(update + 1), update, "between events, back is the event just passed");
        assert_eq!((tape.next(tape.ends()), tape.back(0)), (tape.ends(), 0));
        assert_eq!(tape.kinds(), ["start", "sample", "update", "end"]);
        assert_eq!((tape.passed(0), tape.passed(update)), (1, 3), "the task starts at the very beginning");
    }

    #[test]
    fn no_moment_is_far_from_a_snapshot() {
        for preset in LoadAverage::presets() {
            let tape = tape(preset.scenario);
            let stride = tape.ends() / SNAPSHOTS;
            for pair in tape.snapshots.windows(2) {
                let apart = tape.passed(pair[1].now()) - tape.passed(pair[0].now());
                assert!(pair[1].now() - pair[0].now() <= stride + 1 && apart <= EVENTS_APART + 16, "{}", preset.name);
            }
        }
    }
}
