//! What sharing the CPU adds to its widget: tasks, cgroups, the kernels, the reader's machine.

use sim_core::{Json, KernelVersion, Text};

use super::{Column, List, Part, Simulator, kernel};
use crate::live::{Facts, Sample};

/// The widget.
pub static SIMULATOR: Simulator = Simulator {
    model: "cpu-shares",
    kernels: KERNELS,
    kinds: &[
        ("start", Text::fixed("태스크 시작", "task starts")),
        ("end", Text::fixed("태스크 끝", "task ends")),
        ("sleep", Text::fixed("잠듦", "falls asleep")),
        ("wake", Text::fixed("깨어남", "wakes up")),
        ("switch", Text::fixed("문맥 교환", "context switch")),
        ("throttle", Text::fixed("cpu.max로 멈춤", "throttled")),
        ("unthrottle", Text::fixed("다시 실행", "unthrottled")),
        ("rt-throttle", Text::fixed("실시간 제한", "real-time limit")),
        ("rt-unthrottle", Text::fixed("실시간 제한 풀림", "real-time again")),
        ("server", Text::fixed("일반 태스크 먼저", "ordinary tasks first")),
        ("server-end", Text::fixed("일반 태스크 몫 끝", "their part is over")),
    ],
    editor: EDITOR,
    guessed: "share_a",
    measured,
    adopt,
};

static KERNELS: &[(KernelVersion, Text)] = &[
    kernel(
        3,
        10,
        0,
        "RHEL 7. CFS이며, 태스크가 많으면 조각이 0.75 ms보다 짧아질 수 있습니다.",
        "RHEL 7. CFS; with many tasks slices may become shorter than 0.75 ms.",
    ),
    kernel(
        5,
        13,
        0,
        "CFS. 조각은 적어도 sched_min_granularity이며, 주기는 그룹 안까지 CPU 전체의 태스크를 셉니다.",
        "CFS. A slice is at least sched_min_granularity, and the period counts all tasks of the CPU, those in groups as well.",
    ),
    kernel(
        6,
        6,
        0,
        "EEVDF. 몫을 넘지 않은 태스크 가운데 마감이 이른 쪽을 고릅니다. 조각은 0.75 ms에 CPU 수에 따른 배수를 곱합니다.",
        "EEVDF: of the tasks that have not had more than their share, the earliest deadline. A slice is 0.75 ms, times a factor for the number of CPUs.",
    ),
    kernel(
        6,
        12,
        0,
        "몫을 넘긴 태스크는 잠들어도 다 갚을 때까지 큐에 남습니다. 실시간 제한 대신 일반 태스크의 서버가 생겼습니다. 조각은 0.7 ms입니다.",
        "A task that owes stays queued while it sleeps until it has paid. A server for ordinary tasks replaces the real-time limit. A slice is 0.7 ms.",
    ),
    kernel(6, 18, 0, "6.12와 같습니다.", "The same as 6.12."),
];

const POLICIES: &[(&str, Text)] = &[
    ("normal", Text::fixed("일반(OTHER)", "normal (OTHER)")),
    ("batch", Text::fixed("BATCH", "BATCH")),
    ("idle", Text::fixed("IDLE", "IDLE")),
    ("fifo", Text::fixed("실시간 FIFO", "real-time FIFO")),
    ("rr", Text::fixed("실시간 RR", "real-time RR")),
];

const EDITOR: &[Part] = &[
    Part::List(List {
        path: "tasks",
        title: Text::fixed("태스크(차례대로 A, B, C …)", "Tasks (in order A, B, C …)"),
        none: Text::fixed("태스크가 없습니다. CPU는 쉽니다.", "No tasks: the CPUs are idle."),
        add: Text::fixed("태스크 추가", "Add a task"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::words("policy", Text::fixed("정책", "Policy"), POLICIES),
            Column::between("nice", Text::fixed("nice", "nice"), "", -20, 19),
            Column::between("rt_priority", Text::fixed("실시간 우선순위", "Real-time priority"), "", 0, 99),
            Column::whole("cpu", Text::fixed("CPU", "CPU"), ""),
            Column::whole("group", Text::fixed("cgroup(-1: 없음)", "cgroup (-1: none)"), ""),
            Column::whole("session", Text::fixed("세션", "Session"), ""),
            Column::whole("from_ms", Text::fixed("시작", "From"), "ms"),
            Column::whole("until_ms", Text::fixed("끝", "Until"), "ms").follows("duration_ms"),
            Column::whole("cpu_ms", Text::fixed("할 일(0: 끝없음)", "Work (0: endless)"), "ms"),
            Column::whole("run_us", Text::fixed("한 번에 실행(0: 자지 않음)", "Runs for (0: never sleeps)"), "µs"),
            Column::whole("sleep_us", Text::fixed("잠", "Sleeps for"), "µs"),
            Column::whole("jitter_us", Text::fixed("지터", "Jitter"), "µs"),
        ],
    }),
    Part::List(List {
        path: "groups",
        title: Text::fixed("cgroup(차례대로 0, 1, 2 …)", "cgroups (in order 0, 1, 2 …)"),
        none: Text::fixed("cgroup이 없습니다.", "No cgroups."),
        add: Text::fixed("cgroup 추가", "Add a cgroup"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::between("cpu_weight", Text::fixed("cpu.weight", "cpu.weight"), "", 1, 10_000),
            Column::whole("quota_us", Text::fixed("cpu.max 할당량(0: max)", "cpu.max quota (0: max)"), "µs"),
            Column::whole("period_us", Text::fixed("cpu.max 주기", "cpu.max period"), "µs"),
        ],
    }),
];

/// The tasks of the scenario are not those of the machine.
fn measured(_: &Sample) -> Vec<(&'static str, i64)> {
    Vec::new()
}

fn adopt(scenario: &mut Json, facts: &Facts) {
    if let Ok(kernel) = facts.kernel.parse::<KernelVersion>() {
        scenario.replace("kernel", kernel.to_string().as_str().into());
    }
    if let Some(hz) = facts.hz {
        scenario.replace("hz", hz.into());
    }
    scenario.replace("cpus", facts.cpus.into());
    for (path, field) in [
        ("/proc/sys/kernel/sched_autogroup_enabled", "sched_autogroup_enabled"),
        ("/proc/sys/kernel/sched_rt_runtime_us", "sched_rt_runtime_us"),
    ] {
        let text = facts.files.iter().find(|(known, _)| known == path);
        if let Some(value) = text.and_then(|(_, text)| text.trim().parse::<i64>().ok()) {
            scenario.replace(field, value.into());
        }
    }
    if let Some(Json::List(tasks)) = scenario.at_mut("tasks") {
        for task in tasks {
            let cpu = task["cpu"].as_i64().unwrap_or(0).min(facts.cpus - 1);
            task.replace("cpu", cpu.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    #[test]
    fn a_machine_is_taken_over_with_its_kernel_and_settings() {
        let kind = Kind::find("cpu-shares").unwrap();
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let facts = Facts {
            kernel: "6.18.44-cloud".to_owned(),
            hz: Some(1000),
            cpus: 1,
            avenrun: [0; 3],
            nr_threads: 100,
            files: vec![
                file("/proc/sys/kernel/sched_autogroup_enabled", "1\n"),
                file("/proc/sys/kernel/sched_rt_runtime_us", "-1\n"),
            ],
        };
        for preset in (kind.entry.presets)() {
            let mut scenario = preset.scenario;
            adopt(&mut scenario, &facts);
            assert_eq!((kind.entry.problems)(&scenario), [], "{}", preset.name);
            assert_eq!((scenario["kernel"].as_str(), scenario["hz"].as_i64()), (Some("6.18.44"), Some(1000)));
            let settings = ["sched_autogroup_enabled", "sched_rt_runtime_us", "cpus"];
            assert_eq!(settings.map(|field| scenario[field].as_i64()), [Some(1), Some(-1), Some(1)]);
        }
    }
}
