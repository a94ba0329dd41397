//! What is known of a case: which one, what it made, and what was answered.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};

use exercises::Load;
use exercises::incident::{Incident, Known, Variant, incidents};
use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};
use sim_core::Text;

use crate::context::Failure;
use crate::progress::set_aside;
use crate::workload::write_whole;

/// Version of the file's format.
const FORMAT_VERSION: u32 = 1;
/// Largest file that is read, bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Everything that is kept about incidents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    format_version: u32,
    /// The case that goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Current>,
    /// The best result of each case.
    #[serde(default)]
    pub past: BTreeMap<String, Score>,
}

impl Default for State {
    fn default() -> State {
        State { format_version: FORMAT_VERSION, current: None, past: BTreeMap::new() }
    }
}

/// Points of a finished case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Got.
    pub points: u32,
    /// Of so many.
    pub of: u32,
}

/// A case that goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Current {
    /// Its id.
    pub case: String,
    /// Id of the variant that runs.
    pub variant: String,
    /// The process that keeps the load.
    pub keeper: u32,
    /// When it began, seconds of Unix time.
    pub since: u64,
    /// What the load made.
    pub places: BTreeMap<String, String>,
    /// The process ids of its tasks.
    pub tasks: Vec<u32>,
    /// One for each question so far.
    pub answers: Vec<Answered>,
}

/// How far a question is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answered {
    /// Hints shown.
    pub hints: u32,
    /// Wrong answers.
    pub wrong: u32,
    /// Whether it was answered rightly.
    pub right: bool,
    /// Whether it is over, rightly or not.
    pub over: bool,
}

impl Answered {
    /// Points for it, out of `most`: one less for each hint and each wrong answer.
    pub fn points(&self, most: u32) -> u32 {
        if self.right { most.saturating_sub(self.hints.saturating_add(self.wrong)) } else { 0 }
    }
}

impl Current {
    /// The case, if this program knows it.
    pub fn case(&self) -> Option<&'static Incident> {
        incidents().iter().find(|case| case.id == self.case)
    }

    /// The variant that runs.
    pub fn variant<'a>(&self, case: &'a Incident) -> Option<&'a Variant> {
        case.variants.iter().find(|variant| variant.id == self.variant)
    }

    /// What runs.
    pub fn load(&self, case: &Incident) -> Option<Load> {
        self.variant(case).map(|variant| variant.load)
    }

    /// What an answer is judged by.
    pub fn known(&self) -> Known<'_> {
        Known { variant: &self.variant, places: self.places.clone(), tasks: self.tasks.clone() }
    }

    /// Points so far, and those of the questions so far.
    pub fn score(&self, case: &Incident) -> Score {
        let steps: Vec<_> = case.steps_of(&self.variant).collect();
        let points = steps.iter().zip(&self.answers).map(|(step, answered)| answered.points(step.points)).sum();
        Score { points, of: steps.iter().map(|step| step.points).sum() }
    }

    /// Index of the question that is to be answered.
    pub fn step(&self) -> usize {
        self.answers.iter().take_while(|answered| answered.over).count()
    }
}

/// The file, under a lock while it is changed.
#[derive(Clone, Debug)]
pub struct Store {
    dir: PathBuf,
}

impl Store {
    /// The one in a folder, which need not exist yet.
    pub fn new(dir: &Path) -> Store {
        Store { dir: dir.to_owned() }
    }

    fn file(&self) -> PathBuf {
        self.dir.join("incident.json")
    }

    /// What is kept, and a notice if it had to be set aside.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(&self) -> Result<(State, Option<Text>), Failure> {
        let path = self.file();
        let mut text = String::new();
        match File::open(&path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((State::default(), None)),
            Err(error) if error.kind() != std::io::ErrorKind::InvalidData => return Err(trouble(&path, &error)),
            _ => {}
        }
        match serde_json::from_str::<State>(&text) {
            Ok(state) if state.format_version == FORMAT_VERSION => Ok((state, None)),
            Ok(state) => {
                let why = format!("format {}", state.format_version);
                Ok((State::default(), Some(set_aside(&path, &why)?)))
            }
            Err(error) => Ok((State::default(), Some(set_aside(&path, &error.to_string())?))),
        }
    }

    /// Changes what is kept, whole or not at all.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn update<T>(&self, change: impl FnOnce(&mut State) -> T) -> Result<T, Failure> {
        std::fs::create_dir_all(&self.dir).map_err(|error| trouble(&self.dir, &error))?;
        let path = self.dir.join("incident.lock");
        let lock = OpenOptions::new().create(true).append(true).open(&path).map_err(|error| trouble(&path, &error))?;
        rustix::fs::flock(&lock, FlockOperation::LockExclusive).map_err(|error| trouble(&path, &error.into()))?;
        let (mut state, _) = self.read()?;
        let done = change(&mut state);
        let json = serde_json::to_vec_pretty(&state).unwrap_or_default();
        write_whole(&self.file(), &json).map_err(|error| trouble(&self.file(), &error))?;
        Ok(done)
    }
}

fn trouble(path: &Path, error: &std::io::Error) -> Failure {
    let path = path.display();
    Failure::internal(sim_core::text!(
        ko: "{path}: {error}. 다른 폴더를 쓰려면 LIVE_PROBE_STATE_DIR에 지정하십시오.",
        en: "{path}: {error}. To use another folder, name it in LIVE_PROBE_STATE_DIR."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_and_wrong_answers_cost_a_point_each() {
        for (hints, wrong, right, most, points) in
            [(0, 0, true, 3, 3), (1, 1, true, 3, 1), (9, 9, true, 3, 0), (0, 0, false, 3, 0), (u32::MAX, 1, true, 5, 0)]
        {
            assert_eq!(Answered { hints, wrong, right, over: true }.points(most), points);
        }
    }

    #[test]
    fn what_is_kept_is_read_back_and_damage_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(&dir.path().join("state"));
        assert_eq!(store.read().unwrap(), (State::default(), None));
        store.update(|state| state.past.insert("a".into(), Score { points: 3, of: 4 })).unwrap();
        assert_eq!(store.read().unwrap().0.past["a"], Score { points: 3, of: 4 });
        for damage in ["", "{", "[]", "{\"format_version\":9}"] {
            std::fs::write(store.file(), damage).unwrap();
            let (state, notice) = store.read().unwrap();
            assert_eq!(state, State::default());
            assert!(notice.is_some(), "{damage}");
        }
    }
}
