//! Kernel files as numbers and words. Any text is either understood or refused with its path, its
//! line and what was expected there; nothing is assumed about a file that another kernel, a
//! container or a damaged recording may have written.
//!
//! Files differ from kernel to kernel by lines and fields that are there or not. So a reader of a
//! file keeps what stands there by name and asks for a figure only when one is wanted: a line that
//! no exercise asks for never spoils those around it, and one that is missing is said to be missing
//! ([`Fields::number`] gives nothing), which is another thing than a file that cannot be understood.
//!
//! One file of this folder has one family of kernel files. All of them work on a text and know no
//! machine; `quantity` puts the two together.

mod block;
mod fields;
mod host;
mod load;
mod memory;
mod net;
mod packets;
mod process;
mod strace;
#[cfg(test)]
mod tests;
mod topology;

use sim_core::{Text, text};

use crate::{Machine, ReadError};

pub use block::{Disk, DiskStats, bracketed, disk_kind, is_part_of_disk};
pub(crate) use fields::number;
pub use fields::{Fields, Value};
pub use host::{Mount, config_value, container, engine_of_cgroup, engine_of_root, has_overlay_root, mountinfo, mounts};
pub use load::{CpuPressure, LoadAvg, OnlineCpus, Stat};
pub use memory::{
    Buddy, PageTypes, Placed, Slab, Swap, Zone, buddyinfo, numa_maps, pagetypeinfo, slabinfo, swaps, zoneinfo,
};
pub use net::{Interface, Socket, interfaces, paired, sockets, sockstat};
pub use packets::{Packet, packets};
pub use process::{Process, limits, processes, stat_line};
pub use strace::{Call, strace};
pub use topology::{Cpu, Dimm, cpuinfo, dimms, list, list_length};

/// Why a file gives no numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It was not read.
    Read {
        /// Which file.
        path: String,
        /// Why.
        error: ReadError,
    },
    /// It was read and not understood.
    Parse {
        /// Which file.
        path: String,
        /// Which line, from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
        /// What does, cut to a readable length.
        found: String,
    },
}

impl Unreadable {
    /// What happened, for a reader.
    pub fn text(&self) -> Text {
        match self {
            Unreadable::Read { path, error } => error.text(path),
            Unreadable::Parse { path, line, expected, found } => text!(
                ko: "{path}의 {line}번째 줄을 이해할 수 없습니다. `{expected}` 꼴이어야 하는데 `{found}`입니다.",
                en: "Line {line} of {path} cannot be understood: expected `{expected}`, found `{found}`."
            ),
        }
    }
}

/// The text of a file of a machine.
///
/// # Errors
/// Why it was not read.
pub fn text(machine: &dyn Machine, path: &str) -> Result<String, Unreadable> {
    machine.read(path).map_err(|error| Unreadable::Read { path: path.to_owned(), error })
}

/// The refusal of a line (from 0) of a file.
pub fn refuse(path: &str, line: usize, expected: &'static str, found: &str) -> Unreadable {
    let found = match found.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &found[..end]),
        None => found.to_owned(),
    };
    Unreadable::Parse { path: path.to_owned(), line: line + 1, expected, found }
}

/// A file of a machine, understood.
///
/// # Errors
/// Why it was not read or not understood.
pub fn read<T: Parse>(machine: &dyn Machine) -> Result<T, Unreadable> {
    T::parse(&text(machine, T::PATH)?)
}

/// A kernel file with a fixed path.
pub trait Parse: Sized {
    /// Its path.
    const PATH: &'static str;
    /// What one line of it looks like, for a refusal.
    const SHAPE: &'static str;
    /// Understands its text.
    ///
    /// # Errors
    /// The first line that is not as expected.
    fn parse(text: &str) -> Result<Self, Unreadable>;

    /// The refusal of a line (from 0).
    fn refuse(line: usize, found: &str) -> Unreadable {
        refuse(Self::PATH, line, Self::SHAPE, found)
    }
}
