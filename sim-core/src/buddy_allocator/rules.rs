//! What changed from kernel to kernel.

use crate::{KernelVersion, Text};

/// Kernels that are modelled, in words.
pub const KERNELS: &str = "3.10, 4.18, 5.8..5.12, 5.18..6.9, 6.12, 6.15..7.x";

/// The rules of one kernel version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The kernel they are of.
    pub kernel: KernelVersion,
    /// What happens when the lists of a migratetype are empty.
    pub fallback: Fallback,
    /// How per-CPU lists are filled and drained.
    pub pcp: PcpEra,
    /// Whether a page on a per-CPU list keeps the migratetype it was freed with (until 6.9), or is
    /// asked for its pageblock's when it is drained.
    pub cached_type: bool,
    /// Whether pageblocks that merge into one block take one type (6.10).
    pub retype_on_merge: bool,
    /// Per-CPU lists of huge pages: none, one, or one for movable ones beside (6.10).
    pub thp_lists: usize,
    /// Whether the lists of a zone move to the *head* when a pageblock is stolen (until 4.18).
    pub steal_to_head: bool,
    /// Whether a request may forbid fallbacks that mix pageblocks (`ALLOC_NOFRAGMENT`, 5.0).
    pub nofragment: bool,
    /// Whether memory that comes online goes to the tail of its list (5.10).
    pub boots_to_tail: bool,
    /// Whether a fallback boosts the watermarks (5.0).
    pub boost: bool,
    /// Whether `watermark_scale_factor` spreads the marks (4.6).
    pub scale_factor: bool,
    /// Whether marks leave `ZONE_MOVABLE` out (6.12).
    pub movable_apart: bool,
    /// Whether `/proc/zoneinfo` prints the promo mark (6.12).
    pub shows_promo: bool,
    /// Largest `min_free_kbytes` the kernel chooses by itself, kB.
    pub min_free_cap_kb: u64,
    /// Whether the check of a high order halves the mark for every order below it (until 4.3).
    pub halves_mark: bool,
    /// Whether migratetypes are numbered unmovable, reclaimable, movable (until 3.x).
    pub reclaimable_first: bool,
}

/// What happens when the lists of a migratetype are empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// 3.10 and RHEL 7: the largest block of another type is taken; large ones bring along what is
    /// free in their pageblock.
    TakeLargest,
    /// 4.x to 6.9 (`__rmqueue_fallback`): blocks move over, then the request starts again.
    StealThenRetry,
    /// 6.12.y and 6.15 on (`__rmqueue_claim`, `__rmqueue_steal`): whole pageblocks are claimed where
    /// that pays, otherwise a single block is borrowed and nothing moves.
    ClaimOrSteal,
}

/// How per-CPU lists are filled and drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PcpEra {
    /// Until 5.12: order 0 only, `batch` pages at a time, drained in turns.
    OrderZero,
    /// 5.18 to 6.6: orders 0 to 3 and huge pages; frees without allocations drain more each time.
    FreeFactor,
    /// 6.7 on: `high` floats and refills double too.
    Auto {
        /// Since 6.16 high orders are drained at once only after more frees.
        late_free_high: bool,
        /// Since 6.19 a drain is cut into pieces of `batch` pages, each starting over.
        in_batches: bool,
    },
}

impl Rules {
    /// The rules of a version.
    ///
    /// # Errors
    /// Why a version is not modelled.
    pub fn of(kernel: KernelVersion) -> Result<Rules, Text> {
        let v = KernelVersion::new;
        let is = |major, minor| (kernel.major, kernel.minor) == (major, minor);
        let rhel7 = is(3, 10);
        let rhel8 = is(4, 18);
        let modelled = rhel7
            || rhel8
            || (kernel >= v(5, 8, 0) && kernel < v(5, 13, 0))
            || (kernel >= v(5, 18, 0) && kernel < v(6, 10, 0))
            || is(6, 12)
            || (kernel >= v(6, 15, 0) && kernel < v(8, 0, 0));
        if !modelled {
            return Err(Text::fixed(
                "이 버전의 할당자는 규칙이 도중에 바뀌던 때이거나 확인하지 못해 모델링하지 않았습니다",
                "the allocator of this version was between two sets of rules, or was not checked, and is not modelled",
            ));
        }
        Ok(Rules {
            kernel,
            fallback: match kernel {
                _ if rhel7 => Fallback::TakeLargest,
                k if k < v(6, 10, 0) => Fallback::StealThenRetry,
                _ => Fallback::ClaimOrSteal,
            },
            pcp: match kernel {
                k if k < v(5, 13, 0) => PcpEra::OrderZero,
                k if k < v(6, 7, 0) => PcpEra::FreeFactor,
                k => PcpEra::Auto { late_free_high: k >= v(6, 16, 0), in_batches: k >= v(6, 19, 0) },
            },
            cached_type: kernel < v(6, 10, 0),
            retype_on_merge: kernel >= v(6, 10, 0),
            thp_lists: match kernel {
                k if k < v(5, 14, 0) => 0,
                // The second list came with 6.10 and, in 2024, to 6.1.y and 6.6.y; nothing that is
                // recorded tells the two apart before that.
                k if k < v(6, 1, 0) => 1,
                _ => 2,
            },
            steal_to_head: rhel7 || rhel8,
            nofragment: kernel >= v(5, 0, 0),
            boots_to_tail: kernel >= v(5, 10, 0),
            boost: kernel >= v(5, 0, 0),
            scale_factor: !rhel7,
            movable_apart: kernel >= v(6, 12, 0),
            shows_promo: kernel >= v(6, 12, 0),
            min_free_cap_kb: 262_144,
            halves_mark: rhel7,
            reclaimable_first: rhel7,
        })
    }

    /// Highest order that per-CPU lists hold besides huge pages.
    pub fn pcp_max_order(&self) -> u32 {
        if self.pcp == PcpEra::OrderZero { 0 } else { 3 }
    }

    /// The migratetypes in the kernel's own numbering, as `/proc/pagetypeinfo` lists them.
    pub fn types_in_order(&self) -> [u8; 3] {
        if self.reclaimable_first { [0, 2, 1] } else { [0, 1, 2] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_rules_of_their_time() {
        use Fallback::{ClaimOrSteal, StealThenRetry, TakeLargest};
        let auto = |late_free_high, in_batches| PcpEra::Auto { late_free_high, in_batches };
        for (kernel, want) in [
            ("2.6.32", None),
            ("3.10", Some((TakeLargest, PcpEra::OrderZero))),
            ("4.4", None),
            ("4.18", Some((StealThenRetry, PcpEra::OrderZero))),
            ("5.7", None),
            ("5.10", Some((StealThenRetry, PcpEra::OrderZero))),
            ("5.15", None),
            ("6.1.176", Some((StealThenRetry, PcpEra::FreeFactor))),
            ("6.6", Some((StealThenRetry, PcpEra::FreeFactor))),
            ("6.9", Some((StealThenRetry, auto(false, false)))),
            ("6.10", None),
            ("6.12.107", Some((ClaimOrSteal, auto(false, false)))),
            ("6.14", None),
            ("6.15", Some((ClaimOrSteal, auto(false, false)))),
            ("6.18", Some((ClaimOrSteal, auto(true, false)))),
            ("7.3.4", Some((ClaimOrSteal, auto(true, true)))),
            ("8.0", None),
        ] {
            let rules = Rules::of(kernel.parse().unwrap()).ok();
            assert_eq!(rules.map(|r| (r.fallback, r.pcp)), want, "{kernel}");
        }
    }
}
