//! When a queue's turn ends, and what its next budget is.

use super::queue::Q;
use super::{Bfq, MIN_TT};
use crate::MILLISECOND;

/// `bfq_default_max_budget`, in sectors.
pub(super) const DEFAULT_MAX_BUDGET: i64 = 16 * 1024;
/// Budgets given out before the measured maximum counts (`bfq_stats_min_budgets`).
const STATS_MIN_BUDGETS: i64 = 194;

/// Why a turn ends (`enum bfqq_expiration`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    TooIdle,
    Timeout,
    Exhausted,
    NoMoreRequests,
    Preempted,
}

impl Bfq {
    /// `bfq_max_budget`.
    pub(super) fn largest_budget(&self) -> i64 {
        if self.budgets_assigned < STATS_MIN_BUDGETS { DEFAULT_MAX_BUDGET } else { self.max_budget }
    }

    /// `bfq_min_budget`.
    pub(super) fn least_budget(&self) -> i64 {
        self.largest_budget() / 32
    }

    /// `bfq_bfqq_is_slow`: whether, and for how many ms the queue was in service.
    fn slow(&self, q: Q, compensate: bool) -> (bool, i64) {
        let queue = &self.queues[q];
        if !queue.sync {
            return (false, 0);
        }
        let until = if compensate { self.last_idling_start } else { self.now };
        let us = until.saturating_sub(self.last_budget_start) / 1000;
        if us < 1000 {
            // The kernel's own default, whatever was set.
            let ms = if self.rotational { 8 } else { MIN_TT / MILLISECOND };
            return (queue.seeky(), ms as i64);
        }
        let slow = if us > 20_000 { queue.service < self.max_budget / 2 } else { queue.seeky() };
        (slow, i64::try_from(us / 1000).unwrap_or(i64::MAX))
    }

    /// A slow queue pays for time (`bfq_bfqq_charge_time`).
    fn charge_time(&mut self, q: Q, ms: i64) {
        // As long as a turn lasts by default.
        let timeout = (self.ticks.to_ms((self.hz / 8) as u64) as i64).max(1);
        let for_time = self.max_budget.saturating_mul(ms.min(timeout)) / timeout;
        let queue = &mut self.queues[q];
        let total = for_time.max(queue.service);
        queue.budget = queue.budget.max(total);
        let more = total - queue.service;
        self.served(q, more.max(0));
    }

    /// `__bfq_bfqq_recalc_budget`.
    fn recalc_budget(&mut self, q: Q, reason: Reason) {
        let (least, max) = (self.least_budget(), self.max_budget);
        let queue = &self.queues[q];
        let mut budget = if queue.wr_coeff == 1 { queue.max_budget } else { 2 * least };
        if queue.sync && queue.wr_coeff == 1 {
            budget = match reason {
                Reason::TooIdle if queue.dispatched > 0 => (budget * 2).min(max),
                Reason::TooIdle if budget > 5 * least => budget - 4 * least,
                Reason::TooIdle => least,
                Reason::Timeout => (budget * 2).min(max),
                Reason::Exhausted => (budget * 4).min(max),
                Reason::NoMoreRequests => queue.service.max(least),
                Reason::Preempted => return,
            };
        } else if !queue.sync {
            budget = max;
        }
        if self.budgets_assigned >= STATS_MIN_BUDGETS && self.set.user_max_budget == 0 {
            budget = budget.min(max);
        }
        self.queues[q].max_budget = budget;
        if let Some(next) = self.queues[q].next {
            let charge = self.charge(q, next);
            self.queues[q].budget = budget.max(charge);
        }
    }

    /// Ends a queue's turn (`bfq_bfqq_expire`).
    pub(super) fn expire(&mut self, q: Q, compensate: bool, reason: Reason) {
        let (slow, ms) = self.slow(q, compensate);
        let queue = &self.queues[q];
        let mostly_left = queue.budget_left() >= queue.budget / 3;
        if queue.wr_coeff == 1 && (slow || (reason == Reason::Timeout && mostly_left)) {
            self.charge_time(q, ms);
        }
        let tick = self.tick;
        if self.set.low_latency && self.queues[q].wr_coeff == 1 {
            self.queues[q].last_wr_start_finish = tick;
        }
        if self.set.low_latency && self.queues[q].empty() {
            if self.queues[q].dispatched == 0 {
                self.queues[q].soft_rt_next_start = self.softrt_next_start(q);
            } else {
                self.queues[q].softrt_update = true;
            }
        }
        self.rqs_injected = false;
        self.wait_dispatch = false;
        self.waited = None;
        self.recalc_budget(q, reason);
        self.leave_service(q, reason);
        let queue = &mut self.queues[q];
        if !queue.busy && !matches!(reason, Reason::Timeout | Reason::Exhausted) {
            queue.non_blocking_wait_rq = true;
        } else {
            queue.service = 0;
        }
    }

    /// `__bfq_bfqq_expire`.
    fn leave_service(&mut self, q: Q, reason: Reason) {
        let queue = &mut self.queues[q];
        if queue.coop && queue.seeky() {
            queue.split_coop = true;
        }
        let keep = reason == Reason::Preempted && self.idling_for_guarantees(q);
        let queue = &mut self.queues[q];
        if queue.empty() && !keep {
            if queue.dispatched == 0 {
                queue.budget_timeout = self.tick;
            }
            self.del_busy(q, true);
        } else {
            self.activate_or_requeue(q, false, true);
            if !self.queues[q].empty() {
                self.place(q);
            }
        }
        // `__bfq_bfqd_reset_in_service`.
        self.queues[q].wait_request = false;
        self.idle_timer = None;
        self.in_service = None;
        self.in_service_entity = None;
    }

    pub(super) fn budget_timed_out(&self, q: Q) -> bool {
        self.queues[q].budget_timeout <= self.tick
    }

    /// `bfq_may_expire_for_budg_timeout`.
    pub(super) fn may_time_out(&self, q: Q) -> bool {
        let queue = &self.queues[q];
        (!queue.wait_request || queue.budget_left() >= queue.budget / 3) && self.budget_timed_out(q)
    }
}
