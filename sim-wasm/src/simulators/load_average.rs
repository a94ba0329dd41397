//! The load average's part of its widget: the task list, the kernels, the reader's machine.

use sim_core::{Json, KernelVersion, Text};

use super::{Column, List, Part, Simulator, kernel};
use crate::live::{Facts, Sample};

/// The widget.
pub static SIMULATOR: Simulator = Simulator {
    model: "load-average",
    kernels: KERNELS,
    kinds: &[
        ("start", Text::fixed("태스크 시작", "task starts")),
        ("end", Text::fixed("태스크 끝", "task ends")),
        ("sample", Text::fixed("표본", "sample")),
        ("update", Text::fixed("평균 갱신", "update")),
        ("catch-up", Text::fixed("몰아서 갱신", "catch-up")),
    ],
    editor: EDITOR,
    guessed: "avenrun_1",
    measured,
    adopt,
};

static KERNELS: &[(KernelVersion, Text)] = &[
    kernel(
        2,
        6,
        18,
        "RHEL 5. 모든 CPU를 정확히 5초마다 한꺼번에 세고, 평균은 늘 버림합니다.",
        "RHEL 5. Counts every CPU at once, exactly every 5 s, and always rounds down.",
    ),
    kernel(
        2,
        6,
        32,
        "RHEL 6. CPU마다 따로 세며 주기에 한 틱이 더 붙습니다. 쉬러 가는 CPU는 제 몫을 곧바로 지우므로 부하가 낮게 나옵니다.",
        "RHEL 6. Each CPU counts for itself, one tick later than 5 s; a CPU that goes idle takes its share back at once, so load reads low.",
    ),
    kernel(
        3,
        10,
        0,
        "RHEL 7. 쉬는 CPU의 몫을 다음 표본까지 간직합니다(3.5부터). 반올림이라 고요해져도 0.00 0.01 0.05에서 멈춥니다.",
        "RHEL 7. Keeps the share of idle CPUs until the next sample (since 3.5). Rounds to nearest, so a calm box rests at 0.00 0.01 0.05.",
    ),
    kernel(
        4,
        11,
        0,
        "향하는 쪽으로 올리거나 내려 정확한 값에 닿습니다(4.7부터). 오래 쉰 CPU가 너무 일찍 세는 결함이 남아 있습니다.",
        "Rounds towards where it is heading and so arrives (since 4.7). A CPU that idled long may still count too early.",
    ),
    kernel(
        4,
        18,
        0,
        "RHEL 8의 번호입니다. 깨어난 CPU가 지금의 표본 시각을 보고 셉니다(4.12부터).",
        "RHEL 8's number. A waking CPU looks at the current sampling window (since 4.12).",
    ),
    kernel(
        5,
        10,
        0,
        "계산은 같습니다. 곁에 PSI(/proc/pressure)가 생겼습니다(4.20부터).",
        "The same arithmetic. PSI (/proc/pressure) now stands beside it (since 4.20).",
    ),
    kernel(
        6,
        12,
        0,
        "계산은 같습니다. /proc/pressure/cpu에 full 줄이 생겼습니다(5.13부터).",
        "The same arithmetic. /proc/pressure/cpu has its full line (since 5.13).",
    ),
    kernel(7, 3, 0, "6.12와 같습니다.", "The same as 6.12."),
];

const STATES: &[(&str, Text)] = &[
    ("runnable", Text::fixed("실행 가능(R)", "runnable (R)")),
    ("uninterruptible", Text::fixed("중단 불가 대기(D)", "uninterruptible (D)")),
    ("iowait", Text::fixed("디스크 대기(D)", "disk wait (D)")),
];

const EDITOR: &[Part] = &[
    Part::List(List {
        path: "tasks",
        title: Text::fixed("태스크", "Tasks"),
        none: Text::fixed("태스크가 없습니다. 쉬는 서버입니다.", "No tasks: an idle machine."),
        add: Text::fixed("태스크 추가", "Add a task"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::words("state", Text::fixed("활성일 때의 상태", "State while active"), STATES),
            Column::whole("count", Text::fixed("개수", "Count"), ""),
            Column::whole("cpu", Text::fixed("첫 CPU", "First CPU"), ""),
            Column::whole("from_ms", Text::fixed("시작", "From"), "ms"),
            Column::whole("until_ms", Text::fixed("끝", "Until"), "ms").follows("duration_ms"),
            Column::whole("every_ms", Text::fixed("주기(0: 늘 활성)", "Every (0: always)"), "ms"),
            Column::whole("for_ms", Text::fixed("주기마다 활성", "Active for"), "ms"),
            Column::whole("jitter_ms", Text::fixed("지터", "Jitter"), "ms"),
        ],
    }),
    Part::Group {
        title: Text::fixed("시작할 때의 avenrun(1/2048)", "avenrun at the start (1/2048)"),
        columns: &[
            Column::whole("avenrun[0]", Text::fixed("1분", "1 min"), ""),
            Column::whole("avenrun[1]", Text::fixed("5분", "5 min"), ""),
            Column::whole("avenrun[2]", Text::fixed("15분", "15 min"), ""),
        ],
    },
];

fn measured(sample: &Sample) -> Vec<(&'static str, i64)> {
    ["avenrun_1", "avenrun_5", "avenrun_15"].into_iter().zip(sample.avenrun.map(|raw| raw as i64)).collect()
}

fn adopt(scenario: &mut Json, facts: &Facts) {
    if let Ok(kernel) = facts.kernel.parse::<KernelVersion>() {
        scenario.replace("kernel", kernel.to_string().as_str().into());
    }
    if let Some(hz) = facts.hz {
        scenario.replace("hz", hz.into());
    }
    scenario.replace("cpus", facts.cpus.into());
    scenario.replace("avenrun", Json::list(facts.avenrun));
    scenario.replace("nr_threads", facts.nr_threads.into());
    let loadavg = facts.files.iter().find(|(path, _)| path == "/proc/loadavg");
    let last_pid = loadavg.and_then(|(_, text)| text.split_whitespace().nth(4)?.parse::<i64>().ok());
    if let Some(last_pid) = last_pid {
        scenario.replace("last_pid", last_pid.into());
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
    use sim_core::Preset;
    use sim_core::scenario::Problem;

    use super::super::Kind;
    use super::*;

    fn kind() -> Kind {
        Kind::find("load-average").unwrap()
    }

    fn presets() -> Vec<Preset<Json>> {
        (kind().entry.presets)()
    }

    fn problems(scenario: &Json) -> Vec<Problem> {
        (kind().entry.problems)(scenario)
    }

    #[test]
    fn fields_are_set_by_the_paths_that_problems_name() {
        for preset in presets() {
            let mut scenario = preset.scenario;
            for path in ["hz", "avenrun[1]", "tasks[0].count"] {
                scenario.replace(path, (-1_i64).into());
            }
            let problems = problems(&scenario);
            assert_eq!(problems.len(), 3, "{}: {problems:?}", preset.name);
            for problem in problems {
                kind().put(&mut scenario, &problem.field, 100_i64.into());
            }
            let set = ["hz", "avenrun[1]", "tasks[0].count"].map(|path| scenario.at(path).and_then(Json::as_i64));
            assert_eq!(set, [Some(100); 3]);
            let before = scenario.clone();
            for path in ["tasks[99].count", "tasks[0].colour", "avenrun[3]", "tasks[", "no_such", "tasks[x].cpu"] {
                kind().put(&mut scenario, path, 5_i64.into());
                assert_eq!(scenario, before, "{path}");
            }
        }
    }

    #[test]
    fn a_task_that_runs_to_the_end_still_does_when_the_run_changes_its_length() {
        let scenario = r#"{"tasks": [{"until_ms": 600000}, {"until_ms": 60000}]}"#;
        let mut scenario = (kind().entry.complete)(&Json::parse(scenario).unwrap());
        kind().put(&mut scenario, "duration_ms", 120_000_i64.into());
        let ends = [0, 1].map(|i| scenario["tasks"][i]["until_ms"].as_i64());
        assert_eq!(ends, [Some(120_000), Some(60_000)]);
        assert_eq!(problems(&scenario), []);
    }

    #[test]
    fn a_machine_is_taken_over_with_its_kernel_and_figures() {
        let facts = Facts {
            kernel: "6.18.44-cloud".to_owned(),
            hz: None,
            cpus: 2,
            avenrun: [900, 500, 300],
            nr_threads: 321,
            files: vec![("/proc/loadavg".to_owned(), "0.44 0.24 0.15 3/321 4242\n".to_owned())],
        };
        for preset in presets() {
            let mut scenario = preset.scenario.clone();
            adopt(&mut scenario, &facts);
            assert_eq!(problems(&scenario), [], "{}", preset.name);
            assert_eq!((scenario["kernel"].as_str(), scenario["last_pid"].as_i64()), (Some("6.18.44"), Some(4242)));
            assert_eq!((&scenario["hz"], scenario["cpus"].as_i64()), (&preset.scenario["hz"], Some(2)));
            assert_eq!(scenario["avenrun"].to_string(), "[900,500,300]");
        }
    }

    #[test]
    fn every_kernel_of_the_list_can_be_chosen_for_every_preset() {
        assert!(KERNELS.is_sorted_by_key(|(kernel, _)| *kernel));
        for preset in presets() {
            for (kernel, _) in KERNELS {
                let mut scenario = preset.scenario.clone();
                kind().put(&mut scenario, "kernel", kernel.to_string().as_str().into());
                assert_eq!(problems(&scenario), [], "{} on {kernel}", preset.name);
            }
        }
    }
}
