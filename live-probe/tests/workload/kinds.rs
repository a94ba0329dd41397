//! Every kind of load there is: run to its end, asked to stop, and killed at several moments. What
//! it leaves is looked for in every place where it could be.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use super::{Probe, SOON, TIDY, alive, processes, signal, until, words};

/// A kind with small numbers, the figures it must report, and whether a machine may lack what it
/// needs.
const KINDS: &[(&str, &[&str], bool)] = &[
    ("busy-loops", &[], false),
    ("vfork-parents --tasks 2", &[], false),
    ("periodic-sleeper", &[], false),
    ("zombies", &[], false),
    ("orphans", &[], false),
    ("orphans --set subreaper=1 --set count=3", &[], false),
    ("touch-memory --set mib=16 --set touch_after_s=0 --set touch_for_s=1", &["touched_pages"], false),
    ("copy-on-write --set mib=16 --set write_after_s=0", &["copied_faults"], false),
    ("nice-pair --set nice_a=5 --set nice_b=10", &["a_cpu_us", "b_cpu_us"], true),
    ("cache-reader --set mib=8 --set read_after_s=0", &["cold_read_us", "read_bytes"], true),
    ("dirty-writer --set mib=8 --set fsync_ms=200", &["written_bytes", "fsync_count"], true),
    ("negative-dentries --set count=5000", &["names_count"], true),
    ("file-dentries --set count=2000", &["files_count"], true),
    ("heap-leak --set mib=32 --set mib_per_s=16", &["leaked_mib"], false),
    ("shared-memory --set mib=32", &["shared_mib"], false),
    ("descriptor-leak", &["open_count"], false),
    ("time-waits --set count=50", &["connections_count"], false),
    ("keepalive-holder", &["established_count"], false),
    ("lossy-connection --set delay_ms=5", &["sent_count", "rto_us"], true),
    ("silent-peer --set silent_after_s=0 --set every_ms=100", &["backoff_count", "rto_us"], true),
    ("few-ports --set ports=20", &["connections_count", "refused_count"], true),
    ("few-ports --set ports=20 --set keep=1", &["connections_count", "refused_count"], true),
    ("scheduler-race --set mib=32", &["none_reads_per_s"], true),
    ("loop-writer --set mib=16", &["fsync_count"], true),
    ("cgroup-pressure --set limit_mib=32 --set file_mib=48", &["rounds_count"], true),
    ("numa-local --set mib=8", &["node0_pages"], true),
    ("numa-bind --set mib=8", &["node0_pages"], true),
    ("numa-interleave --set mib=8", &["node0_pages"], true),
    ("flush-stalls --set mib=8", &["requests_count"], true),
    ("quota-stalls", &["requests_count", "throttled_count"], true),
    ("visit-service --set cpu_us=500", &["visits_count", "visits_per_s", "redis_connections_count"], true),
    ("visit-service --set cpu_us=500 --set proxy=2 --set change=4", &["changed_visits_count"], true),
];

/// What a load may leave outside of processes and its folder.
fn traces(state: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir("/sys/block").into_iter().flatten().flatten() {
        let path = entry.path();
        let behind = std::fs::read_to_string(path.join("loop/backing_file")).unwrap_or_default();
        if behind.contains(state.to_str().unwrap()) {
            found.insert(format!("{} {behind}", path.display()));
        }
    }
    let mut folders = vec![std::path::PathBuf::from("/sys/fs/cgroup")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let name = entry.file_name().into_string().unwrap();
                if let Some(pid) = name.strip_prefix("live-probe-") {
                    found.insert(pid.to_owned());
                }
                folders.push(entry.path());
            }
        }
    }
    found
}

/// Waits until there is a supervisor; its process id and the names of groups its tasks may make.
fn supervisor(run: &mut Child) -> Option<i32> {
    until(SOON, "there is a supervisor or the end", || {
        let found = processes().into_iter().find(|p| p.parent == run.id() as i32 && p.name == "probe-load");
        match (found, run.try_wait().unwrap()) {
            (Some(found), _) => Some(Some(found.pid)),
            (None, Some(_)) => Some(None),
            (None, None) => None,
        }
    })
}

/// The tasks of a supervisor, once there are any.
fn tasks(supervisor: i32) -> Vec<String> {
    let of_it = |p: &super::Process| p.parent == supervisor;
    processes().into_iter().filter(of_it).map(|p| p.pid.to_string()).collect()
}

fn nothing_left(probe: &Probe, what: &str, group: i32, tasks: &[String]) {
    until(TIDY, &format!("{what}: no process is left: {:?}", alive(group)), || alive(group).is_empty().then_some(()));
    until(TIDY, &format!("{what}: no file is left"), || probe.leavings().is_empty().then_some(()));
    let ours = |trace: &String| trace.starts_with("/sys") || tasks.contains(trace);
    until(TIDY, &format!("{what}: no device and no group is left"), || {
        (!traces(probe.state.path()).iter().any(ours)).then_some(())
    });
}

#[test]
fn every_kind_is_in_the_table() {
    let known: BTreeSet<_> = KINDS.iter().map(|(line, ..)| line.split(' ').next().unwrap()).collect();
    assert_eq!(known, exercises::Load::KINDS.iter().copied().collect());
}

#[test]
fn every_kind_ends_by_itself_and_reports() {
    for (line, figures, may_lack) in KINDS {
        let probe = Probe::on_disk();
        let mut run = probe.start(&format!("{line} --seconds 2 --before 0 --yes"));
        let group = supervisor(&mut run);
        let done = run.wait_with_output().unwrap();
        let said = words(&done.stderr);
        match done.status.code() {
            Some(0) => {}
            Some(101) if *may_lack && said.contains("cannot be done here") => {
                assert!(
                    !probe.state.path().join("runs").join(format!("{}.json", line.split(' ').next().unwrap())).exists()
                );
                continue;
            }
            code => panic!("{line}: {code:?} {said}"),
        }
        let recording = probe.recording(&format!("{}.json", line.split(' ').next().unwrap()));
        for figure in *figures {
            assert!(recording.reported.figures.contains_key(*figure), "{line}: {figure}: {:?}", recording.reported);
        }
        assert!(recording.reported.places.contains_key("task"), "{line}");
        nothing_left(&probe, line, group.unwrap_or(0), &[]);
    }
}

/// Ends a run of every kind as `end` does, some time after its supervisor is there.
fn ended(after: Duration, end: impl Fn(&mut Child) + Sync) {
    // Several at once: they wait more than they work.
    std::thread::scope(|scope| {
        for part in KINDS.chunks(KINDS.len().div_ceil(4)) {
            let end = &end;
            scope.spawn(move || {
                for (line, _, may_lack) in part {
                    let probe = Probe::on_disk();
                    let mut run = probe.start(&format!("{line} --seconds 60 --before 0 --yes"));
                    let group = supervisor(&mut run);
                    std::thread::sleep(after);
                    let found = group.map(tasks).unwrap_or_default();
                    if run.try_wait().unwrap().is_some() {
                        let done = run.wait_with_output().unwrap();
                        assert!(*may_lack && done.status.code() == Some(101), "{line}: {}", words(&done.stderr));
                        continue;
                    }
                    end(&mut run);
                    run.wait().unwrap();
                    nothing_left(&probe, line, group.unwrap_or(0), &found);
                }
            });
        }
    });
}

#[test]
fn ctrl_c_ends_every_kind() {
    ended(Duration::from_millis(700), |run| signal(run.id() as i32, Signal::INT));
}

#[test]
fn every_kind_goes_when_the_probe_is_killed() {
    for after in [0, 60, 1200] {
        ended(Duration::from_millis(after), |run| run.kill().unwrap());
    }
}

#[test]
fn what_a_load_makes_is_recorded_under_its_own_name() {
    // A zombie's parent reaps when somebody sends it a SIGCHLD, and the recording shows it.
    let probe = Probe::new();
    let run = probe.start("zombies --set count=2 --seconds 4 --before 0 --yes");
    let parent = until(SOON, "there are zombies", || {
        let all = processes();
        let zombies: Vec<_> = all.iter().filter(|p| p.state == 'Z' && p.name == "probe-zombies").collect();
        let ours = |parent: i32| {
            let supervisor = all.iter().find(|p| p.pid == parent).and_then(|p| all.iter().find(|s| s.pid == p.parent));
            supervisor.is_some_and(|s| s.parent == run.id() as i32)
        };
        let parents: Vec<_> = zombies.iter().filter(|z| ours(z.parent)).map(|z| z.parent).collect();
        (parents.len() == 2).then(|| parents[0])
    });
    signal(parent, Signal::CHILD);
    until(SOON, "they are reaped", || (!processes().iter().any(|p| p.parent == parent)).then_some(()));
    assert_eq!(run.wait_with_output().unwrap().status.code(), Some(0));
    assert!(probe.recording("zombies.json").reported.figures.contains_key("reaped_after_ms"));
}

#[test]
fn a_reader_may_end_what_leaks() {
    let probe = Probe::new();
    let mut run = probe.start("heap-leak --set mib=64 --seconds 60 --before 0 --yes");
    let supervisor = supervisor(&mut run).unwrap();
    let leaking = until(SOON, "it leaks", || {
        processes().into_iter().find(|p| p.parent == supervisor && p.name == "probe-leak" && p.state == 'S')
    });
    signal(leaking.pid, Signal::TERM);
    let done = run.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", words(&done.stderr));
    nothing_left(&probe, "heap-leak", supervisor, &[]);
}

/// All dentries there are, the first field.
fn dentries() -> i64 {
    let state = std::fs::read_to_string("/proc/sys/fs/dentry-state").unwrap();
    state.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn dentries_are_in_the_kernels_own_count_and_gone_afterwards() {
    let probe = Probe::on_disk();
    let before = dentries();
    let mut run = probe.start("negative-dentries --set count=200000 --set per_s=200000 --seconds 60 --before 0 --yes");
    let group = supervisor(&mut run);
    // Other programs have names too, but not so many in so short a time.
    let with = until(SOON, "names are in the cache, or cannot be here", || {
        let now = dentries();
        (now - before > 150_000 || run.try_wait().unwrap().is_some()).then_some(now)
    });
    signal_if_running(&mut run);
    let done = run.wait_with_output().unwrap();
    if !words(&done.stderr).contains("cannot be done here") {
        nothing_left(&probe, "negative-dentries", group.unwrap_or(0), &[]);
        until(SOON, "the names are gone", || (with - dentries() > 120_000).then_some(()));
    }
}

fn signal_if_running(run: &mut Child) {
    if run.try_wait().unwrap().is_none() {
        signal(run.id() as i32, Signal::INT);
    }
}

#[test]
fn a_folder_in_memory_is_no_disk() {
    let shm = Path::new("/dev/shm");
    if !shm.is_dir() {
        return;
    }
    let state = tempfile::tempdir_in(shm).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_live-probe"));
    command.args("--lang en run dirty-writer --seconds 1 --before 1 --yes".split(' '));
    command.env("LIVE_PROBE_STATE_DIR", state.path()).stdin(Stdio::null());
    let done = command.output().unwrap();
    assert_eq!(done.status.code(), Some(101));
    assert!(words(&done.stderr).contains("tmpfs"), "{}", words(&done.stderr));
}
