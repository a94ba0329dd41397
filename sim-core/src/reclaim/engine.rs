//! The memory driven through time: programs, kswapd, and who is killed.

use super::happening::Happening;
use super::kswapd::Kswapd;
use super::memory::{Memory, Plan};
use super::pressure::Pressure;
use super::program::{Doing, Program};
use super::rules::Rules;
use super::scenario::Scenario;
use crate::{MILLISECOND, Nanos, SECOND, mul_div};

/// Looking at a page takes so long: 4 GB/s, as measured of kswapd taking clean file pages.
pub(super) const SCAN_NS: Nanos = 1000;
/// How long who reclaims waits for pages on their way to swap (`reclaim_throttle`): no longer than a
/// tenth of a second's worth is kept before the disk.
pub(super) const BACKLOG: Nanos = 100 * MILLISECOND;
/// What happens again within this time is one and the same spell.
const SPELL: Nanos = SECOND;
/// How often a change of what is looked at is told, at most.
const PLAN_SPELL: Nanos = 250 * MILLISECOND;

/// The disks: files are read from one, swap from another.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disks {
    /// Time for 32 pages.
    pub read_ns: Nanos,
    pub swap_ns: Nanos,
    /// Until when they are busy: reading files, reading swap, writing swap.
    pub reading: Nanos,
    pub swapping_in: Nanos,
    pub swapping_out: Nanos,
}

/// When something was last seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spell(Option<Nanos>);

impl Spell {
    /// Whether it begins now, rather than going on.
    fn begins(&mut self, now: Nanos) -> bool {
        let begins = self.0.is_none_or(|last| now >= last + SPELL);
        self.0 = Some(now);
        begins
    }
}

/// Everything that changes.
#[derive(Clone, Debug)]
pub struct Engine {
    pub now: Nanos,
    pub m: Memory,
    pub programs: Vec<Program>,
    pub kswapd: Kswapd,
    pub disks: Disks,
    pub pressure: Pressure,
    /// Nothing happens any more: there was nobody to kill.
    pub panicked: bool,
    drops: Vec<(Nanos, u8)>,
    next_drop: usize,
    happenings: Vec<Happening>,
    direct: Spell,
    swap_out: Spell,
    refaults: Spell,
    /// What was last told of what is looked at, and when.
    told: Option<(Plan, Nanos)>,
}

/// What comes next, in the order things at one instant are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Pressure,
    Drop,
    Kswapd,
    End(usize),
    Program(usize),
    Rest,
}

impl Engine {
    /// The machine as the run begins.
    pub fn new(s: &Scenario, rules: Rules) -> Engine {
        let m = Memory::new(s, rules);
        let mut programs: Vec<Program> = Vec::new();
        for spec in &s.programs {
            let first = programs.last().map_or(0, |last| last.range().end);
            programs.push(Program::new(spec, first, s.duration_ms));
        }
        let block_ns = |mib: i64| mul_div(SECOND, 1, (mib * super::scenario::BLOCKS_PER_MIB) as u64);
        let mut drops: Vec<_> = s.drops.iter().map(|drop| (drop.at_ms as u64 * MILLISECOND, drop.what as u8)).collect();
        drops.sort_unstable();
        let mut engine = Engine {
            now: 0,
            m,
            programs,
            kswapd: Kswapd::default(),
            disks: Disks { read_ns: block_ns(s.disk_mib_s), swap_ns: block_ns(s.swap_mib_s), ..Disks::default() },
            pressure: Pressure::new(),
            panicked: false,
            drops,
            next_drop: 0,
            happenings: Vec::new(),
            direct: Spell::default(),
            swap_out: Spell::default(),
            refaults: Spell::default(),
            told: None,
        };
        engine.run_before();
        engine
    }

    /// What was there before the run: every program goes through its memory as often as it says,
    /// and kswapd does its work at once.
    fn run_before(&mut self) {
        for i in 0..self.programs.len() {
            for _ in 0..self.programs[i].before {
                for id in self.programs[i].range() {
                    if self.m.is_here(id) {
                        self.m.touch(id, self.programs[i].kind);
                    } else if !self.m.above(self.m.marks.low, 32) && !self.settle() {
                        break;
                    } else {
                        self.m.bring_in(id);
                    }
                }
            }
            if self.programs[i].before > 0 {
                let names = std::mem::take(&mut self.programs[i].names);
                self.names_before(names, self.programs[i].exist);
            }
        }
        self.m.counters = Default::default();
        self.m.to_write = 0;
        self.m.snapshot = [0; 2];
        self.happenings.clear();
    }

    fn names_before(&mut self, mut names: u64, exist: bool) {
        while names > 0 {
            let some = names.min(super::program::NAMES_AT_ONCE);
            let pages = self.m.slab.pages_with(some, exist) - self.m.slab.pages();
            if !self.m.above(self.m.marks.low, pages) && !self.settle() {
                return;
            }
            self.m.add_names(some, exist);
            names -= some;
        }
    }

    /// Frees up to the high mark; whether there is room for a step.
    fn settle(&mut self) -> bool {
        let mut runs = 0;
        while !self.m.above(self.m.marks.high, 1) && runs < 16 {
            let before = self.m.free;
            self.m.kswapd_run();
            runs += 1;
            if self.m.free == before {
                break;
            }
        }
        self.m.to_write = 0;
        self.m.above(self.m.marks.min, 128)
    }

    /// What happened since this was last asked.
    pub fn take_happenings(&mut self) -> Vec<Happening> {
        std::mem::take(&mut self.happenings)
    }

    pub(super) fn happen(&mut self, what: Happening) {
        self.happenings.push(what);
    }

    fn next(&self) -> (Nanos, Next) {
        let mut first = (self.pressure.next, Next::Pressure);
        let mut consider = |at: Nanos, what: Next| first = first.min((at, what));
        if let Some((at, _)) = self.drops.get(self.next_drop) {
            consider(*at, Next::Drop);
        }
        if self.panicked {
            return first;
        }
        if let Some(at) = self.kswapd.next {
            consider(at, Next::Kswapd);
        }
        if let Some(at) = self.kswapd.rests() {
            consider(at, Next::Rest);
        }
        for (i, program) in self.programs.iter().enumerate() {
            match program.doing {
                Doing::Ended | Doing::Killed => {}
                Doing::Resting => consider(program.until, Next::End(i)),
                // A program that ends while it waits ends when it is through with that.
                _ if program.next >= program.until => consider(program.until.max(self.now), Next::End(i)),
                _ => consider(program.next, Next::Program(i)),
            }
        }
        first
    }

    /// When something comes next.
    pub fn next_at(&self) -> Nanos {
        self.next().0
    }

    /// Lets time pass in which nothing happens.
    pub fn pass(&mut self, to: Nanos) {
        let since = self.now;
        let lost = |program: &Program| program.stalled.min(to).saturating_sub(since);
        let running = || self.programs.iter().filter(|program| program.is_running());
        let some = running().map(lost).max().unwrap_or(0);
        let full = running().map(lost).min().unwrap_or(0);
        self.pressure.account(some, full);
        self.now = to;
    }

    /// Does what comes next.
    pub fn step(&mut self) {
        let (at, next) = self.next();
        self.pass(at.max(self.now));
        match next {
            Next::Pressure => self.pressure.update(),
            Next::Drop => self.drop_caches(),
            Next::Kswapd => self.kswapd_pass(),
            Next::Rest => {
                let (runs, taken) = self.kswapd.rest(&self.m.counters);
                self.happen(Happening::Rest { runs, taken, free: self.m.free });
            }
            Next::End(program) => self.end(program),
            Next::Program(program) => self.run(program),
        }
        self.tell_plan();
    }

    fn drop_caches(&mut self) {
        let (_, what) = self.drops[self.next_drop];
        self.next_drop += 1;
        let blocks = self.programs.last().map_or(0, |program| program.range().end);
        let freed = self.m.drop_caches(what, 0..blocks);
        self.happen(Happening::Drop { what, freed });
    }

    fn end(&mut self, i: usize) {
        self.programs[i].doing = Doing::Ended;
        let kind = self.programs[i].kind;
        let freed = if kind.is_file() { 0 } else { self.give_back(i) };
        self.happen(Happening::End { program: i, kind, freed });
    }

    /// A program's memory and swap are free again; returns its pages that were in memory.
    pub(super) fn give_back(&mut self, i: usize) -> u64 {
        let before = self.m.free;
        for id in self.programs[i].range() {
            self.m.forget(id);
        }
        self.m.free - before
    }

    /// Tells what is looked at, where that has changed.
    fn tell_plan(&mut self) {
        let plan = self.m.plan;
        if self.m.counters.pgscan_by == [0; 2] {
            return;
        }
        let news = match self.told {
            None => true,
            Some((last, at)) => last.decision != plan.decision && self.now >= at + PLAN_SPELL,
        };
        if news {
            self.told = Some((plan, self.now));
            self.happen(Happening::Scan { plan, swappiness: self.m.swappiness, costs: self.m.scales.cost });
        }
    }

    /// Somebody reclaims for itself: told the first time in a while.
    pub(super) fn note_direct(&mut self, program: usize, pages: u64) {
        if self.direct.begins(self.now) {
            let free = self.m.free.saturating_sub(pages);
            self.happen(Happening::Direct { program, free, min: self.m.marks.min });
        }
    }

    /// Pages came back: told the first time in a while.
    pub(super) fn note_refault(&mut self, program: usize, file: bool, lasts: Nanos) {
        if self.refaults.begins(self.now) {
            self.happen(Happening::Refault { program, file, lasts });
        }
    }

    /// Hands what reclaim wrote to the disk; returns until when it is busy beyond what may wait.
    pub(super) fn write_out(&mut self) -> Nanos {
        let blocks = std::mem::take(&mut self.m.to_write);
        if blocks > 0 {
            self.disks.swapping_out = self.disks.swapping_out.max(self.now) + blocks * self.disks.swap_ns;
            if self.swap_out.begins(self.now) {
                self.happen(Happening::SwapOut { swap_free: self.m.swap_free });
            }
        }
        self.disks.swapping_out.saturating_sub(BACKLOG)
    }
}
