//! kyber: a bucket of tokens for each kind of request, sized by latency
//! (`block/kyber-iosched.c`, since 4.12).

use std::collections::{BTreeMap, VecDeque};

use super::none::merge_newest;
use super::ticks::Ticks;
use super::view::{Lane, Order, View, Waiting, Why};
use super::{Elevator, Kind, Merged, Place, Setup};
use crate::io_scheduler::request::{Limits, Op, Request};
use crate::{Nanos, Text};

/// Read, write, discard and other requests.
const DOMAINS: usize = 4;
/// Domains whose latency is looked at: all but the last.
const TIMED: usize = 3;
/// Tokens of the whole device (`kyber_depth`).
const DEPTH: [u32; DOMAINS] = [256, 128, 64, 16];
/// Requests of a domain in a row (`kyber_batch_size`).
const BATCH: [u32; DOMAINS] = [16, 8, 1, 1];
/// `KYBER_ASYNC_PERCENT`.
const ASYNC_PERCENT: u64 = 75;
/// A discard may take 5 s; it has no tunable.
const DISCARD_TARGET: u64 = 5_000_000_000;
/// `KYBER_LATENCY_SHIFT`: a bucket is a quarter of the target.
const SHIFT: u32 = 2;
/// Buckets below this are within the target.
const GOOD: usize = 4;
const BUCKETS: usize = 8;
/// Index of total latency, from allocation; the other is the device's alone.
const TOTAL: usize = 0;
const IO: usize = 1;

/// The scheduler's state, for one hardware queue.
#[derive(Clone, Debug)]
pub struct Kyber {
    ticks: Ticks,
    hz: u64,
    /// Inserted and not yet taken over, by CPU: bios can still be merged into these.
    queued: [BTreeMap<u32, VecDeque<Request>>; DOMAINS],
    /// Taken over, in the order in which they go.
    flushed: [VecDeque<Request>; DOMAINS],
    waiting: usize,
    current: usize,
    batching: u32,
    depth: [u32; DOMAINS],
    in_flight: [u32; DOMAINS],
    targets: [u64; TIMED],
    samples: [[[u32; BUCKETS]; 2]; TIMED],
    /// The tick from which few samples are enough; 0 before the first sample (`latency_timeout`).
    timeout: [u64; TIMED],
    /// The p99 bucket to use when congestion is next seen (`domain_p99`).
    remembered: [Option<usize>; TIMED],
    timer: Option<u64>,
    why: Why,
}

impl Kyber {
    /// Starts it.
    pub fn new(setup: &Setup) -> Kyber {
        let target = |name| u64::try_from(setup.tunable(Kind::Kyber, name)).unwrap_or(1);
        Kyber {
            ticks: Ticks::new(setup.hz),
            hz: u64::from(setup.hz.max(1)),
            queued: Default::default(),
            flushed: Default::default(),
            waiting: 0,
            current: 0,
            batching: 0,
            depth: DEPTH,
            in_flight: [0; DOMAINS],
            targets: [target("read_lat_nsec"), target("write_lat_nsec"), DISCARD_TARGET],
            samples: [[[0; BUCKETS]; 2]; TIMED],
            timeout: [0; TIMED],
            remembered: [None; TIMED],
            timer: None,
            why: Why::Nothing,
        }
    }

    /// The next request of the current domain, if there is one and a token
    /// (`kyber_dispatch_cur_domain`).
    fn take(&mut self) -> Option<Request> {
        let domain = self.current;
        if self.in_flight[domain] >= self.depth[domain] {
            return None;
        }
        if self.flushed[domain].is_empty() {
            for queue in self.queued[domain].values_mut() {
                self.flushed[domain].append(queue);
            }
        }
        let request = self.flushed[domain].pop_front()?;
        self.in_flight[domain] += 1;
        self.batching += 1;
        self.waiting -= 1;
        self.why = Why::Domain;
        Some(request)
    }

    fn sample(&mut self, domain: usize, kind: usize, latency: u64) {
        let width = (self.targets[domain] >> SHIFT).max(1);
        let bucket = (latency.saturating_sub(1) / width).min(BUCKETS as u64 - 1) as usize;
        let count = &mut self.samples[domain][kind][bucket];
        *count = count.saturating_add(1);
    }

    /// The bucket a percentile falls into, once there are enough samples
    /// (`calculate_percentile`). Both latencies of a domain share one timeout, so that the second
    /// one asked for rarely has its second when the first has.
    fn percentile(&mut self, domain: usize, kind: usize, percent: u64, tick: u64) -> Option<usize> {
        let buckets = &self.samples[domain][kind];
        let samples: u64 = buckets.iter().map(|count| u64::from(*count)).sum();
        if samples == 0 {
            return None;
        }
        if self.timeout[domain] == 0 {
            self.timeout[domain] = (tick + self.hz).max(1);
        }
        if samples < 500 && tick < self.timeout[domain] {
            return None;
        }
        self.timeout[domain] = 0;
        let mut left = (samples * percent).div_ceil(100);
        let mut found = BUCKETS - 1;
        for (i, count) in buckets.iter().enumerate().take(BUCKETS - 1) {
            let count = u64::from(*count);
            if count >= left {
                found = i;
                break;
            }
            left -= count;
        }
        self.samples[domain][kind] = [0; BUCKETS];
        Some(found)
    }

    /// Looks at the samples and sizes the domains (`kyber_timer_fn`).
    fn adjust(&mut self, tick: u64) {
        let mut bad = false;
        for domain in 0..TIMED {
            bad |= self.percentile(domain, IO, 90, tick).is_some_and(|p90| p90 >= GOOD);
        }
        for (domain, cap) in DEPTH.into_iter().enumerate().take(TIMED) {
            let mut p99 = self.percentile(domain, TOTAL, 99, tick);
            if bad {
                p99 = p99.or(self.remembered[domain]);
                self.remembered[domain] = None;
            } else if p99.is_some() {
                self.remembered[domain] = p99;
            }
            let Some(p99) = p99 else { continue };
            if bad || p99 >= GOOD {
                let depth = (self.depth[domain] * (p99 as u32 + 1)) >> SHIFT;
                self.depth[domain] = depth.clamp(1, cap);
            }
        }
    }
}

fn domain_of(request: &Request) -> usize {
    match request.op {
        Op::Read => 0,
        Op::Write => 1,
        Op::Discard => 2,
        Op::Flush => 3,
    }
}

impl Elevator for Kyber {
    fn insert(&mut self, now: Nanos, mut request: Request, place: Place) {
        request.insert = now;
        let queue = self.queued[domain_of(&request)].entry(request.cpu).or_default();
        match place {
            Place::Sorted => queue.push_back(request),
            Place::Head => queue.push_front(request),
        }
        self.waiting += 1;
    }

    fn merge(&mut self, _now: Nanos, bio: &Request, limits: &Limits) -> Option<Merged> {
        merge_newest(self.queued[domain_of(bio)].get_mut(&bio.cpu)?.iter_mut().rev(), bio, limits)
    }

    fn dispatch(&mut self, _now: Nanos) -> Option<Request> {
        // The block layer asks whether there is work before it asks for it: an idle queue does not
        // end a batch.
        if self.waiting == 0 {
            return None;
        }
        if self.batching < BATCH[self.current]
            && let Some(request) = self.take()
        {
            return Some(request);
        }
        self.batching = 0;
        for _ in 0..DOMAINS {
            self.current = (self.current + 1) % DOMAINS;
            if let Some(request) = self.take() {
                return Some(request);
            }
        }
        None
    }

    fn finished(&mut self, now: Nanos, request: &Request) {
        let domain = domain_of(request);
        self.in_flight[domain] = self.in_flight[domain].saturating_sub(1);
        if domain < TIMED {
            self.sample(domain, TOTAL, now.saturating_sub(request.start));
            self.sample(domain, IO, now.saturating_sub(request.issue));
            let due = self.ticks.at(now) + self.hz / 10;
            self.timer = Some(self.timer.map_or(due, |timer| timer.min(due)));
        }
    }

    fn next_timer(&self) -> Option<Nanos> {
        self.timer.map(|tick| self.ticks.time(tick))
    }

    fn timer(&mut self, now: Nanos) {
        let tick = self.ticks.at(now);
        if self.timer.is_some_and(|timer| timer <= tick) {
            self.timer = None;
            self.adjust(tick);
        }
    }

    fn waiting(&self) -> usize {
        self.waiting
    }

    fn depth_limit(&self, request: &Request, nr_requests: u32) -> u32 {
        if request.is_sync() { nr_requests } else { (u64::from(nr_requests) * ASYNC_PERCENT / 100).max(1) as u32 }
    }

    fn why(&self) -> Why {
        self.why
    }

    fn view(&self, _now: Nanos, most: usize) -> View {
        let lanes = (0..DOMAINS).map(|domain| {
            let queued = self.queued[domain].values().flatten();
            let all = || self.flushed[domain].iter().chain(queued.clone());
            Lane {
                label: [
                    Text::fixed("읽기", "reads"),
                    Text::fixed("쓰기", "writes"),
                    Text::fixed("버림", "discards"),
                    Text::fixed("그 밖", "others"),
                ][domain]
                    .clone(),
                process: None,
                order: Order::Fifo,
                waiting: all().take(most).map(|r| Waiting { request: *r, expires: None }).collect(),
                len: all().count(),
                next: all().next().map(|r| r.id),
                active: domain == self.current,
            }
        });
        let tokens = |d: usize| i64::from(self.depth[d]);
        View {
            lanes: lanes.collect(),
            idling: None,
            counters: vec![
                ("batching", i64::from(self.batching)),
                ("read_tokens", tokens(0)),
                ("write_tokens", tokens(1)),
                ("discard_tokens", tokens(2)),
                ("other_tokens", tokens(3)),
            ],
        }
    }

    fn sysfs(&self) -> Vec<(&'static str, String)> {
        vec![("read_lat_nsec", self.targets[0].to_string()), ("write_lat_nsec", self.targets[1].to_string())]
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::setup;
    use super::*;

    fn kyber() -> Kyber {
        Kyber::new(&setup((6, 1, 0), &[]))
    }

    fn request(id: u64, op: Op) -> Request {
        Request { id, op, sector: id * 100, sectors: 8, segments: 1, ..Request::default() }
    }

    #[test]
    fn a_batch_of_reads_then_one_of_writes() {
        let mut kyber = kyber();
        for id in 0..40 {
            kyber.insert(0, request(id, if id < 20 { Op::Write } else { Op::Read }), Place::Sorted);
        }
        let order: Vec<char> = (0..40).map_while(|_| kyber.dispatch(0)).map(|r| r.op.letter()).collect();
        let order: String = order.into_iter().collect();
        assert_eq!(order, format!("{}{}{}{}", "R".repeat(16), "W".repeat(8), "R".repeat(4), "W".repeat(12)));
    }

    #[test]
    fn depth_follows_the_latencies() {
        // Depth 128 and a p99 in bucket 2 while the device is congested: three quarters.
        let mut kyber = kyber();
        kyber.samples[0][IO][7] = 500;
        kyber.samples[1][TOTAL][2] = 500;
        kyber.adjust(1);
        assert_eq!(kyber.depth, [256, 96, 64, 16]);
        // In bucket 7 it doubles, up to its cap.
        kyber.samples[0][IO][7] = 500;
        kyber.samples[1][TOTAL][7] = 500;
        kyber.adjust(2);
        assert_eq!(kyber.depth, [256, 128, 64, 16]);
        // Not enough samples before a second is over.
        kyber.samples[1][TOTAL][7] = 499;
        kyber.depth[1] = 2;
        kyber.adjust(3);
        assert_eq!(kyber.depth[1], 2);
        kyber.adjust(3 + 250);
        assert_eq!(kyber.depth[1], 4);
    }
}
