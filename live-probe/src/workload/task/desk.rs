//! Where a task says what it does, and learns how much time it has.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use exercises::Load;
use sim_core::{Text, text};

use super::GRACE;
use crate::workload::order::{Said, TaskOrder};
use crate::workload::sys;

/// Space that stays free on the disk whatever a load writes, bytes.
const FREE_SPACE: u64 = 64 << 20;
/// Part of the available memory that a load may ask for at most, as a divisor.
const MEMORY_SHARE: u64 = 2;
/// Part of all memory that stays available while a load grows, as a divisor.
const MEMORY_FLOOR: u64 = 10;

/// Why a task does not do its work.
#[derive(Debug)]
pub enum Trouble {
    /// The machine does not have or allow it.
    Cannot(Text),
    /// Something went wrong on the way.
    Broken(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Broken(error)
    }
}

impl From<rustix::io::Errno> for Trouble {
    fn from(error: rustix::io::Errno) -> Trouble {
        Trouble::Broken(error.into())
    }
}

/// An error that means "not on this machine", with what could not be done.
pub fn cannot(what: Text) -> impl FnOnce(io::Error) -> Trouble {
    move |error| {
        let Text { ko, en } = what;
        Trouble::Cannot(text!(ko: "{ko}({error}).", en: "{en} ({error})."))
    }
}

/// A task's desk.
#[derive(Debug)]
pub struct Desk {
    length: Duration,
    /// Private directory.
    pub directory: PathBuf,
    places: BTreeMap<String, String>,
    /// Whether only to try: everything is made ready and taken away again.
    pub trial: bool,
}

impl Desk {
    /// The desk of a task with that order.
    pub fn new(order: &TaskOrder) -> Desk {
        let own = std::process::id().to_string();
        Desk {
            length: Duration::from_millis(order.ms),
            directory: order.directory.clone(),
            places: BTreeMap::from([("task".to_owned(), own)]),
            trial: order.ms == 0,
        }
    }

    /// Says a line; the supervisor may be gone, and then so are we.
    pub fn say(&self, said: &Said) {
        if let Ok(mut line) = serde_json::to_vec(said) {
            line.push(b'\n');
            let mut out = io::stdout().lock();
            let _ = out.write_all(&line).and_then(|()| out.flush());
        }
    }

    /// Names something that was made, for [`Desk::begin`].
    pub fn place(&mut self, name: &str, what: impl ToString) {
        self.places.insert(name.to_owned(), what.to_string());
    }

    /// Says that everything is ready: from now on counts the time of the load, whose end is
    /// returned. Whatever then happens, the kernel ends this process soon after.
    pub fn begin(&self) -> Instant {
        let until = Instant::now() + self.length;
        sys::end_after(self.length + GRACE);
        self.say(&Said::Began { places: self.places.clone() });
        until
    }

    /// Says a figure; its unit is the last part of the name.
    pub fn figure(&self, name: &str, value: impl TryInto<i64>) {
        let value = value.try_into().unwrap_or(i64::MAX);
        self.say(&Said::Figure { name: name.to_owned(), value });
    }

    /// Says something a reader should know.
    pub fn note(&self, text: Text) {
        self.say(&Said::Note { text });
    }

    /// Whether the machine has room for a load.
    pub fn room_for(&self, load: Load) -> Result<(), Trouble> {
        let wanted = u64::from(load.memory_mib());
        if wanted > 0
            && let Some((available, _)) = memory_mib()
            && wanted > available / MEMORY_SHARE
        {
            return Err(Trouble::Cannot(text!(
                ko: "메모리 {wanted} MiB가 필요한데 쓸 수 있는 것이 {available} MiB뿐입니다. 그 두 배가 있을 때만 시작합니다.",
                en: "It needs {wanted} MiB of memory and {available} MiB are available; it starts only where there is twice as much."
            )));
        }
        let wanted = u64::from(load.disk_mib());
        let have = free_space(&self.directory)? >> 20;
        if wanted > 0 && have < wanted + (FREE_SPACE >> 20) {
            let floor = FREE_SPACE >> 20;
            return Err(Trouble::Cannot(text!(
                ko: "디스크에 {wanted} MiB를 쓰고도 {floor} MiB가 남아야 하는데, 빈 공간이 {have} MiB뿐입니다.",
                en: "It needs {wanted} MiB of disk and {floor} MiB to spare; {have} MiB are free."
            )));
        }
        Ok(())
    }

    /// Refuses where files of the private directory are memory themselves: they have neither dirty
    /// pages nor a cache to be put out of.
    pub fn needs_a_disk(&self) -> Result<(), Trouble> {
        const TMPFS: u64 = 0x0102_1994;
        const RAMFS: u64 = 0x8584_58f6;
        let kind = rustix::fs::statfs(&self.directory)?.f_type as u64;
        if kind == TMPFS || kind == RAMFS {
            let place = self.directory.parent().unwrap_or(&self.directory).display().to_string();
            return Err(Trouble::Cannot(text!(
                ko: "{place}은(는) 메모리에 있는 파일 시스템(tmpfs)이라 디스크에 쓸 것이 없습니다. LIVE_PROBE_STATE_DIR에 디스크의 폴더를 지정하십시오.",
                en: "{place} is on a file system in memory (tmpfs), which writes nothing to a disk. Name a folder on a disk in LIVE_PROBE_STATE_DIR."
            )));
        }
        Ok(())
    }
}

/// Whether the machine has so little memory left that nothing may grow any more.
pub fn memory_is_short() -> bool {
    memory_mib().is_some_and(|(available, total)| available < total / MEMORY_FLOOR)
}

/// Available and total memory, MiB.
fn memory_mib() -> Option<(u64, u64)> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let of = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib >> 10)
    };
    Some((of("MemAvailable")?, of("MemTotal")?))
}

/// Whether a disk has less free space than must stay free.
pub fn disk_is_short(path: &Path) -> bool {
    free_space(path).is_ok_and(|free| free < FREE_SPACE)
}

fn free_space(path: &Path) -> io::Result<u64> {
    let found = rustix::fs::statvfs(path)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Sleeps until then.
pub fn sleep_until(then: Instant) {
    std::thread::sleep(then.saturating_duration_since(Instant::now()));
}

/// Seconds from `start`, but not beyond `until`.
pub fn at(start: Instant, seconds: u32, until: Instant) -> Instant {
    (start + Duration::from_secs(seconds.into())).min(until)
}

/// Does something `per_s` times a second, `count` times at most and not beyond `until`; it is told
/// how often it was done before, and may end it by returning `false`. How often it was done.
pub fn paced(
    count: u32,
    per_s: u32,
    until: Instant,
    mut what: impl FnMut(u32) -> Result<bool, Trouble>,
) -> Result<u32, Trouble> {
    let start = Instant::now();
    let mut done = 0;
    while done < count && Instant::now() < until {
        let due = (start.elapsed().as_micros() * u128::from(per_s) / 1_000_000).min(u128::from(count)) as u32;
        // A little at a time, so that the clock is looked at in between.
        let due = due.min(done + 256);
        while done < due {
            if !what(done)? {
                return Ok(done);
            }
            done += 1;
        }
        if done < count {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pacing_ends_by_count_by_time_and_by_wish() {
        let soon = || Instant::now() + Duration::from_millis(60);
        assert_eq!(paced(50, 1_000_000, soon(), |_| Ok(true)).unwrap(), 50);
        assert!(paced(u32::MAX, 100, soon(), |_| Ok(true)).unwrap() <= 60);
        assert_eq!(paced(50, 1_000_000, soon(), |n| Ok(n < 7)).unwrap(), 7);
        let broken = paced(5, 1_000_000, soon(), |_| Err(Trouble::Broken(io::ErrorKind::Other.into())));
        assert!(matches!(broken, Err(Trouble::Broken(_))));
    }

    #[test]
    #[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
    fn memory_is_looked_up() {
        let (available, total) = memory_mib().unwrap();
        assert!(0 < available && available <= total);
    }
}
