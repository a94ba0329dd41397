//! A task in time: what it is doing, what it has had, and how long it waited.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::rules::RR_TIMESLICE;
use super::scenario::{Scenario, Task};
use crate::{MILLISECOND, Nanos};

/// Nanoseconds in a microsecond.
const MICROSECOND: Nanos = 1000;

/// What a task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Not forked yet.
    Unborn,
    /// Running or waiting for the CPU (R).
    Runnable,
    /// Asleep until then (S).
    Sleeping(Nanos),
    /// Gone since then.
    Dead(Nanos),
}

/// What a task has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// What there was to do between two sleeps.
    Burst,
    /// All it will ever do.
    Work,
}

/// A task in time.
#[derive(Clone, Debug)]
pub struct TaskState {
    /// Its entity in the fair class; a real-time task has one as well and does not use it.
    pub entity: usize,
    /// Index of its CPU among those that have tasks.
    pub cpu: usize,
    /// What it is doing.
    pub doing: Doing,
    /// CPU time so far, ns.
    pub cpu_ns: u64,
    /// How long it has waited for the CPU while it could have run, ns.
    pub run_delay: u64,
    /// How often it was put on the CPU.
    pub pcount: u64,
    /// Switches away because it slept.
    pub nvcsw: u64,
    /// Switches away although it could have gone on.
    pub nivcsw: u64,
    /// Since when it has been woken and not run.
    pub woken_at: Option<Nanos>,
    /// How often it ran after a sleep.
    pub wakeups: u64,
    /// From waking to running, all together, ns.
    pub latency_sum: u64,
    /// The longest of them, ns.
    pub latency_max: u64,
    /// From waking to sleeping again, the longest, ns.
    pub response_max: u64,
    began: Option<Nanos>,
    burst_left: Option<u64>,
    work_left: Option<u64>,
    time_slice: u64,
    random: Xoshiro256PlusPlus,
}

impl TaskState {
    /// Not forked yet; `seed` is of its own jitter.
    pub fn new(task: &Task, entity: usize, cpu: usize, seed: u64) -> TaskState {
        TaskState {
            entity,
            cpu,
            doing: Doing::Unborn,
            cpu_ns: 0,
            run_delay: 0,
            pcount: 0,
            nvcsw: 0,
            nivcsw: 0,
            woken_at: None,
            wakeups: 0,
            latency_sum: 0,
            latency_max: 0,
            response_max: 0,
            began: None,
            burst_left: (task.run_us > 0).then(|| ns(task.run_us)),
            work_left: (task.cpu_ms > 0).then(|| ms(task.cpu_ms)),
            time_slice: RR_TIMESLICE,
            random: Xoshiro256PlusPlus::seed_from_u64(seed),
        }
    }

    /// CPU time until it sleeps or exits, ns.
    pub fn left(&self) -> Option<u64> {
        self.burst_left.into_iter().chain(self.work_left).min()
    }

    /// It ran for a while.
    pub fn spend(&mut self, delta: u64) {
        for left in [&mut self.burst_left, &mut self.work_left].into_iter().flatten() {
            *left = left.saturating_sub(delta);
        }
    }

    /// It has done what it came for, if that is so.
    pub fn finished(&self) -> Option<Finished> {
        match (self.work_left, self.burst_left) {
            (Some(0), _) => Some(Finished::Work),
            (_, Some(0)) => Some(Finished::Burst),
            _ => None,
        }
    }

    /// Begins to sleep; the answer is for how long, ns.
    pub fn rests(&mut self, task: &Task, now: Nanos) -> u64 {
        let jitter = if task.jitter_us > 0 { self.random.random_range(0..=task.jitter_us) } else { 0 };
        self.burst_left = Some(ns(task.run_us));
        let took = self.began.take().map_or(0, |began| now - began);
        self.response_max = self.response_max.max(took);
        ns(task.sleep_us + jitter)
    }

    /// Wakes up.
    pub fn wakes(&mut self, now: Nanos) {
        self.woken_at = Some(now);
        self.began = Some(now);
    }

    /// `SCHED_RR`: a tick has passed; whether its turn is over.
    pub fn turn_is_over(&mut self, tick: u64) -> bool {
        self.time_slice = self.time_slice.saturating_sub(tick);
        let over = self.time_slice == 0;
        if over {
            self.time_slice = RR_TIMESLICE;
        }
        over
    }

    /// It is put on the CPU.
    pub fn gets_cpu(&mut self, now: Nanos) {
        self.pcount += 1;
        if let Some(woken) = self.woken_at.take() {
            let latency = now - woken;
            self.wakeups += 1;
            self.latency_sum += latency;
            self.latency_max = self.latency_max.max(latency);
        }
    }
}

/// Microseconds of a scenario as time.
pub(super) fn ns(us: i64) -> u64 {
    us.max(0) as u64 * MICROSECOND
}

/// When a task is killed, if that is before the run ends.
pub(super) fn killed(scenario: &Scenario, task: &Task) -> Option<Nanos> {
    (task.until_ms < scenario.duration_ms).then(|| ms(task.until_ms))
}

/// Milliseconds of a scenario as time.
pub(super) fn ms(ms: i64) -> Nanos {
    ms.max(0) as u64 * MILLISECOND
}
