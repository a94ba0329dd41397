//! Scenarios that each show one thing.

use super::scenario::{Class, Group, Scenario, Task};
use crate::model::Preset;
use crate::{KernelVersion, MILLISECOND, Nanos, Text};

const TODAY: KernelVersion = KernelVersion::new(6, 12, 0);
const LAST_CFS: KernelVersion = KernelVersion::new(6, 1, 0);

fn preset(name: &'static str, cursor_ms: Nanos, title: Text, insight: Text, scenario: Scenario) -> Preset<Scenario> {
    Preset { name, title, insight, scenario, cursor: cursor_ms * MILLISECOND }
}

/// Two endless loops on one CPU.
fn pair(nice_a: i64, nice_b: i64, duration_ms: i64) -> Scenario {
    Scenario {
        duration_ms,
        tasks: vec![Task::new(nice_a, duration_ms), Task::new(nice_b, duration_ms)],
        ..Scenario::default()
    }
}

/// A service that wakes up for 1 ms of work, again and again, beside two endless loops.
fn waking(kernel: KernelVersion) -> Scenario {
    let end = 2000;
    Scenario {
        kernel,
        cpus: 2,
        duration_ms: end,
        seed: 7,
        tasks: vec![Task::new(0, end).sleeping(1000, 8000, 7000), Task::new(0, end), Task::new(0, end)],
        ..Scenario::default()
    }
}

/// A real-time loop over an ordinary one.
fn realtime(kernel: KernelVersion) -> Scenario {
    let end = 4000;
    Scenario {
        kernel,
        duration_ms: end,
        tasks: vec![Task::new(0, end), Task::new(0, end).from(300).realtime(Class::Fifo, 10)],
        ..Scenario::default()
    }
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    let mut presets = alone();
    presets.extend(in_groups());
    presets
}

fn alone() -> Vec<Preset<Scenario>> {
    vec![
        preset(
            "nice-0-and-5",
            600,
            Text::fixed("nice 0과 nice 5", "Nice 0 and nice 5"),
            Text::fixed(
                "nice 5는 기다렸다가 실행되는 것이 아니라 적게 받습니다. 가중치 1024와 335만큼 나누므로 nice 0이 75 %, nice 5가 25 %를 씁니다.",
                "Nice 5 does not wait until the other is done, it gets less: shared by weights of 1024 and 335, nice 0 has 75 % and nice 5 has 25 %.",
            ),
            pair(0, 5, 1000),
        ),
        preset(
            "nice-0-and-3",
            10_000,
            Text::fixed("nice 0과 nice 3", "Nice 0 and nice 3"),
            Text::fixed(
                "nice 세 단계면 2 대 1입니다. 한 단계가 가중치를 약 1.25배 바꾸고, 1.25를 세 번 곱하면 1.95이기 때문입니다.",
                "Three steps of nice make it 2 to 1: each changes the weight by about 1.25, and three of them by 1.95.",
            ),
            pair(0, 3, 20_000),
        ),
        preset(
            "nice-0-and-19",
            2000,
            Text::fixed("nice 0과 nice 19", "Nice 0 and nice 19"),
            Text::fixed(
                "nice 19도 굶지 않습니다. 가중치가 15라서 CPU 시간의 69분의 1을, 한 번에 한 틱씩 받습니다.",
                "Nice 19 does not starve: with a weight of 15 it has one part in 69, but a whole tick at a time.",
            ),
            pair(0, 19, 4000),
        ),
        preset(
            "nobody-to-compete-with",
            400,
            Text::fixed("다툴 상대가 없으면", "Nobody to compete with"),
            Text::fixed(
                "CPU가 남으면 nice는 아무것도 바꾸지 않습니다. 같은 양의 일을 nice 0과 nice 19가 똑같이 500 ms에 마칩니다.",
                "With CPUs to spare nice changes nothing: the same work is done after the same 500 ms at nice 0 and at nice 19.",
            ),
            Scenario {
                cpus: 2,
                duration_ms: 800,
                tasks: vec![Task::new(0, 800).working(500), Task::new(19, 800).working(500).on_cpu(1)],
                ..Scenario::default()
            },
        ),
        preset(
            "waking-under-cfs",
            1000,
            Text::fixed("깨어나는 태스크, CFS", "A task that wakes up, CFS"),
            Text::fixed(
                "CFS는 잠들었던 태스크를 조금 앞에 세워 주므로, 깨어난 서비스가 돌던 태스크를 곧바로 밀어냅니다. 기다린 시간은 0입니다.",
                "CFS places a sleeper a little ahead of the others, so that the service takes over the CPU as soon as it wakes up, and never waits.",
            ),
            waking(LAST_CFS),
        ),
        preset(
            "waking-under-eevdf",
            1000,
            Text::fixed("깨어나는 태스크, EEVDF", "A task that wakes up, EEVDF"),
            Text::fixed(
                "EEVDF에서는 돌던 태스크가 자기 조각을 마칠 때까지 밀려나지 않고, 조각은 틱에서만 끝납니다. 그래서 같은 서비스가 평균 1.9 ms, 길게는 7.5 ms를 기다립니다.",
                "Under EEVDF who runs may finish its slice, and a slice ends at ticks only: the same service waits for 1.9 ms on average and 7.5 ms at worst.",
            ),
            waking(TODAY),
        ),
        preset(
            "realtime-until-6-11",
            2980,
            Text::fixed("실시간 태스크, 6.11까지", "A real-time task, until 6.11"),
            Text::fixed(
                "끝없이 도는 SCHED_FIFO 태스크는 일반 태스크를 굶깁니다. 1초에 950 ms를 쓰고 나서야 커널이 멈춰 세우고, 나머지 50 ms가 남습니다.",
                "An endless SCHED_FIFO loop starves the ordinary task, until the kernel stops it after 950 ms of each second and leaves the other 50 ms.",
            ),
            realtime(LAST_CFS),
        ),
        preset(
            "realtime-today",
            2980,
            Text::fixed("실시간 태스크, 오늘의 커널", "A real-time task today"),
            Text::fixed(
                "6.12부터는 실시간 태스크를 멈추지 않고 일반 태스크에 1초마다 50 ms를 보장합니다. 일반 태스크가 없으면 실시간 태스크가 CPU를 모두 씁니다.",
                "Since 6.12 nothing is throttled; the ordinary tasks are guaranteed 50 ms of each second instead. Where there are none, the real-time task has it all.",
            ),
            realtime(TODAY),
        ),
    ]
}

fn in_groups() -> Vec<Preset<Scenario>> {
    let end = 2000;
    vec![
        preset(
            "autogroup",
            1000,
            Text::fixed("두 세션, autogroup", "Two sessions and autogroup"),
            Text::fixed(
                "터미널 두 개에서 실행하면 nice 19도 절반을 받습니다. autogroup이 세션끼리 먼저 똑같이 나누고, nice는 세션 안에서만 통하기 때문입니다.",
                "Started from two terminals, nice 19 gets half as well: autogroup shares equally among sessions first, and nice counts only within one.",
            ),
            Scenario {
                sched_autogroup_enabled: 1,
                tasks: vec![Task::new(0, end).in_session(1), Task::new(19, end).in_session(2)],
                ..Scenario::default()
            },
        ),
        preset(
            "cpu-weight",
            1000,
            Text::fixed("cpu.weight 300과 100", "cpu.weight 300 and 100"),
            Text::fixed(
                "그룹끼리 3 : 1로 나눈 다음 그룹 안에서 나눕니다. 태스크가 셋이라고 그룹의 몫이 늘지 않습니다.",
                "Groups share 3 to 1, and each divides its part among its own: three tasks do not give a group any more.",
            ),
            Scenario {
                groups: vec![Group { cpu_weight: 300, ..Group::default() }, Group::default()],
                tasks: vec![
                    Task::new(0, end).in_group(0),
                    Task::new(0, end).in_group(1),
                    Task::new(0, end).in_group(1),
                    Task::new(0, end).in_group(1),
                ],
                ..Scenario::default()
            },
        ),
        preset(
            "cpu-max",
            550,
            Text::fixed("cpu.max가 멈춘 서비스", "A service stopped by cpu.max"),
            Text::fixed(
                "CPU는 거의 쉬고 있는데 50 ms짜리 요청이 186 ms까지 걸립니다. 한 주기의 20 ms를 다 쓰면 다음 주기까지 멈추기 때문입니다. 평균 사용률만 보면 알 수 없습니다.",
                "The CPU is mostly idle, yet a request of 50 ms takes up to 186 ms: once the 20 ms of a period are used, the service stands still until the next. Mean utilisation does not show it.",
            ),
            Scenario {
                duration_ms: 4000,
                groups: vec![Group { quota_us: 20_000, ..Group::default() }],
                tasks: vec![Task::new(0, 4000).in_group(0).sleeping(50_000, 250_000, 100_000)],
                seed: 3,
                ..Scenario::default()
            },
        ),
    ]
}
