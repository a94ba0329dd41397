//! What the reader has done so far, kept so that neither a crash nor a second `live-probe` loses it.
//!
//! One JSON file. It is written whole to a file beside it, synced and renamed over the old one, all
//! under a lock; so at every moment the old or the new file is there, and two processes do not undo
//! each other's changes. A file that cannot be understood is renamed, never overwritten.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, UNIX_EPOCH};

use exercises::Verdict;
use serde::{Deserialize, Serialize};
use sim_core::{Text, text};

use crate::context::Failure;
use crate::review::Boxed;

/// Version of the file's format.
const FORMAT_VERSION: u32 = 1;
/// Largest file that is read, bytes; a real one has a few hundred bytes an exercise.
pub const MAX_BYTES: u64 = 4 << 20;
/// How long another process may hold the lock.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the half-written files of a crash are called.
const TEMPORARY: &str = "progress.json.new-";

/// Everything that is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    format_version: u32,
    /// By exercise id.
    pub exercises: BTreeMap<String, Done>,
}

impl Default for Progress {
    fn default() -> Progress {
        Progress { format_version: FORMAT_VERSION, exercises: BTreeMap::new() }
    }
}

impl Progress {
    /// Reads an exported file.
    ///
    /// # Errors
    /// It is no progress, or of a newer format.
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Progress, Failure> {
        newer(bytes, path)?;
        serde_json::from_slice(bytes).map_err(|error| {
            let path = path.display();
            Failure::usage(text!(
                ko: "{path}: 진행 상황 파일이 아닙니다({error}). `live-probe progress --export`나 책의 \"내 진행 상황\"이 만든 파일을 지정하십시오.",
                en: "{path} is no progress file ({error}). Name one that `live-probe progress --export` or \"Your progress\" in the book made."
            ))
        })
    }

    /// As it is kept and exported.
    ///
    /// # Errors
    /// It cannot be written down.
    pub fn to_json(&self) -> Result<String, Failure> {
        let json = serde_json::to_string_pretty(self);
        json.map(|json| json + "\n").map_err(|error| Failure::internal(Text::verbatim(error.to_string())))
    }

    /// Adds what another has and this has not.
    pub fn add(&mut self, other: Progress) {
        for (id, theirs) in other.exercises {
            let ours = self.exercises.entry(id).or_default();
            ours.passed |= theirs.passed;
            ours.hints = ours.hints.max(theirs.hints);
            ours.prediction = ours.prediction.take().or(theirs.prediction);
            ours.verdict = ours.verdict.or(theirs.verdict);
            ours.review = ours.review.take().or(theirs.review);
            // When a recording was seen is about the recordings of a machine: it stays there.
        }
    }

    /// Whether an exercise was passed, on this machine, a recorded or a simulated one.
    pub fn passed(&self, id: &str) -> bool {
        self.of(id).any(|done| done.passed)
    }

    /// Whether something was done about an exercise.
    pub fn begun(&self, id: &str) -> bool {
        self.of(id).next().is_some()
    }

    fn of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Done> {
        let is = move |key: &str| key.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('@'));
        self.exercises.iter().filter(move |(key, _)| is(key)).map(|(_, done)| done)
    }
}

/// Refuses what a newer live-probe wrote.
fn newer(bytes: &[u8], path: &Path) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Version {
        format_version: u32,
    }
    match serde_json::from_slice(bytes) {
        Ok(Version { format_version }) if format_version > FORMAT_VERSION => {
            let path = path.display();
            Err(Failure::internal(text!(
                ko: "{path} 파일은 더 새로운 live-probe가 썼습니다(형식 {format_version}). 새 버전을 쓰거나 LIVE_PROBE_STATE_DIR에 다른 폴더를 지정하십시오.",
                en: "{path} was written by a newer live-probe (format {format_version}). Use that one, or name another folder in LIVE_PROBE_STATE_DIR."
            )))
        }
        _ => Ok(()),
    }
}

/// What was done about one exercise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Done {
    /// What the reader predicted, as typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prediction: Option<String>,
    /// Hints shown so far.
    pub hints: u32,
    /// The latest verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Whether it ever passed.
    pub passed: bool,
    /// When the recording was written whose result the reader has been shown, ms since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<u64>,
    /// When `review` asks about it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Boxed>,
}

/// When a file was written, ms since 1970; nothing where there is none.
pub fn written_at(path: &Path) -> Option<u64> {
    let written = fs::metadata(path).ok()?.modified().ok()?;
    u64::try_from(written.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
}

/// The file and its lock.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
}

impl Store {
    /// The progress kept in a folder, which need not exist yet.
    pub fn new(dir: PathBuf) -> Store {
        Store { dir }
    }

    fn file(&self) -> PathBuf {
        self.dir.join("progress.json")
    }

    /// What is kept, and a notice if the file had to be set aside.
    ///
    /// # Errors
    /// The file cannot be read, or a newer live-probe wrote it.
    pub fn read(&self) -> Result<(Progress, Option<Text>), Failure> {
        match self.load()? {
            Loaded::Whole(progress) => Ok((progress, None)),
            // Only under the lock is it certain that the file is not being replaced.
            Loaded::Damaged(_) => self.locked(|| self.load_or_set_aside()),
        }
    }

    /// Changes what is kept; the second value is a notice if the file had to be set aside.
    ///
    /// # Errors
    /// The file cannot be read or written; the old one is untouched then.
    pub fn update(&self, change: impl FnOnce(&mut Progress)) -> Result<(Progress, Option<Text>), Failure> {
        self.locked(|| {
            let (mut progress, notice) = self.load_or_set_aside()?;
            let before = progress.clone();
            change(&mut progress);
            if progress != before || notice.is_some() {
                self.save(&progress)?;
            }
            Ok((progress, notice))
        })
    }

    fn load_or_set_aside(&self) -> Result<(Progress, Option<Text>), Failure> {
        match self.load()? {
            Loaded::Whole(progress) => Ok((progress, None)),
            Loaded::Damaged(why) => Ok((Progress::default(), Some(set_aside(&self.file(), &why)?))),
        }
    }

    fn load(&self) -> Result<Loaded, Failure> {
        let path = self.file();
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
        match read {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Loaded::Whole(Progress::default()));
            }
            Err(error) => return Err(trouble(&path, &error)),
            Ok(_) => {}
        }
        newer(&bytes, &path)?;
        Ok(match serde_json::from_slice(&bytes) {
            _ if bytes.len() as u64 > MAX_BYTES => Loaded::Damaged(format!("> {MAX_BYTES} bytes")),
            Ok(progress) => Loaded::Whole(progress),
            Err(error) => Loaded::Damaged(error.to_string()),
        })
    }

    fn save(&self, progress: &Progress) -> Result<(), Failure> {
        let path = self.file();
        let fail = |error: &std::io::Error| trouble(&path, error);
        // Nobody else is writing now, so these are what a crash left behind.
        for entry in fs::read_dir(&self.dir).map_err(|e| fail(&e))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
                let _ = fs::remove_file(entry.path());
            }
        }
        let mut new = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&self.dir).map_err(|e| fail(&e))?;
        new.write_all(progress.to_json()?.as_bytes()).map_err(|e| fail(&e))?;
        new.as_file().sync_all().map_err(|e| fail(&e))?;
        new.persist(&path).map_err(|e| fail(&e.error))?;
        // The rename itself must survive a power cut; a file system that cannot sync a folder is
        // no reason to fail.
        let _ = File::open(&self.dir).and_then(|dir| dir.sync_all());
        Ok(())
    }

    fn locked<T>(&self, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        fs::create_dir_all(&self.dir).map_err(|error| trouble(&self.dir, &error))?;
        let path = self.dir.join("progress.lock");
        let lock = OpenOptions::new().create(true).append(true).open(&path).map_err(|error| trouble(&path, &error))?;
        let begun = Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => return work(),
                Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => {
                    let path = path.display();
                    return Err(Failure::internal(text!(
                        ko: "다른 live-probe가 진행 상황을 쓰고 있습니다({path}). 그쪽이 끝난 뒤에 다시 하십시오.",
                        en: "Another live-probe is writing the progress ({path}). Try again when it has finished."
                    )));
                }
                Err(TryLockError::Error(error)) => return Err(trouble(&path, &error)),
            }
        }
    }
}

enum Loaded {
    Whole(Progress),
    Damaged(String),
}

/// Renames a damaged file to the first free `NAME.damaged-N` and says so.
///
/// # Errors
/// It cannot be renamed; it stays where it is then.
pub fn set_aside(path: &Path, why: &str) -> Result<Text, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let free = (1..).map(|n| path.with_file_name(format!("{name}.damaged-{n}"))).find(|to| !to.exists());
    let to = free.unwrap_or_else(|| path.with_extension("damaged"));
    fs::rename(path, &to).map_err(|error| trouble(path, &error))?;
    let (path, to) = (path.display(), to.display());
    Ok(text!(
        ko: "{path}: 손상된 파일이라 {to}(으)로 옮겨 두고 새로 시작합니다. 까닭: {why}",
        en: "{path} is damaged. It was kept as {to}, and a new one begins. The reason: {why}"
    ))
}

fn trouble(path: &Path, error: &std::io::Error) -> Failure {
    let path = path.display();
    Failure::internal(text!(
        ko: "{path}: {error}. 다른 폴더를 쓰려면 LIVE_PROBE_STATE_DIR에 지정하십시오.",
        en: "{path}: {error}. To use another folder, name it in LIVE_PROBE_STATE_DIR."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "ch03-load-average/load-after-a-minute";

    fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path().join("state").join("live-probe"));
        (dir, store)
    }

    fn predict(store: &Store, value: &str) -> Option<Text> {
        store
            .update(|progress| progress.exercises.entry(ID.into()).or_default().prediction = Some(value.into()))
            .unwrap()
            .1
    }

    fn predicted(store: &Store) -> Option<String> {
        store.read().unwrap().0.exercises.get(ID)?.prediction.clone()
    }

    fn names(store: &Store) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(&store.dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_was_kept_is_read_back() {
        let (_dir, store) = store();
        assert_eq!(store.read().unwrap(), (Progress::default(), None));
        assert!(!store.dir.exists(), "reading makes no folder");
        assert_eq!(predict(&store, "0.63"), None);
        assert_eq!(predicted(&store).as_deref(), Some("0.63"));
        assert_eq!(names(&store), ["progress.json", "progress.lock"]);
    }

    #[test]
    fn a_file_cut_anywhere_is_set_aside_whole() {
        let (_dir, store) = store();
        predict(&store, "0.63");
        let whole = fs::read(store.file()).unwrap();
        let end = whole.len() - 2; // The closing brace and its newline: without the newline it is whole.
        for (n, cut) in (0..=end).step_by(7).enumerate() {
            fs::write(store.file(), &whole[..cut]).unwrap();
            let (progress, notice) = store.read().unwrap();
            assert_eq!(progress, Progress::default());
            let kept = store.dir.join(format!("progress.json.damaged-{}", n + 1));
            assert_eq!(fs::read(&kept).unwrap(), &whole[..cut]);
            let notice = notice.unwrap();
            for lang in sim_core::Lang::ALL {
                assert!(notice.get(lang).contains(kept.to_str().unwrap()), "{notice:?}");
            }
            assert_eq!(store.read().unwrap().1, None, "it is said once");
        }
    }

    #[test]
    fn other_damage_is_set_aside_too() {
        for damage in [
            b"\xff\xfe".as_slice(),
            b"[]",
            b"{}",
            b"null",
            br#"{"format_version":1,"exercises":{"a":{"hints":-1}}}"#,
            br#"{"format_version":1,"exercises":{}}trailing"#,
        ] {
            let (_dir, store) = store();
            predict(&store, "1");
            fs::write(store.file(), damage).unwrap();
            assert!(predict(&store, "2").is_some(), "{damage:?}");
            assert_eq!(predicted(&store).as_deref(), Some("2"));
            assert_eq!(fs::read(store.dir.join("progress.json.damaged-1")).unwrap(), damage);
        }
    }

    #[test]
    fn a_newer_file_is_left_alone() {
        let (_dir, store) = store();
        predict(&store, "1");
        let newer = br#"{"format_version":2,"something":"else"}"#;
        fs::write(store.file(), newer).unwrap();
        assert!(store.read().is_err());
        assert!(store.update(|_| ()).is_err());
        assert_eq!(fs::read(store.file()).unwrap(), newer);
    }

    #[test]
    fn what_a_crash_left_behind_is_ignored_and_swept() {
        let (_dir, store) = store();
        predict(&store, "1");
        fs::write(store.dir.join(format!("{TEMPORARY}abc123")), b"{\"format_ver").unwrap();
        assert_eq!(predicted(&store).as_deref(), Some("1"));
        predict(&store, "2");
        assert_eq!(names(&store), ["progress.json", "progress.lock"]);
        assert_eq!(predicted(&store).as_deref(), Some("2"));
    }

    #[test]
    fn what_is_exported_is_added_elsewhere() {
        let done = |prediction: Option<&str>, hints, passed| Done {
            prediction: prediction.map(str::to_owned),
            hints,
            passed,
            ..Done::default()
        };
        let of = |all: &[(&str, Done)]| Progress {
            exercises: all.iter().map(|(id, done)| ((*id).to_owned(), done.clone())).collect(),
            ..Progress::default()
        };
        let theirs = of(&[("a", done(Some("1"), 2, true)), ("b", done(None, 1, false)), ("c@vm", done(None, 0, true))]);
        let path = Path::new("their.json");
        assert_eq!(Progress::parse(theirs.to_json().unwrap().as_bytes(), path).unwrap(), theirs);
        let mut ours = of(&[("a", done(Some("2"), 1, false)), ("d", done(None, 0, true))]);
        ours.add(theirs);
        assert_eq!(
            ours,
            of(&[
                ("a", done(Some("2"), 2, true)),
                ("b", done(None, 1, false)),
                ("c@vm", done(None, 0, true)),
                ("d", done(None, 0, true)),
            ])
        );
        assert!(ours.passed("c") && !ours.passed("b") && ours.begun("b") && !ours.begun("e") && !ours.passed("c@"));
    }

    #[test]
    fn what_is_no_progress_is_refused_with_its_name() {
        for bytes in [&b""[..], b"[]", b"{\"exercises\":{}}", b"{\"format_version\":9}", b"\xff"] {
            let failure = Progress::parse(bytes, Path::new("their.json")).unwrap_err();
            for lang in sim_core::Lang::ALL {
                assert!(failure.text.get(lang).contains("their.json"), "{failure:?}");
            }
        }
    }

    #[test]
    fn two_writers_lose_nothing() {
        let (_dir, store) = store();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let store = &store;
                scope.spawn(move || {
                    for n in 0..25 {
                        let id = format!("{writer}/{n}");
                        store.update(|progress| progress.exercises.entry(id).or_default().hints += 1).unwrap();
                    }
                });
            }
        });
        assert_eq!(store.read().unwrap().0.exercises.len(), 100);
    }

    #[test]
    fn a_folder_that_is_a_file_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, b"mine").unwrap();
        let failure = Store::new(path.clone()).update(|_| ()).unwrap_err();
        assert!(failure.text.en.contains("LIVE_PROBE_STATE_DIR"));
        assert_eq!(fs::read(&path).unwrap(), b"mine");
    }
}
