//! What changed from kernel to kernel.

use crate::{KernelVersion, Text};

/// The rules of one kernel version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Who writes when there is too much.
    pub throttling: Throttling,
    /// Which memory the ratios are taken of.
    pub dirtyable: Dirtyable,
    /// Whether ratios are kept in 1/4096 instead of percent (4.2).
    pub fine_ratio: bool,
    /// Where a disk that wrote little is given a share to begin with.
    pub floor: Floor,
    /// Whether the position ratio is kept at most 2 (after 3.10).
    pub clamped_pos_ratio: bool,
    /// Whether the rates are brought up to date before the position is looked at (3.10 and older).
    pub early_update: bool,
    /// Whether a strict disk with almost nothing dirty may go twice as fast (until 6.12).
    pub strict_doubling: bool,
    /// Whether a bandwidth update follows when a disk has become quiet (5.16).
    pub update_at_rest: bool,
    /// Whether an update after a quiet second is skipped (5.15 and older).
    pub skips_quiet: bool,
    /// Whether timers far away are rounded up (4.8).
    pub timer_wheel: bool,
    /// Who flushes, as `ps` shows it.
    pub flusher: Flusher,
}

/// Who writes when there is too much dirty memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttling {
    /// Until 3.1: the writer itself writes pages out, then sleeps 1, 2, 4 … ticks and looks again.
    WriterWrites,
    /// Since 3.2: the writer only pauses, for as long as its disk needs.
    Pauses,
}

/// Which memory the ratios are taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dirtyable {
    /// 2.6.18: all of RAM, with `dirty_ratio` at most half of what is not mapped.
    TotalRam,
    /// 2.6.32: free memory and page cache, with `dirty_ratio` at least 5.
    Reclaimable,
    /// Later: free memory above the reserve, and page cache.
    FreeAndFile,
}

/// Where a disk that wrote little is given a share to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floor {
    /// Only when the speed of its writers is worked out: its pages still count as too many.
    InPosRatio,
    /// In the share itself (6.18): its pages wait for their age.
    InThresh,
}

/// Who flushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flusher {
    /// 2.6.18: two to eight `pdflush` threads for all disks.
    Pdflush,
    /// 2.6.32 to 3.9: a thread a disk, `flush-8:0`.
    Thread,
    /// Since 3.10: a worker, `kworker/u4:0+flush-8:0`.
    Worker,
}

impl Rules {
    /// The rules of a version.
    ///
    /// # Errors
    /// Why a version is not modelled.
    pub fn of(kernel: KernelVersion) -> Result<Rules, Text> {
        let v = KernelVersion::new;
        let dirtyable = match kernel {
            k if k < v(2, 6, 18) || k >= v(8, 0, 0) => {
                return Err(Text::fixed(
                    "2.6.18부터 7.x까지의 커널만 모델링했습니다",
                    "only kernels from 2.6.18 to 7.x are modelled",
                ));
            }
            k if k == v(2, 6, 18) => Dirtyable::TotalRam,
            k if k < v(2, 6, 32) => {
                return Err(Text::fixed(
                    "2.6.19부터 2.6.31까지는 모델링하지 않았습니다. 2.6.18이나 2.6.32를 고르십시오",
                    "2.6.19 to 2.6.31 are not modelled; choose 2.6.18 or 2.6.32",
                ));
            }
            k if k < v(3, 2, 0) => Dirtyable::Reclaimable,
            _ => Dirtyable::FreeAndFile,
        };
        let pauses = kernel >= v(3, 2, 0);
        Ok(Rules {
            throttling: if pauses { Throttling::Pauses } else { Throttling::WriterWrites },
            dirtyable,
            fine_ratio: kernel >= v(4, 2, 0),
            floor: if kernel >= v(6, 14, 0) { Floor::InThresh } else { Floor::InPosRatio },
            clamped_pos_ratio: kernel >= v(3, 11, 0),
            early_update: kernel < v(3, 11, 0),
            strict_doubling: kernel < v(6, 14, 0),
            update_at_rest: kernel >= v(5, 16, 0),
            skips_quiet: kernel < v(5, 16, 0),
            timer_wheel: kernel >= v(4, 8, 0),
            flusher: match kernel {
                k if k < v(2, 6, 32) => Flusher::Pdflush,
                k if k < v(3, 10, 0) => Flusher::Thread,
                _ => Flusher::Worker,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_rules_of_their_time() {
        use Dirtyable::{FreeAndFile, Reclaimable, TotalRam};
        use Floor::{InPosRatio, InThresh};
        use Throttling::{Pauses, WriterWrites};
        for (kernel, want) in [
            ("2.6.17", None),
            ("2.6.18", Some((WriterWrites, TotalRam, InPosRatio, false))),
            ("2.6.24", None),
            ("2.6.32", Some((WriterWrites, Reclaimable, InPosRatio, false))),
            ("3.1", Some((WriterWrites, Reclaimable, InPosRatio, false))),
            ("3.2", Some((Pauses, FreeAndFile, InPosRatio, false))),
            ("3.10", Some((Pauses, FreeAndFile, InPosRatio, false))),
            ("4.18", Some((Pauses, FreeAndFile, InPosRatio, true))),
            ("6.12.107", Some((Pauses, FreeAndFile, InPosRatio, true))),
            ("6.18", Some((Pauses, FreeAndFile, InThresh, true))),
            ("7.3.4", Some((Pauses, FreeAndFile, InThresh, true))),
            ("8.0", None),
        ] {
            let rules = Rules::of(kernel.parse().unwrap()).ok();
            assert_eq!(rules.map(|r| (r.throttling, r.dirtyable, r.floor, r.fine_ratio)), want, "{kernel}");
        }
    }
}
