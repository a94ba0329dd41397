//! The load average's part of its widget: the task list, the kernels, the reader's machine.

use sim_core::load_average::{LoadAverage, Scenario, State, Task};
use sim_core::{KernelVersion, Lang, Text};
use sim_figures::Series;
use sim_figures::load_average::{Whose, averages, prediction};
use yew::{Html, html};

use super::{Overlay, Simulator};
use crate::frame::{Form, NumberBox};
use crate::live::{Facts, Sample};

const fn kernel(major: u16, minor: u16, patch: u16, ko: &'static str, en: &'static str) -> (KernelVersion, Text) {
    (KernelVersion::new(major, minor, patch), Text::fixed(ko, en))
}

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

static STATES: [(State, Text); 3] = [
    (State::Runnable, Text::fixed("실행 가능(R)", "runnable (R)")),
    (State::Uninterruptible, Text::fixed("중단 불가 대기(D)", "uninterruptible (D)")),
    (State::IoWait, Text::fixed("디스크 대기(D)", "disk wait (D)")),
];

/// A column of the task list: field, heading, unit, smallest and largest value of its box.
type Column = (&'static str, Text, &'static str, fn(&mut Task) -> &mut i64);

static COLUMNS: [Column; 7] = [
    ("count", Text::fixed("개수", "Count"), "", |task| &mut task.count),
    ("cpu", Text::fixed("첫 CPU", "First CPU"), "", |task| &mut task.cpu),
    ("from_ms", Text::fixed("시작", "From"), "ms", |task| &mut task.from_ms),
    ("until_ms", Text::fixed("끝", "Until"), "ms", |task| &mut task.until_ms),
    ("every_ms", Text::fixed("주기(0: 늘 활성)", "Every (0: always)"), "ms", |task| &mut task.every_ms),
    ("for_ms", Text::fixed("주기마다 활성", "Active for"), "ms", |task| &mut task.for_ms),
    ("jitter_ms", Text::fixed("지터", "Jitter"), "ms", |task| &mut task.jitter_ms),
];

static TASKS: Text = Text::fixed("태스크", "Tasks");
static STATE: Text = Text::fixed("활성일 때의 상태", "State while active");
static ADD: Text = Text::fixed("태스크 추가", "Add a task");
static REMOVE: Text = Text::fixed("지우기", "Remove");
static NO_TASKS: Text = Text::fixed("태스크가 없습니다. 쉬는 서버입니다.", "No tasks: an idle machine.");
static START: Text = Text::fixed("시작할 때의 avenrun(1/2048)", "avenrun at the start (1/2048)");

impl Simulator for LoadAverage {
    const GUESSED: usize = 0;

    fn kernels() -> &'static [(KernelVersion, Text)] {
        KERNELS
    }

    fn kernel(scenario: &Scenario) -> KernelVersion {
        scenario.kernel
    }

    fn set_kernel(scenario: &mut Scenario, kernel: KernelVersion) {
        scenario.kernel = kernel;
    }

    fn kind(kind: &str) -> Text {
        match kind {
            "start" => Text::fixed("태스크 시작", "task starts"),
            "end" => Text::fixed("태스크 끝", "task ends"),
            "sample" => Text::fixed("표본", "sample"),
            "update" => Text::fixed("평균 갱신", "update"),
            "catch-up" => Text::fixed("몰아서 갱신", "catch-up"),
            other => Text::verbatim(other),
        }
    }

    fn editor(scenario: &Scenario, form: &Form<'_, Self>) -> Html {
        html! {<>
            <fieldset class="sim-tasks">
                <legend>{form.say(&TASKS)}</legend>
                if scenario.tasks.is_empty() {
                    <p>{form.say(&NO_TASKS)}</p>
                }
                <ol>{for (0..scenario.tasks.len()).map(|i| task(scenario, i, form))}</ol>
                {form.button("add-task", &ADD, add)}
            </fieldset>
            <fieldset class="sim-starts">
                <legend>{form.say(&START)}</legend>
                {for (0..3).map(|i| form.number(NumberBox {
                    path: format!("avenrun[{i}]"),
                    label: ["1", "5", "15"].map(|n| Text::verbatim(match form.lang {
                        Lang::Ko => format!("{n}분"),
                        Lang::En => format!("{n} min"),
                    }))[i].clone(),
                    unit: "",
                    value: scenario.avenrun[i],
                }))}
            </fieldset>
        </>}
    }

    fn set_field(scenario: &mut Scenario, path: &str, value: i64) {
        if let Some((list, rest)) = path.split_once('[') {
            let Some((index, field)) = rest.split_once(']') else { return };
            let Ok(index) = index.parse::<usize>() else { return };
            match (list, scenario.tasks.get_mut(index)) {
                ("avenrun", _) => scenario.avenrun.iter_mut().skip(index).take(1).for_each(|raw| *raw = value),
                ("tasks", Some(task)) => {
                    for (_, _, _, of) in COLUMNS.iter().filter(|column| field.strip_prefix('.') == Some(column.0)) {
                        *of(task) = value;
                    }
                }
                _ => {}
            }
        } else {
            let before = scenario.duration_ms;
            <Self as sim_core::Model>::set_param(scenario, path, value);
            // A task that ran to the end still does.
            if scenario.duration_ms > 0 {
                for task in scenario.tasks.iter_mut().filter(|task| task.until_ms == before) {
                    task.until_ms = scenario.duration_ms;
                }
            }
        }
    }

    fn measured(sample: &Sample) -> Vec<(usize, i64)> {
        sample.avenrun.iter().map(|raw| *raw as i64).enumerate().collect()
    }

    fn overlay(overlay: Overlay<'_>) -> Vec<Series> {
        let (whose, curves) = match overlay {
            Overlay::Guess(points) => return vec![prediction(points)],
            Overlay::Pinned(curves) => (Whose::Pinned, curves),
            Overlay::Live(curves) => (Whose::Live, curves),
        };
        match curves {
            [one, five, fifteen, ..] => averages(whose, [one.clone(), five.clone(), fifteen.clone()]),
            _ => Vec::new(),
        }
    }

    fn adopt(scenario: &mut Scenario, facts: &Facts) {
        if let Ok(kernel) = facts.kernel.parse() {
            scenario.kernel = kernel;
        }
        scenario.hz = facts.hz.unwrap_or(scenario.hz);
        scenario.cpus = facts.cpus;
        scenario.avenrun = facts.avenrun.map(|raw| raw as i64);
        scenario.nr_threads = facts.nr_threads;
        let loadavg = facts.files.iter().find(|(path, _)| path == "/proc/loadavg");
        let last_pid = loadavg.and_then(|(_, text)| text.split_whitespace().nth(4)?.parse().ok());
        scenario.last_pid = last_pid.unwrap_or(scenario.last_pid);
        for task in &mut scenario.tasks {
            task.cpu = task.cpu.min(scenario.cpus - 1);
        }
    }
}

fn task(scenario: &Scenario, i: usize, form: &Form<'_, LoadAverage>) -> Html {
    let copy = scenario.tasks[i].clone();
    let state = STATES.iter().position(|(state, _)| *state == copy.state).unwrap_or(0);
    let names: Vec<Text> = STATES.iter().map(|(_, name)| name.clone()).collect();
    html! {
        <li key={i}>
            {form.select(format!("tasks[{i}].state"), &STATE, &names, state, move |scenario: &mut Scenario, chosen| {
                if let (Some(task), Some((state, _))) = (scenario.tasks.get_mut(i), STATES.get(chosen)) {
                    task.state = *state;
                }
            })}
            {for COLUMNS.iter().map(|(field, label, unit, of)| form.number(NumberBox {
                path: format!("tasks[{i}].{field}"),
                label: label.clone(),
                unit,
                value: *of(&mut copy.clone()),
            }))}
            {form.button("remove-task", &REMOVE, move |scenario: &mut Scenario| {
                if i < scenario.tasks.len() {
                    scenario.tasks.remove(i);
                }
            })}
        </li>
    }
}

/// The new one is as the last, so that a list grows by changing what is there.
fn add(scenario: &mut Scenario) {
    let last = scenario.tasks.last().cloned();
    scenario.tasks.push(last.unwrap_or(Task::new(State::Runnable, 0, scenario.duration_ms)));
}

#[cfg(test)]
mod tests {
    use sim_core::Model;
    use sim_core::scenario::Valid;

    use super::*;

    #[test]
    fn fields_are_set_by_the_paths_that_problems_name() {
        for preset in LoadAverage::presets() {
            let mut scenario = preset.scenario;
            scenario.hz = -1;
            scenario.avenrun[1] = -1;
            scenario.tasks[0].count = -1;
            let problems = LoadAverage::problems(&scenario);
            assert_eq!(problems.len(), 3, "{}: {problems:?}", preset.name);
            for problem in problems {
                LoadAverage::set_field(&mut scenario, &problem.field, 100);
            }
            assert_eq!((scenario.hz, scenario.avenrun[1], scenario.tasks[0].count), (100, 100, 100));
            let before = scenario.clone();
            for path in ["tasks[99].count", "tasks[0].colour", "avenrun[3]", "tasks[", "no_such", "tasks[x].cpu"] {
                LoadAverage::set_field(&mut scenario, path, 5);
                assert_eq!(scenario, before, "{path}");
            }
        }
    }

    #[test]
    fn a_task_that_runs_to_the_end_still_does_when_the_run_changes_its_length() {
        let task = |until| Task::new(State::Runnable, 0, until);
        let tasks = vec![task(600_000), task(60_000)];
        let mut scenario = Scenario { tasks, ..Scenario::default() };
        LoadAverage::set_field(&mut scenario, "duration_ms", 120_000);
        let ends: Vec<_> = scenario.tasks.iter().map(|task| task.until_ms).collect();
        assert_eq!(ends, [120_000, 60_000]);
        assert!(Valid::<LoadAverage>::new(scenario).is_ok());
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
        for preset in LoadAverage::presets() {
            let mut scenario = preset.scenario.clone();
            LoadAverage::adopt(&mut scenario, &facts);
            assert_eq!(LoadAverage::problems(&scenario), [], "{}", preset.name);
            assert_eq!((scenario.kernel.to_string().as_str(), scenario.last_pid), ("6.18.44", 4242));
            assert_eq!((scenario.hz, scenario.cpus, scenario.avenrun), (preset.scenario.hz, 2, [900, 500, 300]));
        }
    }

    #[test]
    fn every_kernel_of_the_list_can_be_chosen_for_every_preset() {
        assert!(KERNELS.is_sorted_by_key(|(kernel, _)| *kernel));
        for preset in LoadAverage::presets() {
            for (kernel, _) in LoadAverage::kernels() {
                let mut scenario = preset.scenario.clone();
                LoadAverage::set_kernel(&mut scenario, *kernel);
                assert_eq!(LoadAverage::problems(&scenario), [], "{} on {kernel}", preset.name);
            }
        }
    }
}
