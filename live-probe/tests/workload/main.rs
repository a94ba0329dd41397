//! Real workloads of a second or two, ended in every way a reader can think of: nothing may be
//! left of them, neither a process nor a file.
#![cfg(target_os = "linux")]

mod kinds;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use exercises::{Content, Ended, Recording};
use rustix::process::{Pid, Signal, kill_process};

/// How long the leavings of a killed run may take to go.
const TIDY: Duration = Duration::from_secs(10);
/// How long anything else may take on a busy machine.
const SOON: Duration = Duration::from_secs(20);

struct Probe {
    state: tempfile::TempDir,
}

impl Probe {
    fn new() -> Probe {
        Probe { state: tempfile::tempdir().unwrap() }
    }

    /// With a state folder where files are on a disk: beside the program.
    fn on_disk() -> Probe {
        let beside = Path::new(env!("CARGO_BIN_EXE_live-probe")).parent().unwrap();
        Probe { state: tempfile::Builder::new().prefix("probe-state-").tempdir_in(beside).unwrap() }
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_live-probe"));
        command.args(["--lang", "en", "run"]).args(line.split_whitespace());
        command.env("LIVE_PROBE_STATE_DIR", self.state.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn start(&self, line: &str) -> Child {
        self.command(line).spawn().unwrap()
    }

    fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    fn recording(&self, name: &str) -> Recording {
        let json = std::fs::read_to_string(self.state.path().join("runs").join(name)).unwrap();
        Recording::from_json(&json).unwrap()
    }

    /// Files below the state folder, but for the lock and whole recordings.
    fn leavings(&self) -> Vec<PathBuf> {
        let list = |dir: &Path| std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
        let all: Vec<_> = list(self.state.path()).chain(list(&self.state.path().join("runs"))).collect();
        let known = |path: &PathBuf| {
            path.ends_with("run.lock") || path.ends_with("runs") || path.extension().is_some_and(|end| end == "json")
        };
        all.into_iter().filter(|path| !known(path)).collect()
    }
}

/// A process as `/proc/PID/stat` shows it.
#[derive(Clone, Debug)]
struct Process {
    pid: i32,
    name: String,
    state: char,
    parent: i32,
    group: i32,
    nice: i32,
}

fn processes() -> Vec<Process> {
    let pids = std::fs::read_dir("/proc").unwrap().flatten();
    pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter_map(process).collect()
}

fn process(pid: i32) -> Option<Process> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (name, rest) = (stat.split_once('(')?.1.rsplit_once(") ")?.0, stat.rsplit_once(") ")?.1);
    let fields: Vec<_> = rest.split(' ').collect();
    let number = |i: usize| fields[i].parse().unwrap();
    let state = fields[0].chars().next()?;
    Some(Process { pid, name: name.into(), state, parent: number(1), group: number(2), nice: number(16) })
}

/// Everything of the group that still lives; what nobody waited for yet is dead.
fn alive(group: i32) -> Vec<Process> {
    processes().into_iter().filter(|process| process.group == group && process.state != 'Z').collect()
}

fn until<T>(limit: Duration, what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < end, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The supervisor of a run and its tasks, once there are `tasks` of them in `state`.
fn running(run: &Child, tasks: usize, state: char) -> (Process, Vec<Process>) {
    until(SOON, "the load runs", || {
        let all = processes();
        let supervisor =
            all.iter().find(|process| process.parent == run.id() as i32 && process.name == "probe-load")?;
        let of_it = |process: &&Process| {
            process.parent == supervisor.pid && process.state == state && process.name.starts_with("probe-")
        };
        let found: Vec<_> = all.iter().filter(of_it).cloned().collect();
        (found.len() == tasks).then(|| (supervisor.clone(), found))
    })
}

fn signal(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

fn gone(probe: &Probe, group: i32) {
    until(TIDY, "no process is left", || alive(group).is_empty().then_some(()));
    until(TIDY, "no file is left", || probe.leavings().is_empty().then_some(()));
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn vfork_parents_are_uninterruptible_and_not_blocked() {
    let probe = Probe::new();
    let mut run = probe.start("vfork-parents --tasks 3 --seconds 4 --before 0 --yes");
    let (supervisor, tasks) = running(&run, 3, 'D');
    for task in &tasks {
        assert_eq!((task.name.as_str(), task.nice, task.group), ("probe-vfork", 19, supervisor.pid));
        until(SOON, "its one child sleeps", || {
            let children: Vec<_> = processes().into_iter().filter(|process| process.parent == task.pid).collect();
            matches!(children.as_slice(), [child] if child.state == 'S').then_some(())
        });
    }
    assert_eq!(run.wait().unwrap().code(), Some(0));
    gone(&probe, supervisor.pid);
    let recording = probe.recording("vfork-parents.json");
    let ran = recording.ran.as_ref().unwrap();
    assert_eq!((&ran.ended, ran.until_ns - ran.from_ns), (&Ended::AsPlanned, 4_000_000_000));
}

#[test]
fn tasks_are_bounded_by_the_kernel() {
    let probe = Probe::new();
    let mut run = probe.start("busy-loops --tasks 1 --seconds 2 --before 0 --yes");
    let (supervisor, tasks) = running(&run, 1, 'R');
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", tasks[0].pid)).unwrap();
    let limit = |name: &str| {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().to_owned()
    };
    for (name, want) in [
        ("Max cpu time", "4"),
        ("Max address space", "1073741824"),
        ("Max processes", "0"),
        ("Max open files", "16"),
        ("Max core file size", "0"),
        ("Max file size", "0"),
    ] {
        assert_eq!(limit(name), want, "{name}");
    }
    assert_eq!(run.wait().unwrap().code(), Some(0));
    gone(&probe, supervisor.pid);
}

#[test]
fn a_recording_says_what_the_machine_did() {
    let probe = Probe::new();
    let done = probe.run("busy-loops --tasks 1 --seconds 2 --before 1 --after 1 --yes");
    assert_eq!(done.status.code(), Some(0), "{}", words(&done.stderr));
    assert!(words(&done.stdout).contains("1 busy loop"), "the plan is shown: {}", words(&done.stdout));
    let recording = probe.recording("busy-loops.json");
    let ran = recording.ran.clone().unwrap();
    let seconds = |ns: u64| ns / 1_000_000_000;
    assert!(seconds(ran.from_ns) >= 1, "{ran:?}");
    // From hearing that it began to hearing that it ended: never more than was asked for, and a
    // hair less if the second word came sooner than the first.
    let lasted_ns = ran.until_ns - ran.from_ns;
    assert!((1_900_000_000..=2_000_000_000).contains(&lasted_ns), "{ran:?}");
    // One a second, if the recorder gets a CPU in time; the first and the last in any case.
    assert!((2..=6).contains(&recording.frames.len()), "{}", recording.frames.len());
    assert_eq!((recording.exercise, recording.facts.recorder_threads), (None, 1));
    let during = recording.frames.iter().filter(|frame| (ran.from_ns..ran.until_ns).contains(&frame.t_ns));
    for frame in during {
        let Content::Text(stat) = &frame.files["/proc/stat"] else { panic!("{frame:?}") };
        let running = stat.lines().find_map(|line| line.strip_prefix("procs_running ")).unwrap();
        // The recorder, too, runs while it reads.
        assert!(running.parse::<u32>().unwrap() >= 2, "{running} at {}", frame.t_ns);
        let load = frame.avenrun.unwrap().map(sim_core::load_average::calc::print_load).join(" ");
        assert!(matches!(&frame.files["/proc/loadavg"], Content::Text(text) if text.starts_with(&load)));
    }
    assert!(!probe.state.path().join("runs/.probe-").exists() && probe.leavings().is_empty());
}

#[test]
fn killing_the_probe_ends_everything() {
    for (line, state) in [
        ("busy-loops --tasks 2 --seconds 60 --before 0 --yes", 'R'),
        ("vfork-parents --tasks 2 --seconds 60 --before 0 --yes", 'D'),
        ("periodic-sleeper --tasks 2 --seconds 60 --on-ms 10 --every-ms 10000 --before 0 --yes", 'S'),
    ] {
        let probe = Probe::new();
        let mut run = probe.start(line);
        let (supervisor, _) = running(&run, 2, state);
        run.kill().unwrap();
        run.wait().unwrap();
        gone(&probe, supervisor.pid);
        let next = probe.run("vfork-parents --seconds 1 --before 0 --yes");
        assert_eq!(next.status.code(), Some(0));
        assert!(words(&next.stderr).contains("was killed"), "{}", words(&next.stderr));
    }
}

#[test]
fn killing_the_supervisor_ends_the_run_with_a_message() {
    let probe = Probe::new();
    let run = probe.start("vfork-parents --tasks 2 --seconds 60 --before 0 --yes");
    let (supervisor, _) = running(&run, 2, 'D');
    signal(supervisor.pid, Signal::KILL);
    let done = run.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(words(&done.stderr).contains("supervising process was killed"), "{}", words(&done.stderr));
    gone(&probe, supervisor.pid);
    assert!(matches!(probe.recording("vfork-parents.json").ran.unwrap().ended, Ended::Failed(_)));
}

#[test]
fn killing_probe_and_supervisor_at_once_leaves_only_what_the_next_run_removes() {
    let probe = Probe::new();
    let mut run = probe.start("vfork-parents --tasks 2 --seconds 60 --before 0 --yes");
    let (supervisor, _) = running(&run, 2, 'D');
    // Stopped first, so that neither can do anything for the other.
    signal(supervisor.pid, Signal::STOP);
    run.kill().unwrap();
    signal(supervisor.pid, Signal::KILL);
    run.wait().unwrap();
    until(TIDY, "no process is left", || alive(supervisor.pid).is_empty().then_some(()));
    assert_eq!(probe.leavings().len(), 1, "the private directory");
    let next = probe.run("vfork-parents --seconds 1 --before 0 --yes");
    assert_eq!(next.status.code(), Some(0), "{}", words(&next.stderr));
    assert_eq!(probe.leavings(), Vec::<PathBuf>::new());
}

#[test]
fn signals_end_a_run_in_order() {
    for ending in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        let probe = Probe::new();
        let run = probe.start("busy-loops --tasks 2 --seconds 60 --before 0 --yes");
        let (supervisor, _) = running(&run, 2, 'R');
        signal(run.id() as i32, ending);
        let done = run.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(101), "{ending:?}: {}", words(&done.stderr));
        // Not after a while but already now.
        assert!(alive(supervisor.pid).is_empty() && probe.leavings().is_empty(), "{ending:?}");
        assert_eq!(std::fs::read(probe.state.path().join("run.lock")).unwrap(), b"");
        assert_eq!(probe.recording("busy-loops.json").ran.unwrap().ended, Ended::Stopped);
    }
}

#[test]
fn a_task_killed_by_somebody_ends_the_run() {
    let probe = Probe::new();
    let run = probe.start("vfork-parents --tasks 3 --seconds 60 --before 0 --yes");
    let (supervisor, tasks) = running(&run, 3, 'D');
    signal(tasks[1].pid, Signal::KILL);
    let done = run.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(words(&done.stderr).contains(&format!("task {}: signal 9", tasks[1].pid)), "{}", words(&done.stderr));
    gone(&probe, supervisor.pid);
}

#[test]
fn a_task_that_hangs_is_ended_from_outside() {
    let probe = Probe::new();
    let run = probe.start("vfork-parents --tasks 1 --seconds 1 --before 0 --yes");
    let (supervisor, tasks) = running(&run, 1, 'D');
    let child = processes().into_iter().find(|process| process.parent == tasks[0].pid).unwrap();
    // Stopped, neither its clock nor its timer can end it.
    signal(child.pid, Signal::STOP);
    signal(tasks[0].pid, Signal::STOP);
    let done = run.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(101), "{}", words(&done.stderr));
    assert!(words(&done.stderr).contains("did not end in time"), "{}", words(&done.stderr));
    gone(&probe, supervisor.pid);
}

#[test]
fn one_runs_at_a_time() {
    let probe = Probe::new();
    let mut first = probe.start("vfork-parents --seconds 60 --before 0 --yes");
    let (supervisor, _) = running(&first, 1, 'D');
    let second = probe.run("busy-loops --seconds 1 --before 0 --yes");
    assert_eq!(second.status.code(), Some(101));
    let why = words(&second.stderr);
    assert!(why.contains("vfork-parents") && why.contains(&first.id().to_string()), "{why}");
    assert_eq!(alive(supervisor.pid).len(), 3, "the first is not disturbed");
    signal(first.id() as i32, Signal::INT);
    first.wait().unwrap();
    gone(&probe, supervisor.pid);
}

#[test]
fn a_periodic_sleeper_works_its_share() {
    let probe = Probe::new();
    let mut run = probe.start("periodic-sleeper --on-ms 50 --every-ms 500 --seconds 3 --before 0 --yes");
    let task = until(SOON, "the task runs", || {
        processes().into_iter().find(|process| {
            let grandparent = self::process(process.parent).map(|parent| parent.parent);
            process.name == "probe-periodic" && grandparent == Some(run.id() as i32)
        })
    });
    let mut ticks = 0.0;
    while let Ok(stat) = std::fs::read_to_string(format!("/proc/{}/stat", task.pid)) {
        let fields: Vec<_> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        if fields[0] != "Z" {
            ticks = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(run.wait().unwrap().code(), Some(0));
    // A tenth of three seconds if it gets the CPU at once, less where others are before it.
    let busy = ticks / rustix::param::clock_ticks_per_second() as f64;
    assert!(busy <= 0.45, "{busy} s of CPU time");
}

#[test]
fn what_runs_in_secret_is_told_by_nothing_but_its_behaviour() {
    let probe = Probe::new();
    let run = probe.start("cpu-or-io --yes");
    let (supervisor, tasks) = until(SOON, "the load runs", || {
        let all = processes();
        let supervisor =
            all.iter().find(|process| process.parent == run.id() as i32 && process.name == "probe-load")?;
        let of_it = |process: &&Process| process.parent == supervisor.pid && process.name.starts_with("probe-");
        let tasks: Vec<_> = all.iter().filter(of_it).cloned().collect();
        (tasks.len() == 4).then(|| (supervisor.clone(), tasks))
    });
    for process in tasks.iter().chain([&supervisor]) {
        assert!(["probe-load", "probe-task"].contains(&process.name.as_str()), "{process:?}");
        let line = std::fs::read(format!("/proc/{}/cmdline", process.pid)).unwrap();
        assert_eq!(words(&line), "live-probe\0__workload\0");
        assert_eq!(std::fs::read(format!("/proc/{}/environ", process.pid)).unwrap(), b"");
    }
    signal(run.id() as i32, Signal::INT);
    let done = run.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(101), "{}", words(&done.stderr));
    let ran = probe.recording("cpu-or-io.json").ran.unwrap();
    assert!(ran.picked.is_some_and(|picked| picked < 2) && !words(&done.stdout).contains("picked"));
    gone(&probe, supervisor.pid);
}

#[test]
fn nothing_starts_without_consent_or_beyond_bounds() {
    let probe = Probe::new();
    for (line, words_of_refusal) in [
        ("busy-loops", "--yes"),
        ("busy-loops --tasks 0 --yes", "0 tasks"),
        ("busy-loops --tasks 65 --yes", "65 tasks"),
        ("busy-loops --seconds 901 --yes", "901 s of load"),
        ("busy-loops --seconds 0 --tasks 1000 --yes", "0 s of load"),
        ("busy-loops --seconds 900 --after 900 --yes", "1806 s in all"),
        ("busy-loops --seconds -1 --yes", "-1"),
        ("busy-loops --tasks 99999999999 --yes", "99999999999"),
        ("busy-loops --on-ms 5 --yes", "--on-ms"),
        ("periodic-sleeper --on-ms 2000 --yes", "--on-ms 2000"),
        ("no-such-thing --yes", "no-such-thing"),
        ("no-such-thing --tasks 3 --yes", "--tasks"),
    ] {
        let refused = probe.run(line);
        assert_eq!(refused.status.code(), Some(2), "{line}: {}", words(&refused.stderr));
        assert!(words(&refused.stderr).contains(words_of_refusal), "{line}: {}", words(&refused.stderr));
        assert_eq!(probe.leavings(), Vec::<PathBuf>::new(), "{line}");
        assert!(!probe.state.path().join("runs").exists(), "{line}");
    }
}
