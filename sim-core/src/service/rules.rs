//! What changed from kernel to kernel.

use crate::{KernelVersion, Nanos, SECOND, Text};

/// The rules of one kernel version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Time until a SYN that was not answered is sent again for the first time: `TCP_TIMEOUT_INIT`,
    /// 3 s until 3.0, 1 s since 3.1.
    pub timeout_init: Nanos,
    /// How many times it is sent again before the time doubles: `tcp_syn_linear_timeouts`, 4 since 6.5.
    pub syn_linear_timeouts: u32,
    /// Default of `net.core.somaxconn`: 128 until 5.3, 4096 since 5.4.
    pub somaxconn: i64,
    /// Last local port of the default range: 61000 until 4.1, 60999 since 4.2.
    pub last_port: i64,
}

/// First local port of the default range.
pub const FIRST_PORT: i64 = 32_768;
/// How many times a SYN is sent again (`tcp_syn_retries`, 6 since 3.7; 5 before).
const SYN_RETRIES: u32 = 6;

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
        let since = |major, minor| kernel >= v(major, minor, 0);
        Ok(Rules {
            timeout_init: if since(3, 1) { SECOND } else { 3 * SECOND },
            syn_linear_timeouts: if since(6, 5) { 4 } else { 0 },
            somaxconn: if since(5, 4) { 4096 } else { 128 },
            last_port: if since(4, 2) { 60_999 } else { 61_000 },
        })
    }

    /// Time from the `n`th sending of a SYN (the first is 1) to the next; nothing once the kernel
    /// gives up.
    pub fn syn_again(&self, n: u32) -> Option<Nanos> {
        let doublings = n.saturating_sub(1).saturating_sub(self.syn_linear_timeouts);
        (n <= SYN_RETRIES + self.syn_linear_timeouts).then(|| self.timeout_init << doublings.min(7))
    }

    /// Local ports of the default range.
    pub fn ports(&self) -> i64 {
        self.last_port - FIRST_PORT + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schedules were recorded on 6.18, with `tcp_syn_linear_timeouts` 4 and 0.
    #[test]
    fn a_syn_is_sent_again_as_its_kernel_does() {
        for (kernel, times, ports, somaxconn) in [
            ("2.6.32", vec![3, 9, 21, 45], 28_233, 128),
            ("3.10", vec![1, 3, 7, 15], 28_233, 128),
            ("4.18", vec![1, 3, 7, 15], 28_232, 128),
            ("5.10", vec![1, 3, 7, 15, 31, 63], 28_232, 4096),
            ("6.12", vec![1, 2, 3, 4, 5, 7, 11, 19, 35, 67], 28_232, 4096),
        ] {
            let rules = Rules::of(kernel.parse().unwrap()).unwrap();
            let mut at = 0;
            for (i, want) in times.iter().enumerate() {
                at += rules.syn_again(i as u32 + 1).unwrap();
                assert_eq!(at / SECOND, *want, "{kernel} {i}");
            }
            assert_eq!((rules.ports(), rules.somaxconn), (ports, somaxconn), "{kernel}");
            assert_eq!(rules.syn_again(11), None, "{kernel}");
        }
        assert!(Rules::of("2.6.18".parse().unwrap()).is_err());
    }
}
