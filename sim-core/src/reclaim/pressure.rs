//! Time lost for want of memory (`kernel/sched/psi.c`), kept as if somebody read the file all the
//! time.

use crate::load_average::calc::{FIXED_1, Rounding, calc_load};
use crate::{Nanos, SECOND};

/// Decay factors of avg10, avg60 and avg300.
const EXP: [u64; 3] = [1677, 1981, 2034];
/// Time between two updates: 2 s and a tick of 250 Hz.
const PERIOD: Nanos = 2 * SECOND + SECOND / 250;

/// The share of time in which some program waited for memory, or all did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Averages over 10, 60 and 300 s: percent, times 2048.
    pub avg: [u64; 3],
    /// In all, ns.
    pub total: Nanos,
    pending: Nanos,
}

/// Pressure on memory.
#[derive(Clone, Copy, Debug)]
pub struct Pressure {
    /// When the averages move next.
    pub next: Nanos,
    /// Some program waited.
    pub some: Share,
    /// No program did anything else.
    pub full: Share,
}

impl Pressure {
    /// No pressure so far.
    pub fn new() -> Pressure {
        Pressure { next: PERIOD, some: Share::default(), full: Share::default() }
    }

    /// Accounts time in which some, and all, waited.
    pub fn account(&mut self, some: Nanos, full: Nanos) {
        for (share, lost) in [(&mut self.some, some), (&mut self.full, full)] {
            share.pending += lost;
            share.total += lost;
        }
    }

    /// Moves the averages, a period being over (`update_averages`).
    pub fn update(&mut self) {
        for share in [&mut self.some, &mut self.full] {
            let sample = share.pending.min(PERIOD);
            share.pending -= sample;
            let pct = sample * 100 / PERIOD * FIXED_1;
            for (avg, exp) in share.avg.iter_mut().zip(EXP) {
                *avg = calc_load(Rounding::Towards, *avg, exp, pct);
            }
        }
        self.next += PERIOD;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_loss_rises_as_computed() {
        let mut pressure = Pressure::new();
        for want in [[37100, 6700, 1400], [67480, 13181, 2791], [92356, 19450, 4172]] {
            pressure.account(PERIOD, 0);
            pressure.update();
            assert_eq!((pressure.some.avg, pressure.full.avg), (want, [0; 3]));
        }
    }
}
