//! The controls of a scenario, and its problems.

use super::Rules;
use super::scenario::{Class, Group, Scenario, Task};
use crate::params::{HZ, YES_NO};
use crate::scenario::{Fields, Param, Problem, Problems, check};
use crate::{Json, KernelVersion, Params, Text};

/// Most tasks: a lane each.
pub const MAX_TASKS: usize = 16;
/// Most cgroups.
pub const MAX_GROUPS: usize = 8;
/// Most sleeps of all tasks together: what a page can lay out without a pause.
const MAX_SLEEPS: i64 = 200_000;
/// Kernels whose rules are known, in words.
const KERNELS: &str = "3.10..6.18";

/// The scalar parameters, in the order a reader meets them.
pub const PARAMS: &[Param] = &[
    Param::new(
        "cpus",
        Text::fixed("CPU 수", "CPUs"),
        Text::fixed(
            "온라인 CPU의 수입니다. 많을수록 스케줄러의 시간 단위도 최대 네 배까지 길어집니다.",
            "Online CPUs. The more there are, the longer the scheduler's own times, up to four times.",
        ),
    )
    .range(1, 64)
    .default(1),
    Param::new(
        "hz",
        Text::fixed("틱 주파수(CONFIG_HZ)", "Tick rate (CONFIG_HZ)"),
        Text::fixed(
            "실행 중인 태스크를 바꿀지 정하는 틱의 주파수입니다. 조각은 틱에서만 끝납니다.",
            "How often a tick asks whether to run another task. A slice ends at ticks only.",
        ),
    )
    .choices(HZ)
    .default(250)
    .unit("Hz"),
    Param::new(
        "duration_ms",
        Text::fixed("실행 길이", "Length of the run"),
        Text::fixed("얼마 동안 지켜볼지 정합니다.", "How long to watch."),
    )
    .range(10, 120_000)
    .default(2000)
    .step(10)
    .unit("ms"),
    Param::new(
        "sched_autogroup_enabled",
        Text::fixed("세션별 그룹(autogroup)", "A group for each session (autogroup)"),
        Text::fixed(
            "켜면 cgroup에 들어 있지 않은 태스크를 세션마다 하나의 그룹으로 묶습니다.",
            "When on, the tasks of a session that are in no cgroup form one group.",
        ),
    )
    .choices(YES_NO)
    .default(0),
    Param::new(
        "base_slice_ns",
        Text::fixed("조각의 길이(EEVDF)", "Length of a slice (EEVDF)"),
        Text::fixed(
            "6.6부터 태스크가 한 번에 요청하는 CPU 시간입니다. 0이면 커널의 값입니다.",
            "Since 6.6, the CPU time a task asks for at once. 0 stands for the kernel's own value.",
        ),
    )
    .range(0, 100_000_000)
    .default(0)
    .step(100_000)
    .unit("ns"),
    Param::new(
        "sched_rt_runtime_us",
        Text::fixed("실시간 태스크의 몫", "What real-time tasks may use"),
        Text::fixed(
            "6.11까지 실시간 태스크가 1초마다 쓸 수 있는 시간입니다. -1이면 제한하지 않습니다. 6.12부터는 일반 태스크의 서버가 이 일을 대신합니다.",
            "Until 6.11, the time real-time tasks may use of each second; -1 for no limit. Since 6.12 a server for ordinary tasks does this job.",
        ),
    )
    .range(-1, 1_000_000)
    .default(950_000)
    .step(10_000)
    .unit("µs"),
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
            "duration_ms" => &mut self.duration_ms,
            "sched_autogroup_enabled" => &mut self.sched_autogroup_enabled,
            "base_slice_ns" => &mut self.base_slice_ns,
            "sched_rt_runtime_us" => &mut self.sched_rt_runtime_us,
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
            cpus: 0,
            hz: 0,
            duration_ms: 0,
            sched_autogroup_enabled: 0,
            base_slice_ns: 0,
            sched_rt_runtime_us: 0,
            seed: 0,
            groups: Vec::new(),
            tasks: Vec::new(),
        }
        .with_defaults()
    }
}

impl Default for Group {
    /// A cgroup as `mkdir` makes it.
    fn default() -> Group {
        Group { cpu_weight: 100, quota_us: 0, period_us: 100_000 }
    }
}

/// Every problem of a scenario.
pub fn problems(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Problems::default();
    scenario.check_params(&mut problems);
    if let Err(why) = Rules::of(scenario.kernel) {
        problems.push(Problem::range("kernel", scenario.kernel, KERNELS, "").because(why));
    }
    // Below 0.1 ms sched_setattr refuses as well.
    if (1..100_000).contains(&scenario.base_slice_ns) {
        problems.push(Problem::range("base_slice_ns", scenario.base_slice_ns, "0, 100000..100000000", "ns"));
    }
    for (name, len, max) in [("groups", scenario.groups.len(), MAX_GROUPS), ("tasks", scenario.tasks.len(), MAX_TASKS)]
    {
        if len > max {
            problems.push(Problem::range(name, len, format!("0..{max}"), "entries"));
            return problems.into_vec();
        }
    }
    for (i, group) in scenario.groups.iter().enumerate() {
        check_group(&mut problems, group, &format!("groups[{i}]"));
    }
    for (i, task) in scenario.tasks.iter().enumerate() {
        check_task(&mut problems, scenario, task, &format!("tasks[{i}]"));
    }
    if problems.is_empty() {
        let sleeps = scenario.tasks.iter().map(sleeps).fold(0, i64::saturating_add);
        check(&mut problems, "tasks", sleeps, 0, MAX_SLEEPS, "sleeps");
    }
    problems.into_vec()
}

/// How often a task can sleep at most.
fn sleeps(task: &Task) -> i64 {
    match task.run_us {
        0 => 0,
        run => (task.until_ms - task.from_ms).saturating_mul(1000) / (run + task.sleep_us).max(1),
    }
}

fn check_group(problems: &mut Problems, group: &Group, path: &str) {
    let mut check =
        |field: &str, value, min, max, unit| check(problems, &format!("{path}.{field}"), value, min, max, unit);
    check("cpu_weight", group.cpu_weight, 1, 10_000, "");
    check("period_us", group.period_us, 1000, 1_000_000, "µs");
    if group.quota_us != 0 {
        check("quota_us", group.quota_us, 1000, 64_000_000, "µs");
    }
}

fn check_task(problems: &mut Problems, scenario: &Scenario, task: &Task, path: &str) {
    let end = Scenario::usable("duration_ms", scenario.duration_ms);
    let mut check =
        |field: &str, value, min, max, unit| check(problems, &format!("{path}.{field}"), value, min, max, unit);
    check("cpu", task.cpu, 0, Scenario::usable("cpus", scenario.cpus) - 1, "");
    check("nice", task.nice, -20, 19, "");
    let (low, high) = if task.policy.realtime() { (1, 99) } else { (0, 0) };
    check("rt_priority", task.rt_priority, low, high, "");
    check("group", task.group, -1, scenario.groups.len() as i64 - 1, "");
    check("session", task.session, 0, MAX_TASKS as i64 - 1, "");
    check("from_ms", task.from_ms, 0, end, "ms");
    check("until_ms", task.until_ms, task.from_ms.clamp(0, end), end, "ms");
    check("cpu_ms", task.cpu_ms, 0, end, "ms");
    let second = 1_000_000;
    if task.run_us == 0 {
        check("sleep_us", task.sleep_us, 0, 0, "µs");
        check("jitter_us", task.jitter_us, 0, 0, "µs");
    } else {
        check("run_us", task.run_us, 10, 10 * second, "µs");
        check("sleep_us", task.sleep_us, 10, 100 * second, "µs");
        check("jitter_us", task.jitter_us, 0, 10 * second, "µs");
    }
}

/// Reads a scenario, gathering what is wrong with it.
pub fn read(json: &Json, problems: &mut Problems) -> Scenario {
    let mut scenario = Scenario::default();
    let mut fields = Fields::of(json, "", problems);
    scenario.read_params(&mut fields, problems);
    // One over the limit is enough to be refused by it.
    for (i, value) in fields.list("groups", problems).iter().take(MAX_GROUPS + 1).enumerate() {
        scenario.groups.push(read_group(value, &format!("groups[{i}]"), problems));
    }
    for (i, value) in fields.list("tasks", problems).iter().take(MAX_TASKS + 1).enumerate() {
        scenario.tasks.push(read_task(value, &format!("tasks[{i}]"), &scenario, problems));
    }
    fields.finish(problems);
    scenario
}

fn read_group(json: &Json, path: &str, problems: &mut Problems) -> Group {
    let mut group = Group::default();
    let mut fields = Fields::of(json, path, problems);
    for (name, value, unit) in [
        ("cpu_weight", &mut group.cpu_weight, ""),
        ("quota_us", &mut group.quota_us, "µs"),
        ("period_us", &mut group.period_us, "µs"),
    ] {
        *value = fields.integer(name, *value, "", unit, problems);
    }
    fields.finish(problems);
    group
}

fn read_task(json: &Json, path: &str, scenario: &Scenario, problems: &mut Problems) -> Task {
    let mut task = Task::new(0, Scenario::usable("duration_ms", scenario.duration_ms));
    let mut fields = Fields::of(json, path, problems);
    task.policy = fields.choice("policy", &Class::NAMES, problems).unwrap_or(task.policy);
    for (name, value, unit) in [
        ("cpu", &mut task.cpu, ""),
        ("nice", &mut task.nice, ""),
        ("rt_priority", &mut task.rt_priority, ""),
        ("group", &mut task.group, ""),
        ("session", &mut task.session, ""),
        ("from_ms", &mut task.from_ms, "ms"),
        ("until_ms", &mut task.until_ms, "ms"),
        ("cpu_ms", &mut task.cpu_ms, "ms"),
        ("run_us", &mut task.run_us, "µs"),
        ("sleep_us", &mut task.sleep_us, "µs"),
        ("jitter_us", &mut task.jitter_us, "µs"),
    ] {
        *value = fields.integer(name, *value, "", unit, problems);
    }
    fields.finish(problems);
    task
}

/// The scenario with every field written out.
pub fn write(scenario: &Scenario) -> Json {
    let mut out = scenario.write_params::<super::CpuShares>();
    out.set("groups", Json::list(scenario.groups.iter().map(write_group)));
    out.set("tasks", Json::list(scenario.tasks.iter().map(write_task)));
    out
}

fn write_group(group: &Group) -> Json {
    Json::object([
        ("cpu_weight", group.cpu_weight.into()),
        ("quota_us", group.quota_us.into()),
        ("period_us", group.period_us.into()),
    ])
}

fn write_task(task: &Task) -> Json {
    Json::object([
        ("cpu", task.cpu.into()),
        ("nice", task.nice.into()),
        ("policy", task.policy.name().into()),
        ("rt_priority", task.rt_priority.into()),
        ("group", task.group.into()),
        ("session", task.session.into()),
        ("from_ms", task.from_ms.into()),
        ("until_ms", task.until_ms.into()),
        ("cpu_ms", task.cpu_ms.into()),
        ("run_us", task.run_us.into()),
        ("sleep_us", task.sleep_us.into()),
        ("jitter_us", task.jitter_us.into()),
    ])
}
