//! One task of a workload: a process that does one thing until its time is over.

mod burn;
mod dentries;
mod desk;
mod disk;
mod files;
mod group;
mod lines;
mod memory;
mod numa;
mod ports;
mod processes;
mod race;
mod service;
mod tcp;
mod visits;

use std::time::Duration;

use exercises::Load;
use rustix::process::{Pid, Resource, Signal};

use desk::{Desk, Trouble};

use super::order::{Said, TaskOrder};
use super::sys;

/// Time the kernel grants a task beyond its own end before it kills it.
pub const GRACE: Duration = Duration::from_secs(5);
/// Address space a task may have besides the memory its load is about: enough for the program
/// itself many times over.
const ADDRESS_SPACE: u64 = 1 << 30;

/// Does as ordered and returns the exit code. Says what it does, a line of JSON each.
pub fn run(order: &TaskOrder) -> u8 {
    let length = Duration::from_millis(order.ms);
    sys::fresh_signals();
    sys::end_after(length + Duration::from_secs(order.load.prepare_s().into()) + GRACE);
    let Some(supervisor) = Pid::from_raw(order.supervisor) else { return 1 };
    sys::die_with(supervisor, Signal::KILL);
    restrict(order);
    // Whoever sees the name sees a task that is bounded.
    sys::take_name(&order.name);
    let mut desk = Desk::new(order);
    let done = desk.room_for(order.load).and_then(|()| work(order, &mut desk));
    match done {
        Ok(()) => 0,
        Err(Trouble::Cannot(why)) => {
            desk.say(&Said::Cannot { why });
            0
        }
        Err(Trouble::Broken(error)) => {
            desk.say(&Said::Broken { why: error.to_string() });
            1
        }
    }
}

fn work(order: &TaskOrder, desk: &mut Desk) -> Result<(), Trouble> {
    match order.load {
        Load::BusyLoops { .. } => burn::busy(desk),
        Load::VforkParents { .. } => burn::vfork(desk),
        Load::PeriodicSleeper { on_ms, every_ms, .. } => burn::periodic(desk, on_ms, every_ms),
        Load::NicePair { nice_a, nice_b } => burn::nice(desk, order.index, [nice_a, nice_b]),
        Load::Zombies { count } => processes::zombies(desk, count),
        Load::Orphans { count, subreaper } => processes::orphans(desk, count, subreaper == 1),
        Load::TouchMemory { mib, touch_after_s, touch_for_s } => memory::touch(desk, mib, touch_after_s, touch_for_s),
        Load::CopyOnWrite { mib, write_after_s } => memory::copy_on_write(desk, mib, write_after_s),
        Load::HeapLeak { mib, mib_per_s } => memory::leak(desk, mib, mib_per_s),
        Load::SharedMemory { mib, mib_per_s } => memory::shared(desk, mib, mib_per_s),
        Load::DescriptorLeak { count, per_s } => processes::descriptors(desk, count, per_s),
        Load::CacheReader { mib, read_after_s } => files::read_cold(desk, mib, read_after_s),
        Load::DirtyWriter { mib, mib_per_s, fsync_ms, write_for_s } => {
            files::write(desk, mib, mib_per_s, fsync_ms, write_for_s)
        }
        Load::NegativeDentries { count, per_s } => dentries::negative(desk, count, per_s),
        Load::FileDentries { count, per_s } => dentries::files(desk, count, per_s),
        Load::TimeWaits { count, per_s } => tcp::time_waits(desk, count, per_s),
        Load::KeepaliveHolder { pairs, idle_s, interval_s, probes } => {
            tcp::keepalive(desk, pairs, [idle_s, interval_s, probes])
        }
        Load::FewPorts { ports, per_s, keep } => ports::few(desk, ports, per_s, keep == 1),
        Load::LossyConnection { .. } | Load::SilentPeer { .. } => lines::run(desk, order.load),
        Load::SchedulerRace { mib, readers } => race::run(desk, mib, readers),
        Load::LoopWriter { mib, kib } => disk::write(desk, mib, kib),
        Load::CgroupPressure { limit_mib, file_mib } => group::pressure(desk, limit_mib, file_mib),
        Load::NumaLocal { mib } => numa::touch(desk, mib, numa::Policy::Local),
        Load::NumaBind { mib, node } => numa::touch(desk, mib, numa::Policy::Bind(node)),
        Load::NumaInterleave { mib } => numa::touch(desk, mib, numa::Policy::Interleave),
        Load::FlushStalls { every_s, mib } => service::flushed(desk, every_s, mib),
        Load::QuotaStalls { every_s, work_ms, quota_pct } => service::throttled(desk, every_s, work_ms, quota_pct),
        Load::VisitService { .. } => visits::run(desk, order.load),
    }
}

/// Limits that hold even if this program were wrong. Nice decides who waits, not how many are
/// counted: the load is the same, and the reader's own programs come first.
fn restrict(order: &TaskOrder) {
    let load = order.load;
    let seconds = order.ms.div_ceil(1000) + u64::from(load.prepare_s());
    let at_once = match load {
        // Readers and a writer at once use as many CPUs.
        Load::SchedulerRace { readers, .. } => u64::from(readers) + 2,
        // So do the service's workers and what carries their visits.
        Load::VisitService { .. } => 64,
        _ => 1,
    };
    sys::limit(Resource::Cpu, seconds * at_once + 2);
    sys::limit(Resource::As, ADDRESS_SPACE + (u64::from(load.memory_mib()) << 20));
    sys::limit(Resource::Nofile, 16 + descriptors(load));
    sys::limit(Resource::Core, 0);
    sys::limit(Resource::Fsize, largest_file(load));
    // The kernel does not hold root to this one.
    if load.processes(1) <= load.tasks_wanted(1) {
        sys::limit(Resource::Nproc, 0);
    }
    if !matches!(load, Load::NicePair { .. }) {
        let _ = rustix::process::setpriority_process(None, 19);
    }
}

/// Open files a load is about.
fn descriptors(load: Load) -> u64 {
    u64::from(match load {
        Load::DescriptorLeak { count, .. } => count,
        Load::KeepaliveHolder { pairs, .. } => pairs * 2,
        Load::FewPorts { ports, .. } => ports * 2,
        Load::SchedulerRace { readers, .. } => readers + 16,
        Load::LossyConnection { .. } | Load::SilentPeer { .. } | Load::QuotaStalls { .. } => 16,
        // Redis wants some for itself, nginx two for each client.
        Load::VisitService { .. } => 1024,
        _ => 0,
    })
}

/// Largest file a load may write, bytes; 0 for one that writes none.
pub fn largest_file(load: Load) -> u64 {
    /// For notes of what must be put back, and a service's log.
    const NOTES: u64 = 1 << 20;
    match load {
        Load::SharedMemory { mib, .. } => u64::from(mib) << 20,
        // A configuration, and the process ids that programs write down.
        Load::QuotaStalls { .. } | Load::FileDentries { .. } | Load::VisitService { .. } => NOTES,
        load if load.disk_mib() > 0 => (u64::from(load.disk_mib()) << 20).max(NOTES),
        _ => 0,
    }
}
