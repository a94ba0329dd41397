//! deadline and mq-deadline: batches by sector, and deadlines that are looked at between batches.
//!
//! `block/deadline-iosched.c` until 4.20 and `block/mq-deadline.c` since 4.11. Until 5.13 both are
//! the same; 5.14 has priority classes, 5.17 ages them, and 6.4 remembers a position instead of
//! the next request.

use super::merge::{Lists, merge_bio, merge_insert};
use super::store::{Fifo, Slot, Sorted, Store};
use super::ticks::Ticks;
use super::view::{Lane, Order, View, Waiting, Why};
use super::{Elevator, Kind, Merged, Place, Setup};
use crate::io_scheduler::request::{IoClass, Limits, Request, Sector};
use crate::{KernelVersion, Nanos, Text};

mod lists;

const READ: usize = 0;
const WRITE: usize = 1;

/// What differs from kernel to kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rules {
    /// Three priority classes (5.14); before, all requests are one.
    classes: bool,
    /// Lower classes are served after a time (5.17).
    aging: bool,
    /// A batch goes on at a position (6.4) and not at a remembered request.
    position: bool,
    /// A deadline is over only after its tick (2.6.x).
    strict: bool,
    /// It belongs to the single-queue layer.
    legacy: bool,
}

impl Rules {
    fn of(kind: Kind, kernel: KernelVersion) -> Rules {
        let legacy = kind == Kind::Deadline;
        let since = |major, minor| !legacy && kernel >= KernelVersion::new(major, minor, 0);
        Rules {
            classes: since(5, 14),
            aging: since(5, 17),
            position: since(6, 4),
            strict: kernel < KernelVersion::new(3, 0, 0),
            legacy,
        }
    }
}

/// One priority class (`struct dd_per_prio`).
#[derive(Clone, Debug, Default)]
struct Class {
    /// Inserted at the head.
    dispatch: Fifo,
    sort: [Sorted; 2],
    fifo: [Fifo; 2],
    /// Where the batch goes on: the next request, before 6.4.
    next: [Option<Slot>; 2],
    /// The same since 6.4: the first sector of the last dispatched request.
    latest: [Sector; 2],
    /// Inserted and not yet finished, in the device or merged away (`dd_queued`).
    queued: u64,
}

/// The scheduler's state.
#[derive(Clone, Debug)]
pub struct Deadline {
    rules: Rules,
    ticks: Ticks,
    store: Store,
    classes: Vec<Class>,
    batching: u64,
    starved: u64,
    last_dir: usize,
    fifo_expire: [u64; 2],
    fifo_batch: u64,
    writes_starved: u64,
    front_merges: bool,
    prio_aging_expire: u64,
    async_depth: u32,
    why: Why,
}

impl Deadline {
    /// Starts it: [`Kind::Deadline`] or [`Kind::MqDeadline`].
    pub fn new(kind: Kind, setup: &Setup) -> Deadline {
        let rules = Rules::of(kind, setup.kernel);
        let ticks = Ticks::new(setup.hz);
        let get = |name| setup.tunable(kind, name);
        let count = |name| u64::try_from(get(name)).unwrap_or(0);
        let classes = if rules.classes { 3 } else { 1 };
        let async_depth = match u32::try_from(get("async_depth")).unwrap_or(0) {
            0 => setup.nr_requests,
            depth => depth,
        };
        Deadline {
            rules,
            ticks,
            store: Store::default(),
            classes: vec![Class::default(); classes],
            batching: 0,
            starved: 0,
            last_dir: WRITE,
            fifo_expire: [ticks.of_ms(get("read_expire")), ticks.of_ms(get("write_expire"))],
            fifo_batch: count("fifo_batch"),
            writes_starved: count("writes_starved"),
            front_merges: get("front_merges") != 0,
            prio_aging_expire: ticks.of_ms(get("prio_aging_expire")),
            async_depth,
            why: Why::Nothing,
        }
    }

    /// The class a request waits in (`ioprio_class_to_prio`): none counts as best effort.
    fn class_of(&self, request: &Request) -> usize {
        match request.prio.class {
            _ if !self.rules.classes => 0,
            IoClass::Rt => 0,
            IoClass::None | IoClass::Be => 1,
            IoClass::Idle => 2,
        }
    }

    /// The request a batch in this direction goes on with (`deadline_next_request`).
    fn candidate(&self, class: usize, dir: usize) -> Option<Slot> {
        let class = &self.classes[class];
        if self.rules.position {
            class.sort[dir].range((class.latest[dir], 0)..).next().map(|(_, slot)| *slot)
        } else {
            class.next[dir]
        }
    }

    /// When it was inserted, as the deadline remembers it (`started_after`).
    fn started_after(&self, slot: Slot, latest: i64) -> bool {
        let entry = self.store.entry(slot);
        entry.expires as i64 - self.fifo_expire[dir_of(&entry.request)] as i64 > latest
    }

    fn expired(&self, slot: Slot, tick: u64) -> bool {
        let expires = self.store.entry(slot).expires;
        if self.rules.strict { tick > expires } else { tick >= expires }
    }

    /// One class's choice (`__dd_dispatch_request`): a request inserted no later than `latest`.
    fn choose(&mut self, c: usize, tick: u64, latest: i64) -> Option<Slot> {
        if let Some(slot) = self.classes[c].dispatch.front() {
            if !self.rules.position && self.started_after_head(slot, latest) {
                return None;
            }
            self.why = Why::Head;
            return Some(slot);
        }
        let going_on = if self.rules.classes {
            self.candidate(c, self.last_dir)
        } else {
            self.candidate(c, WRITE).or_else(|| self.candidate(c, READ))
        };
        let (slot, why) = match going_on {
            Some(slot) if self.batching < self.fifo_batch => (slot, Why::Batch),
            _ => {
                let reads = !self.classes[c].fifo[READ].is_empty();
                let writes = !self.classes[c].fifo[WRITE].is_empty();
                let dir = match (reads, writes) {
                    (true, true) => {
                        let starved = self.starved;
                        self.starved += 1;
                        if starved >= self.writes_starved { WRITE } else { READ }
                    }
                    (true, false) => READ,
                    (false, true) => WRITE,
                    (false, false) => return None,
                };
                if dir == WRITE {
                    self.starved = 0;
                }
                let head = self.classes[c].fifo[dir].front()?;
                let chosen = match self.candidate(c, dir) {
                    _ if self.expired(head, tick) => (head, Why::Expired),
                    None => (head, Why::FifoHead),
                    Some(slot) => (slot, Why::NextBySector),
                };
                self.last_dir = dir;
                self.batching = 0;
                chosen
            }
        };
        if self.rules.classes && self.started_after(slot, latest) {
            return None;
        }
        self.why = why;
        self.batching += 1;
        Some(slot)
    }

    /// A request inserted at the head has its insertion as its deadline.
    fn started_after_head(&self, slot: Slot, latest: i64) -> bool {
        self.rules.classes && self.started_after(slot, latest)
    }

    /// Takes a chosen request out (`deadline_move_request`).
    fn take(&mut self, c: usize, slot: Slot) -> Request {
        if self.classes[c].dispatch.front() == Some(slot) {
            self.store.unlink(&mut self.classes[c].dispatch, slot);
            return self.store.remove(slot);
        }
        let dir = dir_of(self.store.request(slot));
        if self.rules.position {
            self.classes[c].latest[dir] = self.store.request(slot).sector;
        } else {
            let next = self.latter(slot);
            if !self.rules.classes {
                self.classes[c].next = [None; 2];
            }
            self.classes[c].next[dir] = next;
        }
        self.unlist(slot);
        self.store.remove(slot)
    }

    /// Takes a request out of tree and list (`deadline_remove_request`).
    fn unlist(&mut self, slot: Slot) {
        let (key, c) = (self.store.entry(slot).sort, self.store.entry(slot).group as usize);
        let dir = dir_of(self.store.request(slot));
        if self.classes[c].next[dir] == Some(slot) {
            self.classes[c].next[dir] = self.latter(slot);
        }
        let class = &mut self.classes[c];
        class.sort[dir].remove(&key);
        self.store.unlink(&mut class.fifo[dir], slot);
    }

    fn dispatch_slot(&mut self, tick: u64) -> Option<(usize, Slot)> {
        if !self.rules.classes {
            return self.choose(0, tick, i64::MAX).map(|slot| (0, slot));
        }
        if self.rules.position {
            // Since 6.4 what was inserted at the head goes before any class.
            for c in 0..self.classes.len() {
                if let Some(slot) = self.classes[c].dispatch.front() {
                    self.why = Why::Head;
                    return Some((c, slot));
                }
            }
        }
        if self.rules.aging && self.classes.iter().filter(|class| class.queued > 0).count() >= 2 {
            // Looking for one so old ends the batch and changes direction even where there is none.
            let latest = tick as i64 - self.prio_aging_expire as i64;
            for c in 1..self.classes.len() {
                if let Some(slot) = self.choose(c, tick, latest) {
                    self.why = Why::Aged;
                    return Some((c, slot));
                }
            }
        }
        for c in 0..self.classes.len() {
            if let Some(slot) = self.choose(c, tick, tick as i64) {
                return Some((c, slot));
            }
            if self.classes[c].queued > 0 {
                break;
            }
        }
        None
    }

    fn lane(&self, c: usize, dir: usize, most: usize) -> Lane {
        let class = &self.classes[c];
        let waiting = class.sort[dir].values().take(most).map(|slot| {
            let entry = self.store.entry(*slot);
            Waiting { request: entry.request, expires: Some(self.ticks.time(entry.expires)) }
        });
        Lane {
            label: label(self.rules.classes.then_some(c), dir),
            process: None,
            order: Order::Sector,
            waiting: waiting.collect(),
            len: class.sort[dir].len(),
            next: self.candidate(c, dir).map(|slot| self.store.request(slot).id),
            active: self.last_dir == dir && self.batching > 0,
        }
    }
}

fn dir_of(request: &Request) -> usize {
    if request.op.is_write() { WRITE } else { READ }
}

fn label(class: Option<usize>, dir: usize) -> Text {
    match (class, dir) {
        (None, READ) => Text::fixed("읽기", "reads"),
        (None, _) => Text::fixed("쓰기", "writes"),
        (Some(0), READ) => Text::fixed("RT 읽기", "RT reads"),
        (Some(0), _) => Text::fixed("RT 쓰기", "RT writes"),
        (Some(1), READ) => Text::fixed("BE 읽기", "BE reads"),
        (Some(1), _) => Text::fixed("BE 쓰기", "BE writes"),
        (Some(_), READ) => Text::fixed("IDLE 읽기", "IDLE reads"),
        (Some(_), _) => Text::fixed("IDLE 쓰기", "IDLE writes"),
    }
}

impl Elevator for Deadline {
    fn insert(&mut self, now: Nanos, mut request: Request, place: Place) {
        request.insert = now;
        let tick = self.ticks.at(now);
        let (c, dir) = (self.class_of(&request), dir_of(&request));
        let slot = self.store.add(request, c as u32);
        self.classes[c].queued += 1;
        if place == Place::Head {
            self.store.entry_mut(slot).expires = tick;
            self.store.push_front(&mut self.classes[c].dispatch, slot);
            return;
        }
        self.store.entry_mut(slot).expires = tick.saturating_add(self.fifo_expire[dir]);
        self.store.offer(slot);
        let key = self.store.entry(slot).sort;
        let class = &mut self.classes[c];
        class.sort[dir].insert(key, slot);
        self.store.push_back(&mut class.fifo[dir], slot);
    }

    fn merge(&mut self, _now: Nanos, bio: &Request, limits: &Limits) -> Option<Merged> {
        merge_bio(self, bio, limits)
    }

    fn merge_insert(&mut self, _now: Nanos, request: &Request, limits: &Limits) -> Option<Merged> {
        merge_insert(self, request, limits)
    }

    fn dispatch(&mut self, now: Nanos) -> Option<Request> {
        let (c, slot) = self.dispatch_slot(self.ticks.at(now))?;
        Some(self.take(c, slot))
    }

    fn finished(&mut self, _now: Nanos, request: &Request) {
        let c = self.class_of(request);
        self.classes[c].queued = self.classes[c].queued.saturating_sub(1);
    }

    fn waiting(&self) -> usize {
        self.store.len()
    }

    fn depth_limit(&self, request: &Request, nr_requests: u32) -> u32 {
        if !self.rules.classes || (request.is_sync() && !request.op.is_write()) {
            nr_requests
        } else {
            self.async_depth.min(nr_requests)
        }
    }

    fn why(&self) -> Why {
        self.why
    }

    fn view(&self, _now: Nanos, most: usize) -> View {
        let lanes = (0..self.classes.len()).flat_map(|c| [self.lane(c, READ, most), self.lane(c, WRITE, most)]);
        View {
            lanes: lanes.collect(),
            idling: None,
            counters: vec![("batching", self.batching as i64), ("starved", self.starved as i64)],
        }
    }

    fn sysfs(&self) -> Vec<(&'static str, String)> {
        let ms = |ticks| self.ticks.to_ms(ticks).to_string();
        let mut files = vec![
            ("fifo_batch", self.fifo_batch.to_string()),
            ("front_merges", u8::from(self.front_merges).to_string()),
            ("read_expire", ms(self.fifo_expire[READ])),
            ("write_expire", ms(self.fifo_expire[WRITE])),
            ("writes_starved", self.writes_starved.to_string()),
        ];
        if self.rules.classes {
            files.push(("async_depth", self.async_depth.to_string()));
        }
        if self.rules.aging {
            files.push(("prio_aging_expire", ms(self.prio_aging_expire)));
        }
        files.sort_unstable();
        files
    }
}
