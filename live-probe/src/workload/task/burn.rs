//! CPU time, and waiting that looks like it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rustix::thread::CpuSet;
use sim_core::{Text, text};

use super::desk::{Desk, Trouble};
use crate::workload::sys;

/// Always on a run queue.
pub fn busy(desk: &mut Desk) -> Result<(), Trouble> {
    compute(desk.begin());
    Ok(())
}

/// In uninterruptible sleep.
pub fn vfork(desk: &mut Desk) -> Result<(), Trouble> {
    Ok(sys::wait_in_vfork(desk.begin())?)
}

/// Busy for a part of each period. Periods are counted from the start, so that being late once does
/// not shift all that follow.
pub fn periodic(desk: &mut Desk, on_ms: u32, every_ms: u32) -> Result<(), Trouble> {
    let (on, every) = (Duration::from_millis(on_ms.into()), Duration::from_millis(every_ms.into()));
    let until = desk.begin();
    let mut start = Instant::now();
    while start < until {
        compute((start + on).min(until));
        start += every;
        std::thread::sleep(start.min(until).saturating_duration_since(Instant::now()));
    }
    Ok(())
}

/// One of a pair on the same CPU.
pub fn nice(desk: &mut Desk, index: u32, pair: [u32; 2]) -> Result<(), Trouble> {
    let (name, nice) = if index == 0 { ("a", pair[0]) } else { ("b", pair[1]) };
    let allowed = rustix::thread::sched_getaffinity(None)?;
    let Some(cpu) = (0..CpuSet::MAX_CPU).rev().find(|cpu| allowed.is_set(*cpu)) else {
        return Err(Trouble::Cannot(Text::fixed("쓸 수 있는 CPU를 알 수 없습니다.", "No CPU can be named.")));
    };
    let mut only = CpuSet::new();
    only.set(cpu);
    rustix::thread::sched_setaffinity(None, &only)?;
    let now = rustix::process::getpriority_process(None)?;
    rustix::process::setpriority_process(None, nice.cast_signed()).map_err(|_| {
        Trouble::Cannot(text!(
            ko: "nice 값을 {now}에서 {nice}(으)로 낮추려면 root 권한이 필요합니다. nice 없이 연 셸에서 다시 하십시오.",
            en: "To lower the nice value from {now} to {nice} takes root. Try again in a shell that was not started with nice."
        ))
    })?;
    desk.place(name, std::process::id());
    desk.place("cpu", cpu);
    let until = desk.begin();
    // Not what was used to get here.
    let before = cpu_time();
    compute(until);
    desk.figure(&format!("{name}_cpu_us"), cpu_time().saturating_sub(before).as_micros());
    Ok(())
}

/// CPU time this process has used.
pub fn cpu_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs().try_into().unwrap_or(0))
}

/// Spins until then.
pub fn compute(until: Instant) {
    while Instant::now() < until {
        spin();
    }
}

/// Work between two looks at the clock: some tens of microseconds.
fn spin() {
    let mut sum = 0u64;
    for i in 0..black_box(20_000u64) {
        sum = sum.wrapping_mul(31).wrapping_add(i);
    }
    black_box(sum);
}
