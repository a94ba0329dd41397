//! The model itself: the engine driven through time.

use std::rc::Rc;

use super::engine::{Engine, State, ms};
use super::scenario::Scenario;
use super::{Rules, contract, files, json, params, presets};
use crate::model::{Files, Metric, Model, Preset};
use crate::scenario::{Problem, Problems, Valid};
use crate::{Contract, Json, Log, Nanos, Text};

/// Promises and memory of one machine over time.
#[derive(Clone, Debug)]
pub struct Commit {
    scenario: Rc<Scenario>,
    now: Nanos,
    engine: Engine,
}

impl Commit {
    /// The scenario that runs.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The machine as it is now.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// CommitLimit, pages.
    pub fn limit(&self) -> u64 {
        self.engine.policy().limit(&self.engine.machine())
    }
}

impl Model for Commit {
    const NAME: &'static str = "commit";
    const VERSION: u32 = 1;
    type Scenario = Scenario;

    fn title() -> Text {
        Text::fixed("메모리 약속(commit)과 OOM", "Promised memory (commit) and OOM")
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
        json::read(json, problems)
    }

    fn write_scenario(scenario: &Scenario) -> Json {
        json::write(scenario)
    }

    fn problems(scenario: &Scenario) -> Vec<Problem> {
        params::problems(scenario)
    }

    fn start(scenario: &Valid<Commit>) -> Commit {
        let scenario: Rc<Scenario> = Rc::new((**scenario).clone());
        let rules = Rules::of(scenario.kernel).expect("a valid scenario names a modelled kernel");
        Commit { now: 0, engine: Engine::new(Rc::clone(&scenario), rules), scenario }
    }

    fn now(&self) -> Nanos {
        self.now
    }

    fn ends(&self) -> Nanos {
        ms(self.scenario.duration_ms)
    }

    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
        let to = to.min(self.ends());
        let before = log.events().len();
        while let Some(next) = self.engine.next().filter(|next| *next <= to) {
            self.engine.step(next, log);
            self.now = next;
            if log.events().len() > before {
                return true;
            }
        }
        self.now = to.max(self.now);
        false
    }

    fn metrics(&self) -> Vec<i64> {
        let engine = &self.engine;
        let (anon, swapped) = engine.used();
        let alive = engine.processes().iter().filter(|process| process.state == State::Alive).count();
        let rss: u64 = (0..engine.processes().len()).map(|who| engine.rss(who)).sum();
        [
            engine.committed(),
            self.limit(),
            anon + engine.shmem(),
            engine.free(),
            engine.cache(),
            swapped,
            rss,
            alive as u64,
            engine.refused,
            engine.oom_kills,
            engine.copied,
            engine.tables(),
            u64::from(engine.panicked),
        ]
        .map(|value| value as i64)
        .to_vec()
    }

    fn footprint(&self) -> usize {
        size_of::<Self>() + self.engine.footprint()
    }

    fn files(&self) -> Files {
        files::all(self)
    }
}

const fn metric(name: &'static str, label: Text, unit: &'static str, scale: i64) -> Metric {
    Metric { name, label, unit, scale }
}

/// Order as in [`Commit::metrics`].
const METRICS: &[Metric] = &[
    metric("committed", Text::fixed("약속한 메모리(Committed_AS)", "Promised (Committed_AS)"), "MiB", 256),
    metric("commit_limit", Text::fixed("약속의 한도(CommitLimit)", "Limit of promises (CommitLimit)"), "MiB", 256),
    metric("used", Text::fixed("프로세스가 실제로 쓰는 RAM", "RAM that processes really use"), "MiB", 256),
    metric("mem_free", Text::fixed("빈 메모리", "Free"), "MiB", 256),
    metric("cache", Text::fixed("페이지 캐시", "Page cache"), "MiB", 256),
    metric("swapped", Text::fixed("스왑에 있는 것", "In swap"), "MiB", 256),
    metric("rss_sum", Text::fixed("RES의 합", "Sum of RES"), "MiB", 256),
    metric("processes", Text::fixed("살아 있는 프로세스", "Processes alive"), "", 1),
    metric("refused", Text::fixed("거절된 요청", "Requests refused"), "", 1),
    metric("oom_kill", Text::fixed("OOM으로 죽은 프로세스", "Processes killed (OOM)"), "", 1),
    metric("copied", Text::fixed("쓰기가 복사한 페이지", "Pages that writes copied"), "pages", 1),
    metric("page_tables", Text::fixed("페이지 테이블", "Page tables"), "pages", 1),
    metric("panicked", Text::fixed("커널 패닉", "Kernel panic"), "", 1),
];
