//! A disk that turns: seek, rotation, transfer, and the sectors it reads ahead of being asked.
//!
//! Time of a request at cylinder distance `d`, rotation phase taken from absolute time, so that the
//! same input always gives the same output: overhead, `seek(d)` or a head switch, the wait until
//! the sector comes round, the transfer. Where a transfer goes on to the next track, the head
//! switches and waits for that track's first sector; tracks are skewed by as many sectors as the
//! switch takes, which is how disks are formatted.

use crate::Nanos;

use super::Job;

/// How the head gets from cylinder to cylinder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seek {
    /// HP 97560 as published (Ruemmler and Wilkes, "An introduction to disk drive modeling", 1994):
    /// 3.24 + 0.400·√d ms up to 383 cylinders, 8.00 + 0.008·d ms beyond.
    Hp97560,
    /// Through three figures of a data sheet, ns: one track, the average (reached at a third of
    /// the cylinders), the full stroke. Square root up to the average, straight line beyond.
    Sheet {
        /// Track to track.
        one: Nanos,
        /// Average.
        average: Nanos,
        /// Full stroke.
        full: Nanos,
    },
}

/// What a disk is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Positions of the arm.
    pub cylinders: u64,
    /// Surfaces, each with one track at a position.
    pub tracks: u64,
    /// Sectors of 512 bytes on a track; the same on all of them (one zone).
    pub sectors: u64,
    /// One turn, ns.
    pub turn: Nanos,
    /// From one head to another, ns.
    pub switch: Nanos,
    /// What the controller takes before the arm moves, ns.
    pub overhead: Nanos,
    /// Sectors it may read ahead into its buffer; 0 for none.
    pub ahead: u64,
    /// The arm.
    pub seek: Seek,
}

/// A place on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Position of the arm.
    pub cylinder: u64,
    /// Surface.
    pub track: u64,
    /// Sector of the track.
    pub sector: u64,
}

impl Geometry {
    /// Sectors in all.
    pub fn capacity(&self) -> u64 {
        self.cylinders * self.tracks * self.sectors
    }

    /// Where a sector is.
    pub fn place(&self, sector: u64) -> Place {
        let track = sector / self.sectors;
        Place { cylinder: track / self.tracks, track: track % self.tracks, sector: sector % self.sectors }
    }

    /// Time the arm takes over `d` cylinders, ns; 0 for none.
    pub fn seek(&self, d: u64) -> Nanos {
        if d == 0 {
            return 0;
        }
        match self.seek {
            Seek::Hp97560 if d <= 383 => 3_240_000 + (d * 160_000_000_000).isqrt(),
            Seek::Hp97560 => 8_000_000 + 8_000 * d,
            Seek::Sheet { one, average, full } => {
                let c = self.cylinders;
                if 3 * d <= c {
                    // In millionths, so that the roots keep their digits.
                    const MILLIONTH: u64 = 1_000_000;
                    let root = (d * MILLIONTH * MILLIONTH).isqrt() - MILLIONTH;
                    let third = (c * MILLIONTH * MILLIONTH / 3).isqrt() - MILLIONTH;
                    one + (average - one) * root / third
                } else {
                    average + (full - average) * (3 * d - c) / (2 * c)
                }
            }
        }
    }

    /// How long `n` sectors of one track take to pass, ns.
    pub fn passing(&self, n: u64) -> Nanos {
        n * self.turn / self.sectors
    }

    /// Sectors by which a track, and a cylinder, is turned against the one before it: enough to
    /// switch heads, and to move the arm by one.
    fn skews(&self) -> (u64, u64) {
        let sectors = |time: Nanos| (time * self.sectors).div_ceil(self.turn);
        (sectors(self.switch), sectors(self.seek(1).max(self.switch)))
    }

    /// Slot of the turn at which a sector begins.
    fn slot(&self, place: Place) -> u64 {
        let (track, cylinder) = self.skews();
        let skew = place.cylinder * ((self.tracks - 1) * track + cylinder) + place.track * track;
        (place.sector + skew) % self.sectors
    }

    /// From `t` until a slot comes round.
    fn wait(&self, t: Nanos, slot: u64) -> Nanos {
        (self.passing(slot) + self.turn - t % self.turn) % self.turn
    }

    /// From one place of the head to another, ns; rotation not counted.
    fn reach(&self, from: Place, to: Place) -> Nanos {
        let switch = if from.track == to.track { 0 } else { self.switch };
        // Heads are switched while the arm moves.
        self.seek(from.cylinder.abs_diff(to.cylinder)).max(switch)
    }

    /// When `n` sectors from `sector` on have passed, the head being over the first at `t`.
    fn passed(&self, t: Nanos, sector: u64, n: u64) -> Nanos {
        let (mut t, mut sector, mut left) = (t, sector, n);
        loop {
            let place = self.place(sector);
            let here = left.min(self.sectors - place.sector);
            let slot = self.slot(place);
            // Ends of slots are where the next begin, so that nothing is missed by rounding.
            t += self.passing(slot + here) - self.passing(slot);
            left -= here;
            sector += here;
            if left == 0 {
                return t;
            }
            let next = self.place(sector);
            t += self.reach(place, next);
            t += self.wait(t, self.slot(next));
        }
    }
}

/// What the disk reads of its own accord after a read, until it is wanted elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ahead {
    /// First sector that is in the buffer.
    from: u64,
    /// Sector the head was over at `since`.
    next: u64,
    since: Nanos,
}

/// What became of a request, for a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// When the disk began with it.
    pub start: Nanos,
    /// When the arm has arrived.
    pub arrived: Nanos,
    /// When the first sector is under the head.
    pub under: Nanos,
    /// When it is done.
    pub finish: Nanos,
    /// Cylinder the arm comes from.
    pub from: u64,
    /// Cylinders the arm moves.
    pub distance: u64,
    /// Whether it came from the sectors read ahead.
    pub hit: bool,
}

/// The moving parts.
#[derive(Clone, Debug)]
pub struct Rotating {
    geometry: Geometry,
    head: Place,
    ahead: Option<Ahead>,
    free: Nanos,
}

impl Rotating {
    /// At rest over sector 0.
    pub fn new(geometry: Geometry) -> Rotating {
        Rotating { geometry, head: Place { cylinder: 0, track: 0, sector: 0 }, ahead: None, free: 0 }
    }

    /// What it is made of.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Cylinder of the head when it last had done what it was told.
    pub fn cylinder(&self) -> u64 {
        self.head.cylinder
    }

    /// What a request would take if the disk began with it at `t`.
    pub fn estimate(&self, t: Nanos, job: &Job) -> Service {
        let g = &self.geometry;
        if let Some(finish) = self.hit(t, job) {
            let from = self.head_at(t).cylinder;
            return Service { start: t, arrived: t, under: t, finish, from, distance: 0, hit: true };
        }
        let to = g.place(job.sector);
        let from = self.head_at(t);
        let arrived = t + g.reach(from, to);
        let under = arrived + g.wait(arrived, g.slot(to));
        let finish = g.passed(under, job.sector, job.sectors);
        let distance = from.cylinder.abs_diff(to.cylinder);
        Service { start: t, arrived, under, finish, from: from.cylinder, distance, hit: false }
    }

    /// Serves a request that came at `arrival`; the controller's overhead counts from then, so that
    /// it is hidden while the request waits in the disk's own queue.
    pub fn serve(&mut self, arrival: Nanos, job: &Job) -> Service {
        let start = (arrival + self.geometry.overhead).max(self.free);
        let service = self.estimate(start, job);
        self.free = service.finish;
        let end = job.sector + job.sectors;
        let from = self.ahead.map_or(job.sector, |ahead| ahead.from);
        if !service.hit {
            self.head = self.geometry.place(end - 1);
            self.ahead = None;
        }
        if self.geometry.ahead > 0 && !job.write {
            // After a hit the medium goes on from where it is, for as long as there is room.
            self.ahead = match self.ahead {
                Some(ahead) if service.hit => {
                    let from = from.max(job.sector);
                    if end > ahead.next {
                        self.head = self.geometry.place(end - 1);
                        Some(Ahead {
                            from,
                            next: end,
                            since: self.geometry.passed(ahead.since, ahead.next, end - ahead.next),
                        })
                    } else {
                        Some(Ahead { from, ..ahead })
                    }
                }
                _ => Some(Ahead { from: job.sector, next: end, since: service.finish }),
            };
        }
        service
    }

    /// The next request begins when the disk has done this one.
    pub fn free(&self) -> Nanos {
        self.free
    }

    /// When a read is done that the disk has read, or is about to read, of its own accord.
    fn hit(&self, t: Nanos, job: &Job) -> Option<Nanos> {
        let ahead = self.ahead.filter(|_| !job.write)?;
        let end = job.sector + job.sectors;
        if job.sector < ahead.from || end > (ahead.from + self.geometry.ahead).min(self.geometry.capacity()) {
            return None;
        }
        let reached = |sector: u64| match sector.checked_sub(ahead.next) {
            None | Some(0) => ahead.since,
            Some(n) => self.geometry.passed(ahead.since, ahead.next, n),
        };
        (reached(job.sector) <= t).then(|| reached(end).max(t))
    }

    /// Where the head is at `t`, reading ahead.
    fn head_at(&self, t: Nanos) -> Place {
        let Some(ahead) = self.ahead else { return self.head };
        let g = &self.geometry;
        let last = (ahead.from + g.ahead).min(g.capacity()).max(ahead.next);
        let (mut at, mut sector) = (ahead.since, ahead.next);
        let mut head = self.head;
        // A track at a time; the buffer holds few.
        while sector < last {
            let here = (g.sectors - sector % g.sectors).min(last - sector);
            let done = g.passed(at, sector, here);
            if done > t {
                break;
            }
            (at, head, sector) = (done, g.place(sector + here - 1), sector + here);
        }
        head
    }
}
