//! Automatic balancing at work on a process: scans, hinting faults, pages and threads that move.

use rand::RngExt;

use super::balancing::{self, Fault};
use super::engine::Engine;
use super::process::Process;
use super::scenario::{Sharing, Task};
use super::tell;
use crate::{Log, MILLISECOND, Nanos};

impl Engine {
    /// Hinting faults of what the last scan marked, and the next scan when it is due.
    pub(super) fn balance(&mut self, p: usize, task: &Task, now: Nanos, log: &mut Log) {
        self.hinting_faults(p, task, now, log);
        let process = &mut self.processes[p];
        let (min, max) = balancing::periods(self.rules, process.touched());
        let state = &mut process.balancing;
        if state.next_scan == 0 {
            state.next_scan = now + balancing::SCAN_DELAY_MS * MILLISECOND;
        }
        if now < state.next_scan {
            return;
        }
        if state.period_ms == 0 {
            state.period_ms = min;
        }
        state.next_scan = now + balancing::period(state.period_ms);
        let mut budget = state.budget + balancing::SCAN_PAGES;
        let mut marked = 0;
        let cells = process.cells.len();
        for _ in 0..cells {
            let cell = &mut process.cells[state.cursor];
            if cell.touched > budget {
                break;
            }
            budget -= cell.touched;
            marked += cell.touched;
            cell.marked = cell.touched > 0;
            state.cursor += 1;
            if state.cursor == cells {
                state.cursor = 0;
                state.passes += 1;
                break;
            }
        }
        // What a whole pass leaves of a budget is not saved up.
        state.budget = if state.cursor == 0 { 0 } else { budget };
        self.vmstat.pte_updates += marked as u64;
        let (passes, done) = (state.passes, state.cursor == 0);
        if done {
            self.placement(p, task, (min, max), now, log);
        }
        tell::scan(log, now, &self.processes[p], marked, passes);
    }

    fn hinting_faults(&mut self, p: usize, task: &Task, now: Nanos, log: &mut Log) {
        let mut faults = [0_u64; 2];
        let mut migrated = 0;
        let process = &mut self.processes[p];
        let group = group(process, self.memory.nodes());
        for cell in &mut process.cells {
            if !std::mem::take(&mut cell.marked) {
                continue;
            }
            let t = match task.sharing {
                Sharing::Private => cell.thread,
                Sharing::Shared => self.random.random_range(0..process.threads.len()),
            };
            let to = self.cpu_node[process.threads[t].cpu];
            let last = cell.last.replace((process.threads[t].cpu, t));
            let private = last.is_none_or(|(_, thread)| thread == t);
            process.balancing.grouped |= !private;
            // What arrives from another zone is not faulted on a second time.
            let held = cell.held.clone();
            for (zone, pages) in held.into_iter().enumerate() {
                if pages == 0 {
                    continue;
                }
                let from = self.memory.zones[zone].node;
                faults[usize::from(from == to)] += pages as u64;
                let known = &process.threads[t].faults;
                let (memory, cpu) =
                    if process.balancing.grouped { (&group.0, &group.1) } else { (&known.memory, &known.cpu) };
                let fault = Fault {
                    from,
                    to,
                    thread: t,
                    last: last.map(|(cpu, thread)| (self.cpu_node[cpu], thread)),
                    memory,
                    cpu,
                    preferred: known.preferred,
                    passes: process.balancing.passes,
                    grouped: process.balancing.grouped,
                };
                let moves = from != to && balancing::should_migrate(self.rules, &fault);
                process.threads[t].faults.note(from, to, private, pages);
                if moves {
                    for (target, moved) in self.memory.migrate(zone, to, pages) {
                        cell.held[zone] -= moved;
                        cell.held[target] += moved;
                        migrated += moved;
                    }
                    process.balancing.failed |= cell.held[zone] > 0;
                }
            }
        }
        self.vmstat.hint_faults += faults[0] + faults[1];
        self.vmstat.hint_faults_local += faults[1];
        self.vmstat.pages_migrated += migrated as u64;
        if migrated > 0 {
            self.stale = true;
            tell::migrate(log, now, process, migrated, faults);
        }
    }

    /// What a full pass teaches: preferred nodes, the next period, threads that move.
    fn placement(&mut self, p: usize, task: &Task, limits: (i64, i64), now: Nanos, log: &mut Log) {
        let nodes = self.memory.nodes();
        let process = &mut self.processes[p];
        let failed = std::mem::take(&mut process.balancing.failed);
        let mut period = i64::MAX;
        for thread in &mut process.threads {
            thread.faults.decay();
            period =
                period.min(balancing::next_period(&mut thread.faults, process.balancing.period_ms, failed, limits));
        }
        process.balancing.period_ms = period;
        let (memory, _) = group(process, nodes);
        let grouped = process.balancing.grouped;
        for thread in &mut process.threads {
            thread.faults.preferred = balancing::most(if grouped { &memory } else { &thread.faults.memory });
        }
        if task.pinned != 0 {
            return;
        }
        for t in 0..self.processes[p].threads.len() {
            let thread = &self.processes[p].threads[t];
            let Some(node) = thread.faults.preferred.filter(|node| *node != self.cpu_node[thread.cpu]) else {
                continue;
            };
            let busy = |cpu: &usize| {
                let alive = self.processes.iter().filter(|process| process.is_alive());
                alive.flat_map(|process| &process.threads).any(|thread| thread.cpu == *cpu)
            };
            let idle = (0..self.cpu_node.len()).find(|cpu| self.cpu_node[*cpu] == node && !busy(cpu));
            if let Some(cpu) = idle {
                self.processes[p].threads[t].cpu = cpu;
                self.stale = true;
                tell::moved(log, now, &self.processes[p], cpu, node);
            }
        }
    }
}

/// What all threads of a process know together, by memory and by CPU.
fn group(process: &Process, nodes: usize) -> (Vec<i64>, Vec<i64>) {
    let mut sums = (vec![0; nodes], vec![0; nodes]);
    for thread in &process.threads {
        for node in 0..nodes {
            sums.0[node] += thread.faults.memory[node];
            sums.1[node] += thread.faults.cpu[node];
        }
    }
    sums
}
