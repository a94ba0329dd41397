//! The model itself: the engine driven through time.

use std::rc::Rc;

use super::engine::Engine;
use super::process::{self, PAGES_PER_MIB, Phase};
use super::scenario::{Scenario, Sharing};
use super::{Rules, contract, files, params, presets};
use crate::model::{Files, Metric, Model, Preset};
use crate::scenario::{Problem, Problems, Valid};
use crate::{Contract, Json, KernelVersion, Log, Nanos, Text};

/// The memory of one machine of several nodes over time.
#[derive(Clone, Debug)]
pub struct NumaPolicy {
    scenario: Rc<Scenario>,
    now: Nanos,
    next: Nanos,
    rules: Rules,
    engine: Engine,
}

impl NumaPolicy {
    /// The kernel whose rules apply.
    pub fn kernel(&self) -> KernelVersion {
        self.scenario.kernel
    }

    /// The rules that apply.
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// The scenario that runs.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The machine as it is now.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Pages of processes on a node.
    pub fn task_pages(&self, node: usize) -> i64 {
        let zones = self.engine.memory.zones_of(node);
        let of = |p: &process::Process| {
            p.cells.iter().map(|cell| zones.iter().filter_map(|z| cell.held.get(*z)).sum::<i64>()).sum::<i64>()
        };
        self.engine.processes.iter().map(of).sum()
    }

    /// Bytes all threads read in a ms: from their own node, and from others.
    pub fn throughput(&self) -> (u64, u64) {
        let rates = self.engine.rates.iter().flatten();
        rates.fold((0, 0), |(local, remote), rate| {
            (local + rate.local_per_ms, remote + rate.bytes_per_ms - rate.local_per_ms)
        })
    }

    /// Bytes read in a ms, by the node of the CPU and then by the node of the memory.
    pub fn traffic(&self) -> Vec<Vec<u64>> {
        let nodes = self.engine.memory.nodes();
        let mut traffic = vec![vec![0; nodes]; nodes];
        for (process, rates) in self.engine.processes.iter().zip(&self.engine.rates) {
            let task = self.engine.task(process);
            for (t, (thread, rate)) in process.threads.iter().zip(rates).enumerate() {
                if rate.bytes_per_ms == 0 {
                    continue;
                }
                let mut pages = vec![0_i64; nodes];
                for cell in process::read_by(task, process, t) {
                    for (zone, held) in cell.held.iter().enumerate() {
                        pages[self.engine.memory.zones[zone].node] += held;
                    }
                }
                let total = pages.iter().sum::<i64>().max(1) as u128;
                let from = self.engine.node_of(thread.cpu);
                for (to, pages) in pages.into_iter().enumerate() {
                    traffic[from][to] += (u128::from(rate.bytes_per_ms) * pages as u128 / total) as u64;
                }
            }
        }
        traffic
    }

    /// Pages of processes by whether they lie on the node of the CPU that reads them: those that
    /// do, and those that do not. A page that several threads read counts in parts.
    pub fn local_and_remote(&self) -> (i64, i64) {
        let (mut local, mut all) = (0, 0);
        let nodes = self.engine.memory.nodes();
        for process in &self.engine.processes {
            let shared = self.engine.task(process).sharing == Sharing::Shared;
            let mut threads = vec![0_i64; nodes];
            for thread in &process.threads {
                threads[self.engine.node_of(thread.cpu)] += 1;
            }
            // Cells of one thread count whole; shared ones are summed before they are divided.
            let mut common = 0;
            for cell in &process.cells {
                let reader = process.threads.get(cell.thread).map(|thread| self.engine.node_of(thread.cpu));
                for (zone, held) in cell.held.iter().enumerate() {
                    let node = self.engine.memory.zones[zone].node;
                    all += held;
                    if shared {
                        common += held * threads[node];
                    } else if reader == Some(node) {
                        local += held;
                    }
                }
            }
            local += common / process.threads.len().max(1) as i64;
        }
        (local, all - local)
    }

    /// Mean latency of the accesses that are made now, ns; 0 when nobody reads.
    pub fn latency_ns(&self) -> u64 {
        let (mut bytes, mut weighted) = (0_u128, 0_u128);
        for rate in self.engine.rates.iter().flatten() {
            bytes += u128::from(rate.bytes_per_ms);
            weighted += u128::from(rate.bytes_per_ms) * u128::from(rate.latency_ns);
        }
        (weighted / bytes.max(1)) as u64
    }
}

impl Model for NumaPolicy {
    const NAME: &'static str = "numa-policy";
    const VERSION: u32 = 1;
    type Scenario = Scenario;

    fn title() -> Text {
        Text::fixed("NUMA 메모리 할당 정책", "NUMA memory policies")
    }

    fn contract() -> Contract {
        contract::contract()
    }

    fn presets() -> Vec<Preset<Scenario>> {
        presets::presets()
    }

    fn metrics_list() -> &'static [Metric] {
        METRICS
    }

    fn read_scenario(json: &Json, problems: &mut Problems) -> Scenario {
        params::read(json, problems)
    }

    fn write_scenario(scenario: &Scenario) -> Json {
        params::write(scenario)
    }

    fn problems(scenario: &Scenario) -> Vec<Problem> {
        params::problems(scenario)
    }

    fn start(scenario: &Valid<NumaPolicy>) -> NumaPolicy {
        let scenario: Rc<Scenario> = Rc::new((**scenario).clone().complete());
        let rules = Rules::of(scenario.kernel).expect("a valid scenario names a modelled kernel");
        NumaPolicy { now: 0, next: 0, rules, engine: Engine::new(Rc::clone(&scenario), rules), scenario }
    }

    fn now(&self) -> Nanos {
        self.now
    }

    fn ends(&self) -> Nanos {
        process::ms(self.scenario.duration_ms)
    }

    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
        let to = to.min(self.ends());
        let before = log.events().len();
        while self.next <= to {
            if self.next > 0 {
                self.engine.pass_time(process::ms(self.scenario.step_ms));
            }
            self.now = self.next;
            self.engine.step(self.now, log);
            self.next += process::ms(self.scenario.step_ms);
            if log.events().len() > before {
                return true;
            }
        }
        self.now = to.max(self.now);
        false
    }

    fn metrics(&self) -> Vec<i64> {
        let memory = &self.engine.memory;
        let sum = |what: fn(&super::memory::Counters) -> u64| memory.counters.iter().map(what).sum::<u64>() as i64;
        let (local, remote) = self.throughput();
        let read: [u64; 2] =
            self.engine.processes.iter().fold([0, 0], |sum, p| [sum[0] + p.read[0], sum[1] + p.read[1]]);
        let alive = |phase| self.engine.processes.iter().filter(|p| p.phase == phase).count() as i64;
        let (here, there) = self.local_and_remote();
        let mut metrics = vec![
            here / PAGES_PER_MIB,
            there / PAGES_PER_MIB,
            sum(|c| c.numa_hit),
            sum(|c| c.numa_miss),
            sum(|c| c.interleave_hit),
            sum(|c| c.local_node),
            sum(|c| c.other_node),
            // Rates are cut to whole bytes: to the nearest.
            ((local * 1000 + (local + remote) / 2) / (local + remote).max(1)) as i64,
            ((local + remote) / 1000) as i64,
            (remote / 1000) as i64,
            self.latency_ns() as i64,
            (read[0] >> 20) as i64,
            (read[1] >> 20) as i64,
            self.engine.vmstat.pages_migrated as i64,
            self.engine.vmstat.oom_kill as i64,
            alive(Phase::Touching) + alive(Phase::Reading),
        ];
        metrics.extend((0..params::MAX_NODES).map(|node| match node < memory.nodes() {
            true => memory.sum(node, |zone| zone.free) / PAGES_PER_MIB,
            false => 0,
        }));
        metrics
    }

    fn footprint(&self) -> usize {
        let zones = self.engine.memory.zones.len() * size_of::<i64>();
        let cells: usize = self.engine.processes.iter().map(|process| process.cells.len()).sum();
        let threads: usize = self.engine.processes.iter().map(|process| process.threads.len()).sum();
        let nodes = self.engine.memory.nodes() * size_of::<i64>();
        size_of::<Self>()
            + cells * (size_of::<process::Cell>() + zones)
            + threads * (size_of::<process::Thread>() + 4 * nodes)
            + self.engine.processes.len() * size_of::<process::Process>()
    }

    fn files(&self) -> Files {
        files::all(self)
    }
}

const fn metric(name: &'static str, label: Text, unit: &'static str, scale: i64) -> Metric {
    Metric { name, label, unit, scale }
}

/// Order as in [`NumaPolicy::metrics`].
const METRICS: &[Metric] = &[
    metric(
        "local_mib",
        Text::fixed("읽는 CPU와 같은 노드에 있는 메모리", "Memory on the node of its reader"),
        "MiB",
        1,
    ),
    metric("remote_mib", Text::fixed("다른 노드에 있는 메모리", "Memory on another node"), "MiB", 1),
    metric("numa_hit", Text::fixed("원한 노드에 놓인 페이지", "Pages placed where wanted"), "", 1),
    metric("numa_miss", Text::fixed("다른 노드로 밀려난 페이지", "Pages placed on another node"), "", 1),
    metric("interleave_hit", Text::fixed("차례인 노드에 놓인 페이지", "Pages placed in their turn"), "", 1),
    metric("local_node", Text::fixed("같은 노드의 CPU가 할당한 페이지", "Pages allocated from their own node"), "", 1),
    metric("other_node", Text::fixed("다른 노드의 CPU가 할당한 페이지", "Pages allocated from other nodes"), "", 1),
    metric("local_share", Text::fixed("로컬 접근의 비율", "Share of local accesses"), "%", 10),
    metric("throughput", Text::fixed("읽는 속도", "Read rate"), "MB/s", 1),
    metric("remote_throughput", Text::fixed("그중 리모트", "Of it, remote"), "MB/s", 1),
    metric("latency", Text::fixed("평균 접근 지연", "Mean access latency"), "ns", 1),
    metric("read_local", Text::fixed("지금까지 로컬에서 읽은 양", "Read locally so far"), "MiB", 1),
    metric("read_remote", Text::fixed("지금까지 리모트에서 읽은 양", "Read remotely so far"), "MiB", 1),
    metric("numa_pages_migrated", Text::fixed("자동 밸런싱이 옮긴 페이지", "Pages moved by balancing"), "", 1),
    metric("oom_kill", Text::fixed("OOM으로 죽은 프로세스", "Processes killed (OOM)"), "", 1),
    metric("processes", Text::fixed("살아 있는 프로세스", "Processes alive"), "", 1),
    metric("node0_free", Text::fixed("노드 0의 남은 메모리", "Free on node 0"), "MiB", 1),
    metric("node1_free", Text::fixed("노드 1의 남은 메모리", "Free on node 1"), "MiB", 1),
    metric("node2_free", Text::fixed("노드 2의 남은 메모리", "Free on node 2"), "MiB", 1),
    metric("node3_free", Text::fixed("노드 3의 남은 메모리", "Free on node 3"), "MiB", 1),
    metric("node4_free", Text::fixed("노드 4의 남은 메모리", "Free on node 4"), "MiB", 1),
    metric("node5_free", Text::fixed("노드 5의 남은 메모리", "Free on node 5"), "MiB", 1),
    metric("node6_free", Text::fixed("노드 6의 남은 메모리", "Free on node 6"), "MiB", 1),
    metric("node7_free", Text::fixed("노드 7의 남은 메모리", "Free on node 7"), "MiB", 1),
];
