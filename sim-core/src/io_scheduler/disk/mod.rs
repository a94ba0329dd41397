//! The devices: how long a request takes, and how many are taken at once.
//!
//! | Disk | What its figures rest on |
//! |---|---|
//! | [`Kind::Hp97560`] | published: Ruemmler and Wilkes 1994; overhead as the FSS simulator has it |
//! | [`Kind::Disk7200`] | published: 8.5 ms average seek, 7200 rpm (Hitachi Deskstar 7K1000.C); assumed: track-to-track, full stroke, one zone of 2500 sectors a track, read-ahead of 2 MiB |
//! | [`Kind::SataSsd`] | assumed: 12 units, 85 µs a read, 98,000 commands a second, 550 MB/s |
//! | [`Kind::Nvme`] | published: 500,000 IOPS, 3500 MB/s; assumed: 34 units of 66.7 µs, fitted to 15,000 IOPS one at a time |
//! | [`Kind::Fixed`] | a device of one service time, as the recordings of real kernels have it |
//!
//! A turning disk that is given several requests serves the one it can begin soonest (the native
//! command queue of SATA); one that has waited for [`AGE`] goes first, which is an assumption, as
//! makers do not say. The others serve what they are given side by side.

mod flash;
mod rotating;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

pub use flash::{Cells, Flash, PAGE};
pub use rotating::{Geometry, Place, Rotating, Seek, Service};

use crate::{MILLISECOND, Nanos, Text};

/// Longest a request waits inside a disk that chooses for itself.
pub const AGE: Nanos = 500 * MILLISECOND;

/// A request as the device sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// Whose it is; given back when it is done.
    pub tag: u32,
    /// Whether it writes.
    pub write: bool,
    /// First sector.
    pub sector: u64,
    /// Sectors, at least one.
    pub sectors: u64,
}

/// The disks there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// HP 97560 of 1993, the disk of the literature.
    Hp97560,
    /// A 7200 rpm SATA disk.
    Disk7200,
    /// A SATA SSD.
    SataSsd,
    /// An NVMe SSD.
    Nvme,
    /// A device that takes the same time for everything.
    Fixed,
}

impl Kind {
    /// All of them, in the order of their numbers in a scenario.
    pub const ALL: [Kind; 5] = [Kind::Hp97560, Kind::Disk7200, Kind::SataSsd, Kind::Nvme, Kind::Fixed];

    /// Its number in a scenario.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The kind of that number.
    pub fn of(number: i64) -> Option<Kind> {
        Kind::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// What a reader calls it.
    pub const fn label(self) -> Text {
        match self {
            Kind::Hp97560 => Text::fixed("HP 97560(1993년)", "HP 97560 (1993)"),
            Kind::Disk7200 => Text::fixed("7200 rpm 디스크", "7200 rpm disk"),
            Kind::SataSsd => Text::fixed("SATA SSD", "SATA SSD"),
            Kind::Nvme => Text::fixed("NVMe", "NVMe"),
            Kind::Fixed => Text::fixed("고정 시간 장치", "fixed-time device"),
        }
    }

    /// Its word in a scenario written as JSON.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Hp97560 => "hp97560",
            Kind::Disk7200 => "disk7200",
            Kind::SataSsd => "sata-ssd",
            Kind::Nvme => "nvme",
            Kind::Fixed => "fixed",
        }
    }

    /// `/sys/block/*/queue/rotational`.
    pub fn rotational(self) -> bool {
        matches!(self, Kind::Hp97560 | Kind::Disk7200)
    }

    /// The kernel's name of the first such device.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Nvme => "nvme0n1",
            Kind::Fixed => "nullb0",
            _ => "sda",
        }
    }

    /// Major and minor number of that device.
    pub fn dev(self) -> (u32, u32) {
        match self {
            Kind::Nvme => (259, 0),
            Kind::Fixed => (252, 0),
            _ => (8, 0),
        }
    }

    /// Requests it takes at once unless a scenario says otherwise.
    pub fn depth(self) -> u32 {
        match self {
            Kind::Hp97560 | Kind::Fixed => 1,
            Kind::Disk7200 | Kind::SataSsd => 32,
            Kind::Nvme => 1023,
        }
    }

    /// Requests its port can carry at once (`tag_set.queue_depth`), whatever the disk is told to take.
    pub fn tags(self) -> u32 {
        match self {
            Kind::Hp97560 => 128,
            Kind::Disk7200 | Kind::SataSsd => 32,
            Kind::Nvme => 1023,
            Kind::Fixed => 1,
        }
    }

    /// Sectors in all.
    pub fn capacity(self) -> u64 {
        match self {
            Kind::Hp97560 => HP97560.capacity(),
            Kind::Disk7200 => DISK7200.capacity(),
            Kind::SataSsd => SATA_SSD.capacity,
            Kind::Nvme => NVME.capacity,
            // 250 GiB, what null_blk has when it is not told.
            Kind::Fixed => 250 << 21,
        }
    }

    /// Least time a read or write can take, ns, `fixed` being the time of [`Kind::Fixed`].
    pub fn least(self, fixed: Nanos) -> Nanos {
        match self {
            Kind::Hp97560 => HP97560.overhead,
            // A page that was read ahead may be there at once; the disk reads no faster than it turns.
            Kind::Disk7200 => DISK7200.passing(PAGE),
            Kind::SataSsd => SATA_SSD.read.min(SATA_SSD.program),
            Kind::Nvme => NVME.read.min(NVME.program),
            Kind::Fixed => fixed,
        }
    }

    /// Most sectors it can be given in a time, as a bound and not as a promise. `fixed` is the time of
    /// [`Kind::Fixed`], `depth` how many requests of `largest` sectors it takes at once.
    pub fn most_sectors(self, time: Nanos, fixed: Nanos, depth: u32, largest: u64) -> u64 {
        let (sectors, per) = match self {
            Kind::Hp97560 => (HP97560.sectors, HP97560.turn),
            Kind::Disk7200 => (DISK7200.sectors, DISK7200.turn),
            Kind::SataSsd => (SATA_SSD.units * PAGE, SATA_SSD.read.min(SATA_SSD.program)),
            Kind::Nvme => (NVME.units * PAGE, NVME.read.min(NVME.program)),
            Kind::Fixed => (u64::from(depth) * largest, fixed.max(1)),
        };
        let most = u128::from(time / per + 1) * u128::from(sectors);
        u64::try_from(most).unwrap_or(u64::MAX)
    }
}

/// HP 97560: 4002 rpm, 1962 cylinders of 19 tracks of 72 sectors, 128 KiB of buffer.
pub const HP97560: Geometry = Geometry {
    cylinders: 1962,
    tracks: 19,
    sectors: 72,
    turn: 60_000_000_000 / 4002,
    switch: 1_600_000,
    overhead: 2_200_000,
    ahead: 256,
    seek: Seek::Hp97560,
};

/// A 7200 rpm disk of 1 TB at 154 MB/s.
pub const DISK7200: Geometry = Geometry {
    cylinders: 100_000,
    tracks: 8,
    sectors: 2500,
    turn: 60_000_000_000 / 7200,
    switch: 800_000,
    overhead: 0,
    ahead: 4096,
    seek: Seek::Sheet { one: 800_000, average: 8_500_000, full: 17_000_000 },
};

/// A SATA SSD of 500 GB.
pub const SATA_SSD: Cells = Cells {
    units: 12,
    read: 85_000,
    program: 85_000,
    command: 1_000_000_000 / 98_000,
    bytes_per_second: 550_000_000,
    capacity: 976_773_168,
};

/// An NVMe SSD of 512 GB.
pub const NVME: Cells = Cells {
    units: 34,
    read: 66_700,
    program: 60_500,
    command: 2_000,
    bytes_per_second: 3_500_000_000,
    capacity: 1_000_215_216,
};

/// What is inside.
#[derive(Clone, Debug)]
enum Works {
    Rotating(Box<Rotating>),
    Flash(Flash),
    Fixed(Nanos),
}

/// A device with what it is doing.
#[derive(Clone, Debug)]
pub struct Disk {
    kind: Kind,
    depth: u32,
    works: Works,
    /// What the device has not done yet, by when it will be; a turning disk has only one here.
    running: BinaryHeap<Reverse<(Nanos, u64, u32)>>,
    /// Taken, but not begun: only where one request is served at a time.
    waiting: Vec<(Nanos, Job)>,
    /// The one a turning disk is at.
    current: Option<(Job, Service)>,
    taken: u64,
    /// Times the arm moved, and over how many cylinders in all.
    travel: Travel,
}

/// What the arm has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Travel {
    /// Moves of the arm.
    pub seeks: u64,
    /// Cylinders it went over.
    pub cylinders: u64,
    /// Time it spent moving, ns.
    pub seeking: Nanos,
    /// Time it waited for a sector to come round, ns.
    pub turning: Nanos,
    /// Reads that came from what was read ahead.
    pub hits: u64,
}

impl Disk {
    /// A device at rest. `depth` is how many requests it takes at once; `fixed` the service time of
    /// [`Kind::Fixed`], ns.
    pub fn new(kind: Kind, depth: u32, fixed: Nanos) -> Disk {
        let works = match kind {
            Kind::Hp97560 => Works::Rotating(Box::new(Rotating::new(HP97560))),
            Kind::Disk7200 => Works::Rotating(Box::new(Rotating::new(DISK7200))),
            Kind::SataSsd => Works::Flash(Flash::new(SATA_SSD)),
            Kind::Nvme => Works::Flash(Flash::new(NVME)),
            Kind::Fixed => Works::Fixed(fixed),
        };
        Disk {
            kind,
            depth,
            works,
            running: BinaryHeap::new(),
            waiting: Vec::new(),
            current: None,
            taken: 0,
            travel: Travel::default(),
        }
    }

    /// Which it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Requests it takes at once.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// Requests it has.
    pub fn in_flight(&self) -> u32 {
        (self.running.len() + self.waiting.len()) as u32
    }

    /// Whether it takes another.
    pub fn ready(&self) -> bool {
        self.in_flight() < self.depth
    }

    /// What the arm has done so far.
    pub fn travel(&self) -> Travel {
        self.travel
    }

    /// The moving parts, if it has any.
    pub fn rotating(&self) -> Option<&Rotating> {
        match &self.works {
            Works::Rotating(rotating) => Some(rotating),
            _ => None,
        }
    }

    /// The units, if it has any.
    pub fn flash(&self) -> Option<&Flash> {
        match &self.works {
            Works::Flash(flash) => Some(flash),
            _ => None,
        }
    }

    /// The request a turning disk is at, and its times.
    pub fn current(&self) -> Option<&(Job, Service)> {
        self.current.as_ref()
    }

    /// Takes a request. The caller asks [`Disk::ready`] first.
    pub fn submit(&mut self, now: Nanos, job: Job) {
        debug_assert!(self.ready());
        let done = match &mut self.works {
            Works::Rotating(_) if self.current.is_some() => {
                self.waiting.push((now, job));
                return;
            }
            Works::Rotating(_) => {
                self.begin(now, job);
                return;
            }
            Works::Flash(flash) => flash.serve(now, &job),
            Works::Fixed(time) => now + *time,
        };
        self.run(done, job.tag);
    }

    /// When the next request is done.
    pub fn next(&self) -> Option<Nanos> {
        self.running.peek().map(|Reverse((done, ..))| *done)
    }

    /// The tag of a request that is done by `now`, one at a time, in the order they are done.
    pub fn complete(&mut self, now: Nanos) -> Option<u32> {
        let Reverse((_, _, tag)) = *self.running.peek().filter(|Reverse((done, ..))| *done <= now)?;
        self.running.pop();
        if self.current.take().is_some() {
            self.choose();
        }
        Some(tag)
    }

    fn run(&mut self, done: Nanos, tag: u32) {
        self.running.push(Reverse((done, self.taken, tag)));
        self.taken += 1;
    }

    fn begin(&mut self, arrival: Nanos, job: Job) {
        let Works::Rotating(rotating) = &mut self.works else { return };
        let service = rotating.serve(arrival, &job);
        self.travel.seeks += u64::from(service.distance > 0);
        self.travel.cylinders += service.distance;
        self.travel.seeking += service.arrived - service.start;
        self.travel.turning += service.under - service.arrived;
        self.travel.hits += u64::from(service.hit);
        self.current = Some((job, service));
        self.run(service.finish, job.tag);
    }

    /// A turning disk chooses the request it can begin soonest, unless one has waited too long.
    fn choose(&mut self) {
        let Works::Rotating(rotating) = &self.works else { return };
        let free = rotating.free();
        let soonest = |&(arrival, job): &(Nanos, Job)| {
            let start = (arrival + rotating.geometry().overhead).max(free);
            rotating.estimate(start, &job).under
        };
        let best = match self.waiting.first() {
            None => return,
            // In the order of arrival.
            Some((arrival, _)) if free.saturating_sub(*arrival) >= AGE => 0,
            Some(_) => {
                let keys = self.waiting.iter().enumerate().map(|(i, waiting)| (soonest(waiting), i));
                keys.min().map_or(0, |(_, i)| i)
            }
        };
        let (arrival, job) = self.waiting.remove(best);
        self.begin(arrival, job);
    }
}
