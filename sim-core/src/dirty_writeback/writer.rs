//! A program that writes to a file of its own.

use std::rc::Rc;

use super::calc::DIRTY_POLL_THRESH;
use super::machine::Machine;
use crate::{Nanos, mul_div, mul_div_ceil};

/// Some pages to be written in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// When it begins; later when the one before is not done.
    pub at: Nanos,
    /// How many pages.
    pub pages: u64,
    /// When it is given up, done or not.
    pub until: Nanos,
}

/// What a writer does.
#[derive(Clone, Debug)]
pub struct WriterConfig {
    /// Its disk, and its file there.
    pub disk: usize,
    pub inode: usize,
    pub cpu: usize,
    pub bursts: Rc<[Burst]>,
    /// How fast it writes when nothing holds it, KiB/s.
    pub kib_per_s: u64,
    /// The same while its disk works: other than above when both need one CPU.
    pub busy_kib_per_s: u64,
    /// Pages dirtied together (a large folio).
    pub folio: u64,
    /// Calls `fsync` after so many pages; 0 for never.
    pub fsync_pages: u64,
}

/// What a writer is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Nothing, until its next burst.
    Waiting(Nanos),
    /// Filling pages.
    Writing,
    /// Paused until then; `again` when it has to look once more before it may go on.
    Paused { since: Nanos, until: Nanos, again: bool },
    /// Old kernels: handing pages to the disk itself.
    WritingOut,
    /// Waiting for `fsync`, and for which request once everything is handed over.
    Fsync { since: Nanos, request: Option<u64> },
    /// Done for good.
    Done,
}

/// A writer's state (the fields of `struct task_struct` that throttling uses).
#[derive(Clone, Debug)]
pub struct Writer {
    pub config: WriterConfig,
    pub doing: Doing,
    /// Pages dirtied since it last looked.
    pub nr_dirtied: u64,
    /// How many it may dirty until it looks.
    pub nr_dirtied_pause: u64,
    /// Tick in which its last pause was over.
    pub dirty_paused_when: Option<u64>,
    /// Pages it came to be looked at with.
    pub pages_dirtied: u64,
    /// Pages ever dirtied.
    pub total: u64,
    /// Length of its last pause, ticks.
    pub last_pause: u64,
    /// The speed it was last allowed, pages a second; `None` when free.
    pub allowed: Option<u64>,
    /// Old kernels: the whole stall's beginning, and the next sleep in ticks.
    pub stall: Option<(Nanos, u64)>,
    pub next_burst: usize,
    /// Pages left of this burst.
    pub left: u64,
    pub burst_pages: u64,
    until: Nanos,
    pub fsync_left: u64,
    /// Whether it came to a page after which it looks, ends or calls `fsync`.
    pub stopped: bool,
    since: Nanos,
    done: u64,
    speed: u64,
}

/// 4 KiB at 1 KiB/s, ns: pages × this / (KiB/s) is time.
const PAGE_NS: u64 = 4_000_000_000;

impl Writer {
    pub fn new(config: WriterConfig) -> Writer {
        let first = config.bursts.first().map_or(Doing::Done, |burst| Doing::Waiting(burst.at));
        Writer {
            fsync_left: config.fsync_pages,
            config,
            doing: first,
            nr_dirtied: 0,
            nr_dirtied_pause: DIRTY_POLL_THRESH,
            dirty_paused_when: None,
            pages_dirtied: 0,
            total: 0,
            last_pause: 0,
            allowed: None,
            stall: None,
            next_burst: 0,
            left: 0,
            burst_pages: 0,
            until: 0,
            stopped: false,
            since: 0,
            done: 0,
            speed: 1,
        }
    }

    /// Begins its next burst.
    pub fn begin(&mut self, now: Nanos) -> Burst {
        let burst = self.config.bursts[self.next_burst];
        self.next_burst += 1;
        (self.left, self.until, self.burst_pages) = (burst.pages, burst.until, 0);
        self.go_on(now);
        burst
    }

    /// Goes on writing from this moment.
    pub fn go_on(&mut self, now: Nanos) {
        (self.doing, self.since, self.done, self.stopped) = (Doing::Writing, now, 0, false);
    }

    /// Sets the speed it has from this moment on.
    pub fn at_speed(&mut self, now: Nanos, disk_busy: bool) {
        let speed = if disk_busy { self.config.busy_kib_per_s } else { self.config.kib_per_s };
        if speed != self.speed {
            (self.speed, self.since, self.done) = (speed, now, 0);
        }
    }

    /// Pages after which it looks, ends or calls `fsync`.
    fn pages_to_stop(&self, ratelimit: u64, on_cpu: u64) -> u64 {
        let folio = self.config.folio;
        let look = ratelimit.saturating_sub(self.nr_dirtied).min(on_cpu).max(1).next_multiple_of(folio);
        let fsync = if self.config.fsync_pages > 0 { self.fsync_left.max(1) } else { u64::MAX };
        look.min(self.left).min(fsync)
    }

    /// How many pages it may dirty until it looks.
    pub fn ratelimit(&self, dirty_exceeded: bool) -> u64 {
        if dirty_exceeded { self.nr_dirtied_pause.min(DIRTY_POLL_THRESH >> 2) } else { self.nr_dirtied_pause }
    }

    /// When it stops for one of these reasons.
    pub fn stops(&self, ratelimit: u64, on_cpu: u64) -> Nanos {
        let pages = self.done.saturating_add(self.pages_to_stop(ratelimit, on_cpu));
        self.since.saturating_add(mul_div_ceil(pages, PAGE_NS, self.speed)).min(self.until)
    }

    /// Pages it has dirtied up to `now` and not yet told.
    pub fn fill(&mut self, now: Nanos, ratelimit: u64, on_cpu: u64) -> u64 {
        let stop = self.pages_to_stop(ratelimit, on_cpu);
        let whole = mul_div(now - self.since, self.speed, PAGE_NS);
        let mut pages = whole.saturating_sub(self.done).min(stop);
        if pages < stop {
            pages -= pages % self.config.folio;
        } else {
            self.stopped = true;
        }
        self.done += pages;
        self.nr_dirtied += pages;
        self.total += pages;
        self.burst_pages += pages;
        if self.left != u64::MAX {
            self.left -= pages;
        }
        if self.config.fsync_pages > 0 {
            self.fsync_left -= pages.min(self.fsync_left);
        }
        pages
    }

    /// Whether its burst is over.
    pub fn is_done(&self, now: Nanos) -> bool {
        self.left == 0 || now >= self.until
    }

    /// Whether it has to call `fsync`.
    pub fn owes_fsync(&self) -> bool {
        self.config.fsync_pages > 0 && (self.fsync_left == 0 || self.left == 0) && self.burst_pages > 0
    }

    /// Length of a pause in the clock of the machine, ms.
    pub fn pause_ms(&self, m: &Machine) -> u64 {
        self.last_pause * 1000 / m.hz
    }
}
