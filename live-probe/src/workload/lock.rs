//! One run at a time, and what an earlier run that was killed may have left.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};
use sim_core::{Text, text};

use super::cannot;
use super::undo::undo_all;

/// Start of the names of private directories and half-written recordings.
pub const OURS: &str = ".probe-";

/// Who runs something, as the lock file says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// What it runs.
    pub name: String,
    /// Since when, in seconds of Unix time.
    pub since: u64,
}

/// The right to run a workload; given back when dropped, and by the kernel when we are killed.
#[derive(Debug)]
pub struct Lock {
    file: File,
    /// A run that ended without giving the lock back: it was killed.
    pub stale: Option<Holder>,
}

impl Lock {
    /// Takes the lock in `state` for `name`, and clears away what killed runs left there.
    ///
    /// # Errors
    /// Another run has it (which one, since when), or `state` cannot be written.
    pub fn take(state: &Path, name: &str) -> Result<Lock, Text> {
        std::fs::create_dir_all(state.join("runs")).map_err(|error| cannot(state, &error))?;
        let path = state.join("run.lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| cannot(&path, &error))?;
        let free = rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive);
        let mut words = String::new();
        let _ = (&mut file).take(4096).read_to_string(&mut words);
        let holder: Option<Holder> = serde_json::from_str(&words).ok();
        match free {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(busy(holder.as_ref())),
            Err(error) => return Err(cannot(&path, &error.into())),
        }
        sweep(state);
        let mut lock = Lock { file, stale: holder };
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let own = Holder { pid: std::process::id(), name: name.to_owned(), since };
        lock.write(&serde_json::to_string(&own).unwrap_or_default()).map_err(|error| cannot(&path, &error))?;
        Ok(lock)
    }

    /// Who has the lock in `state` now; nothing if nobody has.
    pub fn holder(state: &Path) -> Option<Holder> {
        let mut file = File::open(state.join("run.lock")).ok()?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared) {
            Err(rustix::io::Errno::WOULDBLOCK) => {}
            _ => return None,
        }
        let mut words = String::new();
        let _ = (&mut file).take(4096).read_to_string(&mut words);
        serde_json::from_str(&words).ok()
    }

    fn write(&mut self, words: &str) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(words.as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.write("");
    }
}

fn busy(holder: Option<&Holder>) -> Text {
    match holder {
        Some(Holder { pid, name, since }) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
            let ago = now.saturating_sub(*since);
            let name: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
            text!(
                ko: "이미 다른 부하({name}, 프로세스 {pid})가 {ago}초째 돌고 있습니다. 한 번에 하나만 돌립니다. 끝나기를 기다리거나 `kill {pid}`로 멈추십시오.",
                en: "Another workload is running ({name}, process {pid}, for {ago} s); only one runs at a time. Wait for it, or stop it with `kill {pid}`."
            )
        }
        None => Text::fixed(
            "이미 다른 부하가 돌고 있습니다. 한 번에 하나만 돌립니다. 끝난 뒤에 다시 하십시오.",
            "Another workload is running; only one runs at a time. Try again when it has ended.",
        ),
    }
}

/// Removes what runs of ours left when they were killed together with their supervisor. Only the
/// holder of the lock may: nobody else's are there then.
fn sweep(state: &Path) {
    for directory in [state.to_owned(), state.join("runs")] {
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(OURS) {
                let path = entry.path();
                let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
                undo_all(&path);
                let _ = if is_dir { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_runs_and_the_other_is_told_who() {
        let dir = tempfile::tempdir().unwrap();
        let lock = Lock::take(dir.path(), "first").unwrap();
        assert_eq!(lock.stale, None);
        let refused = Lock::take(dir.path(), "second").unwrap_err();
        let pid = std::process::id().to_string();
        for words in [&refused.ko, &refused.en] {
            assert!(words.contains("first") && words.contains(&pid), "{words}");
        }
        drop(lock);
        assert_eq!(Lock::take(dir.path(), "third").unwrap().stale, None);
    }

    #[test]
    fn a_killed_run_is_noticed_and_its_leavings_removed() {
        let dir = tempfile::tempdir().unwrap();
        let holder = Holder { pid: 7, name: "killed".into(), since: 1 };
        std::fs::create_dir_all(dir.path().join("runs")).unwrap();
        std::fs::create_dir_all(dir.path().join(".probe-x/deep")).unwrap();
        std::fs::write(dir.path().join("runs/.probe-y"), "half").unwrap();
        std::fs::write(dir.path().join("runs/kept.json"), "whole").unwrap();
        std::fs::write(dir.path().join("run.lock"), serde_json::to_string(&holder).unwrap()).unwrap();
        let lock = Lock::take(dir.path(), "next").unwrap();
        assert_eq!(lock.stale, Some(holder));
        assert!(!dir.path().join(".probe-x").exists() && !dir.path().join("runs/.probe-y").exists());
        assert!(dir.path().join("runs/kept.json").exists());
        drop(lock);
        std::fs::write(dir.path().join("run.lock"), "not json").unwrap();
        assert_eq!(Lock::take(dir.path(), "again").unwrap().stale, None);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let refused = Lock::take(&file.join("state"), "x").unwrap_err();
        assert!(refused.en.contains("file"), "{refused:?}");
    }
}
