//! The model as a whole: what its presets show, and what must hold of every run.

use proptest::prelude::*;

use super::disk::Kind as Disk;
use super::elevator::Kind as Elevator;
use super::params::TUNABLES;
use super::scenario::{Kind, Scenario, Stream};
use super::{IoScheduler, available, presets};
use crate::model::{Log, Model, Preset};
use crate::run::run;
use crate::scenario::Valid;
use crate::{KernelVersion, Lang, MILLISECOND, Token};

fn valid(scenario: Scenario) -> Valid<IoScheduler> {
    Valid::new(scenario).unwrap()
}

/// Runs a scenario to its end.
fn done(scenario: Scenario) -> IoScheduler {
    let mut model = IoScheduler::start(&valid(scenario));
    model.advance_to(model.ends());
    model
}

fn summary(model: &IoScheduler) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    let ms = model.ends() / crate::MILLISECOND;
    let _ = writeln!(
        text,
        "{} on {:?}: fairness {}, busy {} of {ms} ms, seeks {}, travel {}, reqs {}",
        model.scheduler().name(),
        model.disk().kind(),
        model.fairness(),
        model.busy() / 1_000_000,
        model.disk().travel().seeks,
        model.disk().travel().cylinders,
        model.totals().issued
    );
    for (i, p) in
        model.processes().iter().enumerate().filter(|(i, p)| *i == 0 || p.stream() != model.processes()[i - 1].stream())
    {
        let l = p.latency();
        let _ = writeln!(
            text,
            "   {} {:<16} {:>8} KiB/s  n {} p50 {} p99 {} max {} us",
            super::letter(i as u32),
            p.kind().name(),
            p.bytes() / 1024 * 1000 / ms,
            l.count(),
            l.permille(500) / 1000,
            l.permille(990) / 1000,
            l.max() / 1000
        );
    }
    text
}

#[test]
fn probe() {
    let old = Scenario {
        kernel: KernelVersion::new(3, 10, 0),
        max_sectors_kb: 512,
        queue_depth: 1,
        hz: 1000,
        duration_ms: 4000,
        ..Scenario::default()
    };
    let all = |name: &str, s: &Scenario| {
        for kind in [Elevator::Noop, Elevator::Deadline, Elevator::Cfq] {
            println!("{name} {}", summary(&done(s.clone().with(kind))));
        }
        for kind in [Elevator::None, Elevator::MqDeadline, Elevator::Kyber, Elevator::Bfq] {
            println!(
                "{name} {}",
                summary(&done(Scenario { kernel: KernelVersion::new(6, 12, 0), hz: 250, ..s.clone() }.with(kind)))
            );
        }
    };

    all(
        "seq+writer",
        &Scenario {
            streams: vec![
                Stream::new(Kind::SeqReader, 4000).at(100, 100),
                Stream::new(Kind::BufferedWriter, 4000).at(700, 100),
            ],
            ..old.clone()
        },
    );
    all("seq2", &Scenario { streams: vec![Stream::new(Kind::SeqReader, 4000).at(100, 800).times(2)], ..old.clone() });
    all(
        "log",
        &Scenario {
            streams: vec![
                Stream::new(Kind::FsyncLog, 4000).at(900, 10),
                Stream { depth: 8, ..Stream::new(Kind::Backup, 4000) }.at(0, 500),
            ],
            ..old.clone()
        },
    );
    for class in [0, 3] {
        all(
            &format!("idle {class}"),
            &Scenario {
                streams: vec![
                    Stream { think_us: 5000, ..Stream::new(Kind::RandReader, 4000) }.at(0, 100).times(4),
                    Stream { class, ..Stream::new(Kind::Backup, 4000) }.at(500, 500),
                ],
                ..old.clone()
            },
        );
    }
    for (rd, wd, wk) in [(4, 16, 4), (2, 16, 4), (1, 16, 64)] {
        all(
            &format!("starved {rd} {wd} {wk}"),
            &Scenario {
                streams: vec![
                    Stream { depth: rd, ..Stream::new(Kind::RandReader, 4000) }.at(0, 400).times(16),
                    Stream { size_kib: wk, bio_kib: wk, depth: wd, ..Stream::new(Kind::BufferedWriter, 4000) }
                        .at(700, 100),
                ],
                ..old.clone()
            },
        );
    }
}

#[test]
fn every_run_of_a_preset_is_the_same() {
    for Preset { name, scenario, cursor, .. } in presets::presets() {
        let scenario = valid(scenario);
        let token = Token::new(scenario.clone(), cursor);
        let again = Token::<IoScheduler>::parse(&token.to_string()).unwrap();
        assert_eq!(*again.scenario, *scenario, "{name}");
        let (one, two) = (run(&scenario), run(&again.scenario));
        assert_eq!(one.to_json(Lang::Ko), two.to_json(Lang::Ko), "{name}");
    }
}

/// Stopping anywhere changes nothing that comes later.
#[test]
fn the_end_does_not_depend_on_the_way() {
    for Preset { name, scenario, .. } in presets::presets() {
        let scenario = valid(scenario);
        let mut by_event = IoScheduler::start(&scenario);
        let mut log = Log::silent();
        while by_event.step(&mut log) {}
        let mut by_time = IoScheduler::start(&scenario);
        while by_time.now() < by_time.ends() {
            by_time.advance_to(by_time.now() + 7 * MILLISECOND);
        }
        assert_eq!(by_event.metrics(), by_time.metrics(), "{name}");
        assert_eq!(by_event.files(), by_time.files(), "{name}");
    }
}

fn stream() -> impl Strategy<Value = Stream> {
    let kind = prop::sample::select(Kind::NAMES.map(|(_, kind)| kind).to_vec());
    let io = (1i64..64, 1i64..64, 1i64..24);
    let time = (0i64..20_000, 0i64..3000, 0i64..300, 0i64..300, 0i64..40);
    (kind, 1i64..5, (0i64..4, 0i64..8), (0i64..1000, 1i64..1001), io, time).prop_map(
        |(kind, count, (class, level), (start, span), (size, bio, depth), (think_us, jitter_us, a, b, limit))| Stream {
            kind,
            count,
            class,
            level,
            start,
            span: span.min(1000 - start),
            size_kib: 4 * size,
            bio_kib: 4 * bio.min(size),
            depth,
            think_us: if think_us < 8000 { 0 } else { think_us },
            jitter_us,
            from_ms: a.min(b),
            until_ms: a.max(b),
            limit: if limit < 20 { 0 } else { limit },
        },
    )
}

/// Any scheduler of any kernel on any disk, under streams that get in each other's way.
fn scenario() -> impl Strategy<Value = Scenario> {
    let kernels = ["2.6.33", "2.6.38", "3.10", "4.4", "4.11", "4.20", "5.0", "5.10", "5.15", "6.1", "6.12", "7.3"];
    let kernel = prop::sample::select(kernels.to_vec());
    let queue = (0i64..40, 0i64..40, 1i64..321, 0i64..3);
    let tunables = prop::collection::vec((0usize..24, 0i64..40), 0..4);
    let streams = prop::collection::vec(stream(), 0..5);
    (kernel, 0usize..7, 0i64..5, queue, tunables, streams, any::<u32>()).prop_map(
        |(kernel, which, disk, (depth, nr_requests, max, nomerges), tunables, streams, seed)| {
            let kernel: KernelVersion = kernel.parse().unwrap();
            let there = available(kernel);
            let mut scenario = Scenario {
                kernel,
                disk,
                queue_depth: depth,
                nr_requests,
                max_sectors_kb: 4 * max,
                nomerges,
                fixed_us: 1 + i64::from(seed % 9000),
                seed: i64::from(seed),
                duration_ms: 300,
                iostat_ms: 1 + i64::from(seed % 100),
                streams,
                ..Scenario::default()
            }
            .with(there[which % there.len()]);
            for (i, value) in tunables {
                if let (Some(at), Some(param)) = (scenario.iosched.get_mut(i), TUNABLES.get(i)) {
                    *at = value.clamp(param.min, param.max);
                }
            }
            scenario
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Every bio completes once or is under way, bytes are conserved, time grows, nothing hangs.
    #[test]
    fn nothing_is_lost_and_nothing_twice(scenario in scenario()) {
        let valid = Valid::<IoScheduler>::new(scenario.clone()).map_err(|p| TestCaseError::fail(format!("{p:?}")))?;
        let mut model = IoScheduler::start(&valid);
        let (mut log, mut now) = (Log::silent(), 0);
        loop {
            log.clear();
            let happened = model.step(&mut log);
            prop_assert!(model.now() >= now && model.now() <= model.ends());
            now = model.now();
            let (live, bios, ios) = model.engine().under_way();
            let totals = model.totals();
            prop_assert_eq!(totals.bios, totals.done + bios as u64, "each bio is done once or under way");
            let under_way: u32 = model.processes().iter().map(|p| p.under_way()).sum();
            prop_assert_eq!(ios as u32, under_way);
            prop_assert_eq!(model.waiting() + model.disk().in_flight() as usize, live, "each request waits or is served");
            prop_assert!(model.disk().in_flight() <= model.disk().depth());
            if !happened {
                break;
            }
        }
        prop_assert_eq!(model.now(), model.ends());
        let totals = model.totals();
        let counters = model.counters();
        let sectors = counters.sectors[0] + counters.sectors[1];
        prop_assert_eq!(totals.bytes_done, sectors * 512);
        let ios: u64 = model.processes().iter().map(|p| p.bytes()).sum();
        prop_assert!(ios <= totals.bytes_done && totals.bytes_done <= totals.bytes);
        // What waits is either served, waited for by its scheduler, or held back.
        let stuck = model.waiting() > 0 && model.disk().in_flight() == 0 && model.engine().next() > model.ends() + 1000 * MILLISECOND;
        prop_assert!(!stuck, "requests wait, and nothing will ever happen");
        let written = IoScheduler::write_scenario(&scenario).to_string();
        prop_assert_eq!(Valid::<IoScheduler>::from_json(&written), Ok(valid));
    }

    /// Once nobody asks any more, everything comes to an end.
    #[test]
    fn everything_ends(mut scenario in scenario()) {
        scenario.duration_ms = 60_000;
        for stream in &mut scenario.streams {
            (stream.from_ms, stream.until_ms, stream.limit) = (0, 200, stream.limit.clamp(1, 20));
        }
        let Ok(valid) = Valid::<IoScheduler>::new(scenario) else { return Ok(()) };
        let mut model = IoScheduler::start(&valid);
        model.advance_to(model.ends());
        prop_assert_eq!(model.engine().under_way(), (0, 0, 0), "{:?}", model.view(8));
        let totals = model.totals();
        prop_assert_eq!((totals.bios, totals.bytes), (totals.done, totals.bytes_done));
        let ios: u64 = model.processes().iter().map(|p| p.bytes()).sum();
        prop_assert_eq!(ios, totals.bytes);
    }
}
