//! Whose turn it is, which request goes, and when the device is left idle.

use super::Cfq;
use super::queue::Q;
use crate::io_scheduler::elevator::store::Slot;
use crate::io_scheduler::elevator::view::Why;
use crate::io_scheduler::request::Request;

impl Cfq {
    /// `cfq_should_idle`.
    pub(super) fn should_idle(&self, q: Q) -> bool {
        let queue = &self.queues[q];
        let Some((class, kind)) = queue.tree else { return false };
        if self.set.slice_idle == 0 || queue.class_idle() {
            return false;
        }
        if queue.idle_window && !self.queueing_flash() {
            return true;
        }
        let tree = &self.trees[class][kind];
        tree.queues.len() == 1 && queue.sync && !tree.think.big(self.set.slice_idle)
    }

    /// `cfq_select_queue`.
    pub(super) fn select_queue(&mut self) -> Option<Q> {
        let mut chosen = None;
        if let Some(q) = self.active {
            if self.queued == 0 {
                return None;
            }
            let alone = self.busy_in_trees() == 1;
            let empty = self.queues[q].sort.is_empty();
            let mut expire = self.queues[q].wait_busy && !empty;
            let mut check_group = false;
            if !expire && self.slice_used(q) && !self.queues[q].must_dispatch {
                if alone && empty && self.queues[q].dispatched > 0 && self.should_idle(q) {
                    return None;
                }
                check_group = true;
            } else if !expire {
                if !empty {
                    return Some(q);
                }
                chosen = self.close_cooperator(q);
                if let Some(new) = chosen {
                    if self.queues[q].new_queue.is_none() {
                        self.setup_merge(q, new);
                    }
                    expire = true;
                } else {
                    if self.idle_timer.is_some() {
                        return None;
                    }
                    let (now, queue) = (self.now, &mut self.queues[q]);
                    let early = queue.slice_new || queue.slice_end - now > now - queue.slice_start;
                    if queue.seeky() && queue.idle_window && early {
                        // Deep and seeking, and the device is faster than it: no idling.
                        queue.deep = false;
                        queue.idle_window = false;
                    }
                    if self.queues[q].dispatched > 0 && self.should_idle(q) {
                        return None;
                    }
                    check_group = true;
                }
            }
            if check_group
                && !expire
                && self.set.group_idle > 0
                && alone
                && self.dispatched > 0
                && !self.group_think.big(self.set.group_idle)
            {
                return None;
            }
            self.slice_expired(false);
        }
        if chosen.is_none() {
            self.choose_workload();
            chosen = if self.queued == 0 { None } else { self.first_due() };
        }
        // `__cfq_set_active_queue`.
        if let Some(q) = chosen {
            let queue = &mut self.queues[q];
            queue.slice_start = 0;
            queue.allocated_slice = 0;
            queue.slice_end = 0;
            queue.slice_dispatch = 0;
            queue.wait_request = false;
            queue.must_dispatch = false;
            queue.fifo_expire = false;
            queue.slice_new = true;
            self.idle_timer = None;
        }
        self.active = chosen;
        chosen
    }

    fn first_due(&self) -> Option<Q> {
        let kind = if self.serving_class == super::queue::IDLE { 0 } else { self.serving_type };
        self.trees[self.serving_class][kind].queues.values().next().copied()
    }

    /// `cfq_slice_used_soon`.
    fn used_soon(&self, q: Q) -> bool {
        let queue = &self.queues[q];
        queue.slice_new || self.now + self.set.slice_idle * i64::from(queue.dispatched) > queue.slice_end
    }

    /// `cfq_may_dispatch`.
    fn may_dispatch(&self, q: Q) -> bool {
        let queue = &self.queues[q];
        if self.should_idle(q) && self.in_flight_by_sync[0] > 0 {
            return false;
        }
        if self.in_flight_by_sync[1] > 0 && !queue.sync {
            return false;
        }
        let mut most = if queue.class_idle() { 1 } else { (self.set.quantum / 2).max(1) };
        if queue.dispatched >= most {
            if queue.class_idle() {
                return false;
            }
            let promote = queue.sync && self.busy_sync == 1;
            if self.busy > 1 && self.used_soon(q) && !promote {
                return false;
            }
            most = if self.busy == 1 || promote { u32::MAX } else { self.set.quantum };
        }
        if !queue.sync && self.set.low_latency {
            let since = (self.now - self.last_delayed_sync) / self.set.slice[1];
            let mut depth = u32::try_from(since).unwrap_or(u32::MAX);
            if depth == 0 && queue.dispatched == 0 {
                depth = 1;
            }
            most = most.min(depth);
        }
        queue.dispatched < most
    }

    /// Once a turn, the oldest if its deadline is over (`cfq_check_fifo`).
    fn expired(&mut self, q: Q) -> Option<Slot> {
        let now = self.unit.time(self.now);
        let queue = &mut self.queues[q];
        if std::mem::replace(&mut queue.fifo_expire, true) {
            return None;
        }
        queue.fifo.front().filter(|slot| now >= self.store.entry(*slot).expires)
    }

    /// `cfq_dispatch_request` and `cfq_dispatch_insert`.
    pub(super) fn dispatch_from(&mut self, q: Q) -> Option<Request> {
        if self.queues[q].sort.is_empty() || !self.may_dispatch(q) {
            return None;
        }
        let (slot, why) = match self.expired(q) {
            Some(slot) => (slot, Why::Expired),
            None => (self.queues[q].next?, Why::Slice),
        };
        self.why = why;
        self.queues[q].next = self.next_after(q, slot);
        self.remove_request(q, slot);
        let request = self.store.remove(slot);
        self.queues[q].dispatched += 1;
        self.dispatched += 1;
        self.in_flight_by_sync[usize::from(self.queues[q].sync)] += 1;
        self.in_flight.insert(request.id, Some(q));
        // `cfq_activate_request`.
        self.in_driver += 1;
        self.last_position = request.end();
        self.active_process.get_or_insert(request.process);
        let most = 2 * self.set.slice_async_rq * (8 - i64::from(self.queues[q].level));
        let now = self.now;
        let queue = &mut self.queues[q];
        queue.slice_dispatch += 1;
        queue.must_dispatch = false;
        if self.busy > 1 && ((!queue.sync && queue.slice_dispatch >= most) || queue.class_idle()) {
            queue.slice_end = now + 1;
            self.slice_expired(false);
        }
        Some(request)
    }

    /// `cfq_update_hw_tag`.
    fn update_hw_tag(&mut self) {
        self.hw_depth = self.hw_depth.max(self.in_driver);
        if self.hw_tag == Some(true)
            || (self.queued < super::HW_QUEUE_MIN + 1 && self.in_driver < super::HW_QUEUE_MIN + 1)
        {
            return;
        }
        if let Some(q) = self.active {
            let queue = &self.queues[q];
            let held = queue.dispatched as usize + queue.sort.len();
            if queue.idle_window && held < super::HW_QUEUE_MIN as usize && self.in_driver < super::HW_QUEUE_MIN {
                return;
            }
        }
        self.hw_samples += 1;
        if self.hw_samples <= 50 {
            return;
        }
        self.hw_tag = Some(self.hw_depth >= super::HW_QUEUE_MIN);
    }

    /// `cfq_completed_request`.
    pub(super) fn completed(&mut self, q: Q, request: &Request) {
        self.update_hw_tag();
        self.in_driver = self.in_driver.saturating_sub(1);
        self.dispatched = self.dispatched.saturating_sub(1);
        let now = self.now;
        let side = usize::from(self.queues[q].sync);
        self.in_flight_by_sync[side] = self.in_flight_by_sync[side].saturating_sub(1);
        self.queues[q].dispatched = self.queues[q].dispatched.saturating_sub(1);
        if request.is_sync() {
            if let Some(process) = self.processes.get_mut(&request.process) {
                process.think.last_end = now;
            }
            let (class, kind) = self.queues[q].tree.unwrap_or(self.queues[q].home());
            self.trees[class][kind].think.last_end = now;
            if self.unit.at(request.start) + self.set.fifo_expire[1] <= now {
                self.last_delayed_sync = now;
            }
        }
        self.group_think.last_end = now;
        if self.active != Some(q) {
            return;
        }
        if self.queues[q].slice_new {
            self.start_slice(q);
        }
        if self.should_wait_busy(q) {
            let longer = if self.set.slice_idle > 0 { self.set.slice_idle } else { self.set.group_idle };
            self.queues[q].slice_end = now + longer;
            self.queues[q].wait_busy = true;
        }
        if self.slice_used(q) || self.queues[q].class_idle() {
            self.slice_expired(true);
        } else if request.is_sync() && self.queues[q].sort.is_empty() && self.close_cooperator(q).is_none() {
            self.arm_slice_timer(q);
        }
    }

    /// A queue that is alone keeps its turn a little longer (`cfq_should_wait_busy`).
    fn should_wait_busy(&self, q: Q) -> bool {
        let queue = &self.queues[q];
        if !queue.sort.is_empty() || self.busy_in_trees() > 1 || self.group_think.big(self.set.group_idle) {
            return false;
        }
        let left = queue.slice_end - self.now;
        self.slice_used(q) || self.thinks_longer(left) || left <= self.unit.tick()
    }

    /// The active process takes longer to think than a span.
    fn thinks_longer(&self, span: i64) -> bool {
        let process = self.active_process.and_then(|id| self.processes.get(&id));
        process.is_some_and(|process| process.think.valid() && process.think.mean > span.max(0) as u64)
    }

    /// `cfq_arm_slice_timer`.
    fn arm_slice_timer(&mut self, q: Q) {
        if self.queueing_flash() {
            return;
        }
        let group = !self.should_idle(q);
        if group && self.set.group_idle == 0 {
            return;
        }
        let queue = &self.queues[q];
        if queue.dispatched > 0 || self.active_process.is_none() || self.thinks_longer(queue.slice_end - self.now) {
            return;
        }
        if group && self.busy_in_trees() > 1 {
            return;
        }
        self.queues[q].wait_request = true;
        let span = if group { self.set.group_idle } else { self.set.slice_idle };
        self.idle_timer = Some(self.now.saturating_add(span));
    }

    /// `cfq_idle_slice_timer`.
    pub(super) fn idle_slice_over(&mut self) {
        let Some(q) = self.active else { return };
        if self.queues[q].must_dispatch {
            return;
        }
        if !self.slice_used(q) {
            if self.busy == 0 || !self.queues[q].sort.is_empty() {
                return;
            }
            self.queues[q].deep = false;
        }
        self.slice_expired(false);
    }
}
