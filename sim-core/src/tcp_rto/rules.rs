//! What changed from kernel to kernel.

use super::scenario::Scenario;
use crate::{KernelVersion, Text};

/// The rules of one kernel version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Timeout before anything was measured, s: 3 until 3.0, then 1 (`TCP_TIMEOUT_INIT`).
    pub timeout_init_s: u64,
    /// Whether round trips are measured in µs (3.15), else in ticks.
    pub microseconds: bool,
    /// Whether there are loss probes (3.10).
    pub loss_probes: bool,
    /// Whether the margin of a loss probe is 2 ms (6.6), else two ticks.
    pub probe_margin_us: bool,
    /// Whether the first SYN timeouts do not double (6.5).
    pub syn_linear: bool,
    /// Whether a user timeout shortens the wait before it (4.19).
    pub clamps_to_user_timeout: bool,
    /// Whether `tcp_rto_min_us` is there (6.11).
    pub rto_min_sysctl: bool,
    /// Whether `tcp_rto_max_ms` is there (6.15).
    pub rto_max_sysctl: bool,
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
            timeout_init_s: if kernel < v(3, 1, 0) { 3 } else { 1 },
            microseconds: kernel >= v(3, 15, 0),
            loss_probes: kernel >= v(3, 10, 0),
            probe_margin_us: kernel >= v(6, 6, 0),
            syn_linear: kernel >= v(6, 5, 0),
            clamps_to_user_timeout: kernel >= v(4, 19, 0),
            rto_min_sysctl: kernel >= v(6, 11, 0),
            rto_max_sysctl: kernel >= v(6, 15, 0),
            timer_wheel: kernel >= v(4, 8, 0),
        })
    }

    /// Floor under the variance, µs: of the route, of the socket, of the sysctl, in this order
    /// (`include/net/tcp.h: tcp_rto_min`).
    pub fn rto_min_us(self, scenario: &Scenario) -> u64 {
        let sysctl = if self.rto_min_sysctl { scenario.tcp_rto_min_us } else { 200_000 };
        let route = scenario.route_rto_min_ms.saturating_mul(1000);
        let said = [route, scenario.socket_rto_min_us].into_iter().find(|us| *us > 0);
        u64::try_from(said.unwrap_or(sysctl)).unwrap_or(0)
    }

    /// Longest timeout, ms (`TCP_RTO_MAX`).
    pub fn rto_max_ms(self, scenario: &Scenario) -> u64 {
        if self.rto_max_sysctl { u64::try_from(scenario.tcp_rto_max_ms).unwrap_or(120_000) } else { 120_000 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_rules_of_their_time() {
        for (kernel, want) in [
            ("2.6.31", None),
            ("2.6.34", Some((3, false, false, false, false, false))),
            ("3.1", Some((1, false, false, false, false, false))),
            ("3.10", Some((1, false, true, false, false, false))),
            ("3.15", Some((1, true, true, false, false, false))),
            ("4.19", Some((1, true, true, false, true, false))),
            ("6.1", Some((1, true, true, false, true, false))),
            ("6.5", Some((1, true, true, true, true, false))),
            ("6.11", Some((1, true, true, true, true, true))),
            ("8.0", None),
        ] {
            let rules = Rules::of(kernel.parse().unwrap()).ok();
            let seen = rules.map(|r| {
                (r.timeout_init_s, r.microseconds, r.loss_probes, r.syn_linear, r.timer_wheel, r.rto_min_sysctl)
            });
            assert_eq!(seen, want, "{kernel}");
        }
    }

    #[test]
    fn the_route_comes_before_the_socket_and_that_before_the_sysctl() {
        let now = Rules::of(KernelVersion::new(6, 18, 0)).unwrap();
        let then = Rules::of(KernelVersion::new(6, 1, 0)).unwrap();
        let base = Scenario { tcp_rto_min_us: 50_000, ..Scenario::default() };
        for (route, socket, want) in [(0, 0, 50_000), (0, 10_000, 10_000), (20, 10_000, 20_000)] {
            let scenario = Scenario { route_rto_min_ms: route, socket_rto_min_us: socket, ..base.clone() };
            assert_eq!(now.rto_min_us(&scenario), want);
        }
        assert_eq!(then.rto_min_us(&base), 200_000);
    }
}
