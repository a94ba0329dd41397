//! What can be asked of a machine: the text of a kernel file, the names in a folder, and nothing
//! else.
//!
//! # What is no file
//!
//! Some of what exercises are about the kernel answers in system calls only. A live machine renders
//! these answers as text under a path that begins with `@`, so that recorded and simulated machines
//! can hold the same text and one judge reads them all. The shapes are a contract:
//!
//! * `@processes`: a heading `pid ppid state policy rt_priority priority nice threads minflt majflt
//!   utime stime vsize rss_pages comm`, then a line for each process, from `/proc/PID/stat`. Columns
//!   may be left out and added, but `pid` is the first and `comm`, which may hold spaces, the last.
//!   At most [`MOST_PROCESSES`]. A machine that has no such text but `/proc/PID/stat` is read there.
//! * `@sockets/tcp`: a heading, then a line for each TCP socket: state as `ss` calls it, local and
//!   remote `address:port`, then pairs `name=value`: `timer` (`off`, `on` for retransmission,
//!   `keepalive`, `timewait`, `persist`), `expires_ms`, `retrans` (of that timer), `recvq`, `sendq`,
//!   and of sockets that are no TIME-WAIT and no SYN-RECV `rto_us`, `rtt_us`, `rttvar_us`, `ato_us`, `mss`,
//!   `cwnd`, `ssthresh`, `retrans_total`, `lost`, `unacked`, `backoff`. At most [`MOST_SOCKETS`].
//! * `@nic/IF/ring`: pairs `rx: 256`, `rx_max: 256`, `tx: 256`, `tx_max: 256`.
//! * `@nic/IF/features`: a line for each, `generic-receive-offload: on`, with ` [fixed]` behind one
//!   that cannot be changed, in the words of `ethtool -k`.
//! * `@nic/IF/driver`: pairs `driver:`, `version:`, `firmware-version:`, `bus-info:`.
//! * `@dmi/memory`: the memory slots in the form of `dmidecode -t memory`: `Memory Device`, and below
//!   it `Size:` (`16 GB`, `No Module Installed`, `Unknown`) and `Locator:`.
//! * `@numa/policy`: `policy: default` and `nodes: 0-3` of a thread that has set nothing.
//! * `@capture/NAME`: TCP packets as lines of `tcpdump -nn`. Only recorded machines have some.
//! * `@page_size`: bytes of a page.
//! * `@tool/NAME`: the word `there` where the program can be started.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

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
    /// The texts of some files, in their order; for a machine to which that is cheaper than one by one.
    fn read_all(&self, paths: &[&str]) -> Vec<Result<String, ReadError>> {
        paths.iter().map(|path| self.read(path)).collect()
    }
    /// Where the answers come from.
    fn source(&self) -> Source;
    /// The names in a folder, sorted, at most [`MOST_NAMES`].
    ///
    /// # Errors
    /// Why there are none. A machine that knows no folders has none.
    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        let _ = folder;
        Err(ReadError::NotFound)
    }
}

/// A machine each of whose files is read once: whatever is decided rests on the same figures as what is
/// shown of them, though the machine goes on.
pub struct Once<'m> {
    machine: &'m dyn Machine,
    read: RefCell<BTreeMap<String, Result<String, ReadError>>>,
}

impl<'m> Once<'m> {
    /// The machine from now on.
    pub fn of(machine: &'m dyn Machine) -> Once<'m> {
        Once { machine, read: RefCell::default() }
    }
}

impl Machine for Once<'_> {
    fn read(&self, path: &str) -> Result<String, ReadError> {
        if let Some(known) = self.read.borrow().get(path) {
            return known.clone();
        }
        let read = self.machine.read(path);
        self.read.borrow_mut().insert(path.to_owned(), read.clone());
        read
    }

    fn source(&self) -> Source {
        self.machine.source()
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        self.machine.list(folder)
    }
}

/// Most names of a folder that are given.
pub const MOST_NAMES: usize = 4096;
/// Most processes of `@processes`.
pub const MOST_PROCESSES: usize = 4096;
/// Most sockets of `@sockets/tcp`.
pub const MOST_SOCKETS: usize = 4096;
/// Most files that one pattern stands for.
const MOST_MATCHES: usize = 1024;

/// The files of a machine that a path with `*` stands for; one without stands for itself. A `*` is
/// any run of letters within one name: `/sys/block/*/queue/scheduler`.
pub fn expand(machine: &dyn Machine, pattern: &str) -> Vec<String> {
    if !pattern.contains('*') {
        return vec![pattern.to_owned()];
    }
    // `/sys/…` begins with nothing, `@nic/…` with the name of what is no file.
    let mut parts = pattern.split('/');
    let mut found = vec![parts.next().unwrap_or_default().to_owned()];
    for part in parts {
        let mut next = Vec::new();
        for folder in found {
            if !part.contains('*') {
                next.push(format!("{folder}/{part}"));
                continue;
            }
            let names = machine.list(if folder.is_empty() { "/" } else { &folder }).unwrap_or_default();
            next.extend(names.iter().filter(|name| fits(part, name)).map(|name| format!("{folder}/{name}")));
        }
        next.truncate(MOST_MATCHES);
        found = next;
    }
    found
}

/// Whether a name is of a pattern with at most one `*`.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => {
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        }
        None => pattern == name,
    }
}

/// The names of a folder, as the paths of files below it tell.
pub(crate) fn names_below<'p>(
    paths: impl IntoIterator<Item = &'p str>,
    folder: &str,
) -> Result<Vec<String>, ReadError> {
    let folder = folder.trim_end_matches('/');
    let name = |path: &'p str| Some(path.strip_prefix(folder)?.strip_prefix('/')?.split('/').next()?.to_owned());
    let names: BTreeSet<String> = paths.into_iter().filter_map(name).filter(|name| !name.is_empty()).collect();
    if names.is_empty() { Err(ReadError::NotFound) } else { Ok(names.into_iter().take(MOST_NAMES).collect()) }
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
        if let Some(Text { ko, en }) = answer(path) {
            // What is asked in a system call is no file that could be missing.
            match self {
                ReadError::NotFound => {
                    return text!(ko: "이 컴퓨터는 {ko}에 대해 말하지 않습니다.", en: "This machine says nothing about {en}.");
                }
                ReadError::Denied => {
                    return text!(ko: "{ko}에 대해 물을 권한이 없습니다.", en: "There is no permission to ask about {en}.");
                }
                _ => {}
            }
        }
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

/// What a path that is no file asks about.
fn answer(path: &str) -> Option<Text> {
    let parts: Vec<&str> = path.strip_prefix('@')?.split('/').collect();
    Some(match parts[..] {
        ["processes"] => Text::fixed("프로세스", "processes"),
        ["sockets", _] => Text::fixed("TCP 소켓", "TCP sockets"),
        ["nic", interface, "ring"] => {
            text!(ko: "네트워크 카드 {interface}의 링 버퍼", en: "the ring buffer of the network card {interface}")
        }
        ["nic", interface, ..] => text!(ko: "네트워크 카드 {interface}", en: "the network card {interface}"),
        ["dmi", ..] => Text::fixed("메모리 슬롯(펌웨어의 표)", "memory slots (the firmware's table)"),
        ["numa", ..] => Text::fixed("NUMA 정책", "NUMA policies"),
        ["page_size"] => Text::fixed("페이지의 크기", "the size of a page"),
        ["tool", name] => text!(ko: "프로그램 `{name}`", en: "the program `{name}`"),
        _ => return None,
    })
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

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        names_below(self.files.keys().map(String::as_str), folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_goes_on_is_read_once() {
        /// Says another number every time.
        struct Counter(RefCell<u32>);
        impl Machine for Counter {
            fn read(&self, path: &str) -> Result<String, ReadError> {
                *self.0.borrow_mut() += 1;
                if path == "/proc/none" { Err(ReadError::NotFound) } else { Ok(self.0.borrow().to_string()) }
            }
            fn source(&self) -> Source {
                Source::Live
            }
        }
        let counter = Counter(RefCell::default());
        let once = Once::of(&counter);
        for (path, want) in [
            ("/proc/stat", Ok("1".to_owned())),
            ("/proc/vmstat", Ok("2".to_owned())),
            ("/proc/stat", Ok("1".to_owned())),
            ("/proc/none", Err(ReadError::NotFound)),
            ("/proc/none", Err(ReadError::NotFound)),
        ] {
            assert_eq!(once.read(path), want, "{path}");
        }
        assert_eq!((*counter.0.borrow(), once.source()), (3, Source::Live));
    }

    #[test]
    fn patterns_stand_for_the_files_there_are() {
        let paths = [
            "/proc/1/stat",
            "/proc/42/stat",
            "/proc/loadavg",
            "/sys/devices/system/node/node0/numastat",
            "/sys/devices/system/node/node10/numastat",
            "/sys/devices/system/node/online",
        ];
        let files = paths.iter().map(|path| ((*path).to_owned(), String::new())).collect();
        let machine = Simulated { files };
        for (pattern, want) in [
            ("/proc/loadavg", vec!["/proc/loadavg"]),
            ("/proc/none", vec!["/proc/none"]),
            ("/sys/devices/system/node/node*/numastat", vec![paths[3], paths[4]]),
            ("/sys/block/*/size", vec![]),
        ] {
            assert_eq!(expand(&machine, pattern), want, "{pattern}");
        }
        assert_eq!(machine.list("/proc").unwrap(), ["1", "42", "loadavg"]);
        assert_eq!(machine.list("/proc/"), machine.list("/proc"));
        assert_eq!(machine.list("/pro"), Err(ReadError::NotFound));
    }
}
