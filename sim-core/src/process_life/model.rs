//! The model itself: the engine driven through time.

use std::rc::Rc;

use super::engine::{Engine, ms};
use super::scenario::Scenario;
use super::{Rules, contract, files, json, params, presets};
use crate::model::{Files, Metric, Model, Preset};
use crate::scenario::{Problem, Problems, Valid};
use crate::{Contract, Json, Log, Nanos, Text};

/// The processes of one machine over time.
#[derive(Clone, Debug)]
pub struct ProcessLife {
    scenario: Rc<Scenario>,
    now: Nanos,
    engine: Engine,
}

impl ProcessLife {
    /// The scenario that runs.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The machine as it is now.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}

impl Model for ProcessLife {
    const NAME: &'static str = "process-life";
    const VERSION: u32 = 1;
    type Scenario = Scenario;

    fn title() -> Text {
        Text::fixed("프로세스의 일생", "The life of processes")
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

    fn start(scenario: &Valid<ProcessLife>) -> ProcessLife {
        let scenario: Rc<Scenario> = Rc::new((**scenario).clone());
        let rules = Rules::of(scenario.kernel).expect("a valid scenario names a modelled kernel");
        ProcessLife { now: 0, engine: Engine::new(Rc::clone(&scenario), rules), scenario }
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
            // Whatever happens at one instant is done together: a moment has one state.
            while self.engine.next() == Some(next) {
                self.engine.step(log);
            }
            self.now = next;
            if log.events().len() > before {
                return true;
            }
        }
        self.now = to.max(self.now);
        self.engine.now = self.now;
        false
    }

    fn metrics(&self) -> Vec<i64> {
        let engine = &self.engine;
        let zombies = engine.count('Z');
        let (anon, file) = engine.used();
        let mut sum = [0; 3];
        for process in engine.processes().values() {
            let pages = engine.pages(process);
            sum[0] += pages.rss() as i64;
            sum[1] += pages.shared as i64;
            sum[2] += pages.virt as i64;
        }
        vec![
            engine.processes().len() as i64 - zombies,
            zombies,
            engine.count('D'),
            engine.count('R'),
            engine.count('T') + engine.count('t'),
            engine.nr_threads(),
            engine.pids_taken(),
            engine.last_pid(),
            engine.forks as i64,
            engine.refused as i64,
            engine.reaped as i64,
            engine.unwaited as i64,
            anon as i64,
            file as i64,
            sum[0],
            sum[1],
            sum[2],
            engine.copied as i64,
            engine.avenrun[0] as i64,
        ]
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

/// Order as in [`ProcessLife::metrics`].
const METRICS: &[Metric] = &[
    metric("alive", Text::fixed("살아 있는 프로세스", "Processes alive"), "", 1),
    metric("zombies", Text::fixed("좀비(Z)", "Zombies (Z)"), "", 1),
    metric("uninterruptible", Text::fixed("중단 불가 대기(D)", "In uninterruptible sleep (D)"), "", 1),
    metric("running", Text::fixed("실행 중(R)", "Running (R)"), "", 1),
    metric("stopped", Text::fixed("정지(T, t)", "Stopped (T, t)"), "", 1),
    metric("nr_threads", Text::fixed("스레드", "Threads"), "", 1),
    metric("pids", Text::fixed("쓰고 있는 PID", "PIDs taken"), "", 1),
    metric("last_pid", Text::fixed("마지막 PID", "Last PID"), "", 1),
    metric("forks", Text::fixed("지금까지 만든 것", "Forks so far"), "", 1),
    metric("refused", Text::fixed("실패한 fork", "Forks that failed"), "", 1),
    metric("reaped", Text::fixed("거둔 자식", "Children waited for"), "", 1),
    metric("unwaited", Text::fixed("기다림 없이 사라진 자식", "Children nobody had to wait for"), "", 1),
    metric("anon_pages", Text::fixed("RAM에 있는 익명 페이지", "Anonymous pages in RAM"), "pages", 1),
    metric("file_pages", Text::fixed("RAM에 있는 파일 페이지", "File pages in RAM"), "pages", 1),
    metric("rss_sum", Text::fixed("RES의 합", "Sum of RES"), "pages", 1),
    metric("shared_sum", Text::fixed("함께 쓰는 익명 페이지의 합", "Sum of shared anonymous pages"), "pages", 1),
    metric("virt_sum", Text::fixed("VIRT의 합", "Sum of VIRT"), "pages", 1),
    metric("copied", Text::fixed("쓰기가 복사한 페이지", "Pages that writes copied"), "pages", 1),
    metric("avenrun_1", Text::fixed("1분 부하 평균", "1-minute load average"), "", 2048),
];
