//! kswapd, which reclaims in the background.

use super::calc::{CLUSTER, DEF_PRIORITY};
use super::counters::Counters;
use super::engine::{Engine, SCAN_NS};
use super::happening::Happening;
use super::memory::Memory;
use super::scan::{Control, Who};
use crate::{Nanos, SECOND};

/// Runs in vain after which it gives up (`MAX_RECLAIM_RETRIES`).
const MAX_FAILURES: u32 = 16;
/// A pass takes so long even when there is little to look at.
const PASS_NS: Nanos = 20_000;
/// So long it has to sleep for a rest to be told.
const REST: Nanos = SECOND;

/// Where kswapd is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kswapd {
    /// When it makes its next pass; `None` while it sleeps.
    pub next: Option<Nanos>,
    /// The priority of the pass it makes.
    pub priority: u32,
    /// Runs in vain, one after the other (`kswapd_failures`).
    pub failures: u32,
    reclaimed: u64,
    /// Since when it sleeps, while it was told that it woke and not that it rests.
    asleep: Option<Nanos>,
    told: bool,
    /// Runs and pages taken when it was told that it woke.
    since: (u64, u64),
}

fn taken(counters: &Counters) -> u64 {
    counters.pgsteal_by.iter().sum()
}

impl Kswapd {
    /// When its sleep becomes a rest.
    pub fn rests(&self) -> Option<Nanos> {
        self.asleep.filter(|_| self.told && self.next.is_none()).map(|since| since + REST)
    }

    /// It rests: how often it ran, and what was taken meanwhile.
    pub fn rest(&mut self, counters: &Counters) -> (u64, u64) {
        self.told = false;
        (counters.pageoutrun - self.since.0, taken(counters) - self.since.1)
    }
}

impl Memory {
    /// One pass of kswapd (`mm/vmscan.c: kswapd_shrink_node`); whether it looked at enough.
    fn kswapd_pass(&mut self, priority: u32) -> (Control, bool) {
        if self.swap_total > 0 && self.inactive_is_low(false) {
            self.shrink_active(false);
        }
        let mut sc = Control::new(priority, Who::Kswapd, self.marks.high.max(CLUSTER));
        self.shrink_node(&mut sc);
        (sc, sc.nr_scanned >= sc.nr_to_reclaim)
    }

    /// A whole run (`mm/vmscan.c: balance_pgdat`), at once.
    pub fn kswapd_run(&mut self) {
        let mut priority = DEF_PRIORITY;
        while priority >= 1 && !self.above(self.marks.high, 1) {
            let (sc, enough) = self.kswapd_pass(priority);
            if !enough || sc.nr_reclaimed == 0 {
                priority -= 1;
            }
        }
        self.snapshot_refaults();
    }
}

impl Engine {
    /// Wakes kswapd (`mm/vmscan.c: wakeup_kswapd`), so many pages being asked for.
    pub(super) fn wake_kswapd(&mut self, pages: u64) {
        if self.kswapd.next.is_some() || self.kswapd.failures >= MAX_FAILURES {
            return;
        }
        let counters = &mut self.m.counters;
        if !self.kswapd.told {
            self.kswapd.told = true;
            self.kswapd.since = (counters.pageoutrun, taken(counters));
            let (free, marks) = (self.m.free.saturating_sub(pages), self.m.marks);
            self.happen(Happening::Wake { free, low: marks.low, high: marks.high });
        }
        self.begin_run();
        self.kswapd.next = Some(self.now);
        self.kswapd.asleep = None;
    }

    fn begin_run(&mut self) {
        self.m.counters.pageoutrun += 1;
        self.kswapd.priority = DEF_PRIORITY;
        self.kswapd.reclaimed = 0;
    }

    /// One pass; its time passes afterwards.
    pub(super) fn kswapd_pass(&mut self) {
        if self.m.above(self.m.marks.high, 1) {
            self.end_run(true);
            return;
        }
        let (sc, enough) = self.m.kswapd_pass(self.kswapd.priority);
        let waits = self.write_out();
        self.kswapd.reclaimed += sc.nr_reclaimed;
        if sc.nr_reclaimed > 0 {
            self.kswapd.failures = 0;
        }
        if !enough || sc.nr_reclaimed == 0 {
            self.kswapd.priority -= 1;
        }
        self.kswapd.next = Some((self.now + PASS_NS + sc.nr_scanned * SCAN_NS).max(waits));
        if self.kswapd.priority < 1 {
            self.end_run(false);
        }
    }

    /// It sleeps if there is enough free, or if it has failed too often; else it begins anew.
    fn end_run(&mut self, balanced: bool) {
        self.m.snapshot_refaults();
        if !balanced && self.kswapd.reclaimed == 0 {
            self.kswapd.failures += 1;
        }
        if balanced || self.kswapd.failures >= MAX_FAILURES {
            self.kswapd.next = None;
            self.kswapd.asleep = Some(self.now);
        } else {
            self.begin_run();
        }
    }
}
