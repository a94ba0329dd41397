//! A run laid out in time, so that a reader can go anywhere in it, backwards too.
//!
//! A model only goes forward. Going back is going forward again from a moment that was kept. What
//! is kept is bounded, however long the run: at most [`MAX_CHECKPOINTS`] states, at most
//! [`MAX_POINTS`] points of a curve, and nine bytes an event. A run is made by steps
//! ([`Taping::step`]), so that a page can do something else in between.

mod curve;
#[cfg(test)]
mod tests;
mod track;

use std::fmt;
use std::ops::{Deref, Range};
use std::rc::Rc;

pub use curve::{Curve, MAX_POINTS};
pub use track::{Moment, Track};

use crate::state::State;
use crate::{Event, Log, Nanos, mul_div};
use curve::Curves;

/// How often a run is looked at between its events, at least: numbers may move without one.
pub const LOOKS: u64 = 256;
/// Most events between two checkpoints of a run that is not too long for that.
const EVENTS_APART: usize = 32;
/// Most checkpoints of a run. When they become more, every other one is let go, and from then on
/// they are kept half as often.
pub const MAX_CHECKPOINTS: usize = 512;
/// Most bytes that checkpoints take, by what the states say of themselves.
const MAX_KEPT_BYTES: usize = 64 << 20;

/// A moment to go on from.
struct Checkpoint {
    state: Box<dyn State>,
    /// How many events were done.
    done: usize,
}

/// A run that is being made.
pub struct Taping {
    state: Box<dyn State>,
    log: Log,
    track: Track,
    curves: Curves,
    checkpoints: Vec<Checkpoint>,
    /// Time between two looks.
    look: Nanos,
    /// Time and events between two checkpoints.
    apart: (Nanos, usize),
    /// The next moment a checkpoint is due whatever happens.
    due: Nanos,
    most: usize,
    ended: bool,
}

impl Taping {
    /// Begins at a state's start. Besides after every event, the run is looked at `looks` times
    /// over its length ([`LOOKS`] in a widget and a figure).
    pub fn new(start: Box<dyn State>, looks: u64) -> Taping {
        let ends = start.ends();
        let look = ends.checked_div(looks).unwrap_or(ends).max(1);
        let values = start.metrics();
        let mut curves = Curves::new(values.len());
        curves.push(0, &values);
        let most = (MAX_KEPT_BYTES / start.footprint().max(1)).clamp(16, MAX_CHECKPOINTS);
        Taping {
            checkpoints: vec![Checkpoint { state: start.boxed(), done: 0 }],
            state: start,
            log: Log::silent(),
            track: Track { ends, ..Track::default() },
            curves,
            look,
            apart: (look, EVENTS_APART),
            due: look,
            most,
            ended: false,
        }
    }

    /// Goes on to the next event or the next look. False once the run has ended: then nothing
    /// happened.
    pub fn step(&mut self) -> bool {
        if self.ended {
            return false;
        }
        self.log.clear();
        let ends = self.track.ends;
        let look = (self.state.now() / self.look + 1).saturating_mul(self.look).min(ends);
        let happened = self.state.advance(look, &mut self.log);
        let now = self.state.now();
        self.curves.push(now, &self.state.metrics());
        for event in self.log.events() {
            let code = match self.track.kinds.iter().position(|kind| *kind == event.kind) {
                Some(known) => known,
                None => {
                    self.track.kinds.push(event.kind);
                    self.track.kinds.len() - 1
                }
            };
            self.track.times.push(event.t_ns);
            // A model has a handful of kinds.
            self.track.codes.push(u8::try_from(code).unwrap_or(u8::MAX));
        }
        self.ended = !happened && now >= ends;
        if !self.ended {
            self.keep(now);
        }
        !self.ended
    }

    fn keep(&mut self, now: Nanos) {
        let done = self.track.times.len();
        let last = self.checkpoints.last().map_or(0, |last| last.done);
        if now < self.due && done - last < self.apart.1 {
            return;
        }
        self.checkpoints.push(Checkpoint { state: self.state.boxed(), done });
        if self.checkpoints.len() > self.most {
            let mut nth = 0;
            self.checkpoints.retain(|_| {
                nth += 1;
                nth % 2 == 1
            });
            self.apart = (self.apart.0.saturating_mul(2), self.apart.1.saturating_mul(2));
        }
        self.due = (now / self.apart.0 + 1).saturating_mul(self.apart.0);
    }

    /// The state the run has come to.
    pub fn state(&self) -> &dyn State {
        &*self.state
    }

    /// What happened in the last step, without reasons.
    pub fn happened(&self) -> &[Event] {
        self.log.events()
    }

    /// How far the run has come, in thousandths of its length.
    pub fn thousandths(&self) -> u32 {
        mul_div(self.state.now(), 1000, self.track.ends.max(1)).min(1000) as u32
    }

    /// The run as it was made, to its end if [`Taping::step`] has said so.
    pub fn finish(mut self) -> Tape {
        self.track.exact = self.curves.exact();
        self.track.metrics = self.curves.finish();
        self.track.times.shrink_to_fit();
        self.track.codes.shrink_to_fit();
        Tape { track: Rc::new(self.track), checkpoints: self.checkpoints }
    }
}

/// A whole run: its [`Track`], and a way to any moment of it.
pub struct Tape {
    track: Rc<Track>,
    /// At least the beginning.
    checkpoints: Vec<Checkpoint>,
}

impl Tape {
    /// Makes a run in one go.
    pub fn of(start: Box<dyn State>) -> Tape {
        let mut taping = Taping::new(start, LOOKS);
        while taping.step() {}
        taping.finish()
    }

    /// What the run left behind.
    pub fn track(&self) -> &Rc<Track> {
        &self.track
    }

    /// How many states are kept.
    pub fn checkpoints(&self) -> usize {
        self.checkpoints.len()
    }

    /// The state at a moment, with everything of that moment done.
    pub fn at(&self, t: Nanos) -> Box<dyn State> {
        let t = t.min(self.track.ends);
        let mut state = self.kept_before(t).state.boxed();
        state.advance_to(t);
        state
    }

    /// [`Tape::at`] for who has a state of this run in hand: from there if it is nearer.
    pub fn reach(&self, state: &mut Box<dyn State>, t: Nanos) {
        let t = t.min(self.track.ends);
        let near = state.now() <= t && self.track.before(state.now()) >= self.kept_before(t).done;
        if !near {
            *state = self.kept_before(t).state.boxed();
        }
        state.advance_to(t);
    }

    /// Every number at a moment.
    pub fn values(&self, t: Nanos) -> Vec<i64> {
        if self.track.exact {
            (0..self.track.metrics.len()).map(|metric| self.track.value(metric, t)).collect()
        } else {
            self.at(t).metrics()
        }
    }

    /// Events by their numbers, with their reasons: told by going there again.
    pub fn tell(&self, events: Range<usize>) -> Vec<Event> {
        let Some(first) = self.track.moment(events.start) else { return Vec::new() };
        let until = events.end.min(self.track.events());
        // Everything before the moment of the first passes in silence.
        let mut state = self.kept_before(first.t).state.boxed();
        if let Some(before) = first.t.checked_sub(1).filter(|before| *before >= state.now()) {
            state.advance_to(before);
        }
        let mut number = self.track.before(first.t);
        let mut log = Log::telling();
        let mut told = Vec::with_capacity(until.saturating_sub(events.start));
        while number < until && state.advance(self.track.ends, &mut log) {
            for event in log.take() {
                if (events.start..until).contains(&number) {
                    told.push(event);
                }
                number += 1;
            }
        }
        told
    }

    /// The last checkpoint before a moment; one of the moment itself may be from before the last
    /// thing of that moment.
    fn kept_before(&self, t: Nanos) -> &Checkpoint {
        let after = self.checkpoints.partition_point(|kept| kept.state.now() < t);
        &self.checkpoints[after.saturating_sub(1)]
    }
}

impl Deref for Tape {
    type Target = Track;

    fn deref(&self) -> &Track {
        &self.track
    }
}

impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tape({} events, {} checkpoints)", self.track.events(), self.checkpoints.len())
    }
}
