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

#[test]
fn probe() {
    for preset in presets::presets() {
        let mut model = IoScheduler::start(&valid(preset.scenario));
        let mut log = Log::telling();
        while model.step(&mut log) {}
        for event in log.events() {
            println!("{:>12} {} {}", event.t_ns, event.kind, event.why.en);
        }
        for (path, text) in model.files() {
            println!("--- {path}\n{text}");
        }
    }
    let t = std::time::Instant::now();
    let model = done(Scenario {
        fixed_us: 1, duration_ms: 800, queue_depth: 1, max_sectors_kb: 4,
        streams: vec![Stream { depth: 32, ..Stream::new(Kind::RandReader, 800) }],
        ..Scenario::default()
    }.with(Elevator::None).on(Disk::Fixed));
    println!("{:?} {:?}", model.totals(), t.elapsed());
}
