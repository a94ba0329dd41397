//! When a timer of the kernel goes off: jiffies, and the timer wheel.

use crate::{Nanos, SECOND, mul_div};

/// The tick in which a timer goes off that was set for tick `expires` while the wheel stood at `now`
/// (`kernel/time/timer.c: calc_index`, since 4.8): never early, and the coarser the further away.
/// Level n of the wheel counts in 8ⁿ ticks and takes what is less than 63·8ⁿ away.
pub fn wheel_expiry(now: u64, expires: u64) -> u64 {
    let delta = expires.saturating_sub(now);
    let mut shift = 0;
    while shift < 24 && delta >= 63_u64 << shift {
        shift += 3;
    }
    ((expires >> shift) + 1) << shift
}

/// How timers are rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Not at all: a timer goes off as long after it was set as it was set for.
    None,
    /// To the beginning of the tick it was set for, as until 4.7.
    Tick,
    /// As the timer wheel does since 4.8.
    Wheel,
}

/// The clock of a simulated kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jiffies {
    /// Ticks a second.
    pub hz: u64,
    /// `jiffies` at time zero: where the wheel stands.
    pub first: u64,
    /// How long before time zero that tick began; less than a tick.
    pub phase: Nanos,
    /// How timers are rounded.
    pub rounding: Rounding,
}

impl Jiffies {
    /// `jiffies` at a moment.
    pub fn at(&self, t: Nanos) -> u64 {
        let since = mul_div(t.saturating_add(self.phase), self.hz, SECOND);
        // The beginning of a tick is rounded up to the nanosecond where a tick is no whole number of them.
        self.first + since
    }

    /// When a tick begins; time zero for one before it.
    pub fn begins(&self, tick: u64) -> Nanos {
        let since = tick.saturating_sub(self.first);
        let t = mul_div(since, SECOND, self.hz);
        let t = if mul_div(t, self.hz, SECOND) < since { t + 1 } else { t };
        t.saturating_sub(self.phase)
    }

    /// When a timer goes off that is set at `t` for `ticks` from now.
    pub fn expiry(&self, t: Nanos, ticks: u64) -> Nanos {
        self.expiry_seen_from(t, ticks, self.at(t))
    }

    /// The same of a timer that is set while timers are run: the wheel has moved on to the next tick by
    /// then (`kernel/time/timer.c: __run_timers`), and sees the time one tick less far away.
    pub fn expiry_in_handler(&self, t: Nanos, ticks: u64) -> Nanos {
        self.expiry_seen_from(t, ticks, self.at(t) + 1)
    }

    fn expiry_seen_from(&self, t: Nanos, ticks: u64, clk: u64) -> Nanos {
        let now = self.at(t);
        let at = match self.rounding {
            Rounding::None => return t.saturating_add(mul_div(ticks, SECOND, self.hz)),
            Rounding::Tick => now.saturating_add(ticks.max(1)),
            Rounding::Wheel => wheel_expiry(clk, now.saturating_add(ticks)),
        };
        self.begins(at).max(t)
    }

    /// Ticks in so many µs, rounded up (`kernel/time/time.c: usecs_to_jiffies`).
    pub fn usecs_to_jiffies(&self, us: u64) -> u64 {
        u64::try_from((u128::from(us) * u128::from(self.hz)).div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }

    /// Ticks in so many ms, rounded up.
    pub fn msecs_to_jiffies(&self, ms: u64) -> u64 {
        self.usecs_to_jiffies(ms.saturating_mul(1000))
    }

    /// µs in so many ticks.
    pub fn jiffies_to_usecs(&self, ticks: u64) -> u64 {
        mul_div(ticks, 1_000_000, self.hz)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MILLISECOND;

    /// The largest lateness of each level is one granule (seen on a live 6.18).
    #[test]
    fn the_wheel_is_never_early_and_late_by_a_granule_at_most() {
        for (ticks, granule) in
            [(1, 1), (62, 1), (63, 8), (503, 8), (504, 64), (4031, 64), (4032, 512), (300_000, 32_768)]
        {
            for now in [0, 1, 7, 63, 64, 511, 4_294_892_233, 4_294_892_234] {
                let late = wheel_expiry(now, now + ticks) - now - ticks;
                assert!((1..=granule).contains(&late), "{ticks} at {now}: {late}");
            }
        }
    }

    #[test]
    fn ticks_begin_where_they_are_counted() {
        for hz in [100, 250, 300, 1000] {
            let clock = Jiffies { hz, first: 77, phase: 1_234_567, rounding: Rounding::Wheel };
            for tick in 79..500 {
                let begins = clock.begins(tick);
                assert_eq!((clock.at(begins - 1), clock.at(begins)), (tick - 1, tick), "{hz}");
            }
        }
    }

    #[test]
    fn timers_go_off_by_their_rounding() {
        for (rounding, ticks, want_ms) in [
            (Rounding::None, 50, 201),
            (Rounding::Tick, 50, 200),
            (Rounding::Tick, 0, 4),
            (Rounding::Wheel, 50, 204),
            (Rounding::Wheel, 250, 1024),
            (Rounding::Wheel, 500, 2016),
        ] {
            let clock = Jiffies { hz: 250, first: 0, phase: 0, rounding };
            assert_eq!(clock.expiry(MILLISECOND, ticks) / MILLISECOND, want_ms, "{rounding:?} {ticks}");
        }
        // On the border of two levels the two differ: 504 ticks are of the third, 503 of the second.
        let clock = Jiffies { hz: 250, first: 8, phase: 0, rounding: Rounding::Wheel };
        assert_eq!([clock.expiry(0, 504), clock.expiry_in_handler(0, 504)].map(|t| t / MILLISECOND), [2272, 2048]);
    }
}
