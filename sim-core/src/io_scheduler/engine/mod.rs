//! The block layer: from what a process asks for to what the device has done.
//!
//! A read or write comes as bios under one plug. A bio is merged into a request that is held back
//! or that waits, or gets a request of its own (`block/blk-mq.c: blk_mq_submit_bio`, until 4.20
//! `block/blk-core.c: blk_queue_bio`, `__make_request`). The plug lets go, the scheduler gets the
//! requests, and the device is given one whenever it can take it.

mod submit;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::rc::Rc;

use super::disk::{Disk, Job};
use super::elevator::{Elevator, Scheduler};
use super::process::Process;
use super::request::Request;
use super::setup::Setup;
use super::slab::Slab;
use super::stats::Stats;
use super::tell;
use super::trace::{Action, Trace};
use crate::{Log, MILLISECOND, Nanos};

/// What queue-wide plugging waits for: so many requests, or so long (`unplug_thresh`,
/// `unplug_delay`).
const UNPLUG_AT: usize = 4;
const UNPLUG_AFTER: Nanos = 3 * MILLISECOND;
/// Bits of a request's id that are its slot; the rest is a number that grows.
const SLOT_BITS: u32 = 16;
/// The end of a list of bios.
const NO_BIO: u32 = u32::MAX;

/// The number of a request as a reader sees it: the first is 1.
pub fn number(id: u64) -> u64 {
    id >> SLOT_BITS
}

fn slot(id: u64) -> u32 {
    (id & ((1 << SLOT_BITS) - 1)) as u32
}

/// A request from its allocation to its completion.
#[derive(Clone, Debug)]
pub struct Live {
    /// As it is now.
    pub request: Request,
    /// When the device got it.
    pub issued: Option<Nanos>,
    /// Its bios.
    first: u32,
    last: u32,
}

/// Part of a read or write, in a list.
#[derive(Clone, Copy, Debug)]
struct Bio {
    io: u32,
    next: u32,
}

/// A read or write of a process.
#[derive(Clone, Copy, Debug)]
struct Io {
    process: u32,
    /// Bios that are not done.
    left: u32,
    /// Whether all of it has been handed over.
    whole: bool,
    asked: Nanos,
}

/// A read or write that is being handed over.
#[derive(Clone, Copy, Debug)]
struct Errand {
    io: u32,
    process: u32,
    sector: u64,
    /// Sectors still to be handed over.
    left: u32,
    /// Of which so many are of a bio that was begun.
    of_bio: u32,
    /// Which of all that ever fell asleep.
    since: u64,
}

/// A request that is done, for a picture of what was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    /// Whose it was, by index.
    pub process: u32,
    /// When it was allocated.
    pub start: Nanos,
    /// When the device got it.
    pub issued: Nanos,
    /// When it was done.
    pub done: Nanos,
}

/// Requests done that are remembered.
const REMEMBERED: usize = 256;

/// What happens next, in the order in which things at one instant are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Complete,
    Timer,
    Unplug,
    Wake,
    Report,
}

/// Numbers of the whole run so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bios that became or joined a request.
    pub bios: u64,
    /// Bios that are done.
    pub done: u64,
    /// Bytes handed over.
    pub bytes: u64,
    /// Bytes the device has done.
    pub bytes_done: u64,
    /// Requests the device got.
    pub issued: u64,
}

/// Everything that moves.
#[derive(Clone, Debug)]
pub struct Engine {
    pub setup: Rc<Setup>,
    pub now: Nanos,
    pub elevator: Scheduler,
    pub disk: Disk,
    pub processes: Vec<Process>,
    pub live: Slab<Live>,
    pub stats: Stats,
    pub trace: Trace,
    pub totals: Totals,
    /// The last requests that were done, oldest first.
    pub served: VecDeque<Served>,
    /// The device was left idle on purpose when this was last looked at.
    pub idling: bool,
    bios: Slab<Bio>,
    ios: Slab<Io>,
    /// Who wants to ask for something, and when; ties by who was first.
    wakes: BinaryHeap<Reverse<(Nanos, u64, u32)>>,
    order: u64,
    /// Who found no request free: waited for, and not.
    asleep: [VecDeque<Errand>; 2],
    /// Requests there are: not waited for, and waited for; only the single-queue layer keeps them
    /// apart.
    taken: [u32; 2],
    /// Until when the queue is plugged, where that is done queue-wide.
    plugged: Option<Nanos>,
    /// The timer that ran at this instant, so that it does not run at it for ever.
    timer_ran: Option<Nanos>,
    serial: u64,
    next_report: Nanos,
    /// An empty list that keeps its room.
    plug: Vec<u32>,
}

impl Engine {
    /// Before anyone has asked for anything.
    pub fn new(setup: Setup) -> Engine {
        let scenario = &setup.scenario;
        let mut wakes = BinaryHeap::new();
        let (mut processes, mut order) = (Vec::new(), 0);
        for (process, from, depth) in Process::all(scenario, setup.disk.capacity()) {
            for _ in 0..depth {
                wakes.push(Reverse((from, order, processes.len() as u32)));
                order += 1;
            }
            processes.push(process);
        }
        let report = scenario.iostat_ms as u64 * MILLISECOND;
        Engine {
            now: 0,
            elevator: setup.scheduler.start(&setup.elevator()),
            disk: Disk::new(setup.disk, setup.queue_depth, setup.fixed),
            processes,
            live: Slab::default(),
            stats: Stats::new(scenario.hz as u64, setup.rules.exact_times),
            trace: Trace::default(),
            totals: Totals::default(),
            served: VecDeque::new(),
            idling: false,
            bios: Slab::default(),
            ios: Slab::default(),
            wakes,
            order,
            asleep: [VecDeque::new(), VecDeque::new()],
            taken: [0, 0],
            plugged: None,
            timer_ran: None,
            serial: 0,
            next_report: report,
            plug: Vec::new(),
            setup: Rc::new(setup),
        }
    }

    /// Requests that are held back by queue-wide plugging.
    pub fn plugged(&self) -> Option<Nanos> {
        self.plugged
    }

    /// Reads and writes that sleep because no request is free.
    pub fn sleeping(&self) -> usize {
        self.asleep.iter().map(VecDeque::len).sum()
    }

    /// Requests there are.
    pub fn allocated(&self) -> u32 {
        self.taken.iter().sum()
    }

    /// When something happens next.
    pub fn next(&self) -> Nanos {
        self.next_thing().0
    }

    fn next_thing(&self) -> (Nanos, Next) {
        let complete = self.disk.next().map(|t| (t, Next::Complete));
        let timer = self.elevator.next_timer().map(|t| (t.max(self.now), Next::Timer));
        let timer = timer.filter(|(t, _)| self.timer_ran != Some(*t));
        let unplug = self.plugged.map(|t| (t, Next::Unplug));
        let wake = self.wakes.peek().map(|Reverse((t, ..))| (*t, Next::Wake));
        let report = Some((self.next_report, Next::Report));
        let first = [complete, timer, unplug, wake, report].into_iter().flatten().min();
        first.unwrap_or((self.next_report, Next::Report))
    }

    /// Lets time pass in which nothing happens.
    pub fn pass_time(&mut self, to: Nanos) {
        let dt = to - self.now;
        if dt > 0 {
            if self.disk.in_flight() > 0 {
                self.stats.busy += dt;
            }
            self.stats.queued += self.elevator.waiting() as u128 * u128::from(dt);
            self.now = to;
            self.timer_ran = None;
        }
    }

    /// Does the next thing; [`Engine::next`] says when that is.
    pub fn step(&mut self, log: &mut Log) {
        let (t, next) = self.next_thing();
        self.pass_time(t);
        match next {
            Next::Complete => {
                while let Some(slot) = self.disk.complete(self.now) {
                    self.complete(slot, log);
                }
            }
            Next::Timer => {
                self.timer_ran = Some(self.now);
                self.elevator.timer(self.now);
                self.run_queue(log);
            }
            Next::Unplug => self.unplug(0, log),
            Next::Wake => {
                if let Some(Reverse((_, _, process))) = self.wakes.pop() {
                    self.ask(process, log);
                }
            }
            Next::Report => {
                self.stats.report(self.now);
                self.next_report += self.setup.scenario.iostat_ms as u64 * MILLISECOND;
            }
        }
        if self.sleeping() > 0 {
            self.wake_sleepers(log);
        }
    }

    /// Gives the device whatever it can take and the scheduler lets go.
    fn run_queue(&mut self, log: &mut Log) {
        if self.plugged.is_some() {
            return;
        }
        while self.disk.ready() {
            let Some(request) = self.elevator.dispatch(self.now) else { break };
            let at = slot(request.id);
            let live = &mut self.live[at];
            live.request = request;
            live.issued = Some(self.now);
            self.trace.write(self.now, Action::Issue, &request);
            self.stats.issued();
            self.totals.issued += 1;
            let (sector, sectors) = (request.sector, u64::from(request.sectors));
            self.disk.submit(self.now, Job { tag: at, write: request.op.is_write(), sector, sectors });
            log.push(self.now, "dispatch", || tell::dispatch(self, &request));
        }
        let idling = self.disk.in_flight() == 0 && self.elevator.has_work();
        if idling && !self.idling {
            log.push(self.now, "idle", || tell::idle(self));
        }
        self.idling = idling;
    }

    fn complete(&mut self, slot: u32, log: &mut Log) {
        let Live { request, first, issued, .. } = self.live[slot];
        self.elevator.finished(self.now, &request);
        self.stats.completed(self.now, &request);
        self.trace.write(self.now, Action::Complete, &request);
        log.push(self.now, "complete", || tell::complete(self, &request, issued.unwrap_or(self.now)));
        self.release(slot);
        if self.served.len() == REMEMBERED {
            self.served.pop_front();
        }
        let (process, start) = (request.process, request.start);
        self.served.push_back(Served { process, start, issued: issued.unwrap_or(self.now), done: self.now });
        self.totals.bytes_done += u64::from(request.sectors) * 512;
        let mut next = first;
        while next != NO_BIO {
            let Bio { io, next: following } = self.bios[next];
            self.bios.remove(next);
            self.totals.done += 1;
            self.ios[io].left -= 1;
            if self.ios[io].left == 0 && self.ios[io].whole {
                self.io_done(io);
            }
            next = following;
        }
        self.run_queue(log);
    }

    /// A process has what it asked for, and thinks.
    fn io_done(&mut self, io: u32) {
        let Io { process, asked, .. } = self.ios[io];
        self.ios.remove(io);
        let p = &mut self.processes[process as usize];
        p.under_way -= 1;
        p.bytes += u64::from(p.size) * 512;
        p.latency.add(self.now - asked);
        p.last_done = Some(self.now);
        let wake = self.now + p.pause();
        self.order += 1;
        self.wakes.push(Reverse((wake, self.order, process)));
    }

    /// What is under way, counted piece by piece: for tests that nothing gets lost.
    #[cfg(test)]
    pub fn under_way(&self) -> (usize, usize, usize) {
        (self.live.len(), self.bios.len(), self.ios.len())
    }
}
