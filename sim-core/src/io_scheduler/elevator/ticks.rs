//! The kernel's clock.

use crate::Nanos;

/// Ticks of the kernel's clock.
#[derive(Clone, Copy, Debug)]
pub struct Ticks {
    hz: u64,
}

impl Ticks {
    /// The clock of `CONFIG_HZ`.
    pub fn new(hz: u32) -> Ticks {
        Ticks { hz: u64::from(hz).clamp(1, 10_000) }
    }

    /// `jiffies` at a time.
    pub fn at(self, now: Nanos) -> u64 {
        now / (1_000_000_000 / self.hz)
    }

    /// When that tick comes.
    pub fn time(self, tick: u64) -> Nanos {
        tick.saturating_mul(1_000_000_000 / self.hz)
    }

    /// `msecs_to_jiffies`: rounded up.
    pub fn of_ms(self, ms: i64) -> u64 {
        // As the kernel's own int: no deadline lies beyond 2^31 ticks.
        u64::try_from(ms).unwrap_or(0).saturating_mul(self.hz).div_ceil(1000).min(i32::MAX as u64)
    }

    /// `jiffies_to_msecs`.
    pub fn to_ms(self, ticks: u64) -> u64 {
        ticks.saturating_mul(1000) / self.hz
    }
}
