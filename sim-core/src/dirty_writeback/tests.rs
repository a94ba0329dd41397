//! The model as a whole: worked figures, and what each preset shows.

use super::calc::{self, Position, Settings, Thresholds};
use super::{DirtyWriteback, Rules};
use crate::{Model, Nanos, Run, SECOND, Valid, run};

fn rules(kernel: &str) -> Rules {
    Rules::of(kernel.parse().unwrap()).unwrap()
}

fn preset(name: &str) -> Run {
    let preset = DirtyWriteback::presets().into_iter().find(|preset| preset.name == name).expect("a preset");
    run(&Valid::<DirtyWriteback>::new(preset.scenario).expect("valid"))
}

#[test]
fn thresholds_are_shares_of_what_is_available() {
    let ratio = Settings { dirty_ratio: 20, dirty_background_ratio: 10, ..Settings::default() };
    let bytes = Settings { dirty_bytes: 1 << 30, dirty_background_bytes: (256 << 20) + 1, ..ratio };
    let upside_down = Settings { dirty_background_ratio: 30, ..ratio };
    let tiny = Settings { dirty_ratio: 1, dirty_background_ratio: 0, ..ratio };
    for (kernel, settings, available, mapped, want) in [
        ("6.1", ratio, 1_048_576, 0, (209_664, 104_704)),
        ("6.18.44", ratio, 5_713_574, 0, (1_142_435, 570_520)),
        ("3.10", ratio, 1_048_576, 0, (209_715, 104_857)),
        ("6.1", bytes, 1_048_576, 0, (262_144, 65_537)),
        ("6.1", upside_down, 1_048_576, 0, (209_664, 104_832)),
        ("2.6.32", tiny, 1_000_000, 0, (50_000, 0)),
        ("2.6.18", Settings { dirty_ratio: 40, ..ratio }, 1_000_000, 10, (400_000, 100_000)),
        ("2.6.18", Settings { dirty_ratio: 40, ..ratio }, 1_000_000, 50, (250_000, 100_000)),
    ] {
        let got = calc::thresholds(rules(kernel), settings, available, mapped);
        assert_eq!((got.thresh, got.bg_thresh), want, "{kernel} {settings:?}");
    }
    let reference = Thresholds { thresh: 209_664, bg_thresh: 104_704 };
    assert_eq!((reference.freerun(), reference.setpoint(209_664)), (157_184, 183_424));
}

#[test]
fn the_position_ratio_is_a_cubic() {
    let thresholds = Thresholds { thresh: 1_000_000, bg_thresh: 500_000 };
    let setpoint = thresholds.setpoint(1_000_000);
    for (dirty, want) in [(750_000, 2045), (812_500, 1151), (875_000, 1024), (937_500, 896), (999_000, 26)] {
        assert_eq!(calc::pos_ratio_polynom(rules("6.1"), setpoint, dirty, 1_000_000), want, "{dirty}");
    }
    let p = Position { thresholds, limit: 1_000_000, dirty: 1_000_000, ..Position::default() };
    assert_eq!(calc::position_ratio(rules("6.1"), &p), 0);
}

#[test]
fn a_disk_without_history_has_a_floor_that_moved() {
    let p = Position {
        thresholds: Thresholds { thresh: 80_000, bg_thresh: 40_000 },
        limit: 80_000,
        dirty: 64_000,
        wb_thresh: 0,
        wb_dirty: 1500,
        avg_write_bandwidth: 25_600,
        strictlimit: false,
    };
    // 2000 of 16000 pages of room, until 6.12 only here; since 6.18 the share comes with it.
    let old = calc::position_ratio(rules("6.12"), &p);
    let new = calc::position_ratio(rules("6.18"), &Position { wb_thresh: 2000, ..p });
    assert_eq!(old, new);
    assert!(calc::position_ratio(rules("6.18"), &p) < old);
}

#[test]
fn timers_far_away_are_rounded_up() {
    for (kernel, delta, want) in
        [("6.1", 1250, 1280), ("6.1", 2, 3), ("6.1", 50, 51), ("6.1", 200, 208), ("4.7", 1250, 1250), ("3.10", 3, 3)]
    {
        assert_eq!(calc::timer_expiry(rules(kernel), 6400, 6400 + delta), 6400 + want, "{kernel} {delta}");
    }
}

#[test]
fn small_figures_follow_the_kernel() {
    assert_eq!(calc::dirty_poll_interval(15_535, 20_696), 64);
    assert_eq!(calc::dirty_poll_interval(20, 20), 1);
    assert_eq!(calc::max_pause(250, 20_568, 19_141), 35);
    assert_eq!(calc::writeback_chunk_size(25_600, 10_282, u64::MAX), 2048);
    assert_eq!(calc::writeback_chunk_size(22_000, 20_696, u64::MAX), 3072);
    assert_eq!(calc::update_dirty_limit(20_696, 20_663, 19_391), 20_695);
    assert_eq!(calc::ratelimit_pages(rules("6.1"), 0, 20_789, 1), 649);
}

/// Dirty pages, the rate of the disk's writers (pages a second) and pages written at a time.
fn at(run: &Run, t: Nanos) -> [i64; 3] {
    let frame = run.at(t);
    [frame.metrics["dirty"], frame.metrics["dirty_ratelimit"] / 4, frame.metrics["nr_written"]]
}

fn near(got: i64, want: i64, percent: i64) -> bool {
    (got - want).abs() * 100 <= want * percent
}

/// The worked runs: 1048576 pages available, a writer of 262144 pages/s, disks of 25600 and 6400.
#[test]
fn worked_runs_settle_where_they_were_worked_out_to() {
    let scenario = |disk_pages: i64| {
        let json = format!(
            r#"{{"kernel":"6.1","mem_mib":4096,"free_mib":4096,"file_mib":0,"reserve_kib":0,"cpus":1,"duration_ms":40000,
            "disks":[{{"kib_per_s":{},"request_kib":64,"depth":2}}],"writers":[{{"kib_per_s":1048576}}]}}"#,
            disk_pages * 4
        );
        run(&Valid::<DirtyWriteback>::from_json(&json).unwrap())
    };
    let fast = scenario(25_600);
    assert_eq!(fast.frames[0].metrics["nr_dirty_threshold"], 209_664);
    for t in [5, 10, 20, 40] {
        let [dirty, ..] = at(&fast, t * SECOND);
        assert!(near(dirty, 187_153, 3), "{t} s: {dirty}");
    }
    let written = at(&fast, 40 * SECOND)[2] - at(&fast, 30 * SECOND)[2];
    assert!(near(written, 256_000, 1), "{written}");
    let slow = scenario(6400);
    for (t, dirty, rate) in [(4, 206_216, 22_502), (10, 203_606, 12_831), (30, 186_881, 5629), (40, 185_670, 5600)] {
        let [got_dirty, got_rate, _] = at(&slow, t * SECOND);
        assert!(near(got_dirty, dirty, 2) && near(got_rate, rate, 10), "{t} s: {got_dirty} {got_rate}");
    }
}

fn when(run: &Run, kind: &str) -> Vec<Nanos> {
    run.events.iter().filter(|event| event.kind == kind).map(|event| event.t_ns).collect()
}

/// How long each of these lasted, ms: from one kind of event to the next of the other, by writer.
fn lasted(run: &Run, from: &str, to: &str, who: &str) -> Vec<u64> {
    let mut since = None;
    let mut all = Vec::new();
    for event in run.events.iter().filter(|event| event.why.en.contains(who)) {
        if event.kind == from {
            since = since.or(Some(event.t_ns));
        } else if event.kind == to
            && let Some(since) = since.take()
        {
            all.push((event.t_ns - since) / 1_000_000);
        }
    }
    all
}

/// Pages a second that a counter grew by between two times.
fn rate(run: &Run, metric: &str, from: u64, to: u64) -> i64 {
    let value = |t: u64| run.at(t * SECOND).metrics[metric];
    (value(to) - value(from)) / (to - from) as i64
}

#[test]
fn a_writer_runs_free_and_is_then_held_to_the_disk() {
    let run = preset("freerun-then-throttle");
    let first = when(&run, "throttle")[0];
    let frame = run.at(first);
    assert!(frame.metrics["dirty"] > frame.metrics["freerun"]);
    let earlier = run.at(first - 20_000_000);
    assert!(earlier.metrics["dirty"] <= earlier.metrics["freerun"]);
    assert!(near(rate(&run, "nr_dirtied", 20, 28), 25_600, 2));
}

#[test]
fn bursts_not_averages_make_programs_wait() {
    let (steady, bursty) = (preset("steady-writer"), preset("bursty-writer"));
    assert_eq!(when(&steady, "throttle").len(), 0);
    assert!(when(&bursty, "throttle").len() > 1000);
    for run in [&steady, &bursty] {
        let last = run.frames.last().unwrap();
        assert_eq!(last.metrics["nr_dirtied"], 60 * 40 * 256, "the same amount in a minute");
    }
    let marks = &steady.at(40 * SECOND).metrics;
    assert!(near(marks["dirty"], marks["nr_dirty_background_threshold"], 20));
}

#[test]
fn a_size_bounds_what_sync_has_to_wait_for() {
    let sync = |name| lasted(&preset(name), "sync", "sync-end", "")[0];
    let (ratio, bytes) = (sync("ratio-on-a-large-box"), sync("bytes-on-a-large-box"));
    assert!((50_000..60_000).contains(&ratio) && bytes < 3000, "{ratio} {bytes}");
    let marks = &preset("ratio-on-a-large-box").frames[0].metrics;
    assert!(near(marks["nr_dirty_threshold"], 43 * 256 * 1024, 1), "{marks:?}");
}

#[test]
fn a_quiet_writer_waits_for_the_wake_up_or_for_its_age() {
    let flushed = |name| when(&preset(name), "flush-end").iter().map(|t| t / SECOND).collect::<Vec<_>>();
    // Dirty from 2 s and from 20 s on.
    assert_eq!(flushed("quiet-writer"), [7, 50]);
    assert_eq!(flushed("quiet-writer-since-6-18"), [33]);
}

#[test]
fn a_slow_disk_does_not_hold_the_writer_of_a_fast_one() {
    let run = preset("usb-beside-a-fast-disk");
    let paused = |who: &str| run.events.iter().filter(|e| e.kind == "throttle" && e.why.en.contains(who)).count();
    // The first few, until its disk has shown what it can write.
    assert!(paused("writers[0]") <= 10, "{}", paused("writers[0]"));
    assert!(paused("writers[1]") > 500);
    // 150 MiB/s and 8 MiB/s.
    assert!(near(rate(&run, "nr_dirtied", 12, 39), 158 * 256, 3));
}

#[test]
fn a_write_took_seconds_and_now_takes_a_fifth_of_one() {
    let old = preset("stall-rhel6");
    let longest = lasted(&old, "stall", "stall-end", "writers[0]").into_iter().max().unwrap();
    assert!(longest > 10_000, "{longest}");
    let new = preset("stall-today");
    assert_eq!(when(&new, "stall").len(), 0);
    let pauses = new.events.iter().filter(|event| event.kind == "throttle");
    let ms = |event: &crate::Event| event.why.en.split(" ms").next().unwrap().rsplit(' ').next().unwrap().to_owned();
    let longest = pauses.map(|event| ms(event).parse::<u64>().unwrap()).max().unwrap();
    assert!((1..=200).contains(&longest), "{longest}");
    let written = |run: &Run| run.frames.last().unwrap().metrics["nr_written"];
    assert!(2 * written(&new) > 3 * written(&old), "{} {}", written(&new), written(&old));
}

#[test]
fn fsync_waits_for_what_others_have_queued() {
    let run = preset("fsync-amid-a-backlog");
    let all = lasted(&run, "fsync", "fsync-end", "writers[0]");
    let (alone, amid) = all.split_at(40);
    assert!(alone.iter().all(|ms| *ms <= 2) && amid[10..].iter().all(|ms| *ms >= 60), "{all:?}");
}

#[test]
fn files_say_what_the_kernel_would() {
    let run = preset("quiet-writer");
    let at = run.at(25 * SECOND);
    let file = |path: &str| at.files[path].as_str();
    assert!(file("/proc/meminfo").contains("Dirty:              7168 kB\nWriteback:             0 kB\n"));
    assert!(file("/proc/vmstat").contains("nr_dirty 1792\nnr_writeback 0\nnr_dirtied 3584\nnr_written 1792\n"));
    let stats = file("/sys/kernel/debug/bdi/8:0/stats");
    assert!(stats.starts_with("BdiWriteback:                0 kB\nBdiReclaimable:           7168 kB\n"), "{stats}");
    assert!(
        stats.contains("BdiDirtied:              14336 kB\n") && stats.contains("b_dirty:                     1\n")
    );
    assert_eq!(file("/proc/sys/vm/dirty_ratio"), "20\n");
    let bytes = &preset("bytes-on-a-large-box").frames[0].files;
    assert_eq!(
        (bytes["/proc/sys/vm/dirty_ratio"].as_str(), bytes["/proc/sys/vm/dirty_bytes"].as_str()),
        ("0\n", "536870912\n")
    );
    let old = &preset("stall-rhel6").frames[0].files;
    assert!(!old["/proc/vmstat"].contains("nr_dirtied"));
}

/// The last frames of all presets: whoever changes the rules sees what else changed.
#[test]
fn where_each_preset_ends() {
    let ends = DirtyWriteback::presets().into_iter().map(|p| {
        let run = preset(p.name);
        let last = run.frames.last().expect("a frame");
        let shown = ["dirty", "nr_dirtied", "nr_written", "dirty_ratelimit", "pos_ratio"];
        (p.name, run.events.len(), shown.map(|name| last.metrics[name]))
    });
    insta::assert_debug_snapshot!(ends.collect::<Vec<_>>());
}

#[test]
fn a_checkpoint_goes_on_as_if_nothing_had_been() {
    for p in DirtyWriteback::presets() {
        let valid = Valid::<DirtyWriteback>::new(p.scenario).expect("valid");
        let mut whole = DirtyWriteback::start(&valid);
        let mut parts = DirtyWriteback::start(&valid);
        for t in [7, 13, 21, 29] {
            let mut kept = parts.clone();
            kept.advance_to(t * SECOND);
            parts = kept;
        }
        whole.advance_to(29 * SECOND);
        assert_eq!(whole.metrics()[..6], parts.metrics()[..6], "{}", p.name);
    }
}
