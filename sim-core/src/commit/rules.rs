//! What changed from kernel to kernel.

use crate::{KernelVersion, Text};

/// The rules of one kernel version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What `vm.overcommit_memory` 0 looks at.
    pub guess: Guess,
    /// Whether the OOM killer thinks 3 % less of processes of root (until 4.16).
    pub root_discount: bool,
    /// Whether `/proc/PID/oom_score` is 2/3 of a thousand and the share (5.9), and not the share alone.
    pub shifted_score: bool,
    /// Whether RES is told in parts in `/proc/PID/status` (4.5).
    pub rss_in_parts: bool,
    /// Whether `watermark_scale_factor` widens the distance between the watermarks (4.6).
    pub scale_factor: bool,
}

/// What the heuristic of mode 0 compares a request with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// Until 5.1, and RHEL 7: what is free or could be freed.
    Free,
    /// Since 5.2, and RHEL 8: all RAM and swap.
    Total,
}

/// Kernels whose rules are known, in words.
pub const KERNELS: &str = "3.10..7.x";

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
        // RHEL 8 has the new heuristic under its old number.
        let rhel8 = (kernel.major, kernel.minor) == (4, 18);
        Ok(Rules {
            guess: if kernel >= v(5, 2, 0) || rhel8 { Guess::Total } else { Guess::Free },
            root_discount: kernel < v(4, 17, 0),
            shifted_score: kernel >= v(5, 9, 0),
            rss_in_parts: kernel >= v(4, 5, 0),
            scale_factor: kernel >= v(4, 6, 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_rules_of_their_time() {
        use Guess::{Free, Total};
        for (kernel, want) in [
            ("2.6.32", None),
            ("3.10", Some((Free, true, false))),
            ("4.9", Some((Free, true, false))),
            ("4.17", Some((Free, false, false))),
            ("4.18", Some((Total, false, false))),
            ("5.1", Some((Free, false, false))),
            ("5.2", Some((Total, false, false))),
            ("5.9", Some((Total, false, true))),
            ("6.18.44", Some((Total, false, true))),
            ("8.0", None),
        ] {
            let rules = Rules::of(kernel.parse().unwrap()).ok();
            assert_eq!(rules.map(|r| (r.guess, r.root_discount, r.shifted_score)), want, "{kernel}");
        }
    }
}
