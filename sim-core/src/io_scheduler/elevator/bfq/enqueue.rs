//! A request finds its queue and enters it.

use super::queue::{LONG_AGO, Process, Q, Queue, class_and_level, sync_index, weight_of};
use super::{Bfq, expire::Reason};
use crate::MILLISECOND;
use crate::io_scheduler::elevator::store::Slot;
use crate::io_scheduler::request::{IoPrio, Request};

impl Bfq {
    /// The queue of a request, made if need be (`bfq_init_rq`).
    pub(super) fn queue_for(&mut self, request: &Request) -> Q {
        let (id, side) = (request.process, sync_index(request));
        self.prio_changed(id, request.prio);
        let known = self.processes.entry(id).or_insert_with(|| Process { prio: request.prio, ..Process::default() });
        let mut split = false;
        let q = match known.queues[side] {
            Some(q) if self.queues[q].coop && self.queues[q].split_coop && !known.stably_merged => {
                split = true;
                self.split(id, q)
            }
            Some(q) => q,
            None => self.get_queue(id, side == 1, false),
        };
        if let Some(process) = self.processes.get_mut(&id) {
            process.requests += 1;
        }
        if side == 1 && self.queues[q].new_queue.is_none() && self.process_refs(q) == 1 {
            self.queues[q].process = Some(id);
            if split {
                self.resume(id, q);
            }
        }
        if self.queues[q].just_created && (self.burst_size > 0 || self.total_busy() == 0) {
            self.handle_burst(q);
        }
        q
    }

    /// `ioprio_set(2)` was called since the last request (`bfq_check_ioprio_change`).
    fn prio_changed(&mut self, id: u32, prio: IoPrio) {
        let Some(process) = self.processes.get_mut(&id).filter(|process| process.prio != prio) else { return };
        process.prio = prio;
        if process.queues[0].take().is_some() {
            let q = self.get_queue(id, false, true);
            if let Some(process) = self.processes.get_mut(&id) {
                process.queues[0] = Some(q);
            }
        }
        if let Some(q) = self.processes.get(&id).and_then(|process| process.queues[1]) {
            let (class, level) = class_and_level(prio);
            let queue = &mut self.queues[q];
            (queue.new_class, queue.new_weight, queue.prio_changed) = (class, weight_of(level), true);
        }
    }

    /// `bfq_get_queue`: a queue of its own for what is synchronous, one shared by all of a priority
    /// for what is not.
    pub(super) fn get_queue(&mut self, id: u32, sync: bool, respawn: bool) -> Q {
        let prio = self.processes.get(&id).map_or_else(IoPrio::default, |process| process.prio);
        let (class, level) = class_and_level(prio);
        let q = match self.asyncs.get(&(class, level)) {
            Some(q) if !sync => *q,
            _ => {
                let q = self.new_queue(id, sync, class, level);
                if !sync {
                    self.asyncs.insert((class, level), q);
                }
                q
            }
        };
        if let Some(process) = self.processes.get_mut(&id) {
            process.queues[usize::from(sync)] = Some(q);
        }
        if sync && !respawn { self.stable_merge(id, q) } else { q }
    }

    /// `bfq_init_bfqq`.
    fn new_queue(&mut self, id: u32, sync: bool, class: usize, level: u8) -> Q {
        let weight = weight_of(level);
        let queue = Queue {
            sync,
            process: sync.then_some(id),
            class,
            new_class: class,
            level,
            weight,
            orig_weight: weight,
            new_weight: weight,
            prio_changed: true,
            short_ttime: sync && class != 2,
            just_created: sync,
            io_bound: true,
            last_end_request: self.now + 1,
            creation_time: self.tick,
            io_start_time: self.now,
            max_budget: 2 * self.largest_budget() / 3,
            budget_timeout: LONG_AGO,
            wr_coeff: 1,
            last_wr_start_finish: self.tick,
            wr_start_at_switch_to_srt: LONG_AGO,
            split_time: LONG_AGO,
            soft_rt_next_start: self.tick,
            // Never set: as long ago as the machine's start.
            last_idle_bklogged: LONG_AGO / 2,
            decrease_time: LONG_AGO,
            seek_history: 1,
            ..Queue::default()
        };
        let free = (self.queues.len() >= 64).then(|| (0..self.queues.len()).find(|q| self.unused(*q))).flatten();
        match free {
            Some(q) => {
                self.recycle(q);
                self.queues[q] = queue;
                q
            }
            None => {
                self.queues.push(queue);
                self.queues.len() - 1
            }
        }
    }

    /// Nothing but memory of it is left.
    fn unused(&self, q: Q) -> bool {
        let queue = &self.queues[q];
        queue.sync
            && queue.empty()
            && queue.dispatched == 0
            && !queue.busy
            && self.in_service != Some(q)
            && self.process_refs(q) == 0
            && !self.processes.values().any(|process| process.stable_merge == Some(q))
            && !self.in_flight.values().any(|other| *other == q)
            && !self.queues.iter().any(|other| other.new_queue == Some(q))
    }

    /// The last reference is gone (`bfq_put_queue`).
    fn recycle(&mut self, q: Q) {
        self.deactivate(q, false, false);
        self.weights_remove(q);
        for queue in &mut self.queues {
            queue.woken.retain(|other| *other != q);
            if queue.waker == Some(q) {
                queue.waker = None;
            }
            if queue.tentative_waker == Some(q) {
                queue.tentative_waker = None;
            }
        }
        if std::mem::take(&mut self.queues[q].in_burst_list) {
            self.burst_size = self.burst_size.saturating_sub(1);
        }
        self.last_completed = self.last_completed.filter(|other| *other != q);
        self.last_created = self.last_created.filter(|other| *other != q);
        self.positions.retain(|_, other| *other != q);
    }

    /// `__bfq_insert_request`.
    pub(super) fn insert_request(&mut self, mut q: Q, slot: Slot) {
        let request = *self.store.request(slot);
        if let Some(new) = self.cooperator(q, request.sector, true, request.process) {
            let side = self.processes.get(&request.process).and_then(|process| process.queues[1]);
            self.queues[q].just_created = false;
            if side == Some(q) {
                self.merge_queues(request.process, q, new);
            }
            q = new;
            self.store.entry_mut(slot).group = q as u32;
        }
        self.update_thinktime(q);
        self.update_short_ttime(q);
        let far = self.far(self.queues[q].last_request_pos, &request);
        let queue = &mut self.queues[q];
        queue.seek_history = queue.seek_history << 1 | u32::from(far);
        self.seeky_soft_rt(q);
        self.add_request(q, slot);
        self.store.entry_mut(slot).expires = self.now.saturating_add(self.set.fifo_expire[sync_index(&request)]);
        self.store.push_back(&mut self.queues[q].fifo, slot);
        self.enqueued(q, &request);
    }

    fn update_thinktime(&mut self, q: Q) {
        let (now, most) = (self.now, 2 * self.set.slice_idle);
        let queue = &mut self.queues[q];
        if queue.dispatched > 0 || queue.busy {
            return;
        }
        let elapsed = now.saturating_sub(queue.last_end_request).min(most);
        queue.ttime_samples = (7 * queue.ttime_samples + 256) / 8;
        queue.ttime_total = (7 * queue.ttime_total + 256 * elapsed) / 8;
        queue.ttime_mean = (queue.ttime_total + 128) / queue.ttime_samples;
    }

    fn update_short_ttime(&mut self, q: Q) {
        let (tick, idle, slice) = (self.tick, self.wr_min_idle_time(), self.set.slice_idle);
        let recent = self.ms(100);
        let queue = &mut self.queues[q];
        if !queue.sync || queue.class_idle() || slice == 0 || queue.split_time + idle >= tick {
            return;
        }
        let short = !(queue.ttime_samples > 80 && queue.ttime_mean > slice / 2);
        let changed = std::mem::replace(&mut queue.short_ttime, short) != short;
        if changed && queue.last_serv_time == 0 && (queue.decrease_time + recent <= tick || !short) {
            self.reset_inject_limit(q);
        }
    }

    /// `bfq_reset_inject_limit`.
    fn reset_inject_limit(&mut self, q: Q) {
        self.waited = None;
        let queue = &mut self.queues[q];
        queue.last_serv_time = 0;
        queue.inject_limit = u32::from(!queue.short_ttime);
        queue.decrease_time = self.tick;
    }

    /// `bfq_add_request`.
    fn add_request(&mut self, q: Q, slot: Slot) {
        let request = *self.store.request(slot);
        let old_wr = self.queues[q].wr_coeff;
        let mut interactive = false;
        self.queued += 1;
        let alone = self.processes.get(&request.process).is_some_and(|process| process.requests <= 1);
        if self.queues[q].sync && alone {
            self.check_waker(q);
            if self.queues[q].decrease_time + self.ms(1000) <= self.tick {
                self.reset_inject_limit(q);
            }
            let queue = &self.queues[q];
            if self.in_service == Some(q)
                && (self.in_driver == 0 || (queue.last_serv_time > 0 && self.rqs_injected))
                && queue.decrease_time + self.ms(10) <= self.tick
            {
                self.last_empty_occupied = self.now;
                self.wait_dispatch = true;
                if self.in_driver == 0 {
                    self.rqs_injected = false;
                }
            }
        }
        if self.queues[q].sync {
            self.update_io_intensity(q);
        }
        self.queues[q].sort.insert(self.store.entry(slot).sort, slot);
        let before = self.queues[q].next;
        self.queues[q].next = self.choose(before, Some(slot), self.last_position);
        let changed = before != self.queues[q].next;
        if changed {
            self.place(q);
        }
        if !self.queues[q].busy {
            interactive = self.idle_to_busy(q, old_wr, &request);
        } else {
            let waited = self.queues[q].last_wr_start_finish + self.ms(500) < self.tick;
            if self.set.low_latency && old_wr == 1 && !request.is_sync() && waited {
                let duration = self.wr_duration();
                let queue = &mut self.queues[q];
                queue.wr_coeff = super::boost::WR_COEFF;
                queue.wr_cur_max_time = duration;
                queue.prio_changed = true;
                self.wr_busy += 1;
            }
            if changed {
                self.updated_next(q);
            }
        }
        if self.set.low_latency && (old_wr == 1 || self.queues[q].wr_coeff == 1 || interactive) {
            self.queues[q].last_wr_start_finish = self.tick;
        }
    }

    /// `bfq_check_waker`: its requests come soon after those of another queue complete.
    fn check_waker(&mut self, q: Q) {
        let Some(last) = self.last_completed.filter(|last| *last != q) else { return };
        if self.queues[q].short_ttime || self.now.saturating_sub(self.last_completion) >= 4 * MILLISECOND {
            return;
        }
        let window = 128 * self.set.slice_idle;
        let queue = &mut self.queues[q];
        if queue.tentative_waker != Some(last) || self.now > queue.waker_detection_started.saturating_add(window) {
            queue.tentative_waker = Some(last);
            queue.waker_detections = 1;
            queue.waker_detection_started = self.now;
        } else {
            queue.waker_detections += 1;
        }
        if queue.waker_detections == 3 {
            queue.tentative_waker = None;
            if let Some(old) = queue.waker.replace(last) {
                self.queues[old].woken.retain(|other| *other != q);
            }
            self.queues[last].woken.insert(0, q);
        }
    }

    fn update_io_intensity(&mut self, q: Q) {
        let now = self.now;
        let queue = &mut self.queues[q];
        let total = now.saturating_sub(queue.io_start_time);
        if queue.empty() && queue.dispatched == 0 {
            queue.tot_idle_time += now.saturating_sub(queue.last_end_request);
        }
        if queue.just_created {
            return;
        }
        queue.io_bound = queue.tot_idle_time.saturating_mul(5) <= total;
        if total > 200 * MILLISECOND {
            queue.io_start_time = now - total / 2;
            queue.tot_idle_time /= 2;
        }
    }

    /// An idle queue becomes busy (`bfq_bfqq_handle_idle_busy_switch`): whether it counts as
    /// interactive.
    fn idle_to_busy(&mut self, q: Q, old_wr: u32, request: &Request) -> bool {
        let tick = self.tick;
        let queue = &self.queues[q];
        let long_idle = queue.dispatched == 0 && queue.budget_timeout + self.wr_min_idle_time() < tick;
        let in_time = self.now <= queue.last_end_request.saturating_add(3 * self.set.slice_idle);
        let in_burst = queue.in_large_burst;
        let soft_rt = !queue.totally_seeky()
            && !in_burst
            && queue.soft_rt_next_start < tick
            && queue.dispatched == 0
            && queue.new_weight == 40;
        let interactive = !in_burst && long_idle && queue.new_weight == 40;
        let own = queue.process.is_some()
            || self.processes.get(&request.process).is_some_and(|process| process.stably_merged);
        let deserves = self.set.low_latency && (queue.wr_coeff > 1 || (queue.sync && own && (interactive || soft_rt)));
        let preempt = self.budget_for_activation(q, in_time);
        let very_long = self.queues[q].budget_timeout + self.ms(10_000) < tick;
        let wr_idle = self.wr_min_idle_time();
        let queue = &mut self.queues[q];
        if !queue.just_created && long_idle && very_long {
            queue.in_burst_list = false;
            queue.in_large_burst = false;
        }
        queue.just_created = false;
        if self.set.low_latency {
            if queue.split_time > tick {
                queue.split_time = tick - wr_idle - 1;
            }
            if queue.split_time + wr_idle < tick {
                self.wr_on_arrival(q, old_wr, deserves, interactive, soft_rt);
                if old_wr != self.queues[q].wr_coeff {
                    self.queues[q].prio_changed = true;
                }
            }
        }
        let queue = &mut self.queues[q];
        queue.last_idle_bklogged = tick;
        queue.service_from_backlogged = 0;
        queue.softrt_update = false;
        self.add_busy(q);
        if let Some(serving) = self.in_service {
            let (queue, other) = (&self.queues[q], &self.queues[serving]);
            if ((preempt && queue.wr_coeff >= other.wr_coeff)
                || queue.class < other.class
                || queue.weight > other.weight
                || !self.better_to_idle(serving))
                && self.next_may_preempt()
            {
                self.expire(serving, false, Reason::Preempted);
            }
        }
        interactive
    }

    /// `bfq_bfqq_update_budg_for_activation`.
    fn budget_for_activation(&mut self, q: Q, in_time: bool) -> bool {
        let queue = &mut self.queues[q];
        if queue.non_blocking_wait_rq && in_time && queue.budget_left() > 0 {
            queue.budget = queue.budget_left().min(queue.max_budget);
            queue.service = 0;
            return true;
        }
        queue.service = 0;
        let charge = self.queues[q].next.map_or(0, |next| self.charge(q, next));
        let queue = &mut self.queues[q];
        queue.budget = queue.max_budget.max(charge);
        queue.non_blocking_wait_rq = false;
        false
    }

    /// `bfq_rq_enqueued`: what the queue in service was waiting for may have come.
    fn enqueued(&mut self, q: Q, request: &Request) {
        self.queues[q].last_request_pos = request.end();
        if self.in_service != Some(q) || !self.queues[q].wait_request {
            return;
        }
        let timed_out = self.budget_timed_out(q);
        let first = self.queues[q].sort.len() == 1;
        if first && request.sectors < 32 && self.idling_boosts(q) && !timed_out {
            // Small and alone: more may come, and be merged with it.
            return;
        }
        self.queues[q].wait_request = false;
        self.idle_timer = None;
        if timed_out {
            self.expire(q, false, Reason::Timeout);
        }
    }
}
