//! The model itself: the engine driven through time by the scenario.

use std::rc::Rc;

use super::engine::{CpuView, Engine, Happening, UPDATE_DELAY};
use super::files::{self, CpuTime};
use super::psi::{Psi, Stall};
use super::scenario::{Scenario, State};
use super::timeline::{self, Change};
use super::{Rules, contract, params, presets};
use crate::model::{Files, Log, Metric, Model, Preset};
use crate::scenario::{Problem, Problems, Valid};
use crate::{Contract, Json, KernelVersion, MILLISECOND, Nanos, SECOND, Text, mul_div, text};

/// The load average of one machine over time.
#[derive(Clone, Debug)]
pub struct LoadAverage {
    scenario: Rc<Scenario>,
    changes: Rc<[Change]>,
    next_change: usize,
    now: Nanos,
    /// Nanoseconds of a tick, and what is left over, in nanoseconds per `hz` ticks.
    tick: (Nanos, Nanos),
    engine: Engine,
    psi: Option<Psi>,
    times: Vec<CpuTime>,
    tasks_alive: i64,
    tasks_started: i64,
}

/// What comes next, in the order things at one instant are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Psi,
    IdleTimer,
    Change,
    Tick(u64),
}

impl LoadAverage {
    /// The kernel whose rules apply.
    pub fn kernel(&self) -> KernelVersion {
        self.scenario.kernel
    }

    /// The rules that apply.
    pub fn rules(&self) -> Rules {
        self.engine.rules()
    }

    /// The averages over 1, 5 and 15 minutes, in 1/2048 (`avenrun`).
    pub fn avenrun(&self) -> [u64; 3] {
        self.engine.avenrun
    }

    /// Active tasks as last folded (`calc_load_tasks`).
    pub fn calc_load_tasks(&self) -> i64 {
        self.engine.calc_load_tasks
    }

    /// Tasks on the run queues right now.
    pub fn nr_running(&self) -> i64 {
        self.engine.sum(|rq| rq.nr_running)
    }

    /// Uninterruptible sleepers right now.
    pub fn nr_uninterruptible(&self) -> i64 {
        self.engine.sum(|rq| rq.nr_uninterruptible)
    }

    /// Those of them that wait for a block device.
    pub fn nr_iowait(&self) -> i64 {
        self.engine.sum(|rq| rq.nr_iowait)
    }

    /// Threads on the machine.
    pub fn nr_threads(&self) -> i64 {
        self.scenario.nr_threads + self.tasks_alive
    }

    /// The PID given out last.
    pub fn last_pid(&self) -> i64 {
        self.scenario.last_pid + self.tasks_started
    }

    /// Every CPU as a picture shows it.
    pub fn cpus(&self) -> Vec<CpuView> {
        self.engine.cpus().collect()
    }

    /// Every change of state of the whole run, in the order of time.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// When the CPUs are sampled next.
    pub fn next_sample(&self) -> Nanos {
        self.tick_time(self.engine.calc_load_update)
    }

    /// Time between two samples.
    pub fn sample_period(&self) -> Nanos {
        self.tick_time(self.rules().load_freq(self.hz()))
    }

    /// Time from a sample to the update it feeds.
    pub fn update_delay(&self) -> Nanos {
        self.tick_time(UPDATE_DELAY)
    }

    pub(super) fn psi(&self) -> Option<&Psi> {
        self.psi.as_ref()
    }

    pub(super) fn cpu_times(&self) -> &[CpuTime] {
        &self.times
    }

    fn hz(&self) -> u64 {
        self.scenario.hz as u64
    }

    fn tick_time(&self, tick: u64) -> Nanos {
        let (whole, left) = self.tick;
        // Most tick rates divide a second.
        tick * whole + if left == 0 { 0 } else { mul_div(tick, left, self.hz()) }
    }

    /// Ticks at or before a time.
    fn ticks(&self, t: Nanos) -> u64 {
        // tick_time cuts fractions off, so the tick that begins here may be one ahead.
        let tick = mul_div(t, self.hz(), SECOND);
        if self.tick_time(tick + 1) <= t { tick + 1 } else { tick }
    }

    /// Ticks strictly before a time: a change at the instant of a tick comes just before it.
    fn ticks_before(&self, t: Nanos) -> u64 {
        t.checked_sub(1).map_or(0, |before| self.ticks(before))
    }

    fn next(&self) -> (Nanos, Option<Next>) {
        let psi = self.psi.as_ref().map(|psi| (psi.next(), Next::Psi));
        let change = self.changes.get(self.next_change).map(|change| (change.t_ns, Next::Change));
        let tick = self.engine.next_tick().map(|tick| (self.tick_time(tick), Next::Tick(tick)));
        let wakeup = self.scenario.idle_wakeup_ms as u64 * MILLISECOND;
        // A timer before the averages are due changes nothing that anyone could see.
        let timer = (wakeup > 0 && !self.engine.any_ticking()).then(|| {
            let due = self.tick_time(self.engine.next_update());
            (due.max(self.now + 1).next_multiple_of(wakeup), Next::IdleTimer)
        });
        match [psi, change, tick, timer].into_iter().flatten().min() {
            Some((t, next)) if t <= self.ends() => (t, Some(next)),
            _ => (self.ends(), None),
        }
    }

    fn pass_time(&mut self, to: Nanos) {
        let dt = to - self.now;
        let engine = &self.engine;
        for (cpu, time) in self.times.iter_mut().enumerate() {
            let rq = engine.rq(cpu);
            if rq.nr_running > 0 {
                time.user += dt;
            } else if rq.nr_iowait > 0 {
                time.iowait += dt;
            } else {
                time.idle += dt;
            }
        }
        let cpus = self.times.len();
        if let Some(psi) = &mut self.psi {
            psi.account(to, (0..cpus).map(|cpu| engine.rq(cpu)));
        }
        self.now = to;
    }

    fn carry_out(&mut self, next: Next, log: &mut Log) {
        match next {
            Next::Psi => {
                if let Some(psi) = &mut self.psi {
                    psi.update_averages();
                }
            }
            Next::IdleTimer => self.engine.update_jiffies(self.ticks(self.now)),
            Next::Tick(tick) => self.engine.tick(tick),
            Next::Change => self.change(log),
        }
        self.tell_happenings(log);
    }

    fn tell_happenings(&mut self, log: &mut Log) {
        for happening in self.engine.happenings.drain(..) {
            log.push(self.now, happening.kind(), || happening.why());
        }
    }

    fn change(&mut self, log: &mut Log) {
        let change = self.changes[self.next_change];
        self.next_change += 1;
        self.engine.change(change.cpu, change.state, change.begins, self.ticks_before(self.now));
        // Waking an idle CPU looks at the clock before the task runs.
        self.tell_happenings(log);
        let Some(entry) = change.edge else { return };
        let one = if change.begins { 1 } else { -1 };
        self.tasks_alive += one;
        self.tasks_started += i64::from(change.begins);
        let (kind, cpu) = (if change.begins { "start" } else { "end" }, change.cpu);
        let (nr_running, nr_uninterruptible) = (self.nr_running(), self.nr_uninterruptible());
        let state = match change.state {
            State::Runnable => "R",
            State::Uninterruptible => "D",
            State::IoWait => "D, iowait",
        };
        let why = || match change.begins {
            true => text!(
                ko: "tasks[{entry}]의 태스크 하나가 CPU {cpu}에서 시작합니다({state}). nr_running {nr_running}, nr_uninterruptible {nr_uninterruptible}. 평균은 다음 표본까지 모릅니다.",
                en: "One task of tasks[{entry}] starts on CPU {cpu} ({state}): nr_running {nr_running}, nr_uninterruptible {nr_uninterruptible}. The averages do not know before the next sample.",
            ),
            false => text!(
                ko: "tasks[{entry}]의 태스크 하나가 CPU {cpu}에서 끝납니다({state}). nr_running {nr_running}, nr_uninterruptible {nr_uninterruptible}.",
                en: "One task of tasks[{entry}] ends on CPU {cpu} ({state}): nr_running {nr_running}, nr_uninterruptible {nr_uninterruptible}.",
            ),
        };
        log.push(self.now, kind, why);
    }
}

impl Happening {
    fn kind(&self) -> &'static str {
        match self {
            Happening::Sample { .. } => "sample",
            Happening::Update { .. } => "update",
            Happening::CatchUp { .. } => "catch-up",
        }
    }

    fn why(&self) -> Text {
        let list = |loads: &[u64; 3]| loads.map(|load| load.to_string()).join(" ");
        match self {
            Happening::Sample { before, after, cpus } => text!(
                ko: "틱이 도는 CPU {cpus}개가 자기 실행 큐를 셉니다. calc_load_tasks {before} → {after}.",
                en: "CPUs that tick count their run queues ({cpus} of them): calc_load_tasks {before} → {after}.",
            ),
            Happening::Update { before, after, active, from_idle } => {
                let (before, after) = (list(before), list(after));
                let mut why = text!(
                    ko: "활성 태스크 {active}개로 세 평균을 한 걸음 옮깁니다. avenrun {before} → {after}.",
                    en: "The three averages move one step towards {active} active: avenrun {before} → {after}.",
                );
                if *from_idle != 0 {
                    why.ko.to_mut().push_str(&format!(" 그사이 쉬러 간 CPU들이 남긴 {from_idle:+}을 먼저 더했습니다."));
                    why.en.to_mut().push_str(&format!(" First {from_idle:+} was added, left by CPUs that went idle."));
                }
                why
            }
            Happening::CatchUp { before, after, active, steps } => {
                let (before, after) = (list(before), list(after));
                text!(
                    ko: "아무도 시각을 갱신하지 않은 사이에 지나간 {steps}번을 활성 태스크 {active}개로 한꺼번에 계산합니다. avenrun {before} → {after}.",
                    en: "{steps} windows went by while nobody looked at the clock; they are made up for at once with {active} active: avenrun {before} → {after}.",
                )
            }
        }
    }
}

impl Model for LoadAverage {
    const NAME: &'static str = "load-average";
    const VERSION: u32 = 1;
    type Scenario = Scenario;

    fn title() -> Text {
        Text::fixed("부하 평균(Load Average)", "Load average")
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

    fn start(scenario: &Valid<LoadAverage>) -> LoadAverage {
        let s: &Scenario = scenario;
        let nohz = s.nohz != 0;
        let rules = Rules::of(s.kernel, nohz).expect("a valid scenario names a modelled kernel");
        let (hz, cpus) = (s.hz as u64, s.cpus as usize);
        let avenrun = s.avenrun.map(|raw| raw as u64);
        LoadAverage {
            changes: timeline::lay_out(s).into(),
            next_change: 0,
            now: 0,
            tick: (SECOND / hz, SECOND % hz),
            engine: Engine::new(rules, hz, cpus, nohz, s.sample_offset_ticks as u64, avenrun),
            psi: rules.psi.then(|| Psi::new(hz, cpus)),
            times: vec![CpuTime::default(); cpus],
            tasks_alive: 0,
            tasks_started: 0,
            scenario: Rc::new(s.clone()),
        }
    }

    fn now(&self) -> Nanos {
        self.now
    }

    fn ends(&self) -> Nanos {
        self.scenario.duration_ms as u64 * MILLISECOND
    }

    fn advance(&mut self, to: Nanos, log: &mut Log) -> bool {
        let before = log.events().len();
        let to = to.min(self.ends());
        loop {
            let (t, next) = self.next();
            // An instant is not left half done, and not one past the first that has events.
            let happened = log.events().len() > before;
            if happened && t > self.now {
                return true;
            }
            match next {
                Some(next) if t <= to => {
                    self.pass_time(t);
                    self.carry_out(next, log);
                }
                _ => {
                    self.pass_time(to.max(self.now));
                    return happened;
                }
            }
        }
    }

    fn metrics(&self) -> Vec<i64> {
        let share = |stall, i: usize| self.psi.as_ref().map_or(0, |psi| psi.share(stall).avg[i] as i64);
        let [one, five, fifteen] = self.avenrun().map(|raw| raw as i64);
        vec![
            one,
            five,
            fifteen,
            self.calc_load_tasks(),
            self.nr_running(),
            self.nr_uninterruptible(),
            self.nr_iowait(),
            share(Stall::CpuSome, 0),
            share(Stall::IoSome, 0),
            share(Stall::IoFull, 0),
        ]
    }

    fn files(&self) -> Files {
        files::all(self)
    }
}

const fn metric(name: &'static str, label: Text, unit: &'static str, scale: i64) -> Metric {
    Metric { name, label, unit, scale }
}

/// Order as in [`LoadAverage::metrics`].
const METRICS: &[Metric] = &[
    metric("avenrun_1", Text::fixed("1분 평균", "1 min average"), "", 2048),
    metric("avenrun_5", Text::fixed("5분 평균", "5 min average"), "", 2048),
    metric("avenrun_15", Text::fixed("15분 평균", "15 min average"), "", 2048),
    metric("calc_load_tasks", Text::fixed("마지막으로 센 활성 태스크", "Active tasks as last counted"), "", 1),
    metric("nr_running", Text::fixed("실행 큐의 태스크(R)", "Tasks on run queues (R)"), "", 1),
    metric("nr_uninterruptible", Text::fixed("중단 불가 대기(D)", "Uninterruptible sleepers (D)"), "", 1),
    metric("nr_iowait", Text::fixed("디스크를 기다리는 태스크", "Tasks waiting for a disk"), "", 1),
    metric("psi_cpu_some_avg10", Text::fixed("PSI cpu some avg10", "PSI cpu some avg10"), "%", 2048),
    metric("psi_io_some_avg10", Text::fixed("PSI io some avg10", "PSI io some avg10"), "%", 2048),
    metric("psi_io_full_avg10", Text::fixed("PSI io full avg10", "PSI io full avg10"), "%", 2048),
];
