//! Getting pages: at once, by reclaiming for oneself, or over somebody's dead body.

use super::calc::{CLUSTER, DEF_PRIORITY};
use super::engine::{Engine, SCAN_NS};
use super::happening::Happening;
use super::memory::{Found, Memory};
use super::program::{Doing, NAMES_AT_ONCE};
use super::scan::{Control, Who};
use super::scenario::Kind;
use crate::Nanos;

/// Attempts without progress before somebody is killed (`MAX_RECLAIM_RETRIES`).
const MAX_RETRIES: u32 = 16;

/// How pages were got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Got {
    /// After reclaiming for so long; 0 where there were enough.
    After(Nanos),
    /// Not: who asked was killed, or everybody stands still.
    Never,
}

impl Memory {
    /// Reclaims for who needs it (`mm/vmscan.c: do_try_to_free_pages`): from priority 12 down until
    /// 32 pages were freed. Returns pages looked at and got.
    pub(super) fn try_to_free_pages(&mut self, who: Who) -> (u64, u64) {
        self.counters.allocstall += 1;
        let mut sc = Control::new(DEF_PRIORITY, who, CLUSTER);
        loop {
            for priority in (0..=DEF_PRIORITY).rev() {
                sc.priority = priority;
                self.shrink_node(&mut sc);
                if sc.nr_reclaimed >= sc.nr_to_reclaim {
                    break;
                }
            }
            self.snapshot_refaults();
            // Active pages were spared: once more without sparing them.
            if sc.nr_reclaimed > 0 || !sc.skipped_deactivate {
                return (sc.nr_scanned, sc.nr_reclaimed);
            }
            (sc.force_deactivate, sc.skipped_deactivate) = (true, false);
        }
    }

    /// Pages there are to try for (`mm/vmscan.c: zone_reclaimable_pages`).
    fn reclaimable(&self) -> u64 {
        let [inactive_anon, active_anon, inactive_file, active_file] = self.sizes();
        let anon = if self.can_swap() { inactive_anon + active_anon } else { 0 };
        inactive_file + active_file + anon
    }
}

impl Engine {
    /// Makes sure that so many pages are free for a program (`mm/page_alloc.c: __alloc_pages`).
    fn allocate(&mut self, i: usize, pages: u64) -> Got {
        if self.m.above(self.m.marks.low, pages) {
            return Got::After(0);
        }
        self.wake_kswapd(pages);
        let (mut retries, mut took) = (0, 0);
        while !self.m.above(self.m.marks.min, pages) {
            self.note_direct(i, pages);
            let (scanned, got) = self.m.try_to_free_pages(Who::Direct);
            took += scanned * SCAN_NS;
            let waits = self.write_out();
            took = took.max(waits.saturating_sub(self.now));
            if got > 0 {
                // There is something to be had after all: kswapd may try again.
                (retries, self.kswapd.failures) = (0, 0);
            } else {
                retries += 1;
            }
            if self.m.above(self.m.marks.min, pages) {
                break;
            }
            // `should_reclaim_retry`: no hope even if all of it could be had.
            let hopeless = self.m.free + self.m.reclaimable() < self.m.marks.min + pages;
            if (hopeless || retries > MAX_RETRIES) && !self.kill(i) {
                return Got::Never;
            }
        }
        Got::After(took)
    }

    /// Kills who has most (`mm/oom_kill.c: out_of_memory`); whether program `i` may go on.
    fn kill(&mut self, i: usize) -> bool {
        let points = |i: &usize| self.m.holdings[*i].resident + self.m.holdings[*i].swapped;
        let victims = (0..self.programs.len()).filter(|i| self.programs[*i].kind == Kind::Heap);
        // The later one of two that have as much.
        let victim = victims.filter(|i| points(i) > 0 && !self.programs[*i].is_over()).max_by_key(points);
        let Some(victim) = victim else {
            self.panicked = true;
            self.happen(Happening::Panic);
            return false;
        };
        let points = points(&victim) * CLUSTER;
        self.m.counters.oom_kill += 1;
        self.programs[victim].doing = Doing::Killed;
        let freed = self.give_back(victim);
        self.happen(Happening::Oom { program: victim, points, freed });
        victim != i
    }

    /// A program's next step.
    pub(super) fn run(&mut self, i: usize) {
        if self.programs[i].doing == Doing::Waiting {
            self.programs[i].doing = Doing::Running;
            self.happen(Happening::Start { program: i, kind: self.programs[i].kind });
        }
        if self.programs[i].kind == Kind::Names {
            self.look_up(i);
        } else if self.programs[i].blocks == 0 {
            self.through(i);
        } else {
            self.use_block(i);
        }
    }

    fn through(&mut self, i: usize) {
        self.programs[i].doing = Doing::Resting;
        let available = self.m.available();
        self.happen(Happening::Through { program: i, kind: self.programs[i].kind, available });
    }

    fn use_block(&mut self, i: usize) {
        let program = &self.programs[i];
        let (id, kind, pace) = (program.block(), program.kind, program.pace);
        let mut ready = self.now;
        if self.m.is_here(id) {
            self.m.touch(id, kind);
        } else {
            let Got::After(reclaimed) = self.allocate(i, CLUSTER) else { return };
            ready += reclaimed;
            let mut stalled = reclaimed > 0;
            let found = self.m.bring_in(id);
            let disk = match found {
                Found::New => None,
                Found::Read | Found::Again { .. } => Some((&mut self.disks.reading, self.disks.read_ns)),
                Found::FromSwap { .. } => Some((&mut self.disks.swapping_in, self.disks.swap_ns)),
            };
            if let Some((busy, lasts)) = disk {
                let begins = ready.max(*busy);
                *busy = begins + lasts;
                ready = *busy;
            }
            if let Found::FromSwap { .. } = found {
                // Reading goes before writing, which has to wait for as long.
                self.disks.swapping_out = self.disks.swapping_out.max(self.now) + self.disks.swap_ns;
            }
            if let Found::Again { thrashing } | Found::FromSwap { thrashing } = found {
                stalled |= thrashing;
                self.note_refault(i, kind.is_file(), ready - self.now);
            }
            if stalled {
                self.programs[i].stalled = ready;
            }
        }
        let now = self.now;
        let program = &mut self.programs[i];
        program.next = (now + pace).max(ready);
        program.move_on();
        if program.doing == Doing::Resting {
            self.through(i);
        }
    }

    fn look_up(&mut self, i: usize) {
        let program = &self.programs[i];
        let (names, exist, pace) = (program.names.min(NAMES_AT_ONCE), program.exist, program.pace);
        if names == 0 {
            self.through(i);
            return;
        }
        let pages = self.m.slab.pages_with(names, exist) - self.m.slab.pages();
        let Got::After(reclaimed) = self.allocate(i, pages) else { return };
        // Reclaim may have taken names away, and with them pages that were half full.
        self.m.add_names(names, exist);
        let now = self.now;
        let program = &mut self.programs[i];
        if reclaimed > 0 {
            program.stalled = now + reclaimed;
        }
        program.names -= names;
        program.next = now + pace.max(reclaimed);
    }
}
