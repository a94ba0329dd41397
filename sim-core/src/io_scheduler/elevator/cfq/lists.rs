//! Merging.

use super::Cfq;
use crate::io_scheduler::elevator::merge::Lists;
use crate::io_scheduler::elevator::store::{Slot, Store};
use crate::io_scheduler::request::Request;

impl Lists for Cfq {
    fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    fn front(&mut self, bio: &Request) -> Option<Slot> {
        let q = self.processes.get(&bio.process)?.queues[usize::from(bio.is_sync())]?;
        Store::starting_at(&self.queues[q].sort, bio.end())
    }

    fn former(&self, slot: Slot) -> Option<Slot> {
        self.store.former(&self.queues[self.store.entry(slot).group as usize].sort, slot)
    }

    fn latter(&self, slot: Slot) -> Option<Slot> {
        self.store.latter(&self.queues[self.store.entry(slot).group as usize].sort, slot)
    }

    fn resort(&mut self, slot: Slot) {
        let (old, q) = (self.store.entry(slot).sort, self.store.entry(slot).group as usize);
        self.store.new_sort_key(slot);
        self.queues[q].sort.remove(&old);
        self.add_sorted(q, slot);
    }

    fn joined(&mut self, keep: Slot, gone: Slot) {
        let q = self.store.entry(keep).group as usize;
        let other = self.store.entry(gone).group as usize;
        let expires = self.store.entry(gone).expires;
        if q == other && expires < self.store.entry(keep).expires {
            self.store.move_behind(&mut self.queues[q].fifo, keep, gone);
            self.store.entry_mut(keep).expires = expires;
        }
        if self.queues[q].next == Some(gone) {
            self.queues[q].next = Some(keep);
        }
        self.remove_request(other, gone);
        if self.queues[other].on_rr && self.queues[other].sort.is_empty() && self.active != Some(other) {
            self.del_rr(other);
        }
    }

    fn allows(&mut self, slot: Slot, bio: &Request) -> bool {
        if bio.is_sync() && !self.store.request(slot).is_sync() {
            return false;
        }
        let own = self.processes.get(&bio.process).and_then(|p| p.queues[usize::from(bio.is_sync())]);
        own.is_some_and(|q| q == self.store.entry(slot).group as usize)
    }
}
