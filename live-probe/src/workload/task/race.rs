//! The same reads and writes under each I/O scheduler.

use std::fs;
use std::io::{Seek, Write};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::desk::{Desk, Trouble, sleep_until};
use super::disk;
use crate::workload::sys::device::{Aligned, Loop};
use crate::workload::undo::Undo;

/// Size of a read, bytes.
const BLOCK: usize = 4096;
/// Size of a write, bytes.
const CHUNK: usize = 256 << 10;
/// Written before each flush, bytes: enough to fill the device's queue.
const BURST: u64 = 16 << 20;
/// Most reads of a lap that are remembered.
const MOST: usize = 200_000;

/// One lap for each scheduler there is, of equal length.
pub fn run(desk: &mut Desk, mib: u32, readers: u32) -> Result<(), Trouble> {
    let mib = if desk.trial { 1 } else { mib };
    let disk = disk::make(&desk.directory, mib)?;
    let path = format!("/sys/block/{}/queue/scheduler", disk.name);
    let (chosen, names) = schedulers(&fs::read_to_string(&path)?);
    Undo::Scheduler { disk: disk.name.clone(), name: chosen.clone() }.note(&desk.directory)?;
    desk.place("disk", &disk.name);
    let until = desk.begin();
    let start = Instant::now();
    let lap = until.saturating_duration_since(start) / u32::try_from(names.len()).unwrap_or(1).max(1);
    for (i, name) in names.iter().enumerate() {
        let end = (start + lap * (i as u32 + 1)).min(until);
        if Instant::now() >= end {
            break;
        }
        fs::write(&path, name)?;
        let begun = Instant::now();
        let (reads, written) = race(&disk, u64::from(mib) << 20, readers, end)?;
        report(desk, name, reads, written, begun.elapsed());
    }
    let _ = fs::write(&path, &chosen);
    sleep_until(until);
    Ok(())
}

/// The one in brackets, and all of them.
fn schedulers(line: &str) -> (String, Vec<String>) {
    let names = line.split_whitespace().map(|name| name.trim_matches(['[', ']']).to_owned()).collect();
    let chosen = line.split_whitespace().find_map(|name| name.strip_prefix('[')?.strip_suffix(']'));
    (chosen.unwrap_or("none").to_owned(), names)
}

/// How long each read took, and how much was written.
fn race(disk: &Loop, size: u64, readers: u32, end: Instant) -> Result<(Vec<Duration>, u64), Trouble> {
    let stop = AtomicBool::new(false);
    let stop = &stop;
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || -> std::io::Result<u64> {
            let mut device = disk::open(disk, false)?;
            let chunk = vec![0xa5u8; CHUNK];
            let (mut written, mut at) = (0u64, 0u64);
            while Instant::now() < end && !stop.load(Ordering::Relaxed) {
                let burst = written + BURST.min(size);
                while written < burst && Instant::now() < end {
                    if at + CHUNK as u64 > size {
                        at = 0;
                        device.rewind()?;
                    }
                    device.write_all(&chunk)?;
                    (at, written) = (at + CHUNK as u64, written + CHUNK as u64);
                }
                device.sync_data()?;
            }
            Ok(written)
        });
        let readers: Vec<_> =
            (0..readers).map(|seed| scope.spawn(move || read_at_random(disk, size, u64::from(seed), end))).collect();
        let mut reads = Vec::new();
        let mut wrong = None;
        for reader in readers {
            match reader.join() {
                Ok(Ok(more)) => reads.extend(more),
                Ok(Err(error)) => wrong = Some(error),
                Err(_) => wrong = Some(std::io::ErrorKind::Other.into()),
            }
        }
        stop.store(true, Ordering::Relaxed);
        let written = writer.join().unwrap_or_else(|_| Err(std::io::ErrorKind::Other.into()))?;
        match wrong {
            Some(error) => Err(error.into()),
            None => Ok((reads, written)),
        }
    })
}

fn read_at_random(disk: &Loop, size: u64, seed: u64, end: Instant) -> std::io::Result<Vec<Duration>> {
    // Around the page cache where the device allows it: what is asked is the disk.
    let device = disk::open(disk, true).or_else(|_| disk::open(disk, false))?;
    let mut block = Aligned::new(BLOCK, 0);
    let mut took = Vec::new();
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    while Instant::now() < end && took.len() < MOST {
        // A xorshift: any order that is not the disk's will do.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let at = state % (size / BLOCK as u64) * BLOCK as u64;
        let begun = Instant::now();
        device.read_exact_at(block.get_mut(), at)?;
        took.push(begun.elapsed());
        // One request at a time and a breath between them, as a program that works on what it read.
        std::thread::sleep(Duration::from_micros(500));
    }
    Ok(took)
}

fn report(desk: &Desk, name: &str, mut reads: Vec<Duration>, written: u64, lasted: Duration) {
    reads.sort_unstable();
    let at = |pct: usize| reads.get((reads.len() * pct / 100).min(reads.len().saturating_sub(1))).copied();
    let ms = lasted.as_millis().max(1);
    desk.figure(&format!("{name}_reads_per_s"), reads.len() as u128 * 1000 / ms);
    for pct in [50, 99] {
        desk.figure(&format!("{name}_read_p{pct}_us"), at(pct).unwrap_or_default().as_micros());
    }
    desk.figure(&format!("{name}_written_kib_per_s"), u128::from(written >> 10) * 1000 / ms);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheduler_in_brackets_is_the_chosen_one() {
        for (line, chosen, count) in [
            ("[none] mq-deadline kyber bfq\n", "none", 4),
            ("none [mq-deadline]\n", "mq-deadline", 2),
            ("none\n", "none", 1),
            ("", "none", 0),
        ] {
            let (found, names) = schedulers(line);
            assert_eq!((found.as_str(), names.len()), (chosen, count), "{line}");
        }
    }
}
