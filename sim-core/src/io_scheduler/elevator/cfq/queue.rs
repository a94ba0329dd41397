//! A queue of CFQ: the synchronous requests of one process, or the asynchronous ones of one
//! priority.

use std::collections::BTreeMap;

use crate::io_scheduler::elevator::store::{Fifo, Slot, Sorted};
use crate::io_scheduler::request::{IoClass, IoPrio, Sector};

/// Index of a queue.
pub(super) type Q = usize;

/// Workload types, in the order in which ties are broken.
pub(super) const ASYNC: usize = 0;
pub(super) const SYNC_NOIDLE: usize = 1;
pub(super) const SYNC: usize = 2;
/// The idle class; 0 is RT and 1 best effort.
pub(super) const IDLE: usize = 2;

/// Mean time between a completion and the next request (`struct cfq_ttime`).
#[derive(Clone, Debug, Default)]
pub(super) struct Think {
    pub last_end: i64,
    samples: u64,
    total: u64,
    pub mean: u64,
}

impl Think {
    /// `__cfq_update_io_thinktime`: no more than twice the idle slice counts.
    pub fn update(&mut self, now: i64, idle: i64) {
        let elapsed = (now - self.last_end).clamp(0, idle.max(0).saturating_mul(2)) as u64;
        self.samples = (7 * self.samples + 256) / 8;
        self.total = (7 * self.total + 256 * elapsed) / 8;
        self.mean = (self.total + 128) / self.samples;
    }

    /// From the third sample on.
    pub fn valid(&self) -> bool {
        self.samples > 80
    }

    /// `cfq_io_thinktime_big`.
    pub fn big(&self, idle: i64) -> bool {
        self.valid() && self.mean > idle.max(0) as u64
    }
}

/// Queues of one class and type, by the time at which they are due (`struct cfq_rb_root`).
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    pub queues: BTreeMap<(i64, u64), Q>,
    pub think: Think,
}

/// What is kept of a process (`struct cfq_io_cq`).
#[derive(Clone, Debug, Default)]
pub(super) struct Process {
    pub prio: IoPrio,
    /// Asynchronous and synchronous queue.
    pub queues: [Option<Q>; 2],
    pub think: Think,
}

/// `struct cfq_queue`.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    pub sync: bool,
    pub process: Option<u32>,
    /// 0 RT, 1 best effort, 2 idle.
    pub class: usize,
    pub level: u8,
    /// Class and level to take over with the next request.
    pub new_prio: Option<(usize, u8)>,

    pub sort: Sorted,
    pub fifo: Fifo,
    pub next: Option<Slot>,
    pub meta_pending: u32,
    pub dispatched: u32,

    /// Its tree and its key there.
    pub tree: Option<(usize, usize)>,
    pub key: (i64, u64),
    /// Its place among the sectors: level and sector.
    pub position: Option<(usize, Sector)>,

    pub slice_start: i64,
    pub slice_end: i64,
    pub allocated_slice: i64,
    pub slice_resid: i64,
    pub slice_dispatch: i64,

    pub seek_history: u32,
    pub last_request_pos: Sector,

    pub on_rr: bool,
    pub wait_request: bool,
    pub must_dispatch: bool,
    pub fifo_expire: bool,
    pub idle_window: bool,
    pub slice_new: bool,
    pub coop: bool,
    pub split_coop: bool,
    pub deep: bool,
    pub wait_busy: bool,
    /// The queue it is to be merged into.
    pub new_queue: Option<Q>,
}

impl Queue {
    /// More than 4 of the last 32 requests were far from the one before (`CFQQ_SEEKY`).
    pub fn seeky(&self) -> bool {
        self.seek_history.count_ones() > 4
    }

    /// `cfqq_type`.
    pub fn kind(&self) -> usize {
        match (self.sync, self.idle_window) {
            (false, _) => ASYNC,
            (true, false) => SYNC_NOIDLE,
            (true, true) => SYNC,
        }
    }

    pub fn class_idle(&self) -> bool {
        self.class == IDLE
    }

    pub fn class_rt(&self) -> bool {
        self.class == 0
    }

    /// The tree it belongs to: the idle class has one for all.
    pub fn home(&self) -> (usize, usize) {
        (self.class, if self.class_idle() { 0 } else { self.kind() })
    }
}

/// Class index and level of a priority; no class is best effort, and idle is the last level.
pub(super) fn class_and_level(prio: IoPrio) -> (usize, u8) {
    match prio.class {
        IoClass::Rt => (0, prio.level.min(7)),
        IoClass::None | IoClass::Be => (1, prio.level.min(7)),
        IoClass::Idle => (IDLE, 7),
    }
}
