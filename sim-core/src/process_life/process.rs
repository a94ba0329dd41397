//! A process.

use std::collections::VecDeque;

use super::scenario::{Program, Signal};
use crate::Nanos;
use crate::anon::SpaceId;

/// A process with all its threads, alive or a zombie.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its PID (the thread group's).
    pub pid: i64,
    /// Its parent's PID; 0 for PID 1.
    pub ppid: i64,
    /// Its number in the script.
    pub name: i64,
    /// What it executes.
    pub program: Program,
    /// What it does while nothing stops it.
    pub doing: Doing,
    /// What stops it.
    pub stopped: Option<Stop>,
    /// The status its parent will get, once it has exited.
    pub zombie: Option<i64>,
    /// Its children, in the order they came to it.
    pub children: Vec<i64>,
    /// TIDs of the threads besides the first.
    pub threads: Vec<i64>,
    /// Its memory; a vfork child has its parent's.
    pub(crate) space: SpaceId,
    /// The parent that waits in vfork.
    pub(super) vfork_parent: Option<i64>,
    /// Signals it ignores, a bit each.
    pub ignored: u64,
    /// Signals that wait for it, a bit each.
    pub pending: u64,
    /// Whether it adopts orphans among its descendants.
    pub subreaper: bool,
    /// Whether an ancestor was a subreaper (`signal->has_child_subreaper`).
    pub(super) under_subreaper: bool,
    /// What it will do once it can: places in the script.
    pub(super) queue: VecDeque<usize>,
    /// How the last wait ended: PID or −1, errno, status.
    pub waited: Option<[i64; 3]>,
    /// When it was made, ns.
    pub started: Nanos,
    /// Page faults without I/O.
    pub minflt: u64,
    /// Time on a CPU until `since`, ns.
    pub(super) cpu: Nanos,
    /// When it began to run, if it runs.
    pub(super) since: Nanos,
    /// When it exits by itself.
    pub(super) exits: Option<Nanos>,
}

/// What a process does while nothing stops it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Sleeps until there is something to do (S).
    Rest,
    /// Sleeps until then (S).
    Sleep(Nanos),
    /// Computes, until then if it ends (R).
    Run(Option<Nanos>),
    /// Waits for a child (S).
    Wait,
    /// Blocked, until then if it ends (D).
    Block(Option<Nanos>),
    /// The same, but fatal signals get through (D).
    Killable(Option<Nanos>),
    /// Waits for a vfork child (D, killable).
    Vfork(i64),
}

/// What stops a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A signal (T).
    Signal,
    /// A debugger (t).
    Tracer,
}

impl Process {
    /// The letter of its state (`fs/proc/array.c: get_task_state`).
    pub fn letter(&self) -> char {
        match (self.zombie, self.stopped, self.doing) {
            (Some(_), ..) => 'Z',
            (_, Some(Stop::Signal), _) => 'T',
            (_, Some(Stop::Tracer), _) => 't',
            (_, _, Doing::Run(_)) => 'R',
            (_, _, Doing::Rest | Doing::Sleep(_) | Doing::Wait) => 'S',
            (_, _, Doing::Block(_) | Doing::Killable(_) | Doing::Vfork(_)) => 'D',
        }
    }

    /// Whether it has not exited.
    pub fn alive(&self) -> bool {
        self.zombie.is_none()
    }

    /// Whether it does what it is told.
    pub(super) fn ready(&self) -> bool {
        self.alive() && self.stopped.is_none() && matches!(self.doing, Doing::Rest | Doing::Sleep(_) | Doing::Run(_))
    }

    /// Whether it ignores a signal.
    pub(super) fn ignores(&self, signal: Signal) -> bool {
        self.ignored & signal.bit() != 0
    }

    /// Time on a CPU, ns.
    pub fn cpu(&self, now: Nanos) -> Nanos {
        let runs = self.letter() == 'R';
        self.cpu + if runs { now.saturating_sub(self.since) } else { 0 }
    }

    /// Threads: a zombie is one.
    pub fn nr_threads(&self) -> i64 {
        1 + self.threads.len() as i64
    }

    /// Changes what it does, keeping account of its time.
    pub(super) fn set(&mut self, now: Nanos, change: impl FnOnce(&mut Process)) {
        self.cpu = self.cpu(now);
        self.since = now;
        change(self);
    }
}
