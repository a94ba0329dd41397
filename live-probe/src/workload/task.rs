//! One task of a workload: a process that does one thing until its time is over.

use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use exercises::Load;
use rustix::process::{Pid, Resource, Signal};
use serde::{Deserialize, Serialize};

use super::sys;

/// What a task is told on its standard input.
#[derive(Debug, Serialize, Deserialize)]
pub struct TaskOrder {
    /// What to do; the number of tasks in it is the supervisor's affair.
    pub load: Load,
    /// For how long, in milliseconds.
    pub ms: u64,
    /// Process name to take, at most 15 bytes.
    pub name: String,
    /// Process that supervises; the task dies with it.
    pub supervisor: i32,
}

/// Time the kernel grants a task beyond its own end before it kills it.
pub const GRACE: Duration = Duration::from_secs(5);
/// Address space a task may have: enough for the program itself many times over.
const ADDRESS_SPACE: u64 = 1 << 30;

/// Does as ordered and returns the exit code. Writes one byte when it begins.
pub fn run(order: &TaskOrder) -> u8 {
    let length = Duration::from_millis(order.ms);
    sys::fresh_signals();
    sys::end_after(length + GRACE);
    let Some(supervisor) = Pid::from_raw(order.supervisor) else { return 1 };
    sys::die_with(supervisor, Signal::KILL);
    restrict(order.ms.div_ceil(1000));
    // Whoever sees the name sees a task that is bounded.
    sys::take_name(&order.name);
    // The supervisor may be gone, and then so are we.
    let _ = std::io::stdout().lock().write_all(b"\n").and_then(|()| std::io::stdout().flush());
    let until = Instant::now() + length;
    match order.load {
        Load::BusyLoops { .. } => {
            forbid_children();
            compute(until);
        }
        Load::VforkParents { .. } => {
            if sys::wait_in_vfork(until).is_err() {
                return 1;
            }
        }
        Load::PeriodicSleeper { on_ms, every_ms, .. } => {
            forbid_children();
            periodically(Duration::from_millis(on_ms.into()), Duration::from_millis(every_ms.into()), until);
        }
    }
    0
}

/// Limits that hold even if this program were wrong. Nice decides who waits, not how many are
/// counted: the load is the same, and the reader's own programs come first.
fn restrict(seconds: u64) {
    sys::limit(Resource::Cpu, seconds + 2);
    sys::limit(Resource::As, ADDRESS_SPACE);
    sys::limit(Resource::Nofile, 16);
    sys::limit(Resource::Core, 0);
    sys::limit(Resource::Fsize, 0);
    let _ = rustix::process::setpriority_process(None, 19);
}

/// For a task that needs none. (The kernel does not hold root to this limit.)
fn forbid_children() {
    sys::limit(Resource::Nproc, 0);
}

fn compute(until: Instant) {
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

/// Periods are counted from the start, so that being late once does not shift all that follow.
fn periodically(on: Duration, every: Duration, until: Instant) {
    let mut start = Instant::now();
    while start < until {
        compute((start + on).min(until));
        start += every;
        std::thread::sleep(start.min(until).saturating_duration_since(Instant::now()));
    }
}
