//! What changed from kernel to kernel.

use crate::{KernelVersion, Text};

/// The rules of one kernel version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether there is `TCP_USER_TIMEOUT` (2.6.37).
    pub user_timeout: bool,
    /// Whether there are loss probes (3.10).
    pub loss_probes: bool,
    /// Whether timers are rounded by the wheel (4.8), else to the tick.
    pub timer_wheel: bool,
}

impl Rules {
    /// The rules of a version.
    ///
    /// # Errors
    /// Why a version is not modelled.
    pub fn of(kernel: KernelVersion) -> Result<Rules, Text> {
        let v = KernelVersion::new;
        if kernel < v(2, 6, 32) || kernel >= v(8, 0, 0) {
            return Err(Text::fixed(
                "2.6.32부터 7.x까지의 커널만 모델링했습니다",
                "only kernels from 2.6.32 to 7.x are modelled",
            ));
        }
        Ok(Rules {
            user_timeout: kernel >= v(2, 6, 37),
            loss_probes: kernel >= v(3, 10, 0),
            timer_wheel: kernel >= v(4, 8, 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_rules_of_their_time() {
        for (kernel, want) in [
            ("2.6.31", None),
            ("2.6.34", Some((false, false, false))),
            ("2.6.37", Some((true, false, false))),
            ("3.10", Some((true, true, false))),
            ("4.8", Some((true, true, true))),
            ("8.0", None),
        ] {
            let rules = Rules::of(kernel.parse().unwrap()).ok();
            assert_eq!(rules.map(|r| (r.user_timeout, r.loss_probes, r.timer_wheel)), want, "{kernel}");
        }
    }
}
