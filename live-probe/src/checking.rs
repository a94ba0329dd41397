//! Gathers what the judge needs: the machine, what was recorded, what was predicted.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use exercises::recording::MAX_RECORDING_BYTES;
use exercises::{BadRecording, Evidence, Exercise, Facts, Judgement, Machine, Recording, Verdict, judge};
use sim_core::{Text, text};

use crate::context::{Context, Failure};
use crate::progress::{Progress, Store, set_aside, written_at};
use crate::workload::write_whole;

/// Judges exercises, again and again at little cost: a recording is read once while it stays the
/// same file.
pub struct Checker<'a> {
    context: &'a Context,
    store: Store,
    machine: Box<dyn Machine + Send + Sync>,
    /// What `--root` recorded, if it is a recording of a workload.
    given: Option<Recording>,
    runs: Runs,
}

impl<'a> Checker<'a> {
    /// A checker of the machine that `--root` names.
    ///
    /// # Errors
    /// `--root` cannot be opened; there is nowhere to keep progress.
    pub fn new(context: &'a Context) -> Result<Checker<'a>, Failure> {
        let root = context.root.as_deref();
        let machine = context.open()?;
        // The file was opened and understood just now, so what fails here is not worth a word.
        let given = root.filter(|path| path.is_file()).and_then(|path| read_recording(path).ok()?.ok());
        Ok(Checker { context, store: Store::new(context.state_dir()?), machine, given, runs: Runs::default() })
    }

    /// What the reader has done so far. Damage is reported and does not stop the work.
    pub fn progress(&self) -> Progress {
        match self.store.read() {
            Ok((progress, notice)) => {
                if let Some(notice) = notice {
                    self.context.say(&notice);
                }
                progress
            }
            Err(failure) => {
                self.context.say(&failure.text);
                Progress::default()
            }
        }
    }

    /// Judges one exercise by what is there now.
    pub fn judge(&mut self, exercise: &Exercise, progress: &Progress) -> Judgement {
        let done = progress.exercises.get(&self.context.key(&exercise.id));
        let prediction = done.and_then(|done| done.prediction.as_deref());
        let run = match self.context.elsewhere() {
            true => self.given.as_ref().filter(|run| is_of(run, exercise)),
            false => self.runs.find(exercise, self.context).unwrap_or_else(|notice| {
                self.context.say(&notice);
                None
            }),
        };
        let judgement = judge(exercise, &Evidence { prediction, now: self.machine.as_ref(), run });
        if exercise.wants_baseline() && run.is_none() && judgement.verdict == Verdict::Fail && !self.context.elsewhere()
        {
            return self.note_baseline(exercise, judgement);
        }
        judgement
    }

    /// Keeps how the machine is now, to compare with once the reader has done something.
    fn note_baseline(&self, exercise: &Exercise, judgement: Judgement) -> Judgement {
        let reads = exercise.reads();
        let reads: Vec<&str> = reads.iter().map(String::as_str).collect();
        let mut baseline = Recording::capture(self.machine.as_ref(), Facts::default(), None, &reads);
        baseline.exercise = Some(exercise.id.clone());
        let kept = self.context.recording_path(&exercise.id).and_then(|path| {
            let write = path.parent().map_or(Ok(()), std::fs::create_dir_all);
            write.and_then(|()| write_whole(&path, baseline.to_json().as_bytes())).map_err(|error| {
                let path = path.display();
                Failure::internal(text!(
                    ko: "{path}: 쓸 수 없습니다({error}).",
                    en: "{path}: cannot be written ({error})."
                ))
            })
        });
        if let Err(failure) = kept {
            self.context.say(&failure.text);
            return judgement;
        }
        let id = &exercise.id;
        Judgement {
            reason: Text::fixed("지금의 상태를 기준으로 적어 두었습니다.", "How the machine is now has been noted."),
            next: Some(text!(
                ko: "이제 해 보고 `live-probe check {id}`로 다시 확인하십시오. 처음부터 하려면 `live-probe reset {id}`입니다.",
                en: "Now do it, and check again with `live-probe check {id}`; `live-probe reset {id}` starts over."
            )),
            ..judgement
        }
    }

    /// Keeps the verdicts. Another machine's verdicts are not the reader's progress, and progress
    /// that cannot be kept does not change a verdict.
    pub fn keep(&self, judgements: &[Judgement]) {
        if self.context.root.is_some() {
            return;
        }
        let here = self.context.machine.is_none();
        let kept = self.store.update(|progress| {
            for judgement in judgements {
                let done = progress.exercises.entry(self.context.key(&judgement.exercise)).or_default();
                done.verdict = Some(judgement.verdict);
                done.passed |= judgement.verdict == Verdict::Pass;
                // What was measured stands in the columns.
                if here && !judgement.columns.is_empty() {
                    let recording = self.context.recording_path(&judgement.exercise);
                    done.seen = recording.ok().and_then(|path| written_at(&path));
                }
            }
        });
        match kept {
            Ok((_, None)) => {}
            Ok((_, Some(notice))) => self.context.say(&notice),
            Err(failure) => self.context.say(&failure.text),
        }
    }
}

/// The recordings of workloads on this machine, each read once while it stays the same file.
#[derive(Default)]
struct Runs(HashMap<PathBuf, (Stamp, Recording)>);

/// Tells whether a file is still the one that was read.
type Stamp = (Option<SystemTime>, u64);

impl Runs {
    /// The recording of an exercise's workload, if there is one.
    ///
    /// # Errors
    /// There is one that cannot be used; a damaged one was set aside.
    fn find(&mut self, exercise: &Exercise, context: &Context) -> Result<Option<&Recording>, Text> {
        let path = context.recording_path(&exercise.id).map_err(|failure| failure.text)?;
        let stamp = std::fs::metadata(&path).ok().map(|meta| (meta.modified().ok(), meta.len()));
        if self.0.get(&path).map(|(known, _)| known) != stamp.as_ref() {
            self.0.remove(&path);
            if let Some(stamp) = stamp {
                self.0.insert(path.clone(), (stamp, usable(&path, context)?));
            }
        }
        Ok(self.0.get(&path).map(|(_, recording)| recording))
    }
}

/// Whether a recording is one of this exercise's workload.
fn is_of(recording: &Recording, exercise: &Exercise) -> bool {
    recording.ran.is_some() && recording.exercise.as_ref().is_none_or(|id| *id == exercise.id)
}

/// Reads a recording, or sets it aside and says so.
fn usable(path: &Path, context: &Context) -> Result<Recording, Text> {
    match read_recording(path) {
        Ok(Ok(recording)) => Ok(recording),
        Ok(Err(BadRecording(why))) => {
            Err(set_aside(path, why.get(context.lang)).unwrap_or_else(|failure| failure.text))
        }
        Err(error) => {
            let path = path.display();
            Err(text!(
                ko: "{path}: 기록을 읽을 수 없습니다({error}).",
                en: "{path}: the recording cannot be read ({error})."
            ))
        }
    }
}

/// Reads a recording, never more of it than a recording can have.
fn read_recording(path: &Path) -> std::io::Result<Result<Recording, BadRecording>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_RECORDING_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Recording::from_json(&String::from_utf8_lossy(&bytes)))
}
