//! Worked orders of the schedulers, and what holds for all of them.

use std::collections::BTreeMap;

use super::{Elevator, Kind, Place, Scheduler, Setup};
use crate::io_scheduler::request::{Op, Request, RequestId, Sector};
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
