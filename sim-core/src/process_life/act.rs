//! What processes do.

use std::rc::Rc;

use super::engine::{Engine, ms};
use super::process::{Doing, Process};
use super::rules::{EAGAIN, ECHILD};
use super::scenario::{Op, Signal, Step};
use super::tell;
use crate::Log;
use crate::anon::{Met, PAGE_KB};

impl Engine {
    /// A process does an entry of the script. False where others need not try: nothing is left.
    pub(super) fn act(&mut self, pid: i64, i: usize, log: &mut Log) -> bool {
        let scenario = Rc::clone(&self.scenario);
        let step = &scenario.steps[i];
        let now = self.now;
        match step.op {
            Op::Fork | Op::Vfork => return self.fork(pid, step, log),
            Op::Clone => return self.clone_thread(pid, log),
            Op::Exec => self.exec(pid, step, log),
            Op::Exit => {
                tell::exit(log, now, &self.processes[&pid], step.code);
                self.die(pid, step.code << 8, log);
            }
            Op::Wait => self.wait(pid, log),
            Op::Reap => self.reap_all(pid, log),
            Op::Ignore | Op::Default => self.set_ignored(pid, step, log),
            Op::Subreaper => self.subreaper(pid, log),
            Op::Run | Op::Sleep | Op::Block | Op::BlockKillable => self.settle(pid, step, log),
            Op::Trace => self.trace(pid, log),
            Op::Map => self.map(pid, step, log),
            Op::Write => self.write(pid, step, log),
            // Sent to whoever has the name, able to act or not; and only who is traced is let go.
            Op::Signal | Op::Detach => {}
        }
        true
    }

    fn own(&mut self, pid: i64) -> &mut Process {
        self.processes.get_mut(&pid).expect("who acts is there")
    }

    /// A number for a new thread, or why there is none (`kernel/fork.c: copy_process`).
    fn number(&mut self) -> Result<i64, i64> {
        if self.nr_threads() >= self.scenario.threads_max {
            return Err(EAGAIN);
        }
        self.pids.take().ok_or(self.rules.no_pid)
    }

    fn refuse(&mut self, pid: i64, errno: i64, log: &mut Log) -> bool {
        self.refused += 1;
        tell::refused(log, self, &self.processes[&pid], errno);
        false
    }

    /// `kernel/fork.c: kernel_clone`.
    fn fork(&mut self, pid: i64, step: &Step, log: &mut Log) -> bool {
        let new = match self.number() {
            Ok(new) => new,
            Err(errno) => return self.refuse(pid, errno, log),
        };
        self.forks += 1;
        let (now, vfork) = (self.now, step.op == Op::Vfork);
        let space = self.own(pid).space;
        let space = if vfork { space } else { self.memory.fork(space) };
        let parent = self.own(pid);
        let mut child = Process {
            pid: new,
            ppid: pid,
            name: step.child,
            doing: Doing::Rest,
            children: Vec::new(),
            threads: Vec::new(),
            space,
            vfork_parent: vfork.then_some(pid),
            pending: 0,
            subreaper: false,
            under_subreaper: parent.under_subreaper || parent.subreaper,
            waited: None,
            started: now,
            minflt: 0,
            cpu: 0,
            since: now,
            exits: None,
            queue: Default::default(),
            ..parent.clone()
        };
        parent.children.push(new);
        if vfork {
            parent.set(now, |parent| parent.doing = Doing::Vfork(new));
        }
        if step.for_ms > 0 {
            child.exits = Some(now + ms(step.for_ms));
            self.exits_at(new, now + ms(step.for_ms));
        }
        self.processes.insert(new, child);
        tell::fork(log, self, pid, new, vfork);
        true
    }

    fn clone_thread(&mut self, pid: i64, log: &mut Log) -> bool {
        match self.number() {
            Ok(new) => {
                self.forks += 1;
                self.own(pid).threads.push(new);
                tell::thread(log, self.now, &self.processes[&pid], new);
                true
            }
            Err(errno) => self.refuse(pid, errno, log),
        }
    }

    /// `fs/exec.c: begin_new_exec`: other threads are gone, memory is new, who waits in vfork goes on.
    fn exec(&mut self, pid: i64, step: &Step, log: &mut Log) {
        let before = self.processes[&pid].program;
        for tid in std::mem::take(&mut self.own(pid).threads) {
            self.pids.give_back(tid);
        }
        let fresh = self.memory.space();
        let old = std::mem::replace(&mut self.own(pid).space, fresh);
        self.leave_space(old);
        self.load(pid, step.program);
        tell::exec(log, self, pid, before);
        if let Some(parent) = self.own(pid).vfork_parent.take() {
            self.release_vfork(parent, pid, log);
        }
    }

    fn wait(&mut self, pid: i64, log: &mut Log) {
        let zombie = self.first_zombie(pid);
        if let Some(child) = zombie {
            self.reap(pid, child, log);
        } else if self.processes[&pid].children.is_empty() {
            self.own(pid).waited = Some([-1, ECHILD, 0]);
            tell::no_child(log, self.now, &self.processes[&pid]);
        } else {
            let now = self.now;
            self.own(pid).set(now, |process| process.doing = Doing::Wait);
            tell::waits(log, now, &self.processes[&pid]);
        }
    }

    fn reap_all(&mut self, pid: i64, log: &mut Log) {
        let mut any = false;
        while let Some(child) = self.first_zombie(pid) {
            any = true;
            self.reap(pid, child, log);
        }
        if !any {
            tell::none_to_reap(log, self.now, &self.processes[&pid]);
        }
    }

    /// The zombie a wait finds first: children are looked at in the order they came.
    pub(super) fn first_zombie(&self, pid: i64) -> Option<i64> {
        let zombie = |child: &&i64| self.processes.get(child).is_some_and(|child| !child.alive());
        self.processes.get(&pid)?.children.iter().find(zombie).copied()
    }

    /// `kernel/signal.c: do_sigaction`. Zombies that are there already stay.
    fn set_ignored(&mut self, pid: i64, step: &Step, log: &mut Log) {
        let process = self.own(pid);
        if step.op == Op::Ignore {
            process.ignored |= step.signal.bit();
            process.pending &= !step.signal.bit();
        } else {
            process.ignored &= !step.signal.bit();
        }
        let zombies = step.signal == Signal::Chld && self.first_zombie(pid).is_some();
        tell::ignore(log, self.now, &self.processes[&pid], step, zombies);
    }

    /// `kernel/sys.c: PR_SET_CHILD_SUBREAPER`.
    fn subreaper(&mut self, pid: i64, log: &mut Log) {
        self.own(pid).subreaper = true;
        if self.rules.subreaper_propagates {
            let mut below = self.processes[&pid].children.clone();
            while let Some(child) = below.pop() {
                if let Some(child) = self.processes.get_mut(&child) {
                    child.under_subreaper = true;
                    // Its descendants know already where it is under another one.
                    below.extend(&child.children);
                }
            }
        }
        tell::subreaper(log, self.now, &self.processes[&pid], self.rules.subreaper_propagates);
    }

    fn settle(&mut self, pid: i64, step: &Step, log: &mut Log) {
        let now = self.now;
        let until = (step.for_ms > 0).then(|| now + ms(step.for_ms));
        let doing = match step.op {
            Op::Run => Doing::Run(until),
            Op::Block => Doing::Block(until),
            Op::BlockKillable => Doing::Killable(until),
            _ => until.map_or(Doing::Rest, Doing::Sleep),
        };
        self.own(pid).set(now, |process| process.doing = doing);
        if let Some(until) = until {
            self.look_at(pid, until);
        }
        tell::settles(log, now, &self.processes[&pid], step);
    }

    fn map(&mut self, pid: i64, step: &Step, log: &mut Log) {
        let space = self.processes[&pid].space;
        self.memory.map(space, (step.kib as u64).div_ceil(PAGE_KB));
        tell::map(log, self.now, &self.processes[&pid], step.kib);
    }

    /// Writes a byte into every page of a range of the memory mapped last.
    fn write(&mut self, pid: i64, step: &Step, log: &mut Log) {
        let space = self.processes[&pid].space;
        let Some(area) = self.memory.areas(space).checked_sub(1) else { return };
        let mut at = step.from_kib as u64 / PAGE_KB;
        let end = at + (step.kib as u64).div_ceil(PAGE_KB);
        let (mut new, mut copied, mut kept, mut faults) = (0, 0, 0, 0);
        while let Some(wrote) = self.memory.write(space, area, at, end.saturating_sub(at), u64::MAX) {
            at += wrote.pages;
            faults += wrote.faults();
            match wrote.met {
                Met::Absent => new += wrote.pages,
                Met::Shared => copied += wrote.pages,
                Met::Left => kept += wrote.pages,
                Met::Own | Met::Swapped => {}
            }
        }
        self.own(pid).minflt += faults;
        self.copied += copied;
        tell::write(log, self.now, &self.processes[&pid], [new, copied, kept]);
    }
}
