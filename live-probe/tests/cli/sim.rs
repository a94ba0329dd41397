//! `sim` and `fidelity`.

use std::path::Path;

use crate::{Probe, widest, write};

#[test]
fn models_and_presets_are_listed_name_first() {
    let probe = Probe::new();
    let models = probe.run("sim --list --lang ko");
    let first = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    let named: Vec<_> = models.out.lines().map(first).collect();
    assert_eq!(named, sim_core::catalogue().iter().map(|entry| entry.name).collect::<Vec<_>>());
    assert!(models.code == 0 && models.out.contains("부하 평균(Load Average)\n"), "{models:?}");
    let presets = probe.run("sim load-average --list-presets");
    let names: Vec<_> = presets.out.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    let entry = sim_core::find("load-average").unwrap();
    assert_eq!(names, (entry.presets)().iter().map(|preset| preset.name).collect::<Vec<_>>());
    for (line, sim_core::Preset { title, insight, .. }) in presets.out.lines().zip((entry.presets)()) {
        assert!(line.contains(&*title.en) && line.ends_with(&*insight.en), "{line}");
    }
}

#[test]
fn tables_fit_80_cells_in_both_languages() {
    let probe = Probe::new();
    for (l, lang) in ["ko", "en"].into_iter().enumerate() {
        for entry in sim_core::catalogue() {
            // The first preset in both languages, the others in turns: some are long runs.
            let presets = (entry.presets)().into_iter().enumerate().filter(|(i, _)| *i == 0 || i % 2 == l);
            for (_, sim_core::Preset { name, .. }) in presets {
                let done = probe.run(&format!("sim {} --preset {name} --lang {lang}", entry.name));
                // All that may be said beside is that not every moment of a long run was kept.
                let kept = |line: &str| line.starts_with("긴 실행이라") || line.starts_with("A long run:");
                assert!(done.code == 0 && done.err.lines().all(kept), "{} {name}: {}", entry.name, done.err);
                // The token is one word, to be copied whole.
                let token = format!("{}.{}.", entry.name, entry.version);
                let table: String = done.out.lines().filter(|l| !l.contains(&token)).flat_map(|l| [l, "\n"]).collect();
                assert!(widest(&table) <= 80, "{} {name} {lang}: {table}", entry.name);
            }
        }
        let fidelity = probe.run(&format!("fidelity --lang {lang}"));
        assert!(fidelity.code == 0 && widest(&fidelity.out) <= 80, "{fidelity:?}");
        insta::assert_snapshot!(format!("fidelity_{lang}"), fidelity.out);
        let table = probe.run(&format!("sim load-average --lang {lang}"));
        insta::assert_snapshot!(format!("sim_{lang}"), table.out);
    }
}

#[test]
fn json_is_the_run_and_a_token_repeats_it() {
    let probe = Probe::new();
    let first = probe.run("sim load-average --preset sleepers-on-an-idle-cpu --format json --lang en");
    let run: serde_json::Value = serde_json::from_str(&first.out).unwrap();
    assert_eq!((run["model"].as_str(), run["model_version"].as_u64()), (Some("load-average"), Some(1)));
    let frames = run["frames"].as_array().unwrap();
    assert!(
        frames
            .iter()
            .all(|f| f["t_ns"].is_u64() && f["metrics"].is_object() && f["files"]["/proc/loadavg"].is_string())
    );
    let event = &run["events"][0];
    assert!(event["t_ns"].is_u64() && event["kind"].is_string() && event["why"].is_string(), "{event}");

    let token = run["token"].as_str().unwrap();
    for line in [format!("sim load-average --token {token}"), format!("sim --token {token}")] {
        assert_eq!(probe.run(&format!("{line} --format json --lang en")).out, first.out);
    }
    // What was printed can be run again, whole or the scenario alone.
    for input in [first.out.clone(), run["scenario"].to_string()] {
        let again = probe.run_with("sim load-average --scenario - --format json --lang en", input.as_bytes());
        assert_eq!(again.out, first.out);
    }
}

#[test]
fn the_cursor_travels_in_the_token() {
    let probe = Probe::new();
    let at = probe.run("sim load-average --format kernel --at 1m1s");
    assert!(
        at.out.starts_with("==> /proc/loadavg <==\n0.63 0.18 0.06 2/121 1001\n\n==> /proc/pressure/cpu <=="),
        "{}",
        at.out
    );
    let token = at.err.trim().strip_prefix("token: ").unwrap();
    for format in ["kernel", "svg", "csv"] {
        let again = probe.run(&format!("sim --token {token} --format {format}"));
        assert_eq!(again.err.trim(), format!("token: {token}"), "{format}");
        let direct = probe.run(&format!("sim load-average --format {format} --at 61"));
        assert_eq!(direct.err, again.err, "{format}");
        if format != "svg" {
            // A figure is titled by its preset, which a token does not know.
            assert_eq!(direct.out, again.out, "{format}");
        }
    }
    // Between two events the counters of time go on: 62 s at work, the rest of 88.8 at rest, in 1/100 s.
    let between = probe.run("sim load-average --format kernel --at 88800ms");
    assert!(between.out.contains("\ncpu0 6200 0 0 2680 "), "{}", between.out);
    let start = probe.run("sim load-average --format kernel --at 0");
    assert!(start.out.starts_with("==> /proc/loadavg <==\n0.00 0.00 0.00 "), "{}", start.out);
    let late = probe.run("sim load-average --at 1h --lang ko");
    assert!(late.code == 2 && late.err.contains("--at = 60 min: 허용 범위 0..4 min"), "{late:?}");
}

#[test]
fn data_stays_alone_on_standard_output() {
    let probe = Probe::new();
    let csv = probe.run("sim load-average --format csv");
    let columns = csv.out.lines().next().unwrap().split(',').count();
    assert!(columns == 11 && csv.out.lines().all(|line| line.split(',').count() == columns));
    let svg = probe.run("sim load-average --format svg --lang ko");
    assert!(
        svg.out.starts_with("<svg ") && svg.out.trim_end().ends_with("</svg>") && svg.out.contains("태스크 하나가")
    );
    assert!(csv.err.starts_with("token: ") && svg.err.starts_with("토큰: "));
}

#[test]
fn every_problem_of_a_scenario_is_named() {
    let probe = Probe::new();
    let json = br#"{"cpus":0,"hz":17,"tasks":[{"state":"foo","until_ms":-3}],"bogus":1}"#;
    for lang in ["ko", "en"] {
        let done = probe.run_with(&format!("sim load-average --scenario - --lang {lang}"), json);
        assert_eq!((done.code, done.out.as_str()), (2, ""));
        insta::assert_snapshot!(format!("problems_{lang}"), done.err);
    }
    for (input, want) in [
        (br#"{"kernel":"9.x"}"#.as_slice(), "kernel = 9.x: allowed 2.6.18, "),
        (br#"{"hz":"fast"}"#, "hz = \"fast\" Hz: allowed 100, 250, 300, 1000 Hz (this is not an integer)"),
        (
            br#"{"avenrun":[1,2,null]}"#,
            "avenrun[2] = null 1/2048: allowed 0..2048000000 1/2048 (this is not an integer)",
        ),
        (b"", "not well-formed JSON"),
        (b"[]", "scenario = []: allowed { … }"),
        (b"{\"model\":\"buddy\"}", "model = buddy"),
        (b"\xff\xfe", "not UTF-8"),
        (&vec![b' '; 3 << 20], "too large"),
        (&b"[".repeat(1 << 20), "not well-formed JSON"),
    ] {
        let done = probe.run_with("sim load-average --scenario - --lang en", input);
        assert!(done.code == 2 && done.err.contains(want), "{want}: {done:?}");
    }
    for (line, want) in [
        ("sim load-average --scenario /dev/zero", "too large"),
        ("sim load-average --scenario /does/not/exist", "cannot be read"),
        ("sim load-average --scenario /", "cannot be read"),
        ("sim load-average --preset nothing", "There are:\n  one-task-for-a-minute"),
        ("sim buddy", "There are: process-life"),
        ("sim", "Name the model to run: process-life"),
        ("sim load-average --token load-average.1.AAAA", "damaged"),
        ("sim load-average --token load-average.9.AAAA", "version"),
        ("sim --token nonsense", "Name the model"),
        ("sim load-average --preset a --token b", "cannot be used together"),
    ] {
        let done = probe.run(line);
        assert!(done.code == 2 && done.out.is_empty() && done.err.contains(want), "{line}: {done:?}");
    }
}

#[test]
fn fidelity_reads_a_folder_and_says_what_it_skips() {
    let probe = Probe::new();
    let golden = probe.path("golden");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim-core/golden/loadavg");
    std::fs::create_dir_all(golden.join("loadavg")).unwrap();
    for name in ["A.json", "A.updates.csv.br", "A.samples.jsonl.br"] {
        std::fs::copy(source.join(name), golden.join("loadavg").join(name)).unwrap();
    }
    write(&golden.join("tcp/x.json"), "{}");
    let line = format!("fidelity --golden {}", golden.display());

    let done = probe.run(&format!("{line} --format json"));
    assert!(done.code == 0 && done.err.contains("tcp: no model replays this folder"), "{done:?}");
    let report: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    let trace = &report["traces"][0];
    assert_eq!(
        (trace["trace"].as_str(), trace["pass"].as_bool(), trace["mismatches"].as_u64()),
        (Some("A"), Some(true), Some(0))
    );
    for key in ["model", "kernel", "compared", "max_error", "tolerance", "note"] {
        assert!(!trace[key].is_null(), "{key}");
    }

    // A trace that does not hold, then none at all.
    let meta = std::fs::read_to_string(golden.join("loadavg/A.json")).unwrap();
    write(&golden.join("loadavg/A.json"), &meta.replace("6.1.0", "2.6.32"));
    let done = probe.run(&format!("{line} --lang ko"));
    assert!(done.code == 100 && done.out.contains("어긋남") && done.out.contains("0개가 일치"), "{done:?}");
    std::fs::remove_dir_all(golden.join("loadavg")).unwrap();
    let done = probe.run(&line);
    assert!(done.code == 2 && done.err.contains("no trace to replay"), "{done:?}");
}

#[test]
fn a_capture_is_refused_where_there_is_none_or_where_it_would_be_garbage() {
    let probe = Probe::new();
    for (lang, want) in [("ko", "패킷이 없어서"), ("en", "has no packets")] {
        let done = probe.run(&format!("sim load-average --format pcap --lang {lang}"));
        assert!(done.code == 2 && done.out.is_empty() && done.err.contains(want), "{done:?}");
    }
    let done = probe.run("sim load-average --format csv --output /does/not/exist/run.csv");
    assert!(done.code == 2 && done.err.contains("/does/not/exist"), "{done:?}");
    let path = probe.path("run.csv");
    let done = probe.run(&format!("sim load-average --format csv --output {}", path.display()));
    assert!(done.code == 0 && done.out.is_empty(), "{done:?}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), probe.run("sim load-average --format csv").out);
}
