//! The files the kernel would show, and what `iostat` and `blkparse` print of it.

use std::borrow::Cow;
use std::fmt::Write;

use super::elevator::Elevator;
use super::engine::Engine;
use super::rules::scheduler_file;
use super::stats::{Columns, Counters, Stats};
use crate::model::Files;
use crate::{KernelVersion, MILLISECOND, Nanos};

/// The numbers of a disk after its name, as many as the kernel prints.
fn fields(stats: &Stats, counters: &Counters, count: usize) -> Vec<u64> {
    let ms = |ns: Nanos| ns / MILLISECOND;
    let Counters { ios, merges, sectors, nsecs, io_ticks, in_flight, .. } = *counters;
    let mut fields = Vec::with_capacity(count);
    for i in 0..2 {
        fields.extend([ios[i], merges[i], sectors[i], ms(nsecs[i])]);
    }
    fields.extend([in_flight, stats.ms(io_ticks), stats.time_in_queue(counters)]);
    // Discards and flushes, of which there are none.
    fields.resize(count, 0);
    fields
}

/// `block/genhd.c: diskstats_show`.
fn diskstats(engine: &Engine, fields: &[u64]) -> String {
    let (kind, mut text) = (engine.setup.disk, String::new());
    let (major, minor) = kind.dev();
    let _ = write!(text, "{major:>4} {minor:>7} {}", kind.name());
    for field in fields {
        let _ = write!(text, " {field}");
    }
    text + "\n"
}

/// `block/genhd.c: part_stat_show`.
fn stat(fields: &[u64]) -> String {
    fields.iter().map(|field| format!("{field:>8}")).collect::<Vec<_>>().join(" ") + "\n"
}

/// `value` in hundredths with two decimals, right-aligned.
fn decimal(value: u64, width: usize) -> String {
    let text = format!("{}.{:02}", value / 100, value % 100);
    format!("{text:>width$}")
}

/// A report of `iostat -dx` (sysstat 12): reads, writes, queue and utilisation.
pub fn iostat(device: &str, columns: &Columns) -> String {
    let names = [
        ["r/s", "rkB/s", "rrqm/s", "%rrqm", "r_await", "rareq-sz"],
        ["w/s", "wkB/s", "wrqm/s", "%wrqm", "w_await", "wareq-sz"],
    ];
    let widths = [8, 10, 8, 6, 7, 8];
    let (values, queue, util) = columns.values();
    let (mut head, mut line) = (format!("{:<10}", "Device"), format!("{device:<10}"));
    for (names, values) in names.into_iter().zip(values) {
        for ((name, value), width) in names.into_iter().zip(values).zip(widths) {
            let _ = write!(head, " {name:>width$}");
            // The share of merges has a place for one decimal less, as iostat prints it.
            let _ = write!(line, " {}", decimal(value, width));
        }
    }
    let _ = write!(head, " {:>7} {:>6}", "aqu-sz", "%util");
    let _ = write!(line, " {} {}", decimal(queue, 7), decimal(util, 6));
    format!("{head}\n{line}\n")
}

/// Every file, and every report, by name.
pub fn all(engine: &Engine) -> Files {
    let setup = &engine.setup;
    let (device, kernel) = (setup.disk.name(), setup.scenario.kernel);
    let counters = engine.stats.counters(engine.now);
    let numbers = fields(&engine.stats, &counters, setup.rules.diskstats);
    let mut files = Files::new();
    let mut put = |path: String, text: String| files.insert(Cow::Owned(path), text);
    put("/proc/diskstats".into(), diskstats(engine, &numbers));
    put("/proc/sys/kernel/osrelease".into(), format!("{kernel}\n"));
    put(format!("/sys/block/{device}/stat"), stat(&numbers));
    let scheduler = scheduler_file(kernel, &setup.rules, setup.scheduler);
    put(format!("/sys/block/{device}/queue/scheduler"), scheduler);
    let wbt = match setup.scheduler {
        super::elevator::Kind::Bfq => 0,
        _ if setup.disk.rotational() => 75_000,
        _ => 2000,
    };
    for (name, value, from) in [
        ("nr_requests", i64::from(setup.nr_requests), (2, 6)),
        ("rotational", i64::from(setup.disk.rotational()), (2, 6)),
        ("max_sectors_kb", setup.scenario.max_sectors_kb, (2, 6)),
        ("nomerges", setup.scenario.nomerges, (2, 6)),
        ("iostats", 1, (2, 6)),
        ("wbt_lat_usec", wbt, (4, 10)),
    ] {
        if kernel >= KernelVersion::new(from.0, from.1, 0) {
            put(format!("/sys/block/{device}/queue/{name}"), format!("{value}\n"));
        }
    }
    if device == "sda" {
        put("/sys/block/sda/device/queue_depth".into(), format!("{}\n", setup.queue_depth));
    }
    for (name, value) in engine.elevator.sysfs() {
        put(format!("/sys/block/{device}/queue/iosched/{name}"), format!("{}\n", value.trim_end()));
    }
    for process in &engine.processes {
        let (bytes, count) = (process.bytes(), process.latency().count());
        let (read, write) = if process.kind().writes() { ([0, 0], [bytes, count]) } else { ([bytes, count], [0, 0]) };
        let text = format!(
            "rchar: {}\nwchar: {}\nsyscr: {}\nsyscw: {}\nread_bytes: {}\nwrite_bytes: {}\ncancelled_write_bytes: 0\n",
            read[0], write[0], read[1], write[1], read[0], write[0],
        );
        put(format!("/proc/{}/io", process.pid()), text);
    }
    put(format!("iostat -dx {device}"), iostat(device, &engine.stats.columns(engine.now)));
    put(format!("blkparse {device}"), engine.trace.text(setup.disk.dev(), &engine.processes));
    files
}
