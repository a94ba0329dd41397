//! Children that end too early or too late, and descriptors nobody closes.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, WaitOptions};

use super::desk::{Desk, Trouble, paced, sleep_until};
use crate::workload::sys::{self, SignalFd};

/// How long a child may take to end or to be adopted.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ended children that nobody waits for, until somebody sends a SIGCHLD.
pub fn zombies(desk: &mut Desk, count: u32) -> Result<(), Trouble> {
    let signals = SignalFd::block(&[libc::SIGCHLD])?;
    let mut children = Vec::new();
    for _ in 0..count {
        match sys::fork()? {
            Some(child) => children.push(child),
            None => sys::exit_now(0),
        }
    }
    for &child in &children {
        // Waits until it has ended, and leaves it as it is.
        rustix::io::retry_on_intr(|| {
            rustix::process::waitid(WaitId::Pid(child), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
        })?;
    }
    // The kernel's own signals, one for each child.
    signals.drain();
    if let Some(first) = children.first() {
        desk.place("zombie", first.as_raw_pid());
    }
    let until = desk.begin();
    let begun = Instant::now();
    let mut reaped_after = None;
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        match rustix::event::poll(&mut [PollFd::new(&signals, PollFlags::IN)], Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        if signals.sent_by_somebody() && reaped_after.is_none() {
            reap_all();
            reaped_after = Some(begun.elapsed());
        }
    }
    if let Some(after) = reaped_after {
        desk.figure("reaped_after_ms", after.as_millis());
    }
    reap_all();
    Ok(())
}

/// Waits for every child that has ended.
fn reap_all() {
    while matches!(rustix::process::wait(WaitOptions::NOHANG), Ok(Some(_)) | Err(Errno::INTR)) {}
}

/// Children whose parent ends first.
pub fn orphans(desk: &mut Desk, count: u32, subreaper: bool) -> Result<(), Trouble> {
    if subreaper {
        sys::adopt_orphans();
    }
    // The orphans live as long as we hold the other end: nothing else ties them to us.
    let (lifeline, held) = std::io::pipe()?;
    let (told, telling) = std::io::pipe()?;
    let Some(middle) = sys::fork()? else {
        drop((held, told));
        sys::end_after(PATIENCE);
        middle(count, lifeline, telling);
    };
    drop((lifeline, telling));
    rustix::io::retry_on_intr(|| rustix::process::waitpid(Some(middle), WaitOptions::empty()))?;
    let mut orphans = Vec::new();
    for line in BufReader::new(told).lines().take(count as usize) {
        orphans.extend(line?.parse::<i32>().ok());
    }
    let Some(&first) = orphans.first() else {
        return Err(Trouble::Broken(std::io::ErrorKind::UnexpectedEof.into()));
    };
    desk.place("orphan", first);
    desk.place("parent", middle.as_raw_pid());
    if let Some(adopter) = parent_of(first) {
        desk.place("adopter", adopter);
    }
    let until = desk.begin();
    sleep_until(until);
    drop(held);
    if subreaper {
        while !matches!(rustix::process::wait(WaitOptions::empty()), Err(Errno::CHILD)) {}
    }
    Ok(())
}

/// Has the children and ends; they go on.
fn middle(count: u32, lifeline: std::io::PipeReader, mut telling: std::io::PipeWriter) -> ! {
    for _ in 0..count {
        match sys::fork() {
            Ok(Some(child)) => {
                let _ = writeln!(telling, "{}", child.as_raw_pid());
            }
            Ok(None) => {
                drop(telling);
                orphan(lifeline)
            }
            Err(_) => sys::exit_now(1),
        }
    }
    sys::exit_now(0)
}

/// Waits for the end of the lifeline.
fn orphan(mut lifeline: std::io::PipeReader) -> ! {
    let own = rustix::process::getppid();
    let end = Instant::now() + PATIENCE;
    while rustix::process::getppid() == own && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(1));
    }
    // The new parent is tied to us as the old one would be.
    if let Some(parent) = rustix::process::getppid()
        && parent != Pid::INIT
    {
        sys::die_with(parent, rustix::process::Signal::KILL);
    }
    let _ = lifeline.read(&mut [0]);
    sys::exit_now(0)
}

fn parent_of(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

/// Opens and does not close.
pub fn descriptors(desk: &mut Desk, count: u32, per_s: u32) -> Result<(), Trouble> {
    let until = desk.begin();
    let mut open = Vec::new();
    let opened = paced(count, per_s, until, |_| {
        open.push(File::open("/dev/null")?);
        Ok(true)
    })?;
    sleep_until(until);
    desk.figure("open_count", opened);
    Ok(())
}
