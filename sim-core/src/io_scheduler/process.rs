//! The processes that read and write: what each asks for next.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::latency::Latency;
use super::request::{IoClass, IoPrio, Op};
use super::scenario::{Kind, Scenario, Stream};
use crate::{MILLISECOND, Nanos};

/// PID of the first process.
const FIRST_PID: u32 = 1001;
/// Addresses are multiples of a page.
const ALIGN: u64 = 8;

/// One process of a stream.
#[derive(Clone, Debug)]
pub struct Process {
    stream: usize,
    kind: Kind,
    pid: u32,
    prio: IoPrio,
    /// Its part of the disk, in sectors.
    first: u64,
    span: u64,
    /// Where a sequential one goes on, from `first`.
    position: u64,
    random: Xoshiro256PlusPlus,
    think: Nanos,
    jitter: Nanos,
    until: Nanos,
    left: Option<u64>,
    /// Sectors of one read or write, and of a bio of it.
    pub(super) size: u32,
    pub(super) bio: u32,
    /// Reads or writes under way.
    pub(super) under_way: u32,
    /// Done so far.
    pub(super) bytes: u64,
    /// How long its reads or writes took, from asking to having.
    pub(super) latency: Latency,
    /// Times it slept because no request was free.
    pub(super) slept: u64,
    /// When its last read or write was done.
    pub(super) last_done: Option<Nanos>,
}

impl Process {
    /// All processes of a scenario on a disk of so many sectors, with when and how deep each begins.
    pub(super) fn all(scenario: &Scenario, capacity: u64) -> Vec<(Process, Nanos, i64)> {
        let mut all = Vec::new();
        for (stream, s) in scenario.streams.iter().enumerate() {
            for i in 0..s.count as u64 {
                let index = all.len() as u32;
                let process = Process::new(scenario.seed as u64, index, stream, s, i, capacity);
                all.push((process, s.from_ms as u64 * MILLISECOND, s.depth));
            }
        }
        all
    }

    fn new(seed: u64, index: u32, stream: usize, s: &Stream, i: u64, capacity: u64) -> Process {
        let size = s.size_kib as u64 * 2;
        let permille = |n: i64| capacity / 1000 * n as u64;
        let (start, whole) = (permille(s.start), permille(s.span));
        let (first, span) = match s.kind {
            Kind::RandReader => (start, whole),
            _ => (start + whole / s.count as u64 * i, whole / s.count as u64),
        };
        // A part that is too small for one read is taken as large as that.
        let span = span.max(size) / ALIGN * ALIGN;
        let first = first.min(capacity - span) / ALIGN * ALIGN;
        Process {
            stream,
            kind: s.kind,
            pid: FIRST_PID + index,
            prio: IoPrio { class: IoClass::from_number(s.class as u64).unwrap_or_default(), level: s.level as u8 },
            first,
            span,
            position: 0,
            random: Xoshiro256PlusPlus::seed_from_u64(seed.wrapping_add(u64::from(index) << 32)),
            think: s.think_us as u64 * 1000,
            jitter: s.jitter_us as u64 * 1000,
            until: s.until_ms as u64 * MILLISECOND,
            left: (s.limit > 0).then_some(s.limit as u64),
            size: size as u32,
            bio: s.bio_kib as u32 * 2,
            under_way: 0,
            bytes: 0,
            latency: Latency::default(),
            slept: 0,
            last_done: None,
        }
    }

    /// Which entry of `streams` it belongs to.
    pub fn stream(&self) -> usize {
        self.stream
    }

    /// What it does.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Its I/O priority.
    pub fn prio(&self) -> IoPrio {
        self.prio
    }

    /// Bytes it has read or written.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How long its reads or writes took, from asking to having.
    pub fn latency(&self) -> &Latency {
        &self.latency
    }

    /// Reads or writes under way.
    pub fn under_way(&self) -> u32 {
        self.under_way
    }

    /// Times it slept because no request was free (blktrace S).
    pub fn slept(&self) -> u64 {
        self.slept
    }

    /// The first sector of its part of the disk, and how many there are.
    pub fn region(&self) -> (u64, u64) {
        (self.first, self.span)
    }

    /// What its reads or writes are.
    pub(super) fn op(&self) -> Op {
        if self.kind.writes() { Op::Write } else { Op::Read }
    }

    /// The first sector of the next read or write, if it still wants one at `now`.
    pub(super) fn next(&mut self, now: Nanos) -> Option<u64> {
        if now >= self.until || self.left == Some(0) {
            return None;
        }
        self.left = self.left.map(|left| left - 1);
        let size = u64::from(self.size);
        let places = (self.span - size) / ALIGN + 1;
        let at = match self.kind {
            Kind::RandReader => self.random.random_range(0..places) * ALIGN,
            _ => {
                if self.position + size > self.span {
                    self.position = 0;
                }
                let at = self.position;
                self.position += size;
                at
            }
        };
        Some(self.first + at)
    }

    /// How long it thinks before the next one.
    pub(super) fn pause(&mut self) -> Nanos {
        let late = if self.jitter == 0 { 0 } else { self.random.random_range(0..=self.jitter) };
        self.think + late
    }
}

/// How pictures and sentences call a process, by its index: A, B, … Z, A2, B2, …
pub fn letter(index: u32) -> String {
    let letter = char::from(b'A' + (index % 26) as u8);
    match index / 26 {
        0 => letter.to_string(),
        round => format!("{letter}{}", round + 1),
    }
}
