//! Measures: what was answered, how long it took, and how busy everything was.

use super::histogram::Histogram;
use crate::{MILLISECOND, Nanos, SECOND, mul_div};

/// Visits that begin within this are in the windows but not in the figures of the whole run: everybody
/// comes at once then. The load generator of the book leaves out as much.
pub const SETTLE: Nanos = SECOND;

/// What one stretch of time came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Visits answered in a second, times 1000.
    pub per_1000_s: u64,
    /// Latencies of the visits that ended, ns.
    pub mean: Nanos,
    /// Half of them took no longer, ns.
    pub p50: Nanos,
    /// 95 in 100 took no longer, ns.
    pub p95: Nanos,
    /// 99 in 100 took no longer, ns.
    pub p99: Nanos,
    /// Time the CPUs were busy, in thousandths of all there was.
    pub cpu: u64,
    /// Time the workers were busy, in thousandths of all there was.
    pub workers: u64,
}

/// Integrals over time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Areas {
    /// CPUs × ns busy.
    pub cpu: u64,
    /// Workers × ns busy.
    pub workers: u64,
    /// Visits × ns under way.
    pub inside: u64,
    /// Visits × ns waiting for a worker.
    pub waiting: u64,
}

/// A stretch that is being measured.
#[derive(Clone, Debug, Default)]
pub struct Stretch {
    pub from: Nanos,
    /// Latencies of the visits that began in it.
    pub latency: Histogram,
    /// Visits that ended in it.
    pub ended: u64,
    pub areas: Areas,
}

impl Stretch {
    pub fn new(from: Nanos) -> Stretch {
        Stretch { from, ..Stretch::default() }
    }

    /// What it has come to by now.
    pub fn measured(&self, now: Nanos, cpus: u64, workers: u64) -> Measured {
        let time = now.saturating_sub(self.from);
        let share = |area: u64, of: u64| mul_div(area, 1000, time.saturating_mul(of));
        Measured {
            per_1000_s: mul_div(self.ended, 1000 * SECOND, time),
            mean: self.latency.mean(),
            p50: self.latency.at(500),
            p95: self.latency.at(950),
            p99: self.latency.at(990),
            cpu: share(self.areas.cpu, cpus),
            workers: share(self.areas.workers, workers),
        }
    }
}

/// The last whole window, the one that goes on, and all since everybody has come.
#[derive(Clone, Debug)]
pub struct Windows {
    pub length: Nanos,
    pub last: Measured,
    pub current: Stretch,
    pub whole: Stretch,
}

impl Windows {
    pub fn new(duration: Nanos) -> Windows {
        // Short enough to see things move, long enough to have a percentile.
        let length = (duration / 100).clamp(100 * MILLISECOND, SECOND);
        Windows { length, last: Measured::default(), current: Stretch::new(0), whole: Stretch::new(SETTLE) }
    }

    /// Time passed with so much going on.
    pub fn pass(&mut self, now: Nanos, dt: Nanos, [cpu, workers, inside, waiting]: [u64; 4]) {
        let add = |areas: &mut Areas, dt: u64| {
            areas.cpu += cpu * dt;
            areas.workers += workers * dt;
            areas.inside += inside * dt;
            areas.waiting += waiting * dt;
        };
        add(&mut self.current.areas, dt);
        if now > SETTLE {
            add(&mut self.whole.areas, dt.min(now - SETTLE));
        }
    }

    /// A visit ended that had begun then.
    pub fn answered(&mut self, now: Nanos, since: Nanos) {
        self.current.latency.record(now - since);
        self.current.ended += 1;
        self.whole.ended += u64::from(now > SETTLE);
        if since >= SETTLE {
            self.whole.latency.record(now - since);
        }
    }

    /// When the current window ends.
    pub fn next(&self) -> Nanos {
        self.current.from + self.length
    }

    pub fn close(&mut self, now: Nanos, cpus: u64, workers: u64) {
        self.last = self.current.measured(now, cpus, workers);
        self.current = Stretch::new(now);
    }
}
