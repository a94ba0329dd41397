//! Everything together, from one moment that matters to the next.

use std::rc::Rc;

use super::balance;
use super::disk::{Disk, DiskConfig, Helper};
use super::flusher::Flush;
use super::happening::Happening;
use super::machine::{Machine, MachineConfig};
use super::writer::{Doing, Writer, WriterConfig};
use crate::Nanos;

/// A change of the memory that programs use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryChange {
    pub at: Nanos,
    /// Pages taken; negative for pages given back.
    pub pages: i64,
}

/// Somebody in `sync`.
#[derive(Clone, Debug)]
struct Sync {
    since: Nanos,
    /// The request to wait for on each disk, once known.
    waits: Vec<Option<u64>>,
}

/// Machine, disks and writers at one moment.
#[derive(Clone, Debug)]
pub struct Engine {
    pub now: Nanos,
    pub m: Machine,
    pub disks: Vec<Disk>,
    pub writers: Vec<Writer>,
    /// Pages dirtied on each CPU since a writer there last looked (`bdp_ratelimits`).
    pub on_cpu: Vec<u64>,
    /// What exited writers left uncounted (`dirty_throttle_leaks`).
    pub leaks: Vec<u64>,
    memory: Rc<[MemoryChange]>,
    next_memory: usize,
    syncs: Rc<[Nanos]>,
    next_sync: usize,
    syncing: Vec<(usize, Sync)>,
}

/// What an engine starts from.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    pub machine: MachineConfig,
    pub disks: Vec<DiskConfig>,
    pub writers: Vec<WriterConfig>,
    pub memory: Vec<MemoryChange>,
    pub syncs: Vec<Nanos>,
}

impl Engine {
    pub fn new(config: EngineConfig) -> Engine {
        let m = Machine::new(config.machine);
        let files = |disk| config.writers.iter().filter(|writer| writer.disk == disk).count();
        let disks = config.disks.iter().enumerate();
        let disks = disks.map(|(i, disk)| Disk::new(i, *disk, files(i), m.cpus, m.now)).collect();
        let cpus = m.cpus as usize;
        Engine {
            now: 0,
            disks,
            writers: config.writers.into_iter().map(Writer::new).collect(),
            on_cpu: vec![0; cpus],
            leaks: vec![0; cpus],
            memory: config.memory.into(),
            next_memory: 0,
            syncs: config.syncs.into(),
            next_sync: 0,
            syncing: Vec::new(),
            m,
        }
    }

    /// About how many bytes a clone takes besides itself.
    pub fn footprint(&self) -> usize {
        let disks = self.disks.iter().map(|disk| size_of::<Disk>() + 16 * disk.in_flight() + 64 * disk.inodes.len());
        disks.sum::<usize>() + self.writers.len() * size_of::<Writer>() + 16 * self.on_cpu.len()
    }

    fn until_look(&self, writer: &Writer) -> (u64, u64) {
        let pauses = self.m.rules.throttling == super::rules::Throttling::Pauses;
        let exceeded = self.disks[writer.config.disk].dirty_exceeded;
        let on_cpu = self.on_cpu[writer.config.cpu];
        if pauses {
            (writer.ratelimit(exceeded), self.m.ratelimit_pages.saturating_sub(on_cpu))
        } else {
            // Old kernels count on the CPU only.
            let limit = if exceeded { 8 } else { self.m.ratelimit_pages };
            (u64::MAX, limit.saturating_sub(on_cpu))
        }
    }

    /// The next moment that matters.
    pub fn next_event(&self) -> Option<Nanos> {
        let mut next = None;
        let mut at = |t: Nanos| next = Some(next.map_or(t, |known: Nanos| known.min(t)));
        for disk in &self.disks {
            if let Some(t) = disk.next_event(self.watched(disk.index)) {
                at(t);
            }
            for tick in [disk.flush.wake, disk.bw_due].into_iter().flatten() {
                at(self.m.time_of(tick));
            }
        }
        if let Some(tick) = self.m.completions.next() {
            at(self.m.time_of(tick));
        }
        for writer in &self.writers {
            match writer.doing {
                Doing::Waiting(t) | Doing::Paused { until: t, .. } => at(t),
                Doing::Writing => {
                    let (ratelimit, on_cpu) = self.until_look(writer);
                    at(writer.stops(ratelimit, on_cpu));
                }
                Doing::WritingOut | Doing::Fsync { .. } | Doing::Done => {}
            }
        }
        if let Some(change) = self.memory.get(self.next_memory) {
            at(change.at);
        }
        if let Some(t) = self.syncs.get(self.next_sync) {
            at(*t);
        }
        next.map(|t| t.max(self.now))
    }

    /// Whether somebody waits for single requests of a disk.
    fn watched(&self, disk: usize) -> bool {
        let fsync = |w: &Writer| w.config.disk == disk && matches!(w.doing, Doing::Fsync { request: Some(_), .. });
        self.writers.iter().any(fsync) || self.syncing.iter().any(|(_, sync)| sync.waits[disk].is_some())
    }

    /// Lets disks and writers run to a moment without deciding anything.
    pub fn run_to(&mut self, t: Nanos) {
        for disk in &mut self.disks {
            disk.run(&mut self.m, t);
        }
        self.now = t;
        self.m.now = self.m.jiffies(t);
        for i in 0..self.writers.len() {
            if self.writers[i].doing == Doing::Writing {
                self.fill(i);
            }
        }
    }

    /// What a writer dirtied up to now.
    fn fill(&mut self, i: usize) {
        let (ratelimit, on_cpu) = self.until_look(&self.writers[i]);
        let writer = &mut self.writers[i];
        let pages = writer.fill(self.now, ratelimit, on_cpu);
        let disk = &mut self.disks[writer.config.disk];
        if pages > 0 {
            self.on_cpu[writer.config.cpu] += pages;
            self.m.take_for_file(pages);
            disk.dirty(&mut self.m, writer.config.inode, pages);
        }
        writer.at_speed(self.now, disk.busy());
    }

    /// Does everything that is due now.
    pub fn decide(&mut self) {
        let tick = self.m.now;
        while let Some(change) = self.memory.get(self.next_memory).filter(|change| change.at <= self.now) {
            self.next_memory += 1;
            self.m.take_for_programs(change.pages);
            self.m.happen(self.now, Happening::Memory { pages: change.pages, thresh: self.m.thresholds.thresh });
        }
        self.m.completions.age(tick);
        for disk in &mut self.disks {
            if disk.bw_due.is_some_and(|due| due <= tick) {
                disk.bw_due = None;
                disk.update_bandwidth(&self.m, tick, tick, true);
            }
            if disk.flush.wake.is_some_and(|wake| wake <= tick) {
                disk.flush.wake = None;
                Flush::kick(disk, &mut self.m, self.now);
            }
        }
        self.start_syncs();
        self.wake_waiting();
        for i in 0..self.writers.len() {
            self.decide_writer(i);
        }
    }

    fn decide_writer(&mut self, i: usize) {
        let now = self.now;
        match self.writers[i].doing {
            Doing::Waiting(at) if at <= now => {
                let burst = self.writers[i].begin(now);
                let busy = self.disks[self.writers[i].config.disk].busy();
                self.writers[i].at_speed(now, busy);
                let pages = (burst.pages != u64::MAX).then_some(burst.pages);
                self.m.happen(now, Happening::Burst { writer: i, pages });
            }
            Doing::Writing if self.writers[i].stopped || self.writers[i].is_done(now) => {
                let (ratelimit, on_cpu) = self.until_look(&self.writers[i]);
                self.look(i, ratelimit, on_cpu);
            }
            Doing::Paused { until, again, .. } if until <= now => {
                let disk = &self.disks[self.writers[i].config.disk];
                let stat_error = self.m.cpus * super::stat_batch(self.m.cpus);
                if again && disk.reclaimable + disk.writeback > stat_error {
                    balance::look(self, i);
                } else {
                    self.resume(i);
                }
            }
            _ => {}
        }
    }

    /// `mm/page-writeback.c: balance_dirty_pages_ratelimited`, after the pages up to here.
    fn look(&mut self, i: usize, ratelimit: u64, on_cpu: u64) {
        let writer = &mut self.writers[i];
        let cpu = writer.config.cpu;
        let mut limit = ratelimit;
        if writer.nr_dirtied >= ratelimit {
            self.on_cpu[cpu] = 0;
        } else if on_cpu == 0 {
            self.on_cpu[cpu] = 0;
            limit = 0;
        }
        if writer.nr_dirtied < limit && limit != u64::MAX {
            let leaked = self.leaks[cpu].min(limit - writer.nr_dirtied);
            self.leaks[cpu] -= leaked;
            writer.nr_dirtied += leaked;
        }
        if writer.nr_dirtied >= limit && writer.nr_dirtied > 0 {
            writer.pages_dirtied = writer.nr_dirtied;
            balance::look(self, i);
        } else {
            self.resume(i);
        }
    }

    /// A writer goes on after it was looked at: the next page, `fsync`, or the end of its burst.
    pub fn resume(&mut self, i: usize) {
        let now = self.now;
        let writer = &mut self.writers[i];
        if let Some((since, _)) = writer.stall.take()
            && now > since
        {
            self.m.happen(now, Happening::StallEnd { writer: i, lasted: now - since });
        }
        if writer.owes_fsync() {
            writer.fsync_left = writer.config.fsync_pages;
            writer.doing = Doing::Fsync { since: now, request: None };
            let disk = &mut self.disks[writer.config.disk];
            let pages = disk.inodes[writer.config.inode].dirty;
            let queued = disk.in_flight() as u64;
            self.m.happen(now, Happening::Fsync { writer: i, pages, queued });
            let inode = writer.config.inode;
            disk.helpers.push_back(Helper { writer: i, left: pages, inode: Some(inode), next: inode });
            disk.pump(&mut self.m, now);
            self.wake_waiting();
        } else if writer.is_done(now) {
            self.end_burst(i);
        } else {
            writer.go_on(now);
        }
    }

    fn end_burst(&mut self, i: usize) {
        let now = self.now;
        let writer = &mut self.writers[i];
        self.m.happen(now, Happening::BurstEnd { writer: i, pages: writer.burst_pages });
        writer.allowed = None;
        writer.doing = match writer.config.bursts.get(writer.next_burst) {
            Some(burst) => Doing::Waiting(burst.at.max(now)),
            None => {
                self.leaks[writer.config.cpu] += std::mem::take(&mut writer.nr_dirtied);
                Doing::Done
            }
        };
    }

    /// Wakes whoever waited for a disk to take or to complete requests.
    pub fn wake_waiting(&mut self) {
        for d in 0..self.disks.len() {
            for (i, request) in std::mem::take(&mut self.disks[d].handed) {
                match &mut self.writers[i].doing {
                    Doing::Fsync { request: wait, .. } => *wait = Some(request),
                    Doing::WritingOut => balance::wrote_out(self, i),
                    _ => {}
                }
            }
            let completed = self.disks[d].completed;
            for (sync, request) in std::mem::take(&mut self.disks[d].flush.synced) {
                if let Some((_, sync)) = self.syncing.iter_mut().find(|(n, _)| *n == sync) {
                    sync.waits[d] = Some(request);
                }
            }
            for i in 0..self.writers.len() {
                if self.writers[i].config.disk == d
                    && let Doing::Fsync { since, request: Some(request) } = self.writers[i].doing
                    && request <= completed
                {
                    self.m.happen(self.now, Happening::FsyncEnd { writer: i, lasted: self.now - since });
                    self.after_fsync(i);
                }
            }
        }
        let disks = &self.disks;
        let (now, m) = (self.now, &mut self.m);
        self.syncing.retain(|(_, sync)| {
            let done = |(wait, disk): (&Option<u64>, &Disk)| wait.is_some_and(|request| request <= disk.completed);
            let all = sync.waits.iter().zip(disks).all(done);
            if all {
                m.happen(now, Happening::SyncEnd { lasted: now - sync.since });
            }
            !all
        });
    }

    fn after_fsync(&mut self, i: usize) {
        if self.writers[i].is_done(self.now) { self.end_burst(i) } else { self.writers[i].go_on(self.now) }
    }

    fn start_syncs(&mut self) {
        while self.syncs.get(self.next_sync).is_some_and(|at| *at <= self.now) {
            let id = self.next_sync;
            self.next_sync += 1;
            self.m.happen(self.now, Happening::Sync { pages: self.m.dirty() });
            let waits = vec![None; self.disks.len()];
            self.syncing.push((id, Sync { since: self.now, waits }));
            for disk in &mut self.disks {
                disk.flush.syncs.push_back(id);
                Flush::kick(disk, &mut self.m, self.now);
            }
        }
    }

    /// Goes from decision to decision until something to tell has happened or none is left up to
    /// `to`. Returns whether it has. Between two decisions nothing is worked out: writers on one CPU
    /// share a count, and where they are looked at must not depend on who asks.
    pub fn decide_until(&mut self, to: Nanos) -> bool {
        loop {
            let next = self.next_event().filter(|t| *t <= to);
            if self.m.happened() && next.is_none_or(|t| t > self.now) {
                return true;
            }
            match next {
                Some(t) => {
                    self.run_to(t);
                    self.wake_waiting();
                    self.decide();
                }
                None => return self.m.happened(),
            }
        }
    }
}
