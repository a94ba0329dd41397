//! `cpu.max`: a group's quota, handed to CPUs in pieces and refilled each period
//! (`kernel/sched/fair.c`, CONFIG_CFS_BANDWIDTH).

use super::fair::{Fair, Happening};
use super::rules::{BANDWIDTH_SLICE, MIN_CFS_RQ_RUNTIME};
use crate::{MILLISECOND, Nanos};

/// How long after quota came back it is given to who waits for it, ns.
const SLACK_PERIOD: u64 = 5 * MILLISECOND;
/// So short before a refill nothing is given out, ns.
const MIN_EXPIRATION: u64 = 2 * MILLISECOND;

/// A group's quota (`struct cfs_bandwidth`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bandwidth {
    /// CPU time in each period, ns; `None` for `max`.
    pub quota: Option<u64>,
    /// The period, ns.
    pub period: u64,
    /// What is left of the quota, not counting what CPUs have taken, ns.
    pub runtime: u64,
    idle: bool,
    /// When the quota is refilled; `None` while nobody uses it.
    pub next_period: Option<Nanos>,
    slack: Option<Nanos>,
    /// Queues that wait for a refill.
    throttled: Vec<usize>,
    /// Periods in which the group ran (`cpu.stat`).
    pub nr_periods: u64,
    /// Periods at the end of which it was stopped (`cpu.stat`).
    pub nr_throttled: u64,
    /// For how long it was stopped, on all CPUs together, ns.
    pub throttled_time: u64,
}

impl Bandwidth {
    /// A quota in a period, both ns; the first period begins at once.
    pub fn new(quota: Option<u64>, period: u64) -> Bandwidth {
        let next_period = quota.map(|_| period);
        Bandwidth { quota, period, runtime: quota.unwrap_or(0), next_period, ..Bandwidth::default() }
    }

    fn start(&mut self, now: Nanos) {
        if self.next_period.is_none() {
            self.next_period = Some((now / self.period.max(1) + 1) * self.period);
        }
    }

    /// When one of its timers goes off next.
    pub fn next_timer(&self) -> Option<Nanos> {
        self.next_period.into_iter().chain(self.slack).min()
    }
}

impl Fair {
    fn limited(&self, q: usize) -> Option<usize> {
        self.rqs[q].group.filter(|group| self.bandwidth[*group].quota.is_some())
    }

    /// What ran is taken off the queue's piece of the quota; when that is used up, another piece is
    /// fetched (`account_cfs_rq_runtime`).
    pub(super) fn account_cfs_rq_runtime(&mut self, q: usize, delta: u64, now: Nanos) {
        if self.limited(q).is_none() {
            return;
        }
        self.rqs[q].runtime_remaining -= delta as i64;
        let rq = &self.rqs[q];
        if rq.runtime_remaining > 0 || rq.throttled.is_some() {
            return;
        }
        if !self.assign_cfs_rq_runtime(q, BANDWIDTH_SLICE, now) && self.rqs[q].curr.is_some() {
            let cpu = self.rqs[q].cpu;
            self.resched[cpu] = true;
        }
    }

    fn assign_cfs_rq_runtime(&mut self, q: usize, target: u64, now: Nanos) -> bool {
        let Some(group) = self.limited(q) else { return true };
        let (rq, bandwidth) = (&mut self.rqs[q], &mut self.bandwidth[group]);
        let wanted = target as i64 - rq.runtime_remaining;
        bandwidth.start(now);
        let amount = bandwidth.runtime.min(wanted.max(0) as u64);
        if bandwidth.runtime > 0 {
            bandwidth.runtime -= amount;
            bandwidth.idle = false;
        }
        rq.runtime_remaining += amount as i64;
        rq.runtime_remaining > 0
    }

    /// A group wakes up on a CPU whose piece is used up (`check_enqueue_throttle`).
    pub(super) fn check_enqueue_throttle(&mut self, q: usize, now: Nanos) {
        if self.limited(q).is_none() || self.rqs[q].curr.is_some() || self.rqs[q].throttled.is_some() {
            return;
        }
        self.account_cfs_rq_runtime(q, 0, now);
        if self.rqs[q].runtime_remaining <= 0 {
            self.throttle_cfs_rq(q, now);
        }
    }

    /// Stops a queue that has used up its piece; the answer is whether it is stopped
    /// (`check_cfs_rq_runtime`).
    pub(super) fn check_cfs_rq_runtime(&mut self, q: usize, now: Nanos) -> bool {
        if self.limited(q).is_none() || self.rqs[q].runtime_remaining > 0 {
            return false;
        }
        self.rqs[q].throttled.is_some() || self.throttle_cfs_rq(q, now)
    }

    fn throttle_cfs_rq(&mut self, q: usize, now: Nanos) -> bool {
        if self.assign_cfs_rq_runtime(q, 1, now) {
            return false;
        }
        let (Some(group), cpu) = (self.rqs[q].group, self.rqs[q].cpu) else { return false };
        self.rqs[q].throttled = Some(now);
        self.bandwidth[group].throttled.push(q);
        if let Some(se) = self.rqs[q].se.filter(|se| self.entities[*se].on_rq) {
            let up = self.entities[se].cfs_rq;
            self.dequeue_entity(up, se, true, now);
        }
        self.happenings.push(Happening::Throttle { group, cpu });
        true
    }

    fn unthrottle_cfs_rq(&mut self, q: usize, now: Nanos) {
        let Some(group) = self.rqs[q].group else { return };
        let Some(since) = self.rqs[q].throttled.take() else { return };
        let (cpu, after) = (self.rqs[q].cpu, now - since);
        self.bandwidth[group].throttled_time += after;
        self.happenings.push(Happening::Unthrottle { group, cpu, after });
        if self.rqs[q].nr_queued > 0
            && let Some(se) = self.rqs[q].se
        {
            self.enqueue_task(se, false, now);
        }
    }

    /// What a queue does not need any more goes back to the group, but for a millisecond
    /// (`return_cfs_rq_runtime`).
    pub(super) fn return_cfs_rq_runtime(&mut self, q: usize, now: Nanos) {
        let Some(group) = self.limited(q) else { return };
        let (rq, bandwidth) = (&mut self.rqs[q], &mut self.bandwidth[group]);
        let slack = rq.runtime_remaining - MIN_CFS_RQ_RUNTIME as i64;
        if rq.nr_queued > 0 || slack <= 0 {
            return;
        }
        bandwidth.runtime += slack as u64;
        rq.runtime_remaining -= slack;
        let soon = bandwidth.next_period.is_some_and(|next| next < now + SLACK_PERIOD + MIN_EXPIRATION);
        if bandwidth.runtime > BANDWIDTH_SLICE && !bandwidth.throttled.is_empty() && bandwidth.slack.is_none() && !soon
        {
            bandwidth.slack = Some(now + SLACK_PERIOD);
        }
    }

    /// Timers of the quotas that are due (`sched_cfs_period_timer`, `sched_cfs_slack_timer`).
    pub fn bandwidth_timers(&mut self, now: Nanos) {
        for group in 0..self.bandwidth.len() {
            if self.bandwidth[group].slack.is_some_and(|due| due <= now) {
                self.bandwidth[group].slack = None;
                let soon = self.bandwidth[group].next_period.is_some_and(|next| next < now + MIN_EXPIRATION);
                if self.bandwidth[group].runtime > BANDWIDTH_SLICE && !soon {
                    self.distribute_cfs_runtime(group, now);
                }
            }
            if self.bandwidth[group].next_period.is_some_and(|due| due <= now) {
                self.do_sched_cfs_period_timer(group, now);
            }
        }
    }

    fn do_sched_cfs_period_timer(&mut self, group: usize, now: Nanos) {
        let bandwidth = &mut self.bandwidth[group];
        let throttled = !bandwidth.throttled.is_empty();
        bandwidth.nr_periods += 1;
        bandwidth.runtime = bandwidth.quota.unwrap_or(0);
        bandwidth.next_period = Some(now + bandwidth.period.max(1));
        if bandwidth.idle && !throttled {
            bandwidth.next_period = None;
            return;
        }
        bandwidth.idle = !throttled;
        if throttled {
            bandwidth.nr_throttled += 1;
            self.distribute_cfs_runtime(group, now);
            self.bandwidth[group].idle = false;
        }
    }

    fn distribute_cfs_runtime(&mut self, group: usize, now: Nanos) {
        for q in std::mem::take(&mut self.bandwidth[group].throttled) {
            let bandwidth = &mut self.bandwidth[group];
            let owed = (1 - self.rqs[q].runtime_remaining).max(0) as u64;
            let amount = bandwidth.runtime.min(owed);
            bandwidth.runtime -= amount;
            self.rqs[q].runtime_remaining += amount as i64;
            if self.rqs[q].runtime_remaining > 0 {
                self.unthrottle_cfs_rq(q, now);
            } else {
                self.bandwidth[group].throttled.push(q);
            }
        }
    }
}
