//! BFQ: budgets of sectors by process, with idling (`block/bfq-iosched.c`, since 4.12).
//!
//! The rules are those of 6.1. One queue is in service until its budget, its time or its requests
//! run out; which comes next is decided in `tree`.

use std::collections::BTreeMap;

use super::merge::{merge_bio, merge_insert};
use super::store::{Fifo, Slot, Store};
use super::ticks::Ticks;
use super::view::{Idling, Lane, Order, View, Waiting, Why};
use super::{Elevator, Kind, Merged, Place, Setup};
use crate::io_scheduler::request::{Limits, Request, RequestId, Sector};
use crate::{KernelVersion, MILLISECOND, Nanos};

mod boost;
mod enqueue;
mod expire;
mod join;
mod lists;
mod queue;
mod rate;
mod select;
mod tree;

use queue::{Process, Q, Queue};

/// Think time and slices below this count as this (`BFQ_MIN_TT`), in ns.
const MIN_TT: u64 = 2 * MILLISECOND;
/// A distance in sectors beyond which a request is far (`BFQQ_SEEK_THR`).
const SEEK_THR: u64 = 800;
/// On a device without a head a request this large is near anyway (`BFQQ_SECT_THR_NONROT`).
const NONROT_SECTORS: u32 = 64;
/// Sectors within which processes count as reading together (`BFQQ_CLOSE_THR`).
const CLOSE_THR: u64 = 8192;
/// An asynchronous request is charged this many times (`bfq_async_charge_factor`).
const ASYNC_CHARGE: i64 = 3;

/// What can be set (`/sys/block/*/queue/iosched`).
#[derive(Clone, Debug)]
struct Settings {
    /// Async and sync, in ns.
    fifo_expire: [u64; 2],
    /// Sectors.
    back_max: u64,
    back_penalty: u64,
    /// In ns.
    slice_idle: u64,
    user_max_budget: i64,
    /// In ticks.
    timeout: i64,
    strict: bool,
    low_latency: bool,
}

/// The scheduler's state (`struct bfq_data`). Names of fields are the kernel's, shortened.
#[derive(Clone, Debug)]
pub struct Bfq {
    set: Settings,
    ticks: Ticks,
    hz: i64,
    rotational: bool,
    /// Queues made at one time are merged for good (5.13).
    stable_merge: bool,
    now: Nanos,
    tick: i64,
    seq: u64,

    store: Store,
    queues: Vec<Queue>,
    processes: BTreeMap<u32, Process>,
    asyncs: BTreeMap<(usize, u8), Q>,
    /// Inserted at the head.
    dispatch: Fifo,
    in_flight: BTreeMap<RequestId, Q>,

    classes: [tree::Class; 3],
    in_service_entity: Option<Q>,
    next_in_service: Option<Q>,
    class_idle_last_service: i64,
    in_service: Option<Q>,
    /// Queues that wait for service, the latest first.
    active: Vec<Q>,
    busy: [u32; 3],
    wr_busy: u32,
    weights: BTreeMap<u32, u32>,
    positions: BTreeMap<Sector, Q>,

    queued: u64,
    in_driver: u32,
    max_in_driver: u32,
    /// Whether the device queues: not known before 32 samples.
    hw_tag: Option<bool>,
    hw_tag_samples: u32,
    nonrot_with_queueing: bool,

    last_position: Sector,
    in_serv_last_pos: Sector,
    last_completion: Nanos,
    last_completed: Option<Q>,
    rate: rate::Rate,
    max_budget: i64,
    budgets_assigned: i64,

    idle_timer: Option<Nanos>,
    last_idling_start: Nanos,
    last_idling_tick: i64,
    last_budget_start: Nanos,
    rqs_injected: bool,
    wait_dispatch: bool,
    waited: Option<RequestId>,
    last_empty_occupied: Nanos,

    burst_size: u32,
    large_burst: bool,
    last_ins_in_burst: i64,
    last_created: Option<Q>,
    why: Why,
}

impl Bfq {
    /// Starts it.
    pub fn new(setup: &Setup) -> Bfq {
        let get = |name| setup.tunable(Kind::Bfq, name);
        let count = |name| u64::try_from(get(name)).unwrap_or(0);
        let ticks = Ticks::new(setup.hz);
        let hz = i64::from(setup.hz.max(1));
        // By default HZ / 8, which is 124 ms at 250 Hz; what is written is rounded up.
        let timeout = if get("timeout_sync") == 125 { hz / 8 } else { ticks.of_ms(get("timeout_sync")) as i64 };
        let user_max_budget = get("max_budget").max(0);
        Bfq {
            set: Settings {
                fifo_expire: [count("fifo_expire_async") * MILLISECOND, count("fifo_expire_sync") * MILLISECOND],
                back_max: count("back_seek_max") * 2,
                back_penalty: count("back_seek_penalty"),
                slice_idle: count("slice_idle") * MILLISECOND,
                user_max_budget,
                timeout: timeout.max(1),
                strict: get("strict_guarantees") != 0,
                low_latency: get("low_latency") != 0,
            },
            ticks,
            hz,
            rotational: setup.rotational,
            stable_merge: setup.kernel >= KernelVersion::new(5, 13, 0),
            now: 0,
            tick: 0,
            seq: 0,
            store: Store::default(),
            queues: Vec::new(),
            processes: BTreeMap::new(),
            asyncs: BTreeMap::new(),
            dispatch: Fifo::default(),
            in_flight: BTreeMap::new(),
            classes: Default::default(),
            in_service_entity: None,
            next_in_service: None,
            class_idle_last_service: 0,
            in_service: None,
            active: Vec::new(),
            busy: [0; 3],
            wr_busy: 0,
            weights: BTreeMap::new(),
            positions: BTreeMap::new(),
            queued: 0,
            in_driver: 0,
            max_in_driver: 0,
            hw_tag: None,
            hw_tag_samples: 0,
            nonrot_with_queueing: !setup.rotational,
            last_position: 0,
            in_serv_last_pos: 0,
            last_completion: 0,
            last_completed: None,
            rate: rate::Rate::new(setup.rotational, hz),
            max_budget: if user_max_budget > 0 { user_max_budget } else { expire::DEFAULT_MAX_BUDGET },
            budgets_assigned: 0,
            idle_timer: None,
            last_idling_start: 0,
            last_idling_tick: 0,
            last_budget_start: 0,
            rqs_injected: false,
            wait_dispatch: false,
            waited: None,
            last_empty_occupied: 0,
            burst_size: 0,
            large_burst: false,
            last_ins_in_burst: queue::LONG_AGO,
            last_created: None,
            why: Why::Nothing,
        }
    }

    /// Time never goes back.
    fn clock(&mut self, now: Nanos) {
        self.now = self.now.max(now);
        self.tick = self.ticks.at(self.now) as i64;
    }

    /// Ticks of a span in ms (`msecs_to_jiffies`).
    fn ms(&self, ms: i64) -> i64 {
        self.ticks.of_ms(ms) as i64
    }

    /// `BFQ_RQ_SEEKY`.
    fn far(&self, last: Sector, request: &Request) -> bool {
        last != 0 && request.sector.abs_diff(last) > SEEK_THR && (self.rotational || request.sectors < NONROT_SECTORS)
    }

    /// Of two requests the better for a head at `last` (`bfq_choose_req`).
    fn choose(&self, a: Option<Slot>, b: Option<Slot>, last: Sector) -> Option<Slot> {
        let (Some(a), Some(b)) = (a, b) else { return a.or(b) };
        if a == b {
            return Some(a);
        }
        let (ra, rb) = (self.store.request(a), self.store.request(b));
        if ra.is_sync() != rb.is_sync() {
            return Some(if ra.is_sync() { a } else { b });
        }
        if ra.meta != rb.meta {
            return Some(if ra.meta { a } else { b });
        }
        let first = super::store::nearer(ra.sector, rb.sector, last, self.set.back_max, self.set.back_penalty);
        Some(if first { a } else { b })
    }

    fn lane(&self, q: Q, most: usize) -> Lane {
        let queue = &self.queues[q];
        Lane {
            label: Lane::owner(queue.sync, queue.process, queue.level),
            process: if queue.sync { queue.process } else { None },
            order: Order::Sector,
            waiting: Waiting::first(&self.store, &queue.sort, most),
            len: queue.sort.len(),
            next: queue.next.map(|slot| self.store.request(slot).id),
            active: self.in_service == Some(q),
        }
    }
}

impl Elevator for Bfq {
    fn insert(&mut self, now: Nanos, mut request: Request, place: Place) {
        self.clock(now);
        request.insert = now;
        let q = self.queue_for(&request);
        let slot = self.store.add(request, q as u32);
        match place {
            Place::Head => self.store.push_front(&mut self.dispatch, slot),
            Place::Sorted => {
                self.insert_request(q, slot);
                self.store.offer(slot);
            }
        }
    }

    fn merge(&mut self, now: Nanos, bio: &Request, limits: &Limits) -> Option<Merged> {
        self.clock(now);
        merge_bio(self, bio, limits)
    }

    fn merge_insert(&mut self, now: Nanos, request: &Request, limits: &Limits) -> Option<Merged> {
        self.clock(now);
        merge_insert(self, request, limits)
    }

    fn dispatch(&mut self, now: Nanos) -> Option<Request> {
        self.clock(now);
        if let Some(slot) = self.dispatch.front() {
            self.store.unlink(&mut self.dispatch, slot);
            let q = self.store.entry(slot).group as usize;
            let request = self.store.remove(slot);
            self.queues[q].dispatched += 1;
            self.in_driver += 1;
            self.in_flight.insert(request.id, q);
            self.why = Why::Head;
            return Some(request);
        }
        if self.total_busy() == 0 || (self.set.strict && self.in_driver > 0) {
            return None;
        }
        let q = self.select_queue()?;
        let request = self.dispatch_from(q)?;
        self.in_driver += 1;
        Some(request)
    }

    fn finished(&mut self, now: Nanos, request: &Request) {
        self.clock(now);
        let Some(q) = self.in_flight.remove(&request.id) else { return };
        if self.waited == Some(request.id) {
            self.update_inject_limit(q);
        }
        self.completed(q);
        if let Some(process) = self.processes.get_mut(&request.process) {
            process.requests = process.requests.saturating_sub(1);
        }
    }

    fn next_timer(&self) -> Option<Nanos> {
        self.idle_timer
    }

    fn timer(&mut self, now: Nanos) {
        self.clock(now);
        if self.idle_timer.is_some_and(|at| at <= self.now) {
            self.idle_timer = None;
            self.idle_slice_over();
        }
    }

    fn has_work(&self) -> bool {
        self.store.len() > 0
    }

    fn waiting(&self) -> usize {
        self.store.len()
    }

    /// `bfq_update_depths`, over all tags instead of a word of them.
    fn depth_limit(&self, request: &Request, nr_requests: u32) -> u32 {
        let n = u64::from(nr_requests);
        let limit = match (request.is_sync(), request.op.is_write(), self.wr_busy > 0) {
            (true, false, _) => n,
            (false, _, false) => n / 2,
            (true, true, false) => n * 3 / 4,
            (false, _, true) => n * 3 / 16,
            (true, true, true) => n * 6 / 16,
        };
        limit.max(1) as u32
    }

    fn why(&self) -> Why {
        self.why
    }

    fn view(&self, _now: Nanos, most: usize) -> View {
        let shown = |q: &Q| !self.queues[*q].empty() || self.in_service == Some(*q);
        let all = 0..self.queues.len();
        let idling = self
            .idle_timer
            .map(|until| Idling { process: self.in_service.and_then(|q| self.queues[q].process), until });
        let budget = self.in_service.map_or(0, |q| self.queues[q].budget_left());
        View {
            lanes: all.filter(shown).map(|q| self.lane(q, most)).collect(),
            idling,
            counters: vec![
                ("budget_left", budget),
                ("max_budget", self.max_budget),
                ("peak_rate", i64::from(self.rate.peak)),
                ("wr_busy_queues", i64::from(self.wr_busy)),
            ],
        }
    }

    fn sysfs(&self) -> Vec<(&'static str, String)> {
        let ms = |ns: u64| (ns / MILLISECOND).to_string();
        vec![
            ("back_seek_max", (self.set.back_max / 2).to_string()),
            ("back_seek_penalty", self.set.back_penalty.to_string()),
            ("fifo_expire_async", ms(self.set.fifo_expire[0])),
            ("fifo_expire_sync", ms(self.set.fifo_expire[1])),
            ("low_latency", u8::from(self.set.low_latency).to_string()),
            ("max_budget", self.set.user_max_budget.to_string()),
            ("slice_idle", ms(self.set.slice_idle)),
            ("slice_idle_us", (self.set.slice_idle / 1000).to_string()),
            ("strict_guarantees", u8::from(self.set.strict).to_string()),
            ("timeout_sync", self.ticks.to_ms(self.set.timeout as u64).to_string()),
        ]
    }
}
