//! Latencies in buckets whose width grows with them: 32 to each doubling, so that a percentile is off
//! by at most 1/64 of itself.

/// Buckets to a doubling, as a power of two.
const BITS: u32 = 5;
/// Buckets that reach to 2^37 ns, 137 s; what takes longer is counted in the last.
const BUCKETS: usize = ((37 - BITS as usize) << BITS) + (1 << BITS);

/// How many latencies fell where.
#[derive(Clone, Debug)]
pub struct Histogram {
    buckets: Box<[u32; BUCKETS]>,
    count: u64,
    sum: u64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { buckets: Box::new([0; BUCKETS]), count: 0, sum: 0 }
    }
}

/// The bucket of a value: those below 32 have one each.
fn bucket(ns: u64) -> usize {
    let doublings = (ns >> BITS).checked_ilog2().map_or(0, |log| log + 1);
    let within = if doublings == 0 { ns } else { (ns >> (doublings - 1)) - (1 << BITS) };
    (((doublings as usize) << BITS) + within as usize).min(BUCKETS - 1)
}

/// The middle of a bucket.
fn middle(bucket: usize) -> u64 {
    let (doublings, within) = (bucket >> BITS, (bucket & ((1 << BITS) - 1)) as u64);
    match doublings {
        0 => within,
        n => (((1 << BITS) + within) << (n - 1)) + ((1_u64 << (n - 1)) >> 1),
    }
}

impl Histogram {
    pub const BYTES: usize = BUCKETS * 4;

    pub fn record(&mut self, ns: u64) {
        let bucket = &mut self.buckets[bucket(ns)];
        *bucket = bucket.saturating_add(1);
        self.count += 1;
        self.sum = self.sum.saturating_add(ns);
    }

    /// All of them together, ns.
    #[cfg(test)]
    pub fn sum(&self) -> u64 {
        self.sum
    }

    /// The mean, ns; 0 of none.
    pub fn mean(&self) -> u64 {
        self.sum.checked_div(self.count).unwrap_or(0)
    }

    /// The smallest value that at least so many thousandths are not above, ns; 0 of none.
    pub fn at(&self, thousandths: u64) -> u64 {
        let rank = (self.count * thousandths).div_ceil(1000).max(1);
        let mut seen = 0;
        for (i, n) in self.buckets.iter().enumerate() {
            seen += u64::from(*n);
            if seen >= rank {
                return middle(i);
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_and_are_narrow() {
        let mut last = 0;
        for ns in (0..5000).chain((13..37).flat_map(|log| [(1 << log) - 1, 1 << log, (1 << log) + 12_345])) {
            let at = bucket(ns);
            assert!(at == last || at == last + 1 || ns > 4096, "{ns}: {last} {at}");
            last = at;
            let off = middle(at).abs_diff(ns);
            assert!(off * 64 <= ns, "{ns} {}", middle(at));
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn percentiles_are_ranks() {
        let mut histogram = Histogram::default();
        assert_eq!((histogram.at(500), histogram.mean()), (0, 0));
        (1..=31).for_each(|ns| histogram.record(ns));
        assert_eq!((histogram.at(500), histogram.at(990), histogram.at(1), histogram.mean()), (16, 31, 1, 16));
        assert_eq!((histogram.count, histogram.sum()), (31, 496));
    }
}
