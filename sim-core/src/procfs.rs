//! Files of `/proc/PID` in the kernel's form, for every model that has processes.

use std::fmt::Write;

use crate::anon::{PAGE, PAGE_KB};
use crate::{Nanos, SECOND};

/// What the files say of a process. Sizes are in pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub pid: i64,
    pub ppid: i64,
    pub comm: &'static str,
    /// `R`, `S`, `D`, `T`, `t`, `Z` or `I`.
    pub letter: char,
    pub threads: i64,
    pub uid: i64,
    /// A zombie and a kernel thread have none.
    pub memory: Option<Sizes>,
    /// Page tables, kB.
    pub tables_kb: u64,
    pub minflt: u64,
    pub majflt: u64,
    /// Time on a CPU.
    pub cpu: Nanos,
    pub started: Nanos,
    /// Masks of signals, a bit each.
    pub pending: u64,
    pub ignored: u64,
    /// What `wait` will return.
    pub exit_code: i64,
}

/// Sizes of an address space, in pages.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sizes {
    pub virt: u64,
    pub peak: u64,
    pub anon: u64,
    pub file: u64,
    pub shmem: u64,
    pub swap: u64,
    /// Largest resident size so far.
    pub high: u64,
}

impl Sizes {
    /// Resident pages.
    pub fn rss(self) -> u64 {
        self.anon + self.file + self.shmem
    }
}

/// The heading of `@processes`, the table of all of them.
pub(crate) const HEADING: &str =
    "pid ppid state policy rt_priority priority nice threads minflt majflt utime stime vsize rss_pages comm\n";

/// A moment in units of 1/100 s.
fn ticks(t: Nanos) -> u64 {
    t / (SECOND / 100)
}

impl Seen {
    /// `/proc/PID/stat` (`fs/proc/array.c: do_task_stat`); addresses are 0, as for whoever may not see
    /// them.
    pub fn stat(&self) -> String {
        let Seen { pid, ppid, comm, letter, threads, minflt, majflt, pending, ignored, exit_code, .. } = self;
        let (vsize, rss) = self.memory.map_or((0, 0), |sizes| (sizes.virt * PAGE, sizes.rss()));
        let (utime, start) = (ticks(self.cpu), ticks(self.started));
        // `get_signal`: masks are cut to the 31 old signals.
        let [pending, ignored] = [pending, ignored].map(|mask| mask & 0x7fff_ffff);
        format!(
            "{pid} ({comm}) {letter} {ppid} {pid} {pid} 0 -1 4194304 {minflt} 0 {majflt} 0 {utime} 0 0 0 20 0 {threads} 0 {start} {vsize} {rss} 18446744073709551615 0 0 0 0 0 {pending} 0 {ignored} 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 {exit_code}\n"
        )
    }

    /// Its line of `@processes`.
    pub fn line(&self) -> String {
        let Seen { pid, ppid, comm, letter, threads, minflt, majflt, .. } = self;
        let (vsize, rss) = self.memory.map_or((0, 0), |sizes| (sizes.virt * PAGE, sizes.rss()));
        let utime = ticks(self.cpu);
        format!("{pid} {ppid} {letter} 0 0 20 0 {threads} {minflt} {majflt} {utime} 0 {vsize} {rss} {comm}\n")
    }

    /// Lines of `/proc/PID/status` (`fs/proc/array.c: proc_pid_status`, `fs/proc/task_mmu.c: task_mem`)
    /// that the models know. `parts` is whether RES is told in parts (since 4.5).
    pub fn status(&self, parts: bool) -> String {
        let Seen { pid, ppid, comm, letter, threads, uid, pending, ignored, tables_kb, .. } = self;
        let state = match letter {
            'R' => "running",
            'D' => "disk sleep",
            'T' => "stopped",
            't' => "tracing stop",
            'Z' => "zombie",
            'I' => "idle",
            _ => "sleeping",
        };
        let mut text = format!(
            "Name:\t{comm}\nState:\t{letter} ({state})\nTgid:\t{pid}\nPid:\t{pid}\nPPid:\t{ppid}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n"
        );
        if let Some(sizes) = self.memory {
            let mut line = |name: &str, kb: u64| {
                let _ = writeln!(text, "{name}:\t{kb:>8} kB");
            };
            line("VmPeak", sizes.peak.max(sizes.virt) * PAGE_KB);
            line("VmSize", sizes.virt * PAGE_KB);
            line("VmHWM", sizes.high.max(sizes.rss()) * PAGE_KB);
            line("VmRSS", sizes.rss() * PAGE_KB);
            if parts {
                line("RssAnon", sizes.anon * PAGE_KB);
                line("RssFile", sizes.file * PAGE_KB);
                line("RssShmem", sizes.shmem * PAGE_KB);
            }
            line("VmPTE", *tables_kb);
            line("VmSwap", sizes.swap * PAGE_KB);
        }
        let _ = write!(
            text,
            "Threads:\t{threads}\nShdPnd:\t{pending:016x}\nSigBlk:\t{:016x}\nSigIgn:\t{ignored:016x}\nSigCgt:\t{:016x}\n",
            0, 0
        );
        text
    }
}

/// Resident memory by who else maps it, kB: `/proc/PID/smaps_rollup` (`fs/proc/task_mmu.c:
/// show_smaps_rollup`) as far as the models know it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rollup {
    pub pss_anon: u64,
    pub pss_file: u64,
    pub shared_clean: u64,
    pub shared_dirty: u64,
    pub private_clean: u64,
    pub private_dirty: u64,
    pub swap: u64,
}

impl Rollup {
    /// The file.
    pub fn text(self) -> String {
        let Rollup { pss_anon, pss_file, shared_clean, shared_dirty, private_clean, private_dirty, swap } = self;
        let mut text = String::from("00400000-7ffffffff000 ---p 00000000 00:00 0                          [rollup]\n");
        for (name, kb) in [
            ("Rss", shared_clean + shared_dirty + private_clean + private_dirty),
            ("Pss", pss_anon + pss_file),
            ("Pss_Anon", pss_anon),
            ("Pss_File", pss_file),
            ("Shared_Clean", shared_clean),
            ("Shared_Dirty", shared_dirty),
            ("Private_Clean", private_clean),
            ("Private_Dirty", private_dirty),
            ("Anonymous", shared_dirty + private_dirty),
            ("Swap", swap),
        ] {
            let _ = writeln!(text, "{:<16} {kb:>7} kB", format!("{name}:"));
        }
        text
    }
}
