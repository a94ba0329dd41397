//! Watermarks and reserves: why free memory is not allocatable memory.

use super::pcp::Pcp;
use super::rules::{PcpEra, Rules};
use super::zone::{MAX_PAGE_ORDER, ORDERS, Zone};

/// Which zones there are, by index; also the index into `lowmem_reserve`.
pub const ZONES: [&str; 4] = ["DMA", "DMA32", "Normal", "Movable"];
/// The index of `ZONE_NORMAL`.
pub const NORMAL: usize = 2;
/// The index of `ZONE_MOVABLE`.
pub const ZONE_MOVABLE: usize = 3;

/// The marks of a zone, pages, without the boost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Below it only requests with special rights are served.
    pub min: u64,
    /// Below it kswapd is woken.
    pub low: u64,
    /// Above it kswapd goes back to sleep.
    pub high: u64,
    /// Where a tiering node stops demoting (5.18).
    pub promo: u64,
    /// Kept from requests that could have used a higher zone, by the highest zone they may use.
    pub lowmem_reserve: [u64; 4],
}

/// What the marks follow from (`/proc/sys/vm`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `min_free_kbytes`; `None` for what the kernel chooses.
    pub min_free_kbytes: Option<u64>,
    /// `watermark_scale_factor`, in 1/10000 of the zone.
    pub watermark_scale_factor: u64,
    /// `lowmem_reserve_ratio` by zone; 0 switches a reserve off.
    pub lowmem_reserve_ratio: [u64; 4],
    /// Whether khugepaged runs, which raises `min_free_kbytes`.
    pub thp: bool,
    /// `percpu_pagelist_high_fraction`; 0 for the kernel's own rule.
    pub pcp_high_fraction: u64,
    /// CPUs that share the zones.
    pub cpus: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            min_free_kbytes: None,
            watermark_scale_factor: 10,
            lowmem_reserve_ratio: [256, 256, 32, 0],
            thp: false,
            pcp_high_fraction: 0,
            cpus: 1,
        }
    }
}

impl Settings {
    /// `min_free_kbytes` of a machine with these managed pages by zone
    /// (`calculate_min_free_kbytes`, `set_recommended_min_free_kbytes`).
    pub fn min_free_kbytes(&self, managed: [u64; 4], rules: &Rules) -> u64 {
        if let Some(kbytes) = self.min_free_kbytes {
            return kbytes;
        }
        let lowmem: u64 = managed[..=NORMAL].iter().sum();
        let root = (16 * lowmem * 4).isqrt().clamp(128, rules.min_free_cap_kb);
        if !self.thp {
            return root;
        }
        let zones = managed[..=NORMAL].iter().filter(|pages| **pages > 0).count() as u64;
        let recommended = (512 * zones * 2 + 512 * zones * 9).min(lowmem / 20) * 4;
        root.max(recommended)
    }

    /// The marks of every zone (`__setup_per_zone_wmarks`, `setup_per_zone_lowmem_reserve`).
    pub fn marks(&self, managed: [u64; 4], rules: &Rules) -> [Marks; 4] {
        let pages_min = self.min_free_kbytes(managed, rules) / 4;
        // Until 6.12 ZONE_MOVABLE shares in what is to be kept free.
        let shares = if rules.movable_apart { NORMAL } else { ZONE_MOVABLE };
        let lowmem: u64 = managed[..=shares].iter().sum::<u64>().max(1);
        let mut marks = [Marks::default(); 4];
        for (i, marks) in marks.iter_mut().enumerate() {
            let share = (u128::from(pages_min) * u128::from(managed[i]) / u128::from(lowmem)) as u64;
            let apart = i == ZONE_MOVABLE && rules.movable_apart;
            marks.min = if apart { (managed[i] / 1024).clamp(32, 128) } else { share };
            let step =
                (share / 4).max(if rules.scale_factor { managed[i] * self.watermark_scale_factor / 10_000 } else { 0 });
            (marks.low, marks.high, marks.promo) = (marks.min + step, marks.min + 2 * step, marks.min + 3 * step);
            if !rules.scale_factor {
                (marks.low, marks.high) = (marks.min + share / 4, marks.min + share / 2);
            }
            let mut above = 0;
            for (reserve, pages) in marks.lowmem_reserve.iter_mut().zip(managed).skip(i + 1) {
                above += pages;
                *reserve = above.checked_div(self.lowmem_reserve_ratio[i]).unwrap_or(0);
            }
        }
        marks
    }

    /// The per-CPU lists of a zone as they are set up (`pageset_init`,
    /// `zone_set_pageset_high_and_batch`).
    pub fn pcp(&self, managed: u64, low: u64, rules: &Rules) -> Pcp {
        let batch = super::pcp::zone_batchsize(rules, managed);
        let cpus = self.cpus.max(1);
        let at_least = 4 * batch;
        let (high_min, high_max) = match (rules.pcp, self.pcp_high_fraction) {
            (PcpEra::OrderZero, _) => (6 * batch, 6 * batch),
            (PcpEra::FreeFactor, 0) => {
                let high = ((low / cpus) as i64).max(at_least);
                (high, high)
            }
            (PcpEra::Auto { .. }, 0) => {
                (((low / cpus) as i64).max(at_least), ((managed / 8 / cpus) as i64).max(at_least))
            }
            (_, fraction) => {
                let high = ((managed / fraction / cpus) as i64).max(at_least);
                (high, high)
            }
        };
        Pcp { batch, high: high_min, high_min, high_max, ..Pcp::default() }
    }
}

/// Rights of a request against the marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// May go half below the mark (`__GFP_HIGH`).
    pub high: bool,
    /// Cannot wait, and may go a quarter further (`ALLOC_NON_BLOCK`, once `ALLOC_HARDER`).
    pub non_block: bool,
}

impl Zone {
    /// Whether a request may be served (`__zone_watermark_ok`); `highest` is the highest zone it
    /// may use.
    pub fn watermark_ok(&self, order: u32, mark: u64, highest: usize, rights: Rights) -> bool {
        let free = self.free_pages().saturating_sub((1 << order) - 1);
        let mut mark = mark;
        if rights.high {
            mark -= mark / 2;
        }
        if rights.non_block && (rights.high || self.rules.halves_mark) {
            mark -= mark / 4;
        }
        if free <= mark + self.marks.lowmem_reserve[highest] {
            return false;
        }
        if self.rules.halves_mark {
            return self.halved_ok(order, free, mark);
        }
        order == 0 || (order..=MAX_PAGE_ORDER).any(|o| (0..3).any(|mt| self.first(o, mt).is_some()))
    }

    /// 4.3 and older: what is in smaller blocks does not count, and the mark is halved each time.
    fn halved_ok(&self, order: u32, mut free: u64, mut mark: u64) -> bool {
        for smaller in 0..order {
            free = free.saturating_sub(self.nr_free(smaller) << smaller);
            mark >>= 1;
            if free <= mark {
                return false;
            }
        }
        true
    }

    /// Looks whether free pages are below the high mark (`get_page_from_freelist`, 6.7): if so,
    /// frees keep less on the per-CPU lists.
    pub fn look_below_high(&mut self, order: u32, highest: usize) {
        if let PcpEra::Auto { .. } = self.rules.pcp
            && !self.pcp.below_high
        {
            let mark = self.marks.high + self.watermark_boost;
            self.pcp.below_high = !self.watermark_ok(order, mark, highest, Rights::default());
        }
    }

    /// Looks whether they no longer are, after a drain.
    pub fn look_above_high(&mut self) {
        if self.pcp.below_high {
            let mark = self.marks.high + self.watermark_boost;
            self.pcp.below_high = !self.watermark_ok(0, mark, ZONE_MOVABLE, Rights::default());
        }
    }

    /// After a fallback more is kept free for a while (`boost_watermark`); returns whether the
    /// boost grew. `factor` is `watermark_boost_factor`.
    pub fn boost_watermark(&mut self, factor: u64) -> bool {
        // A small zone would be busy with nothing else.
        if factor == 0 || self.managed < 4 * 512 {
            return false;
        }
        let most = (self.marks.high * factor / 10_000).max(512);
        let boost = (self.watermark_boost + 512).min(most);
        let grew = boost > self.watermark_boost;
        self.watermark_boost = self.watermark_boost.max(boost);
        grew
    }
}

const _: () = assert!(ORDERS == MAX_PAGE_ORDER as usize + 1);

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(kernel: &str) -> Rules {
        Rules::of(kernel.parse().unwrap()).unwrap()
    }

    #[test]
    fn min_free_kbytes_grows_with_the_root_of_memory() {
        let gib = |n: u64| [0, 0, n << 18, 0];
        let kb = |managed, settings: Settings| settings.min_free_kbytes(managed, &rules("6.1"));
        for (n, want) in
            [(1, 4096), (4, 8192), (16, 16384), (64, 32768), (256, 65536), (1024, 131_072), (8192, 262_144)]
        {
            assert_eq!(kb(gib(n), Settings::default()), want, "{n} GiB");
        }
        let thp = Settings { thp: true, ..Settings::default() };
        assert_eq!(kb([3840, 500_000, 0, 0], thp), 45_056);
        assert_eq!(kb([3840, 500_000, 500_000, 0], thp), 67_584);
        // A small machine keeps at most a twentieth.
        assert_eq!(kb([0, 0, 2000, 0], thp), 400);
    }

    #[test]
    fn marks_and_reserves_follow_the_zones() {
        let managed = [3840, 500_000, 500_000, 0];
        let settings = Settings { min_free_kbytes: Some(67_584), ..Settings::default() };
        let marks = settings.marks(managed, &rules("6.1"));
        let min = 16_896 * 500_000 / 1_003_840;
        assert_eq!((marks[2].min, marks[2].low, marks[2].high), (min, min + min / 4, min + 2 * (min / 4)));
        assert_eq!(marks[0].lowmem_reserve, [0, 500_000 / 256, 1_000_000 / 256, 1_000_000 / 256]);
        assert_eq!(marks[2].lowmem_reserve, [0; 4]);
        // A large scale factor overrules the quarter.
        let wide = Settings { watermark_scale_factor: 1000, ..settings }.marks(managed, &rules("6.1"));
        assert_eq!(wide[2].low - wide[2].min, 50_000);
        // RHEL 7 has no scale factor and a narrower band.
        let old = Settings { watermark_scale_factor: 1000, ..settings }.marks(managed, &rules("3.10"));
        assert_eq!((old[2].low, old[2].high), (min + min / 4, min + min / 2));
        let movable = [3840, 500_000, 0, 500_000];
        assert_eq!(settings.marks(movable, &rules("6.12"))[3].min, 128);
        assert_eq!(settings.marks(movable, &rules("6.1"))[3].min, min);
    }

    #[test]
    fn per_cpu_lists_are_sized_by_the_zone() {
        let s = Settings::default();
        for (kernel, managed, low, want) in [
            ("3.10", 1 << 20, 5000, (31, 186, 186)),
            ("4.18", 1 << 20, 5000, (31, 186, 186)),
            ("5.10", 1 << 20, 5000, (63, 378, 378)),
            ("6.1", 1 << 20, 5000, (63, 5000, 5000)),
            ("6.1", 1 << 20, 100, (63, 252, 252)),
            ("6.12", 1 << 20, 5000, (63, 5000, 1 << 17)),
            ("6.12", 50_552, 541, (15, 541, 6319)),
            ("6.12", 3840, 40, (1, 40, 480)),
        ] {
            let pcp = s.pcp(managed, low, &rules(kernel));
            assert_eq!((pcp.batch, pcp.high_min, pcp.high_max), want, "{kernel} {managed}");
        }
    }
}
