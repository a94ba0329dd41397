//! Every case from the page to the score, for real, and ended in every way: nothing may be left.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use exercises::incident::{Incident, Known, Worth, incidents};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// How long anything may take on a busy machine.
const SOON: Duration = Duration::from_secs(20);

struct Probe {
    state: tempfile::TempDir,
}

impl Probe {
    /// With a state folder where files are on a disk: beside the program.
    fn new() -> Probe {
        let beside = Path::new(env!("CARGO_BIN_EXE_live-probe")).parent().unwrap();
        Probe { state: tempfile::Builder::new().prefix("probe-state-").tempdir_in(beside).unwrap() }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_live-probe"));
        command.args(["--lang", "en", "incident"]).args(words);
        command.env("LIVE_PROBE_STATE_DIR", self.state.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    fn current(&self) -> Value {
        let text = std::fs::read_to_string(self.state.path().join("incident.json")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["current"].take()
    }

    /// Files below the state folder that are not to stay.
    fn leavings(&self) -> usize {
        let names = std::fs::read_dir(self.state.path()).unwrap().flatten();
        names.filter(|entry| entry.file_name().to_string_lossy().starts_with(".probe-")).count()
    }
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + SOON;
    while !done() {
        assert!(Instant::now() < end, "not within {SOON:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn lives(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Starts a case; nothing if this machine cannot make it happen.
fn started(probe: &Probe, case: &str, seed: &str) -> Option<Value> {
    let done = probe.run(&["start", case, "--seed", seed, "--yes"]);
    match done.status.code() {
        Some(0) => Some(probe.current()),
        Some(101) => {
            assert!(words(&done.stderr).contains("cannot be made to happen"), "{case}: {}", words(&done.stderr));
            None
        }
        code => panic!("{case}: {code:?} {}", words(&done.stderr)),
    }
}

fn pids(current: &Value) -> Vec<u32> {
    let tasks = current["tasks"].as_array().unwrap().iter();
    tasks.map(|pid| pid.as_u64().unwrap() as u32).chain([current["keeper"].as_u64().unwrap() as u32]).collect()
}

fn nothing_left(probe: &Probe, what: &str, pids: &[u32]) {
    until(&format!("{what}: every process is gone"), || !pids.iter().any(|pid| lives(*pid)));
    until(&format!("{what}: every file is gone"), || probe.leavings() == 0);
    for pid in pids {
        let name = format!("live-probe-{pid}");
        for folder in ["/sys/fs/cgroup", "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/memory"] {
            assert!(!Path::new(folder).join(&name).exists(), "{what}: {name}");
        }
    }
}

/// The right answers to a case as it runs, as a reader would give them.
fn answers(case: &Incident, current: &Value) -> Vec<String> {
    let variant = current["variant"].as_str().unwrap();
    let places: BTreeMap<String, String> = serde_json::from_value(current["places"].clone()).unwrap();
    let tasks: Vec<u32> = serde_json::from_value(current["tasks"].clone()).unwrap();
    let load = case.variants.iter().find(|known| known.id == variant).unwrap().load;
    let known = Known { variant, places, tasks };
    let answer = |step: &exercises::incident::Step| {
        let words = step.answer.right(load, &known).unwrap();
        let mut candidates = vec![words.en.split(", ").next().unwrap().to_owned()];
        if let exercises::incident::Expected::Choice { options, .. } = &step.answer {
            candidates = options.iter().map(|option| option.id.clone()).collect();
        }
        candidates.into_iter().find(|it| step.answer.judge(it, load, &known) == Worth::Right).unwrap()
    };
    case.steps_of(variant).map(answer).collect()
}

#[test]
fn every_case_is_solved_from_the_page_to_the_score() {
    for case in incidents() {
        for seed in ["0", "1"] {
            let probe = Probe::new();
            let Some(current) = started(&probe, &case.id, seed) else { continue };
            let pids = pids(&current);
            assert!(pids.iter().all(|pid| lives(*pid)), "{}", case.id);
            let status = words(&probe.run(&[]).stdout);
            assert!(status.contains("left") && status.contains("Question 1/"), "{status}");
            for variant in &case.variants {
                let cause: String = variant.cause.en.chars().take(25).collect();
                assert!(!status.contains(&cause), "the secret is kept: {status}");
            }
            for answer in answers(case, &current) {
                let done = probe.run(&["answer", &answer]);
                assert_eq!(done.status.code(), Some(0), "{} {answer}: {}", case.id, words(&done.stderr));
            }
            let list = words(&probe.run(&["list"]).stdout);
            let steps: u32 = case.steps_of(current["variant"].as_str().unwrap()).map(|step| step.points).sum();
            assert!(list.contains(&format!("{steps}/{steps}")), "{list}");
            nothing_left(&probe, &case.id, &pids);
        }
    }
}

#[test]
fn hints_and_wrong_answers_cost_and_three_end_a_question() {
    let probe = Probe::new();
    let current = started(&probe, "1", "0").unwrap();
    assert_eq!(probe.run(&["hint"]).status.code(), Some(0));
    assert_eq!(probe.run(&["answer", "busy"]).status.code(), Some(100));
    assert_eq!(probe.run(&["answer", "nonsense"]).status.code(), Some(2), "not an answer costs nothing");
    assert_eq!(probe.run(&["answer", "busy"]).status.code(), Some(100));
    let third = words(&probe.run(&["answer", "busy"]).stdout);
    assert!(third.contains("The answer:") && third.contains("Question 2/"), "{third}");
    let skipped = words(&probe.run(&["answer", "skip"]).stdout);
    assert!(skipped.contains("Question 3/"), "{skipped}");
    let answers = &probe.current()["answers"];
    assert_eq!((answers[0]["hints"].as_u64(), answers[0]["wrong"].as_u64()), (Some(1), Some(3)));
    assert_eq!(probe.run(&["stop"]).status.code(), Some(0));
    nothing_left(&probe, "stop", &pids(&current));
    assert_eq!(probe.run(&["answer", "1"]).status.code(), Some(2), "nothing goes on any more");
}

#[test]
fn a_killed_keeper_takes_the_load_along_and_the_answers_stay() {
    let probe = Probe::new();
    let current = started(&probe, "load-forty", "1").unwrap();
    assert_eq!(probe.run(&["answer", "idle"]).status.code(), Some(0));
    let keeper = current["keeper"].as_u64().unwrap() as i32;
    kill_process(Pid::from_raw(keeper).unwrap(), Signal::KILL).unwrap();
    nothing_left(&probe, "killed keeper", &pids(&current));
    let status = words(&probe.run(&[]).stdout);
    assert!(status.contains("The load has ended") && status.contains("Question 2/"), "{status}");
    assert_eq!(probe.run(&["stop"]).status.code(), Some(0));
    assert!(started(&probe, "load-forty", "1").is_some(), "it can be begun anew");
    assert_eq!(probe.run(&["stop"]).status.code(), Some(0));
}

#[test]
fn a_case_ends_with_the_shell_it_was_started_from() {
    let probe = Probe::new();
    let binary = env!("CARGO_BIN_EXE_live-probe");
    let line = format!("'{binary}' incident start load-forty --yes; sleep 300");
    let mut shell: Child = Command::new("sh")
        .args(["-c", &line])
        .env("LIVE_PROBE_STATE_DIR", probe.state.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the case runs", || probe.state.path().join("incident.json").exists());
    let current = probe.current();
    shell.kill().unwrap();
    shell.wait().unwrap();
    nothing_left(&probe, "shell", &pids(&current));
}

#[test]
fn one_at_a_time_and_nothing_without_consent() {
    let probe = Probe::new();
    let done = probe.run(&["start", "load-forty"]);
    assert_eq!(done.status.code(), Some(2), "{}", words(&done.stderr));
    assert!(!probe.state.path().join("incident.json").exists());
    let current = started(&probe, "load-forty", "0").unwrap();
    let again = probe.run(&["start", "stalls", "--yes"]);
    assert_eq!(again.status.code(), Some(2), "{}", words(&again.stderr));
    let mut other = Command::new(env!("CARGO_BIN_EXE_live-probe"));
    other.args("--lang en run zombies --seconds 1 --before 0 --yes".split(' '));
    let other = other.env("LIVE_PROBE_STATE_DIR", probe.state.path()).stdin(Stdio::null()).output().unwrap();
    assert_eq!(other.status.code(), Some(101), "{}", words(&other.stderr));
    assert!(words(&other.stderr).contains("incident-load-forty"));
    assert_eq!(probe.run(&["stop"]).status.code(), Some(0));
    nothing_left(&probe, "stop", &pids(&current));
    for (line, code) in
        [(vec!["start", "no-such", "--yes"], 2), (vec!["list", "x"], 2), (vec!["hint"], 2), (vec!["stop"], 0)]
    {
        assert_eq!(probe.run(&line).status.code(), Some(code), "{line:?}");
    }
}
