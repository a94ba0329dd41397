//! Each disk's share of the threshold: its part of what was written lately, halved every 3 s.
//!
//! Models `lib/flex_proportions.c` and `mm/page-writeback.c: writeout_period`. The counters are the
//! kernel's per-CPU ones with one CPU taking completions: what has not been folded yet is not seen,
//! and that decides what a disk that wrote little and long ago still has.

use super::rules::Floor;

/// A sum whose last few counts have not been folded in yet (`struct percpu_counter`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counter {
    count: i64,
    local: i64,
    batch: i64,
}

impl Counter {
    /// Many additions of one: what is folded is folded batch by batch.
    fn add_ones(&mut self, n: i64) {
        let total = self.local + n;
        if total < self.batch {
            self.local = total;
        } else {
            self.local = total % self.batch;
            self.count += total - self.local;
        }
    }

    fn add(&mut self, n: i64) {
        let total = self.local + n;
        if total.abs() >= self.batch {
            self.count += total;
            self.local = 0;
        } else {
            self.local = total;
        }
    }

    fn sum(&self) -> i64 {
        self.count + self.local
    }

    fn read(&self) -> i64 {
        self.count.max(0)
    }
}

/// What all disks wrote lately (`struct fprop_global`), and when it is halved next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completions {
    events: Counter,
    period: u64,
    period_ticks: u64,
    /// Tick of the next halving; nothing is halved while nobody writes.
    next: Option<u64>,
}

/// What one disk wrote lately (`struct fprop_local_percpu`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    events: Counter,
    period: u64,
}

impl Completions {
    /// Nothing written yet.
    pub fn new(hz: u64, cpus: u64) -> Completions {
        let events = Counter { batch: 32.max(2 * cpus as i64), ..Counter::default() };
        Completions { events, period: 0, period_ticks: 3 * hz, next: None }
    }

    /// The tick of the next halving.
    pub fn next(&self) -> Option<u64> {
        self.next
    }

    /// Halves what is due (`writeout_period`, `fprop_new_period`).
    pub fn age(&mut self, now: u64) {
        let Some(due) = self.next.filter(|due| *due <= now) else { return };
        let missed = (now - due) / self.period_ticks;
        let periods = missed + 1;
        let events = self.events.sum();
        // With nothing left to halve the clock stops until somebody writes.
        if events <= 1 {
            self.next = None;
            return;
        }
        self.events.add(if periods < 64 { (events >> periods) - events } else { -events });
        self.period += periods;
        self.next = Some(due + (missed + 1) * self.period_ticks);
    }

    /// A disk completed so many pages (`wb_domain_writeout_add`).
    pub fn written(&mut self, share: &mut Share, pages: u64, now: u64) {
        share.reflect(self);
        share.events.add_ones(pages as i64);
        self.events.add_ones(pages as i64);
        if self.next.is_none() {
            self.next = Some(now + self.period_ticks);
        }
    }

    /// The disk's share as a fraction (`fprop_fraction_percpu`).
    pub fn fraction(&self, share: &Share) -> (u64, u64) {
        let mut share = *share;
        share.reflect(self);
        let (num, den) = (share.events.read() as u64, self.events.read() as u64);
        if den <= num { (num, num.max(1)) } else { (num, den) }
    }
}

impl Share {
    /// Nothing written yet.
    pub fn new(cpus: u64) -> Share {
        Share { events: Counter { batch: super::stat_batch(cpus) as i64, ..Counter::default() }, period: 0 }
    }

    fn reflect(&mut self, all: &Completions) {
        let periods = all.period - self.period;
        if periods == 0 {
            return;
        }
        self.period = all.period;
        if periods < 64 {
            let events = self.events.sum();
            self.events.add((events >> periods) - events);
        } else {
            self.events.count = 0;
            self.events.local = 0;
        }
    }
}

/// Bounds of a disk's share, %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// What it has at least (`min_ratio`).
    pub min: u64,
    /// What it has at most (`max_ratio`).
    pub max: u64,
    /// What all disks together have at least.
    pub min_sum: u64,
    /// Whether its own thresholds are strict.
    pub strict: bool,
}

/// A disk's part of a threshold (`mm/page-writeback.c: __wb_calc_thresh`).
pub fn wb_calc_thresh(floor: Floor, bounds: Bounds, (num, den): (u64, u64), thresh: u64, dirty: u64) -> u64 {
    let mut part = thresh * 100_u64.saturating_sub(bounds.min_sum) / 100;
    part = part * num / den.max(1);
    part += thresh * bounds.min / 100;
    if floor == Floor::InThresh && thresh > dirty {
        part = part.max((thresh - dirty) / if bounds.strict { 100 } else { 8 });
    }
    part.min(thresh * bounds.max / 100)
}
