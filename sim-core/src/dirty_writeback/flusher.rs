//! The thread that flushes one disk (`fs/fs-writeback.c`): which file, how much of it, and when it
//! stops.

use std::collections::VecDeque;

use super::calc;
use super::disk::{Disk, Inode};
use super::happening::Happening;
use super::machine::Machine;
use super::rules::Throttling;
use super::share::wb_calc_thresh;
use crate::Nanos;

/// Pages of one file that go to the disk next.
pub struct Source {
    pub inode: usize,
    pub pages: u64,
}

/// Why it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// More is dirty than the background threshold allows.
    Background,
    /// What is older than `dirty_expire_centisecs`.
    Periodic,
    /// Somebody called `sync`.
    Sync,
}

#[derive(Clone, Copy, Debug)]
struct Work {
    why: Why,
    left: u64,
    written: u64,
    /// Tick it began in (`wb_start`).
    start: u64,
    /// Tick the current turn through the files began in.
    turn: u64,
    progress: bool,
    /// Whether its beginning was told, so that its end is.
    told: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Idle,
    Works,
    Old,
    Background,
    End,
}

/// The flusher and its lists of files, oldest first.
#[derive(Clone, Debug)]
pub struct Flush {
    b_dirty: VecDeque<usize>,
    b_io: VecDeque<usize>,
    b_more_io: VecDeque<usize>,
    stage: Stage,
    work: Option<Work>,
    slice: Option<(usize, u64)>,
    /// Calls of `sync` that wait for their turn.
    pub syncs: VecDeque<usize>,
    /// Calls whose pages were all handed over, with the request to wait for.
    pub synced: Vec<(usize, u64)>,
    /// Tick in which it wakes.
    pub wake: Option<u64>,
    last_old_flush: u64,
    /// Tick in which it last stopped.
    stopped: Option<u64>,
}

impl Flush {
    pub fn new(now: u64) -> Flush {
        Flush {
            b_dirty: VecDeque::new(),
            b_io: VecDeque::new(),
            b_more_io: VecDeque::new(),
            stage: Stage::Idle,
            work: None,
            slice: None,
            syncs: VecDeque::new(),
            synced: Vec::new(),
            wake: None,
            last_old_flush: now,
            stopped: None,
        }
    }

    /// Whether it writes (`writeback_in_progress`).
    pub fn running(&self) -> bool {
        self.stage != Stage::Idle
    }

    /// Why it writes.
    pub fn why(&self) -> Option<Why> {
        self.work.map(|work| work.why)
    }

    /// The file it writes and how many pages more in this go.
    pub fn slice(&self) -> Option<(usize, u64)> {
        self.slice
    }

    /// How many files stand on each list, the one being written counted as `b_io`.
    pub fn lengths(&self) -> (u64, u64, u64) {
        let b_io = self.b_io.len() + usize::from(self.slice.is_some());
        (self.b_dirty.len() as u64, b_io as u64, self.b_more_io.len() as u64)
    }

    /// Pages of the slice went to the disk in one go.
    pub fn wrote(&mut self, pages: u64) {
        if let Some((_, left)) = &mut self.slice {
            *left -= pages;
        }
        if let Some(work) = &mut self.work {
            work.left = work.left.saturating_sub(pages);
            work.written += pages;
            work.progress = true;
        }
    }

    fn has_dirty_io(&self) -> bool {
        !(self.b_dirty.is_empty() && self.b_io.is_empty() && self.b_more_io.is_empty() && self.slice.is_none())
    }

    /// A clean file became dirty; the first one sets the timer (`__mark_inode_dirty`).
    pub fn mark_inode_dirty(&mut self, m: &Machine, inodes: &mut [Inode], inode: usize) {
        let first = !self.has_dirty_io();
        let now = m.now;
        (inodes[inode].listed, inodes[inode].dirtied_when) = (true, now);
        self.b_dirty.push_back(inode);
        if first && self.wake.is_none() {
            self.wake = Some(calc::timer_expiry(m.rules, now, now + m.interval));
        }
    }

    /// A file was written clean by somebody else.
    pub fn written_clean(&mut self, inodes: &mut [Inode], inode: usize) {
        if self.slice.is_some_and(|(current, _)| current == inode) {
            return;
        }
        for list in [&mut self.b_dirty, &mut self.b_io, &mut self.b_more_io] {
            list.retain(|listed| *listed != inode);
        }
        inodes[inode].listed = false;
    }

    /// Wakes it at once (`wb_workfn`), unless it runs already.
    pub fn kick(disk: &mut Disk, m: &mut Machine, now: Nanos) {
        if !disk.flush.running() {
            disk.flush.wake = None;
            disk.flush.stage = Stage::Works;
            Flush::settle(disk, m, now);
            disk.pump(m, now);
        }
    }

    /// What goes to the disk next.
    pub fn next(disk: &mut Disk, m: &mut Machine, now: Nanos) -> Option<Source> {
        Flush::settle(disk, m, now);
        let (inode, left) = disk.flush.slice?;
        let pages = left.min(disk.inodes[inode].dirty).min(disk.config.request_pages);
        disk.flush.wrote(pages);
        Some(Source { inode, pages })
    }

    /// Brings the flusher to the next pages there are to write, or to rest.
    pub fn settle(disk: &mut Disk, m: &mut Machine, now: Nanos) {
        loop {
            match disk.flush.slice {
                Some((inode, left)) if left > 0 && disk.inodes[inode].dirty > 0 => return,
                Some((inode, left)) => Flush::finish_slice(disk, m, inode, left),
                None if disk.flush.work.is_some() => Flush::go_on(disk, m, now),
                None if disk.flush.stage == Stage::Idle => return,
                None => Flush::next_work(disk, m, now),
            }
        }
    }

    /// `fs/fs-writeback.c: wb_do_writeback`, a piece of work at a time.
    fn next_work(disk: &mut Disk, m: &mut Machine, now: Nanos) {
        let tick = m.now;
        // A disk that is flushed many times a second, because another has filled the memory, is told
        // of once in a while only.
        let told = disk.flush.stopped.is_none_or(|stopped| tick > stopped + m.hz / 5);
        let work = |why, left| Some(Work { why, left, written: 0, start: tick, turn: tick, progress: false, told });
        match disk.flush.stage {
            Stage::Works => {
                if disk.flush.syncs.is_empty() {
                    disk.flush.stage = Stage::Old;
                } else {
                    disk.flush.work = work(Why::Sync, u64::MAX);
                }
            }
            Stage::Old => {
                disk.flush.stage = Stage::Background;
                if m.interval > 0 && tick >= disk.flush.last_old_flush + m.interval {
                    disk.flush.last_old_flush = tick;
                    if m.nr_dirty > 0 {
                        disk.flush.work = work(Why::Periodic, m.nr_dirty);
                        let old = disk.flush.old_pages(&disk.inodes, tick.saturating_sub(m.expire));
                        m.happen(now, Happening::Periodic { disk: disk.index, dirty: disk.reclaimable, old });
                    }
                }
            }
            Stage::Background => {
                disk.flush.stage = Stage::End;
                if over_bg_thresh(disk, m) {
                    disk.flush.work = work(Why::Background, u64::MAX);
                    let share = (m.nr_dirty <= m.thresholds.bg_thresh).then(|| bg_share(disk, m));
                    if told {
                        m.happen(now, Happening::Background { disk: disk.index, dirty: disk.reclaimable, share });
                    }
                }
            }
            Stage::End | Stage::Idle => {
                let flush = &mut disk.flush;
                flush.stage = if flush.syncs.is_empty() { Stage::Idle } else { Stage::Works };
                if flush.stage == Stage::Idle && flush.has_dirty_io() && m.interval > 0 && flush.wake.is_none() {
                    flush.wake = Some(calc::timer_expiry(m.rules, tick, tick + m.interval));
                }
            }
        }
    }

    fn old_pages(&self, inodes: &[Inode], cutoff: u64) -> u64 {
        let old = self.b_dirty.iter().filter(|i| inodes[**i].dirtied_when <= cutoff);
        // What was begun is gone on with, whatever its age.
        old.chain(&self.b_io).chain(&self.b_more_io).map(|i| inodes[*i].dirty).sum()
    }

    /// One turn of the loop in `fs/fs-writeback.c: wb_writeback`.
    fn go_on(disk: &mut Disk, m: &mut Machine, now: Nanos) {
        let Some(mut work) = disk.flush.work else { return };
        let tick = m.now;
        // Inside a turn: the next file, unless a tenth of a second has passed.
        let turn_goes_on = work.progress && work.left > 0 && tick <= work.turn + m.hz / 10;
        if turn_goes_on && !disk.flush.b_io.is_empty() {
            Flush::take_file(disk, m);
            return;
        }
        let interrupted = work.why != Why::Sync && !disk.flush.syncs.is_empty();
        let enough = work.why == Why::Background && !over_bg_thresh(disk, m);
        if work.left == 0 || interrupted || enough {
            Flush::end_work(disk, m, now);
            return;
        }
        let cutoff = match work.why {
            Why::Background => tick,
            Why::Periodic => tick.saturating_sub(m.expire),
            Why::Sync => work.start,
        };
        if disk.flush.b_io.is_empty() {
            disk.flush.queue_io(&disk.inodes, cutoff);
        }
        if disk.flush.b_io.is_empty() {
            Flush::end_work(disk, m, now);
            return;
        }
        (work.turn, work.progress) = (tick, false);
        disk.flush.work = Some(work);
        Flush::take_file(disk, m);
    }

    /// `fs/fs-writeback.c: queue_io`.
    fn queue_io(&mut self, inodes: &[Inode], cutoff: u64) {
        self.b_io.append(&mut self.b_more_io);
        while let Some(oldest) = self.b_dirty.front().copied() {
            if inodes[oldest].dirtied_when > cutoff {
                break;
            }
            self.b_dirty.pop_front();
            self.b_io.push_back(oldest);
        }
    }

    fn take_file(disk: &mut Disk, m: &Machine) {
        let (Some(work), Some(inode)) = (disk.flush.work, disk.flush.b_io.pop_front()) else { return };
        let pages = match work.why {
            Why::Sync => disk.inodes[inode].dirty,
            _ if m.rules.throttling == Throttling::WriterWrites => 1024,
            _ => calc::writeback_chunk_size(disk.rates.avg_write_bandwidth, m.dirty_limit, work.left),
        };
        disk.flush.slice = Some((inode, pages));
    }

    /// `fs/fs-writeback.c: requeue_inode`, and the bandwidth measured on the way.
    fn finish_slice(disk: &mut Disk, m: &mut Machine, inode: usize, left: u64) {
        disk.flush.slice = None;
        let tick = m.now;
        let Some(work) = disk.flush.work else { return };
        if disk.inodes[inode].dirty == 0 {
            disk.inodes[inode].listed = false;
        } else if left == 0 && work.why != Why::Sync {
            disk.flush.b_more_io.push_back(inode);
        } else {
            // Dirtied behind the back of sync, which does not chase what came after it.
            disk.inodes[inode].dirtied_when = tick.max(work.start + 1);
            disk.flush.b_dirty.push_back(inode);
        }
        if m.rules.throttling == Throttling::Pauses {
            disk.update_bandwidth(m, tick, work.start, false);
        }
    }

    fn end_work(disk: &mut Disk, m: &mut Machine, now: Nanos) {
        let Some(work) = disk.flush.work.take() else { return };
        if work.why == Why::Sync
            && let Some(sync) = disk.flush.syncs.pop_front()
        {
            disk.flush.synced.push((sync, disk.submitted));
        }
        if work.written > 0 {
            disk.flush.stopped = Some(m.now);
        }
        if work.written > 0 && work.told {
            m.happen(
                now,
                Happening::FlushEnd { disk: disk.index, why: work.why, pages: work.written, left: disk.reclaimable },
            );
        }
    }
}

/// `fs/fs-writeback.c: wb_over_bg_thresh` (until 3.1 `over_bground_thresh`, of the machine only).
pub fn over_bg_thresh(disk: &Disk, m: &Machine) -> bool {
    let pauses = m.rules.throttling == Throttling::Pauses;
    m.nr_dirty > m.thresholds.bg_thresh || pauses && disk.reclaimable > bg_share(disk, m)
}

/// The disk's part of the background threshold.
fn bg_share(disk: &Disk, m: &Machine) -> u64 {
    let fraction = m.completions.fraction(&disk.share);
    wb_calc_thresh(m.rules.floor, disk.config.bounds, fraction, m.thresholds.bg_thresh, m.nr_dirty)
}
