//! The buckets that remember closed connections (`net/ipv4/inet_timewait_sock.c`).

use std::collections::BTreeMap;

use super::connection::{Side, State};
use super::rules::Bucket;
use super::wheel;
use crate::Nanos;

/// `TCP_TIMEWAIT_LEN`, s.
pub const TIMEWAIT_LEN: u64 = 60;

/// Which bucket: end, pair of addresses with the server's port, and the client's port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub side: Side,
    pub space: u16,
    pub port: u16,
}

/// A bucket.
#[derive(Clone, Copy, Debug)]
pub struct TimeWait {
    /// Tells it from an earlier one of the same key.
    pub number: u32,
    /// [`State::TimeWait`], or [`State::FinWait2`] for an orphan whose peer has not closed.
    pub state: State,
    /// The client's port as the server sees it.
    pub public_port: u16,
    /// When the last segment came.
    pub stamp: Nanos,
    /// Jiffy at which it goes.
    pub fires: u64,
    pub snd_nxt: u32,
}

/// The buckets of a host.
#[derive(Clone, Debug, Default)]
pub struct Buckets {
    all: BTreeMap<Key, TimeWait>,
    /// What goes at a jiffy. A bucket that was taken away or armed again stays listed here.
    due: BTreeMap<u64, Vec<(Key, u32)>>,
    /// When the one timer of old kernels fires next.
    next_slot: u64,
    numbers: u32,
}

impl Buckets {
    /// How many there are, in either state.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn get(&self, key: &Key) -> Option<&TimeWait> {
        self.all.get(key)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Key, &TimeWait)> {
        self.all.iter()
    }

    /// The ones at one end of one pair of addresses, by port.
    pub fn of_space(&self, side: Side, space: u16) -> impl Iterator<Item = (u16, &TimeWait)> {
        let key = |port| Key { side, space, port };
        self.all.range(key(0)..=key(u16::MAX)).map(|(key, tw)| (key.port, tw))
    }

    pub fn remove(&mut self, key: &Key) -> Option<TimeWait> {
        self.all.remove(key)
    }

    /// Puts a bucket in for `timeo` jiffies; returns its number, and the jiffy at which it goes where
    /// nothing else goes then yet.
    pub fn insert(
        &mut self,
        key: Key,
        mut tw: TimeWait,
        rule: Bucket,
        now: u64,
        timeo: u64,
        hz: u64,
    ) -> (u32, Option<u64>) {
        self.numbers = self.numbers.wrapping_add(1).max(1);
        tw.number = self.numbers;
        tw.fires = self.fires(rule, now, timeo, hz);
        self.all.insert(key, tw);
        let first = !self.due.contains_key(&tw.fires);
        self.due.entry(tw.fires).or_default().push((key, tw.number));
        (tw.number, first.then_some(tw.fires))
    }

    fn fires(&mut self, rule: Bucket, now: u64, timeo: u64, hz: u64) -> u64 {
        match rule {
            Bucket::Jiffies => now + timeo,
            Bucket::Wheel => wheel::fires(now, timeo),
            Bucket::Slots => {
                // 2.6.32 to 4.0: the timer runs while there is a bucket, an eighth of a minute apart.
                let period = TIMEWAIT_LEN * hz / 8;
                if self.all.is_empty() {
                    self.next_slot = now + period;
                }
                while self.next_slot <= now {
                    self.next_slot += period;
                }
                match timeo {
                    // A second wheel, of short times, has a turn of its own.
                    short if short < hz => now + short,
                    _ => self.next_slot + timeo.div_ceil(period).min(7) * period,
                }
            }
        }
    }

    /// Takes out what goes at a jiffy.
    pub fn expire(&mut self, jiffy: u64) -> Vec<(Key, TimeWait)> {
        let due = self.due.remove(&jiffy).unwrap_or_default();
        let mut gone = Vec::with_capacity(due.len());
        for (key, number) in due {
            if self.all.get(&key).is_some_and(|tw| tw.number == number)
                && let Some(tw) = self.all.remove(&key)
            {
                gone.push((key, tw));
            }
        }
        gone
    }
}

/// About how many bytes a copy of a bucket takes: an entry of a tree that is two thirds full, and of the
/// list of what is due.
pub const FOOTPRINT: usize = size_of::<(Key, TimeWait)>() * 3 / 2 + size_of::<(Key, u32)>();

#[cfg(test)]
mod tests {
    use super::*;

    fn tw() -> TimeWait {
        TimeWait { number: 0, state: State::TimeWait, public_port: 0, stamp: 0, fires: 0, snd_nxt: 0 }
    }

    #[test]
    fn each_kernel_ends_a_bucket_in_its_own_way() {
        for (rule, now, want) in [
            (Bucket::Jiffies, 7, 15_007),
            (Bucket::Wheel, 7, 15_360),
            // The first of all lives 60 s.
            (Bucket::Slots, 7, 15_007),
        ] {
            let mut buckets = Buckets::default();
            let key = Key { side: Side::Client, space: 0, port: 1 };
            assert_eq!(buckets.insert(key, tw(), rule, now, 15_000, 250), (1, Some(want)), "{rule:?}");
        }
    }

    #[test]
    fn with_slots_it_lasts_from_52_to_60_seconds() {
        let mut buckets = Buckets::default();
        for (port, now) in [(1, 0), (2, 1), (3, 1874), (4, 1875), (5, 3000)] {
            let key = Key { side: Side::Client, space: 0, port };
            buckets.insert(key, tw(), Bucket::Slots, now, 15_000, 250);
            let lasts = buckets.get(&key).unwrap().fires - now;
            assert!((13_125..=15_000).contains(&lasts), "{port}: {lasts}");
        }
    }

    #[test]
    fn one_that_was_taken_over_does_not_go_with_its_predecessor() {
        let mut buckets = Buckets::default();
        let key = Key { side: Side::Client, space: 0, port: 1 };
        buckets.insert(key, tw(), Bucket::Wheel, 0, 15_000, 250);
        buckets.remove(&key);
        buckets.insert(key, tw(), Bucket::Wheel, 1000, 15_000, 250);
        assert_eq!((buckets.expire(15_360).len(), buckets.len()), (0, 1));
        assert_eq!((buckets.expire(16_384).len(), buckets.len()), (1, 0));
    }
}
