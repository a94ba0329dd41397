//! The machine: processes, what they were promised, and what they use.

use std::collections::VecDeque;
use std::rc::Rc;

use super::account::Ask;
use super::scenario::{Kind, Op, Scenario, Step};
use super::touch::Work;
use super::{Rules, tell};
use crate::anon::{Memory, SpaceId};
use crate::process_life::Program;
use crate::{Log, MILLISECOND, Nanos};

/// Pages in a MiB.
pub(super) const MIB: u64 = 256;
/// How long programs touch memory before the next one does.
pub(super) const TURN: Nanos = 10 * MILLISECOND;
/// Not enough memory.
pub(super) const ENOMEM: i64 = 12;

/// A machine and its processes at one moment.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(super) scenario: Rc<Scenario>,
    pub(super) rules: Rules,
    pub(super) now: Nanos,
    order: Rc<Vec<usize>>,
    done: usize,
    pub(super) processes: Vec<Process>,
    pub(super) shares: Vec<Share>,
    pub(super) memory: Memory,
    /// Page cache, pages.
    pub(super) cache: u64,
    /// `vm_committed_as`, pages.
    pub(super) committed: u64,
    next_pid: i64,
    /// Requests that were refused.
    pub refused: u64,
    /// Processes the OOM killer ended.
    pub oom_kills: u64,
    /// Pages that writes copied.
    pub copied: u64,
    /// Pages that went to swap.
    pub swapped_out: u64,
    /// Pages that came back from swap.
    pub swapped_in: u64,
    /// Whether the kernel has panicked.
    pub panicked: bool,
    pub(super) reclaiming: bool,
    pub(super) swapping: bool,
}

/// A process.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its PID; 0 before it is there.
    pub pid: i64,
    /// Its parent's PID.
    pub ppid: i64,
    /// What it executes.
    pub program: Program,
    /// `oom_score_adj`.
    pub adj: i64,
    /// Whether it has CAP_SYS_ADMIN.
    pub root: bool,
    /// Whether it is there.
    pub state: State,
    pub(super) space: SpaceId,
    pub(super) maps: Vec<Map>,
    pub(super) work: VecDeque<Work>,
    /// Page faults.
    pub faults: u64,
    /// Largest resident size so far, pages.
    pub high: u64,
    /// Largest address space so far, pages.
    pub peak: u64,
}

/// Whether a process is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A fork has yet to make it.
    Waiting,
    /// It runs.
    Alive,
    /// It has exited.
    Exited,
    /// The OOM killer has ended it.
    Killed,
}

/// A mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Map {
    pub kind: Kind,
    pub pages: u64,
    /// Pages of it that count as promised to this process.
    pub promised: u64,
    /// Pages from the first on that were touched through it.
    pub touched: u64,
    /// Which shared memory it is of.
    pub share: Option<usize>,
    /// Which area of the address space it is.
    pub area: usize,
}

/// Shared anonymous memory.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// Its size.
    pub pages: u64,
    /// Pages from the first on that are there.
    pub resident: u64,
    /// Mappings of it.
    pub maps: u64,
}

/// ms as ns.
pub(super) fn ms(ms: i64) -> Nanos {
    u64::try_from(ms).unwrap_or(0) * MILLISECOND
}

/// MiB as pages.
pub(super) fn pages(mib: i64) -> u64 {
    u64::try_from(mib).unwrap_or(0) * MIB
}

impl Engine {
    /// The machine at time zero.
    pub(super) fn new(scenario: Rc<Scenario>, rules: Rules) -> Engine {
        let mut order: Vec<usize> = (0..scenario.steps.len()).collect();
        order.sort_by_key(|i| scenario.steps[*i].at_ms);
        let forks = scenario.steps.iter().filter(|step| step.op == Op::Fork);
        let children: Vec<i64> = forks.map(|step| step.child).collect();
        let mut engine = Engine {
            rules,
            now: 0,
            order: Rc::new(order),
            done: 0,
            processes: Vec::new(),
            shares: Vec::new(),
            memory: Memory::default(),
            cache: pages(scenario.cache_mib),
            committed: pages(scenario.others_committed_mib),
            next_pid: 1000,
            refused: 0,
            oom_kills: 0,
            copied: 0,
            swapped_out: 0,
            swapped_in: 0,
            panicked: false,
            reclaiming: false,
            swapping: false,
            scenario: Rc::clone(&scenario),
        };
        for (i, start) in scenario.processes.iter().enumerate() {
            let space = engine.memory.space();
            engine.processes.push(Process {
                pid: 0,
                ppid: 1,
                program: start.program,
                adj: start.oom_score_adj,
                root: start.root != 0,
                state: State::Waiting,
                space,
                maps: Vec::new(),
                work: VecDeque::new(),
                faults: 0,
                high: 0,
                peak: 0,
            });
            if !children.contains(&(i as i64)) {
                engine.begin(i);
            }
        }
        engine
    }

    /// A process starts: its program's own memory is promised and touched.
    pub(super) fn begin(&mut self, who: usize) {
        let (_, anon) = self.processes[who].program.pages();
        self.next_pid += 1;
        (self.processes[who].pid, self.processes[who].state) = (self.next_pid, State::Alive);
        self.grant(who, Kind::Private, anon, anon);
        let space = self.processes[who].space;
        self.memory.write(space, 0, 0, anon, u64::MAX);
        self.processes[who].maps[0].touched = anon;
        self.note_sizes(who);
    }

    pub(super) fn note_sizes(&mut self, who: usize) {
        let (virt, held) = (self.total_vm(who), self.rss(who));
        let process = &mut self.processes[who];
        (process.peak, process.high) = (process.peak.max(virt), process.high.max(held));
    }

    /// When the next thing happens.
    pub(super) fn next(&self) -> Option<Nanos> {
        if self.panicked {
            return None;
        }
        let step = self.order.get(self.done).map(|i| ms(self.scenario.steps[*i].at_ms));
        let works = self.processes.iter().any(|process| !process.work.is_empty());
        let turn = works.then(|| (self.now / TURN + 1) * TURN);
        step.into_iter().chain(turn).min().map(|t| t.max(self.now))
    }

    /// Does everything of the next moment.
    pub(super) fn step(&mut self, t: Nanos, log: &mut Log) {
        self.now = t;
        // What is under way has come so far by now.
        for who in 0..self.processes.len() {
            self.go_on(who, log);
        }
        let scenario = Rc::clone(&self.scenario);
        while let Some(i) = self.order.get(self.done).copied().filter(|i| ms(scenario.steps[*i].at_ms) <= t) {
            self.done += 1;
            if self.panicked {
                return;
            }
            self.act(i, &scenario.steps[i], log);
        }
    }

    fn act(&mut self, i: usize, step: &Step, log: &mut Log) {
        let who = step.who as usize;
        if self.processes.get(who).is_none_or(|process| process.state != State::Alive) {
            return tell::nobody(log, self.now, i, step.who);
        }
        match step.op {
            Op::Map => {
                let errno = self.map(who, step.kind, pages(step.mib));
                tell::map(log, self, who, step, errno);
            }
            Op::Unmap => {
                let gone = self.unmap(who);
                tell::unmap(log, self, who, gone);
            }
            Op::Touch | Op::Rewrite => {
                let rewrite = step.op == Op::Rewrite;
                let work = Work::new(rewrite, pages(step.mib), self.now, ms(step.for_ms));
                self.processes[who].work.push_back(work);
                self.go_on(who, log);
            }
            Op::Fork => {
                let child = step.child as usize;
                if self.processes.get(child).is_none_or(|process| process.state == State::Alive) || child == who {
                    return tell::nobody(log, self.now, i, step.child);
                }
                let errno = self.fork(who, child);
                tell::fork(log, self, who, child, errno);
                if errno == 0 {
                    // Page tables are copied, whatever else is shared.
                    self.room(1, who, log);
                }
            }
            Op::Exit => {
                tell::exit(log, self, who);
                self.end(who, State::Exited);
            }
            Op::Adjust => {
                self.processes[who].adj = step.adj;
                tell::adjust(log, self, who);
            }
        }
    }

    fn ask(&self, who: usize, pages: u64) -> Ask {
        let root = self.processes[who].root;
        Ask { pages, committed: self.committed, total_vm: self.total_vm(who), root }
    }

    fn enough(&self, who: usize, pages: u64) -> bool {
        self.policy().enough(self.rules, &self.machine(), &self.ask(who, pages))
    }

    /// How much of a mapping is promised (`mm/mmap.c: accountable_mapping`).
    fn accountable(&self, kind: Kind, pages: u64) -> u64 {
        match kind {
            Kind::Private | Kind::Shared => pages,
            Kind::Noreserve if self.scenario.overcommit_memory == 2 => pages,
            Kind::Noreserve | Kind::Readonly => 0,
        }
    }

    /// `mmap()`: 0, or ENOMEM.
    pub(super) fn map(&mut self, who: usize, kind: Kind, pages: u64) -> i64 {
        let promised = self.accountable(kind, pages);
        if promised > 0 && !self.enough(who, promised) {
            self.refused += 1;
            return ENOMEM;
        }
        self.grant(who, kind, pages, promised);
        self.note_sizes(who);
        0
    }

    fn grant(&mut self, who: usize, kind: Kind, pages: u64, promised: u64) {
        self.committed += promised;
        let share = (kind == Kind::Shared).then(|| {
            self.shares.push(Share { pages, resident: 0, maps: 1 });
            self.shares.len() - 1
        });
        let space = self.processes[who].space;
        // Shared memory is no anonymous memory: its area stays empty.
        let area = self.memory.map(space, if share.is_some() { 0 } else { pages });
        self.processes[who].maps.push(Map { kind, pages, promised, touched: 0, share, area });
    }

    /// `munmap()` of what was mapped last; the pages it spanned. A program's own memory stays.
    pub(super) fn unmap(&mut self, who: usize) -> u64 {
        let process = &mut self.processes[who];
        if process.maps.len() < 2 {
            return 0;
        }
        let map = process.maps.pop().expect("there are two");
        self.memory.unmap(process.space);
        self.give_back(&map);
        map.pages
    }

    fn give_back(&mut self, map: &Map) {
        let Some(share) = map.share.map(|i| &mut self.shares[i]) else {
            self.committed -= map.promised;
            return;
        };
        share.maps -= 1;
        if share.maps == 0 {
            self.committed -= share.pages;
            (share.pages, share.resident) = (0, 0);
        }
    }

    /// `fork()`: each mapping that counts is promised once more (`kernel/fork.c: dup_mmap`), or none is.
    pub(super) fn fork(&mut self, who: usize, child: usize) -> i64 {
        let before = self.committed;
        let maps = self.processes[who].maps.clone();
        for map in maps.iter().filter(|map| map.share.is_none() && map.promised > 0) {
            if !self.enough(who, map.promised) {
                self.committed = before;
                self.refused += 1;
                return ENOMEM;
            }
            self.committed += map.promised;
        }
        for share in maps.iter().filter_map(|map| map.share) {
            self.shares[share].maps += 1;
        }
        let space = self.memory.fork(self.processes[who].space);
        self.memory.drop_space(self.processes[child].space);
        self.next_pid += 1;
        let parent = &self.processes[who];
        // Page tables of shared memory are not copied: the child faults its pages in again.
        let maps = maps.iter().map(|map| Map { touched: if map.share.is_some() { 0 } else { map.touched }, ..*map });
        self.processes[child] = Process {
            pid: self.next_pid,
            ppid: parent.pid,
            state: State::Alive,
            space,
            maps: maps.collect(),
            work: VecDeque::new(),
            faults: 0,
            high: 0,
            peak: 0,
            ..parent.clone()
        };
        self.note_sizes(child);
        0
    }

    /// A process ends: its memory and its promises are free again.
    pub(super) fn end(&mut self, who: usize, state: State) {
        let process = &mut self.processes[who];
        process.state = state;
        process.work.clear();
        for map in std::mem::take(&mut process.maps) {
            self.give_back(&map);
        }
        self.memory.drop_space(self.processes[who].space);
    }

    /// The rules that apply.
    pub fn rules(&self) -> Rules {
        self.rules
    }

    pub(super) fn footprint(&self) -> usize {
        let maps: usize = self.processes.iter().map(|p| p.maps.len() * size_of::<Map>()).sum();
        self.processes.len() * size_of::<Process>() + maps + self.memory.footprint()
    }
}
