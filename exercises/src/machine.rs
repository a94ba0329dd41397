//! What can be asked of a machine: the text of a kernel file, and nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sim_core::{Files, Text, text};

use crate::Verdict;

/// Where what a machine says comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A running kernel, read now.
    Live,
    /// A running kernel, read earlier.
    Recorded,
    /// A model of sim-core.
    Simulated,
}

impl Source {
    /// What a reader calls it.
    pub fn text(self) -> Text {
        match self {
            Source::Live => Text::fixed("이 컴퓨터", "this machine"),
            Source::Recorded => Text::fixed("기록된 컴퓨터", "a recorded machine"),
            Source::Simulated => Text::fixed("시뮬레이션한 컴퓨터", "a simulated machine"),
        }
    }
}

/// Answers "what does this kernel file say": live, recorded or simulated.
///
/// Paths are absolute (`/proc/loadavg`) whatever the root really is.
pub trait Machine {
    /// The text of a file.
    ///
    /// # Errors
    /// Why there is none. A file of another machine is never given instead.
    fn read(&self, path: &str) -> Result<String, ReadError>;
    /// Where the answers come from.
    fn source(&self) -> Source;
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadError {
    /// There is no such file, or the recording does not hold it.
    NotFound,
    /// The kernel refused for want of privilege.
    Denied,
    /// Longer than a reader is ready to take.
    TooLarge,
    /// No answer in time.
    TimedOut,
    /// Not UTF-8.
    NotText,
    /// The reader refuses to look there, and says why.
    Refused(Text),
    /// Anything else, in the words of the operating system.
    Other(String),
}

impl ReadError {
    /// What happened to `path`, as a sentence.
    pub fn text(&self, path: &str) -> Text {
        match self {
            ReadError::NotFound => text!(ko: "{path} 파일이 없습니다.", en: "There is no {path}."),
            ReadError::Denied => {
                text!(ko: "{path} 파일을 읽을 권한이 없습니다.", en: "There is no permission to read {path}.")
            }
            ReadError::TooLarge => text!(ko: "{path} 파일이 너무 큽니다.", en: "{path} is too large to read."),
            ReadError::TimedOut => {
                text!(ko: "{path} 파일이 제때 읽히지 않았습니다.", en: "{path} did not answer in time.")
            }
            ReadError::NotText => {
                text!(ko: "{path} 파일의 내용이 글(UTF-8)이 아닙니다.", en: "{path} does not hold text (UTF-8).")
            }
            ReadError::Refused(why) => {
                let Text { ko, en } = why;
                text!(ko: "{path} 파일은 읽지 않습니다. {ko}", en: "{path} is not read: {en}")
            }
            ReadError::Other(why) => {
                text!(ko: "{path} 파일을 읽지 못했습니다({why}).", en: "{path} could not be read ({why}).")
            }
        }
    }

    /// The verdict on an exercise that needs the file.
    pub fn verdict(&self) -> Verdict {
        match self {
            ReadError::Denied => Verdict::Denied,
            ReadError::NotFound | ReadError::Refused(_) => Verdict::CannotCheck,
            ReadError::TooLarge | ReadError::TimedOut | ReadError::NotText | ReadError::Other(_) => Verdict::Error,
        }
    }
}

/// A model of sim-core at one moment.
#[derive(Clone, Debug, Default)]
pub struct Simulated {
    files: BTreeMap<String, String>,
}

impl Simulated {
    /// The machine whose files a model shows.
    pub fn new(files: &Files) -> Simulated {
        Simulated { files: files.iter().map(|(path, text)| (path.clone().into_owned(), text.clone())).collect() }
    }
}

impl Machine for Simulated {
    fn read(&self, path: &str) -> Result<String, ReadError> {
        self.files.get(path).cloned().ok_or(ReadError::NotFound)
    }

    fn source(&self) -> Source {
        Source::Simulated
    }
}
