//! The model itself: the engine driven through time by the scenario.

use std::rc::Rc;

use super::bandwidth::Bandwidth;
use super::engine::Engine;
use super::scenario::Scenario;
use super::task::{Doing, TaskState};
use super::{Rules, contract, files, params, presets};
use crate::model::{Files, Log, Metric, Model, Preset};
use crate::scenario::{Problem, Problems, Valid};
use crate::{Contract, Json, KernelVersion, MILLISECOND, Nanos, Text, mul_div};

/// Tasks on CPUs over time.
#[derive(Clone, Debug)]
pub struct CpuShares {
    pub(super) scenario: Rc<Scenario>,
    pub(super) engine: Engine,
}

impl CpuShares {
    /// The kernel whose rules apply.
    pub fn kernel(&self) -> KernelVersion {
        self.scenario.kernel
    }

    /// The scenario it runs.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    pub(super) fn exec(&self, task: usize) -> u64 {
        self.engine.tasks.get(task).map_or(0, |task| task.cpu_ns)
    }

    /// When a task was done, ns; 0 while it is not.
    fn ended(&self, task: usize) -> u64 {
        match self.engine.tasks.get(task).map(|task| task.doing) {
            Some(Doing::Dead(at)) => at,
            _ => 0,
        }
    }

    fn quotas(&self, of: impl Fn(&Bandwidth) -> u64) -> i64 {
        let limited = self.engine.fair.bandwidth.iter().filter(|bandwidth| bandwidth.quota.is_some());
        limited.map(of).sum::<u64>() as i64
    }
}

impl Model for CpuShares {
    const NAME: &'static str = "cpu-shares";
    const VERSION: u32 = 1;
    type Scenario = Scenario;

    fn title() -> Text {
        Text::fixed("CPU 시간 나누기", "Sharing the CPU")
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

    fn start(scenario: &Valid<CpuShares>) -> CpuShares {
        let rules = Rules::of(scenario.kernel).expect("a valid scenario names a modelled kernel");
        CpuShares { engine: Engine::new(scenario, rules), scenario: Rc::new(Scenario::clone(scenario)) }
    }

    fn now(&self) -> Nanos {
        self.engine.now()
    }

    fn ends(&self) -> Nanos {
        self.scenario.duration_ms as u64 * MILLISECOND
    }

    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
        let to = to.min(self.ends());
        while let Some(t) = self.engine.next(&self.scenario).filter(|t| *t <= to) {
            self.engine.pass(t);
            self.engine.work(&self.scenario);
            let told = self.engine.take_told();
            for told in &told {
                log.push(t, told.kind(), || self.why(told));
            }
            if !told.is_empty() {
                return true;
            }
        }
        self.engine.pass(to);
        false
    }

    fn metrics(&self) -> Vec<i64> {
        let (now, tasks) = (self.now(), &self.engine.tasks);
        let exec: Vec<u64> = (0..4).map(|task| self.exec(task)).collect();
        let percent = |of: u64, all: u64| mul_div(of, 10_000, all) as i64;
        let used: u64 = tasks.iter().map(|task| task.cpu_ns).sum();
        let all = now * self.scenario.cpus as u64;
        let wakeups: u64 = tasks.iter().map(|task| task.wakeups).sum();
        let latency: u64 = tasks.iter().map(|task| task.latency_sum).sum();
        let most = |of: fn(&TaskState) -> u64| tasks.iter().map(of).max().unwrap_or(0) as i64;
        let mut values: Vec<i64> = exec.iter().map(|ns| *ns as i64).collect();
        values.extend(exec.iter().map(|ns| percent(*ns, now)));
        values.extend([
            mul_div(exec[0], 1000, exec[1]) as i64,
            self.ended(0) as i64,
            self.ended(1) as i64,
            wakeups as i64,
            latency.checked_div(wakeups).unwrap_or(0) as i64,
            most(|task| task.latency_max),
            most(|task| task.response_max),
            self.engine.cpus.iter().map(|cpu| cpu.nr_switches).sum::<u64>() as i64,
            percent(all.saturating_sub(used), all),
            self.quotas(|quota| quota.nr_periods),
            self.quotas(|quota| quota.nr_throttled),
            self.quotas(|quota| quota.throttled_time),
        ]);
        values
    }

    fn files(&self) -> Files {
        files::all(self)
    }

    fn footprint(&self) -> usize {
        let fair = &self.engine.fair;
        size_of::<Self>()
            + size_of_val(fair.entities.as_slice())
            + size_of_val(fair.rqs.as_slice())
            + size_of_val(self.engine.tasks.as_slice())
            + size_of_val(self.engine.cpus.as_slice())
    }
}

const fn metric(name: &'static str, label: Text, unit: &'static str, scale: i64) -> Metric {
    Metric { name, label, unit, scale }
}

const MS: i64 = MILLISECOND as i64;

/// Order as in [`CpuShares::metrics`].
const METRICS: &[Metric] = &[
    metric("exec_a", Text::fixed("A의 CPU 시간", "CPU time of A"), "ms", MS),
    metric("exec_b", Text::fixed("B의 CPU 시간", "CPU time of B"), "ms", MS),
    metric("exec_c", Text::fixed("C의 CPU 시간", "CPU time of C"), "ms", MS),
    metric("exec_d", Text::fixed("D의 CPU 시간", "CPU time of D"), "ms", MS),
    metric("share_a", Text::fixed("A의 %CPU(처음부터)", "%CPU of A since the start"), "%", 100),
    metric("share_b", Text::fixed("B의 %CPU(처음부터)", "%CPU of B since the start"), "%", 100),
    metric("share_c", Text::fixed("C의 %CPU(처음부터)", "%CPU of C since the start"), "%", 100),
    metric("share_d", Text::fixed("D의 %CPU(처음부터)", "%CPU of D since the start"), "%", 100),
    metric("ratio_ab", Text::fixed("A와 B의 CPU 시간 비", "CPU time of A to that of B"), "", 1000),
    metric("end_a", Text::fixed("A가 끝난 시각", "When A was done"), "ms", MS),
    metric("end_b", Text::fixed("B가 끝난 시각", "When B was done"), "ms", MS),
    metric("wakeups", Text::fixed("깨어나서 실행된 횟수", "Times a task ran after a sleep"), "", 1),
    metric("latency_mean", Text::fixed("깨어나서 실행되기까지, 평균", "From waking to running, mean"), "ms", MS),
    metric("latency_max", Text::fixed("깨어나서 실행되기까지, 최대", "From waking to running, longest"), "ms", MS),
    metric("response_max", Text::fixed("깨어나서 일을 마치기까지, 최대", "From waking to done, longest"), "ms", MS),
    metric("nr_switches", Text::fixed("문맥 교환", "Context switches"), "", 1),
    metric("idle", Text::fixed("쉰 CPU 시간", "CPU time idle"), "%", 100),
    metric("nr_periods", Text::fixed("cpu.max 주기", "Periods of cpu.max"), "", 1),
    metric("nr_throttled", Text::fixed("멈춘 주기", "Periods throttled"), "", 1),
    metric("throttled_time", Text::fixed("멈춘 시간", "Time throttled"), "ms", MS),
];
