//! How processes end, and who gets what they leave.

use super::engine::Engine;
use super::process::Doing;
use super::rules::ECHILD;
use super::scenario::Signal;
use super::tell;
use crate::Log;
use crate::anon::SpaceId;

impl Engine {
    /// `kernel/exit.c: do_exit` of a whole process: memory goes, children get another parent, the
    /// process is a zombie until it is waited for. `status` is what `wait` returns.
    pub(super) fn die(&mut self, pid: i64, status: i64, log: &mut Log) {
        let now = self.now;
        let Some(process) = self.processes.get_mut(&pid) else { return };
        process.set(now, |process| {
            process.zombie = Some(status);
            process.stopped = None;
            process.doing = Doing::Rest;
        });
        process.queue.clear();
        process.pending = 0;
        let space = process.space;
        let vfork_parent = process.vfork_parent.take();
        for tid in std::mem::take(&mut process.threads) {
            self.pids.give_back(tid);
        }
        self.leave_space(space);
        let (reaper, orphans) = self.give_children_away(pid, log);
        let parent = self.processes[&pid].ppid;
        tell::zombie(log, self, pid);
        self.notify(parent, pid, log);
        for orphan in orphans {
            if self.processes.get(&orphan).is_some_and(|orphan| !orphan.alive() && orphan.ppid == reaper) {
                self.notify(reaper, orphan, log);
            }
        }
        // Who waited in vfork runs only after this: signals that waited for it may end it as well.
        if let Some(parent) = vfork_parent {
            self.release_vfork(parent, pid, log);
        }
    }

    /// Memory goes with the last process that has it: a vfork child has its parent's.
    pub(super) fn leave_space(&mut self, space: SpaceId) {
        if !self.processes.values().any(|process| process.alive() && process.space == space) {
            self.memory.drop_space(space);
        }
    }

    /// The child of a vfork has gone on (`kernel/fork.c: mm_release`).
    pub(super) fn release_vfork(&mut self, parent: i64, pid: i64, log: &mut Log) {
        let now = self.now;
        let Some(waits) = self.processes.get_mut(&parent).filter(|p| p.alive() && p.doing == Doing::Vfork(pid)) else {
            return;
        };
        waits.set(now, |parent| parent.doing = Doing::Rest);
        tell::vfork_over(log, now, waits, pid);
        self.resume(parent, log);
    }

    /// `kernel/exit.c: find_new_reaper`: the nearest subreaper above, else PID 1.
    fn reaper_of(&self, pid: i64) -> i64 {
        let process = &self.processes[&pid];
        let mut above = process.ppid;
        while process.under_subreaper && above > 1 {
            let Some(ancestor) = self.processes.get(&above) else { break };
            if ancestor.subreaper && ancestor.alive() {
                return above;
            }
            above = ancestor.ppid;
        }
        1
    }

    /// `kernel/exit.c: forget_original_parent`: who has the children now, and which they are.
    fn give_children_away(&mut self, pid: i64, log: &mut Log) -> (i64, Vec<i64>) {
        let reaper = self.reaper_of(pid);
        let children = self.processes.get_mut(&pid).map(|process| std::mem::take(&mut process.children));
        let children = children.unwrap_or_default();
        for child in &children {
            if let Some(child) = self.processes.get_mut(child) {
                child.ppid = reaper;
            }
            if let Some(reaper) = self.processes.get_mut(&reaper) {
                reaper.children.push(*child);
            }
            tell::adopted(log, self, *child, pid, reaper);
        }
        (reaper, children)
    }

    /// `kernel/signal.c: do_notify_parent`: whether somebody has to wait for a zombie, and whether
    /// somebody does already.
    fn notify(&mut self, parent: i64, pid: i64, log: &mut Log) {
        let Some(above) = self.processes.get(&parent) else { return };
        if above.ignores(Signal::Chld) {
            self.unwaited += 1;
            tell::gone(log, self.now, &self.processes[&pid], parent);
            self.remove(parent, pid);
            self.wait_is_over(parent, log);
        } else if above.alive() && above.doing == Doing::Wait && above.stopped.is_none() {
            self.wait_is_over(parent, log);
        } else if parent == 1 && self.scenario.init_reaps != 0 {
            self.reap(1, pid, log);
        }
    }

    /// Whoever waits gets a zombie, or hears that there is no child left.
    pub(super) fn wait_is_over(&mut self, pid: i64, log: &mut Log) {
        let now = self.now;
        let waits = |p: &&mut super::Process| p.alive() && p.doing == Doing::Wait && p.stopped.is_none();
        let Some(process) = self.processes.get_mut(&pid).filter(waits) else { return };
        let childless = process.children.is_empty();
        let zombie = self.first_zombie(pid);
        if zombie.is_none() && !childless {
            return;
        }
        if let Some(process) = self.processes.get_mut(&pid) {
            process.set(now, |process| process.doing = Doing::Rest);
            if childless {
                process.waited = Some([-1, ECHILD, 0]);
                tell::no_child(log, now, process);
            }
        }
        if let Some(child) = zombie {
            self.reap(pid, child, log);
        }
        self.catch_up(pid);
    }

    /// `kernel/exit.c: wait_task_zombie`, then `release_task`.
    pub(super) fn reap(&mut self, parent: i64, pid: i64, log: &mut Log) {
        let status = self.processes[&pid].zombie.unwrap_or(0);
        self.reaped += 1;
        tell::reaped(log, self, parent, pid, status);
        self.remove(parent, pid);
        if let Some(parent) = self.processes.get_mut(&parent) {
            parent.waited = Some([pid, 0, status]);
        }
    }

    fn remove(&mut self, parent: i64, pid: i64) {
        self.processes.remove(&pid);
        self.pids.give_back(pid);
        if let Some(parent) = self.processes.get_mut(&parent) {
            parent.children.retain(|child| *child != pid);
        }
    }
}
