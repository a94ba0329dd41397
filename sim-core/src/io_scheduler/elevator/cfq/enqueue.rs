//! A request finds its queue and enters it.

use super::Cfq;
use super::queue::{Process, Q, Queue, SYNC_NOIDLE, class_and_level};
use crate::io_scheduler::elevator::store::Slot;
use crate::io_scheduler::request::{IoPrio, Request};

impl Cfq {
    /// The queue of a request, made if need be (`cfq_set_request`).
    pub(super) fn queue_for(&mut self, request: &Request) -> Q {
        let (id, side) = (request.process, usize::from(request.is_sync()));
        self.prio_changed(id, request.prio);
        let now = self.now;
        let process = self.processes.entry(id).or_insert_with(|| {
            let mut process = Process { prio: request.prio, ..Process::default() };
            process.think.last_end = now;
            process
        });
        let Some(q) = process.queues[side] else { return self.get_queue(id, side == 1) };
        if self.queues[q].coop && self.queues[q].split_coop {
            return self.split(id, q);
        }
        match self.queues[q].new_queue {
            Some(new) if side == 1 => self.merge_queues(id, q, new),
            _ => q,
        }
    }

    /// `check_ioprio_changed`.
    fn prio_changed(&mut self, id: u32, prio: IoPrio) {
        let Some(process) = self.processes.get_mut(&id).filter(|process| process.prio != prio) else { return };
        process.prio = prio;
        let (had_async, sync) = (process.queues[0].take().is_some(), process.queues[1]);
        if had_async {
            self.get_queue(id, false);
        }
        if let Some(q) = sync {
            self.queues[q].new_prio = Some(class_and_level(prio));
        }
    }

    /// `cfq_get_queue`.
    pub(super) fn get_queue(&mut self, id: u32, sync: bool) -> Q {
        let prio = self.processes.get(&id).map_or_else(IoPrio::default, |process| process.prio);
        let (class, level) = class_and_level(prio);
        let q = match self.asyncs.get(&(class, level)) {
            Some(q) if !sync => *q,
            _ => {
                let queue = Queue {
                    sync,
                    process: sync.then_some(id),
                    class,
                    level,
                    idle_window: sync && class != super::queue::IDLE,
                    ..Queue::default()
                };
                let free =
                    if self.queues.len() >= 64 { (0..self.queues.len()).find(|q| self.unused(*q)) } else { None };
                let q = match free {
                    Some(q) => {
                        self.queues[q] = queue;
                        q
                    }
                    None => {
                        self.queues.push(queue);
                        self.queues.len() - 1
                    }
                };
                if !sync {
                    self.asyncs.insert((class, level), q);
                }
                q
            }
        };
        if let Some(process) = self.processes.get_mut(&id) {
            process.queues[usize::from(sync)] = Some(q);
        }
        q
    }

    /// Nobody can come back to it (`cfq_put_queue`).
    fn unused(&self, q: Q) -> bool {
        let queue = &self.queues[q];
        queue.sync
            && !queue.on_rr
            && queue.sort.is_empty()
            && queue.dispatched == 0
            && self.active != Some(q)
            && self.process_refs(q) == 0
            && !self.queues.iter().any(|other| other.new_queue == Some(q))
    }

    /// `cfq_insert_request`.
    pub(super) fn insert_request(&mut self, q: Q, slot: Slot) {
        if let Some((class, level)) = self.queues[q].new_prio.take() {
            let queue = &mut self.queues[q];
            (queue.class, queue.level) = (class, level);
            if queue.class_idle() {
                queue.idle_window = false;
            }
        }
        let request = *self.store.request(slot);
        let expire = self.set.fifo_expire[usize::from(request.is_sync())];
        let expires = self.now.saturating_add(expire);
        self.store.entry_mut(slot).expires = self.unit.time(expires);
        self.store.push_back(&mut self.queues[q].fifo, slot);
        self.add_sorted(q, slot);
        self.enqueued(q, &request);
    }

    /// `cfq_add_rq_rb`.
    pub(super) fn add_sorted(&mut self, q: Q, slot: Slot) {
        self.queues[q].sort.insert(self.store.entry(slot).sort, slot);
        if !self.queues[q].on_rr {
            self.add_rr(q);
        }
        let before = self.queues[q].next;
        self.queues[q].next = self.choose(before, Some(slot), self.last_position);
        if before != self.queues[q].next {
            self.place(q);
        }
    }

    /// `cfq_find_next_rq`.
    pub(super) fn next_after(&self, q: Q, last: Slot) -> Option<Slot> {
        let (previous, next) = self.store.around(&self.queues[q].sort, last);
        self.choose(next, previous, self.store.request(last).sector)
    }

    /// `cfq_remove_request`: out of the queue's tree and list, not out of the store.
    pub(super) fn remove_request(&mut self, q: Q, slot: Slot) {
        if self.queues[q].next == Some(slot) {
            self.queues[q].next = self.next_after(q, slot);
        }
        self.store.unlink(&mut self.queues[q].fifo, slot);
        let key = self.store.entry(slot).sort;
        self.queues[q].sort.remove(&key);
        if self.queues[q].on_rr && self.queues[q].sort.is_empty() {
            self.unplace(q);
        }
        self.queued = self.queued.saturating_sub(1);
        if self.store.request(slot).meta {
            self.queues[q].meta_pending = self.queues[q].meta_pending.saturating_sub(1);
        }
    }

    /// `cfq_rq_enqueued`.
    fn enqueued(&mut self, q: Q, request: &Request) {
        self.queued += 1;
        if request.meta {
            self.queues[q].meta_pending += 1;
        }
        let (now, idle) = (self.now, self.set.slice_idle);
        if self.queues[q].sync {
            if let Some(process) = self.processes.get_mut(&request.process) {
                process.think.update(now, idle);
            }
            if let Some((class, kind)) = self.queues[q].tree {
                self.trees[class][kind].think.update(now, idle);
            }
        }
        self.group_think.update(now, self.set.group_idle);
        let last = self.queues[q].last_request_pos;
        let far = if self.rotational {
            last != 0 && last.abs_diff(request.sector) > super::SEEK_THR
        } else {
            request.sectors < super::NONROT_SECTORS
        };
        let queue = &mut self.queues[q];
        queue.seek_history = queue.seek_history << 1 | u32::from(far);
        self.update_idle_window(q, request.process);
        self.queues[q].last_request_pos = request.end();
        if self.active == Some(q) {
            if self.queues[q].wait_request {
                if request.sectors > 8 || self.busy > 1 {
                    self.idle_timer = None;
                    self.queues[q].wait_request = false;
                } else {
                    // Small and alone: it may grow until the timer runs out.
                    self.queues[q].must_dispatch = true;
                }
            }
        } else if self.should_preempt(q, request) {
            self.preempt(q);
        }
    }

    /// `cfq_update_idle_window`.
    fn update_idle_window(&mut self, q: Q, id: u32) {
        let queue = &self.queues[q];
        if !queue.sync || queue.class_idle() {
            return;
        }
        let deep = queue.deep || queue.sort.len() >= 4;
        let no_idle = queue.next.is_some_and(|next| self.store.request(next).no_idle);
        let think = self.processes.get(&id).map(|process| &process.think).filter(|think| think.valid());
        let idle = if no_idle || self.set.slice_idle == 0 || (!deep && queue.seeky()) {
            false
        } else {
            think.map_or(queue.idle_window, |think| !think.big(self.set.slice_idle))
        };
        let queue = &mut self.queues[q];
        queue.deep = deep;
        queue.idle_window = idle;
    }

    /// Whether a queue that gets a request takes over at once (`cfq_should_preempt`).
    fn should_preempt(&self, new: Q, request: &Request) -> bool {
        let Some(active) = self.active else { return false };
        let (a, n) = (&self.queues[active], &self.queues[new]);
        if n.class_idle() {
            return false;
        }
        if a.class_idle() {
            return true;
        }
        if a.class_rt() && !n.class_rt() {
            return false;
        }
        if (request.is_sync() && !a.sync) || self.slice_used(active) {
            return true;
        }
        let in_tree = n.tree.map_or(0, |(class, kind)| self.trees[class][kind].queues.len());
        if self.serving_type == SYNC_NOIDLE && n.kind() == SYNC_NOIDLE && in_tree == 2 && a.sort.is_empty() {
            return true;
        }
        if (request.meta && a.meta_pending == 0) || (n.class_rt() && !a.class_rt()) {
            return true;
        }
        if a.sort.is_empty() && !self.should_idle(active) {
            return true;
        }
        self.active_process.is_some()
            && a.wait_request
            && request.sector.abs_diff(self.last_position) <= super::CLOSE_THR
    }

    /// `cfq_preempt_queue`.
    fn preempt(&mut self, q: Q) {
        let old = self.active.map(|active| self.queues[active].kind());
        self.slice_expired(true);
        if old != Some(self.queues[q].kind()) {
            self.saved_slice = 0;
        }
        self.tree_add(q, true);
        self.queues[q].slice_end = 0;
        self.queues[q].slice_new = true;
    }
}
