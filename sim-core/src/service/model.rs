//! The model itself: the engine driven through time.

use std::rc::Rc;

use super::engine::{Engine, Happening, Stage, Visitor};
use super::ports::Ports;
use super::scenario::{Bounds, Scenario};
#[cfg(test)]
use super::window::Areas;
use super::window::Measured;
use super::{Rules, contract, files, params, presets, tell};
use crate::model::{Files, Log, Metric, Model, Preset};
use crate::scenario::{Problem, Problems, Valid};
use crate::{Contract, Json, MILLISECOND, Nanos, Text};

/// A service, its visitors and its backend over time.
#[derive(Clone, Debug)]
pub struct Service {
    scenario: Rc<Scenario>,
    rules: Rules,
    engine: Engine,
}

impl Service {
    /// The scenario that runs.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The rules that apply.
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// Every visitor and where it is.
    pub fn visitors(&self) -> &[Visitor] {
        self.engine.visitors()
    }

    /// How many are at a stage.
    pub fn at_stage(&self, stage: Stage) -> u64 {
        self.visitors().iter().filter(|visitor| visitor.stage == stage).count() as u64
    }

    /// Who waits for a worker, first come first.
    pub fn waiting(&self) -> impl Iterator<Item = u16> + '_ {
        self.engine.queue().iter().copied()
    }

    /// Visits that wait for a worker.
    pub fn queue_len(&self) -> u64 {
        self.engine.queue().len() as u64
    }

    /// Most that may wait where each visit comes on a connection of its own.
    pub fn queue_room(&self) -> u64 {
        self.engine.room() as u64
    }

    /// Workers that have a visit.
    pub fn busy_workers(&self) -> u64 {
        self.engine.busy()
    }

    /// CPUs that compute.
    pub fn running_cpus(&self) -> u64 {
        self.engine.running()
    }

    /// Connections to the backend that are open.
    pub fn connections(&self) -> u64 {
        self.engine.connections()
    }

    /// Sockets in TIME_WAIT towards the backend.
    pub fn time_waits(&self) -> u64 {
        self.ports().time_waits()
    }

    pub(super) fn ports(&self) -> &Ports {
        self.engine.ports()
    }

    /// Local ports towards the backend.
    pub fn all_ports(&self) -> u64 {
        (if self.scenario.ports == 0 { self.rules.ports() } else { self.scenario.ports }) as u64
    }

    /// SYNs dropped at a full queue.
    pub fn overflows(&self) -> u64 {
        self.engine.counters().overflows
    }

    /// The last window that is over.
    pub fn window(&self) -> Measured {
        self.engine.windows().last
    }

    /// All that began after the first second.
    pub fn whole(&self) -> Measured {
        let (cpus, workers) = (self.scenario.cpus as u64, self.scenario.workers as u64);
        self.engine.windows().whole.measured(self.now(), cpus, workers)
    }

    /// Integrals since the first second, and the latencies of what began since, all together, ns.
    #[cfg(test)]
    pub(super) fn areas(&self) -> (Areas, u64) {
        let whole = &self.engine.windows().whole;
        (whole.areas, whole.latency.sum())
    }

    /// Length of a window, ns.
    pub fn window_length(&self) -> Nanos {
        self.engine.windows().length
    }

    /// What service times alone say of it.
    pub fn bounds(&self) -> Bounds {
        self.scenario.bounds()
    }
}

impl Model for Service {
    const NAME: &'static str = "service";
    const VERSION: u32 = 1;

    type Scenario = Scenario;

    fn title() -> Text {
        Text::fixed("닫힌 고리의 서비스", "A service in a closed loop")
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

    fn start(scenario: &Valid<Service>) -> Service {
        let rules = Rules::of(scenario.kernel).expect("a valid scenario names a modelled kernel");
        let scenario: Rc<Scenario> = Rc::new((**scenario).clone());
        Service { engine: Engine::new(scenario.clone(), rules), rules, scenario }
    }

    fn now(&self) -> Nanos {
        self.engine.now()
    }

    fn ends(&self) -> Nanos {
        self.scenario.duration_ms as u64 * MILLISECOND
    }

    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
        let to = to.min(self.ends());
        let mut happened = Vec::new();
        loop {
            // An instant is not left half done, and not one past the first that has events.
            let next = self.engine.next();
            if next > to || (!happened.is_empty() && next > self.now()) {
                break;
            }
            self.engine.pass(next.max(self.now()));
            self.engine.turn(&mut happened);
        }
        if happened.is_empty() {
            self.engine.pass(to.max(self.now()));
            return false;
        }
        for what in happened {
            tell::push(self, what, log);
        }
        true
    }

    fn metrics(&self) -> Vec<i64> {
        let (window, whole, counters) = (self.window(), self.whole(), self.engine.counters());
        [
            window.per_1000_s,
            window.p50,
            window.p95,
            window.p99,
            self.queue_len(),
            self.busy_workers(),
            window.cpu,
            window.workers,
            self.time_waits(),
            self.connections(),
            counters.answered,
            counters.failed,
            counters.first_failed,
            counters.overflows,
            counters.opened,
            whole.per_1000_s,
            whole.mean,
            whole.p50,
            whole.p95,
            whole.p99,
            whole.cpu,
            whole.workers,
        ]
        .map(|value| i64::try_from(value).unwrap_or(i64::MAX))
        .to_vec()
    }

    fn files(&self) -> Files {
        files::all(self)
    }

    fn footprint(&self) -> usize {
        self.engine.footprint()
    }
}

impl Happening {
    /// What kind of event it is.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Happening::Waits { .. } => "wait",
            Happening::Dropped { .. } => "drop",
            Happening::Begins { .. } => "begin",
            Happening::NoPort { .. } => "no-port",
            Happening::Answered { .. } => "answer",
            Happening::Returned { .. } => "return",
            Happening::Window => "window",
        }
    }
}

const fn metric(name: &'static str, ko: &'static str, en: &'static str, unit: &'static str, scale: i64) -> Metric {
    Metric { name, label: Text::fixed(ko, en), unit, scale }
}

const MS: i64 = 1_000_000;

/// Order as in [`Service::metrics`].
const METRICS: &[Metric] = &[
    metric("throughput", "처리량(지난 구간)", "Throughput (last window)", "/s", 1000),
    metric("p50", "p50 지연 시간(지난 구간)", "p50 latency (last window)", "ms", MS),
    metric("p95", "p95 지연 시간(지난 구간)", "p95 latency (last window)", "ms", MS),
    metric("p99", "p99 지연 시간(지난 구간)", "p99 latency (last window)", "ms", MS),
    metric("queue", "워커를 기다리는 요청", "Visits waiting for a worker", "", 1),
    metric("busy_workers", "일하는 워커", "Busy workers", "", 1),
    metric("cpu", "CPU 사용률(지난 구간)", "CPU used (last window)", "%", 10),
    metric("workers", "워커 사용률(지난 구간)", "Workers used (last window)", "%", 10),
    metric("time_wait", "백엔드로 가는 TIME_WAIT", "TIME_WAITs towards the backend", "", 1),
    metric("connections", "백엔드로 열린 연결", "Open connections to the backend", "", 1),
    metric("answered", "응답한 요청", "Visits answered", "", 1),
    metric("failed", "실패한 요청", "Visits failed", "", 1),
    metric("first_failed", "첫 실패의 시각", "Time of the first failure", "s", 1_000_000_000),
    metric("overflows", "버려진 SYN(ListenOverflows)", "SYNs dropped (ListenOverflows)", "", 1),
    metric("opened", "백엔드로 연 연결", "Connections to the backend opened", "", 1),
    metric("throughput_all", "처리량(1초부터)", "Throughput (since 1 s)", "/s", 1000),
    metric("mean_all", "평균 지연 시간(1초부터)", "Mean latency (since 1 s)", "ms", MS),
    metric("p50_all", "p50 지연 시간(1초부터)", "p50 latency (since 1 s)", "ms", MS),
    metric("p95_all", "p95 지연 시간(1초부터)", "p95 latency (since 1 s)", "ms", MS),
    metric("p99_all", "p99 지연 시간(1초부터)", "p99 latency (since 1 s)", "ms", MS),
    metric("cpu_all", "CPU 사용률(1초부터)", "CPU used (since 1 s)", "%", 10),
    metric("workers_all", "워커 사용률(1초부터)", "Workers used (since 1 s)", "%", 10),
];
