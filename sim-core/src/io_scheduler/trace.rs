//! What blktrace would have seen: the last lines of it.

use std::collections::VecDeque;
use std::fmt::Write;

use super::process::Process;
use super::request::{Op, Request};
use crate::Nanos;

/// Lines that are kept.
const KEPT: usize = 40;

/// What happened to a bio or a request, by blktrace's letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Q: a bio was handed to the block layer.
    Queue,
    /// X: it is larger than a request may be, and is split.
    Split,
    /// M: it became the end of a request.
    BackMerge,
    /// F: it became the beginning of a request.
    FrontMerge,
    /// S: there is no free request, its process sleeps.
    Sleep,
    /// G: it has got a request.
    Get,
    /// P: requests are held back.
    Plug,
    /// U: they are let go.
    Unplug,
    /// I: a request is in the scheduler.
    Insert,
    /// D: a request goes to the device.
    Issue,
    /// C: the device has done it.
    Complete,
}

impl Action {
    /// The letter.
    pub fn letter(self) -> char {
        match self {
            Action::Queue => 'Q',
            Action::Split => 'X',
            Action::BackMerge => 'M',
            Action::FrontMerge => 'F',
            Action::Sleep => 'S',
            Action::Get => 'G',
            Action::Plug => 'P',
            Action::Unplug => 'U',
            Action::Insert => 'I',
            Action::Issue => 'D',
            Action::Complete => 'C',
        }
    }
}

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which of all lines, from 1.
    pub number: u64,
    /// When.
    pub t: Nanos,
    /// What.
    pub action: Action,
    /// Direction.
    pub op: Op,
    /// A write that somebody waits for.
    pub sync: bool,
    /// First sector; for [`Action::Unplug`] how many requests are let go.
    pub sector: u64,
    /// Sectors.
    pub sectors: u32,
    /// Whose doing it was, by index.
    pub process: u32,
}

/// The last lines.
#[derive(Clone, Debug)]
pub struct Trace {
    lines: VecDeque<Line>,
    room: usize,
    written: u64,
}

impl Default for Trace {
    fn default() -> Trace {
        Trace::keeping(KEPT)
    }
}

impl Trace {
    /// Keeps so many lines.
    pub fn keeping(room: usize) -> Trace {
        Trace { lines: VecDeque::new(), room, written: 0 }
    }

    /// Writes a line about a bio or request.
    pub fn write(&mut self, t: Nanos, action: Action, request: &Request) {
        self.push(t, action, request, request.sector, request.sectors);
    }

    /// Writes that requests are held back or, so many of them, let go.
    pub fn write_plug(&mut self, t: Nanos, action: Action, process: u32, count: u64) {
        self.push(t, action, &Request { process, ..Request::default() }, count, 0);
    }

    fn push(&mut self, t: Nanos, action: Action, request: &Request, sector: u64, sectors: u32) {
        if self.lines.len() == self.room {
            self.lines.pop_front();
        }
        self.written += 1;
        let (op, sync, process) = (request.op, request.op == Op::Write && request.sync, request.process);
        self.lines.push_back(Line { number: self.written, t, action, op, sync, sector, sectors, process });
    }

    /// The lines that were kept, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.lines.iter()
    }

    /// As blkparse prints them.
    pub fn text(&self, (major, minor): (u32, u32), processes: &[Process]) -> String {
        let mut text = String::new();
        for line in &self.lines {
            let process = processes.get(line.process as usize);
            let (pid, name) = process.map_or((0, "?"), |process| (process.pid(), process.kind().name()));
            let (s, ns) = (line.t / crate::SECOND, line.t % crate::SECOND);
            let action = line.action.letter();
            let _ = write!(text, "{major:>3},{minor:<3} {:>2} {:>8} {s:>5}.{ns:09} {pid:>5}  {action}", 0, line.number);
            let rwbs = format!("{}{}", line.op.letter(), if line.sync { "S" } else { "" });
            let _ = match line.action {
                Action::Plug => writeln!(text, "   N [{name}]"),
                Action::Unplug => writeln!(text, "   N [{name}] {}", line.sector),
                Action::Complete => writeln!(text, "{rwbs:>4} {} + {} [0]", line.sector, line.sectors),
                _ => writeln!(text, "{rwbs:>4} {} + {} [{name}]", line.sector, line.sectors),
            };
        }
        text
    }
}
