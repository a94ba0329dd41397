//! A disk with its queue, the files on it and the thread that flushes them.
//!
//! A disk serves requests one after the other. Between two moments at which anything is decided it
//! runs at a constant pace, so its progress is worked out when somebody looks, many requests at once.

use std::collections::VecDeque;

use super::calc::{self, Rates};
use super::flusher::{Flush, Source};
use super::machine::Machine;
use super::share::{Bounds, Share};
use crate::Nanos;

/// What a disk can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskConfig {
    /// Time for one full request, ns.
    pub request_ns: Nanos,
    /// Pages in a full request.
    pub request_pages: u64,
    /// Requests it is given at a time.
    pub depth: usize,
    /// Added when a request belongs to another file than the one before, ns.
    pub seek_ns: Nanos,
    /// Bounds of its share.
    pub bounds: Bounds,
}

/// A file, as far as writeback is concerned (`struct inode`). Each writer has one of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inode {
    /// Pages dirtied and not yet given to the disk.
    pub dirty: u64,
    /// Tick in which it became dirty.
    pub dirtied_when: u64,
    /// Whether it stands on one of the lists.
    pub listed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Request {
    inode: usize,
    pages: u64,
}

/// Somebody who writes pages out besides the flusher: a writer in `fsync`, or in
/// `balance_dirty_pages` of an old kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Helper {
    /// Which writer.
    pub writer: usize,
    /// Pages it still has to hand over.
    pub left: u64,
    /// The only file it writes; one after the other if `None`.
    pub inode: Option<usize>,
    /// Where it looks for the next file.
    pub next: usize,
}

/// A disk with everything the kernel keeps about it (`struct bdi_writeback`).
#[derive(Clone, Debug)]
pub struct Disk {
    /// Its place among the disks.
    pub index: usize,
    pub config: DiskConfig,
    pub inodes: Vec<Inode>,
    /// Pages dirtied and not yet given to the disk (`WB_RECLAIMABLE`).
    pub reclaimable: u64,
    /// Pages given to it and not yet written (`WB_WRITEBACK`).
    pub writeback: u64,
    /// Pages ever dirtied (`WB_DIRTIED`).
    pub dirtied: u64,
    /// Pages ever written (`WB_WRITTEN`).
    pub written: u64,
    pub rates: Rates,
    pub share: Share,
    /// The last position ratio worked out, in 1/1024.
    pub pos_ratio: u64,
    pub dirty_exceeded: bool,
    pub bw_time_stamp: u64,
    dirtied_stamp: u64,
    written_stamp: u64,
    /// Tick of the bandwidth update that follows when the disk has become quiet.
    pub bw_due: Option<u64>,
    pub flush: Flush,
    pub helpers: VecDeque<Helper>,
    /// Writers whose helper has handed everything over, with the request to wait for.
    pub handed: Vec<(usize, u64)>,
    queue: VecDeque<Request>,
    next_done: Nanos,
    last_inode: usize,
    flusher_turn: bool,
    /// Requests ever given to the disk, and completed.
    pub submitted: u64,
    pub completed: u64,
}

impl Disk {
    pub fn new(index: usize, config: DiskConfig, inodes: usize, cpus: u64, now: u64) -> Disk {
        Disk {
            index,
            config,
            inodes: vec![Inode::default(); inodes],
            reclaimable: 0,
            writeback: 0,
            dirtied: 0,
            written: 0,
            rates: Rates::default(),
            share: Share::new(cpus),
            pos_ratio: calc::ONE as u64,
            dirty_exceeded: false,
            bw_time_stamp: now,
            dirtied_stamp: 0,
            written_stamp: 0,
            bw_due: None,
            flush: Flush::new(now),
            helpers: VecDeque::new(),
            handed: Vec::new(),
            queue: VecDeque::new(),
            next_done: 0,
            last_inode: usize::MAX,
            flusher_turn: false,
            submitted: 0,
            completed: 0,
        }
    }

    /// Whether it has something to write right now.
    pub fn busy(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Requests given to it and not yet written.
    pub fn in_flight(&self) -> usize {
        self.queue.len()
    }

    fn service(&mut self, request: Request) -> Nanos {
        let transfer = (request.pages * self.config.request_ns).div_ceil(self.config.request_pages).max(1);
        let seek = if request.inode == self.last_inode { 0 } else { self.config.seek_ns };
        self.last_inode = request.inode;
        transfer + seek
    }

    /// Some of a writer's pages became dirty (`mm/page-writeback.c: folio_account_dirtied`).
    pub fn dirty(&mut self, m: &mut Machine, inode: usize, pages: u64) {
        self.reclaimable += pages;
        self.dirtied += pages;
        m.nr_dirty += pages;
        m.nr_dirtied += pages;
        self.inodes[inode].dirty += pages;
        if !self.inodes[inode].listed {
            self.flush.mark_inode_dirty(m, &mut self.inodes, inode);
        }
    }

    /// The moment up to which the disk runs at a constant pace; `None` when it rests. `watched`
    /// when somebody waits for single requests.
    pub fn next_event(&self, watched: bool) -> Option<Nanos> {
        let first = self.queue.front()?;
        if watched || !self.helpers.is_empty() || !self.queue.iter().all(|request| request == first) {
            return Some(self.next_done);
        }
        let service = self.steady_service(*first);
        let ahead = match self.flush.slice() {
            Some((inode, left)) if inode == first.inode && first.pages == self.config.request_pages => {
                left.min(self.inodes[inode].dirty).div_ceil(self.config.request_pages).max(1)
            }
            Some(_) => 1,
            None => self.queue.len() as u64,
        };
        Some(self.next_done + (ahead - 1) * service)
    }

    fn steady_service(&self, request: Request) -> Nanos {
        (request.pages * self.config.request_ns).div_ceil(self.config.request_pages).max(1)
    }

    /// Everything the disk does up to `to`.
    pub fn run(&mut self, m: &mut Machine, to: Nanos) {
        while !self.queue.is_empty() && self.next_done <= to {
            if !self.run_steadily(m, to) {
                let at = self.next_done;
                m.now = m.jiffies(at);
                self.complete(m, 1);
                if let Some(next) = self.queue.front().copied() {
                    self.next_done = at + self.service(next);
                }
                self.pump(m, at);
                if self.queue.is_empty() && m.rules.update_at_rest && self.bw_due.is_none() {
                    self.bw_due = Some(calc::timer_expiry(m.rules, m.now, m.now + m.bandwidth_interval()));
                }
            }
        }
    }

    /// Many equal requests at once, while each completion only makes room for one like it.
    fn run_steadily(&mut self, m: &mut Machine, to: Nanos) -> bool {
        let full = self.config.request_pages;
        let Some((inode, left)) = self.flush.slice() else { return false };
        let like = Request { inode, pages: full };
        if !self.helpers.is_empty() || self.queue.len() < self.config.depth || self.queue.iter().any(|r| *r != like) {
            return false;
        }
        let service = self.steady_service(like);
        let due = (to - self.next_done) / service + 1;
        // The last request of a slice is where the flusher thinks again.
        let room = (left.min(self.inodes[inode].dirty) / full).saturating_sub(1);
        let n = due.min(room);
        if n == 0 {
            return false;
        }
        // As many go in as come out; counted this way round nothing is below zero in between.
        self.hand_over(m, inode, n * full, n);
        self.complete_pages(m, n, n * full);
        self.flush.wrote(n * full);
        self.next_done += n * service;
        true
    }

    fn complete(&mut self, m: &mut Machine, requests: u64) {
        if let Some(request) = self.queue.pop_front() {
            self.complete_pages(m, requests, request.pages);
        }
    }

    fn complete_pages(&mut self, m: &mut Machine, requests: u64, pages: u64) {
        self.completed += requests;
        self.writeback -= pages;
        self.written += pages;
        m.nr_writeback -= pages;
        m.nr_written += pages;
        let now = m.jiffies(self.next_done);
        m.completions.written(&mut self.share, pages, now);
    }

    fn hand_over(&mut self, m: &mut Machine, inode: usize, pages: u64, requests: u64) {
        self.inodes[inode].dirty -= pages;
        self.reclaimable -= pages;
        self.writeback += pages;
        m.nr_dirty -= pages;
        m.nr_writeback += pages;
        self.submitted += requests;
    }

    /// Gives the disk requests while it takes some: the flusher and the helpers in turn.
    pub fn pump(&mut self, m: &mut Machine, now: Nanos) {
        while self.queue.len() < self.config.depth {
            let helped = !(self.flusher_turn && self.flush.running()) && self.pump_helper(m, now);
            self.flusher_turn = helped;
            if helped {
                continue;
            }
            let Some(Source { inode, pages }) = Flush::next(self, m, now) else {
                if self.helpers.is_empty() {
                    return;
                }
                continue;
            };
            self.push(m, inode, pages, now);
        }
    }

    fn pump_helper(&mut self, m: &mut Machine, now: Nanos) -> bool {
        let Some(mut helper) = self.helpers.pop_front() else { return false };
        let inode = match helper.inode {
            Some(inode) => Some(inode).filter(|inode| self.inodes[*inode].dirty > 0),
            None => {
                let files = self.inodes.len();
                (helper.next..helper.next + files).map(|i| i % files).find(|inode| self.inodes[*inode].dirty > 0)
            }
        };
        if let Some(inode) = inode.filter(|_| helper.left > 0) {
            let pages = helper.left.min(self.config.request_pages).min(self.inodes[inode].dirty);
            helper.left -= pages;
            helper.next = inode;
            self.push(m, inode, pages, now);
            if self.inodes[inode].dirty == 0 {
                self.flush.written_clean(&mut self.inodes, inode);
            }
        } else {
            helper.left = 0;
        }
        if helper.left == 0 {
            self.handed.push((helper.writer, self.submitted));
        } else {
            self.helpers.push_back(helper);
        }
        true
    }

    fn push(&mut self, m: &mut Machine, inode: usize, pages: u64, now: Nanos) {
        if m.rules.update_at_rest && self.queue.is_empty() {
            self.estimate_start(m.jiffies(now), m.hz);
        }
        self.hand_over(m, inode, pages, 1);
        let request = Request { inode, pages };
        if self.queue.is_empty() {
            self.next_done = now + self.service(request);
        }
        self.queue.push_back(request);
    }

    /// After a quiet second the measurement starts afresh
    /// (`mm/page-writeback.c: wb_bandwidth_estimate_start`).
    fn estimate_start(&mut self, now: u64, hz: u64) {
        if now - self.bw_time_stamp > hz {
            self.snapshot(now);
        }
    }

    fn snapshot(&mut self, now: u64) {
        (self.dirtied_stamp, self.written_stamp, self.bw_time_stamp) = (self.dirtied, self.written, now);
    }

    /// `mm/page-writeback.c: __wb_update_bandwidth` without the rate limit: after a slice of
    /// writing (`soon` false), or when the disk has become quiet.
    pub fn update_bandwidth(&mut self, m: &Machine, now: u64, start: u64, at_rest: bool) {
        let elapsed = now - self.bw_time_stamp;
        if !at_rest && elapsed <= m.bandwidth_interval() {
            return;
        }
        if !(m.rules.skips_quiet && elapsed > m.hz && self.bw_time_stamp < start) {
            self.rates.update_write_bandwidth(m.hz, elapsed.max(1), self.written - self.written_stamp);
        }
        self.snapshot(now);
    }

    /// The same with the rate limit, from a writer. Returns the rates of what was dirtied and
    /// allowed, pages a second, unless the update was skipped.
    pub fn update_rates(&mut self, m: &mut Machine, now: u64, start: u64, p: &calc::Position) -> Option<(u64, u64)> {
        let elapsed = (now - self.bw_time_stamp).max(1);
        let mut rates = None;
        if !(m.rules.skips_quiet && elapsed > m.hz && self.bw_time_stamp < start) {
            m.update_dirty_limit(now, p);
            let p = calc::Position { limit: m.dirty_limit.max(p.thresholds.thresh), ..*p };
            let dirty_rate = (self.dirtied - self.dirtied_stamp) * m.hz / elapsed;
            let allowed = self.rates.update_dirty_ratelimit(&p, self.pos_ratio, dirty_rate);
            self.rates.update_write_bandwidth(m.hz, elapsed, self.written - self.written_stamp);
            rates = Some((dirty_rate, allowed));
        }
        self.snapshot(now);
        rates
    }
}
