//! The state of the machine, and one step of it.

use std::rc::Rc;

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

use super::cost::{self, Machine, Rate, Reader};
use super::memory::{Memory, NodeSize, Settings};
use super::place::{self, Order};
use super::policy::{Mask, Turn};
use super::process::{self, PAGES_PER_MIB, Phase, Process};
use super::rules::Rules;
use super::scenario::{FirstTouch, Kind, Scenario, Task};
use super::tell;
use super::zonelist::Topology;
use crate::{Log, MILLISECOND, Nanos};

/// Pages that are touched before kswapd, which runs beside, gets on with its work; also those of a
/// file that are read before they can be reclaimed again.
const BATCH: i64 = 4096;

/// Counters of `/proc/vmstat` beside those of `numastat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vmstat {
    /// Pages marked for a hinting fault (`numa_pte_updates`).
    pub pte_updates: u64,
    /// Hinting faults (`numa_hint_faults`).
    pub hint_faults: u64,
    /// Of them, on pages of the CPU's own node (`numa_hint_faults_local`).
    pub hint_faults_local: u64,
    /// Pages moved by balancing (`numa_pages_migrated`).
    pub pages_migrated: u64,
    /// Processes killed for want of memory (`oom_kill`).
    pub oom_kill: u64,
}

/// The machine while it runs.
#[derive(Clone, Debug)]
pub struct Engine {
    scenario: Rc<Scenario>,
    pub(super) cpu_node: Rc<[usize]>,
    weights: Rc<[u64]>,
    pub(super) rules: Rules,
    /// The memory of all nodes.
    pub memory: Memory,
    /// Every process, started or not.
    pub processes: Vec<Process>,
    /// What every thread gets, process by process.
    pub rates: Vec<Vec<Rate>>,
    /// Counters.
    pub vmstat: Vmstat,
    turns: Vec<Turn>,
    pub(super) random: Xoshiro256PlusPlus,
    pub(super) stale: bool,
    awake: Vec<bool>,
    freed: Vec<Option<i64>>,
}

impl Engine {
    /// The machine at time zero.
    pub fn new(scenario: Rc<Scenario>, rules: Rules) -> Engine {
        let s = &*scenario;
        let topology = Topology {
            distance: s.distance(),
            has_cpu: s.nodes.iter().map(|node| node.cpus > 0).collect(),
            has_memory: s.nodes.iter().map(|node| node.memory_mib > 0).collect(),
        };
        let pages = |mib: i64| mib * PAGES_PER_MIB;
        let size = |node: &super::scenario::Node| NodeSize {
            pages: pages(node.memory_mib),
            used: pages(node.used_mib),
            cache: pages(node.cache_mib),
            mapped: pages(node.mapped_mib),
            dirty: pages(node.dirty_mib),
        };
        let sizes: Vec<NodeSize> = s.nodes.iter().map(size).collect();
        let settings = Settings {
            zone_reclaim_mode: s.zone_reclaim_mode,
            min_free_kbytes: s.min_free_kbytes,
            watermark_scale_factor: s.watermark_scale_factor,
            lru_gen: s.lru_gen != 0,
        };
        let memory = Memory::new(rules, topology, &sizes, settings);
        let processes = Process::all(s, memory.zones.len(), s.nodes.len());
        Engine {
            cpu_node: process::cpu_nodes(s).into(),
            weights: s.nodes.iter().map(|node| node.weight.max(1) as u64).collect(),
            rules,
            rates: processes.iter().map(|p| vec![Rate::default(); p.threads.len()]).collect(),
            turns: vec![Turn::default(); processes.len()],
            processes,
            vmstat: Vmstat::default(),
            random: Xoshiro256PlusPlus::seed_from_u64(s.seed as u64),
            stale: false,
            awake: vec![false; s.nodes.len()],
            freed: vec![None; s.nodes.len()],
            memory,
            scenario,
        }
    }

    /// The node of a CPU.
    pub fn node_of(&self, cpu: usize) -> usize {
        self.cpu_node[cpu]
    }

    /// CPUs in order, each with its node.
    pub fn cpu_nodes(&self) -> &[usize] {
        &self.cpu_node
    }

    /// The task of the scenario a process belongs to.
    pub fn task(&self, process: &Process) -> &Task {
        &self.scenario.tasks[process.entry]
    }

    /// What is read while time passes at the rates there are.
    pub fn pass_time(&mut self, ns: Nanos) {
        let ms = ns / MILLISECOND;
        for (process, rates) in self.processes.iter_mut().zip(&self.rates) {
            for rate in rates {
                process.read[0] += rate.local_per_ms * ms;
                process.read[1] += (rate.bytes_per_ms - rate.local_per_ms) * ms;
            }
        }
    }

    /// What happens at one instant: every process has its turn, then the kernel threads.
    pub fn step(&mut self, now: Nanos, log: &mut Log) {
        for p in 0..self.processes.len() {
            let scenario = Rc::clone(&self.scenario);
            let task = &scenario.tasks[self.processes[p].entry];
            if self.processes[p].phase == Phase::Waiting && now >= process::ms(task.from_ms) {
                self.begin(p, task, now, log);
            }
            let leaves = task.until_ms < scenario.duration_ms;
            if leaves && self.processes[p].is_alive() && now >= process::ms(task.until_ms) {
                self.end(p, Phase::Gone);
                tell::exit(log, now, &self.processes[p]);
            }
            if task.move_ms > 0 && now >= process::ms(task.move_ms) && !self.processes[p].moved {
                self.relocate(p, task, now, log);
            }
            if self.processes[p].phase == Phase::Touching {
                self.touch(p, task, now, log);
            }
            if self.scenario.numa_balancing != 0 && self.processes[p].is_alive() && process::is_balanced(task) {
                self.balance(p, task, now, log);
            }
        }
        for node in 0..self.memory.nodes() {
            let mut freed = self.freed[node].take();
            if self.memory.kswapd[node] {
                freed = Some(freed.unwrap_or(0) + self.memory.run_kswapd(node));
            }
            if let Some(freed) = freed.filter(|_| !self.awake[node]) {
                tell::kswapd(log, now, node, freed);
            }
            self.awake[node] = freed.is_some();
        }
        if std::mem::take(&mut self.stale) {
            self.rates = self.measure();
        }
    }

    fn begin(&mut self, p: usize, task: &Task, now: Nanos, log: &mut Log) {
        let topology = self.memory.topology();
        let with_memory = Mask::of((0..self.memory.nodes()).filter(|n| topology.has_memory[*n]));
        let mask = Mask::of((0..task.mask.len()).filter(|node| task.mask[*node] != 0));
        let process = &mut self.processes[p];
        match task.policy.check(self.rules, mask, with_memory) {
            Ok(mask) => {
                process.mask = mask;
                process.phase = Phase::Touching;
                tell::start(log, now, process, task);
            }
            Err(errno) => {
                process.phase = Phase::Refused;
                tell::refused(log, now, process, task, errno);
            }
        }
    }

    /// Gives everything back.
    fn end(&mut self, p: usize, phase: Phase) {
        let process = &mut self.processes[p];
        for (zone, held) in process.held(self.memory.zones.len()).into_iter().enumerate() {
            self.memory.release(zone, held);
        }
        for cell in &mut process.cells {
            cell.held.fill(0);
            cell.touched = 0;
        }
        process.phase = phase;
        self.stale = true;
    }

    fn relocate(&mut self, p: usize, task: &Task, now: Nanos, log: &mut Log) {
        let cpus = self.cpu_node.len() as i64;
        let process = &mut self.processes[p];
        process.moved = true;
        if !process.is_alive() {
            return;
        }
        for (t, thread) in process.threads.iter_mut().enumerate() {
            thread.cpu = ((task.move_cpu + t as i64 * task.cpu_step) % cpus) as usize;
        }
        self.stale = true;
        let cpu = process.threads.first().map_or(0, |thread| thread.cpu);
        tell::moved(log, now, process, cpu, self.cpu_node[cpu]);
    }

    /// Touches what a process gets to in one step.
    fn touch(&mut self, p: usize, task: &Task, now: Nanos, log: &mut Log) {
        self.stale = true;
        let process = &mut self.processes[p];
        let share = task.touch_mib_s * PAGES_PER_MIB * self.scenario.step_ms + process.carry;
        process.carry = share % 1000;
        let quota = share / 1000;
        let threads = process.threads.len();
        let before = self.memory.counters.iter().map(|c| c.numa_foreign).collect::<Vec<_>>();
        let reclaimed = self.memory.reclaimed[0];
        let mut exhausted = false;
        if task.first_touch == FirstTouch::Main || task.memory == Kind::File {
            exhausted = self.touch_part(p, task, None, quota);
        } else {
            for thread in 0..threads {
                let part = quota * (thread as i64 + 1) / threads as i64 - quota * thread as i64 / threads as i64;
                exhausted |= self.touch_part(p, task, Some(thread), part);
            }
        }
        let reclaims = self.memory.reclaimed[0] > reclaimed;
        let before_too = std::mem::replace(&mut self.processes[p].reclaims, reclaims);
        if reclaims && !before_too {
            tell::zone_reclaim(log, now, &self.processes[p], self.memory.reclaimed[0] - reclaimed);
        }
        let spilled = (0..before.len()).filter(|n| self.memory.counters[*n].numa_foreign > before[*n]);
        for wanted in Mask::of(spilled).nodes() {
            if !self.processes[p].spilled.has(wanted) {
                let known = self.processes[p].spilled;
                self.processes[p].spilled = Mask::of(known.nodes().chain([wanted]));
                let pages = self.memory.counters[wanted].numa_foreign - before[wanted];
                let free = self.memory.sum(wanted, |zone| zone.free);
                tell::spill(log, now, &self.processes[p], wanted, pages, free);
            }
        }
        let process = &mut self.processes[p];
        if process.cells.iter().all(|cell| cell.touched == cell.pages) {
            process.phase = Phase::Reading;
            tell::touched(log, now, process, &self.memory);
        }
        if exhausted {
            self.vmstat.oom_kill += 1;
            let (process, mask) = (&self.processes[p], self.processes[p].mask);
            tell::oom(log, now, process, task, mask, &self.memory);
            self.end(p, Phase::Killed);
        }
    }

    /// Touches pages of one thread's cells, or of all; true when memory is exhausted.
    fn touch_part(&mut self, p: usize, task: &Task, thread: Option<usize>, quota: i64) -> bool {
        let mut left = quota;
        let process = &mut self.processes[p];
        let mut index = process.first_page;
        for cell in &mut process.cells {
            let start = index;
            index += cell.pages as u64;
            if left == 0 {
                break;
            }
            if thread.is_some_and(|thread| cell.thread != thread) {
                continue;
            }
            let toucher = &process.threads[process::toucher(task, cell)];
            let order = Order {
                rules: self.rules,
                policy: task.policy,
                mask: process.mask,
                weights: &self.weights,
                cpu: self.cpu_node[toucher.cpu],
            };
            while left > 0 && cell.touched < cell.pages {
                let n = left.min(cell.pages - cell.touched).min(BATCH);
                let at = start + cell.touched as u64;
                let placed = if task.memory == Kind::File {
                    let mut read = vec![0; self.memory.zones.len()];
                    let turn = &mut self.turns[p];
                    let placed =
                        place::place_by_turn(&mut self.memory, &order, turn, n, &mut |zone, pages| read[zone] += pages);
                    for (zone, pages) in self.memory.zones.iter_mut().zip(read) {
                        zone.cache += pages;
                    }
                    placed
                } else {
                    let held = &mut cell.held;
                    place::place(&mut self.memory, &order, at, n, &mut |zone, pages| held[zone] += pages)
                };
                cell.touched += placed;
                left -= placed;
                if placed < n {
                    return true;
                }
                for (node, freed) in self.freed.iter_mut().enumerate() {
                    if self.memory.kswapd[node] {
                        *freed = Some(freed.unwrap_or(0) + self.memory.run_kswapd(node));
                    }
                }
            }
        }
        false
    }

    /// What every thread gets, now that something changed.
    fn measure(&self) -> Vec<Vec<Rate>> {
        let s = &*self.scenario;
        let nodes = self.memory.nodes();
        let mut readers = Vec::new();
        let mut whose = Vec::new();
        for (p, process) in self.processes.iter().enumerate() {
            let task = self.task(process);
            if process.phase != Phase::Reading || !process::reads(task) {
                continue;
            }
            for (t, thread) in process.threads.iter().enumerate() {
                let mut pages = vec![0; nodes];
                for cell in process::read_by(task, process, t) {
                    for (zone, held) in cell.held.iter().enumerate() {
                        pages[self.memory.zones[zone].node] += held;
                    }
                }
                readers.push(Reader {
                    node: self.cpu_node[thread.cpu],
                    pages,
                    outstanding: task.outstanding as u64,
                    demand: task.demand_mb_s as u64 * 1000,
                });
                whose.push((p, t));
            }
        }
        let machine = Machine {
            distance: &self.memory.topology().distance,
            latency_ns: s.latency_ns as u64,
            node_bandwidth: s.node_bandwidth as u64 * 1000,
            link_bandwidth: s.link_bandwidth as u64 * 1000,
        };
        let mut all: Vec<Vec<Rate>> =
            self.processes.iter().map(|process| vec![Rate::default(); process.threads.len()]).collect();
        for ((p, t), rate) in whose.into_iter().zip(cost::rates(&machine, &readers)) {
            all[p][t] = rate;
        }
        all
    }
}
