//! The controls of a scenario, and its problems.

use super::scenario::{Scenario, State, Task};
use super::{Rules, timeline};
use crate::params::{HZ, YES_NO};
use crate::scenario::{Fields, Param, Problem, Problems, check};
use crate::{Json, KernelVersion, Params, Text};

/// Most tasks of a scenario, all counts together.
const MAX_TASKS: i64 = 1024;
/// Largest average a run starts from, in 1/2048: a million.
const MAX_AVENRUN: i64 = 2048 * 1_000_000;
/// Kernels whose rules are known, in words.
const KERNELS: &str = "2.6.18, 2.6.31..2.6.34, 3.5..7.x";
/// Most entries of the `tasks` list.
const MAX_ENTRIES: usize = 256;

/// The scalar parameters, in the order a reader meets them.
pub const PARAMS: &[Param] = &[
    Param::new(
        "cpus",
        Text::fixed("CPU 수", "CPUs"),
        Text::fixed(
            "온라인 CPU의 수입니다. 부하 평균은 CPU 수로 나누지 않습니다.",
            "Online CPUs. The averages are never divided by them.",
        ),
    )
    .range(1, 64)
    .default(1),
    Param::new(
        "hz",
        Text::fixed("틱 주파수(CONFIG_HZ)", "Tick rate (CONFIG_HZ)"),
        Text::fixed(
            "표본 주기는 5초에 한 틱을 더한 값이라 HZ에 따라 조금 다릅니다.",
            "The sampling period is 5 s and one tick, so it differs a little with HZ.",
        ),
    )
    .choices(HZ)
    .default(250)
    .unit("Hz"),
    Param::new(
        "nohz",
        Text::fixed("유휴 시 틱 정지(NO_HZ)", "Stop the tick when idle (NO_HZ)"),
        Text::fixed("쉬는 CPU가 틱을 멈추는지 정합니다.", "Whether an idle CPU stops its tick."),
    )
    .choices(YES_NO)
    .default(1),
    Param::new(
        "idle_wakeup_ms",
        Text::fixed("유휴 중 타이머 간격", "Timer while all idle"),
        Text::fixed(
            "모든 CPU가 쉴 때 다른 타이머가 jiffies를 갱신하는 간격입니다. 0이면 없습니다.",
            "How often some timer brings jiffies up to date while every CPU idles; 0 for never.",
        ),
    )
    .range(0, 60_000)
    .default(1000)
    .step(100)
    .unit("ms"),
    Param::new(
        "sample_offset_ticks",
        Text::fixed("시작할 때 표본 시계의 위치", "Where the sampling clock starts"),
        Text::fixed(
            "시작할 때 마지막 표본에서 몇 틱이 지났는지 정합니다. 표본 주기보다 작아야 합니다.",
            "Ticks since the last sample when the run begins; less than the sampling period.",
        ),
    )
    .range(0, 5000)
    .default(0)
    .unit("ticks"),
    Param::new(
        "duration_ms",
        Text::fixed("실행 길이", "Length of the run"),
        Text::fixed("얼마 동안 지켜볼지 정합니다.", "How long to watch."),
    )
    .range(1000, 7_200_000)
    .default(600_000)
    .step(1000)
    .unit("ms"),
    Param::new(
        "nr_threads",
        Text::fixed("다른 스레드 수", "Other threads"),
        Text::fixed(
            "자고 있는 나머지 스레드의 수로, 네 번째 칸의 분모에 들어갑니다.",
            "The rest of the machine's threads, asleep: part of the fourth field.",
        ),
    )
    .range(1, 4_000_000)
    .default(120),
    Param::new(
        "last_pid",
        Text::fixed("마지막 PID", "Last PID"),
        Text::fixed(
            "시작하기 전에 마지막으로 할당된 PID로, 다섯 번째 칸에 들어갑니다.",
            "The PID given out last before the start: the fifth field.",
        ),
    )
    .range(1, 4_000_000)
    .default(1000),
    Param::new(
        "seed",
        Text::fixed("난수 시드", "Seed"),
        Text::fixed(
            "지터를 정하는 난수의 시드입니다. 시드가 같으면 결과도 같습니다.",
            "Seeds the jitter: the same seed gives the same run.",
        ),
    )
    .range(0, i64::MAX)
    .default(0),
];

impl Params for Scenario {
    const KERNELS: &'static str = KERNELS;

    fn params() -> &'static [Param] {
        PARAMS
    }

    fn kernel(&mut self) -> &mut KernelVersion {
        &mut self.kernel
    }

    fn field(&mut self, name: &str) -> Option<&mut i64> {
        Some(match name {
            "cpus" => &mut self.cpus,
            "hz" => &mut self.hz,
            "nohz" => &mut self.nohz,
            "idle_wakeup_ms" => &mut self.idle_wakeup_ms,
            "sample_offset_ticks" => &mut self.sample_offset_ticks,
            "duration_ms" => &mut self.duration_ms,
            "nr_threads" => &mut self.nr_threads,
            "last_pid" => &mut self.last_pid,
            "seed" => &mut self.seed,
            _ => return None,
        })
    }
}

impl Default for Scenario {
    /// An idle machine with every parameter at its default.
    fn default() -> Scenario {
        Scenario {
            kernel: KernelVersion::new(6, 12, 0),
            hz: 0,
            cpus: 0,
            duration_ms: 0,
            nohz: 0,
            sample_offset_ticks: 0,
            idle_wakeup_ms: 0,
            avenrun: [0; 3],
            nr_threads: 0,
            last_pid: 0,
            seed: 0,
            tasks: Vec::new(),
        }
        .with_defaults()
    }
}

/// Every problem of a scenario.
pub fn problems(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Problems::default();
    scenario.check_params(&mut problems);
    for (i, raw) in scenario.avenrun.iter().enumerate() {
        check(&mut problems, &format!("avenrun[{i}]"), *raw, 0, MAX_AVENRUN, "1/2048");
    }
    match Rules::of(scenario.kernel, scenario.nohz != 0) {
        Err(why) => problems.push(Problem::range("kernel", scenario.kernel, KERNELS, "").because(why)),
        Ok(rules) if problems.is_empty() => {
            let last = rules.load_freq(scenario.hz as u64) as i64 - 1;
            check(&mut problems, "sample_offset_ticks", scenario.sample_offset_ticks, 0, last, "ticks");
        }
        Ok(_) => {}
    }
    if scenario.tasks.len() > MAX_ENTRIES {
        problems.push(Problem::range("tasks", scenario.tasks.len(), format!("0..{MAX_ENTRIES}"), "entries"));
        return problems.into_vec();
    }
    for (i, task) in scenario.tasks.iter().enumerate() {
        check_task(&mut problems, scenario, task, &format!("tasks[{i}]"));
    }
    if problems.is_empty() {
        let total: i64 = scenario.tasks.iter().map(|task| task.count).sum();
        check(&mut problems, "tasks", total, 0, MAX_TASKS, "tasks");
        let changes = timeline::count(scenario);
        check(&mut problems, "tasks", changes, 0, timeline::MAX_CHANGES, "state changes");
    }
    problems.into_vec()
}

fn check_task(problems: &mut Problems, scenario: &Scenario, task: &Task, path: &str) {
    let end = Scenario::usable("duration_ms", scenario.duration_ms);
    let mut check =
        |field: &str, value, min, max, unit| check(problems, &format!("{path}.{field}"), value, min, max, unit);
    check("cpu", task.cpu, 0, Scenario::usable("cpus", scenario.cpus) - 1, "");
    check("count", task.count, 1, MAX_TASKS, "");
    check("from_ms", task.from_ms, 0, end, "ms");
    check("until_ms", task.until_ms, task.from_ms.clamp(0, end), end, "ms");
    check("every_ms", task.every_ms, 0, end, "ms");
    if task.every_ms > 0 {
        let period = task.every_ms.min(end);
        check("for_ms", task.for_ms, 1, period, "ms");
        check("jitter_ms", task.jitter_ms, 0, period.saturating_sub(task.for_ms.max(1)).max(0), "ms");
    } else {
        check("for_ms", task.for_ms, 0, 0, "ms");
        check("jitter_ms", task.jitter_ms, 0, 0, "ms");
    }
}

/// Reads a scenario, gathering what is wrong with it.
pub fn read(json: &Json, problems: &mut Problems) -> Scenario {
    let mut scenario = Scenario::default();
    let mut fields = Fields::of(json, "", problems);
    scenario.read_params(&mut fields, problems);
    let allowed = format!("0..{MAX_AVENRUN}");
    fields.integers("avenrun", &mut scenario.avenrun, &allowed, "1/2048", problems);
    // One over the limit is enough to be refused by it.
    for (i, value) in fields.list("tasks", problems).iter().take(MAX_ENTRIES + 1).enumerate() {
        scenario.tasks.push(read_task(value, &format!("tasks[{i}]"), &scenario, problems));
    }
    fields.finish(problems);
    scenario
}

fn read_task(json: &Json, path: &str, scenario: &Scenario, problems: &mut Problems) -> Task {
    let mut task = Task::new(State::Runnable, 0, Scenario::usable("duration_ms", scenario.duration_ms));
    let mut fields = Fields::of(json, path, problems);
    task.state = fields.choice("state", &State::NAMES, problems).unwrap_or(task.state);
    for (name, value, unit) in [
        ("cpu", &mut task.cpu, ""),
        ("count", &mut task.count, ""),
        ("from_ms", &mut task.from_ms, "ms"),
        ("until_ms", &mut task.until_ms, "ms"),
        ("every_ms", &mut task.every_ms, "ms"),
        ("for_ms", &mut task.for_ms, "ms"),
        ("jitter_ms", &mut task.jitter_ms, "ms"),
    ] {
        *value = fields.integer(name, *value, "", unit, problems);
    }
    fields.finish(problems);
    task
}

/// The scenario with every field written out.
pub fn write(scenario: &Scenario) -> Json {
    let mut out = scenario.write_params::<super::LoadAverage>();
    out.set("avenrun", Json::list(scenario.avenrun));
    out.set("tasks", Json::list(scenario.tasks.iter().map(write_task)));
    out
}

fn write_task(task: &Task) -> Json {
    Json::object([
        ("cpu", task.cpu.into()),
        ("count", task.count.into()),
        ("state", task.state.name().into()),
        ("from_ms", task.from_ms.into()),
        ("until_ms", task.until_ms.into()),
        ("every_ms", task.every_ms.into()),
        ("for_ms", task.for_ms.into()),
        ("jitter_ms", task.jitter_ms.into()),
    ])
}
