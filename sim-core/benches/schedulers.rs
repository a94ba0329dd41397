//! Requests a second through each scheduler alone, on a device that takes a fixed time for each,
//! and the replay of all recordings of schedulers.

use std::collections::BTreeMap;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sim_core::io_scheduler::elevator::{Elevator, Kind, Place, Setup};
use sim_core::io_scheduler::{Op, Request};
use sim_core::{KernelVersion, fidelity};

/// Requests that wait at a time.
const WAITING: u64 = 64;
/// Requests of a run.
const REQUESTS: u64 = 50_000;
/// What the device takes for one, in ns.
const SERVICE: u64 = 10_000;

/// A request of 8 sectors somewhere on the disk, every third a write, of one of four processes.
fn request(id: u64) -> Request {
    let random = id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let op = if id.is_multiple_of(3) { Op::Write } else { Op::Read };
    let process = (id % 4) as u32;
    Request { id, op, sector: random * 8, sectors: 8, segments: 1, process, start: id, ..Request::default() }
}

/// As many requests as wait at a time are always there; the sum of sectors is what came out.
fn through(kind: Kind) -> u64 {
    let kernel = if kind.is_legacy() { KernelVersion::new(3, 10, 0) } else { KernelVersion::new(6, 12, 0) };
    let mut scheduler = kind.start(&Setup {
        kernel,
        hz: 250,
        rotational: false,
        queue_depth: 1,
        nr_requests: 128,
        sectors: 1 << 28,
        tunables: BTreeMap::new(),
    });
    let (mut now, mut asked, mut sum, mut done) = (0, 0, 0, 0);
    while done < REQUESTS {
        while asked < REQUESTS && asked - done < WAITING {
            asked += 1;
            scheduler.insert(now, request(asked), Place::Sorted);
        }
        match scheduler.dispatch(now) {
            Some(request) => {
                now += SERVICE;
                scheduler.finished(now, &request);
                sum += request.sector;
                done += 1;
            }
            None => now = scheduler.next_timer().unwrap_or(0).max(now + SERVICE),
        }
        if scheduler.next_timer().is_some_and(|at| at <= now) {
            scheduler.timer(now);
        }
    }
    sum
}

fn schedulers(c: &mut Criterion) {
    let mut group = c.benchmark_group("schedulers");
    group.sample_size(20);
    group.throughput(Throughput::Elements(REQUESTS));
    for kind in Kind::ALL {
        group.bench_function(kind.name(), |b| b.iter(|| through(std::hint::black_box(kind))));
    }
    group.finish();
}

fn replay(c: &mut Criterion) {
    let files = fidelity::embedded();
    let traces = || fidelity::replay_all(&files).0.len() as u64;
    let mut group = c.benchmark_group("replay");
    group.sample_size(10);
    group.throughput(Throughput::Elements(traces()));
    group.bench_function("all-traces", |b| b.iter(traces));
    group.finish();
}

criterion_group!(benches, schedulers, replay);
criterion_main!(benches);
