//! A process: its threads, and its memory cut into cells.

use super::balancing::{Balancing, Faults};
use super::policy::{Mask, Policy};
use super::scenario::{FirstTouch, Kind, Scenario, Sharing, Task};
use crate::{MILLISECOND, Nanos};

/// Cells of all processes together, about: how finely memory is drawn and balanced.
const CELLS: i64 = 256;
/// Most cells of one process.
const CELLS_OF_ONE: i64 = 128;
/// Page index above the first region; regions lie below one another, as `mmap(2)` puts them.
const TOP: u64 = 0x7_f000_0000;
/// Pages in a MiB.
pub const PAGES_PER_MIB: i64 = 256;
/// First process id.
const FIRST_PID: u64 = 1001;

/// What a process is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Has not started.
    Waiting,
    /// Touches its memory.
    Touching,
    /// Has touched all of it.
    Reading,
    /// Its policy was refused.
    Refused,
    /// Killed for want of memory.
    Killed,
    /// Has exited.
    Gone,
}

/// A part of a process's memory, of neighbouring pages.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Pages in it.
    pub pages: i64,
    /// Pages touched so far.
    pub touched: i64,
    /// The thread that touches it first, and whose part it is.
    pub thread: usize,
    /// Pages by zone.
    pub held: Vec<i64>,
    /// CPU and thread of the last hinting fault.
    pub last: Option<(usize, usize)>,
    /// Whether its pages are marked for a hinting fault.
    pub marked: bool,
}

/// A thread of a process.
#[derive(Clone, Debug)]
pub struct Thread {
    /// Its CPU.
    pub cpu: usize,
    /// What automatic balancing knows of it.
    pub faults: Faults,
}

/// A process while it runs.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its id.
    pub pid: u64,
    /// Entry of the scenario's list of tasks.
    pub entry: usize,
    /// What it is doing.
    pub phase: Phase,
    /// The nodes of its policy that are in force.
    pub mask: Mask,
    /// Index of its first page.
    pub first_page: u64,
    /// Its memory, in the order of addresses.
    pub cells: Vec<Cell>,
    /// Its threads.
    pub threads: Vec<Thread>,
    /// What automatic balancing does with it.
    pub balancing: Balancing,
    /// Whether its threads have been moved.
    pub moved: bool,
    /// Whether local page cache was reclaimed for it in its last turn.
    pub reclaims: bool,
    /// A fraction of a page it may touch, in 1/1000.
    pub carry: i64,
    /// Nodes that pages went to though another was wanted.
    pub spilled: Mask,
    /// Bytes its threads have read, from their own node and from others.
    pub read: [u64; 2],
}

/// CPUs in the order of their numbers, each with its node.
pub fn cpu_nodes(scenario: &Scenario) -> Vec<usize> {
    let of = |(node, n): (usize, &super::scenario::Node)| std::iter::repeat_n(node, n.cpus.max(0) as usize);
    scenario.nodes.iter().enumerate().flat_map(of).collect()
}

impl Process {
    /// All processes of a scenario, waiting.
    pub fn all(scenario: &Scenario, zones: usize, nodes: usize) -> Vec<Process> {
        let cpus = cpu_nodes(scenario).len() as i64;
        let count: i64 = scenario.tasks.iter().map(|task| task.processes).sum();
        let cells = (CELLS / count.max(1)).clamp(1, CELLS_OF_ONE);
        let mut all = Vec::new();
        let mut top = TOP;
        for (entry, task) in scenario.tasks.iter().enumerate() {
            for nth in 0..task.processes {
                let pages = task.mib * PAGES_PER_MIB;
                top = top.saturating_sub(pages as u64);
                let thread = |t: i64| Thread {
                    cpu: ((task.cpu + (nth * task.threads + t) * task.cpu_step) % cpus) as usize,
                    faults: Faults::new(nodes),
                };
                all.push(Process {
                    pid: FIRST_PID + all.len() as u64,
                    entry,
                    phase: Phase::Waiting,
                    mask: Mask::NONE,
                    first_page: top,
                    cells: cut(task, pages, cells, zones),
                    threads: (0..task.threads).map(thread).collect(),
                    balancing: Balancing::default(),
                    moved: false,
                    reclaims: false,
                    carry: 0,
                    spilled: Mask::NONE,
                    read: [0; 2],
                });
            }
        }
        all
    }

    /// Whether it holds memory or is about to.
    pub fn is_alive(&self) -> bool {
        matches!(self.phase, Phase::Touching | Phase::Reading)
    }

    /// Pages it has touched.
    pub fn touched(&self) -> i64 {
        self.cells.iter().map(|cell| cell.touched).sum()
    }

    /// Pages by zone.
    pub fn held(&self, zones: usize) -> Vec<i64> {
        let mut sum = vec![0; zones];
        for cell in &self.cells {
            for (sum, held) in sum.iter_mut().zip(&cell.held) {
                *sum += held;
            }
        }
        sum
    }
}

/// A task's memory in cells; every thread has an equal part.
fn cut(task: &Task, pages: i64, cells: i64, zones: usize) -> Vec<Cell> {
    if task.memory == Kind::File {
        // Page cache is not the task's own: it is counted where it lies.
        return vec![cell(pages, 0, 0)];
    }
    let each = (cells / task.threads).max(1);
    let parts = task.threads * each;
    (0..parts)
        .map(|i| cell(pages * (i + 1) / parts - pages * i / parts, (i / each) as usize, zones))
        .filter(|cell| cell.pages > 0)
        .collect()
}

fn cell(pages: i64, thread: usize, zones: usize) -> Cell {
    Cell { pages, touched: 0, thread, held: vec![0; zones], last: None, marked: false }
}

/// Whether a task reads its memory at all.
pub fn reads(task: &Task) -> bool {
    task.memory == Kind::Anonymous && task.demand_mb_s >= 0
}

/// The thread that touches a cell first.
pub fn toucher(task: &Task, cell: &Cell) -> usize {
    match task.first_touch {
        FirstTouch::Main => 0,
        FirstTouch::Each => cell.thread,
    }
}

/// The cells a thread reads.
pub fn read_by<'a>(task: &Task, process: &'a Process, thread: usize) -> impl Iterator<Item = &'a Cell> + use<'a> {
    let all = task.sharing == Sharing::Shared;
    process.cells.iter().filter(move |cell| all || cell.thread == thread)
}

/// Whether automatic balancing looks at a task: only memory without a policy of its own
/// (`mm/mempolicy.c: vma_policy_mof`).
pub fn is_balanced(task: &Task) -> bool {
    task.policy == Policy::Default && task.memory == Kind::Anonymous && reads(task)
}

/// A time of a scenario.
pub fn ms(value: i64) -> Nanos {
    value.max(0) as u64 * MILLISECOND
}
