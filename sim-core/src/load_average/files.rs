//! The files the kernel would show.

use std::fmt::Write;

use super::calc::{print_fixed, print_load};
use super::model::LoadAverage;
use super::psi::{Share, Stall};
use crate::model::Files;
use crate::{MILLISECOND, Nanos};

/// Nanoseconds in one unit of `/proc/stat` (`USER_HZ` is 100 everywhere).
const USER_HZ_NS: Nanos = 10 * MILLISECOND;

/// How a CPU has spent its time, ns.
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuTime {
    pub user: Nanos,
    pub idle: Nanos,
    pub iowait: Nanos,
}

impl CpuTime {
    fn line(self) -> String {
        let [user, idle, iowait] = [self.user, self.idle, self.iowait].map(|ns| ns / USER_HZ_NS);
        format!("{user} 0 0 {idle} {iowait} 0 0 0 0 0")
    }
}

/// `fs/proc/loadavg.c: loadavg_proc_show`. The reader of the file runs while it reads, so it is
/// itself one of the running.
pub fn loadavg(model: &LoadAverage) -> String {
    let [one, five, fifteen] = model.avenrun().map(print_load);
    let running = model.nr_running() + 1;
    format!("{one} {five} {fifteen} {running}/{} {}\n", model.nr_threads(), model.last_pid())
}

/// The lines of `fs/proc/stat.c` that load touches.
fn stat(model: &LoadAverage) -> String {
    let times = model.cpu_times();
    let all = times.iter().fold(CpuTime::default(), |all, one| CpuTime {
        user: all.user + one.user,
        idle: all.idle + one.idle,
        iowait: all.iowait + one.iowait,
    });
    let mut text = format!("cpu  {}\n", all.line());
    for (cpu, time) in times.iter().enumerate() {
        let _ = writeln!(text, "cpu{cpu} {}", time.line());
    }
    let _ = writeln!(text, "procs_running {}\nprocs_blocked {}", model.nr_running() + 1, model.nr_iowait());
    text
}

fn pressure_line(kind: &str, share: &Share) -> String {
    let [ten, sixty, three_hundred] = share.avg.map(print_fixed);
    format!("{kind} avg10={ten} avg60={sixty} avg300={three_hundred} total={}\n", share.total / 1000)
}

/// Every file of the model.
pub fn all(model: &LoadAverage) -> Files {
    let last_cpu = model.cpu_times().len() - 1;
    let online = if last_cpu == 0 { "0\n".to_owned() } else { format!("0-{last_cpu}\n") };
    let mut files = Files::new();
    for (path, text) in [
        ("/proc/loadavg", loadavg(model)),
        ("/proc/stat", stat(model)),
        ("/proc/sys/kernel/osrelease", format!("{}\n", model.kernel())),
        ("/sys/devices/system/cpu/online", online),
    ] {
        files.insert(path.into(), text);
    }
    if let Some(psi) = model.psi() {
        let none = Share::default();
        let mut cpu = pressure_line("some", psi.share(Stall::CpuSome));
        if model.rules().psi_cpu_full {
            // Nothing outside a cgroup can stall every task for the CPU.
            cpu += &pressure_line("full", &none);
        }
        let io = pressure_line("some", psi.share(Stall::IoSome)) + &pressure_line("full", psi.share(Stall::IoFull));
        let memory = pressure_line("some", &none) + &pressure_line("full", &none);
        for (path, text) in [("cpu", cpu), ("io", io), ("memory", memory)] {
            files.insert(format!("/proc/pressure/{path}").into(), text);
        }
    }
    files
}
