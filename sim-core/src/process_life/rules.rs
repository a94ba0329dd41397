//! What changed from kernel to kernel.

use crate::load_average;
use crate::load_average::calc::Rounding;
use crate::{KernelVersion, Text};

/// Not enough processes or threads left.
pub const EAGAIN: i64 = 11;
/// No memory; until 4.0 also no PID.
pub const ENOMEM: i64 = 12;
/// No child to wait for.
pub const ECHILD: i64 = 10;

/// The rules of one kernel version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What fork returns when no PID is left (`kernel/fork.c: copy_process`): ENOMEM until 4.0.
    pub no_pid: i64,
    /// Whether a new subreaper also adopts from descendants it had before (4.11,
    /// `kernel/sys.c: propagate_has_child_subreaper`).
    pub subreaper_propagates: bool,
    /// Whether kernel threads without work are I rather than S (4.14).
    pub idle_state: bool,
    /// How load averages are rounded.
    pub rounding: Rounding,
    /// Ticks of 4 ms between two samples of the load.
    pub load_ticks: u64,
}

/// Kernels whose rules are known, in words.
pub const KERNELS: &str = "3.10..7.x";

/// Ticks a second of the load samples.
const HZ: u64 = 250;

impl Rules {
    /// The rules of a version.
    ///
    /// # Errors
    /// Why a version is not modelled.
    pub fn of(kernel: KernelVersion) -> Result<Rules, Text> {
        let v = KernelVersion::new;
        if kernel < v(3, 10, 0) || kernel >= v(8, 0, 0) {
            return Err(Text::fixed(
                "3.10부터 7.x까지의 커널만 모델링했습니다",
                "only kernels from 3.10 to 7.x are modelled",
            ));
        }
        let load = load_average::Rules::of(kernel, false)?;
        Ok(Rules {
            no_pid: if kernel < v(4, 1, 0) { ENOMEM } else { EAGAIN },
            subreaper_propagates: kernel >= v(4, 11, 0),
            idle_state: kernel >= v(4, 14, 0),
            rounding: load.rounding,
            load_ticks: load.load_freq(HZ),
        })
    }

    /// Between two samples of the load, ns.
    pub fn load_period(self) -> crate::Nanos {
        self.load_ticks * crate::SECOND / HZ
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_rules_of_their_time() {
        for (kernel, want) in [
            ("2.6.32", None),
            ("3.10", Some((ENOMEM, false, false))),
            ("4.0.9", Some((ENOMEM, false, false))),
            ("4.1", Some((EAGAIN, false, false))),
            ("4.11", Some((EAGAIN, true, false))),
            ("4.18", Some((EAGAIN, true, true))),
            ("6.18.44", Some((EAGAIN, true, true))),
            ("8.0", None),
        ] {
            let rules = Rules::of(kernel.parse().unwrap()).ok();
            assert_eq!(rules.map(|r| (r.no_pid, r.subreaper_propagates, r.idle_state)), want, "{kernel}");
        }
    }
}
