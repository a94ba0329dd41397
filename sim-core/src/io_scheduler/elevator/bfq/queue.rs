//! A queue of BFQ: the requests of one process, or the asynchronous writes of one priority.

use crate::Nanos;
use crate::io_scheduler::elevator::store::{Fifo, Slot, Sorted};
use crate::io_scheduler::request::{IoClass, IoPrio, Request, Sector};

/// Index of a queue.
pub(super) type Q = usize;

/// A tick as long ago as matters (`bfq_smallest_from_now`).
pub(super) const LONG_AGO: i64 = i64::MIN / 4;

/// Which tree of its class a queue is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tree {
    /// None, as the one in service.
    #[default]
    None,
    /// Queues with requests.
    Active,
    /// Queues that were served ahead of their share, and are remembered for that.
    Idle,
}

/// `struct bfq_queue` with its `struct bfq_entity`; times are ticks where not said otherwise.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    pub sync: bool,
    /// The one process it belongs to, for as long as it is not shared (`bfqq->bic`).
    pub process: Option<u32>,
    /// 0 RT, 1 best effort, 2 idle.
    pub class: usize,
    pub new_class: usize,
    pub level: u8,

    pub start: u128,
    pub finish: u128,
    pub tree: Tree,
    pub key: (u128, u64),
    pub on_st: bool,
    pub budget: i64,
    pub service: i64,
    pub weight: u32,
    pub orig_weight: u32,
    pub new_weight: u32,
    pub prio_changed: bool,
    /// The weight it is counted under in the tree of weights.
    pub counted: Option<u32>,

    pub sort: Sorted,
    pub fifo: Fifo,
    pub next: Option<Slot>,
    pub dispatched: u32,
    pub max_budget: i64,
    /// Its key in the tree of positions.
    pub position: Option<Sector>,

    pub just_created: bool,
    pub busy: bool,
    pub wait_request: bool,
    pub non_blocking_wait_rq: bool,
    pub fifo_expire: bool,
    pub short_ttime: bool,
    pub io_bound: bool,
    pub in_large_burst: bool,
    pub in_burst_list: bool,
    pub coop: bool,
    pub split_coop: bool,
    pub softrt_update: bool,

    pub seek_history: u32,
    pub last_request_pos: Sector,
    /// In ns.
    pub last_end_request: Nanos,
    pub ttime_samples: u64,
    pub ttime_total: u64,
    pub ttime_mean: u64,
    /// In ns.
    pub io_start_time: Nanos,
    /// In ns.
    pub tot_idle_time: u64,

    pub budget_timeout: i64,
    pub split_time: i64,
    pub creation_time: i64,
    pub last_idle_bklogged: i64,
    pub service_from_backlogged: u64,
    pub first_io_time: i64,

    pub wr_coeff: u32,
    pub wr_cur_max_time: i64,
    pub last_wr_start_finish: i64,
    pub wr_start_at_switch_to_srt: i64,
    pub soft_rt_next_start: i64,
    pub service_from_wr: u64,

    /// The queue it is to be merged into.
    pub new_queue: Option<Q>,
    pub inject_limit: u32,
    pub decrease_time: i64,
    /// In ns.
    pub last_serv_time: u64,
    pub waker: Option<Q>,
    pub tentative_waker: Option<Q>,
    pub waker_detections: u32,
    /// In ns.
    pub waker_detection_started: Nanos,
    /// Queues it wakes, the latest first.
    pub woken: Vec<Q>,
}

impl Queue {
    /// More than 19 of the last 32 requests were far from the one before (`BFQQ_SEEKY`).
    pub fn seeky(&self) -> bool {
        self.seek_history.count_ones() > 19
    }

    /// All of them were (`BFQQ_TOTALLY_SEEKY`).
    pub fn totally_seeky(&self) -> bool {
        self.seek_history == u32::MAX
    }

    pub fn empty(&self) -> bool {
        self.sort.is_empty()
    }

    pub fn budget_left(&self) -> i64 {
        self.budget - self.service
    }

    pub fn class_idle(&self) -> bool {
        self.class == 2
    }
}

/// What is kept of a process (`struct bfq_io_cq`).
#[derive(Clone, Debug, Default)]
pub(super) struct Process {
    pub prio: IoPrio,
    /// Asynchronous and synchronous queue.
    pub queues: [Option<Q>; 2],
    /// Requests between insertion and completion.
    pub requests: u64,
    pub stable_merge: Option<Q>,
    pub stably_merged: bool,
    /// State of its queue from before it was merged.
    pub saved: Option<Box<Saved>>,
}

/// What comes back when a merged queue is split (`bfq_bfqq_save_state`).
#[derive(Clone, Debug)]
pub(super) struct Saved {
    pub queue: Queue,
    pub in_large_burst: bool,
    pub was_in_burst_list: bool,
}

/// Class index and level of a priority; no class is best effort, and idle is the last level.
pub(super) fn class_and_level(prio: IoPrio) -> (usize, u8) {
    match prio.class {
        IoClass::Rt => (0, prio.level.min(7)),
        IoClass::None | IoClass::Be => (1, prio.level.min(7)),
        IoClass::Idle => (2, 7),
    }
}

/// `bfq_ioprio_to_weight`.
pub(super) fn weight_of(level: u8) -> u32 {
    (8 - u32::from(level.min(7))) * 10
}

/// Index into queues and counters kept for async (0) and sync (1).
pub(super) fn sync_index(request: &Request) -> usize {
    usize::from(request.is_sync())
}
