//! Pressure stall information: the share of time in which tasks wait (`kernel/sched/psi.c`).
//!
//! The averages are kept as if something read the files all the time, so no period is ever missed.

use super::calc::{FIXED_1, Rounding, calc_load};
use super::engine::Rq;
use crate::{Nanos, SECOND, mul_div};

/// Decay factors of avg10, avg60 and avg300.
const EXP: [u64; 3] = [1677, 1981, 2034];

/// What a stall share is kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stall {
    /// Some task waits for a disk.
    IoSome,
    /// Some task waits for a disk and the CPU has nothing to run.
    IoFull,
    /// Some runnable task waits for the CPU.
    CpuSome,
}

/// The shares and totals of one stall state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Averages over 10, 60 and 300 s: percent, times 2048.
    pub avg: [u64; 3],
    /// Total stall, ns.
    pub total: Nanos,
    /// Stall of the running period that is not averaged yet, ns.
    pending: Nanos,
}

#[derive(Clone, Copy, Debug, Default)]
struct CpuTimes {
    stall: [Nanos; 3],
    nonidle: Nanos,
}

/// System-wide pressure.
#[derive(Clone, Debug)]
pub struct Psi {
    hz: u64,
    period: Nanos,
    next: Nanos,
    seen: Nanos,
    cpus: Vec<CpuTimes>,
    share: [Share; 3],
}

impl Psi {
    /// No pressure so far.
    pub fn new(hz: u64, cpus: usize) -> Psi {
        let period = (2 * hz + 1) * SECOND / hz;
        Psi { hz, period, next: period, seen: 0, cpus: vec![CpuTimes::default(); cpus], share: [Share::default(); 3] }
    }

    /// When the averages move next.
    pub fn next(&self) -> Nanos {
        self.next
    }

    /// Accounts the time up to `now`, in which the run queues were as given.
    pub fn account<'a>(&mut self, now: Nanos, rqs: impl Iterator<Item = &'a Rq>) {
        let dt = now - self.seen;
        if dt == 0 {
            return;
        }
        self.seen = now;
        for (times, rq) in self.cpus.iter_mut().zip(rqs) {
            let states = [rq.nr_iowait > 0, rq.nr_iowait > 0 && rq.nr_running == 0, rq.nr_running > 1];
            for (stall, holds) in times.stall.iter_mut().zip(states) {
                *stall += if holds { dt } else { 0 };
            }
            if rq.nr_running > 0 || rq.nr_iowait > 0 {
                times.nonidle += dt;
            }
        }
    }

    /// Moves the averages when a period is over (`collect_percpu_times`, `update_averages`).
    pub fn update_averages(&mut self) {
        if self.seen < self.next {
            return;
        }
        self.collect();
        for share in &mut self.share {
            let sample = share.pending.min(self.period);
            share.pending -= sample;
            let pct = sample * 100 / self.period * FIXED_1;
            for (avg, exp) in share.avg.iter_mut().zip(EXP) {
                *avg = calc_load(Rounding::Towards, *avg, exp, pct);
            }
        }
        self.next += self.period;
    }

    /// Stall time of the group: each CPU's weighted by the jiffies it was not idle.
    fn collect(&mut self) {
        let mut nonidle_total = 0;
        // Nanoseconds of one period by jiffies of one period, of every CPU: far from 64 bits.
        let mut deltas = [0; 3];
        for times in &mut self.cpus {
            let nonidle = mul_div(times.nonidle, self.hz, SECOND);
            nonidle_total += nonidle;
            for (delta, stall) in deltas.iter_mut().zip(times.stall) {
                *delta += stall * nonidle;
            }
            *times = CpuTimes::default();
        }
        for (share, delta) in self.share.iter_mut().zip(deltas) {
            let ns = delta / nonidle_total.max(1);
            share.pending += ns;
            share.total += ns;
        }
    }

    /// The share of a stall state.
    pub fn share(&self, stall: Stall) -> &Share {
        &self.share[stall as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_stall_rises_as_computed() {
        let rq = Rq { nr_iowait: 1, nr_uninterruptible: 1, ..Rq::default() };
        let mut psi = Psi::new(250, 1);
        for (n, want) in
            [(1, [37100, 6700, 1400]), (2, [67480, 13181, 2791]), (3, [92356, 19450, 4172]), (5, [129406, 31380, 6907])]
        {
            while psi.next() <= n * psi.period {
                psi.account(psi.next(), std::iter::once(&rq));
                psi.update_averages();
            }
            assert_eq!(psi.share(Stall::IoSome).avg, want, "period {n}");
            assert_eq!(psi.share(Stall::IoFull).avg, want, "period {n}");
            assert_eq!(psi.share(Stall::CpuSome).avg, [0; 3], "period {n}");
        }
        assert_eq!(psi.share(Stall::IoSome).total, 5 * 2_004_000_000);
    }

    #[test]
    fn a_busy_cpu_weighs_more_than_an_idle_one() {
        let stalled = Rq { nr_running: 2, ..Rq::default() };
        let idle = Rq::default();
        let busy = Rq { nr_running: 1, ..Rq::default() };
        for (rqs, pct) in
            [([&stalled, &idle], 100), ([&stalled, &busy], 50), ([&stalled, &stalled], 100), ([&idle, &idle], 0)]
        {
            let mut psi = Psi::new(250, 2);
            psi.account(psi.next(), rqs.into_iter());
            psi.update_averages();
            let total = psi.share(Stall::CpuSome).total;
            assert_eq!(total, 2_004_000_000 * pct / 100, "{rqs:?}");
        }
    }
}
