//! A small service that stalls now and then, and what makes it stall.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

use super::burn;
use super::desk::{Desk, Trouble};
use super::group::Group;
use crate::workload::sys;

/// How often the service works.
const EVERY: Duration = Duration::from_millis(50);
/// Most bytes of the service's log.
const LONGEST_LOG: u64 = 256 << 10;

/// Latencies of the service, a line a second: seconds since the beginning, and the slowest, ms.
struct Log {
    file: File,
    start: Instant,
    second: u64,
    slowest: Duration,
    all: Vec<Duration>,
}

impl Log {
    fn new(desk: &mut Desk) -> Result<Log, Trouble> {
        let path = desk.directory.join("service.log");
        let file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        desk.place("log", path.display());
        Ok(Log { file, start: Instant::now(), second: 0, slowest: Duration::ZERO, all: Vec::new() })
    }

    fn took(&mut self, latency: Duration) -> Result<(), Trouble> {
        self.slowest = self.slowest.max(latency);
        self.all.push(latency);
        let second = self.start.elapsed().as_secs();
        if second > self.second {
            if self.file.metadata()?.len() < LONGEST_LOG {
                let line = format!("{} s: slowest {} ms\n", second, self.slowest.as_millis());
                self.file.write_all(line.as_bytes())?;
            }
            (self.second, self.slowest) = (second, Duration::ZERO);
        }
        Ok(())
    }

    fn report(mut self, desk: &Desk) {
        self.all.sort_unstable();
        let at = |pct: usize| self.all.get(self.all.len() * pct / 100).or(self.all.last()).copied().unwrap_or_default();
        desk.figure("requests_count", self.all.len());
        desk.figure("latency_p50_us", at(50).as_micros());
        desk.figure("latency_max_us", at(100).as_micros());
    }
}

/// Something beside the service that works every so often, until the pipe ends.
fn beside(mut told: std::io::PipeReader, every_s: u32, mut work: impl FnMut()) -> ! {
    if told.read(&mut [0]).is_ok_and(|n| n == 1) {
        let every = Timespec { tv_sec: every_s.into(), tv_nsec: 0 };
        while rustix::event::poll(&mut [PollFd::new(&told, PollFlags::IN)], Some(&every)).is_ok_and(|n| n == 0) {
            work();
        }
    }
    sys::exit_now(0)
}

/// The longest a child may go on by itself.
const CHILD: Duration = Duration::from_secs(1200);

/// A neighbour writes a large file and flushes it; the service's own small flushes wait.
pub fn flushed(desk: &mut Desk, every_s: u32, mib: u32) -> Result<(), Trouble> {
    desk.needs_a_disk()?;
    if desk.trial {
        desk.begin();
        return Ok(());
    }
    let mut large = OpenOptions::new().write(true).create_new(true).open(desk.directory.join("backup"))?;
    let small = OpenOptions::new().write(true).create_new(true).open(desk.directory.join("journal"))?;
    let us = rustix::process::getpid();
    let (told, mut telling) = std::io::pipe()?;
    let Some(child) = sys::fork()? else {
        drop(telling);
        sys::bound_child(us, CHILD);
        let chunk = vec![0x33u8; 1 << 20];
        beside(told, every_s, || {
            let _ = large.rewind();
            for _ in 0..mib {
                let _ = large.write_all(&chunk);
            }
            let _ = large.sync_all();
        });
    };
    drop((told, large));
    desk.place("service", us.as_raw_pid());
    desk.place("neighbour", child.as_raw_pid());
    let mut log = Log::new(desk)?;
    let until = desk.begin();
    let _ = telling.write_all(b"\n");
    let mut n = 0u64;
    while Instant::now() < until {
        let begun = Instant::now();
        // Grows and starts again, so that there is something to be written down each time.
        small.write_all_at(&[0x44; 4096], n % 256 * 4096)?;
        if n.is_multiple_of(256) {
            small.set_len(4096)?;
        }
        small.sync_all()?;
        log.took(begun.elapsed())?;
        n += 1;
        std::thread::sleep(EVERY.saturating_sub(begun.elapsed()));
    }
    drop(telling);
    log.report(desk);
    rustix::io::retry_on_intr(|| rustix::process::waitpid(Some(child), rustix::process::WaitOptions::empty()))?;
    Ok(())
}

/// A helper uses up the CPU time of the group; the service waits for the next period.
pub fn throttled(desk: &mut Desk, every_s: u32, work_ms: u32, quota_pct: u32) -> Result<(), Trouble> {
    const PERIOD_US: u32 = 100_000;
    let group = Group::make(desk, "cpu")?;
    let quota = (PERIOD_US / 100 * quota_pct).to_string();
    group.set(
        ("cpu.max", format!("{quota} {PERIOD_US}")),
        &[("cpu.cfs_period_us", PERIOD_US.to_string()), ("cpu.cfs_quota_us", quota)],
    )?;
    group.join(0)?;
    if desk.trial {
        desk.begin();
        return Ok(());
    }
    let us = rustix::process::getpid();
    let (told, mut telling) = std::io::pipe()?;
    // Born in the group.
    let Some(child) = sys::fork()? else {
        drop(telling);
        sys::bound_child(us, CHILD);
        beside(told, every_s, || {
            let enough = burn::cpu_time() + Duration::from_millis(work_ms.into());
            while burn::cpu_time() < enough {
                burn::compute(Instant::now() + Duration::from_millis(1));
            }
        });
    };
    drop(told);
    desk.place("service", us.as_raw_pid());
    desk.place("neighbour", child.as_raw_pid());
    let mut log = Log::new(desk)?;
    let until = desk.begin();
    let _ = telling.write_all(b"\n");
    while Instant::now() < until {
        let begun = Instant::now();
        burn::compute(begun + Duration::from_millis(1));
        log.took(begun.elapsed())?;
        std::thread::sleep(EVERY.saturating_sub(begun.elapsed()));
    }
    drop(telling);
    log.report(desk);
    for (name, field) in [("throttled_count", "nr_throttled"), ("periods_count", "nr_periods")] {
        if let Some(value) = group.stat("cpu.stat", field) {
            desk.figure(name, value);
        }
    }
    rustix::io::retry_on_intr(|| rustix::process::waitpid(Some(child), rustix::process::WaitOptions::empty()))?;
    Ok(())
}
