//! What changed from kernel to kernel.

use super::calc::Rounding;
use crate::{KernelVersion, Text};

/// The rules of one kernel version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How averages are rounded.
    pub rounding: Rounding,
    /// How the active tasks of all CPUs become one count.
    pub folding: Folding,
    /// Whether there is `/proc/pressure` (4.20).
    pub psi: bool,
    /// Whether `/proc/pressure/cpu` has its `full` line (5.13).
    pub psi_cpu_full: bool,
}

/// How the active tasks of all CPUs become the one count that is averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    /// 2.6.18: all CPUs are counted in the tick that updates. Every CPU ticks.
    Global,
    /// 2.6.31 to 2.6.34 and RHEL 6: each CPU folds in its own tick, and whenever it goes idle;
    /// updates missed while no CPU ticked run one a tick afterwards.
    FoldOnIdle,
    /// 3.5 to 4.11 and RHEL 7: what an idle CPU folds waits in two slots for its window, but a
    /// waking CPU looks at the window of its own before it learns the current one.
    TwoSlotsStaleWake,
    /// Since 4.12, and RHEL 8: the same, with the waking CPU looking at the current window.
    TwoSlots,
}

/// First kernel that is modelled.
pub const OLDEST: KernelVersion = KernelVersion::new(2, 6, 18);

impl Rules {
    /// The rules of a version; `nohz` is whether idle CPUs stop their tick.
    ///
    /// # Errors
    /// Why a version is not modelled.
    pub fn of(kernel: KernelVersion, nohz: bool) -> Result<Rules, Text> {
        let v = KernelVersion::new;
        let rounding = match kernel {
            k if k < v(2, 6, 37) => Rounding::Down,
            k if k < v(4, 7, 0) => Rounding::Nearest,
            _ => Rounding::Towards,
        };
        let folding = match kernel {
            k if k < OLDEST || k >= v(8, 0, 0) => {
                return Err(Text::fixed(
                    "2.6.18부터 7.x까지의 커널만 모델링했습니다",
                    "only kernels from 2.6.18 to 7.x are modelled",
                ));
            }
            k if k == OLDEST => Folding::Global,
            k if k < v(2, 6, 31) => {
                return Err(Text::fixed(
                    "2.6.19부터 2.6.30까지는 모델링하지 않았습니다. 2.6.18이나 2.6.32를 고르십시오",
                    "2.6.19 to 2.6.30 are not modelled; choose 2.6.18 or 2.6.32",
                ));
            }
            k if k < v(2, 6, 35) => Folding::FoldOnIdle,
            k if k < v(3, 5, 0) && nohz => {
                return Err(Text::fixed(
                    "2.6.35부터 3.4까지는 틱 없는 유휴(NO_HZ) 보정 방식이 거듭 바뀌어 모델링하지 않았습니다. nohz를 0으로 하거나 다른 버전을 고르십시오",
                    "from 2.6.35 to 3.4 the correction for tick-less idle (NO_HZ) changed again and again and is not modelled; set nohz to 0 or choose another version",
                ));
            }
            k if k < v(4, 12, 0) => Folding::TwoSlotsStaleWake,
            _ => Folding::TwoSlots,
        };
        Ok(Rules { rounding, folding, psi: kernel >= v(4, 20, 0), psi_cpu_full: kernel >= v(5, 13, 0) })
    }

    /// Ticks between two samples: an odd tick more than 5 s since 2.6.31, so that sampling does
    /// not lock into step with jobs of a 1 s or 5 s period (`LOAD_FREQ`).
    pub fn load_freq(self, hz: u64) -> u64 {
        match self.folding {
            Folding::Global => 5 * hz,
            _ => 5 * hz + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_rules_of_their_time() {
        use Folding::{FoldOnIdle, Global, TwoSlots, TwoSlotsStaleWake};
        use Rounding::{Down, Nearest, Towards};
        for (kernel, nohz, want) in [
            ("2.6.17", true, None),
            ("2.6.18", true, Some((Down, Global))),
            ("2.6.24", false, None),
            ("2.6.32", true, Some((Down, FoldOnIdle))),
            ("2.6.36", true, None),
            ("2.6.36", false, Some((Down, TwoSlotsStaleWake))),
            ("2.6.37", false, Some((Nearest, TwoSlotsStaleWake))),
            ("3.4", true, None),
            ("3.10", true, Some((Nearest, TwoSlotsStaleWake))),
            ("4.6", true, Some((Nearest, TwoSlotsStaleWake))),
            ("4.7", true, Some((Towards, TwoSlotsStaleWake))),
            ("4.11", true, Some((Towards, TwoSlotsStaleWake))),
            ("4.12", true, Some((Towards, TwoSlots))),
            ("4.18", true, Some((Towards, TwoSlots))),
            ("7.3.4", true, Some((Towards, TwoSlots))),
            ("8.0", true, None),
        ] {
            let rules = Rules::of(kernel.parse().unwrap(), nohz).ok();
            assert_eq!(rules.map(|r| (r.rounding, r.folding)), want, "{kernel} nohz={nohz}");
        }
        let today = Rules::of(KernelVersion::new(6, 12, 0), true).unwrap();
        assert_eq!((today.load_freq(250), today.psi, today.psi_cpu_full), (1251, true, true));
        let rhel8 = Rules::of(KernelVersion::new(4, 18, 0), true).unwrap();
        assert!(!rhel8.psi, "mainline 4.18 has no /proc/pressure");
    }
}
