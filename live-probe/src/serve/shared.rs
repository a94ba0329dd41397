//! What terminal and page both know of an exercise.

use std::path::PathBuf;

use exercises::Exercise;
use serde::{Deserialize, Serialize};
use sim_core::Text;

use crate::context::Failure;
use crate::progress::{Progress, Store};

/// Where a pass on a simulated machine is kept: beside the verdict on this one, as with recorded ones.
const SIMULATED: &str = "simulated";

/// How far a reader has come with an exercise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// What the reader committed to, as typed; nothing before, or when it was taken back.
    #[serde(default)]
    pub prediction: Option<String>,
    /// Hints shown.
    #[serde(default)]
    pub hints: u32,
    /// Whether it was passed, on this machine or on another.
    #[serde(default)]
    pub passed: bool,
}

/// What keeps it.
pub trait Keep: Send + Sync {
    /// Everything that is kept.
    ///
    /// # Errors
    /// It cannot be read.
    fn all(&self) -> Result<Progress, Text>;

    /// Notes what a page says of an exercise, if it says something, and gives what is known then.
    ///
    /// # Errors
    /// It cannot be read or written.
    fn note(&self, exercise: &Exercise, said: Option<Known>) -> Result<Known, Text>;
}

/// A folder of the reader's state, known once something is asked.
impl<F: Fn() -> Result<PathBuf, Failure> + Send + Sync> Keep for F {
    fn all(&self) -> Result<Progress, Text> {
        let read = self().and_then(|folder| Store::new(folder).read());
        read.map(|(progress, _)| progress).map_err(|failure| failure.text)
    }

    fn note(&self, exercise: &Exercise, said: Option<Known>) -> Result<Known, Text> {
        let store = Store::new(self().map_err(|failure| failure.text)?);
        let progress = match said {
            None => store.read(),
            Some(said) => store.update(|progress| {
                let done = progress.exercises.entry(exercise.id.clone()).or_default();
                done.prediction = said.prediction;
                done.hints = done.hints.max(said.hints.min(exercise.hints.len() as u32));
                if said.passed && !progress.passed(&exercise.id) {
                    progress.exercises.entry(format!("{}@{SIMULATED}", exercise.id)).or_default().passed = true;
                }
            }),
        };
        let (progress, _) = progress.map_err(|failure| failure.text)?;
        let done = progress.exercises.get(&exercise.id).cloned().unwrap_or_default();
        Ok(Known { prediction: done.prediction, hints: done.hints, passed: progress.passed(&exercise.id) })
    }
}
