//! The schedulers there are, the kernels that have them, and their tunables.

use std::collections::BTreeMap;

use super::bfq::Bfq;
use super::cfq::Cfq;
use super::deadline::Deadline;
use super::kyber::Kyber;
use super::none;
use super::noop::Noop;
use super::tunables::{self, Tunable};
use super::{Elevator, Merged, Place, View, Why};
use crate::io_scheduler::request::{Limits, Request};
use crate::scenario::Param;
use crate::{KernelVersion, Nanos, Text};

/// A scheduler by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// blk-mq without a scheduler: first come, first served.
    None,
    /// Single queue: first come, first served, with merging.
    Noop,
    /// Single queue: batches by sector, with soft deadlines.
    Deadline,
    /// Single queue: time slices by process, with idling.
    Cfq,
    /// blk-mq: deadline, since 5.14 with priority classes.
    MqDeadline,
    /// blk-mq: a token bucket for each kind of request, sized by latency.
    Kyber,
    /// blk-mq: budgets of sectors by process, with idling.
    Bfq,
}

/// What a scheduler is started with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The kernel whose rules hold.
    pub kernel: KernelVersion,
    /// Ticks a second: deadlines of (mq-)deadline and of CFQ before 4.8 count in ticks.
    pub hz: u32,
    /// `queue/rotational`.
    pub rotational: bool,
    /// Requests the device takes at once (1: no NCQ).
    pub queue_depth: u32,
    /// `queue/nr_requests`.
    pub nr_requests: u32,
    /// Capacity of the device in sectors (BFQ scales what it calls far by nothing else).
    pub sectors: u64,
    /// What was written below `iosched/`, by name; the rest stands at its default.
    pub tunables: BTreeMap<&'static str, i64>,
}

impl Setup {
    /// A tunable's value: what was written, or its default.
    pub fn tunable(&self, kind: Kind, name: &str) -> i64 {
        let written = self.tunables.get(name).copied();
        written.or_else(|| kind.tunables(self.kernel).iter().find(|p| p.name == name).map(|p| p.default)).unwrap_or(0)
    }
}

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor, 0)
}

impl Kind {
    /// All of them, in the order of this list in the workbook.
    pub const ALL: [Kind; 7] =
        [Kind::None, Kind::Noop, Kind::Deadline, Kind::Cfq, Kind::MqDeadline, Kind::Kyber, Kind::Bfq];

    /// The name in `queue/scheduler`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::None => "none",
            Kind::Noop => "noop",
            Kind::Deadline => "deadline",
            Kind::Cfq => "cfq",
            Kind::MqDeadline => "mq-deadline",
            Kind::Kyber => "kyber",
            Kind::Bfq => "bfq",
        }
    }

    /// The scheduler of a name.
    pub fn of_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it belongs to the single-queue block layer, gone in 5.0.
    pub fn is_legacy(self) -> bool {
        matches!(self, Kind::Noop | Kind::Deadline | Kind::Cfq)
    }

    /// The first kernel that has it, and the first that no longer has.
    pub fn kernels(self) -> (KernelVersion, KernelVersion) {
        let end = v(8, 0);
        match self {
            Kind::Noop | Kind::Deadline | Kind::Cfq => (KernelVersion::new(2, 6, 32), v(5, 0)),
            Kind::None => (v(3, 13), end),
            Kind::MqDeadline => (v(4, 11), end),
            Kind::Kyber | Kind::Bfq => (v(4, 12), end),
        }
    }

    /// Whether a kernel has it.
    pub fn is_in(self, kernel: KernelVersion) -> bool {
        let (first, end) = self.kernels();
        first <= kernel && kernel < end
    }

    /// What a disk gets when nobody chooses: cfq before 5.0; since then mq-deadline for a device
    /// of one hardware queue, none for one of several (`elevator_get_default`).
    pub fn default_for(kernel: KernelVersion, hardware_queues: u32) -> Kind {
        if kernel < v(5, 0) {
            Kind::Cfq
        } else if hardware_queues == 1 {
            Kind::MqDeadline
        } else {
            Kind::None
        }
    }

    /// The files below `iosched/` on a kernel, with units, ranges and defaults.
    pub fn tunables(self, kernel: KernelVersion) -> Vec<&'static Param> {
        let all: &'static [Tunable] = match self {
            Kind::None | Kind::Noop => tunables::NOTHING,
            Kind::Deadline => tunables::DEADLINE,
            Kind::MqDeadline => tunables::MQ_DEADLINE,
            Kind::Cfq => tunables::CFQ,
            Kind::Kyber => tunables::KYBER,
            Kind::Bfq => tunables::BFQ,
        };
        all.iter().filter(|(_, from, until)| *from <= kernel && kernel < *until).map(|(param, ..)| param).collect()
    }

    /// The scheduler at work on an idle device.
    pub fn start(self, setup: &Setup) -> Scheduler {
        match self {
            Kind::None => Scheduler::None(none::None::default()),
            Kind::Bfq => Scheduler::Bfq(Box::new(Bfq::new(setup))),
            Kind::Kyber => Scheduler::Kyber(Box::new(Kyber::new(setup))),
            Kind::Noop => Scheduler::Noop(Noop::default()),
            Kind::Cfq => Scheduler::Cfq(Box::new(Cfq::new(setup))),
            Kind::Deadline | Kind::MqDeadline => Scheduler::Deadline(Box::new(Deadline::new(self, setup))),
        }
    }

    /// What a reader calls it.
    pub fn title(self) -> Text {
        Text::fixed(self.name(), self.name())
    }
}

/// Any of the schedulers.
#[derive(Clone, Debug)]
pub enum Scheduler {
    /// [`Kind::None`].
    None(none::None),
    /// [`Kind::Noop`].
    Noop(Noop),
    /// [`Kind::Deadline`] and [`Kind::MqDeadline`].
    Deadline(Box<Deadline>),
    /// [`Kind::Cfq`].
    Cfq(Box<Cfq>),
    /// [`Kind::Kyber`].
    Kyber(Box<Kyber>),
    /// [`Kind::Bfq`].
    Bfq(Box<Bfq>),
}

macro_rules! each {
    ($self:ident, $it:ident => $do:expr) => {
        match $self {
            Scheduler::None($it) => $do,
            Scheduler::Noop($it) => $do,
            Scheduler::Deadline($it) => $do,
            Scheduler::Cfq($it) => $do,
            Scheduler::Kyber($it) => $do,
            Scheduler::Bfq($it) => $do,
        }
    };
}

impl Elevator for Scheduler {
    fn insert(&mut self, now: Nanos, request: Request, place: Place) {
        each!(self, it => it.insert(now, request, place))
    }
    fn merge(&mut self, now: Nanos, bio: &Request, limits: &Limits) -> Option<Merged> {
        each!(self, it => it.merge(now, bio, limits))
    }
    fn merge_insert(&mut self, now: Nanos, request: &Request, limits: &Limits) -> Option<Merged> {
        each!(self, it => it.merge_insert(now, request, limits))
    }
    fn dispatch(&mut self, now: Nanos) -> Option<Request> {
        let mut request = each!(self, it => it.dispatch(now))?;
        request.issue = now;
        Some(request)
    }
    fn finished(&mut self, now: Nanos, request: &Request) {
        each!(self, it => it.finished(now, request))
    }
    fn next_timer(&self) -> Option<Nanos> {
        each!(self, it => it.next_timer())
    }
    fn timer(&mut self, now: Nanos) {
        each!(self, it => it.timer(now))
    }
    fn has_work(&self) -> bool {
        each!(self, it => it.has_work())
    }
    fn waiting(&self) -> usize {
        each!(self, it => it.waiting())
    }
    fn depth_limit(&self, request: &Request, nr_requests: u32) -> u32 {
        each!(self, it => it.depth_limit(request, nr_requests))
    }
    fn why(&self) -> Why {
        each!(self, it => it.why())
    }
    fn view(&self, now: Nanos, most: usize) -> View {
        each!(self, it => it.view(now, most))
    }
    fn sysfs(&self) -> Vec<(&'static str, String)> {
        each!(self, it => it.sysfs())
    }
}
