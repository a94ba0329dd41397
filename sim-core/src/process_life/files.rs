//! The files the kernel would show.

use super::engine::Engine;
use super::model::ProcessLife;
use super::process::Process;
use crate::anon::PAGE_KB;
use crate::load_average::calc::print_load;
use crate::model::Files;
use crate::procfs::{HEADING, Rollup, Seen, Sizes};

/// Processes that have files of their own; the table has all.
const WITH_FILES: usize = 64;

fn seen(engine: &Engine, process: &Process) -> Seen {
    let pages = engine.pages(process);
    let anon = pages.private + pages.shared;
    let sizes = Sizes { virt: pages.virt, anon, file: pages.file, ..Sizes::default() };
    Seen {
        pid: process.pid,
        ppid: process.ppid,
        comm: process.program.comm(),
        letter: process.letter(),
        threads: process.nr_threads(),
        uid: 0,
        memory: process.alive().then_some(sizes),
        tables_kb: engine.memory.tables(process.space) * PAGE_KB,
        minflt: process.minflt,
        majflt: 0,
        cpu: process.cpu(engine.now),
        started: process.started,
        pending: process.pending,
        ignored: process.ignored,
        exit_code: process.zombie.unwrap_or(0),
    }
}

/// Kernel threads: `kthreadd` and its children.
fn kernel_thread(engine: &Engine, pid: i64) -> Seen {
    let letter = if engine.rules().idle_state && pid > 2 { 'I' } else { 'S' };
    let (ppid, comm) = if pid == 2 { (0, "kthreadd") } else { (2, "kworker") };
    Seen { pid, ppid, comm, letter, threads: 1, ..Seen::default() }
}

fn rollup(engine: &Engine, process: &Process) -> Rollup {
    let pages = engine.pages(process);
    let file = pages.file * PAGE_KB;
    let sharers = engine.sharers(process.program);
    let pss_file = file / sharers.max(1);
    let pss_anon = if process.alive() { engine.memory.held(process.space).pss_kb() } else { 0 };
    let (shared_clean, private_clean) = if sharers > 1 { (file, 0) } else { (0, file) };
    Rollup {
        pss_anon,
        pss_file,
        shared_clean,
        shared_dirty: pages.shared * PAGE_KB,
        private_clean,
        private_dirty: pages.private * PAGE_KB,
        swap: 0,
    }
}

/// Every file of the model.
pub fn all(model: &ProcessLife) -> Files {
    let engine = model.engine();
    let scenario = model.scenario();
    let mut files = Files::new();
    let mut table = HEADING.to_owned();
    let mut own: Vec<Seen> = engine.processes().values().map(|process| seen(engine, process)).collect();
    own.extend((2..2 + scenario.kernel_threads).map(|pid| kernel_thread(engine, pid)));
    own.sort_by_key(|seen| seen.pid);
    let parts = scenario.kernel >= crate::KernelVersion::new(4, 5, 0);
    for (i, seen) in own.iter().enumerate() {
        table += &seen.line();
        if i < WITH_FILES {
            files.insert(format!("/proc/{}/stat", seen.pid).into(), seen.stat());
            files.insert(format!("/proc/{}/status", seen.pid).into(), seen.status(parts));
        }
    }
    for process in engine.processes().values().filter(|process| process.alive()).take(WITH_FILES) {
        files.insert(format!("/proc/{}/smaps_rollup", process.pid).into(), rollup(engine, process).text());
    }
    let [one, five, fifteen] = engine.avenrun.map(print_load);
    // Who reads the file runs meanwhile.
    let (running, blocked) = (engine.count('R') + 1, 0);
    let (threads, last) = (engine.nr_threads(), engine.last_pid());
    for (path, text) in [
        ("/proc/loadavg", format!("{one} {five} {fifteen} {running}/{threads} {last}\n")),
        // A D that waits for no disk is not among the blocked.
        (
            "/proc/stat",
            format!(
                "processes {}\nprocs_running {running}\nprocs_blocked {blocked}\n",
                scenario.last_pid + engine.forks as i64
            ),
        ),
        ("/proc/sys/kernel/pid_max", format!("{}\n", scenario.pid_max)),
        ("/proc/sys/kernel/threads-max", format!("{}\n", scenario.threads_max)),
        ("/proc/sys/kernel/osrelease", format!("{}\n", scenario.kernel)),
        ("@processes", table),
        ("@page_size", "4096\n".to_owned()),
    ] {
        files.insert(path.into(), text);
    }
    files
}
