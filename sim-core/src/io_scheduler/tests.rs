//! The model as a whole: what its presets show, and what must hold of every run.

use super::disk::Kind as Disk;
use super::elevator::Kind as Elevator;
use super::scenario::{Kind, Scenario, Stream};
use super::{IoScheduler, presets};
use crate::model::{Log, Model};
use crate::scenario::Valid;

fn valid(scenario: Scenario) -> Valid<IoScheduler> {
    Valid::new(scenario).unwrap()
}

/// Runs a scenario to its end.
fn done(scenario: Scenario) -> IoScheduler {
    let mut model = IoScheduler::start(&valid(scenario));
    let end = model.ends();
    model.advance_to(end);
    model
}

fn summary(model: &IoScheduler) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    let ms = model.ends() / crate::MILLISECOND;
    let _ = writeln!(text, "{} on {:?}: fairness {}, busy {} of {ms} ms, seeks {}, travel {}, reqs {}", model.scheduler().name(), model.disk().kind(), model.fairness(), model.busy() / 1_000_000, model.disk().travel().seeks, model.disk().travel().cylinders, model.totals().issued);
    for (i, p) in model.processes().iter().enumerate() {
        let l = p.latency();
        let _ = writeln!(text, "   {} {:<16} {:>8} KiB/s  n {} p50 {} p99 {} max {} us", super::letter(i as u32), p.kind().name(), p.bytes() / 1024 * 1000 / ms, l.count(), l.permille(500) / 1000, l.permille(990) / 1000, l.max() / 1000);
    }
    text
}

#[test]
fn probe() {
    let old = Scenario { kernel: crate::KernelVersion::new(3, 10, 0), max_sectors_kb: 512, queue_depth: 1, hz: 1000, duration_ms: 4000, ..Scenario::default() };
    let two = Scenario { streams: vec![Stream::new(Kind::SeqReader, 4000).at(100, 100), Stream::new(Kind::BufferedWriter, 4000).at(700, 100)], ..old.clone() };
    for kind in [Elevator::Noop, Elevator::Deadline, Elevator::Cfq] {
        println!("seq+writer {}", summary(&done(two.clone().with(kind))));
    }
    let random = Scenario { streams: vec![Stream::new(Kind::RandReader, 4000).times(16)], ..old.clone() };
    for kind in [Elevator::Noop, Elevator::Deadline, Elevator::Cfq] {
        for depth in [1, 32] {
        println!("random depth {depth} {}", summary(&done(Scenario { queue_depth: depth, ..random.clone() }.with(kind))));
        }
    }
    let starved = Scenario { streams: vec![Stream { depth: 2, ..Stream::new(Kind::RandReader, 4000) }.times(16), Stream { size_kib: 4, bio_kib: 4, depth: 16, ..Stream::new(Kind::BufferedWriter, 4000) }.at(700, 100)], ..old.clone() };
    for kind in [Elevator::Noop, Elevator::Deadline, Elevator::Cfq] {
        println!("starved {}", summary(&done(starved.clone().with(kind))));
    }
    let log = Scenario { streams: vec![Stream::new(Kind::FsyncLog, 4000).at(900, 10), Stream { depth: 8, ..Stream::new(Kind::Backup, 4000) }.at(0, 500)], ..old.clone() };
    for kind in [Elevator::Noop, Elevator::Deadline, Elevator::Cfq] {
        println!("log {}", summary(&done(log.clone().with(kind))));
    }
    for kind in [Elevator::None, Elevator::MqDeadline, Elevator::Kyber, Elevator::Bfq] {
        println!("log {}", summary(&done(Scenario { kernel: crate::KernelVersion::new(6, 12, 0), ..log.clone() }.with(kind))));
    }
    for class in [0, 3] {
        let idle = Scenario { streams: vec![Stream { think_us: 5000, ..Stream::new(Kind::RandReader, 4000) }.at(0, 100).times(4), Stream { class, ..Stream::new(Kind::Backup, 4000) }.at(500, 500)], ..old.clone() };
        println!("idle {class} {}", summary(&done(idle.clone().with(Elevator::Cfq))));
        println!("idle {class} {}", summary(&done(Scenario { kernel: crate::KernelVersion::new(6, 12, 0), ..idle }.with(Elevator::Bfq))));
    }
    let nvme = Scenario { duration_ms: 40, streams: vec![Stream { depth: 8, ..Stream::new(Kind::RandReader, 40) }.times(4)], ..Scenario::default() }.on(Disk::Nvme);
    for kind in [Elevator::None, Elevator::MqDeadline, Elevator::Kyber, Elevator::Bfq] {
        println!("nvme {}", summary(&done(nvme.clone().with(kind))));
    }
}
