//! How much of a zone is kept back: watermarks and the reserve for lower zones.

use super::rules::Rules;

/// Pages in a kB value.
const KB_PER_PAGE: i64 = 4;
/// Smallest `min_free_kbytes` that is computed, kB.
const MIN_FREE_FLOOR: i64 = 128;
/// `sysctl_lowmem_reserve_ratio` of the zones below the highest.
const LOWMEM_RESERVE_RATIO: i64 = 256;

/// The watermarks of a zone, in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watermarks {
    /// Below it only those in need allocate.
    pub min: i64,
    /// Below it another zone is tried first.
    pub low: i64,
    /// kswapd stops here.
    pub high: i64,
}

/// `min_free_kbytes` as computed at boot (`mm/page_alloc.c: calculate_min_free_kbytes`): the root of
/// 16 times the memory, kB. Transparent huge pages, which raise it, are off.
pub fn min_free_kbytes(rules: Rules, managed: i64) -> i64 {
    let kbytes = managed.saturating_mul(KB_PER_PAGE).max(0);
    let root = i64::try_from((kbytes as u64).saturating_mul(16).isqrt()).unwrap_or(i64::MAX);
    root.clamp(MIN_FREE_FLOOR, rules.min_free_cap)
}

/// The watermarks of zones with so many managed pages: `mm/page_alloc.c: __setup_per_zone_wmarks`.
pub fn watermarks(rules: Rules, managed: &[i64], min_free_kbytes: i64, scale_factor: i64) -> Vec<Watermarks> {
    let pages_min = i128::from(min_free_kbytes / KB_PER_PAGE);
    let total: i128 = managed.iter().map(|m| i128::from(*m)).sum();
    let of = |managed: &i64| {
        let min = (pages_min * i128::from(*managed) / total.max(1)) as i64;
        let scaled = i128::from(*managed) * i128::from(scale_factor) / 10_000;
        let step = if rules.scale_factor { (min / 4).max(scaled as i64) } else { min / 4 };
        Watermarks { min, low: min + step, high: min + 2 * step }
    };
    managed.iter().map(of).collect()
}

/// What a zone keeps from requests that could have used the higher zones of its node:
/// `mm/page_alloc.c: setup_per_zone_lowmem_reserve`.
pub fn lowmem_reserve(managed_above: i64) -> i64 {
    managed_above / LOWMEM_RESERVE_RATIO
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(kernel: &str) -> Rules {
        Rules::of(kernel.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_minimum_grows_with_the_root_of_memory() {
        let gib = 1 << 18;
        for (kernel, managed, want) in [
            ("6.12", gib, 4096),
            ("6.12", 4 * gib, 8192),
            ("6.12", 256 * gib, 65_536),
            ("6.12", 4096 * gib, 262_144),
            ("5.4", 4096 * gib, 65_536),
            ("3.10", 4096 * gib, 262_144),
            ("6.12", 0, 128),
        ] {
            assert_eq!(min_free_kbytes(rules(kernel), managed), want, "{kernel} {managed}");
        }
    }

    #[test]
    fn every_zone_has_its_share() {
        // 1 GiB in two zones, min_free_kbytes 4096: 1024 pages.
        let managed = [4096, 258_048];
        let want = [(16, 20, 24), (1008, 1266, 1524)];
        let got = |kernel| {
            watermarks(rules(kernel), &managed, 4096, 10).iter().map(|w| (w.min, w.low, w.high)).collect::<Vec<_>>()
        };
        assert_eq!(got("6.12"), [(16, 20, 24), (1008, 1266, 1524)]);
        assert_eq!(got("3.10"), [(16, 20, 24), (1008, 1260, 1512)]);
        assert_eq!(want[0].0, 16);
    }
}
