//! What a run left behind: every metric over time, and when things happened.

use super::Curve;
use crate::Nanos;

/// Something that happened: when, and the kind of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub t: Nanos,
    /// [`crate::Event::kind`].
    pub kind: &'static str,
}

/// A run from start to end: its numbers as curves, its events as times and kinds (nine bytes an
/// event, so that a run may have millions). Reasons are not kept; [`super::Tape::tell`] has them.
#[derive(Clone, Debug, Default)]
pub struct Track {
    /// End of the run.
    pub ends: Nanos,
    /// One curve a metric, in the order of [`crate::Model::metrics_list`], of at most
    /// [`super::MAX_POINTS`] points.
    pub metrics: Vec<Curve>,
    /// Whether the curves have every point. Those of a very long run have only what can be seen of
    /// them: the extremes of each stretch of time.
    pub exact: bool,
    /// Each kind of event once, in the order they first happened.
    pub(super) kinds: Vec<&'static str>,
    /// When each event happened.
    pub(super) times: Vec<Nanos>,
    /// Its kind, an index into `kinds`.
    pub(super) codes: Vec<u8>,
}

impl Track {
    /// How many events the run has.
    pub fn events(&self) -> usize {
        self.times.len()
    }

    /// The kinds of events of this run, each once, in the order they first happen.
    pub fn kinds(&self) -> &[&'static str] {
        &self.kinds
    }

    /// The event of that number, counted from 0.
    pub fn moment(&self, event: usize) -> Option<Moment> {
        let kind = self.kinds.get(usize::from(*self.codes.get(event)?))?;
        Some(Moment { t: *self.times.get(event)?, kind })
    }

    /// How many events are done at a moment.
    pub fn passed(&self, t: Nanos) -> usize {
        self.times.partition_point(|time| *time <= t)
    }

    /// How many events are done just before a moment.
    pub fn before(&self, t: Nanos) -> usize {
        self.times.partition_point(|time| *time < t)
    }

    /// What happened between two times, both included, in order.
    pub fn between(&self, from: Nanos, until: Nanos) -> impl DoubleEndedIterator<Item = Moment> + '_ {
        let start = self.before(from);
        (start..self.passed(until).max(start)).filter_map(|event| self.moment(event))
    }

    /// The next moment at which something happens, or the end.
    pub fn next(&self, t: Nanos) -> Nanos {
        self.times.get(self.passed(t)).copied().unwrap_or(self.ends)
    }

    /// The last moment before `t` at which something happened, or the beginning.
    pub fn back(&self, t: Nanos) -> Nanos {
        if t > self.ends {
            return self.ends;
        }
        self.before(t).checked_sub(1).map_or(0, |last| self.times[last])
    }

    /// The next moment at which something of one of the kinds happens.
    pub fn next_of(&self, kinds: &[&str], t: Nanos) -> Option<Nanos> {
        let (start, wanted) = (self.passed(t), self.wanted(kinds));
        let found = self.codes[start..].iter().position(|code| wanted[usize::from(*code)])?;
        Some(self.times[start + found])
    }

    /// The last moment before `t` at which something of one of the kinds happened.
    pub fn back_to(&self, kinds: &[&str], t: Nanos) -> Option<Nanos> {
        let (end, wanted) = (self.before(t), self.wanted(kinds));
        let found = self.codes[..end].iter().rposition(|code| wanted[usize::from(*code)])?;
        Some(self.times[found])
    }

    /// One number at a moment, as a curve of steps shows it.
    pub fn value(&self, metric: usize, t: Nanos) -> i64 {
        let Some(curve) = self.metrics.get(metric) else { return 0 };
        let after = curve.partition_point(|point| point.0 <= t);
        curve.get(after.saturating_sub(1)).map_or(0, |point| point.1)
    }

    /// The largest value of a number over the run.
    pub fn largest(&self, metric: usize) -> i64 {
        self.metrics.get(metric).and_then(|curve| curve.iter().map(|point| point.1).max()).unwrap_or(0)
    }

    fn wanted(&self, kinds: &[&str]) -> [bool; 256] {
        let mut wanted = [false; 256];
        for (slot, kind) in wanted.iter_mut().zip(&self.kinds) {
            *slot = kinds.contains(kind);
        }
        wanted
    }
}
