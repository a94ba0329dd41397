//! What differs from kernel to kernel.

use crate::{KernelVersion, Text};

/// What puts anonymous and file pages on the scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balance {
    /// Until 5.7: how many of the pages looked at lately were still in use (`recent_scanned`,
    /// `recent_rotated`).
    Recent,
    /// Since 5.8: what bringing pages back has cost, in pages (`anon_cost`, `file_cost`).
    Cost,
    /// Since 6.2: the same, where a page of I/O counts 32 times a page kept.
    CostOfIo,
}

/// How many objects of a cache are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlabScan {
    /// 3.10: in proportion to the pages looked at.
    ByPages,
    /// Until 5.12: by priority, at most half of the cache while little is asked for.
    Halved,
    /// Since 5.13: by priority; what was put off counts by priority too.
    ByPriority,
}

/// The rules of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Largest `vm.swappiness`.
    pub swappiness_max: i64,
    /// What is put on the scales.
    pub balance: Balance,
    /// How slab is looked at.
    pub slab: SlabScan,
    /// Until 5.8 new anonymous pages began active, and one touched once stayed.
    pub anon_starts_active: bool,
    /// Pages that went are remembered, and come back as active when they went too soon (3.15).
    pub file_refaults: bool,
    /// The same of anonymous pages (5.9).
    pub anon_refaults: bool,
    /// Active pages are also taken down while pages come back too soon (4.18 for files).
    pub refaults_deactivate: bool,
    /// `vm.watermark_scale_factor` (4.6).
    pub scale_factor: bool,
    /// The ratio of the lists follows their size; 3.10 had half and half for files.
    pub file_ratio: bool,
    /// The larger list is only nudged once enough was freed (6.1).
    pub nudges: bool,
    /// Counters are told apart by type of page (`pgscan_anon`, 5.8).
    pub counts_types: bool,
    /// A kernel of [`crate::buddy_allocator`] with the same watermarks.
    pub watermarks: KernelVersion,
}

impl Rules {
    /// The rules of a kernel.
    ///
    /// # Errors
    /// Why they are not known.
    pub fn of(kernel: KernelVersion) -> Result<Rules, Text> {
        let since = |major, minor| kernel >= KernelVersion::new(major, minor, 0);
        let rhel7 = (kernel.major, kernel.minor) == (3, 10);
        if !rhel7 && !since(4, 18) || since(8, 0) {
            return Err(Text::fixed(
                "이 버전의 규칙은 확인하지 않았습니다",
                "the rules of this version have not been looked into",
            ));
        }
        Ok(Rules {
            swappiness_max: if since(5, 8) { 200 } else { 100 },
            balance: if since(6, 2) {
                Balance::CostOfIo
            } else if since(5, 8) {
                Balance::Cost
            } else {
                Balance::Recent
            },
            slab: if rhel7 {
                SlabScan::ByPages
            } else if since(5, 13) {
                SlabScan::ByPriority
            } else {
                SlabScan::Halved
            },
            anon_starts_active: !since(5, 9),
            file_refaults: !rhel7,
            anon_refaults: since(5, 9),
            refaults_deactivate: !rhel7,
            scale_factor: !rhel7,
            file_ratio: !rhel7,
            nudges: since(6, 1),
            counts_types: since(5, 8),
            watermarks: match () {
                () if rhel7 => KernelVersion::new(3, 10, 0),
                () if since(6, 12) => KernelVersion::new(6, 12, 0),
                () => KernelVersion::new(4, 18, 0),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_came_with_its_kernel() {
        let rules = |kernel: &str| Rules::of(kernel.parse().unwrap());
        for (kernel, balance, slab, most) in [
            ("3.10", Balance::Recent, SlabScan::ByPages, 100),
            ("4.18", Balance::Recent, SlabScan::Halved, 100),
            ("5.10", Balance::Cost, SlabScan::Halved, 200),
            ("6.1", Balance::Cost, SlabScan::ByPriority, 200),
            ("6.12.107", Balance::CostOfIo, SlabScan::ByPriority, 200),
        ] {
            let got = rules(kernel).unwrap();
            assert_eq!((got.balance, got.slab, got.swappiness_max), (balance, slab, most), "{kernel}");
        }
        for kernel in ["2.6.32", "3.11", "4.17", "8.0"] {
            assert!(rules(kernel).is_err(), "{kernel}");
        }
    }
}
