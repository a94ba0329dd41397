//! The machine: its processes, its PIDs and pages, and what comes next.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use super::pids::Pids;
use super::process::{Doing, Process};
use super::scenario::{INIT, Op, Program, Scenario};
use super::{Rules, tell};
use crate::anon::{Held, Memory};
use crate::load_average::calc;
use crate::{Log, MILLISECOND, Nanos};

/// Something that will happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// The load is sampled.
    Sample,
    /// A process has slept or computed long enough.
    Wake(i64),
    /// A process exits by itself.
    Exit(i64),
    /// An entry of the script, for the n-th time.
    Step(usize, i64),
}

/// A machine and its processes at one moment.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(super) scenario: Rc<Scenario>,
    pub(super) rules: Rules,
    pub(super) now: Nanos,
    due: BTreeSet<(Nanos, Due)>,
    turns: VecDeque<i64>,
    pub(super) processes: BTreeMap<i64, Process>,
    pub(super) pids: Pids,
    pub(super) memory: Memory,
    pub(super) avenrun: [u64; 3],
    /// Forks and clones since the start.
    pub forks: u64,
    /// Forks and clones that failed.
    pub refused: u64,
    /// Pages that writes copied.
    pub copied: u64,
    /// Processes that left without being waited for.
    pub unwaited: u64,
    /// Processes that were waited for.
    pub reaped: u64,
}

/// What the memory of a process is, in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Address space (VIRT).
    pub virt: u64,
    /// Anonymous pages of its own.
    pub private: u64,
    /// Anonymous pages that other processes map too.
    pub shared: u64,
    /// Pages of program and libraries (SHR).
    pub file: u64,
}

impl Pages {
    /// Resident pages (RES).
    pub fn rss(self) -> u64 {
        self.private + self.shared + self.file
    }
}

/// Pages of a stack's address space.
const STACK: u64 = 33;

impl Engine {
    /// The machine at time zero: PID 1 and kernel threads.
    pub(super) fn new(scenario: Rc<Scenario>, rules: Rules) -> Engine {
        let threads = scenario.kernel_threads;
        let pids = Pids::new(1..=1 + threads, scenario.last_pid, scenario.pid_max);
        let mut engine = Engine {
            rules,
            now: 0,
            due: BTreeSet::new(),
            turns: VecDeque::new(),
            processes: BTreeMap::new(),
            pids,
            memory: Memory::default(),
            avenrun: [0; 3],
            forks: 0,
            refused: 0,
            copied: 0,
            unwaited: 0,
            reaped: 0,
            scenario,
        };
        let space = engine.memory.space();
        engine.processes.insert(
            1,
            Process {
                pid: 1,
                ppid: 0,
                name: INIT,
                program: Program::Systemd,
                doing: Doing::Rest,
                stopped: None,
                zombie: None,
                children: Vec::new(),
                threads: Vec::new(),
                space,
                vfork_parent: None,
                ignored: 0,
                pending: 0,
                subreaper: false,
                under_subreaper: false,
                queue: VecDeque::new(),
                waited: None,
                started: 0,
                minflt: 0,
                cpu: 0,
                since: 0,
                exits: None,
            },
        );
        engine.load(1, Program::Systemd);
        let scenario = Rc::clone(&engine.scenario);
        for (i, step) in scenario.steps.iter().enumerate() {
            engine.due.insert((ms(step.at_ms), Due::Step(i, 0)));
        }
        engine.due.insert((rules.load_period(), Due::Sample));
        engine
    }

    /// Maps a program and touches its own memory.
    pub(super) fn load(&mut self, pid: i64, program: Program) {
        let (file, anon) = program.pages();
        let Some(process) = self.processes.get_mut(&pid) else { return };
        process.program = program;
        process.minflt += file.div_ceil(16) + anon;
        let space = process.space;
        let area = self.memory.map(space, anon);
        self.memory.write(space, area, 0, anon, u64::MAX);
    }

    /// When the next thing happens.
    pub(super) fn next(&self) -> Option<Nanos> {
        self.due.first().map(|(t, _)| *t)
    }

    /// Does what comes next.
    pub(super) fn step(&mut self, log: &mut Log) {
        let Some((t, due)) = self.due.pop_first() else { return };
        self.now = t;
        match due {
            Due::Sample => {
                self.sample();
                self.due.insert((t + self.rules.load_period(), Due::Sample));
            }
            Due::Wake(pid) => self.wake(pid, log),
            Due::Exit(pid) => {
                if self.processes.get(&pid).is_some_and(|process| process.alive() && process.exits == Some(t)) {
                    tell::exit(log, t, &self.processes[&pid], 0);
                    self.die(pid, 0, log);
                }
            }
            Due::Step(i, n) => {
                let scenario = Rc::clone(&self.scenario);
                let step = &scenario.steps[i];
                if n + 1 < step.count {
                    self.due.insert((t + ms(step.every_ms), Due::Step(i, n + 1)));
                }
                self.tell_to(i, log);
            }
        }
        self.take_turns(log);
    }

    /// Whoever an entry of the script is for does it, now or once it can.
    fn tell_to(&mut self, i: usize, log: &mut Log) {
        let scenario = Rc::clone(&self.scenario);
        let step = &scenario.steps[i];
        let whole = step.op == Op::Signal;
        let named = self.processes.values().filter(|p| p.name == step.who && (whole || p.alive()));
        let named: Vec<i64> = named.map(|process| process.pid).collect();
        if named.is_empty() {
            tell::nobody(log, self.now, i, step);
        }
        for pid in named {
            if whole {
                self.signal(pid, step.signal, log);
            } else if step.op == Op::Detach {
                self.detach(pid, log);
            } else if self.processes.get(&pid).is_some_and(Process::ready) {
                if !self.act(pid, i, log) {
                    break;
                }
            } else if let Some(process) = self.processes.get_mut(&pid) {
                process.queue.push_back(i);
            }
        }
    }

    /// Lets a process do what it could not do before, once this is done: one process's exit can let
    /// a long chain of others go on.
    pub(super) fn catch_up(&mut self, pid: i64) {
        self.turns.push_back(pid);
    }

    fn take_turns(&mut self, log: &mut Log) {
        while let Some(pid) = self.turns.pop_front() {
            while let Some(process) = self.processes.get_mut(&pid).filter(|process| process.ready()) {
                let Some(i) = process.queue.pop_front() else { break };
                self.act(pid, i, log);
            }
        }
    }

    /// Remembers to look at a process again.
    pub(super) fn look_at(&mut self, pid: i64, until: Nanos) {
        self.due.insert((until, Due::Wake(pid)));
    }

    /// Remembers that a process exits by itself.
    pub(super) fn exits_at(&mut self, pid: i64, at: Nanos) {
        self.due.insert((at, Due::Exit(pid)));
    }

    fn wake(&mut self, pid: i64, log: &mut Log) {
        let now = self.now;
        let Some(process) = self.processes.get_mut(&pid).filter(|process| process.alive()) else { return };
        let over = match process.doing {
            Doing::Sleep(until) => until == now,
            Doing::Run(until) | Doing::Block(until) | Doing::Killable(until) => until == Some(now),
            Doing::Rest | Doing::Wait | Doing::Vfork(_) => false,
        };
        if over {
            let letter = process.letter();
            process.set(now, |process| process.doing = Doing::Rest);
            if matches!(letter, 'S' | 'R' | 'D') {
                tell::woken(log, now, process, letter);
            }
            self.resume(pid, log);
        }
    }

    /// `kernel/sched/loadavg.c: calc_global_load` with nothing folded: the averages of R and D.
    fn sample(&mut self) {
        let active = self.count('R') + self.count('D');
        for (load, exp) in self.avenrun.iter_mut().zip(calc::EXP) {
            *load = calc::calc_load(self.rules.rounding, *load, exp, calc::active_load(active));
        }
    }

    /// The processes by PID; zombies are among them.
    pub fn processes(&self) -> &BTreeMap<i64, Process> {
        &self.processes
    }

    /// How many processes are in a state.
    pub fn count(&self, letter: char) -> i64 {
        self.processes.values().filter(|process| process.letter() == letter).count() as i64
    }

    /// Threads of the machine, kernel threads and zombies among them.
    pub fn nr_threads(&self) -> i64 {
        self.scenario.kernel_threads + self.processes.values().map(Process::nr_threads).sum::<i64>()
    }

    /// PIDs and TIDs that are taken.
    pub fn pids_taken(&self) -> i64 {
        self.pids.taken() as i64
    }

    /// The PID handed out last.
    pub fn last_pid(&self) -> i64 {
        self.pids.last
    }

    /// The memory of a process; a zombie has none.
    pub fn pages(&self, process: &Process) -> Pages {
        if !process.alive() {
            return Pages::default();
        }
        let held: Held = self.memory.held(process.space);
        let (file, _) = process.program.pages();
        Pages { virt: file + STACK + held.mapped, private: held.private, shared: held.shared, file }
    }

    /// Address spaces that map a program's file.
    pub(super) fn sharers(&self, program: Program) -> u64 {
        let alive = self.processes.values().filter(|process| process.alive() && process.program == program);
        alive.map(|process| process.space).collect::<BTreeSet<_>>().len() as u64
    }

    /// Pages of RAM behind all processes: anonymous ones, and of files each once.
    pub fn used(&self) -> (u64, u64) {
        let files: BTreeSet<&str> =
            self.processes.values().filter(|process| process.alive()).map(|process| process.program.comm()).collect();
        let file = Program::NAMES.iter().filter(|(name, _)| files.contains(name));
        (self.memory.used().0, file.map(|(_, program)| program.pages().0).sum())
    }

    /// What lies in the memory that a process mapped last: first page, pages, spaces that map it.
    pub fn layout(&self, process: &Process) -> (u64, Vec<(u64, u64, u64)>) {
        let Some(area) = self.memory.areas(process.space).checked_sub(1).filter(|_| process.alive()) else {
            return (0, Vec::new());
        };
        let extents = self.memory.layout(process.space, area);
        let told = extents.into_iter().map(|(start, pages, maps, _)| (start, pages, maps));
        (self.memory.pages(process.space, area), told.collect())
    }

    /// The rules that apply.
    pub fn rules(&self) -> Rules {
        self.rules
    }

    pub(super) fn footprint(&self) -> usize {
        let lists: usize =
            self.processes.values().map(|p| (p.children.len() + p.threads.len() + p.queue.len()) * 8).sum();
        self.processes.len() * (size_of::<Process>() + 48) + lists + self.memory.footprint() + self.due.len() * 48
    }
}

/// ms as ns.
pub(super) fn ms(ms: i64) -> Nanos {
    u64::try_from(ms).unwrap_or(0) * MILLISECOND
}
