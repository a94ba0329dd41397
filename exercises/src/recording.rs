//! A machine over time, as `live-probe run` writes it, or at one moment, as `live-probe capture`
//! writes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sim_core::{Nanos, Text, text};

use crate::{Machine, ReadError, Source, Workload};

/// Version of the format that is written and read.
pub const RECORDING_VERSION: u32 = 1;
/// Most frames of a recording.
pub const MAX_FRAMES: usize = 1200;
/// Most sightings of a recording.
pub const MAX_SIGHTINGS: usize = 60_000;
/// Longest time a recording may span, ns.
pub const MAX_SPAN: Nanos = 24 * 3600 * sim_core::SECOND;
/// Longest text of one file, bytes.
pub const MAX_FILE_BYTES: usize = 256 * 1024;
/// Longest recording as JSON, bytes.
pub const MAX_RECORDING_BYTES: usize = 16 * 1024 * 1024;

/// What a machine said over time. All times are ns on one clock that starts with the recording
/// and never stops or jumps (`CLOCK_MONOTONIC` less its value at the start).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// [`RECORDING_VERSION`].
    pub format_version: u32,
    /// Id of the exercise it was made for; nothing for a plain capture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exercise: Option<String>,
    /// What it was recorded on: [`Source::Live`] or [`Source::Simulated`].
    pub recorded_on: Source,
    /// What does not change while recording.
    #[serde(default)]
    pub facts: Facts,
    /// What ran; nothing for a plain capture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran: Option<Ran>,
    /// The files, about once a second; times grow.
    pub frames: Vec<Frame>,
    /// `avenrun` seen between the frames: polled every 20 to 50 ms, kept only where it differs
    /// from the sighting before, together with that last sighting before. It is what makes the
    /// moment of every update known. Times grow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sightings: Vec<Sighting>,
    /// What the workload itself said.
    #[serde(default, skip_serializing_if = "Reported::is_empty")]
    pub reported: Reported,
}

/// What a workload said about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reported {
    /// What it measured, at its end: the unit is the last part of the name (`a_cpu_ms`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<String, i64>,
    /// What stood for the names in braces of [`Workload::records`]: process ids, a control group.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<String, String>,
    /// What a reader should know about this run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Text>,
}

impl Reported {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Reported::default()
    }
}

/// What does not change while recording; unknown things are left out, never guessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// `/proc/sys/kernel/osrelease`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// Ticks a second, from the kernel's configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hz: Option<u32>,
    /// Online CPUs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<u32>,
    /// Threads of the recorder. The one that reads is on a run queue while it does.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub recorder_threads: u32,
}

impl Default for Facts {
    fn default() -> Facts {
        Facts { kernel: None, hz: None, cpus: None, recorder_threads: one() }
    }
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_one(n: &u32) -> bool {
    *n == 1
}

/// A workload that was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ran {
    /// What was planned.
    pub workload: Workload,
    /// Index of the load chosen in secret; nothing when all of them ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picked: Option<u32>,
    /// When the last task was running, ns.
    pub from_ns: Nanos,
    /// When the first task was told to stop, ns.
    pub until_ns: Nanos,
    /// How it ended.
    pub ended: Ended,
}

/// How a workload ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// After its planned time.
    AsPlanned,
    /// The reader stopped it.
    Stopped,
    /// Something went wrong, in words.
    Failed(String),
}

/// Files at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// When, ns.
    pub t_ns: Nanos,
    /// The three averages in 1/2048: `sysinfo(2)`'s `loads`, each shifted right by 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avenrun: Option<[u64; 3]>,
    /// What was read, by absolute path.
    pub files: BTreeMap<String, Content>,
}

/// What reading a file gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// Its text.
    Text(String),
    /// Why there is none.
    Error(ReadError),
}

impl From<Result<String, ReadError>> for Content {
    fn from(read: Result<String, ReadError>) -> Content {
        match read {
            Ok(text) => Content::Text(text),
            Err(error) => Content::Error(error),
        }
    }
}

/// `avenrun` at one moment, in 1/2048.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sighting {
    /// When, ns.
    pub t_ns: Nanos,
    /// The three averages.
    pub avenrun: [u64; 3],
}

/// Why a text is not a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRecording(pub Text);

impl Recording {
    /// A recording without frames.
    pub fn new(recorded_on: Source, facts: Facts) -> Recording {
        Recording {
            format_version: RECORDING_VERSION,
            exercise: None,
            recorded_on,
            facts,
            ran: None,
            frames: Vec::new(),
            sightings: Vec::new(),
            reported: Reported::default(),
        }
    }

    /// A recording of one frame: every path of `paths` read from `machine`.
    pub fn capture(machine: &dyn Machine, facts: Facts, avenrun: Option<[u64; 3]>, paths: &[&str]) -> Recording {
        let mut recording = Recording::new(machine.source(), facts);
        recording.frames.push(Frame::read(machine, 0, avenrun, paths));
        recording
    }

    /// Reads a recording and checks that it is whole and within bounds.
    ///
    /// # Errors
    /// What is wrong with it, for a reader.
    pub fn from_json(json: &str) -> Result<Recording, BadRecording> {
        if json.len() > MAX_RECORDING_BYTES {
            let mib = MAX_RECORDING_BYTES / 1024 / 1024;
            return Err(BadRecording(text!(
                ko: "기록이 너무 큽니다. {mib} MiB까지 읽습니다.",
                en: "The recording is too large; at most {mib} MiB are read."
            )));
        }
        let recording: Recording = serde_json::from_str(json).map_err(|error| {
            BadRecording(text!(
                ko: "live-probe가 만든 기록이 아니거나 손상되었습니다({error}).",
                en: "Not a recording made by live-probe, or a damaged one ({error})."
            ))
        })?;
        match recording.problem() {
            Some(problem) => Err(BadRecording(problem)),
            None => Ok(recording),
        }
    }

    /// The recording as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What keeps a recording from being used.
    pub fn problem(&self) -> Option<Text> {
        let version = self.format_version;
        let wrong_times = !self.frames.is_sorted_by(|a, b| a.t_ns < b.t_ns)
            || !self.sightings.is_sorted_by(|a, b| a.t_ns <= b.t_ns)
            || self.ran.as_ref().is_some_and(|ran| ran.from_ns > ran.until_ns);
        let ends = [
            self.frames.last().map(|frame| frame.t_ns),
            self.sightings.last().map(|sighting| sighting.t_ns),
            self.ran.as_ref().map(|ran| ran.until_ns),
        ];
        let too_long = self.frames.len() > MAX_FRAMES
            || ends.into_iter().flatten().any(|end| end > MAX_SPAN)
            || self.sightings.len() > MAX_SIGHTINGS
            || self.frames.iter().flat_map(|frame| frame.files.values()).any(|content| match content {
                Content::Text(text) => text.len() > MAX_FILE_BYTES,
                Content::Error(_) => false,
            });
        if version != RECORDING_VERSION {
            Some(text!(
                ko: "기록의 형식 버전이 {version}입니다. 이 프로그램은 버전 {RECORDING_VERSION}만 읽습니다. 다시 기록하십시오.",
                en: "The recording has format version {version}; this program reads version {RECORDING_VERSION}. Record it again."
            ))
        } else if self.frames.is_empty() {
            Some(Text::fixed(
                "기록에 담긴 것이 없습니다. 다시 기록하십시오.",
                "The recording is empty. Record it again.",
            ))
        } else if wrong_times {
            Some(Text::fixed(
                "기록의 시각이 앞뒤가 맞지 않습니다. 다시 기록하십시오.",
                "The times of the recording do not grow. Record it again.",
            ))
        } else if too_long {
            Some(text!(
                ko: "기록이 너무 깁니다. 프레임 {MAX_FRAMES}개, 파일마다 {MAX_FILE_BYTES}바이트까지입니다.",
                en: "The recording is too long: at most {MAX_FRAMES} frames and {MAX_FILE_BYTES} bytes a file."
            ))
        } else {
            None
        }
    }

    /// The machine at frame `i`.
    pub fn at(&self, i: usize) -> Option<At<'_>> {
        self.frames.get(i).map(|frame| At { frame, recorded_on: self.recorded_on })
    }

    /// The machine at the last frame.
    pub fn last(&self) -> Option<At<'_>> {
        self.at(self.frames.len().checked_sub(1)?)
    }
}

impl Frame {
    /// Reads every path now.
    pub fn read(machine: &dyn Machine, t_ns: Nanos, avenrun: Option<[u64; 3]>, paths: &[&str]) -> Frame {
        let paths = paths.iter().flat_map(|path| crate::machine::expand(machine, path));
        let read = |path: String| {
            let content = machine.read(&path).map(|text| shorten(&path, text)).into();
            (path, content)
        };
        Frame { t_ns, avenrun, files: paths.map(read).collect() }
    }
}

/// Leaves out lines that no exercise reads and that would make a recording several times as long.
fn shorten(path: &str, text: String) -> String {
    if path != "/proc/stat" {
        return text;
    }
    let kept = text.lines().filter(|line| !line.starts_with("intr ") && !line.starts_with("softirq "));
    kept.flat_map(|line| [line, "\n"]).collect()
}

/// A machine at one moment of a recording.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    frame: &'a Frame,
    recorded_on: Source,
}

impl Machine for At<'_> {
    fn read(&self, path: &str) -> Result<String, ReadError> {
        match self.frame.files.get(path) {
            Some(Content::Text(text)) => Ok(text.clone()),
            Some(Content::Error(error)) => Err(error.clone()),
            None => Err(ReadError::NotFound),
        }
    }

    fn source(&self) -> Source {
        match self.recorded_on {
            Source::Simulated => Source::Simulated,
            Source::Live | Source::Recorded => Source::Recorded,
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        // What could not be read was there all the same.
        crate::machine::names_below(self.frame.files.keys().map(String::as_str), folder)
    }
}
