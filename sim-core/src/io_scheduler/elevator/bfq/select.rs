//! Which queue is served, which of its requests goes, and when the device is left idle.

use super::Bfq;
use super::expire::Reason;
use super::queue::Q;
use crate::MILLISECOND;
use crate::io_scheduler::elevator::store::Slot;
use crate::io_scheduler::elevator::view::Why;
use crate::io_scheduler::request::Request;

impl Bfq {
    /// Sectors a request costs (`bfq_serv_to_charge`).
    pub(super) fn charge(&self, q: Q, slot: Slot) -> i64 {
        let sectors = i64::from(self.store.request(slot).sectors);
        let queue = &self.queues[q];
        if queue.sync || queue.wr_coeff > 1 || self.asymmetric(q) { sectors } else { sectors * super::ASYNC_CHARGE }
    }

    /// Whether the queue's next request fits into what is left of its budget.
    fn affords_next(&self, q: Q) -> bool {
        self.queues[q].next.is_some_and(|next| self.charge(q, next) <= self.queues[q].budget_left())
    }

    /// The next request changed (`bfq_updated_next_req`).
    pub(super) fn updated_next(&mut self, q: Q) {
        let Some(next) = self.queues[q].next else { return };
        if self.in_service == Some(q) {
            return;
        }
        let charge = self.charge(q, next);
        let queue = &self.queues[q];
        let budget = queue.max_budget.max(charge).max(queue.service);
        if queue.budget != budget {
            self.queues[q].budget = budget;
            self.activate_or_requeue(q, false, false);
        }
    }

    /// `bfq_find_next_rq` and `bfq_check_fifo`: the request after `last` leaves.
    fn next_after(&mut self, q: Q, last: Slot) -> Option<Slot> {
        let now = self.now;
        let queue = &mut self.queues[q];
        if !std::mem::replace(&mut queue.fifo_expire, true)
            && let Some(oldest) = queue.fifo.front().filter(|oldest| *oldest != last)
            && now >= self.store.entry(oldest).expires
        {
            self.why = Why::Expired;
            return Some(oldest);
        }
        let (previous, next) = self.store.around(&self.queues[q].sort, last);
        self.choose(next, previous, self.store.request(last).sector)
    }

    /// `bfq_remove_request`: out of the queue's tree and list, not out of the store.
    pub(super) fn remove_request(&mut self, q: Q, slot: Slot) {
        if self.queues[q].next == Some(slot) {
            let next = self.next_after(q, slot);
            self.queues[q].next = next;
            self.updated_next(q);
        }
        self.store.unlink(&mut self.queues[q].fifo, slot);
        self.queued = self.queued.saturating_sub(1);
        let key = self.store.entry(slot).sort;
        self.queues[q].sort.remove(&key);
        if !self.queues[q].empty() {
            return self.place(q);
        }
        self.queues[q].next = None;
        if self.queues[q].busy && self.in_service != Some(q) {
            self.del_busy(q, false);
            self.queues[q].budget = 0;
            self.queues[q].service = 0;
        }
        self.unplace(q);
    }

    /// `bfq_dispatch_rq_from_bfqq`.
    pub(super) fn dispatch_from(&mut self, q: Q) -> Option<Request> {
        let slot = self.queues[q].next?;
        let charge = self.charge(q, slot);
        self.served(q, charge);
        let request = *self.store.request(slot);
        self.why = if self.in_service == Some(q) { Why::Slice } else { Why::Cooperator };
        if self.queues[q].fifo.front() == Some(slot) && self.now >= self.store.entry(slot).expires {
            self.why = Why::Expired;
        }
        let why = self.why;
        if self.in_service == Some(q) && std::mem::take(&mut self.wait_dispatch) {
            self.waited = Some(request.id);
        }
        self.queues[q].dispatched += 1;
        self.update_peak_rate(q, &request);
        self.remove_request(q, slot);
        self.store.remove(slot);
        self.in_flight.insert(request.id, q);
        if self.in_service == Some(q) {
            self.update_wr(q);
            if self.total_busy() > 1 && self.queues[q].class_idle() {
                self.expire(q, false, Reason::Exhausted);
            }
        }
        self.why = why;
        Some(request)
    }

    /// `__bfq_set_in_service_queue`.
    fn next_queue(&mut self) -> Option<Q> {
        let q = self.get_next_queue();
        if let Some(q) = q {
            let (tick, rt) = (self.tick, self.wr_rt_max_time());
            let queue = &mut self.queues[q];
            queue.fifo_expire = false;
            self.budgets_assigned = (self.budgets_assigned * 7 + 256) / 8;
            let soft_rt = queue.wr_cur_max_time == rt;
            if queue.last_wr_start_finish < tick && queue.wr_coeff > 1 && soft_rt && queue.budget_timeout < tick {
                if queue.budget_timeout > queue.last_wr_start_finish {
                    queue.last_wr_start_finish += tick - queue.budget_timeout;
                } else {
                    queue.last_wr_start_finish = tick;
                }
            }
            let times = if soft_rt { 1 } else { i64::from(queue.weight / queue.orig_weight.max(1)) };
            queue.budget_timeout = tick + self.set.timeout * times;
            self.last_budget_start = self.now;
        }
        self.in_service = q;
        self.in_serv_last_pos = 0;
        q
    }

    /// `bfq_select_queue`.
    pub(super) fn select_queue(&mut self) -> Option<Q> {
        let mut reason = Reason::Timeout;
        let mut current = self.in_service;
        let mut expire = current.is_some_and(|q| self.may_time_out(q) && !self.must_idle(q));
        // Each turn that ends lets another queue in: no more than there are.
        for _ in 0..=2 * self.queues.len() + 2 {
            if let Some(q) = current {
                if !expire {
                    if self.queues[q].next.is_some() {
                        if self.affords_next(q) {
                            if std::mem::take(&mut self.queues[q].wait_request) {
                                self.idle_timer = None;
                            }
                            return Some(q);
                        }
                        reason = Reason::Exhausted;
                    } else if self.queues[q].wait_request || (self.queues[q].dispatched != 0 && self.better_to_idle(q))
                    {
                        return self.instead_of(q);
                    } else {
                        reason = Reason::NoMoreRequests;
                    }
                }
                self.expire(q, false, reason);
            }
            current = Some(self.next_queue()?);
            expire = false;
        }
        None
    }

    /// Whom to serve while the queue in service has nothing and is waited for.
    fn instead_of(&self, q: Q) -> Option<Q> {
        let ready = |other: Q| self.queues[other].busy && self.affords_next(other);
        let own_async = self.queues[q].process.and_then(|id| self.processes.get(&id)?.queues[0]).filter(|other| {
            let next = self.queues[*other].next.map(|slot| self.store.request(slot).process);
            ready(*other) && next == self.queues[q].process
        });
        let queue = &self.queues[q];
        own_async
            .or_else(|| queue.waker.filter(|other| ready(*other)))
            .or_else(|| queue.woken.first().copied().filter(|other| ready(*other)))
            .or_else(|| {
                let may = !self.idling_boosts(q) && (queue.wr_coeff == 1 || self.wr_busy > 1 || !queue.short_ttime);
                may.then(|| self.injected(q)).flatten()
            })
    }

    /// `bfq_choose_bfqq_for_injection`.
    fn injected(&self, serving: Q) -> Option<Q> {
        let queue = &self.queues[serving];
        let always = queue.wr_coeff == 1 || !queue.short_ttime;
        let mut limit = queue.inject_limit;
        // The kernel compares ticks with a span in ns here: in effect the span is never over.
        let span = i64::try_from(self.set.slice_idle).unwrap_or(i64::MAX);
        if limit == 0
            && queue.last_serv_time == 0
            && queue.wait_request
            && self.last_idling_tick.saturating_add(span) <= self.tick
        {
            limit = 1;
        }
        if self.in_driver >= limit {
            return None;
        }
        self.active.iter().copied().find(|other| {
            let candidate = &self.queues[*other];
            let Some(next) = candidate.next else { return false };
            let large = !self.rotational && self.store.request(next).sectors >= super::NONROT_SECTORS;
            let limit = if large { limit.min(1) } else { queue.inject_limit };
            (always || candidate.wr_coeff > 1) && self.affords_next(*other) && self.in_driver < limit
        })
    }

    /// `idling_boosts_thr_without_issues`.
    pub(super) fn idling_boosts(&self, q: Q) -> bool {
        if self.process_refs(q) == 0 {
            return false;
        }
        let queue = &self.queues[q];
        // As long as it is not known, the device counts as one that queues.
        let queueing = self.hw_tag != Some(false);
        let steady = !queue.seeky() && queue.io_bound && queue.short_ttime;
        let boosts = (self.rotational && !queueing) || ((self.rotational || !queueing) && steady);
        boosts && self.wr_busy == 0
    }

    /// `idling_needed_for_service_guarantees`.
    pub(super) fn idling_for_guarantees(&self, q: Q) -> bool {
        if self.process_refs(q) == 0 {
            return false;
        }
        let (queue, busy) = (&self.queues[q], self.total_busy());
        (queue.wr_coeff > 1 && (self.wr_busy < busy || self.in_driver >= queue.dispatched + 4))
            || self.asymmetric(q)
            || busy == 1
    }

    /// `bfq_better_to_idle`.
    pub(super) fn better_to_idle(&self, q: Q) -> bool {
        if self.process_refs(q) == 0 {
            return false;
        }
        if self.set.strict {
            return true;
        }
        let queue = &self.queues[q];
        if self.set.slice_idle == 0 || !queue.sync || queue.class_idle() {
            return false;
        }
        self.idling_boosts(q) || self.idling_for_guarantees(q)
    }

    fn must_idle(&self, q: Q) -> bool {
        self.queues[q].empty() && self.better_to_idle(q)
    }

    /// `bfq_arm_slice_timer`.
    fn arm_slice_timer(&mut self, q: Q) {
        let symmetric = !self.asymmetric(q);
        let queue = &mut self.queues[q];
        queue.wait_request = true;
        let mut slice = self.set.slice_idle;
        if queue.seeky() && queue.wr_coeff == 1 && symmetric {
            slice = slice.min(super::MIN_TT);
        } else if queue.wr_coeff > 1 {
            slice = slice.max(20 * MILLISECOND);
        }
        self.last_idling_start = self.now;
        self.last_idling_tick = self.tick;
        self.idle_timer = Some(self.now.saturating_add(slice));
    }

    /// `bfq_idle_slice_timer_body`.
    pub(super) fn idle_slice_over(&mut self) {
        let Some(q) = self.in_service else { return };
        self.queues[q].wait_request = false;
        if self.budget_timed_out(q) {
            self.expire(q, true, Reason::Timeout);
        } else if self.queues[q].empty() {
            self.expire(q, true, Reason::TooIdle);
        }
    }

    /// `bfq_completed_request`.
    pub(super) fn completed(&mut self, q: Q) {
        self.update_hw_tag();
        self.in_driver = self.in_driver.saturating_sub(1);
        let (now, tick) = (self.now, self.tick);
        let queue = &mut self.queues[q];
        queue.dispatched = queue.dispatched.saturating_sub(1);
        if queue.dispatched == 0 && !queue.busy {
            queue.budget_timeout = tick;
            self.weights_remove(q);
        }
        self.queues[q].last_end_request = now;
        self.completion_rate();
        self.last_completion = now;
        self.last_completed = (!self.queues[q].coop).then_some(q);
        let queue = &self.queues[q];
        if queue.softrt_update && queue.dispatched == 0 && queue.empty() && queue.wr_coeff != super::boost::WR_COEFF {
            self.queues[q].soft_rt_next_start = self.softrt_next_start(q);
        }
        if self.in_service == Some(q) {
            if self.must_idle(q) {
                if self.queues[q].dispatched == 0 {
                    self.arm_slice_timer(q);
                }
            } else if self.may_time_out(q) {
                self.expire(q, false, Reason::Timeout);
            } else if self.queues[q].empty() && (self.queues[q].dispatched == 0 || !self.better_to_idle(q)) {
                self.expire(q, false, Reason::NoMoreRequests);
            }
        }
    }

    /// `bfq_update_inject_limit`.
    pub(super) fn update_inject_limit(&mut self, q: Q) {
        let total = self.now.saturating_sub(self.last_empty_occupied);
        let (tick, alone, injected, most) = (self.tick, self.in_driver == 1, self.rqs_injected, self.max_in_driver);
        let queue = &mut self.queues[q];
        let old = queue.inject_limit;
        if queue.last_serv_time > 0 && injected {
            let threshold = queue.last_serv_time * 3 / 2;
            if total >= threshold && old > 0 {
                queue.inject_limit -= 1;
                queue.decrease_time = tick;
            } else if total < threshold && old <= most {
                queue.inject_limit += 1;
            }
        }
        if (queue.last_serv_time == 0 && alone) || total < queue.last_serv_time {
            if queue.last_serv_time == 0 {
                queue.inject_limit = old.max(1);
            }
            queue.last_serv_time = total;
        } else if !injected && alone {
            queue.last_serv_time = total;
        }
        self.waited = None;
        self.rqs_injected = false;
    }
}
