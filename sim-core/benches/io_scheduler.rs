//! Requests simulated a second: from the process that asks, through plug and scheduler, to the
//! device that has done it, with all counters, and reasons made for nobody.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sim_core::io_scheduler::disk::Kind as Disk;
use sim_core::io_scheduler::elevator::Kind as Elevator;
use sim_core::io_scheduler::{IoScheduler, Kind, Scenario, Stream};
use sim_core::{Model, Valid};

/// Random readers of 4 KiB, 32 requests at a time, on a device that takes 1 µs for each.
fn scenario(elevator: Elevator, duration_ms: i64) -> Valid<IoScheduler> {
    let readers = Stream { depth: 8, ..Stream::new(Kind::RandReader, duration_ms) };
    let scenario = Scenario {
        duration_ms,
        fixed_us: 1,
        queue_depth: 1,
        max_sectors_kb: 4,
        nr_requests: 64,
        streams: vec![readers.times(4)],
        ..Scenario::default()
    };
    Valid::new(scenario.with(elevator).on(Disk::Fixed)).expect("a valid scenario")
}

fn requests(scenario: &Valid<IoScheduler>) -> u64 {
    let mut model = IoScheduler::start(scenario);
    model.advance_to(model.ends());
    model.totals().issued
}

fn simulated(c: &mut Criterion) {
    let mut group = c.benchmark_group("io-scheduler");
    group.sample_size(20);
    for elevator in [Elevator::None, Elevator::MqDeadline, Elevator::Kyber, Elevator::Bfq] {
        let scenario = scenario(elevator, 100);
        group.throughput(Throughput::Elements(requests(&scenario)));
        group.bench_function(elevator.name(), |b| b.iter(|| requests(std::hint::black_box(&scenario))));
    }
    group.finish();
}

criterion_group!(benches, simulated);
criterion_main!(benches);
