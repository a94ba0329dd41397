//! noop: a list, as `block/noop-iosched.c` until 4.20.

use super::merge::{Lists, merge_bio, merge_insert};
use super::store::{Fifo, Slot, Store};
use super::view::{Lane, Order, View, Waiting, Why};
use super::{Elevator, Merged, Place};
use crate::io_scheduler::request::{Limits, Request};
use crate::{Nanos, Text};

/// First come, first served, whatever the request. It merges as all of the single-queue layer do,
/// with nothing of its own: in front only where the last merge was.
#[derive(Clone, Debug, Default)]
pub struct Noop {
    store: Store,
    fifo: Fifo,
    why: Why,
}

impl Lists for Noop {
    fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    fn front(&mut self, _bio: &Request) -> Option<Slot> {
        None
    }

    /// Neighbours by age, not by sector (`noop_former_request`).
    fn former(&self, slot: Slot) -> Option<Slot> {
        self.store.before(slot)
    }

    fn latter(&self, slot: Slot) -> Option<Slot> {
        self.store.after(slot)
    }

    fn resort(&mut self, _slot: Slot) {}

    fn joined(&mut self, _keep: Slot, gone: Slot) {
        self.store.unlink(&mut self.fifo, gone);
    }
}

impl Elevator for Noop {
    fn insert(&mut self, now: Nanos, mut request: Request, place: Place) {
        request.insert = now;
        let slot = self.store.add(request, 0);
        match place {
            Place::Sorted => {
                self.store.offer(slot);
                self.store.push_back(&mut self.fifo, slot);
            }
            Place::Head => self.store.push_front(&mut self.fifo, slot),
        }
    }

    fn merge(&mut self, _now: Nanos, bio: &Request, limits: &Limits) -> Option<Merged> {
        merge_bio(self, bio, limits)
    }

    fn merge_insert(&mut self, _now: Nanos, request: &Request, limits: &Limits) -> Option<Merged> {
        merge_insert(self, request, limits)
    }

    fn dispatch(&mut self, _now: Nanos) -> Option<Request> {
        let slot = self.fifo.front()?;
        self.store.unlink(&mut self.fifo, slot);
        self.why = Why::Oldest;
        Some(self.store.remove(slot))
    }

    fn finished(&mut self, _now: Nanos, _request: &Request) {}

    fn waiting(&self) -> usize {
        self.fifo.len()
    }

    fn why(&self) -> Why {
        self.why
    }

    fn view(&self, _now: Nanos, most: usize) -> View {
        let requests = self.store.walk(&self.fifo).take(most).map(|slot| *self.store.request(slot));
        let lane = Lane {
            label: Text::fixed("대기열", "queue"),
            process: None,
            order: Order::Fifo,
            waiting: requests.map(|request| Waiting { request, expires: None }).collect(),
            len: self.fifo.len(),
            next: self.fifo.front().map(|slot| self.store.request(slot).id),
            active: true,
        };
        View { lanes: vec![lane], ..View::default() }
    }
}
