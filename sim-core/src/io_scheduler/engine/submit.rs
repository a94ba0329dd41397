//! From a read or write to requests that wait in the scheduler: bios, merging, plugs, and sleep
//! where no request is free.

use super::{Bio, Engine, Errand, Io, Live, NO_BIO, SLOT_BITS, UNPLUG_AFTER, UNPLUG_AT, slot};
use crate::Log;
use crate::io_scheduler::elevator::{Elevator, Merged, Place};
use crate::io_scheduler::request::{Op, Request, Side, fits, side};
use crate::io_scheduler::rules::Plugging;
use crate::io_scheduler::tell;
use crate::io_scheduler::trace::Action;

impl Engine {
    /// A process asks for its next read or write.
    pub(super) fn ask(&mut self, process: u32, log: &mut Log) {
        let p = &mut self.processes[process as usize];
        let Some(sector) = p.next(self.now) else { return };
        p.under_way += 1;
        let left = p.size;
        let io = self.ios.insert(Io { process, left: 0, whole: false, asked: self.now });
        self.hand_over(Errand { io, process, sector, left, of_bio: 0, since: 0 }, log);
    }

    /// Hands a read or write to the block layer, as far as there are requests for it.
    fn hand_over(&mut self, mut errand: Errand, log: &mut Log) {
        let p = &self.processes[errand.process as usize];
        let (op, prio, waits, bio_sectors) = (p.op(), p.prio(), p.kind().waits(), p.bio);
        let limits = self.setup.limits;
        let mut plug = std::mem::take(&mut self.plug);
        while errand.left > 0 {
            let mut bio = Request {
                op,
                prio,
                sync: waits,
                no_idle: op == Op::Write && waits,
                sector: errand.sector,
                process: errand.process,
                start: self.now,
                ..Request::default()
            };
            if errand.of_bio == 0 {
                errand.of_bio = bio_sectors.min(errand.left);
                bio.sectors = errand.of_bio;
                self.trace.write(self.now, Action::Queue, &bio);
            }
            if errand.of_bio > limits.max_sectors {
                bio.sectors = errand.of_bio;
                self.trace.write(self.now, Action::Split, &bio);
            }
            bio.sectors = errand.of_bio.min(limits.max_sectors);
            bio.segments = bio.sectors.div_ceil(8);
            if !self.merge(&bio, errand.io, &plug, log) {
                if !self.may_allocate(&bio) {
                    self.trace.write(self.now, Action::Sleep, &bio);
                    log.push(self.now, "wait", || tell::wait(self, &bio));
                    self.processes[errand.process as usize].slept += 1;
                    // A task that sleeps lets go of what it held back.
                    self.let_go(&mut plug, errand.process, log);
                    self.unplug(errand.process, log);
                    self.order += 1;
                    errand.since = self.order;
                    self.asleep[usize::from(bio.is_sync())].push_back(errand);
                    self.plug = plug;
                    return;
                }
                let slot = self.allocate(bio, errand.io);
                self.hold(slot, &mut plug, log);
            }
            self.totals.bios += 1;
            self.totals.bytes += u64::from(bio.sectors) * 512;
            errand.sector += u64::from(bio.sectors);
            errand.left -= bio.sectors;
            errand.of_bio -= bio.sectors;
        }
        self.ios[errand.io].whole = true;
        self.let_go(&mut plug, errand.process, log);
        if waits {
            self.unplug(errand.process, log);
        }
        self.plug = plug;
    }

    /// Tries to make a bio part of a request that is held back or waits.
    fn merge(&mut self, bio: &Request, io: u32, plug: &[u32], log: &mut Log) -> bool {
        let limits = self.setup.limits;
        if limits.nomerges < 2 {
            let last_only = matches!(self.setup.rules.plugging, Plugging::Task { last_only: true, .. });
            let looked_at = if last_only { 1 } else { plug.len() };
            for &held in plug.iter().rev().take(looked_at) {
                let request = &mut self.live[held].request;
                let Some(side) = side(request, bio).filter(|_| fits(request, bio, &limits)) else { continue };
                request.absorb(bio, side);
                let request = *request;
                self.merged(held, bio, io, side, &request, log);
                return true;
            }
        }
        let Some(Merged { side, request, absorbed }) = self.elevator.merge(self.now, bio, &limits) else {
            return false;
        };
        let into = slot(request.id);
        self.live[into].request = request;
        self.merged(into, bio, io, side, &request, log);
        for id in absorbed {
            self.absorb(into, slot(id));
        }
        true
    }

    fn merged(&mut self, into: u32, bio: &Request, io: u32, side: Side, request: &Request, log: &mut Log) {
        let action = if side == Side::Back { Action::BackMerge } else { Action::FrontMerge };
        self.trace.write(self.now, action, bio);
        self.stats.merged(bio);
        self.add_bio(into, io);
        log.push(self.now, "merge", || tell::merge(bio, side, request));
    }

    fn add_bio(&mut self, into: u32, io: u32) {
        self.ios[io].left += 1;
        let bio = self.bios.insert(Bio { io, next: NO_BIO });
        let live = &mut self.live[into];
        let last = std::mem::replace(&mut live.last, bio);
        if last == NO_BIO {
            live.first = bio;
        } else {
            self.bios[last].next = bio;
        }
    }

    /// A request became part of another: so did its bios.
    fn absorb(&mut self, into: u32, from: u32) {
        let (first, last, request) = (self.live[from].first, self.live[from].last, self.live[from].request);
        self.stats.absorbed(self.now, &request);
        let end = std::mem::replace(&mut self.live[into].last, last);
        self.bios[end].next = first;
        self.release(from);
    }

    /// Whether there is a request free for such a bio.
    fn may_allocate(&self, bio: &Request) -> bool {
        let nr_requests = self.setup.nr_requests;
        if self.setup.rules.legacy {
            return self.taken[usize::from(bio.is_sync())] < nr_requests;
        }
        let limit = self.elevator.depth_limit(bio, nr_requests).clamp(1, nr_requests);
        self.taken[0] + self.taken[1] < limit
    }

    fn allocate(&mut self, bio: Request, io: u32) -> u32 {
        self.trace.write(self.now, Action::Get, &bio);
        self.stats.allocated(self.now);
        self.taken[usize::from(bio.is_sync())] += 1;
        let slot = self.live.insert(Live { request: bio, issued: None, first: NO_BIO, last: NO_BIO });
        self.serial += 1;
        self.live[slot].request.id = self.serial << SLOT_BITS | u64::from(slot);
        self.add_bio(slot, io);
        slot
    }

    pub(super) fn release(&mut self, slot: u32) {
        self.taken[usize::from(self.live[slot].request.is_sync())] -= 1;
        self.live.remove(slot);
    }

    /// A new request is held back, or goes to the scheduler.
    fn hold(&mut self, slot: u32, plug: &mut Vec<u32>, log: &mut Log) {
        let request = self.live[slot].request;
        match self.setup.rules.plugging {
            Plugging::Queue => {
                if self.plugged.is_none() && !self.elevator.has_work() {
                    self.plugged = Some(self.now + UNPLUG_AFTER);
                    self.trace.write_plug(self.now, Action::Plug, request.process, 0);
                }
                self.insert(slot, log);
                if self.elevator.waiting() >= UNPLUG_AT {
                    self.unplug(request.process, log);
                }
            }
            Plugging::Task { most, large, .. } => {
                let full = plug.last().is_some_and(|last| large > 0 && self.live[*last].request.sectors >= large);
                if plug.len() >= most || full {
                    self.let_go(plug, request.process, log);
                }
                if plug.is_empty() {
                    self.trace.write_plug(self.now, Action::Plug, request.process, 0);
                }
                plug.push(slot);
            }
        }
    }

    /// A task's plug lets go (`blk_flush_plug_list`).
    fn let_go(&mut self, plug: &mut Vec<u32>, process: u32, log: &mut Log) {
        if plug.is_empty() {
            return;
        }
        self.trace.write_plug(self.now, Action::Unplug, process, plug.len() as u64);
        if self.setup.rules.legacy {
            plug.sort_by_key(|slot| self.live[*slot].request.sector);
        }
        for slot in plug.drain(..) {
            self.insert(slot, log);
        }
        self.run_queue(log);
    }

    fn insert(&mut self, from: u32, log: &mut Log) {
        let request = self.live[from].request;
        if let Some(Merged { request: grown, absorbed, .. }) =
            self.elevator.merge_insert(self.now, &request, &self.setup.limits)
        {
            let into = slot(grown.id);
            self.live[into].request = grown;
            self.absorb(into, from);
            for id in absorbed.into_iter().filter(|id| *id != request.id) {
                self.absorb(into, slot(id));
            }
            log.push(self.now, "merge", || tell::merge(&request, Side::Back, &grown));
            return;
        }
        self.elevator.insert(self.now, request, Place::Sorted);
        self.live[from].request.insert = self.now;
        self.trace.write(self.now, Action::Insert, &request);
        log.push(self.now, "insert", || tell::insert(self, &request));
    }

    /// The queue-wide plug is pulled.
    pub(super) fn unplug(&mut self, process: u32, log: &mut Log) {
        if self.plugged.take().is_some() {
            let waiting = self.elevator.waiting() as u64;
            self.trace.write_plug(self.now, Action::Unplug, process, waiting);
        }
        self.run_queue(log);
    }

    /// Requests have become free: those who sleep go on, in the order in which they fell asleep; where
    /// writes may hold fewer of them, reads pass by writes that have to sleep on.
    pub(super) fn wake_sleepers(&mut self, log: &mut Log) {
        loop {
            let heads = [0, 1].map(|list| self.asleep[list].front().map(|errand| (errand.since, list)));
            let mut heads: Vec<_> = heads.into_iter().flatten().collect();
            heads.sort_unstable();
            let free = heads.into_iter().map(|(_, list)| list).find(|&list| {
                let process = self.asleep[list][0].process;
                let p = &self.processes[process as usize];
                let (op, sync, prio) = (p.op(), list == 1, p.prio());
                self.may_allocate(&Request { op, sync, prio, process, ..Request::default() })
            });
            let Some(errand) = free.and_then(|list| self.asleep[list].pop_front()) else { return };
            self.hand_over(errand, log);
        }
    }
}
