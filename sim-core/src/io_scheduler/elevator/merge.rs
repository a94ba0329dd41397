//! How a bio finds the request it belongs to (`block/elevator.c`, `block/blk-merge.c`).

use super::Merged;
use super::store::{NIL, Slot, Store};
use crate::io_scheduler::request::{Limits, Request, RequestId, Side, alike, fits, side};

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
    if last != NIL
        && takes(lists, last, bio)
        && let Some(at) = side(lists.store().request(last), bio)
    {
        return Some((last, at));
    }
    if limits.nomerges == 1 {
        return None;
    }
    if let Some(slot) = lists.store().ending_at(bio.sector)
        && takes(lists, slot, bio)
    {
        return Some((slot, Side::Back));
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
    loop {
        let start = lists.store().request(kept).sector;
        let before = if limits.nomerges == 0 { lists.store().ending_at(start) } else { None };
        let Some(before) = before.filter(|before| *before != kept) else { break };
        if !join(lists, before, kept, limits) {
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
