//! Worked numbers of CFQ; no kernel that has it could be recorded.

use super::super::tests::setup;
use super::*;
use crate::io_scheduler::request::{IoClass, IoPrio, Op};

fn cfq(kernel: (u16, u16, u16), tunables: &[(&'static str, i64)]) -> Cfq {
    let mut setup = setup(kernel, tunables);
    setup.hz = 1000;
    Cfq::new(&setup)
}

fn prio(class: IoClass, level: u8) -> IoPrio {
    IoPrio { class, level }
}

#[test]
fn slices_follow_the_priority() {
    let cfq = cfq((3, 10, 0), &[]);
    let sync: Vec<i64> = (0..8).map(|level| cfq.prio_slice(true, level)).collect();
    let asyncs: Vec<i64> = (0..8).map(|level| cfq.prio_slice(false, level)).collect();
    assert_eq!(sync, [180, 160, 140, 120, 100, 80, 60, 40]);
    assert_eq!(asyncs, [72, 64, 56, 48, 40, 32, 24, 16]);
}

#[test]
fn many_queues_make_slices_shorter() {
    // The average takes some rounds to rise to the number of queues; the slices are those then.
    for (queues, want) in [(3, 100), (4, 75), (5, 60), (6, 50), (8, 37), (10, 30), (15, 20), (19, 16), (30, 16)] {
        let mut cfq = cfq((3, 10, 0), &[]);
        for process in 0..queues {
            let request = Request { id: u64::from(process), process, sectors: 8, ..Request::default() };
            cfq.insert(0, request, Place::Sorted);
        }
        cfq.busy_avg = [i64::from(queues); 2];
        assert_eq!(cfq.scaled_slice(0), want, "{queues} queues");
    }
}

#[test]
fn the_average_rises_fast_and_falls_slowly() {
    let mut average = 0;
    let steps: Vec<i64> = [4_i64, 4, 4, 1, 1]
        .into_iter()
        .map(|busy| {
            average = (3 * busy.max(average) + busy.min(average) + 2) / 4;
            average
        })
        .collect();
    assert_eq!(steps, [3, 4, 4, 3, 3]);
    let mut cfq = cfq((3, 10, 0), &[]);
    for process in 0..4 {
        cfq.insert(
            0,
            Request { id: process, process: process as u32, sectors: 8, ..Request::default() },
            Place::Sorted,
        );
    }
    cfq.scaled_slice(0);
    assert_eq!(cfq.busy_avg[0], 3);
}

#[test]
fn the_nearer_request_ahead_or_a_little_behind() {
    for (a, b, last, first) in [
        (1100, 950, 1000, true),
        (1200, 950, 1000, false),
        (40_000, 100, 100_000, false),
        (70_000, 100, 100_000, true),
        (1000, 1000, 1000, true),
    ] {
        assert_eq!(nearer(a, b, last, 32_768, 2), first, "{a} {b} {last}");
    }
}

#[test]
fn lower_priorities_are_due_later() {
    // Three queues: a lower priority is due 40 ms later a level, async writes 280 ms.
    for (level, want) in [(0, 0), (1, 40), (4, 160), (7, 280)] {
        let mut cfq = cfq((3, 10, 0), &[]);
        for process in 1..=2 {
            cfq.insert(
                0,
                Request { id: process, process: process as u32, sectors: 8, ..Request::default() },
                Place::Sorted,
            );
        }
        let request = Request { id: 9, process: 9, sectors: 8, prio: prio(IoClass::Be, level), ..Request::default() };
        cfq.insert(0, request, Place::Sorted);
        let q = cfq.processes[&9].queues[1].expect("a queue");
        // Counted once it stands in a tree.
        cfq.resort_rr(q);
        assert_eq!(cfq.queues[q].key.0, want, "level {level}");
    }
    let mut cfq = cfq((3, 10, 0), &[]);
    for (id, op) in [(1, Op::Read), (2, Op::Read), (3, Op::Write)] {
        cfq.insert(0, Request { id, process: id as u32, op, sectors: 8, ..Request::default() }, Place::Sorted);
    }
    let q = cfq.processes[&3].queues[0].expect("a queue");
    cfq.resort_rr(q);
    assert_eq!(cfq.queues[q].key.0, 280);
}

#[test]
fn think_time_is_known_from_the_third_sample() {
    let mut think = Think::default();
    let samples: Vec<bool> = (1..=3)
        .map(|now| {
            think.update(now * 100, 8);
            think.valid()
        })
        .collect();
    // (((512·7 + 4096)/8)·7 + 4096)/8 = 1352, and (1352 + 128)/84.
    assert_eq!((samples, think.mean), (vec![false, false, true], 17));
}

/// Two processes that read in sequence, each its next request 1 ms after the last completed; the
/// device takes one request at a time, 2 ms each: whose request each dispatch was.
fn two_readers(tunables: &[(&'static str, i64)]) -> String {
    let mut cfq = cfq((3, 10, 0), tunables);
    let mut now = 0;
    let mut next: [(u64, Nanos); 2] = [(0, 0), (1_000_000, 0)];
    let mut device: Option<(Request, Nanos)> = None;
    let mut out = String::new();
    let mut id = 0;
    while out.len() < 200 {
        for (process, (sector, at)) in next.iter_mut().enumerate() {
            if *at == now {
                id += 1;
                let process = process as u32;
                let request = Request { id, process, sector: *sector, sectors: 8, start: now, ..Request::default() };
                cfq.insert(now, request, Place::Sorted);
                *sector += 8;
            }
        }
        if let Some((request, _)) = device.filter(|(_, until)| *until == now) {
            cfq.finished(now, &request);
            next[request.process as usize].1 = now + MILLISECOND;
            device = None;
        }
        if cfq.next_timer().is_some_and(|at| at <= now) {
            cfq.timer(now);
        }
        if device.is_none() {
            device = cfq.dispatch(now).map(|request| (request, now + 2 * MILLISECOND));
            if let Some((request, _)) = &device {
                out.push(if request.process == 0 { 'a' } else { 'b' });
            }
        }
        now += MILLISECOND;
    }
    out
}

fn turns(order: &str) -> Vec<usize> {
    let mut turns = vec![0];
    let bytes = order.as_bytes();
    for pair in bytes.windows(2) {
        *turns.last_mut().expect("one") += 1;
        if pair[0] != pair[1] {
            turns.push(0);
        }
    }
    turns
}

#[test]
fn readers_take_turns_of_a_slice() {
    // 100 ms from the first completion, a request every 3 ms: 34 and the first.
    let turns = turns(&two_readers(&[]));
    assert!(turns[..4].iter().all(|turn| (34..=35).contains(turn)), "{turns:?}");
}

#[test]
fn without_idling_every_request_is_a_turn() {
    // Nothing is waited for: the head goes back and forth.
    let turns = turns(&two_readers(&[("slice_idle", 0), ("group_idle", 0)]));
    assert!(turns[1..50].iter().all(|turn| *turn == 1), "{turns:?}");
}

#[test]
fn the_idle_class_waits_for_all_others() {
    let mut cfq = cfq((3, 10, 0), &[]);
    for (id, class) in [(1, IoClass::Idle), (2, IoClass::Be), (3, IoClass::Rt)] {
        let request = Request { id, process: id as u32, sectors: 8, prio: prio(class, 4), ..Request::default() };
        cfq.insert(0, request, Place::Sorted);
    }
    let mut order = Vec::new();
    let mut now = 0;
    for _ in 0..1000 {
        now += MILLISECOND;
        if cfq.next_timer().is_some_and(|at| at <= now) {
            cfq.timer(now);
        }
        if let Some(request) = cfq.dispatch(now) {
            order.push(request.id);
            cfq.finished(now, &request);
        }
    }
    assert_eq!(order, [3, 2, 1]);
}
