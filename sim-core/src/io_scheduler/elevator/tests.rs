//! Worked orders of the schedulers, and what holds for all of them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Elevator, Kind, Place, Scheduler, Setup};
use crate::io_scheduler::request::{IoClass, IoPrio, Limits, Op, Request, RequestId, Sector};
use crate::{KernelVersion, MILLISECOND, Nanos};

/// A setup with tunables changed.
pub(super) fn setup(kernel: (u16, u16, u16), tunables: &[(&'static str, i64)]) -> Setup {
    Setup {
        kernel: KernelVersion::new(kernel.0, kernel.1, kernel.2),
        hz: 250,
        rotational: true,
        queue_depth: 1,
        nr_requests: 128,
        sectors: 2_000_000,
        tunables: tunables.iter().copied().collect::<BTreeMap<_, _>>(),
    }
}

/// The order in which a device that takes one request at a time, 10 ms each, gets requests of
/// 8 sectors that come at given times in ms; a late one may come while the device works.
fn order(scheduler: &mut Scheduler, arrivals: &[(&'static str, Op, Sector, Nanos)]) -> String {
    let mut names: BTreeMap<RequestId, &str> = BTreeMap::new();
    let mut out: Vec<&str> = Vec::new();
    let mut coming = arrivals.iter().peekable();
    let mut now = 0;
    let mut in_device: Option<Request> = None;
    for _ in 0..10_000 {
        while let Some((name, op, sector, at)) = coming.next_if(|(.., at)| at * MILLISECOND <= now) {
            let id = names.len() as RequestId;
            names.insert(id, name);
            let request = Request { id, op: *op, sector: *sector, sectors: 8, segments: 1, ..Request::default() };
            scheduler.insert(at * MILLISECOND, request, Place::Sorted);
        }
        if let Some(done) = in_device.take() {
            scheduler.finished(now, &done);
        }
        match scheduler.dispatch(now) {
            Some(request) => {
                out.push(names[&request.id]);
                in_device = Some(request);
                now += 10 * MILLISECOND;
            }
            None => match coming.peek() {
                Some((.., at)) => now = at * MILLISECOND,
                None => break,
            },
        }
    }
    out.join(" ")
}

const EXAMPLE: &[(&str, Op, Sector, Nanos)] = &[
    ("R1", Op::Read, 800, 0),
    ("R2", Op::Read, 100, 0),
    ("R3", Op::Read, 400, 0),
    ("R4", Op::Read, 808, 0),
    ("W1", Op::Write, 500, 0),
    ("W2", Op::Write, 50, 0),
    ("W3", Op::Write, 600, 0),
    ("R5", Op::Read, 410, 15),
    ("R6", Op::Read, 90, 25),
    ("W4", Op::Write, 620, 35),
];

#[test]
fn worked_orders() {
    for (kind, kernel, tunables, want) in [
        (Kind::Deadline, (3, 10, 0), &[][..], "R1 R4 R2 R3 R5 W1 W3 W4 R6 W2"),
        (Kind::Deadline, (3, 10, 0), &[("fifo_batch", 2), ("writes_starved", 1)], "R1 R4 W1 W3 R2 R3 W2 W4 R5 R6"),
        (Kind::Deadline, (3, 10, 0), &[("fifo_batch", 1)], "R1 R4 W1 R2 R3 W2 R5 R6 W3 W4"),
        (Kind::MqDeadline, (5, 10, 0), &[], "R1 R4 R2 R3 R5 W1 W3 W4 R6 W2"),
        (Kind::MqDeadline, (6, 12, 0), &[], "W2 W1 W3 R6 R2 R3 R5 R1 R4 W4"),
        (Kind::MqDeadline, (6, 12, 0), &[("read_expire", 30)], "W2 W1 W3 R1 R4 R2 R3 R5 R6 W4"),
        (Kind::Noop, (3, 10, 0), &[], "R1 R2 R3 R4 W1 W2 W3 R5 R6 W4"),
        (Kind::None, (6, 12, 0), &[], "R1 R2 R3 R4 W1 W2 W3 R5 R6 W4"),
    ] {
        // Deadlines in ms, as the examples were worked: a tick is a millisecond.
        let setup = Setup { hz: 1000, ..setup(kernel, tunables) };
        assert_eq!(order(&mut kind.start(&setup), EXAMPLE), want, "{kind:?} {kernel:?} {tunables:?}");
    }
}

/// Something that happens to a scheduler.
#[derive(Clone, Debug)]
enum Step {
    Insert(Request, Place),
    /// From a plug: merged if it can be.
    Unplug(Request),
    /// A bio: merged if it can be, inserted otherwise.
    Bio(Request),
    Dispatch,
    /// The oldest, or the newest, of what is in the device is finished.
    Finish(bool),
    Timer,
    Wait(Nanos),
}

fn any_request() -> impl Strategy<Value = Request> {
    let sector = prop_oneof![8 => 0..256_u64, 1 => Just(u64::MAX), 1 => any::<u64>()];
    let sectors = prop_oneof![8 => 1..16_u32, 1 => any::<u32>()];
    let op = prop_oneof![6 => Just(Op::Read), 6 => Just(Op::Write), 1 => Just(Op::Discard), 1 => Just(Op::Flush)];
    let class = (0..4_u64).prop_map(|class| IoClass::from_number(class).unwrap_or_default());
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (op, sector, sectors, flags, class, any::<u8>(), (0..5_u32, 0..3_u32)).prop_map(
        |(op, sector, sectors, (sync, meta, no_idle), class, level, (process, cpu))| Request {
            op,
            sector,
            sectors: if op == Op::Flush { 0 } else { sectors },
            segments: 1,
            sync,
            meta: meta && no_idle,
            no_idle,
            process,
            cpu,
            prio: IoPrio { class, level: level % 16 },
            ..Request::default()
        },
    )
}

fn any_step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![4 => 0..2 * MILLISECOND, 3 => 0..50 * MILLISECOND, 1 => 0..20_000 * MILLISECOND];
    prop_oneof![
        4 => any_request().prop_map(|request| Step::Insert(request, Place::Sorted)),
        1 => any_request().prop_map(|request| Step::Insert(request, Place::Head)),
        3 => any_request().prop_map(Step::Unplug),
        6 => any_request().prop_map(Step::Bio),
        8 => Just(Step::Dispatch),
        6 => any::<bool>().prop_map(Step::Finish),
        2 => Just(Step::Timer),
        6 => wait.prop_map(Step::Wait),
    ]
}

/// A scheduler, and what is known of the requests it was given.
struct Account {
    scheduler: Scheduler,
    now: Nanos,
    next_id: RequestId,
    waiting: BTreeSet<RequestId>,
    device: Vec<Request>,
    sectors: u128,
}

impl Account {
    fn sized(request: &Request) -> u128 {
        u128::from(request.sectors)
    }

    fn insert(&mut self, mut request: Request, place: Place) {
        self.next_id += 1;
        request.id = self.next_id;
        request.start = self.now;
        self.waiting.insert(request.id);
        self.sectors += Account::sized(&request);
        self.scheduler.insert(self.now, request, place);
    }

    fn merged(&mut self, merged: super::Merged, bio: &Request) {
        assert!(self.waiting.contains(&merged.request.id), "merged into what does not wait");
        assert!(merged.request.sectors <= Limits::default().max_sectors);
        for id in &merged.absorbed {
            assert!(self.waiting.remove(id), "absorbed what does not wait");
        }
        self.sectors += Account::sized(bio);
    }

    fn dispatch(&mut self) -> bool {
        let Some(request) = self.scheduler.dispatch(self.now) else { return false };
        assert!(self.waiting.remove(&request.id), "dispatched what does not wait: {request:?}");
        assert!(self.sectors >= Account::sized(&request), "more sectors than went in");
        self.sectors -= Account::sized(&request);
        self.device.push(request);
        true
    }

    fn finish(&mut self, newest: bool) {
        if !self.device.is_empty() {
            let request = if newest { self.device.pop() } else { Some(self.device.remove(0)) };
            self.scheduler.finished(self.now, &request.expect("not empty"));
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Insert(request, place) => self.insert(request, place),
            Step::Unplug(request) => match self.scheduler.merge_insert(self.now, &request, &Limits::default()) {
                Some(merged) => self.merged(merged, &request),
                None => self.insert(request, Place::Sorted),
            },
            Step::Bio(bio) => match self.scheduler.merge(self.now, &bio, &Limits::default()) {
                Some(merged) => self.merged(merged, &bio),
                None => self.insert(bio, Place::Sorted),
            },
            Step::Dispatch => {
                self.dispatch();
            }
            Step::Finish(newest) => self.finish(newest),
            Step::Timer => self.scheduler.timer(self.now),
            Step::Wait(span) => self.now += span,
        }
        assert_eq!(self.scheduler.waiting(), self.waiting.len());
        assert_eq!(self.scheduler.has_work(), !self.waiting.is_empty());
    }

    /// Everything comes out in the end: when nothing does, a completion, a timer or some time helps.
    fn drain(&mut self) {
        for _ in 0..20_000 {
            if self.waiting.is_empty() && self.device.is_empty() {
                break;
            }
            if self.dispatch() {
                continue;
            }
            if self.device.is_empty() {
                // What it waits for does not come: an idle slice may take as long as was set.
                self.now = self.scheduler.next_timer().unwrap_or(0).max(self.now + MILLISECOND);
                self.scheduler.timer(self.now);
            }
            self.finish(false);
        }
        assert_eq!((self.waiting.len(), self.device.len(), self.sectors), (0, 0, 0), "something was lost");
    }
}

proptest! {
    /// No request is lost, none comes out twice and none is invented, whatever happens in whatever
    /// order.
    #[test]
    fn what_goes_in_comes_out_once(
        kind in 0..Kind::ALL.len(),
        newer in any::<bool>(),
        rotational in any::<bool>(),
        extreme in 0..4_u8,
        steps in proptest::collection::vec(any_step(), 0..200),
    ) {
        let kind = Kind::ALL[kind];
        let kernel = match (kind.is_legacy(), newer) {
            (true, false) => (2, 6, 33),
            (true, true) => (4, 19, 0),
            (false, false) => (5, 10, 0),
            (false, true) => (6, 12, 0),
        };
        let mut setup = Setup { rotational, ..setup(kernel, &[]) };
        if extreme > 0 {
            // The least and the largest value of every tunable.
            for param in kind.tunables(setup.kernel) {
                setup.tunables.insert(param.name, if extreme == 1 { param.min } else { param.max });
            }
        }
        let scheduler = kind.start(&setup);
        let mut account = Account {
            scheduler, now: 0, next_id: 0, waiting: BTreeSet::new(), device: Vec::new(), sectors: 0,
        };
        for step in steps {
            account.step(step);
            let view = account.scheduler.view(account.now, 4);
            prop_assert!(view.lanes.iter().all(|lane| lane.waiting.len() <= 4));
        }
        account.drain();
    }
}
