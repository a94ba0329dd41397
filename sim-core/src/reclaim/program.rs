//! A program on its way through its memory.

use super::calc::CLUSTER;
use super::scenario::{Kind, MIB, Program as Spec};
use crate::{MILLISECOND, Nanos, SECOND, mul_div};

/// Names looked up in one go: eight pages of dentries.
pub const NAMES_AT_ONCE: u64 = 168;

/// What a program is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It has not begun.
    Waiting,
    /// It goes through its memory.
    Running,
    /// It is through, and keeps what it has.
    Resting,
    /// It has ended.
    Ended,
    /// It was killed for its memory.
    Killed,
}

/// A program.
#[derive(Clone, Debug)]
pub struct Program {
    pub kind: Kind,
    /// Its first block, and how many it has.
    pub first: u32,
    pub blocks: u32,
    /// How often it went through them before the run.
    pub before: u32,
    /// Names it has still to look up.
    pub names: u64,
    pub exist: bool,
    pub doing: Doing,
    /// The next time something becomes of it.
    pub next: Nanos,
    /// When it ends.
    pub until: Nanos,
    /// Time for one step, when nothing holds it.
    pub pace: Nanos,
    again: bool,
    /// The block it uses next.
    at: u32,
    /// Until when it waits for memory.
    pub stalled: Nanos,
    /// Blocks it has used.
    pub used: u64,
}

impl Program {
    /// A program whose blocks begin at `first`. What is to begin or end when the run does (`ends`, ms)
    /// does not.
    pub fn new(spec: &Spec, first: u32, ends: i64) -> Program {
        let at = |ms: i64| if ms >= ends { Nanos::MAX } else { ms as u64 * MILLISECOND };
        let names = spec.kind == Kind::Names;
        let pace = if names {
            mul_div(NAMES_AT_ONCE, SECOND, spec.names_per_s as u64)
        } else {
            mul_div(CLUSTER, SECOND, (spec.mib_per_s * MIB) as u64)
        };
        Program {
            kind: spec.kind,
            first,
            blocks: spec.blocks() as u32,
            before: spec.before as u32,
            names: if names { spec.names as u64 } else { 0 },
            exist: spec.exist != 0,
            doing: Doing::Waiting,
            next: at(spec.from_ms),
            until: at(spec.until_ms),
            pace: pace.max(1),
            again: spec.again != 0,
            at: 0,
            stalled: 0,
            used: 0,
        }
    }

    /// Whether it could be given the CPU, or waits for memory.
    pub fn is_running(&self) -> bool {
        self.doing == Doing::Running
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        matches!(self.doing, Doing::Ended | Doing::Killed)
    }

    /// The block it uses now.
    pub fn block(&self) -> u32 {
        self.first + self.at
    }

    /// All its blocks.
    pub fn range(&self) -> std::ops::Range<u32> {
        self.first..self.first + self.blocks
    }

    /// It has used its block: the next, from the beginning again, or none.
    pub fn move_on(&mut self) {
        self.used += 1;
        self.at += 1;
        if self.at >= self.blocks {
            self.at = 0;
            if !self.again {
                self.doing = Doing::Resting;
            }
        }
    }
}
