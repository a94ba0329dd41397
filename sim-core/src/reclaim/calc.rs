//! The arithmetic of reclaim, in the kernel's integers. Everything is in pages.

use super::rules::{Balance, Rules, SlabScan};
use crate::mul_div;

/// Pages looked at in one turn (`SWAP_CLUSTER_MAX`).
pub const CLUSTER: u64 = 32;
/// The priority a reclaim begins with: a list is looked at for 1/4096 of its size
/// (`DEF_PRIORITY`).
pub const DEF_PRIORITY: u32 = 12;
/// What a dentry or an inode costs to make again, for its shrinker (`DEFAULT_SEEKS`).
const SEEKS: u64 = 2;
/// Objects of a file system looked at in one go (`fs/super.c: alloc_super`).
pub const SLAB_BATCH: u64 = 1024;

/// Whether the inactive list of a type has too few pages beside the active one
/// (`mm/vmscan.c: inactive_is_low`): the more memory, the smaller a share is enough.
pub fn inactive_is_low(rules: Rules, file: bool, inactive: u64, active: u64) -> bool {
    let gb = inactive.saturating_add(active) >> 18;
    let grows = !file || rules.file_ratio;
    let ratio = if grows && gb > 0 { (10 * gb).isqrt() } else { 1 };
    inactive.saturating_mul(ratio) < active
}

/// What is on the scales: costs since 5.8, pages looked at and kept before. Anonymous first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scales {
    /// `anon_cost`, `file_cost`.
    pub cost: [u64; 2],
    /// `recent_scanned`.
    pub scanned: [u64; 2],
    /// `recent_rotated`.
    pub rotated: [u64; 2],
}

impl Scales {
    /// Notes a cost (`mm/swap.c: lru_note_cost`); `lists` are the pages of all four lists. Both are
    /// halved when together they exceed a quarter of that.
    pub fn note_cost(&mut self, rules: Rules, file: bool, io: u64, rotated: u64, lists: u64) {
        let cost = match rules.balance {
            Balance::Recent => return,
            Balance::Cost => io,
            Balance::CostOfIo => io * CLUSTER + rotated,
        };
        self.cost[usize::from(file)] += cost;
        if self.cost[0] + self.cost[1] > lists / 4 {
            self.cost = self.cost.map(|cost| cost / 2);
        }
    }

    /// Notes pages looked at, and how many of them stay active (`update_page_reclaim_stat`).
    pub fn note_look(&mut self, file: bool, scanned: u64, rotated: u64) {
        self.scanned[usize::from(file)] += scanned;
        self.rotated[usize::from(file)] += rotated;
    }

    /// Halves what was looked at when it exceeds a quarter of a type's lists.
    pub fn forget(&mut self, lists: [u64; 2]) {
        for (type_, size) in lists.into_iter().enumerate() {
            if self.scanned[type_] > size / 4 {
                self.scanned[type_] /= 2;
                self.rotated[type_] /= 2;
            }
        }
    }

    /// The weights of anonymous and file pages, and what their sum is taken for
    /// (`mm/vmscan.c: get_scan_count`).
    pub fn weights(&self, rules: Rules, swappiness: u64) -> Weights {
        let most = 200_u64.saturating_sub(swappiness);
        if rules.balance == Balance::Recent {
            let weight = |by: u64, type_: usize| mul_div(by, self.scanned[type_] + 1, self.rotated[type_] + 1);
            let (anon, file) = (weight(swappiness, 0), weight(most, 1));
            return Weights { anon, file, of: anon + file + 1 };
        }
        let total = self.cost[0] + self.cost[1];
        let (anon_cost, file_cost) = (total + self.cost[0], total + self.cost[1]);
        let sum = anon_cost + file_cost;
        let (anon, file) = (mul_div(swappiness, sum + 1, anon_cost + 1), mul_div(most, sum + 1, file_cost + 1));
        Weights { anon, file, of: anon + file }
    }
}

/// In what proportion the two types are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weights {
    /// Of anonymous pages.
    pub anon: u64,
    /// Of file pages.
    pub file: u64,
    /// What both are shares of.
    pub of: u64,
}

/// What is looked at, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Decision {
    /// Files only: there is no swap, or none is left.
    NoSwap,
    /// Both in full, as it is the last attempt.
    Equal,
    /// Anonymous only: hardly any file page is left.
    FileIsTiny,
    /// Files only: there are plenty of inactive ones.
    #[default]
    CacheTrim,
    /// Both, by their weights.
    Fraction,
}

/// What a decision is made of.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// Pages of the lists: inactive and active anonymous, inactive and active file.
    pub lists: [u64; 4],
    /// Whether an anonymous page could be written to swap.
    pub can_swap: bool,
    /// How hard it is, 12 to 0.
    pub priority: u32,
    /// `vm.swappiness`.
    pub swappiness: u64,
    /// Whether active pages of a type may be taken down.
    pub may_deactivate: [bool; 2],
    /// Free pages.
    pub free: u64,
    /// Sum of the high watermarks.
    pub high: u64,
}

impl Situation {
    /// What is looked at (`mm/vmscan.c: get_scan_count, prepare_scan_control`).
    pub fn decide(&self) -> Decision {
        let [inactive_anon, _, inactive_file, active_file] = self.lists;
        let tiny = inactive_file + active_file + self.free <= self.high
            && !self.may_deactivate[0]
            && inactive_anon >> self.priority != 0;
        if !self.can_swap {
            Decision::NoSwap
        } else if self.priority == 0 && self.swappiness > 0 {
            Decision::Equal
        } else if tiny {
            Decision::FileIsTiny
        } else if inactive_file >> self.priority != 0 && !self.may_deactivate[1] {
            Decision::CacheTrim
        } else {
            Decision::Fraction
        }
    }

    /// How many pages of each list are to be looked at.
    pub fn targets(&self, decision: Decision, weights: Weights) -> [u64; 4] {
        let mut targets = self.lists.map(|size| size >> self.priority);
        for (list, target) in targets.iter_mut().enumerate() {
            let file = list >= 2;
            *target = match decision {
                Decision::Equal => *target,
                Decision::Fraction => mul_div(*target, if file { weights.file } else { weights.anon }, weights.of),
                Decision::FileIsTiny if !file => *target,
                Decision::NoSwap | Decision::CacheTrim if file => *target,
                _ => 0,
            };
        }
        targets
    }
}

/// How many objects a shrinker counts with `vm.vfs_cache_pressure`
/// (`fs/super.c: super_cache_count`, `vfs_pressure_ratio`).
pub fn freeable(rules: Rules, objects: u64, pressure: u64) -> u64 {
    match rules.slab {
        SlabScan::ByPages => (objects / 100).saturating_mul(pressure),
        _ => mul_div(objects, pressure, 100),
    }
}

/// How many objects are to be looked at, and how many more that makes than had been put off
/// (`mm/shrinker.c: do_shrink_slab`, until 6.6 `mm/vmscan.c`). `looked` are the pages looked at, and
/// `lru` all there are to look at.
pub fn slab_scan(rules: Rules, freeable: u64, deferred: u64, priority: u32, (looked, lru): (u64, u64)) -> (u64, u64) {
    match rules.slab {
        SlabScan::ByPages => {
            let delta = mul_div(4 * looked / SEEKS, freeable, lru + 1);
            (clamp_halved(deferred + delta, delta, freeable), delta)
        }
        SlabScan::Halved => {
            let delta = (freeable >> priority) * 4 / SEEKS;
            (clamp_halved(deferred + delta, delta, freeable), delta)
        }
        SlabScan::ByPriority => {
            let delta = (freeable >> priority) * 4 / SEEKS;
            (((deferred >> priority) + delta).min(2 * freeable), delta)
        }
    }
}

fn clamp_halved(total: u64, delta: u64, freeable: u64) -> u64 {
    let total = if delta < freeable / 4 { total.min(freeable / 2) } else { total };
    total.min(2 * freeable)
}

/// What `MemAvailable` is made of, in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Available {
    /// Free pages.
    pub free: u64,
    /// What is kept back (`totalreserve_pages`).
    pub reserve: u64,
    /// Sum of the low watermarks.
    pub low: u64,
    /// Pages of the two file lists.
    pub file: u64,
    /// Slab that can be reclaimed, and what else the kernel can give back (`KReclaimable`).
    pub slab: u64,
}

impl Available {
    /// `mm/show_mem.c: si_mem_available` (until 6.3 `mm/page_alloc.c`).
    pub fn pages(&self) -> u64 {
        let most = |pages: u64| pages - (pages / 2).min(self.low);
        let sum = self.free + most(self.file) + most(self.slab);
        sum.saturating_sub(self.reserve)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(kernel: &str) -> Rules {
        Rules::of(kernel.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_more_memory_the_smaller_an_inactive_list_is_enough() {
        let gib = 1 << 18;
        for (pages, ratio) in [(2560, 1), (gib, 3), (10 * gib, 10), (100 * gib, 31), (1024 * gib, 101)] {
            let inactive = pages / (ratio + 1);
            let low = |inactive| inactive_is_low(rules("6.12"), true, inactive, pages - inactive);
            assert!(low(inactive - 1) && !low(inactive + 1), "{pages}");
        }
        assert!(inactive_is_low(rules("3.10"), true, 10 * gib, 10 * gib + 1));
        assert!(!inactive_is_low(rules("3.10"), false, 10 * gib, 10 * gib + 1));
    }

    #[test]
    fn weights_are_those_of_the_table() {
        let costs = [[0, 0], [1000, 1000], [1000, 0], [0, 1000]];
        for (swappiness, want) in [
            (0, [(0, 200), (0, 399), (0, 599), (0, 299)]),
            (10, [(10, 190), (19, 379), (14, 569), (29, 284)]),
            (60, [(60, 140), (119, 279), (89, 419), (179, 209)]),
            (100, [(100, 100), (199, 199), (149, 299), (299, 149)]),
            (200, [(200, 0), (399, 0), (299, 0), (599, 0)]),
        ] {
            let got = costs.map(|cost| Scales { cost, ..Scales::default() }.weights(rules("6.12"), swappiness));
            assert_eq!(got.map(|weights| (weights.anon, weights.file)), want, "{swappiness}");
            assert!(got.iter().all(|weights| weights.of == weights.anon + weights.file));
        }
    }

    #[test]
    fn before_5_8_what_was_kept_counts() {
        let scales = Scales { scanned: [1000, 1000], rotated: [0, 500], ..Scales::default() };
        let got = scales.weights(rules("4.18"), 60);
        assert_eq!(got, Weights { anon: 60 * 1001, file: 140 * 1001 / 501, of: 60 * 1001 + 140 * 1001 / 501 + 1 });
        let mut full = scales;
        full.forget([1000, 8000]);
        assert_eq!((full.scanned, full.rotated), ([500, 1000], [0, 500]));
    }

    #[test]
    fn the_first_reason_that_holds_decides() {
        let calm = Situation {
            lists: [40_960, 40_960, 81_920, 40_960],
            can_swap: true,
            priority: 12,
            swappiness: 60,
            may_deactivate: [false, false],
            free: 1000,
            high: 1500,
        };
        for (situation, want) in [
            (calm, Decision::CacheTrim),
            (Situation { can_swap: false, priority: 0, ..calm }, Decision::NoSwap),
            (Situation { priority: 0, ..calm }, Decision::Equal),
            (Situation { priority: 0, swappiness: 0, ..calm }, Decision::CacheTrim),
            (Situation { lists: [40_960, 0, 300, 200], ..calm }, Decision::FileIsTiny),
            (Situation { lists: [40_960, 0, 300, 200], may_deactivate: [true, false], ..calm }, Decision::Fraction),
            (Situation { may_deactivate: [false, true], ..calm }, Decision::Fraction),
            (Situation { lists: [40_960, 0, 4095, 90_000], ..calm }, Decision::Fraction),
        ] {
            assert_eq!(situation.decide(), want, "{situation:?}");
        }
        let weights = Weights { anon: 60, file: 140, of: 200 };
        assert_eq!(calm.targets(Decision::Fraction, weights), [3, 3, 14, 7]);
        assert_eq!(calm.targets(Decision::CacheTrim, weights), [0, 0, 20, 10]);
        assert_eq!(calm.targets(Decision::FileIsTiny, weights), [10, 10, 0, 0]);
    }

    #[test]
    fn costs_are_halved_together() {
        let mut scales = Scales::default();
        scales.note_cost(rules("6.1"), true, 32, 500, 1000);
        assert_eq!(scales.cost, [0, 32]);
        scales.note_cost(rules("6.12"), false, 32, 5, 10_000);
        assert_eq!(scales.cost, [1029, 32]);
        scales.note_cost(rules("6.1"), true, 32, 0, 4000);
        assert_eq!(scales.cost, [514, 32]);
    }

    #[test]
    fn slab_is_looked_at_by_priority() {
        let new = |freeable, deferred, priority| slab_scan(rules("6.12"), freeable, deferred, priority, (0, 0));
        assert_eq!(new(1_000_000, 0, 12), (488, 488));
        assert_eq!(new(1_000_000, 40_960, 12), (498, 488));
        assert_eq!(new(1000, 0, 0), (2000, 2000));
        let old = |freeable, deferred, priority| slab_scan(rules("5.10"), freeable, deferred, priority, (0, 0));
        assert_eq!(old(1_000_000, 40_960, 12), (41_448, 488));
        assert_eq!(old(1_000_000, 900_000, 12), (500_000, 488));
        assert_eq!(slab_scan(rules("3.10"), 1_000_000, 0, 12, (32, 99_999)), (640, 640));
        assert_eq!([50, 100, 200].map(|pressure| freeable(rules("6.12"), 99, pressure)), [49, 99, 198]);
        assert_eq!(freeable(rules("3.10"), 99, 100), 0);
    }

    #[test]
    fn available_counts_half_of_little_and_most_of_much() {
        let much = Available { free: 5000, reserve: 1500, low: 1200, file: 100_000, slab: 10_000 };
        assert_eq!(much.pages(), 5000 - 1500 + 98_800 + 8800);
        let little = Available { free: 1000, file: 500, slab: 300, ..much };
        assert_eq!(little.pages(), 0);
        assert_eq!(Available { reserve: 0, ..little }.pages(), 1000 + 250 + 150);
    }
}
