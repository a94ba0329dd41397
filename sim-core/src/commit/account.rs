//! Whether a promise is made.

use super::rules::{Guess, Rules};
use crate::math::mul_div;

/// `vm.overcommit_*` and the reserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `vm.overcommit_memory`: 0 guess, 1 always, 2 never more than the limit.
    pub mode: i64,
    /// `vm.overcommit_ratio`, %.
    pub ratio: u64,
    /// `vm.overcommit_kbytes`; stands in for the ratio unless it is 0.
    pub kbytes: u64,
    /// `vm.admin_reserve_kbytes`.
    pub admin_reserve_kb: u64,
    /// `vm.user_reserve_kbytes`.
    pub user_reserve_kb: u64,
}

/// What a promise is measured against, in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// RAM the kernel manages (MemTotal).
    pub totalram: u64,
    /// Of it, set aside as huge pages.
    pub hugetlb: u64,
    /// Swap space.
    pub swap: u64,
    /// Free pages.
    pub free: u64,
    /// Page cache without shared memory.
    pub cache: u64,
    /// Free swap.
    pub free_swap: u64,
    /// What the watermarks keep from programs (`totalreserve_pages`).
    pub reserve: u64,
}

/// A request, in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// How much is asked for.
    pub pages: u64,
    /// What is promised already (`vm_committed_as`), this request not among it.
    pub committed: u64,
    /// Address space of the one who asks.
    pub total_vm: u64,
    /// Whether it has CAP_SYS_ADMIN.
    pub root: bool,
}

impl Policy {
    /// `mm/util.c: vm_commit_limit`, in pages. Shown as CommitLimit in every mode.
    pub fn limit(&self, machine: &Machine) -> u64 {
        let ram = match self.kbytes {
            0 => mul_div(machine.totalram.saturating_sub(machine.hugetlb), self.ratio, 100),
            kbytes => kbytes >> 2,
        };
        ram + machine.swap
    }

    /// What promises have to stay below in mode 2 for the one who asks, in pages.
    pub fn allowed(&self, machine: &Machine, ask: &Ask) -> i64 {
        let admin = if ask.root { 0 } else { self.admin_reserve_kb >> 2 };
        let user = (ask.total_vm / 32).min(self.user_reserve_kb >> 2);
        self.limit(machine) as i64 - admin as i64 - user as i64
    }

    /// `mm/util.c: __vm_enough_memory`.
    pub fn enough(&self, rules: Rules, machine: &Machine, ask: &Ask) -> bool {
        match (self.mode, rules.guess) {
            (1, _) => true,
            (2, _) => ((ask.committed + ask.pages) as i64) < self.allowed(machine, ask),
            (_, Guess::Total) => ask.pages <= machine.totalram + machine.swap,
            (_, Guess::Free) => {
                let free = machine.free + machine.cache + machine.free_swap;
                if free <= machine.reserve {
                    return false;
                }
                let admin = if ask.root { 0 } else { self.admin_reserve_kb >> 2 };
                (free - machine.reserve).saturating_sub(admin) > ask.pages
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy { mode: 2, ratio: 50, kbytes: 0, admin_reserve_kb: 8192, user_reserve_kb: 131_072 };

    #[test]
    fn the_limit_leaves_huge_pages_out_and_takes_swap_whole() {
        for (totalram, hugetlb, swap, ratio, kbytes, want) in [
            (6_171_021, 0, 0, 50, 0, 3_085_510),
            (245_933, 0, 0, 25, 0, 61_483),
            (1000, 400, 100, 50, 0, 400),
            (1000, 400, 100, 0, 0, 100),
            (1000, 400, 100, 50, 4003, 1100),
        ] {
            let machine = Machine { totalram, hugetlb, swap, ..Machine::default() };
            assert_eq!(Policy { ratio, kbytes, ..POLICY }.limit(&machine), want);
        }
    }

    #[test]
    fn each_mode_has_its_own_edge() {
        let machine = Machine {
            totalram: 10_000,
            swap: 2000,
            free: 3000,
            cache: 4000,
            free_swap: 2000,
            reserve: 500,
            ..Machine::default()
        };
        let (total, free) = (Rules::of("6.12".parse().unwrap()).unwrap(), Rules::of("3.10".parse().unwrap()).unwrap());
        let granted = |mode, rules, root| {
            let policy = Policy { mode, admin_reserve_kb: 400, ..POLICY };
            let ask = |pages| Ask { pages, committed: 1000, total_vm: 3200, root };
            (1..100_000).take_while(|pages| policy.enough(rules, &machine, &ask(*pages))).last()
        };
        // RAM and swap; free, cache and swap less both reserves; 7000 less 1000, total_vm/32 and admin.
        assert_eq!((granted(0, total, false), granted(0, total, true)), (Some(12_000), Some(12_000)));
        assert_eq!((granted(0, free, false), granted(0, free, true)), (Some(8399), Some(8499)));
        assert_eq!((granted(2, total, false), granted(2, total, true)), (Some(5799), Some(5899)));
        assert_eq!(granted(1, total, false), Some(99_999));
    }
}
