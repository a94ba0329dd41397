//! Memory that is asked for, touched, shared and not given back.

use std::fs::File;
use std::io::{Read, Write};
use std::time::Instant;

use sim_core::Text;

use super::desk::{Desk, Trouble, at, memory_is_short, paced, sleep_until};
use crate::workload::sys;

/// A page, bytes: small enough for every machine.
const PAGE: usize = 4096;
/// One MiB, bytes.
const MIB: usize = 1 << 20;

/// Asks at once, touches page by page.
pub fn touch(desk: &mut Desk, mib: u32, after_s: u32, for_s: u32) -> Result<(), Trouble> {
    sys::memory::small_pages();
    let mut memory = Vec::new();
    if !desk.trial {
        // Zeroed memory of this size is mapped, not written: nothing of it is there yet.
        memory = vec![0u8; mib as usize * MIB];
    }
    let until = desk.begin();
    let start = Instant::now();
    sleep_until(at(start, after_s, until));
    let pages = u32::try_from(memory.len() / PAGE).unwrap_or(u32::MAX);
    let per_s = pages.checked_div(for_s).unwrap_or(u32::MAX).max(1);
    let touched = paced(pages, per_s, until, |page| {
        write(&mut memory, page as usize);
        Ok(page % 256 > 0 || !memory_is_short())
    })?;
    sleep_until(until);
    desk.figure("touched_pages", touched);
    Ok(())
}

/// Writes to one page.
pub fn write(memory: &mut [u8], page: usize) {
    if let Some(byte) = memory.get_mut(page * PAGE) {
        *std::hint::black_box(byte) = 1;
    }
}

/// Parent and child share until the child writes.
pub fn copy_on_write(desk: &mut Desk, mib: u32, after_s: u32) -> Result<(), Trouble> {
    sys::memory::small_pages();
    let mut memory = Vec::new();
    if !desk.trial {
        memory = vec![1u8; mib as usize * MIB];
    }
    let us = rustix::process::getpid();
    // Told when the time begins; its end is ours.
    let (told, mut telling) = std::io::pipe()?;
    let (said, saying) = std::io::pipe()?;
    let Some(child) = sys::fork()? else {
        drop((telling, said));
        sys::bound_child(us, std::time::Duration::from_secs(600));
        cow_child(&mut memory, told, saying, after_s);
    };
    drop((told, saying));
    desk.place("child", child.as_raw_pid());
    let until = desk.begin();
    let _ = telling.write_all(b"\n");
    sleep_until(until);
    // The child ends with the pipe.
    drop(telling);
    let mut copied = String::new();
    let _ = { said }.take(64).read_to_string(&mut copied);
    desk.figure("copied_faults", copied.trim().parse::<i64>().unwrap_or(0));
    rustix::io::retry_on_intr(|| rustix::process::waitpid(Some(child), rustix::process::WaitOptions::empty()))?;
    std::hint::black_box(&memory);
    Ok(())
}

fn cow_child(memory: &mut [u8], mut told: std::io::PipeReader, mut saying: std::io::PipeWriter, after_s: u32) -> ! {
    if told.read(&mut [0]).is_ok_and(|n| n == 1) {
        let wait = rustix::event::Timespec { tv_sec: after_s.into(), tv_nsec: 0 };
        let gone =
            rustix::event::poll(&mut [rustix::event::PollFd::new(&told, rustix::event::PollFlags::IN)], Some(&wait));
        if gone.is_ok_and(|n| n == 0) {
            let before = minor_faults();
            for page in 0..memory.len() / PAGE {
                write(memory, page);
            }
            let _ = write!(saying, "{}", minor_faults().saturating_sub(before));
            let _ = told.read(&mut [0]);
        }
    }
    sys::exit_now(0)
}

/// Page faults of this process that needed no disk: field 10 of `/proc/self/stat`.
fn minor_faults() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(7)?.parse().ok()).unwrap_or(0)
}

/// Grows and gives nothing back.
pub fn leak(desk: &mut Desk, mib: u32, mib_per_s: u32) -> Result<(), Trouble> {
    let until = desk.begin();
    let mut lost = Vec::new();
    let leaked = paced(mib, mib_per_s, until, |_| {
        if memory_is_short() {
            desk.note(short_of_memory());
            return Ok(false);
        }
        lost.push(vec![0x5au8; MIB]);
        Ok(true)
    })?;
    sleep_until(until);
    std::hint::black_box(&lost);
    desk.figure("leaked_mib", leaked);
    Ok(())
}

/// A file in memory that nobody maps.
pub fn shared(desk: &mut Desk, mib: u32, mib_per_s: u32) -> Result<(), Trouble> {
    let file = rustix::fs::memfd_create("probe", rustix::fs::MemfdFlags::CLOEXEC).map_err(|error| {
        super::desk::cannot(Text::fixed("메모리 파일을 만들 수 없습니다", "No file in memory can be made"))(
            error.into(),
        )
    })?;
    let mut file = File::from(file);
    let chunk = vec![0x5au8; MIB];
    let until = desk.begin();
    let written = paced(mib, mib_per_s, until, |_| {
        if memory_is_short() {
            desk.note(short_of_memory());
            return Ok(false);
        }
        file.write_all(&chunk)?;
        Ok(true)
    })?;
    sleep_until(until);
    desk.figure("shared_mib", written);
    Ok(())
}

fn short_of_memory() -> Text {
    Text::fixed(
        "쓸 수 있는 메모리가 10 % 아래로 내려가 더 늘리지 않았습니다.",
        "Less than 10 % of memory was available, so it grew no further.",
    )
}
