//! The estimate of the round trip, and the timeout that follows from it.

use crate::timer::Jiffies;

/// What a socket knows of its round trip, in units of the kernel's: µs since 3.15, ticks before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimator {
    /// Eight times the smoothed round trip (`srtt_us`); 0 before the first sample.
    pub srtt: u64,
    /// Four times the smoothed deviation (`mdev_us`).
    pub mdev: u64,
    /// Largest `mdev` of this round trip of data (`mdev_max_us`).
    pub mdev_max: u64,
    /// What is added to the round trip (`rttvar_us`).
    pub rttvar: u64,
    /// The round trip of data ends when this is acknowledged (`rtt_seq`).
    pub rtt_seq: u64,
}

impl Estimator {
    /// Takes a sample in (`net/ipv4/tcp_input.c: tcp_rtt_estimator`). `floor` is the least variance.
    pub fn sample(&mut self, m: u64, floor: u64, snd_una: u64, snd_nxt: u64) {
        if self.srtt == 0 {
            self.srtt = m << 3;
            self.mdev = m << 1;
            self.rttvar = self.mdev.max(floor);
            self.mdev_max = self.rttvar;
            self.rtt_seq = snd_nxt;
            self.srtt = self.srtt.max(1);
            return;
        }
        let error = m as i64 - (self.srtt >> 3) as i64;
        self.srtt = self.srtt.saturating_add_signed(error);
        let quarter = (self.mdev >> 2) as i64;
        let change = if error < 0 {
            // A round trip that fell says little about how far the next may rise.
            let over = -error - quarter;
            if over > 0 { over >> 3 } else { over }
        } else {
            error - quarter
        };
        self.mdev = self.mdev.saturating_add_signed(change);
        if self.mdev > self.mdev_max {
            self.mdev_max = self.mdev;
            self.rttvar = self.rttvar.max(self.mdev_max);
        }
        if snd_una > self.rtt_seq {
            self.rttvar -= self.rttvar.saturating_sub(self.mdev_max) >> 2;
            self.rtt_seq = snd_nxt;
            self.mdev_max = floor;
        }
        self.srtt = self.srtt.max(1);
    }

    /// The timeout in units (`include/net/tcp.h: __tcp_set_rto`).
    pub fn sum(&self) -> u64 {
        (self.srtt >> 3).saturating_add(self.rttvar)
    }

    /// The timeout in ticks, where a unit is a µs.
    pub fn rto(&self, clock: &Jiffies) -> u64 {
        clock.usecs_to_jiffies(self.sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timer::Rounding;

    const FLOOR: u64 = 200_000;

    fn clock(hz: u64) -> Jiffies {
        Jiffies { hz, first: 0, phase: 0, rounding: Rounding::Wheel }
    }

    /// One packet a round trip, so that each sample ends one.
    fn fed(samples: &[u64]) -> Vec<Estimator> {
        let mut estimator = Estimator::default();
        let feed = |(i, m): (usize, &u64)| {
            estimator.sample(*m, FLOOR, i as u64 + 1, i as u64 + 1);
            estimator
        };
        samples.iter().enumerate().map(feed).collect()
    }

    #[test]
    fn a_leap_is_taken_in_at_once_and_given_back_slowly() {
        let seen = fed(&[100_000, 100_000, 100_000, 300_000, 100_000, 100_000, 100_000, 100_000]);
        let rows: Vec<_> =
            seen.iter().map(|e| (e.srtt, e.mdev, e.rttvar, e.rto(&clock(1000)), e.rto(&clock(250)) * 4)).collect();
        assert_eq!(
            rows,
            [
                (800_000, 200_000, 200_000, 300, 300),
                (800_000, 150_000, 200_000, 300, 300),
                (800_000, 112_500, 200_000, 300, 300),
                (1_000_000, 284_375, 284_375, 410, 412),
                (975_000, 238_282, 272_852, 395, 396),
                (953_125, 200_587, 254_786, 374, 376),
                (933_985, 169_581, 241_090, 358, 360),
                (917_237, 143_934, 230_818, 346, 348),
            ]
        );
    }

    #[test]
    fn on_a_lan_the_floor_decides() {
        let seen = fed(&[500, 480, 520, 5000, 500, 500]);
        let rows: Vec<_> = seen.iter().map(|e| (e.srtt, e.mdev, e.rttvar, e.rto(&clock(1000)))).collect();
        let want = [(4000, 1000), (3980, 770), (4003, 601), (8503, 4951), (7941, 4276), (7449, 3699)];
        let rtos = [201, 201, 201, 202, 201, 201];
        let want: Vec<_> = want.iter().zip(rtos).map(|((srtt, mdev), rto)| (*srtt, *mdev, FLOOR, rto)).collect();
        assert_eq!(rows, want);
    }

    #[test]
    fn a_fall_is_believed_slowly() {
        let seen = fed(&[400_000, 100_000, 100_000, 100_000, 100_000, 100_000]);
        let sums: Vec<_> = seen.iter().map(Estimator::sum).collect();
        assert_eq!(sums, [1_200_000, 1_175_000, 1_149_608, 1_123_985, 1_097_669, 1_067_616]);
    }
}
