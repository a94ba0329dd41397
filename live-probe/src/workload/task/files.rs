//! Files of a task's own: read into the cache, or written so that pages get dirty.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::Advice;
use sim_core::Text;

use super::desk::{Desk, Trouble, at, disk_is_short, sleep_until};

/// One MiB, bytes.
const MIB: usize = 1 << 20;
/// Written at a time, bytes.
const CHUNK: usize = 128 << 10;

/// A file of `mib` MiB whose bytes are on the disk and, as far as the kernel does us that favour, in
/// no cache.
pub fn cold_file(directory: &Path, mib: u32) -> Result<(File, PathBuf), Trouble> {
    let path = directory.join("data");
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
    let chunk = vec![0x5au8; MIB];
    for _ in 0..mib {
        file.write_all(&chunk)?;
    }
    file.sync_all()?;
    drop_cache(&file)?;
    file.rewind()?;
    Ok((file, path))
}

/// Puts a file's clean pages out of the cache.
pub fn drop_cache(file: &File) -> Result<(), Trouble> {
    Ok(rustix::fs::fadvise(file, 0, None, Advice::DontNeed)?)
}

/// Reads all of it once; how many bytes there were.
pub fn read_through(file: &mut File, until: Instant) -> Result<u64, Trouble> {
    let mut buffer = vec![0u8; CHUNK];
    let mut read = 0;
    file.rewind()?;
    while Instant::now() < until {
        match file.read(&mut buffer)? {
            0 => break,
            more => read += more as u64,
        }
    }
    Ok(read)
}

/// A file that is in no cache, and then read.
pub fn read_cold(desk: &mut Desk, mib: u32, after_s: u32) -> Result<(), Trouble> {
    desk.needs_a_disk()?;
    if desk.trial {
        desk.begin();
        return Ok(());
    }
    let (mut file, path) = cold_file(&desk.directory, mib)?;
    desk.place("file", path.display());
    let until = desk.begin();
    sleep_until(at(Instant::now(), after_s, until));
    let begun = Instant::now();
    let cold = read_through(&mut file, until)?;
    desk.figure("cold_read_us", begun.elapsed().as_micros());
    let begun = Instant::now();
    let warm = read_through(&mut file, until)?;
    if warm == cold {
        desk.figure("warm_read_us", begun.elapsed().as_micros());
    }
    desk.figure("read_bytes", cold);
    sleep_until(until);
    drop(file);
    std::fs::remove_file(path)?;
    Ok(())
}

/// Writes a file again and again at a bounded rate.
pub fn write(desk: &mut Desk, mib: u32, mib_per_s: u32, fsync_ms: u32, for_s: u32) -> Result<(), Trouble> {
    desk.needs_a_disk()?;
    let path = desk.directory.join("data");
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
    desk.place("file", path.display());
    let size = u64::from(mib) << 20;
    let per_s = u64::from(mib_per_s) << 20;
    let chunk = vec![0xa5u8; CHUNK];
    let until = desk.begin();
    let start = Instant::now();
    let stop = if for_s == 0 { until } else { at(start, for_s, until) };
    let every = Duration::from_millis(fsync_ms.into());
    let (mut written, mut next_sync, mut slowest, mut syncs) = (0u64, start + every, Duration::ZERO, 0u32);
    let mut ran_late = Duration::ZERO;
    while Instant::now() < stop {
        let due = start.elapsed().as_micros() * u128::from(per_s) / 1_000_000;
        if u128::from(written) < due {
            if written % size == 0 {
                file.rewind()?;
            }
            // The first time round every chunk takes space.
            if written < size && written % (1 << 20) == 0 && disk_is_short(&desk.directory) {
                desk.note(Text::fixed(
                    "빈 공간이 모자라 쓰기를 멈췄습니다.",
                    "It stopped writing, as space ran short.",
                ));
                break;
            }
            let begun = Instant::now();
            file.write_all(&chunk)?;
            slowest = slowest.max(begun.elapsed());
            written += chunk.len() as u64;
        } else {
            std::thread::sleep(Duration::from_millis(4));
        }
        if fsync_ms > 0 && Instant::now() >= next_sync {
            let begun = Instant::now();
            file.sync_data()?;
            ran_late = ran_late.max(begun.elapsed());
            syncs += 1;
            next_sync = Instant::now() + every;
        }
    }
    desk.figure("written_bytes", written);
    desk.figure("slowest_write_us", slowest.as_micros());
    if syncs > 0 {
        desk.figure("fsync_count", syncs);
        desk.figure("slowest_fsync_us", ran_late.as_micros());
    }
    sleep_until(until);
    drop(file);
    std::fs::remove_file(path)?;
    Ok(())
}
