//! Where recordings are kept.

use std::io::Write;
use std::path::Path;

use exercises::{Ended, Recording};
use sim_core::Text;

use super::cannot;
use super::lock::OURS;

/// What became of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It was written.
    Written,
    /// The load did not run as planned, and an earlier recording was there: that one stays.
    EarlierStays,
}

/// Writes a recording to `path`, whole or not at all.
///
/// # Errors
/// The file cannot be written.
pub fn keep(recording: &Recording, path: &Path) -> Result<Kept, Text> {
    let whole = recording.ran.as_ref().is_none_or(|ran| ran.ended == Ended::AsPlanned);
    if !whole && is_whole(path) {
        return Ok(Kept::EarlierStays);
    }
    write_whole(path, recording.to_json().as_bytes()).map_err(|error| cannot(path, &error))?;
    Ok(Kept::Written)
}

/// Whether there is a recording of a workload that ran to its end.
fn is_whole(path: &Path) -> bool {
    let earlier = std::fs::read_to_string(path).ok().and_then(|json| Recording::from_json(&json).ok());
    earlier.and_then(|earlier| earlier.ran).is_some_and(|ran| ran.ended == Ended::AsPlanned)
}

/// Replaces `path` in one step, so that no reader and no crash ever sees half of it.
///
/// # Errors
/// The file cannot be written; `path` is then as it was.
pub fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    written(path, bytes)?.persist(path)?;
    settle(path);
    Ok(())
}

/// Makes `path` in one step.
///
/// # Errors
/// There is such a file (`AlreadyExists`), or it cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(std::io::ErrorKind::AlreadyExists.into());
    }
    // Somebody may have been faster, so this looks again, in the same step that makes the file.
    written(path, bytes)?.persist_noclobber(path)?;
    settle(path);
    Ok(())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A whole file beside `path`, under a name that is not its own yet.
fn written(path: &Path, bytes: &[u8]) -> std::io::Result<tempfile::NamedTempFile> {
    std::fs::create_dir_all(folder(path))?;
    let mut file = tempfile::Builder::new().prefix(OURS).tempfile_in(folder(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// The new name itself must outlast a crash too; a file system that cannot do that is left be.
fn settle(path: &Path) {
    let _ = std::fs::File::open(folder(path)).and_then(|folder| folder.sync_all());
}

#[cfg(test)]
mod tests {
    use exercises::{Facts, Load, Pick, Ran, Source, Workload};

    use super::*;

    fn recording(ended: Ended) -> Recording {
        let load = Load::BusyLoops { tasks: 1, tasks_per_cpu: 0 };
        let workload =
            Workload { seconds: 1, before_s: 0, after_s: 0, pick: Pick::All, loads: vec![load], records: Vec::new() };
        let mut recording = Recording::new(Source::Live, Facts::default());
        let files = std::collections::BTreeMap::new();
        recording.frames.push(exercises::Frame { t_ns: 0, avenrun: None, files });
        recording.ran = Some(Ran { workload, picked: None, from_ns: 0, until_ns: 1, ended });
        recording
    }

    #[test]
    fn a_run_cut_short_does_not_take_the_place_of_a_whole_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("runs/x.json");
        for (ended, want) in [
            (Ended::Stopped, Kept::Written),
            (Ended::Failed("why".into()), Kept::Written),
            (Ended::AsPlanned, Kept::Written),
            (Ended::Failed("why".into()), Kept::EarlierStays),
            (Ended::Stopped, Kept::EarlierStays),
            (Ended::AsPlanned, Kept::Written),
        ] {
            assert_eq!(keep(&recording(ended.clone()), &path), Ok(want), "{ended:?}");
        }
        assert!(std::fs::read_to_string(&path).unwrap().contains("as-planned"));
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn a_new_file_takes_nobodys_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("capture.json");
        write_new(&path, b"one").unwrap();
        assert_eq!(write_new(&path, b"two").unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        write_whole(&path, b"three").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"three");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let refused = keep(&recording(Ended::AsPlanned), Path::new("/proc/nowhere/x.json")).unwrap_err();
        assert!(refused.ko.contains("/proc/nowhere/x.json"), "{refused:?}");
    }
}
