//! The files the kernel would show.

use std::fmt::Write;

use super::engine::{Engine, State};
use super::model::Commit;
use super::oom::oom_score;
use crate::anon::PAGE_KB;
use crate::model::Files;
use crate::procfs::{HEADING, Rollup, Seen, Sizes};

/// `fs/proc/meminfo.c: meminfo_proc_show`, the lines that the model knows.
pub fn meminfo(model: &Commit) -> String {
    let engine = model.engine();
    let machine = engine.machine();
    let (anon, swapped) = engine.used();
    let [_, low, high] = engine.watermarks();
    // `mm/show_mem.c: si_mem_available`.
    let cache = machine.cache.saturating_sub((machine.cache / 2).min(low));
    let available = (machine.free + cache).saturating_sub(high);
    let mut text = String::new();
    for (name, pages) in [
        ("MemTotal", machine.totalram),
        ("MemFree", machine.free),
        ("MemAvailable", available),
        ("Buffers", 0),
        ("Cached", machine.cache + engine.shmem()),
        ("SwapCached", 0),
        ("SwapTotal", machine.swap),
        ("SwapFree", machine.swap - swapped),
        ("AnonPages", anon),
        ("Shmem", engine.shmem()),
        ("PageTables", engine.tables()),
        ("CommitLimit", model.limit()),
        ("Committed_AS", engine.committed()),
    ] {
        let _ = writeln!(text, "{:<16}{:>8} kB", format!("{name}:"), pages * PAGE_KB);
    }
    let huge = machine.hugetlb / 512;
    for (name, pages) in
        [("HugePages_Total", huge), ("HugePages_Free", huge), ("HugePages_Rsvd", 0), ("HugePages_Surp", 0)]
    {
        let _ = writeln!(text, "{:<16}{pages:>8}", format!("{name}:"));
    }
    let _ = writeln!(text, "{:<16}{:>8} kB", "Hugepagesize:", 2048);
    let _ = writeln!(text, "{:<16}{:>8} kB", "Hugetlb:", huge * 2048);
    text
}

fn seen(engine: &Engine, who: usize) -> Seen {
    let process = &engine.processes()[who];
    let held = engine.held(who);
    let sizes = Sizes {
        virt: engine.total_vm(who),
        peak: process.peak,
        anon: held.rss(),
        file: process.program.pages().0,
        shmem: engine.shmem_of(who),
        swap: held.swapped,
        high: process.high,
    };
    Seen {
        pid: process.pid,
        ppid: process.ppid,
        comm: process.program.comm(),
        letter: 'S',
        threads: 1,
        uid: if process.root { 0 } else { 1000 },
        memory: Some(sizes),
        tables_kb: engine.tables_of(who) * PAGE_KB,
        minflt: process.faults,
        ..Seen::default()
    }
}

fn rollup(engine: &Engine, who: usize) -> Rollup {
    let held = engine.held(who);
    let file = engine.processes()[who].program.pages().0 * PAGE_KB;
    let program = engine.processes()[who].program;
    let alive = engine.processes().iter().filter(|process| process.state == State::Alive);
    let sharers = alive.filter(|process| process.program == program).count() as u64;
    let (shared_clean, private_clean) = if sharers > 1 { (file, 0) } else { (0, file) };
    Rollup {
        pss_anon: held.pss_kb(),
        pss_file: file / sharers.max(1),
        shared_clean,
        shared_dirty: held.shared * PAGE_KB,
        private_clean,
        private_dirty: held.private * PAGE_KB,
        swap: held.swapped * PAGE_KB,
    }
}

/// Every file of the model.
pub fn all(model: &Commit) -> Files {
    let engine = model.engine();
    let scenario = model.scenario();
    let policy = engine.policy();
    let mut files = Files::new();
    let mut table = HEADING.to_owned();
    for (who, process) in engine.processes().iter().enumerate().filter(|(_, p)| p.state == State::Alive) {
        let seen = seen(engine, who);
        table += &seen.line();
        let score = oom_score(engine.rules(), &engine.candidate(who), engine.totalpages());
        for (name, text) in [
            ("stat", seen.stat()),
            ("status", seen.status(engine.rules().rss_in_parts)),
            ("smaps_rollup", rollup(engine, who).text()),
            ("oom_score", format!("{score}\n")),
            ("oom_score_adj", format!("{}\n", process.adj)),
        ] {
            files.insert(format!("/proc/{}/{name}", process.pid).into(), text);
        }
    }
    for (path, text) in [
        ("/proc/meminfo", meminfo(model)),
        ("/proc/vmstat", vmstat(engine)),
        ("/proc/sys/vm/overcommit_memory", format!("{}\n", scenario.overcommit_memory)),
        ("/proc/sys/vm/overcommit_ratio", format!("{}\n", scenario.overcommit_ratio)),
        ("/proc/sys/vm/overcommit_kbytes", format!("{}\n", scenario.overcommit_kbytes)),
        ("/proc/sys/vm/admin_reserve_kbytes", format!("{}\n", policy.admin_reserve_kb)),
        ("/proc/sys/vm/user_reserve_kbytes", format!("{}\n", policy.user_reserve_kb)),
        ("/proc/sys/vm/panic_on_oom", format!("{}\n", scenario.panic_on_oom)),
        ("/proc/sys/vm/oom_kill_allocating_task", format!("{}\n", scenario.oom_kill_allocating_task)),
        ("/proc/sys/kernel/osrelease", format!("{}\n", scenario.kernel)),
        ("@processes", table),
        ("@page_size", "4096\n".to_owned()),
    ] {
        files.insert(path.into(), text);
    }
    files
}

fn vmstat(engine: &Engine) -> String {
    let (free, anon) = (engine.free(), engine.used().0);
    let Engine { swapped_in, swapped_out, oom_kills, .. } = engine;
    format!(
        "nr_free_pages {free}\nnr_anon_pages {anon}\npswpin {swapped_in}\npswpout {swapped_out}\noom_kill {oom_kills}\n"
    )
}
