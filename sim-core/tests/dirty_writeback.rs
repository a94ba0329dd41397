//! Whatever a reader asks of the dirty pages, the books balance; whatever a trace says, it is
//! replayed or refused.

mod common;

use proptest::prelude::*;
use serde_json::Value;
use sim_core::dirty_writeback::{DirtyWriteback, DiskSpec, MemorySpec, Scenario, WriterSpec};
use sim_core::fidelity::{embedded, replay_all};
use sim_core::{Log, Model, Valid, run};

/// Integers where mistakes live: near zero, near limits, near overflow.
fn integer() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => -3i64..10_000,
        2 => prop::sample::select(vec![0, 1, 4, 100, 250, 1000, 8191, 8192, 60_000, 1 << 20, 1 << 40, 3_600_001]),
        1 => prop::sample::select(vec![i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1]),
    ]
}

/// A preset with some of its fields overwritten, at any depth.
fn bent_preset() -> impl Strategy<Value = Value> {
    let written = |i: usize| DirtyWriteback::write_scenario(&DirtyWriteback::presets()[i].scenario).to_string();
    let names = |json: &Value| json.as_object().expect("fields").keys().cloned().collect::<Vec<_>>();
    let sample: Value = serde_json::from_str(&written(0)).expect("JSON");
    let bend = |of: &Value| prop::collection::vec((prop::sample::select(names(of)), integer()), 0..3);
    let bends = (bend(&sample), bend(&sample["disks"][0]), bend(&sample["writers"][0]));
    (0..DirtyWriteback::presets().len(), bends).prop_map(move |(preset, (top, disks, writers))| {
        let mut json: Value = serde_json::from_str(&written(preset)).expect("JSON");
        for (field, value) in disks {
            json["disks"][0][field] = value.into();
        }
        for (field, value) in writers {
            json["writers"][0][field] = value.into();
        }
        for (field, value) in top {
            json[field] = value.into();
        }
        json
    })
}

fn small_scenario() -> impl Strategy<Value = Scenario> {
    let kernels = ["2.6.18", "2.6.32", "3.1", "3.2", "3.10", "4.1", "4.18", "5.10", "6.1", "6.12", "6.18", "7.3"];
    let disk = (64i64..400_000, 1i64..130, 1i64..40, 0i64..20_000, 0i64..20, 0i64..2).prop_map(
        |(kib_per_s, pages, depth, seek_us, min_ratio, strict_limit)| DiskSpec {
            kib_per_s,
            request_kib: pages * 4,
            depth,
            seek_us,
            min_ratio,
            max_ratio: 100 - min_ratio,
            strict_limit,
        },
    );
    let writer = (0i64..2, 0i64..9000, 0i64..9000, 1i64..800_000, 0i64..60_000, 0i64..3000, 0i64..400, 0i64..6)
        .prop_map(|(disk, a, b, rate, burst, every, fsync, folio)| WriterSpec {
            folio_kib: 4 << folio,
            fsync_kib: if fsync < 300 { 0 } else { fsync * 4 },
            ..WriterSpec::new(rate, a.min(b), a.max(b))
                .bursts(burst, if every < 10 || burst == 0 { 0 } else { every })
                .on_disk(disk)
        });
    let memory = (0i64..9000, -300i64..300).prop_map(|(at_ms, mib)| MemorySpec { at_ms, mib });
    let lists = (
        prop::collection::vec(disk, 2),
        prop::collection::vec(writer, 0..5),
        prop::collection::vec(memory, 0..3),
        prop::collection::vec(0i64..9000, 0..3),
    );
    let sizes = prop::sample::select(vec![0i64, 0, 0, 8192, 65_536, 1 << 20, 64 << 20]);
    let scalars = (0i64..101, 0i64..101, sizes.clone(), sizes, 0i64..1000, 0i64..600);
    let machine = (prop::sample::select(vec![100i64, 250, 300, 1000]), 1i64..5, 0i64..512, 0i64..256);
    (prop::sample::select(kernels.to_vec()), scalars, machine, lists).prop_map(
        |(kernel, (ratio, bg_ratio, bytes, bg_bytes, expire, interval), (hz, cpus, free, file), lists)| {
            let (disks, writers, memory, syncs) = lists;
            Scenario {
                kernel: kernel.parse().expect("a release"),
                hz,
                cpus,
                mem_mib: 1024,
                free_mib: free,
                file_mib: file,
                dirty_ratio: ratio,
                dirty_background_ratio: bg_ratio,
                dirty_bytes: bytes,
                dirty_background_bytes: bg_bytes,
                dirty_expire_centisecs: expire,
                dirty_writeback_centisecs: interval,
                duration_ms: 9000,
                disks,
                writers,
                memory,
                syncs,
                ..Scenario::default()
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn a_bent_preset_is_valid_or_refused_field_by_field(json in bent_preset()) {
        match Valid::<DirtyWriteback>::from_json(&json.to_string()) {
            Ok(scenario) => prop_assert_eq!(DirtyWriteback::problems(&scenario).len(), 0),
            Err(problems) => common::refused_field_by_field(&problems)?,
        }
    }

    /// What holds of every run: time grows and ends, no page is lost, and what is written was dirty.
    #[test]
    fn every_page_is_dirty_or_under_writeback_or_written(scenario in small_scenario()) {
        let written = DirtyWriteback::write_scenario(&scenario).to_string();
        let valid = Valid::<DirtyWriteback>::new(scenario).map_err(|p| TestCaseError::fail(format!("{p:?}")))?;
        let read = Valid::<DirtyWriteback>::from_json(&written);
        prop_assert_eq!(read.as_ref(), Ok(&valid));
        let mut model = DirtyWriteback::start(&valid);
        let mut log = Log::silent();
        let (mut last, mut events) = (0, 0);
        loop {
            let goes_on = model.step(&mut log);
            prop_assert!(model.now() >= last && model.now() <= model.ends());
            last = model.now();
            events += log.events().len();
            log.clear();
            let metrics = model.metrics();
            let [dirty, writeback, both] = [metrics[0], metrics[1], metrics[2]];
            let [dirtied, written] = [metrics[8], metrics[9]];
            prop_assert_eq!(both, dirty + writeback);
            prop_assert_eq!(dirtied, written + dirty + writeback);
            prop_assert_eq!(metrics[14] + metrics[15], both);
            prop_assert!(model.writer_views().iter().map(|w| w.dirtied).sum::<u64>() as i64 == dirtied);
            if !goes_on {
                break;
            }
        }
        prop_assert_eq!(model.now(), model.ends());
        prop_assert!(events < 200_000, "{}", events);
        prop_assert!(!model.files().is_empty());
    }

    #[test]
    fn stopping_on_the_way_changes_nothing_that_matters(scenario in small_scenario(), at in 1u64..9_000) {
        let valid = Valid::<DirtyWriteback>::new(scenario).map_err(|p| TestCaseError::fail(format!("{p:?}")))?;
        let events = |stops: &[u64]| {
            let mut model = DirtyWriteback::start(&valid);
            let mut log = Log::telling();
            for stop in stops {
                while model.now() < *stop {
                    model.advance(*stop, &mut log);
                }
            }
            while model.step(&mut log) {}
            (log.take(), model.metrics())
        };
        let (whole, end) = events(&[]);
        let (parts, end_of_parts) = events(&[at * 1_000_000]);
        prop_assert_eq!(whole, parts);
        prop_assert_eq!(end, end_of_parts);
    }

    #[test]
    fn any_text_is_a_trace_or_refused(texts in prop::collection::vec("[-0-9.,:a-z_\n(){}\"\\[\\]]{0,120}", 6)) {
        let endings = ["json", "bdp.csv", "ratelimit.csv", "samples.csv", "zoneinfo", "flusher.csv"];
        let files = endings.iter().zip(texts).map(|(ending, text)| (format!("writeback/W.{ending}"), text));
        let (reports, _) = replay_all(&files.into_iter().collect());
        prop_assert!(reports.iter().all(|report| !report.pass));
    }
}

/// A real trace with numbers replaced by others, wherever they are.
fn hurt(name: &str, text: &str, at: usize, number: &str) -> (String, String) {
    let places: Vec<_> = text.match_indices(|c: char| c.is_ascii_digit()).map(|(i, _)| i).collect();
    let from = places[at % places.len()];
    let to = from + text[from..].find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len() - from);
    (name.to_owned(), format!("{}{number}{}", &text[..from], &text[to..]))
}

#[test]
fn a_hurt_trace_never_panics() {
    let head = r#"{"kernel":"6.1.0","cpus":1,"writer":"2:-1","sysctl":["dirty_ratio=20","dirty_background_ratio=10",
        "dirty_bytes=0","dirty_background_bytes=0","max_sectors_kb=64"]}"#;
    let samples = "t,bytes,nr_dirty,nr_writeback,nr_written,nr_dirty_threshold,nr_dirty_background_threshold,nr_free_pages,nr_inactive_file,nr_active_file\n\
        0.1,0,0,0,0,20789,10381,105424,0,0\n2.5,1000000,244,0,0,20789,10381,105424,0,0\n9.0,9000000,2000,17,180,20789,10381,105424,0,0\n";
    let bdp = "t_s,in_dirty,in_thresh,in_bg_thresh,in_wb_dirty,in_wb_thresh,in_avg_write_bw_pages_s,in_dom_limit,limit,setpoint,bdi_setpoint,dirty_ratelimit_KBps,task_ratelimit_KBps,dirtied,dirtied_pause,paused_ms,pause_ms,period_ms,think_ms\n\
        30.9,15535,20696,10335,15528,20696,25600,10282,20696,18105,18104,102400,204600,64,64,0,-16,0,16\n\
        32.5,20762,20652,10313,20760,20645,19141,20694,20694,18088,18080,101636,0,256,256,0,140,140,256\n";
    let rates = "t_s,write_bw_KBps,awrite_bw_KBps,dirty_rate_KBps,dirty_ratelimit_KBps,task_ratelimit_KBps,balanced_KBps\n\
        30.9,102400,102400,17096,102400,204604,102400\n";
    let zones = "Node 0, zone DMA\n high 32\n managed 3840\n protection: (0, 442, 442)\n";
    let files = [
        ("writeback/W.json", head),
        ("writeback/W.samples.csv", samples),
        ("writeback/W.bdp.csv", bdp),
        ("writeback/W.ratelimit.csv", rates),
        ("writeback/W.zoneinfo", zones),
    ];
    for (n, (name, text)) in files.iter().enumerate() {
        for at in 0..80 {
            for number in
                ["0", "1", "-1", "4294967295", "4294967296", "18446744073709551615", "0.5", "1e300", "NaN", ""]
            {
                let mut all: Vec<_> =
                    files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
                all[n] = hurt(name, text, at, number);
                let (reports, _) = replay_all(&all.into_iter().collect());
                assert!(reports.len() == 1 && !reports[0].note.is_empty());
            }
        }
    }
}

#[test]
fn every_preset_gives_the_same_bytes_twice() {
    for preset in DirtyWriteback::presets() {
        let valid = Valid::<DirtyWriteback>::new(preset.scenario).expect("valid");
        assert_eq!(run(&valid).to_csv(), run(&valid).to_csv(), "{}", preset.name);
    }
}

#[test]
fn the_recorded_runs_hold() {
    let (reports, _) = replay_all(&embedded());
    let ours: Vec<_> = reports.iter().filter(|report| report.model == "dirty-writeback").collect();
    assert!(ours.len() >= 4 && ours.iter().all(|report| report.pass), "{ours:#?}");
}
