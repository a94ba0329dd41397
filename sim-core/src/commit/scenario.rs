//! What a run starts from.

use serde::{Deserialize, Serialize};

use crate::KernelVersion;
use crate::process_life::Program;

/// Processes that ask for memory and use it, on a machine of a certain kernel.
///
/// Scalars are `i64` because controls and refusals handle them alike; [`crate::Valid`] says they
/// are in range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Kernel whose rules apply.
    pub kernel: KernelVersion,
    /// Length of the run, ms.
    pub duration_ms: i64,
    /// `vm.overcommit_memory`.
    pub overcommit_memory: i64,
    /// `vm.overcommit_ratio`, %.
    pub overcommit_ratio: i64,
    /// `vm.overcommit_kbytes`; 0 for the ratio.
    pub overcommit_kbytes: i64,
    /// `vm.admin_reserve_kbytes`; −1 for what the kernel computes at boot.
    pub admin_reserve_kbytes: i64,
    /// `vm.user_reserve_kbytes`; −1 for what the kernel computes at boot.
    pub user_reserve_kbytes: i64,
    /// `vm.panic_on_oom`.
    pub panic_on_oom: i64,
    /// `vm.oom_kill_allocating_task`.
    pub oom_kill_allocating_task: i64,
    /// RAM (MemTotal), MiB.
    pub ram_mib: i64,
    /// Swap space, MiB.
    pub swap_mib: i64,
    /// RAM set aside as huge pages of 2 MiB, MiB.
    pub hugetlb_mib: i64,
    /// Page cache at the start, MiB.
    pub cache_mib: i64,
    /// What the kernel and processes that are not listed use, MiB.
    pub others_mib: i64,
    /// What is promised to processes that are not listed, MiB.
    pub others_committed_mib: i64,
    /// The processes, by their numbers from 0 on.
    pub processes: Vec<Start>,
    /// What happens, in any order.
    pub steps: Vec<Step>,
}

/// A process that is there from the start, or that a fork makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// What it executes. The child of a fork has its parent's, and its adjustment and rights as well.
    pub program: Program,
    /// `oom_score_adj`.
    pub oom_score_adj: i64,
    /// 1 when it has CAP_SYS_ADMIN.
    pub root: i64,
}

/// Something a process does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When, ms.
    pub at_ms: i64,
    /// Which process.
    pub who: i64,
    /// What.
    pub op: Op,
    /// What is mapped.
    pub kind: Kind,
    /// How much is mapped, touched or written to, MiB.
    pub mib: i64,
    /// How long touching and writing takes, ms.
    pub for_ms: i64,
    /// Which process the child of a fork is.
    pub child: i64,
    /// The new `oom_score_adj`.
    pub adj: i64,
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// `mmap()`.
    Map,
    /// `munmap()` of what was mapped last.
    Unmap,
    /// Writes to pages it has not touched yet, in order.
    Touch,
    /// Writes to pages that it has, from the first on.
    Rewrite,
    /// `fork()`.
    Fork,
    /// Exits.
    Exit,
    /// Gets another `oom_score_adj`.
    Adjust,
}

/// What is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Private and writable: promised in full, again at each fork.
    Private,
    /// Shared anonymous memory: promised once, whoever maps it.
    Shared,
    /// Private with `MAP_NORESERVE`: promised in mode 2 only.
    Noreserve,
    /// Private and read-only: never promised.
    Readonly,
}

impl Op {
    /// By their names in a scenario.
    pub const NAMES: [(&'static str, Op); 7] = [
        ("mmap", Op::Map),
        ("munmap", Op::Unmap),
        ("touch", Op::Touch),
        ("rewrite", Op::Rewrite),
        ("fork", Op::Fork),
        ("exit", Op::Exit),
        ("adjust", Op::Adjust),
    ];
}

impl Kind {
    /// By their names in a scenario.
    pub const NAMES: [(&'static str, Kind); 4] = [
        ("private", Kind::Private),
        ("shared", Kind::Shared),
        ("noreserve", Kind::Noreserve),
        ("readonly", Kind::Readonly),
    ];

    /// The name in a scenario.
    pub fn name(self) -> &'static str {
        Kind::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

impl Start {
    /// A process of a program, neither root nor adjusted.
    pub const fn new(program: Program) -> Start {
        Start { program, oom_score_adj: 0, root: 0 }
    }
}

impl Step {
    /// Something that a process does with so much memory.
    pub const fn new(at_ms: i64, who: i64, op: Op, mib: i64) -> Step {
        Step { at_ms, who, op, kind: Kind::Private, mib, for_ms: 0, child: 0, adj: 0 }
    }
}
