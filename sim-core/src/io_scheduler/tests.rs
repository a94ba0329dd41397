//! The model as a whole: what its presets show, and what must hold of every run.

use proptest::prelude::*;

use super::elevator::Kind as Elevator;
use super::params::TUNABLES;
use super::scenario::{Kind, Scenario, Stream};
use super::trace::Trace;
use super::{Action, IoScheduler, Latency, available, presets};
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

/// What a run came to: the disk, then each stream.
fn summary(name: &str, model: &IoScheduler) -> String {
    let (ms, travel, totals) = (model.ends() / MILLISECOND, model.disk().travel(), model.totals());
    let mut text = format!(
        "{name}: {} requests, {} merges, {} seeks over {} cylinders, fairness {}",
        totals.issued,
        model.counters().merges.iter().sum::<u64>(),
        travel.seeks,
        travel.cylinders,
        model.fairness(),
    );
    let streams = model.processes().iter().map(|process| process.stream()).max().unwrap_or(0);
    for stream in 0..=streams {
        let all = || model.processes().iter().filter(|process| process.stream() == stream);
        let latency = Latency::merged(all().map(|process| process.latency()));
        let kib = all().map(|process| process.bytes()).sum::<u64>() / 1024;
        let name = all().next().map_or("", |process| process.kind().name());
        let [median, most] = [latency.permille(500), latency.permille(990)].map(super::tell::time);
        text +=
            &format!("\n  {name}: {} KiB/s, {} done, median {median}, 99 % {most}", kib * 1000 / ms, latency.count());
    }
    text
}

fn by_name(name: &str) -> Scenario {
    presets::presets().into_iter().find(|preset| preset.name == name).expect(name).scenario
}

#[test]
fn presets_show_what_they_say() {
    let shown: Vec<_> = presets::presets().into_iter().map(|p| summary(p.name, &done(p.scenario))).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

/// KiB and median latency in µs of a stream of a preset.
fn stream_of(name: &str, stream: usize) -> (u64, u64) {
    let model = done(by_name(name));
    let all = || model.processes().iter().filter(|process| process.stream() == stream);
    let latency = Latency::merged(all().map(|process| process.latency()));
    (all().map(|process| process.bytes()).sum::<u64>() / 1024, latency.permille(500) / 1000)
}

#[test]
fn insights_hold_in_figures() {
    // CFQ waits for the reader, deadline does not.
    let (cfq, deadline) = (stream_of("reader-and-writer-cfq", 0).0, stream_of("reader-and-writer-deadline", 0).0);
    assert!(cfq > 30 * deadline, "{cfq} KiB against {deadline}");
    assert!(cfq / 2 > 90 * 1024, "{cfq} KiB in 2 s, of a disk of 154 MB/s");
    assert!(stream_of("reader-and-writer-cfq", 1).0 > 0, "the writer is not shut out");
    // Order is worth something on a turning disk; the disk itself knows best.
    let travel = |name: &str| done(by_name(name)).disk().travel().cylinders;
    let [noop, sorted, ncq] = ["noop", "deadline", "ncq"].map(|s| stream_of(&format!("random-readers-{s}"), 0).0 / 4);
    assert!((237..=249).contains(&noop), "{noop} in 3 s: 80.7 a second within 3 %");
    assert!(2 * sorted > 3 * noop && ncq > sorted, "{noop} {sorted} {ncq}");
    assert!(2 * travel("random-readers-deadline") < travel("random-readers-noop"));
    // The log waits for two batches of sixteen reads of 512 KiB, 3.3 ms each, and for seeks.
    let commits = |name: &str| {
        let mut model = IoScheduler::start(&valid(by_name(name)));
        model.advance_to(1000 * MILLISECOND);
        let alone = model.processes()[0].latency().count();
        model.advance_to(model.ends());
        let [log, backup] = [0, 1].map(|i| &model.processes()[i]);
        (log.latency().count() - alone, log.latency().max() / MILLISECOND, backup.bytes() >> 20)
    };
    let (deadline, slowest, read) = commits("fsync-behind-backup");
    let (bfq, slowest_bfq, read_bfq) = commits("fsync-behind-backup-bfq");
    assert!((200..240).contains(&slowest) && slowest_bfq < slowest / 2, "{slowest} ms and {slowest_bfq} ms");
    assert!(bfq > 10 * deadline, "{deadline} commits and {bfq}");
    assert!(read_bfq > read / 4 && read_bfq < read / 2, "{read} MiB and {read_bfq}");
    // ionice on a kernel whose mq-deadline knows classes.
    let (_, anyone) = stream_of("backup-as-anyone", 0);
    let (_, idle) = stream_of("backup-idle", 0);
    assert!(anyone > 450_000 && idle < 30_000, "{anyone} µs and {idle} µs");
    // On NVMe it is all the same.
    assert_eq!(stream_of("nvme-none", 0), stream_of("nvme-bfq", 0));
}

/// Up to two batches of sixteen reads, one of sixteen writes, and again.
#[test]
fn writes_wait_for_two_batches_of_reads() {
    let mut model = IoScheduler::start(&valid(by_name("writes-starved")));
    model.engine_mut().trace = Trace::keeping(100_000);
    model.advance_to(model.ends());
    let mut runs = Vec::<(bool, u32)>::new();
    for line in model.trace().filter(|line| line.action == Action::Issue) {
        let write = line.op.is_write();
        match runs.last_mut() {
            Some(run) if run.0 == write => run.1 += 1,
            _ => runs.push((write, 1)),
        }
    }
    // What began and what was cut off at the end aside.
    let inner = &runs[2..runs.len() - 1];
    assert!(inner.len() > 12, "{runs:?}");
    assert!(inner.iter().all(|(write, n)| if *write { *n == 16 } else { *n <= 32 }), "{runs:?}");
    // A batch of reads is shorter only where the last sector is reached.
    let full = inner.iter().filter(|run| **run == (false, 32)).count();
    assert!(3 * full > inner.len(), "{runs:?}");
}

/// As it was seen on a live 6.18: Q G, fifteen times Q M, one I, one D, one C.
#[test]
fn sixteen_bios_become_one_request() {
    let model = done(by_name("merging"));
    let letters: String = model.trace().map(|line| line.action.letter()).collect();
    assert_eq!(letters, format!("QGP{}UIDC", "QM".repeat(15)));
    let issue = model.trace().find(|line| line.action == Action::Issue).unwrap();
    assert_eq!((issue.sectors, issue.sector % 8), (128, 0));
    let stat = &model.files()["/sys/block/sda/stat"];
    let fields: Vec<u64> = stat.split_whitespace().map(|field| field.parse().unwrap()).collect();
    assert_eq!(fields[4..7], [1, 15, 128], "writes completed, merged, sectors");
}

/// queue/nomerges: 1 still merges in the plug, 2 does not.
#[test]
fn nomerges_is_obeyed() {
    for (nomerges, requests) in [(0, 1), (1, 1), (2, 16)] {
        assert_eq!(done(Scenario { nomerges, ..by_name("merging") }).totals().issued, requests, "{nomerges}");
    }
}

/// A larger bio than a request may be is split, and a request grows no further than it may.
#[test]
fn no_request_is_too_large() {
    let stream = Stream { size_kib: 1024, bio_kib: 512, limit: 1, ..Stream::new(Kind::SeqReader, 100) };
    let scenario = Scenario { max_sectors_kb: 128, streams: vec![stream], ..by_name("merging") };
    let model = done(Scenario { duration_ms: 100, ..scenario });
    assert_eq!(model.totals().issued, 8);
    assert!(model.trace().all(|line| line.action != Action::Issue || line.sectors == 256));
}

/// The plug holds back sixteen requests, since 5.16 thirty-two; large ones go at once since 4.9.
#[test]
fn a_plug_holds_back_so_many() {
    for (kernel, scheduler, size_kib, bio_kib, want) in [
        ("4.4", Elevator::Deadline, 256, 4, vec![16, 16, 16, 16]),
        ("6.12", Elevator::MqDeadline, 256, 4, vec![32, 32]),
        ("4.4", Elevator::Deadline, 1024, 128, vec![8]),
        ("6.12", Elevator::MqDeadline, 1024, 128, vec![1; 8]),
    ] {
        let stream = Stream { size_kib, bio_kib, limit: 1, ..Stream::new(Kind::SeqReader, 20) };
        let kernel = kernel.parse().unwrap();
        // Nothing merges, so that each bio has a request of its own.
        let scenario = Scenario { kernel, nomerges: 2, nr_requests: 256, streams: vec![stream], ..by_name("merging") };
        let mut model = IoScheduler::start(&valid(scenario.with(scheduler)));
        model.engine_mut().trace = Trace::keeping(1000);
        model.advance_to(model.ends());
        let let_go = model.trace().filter(|line| line.action == Action::Unplug).map(|line| line.sector);
        let let_go: Vec<_> = let_go.collect();
        assert_eq!(let_go, want, "{kernel} {size_kib}/{bio_kib}");
    }
}

/// 2.6.34 plugs the queue: writes nobody waits for go when four wait or 3 ms have passed.
#[test]
fn a_plugged_queue_waits_for_four_or_3_ms() {
    let run = |limit, depth| {
        let kernel = KernelVersion::new(2, 6, 34);
        // Each at a place of its own.
        let stream = Stream { size_kib: 4, bio_kib: 4, limit, depth: 1, ..Stream::new(Kind::BufferedWriter, 20) };
        let streams = vec![stream.times(depth).at(0, 900)];
        let mut model =
            IoScheduler::start(&valid(Scenario { kernel, streams, ..by_name("merging") }.with(Elevator::Noop)));
        let mut log = Log::silent();
        while model.step(&mut log) {}
        log.events().iter().find(|event| event.kind == "dispatch").map(|event| event.t_ns)
    };
    assert_eq!(run(1, 3), Some(3 * MILLISECOND));
    assert_eq!(run(1, 4), Some(0));
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
    let kernels = ["2.6.32", "2.6.38", "3.10", "4.4", "4.11", "4.20", "5.0", "5.10", "5.15", "6.1", "6.12", "7.3"];
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
                fixed_us: 200 + i64::from(seed % 9000),
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
