//! What the kernel counts: the numbers behind `/proc/diskstats` and iostat.

use super::request::{Op, Request};
use crate::{MILLISECOND, Nanos, SECOND, mul_div};

/// Reads and writes apart, as `STAT_READ` and `STAT_WRITE`.
pub const DIRECTIONS: usize = 2;

fn direction(request: &Request) -> usize {
    usize::from(request.op != Op::Read)
}

/// The counters of a disk (`struct disk_stats`), each from the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests completed.
    pub ios: [u64; DIRECTIONS],
    /// Bios that became part of a request there was.
    pub merges: [u64; DIRECTIONS],
    /// Sectors of 512 bytes.
    pub sectors: [u64; DIRECTIONS],
    /// From allocation to completion, summed; ns, in steps of a tick before 5.0.
    pub nsecs: [Nanos; DIRECTIONS],
    /// Ticks in which something was in flight.
    pub io_ticks: u64,
    /// Before 5.0: ticks times what was in flight.
    pub queue_ticks: u64,
    /// In flight.
    pub in_flight: u64,
}

/// The counters and how they are kept.
#[derive(Clone, Debug)]
pub struct Stats {
    hz: u64,
    /// Since 5.0: counted when a request is issued or done. Before: from its allocation on.
    exact: bool,
    counters: Counters,
    stamp: u64,
    /// Time in which the device had something, ns: what `%util` is an estimate of.
    pub busy: Nanos,
    /// What waited in the scheduler, times how long, ns.
    pub queued: u128,
    /// Reports of iostat: the one before and the last one.
    before: (Nanos, Counters),
    last: (Nanos, Counters),
}

impl Stats {
    /// All at zero. `exact` is how it has been since 5.0.
    pub fn new(hz: u64, exact: bool) -> Stats {
        let zero = (0, Counters::default());
        Stats { hz, exact, counters: zero.1, stamp: 0, busy: 0, queued: 0, before: zero, last: zero }
    }

    /// The counters as a reader finds them at `now`; before 5.0 reading brings them up to date.
    pub fn counters(&self, now: Nanos) -> Counters {
        let mut copy = self.clone();
        if !copy.exact {
            copy.round(now);
        }
        copy.counters
    }

    fn jiffies(&self, t: Nanos) -> u64 {
        mul_div(t, self.hz, SECOND)
    }

    /// Ticks in ms, as the kernel converts them.
    pub fn ms(&self, ticks: u64) -> u64 {
        ticks * 1000 / self.hz
    }

    /// `block/blk-core.c: part_round_stats` until 4.20.
    fn round(&mut self, now: Nanos) {
        let jiffies = self.jiffies(now);
        let passed = jiffies - self.stamp;
        if passed > 0 && self.counters.in_flight > 0 {
            self.counters.queue_ticks += passed * self.counters.in_flight;
            self.counters.io_ticks += passed;
        }
        self.stamp = jiffies;
    }

    /// `block/blk-core.c: update_io_ticks` since 5.0: at a start only if something is in flight.
    fn update(&mut self, now: Nanos, end: bool) {
        let jiffies = self.jiffies(now);
        if jiffies > self.stamp {
            if end || self.counters.in_flight > 0 {
                self.counters.io_ticks += jiffies - self.stamp;
            }
            self.stamp = jiffies;
        }
    }

    /// A request was allocated.
    pub fn allocated(&mut self, now: Nanos) {
        if self.exact {
            self.update(now, false);
        } else {
            self.round(now);
            self.counters.in_flight += 1;
        }
    }

    /// A request became part of another.
    pub fn absorbed(&mut self, now: Nanos, request: &Request) {
        self.counters.merges[direction(request)] += 1;
        if !self.exact {
            self.round(now);
            self.counters.in_flight -= 1;
        }
    }

    /// A bio became part of a request.
    pub fn merged(&mut self, bio: &Request) {
        self.counters.merges[direction(bio)] += 1;
    }

    /// A request goes to the device.
    pub fn issued(&mut self) {
        // blk-mq counts in flight only what the driver has.
        self.counters.in_flight += u64::from(self.exact);
    }

    /// The device has done a request.
    pub fn completed(&mut self, now: Nanos, request: &Request) {
        let at = direction(request);
        if self.exact {
            self.update(now, true);
            self.counters.nsecs[at] += now - request.start;
        } else {
            self.round(now);
            let ticks = self.jiffies(now) - self.jiffies(request.start);
            self.counters.nsecs[at] += self.ms(ticks) * MILLISECOND;
        }
        self.counters.in_flight -= 1;
        self.counters.ios[at] += 1;
        self.counters.sectors[at] += u64::from(request.sectors);
    }

    /// iostat takes a look.
    pub fn report(&mut self, now: Nanos) {
        self.before = self.last;
        self.last = (now, self.counters(now));
    }

    /// The columns of the last report of iostat; before the first, of the time since the start.
    pub fn columns(&self, now: Nanos) -> Columns {
        let (before, last) =
            if self.last.0 == 0 { (self.last, (now, self.counters(now))) } else { (self.before, self.last) };
        self.between(before, last)
    }

    fn between(&self, (from, a): (Nanos, Counters), (until, b): (Nanos, Counters)) -> Columns {
        let ns = until - from;
        let each = |i: usize| Direction {
            ios: b.ios[i] - a.ios[i],
            kb_512: b.sectors[i] - a.sectors[i],
            merges: b.merges[i] - a.merges[i],
            ms: (b.nsecs[i] / MILLISECOND) - (a.nsecs[i] / MILLISECOND),
        };
        Columns {
            ns,
            directions: [each(0), each(1)],
            queue_ms: self.time_in_queue(&b) - self.time_in_queue(&a),
            busy_ms: self.ms(b.io_ticks) - self.ms(a.io_ticks),
        }
    }

    /// Field 11: since 5.0 the sum of the times, before that the integral, ms.
    pub fn time_in_queue(&self, counters: &Counters) -> u64 {
        if self.exact { counters.nsecs.iter().map(|ns| ns / MILLISECOND).sum() } else { self.ms(counters.queue_ticks) }
    }
}

/// Differences between two looks at `/proc/diskstats`: what iostat computes its columns from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// Between the two, ns.
    pub ns: Nanos,
    /// Reads and writes.
    pub directions: [Direction; DIRECTIONS],
    /// Field 11, ms.
    pub queue_ms: u64,
    /// Field 10, ms.
    pub busy_ms: u64,
}

/// One direction of [`Columns`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Direction {
    /// Requests completed.
    pub ios: u64,
    /// Sectors.
    pub kb_512: u64,
    /// Merges.
    pub merges: u64,
    /// From allocation to completion, summed, ms.
    pub ms: u64,
}

/// `value / of` in hundredths, rounded; 0 where there is nothing to divide by.
fn hundredths(value: u64, of: u64) -> u64 {
    let (value, of) = (u128::from(value) * 100, u128::from(of));
    value.checked_div(of).map_or(0, |_| ((value + of / 2) / of) as u64)
}

impl Columns {
    /// Hundredths a second of something.
    fn rate(&self, value: u64) -> u64 {
        let ns = u128::from(self.ns);
        let value = u128::from(value) * 100 * u128::from(SECOND);
        value.checked_div(ns).map_or(0, |_| ((value + ns / 2) / ns) as u64)
    }

    /// The columns of `iostat -x` (sysstat 12) in hundredths: for each direction requests, kB and
    /// merges a second, the share of merges in %, the mean wait in ms, the mean size in kB; then the
    /// mean queue and the utilisation in %.
    pub fn values(&self) -> ([[u64; 6]; DIRECTIONS], u64, u64) {
        let each = self.directions.map(|d| {
            [
                self.rate(d.ios),
                self.rate(d.kb_512).div_ceil(2),
                self.rate(d.merges),
                hundredths(d.merges * 100, d.merges + d.ios),
                hundredths(d.ms, d.ios),
                hundredths(d.kb_512, 2 * d.ios),
            ]
        });
        let ms = self.ns / MILLISECOND;
        // More than all of the time is a matter of ticks, and iostat cuts it off as well.
        (each, hundredths(self.queue_ms, ms), hundredths(self.busy_ms * 100, ms).min(10_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(op: Op, start: Nanos) -> Request {
        Request { op, sectors: 8, start, ..Request::default() }
    }

    #[test]
    fn io_ticks_are_whole_ticks() {
        // HZ = 250. An I/O inside a tick adds nothing, one that crosses a tick adds a whole one.
        for (from_us, until_us, want) in [(4100, 7900, 0), (3900, 4100, 1), (100, 12_100, 3)] {
            let mut stats = Stats::new(250, true);
            let first = request(Op::Read, from_us * 1000);
            stats.allocated(first.start);
            stats.issued();
            stats.completed(until_us * 1000, &first);
            assert_eq!(stats.counters(until_us * 1000).io_ticks, want, "{from_us}..{until_us}");
        }
    }

    #[test]
    fn before_5_0_the_queue_is_integrated_and_read_at_any_time() {
        let mut stats = Stats::new(1000, false);
        let (a, b) = (request(Op::Read, 0), request(Op::Write, 10 * MILLISECOND));
        stats.allocated(0);
        stats.allocated(b.start);
        let now = 20 * MILLISECOND;
        let counters = stats.counters(now);
        assert_eq!((counters.in_flight, counters.io_ticks, stats.time_in_queue(&counters)), (2, 20, 30));
        assert_eq!(counters.nsecs, [0, 0], "nothing is complete");
        stats.issued();
        stats.completed(now, &a);
        stats.completed(30 * MILLISECOND, &b);
        let counters = stats.counters(50 * MILLISECOND);
        assert_eq!(counters.nsecs, [20 * MILLISECOND, 20 * MILLISECOND]);
        assert_eq!((counters.in_flight, counters.io_ticks, counters.queue_ticks), (0, 30, 40));
    }

    /// A measured pair of looks at a disk, 4 s apart, and what iostat said of it.
    #[test]
    fn columns_are_iostats() {
        let direction = |ios, ms| Direction { ios, kb_512: ios * 8, merges: 0, ms };
        let columns = Columns {
            ns: 4 * SECOND,
            directions: [direction(4266, 384), direction(2765, 301)],
            queue_ms: 688,
            busy_ms: 188,
        };
        let ([reads, writes], queue, util) = columns.values();
        assert_eq!(reads, [106_650, 426_600, 0, 0, 9, 400], "r/s 1066.50, await 0.09");
        assert_eq!(writes, [69_125, 276_500, 0, 0, 11, 400], "w/s 691.25, await 0.11");
        assert_eq!((queue, util), (17, 470), "aqu-sz 0.17, util 4.70");
        assert_eq!(Columns::default().values(), ([[0; 6]; 2], 0, 0));
    }
}
