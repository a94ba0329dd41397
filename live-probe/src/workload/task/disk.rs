//! A disk of one's own: a loop device over a file that is gone as soon as the device is.

use std::fs::{File, OpenOptions};
use std::io::{Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::FallocateFlags;
use sim_core::Text;

use super::desk::{Desk, Trouble, cannot};
use crate::workload::sys::device::Loop;

/// Makes a loop device of `mib` MiB. Its file has no name any more when this returns.
pub fn make(directory: &Path, mib: u32) -> Result<Loop, Trouble> {
    let path = directory.join("disk");
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
    let made = fill(&mut file, mib).and_then(|()| {
        Loop::attach(&file).map_err(cannot(Text::fixed(
            "루프 장치를 만들 수 없습니다. root 권한과 /dev/loop-control이 필요합니다",
            "No loop device can be made; it takes root and /dev/loop-control",
        )))
    });
    std::fs::remove_file(&path)?;
    made
}

/// Gives the file all its blocks, so that the device never runs out of space.
fn fill(file: &mut File, mib: u32) -> Result<(), Trouble> {
    if rustix::fs::fallocate(&*file, FallocateFlags::empty(), 0, u64::from(mib) << 20).is_ok() {
        return Ok(());
    }
    let zeroes = vec![0u8; 1 << 20];
    for _ in 0..mib {
        file.write_all(&zeroes)?;
    }
    Ok(())
}

/// The device, opened anew.
pub fn open(disk: &Loop, direct: bool) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = if direct { libc::O_DIRECT } else { 0 };
    OpenOptions::new().read(true).write(true).custom_flags(flags).open(format!("/dev/{}", disk.name))
}

/// Writes and flushes, and never reads.
pub fn write(desk: &mut Desk, mib: u32, kib: u32) -> Result<(), Trouble> {
    // The smallest device tells as much.
    let disk = make(&desk.directory, if desk.trial { 1 } else { mib })?;
    desk.place("disk", &disk.name);
    let mut device = disk.file().try_clone()?;
    let chunk = vec![0x5au8; kib as usize * 1024];
    let size = u64::from(mib) << 20;
    let until = desk.begin();
    let (mut at, mut syncs, mut slowest) = (0u64, 0u64, Duration::ZERO);
    while Instant::now() < until {
        if at + chunk.len() as u64 > size {
            at = 0;
            device.rewind()?;
        }
        device.write_all(&chunk)?;
        at += chunk.len() as u64;
        let begun = Instant::now();
        device.sync_data()?;
        slowest = slowest.max(begun.elapsed());
        syncs += 1;
    }
    desk.figure("fsync_count", syncs);
    desk.figure("slowest_fsync_us", slowest.as_micros());
    Ok(())
}
