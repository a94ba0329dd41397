//! What changed from kernel to kernel.

use crate::{KernelVersion, MILLISECOND, SECOND, Text};

/// How tasks of the fair class are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Until 6.5: the smallest virtual runtime.
    Cfs {
        /// Whether a slice is at least the minimal granularity and the period counts the tasks of the
        /// whole CPU (5.13).
        floor: bool,
    },
    /// Since 6.6: the earliest deadline among those that are eligible.
    Eevdf {
        /// Whether a task that owes stays queued while it sleeps (6.12).
        delay_dequeue: bool,
    },
}

/// The rules of one kernel version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How the fair class chooses.
    pub policy: Policy,
    /// Whether the fair class has a server that comes before real-time tasks (6.12) in place of the
    /// throttling of these.
    pub fair_server: bool,
    base_slice: u64,
}

/// CPU time the fair server has in a period, ns.
pub const SERVER_RUNTIME: u64 = 50 * MILLISECOND;
/// The period of the fair server and of the throttling of real-time tasks, ns.
pub const RT_PERIOD: u64 = SECOND;
/// What a CPU takes of a group's quota at once, ns (`sched_cfs_bandwidth_slice_us`).
pub const BANDWIDTH_SLICE: u64 = 5 * MILLISECOND;
/// What a CPU keeps of it when the group has nothing to run there, ns.
pub const MIN_CFS_RQ_RUNTIME: u64 = MILLISECOND;
/// A task under `SCHED_RR` has the CPU for so long, ns.
pub const RR_TIMESLICE: u64 = 100 * MILLISECOND;
/// Up to so many tasks the period is `sched_latency` (`sched_nr_latency`).
pub const SCHED_NR_LATENCY: u64 = 8;

impl Rules {
    /// The rules of a version.
    ///
    /// # Errors
    /// Why a version is not modelled.
    pub fn of(kernel: KernelVersion) -> Result<Rules, Text> {
        let v = KernelVersion::new;
        if kernel < v(3, 10, 0) {
            return Err(Text::fixed(
                "3.10(RHEL 7)보다 오래된 스케줄러는 모델링하지 않았습니다",
                "schedulers older than 3.10 (RHEL 7) are not modelled",
            ));
        }
        if kernel >= v(6, 19, 0) {
            return Err(Text::fixed(
                "6.19에서 깨어난 태스크의 선점과 가상 시간의 기준이 바뀌었고, 그 뒤는 모델링하지 않았습니다",
                "6.19 changed wake-up preemption and what virtual time is counted from; it and later ones are not modelled",
            ));
        }
        let policy = if kernel < v(6, 6, 0) {
            Policy::Cfs { floor: kernel >= v(5, 13, 0) }
        } else {
            Policy::Eevdf { delay_dequeue: kernel >= v(6, 12, 0) }
        };
        let shorter = kernel >= v(6, 15, 0) || (kernel.major, kernel.minor) == (6, 12);
        let base_slice = if shorter { 700_000 } else { 750_000 };
        Ok(Rules { policy, fair_server: kernel >= v(6, 12, 0), base_slice })
    }

    /// By how much a number of CPUs stretches the times below: 1 + log2, at most 4
    /// (`kernel/sched/fair.c: get_update_sysctl_factor`).
    fn factor(cpus: u64) -> u64 {
        1 + u64::from(cpus.clamp(1, 8).ilog2())
    }

    /// Times of this kernel on a machine with so many CPUs; a `base_slice_ns` other than 0 takes the
    /// place of the kernel's.
    pub fn times(self, cpus: u64, base_slice_ns: u64) -> Times {
        let factor = Rules::factor(cpus);
        Times {
            latency: 6 * MILLISECOND * factor,
            min_granularity: 750_000 * factor,
            wakeup_granularity: MILLISECOND * factor,
            base_slice: if base_slice_ns == 0 { self.base_slice * factor } else { base_slice_ns },
        }
    }
}

/// The scheduler's times on one machine, ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// CFS: in this time each of a few tasks runs once (`sched_latency_ns`).
    pub latency: u64,
    /// CFS: the least that a task has when there are many (`sched_min_granularity_ns`).
    pub min_granularity: u64,
    /// CFS: how far behind a woken task must be to preempt (`sched_wakeup_granularity_ns`).
    pub wakeup_granularity: u64,
    /// EEVDF: what a task asks for at once (`base_slice_ns`).
    pub base_slice: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_rules_of_their_time() {
        let (cfs, eevdf) = (|floor| Policy::Cfs { floor }, |delay_dequeue| Policy::Eevdf { delay_dequeue });
        for (kernel, want) in [
            ("2.6.32", None),
            ("3.10", Some((cfs(false), false, 750_000))),
            ("5.12", Some((cfs(false), false, 750_000))),
            ("6.5", Some((cfs(true), false, 750_000))),
            ("6.6", Some((eevdf(false), false, 750_000))),
            ("6.12", Some((eevdf(true), true, 700_000))),
            ("6.13", Some((eevdf(true), true, 750_000))),
            ("6.18.44", Some((eevdf(true), true, 700_000))),
            ("6.19", None),
        ] {
            let rules = Rules::of(kernel.parse().unwrap()).ok();
            assert_eq!(rules.map(|r| (r.policy, r.fair_server, r.times(1, 0).base_slice)), want, "{kernel}");
        }
    }

    #[test]
    fn times_grow_with_the_number_of_cpus() {
        let rules = Rules::of(KernelVersion::new(6, 12, 0)).unwrap();
        for (cpus, latency_ms, slice) in
            [(1, 6, 700_000), (2, 12, 1_400_000), (3, 12, 1_400_000), (4, 18, 2_100_000), (64, 24, 2_800_000)]
        {
            let times = rules.times(cpus, 0);
            assert_eq!((times.latency, times.base_slice), (latency_ms * MILLISECOND, slice), "{cpus} CPUs");
        }
        assert_eq!(rules.times(2, 3_000_000).base_slice, 3_000_000);
    }
}
