//! Exercises from the first look to the last verdict, on recorded and fixture machines.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use exercises::{Host, Recording};

use crate::{Probe, widest, write};

const ID: &str = "ch03-load-average/load-after-a-minute";
const SLUG: &str = "load-after-a-minute";

/// What `live-probe run` would have recorded on a simulated machine.
fn recording(cpus: u32) -> Recording {
    let host = Host { cpus, ..Host::default() };
    host.run(exercises::find(ID).unwrap()).unwrap()
}

/// The folder of a machine that shows no more than this.
fn root(probe: &Probe) -> std::path::PathBuf {
    let root = probe.path("root");
    for (path, text) in [
        ("proc/loadavg", "0.52 0.58 0.59 2/345 6789\n"),
        ("proc/sys/kernel/osrelease", "6.12.0\n"),
        ("proc/stat", "cpu  1 0 1 900 0 0 0 0 0 0\ncpu0 1 0 1 900 0 0 0 0 0 0\nprocs_running 1\nprocs_blocked 0\n"),
        ("sys/devices/system/cpu/online", "0-1\n"),
    ] {
        write(&root.join(path), text);
    }
    root
}

#[test]
fn the_list_shows_how_far_one_is() {
    let probe = Probe::new();
    for exercise in exercises::catalogue() {
        let done = probe.run("list --lang ko");
        assert!(done.out.contains(exercise.slug()) && done.out.contains(&*exercise.title.ko), "{}", done.out);
    }
    assert_eq!(probe.run("predict load-after-a-minute 0.63").code, 0);
    let line = |out: &str| out.lines().find(|line| line.contains(SLUG)).unwrap().to_owned();
    assert!(line(&probe.run("list 3 --lang en").out).contains("predicted"));
    let json: serde_json::Value = serde_json::from_str(&probe.run("list --format json").out).unwrap();
    let entry = json["exercises"].as_array().unwrap().iter().find(|entry| entry["id"] == ID).unwrap().clone();
    assert_eq!((entry["prediction"].as_str(), entry["passed"].as_bool()), (Some("0.63"), Some(false)));
}

#[test]
fn every_exercise_is_shown_in_80_cells() {
    let probe = Probe::new();
    for exercise in exercises::catalogue() {
        for lang in ["ko", "en"] {
            let done = probe.run(&format!("show {} --lang {lang}", exercise.id));
            assert_eq!((done.code, done.err.as_str()), (0, ""));
            // A command is never broken: it is there to be copied.
            let prose: String = done
                .out
                .lines()
                .filter(|line| !exercise.commands.iter().any(|command| line.trim() == command.run))
                .flat_map(|line| [line, "\n"])
                .collect();
            assert!(widest(&prose) <= 80, "{prose}");
            let lang = sim_core::Lang::from_tag(lang).unwrap();
            let told = exercise.explanation.get(lang).split_whitespace().take(6).collect::<Vec<_>>().join(" ");
            let words = done.out.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(!words.contains(&told), "the explanation is for after success: {words}");
        }
        let json: serde_json::Value =
            serde_json::from_str(&probe.run(&format!("show {} --format json", exercise.id)).out).unwrap();
        assert_eq!(json["id"].as_str(), Some(exercise.id.as_str()));
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn from_prediction_to_pass() {
    let probe = Probe::new();
    let check = |lang: &str| probe.run(&format!("check {SLUG} --lang {lang}"));
    let untouched = check("ko");
    assert!(untouched.code == 100 && untouched.out.contains("live-probe predict"), "{untouched:?}");

    let predicted = probe.run(&format!("predict {SLUG} 0.6 --lang ko"));
    assert!(predicted.code == 0 && predicted.out.contains("다음: live-probe run"), "{predicted:?}");
    let waiting = check("en");
    assert!(waiting.code == 100 && waiting.out.contains("live-probe run"), "{waiting:?}");

    write(&probe.state().join(format!("runs/{SLUG}.json")), &recording(2).to_json());
    let changed = probe.run(&format!("predict {SLUG} 0.63"));
    assert!(changed.out.contains("0.6 → 0.63") && changed.out.contains("live-probe check"), "{changed:?}");
    for lang in ["ko", "en"] {
        let passed = check(lang);
        assert_eq!((passed.code, passed.err.as_str()), (0, ""), "{}", passed.out);
        let exercise = exercises::find(ID).unwrap();
        let lang = sim_core::Lang::from_tag(lang).unwrap();
        let told = exercise.explanation.get(lang).split_whitespace().take(6).collect::<Vec<_>>().join(" ");
        let words = passed.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&told) && words.contains("/proc/loadavg: "), "{}", passed.out);
        let token = words.split("live-probe sim --token ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
        assert_eq!(probe.run(&format!("sim --token {token}")).code, 0, "the simulated run can be seen again");
    }
    assert!(probe.run("list").out.contains("pass"));
    let shown = probe.run(&format!("show {SLUG} --lang en"));
    assert!(shown.out.contains("Why it is so"), "the explanation is shown after success: {}", shown.out);

    let reset = probe.run(&format!("reset {SLUG} --lang en"));
    assert!(reset.out.contains("progress of 1 exercise(s), 1 recording(s)"), "{reset:?}");
    assert_eq!(check("ko").out, untouched.out);
}

#[test]
fn who_has_seen_the_result_must_run_it_again_to_predict_anew() {
    let probe = Probe::new();
    let file = probe.state().join(format!("runs/{SLUG}.json"));
    probe.run(&format!("predict {SLUG} 1.00"));
    write(&file, &recording(2).to_json());
    let wrong = probe.run(&format!("check {SLUG} --lang en"));
    assert!(wrong.code == 100 && wrong.out.contains("you said 1.00"), "{wrong:?}");
    // The same again is no new prediction.
    probe.run(&format!("predict {SLUG} 1.00"));
    assert!(file.exists());
    let anew = probe.run(&format!("predict {SLUG} 0.63 --lang ko"));
    assert!(anew.out.contains("결과를 본") && anew.out.contains("다음: live-probe run"), "{anew:?}");
    assert!(!file.exists());
    // A recording made since has not been seen.
    write(&file, &recording(2).to_json());
    std::fs::File::open(&file).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    let changed = probe.run(&format!("predict {SLUG} 0.64"));
    assert!(file.exists() && changed.out.contains("live-probe check"), "{changed:?}");
}

#[test]
fn every_format_tells_the_same() {
    let probe = Probe::new();
    probe.run(&format!("predict {SLUG} 0.63"));
    write(&probe.state().join(format!("runs/{SLUG}.json")), &recording(2).to_json());
    // Of one chapter: others look at what changes from one call to the next.
    let all = exercises::catalogue().iter().filter(|exercise| exercise.chapter() == "ch03-load-average").count();
    let json: serde_json::Value =
        serde_json::from_str(&probe.run("check ch03-load-average --format json").out).unwrap();
    let judgements = json["judgements"].as_array().unwrap();
    assert_eq!(judgements.len(), all);
    let verdict = |id: &str| judgements.iter().find(|j| j["exercise"] == id).unwrap()["verdict"].clone();
    assert_eq!(verdict(ID), "pass");
    assert_eq!(json["summary"]["pass"], 1);

    let tap = probe.run("check ch03-load-average --format tap").out;
    assert!(tap.starts_with(&format!("TAP version 13\n1..{all}\n")), "{tap}");
    let points: Vec<_> = tap.lines().filter(|line| line.starts_with("ok ") || line.starts_with("not ok ")).collect();
    assert_eq!(points.len(), all);
    for (i, (point, judgement)) in points.iter().zip(judgements).enumerate() {
        let id = judgement["exercise"].as_str().unwrap();
        assert!(point.contains(&format!("{} - {id}", i + 1)), "{point}");
        assert_eq!(
            point.starts_with("not ok"),
            ["fail", "error"].contains(&judgement["verdict"].as_str().unwrap()),
            "{point}"
        );
    }
    for judgement in judgements {
        let verdict = judgement["verdict"].as_str().unwrap();
        assert!(tap.contains(&format!("\n  verdict: {verdict}\n")), "the same word in every language: {tap}");
    }
    let junit = probe.run("check ch03-load-average --format junit").out;
    assert!(junit.contains(" type=\"fail\""), "{junit}");
    assert_eq!(junit.matches("<testcase ").count(), all);
    assert_eq!(junit.matches("<failure ").count(), points.iter().filter(|point| point.starts_with("not ok")).count());
    let table = probe.run("check ch03-load-average --lang en").out;
    assert!(table.contains("[pass] "), "{table}");
    assert!(!table.contains('\x1b'), "colours are for terminals");
}

#[test]
fn another_machine_can_be_checked() {
    let probe = Probe::new();
    probe.run(&format!("predict {SLUG} 0.63"));
    // A recording made elsewhere holds machine and workload in one file.
    let file = probe.path("elsewhere.json");
    write(&file, &recording(4).to_json());
    let done = probe.run(&format!("check {SLUG} --root {} --lang en", file.display()));
    assert_eq!(done.code, 0, "{done:?}");
    let listed = probe.run("list --format json").out;
    assert!(
        listed.contains("\"passed\": false") && !listed.contains("\"passed\": true"),
        "not the reader's own: {listed}"
    );

    // A folder has files and no workload; what this machine recorded is not its.
    write(&probe.state().join(format!("runs/{SLUG}.json")), &recording(2).to_json());
    let done = probe.run(&format!("--root {} check {SLUG} --lang en", root(&probe).display()));
    assert!(done.code == 100 || done.code == 101, "{done:?}");
    // A machine that lacks what is needed.
    let empty = probe.path("empty");
    std::fs::create_dir(&empty).unwrap();
    let done = probe.run(&format!("check {SLUG} --root {} --lang ko", empty.display()));
    assert!(done.code == 101 && done.out.contains("/proc/loadavg"), "{done:?}");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn what_is_damaged_is_kept_and_told() {
    let probe = Probe::new();
    probe.run(&format!("predict {SLUG} 0.63"));
    let progress = probe.state().join("progress.json");
    let whole = std::fs::read_to_string(&progress).unwrap();
    write(&progress, &whole[..whole.len() / 2]);
    write(&probe.state().join("progress.json.new-leftover"), "{");
    let listed = probe.run("list --lang ko");
    assert!(listed.code == 0 && listed.err.contains("progress.json.damaged-1"), "{listed:?}");
    assert_eq!(
        std::fs::read_to_string(probe.state().join("progress.json.damaged-1")).unwrap(),
        whole[..whole.len() / 2]
    );
    assert_eq!(probe.run("list").err, "");
    assert_eq!(probe.run(&format!("predict {SLUG} 0.5")).err, "");
    assert!(!probe.state().join("progress.json.new-leftover").exists());

    let run = probe.state().join(format!("runs/{SLUG}.json"));
    write(&run, &recording(2).to_json()[..5000]);
    let checked = probe.run(&format!("check {SLUG} --lang en"));
    assert!(checked.code == 100 && checked.err.contains(".json.damaged-1"), "{checked:?}");
    assert!(!run.exists() && run.with_extension("json.damaged-1").exists());
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn a_verdict_does_not_need_a_place_to_keep_it() {
    let probe = Probe::new();
    write(&probe.state(), "a file where the folder should be");
    let done = probe.run(&format!("check {SLUG} --lang en"));
    assert!(done.code == 100 && done.out.contains("not yet") && done.err.contains("LIVE_PROBE_STATE_DIR"), "{done:?}");
    let done = probe.run(&format!("predict {SLUG} 0.5"));
    assert!(done.code == 1 && done.err.contains("LIVE_PROBE_STATE_DIR"), "{done:?}");
}

#[test]
fn hints_come_one_at_a_time() {
    let probe = Probe::new();
    let hints = &exercises::find(ID).unwrap().hints;
    for n in 1..=hints.len() + 1 {
        let done = probe.run(&format!("hint {SLUG} --lang ko"));
        let shown = done.out.lines().filter(|line| line.contains(&format!("/{} ", hints.len()))).count();
        assert_eq!(shown, n.min(hints.len()), "{}", done.out);
        assert_eq!(done.out.contains("힌트는 여기까지입니다"), n >= hints.len(), "{}", done.out);
    }
}

/// Reads what `watch` says until a line satisfies, or the program ends.
fn await_line(lines: &mut impl Iterator<Item = std::io::Result<String>>, wanted: &str) -> String {
    lines.map(Result::unwrap).find(|line| line.contains(wanted)).unwrap_or_else(|| panic!("no {wanted}"))
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn watching_notices_what_the_reader_does() {
    let probe = Probe::new();
    let mut child = probe
        .command(&format!("watch {SLUG} --interval 500ms --for 60s --lang en"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    await_line(&mut lines, "[not yet]");
    probe.run(&format!("predict {SLUG} 0.63"));
    write(&probe.state().join(format!("runs/{SLUG}.json.new")), &recording(2).to_json());
    let run = probe.state().join(format!("runs/{SLUG}.json"));
    std::fs::rename(run.with_extension("json.new"), &run).unwrap();
    await_line(&mut lines, "[pass]");
    assert_eq!(child.wait().unwrap().code(), Some(0), "it ends when everything passes");
    assert!(probe.run("list").out.contains("pass"), "the verdict is kept");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn watching_ends_in_time_and_costs_little() {
    let probe = Probe::new();
    // Of a machine whose figures stand still: interfaces of the live one come and go while other tests run.
    let root = probe.path("root");
    write(&root.join("proc/meminfo"), "MemTotal:       24684084 kB\nMemFree:         2332147 kB\n");
    let root = root.display();
    let done = probe
        .run(&format!("watch ch01-system-info --root {root} --interval 500ms --for 1200ms --format json --lang en"));
    assert_eq!(done.code, 101, "{done:?}");
    let judgements: Vec<serde_json::Value> = done.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let all = exercises::catalogue().iter().filter(|exercise| exercise.chapter() == "ch01-system-info").count();
    assert_eq!(judgements.len(), all, "said once, as nothing changes");
}
