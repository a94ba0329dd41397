//! How long things took: counts by logarithmic buckets, from which percentiles are read.

use std::rc::Rc;

use crate::Nanos;

/// Buckets in each doubling; a percentile is off by less than a sixteenth.
const PARTS: u64 = 16;
/// Doublings from 1.024 µs on; the last bucket takes all that is longer.
const DOUBLINGS: u64 = 28;
/// Below one unit nothing is told apart, ns.
const UNIT: Nanos = 64;

/// A distribution of times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latency {
    /// Shared by the checkpoints of a run for as long as nothing is added.
    buckets: Rc<Vec<u32>>,
    count: u64,
    sum: Nanos,
    max: Nanos,
}

impl Default for Latency {
    fn default() -> Latency {
        Latency { buckets: Rc::new(vec![0; (PARTS * (DOUBLINGS + 1)) as usize]), count: 0, sum: 0, max: 0 }
    }
}

/// The bucket of a time.
fn bucket(time: Nanos) -> usize {
    let units = time / UNIT;
    if units < PARTS {
        return units as usize;
    }
    let doubling = u64::from(units.ilog2()) - 3;
    let part = (units >> (doubling - 1)) - PARTS;
    (doubling * PARTS + part).min(PARTS * (DOUBLINGS + 1) - 1) as usize
}

/// The longest time of a bucket.
fn longest(bucket: usize) -> Nanos {
    let (doubling, part) = (bucket as u64 / PARTS, bucket as u64 % PARTS);
    match doubling {
        0 => (part + 1) * UNIT - 1,
        _ => ((PARTS + part + 1) << (doubling - 1)) * UNIT - 1,
    }
}

impl Latency {
    /// Adds a time.
    pub fn add(&mut self, time: Nanos) {
        Rc::make_mut(&mut self.buckets)[bucket(time)] += 1;
        self.count += 1;
        self.sum += time;
        self.max = self.max.max(time);
    }

    /// How many were added.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean, ns; 0 for none.
    pub fn mean(&self) -> Nanos {
        self.sum.checked_div(self.count).unwrap_or(0)
    }

    /// The longest, ns.
    pub fn max(&self) -> Nanos {
        self.max
    }

    /// The time that so many thousandths of them did not exceed, ns, at most a sixteenth too long;
    /// 0 for none.
    pub fn permille(&self, permille: u64) -> Nanos {
        let rank = (self.count * permille).div_ceil(1000).max(1);
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= rank {
                return longest(bucket).min(self.max);
            }
        }
        self.max
    }

    /// Several distributions as one.
    pub fn merged<'a>(all: impl Iterator<Item = &'a Latency>) -> Latency {
        let mut sum = Latency::default();
        let buckets = Rc::make_mut(&mut sum.buckets);
        for one in all.filter(|one| one.count > 0) {
            buckets.iter_mut().zip(one.buckets.iter()).for_each(|(a, b)| *a += b);
            (sum.count, sum.sum, sum.max) = (sum.count + one.count, sum.sum + one.sum, sum.max.max(one.max));
        }
        sum
    }

    /// How many took how long: the longest time of each bucket that is not empty, and its count.
    pub fn distribution(&self) -> Vec<(Nanos, u32)> {
        let filled = self.buckets.iter().enumerate().filter(|(_, count)| **count > 0);
        filled.map(|(bucket, count)| (longest(bucket).min(self.max), *count)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_a_bucket_no_wider_than_a_sixteenth() {
        let mut last = 0;
        for time in (0..64).map(|shift| 1_u64 << shift).flat_map(|t| [t.saturating_sub(1), t, t + t / 3]) {
            let at = bucket(time);
            assert!(at >= last || time < 4, "{time}");
            last = at;
            let end = longest(at);
            if time < 64 << 30 {
                assert!(time <= end && end - time <= time / 16 + UNIT, "{time} up to {end}");
            }
        }
        assert_eq!(bucket(u64::MAX), (PARTS * (DOUBLINGS + 1)) as usize - 1);
    }

    #[test]
    fn percentiles_are_of_what_was_added() {
        let mut latency = Latency::default();
        assert_eq!((latency.permille(500), latency.mean(), latency.max()), (0, 0, 0));
        for ms in 1..=100_u64 {
            latency.add(ms * 1_000_000);
        }
        assert_eq!((latency.count(), latency.mean(), latency.max()), (100, 50_500_000, 100_000_000));
        for (permille, want_ms) in [(500, 50), (950, 95), (990, 99), (1000, 100), (0, 1)] {
            let got = latency.permille(permille);
            let want = want_ms * 1_000_000;
            assert!(got >= want && got <= want + want / 16, "{permille}: {got}");
        }
    }
}
