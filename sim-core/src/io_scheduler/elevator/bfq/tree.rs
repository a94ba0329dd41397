//! Who is next: B-WF2Q+ over the queues (`block/bfq-wf2q.c`), for one group.

use std::collections::BTreeMap;

use super::Bfq;
use super::queue::{Q, Tree};

/// `WFQ_SERVICE_SHIFT`.
const SHIFT: u32 = 22;

/// The queues of one class, by virtual finish time; of two at one time the later stands behind.
#[derive(Clone, Debug, Default)]
pub(super) struct Class {
    active: BTreeMap<(u128, u64), Q>,
    idle: BTreeMap<(u128, u64), Q>,
    vtime: u128,
    /// Weights of its queues, the one in service and the remembered ones included.
    wsum: u64,
}

/// Virtual time of a service (`bfq_delta`).
fn delta(service: i64, weight: u64) -> u128 {
    let (service, weight) = (u64::try_from(service).unwrap_or(0), weight.max(1));
    if service.leading_zeros() >= SHIFT {
        // Nearly always, and in WASM a fraction of the cost.
        return u128::from((service << SHIFT) / weight);
    }
    (u128::from(service) << SHIFT) / u128::from(weight)
}

impl Bfq {
    fn set_finish(&mut self, q: Q, service: i64) {
        let queue = &mut self.queues[q];
        queue.finish = queue.start + delta(service, u64::from(queue.weight));
    }

    fn active_insert(&mut self, q: Q) {
        self.seq += 1;
        let queue = &mut self.queues[q];
        queue.key = (queue.finish, self.seq);
        queue.tree = Tree::Active;
        self.classes[queue.class].active.insert(queue.key, q);
        self.active.insert(0, q);
    }

    fn active_extract(&mut self, q: Q, class: usize) {
        self.classes[class].active.remove(&self.queues[q].key);
        self.queues[q].tree = Tree::None;
        self.active.retain(|other| *other != q);
    }

    fn idle_extract(&mut self, q: Q) {
        let queue = &mut self.queues[q];
        queue.tree = Tree::None;
        self.classes[queue.class].idle.remove(&queue.key);
    }

    fn forget(&mut self, q: Q) {
        let queue = &mut self.queues[q];
        queue.on_st = false;
        let class = &mut self.classes[queue.class];
        class.wsum = class.wsum.saturating_sub(u64::from(queue.weight));
    }

    /// Drops what need not be remembered any more, one queue a time (`bfq_forget_idle`).
    fn forget_idle(&mut self, c: usize) {
        let class = &mut self.classes[c];
        if let (true, Some(((last, _), _))) = (class.active.is_empty(), class.idle.last_key_value()) {
            class.vtime = class.vtime.max(*last);
        }
        if let Some(((first, _), q)) = class.idle.first_key_value()
            && *first <= class.vtime
        {
            let q = *q;
            self.idle_extract(q);
            self.forget(q);
        }
    }

    /// Makes a change of weight or class real (`__bfq_entity_update_weight_prio`).
    pub(super) fn update_weight_prio(&mut self, q: Q, class_too: bool) {
        if !self.queues[q].prio_changed {
            return;
        }
        let queue = &mut self.queues[q];
        let old = queue.class;
        self.classes[old].wsum = self.classes[old].wsum.saturating_sub(u64::from(queue.weight));
        if queue.new_weight != queue.orig_weight {
            queue.new_weight = queue.new_weight.clamp(1, 1000);
            queue.orig_weight = queue.new_weight;
            queue.level = (8 - (queue.orig_weight / 10).min(8)) as u8;
        }
        if class_too {
            queue.class = queue.new_class;
        }
        if queue.class == queue.new_class {
            queue.prio_changed = false;
        }
        let (previous, new, class) = (queue.weight, queue.orig_weight * queue.wr_coeff, queue.class);
        if queue.busy && class != old {
            self.busy[old] = self.busy[old].saturating_sub(1);
            self.busy[class] += 1;
        }
        if previous != new {
            self.weights_remove(q);
        }
        self.queues[q].weight = new;
        if previous != new && self.queues[q].wr_coeff == 1 {
            self.weights_add(q);
        }
        self.classes[class].wsum += u64::from(new);
        if class != old {
            self.queues[q].start = self.classes[class].vtime;
        }
    }

    /// Accounts for sectors served (`bfq_bfqq_served`).
    pub(super) fn served(&mut self, q: Q, sectors: i64) {
        let (tick, queue) = (self.tick, &mut self.queues[q]);
        if queue.service_from_backlogged == 0 {
            queue.first_io_time = tick;
        }
        let count = u64::try_from(sectors).unwrap_or(0);
        if queue.wr_coeff > 1 {
            queue.service_from_wr = queue.service_from_wr.saturating_add(count);
        }
        queue.service_from_backlogged = queue.service_from_backlogged.saturating_add(count);
        queue.service += sectors;
        let c = queue.class;
        self.classes[c].vtime += delta(sectors, self.classes[c].wsum);
        self.forget_idle(c);
    }

    fn enqueue(&mut self, q: Q, backshifted: bool) {
        self.update_weight_prio(q, true);
        self.set_finish(q, self.queues[q].budget);
        let vtime = self.classes[self.queues[q].class].vtime;
        let queue = &mut self.queues[q];
        if backshifted && vtime > queue.finish {
            let behind = (vtime - queue.finish) / u128::from(queue.wr_coeff.max(1));
            queue.start += behind;
            queue.finish += behind;
        }
        self.active_insert(q);
    }

    /// A queue gets requests, or changes its place among those that have some
    /// (`bfq_activate_requeue_entity`).
    pub(super) fn activate_or_requeue(&mut self, q: Q, non_blocking: bool, expiration: bool) {
        let class = self.queues[q].class;
        if self.in_service_entity == Some(q) || self.queues[q].tree == Tree::Active {
            if self.in_service_entity == Some(q) {
                self.set_finish(q, self.queues[q].service);
                self.queues[q].start = self.queues[q].finish;
            }
            if self.queues[q].tree == Tree::Active {
                self.active_extract(q, class);
            }
            self.enqueue(q, false);
        } else {
            let vtime = self.classes[class].vtime;
            let finish = self.queues[q].finish;
            let backshifted = non_blocking && vtime > finish;
            let earliest = if backshifted { finish } else { vtime };
            if self.queues[q].tree == Tree::Idle {
                self.idle_extract(q);
                self.queues[q].start = earliest.max(finish);
            } else {
                self.queues[q].start = earliest;
                self.classes[class].wsum += u64::from(self.queues[q].weight);
                self.queues[q].on_st = true;
            }
            self.enqueue(q, backshifted);
        }
        self.update_next(Some(q), expiration);
    }

    /// A queue has no more requests (`bfq_deactivate_entity`).
    pub(super) fn deactivate(&mut self, q: Q, remember: bool, expiration: bool) {
        if !self.queues[q].on_st {
            return;
        }
        let in_service = self.in_service_entity == Some(q);
        self.set_finish(q, self.queues[q].service);
        if in_service {
            self.in_service_entity = None;
        } else {
            self.queues[q].service = 0;
        }
        match self.queues[q].tree {
            Tree::Active => self.active_extract(q, self.queues[q].class),
            Tree::Idle if !in_service => self.idle_extract(q),
            _ => {}
        }
        let c = self.queues[q].class;
        if !remember || self.queues[q].finish <= self.classes[c].vtime {
            self.forget(q);
        } else {
            self.seq += 1;
            let queue = &mut self.queues[q];
            queue.key = (queue.finish, self.seq);
            queue.tree = Tree::Idle;
            self.classes[c].idle.insert(queue.key, q);
        }
        if self.next_in_service == Some(q) {
            self.update_next(None, expiration);
        }
    }

    /// `bfq_update_next_in_service`.
    fn update_next(&mut self, new: Option<Q>, expiration: bool) {
        if let Some(new) = new.filter(|new| self.next_in_service != Some(*new)) {
            let Some(next) = self.next_in_service else {
                self.next_in_service = Some(new);
                return;
            };
            let (a, b) = (&self.queues[new], &self.queues[next]);
            if a.class == b.class && a.start <= self.classes[a.class].vtime && b.finish > a.finish {
                self.next_in_service = Some(new);
                return;
            }
        }
        self.next_in_service = self.lookup_next(expiration);
    }

    /// `bfq_lookup_next_entity`: the idle class gets a turn every 200 ms.
    fn lookup_next(&mut self, expiration: bool) -> Option<Q> {
        let mut from = 0;
        if self.class_idle_last_service + self.hz / 5 < self.tick {
            if !self.classes[2].active.is_empty() {
                from = 2;
            }
            self.class_idle_last_service = self.tick;
        }
        let in_service = self.in_service_entity.is_some() && !expiration;
        (from..3).find_map(|c| self.first_eligible(c, in_service))
    }

    /// Of the queues that have not run ahead, the one to finish first; where all have, virtual time
    /// jumps to the one that is least ahead (`__bfq_lookup_next_entity`).
    fn first_eligible(&mut self, c: usize, in_service: bool) -> Option<Q> {
        let class = &self.classes[c];
        let earliest = class.active.values().map(|q| self.queues[*q].start).min()?;
        let vtime = class.vtime.max(earliest);
        if !in_service && vtime > class.vtime {
            self.classes[c].vtime = vtime;
            self.forget_idle(c);
        }
        self.classes[c].active.values().find(|q| self.queues[**q].start <= vtime).copied()
    }

    /// Takes the next queue into service (`bfq_get_next_queue`).
    pub(super) fn get_next_queue(&mut self) -> Option<Q> {
        if self.total_busy() == 0 {
            return None;
        }
        let q = self.next_in_service?;
        self.in_service_entity = Some(q);
        if self.queues[q].tree == Tree::Active {
            self.active_extract(q, self.queues[q].class);
        }
        self.update_next(None, false);
        Some(q)
    }

    /// `next_queue_may_preempt`.
    pub(super) fn next_may_preempt(&self) -> bool {
        self.next_in_service != self.in_service_entity
    }

    /// `bfq_del_bfqq_busy`.
    pub(super) fn del_busy(&mut self, q: Q, expiration: bool) {
        let queue = &mut self.queues[q];
        queue.busy = false;
        self.busy[queue.class] = self.busy[queue.class].saturating_sub(1);
        if queue.wr_coeff > 1 {
            self.wr_busy = self.wr_busy.saturating_sub(1);
        }
        self.deactivate(q, true, expiration);
        if self.queues[q].dispatched == 0 {
            self.weights_remove(q);
        }
    }

    /// `bfq_add_bfqq_busy`.
    pub(super) fn add_busy(&mut self, q: Q) {
        let non_blocking = std::mem::take(&mut self.queues[q].non_blocking_wait_rq);
        self.activate_or_requeue(q, non_blocking, false);
        let queue = &mut self.queues[q];
        queue.busy = true;
        self.busy[queue.class] += 1;
        let raised = queue.wr_coeff > 1;
        if queue.dispatched == 0 && !raised {
            self.weights_add(q);
        }
        if raised {
            self.wr_busy += 1;
        }
        if let Some(waker) = self.queues[q].waker {
            let woken = &mut self.queues[waker].woken;
            if let Some(at) = woken.iter().position(|other| *other == q) {
                woken[..=at].rotate_right(1);
            }
        }
    }

    /// Queues with requests, all classes together.
    pub(super) fn total_busy(&self) -> u32 {
        self.busy.iter().sum()
    }

    pub(super) fn weights_add(&mut self, q: Q) {
        let queue = &mut self.queues[q];
        if queue.counted.is_none() {
            queue.counted = Some(queue.weight);
            *self.weights.entry(queue.weight).or_default() += 1;
        }
    }

    pub(super) fn weights_remove(&mut self, q: Q) {
        if let Some(weight) = self.queues[q].counted.take()
            && let Some(count) = self.weights.get_mut(&weight)
        {
            *count -= 1;
            if *count == 0 {
                self.weights.remove(&weight);
            }
        }
    }

    /// Queues differ in weight or in class (`bfq_asymmetric_scenario`).
    pub(super) fn asymmetric(&self, q: Q) -> bool {
        let smallest = self.queues[q].counted.is_some()
            && self.queues[q].counted == self.weights.first_key_value().map(|(weight, _)| *weight);
        let varied = !smallest && self.weights.len() > 1;
        varied || self.busy.iter().filter(|count| **count > 0).count() > 1
    }
}
