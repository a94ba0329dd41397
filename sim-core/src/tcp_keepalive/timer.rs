//! The keepalive timer: what it decides when it goes off.

use crate::timer::Jiffies;

/// What the kernel knows when the timer goes off. Times are ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Since something was last received (`keepalive_time_elapsed`).
    pub elapsed: u64,
    /// Probes without an answer (`icsk_probes_out`).
    pub probes_out: u64,
    /// Whether data is under way or waits to be.
    pub data: bool,
}

/// What holds for the socket. Times are ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Quiet until the first probe.
    pub time: u64,
    /// From probe to probe.
    pub intvl: u64,
    /// Probes until it is given up.
    pub probes: u64,
    /// `TCP_USER_TIMEOUT`; 0 for off.
    pub user_timeout: u64,
}

/// What the timer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing but look again in so many ticks.
    Later(u64),
    /// Sends a probe and looks again in so many ticks.
    Probe(u64),
    /// Gives the connection up.
    Abort,
}

impl Settings {
    /// Seconds and a user timeout in ms as ticks of a clock.
    pub fn of(clock: &Jiffies, time_s: u64, intvl_s: u64, probes: u64, user_timeout_ms: u64) -> Settings {
        Settings {
            time: time_s * clock.hz,
            intvl: intvl_s * clock.hz,
            probes,
            user_timeout: clock.msecs_to_jiffies(user_timeout_ms),
        }
    }

    /// `net/ipv4/tcp_timer.c: tcp_keepalive_timer`, of a connected socket with keepalive on.
    pub fn fire(&self, seen: Seen) -> Verdict {
        if seen.data {
            // Retransmission decides then.
            return Verdict::Later(self.time);
        }
        if seen.elapsed < self.time {
            return Verdict::Later(self.time - seen.elapsed);
        }
        let given_up = match self.user_timeout {
            0 => seen.probes_out >= self.probes,
            limit => seen.elapsed >= limit && seen.probes_out > 0,
        };
        if given_up { Verdict::Abort } else { Verdict::Probe(self.intvl) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timer_looks_back_before_it_acts() {
        let plain = Settings { time: 5000, intvl: 2000, probes: 3, user_timeout: 0 };
        let user = |user_timeout| Settings { user_timeout, ..plain };
        for (settings, elapsed, probes_out, data, want) in [
            (plain, 5000, 0, true, Verdict::Later(5000)),
            (plain, 1200, 0, false, Verdict::Later(3800)),
            (plain, 4999, 3, false, Verdict::Later(1)),
            (plain, 5000, 0, false, Verdict::Probe(2000)),
            (plain, 9000, 2, false, Verdict::Probe(2000)),
            (plain, 11_000, 3, false, Verdict::Abort),
            // A user timeout takes the place of the count, but not before a probe.
            (user(7000), 7000, 1, false, Verdict::Abort),
            (user(3000), 5000, 0, false, Verdict::Probe(2000)),
            (user(20_000), 19_000, 7, false, Verdict::Probe(2000)),
            (user(20_000), 21_000, 8, false, Verdict::Abort),
        ] {
            assert_eq!(settings.fire(Seen { elapsed, probes_out, data }), want, "{settings:?} {elapsed} {probes_out}");
        }
    }
}
