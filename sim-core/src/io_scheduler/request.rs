//! Requests: what waits in a scheduler, and when two of them may become one.

use crate::Nanos;

/// Identifies a request for as long as it lives; never used twice in a run.
pub type RequestId = u64;

/// Sectors are 512 bytes everywhere, whatever the device says its blocks are.
pub type Sector = u64;

/// What a request does (`enum req_op`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// Reads sectors.
    #[default]
    Read,
    /// Writes sectors.
    Write,
    /// Empties the device's volatile cache; has no sectors and is never sorted or merged.
    Flush,
    /// Tells the device that sectors are unused.
    Discard,
}

impl Op {
    /// Whether data goes towards the device (`op_is_write`).
    pub fn is_write(self) -> bool {
        self != Op::Read
    }

    /// The letter of blktrace's `rwbs`.
    pub fn letter(self) -> char {
        match self {
            Op::Read => 'R',
            Op::Write => 'W',
            Op::Flush => 'F',
            Op::Discard => 'D',
        }
    }
}

/// Class of `ioprio_set(2)`, as `ionice -c` numbers them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IoClass {
    /// Never set: best effort, with the level that follows from the nice value.
    #[default]
    None,
    /// `ionice -c1`.
    Rt,
    /// `ionice -c2`.
    Be,
    /// `ionice -c3`.
    Idle,
}

impl IoClass {
    /// The class `ionice -c` calls by a number from 0 to 3.
    pub fn from_number(number: u64) -> Option<IoClass> {
        [IoClass::None, IoClass::Rt, IoClass::Be, IoClass::Idle].get(usize::try_from(number).ok()?).copied()
    }
}

/// I/O priority: a class and a level in it, 0 (first) to 7.
///
/// Where the class was never set, the level is the one the kernel derives: (nice + 20) / 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IoPrio {
    /// The class.
    pub class: IoClass,
    /// The level, 0 to 7; without meaning in the idle class.
    pub level: u8,
}

impl Default for IoPrio {
    /// A process that set nothing, at nice 0.
    fn default() -> IoPrio {
        IoPrio { class: IoClass::None, level: 4 }
    }
}

/// A request (`struct request`), or a bio on its way to become one or to be merged into one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Its name in this run; a bio may leave it 0.
    pub id: RequestId,
    /// What it does.
    pub op: Op,
    /// Somebody waits for it: `REQ_SYNC`. A read is synchronous whatever this says
    /// ([`Request::is_sync`]).
    pub sync: bool,
    /// Metadata of a file system: `REQ_META | REQ_PRIO`.
    pub meta: bool,
    /// Nobody follows it soon: `REQ_IDLE` (until 4.9 `!REQ_NOIDLE`) says that an idle slice is
    /// worth its while; this is its absence, as of an fsync's log write.
    pub no_idle: bool,
    /// First sector.
    pub sector: Sector,
    /// Sectors, 0 for a flush.
    pub sectors: u32,
    /// Memory segments.
    pub segments: u32,
    /// The CPU it was submitted on: none and kyber keep a list for each.
    pub cpu: u32,
    /// Whose it is: CFQ and BFQ keep a queue for each.
    pub process: u32,
    /// With what priority.
    pub prio: IoPrio,
    /// When it was allocated (`start_time_ns`; blktrace G).
    pub start: Nanos,
    /// When it entered the scheduler (blktrace I); set by [`Elevator::insert`](super::elevator::Elevator::insert).
    pub insert: Nanos,
    /// When it left for the device (blktrace D); set by the scheduler's `dispatch`.
    pub issue: Nanos,
}

impl Request {
    /// The sector after its last.
    pub fn end(&self) -> Sector {
        self.sector.saturating_add(u64::from(self.sectors))
    }

    /// Whether somebody waits for it (`rq_is_sync`): reads, and writes marked so.
    pub fn is_sync(&self) -> bool {
        self.op == Op::Read || self.sync
    }

    /// Whether it can ever be merged (`rq_mergeable`): flushes cannot.
    pub fn is_mergeable(&self) -> bool {
        matches!(self.op, Op::Read | Op::Write) && self.sectors > 0
    }
}

/// On which side of a request a bio fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The bio begins where the request ends: blktrace M.
    Back,
    /// The bio ends where the request begins: blktrace F.
    Front,
}

/// What a queue lets grow together (`/sys/block/*/queue`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `nomerges`: 0 looks everywhere, 1 only at the plug and the last merge, 2 nowhere.
    pub nomerges: u8,
    /// Most sectors of a request: twice `max_sectors_kb`.
    pub max_sectors: u32,
    /// Most segments of a request.
    pub max_segments: u32,
}

impl Default for Limits {
    /// What a disk driver commonly sets: 1280 KiB, 128 segments, all merging.
    fn default() -> Limits {
        Limits { nomerges: 0, max_sectors: 2560, max_segments: 128 }
    }
}

/// Whether two requests are of a kind (`blk_rq_merge_ok`): same operation and priority, both
/// mergeable, both waited for or both not.
pub fn alike(a: &Request, b: &Request) -> bool {
    a.is_mergeable() && b.is_mergeable() && a.op == b.op && a.prio == b.prio
}

/// Whether they fit into one request (`ll_back_merge_fn`, `ll_merge_requests_fn`).
pub fn fits(a: &Request, b: &Request, limits: &Limits) -> bool {
    a.sectors.saturating_add(b.sectors) <= limits.max_sectors
        && a.segments.saturating_add(b.segments) <= limits.max_segments
}

/// The side of `request` on which `bio` may be merged (`blk_try_merge` after `blk_rq_merge_ok`),
/// whether or not it still fits.
pub fn side(request: &Request, bio: &Request) -> Option<Side> {
    if !alike(request, bio) {
        None
    } else if request.end() == bio.sector {
        Some(Side::Back)
    } else if bio.end() == request.sector {
        Some(Side::Front)
    } else {
        None
    }
}

impl Request {
    /// Takes a bio or a neighbour in (`bio_attempt_back_merge`, `bio_attempt_front_merge`,
    /// `attempt_merge`): it grows, and keeps the earlier start.
    pub fn absorb(&mut self, other: &Request, side: Side) {
        if side == Side::Front {
            self.sector = other.sector;
        }
        self.sectors = self.sectors.saturating_add(other.sectors);
        self.segments = self.segments.saturating_add(other.segments);
        self.start = self.start.min(other.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bio_fits_on_one_side() {
        let request = Request { sector: 100, sectors: 8, segments: 1, ..Request::default() };
        let bio = |sector, op| Request { sector, op, ..request };
        for (bio, want) in [
            (bio(108, Op::Read), Some(Side::Back)),
            (bio(92, Op::Read), Some(Side::Front)),
            (bio(109, Op::Read), None),
            (bio(108, Op::Write), None),
            (bio(108, Op::Flush), None),
            (Request { prio: IoPrio { class: IoClass::Rt, level: 0 }, ..bio(108, Op::Read) }, None),
        ] {
            assert_eq!(side(&request, &bio), want, "{bio:?}");
        }
    }

    #[test]
    fn a_merged_request_covers_both() {
        let mut request = Request { sector: 100, sectors: 8, segments: 1, start: 5, ..Request::default() };
        let bio = Request { sector: 92, start: 9, ..request };
        request.absorb(&bio, Side::Front);
        assert_eq!((request.sector, request.end(), request.segments, request.start), (92, 108, 2, 5));
    }
}
