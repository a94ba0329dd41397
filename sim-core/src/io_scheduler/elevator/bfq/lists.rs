//! Merging.

use super::Bfq;
use super::queue::sync_index;
use crate::io_scheduler::elevator::merge::Lists;
use crate::io_scheduler::elevator::store::{Slot, Store};
use crate::io_scheduler::request::Request;

impl Lists for Bfq {
    fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    fn front(&mut self, bio: &Request) -> Option<Slot> {
        let q = self.processes.get(&bio.process)?.queues[sync_index(bio)]?;
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
        let new = self.store.new_sort_key(slot);
        self.queues[q].sort.remove(&old);
        self.queues[q].sort.insert(new, slot);
        let before = self.queues[q].next;
        let next = self.choose(before, Some(slot), self.last_position);
        self.queues[q].next = next;
        if next != before {
            self.updated_next(q);
        }
        self.place(q);
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
        let process = self.store.request(gone).process;
        self.remove_request(other, gone);
        if let Some(process) = self.processes.get_mut(&process) {
            process.requests = process.requests.saturating_sub(1);
        }
    }

    fn allows(&mut self, slot: Slot, bio: &Request) -> bool {
        if bio.is_sync() && !self.store.request(slot).is_sync() {
            return false;
        }
        let Some(mut q) = self.processes.get(&bio.process).and_then(|p| p.queues[sync_index(bio)]) else {
            return false;
        };
        if let Some(new) = self.cooperator(q, bio.sector, true, bio.process) {
            q = self.merge_queues(bio.process, q, new);
        }
        self.store.entry(slot).group as usize == q
    }
}
