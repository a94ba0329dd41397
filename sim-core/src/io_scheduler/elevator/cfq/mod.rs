//! CFQ: time slices by process, with idling (`block/cfq-iosched.c`, until 4.20), for one group.

use std::collections::BTreeMap;

use super::merge::{merge_bio, merge_insert};
use super::store::{Fifo, Slot, Store, nearer};
use super::ticks::Ticks;
use super::view::{Idling, Lane, Order, View, Waiting, Why};
use super::{Elevator, Kind, Merged, Place, Setup};
use crate::io_scheduler::request::{Limits, Request, RequestId, Sector};
use crate::{KernelVersion, MILLISECOND, Nanos, SECOND};

mod enqueue;
mod join;
mod lists;
mod queue;
mod select;
mod slice;
#[cfg(test)]
mod tests;

use queue::{Process, Q, Queue, Think, Tree};

/// A distance in sectors beyond which a request is far (`CFQQ_SEEK_THR`).
const SEEK_THR: u64 = 800;
/// Sectors within which processes count as reading together (`CFQQ_CLOSE_THR`).
const CLOSE_THR: u64 = 8192;
/// A smaller request counts as far on a device without a head (`CFQQ_SECT_THR_NONROT`).
const NONROT_SECTORS: u32 = 64;
/// `CFQ_HW_QUEUE_MIN`.
const HW_QUEUE_MIN: u32 = 5;

/// What CFQ counts time in: ticks, and nanoseconds since 4.8.
#[derive(Clone, Copy, Debug)]
enum Unit {
    Ticks(Ticks, i64),
    Nanos(i64),
}

impl Unit {
    fn at(self, now: Nanos) -> i64 {
        match self {
            Unit::Ticks(ticks, _) => ticks.at(now) as i64,
            Unit::Nanos(_) => i64::try_from(now).unwrap_or(i64::MAX / 4),
        }
    }

    fn of_ms(self, ms: i64) -> i64 {
        match self {
            Unit::Ticks(ticks, _) => ticks.of_ms(ms) as i64,
            Unit::Nanos(_) => ms.saturating_mul(MILLISECOND as i64),
        }
    }

    fn to_ms(self, span: i64) -> i64 {
        match self {
            Unit::Ticks(ticks, _) => ticks.to_ms(span.max(0) as u64) as i64,
            Unit::Nanos(_) => span / MILLISECOND as i64,
        }
    }

    fn second(self) -> i64 {
        match self {
            Unit::Ticks(_, hz) => hz,
            Unit::Nanos(_) => SECOND as i64,
        }
    }

    /// One tick.
    fn tick(self) -> i64 {
        match self {
            Unit::Ticks(..) => 1,
            Unit::Nanos(hz) => SECOND as i64 / hz,
        }
    }

    fn time(self, at: i64) -> Nanos {
        match self {
            Unit::Ticks(ticks, _) => ticks.time(at.max(0) as u64),
            Unit::Nanos(_) => at.max(0) as Nanos,
        }
    }
}

/// What can be set (`/sys/block/*/queue/iosched`); spans in the unit of time.
#[derive(Clone, Debug)]
struct Settings {
    quantum: u32,
    /// Async and sync.
    fifo_expire: [i64; 2],
    /// Sectors.
    back_max: u64,
    back_penalty: u64,
    /// Async and sync.
    slice: [i64; 2],
    slice_async_rq: i64,
    slice_idle: i64,
    group_idle: i64,
    low_latency: bool,
    target_latency: i64,
}

/// The scheduler's state (`struct cfq_data`, and of its one `struct cfq_group`).
#[derive(Clone, Debug)]
pub struct Cfq {
    set: Settings,
    unit: Unit,
    rotational: bool,
    now: i64,
    seq: u64,

    store: Store,
    queues: Vec<Queue>,
    processes: BTreeMap<u32, Process>,
    asyncs: BTreeMap<(usize, u8), Q>,
    /// Inserted at the head: past the scheduler.
    head: Fifo,
    in_flight: BTreeMap<RequestId, Option<Q>>,

    trees: [[Tree; 3]; 3],
    /// By level, the queues by the sector of their next request.
    positions: Vec<BTreeMap<Sector, Q>>,
    busy: u32,
    busy_sync: u32,
    busy_avg: [i64; 2],
    dispatched: u32,
    group_think: Think,

    serving_class: usize,
    serving_type: usize,
    workload_expires: i64,
    saved_slice: i64,
    saved_type: usize,
    saved_class: usize,

    active: Option<Q>,
    active_process: Option<u32>,
    idle_timer: Option<i64>,
    queued: u32,
    in_driver: u32,
    in_flight_by_sync: [u32; 2],
    last_delayed_sync: i64,
    last_position: Sector,
    hw_tag: Option<bool>,
    hw_depth: u32,
    hw_samples: u32,
    why: Why,
}

impl Cfq {
    /// Starts it.
    pub fn new(setup: &Setup) -> Cfq {
        let get = |name| setup.tunable(Kind::Cfq, name);
        let hz = i64::from(setup.hz.clamp(1, 10_000));
        let in_ticks = setup.kernel < KernelVersion::new(4, 8, 0);
        let unit = if in_ticks { Unit::Ticks(Ticks::new(setup.hz), hz) } else { Unit::Nanos(hz) };
        // Spans of the source are parts of HZ, rounded down; what is written is rounded up.
        let span = |name: &'static str, part: i64, default: i64| match get(name) {
            ms if ms == default && in_ticks => (hz / part).max(1),
            ms => unit.of_ms(ms),
        };
        // No idling for devices without a head, unless it is asked for (4.2).
        let flash = !setup.rotational && setup.kernel >= KernelVersion::new(4, 2, 0);
        let slice_idle =
            if flash && !setup.tunables.contains_key("slice_idle") { 0 } else { span("slice_idle", 125, 8) };
        let count = |name| u64::try_from(get(name)).unwrap_or(0);
        Cfq {
            set: Settings {
                quantum: u32::try_from(get("quantum")).unwrap_or(1).max(1),
                fifo_expire: [span("fifo_expire_async", 4, 250), span("fifo_expire_sync", 8, 125)],
                back_max: count("back_seek_max") * 2,
                back_penalty: count("back_seek_penalty"),
                slice: [span("slice_async", 25, 40).max(1), span("slice_sync", 10, 100).max(1)],
                slice_async_rq: get("slice_async_rq").max(1),
                slice_idle,
                group_idle: span("group_idle", 125, 8),
                low_latency: get("low_latency") != 0,
                target_latency: if in_ticks && get("target_latency") == 300 {
                    hz * 3 / 10
                } else {
                    unit.of_ms(get("target_latency"))
                }
                .max(1),
            },
            unit,
            rotational: setup.rotational,
            now: 0,
            seq: 0,
            store: Store::default(),
            queues: Vec::new(),
            processes: BTreeMap::new(),
            asyncs: BTreeMap::new(),
            head: Fifo::default(),
            in_flight: BTreeMap::new(),
            trees: Default::default(),
            positions: vec![BTreeMap::new(); 8],
            busy: 0,
            busy_sync: 0,
            busy_avg: [0; 2],
            dispatched: 0,
            group_think: Think::default(),
            serving_class: 1,
            serving_type: 0,
            workload_expires: 0,
            saved_slice: 0,
            saved_type: 0,
            saved_class: 0,
            active: None,
            active_process: None,
            idle_timer: None,
            queued: 0,
            in_driver: 0,
            in_flight_by_sync: [0; 2],
            last_delayed_sync: -unit.second(),
            last_position: 0,
            hw_tag: None,
            hw_depth: 0,
            hw_samples: 0,
            why: Why::Nothing,
        }
    }

    /// Time never goes back.
    fn clock(&mut self, now: Nanos) {
        self.now = self.now.max(self.unit.at(now));
    }

    /// Of two requests the better for a head at `last` (`cfq_choose_req`).
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
        Some(if nearer(ra.sector, rb.sector, last, self.set.back_max, self.set.back_penalty) { a } else { b })
    }

    /// Whether the device queues and has no head, so that idling would only cost.
    fn queueing_flash(&self) -> bool {
        // As long as it is not known, the device counts as one that queues.
        !self.rotational && self.hw_tag != Some(false)
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
            active: self.active == Some(q),
        }
    }
}

impl Elevator for Cfq {
    fn insert(&mut self, now: Nanos, mut request: Request, place: Place) {
        self.clock(now);
        request.insert = now;
        if place == Place::Head {
            let slot = self.store.add(request, u32::MAX);
            self.store.push_front(&mut self.head, slot);
            return;
        }
        let q = self.queue_for(&request);
        let slot = self.store.add(request, q as u32);
        self.insert_request(q, slot);
        self.store.offer(slot);
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
        if let Some(slot) = self.head.front() {
            self.store.unlink(&mut self.head, slot);
            let request = self.store.remove(slot);
            self.in_driver += 1;
            self.last_position = request.end();
            self.in_flight.insert(request.id, None);
            self.why = Why::Head;
            return Some(request);
        }
        if self.busy == 0 {
            return None;
        }
        let q = self.select_queue()?;
        self.dispatch_from(q)
    }

    fn finished(&mut self, now: Nanos, request: &Request) {
        self.clock(now);
        match self.in_flight.remove(&request.id) {
            Some(Some(q)) => self.completed(q, request),
            Some(None) => self.in_driver = self.in_driver.saturating_sub(1),
            None => {}
        }
    }

    fn next_timer(&self) -> Option<Nanos> {
        self.idle_timer.map(|at| self.unit.time(at))
    }

    fn timer(&mut self, now: Nanos) {
        self.clock(now);
        if self.idle_timer.is_some_and(|at| at <= self.now) {
            self.idle_timer = None;
            self.idle_slice_over();
        }
    }

    fn waiting(&self) -> usize {
        self.store.len()
    }

    fn why(&self) -> Why {
        self.why
    }

    fn view(&self, _now: Nanos, most: usize) -> View {
        let shown = |q: &Q| !self.queues[*q].sort.is_empty() || self.active == Some(*q);
        let idling = self
            .idle_timer
            .map(|at| Idling { process: self.active.and_then(|q| self.queues[q].process), until: self.unit.time(at) });
        let left =
            self.active.filter(|q| !self.queues[*q].slice_new).map_or(0, |q| self.queues[q].slice_end - self.now);
        View {
            lanes: (0..self.queues.len()).filter(shown).map(|q| self.lane(q, most)).collect(),
            idling,
            counters: vec![
                ("busy_queues", i64::from(self.busy)),
                ("slice_left_ms", self.unit.to_ms(left)),
                ("workload_left_ms", self.unit.to_ms(self.workload_expires - self.now)),
            ],
        }
    }

    fn sysfs(&self) -> Vec<(&'static str, String)> {
        let ms = |span| self.unit.to_ms(span).to_string();
        vec![
            ("back_seek_max", (self.set.back_max / 2).to_string()),
            ("back_seek_penalty", self.set.back_penalty.to_string()),
            ("fifo_expire_async", ms(self.set.fifo_expire[0])),
            ("fifo_expire_sync", ms(self.set.fifo_expire[1])),
            ("group_idle", ms(self.set.group_idle)),
            ("low_latency", u8::from(self.set.low_latency).to_string()),
            ("quantum", self.set.quantum.to_string()),
            ("slice_async", ms(self.set.slice[0])),
            ("slice_async_rq", self.set.slice_async_rq.to_string()),
            ("slice_idle", ms(self.set.slice_idle)),
            ("slice_sync", ms(self.set.slice[1])),
            ("target_latency", ms(self.set.target_latency)),
        ]
    }
}
