//! What the kernel knows of the whole machine: counters, thresholds, settings.

use super::calc::{self, Position, Settings, Thresholds};
use super::happening::Happening;
use super::rules::Rules;
use super::share::Completions;
use crate::{Nanos, SECOND, mul_div, mul_div_ceil};

/// The tick a run begins in: far enough from zero for every "so long ago", and where every level
/// of the timer wheel turns over.
pub const FIRST_TICK: u64 = 1 << 30;

/// Global state (`struct wb_domain` and the counters of `/proc/vmstat`).
#[derive(Clone, Debug)]
pub struct Machine {
    pub rules: Rules,
    pub hz: u64,
    pub cpus: u64,
    pub settings: Settings,
    /// `dirty_expire_centisecs`, ticks.
    pub expire: u64,
    /// `dirty_writeback_centisecs`, ticks; 0 for no periodic flush.
    pub interval: u64,
    /// Free memory, pages.
    pub free: u64,
    /// Page cache, dirty or not, pages.
    pub file: u64,
    /// Free memory that is not counted on (`totalreserve_pages`), pages.
    pub reserve: u64,
    /// All of it, pages.
    pub total: u64,
    pub thresholds: Thresholds,
    /// The limit that follows a falling threshold slowly (`wb_domain.dirty_limit`).
    pub dirty_limit: u64,
    dirty_limit_tstamp: u64,
    /// Pages one CPU may see dirtied before somebody there looks (`ratelimit_pages`).
    pub ratelimit_pages: u64,
    pub completions: Completions,
    pub nr_dirty: u64,
    pub nr_writeback: u64,
    pub nr_dirtied: u64,
    pub nr_written: u64,
    /// The current tick (`jiffies`).
    pub now: u64,
    /// Shift of the tick against the timer wheel, ticks.
    pub phase: u64,
    happenings: Vec<(Nanos, Happening)>,
}

/// What [`Machine::new`] starts from.
#[derive(Clone, Copy, Debug)]
pub struct MachineConfig {
    pub rules: Rules,
    pub hz: u64,
    pub cpus: u64,
    pub settings: Settings,
    pub expire_ms: u64,
    pub interval_ms: u64,
    pub free: u64,
    pub file: u64,
    pub reserve: u64,
    pub total: u64,
    pub phase: u64,
}

impl Machine {
    pub fn new(c: MachineConfig) -> Machine {
        let ticks = |ms: u64| (ms * c.hz).div_ceil(1000);
        let mut machine = Machine {
            rules: c.rules,
            hz: c.hz,
            cpus: c.cpus,
            settings: c.settings,
            expire: ticks(c.expire_ms),
            interval: ticks(c.interval_ms),
            free: c.free,
            file: c.file,
            reserve: c.reserve,
            total: c.total,
            thresholds: Thresholds::default(),
            dirty_limit: 0,
            dirty_limit_tstamp: 0,
            ratelimit_pages: 0,
            completions: Completions::new(c.hz, c.cpus),
            nr_dirty: 0,
            nr_writeback: 0,
            nr_dirtied: 0,
            nr_written: 0,
            now: FIRST_TICK + c.phase,
            phase: c.phase,
            happenings: Vec::new(),
        };
        machine.update_thresholds();
        machine.dirty_limit = machine.thresholds.thresh;
        machine.ratelimit_pages = calc::ratelimit_pages(c.rules, c.total, machine.thresholds.thresh, c.cpus);
        machine
    }

    /// Pages that are dirty, under writeback or not.
    pub fn dirty(&self) -> u64 {
        self.nr_dirty + self.nr_writeback
    }

    /// Ticks at a time.
    pub fn jiffies(&self, t: Nanos) -> u64 {
        FIRST_TICK + self.phase + mul_div(t, self.hz, SECOND)
    }

    /// When a tick comes.
    pub fn time_of(&self, tick: u64) -> Nanos {
        let ticks = tick.saturating_sub(FIRST_TICK + self.phase);
        mul_div_ceil(ticks, SECOND, self.hz)
    }

    /// 200 ms in ticks (`BANDWIDTH_INTERVAL`).
    pub fn bandwidth_interval(&self) -> u64 {
        (self.hz / 5).max(1)
    }

    /// Clean page cache, pages.
    pub fn clean(&self) -> u64 {
        self.file.saturating_sub(self.dirty())
    }

    /// New pages of the page cache: from free memory, and below the reserve from clean pages.
    pub fn take_for_file(&mut self, pages: u64) {
        let fresh = pages.min(self.free.saturating_sub(self.reserve));
        self.free -= fresh;
        self.file += fresh;
        if fresh < pages {
            self.update_thresholds();
        }
    }

    /// Programs take memory (or give some back): free first, then clean page cache.
    pub fn take_for_programs(&mut self, pages: i64) {
        if pages < 0 {
            self.free = (self.free + pages.unsigned_abs()).min(self.total.saturating_sub(self.file));
        } else {
            let wanted = pages as u64;
            let free = wanted.min(self.free.saturating_sub(self.reserve));
            self.free -= free;
            let clean = (wanted - free).min(self.clean());
            self.file -= clean;
        }
        self.update_thresholds();
    }

    /// The memory that ratios are taken of, pages.
    pub fn dirtyable(&self) -> u64 {
        calc::dirtyable_of(self.rules, self.total, self.free, self.file, self.reserve)
    }

    /// Works the thresholds out anew.
    pub fn update_thresholds(&mut self) {
        let programs = self.total.saturating_sub(self.free + self.file);
        let mapped = programs * 100 / self.total.max(1);
        self.thresholds = calc::thresholds(self.rules, self.settings, self.dirtyable(), mapped);
    }

    /// The limit in force: the slow one while it is above the threshold (`hard_dirty_limit`).
    pub fn hard_limit(&self) -> u64 {
        self.dirty_limit.max(self.thresholds.thresh)
    }

    /// `mm/page-writeback.c: domain_update_dirty_limit`.
    pub fn update_dirty_limit(&mut self, now: u64, p: &Position) {
        if now >= self.dirty_limit_tstamp + self.bandwidth_interval() {
            self.dirty_limit = calc::update_dirty_limit(self.dirty_limit, p.thresholds.thresh, p.dirty);
            self.dirty_limit_tstamp = now;
        }
    }

    /// Writes down what happened.
    pub fn happen(&mut self, at: Nanos, what: Happening) {
        self.happenings.push((at, what));
    }

    /// Takes what happened since this was last asked.
    pub fn take_happenings(&mut self) -> Vec<(Nanos, Happening)> {
        std::mem::take(&mut self.happenings)
    }

    /// Whether anything was written down.
    pub fn happened(&self) -> bool {
        !self.happenings.is_empty()
    }
}
