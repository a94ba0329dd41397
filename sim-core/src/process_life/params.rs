//! The controls of a scenario, and its problems.

use super::rules::{KERNELS, Rules};
use super::scenario::{INIT, Op, Scenario, Signal, Step};
use crate::scenario::{Param, Problem, Problems, check};
use crate::{KernelVersion, Params, Text};

/// Most threads of a machine: the kernel allows about as many where there are 128 MiB.
const MAX_THREADS: i64 = 1024;
/// Most entries of the script.
pub const MAX_STEPS: usize = 256;
/// Most things that are done, all counts together.
const MAX_DONE: i64 = 4096;
/// Most writes to memory among them: each may cut what is mapped into smaller pieces.
const MAX_WRITES: i64 = 512;
/// Largest number of a process in a script.
const MAX_NAME: i64 = 999;
/// Most memory of an entry, KiB.
const MAX_KIB: i64 = 64 << 20;

const WAITS: &[(i64, Text)] = &[
    (0, Text::fixed("기다리지 않음(컨테이너의 앱)", "never waits (an app in a container)")),
    (1, Text::fixed("거둠(systemd, tini)", "waits (systemd, tini)")),
];

/// The scalar parameters, in the order a reader meets them.
pub const PARAMS: &[Param] = &[
    Param::new(
        "pid_max",
        Text::fixed("kernel.pid_max", "kernel.pid_max"),
        Text::fixed(
            "PID는 이 값보다 작습니다. 끝까지 가면 300부터 빈 번호를 찾습니다. 301이 커널이 받는 가장 작은 값입니다.",
            "PIDs are below it. At the end the search goes on from 300. The kernel accepts nothing below 301.",
        ),
    )
    .range(301, 4_194_304)
    .default(32_768),
    Param::new(
        "threads_max",
        Text::fixed("kernel.threads-max", "kernel.threads-max"),
        Text::fixed(
            "컴퓨터 전체의 스레드 한도입니다. 좀비도 하나로 셉니다.",
            "Most threads of the whole machine; a zombie is one of them.",
        ),
    )
    .range(20, MAX_THREADS)
    .default(MAX_THREADS),
    Param::new(
        "init_reaps",
        Text::fixed("PID 1", "PID 1"),
        Text::fixed("PID 1이 넘겨받은 자식을 거두는지 정합니다.", "Whether PID 1 waits for the children it is given."),
    )
    .choices(WAITS)
    .default(1),
    Param::new(
        "last_pid",
        Text::fixed("마지막 PID", "Last PID"),
        Text::fixed("시작하기 전에 마지막으로 할당된 PID입니다.", "The PID handed out last before the start."),
    )
    .range(1, 4_194_303)
    .default(1000),
    Param::new(
        "kernel_threads",
        Text::fixed("커널 스레드", "Kernel threads"),
        Text::fixed("PID 2와 그 자식들입니다.", "PID 2 and its children."),
    )
    .range(0, 200)
    .default(0),
    Param::new(
        "duration_ms",
        Text::fixed("실행 길이", "Length of the run"),
        Text::fixed("얼마 동안 지켜볼지 정합니다.", "How long to watch."),
    )
    .range(100, 3_600_000)
    .default(10_000)
    .step(100)
    .unit("ms"),
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
            "duration_ms" => &mut self.duration_ms,
            "pid_max" => &mut self.pid_max,
            "threads_max" => &mut self.threads_max,
            "last_pid" => &mut self.last_pid,
            "kernel_threads" => &mut self.kernel_threads,
            "init_reaps" => &mut self.init_reaps,
            _ => return None,
        })
    }
}

impl Default for Scenario {
    /// Nothing but PID 1.
    fn default() -> Scenario {
        Scenario {
            kernel: KernelVersion::new(6, 12, 0),
            duration_ms: 0,
            pid_max: 0,
            threads_max: 0,
            last_pid: 0,
            kernel_threads: 0,
            init_reaps: 0,
            steps: Vec::new(),
        }
        .with_defaults()
    }
}

/// Every problem of a scenario.
pub fn problems(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Problems::default();
    scenario.check_params(&mut problems);
    if let Err(why) = Rules::of(scenario.kernel) {
        problems.push(Problem::range("kernel", scenario.kernel, KERNELS, "").because(why));
    }
    let (pid_max, threads) = (scenario.pid_max, scenario.kernel_threads);
    if problems.is_empty() {
        check(&mut problems, "last_pid", scenario.last_pid, threads + 1, pid_max - 1, "");
    }
    if scenario.steps.len() > MAX_STEPS {
        problems.push(Problem::range("steps", scenario.steps.len(), format!("0..{MAX_STEPS}"), "entries"));
        return problems.into_vec();
    }
    for (i, step) in scenario.steps.iter().enumerate() {
        check_step(&mut problems, scenario, step, &format!("steps[{i}]"));
    }
    if problems.is_empty() {
        let done: i64 = scenario.steps.iter().map(|step| step.count).sum();
        check(&mut problems, "steps", done, 0, MAX_DONE, "times");
        let writes: i64 = scenario.steps.iter().filter(|step| step.op == Op::Write).map(|step| step.count).sum();
        check(&mut problems, "steps", writes, 0, MAX_WRITES, "writes");
    }
    problems.into_vec()
}

fn check_step(problems: &mut Problems, scenario: &Scenario, step: &Step, path: &str) {
    let end = Scenario::usable("duration_ms", scenario.duration_ms);
    let name = |field: &str| format!("{path}.{field}");
    check(problems, &name("at_ms"), step.at_ms, 0, end, "ms");
    check(problems, &name("count"), step.count, 1, MAX_DONE, "times");
    check(problems, &name("every_ms"), step.every_ms, 0, end, "ms");
    check(problems, &name("who"), step.who, INIT, MAX_NAME, "");
    check(problems, &name("for_ms"), step.for_ms, 0, end, "ms");
    check(problems, &name("code"), step.code, 0, 255, "");
    check(problems, &name("kib"), step.kib, 0, MAX_KIB, "KiB");
    check(problems, &name("from_kib"), step.from_kib, 0, MAX_KIB, "KiB");
    // A child is never PID 1; who makes none names none.
    check(problems, &name("child"), step.child, 0, MAX_NAME, "");
    if matches!(step.op, Op::Fork | Op::Vfork) && step.child <= INIT {
        problems.push(Problem::range(&name("child"), step.child, format!("2..{MAX_NAME}"), ""));
    }
    if step.op == Op::Exit && step.who == INIT {
        problems.push(Problem::range(&name("who"), step.who, format!("2..{MAX_NAME}"), "").because(Text::fixed(
            "PID 1이 끝나면 커널이 패닉합니다(컨테이너라면 모두 죽습니다)",
            "when PID 1 exits the kernel panics (in a container, everything dies)",
        )));
    }
    if matches!(step.op, Op::Ignore | Op::Default) && matches!(step.signal, Signal::Kill | Signal::Stop) {
        problems.push(
            Problem::range(&name("signal"), step.signal.name(), "HUP, INT, TERM, CHLD, CONT", "")
                .because(Text::fixed("이 시그널은 무시할 수 없습니다", "this signal cannot be ignored")),
        );
    }
}
