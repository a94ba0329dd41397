//! Waiting requests, by sector, by age, and by where they end (`block/elevator.c`).

use std::collections::BTreeMap;

use crate::io_scheduler::request::{Request, Sector};

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
    /// Whether a bio can find it by its end, and its neighbours in that bucket.
    hashed: bool,
    hash_prev: Slot,
    hash_next: Slot,
    /// The end it is hashed by.
    hash_end: Sector,
    /// Refused a merge once because it would have grown too large (`REQ_NOMERGE`).
    pub full: bool,
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

/// Buckets of the hash by end sector.
const BUCKETS: usize = 256;

fn bucket(end: Sector) -> usize {
    (end.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
}

/// All waiting requests of a scheduler, with the hash by end sector and the last merge.
#[derive(Clone, Debug)]
pub struct Store {
    entries: Vec<Entry>,
    free: Vec<Slot>,
    /// The latest of each bucket of ends.
    buckets: Vec<Slot>,
    /// Where the last merge was (`q->last_merge`).
    pub last_merge: Slot,
    seq: u64,
}

impl Default for Store {
    fn default() -> Store {
        Store { entries: Vec::new(), free: Vec::new(), buckets: vec![NIL; BUCKETS], last_merge: NIL, seq: 0 }
    }
}

impl Store {
    /// Takes a request in; it is in no list yet.
    pub fn add(&mut self, request: Request, group: u32) -> Slot {
        self.seq += 1;
        let sort = (request.sector, self.seq);
        let entry = Entry {
            request,
            expires: 0,
            group,
            sort,
            hashed: false,
            hash_prev: NIL,
            hash_next: NIL,
            hash_end: 0,
            full: false,
            prev: NIL,
            next: NIL,
        };
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

    /// It ends elsewhere now (`elv_rqhash_reposition`).
    pub fn rehash(&mut self, slot: Slot) {
        self.unhash(slot);
        let end = self.entries[slot as usize].request.end();
        let bucket = bucket(end);
        let first = std::mem::replace(&mut self.buckets[bucket], slot);
        if first != NIL {
            self.entries[first as usize].hash_prev = slot;
        }
        let entry = &mut self.entries[slot as usize];
        (entry.hashed, entry.hash_end, entry.hash_prev, entry.hash_next) = (true, end, NIL, first);
    }

    /// No bio finds it by its end any more (`elv_rqhash_del`).
    pub fn unhash(&mut self, slot: Slot) {
        let entry = &mut self.entries[slot as usize];
        if !std::mem::take(&mut entry.hashed) {
            return;
        }
        let (end, prev, next) = (entry.hash_end, entry.hash_prev, entry.hash_next);
        match prev {
            NIL => self.buckets[bucket(end)] = next,
            prev => self.entries[prev as usize].hash_next = next,
        }
        if next != NIL {
            self.entries[next as usize].hash_prev = prev;
        }
    }

    /// The request that ends at a sector, the last hashed of several (`elv_rqhash_find`).
    pub fn ending_at(&self, sector: Sector) -> Option<Slot> {
        let mut slot = self.buckets[bucket(sector)];
        while slot != NIL {
            let entry = &self.entries[slot as usize];
            if entry.hash_end == sector {
                return Some(slot);
            }
            slot = entry.hash_next;
        }
        None
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

    /// The first of those that begin at a sector (`elv_rb_find`).
    pub fn starting_at(sorted: &Sorted, sector: Sector) -> Option<Slot> {
        sorted.range((sector, 0)..=(sector, u64::MAX)).next().map(|(_, slot)| *slot)
    }

    /// The one before it by sector (`elv_rb_former_request`).
    pub fn former(&self, sorted: &Sorted, slot: Slot) -> Option<Slot> {
        sorted.range(..self.entry(slot).sort).next_back().map(|(_, slot)| *slot)
    }

    /// The one after it by sector (`elv_rb_latter_request`).
    pub fn latter(&self, sorted: &Sorted, slot: Slot) -> Option<Slot> {
        let (sector, seq) = self.entry(slot).sort;
        sorted.range((sector, seq + 1)..).next().map(|(_, slot)| *slot)
    }

    /// What a head that was at `slot` chooses from: the one before, and the one after or else the
    /// first of all (`cfq_find_next_rq`, `bfq_find_next_rq`).
    pub fn around(&self, sorted: &Sorted, slot: Slot) -> (Option<Slot>, Option<Slot>) {
        let first = || sorted.values().next().copied().filter(|first| *first != slot);
        (self.former(sorted, slot), self.latter(sorted, slot).or_else(first))
    }

    /// The entries of a list, oldest first.
    pub fn walk(&self, fifo: &Fifo) -> impl Iterator<Item = Slot> + '_ {
        let some = |slot: Slot| (slot != NIL).then_some(slot);
        std::iter::successors(some(fifo.head), move |slot| some(self.entries[*slot as usize].next))
    }
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
