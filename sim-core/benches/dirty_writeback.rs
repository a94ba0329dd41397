//! Simulated seconds of dirty throttling a second, bookkeeping and events included.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sim_core::find;

fn runs(c: &mut Criterion) {
    let model = find("dirty-writeback").expect("the model");
    let mut group = c.benchmark_group("dirty-writeback");
    // A writer held all the time, one that is never held, bursts, two disks, and a kernel whose
    // writers write themselves. An element is a simulated second.
    for (name, seconds) in [
        ("freerun-then-throttle", 30),
        ("steady-writer", 60),
        ("bursty-writer", 60),
        ("usb-beside-a-fast-disk", 40),
        ("stall-rhel6", 40),
    ] {
        let token = model.run_preset(name).expect("a preset").token;
        group.throughput(Throughput::Elements(seconds));
        group.bench_function(name, |b| {
            b.iter(|| model.count_events(std::hint::black_box(&token), "throttle").expect("a token that runs"));
        });
    }
    group.finish();
}

criterion_group!(benches, runs);
criterion_main!(benches);
