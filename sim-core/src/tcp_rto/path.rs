//! What the scenario says ahead of time: when the application writes, how long packets take, which
//! are lost.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::scenario::Scenario;
use crate::{MILLISECOND, Nanos};

/// A request as the application plans it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// When it is written.
    pub t: Nanos,
    /// Of how many packets it is.
    pub segments: u64,
    /// How long the application waits for the answer; 0 for ever.
    pub timeout: Nanos,
}

impl Planned {
    /// Every request of a scenario in the order of time.
    pub(super) fn of(scenario: &Scenario) -> Vec<Planned> {
        let ms = |ms: i64| u64::try_from(ms).unwrap_or(0) * MILLISECOND;
        let end = ms(scenario.duration_ms);
        let mut all = Vec::new();
        for write in &scenario.writes {
            let times = (0..write.count).map(|i| ms(write.at_ms) + ms(write.every_ms) * i as u64);
            all.extend(times.take_while(|t| *t <= end).map(|t| Planned {
                t,
                segments: write.segments as u64,
                timeout: ms(write.timeout_ms),
            }));
        }
        all.sort_by_key(|planned| planned.t);
        all
    }
}

/// What becomes of packets.
#[derive(Clone, Debug)]
pub struct Path {
    /// Transmissions that are lost, by number of the packet.
    losses: Rc<BTreeMap<u64, u64>>,
    /// Round trips by the ordinal of the packet up to which they hold.
    samples: Rc<[(u64, Nanos)]>,
    rtt: Nanos,
    sent: u64,
}

impl Path {
    /// Nothing sent yet.
    pub(super) fn new(scenario: &Scenario) -> Path {
        let us = |us: i64| u64::try_from(us).unwrap_or(0) * 1000;
        let mut losses = BTreeMap::new();
        for loss in &scenario.losses {
            *losses.entry(loss.segment as u64).or_insert(0) += loss.times as u64;
        }
        let mut until = 0;
        let samples = scenario.samples.iter().map(|sample| {
            until += sample.times as u64;
            (until, us(sample.rtt_us))
        });
        Path { samples: samples.collect(), losses: losses.into(), rtt: us(scenario.rtt_us), sent: 0 }
    }

    /// The round trip of the next packet.
    pub(super) fn take(&mut self) -> Nanos {
        let at = self.samples.partition_point(|(until, _)| *until <= self.sent);
        self.sent += 1;
        self.samples.get(at).map_or(self.rtt, |(_, rtt)| *rtt)
    }

    /// Whether the n-th transmission (from 1) of a packet is lost.
    pub(super) fn loses(&self, number: u64, transmission: u32) -> bool {
        self.losses.get(&number).is_some_and(|lost| u64::from(transmission) <= *lost)
    }
}

#[cfg(test)]
mod tests {
    use super::super::scenario::{Loss, Sample, Write};
    use super::*;

    #[test]
    fn packets_take_their_round_trips_in_order_and_the_first_ones_are_lost() {
        let scenario = Scenario {
            rtt_us: 50,
            samples: vec![Sample { rtt_us: 40, times: 2 }, Sample { rtt_us: 240, times: 1 }],
            losses: vec![Loss { segment: 3, times: 1 }, Loss { segment: 3, times: 1 }],
            ..Scenario::default()
        };
        let mut path = Path::new(&scenario);
        assert_eq!([0; 5].map(|_| path.take() / 1000), [40, 40, 240, 50, 50]);
        assert_eq!([1, 2, 3].map(|n| path.loses(3, n)), [true, true, false]);
        assert!(!path.loses(2, 1));
    }

    #[test]
    fn requests_are_laid_out_in_time() {
        let scenario = Scenario {
            duration_ms: 100,
            writes: vec![Write::at(30).times(9, 30), Write::at(10).of(3).within(5)],
            ..Scenario::default()
        };
        let seen: Vec<_> = Planned::of(&scenario).iter().map(|p| (p.t / MILLISECOND, p.segments)).collect();
        assert_eq!(seen, [(10, 3), (30, 1), (60, 1), (90, 1)]);
    }
}
