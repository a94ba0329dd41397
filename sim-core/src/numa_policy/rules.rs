//! What changed from kernel to kernel.

use crate::{KernelVersion, Text};

/// The rules of one kernel version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How the order of a fallback list is balanced between nodes of equal distance.
    pub balance: Balance,
    /// Whether a node without memory is left out of the head of its own list (6.12).
    pub skips_memoryless_head: bool,
    /// Whether the interleave index of a page is cut to 32 bits before it is divided (until 6.6).
    pub short_index: bool,
    /// Whether there is `MPOL_PREFERRED_MANY` (5.15).
    pub preferred_many: bool,
    /// Whether there is `MPOL_WEIGHTED_INTERLEAVE` (6.9).
    pub weighted: bool,
    /// Whether new anonymous pages start on the inactive list (5.9): `active=` of `numa_maps`.
    pub anon_starts_inactive: bool,
    /// Whether `watermark_scale_factor` widens the distance between the watermarks (4.6).
    pub scale_factor: bool,
    /// Largest `min_free_kbytes` that is computed at boot, kB.
    pub min_free_cap: i64,
    /// Whether a first fault may migrate without the two-stage filter (not in 3.10 and RHEL 7).
    pub first_fault_migrates: bool,
    /// Shortest scan period of automatic balancing, ms (`numa_balancing_scan_period_min_ms`).
    pub scan_period_min: i64,
    /// Longest scan period of automatic balancing, ms.
    pub scan_period_max: i64,
}

/// What `node_load` stands for in `mm/page_alloc.c: find_next_best_node`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balance {
    /// Until 5.15: every pick is charged with how many nodes were still to be picked.
    Remaining,
    /// Since 5.16: one for the first node of each group of equal distance.
    FirstOfGroup,
}

/// First kernel that is modelled.
pub const OLDEST: KernelVersion = KernelVersion::new(3, 10, 0);

/// Kernels whose rules are known, in words.
pub const KERNELS: &str = "3.10..7.x";

impl Rules {
    /// The rules of a version.
    ///
    /// # Errors
    /// Why a version is not modelled.
    pub fn of(kernel: KernelVersion) -> Result<Rules, Text> {
        let v = KernelVersion::new;
        if kernel < OLDEST || kernel >= v(8, 0, 0) {
            return Err(Text::fixed(
                "3.10부터 7.x까지의 커널만 모델링했습니다",
                "only kernels from 3.10 to 7.x are modelled",
            ));
        }
        // RHEL 7 and 8 carry the larger cap under their old numbers.
        let old_cap = kernel < v(5, 7, 0) && !matches!((kernel.major, kernel.minor), (3, 10) | (4, 18));
        Ok(Rules {
            balance: if kernel < v(5, 16, 0) { Balance::Remaining } else { Balance::FirstOfGroup },
            skips_memoryless_head: kernel >= v(6, 12, 0),
            short_index: kernel < v(6, 7, 0),
            preferred_many: kernel >= v(5, 15, 0),
            weighted: kernel >= v(6, 9, 0),
            anon_starts_inactive: kernel >= v(5, 9, 0),
            scale_factor: kernel >= v(4, 6, 0),
            min_free_cap: if old_cap { 65_536 } else { 262_144 },
            first_fault_migrates: kernel >= v(3, 11, 0),
            scan_period_min: 1000,
            scan_period_max: 60_000,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_rules_of_their_time() {
        use Balance::{FirstOfGroup, Remaining};
        // balance, 32-bit index, preferred-many, weighted, memoryless head left out
        for (kernel, want) in [
            ("2.6.32", None),
            ("3.10", Some((Remaining, true, false, false, false))),
            ("4.18", Some((Remaining, true, false, false, false))),
            ("5.10", Some((Remaining, true, false, false, false))),
            ("5.15", Some((Remaining, true, true, false, false))),
            ("5.16", Some((FirstOfGroup, true, true, false, false))),
            ("6.1", Some((FirstOfGroup, true, true, false, false))),
            ("6.6", Some((FirstOfGroup, true, true, false, false))),
            ("6.7", Some((FirstOfGroup, false, true, false, false))),
            ("6.9", Some((FirstOfGroup, false, true, true, false))),
            ("6.12", Some((FirstOfGroup, false, true, true, true))),
            ("7.3.4", Some((FirstOfGroup, false, true, true, true))),
            ("8.0", None),
        ] {
            let rules = Rules::of(kernel.parse().unwrap()).ok();
            let got = rules.map(|r| (r.balance, r.short_index, r.preferred_many, r.weighted, r.skips_memoryless_head));
            assert_eq!(got, want, "{kernel}");
        }
    }
}
