//! How long a turn is, and when a queue is due again.

use super::Cfq;
use super::queue::{ASYNC, IDLE, Q, SYNC};
use crate::io_scheduler::request::Sector;

impl Cfq {
    /// `cfq_prio_slice`.
    pub(super) fn prio_slice(&self, sync: bool, level: u8) -> i64 {
        let base = self.set.slice[usize::from(sync)];
        base + base / 5 * (4 - i64::from(level))
    }

    /// Queues of a class (`cfq_group_busy_queues_wl`).
    pub(super) fn busy_of_class(&self, class: usize) -> i64 {
        self.trees[class].iter().map(|tree| tree.queues.len() as i64).sum()
    }

    /// `cfq_group_get_avg_queues`: rises fast and falls slowly.
    fn average_queues(&mut self, rt: bool) -> i64 {
        let (class, i) = if rt { (0, 1) } else { (1, 0) };
        let busy = self.busy_of_class(class);
        let average = &mut self.busy_avg[i];
        *average = (3 * busy.max(*average) + busy.min(*average) + 2) / 4;
        *average
    }

    /// `cfq_scaled_cfqq_slice`: with many queues, shorter, so that all get a turn in time.
    pub(super) fn scaled_slice(&mut self, q: Q) -> i64 {
        let (sync, level, rt) = (self.queues[q].sync, self.queues[q].level, self.queues[q].class_rt());
        let slice = self.prio_slice(sync, level);
        if !self.set.low_latency {
            return slice;
        }
        let queues = self.average_queues(rt);
        let (sync_slice, target) = (self.set.slice[1], self.set.target_latency);
        let expected = sync_slice.saturating_mul(queues);
        if expected <= target {
            return slice;
        }
        let low = slice.min((2 * self.set.slice_idle).saturating_mul(slice) / sync_slice);
        low.max(slice.saturating_mul(target) / expected)
    }

    /// The first completion starts the clock (`cfq_set_prio_slice`).
    pub(super) fn start_slice(&mut self, q: Q) {
        let slice = self.scaled_slice(q);
        let now = self.now;
        let queue = &mut self.queues[q];
        queue.slice_start = now;
        queue.slice_end = now.saturating_add(slice);
        queue.allocated_slice = slice;
        queue.slice_new = false;
    }

    /// `cfq_slice_used`.
    pub(super) fn slice_used(&self, q: Q) -> bool {
        !self.queues[q].slice_new && self.now >= self.queues[q].slice_end
    }

    /// Puts a queue where it is due (`cfq_service_tree_add`).
    pub(super) fn tree_add(&mut self, q: Q, front: bool) {
        let home = self.queues[q].home();
        let tree = &self.trees[home.0][home.1].queues;
        let key = if self.queues[q].class_idle() {
            let last = tree.iter().next_back().filter(|(_, other)| **other != q);
            last.map_or(self.now, |((key, _), _)| *key).saturating_add(self.unit.second() / 5)
        } else if front {
            tree.keys().next().map_or(self.now, |(key, _)| *key) - self.unit.second()
        } else {
            let queue = &self.queues[q];
            // The group does not count this queue before it is in a tree.
            let others = i64::from(self.busy_in_trees()) - 1;
            let offset = others.saturating_mul(self.prio_slice(true, 0) - self.prio_slice(queue.sync, queue.level));
            let key = self.now.saturating_add(offset).saturating_sub(queue.slice_resid);
            self.queues[q].slice_resid = 0;
            key
        };
        if let Some(old) = self.queues[q].tree {
            if old == home && self.queues[q].key.0 == key {
                return;
            }
            self.tree_remove(q);
        }
        self.seq += 1;
        self.queues[q].key = (key, self.seq);
        self.queues[q].tree = Some(home);
        self.trees[home.0][home.1].queues.insert(self.queues[q].key, q);
    }

    /// Queues of the group (`nr_cfqq`).
    pub(super) fn busy_in_trees(&self) -> u32 {
        self.trees.iter().flatten().map(|tree| tree.queues.len() as u32).sum()
    }

    fn tree_remove(&mut self, q: Q) {
        if let Some((class, kind)) = self.queues[q].tree.take() {
            self.trees[class][kind].queues.remove(&self.queues[q].key);
        }
    }

    /// `cfq_resort_rr_list`.
    pub(super) fn resort_rr(&mut self, q: Q) {
        if self.queues[q].on_rr {
            self.tree_add(q, false);
            self.place(q);
        }
    }

    /// `cfq_add_cfqq_rr`.
    pub(super) fn add_rr(&mut self, q: Q) {
        self.queues[q].on_rr = true;
        self.busy += 1;
        if self.queues[q].sync {
            self.busy_sync += 1;
        }
        self.resort_rr(q);
    }

    /// `cfq_del_cfqq_rr`.
    pub(super) fn del_rr(&mut self, q: Q) {
        self.queues[q].on_rr = false;
        self.tree_remove(q);
        self.unplace(q);
        if self.busy_in_trees() == 0 {
            self.saved_slice = 0;
        }
        self.busy = self.busy.saturating_sub(1);
        if self.queues[q].sync {
            self.busy_sync = self.busy_sync.saturating_sub(1);
        }
    }

    /// Keeps the queues by the sector of their next request (`cfq_prio_tree_add`).
    pub(super) fn place(&mut self, q: Q) {
        self.unplace(q);
        if self.queues[q].class_idle() {
            return;
        }
        let Some(next) = self.queues[q].next else { return };
        let (level, sector) = (usize::from(self.queues[q].level), self.store.request(next).sector);
        // The first at a sector stays.
        if let std::collections::btree_map::Entry::Vacant(entry) = self.positions[level].entry(sector) {
            entry.insert(q);
            self.queues[q].position = Some((level, sector));
        }
    }

    pub(super) fn unplace(&mut self, q: Q) {
        if let Some((level, sector)) = self.queues[q].position.take() {
            self.positions[level].remove(&sector);
        }
    }

    /// The queue of this level whose next request is near the head (`cfqq_close`).
    pub(super) fn close_queue(&self, level: u8) -> Option<Q> {
        let (tree, last) = (&self.positions[usize::from(level)], self.last_position);
        let near = |found: Option<(&Sector, &Q)>| {
            found.filter(|(at, _)| at.abs_diff(last) <= super::CLOSE_THR).map(|(_, q)| *q)
        };
        near(tree.range(last..).next().filter(|(at, _)| **at == last))
            .or_else(|| near(tree.range(..last).next_back()))
            .or_else(|| near(tree.range(last..).next()))
    }

    /// Ends a turn (`__cfq_slice_expired`); one that ran out of time keeps what was left, or owes
    /// what it overran.
    pub(super) fn slice_expired(&mut self, timed_out: bool) {
        let Some(q) = self.active else { return };
        if self.queues[q].wait_request {
            self.idle_timer = None;
        }
        let queue = &mut self.queues[q];
        queue.wait_request = false;
        queue.wait_busy = false;
        if queue.coop && queue.seeky() {
            queue.split_coop = true;
        }
        if timed_out {
            let left =
                if self.queues[q].slice_new { self.scaled_slice(q) } else { self.queues[q].slice_end - self.now };
            self.queues[q].slice_resid = left;
        }
        // `cfq_group_served`: the workload goes on where it was.
        self.saved_slice = (self.workload_expires - self.now).max(0);
        self.saved_type = self.serving_type;
        self.saved_class = self.serving_class;
        if self.queues[q].on_rr && self.queues[q].sort.is_empty() {
            self.del_rr(q);
        }
        self.resort_rr(q);
        self.active = None;
        self.active_process = None;
    }

    /// Which class and which type of workload is served, and for how long
    /// (`choose_wl_class_and_type`).
    pub(super) fn choose_workload(&mut self) {
        // `cfq_choose_cfqg`.
        if self.saved_slice > 0 {
            self.workload_expires = self.now + self.saved_slice;
            self.serving_type = self.saved_type;
            self.serving_class = self.saved_class;
        } else {
            self.workload_expires = self.now - 1;
        }
        let before = self.serving_class;
        let class = (0..2).find(|class| self.busy_of_class(*class) > 0).unwrap_or(IDLE);
        self.serving_class = class;
        if class == IDLE {
            self.workload_expires = self.now + self.unit.tick();
            return;
        }
        let count = |cfq: &Cfq| cfq.trees[class][cfq.serving_type].queues.len() as i64;
        if before == class && count(self) > 0 && self.now <= self.workload_expires {
            return;
        }
        let first = |kind: usize| self.trees[class][kind].queues.keys().next().map(|(key, _)| *key);
        let due = (ASYNC..=SYNC).filter_map(|kind| Some((first(kind)?, kind))).min();
        self.serving_type = due.map_or(super::queue::SYNC_NOIDLE, |(_, kind)| kind);
        let average = self.busy_avg[if class == 0 { 1 } else { 0 }].max(self.busy_of_class(class)).max(1);
        let target = self.set.target_latency;
        let mut slice = target.saturating_mul(count(self)) / average;
        if self.serving_type == ASYNC {
            let asyncs = (self.trees[0][ASYNC].queues.len() + self.trees[1][ASYNC].queues.len()) as i64;
            slice = slice.min(target.saturating_mul(asyncs) / i64::from(self.busy.max(1)));
            slice = slice.saturating_mul(self.set.slice[0]) / self.set.slice[1];
        } else {
            slice = slice.max(2 * self.set.slice_idle);
        }
        self.workload_expires = self.now.saturating_add(slice.max(2 * self.unit.tick()));
    }
}
