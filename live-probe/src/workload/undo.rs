//! What must be put back when a workload is over: written down before it is changed, so that even
//! a run that was killed with all its processes can be tidied up by the next one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::sys;

/// Start of the names of these notes in the private directory.
const NOTE: &str = "undo-";
/// Longest note that is read, bytes.
const LONGEST: u64 = 4096;
/// How long a control group may take until nobody is in it any more.
const PATIENCE: Duration = Duration::from_secs(3);
/// Start of the name of every control group we make.
pub const GROUP: &str = "live-probe-";

/// One thing to put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "undo", rename_all = "kebab-case")]
pub enum Undo {
    /// Remove a control group.
    Group {
        /// Its folder.
        path: PathBuf,
    },
    /// Give a loop device back its I/O scheduler.
    Scheduler {
        /// `loop3`.
        disk: String,
        /// `none`.
        name: String,
    },
}

impl Undo {
    /// Writes this down in the private directory.
    ///
    /// # Errors
    /// It cannot be written; nothing may be changed then.
    pub fn note(&self, directory: &Path) -> io::Result<()> {
        let free = (0..).map(|n| directory.join(format!("{NOTE}{n}"))).find(|path| !path.exists());
        let path = free.ok_or(io::ErrorKind::AlreadyExists)?;
        fs::write(path, serde_json::to_vec(self)?)
    }

    /// Puts it back. Notes are read from a folder that others may have written to, so nothing is
    /// done that could not have been ours.
    fn apply(&self) {
        match self {
            Undo::Group { path } if is_group(path) => {
                let end = Instant::now() + PATIENCE;
                while fs::remove_dir(path).is_err_and(|error| error.raw_os_error() == Some(libc::EBUSY))
                    && Instant::now() < end
                {
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
            Undo::Scheduler { disk, name } if is_loop(disk) && is_scheduler(name) => {
                let _ = fs::write(format!("/sys/block/{disk}/queue/scheduler"), name);
            }
            Undo::Group { .. } | Undo::Scheduler { .. } => {}
        }
    }
}

/// Puts back everything noted in a private directory. To be called when its processes are gone.
pub fn undo_all(directory: &Path) {
    sys::let_go_of_files_in(directory);
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let is_note = entry.file_name().to_string_lossy().starts_with(NOTE);
        let short = entry.metadata().is_ok_and(|meta| meta.is_file() && meta.len() <= LONGEST);
        if is_note
            && short
            && let Ok(text) = fs::read_to_string(entry.path())
            && let Ok(undo) = serde_json::from_str::<Undo>(&text)
        {
            undo.apply();
        }
    }
}

fn is_group(path: &Path) -> bool {
    let ours = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(GROUP));
    let plain = path.components().all(|part| !matches!(part, std::path::Component::ParentDir));
    ours && plain && path.starts_with("/sys/fs/cgroup")
}

fn is_loop(disk: &str) -> bool {
    let number = disk.strip_prefix("loop").unwrap_or_default();
    !number.is_empty() && number.len() <= 4 && number.bytes().all(|b| b.is_ascii_digit())
}

fn is_scheduler(name: &str) -> bool {
    (1..=20).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_ours_is_put_back() {
        for (path, ours) in [
            ("/sys/fs/cgroup/live-probe-7", true),
            ("/sys/fs/cgroup/memory/a/live-probe-7", true),
            ("/sys/fs/cgroup/memory/a", false),
            ("/sys/fs/cgroup/../../etc/live-probe-7", false),
            ("/tmp/live-probe-7", false),
            ("live-probe-7", false),
        ] {
            assert_eq!(is_group(Path::new(path)), ours, "{path}");
        }
        for (disk, ours) in
            [("loop0", true), ("loop12", true), ("loop", false), ("sda", false), ("loop1/../sda", false)]
        {
            assert_eq!(is_loop(disk), ours, "{disk}");
        }
        for (name, known) in [("none", true), ("mq-deadline", true), ("", false), ("a b", false), ("../x", false)] {
            assert_eq!(is_scheduler(name), known, "{name}");
        }
    }

    #[test]
    fn notes_are_kept_apart_and_nonsense_is_passed_over() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["one", "two"] {
            let path = directory.path().join(format!("{GROUP}{name}"));
            Undo::Group { path }.note(directory.path()).unwrap();
        }
        fs::write(directory.path().join("undo-x"), "nonsense").unwrap();
        fs::create_dir(directory.path().join("undo-y")).unwrap();
        fs::create_dir(directory.path().join(format!("{GROUP}one"))).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 5);
        undo_all(directory.path());
        assert!(directory.path().join(format!("{GROUP}one")).exists(), "not under /sys/fs/cgroup");
    }
}
