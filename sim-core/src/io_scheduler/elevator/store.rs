//! Waiting requests, and how a bio finds the one it belongs to (`block/elevator.c`).

use std::collections::BTreeMap;

use super::Merged;
use crate::Nanos;
use crate::io_scheduler::request::{Limits, Request, RequestId, Sector, Side, alike, fits, side};

/// Where a request stands in a [`Store`].
pub type Slot = u32;

/// No request.
pub const NIL: Slot = Slot::MAX;

/// Requests by sector; of two at one sector the later stands behind (`elv_rb_add`).
pub type Sorted = BTreeMap<(Sector, u64), Slot>;

/// A request that waits, with its places in the lists.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The request.
    pub request: Request,
    /// Its deadline, in the unit of the scheduler.
    pub expires: u64,
    /// Which of the scheduler's queues it is in.
    pub group: u32,
    /// Its key in a [`Sorted`].
    pub sort: (Sector, u64),
    hash: Option<(Sector, u64)>,
    /// Refused a merge once because it would have grown too large (`REQ_NOMERGE`).
    full: bool,
    prev: Slot,
    next: Slot,
}

/// A list by age, linked through the entries.
#[derive(Clone, Copy, Debug)]
pub struct Fifo {
    head: Slot,
    tail: Slot,
    len: u32,
}

impl Default for Fifo {
    fn default() -> Fifo {
        Fifo { head: NIL, tail: NIL, len: 0 }
    }
}

impl Fifo {
    /// The oldest.
    pub fn front(&self) -> Option<Slot> {
        (self.head != NIL).then_some(self.head)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.head == NIL
    }
}

/// All waiting requests of a scheduler, with the hash by end sector and the last merge.
#[derive(Clone, Debug)]
pub struct Store {
    entries: Vec<Entry>,
    free: Vec<Slot>,
    hash: BTreeMap<(Sector, u64), Slot>,
    last_merge: Slot,
    seq: u64,
}

impl Default for Store {
    fn default() -> Store {
        Store { entries: Vec::new(), free: Vec::new(), hash: BTreeMap::new(), last_merge: NIL, seq: 0 }
    }
}

impl Store {
    /// Takes a request in; it is in no list yet.
    pub fn add(&mut self, request: Request, group: u32) -> Slot {
        self.seq += 1;
        let sort = (request.sector, self.seq);
        let entry = Entry { request, expires: 0, group, sort, hash: None, full: false, prev: NIL, next: NIL };
        match self.free.pop() {
            Some(slot) => {
                self.entries[slot as usize] = entry;
                slot
            }
            None => {
                self.entries.push(entry);
                (self.entries.len() - 1) as Slot
            }
        }
    }

    /// Lets bios find it (`elv_rqhash_add`; `q->last_merge` if there is none).
    pub fn offer(&mut self, slot: Slot) {
        if self.entries[slot as usize].request.is_mergeable() {
            self.rehash(slot);
            if self.last_merge == NIL {
                self.last_merge = slot;
            }
        }
    }

    /// Takes a request out; it must be in no list any more.
    pub fn remove(&mut self, slot: Slot) -> Request {
        self.unhash(slot);
        if self.last_merge == slot {
            self.last_merge = NIL;
        }
        self.free.push(slot);
        self.entries[slot as usize].request
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// An entry.
    pub fn entry(&self, slot: Slot) -> &Entry {
        &self.entries[slot as usize]
    }

    /// An entry, to change.
    pub fn entry_mut(&mut self, slot: Slot) -> &mut Entry {
        &mut self.entries[slot as usize]
    }

    /// A request.
    pub fn request(&self, slot: Slot) -> &Request {
        &self.entries[slot as usize].request
    }

    /// A new key for [`Sorted`] after the first sector changed.
    pub fn new_sort_key(&mut self, slot: Slot) -> (Sector, u64) {
        self.seq += 1;
        let key = (self.entries[slot as usize].request.sector, self.seq);
        self.entries[slot as usize].sort = key;
        key
    }

    fn rehash(&mut self, slot: Slot) {
        self.unhash(slot);
        self.seq += 1;
        let key = (self.entries[slot as usize].request.end(), self.seq);
        self.entries[slot as usize].hash = Some(key);
        self.hash.insert(key, slot);
    }

    fn unhash(&mut self, slot: Slot) {
        if let Some(key) = self.entries[slot as usize].hash.take() {
            self.hash.remove(&key);
        }
    }

    /// The request that ends at a sector, the last hashed of several (`elv_rqhash_find`).
    fn ending_at(&self, sector: Sector) -> Option<Slot> {
        self.hash.range((sector, 0)..=(sector, u64::MAX)).next_back().map(|(_, slot)| *slot)
    }

    /// Appends to a list.
    pub fn push_back(&mut self, fifo: &mut Fifo, slot: Slot) {
        let tail = fifo.tail;
        let entry = &mut self.entries[slot as usize];
        (entry.prev, entry.next) = (tail, NIL);
        match tail {
            NIL => fifo.head = slot,
            tail => self.entries[tail as usize].next = slot,
        }
        fifo.tail = slot;
        fifo.len += 1;
    }

    /// Puts at the head of a list.
    pub fn push_front(&mut self, fifo: &mut Fifo, slot: Slot) {
        let head = fifo.head;
        let entry = &mut self.entries[slot as usize];
        (entry.prev, entry.next) = (NIL, head);
        match head {
            NIL => fifo.tail = slot,
            head => self.entries[head as usize].prev = slot,
        }
        fifo.head = slot;
        fifo.len += 1;
    }

    /// Takes out of a list.
    pub fn unlink(&mut self, fifo: &mut Fifo, slot: Slot) {
        let (prev, next) = (self.entries[slot as usize].prev, self.entries[slot as usize].next);
        match prev {
            NIL => fifo.head = next,
            prev => self.entries[prev as usize].next = next,
        }
        match next {
            NIL => fifo.tail = prev,
            next => self.entries[next as usize].prev = prev,
        }
        fifo.len -= 1;
    }

    /// Moves `slot` right behind `after`, in the same list.
    pub fn move_behind(&mut self, fifo: &mut Fifo, slot: Slot, after: Slot) {
        self.unlink(fifo, slot);
        let next = self.entries[after as usize].next;
        let entry = &mut self.entries[slot as usize];
        (entry.prev, entry.next) = (after, next);
        self.entries[after as usize].next = slot;
        match next {
            NIL => fifo.tail = slot,
            next => self.entries[next as usize].prev = slot,
        }
        fifo.len += 1;
    }

    /// The neighbour before it in its list.
    pub fn before(&self, slot: Slot) -> Option<Slot> {
        let prev = self.entries[slot as usize].prev;
        (prev != NIL).then_some(prev)
    }

    /// The neighbour after it in its list.
    pub fn after(&self, slot: Slot) -> Option<Slot> {
        let next = self.entries[slot as usize].next;
        (next != NIL).then_some(next)
    }

    /// The entries of a list, oldest first.
    pub fn walk(&self, fifo: &Fifo) -> impl Iterator<Item = Slot> + '_ {
        let some = |slot: Slot| (slot != NIL).then_some(slot);
        std::iter::successors(some(fifo.head), move |slot| some(self.entries[*slot as usize].next))
    }
}

/// What a scheduler adds to merging (`elevator_ops`).
pub trait Lists {
    /// Its requests.
    fn store(&mut self) -> &mut Store;
    /// The request that begins where the bio ends (`request_merge`).
    fn front(&mut self, bio: &Request) -> Option<Slot>;
    /// The request before this one by sector (`former_request`).
    fn former(&self, slot: Slot) -> Option<Slot>;
    /// The request after this one by sector (`next_request`).
    fn latter(&self, slot: Slot) -> Option<Slot>;
    /// A front merge changed its first sector (`request_merged`).
    fn resort(&mut self, slot: Slot);
    /// `keep` took `gone` in: `gone` leaves every list, and `keep` may take its place by age
    /// (`requests_merged`).
    fn joined(&mut self, keep: Slot, gone: Slot);
    /// Whether a bio may go into this request (`allow_merge`).
    fn allows(&mut self, _slot: Slot, _bio: &Request) -> bool {
        true
    }
    /// Whether two requests may become one (`allow_rq_merge`).
    fn allows_requests(&self, _slot: Slot, _next: Slot) -> bool {
        true
    }
}

/// A bio finds its request (`elv_merge`) and goes into it (`blk_mq_sched_try_merge`).
pub fn merge_bio(lists: &mut impl Lists, bio: &Request, limits: &Limits) -> Option<Merged> {
    if limits.nomerges >= 2 || !bio.is_mergeable() {
        return None;
    }
    let (slot, at) = find(lists, bio, limits)?;
    let entry = lists.store().entry_mut(slot);
    if !fits(&entry.request, bio, limits) {
        refuse(lists.store(), slot);
        return None;
    }
    entry.request.absorb(bio, at);
    let neighbour = match at {
        Side::Back => lists.latter(slot).map(|next| (slot, next)),
        Side::Front => lists.former(slot).map(|former| (former, slot)),
    };
    let mut absorbed = Vec::new();
    let mut kept = slot;
    match neighbour {
        Some((first, second)) if join(lists, first, second, limits) => {
            // A front merge that changed the order by sector is made good by the removal.
            absorbed.push(lists.store().remove(second).id);
            kept = first;
            lists.store().rehash(first);
        }
        _ => {
            if at == Side::Front {
                lists.resort(slot);
            } else {
                lists.store().rehash(slot);
            }
        }
    }
    let store = lists.store();
    store.last_merge = kept;
    Some(Merged { side: at, request: *store.request(kept), absorbed })
}

fn find(lists: &mut impl Lists, bio: &Request, limits: &Limits) -> Option<(Slot, Side)> {
    let last = lists.store().last_merge;
    if last != NIL && takes(lists, last, bio) {
        if let Some(at) = side(lists.store().request(last), bio) {
            return Some((last, at));
        }
    }
    if limits.nomerges == 1 {
        return None;
    }
    if let Some(slot) = lists.store().ending_at(bio.sector) {
        if takes(lists, slot, bio) {
            return Some((slot, Side::Back));
        }
    }
    let slot = lists.front(bio)?;
    takes(lists, slot, bio).then_some((slot, Side::Front))
}

/// `elv_bio_merge_ok`.
fn takes(lists: &mut impl Lists, slot: Slot, bio: &Request) -> bool {
    let entry = lists.store().entry(slot);
    !entry.full && alike(&entry.request, bio) && lists.allows(slot, bio)
}

/// `req_set_nomerge`.
fn refuse(store: &mut Store, slot: Slot) {
    store.entry_mut(slot).full = true;
    store.unhash(slot);
    if store.last_merge == slot {
        store.last_merge = NIL;
    }
}

/// Two requests become one, if they touch and may (`attempt_merge`); the second has then left all
/// lists of the scheduler but not the store.
fn join(lists: &mut impl Lists, first: Slot, second: Slot, limits: &Limits) -> bool {
    if !lists.allows_requests(first, second) {
        return false;
    }
    let store = lists.store();
    let (a, b) = (store.entry(first), store.entry(second));
    let (full, next) = (a.full || b.full, b.request);
    let request = a.request;
    if full || request.end() != next.sector || !alike(&request, &next) {
        return false;
    }
    if !fits(&request, &next, limits) {
        refuse(store, first);
        return false;
    }
    store.entry_mut(first).request.absorb(&next, Side::Back);
    lists.joined(first, second);
    true
}

/// A request from a plug goes into a waiting one (`elv_attempt_insert_merge`).
pub fn merge_insert(lists: &mut impl Lists, request: &Request, limits: &Limits) -> Option<Merged> {
    if limits.nomerges >= 2 || !request.is_mergeable() {
        return None;
    }
    let mut kept = lists.store().last_merge;
    if kept == NIL || !take_behind(lists, kept, request, limits) {
        if limits.nomerges == 1 {
            return None;
        }
        kept = lists.store().ending_at(request.sector)?;
        if !take_behind(lists, kept, request, limits) {
            return None;
        }
    }
    let mut absorbed: Vec<RequestId> = Vec::new();
    // The grown request may now touch others before it.
    while limits.nomerges == 0 {
        let start = lists.store().request(kept).sector;
        let Some(before) = lists.store().ending_at(start) else { break };
        if before == kept || !join(lists, before, kept, limits) {
            break;
        }
        absorbed.push(lists.store().remove(kept).id);
        kept = before;
        lists.store().rehash(kept);
    }
    let store = lists.store();
    store.last_merge = kept;
    Some(Merged { side: Side::Back, request: *store.request(kept), absorbed })
}

fn take_behind(lists: &mut impl Lists, slot: Slot, request: &Request, limits: &Limits) -> bool {
    if !takes(lists, slot, request) || lists.store().request(slot).end() != request.sector {
        return false;
    }
    let store = lists.store();
    if !fits(store.request(slot), request, limits) {
        refuse(store, slot);
        return false;
    }
    store.entry_mut(slot).request.absorb(request, Side::Back);
    store.rehash(slot);
    true
}

/// Whether sector `a` is the better one than `b` for a head at `last`, of two requests alike in all
/// else (`cfq_choose_req`, `bfq_choose_req`): ahead counts as it is, a little behind counts
/// `penalty` times, and further behind than `back_max` sectors comes last.
pub fn nearer(a: Sector, b: Sector, last: Sector, back_max: u64, penalty: u64) -> bool {
    let distance = |sector: Sector| {
        if sector >= last {
            Some(sector - last)
        } else if sector.saturating_add(back_max) >= last {
            Some((last - sector).saturating_mul(penalty))
        } else {
            None
        }
    };
    match (distance(a), distance(b)) {
        (Some(da), Some(db)) if da != db => da < db,
        (Some(_), Some(_)) => a >= b,
        (Some(_), None) => true,
        (None, Some(_)) => false,
        (None, None) => a <= b,
    }
}

/// Ticks of the kernel's clock.
#[derive(Clone, Copy, Debug)]
pub struct Ticks {
    hz: u64,
}

impl Ticks {
    /// The clock of `CONFIG_HZ`.
    pub fn new(hz: u32) -> Ticks {
        Ticks { hz: u64::from(hz).clamp(1, 10_000) }
    }

    /// `jiffies` at a time.
    pub fn at(self, now: Nanos) -> u64 {
        now / (1_000_000_000 / self.hz)
    }

    /// When that tick comes.
    pub fn time(self, tick: u64) -> Nanos {
        tick.saturating_mul(1_000_000_000 / self.hz)
    }

    /// `msecs_to_jiffies`: rounded up.
    pub fn of_ms(self, ms: i64) -> u64 {
        // As the kernel's own int: no deadline lies beyond 2^31 ticks.
        u64::try_from(ms).unwrap_or(0).saturating_mul(self.hz).div_ceil(1000).min(i32::MAX as u64)
    }

    /// `jiffies_to_msecs`.
    pub fn to_ms(self, ticks: u64) -> u64 {
        ticks.saturating_mul(1000) / self.hz
    }
}
