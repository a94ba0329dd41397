//! Which PID is next.

use std::collections::BTreeSet;

/// After the largest PID the search goes on here: the ones below are for what starts at boot
/// (`kernel/pid.c: RESERVED_PIDS`).
pub const RESERVED: i64 = 300;

/// The PIDs of a machine (`kernel/pid.c: alloc_pid`): handed out upwards, round and round.
#[derive(Clone, Debug)]
pub struct Pids {
    taken: BTreeSet<i64>,
    /// The one handed out last.
    pub last: i64,
    /// PIDs are below this (`kernel.pid_max`).
    max: i64,
}

impl Pids {
    /// With some of them taken.
    pub fn new(taken: impl IntoIterator<Item = i64>, last: i64, max: i64) -> Pids {
        Pids { taken: taken.into_iter().collect(), last: last.min(max - 1), max }
    }

    /// The next free one, or none.
    pub fn take(&mut self) -> Option<i64> {
        let from = self.last + 1;
        let pid = self.free(from, self.max).or_else(|| self.free(RESERVED, from.min(self.max)))?;
        self.taken.insert(pid);
        self.last = pid;
        Some(pid)
    }

    fn free(&self, from: i64, until: i64) -> Option<i64> {
        let mut next = from;
        for taken in self.taken.range(from..until.max(from)) {
            if *taken != next {
                break;
            }
            next += 1;
        }
        (next < until).then_some(next)
    }

    /// Gives one back.
    pub fn give_back(&mut self, pid: i64) {
        self.taken.remove(&pid);
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.taken.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_round_and_leave_the_first_300_alone() {
        let mut pids = Pids::new([1, 2, 305], 303, 308);
        let mut take = |n: usize| (0..n).map(|_| pids.take()).collect::<Vec<_>>();
        assert_eq!(
            take(9),
            [304, 306, 307, 300, 301, 302, 303].map(Some).into_iter().chain([None; 2]).collect::<Vec<_>>()
        );
        pids.give_back(301);
        pids.give_back(2);
        assert_eq!((pids.take(), pids.take(), pids.last, pids.taken()), (Some(301), None, 301, 9));
    }
}
