//! The controls of a scenario, and its problems.

use super::rules::{KERNELS, Rules};
use super::scenario::{Op, Scenario, Start, Step};
use crate::params::YES_NO;
use crate::process_life::Program;
use crate::scenario::{Param, Problem, Problems, check};
use crate::{KernelVersion, Params, Text};

/// Most entries of a list.
pub const MAX_ENTRIES: usize = 64;
/// Most MiB of an entry: more than any machine has, so that a request can be refused for it.
const MAX_MIB: i64 = 1 << 20;
/// Largest machine, MiB.
const MAX_RAM: i64 = 256 << 10;

const MODES: &[(i64, Text)] = &[
    (0, Text::fixed("0 어림", "0 guess")),
    (1, Text::fixed("1 늘 승낙", "1 always")),
    (2, Text::fixed("2 한도까지", "2 up to the limit")),
];

const fn mib(name: &'static str, label: Text, help: Text) -> Param {
    Param::new(name, label, help).range(0, MAX_RAM).step(64).unit("MiB")
}

/// The scalar parameters, in the order a reader meets them.
pub const PARAMS: &[Param] = &[
    Param::new(
        "overcommit_memory",
        Text::fixed("vm.overcommit_memory", "vm.overcommit_memory"),
        Text::fixed(
            "0은 터무니없는 요청만 거절하고, 1은 모두 받아들이고, 2는 약속의 합을 CommitLimit 아래로 지킵니다.",
            "0 refuses only what is absurd, 1 nothing, 2 keeps the sum of promises below CommitLimit.",
        ),
    )
    .choices(MODES)
    .default(0),
    Param::new(
        "overcommit_ratio",
        Text::fixed("vm.overcommit_ratio", "vm.overcommit_ratio"),
        Text::fixed("CommitLimit에 넣는 RAM의 비율입니다.", "Share of RAM that is part of CommitLimit."),
    )
    .range(0, 1000)
    .default(50)
    .unit("%"),
    Param::new(
        "overcommit_kbytes",
        Text::fixed("vm.overcommit_kbytes", "vm.overcommit_kbytes"),
        Text::fixed("0이 아니면 비율 대신 이 값을 씁니다.", "Stands in for the ratio unless it is 0."),
    )
    .range(0, MAX_MIB * 1024)
    .default(0)
    .step(1024)
    .unit("kB"),
    mib(
        "ram_mib",
        Text::fixed("RAM(MemTotal)", "RAM (MemTotal)"),
        Text::fixed("커널이 관리하는 메모리입니다.", "Memory that the kernel manages."),
    )
    .range(256, MAX_RAM)
    .default(8192),
    mib("swap_mib", Text::fixed("스왑", "Swap"), Text::fixed("스왑 영역의 크기입니다.", "Size of the swap area."))
        .default(0),
    mib(
        "hugetlb_mib",
        Text::fixed("거대 페이지", "Huge pages"),
        Text::fixed(
            "vm.nr_hugepages로 떼어 놓은 메모리입니다. CommitLimit에서 빠집니다.",
            "Set aside with vm.nr_hugepages; not part of CommitLimit.",
        ),
    )
    .default(0)
    .step(2),
    mib(
        "cache_mib",
        Text::fixed("페이지 캐시", "Page cache"),
        Text::fixed(
            "시작할 때의 페이지 캐시입니다. 메모리가 모자라면 먼저 회수합니다.",
            "Page cache at the start; it goes first.",
        ),
    )
    .default(1024),
    mib(
        "others_mib",
        Text::fixed("그 밖에 쓰는 메모리", "Used by the rest"),
        Text::fixed("커널과 나머지 프로세스가 쓰는 메모리입니다.", "What the kernel and all other processes use."),
    )
    .default(512),
    mib(
        "others_committed_mib",
        Text::fixed("나머지에게 한 약속", "Promised to the rest"),
        Text::fixed("나머지 프로세스가 이미 받은 약속입니다.", "What all other processes have been promised."),
    )
    .default(700),
    Param::new(
        "panic_on_oom",
        Text::fixed("vm.panic_on_oom", "vm.panic_on_oom"),
        Text::fixed("메모리가 떨어지면 죽이지 않고 패닉합니다.", "Panic instead of killing."),
    )
    .choices(YES_NO)
    .default(0),
    Param::new(
        "oom_kill_allocating_task",
        Text::fixed("vm.oom_kill_allocating_task", "vm.oom_kill_allocating_task"),
        Text::fixed("점수를 따지지 않고 요청한 프로세스를 죽입니다.", "Kill the one who asks, whatever the points."),
    )
    .choices(YES_NO)
    .default(0),
    Param::new(
        "admin_reserve_kbytes",
        Text::fixed("vm.admin_reserve_kbytes", "vm.admin_reserve_kbytes"),
        Text::fixed(
            "root가 아닌 프로세스가 남겨 두어야 하는 양입니다. −1이면 커널이 부팅할 때 계산하는 값입니다.",
            "What processes without root have to leave; −1 for what the kernel computes at boot.",
        ),
    )
    .range(-1, 4_194_304)
    .default(-1)
    .step(1024)
    .unit("kB"),
    Param::new(
        "user_reserve_kbytes",
        Text::fixed("vm.user_reserve_kbytes", "vm.user_reserve_kbytes"),
        Text::fixed(
            "2에서 큰 프로세스 하나가 모두 가져가지 못하게 남기는 양의 상한입니다. −1이면 커널이 계산합니다.",
            "Most of what mode 2 keeps from one large process; −1 for what the kernel computes.",
        ),
    )
    .range(-1, 4_194_304)
    .default(-1)
    .step(1024)
    .unit("kB"),
    Param::new(
        "duration_ms",
        Text::fixed("실행 길이", "Length of the run"),
        Text::fixed("얼마 동안 지켜볼지 정합니다.", "How long to watch."),
    )
    .range(100, 600_000)
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
            "overcommit_memory" => &mut self.overcommit_memory,
            "overcommit_ratio" => &mut self.overcommit_ratio,
            "overcommit_kbytes" => &mut self.overcommit_kbytes,
            "admin_reserve_kbytes" => &mut self.admin_reserve_kbytes,
            "user_reserve_kbytes" => &mut self.user_reserve_kbytes,
            "panic_on_oom" => &mut self.panic_on_oom,
            "oom_kill_allocating_task" => &mut self.oom_kill_allocating_task,
            "ram_mib" => &mut self.ram_mib,
            "swap_mib" => &mut self.swap_mib,
            "hugetlb_mib" => &mut self.hugetlb_mib,
            "cache_mib" => &mut self.cache_mib,
            "others_mib" => &mut self.others_mib,
            "others_committed_mib" => &mut self.others_committed_mib,
            _ => return None,
        })
    }
}

impl Default for Scenario {
    /// One process that does nothing.
    fn default() -> Scenario {
        Scenario {
            kernel: KernelVersion::new(6, 12, 0),
            duration_ms: 0,
            overcommit_memory: 0,
            overcommit_ratio: 0,
            overcommit_kbytes: 0,
            admin_reserve_kbytes: 0,
            user_reserve_kbytes: 0,
            panic_on_oom: 0,
            oom_kill_allocating_task: 0,
            ram_mib: 0,
            swap_mib: 0,
            hugetlb_mib: 0,
            cache_mib: 0,
            others_mib: 0,
            others_committed_mib: 0,
            processes: vec![Start::new(Program::Worker)],
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
    if problems.is_empty() {
        check_memory(&mut problems, scenario);
    }
    let count = scenario.processes.len();
    if count == 0 || count > MAX_ENTRIES {
        problems.push(Problem::range("processes", count, format!("1..{MAX_ENTRIES}"), "entries"));
        return problems.into_vec();
    }
    for (i, start) in scenario.processes.iter().enumerate() {
        check(&mut problems, &format!("processes[{i}].oom_score_adj"), start.oom_score_adj, -1000, 1000, "");
        check(&mut problems, &format!("processes[{i}].root"), start.root, 0, 1, "");
    }
    if scenario.steps.len() > MAX_ENTRIES {
        problems.push(Problem::range("steps", scenario.steps.len(), format!("0..{MAX_ENTRIES}"), "entries"));
        return problems.into_vec();
    }
    for (i, step) in scenario.steps.iter().enumerate() {
        check_step(&mut problems, scenario, step, &format!("steps[{i}]"));
    }
    problems.into_vec()
}

/// What is there at the start has to fit, with something left for the watermarks.
fn check_memory(problems: &mut Problems, scenario: &Scenario) {
    let programs: u64 = scenario.processes.iter().take(MAX_ENTRIES).map(|start| start.program.pages().1).sum();
    let mut room = scenario.ram_mib - scenario.ram_mib / 8 - 32 - programs as i64 / 256;
    for (field, value) in
        [("hugetlb_mib", scenario.hugetlb_mib), ("others_mib", scenario.others_mib), ("cache_mib", scenario.cache_mib)]
    {
        check(problems, field, value, 0, room.max(0), "MiB");
        room -= value.clamp(0, room.max(0));
    }
}

fn check_step(problems: &mut Problems, scenario: &Scenario, step: &Step, path: &str) {
    let end = Scenario::usable("duration_ms", scenario.duration_ms);
    let last = scenario.processes.len() as i64 - 1;
    let name = |field: &str| format!("{path}.{field}");
    check(problems, &name("at_ms"), step.at_ms, 0, end, "ms");
    check(problems, &name("who"), step.who, 0, last, "");
    check(problems, &name("mib"), step.mib, 0, MAX_MIB, "MiB");
    check(problems, &name("for_ms"), step.for_ms, 0, end, "ms");
    check(problems, &name("child"), step.child, 0, last, "");
    check(problems, &name("adj"), step.adj, -1000, 1000, "");
    if step.op == Op::Map {
        check(problems, &name("mib"), step.mib, 1, MAX_MIB, "MiB");
    }
    if step.op == Op::Fork && step.child == step.who {
        problems.push(
            Problem::range(&name("child"), step.child, format!("0..{last}"), "").because(Text::fixed(
                "자식은 부모와 다른 프로세스입니다",
                "a child is another process than its parent",
            )),
        );
    }
}
