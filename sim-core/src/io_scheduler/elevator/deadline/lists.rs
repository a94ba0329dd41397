//! Merging.

use super::{Deadline, dir_of};
use crate::io_scheduler::elevator::merge::Lists;
use crate::io_scheduler::elevator::store::{Slot, Store};
use crate::io_scheduler::request::Request;

impl Lists for Deadline {
    fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    fn front(&mut self, bio: &Request) -> Option<Slot> {
        let tree = &self.classes[self.class_of(bio)].sort[dir_of(bio)];
        self.front_merges.then(|| Store::starting_at(tree, bio.end()))?
    }

    fn former(&self, slot: Slot) -> Option<Slot> {
        let entry = self.store.entry(slot);
        let tree = &self.classes[entry.group as usize].sort[dir_of(&entry.request)];
        self.store.former(tree, slot)
    }

    fn latter(&self, slot: Slot) -> Option<Slot> {
        let entry = self.store.entry(slot);
        let tree = &self.classes[entry.group as usize].sort[dir_of(&entry.request)];
        self.store.latter(tree, slot)
    }

    fn resort(&mut self, slot: Slot) {
        let entry = self.store.entry(slot);
        let (old, c, dir) = (entry.sort, entry.group as usize, dir_of(&entry.request));
        let new = self.store.new_sort_key(slot);
        let tree = &mut self.classes[c].sort[dir];
        tree.remove(&old);
        tree.insert(new, slot);
    }

    fn joined(&mut self, keep: Slot, gone: Slot) {
        let (next, c) = (self.store.entry(gone).expires, self.store.entry(keep).group as usize);
        let dir = dir_of(self.store.request(keep));
        if next < self.store.entry(keep).expires {
            self.store.move_behind(&mut self.classes[c].fifo[dir], keep, gone);
            self.store.entry_mut(keep).expires = next;
        }
        self.unlist(gone);
        // The kernel counts it as done where it was merged (`stats.merged`, then freed).
        self.classes[c].queued = self.classes[c].queued.saturating_sub(1);
    }
}
