//! What a run starts from.

use serde::{Deserialize, Serialize};

use super::disk;
use super::elevator;
use crate::KernelVersion;

/// Streams of I/O against one disk, on a machine of a certain kernel.
///
/// Scalars are `i64` because controls and refusals handle them alike; [`crate::Valid`] says they
/// are in range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Kernel whose rules apply.
    pub kernel: KernelVersion,
    /// Which scheduler: index into [`elevator::Kind::ALL`].
    pub scheduler: i64,
    /// Which device: index into [`disk::Kind::ALL`].
    pub disk: i64,
    /// Requests the device takes at once; 0 for what it has of itself.
    pub queue_depth: i64,
    /// Service time of the fixed-time device, µs.
    pub fixed_us: i64,
    /// Requests that may be allocated (`queue/nr_requests`); 0 for the kernel's default.
    pub nr_requests: i64,
    /// Largest request, KiB (`queue/max_sectors_kb`).
    pub max_sectors_kb: i64,
    /// `queue/nomerges`.
    pub nomerges: i64,
    /// Ticks a second (`CONFIG_HZ`).
    pub hz: i64,
    /// Length of the run, ms.
    pub duration_ms: i64,
    /// Interval of iostat's reports, ms.
    pub iostat_ms: i64,
    /// Seed of random addresses and jitter.
    pub seed: i64,
    /// What stands in the files below `iosched/`, in the order in which
    /// the parameters name them.
    pub iosched: Vec<i64>,
    /// Who reads and writes.
    pub streams: Vec<Stream>,
}

impl Scenario {
    /// The scheduler, for a valid scenario.
    pub fn scheduler(&self) -> Option<elevator::Kind> {
        elevator::Kind::ALL.get(usize::try_from(self.scheduler).ok()?).copied()
    }

    /// The device, for a valid scenario.
    pub fn disk(&self) -> Option<disk::Kind> {
        disk::Kind::of(self.disk)
    }

    /// The same with another scheduler.
    pub fn with(mut self, scheduler: elevator::Kind) -> Scenario {
        self.scheduler = elevator::Kind::ALL.iter().position(|kind| *kind == scheduler).unwrap_or(0) as i64;
        self
    }

    /// The same on another device.
    pub fn on(mut self, disk: disk::Kind) -> Scenario {
        self.disk = disk.number();
        self
    }
}

/// Some equal processes and how they do I/O: always the same kind, closed loop, `depth` at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// What they do.
    pub kind: Kind,
    /// How many processes.
    pub count: i64,
    /// `ionice -c`: 0 none, 1 real time, 2 best effort, 3 idle.
    pub class: i64,
    /// `ionice -n`, 0 (first) to 7.
    pub level: i64,
    /// Where on the disk their data begins, ‰ of its sectors.
    pub start: i64,
    /// How much of the disk their data takes, ‰ of its sectors. Sequential processes have equal
    /// parts of it, random ones share it.
    pub span: i64,
    /// What one read or write asks for, KiB.
    pub size_kib: i64,
    /// In bios of how many KiB it comes, under one plug.
    pub bio_kib: i64,
    /// Reads or writes each process keeps under way.
    pub depth: i64,
    /// From the end of one to the next, µs.
    pub think_us: i64,
    /// The same, at random up to this much longer, µs.
    pub jitter_us: i64,
    /// When they begin, ms.
    pub from_ms: i64,
    /// When they stop asking, ms.
    pub until_ms: i64,
    /// Reads or writes after which a process has enough; 0 for never.
    pub limit: i64,
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// Reads a file from front to back, in pieces as large as read-ahead makes them.
    SeqReader,
    /// Reads pages here and there: a database, a mail spool.
    RandReader,
    /// The flusher writes back what was dirtied: nobody waits for it.
    BufferedWriter,
    /// Appends to a log and waits for each write: `fsync`, `O_DSYNC`.
    FsyncLog,
    /// Reads everything there is in large pieces.
    Backup,
}

impl Kind {
    /// Names in a scenario and as the process is called.
    pub const NAMES: [(&'static str, Kind); 5] = [
        ("seq-reader", Kind::SeqReader),
        ("rand-reader", Kind::RandReader),
        ("buffered-writer", Kind::BufferedWriter),
        ("fsync-log", Kind::FsyncLog),
        ("backup", Kind::Backup),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Kind::NAMES[self as usize].0
    }

    /// Whether it writes.
    pub fn writes(self) -> bool {
        matches!(self, Kind::BufferedWriter | Kind::FsyncLog)
    }

    /// Whether somebody waits for it: reads, and writes of `fsync`.
    pub fn waits(self) -> bool {
        self != Kind::BufferedWriter
    }
}

impl Stream {
    /// One process of a kind as one usually finds it, for a whole run of `until_ms`.
    pub fn new(kind: Kind, until_ms: i64) -> Stream {
        let (size_kib, bio_kib, depth, think_us) = match kind {
            Kind::SeqReader => (128, 128, 1, 0),
            Kind::RandReader => (4, 4, 1, 0),
            Kind::BufferedWriter => (1024, 64, 4, 0),
            Kind::FsyncLog => (4, 4, 1, 2000),
            Kind::Backup => (512, 512, 2, 0),
        };
        Stream {
            kind,
            count: 1,
            class: 0,
            level: 4,
            start: 0,
            span: 1000,
            size_kib,
            bio_kib,
            depth,
            think_us,
            jitter_us: 0,
            from_ms: 0,
            until_ms,
            limit: 0,
        }
    }

    /// The same, several times.
    pub fn times(self, count: i64) -> Stream {
        Stream { count, ..self }
    }

    /// The same on another part of the disk, ‰.
    pub fn at(self, start: i64, span: i64) -> Stream {
        Stream { start, span, ..self }
    }

    /// Bios of one read or write at most, where none may be larger than so many KiB.
    pub(super) fn bios(&self, max_kib: i64) -> i64 {
        let parts = |of: i64, each: i64| (of.max(1) + each.max(1) - 1) / each.max(1);
        parts(self.size_kib, self.bio_kib) * parts(self.bio_kib, max_kib)
    }
}
