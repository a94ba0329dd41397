//! Whatever text a reader pastes, the answer is a run or a list of problems: never a panic.

mod common;

use proptest::prelude::*;
use serde_json::{Value, json};
use sim_core::load_average::{LoadAverage, Scenario, State, Task};
use sim_core::{KernelVersion, Lang, Model, Token, Valid, catalogue, run};

/// Integers where mistakes live: near zero, near limits, near overflow.
fn integer() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => -3i64..10_000,
        2 => prop::sample::select(vec![0, 1, 64, 65, 100, 250, 1000, 600_000, 7_200_000, 7_200_001]),
        1 => prop::sample::select(vec![i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1]),
    ]
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        integer().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec!["6.12", "2.6.32", "runnable", "iowait", "", "서버", "99999.99999"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,12}", inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A preset of the model with some of its fields overwritten, at any depth.
fn bent_preset() -> impl Strategy<Value = Value> {
    let fields = [
        "kernel",
        "hz",
        "cpus",
        "duration_ms",
        "nohz",
        "sample_offset_ticks",
        "idle_wakeup_ms",
        "avenrun",
        "nr_threads",
        "last_pid",
        "seed",
        "tasks",
        "model",
        "model_version",
        "unheard_of",
    ];
    let task_fields = ["cpu", "count", "state", "from_ms", "until_ms", "every_ms", "for_ms", "jitter_ms", "unheard_of"];
    let bends = prop::collection::vec((prop::sample::select(fields.to_vec()), json_value()), 0..3);
    let value = || prop_oneof![3 => integer().prop_map(Value::from), 1 => json_value()];
    let task_bends = prop::collection::vec((prop::sample::select(task_fields.to_vec()), value()), 0..3);
    (0..LoadAverage::presets().len(), bends, task_bends).prop_map(|(preset, bends, task_bends)| {
        let written = LoadAverage::write_scenario(&LoadAverage::presets()[preset].scenario).to_string();
        let mut json: Value = serde_json::from_str(&written).expect("JSON");
        for (field, value) in task_bends {
            json["tasks"][0][field] = value;
        }
        for (field, value) in bends {
            json[field] = value;
        }
        json
    })
}

fn small_scenario() -> impl Strategy<Value = Scenario> {
    let kernels = ["2.6.18", "2.6.32", "3.10", "4.6", "4.11", "4.12", "6.12", "7.3"];
    let state = prop::sample::select(vec![State::Runnable, State::Uninterruptible, State::IoWait]);
    let task = (0i64..4, 1i64..4, state, 0i64..60_000, 0i64..60_000, 0i64..2000, 1i64..500).prop_map(
        |(cpu, count, state, a, b, every, for_)| {
            let task = Task::new(state, a.min(b), a.max(b)).on_cpu(cpu).times(count);
            if every < 20 { task } else { task.periodic(for_.min(every), every) }
        },
    );
    let tasks = prop::collection::vec(task, 0..5);
    (
        prop::sample::select(kernels.to_vec()),
        prop::sample::select(vec![100i64, 250, 300, 1000]),
        0i64..2,
        tasks,
        0i64..500,
    )
        .prop_map(|(kernel, hz, nohz, tasks, offset)| Scenario {
            kernel: kernel.parse().expect("a release"),
            hz,
            cpus: 4,
            nohz,
            duration_ms: 60_000,
            sample_offset_ticks: offset,
            idle_wakeup_ms: 1000 * (offset % 3),
            tasks,
            ..Scenario::default()
        })
}

proptest! {
    #[test]
    fn any_text_is_a_scenario_or_a_list_of_problems(text in ".{0,200}") {
        for entry in catalogue() {
            if let Err(problems) = entry.run_json(&text) {
                prop_assert!(!problems.is_empty());
            }
        }
    }

    #[test]
    fn a_bent_preset_runs_or_is_refused_field_by_field(json in bent_preset()) {
        match Valid::<LoadAverage>::from_json(&json.to_string()) {
            Ok(scenario) => prop_assert_eq!(LoadAverage::problems(&scenario).len(), 0),
            Err(problems) => common::refused_field_by_field(&problems)?,
        }
    }

    #[test]
    fn a_mistyped_token_is_noticed(at in 0usize..400, letter in "[A-Za-z0-9_.-]", preset in 0usize..10) {
        let preset = LoadAverage::presets().swap_remove(preset);
        let token = Token::<LoadAverage>::new(Valid::new(preset.scenario).expect("valid"), preset.cursor).to_string();
        let at = at % token.len();
        let mistyped = format!("{}{letter}{}", &token[..at], &token[at + 1..]);
        let parsed = Token::<LoadAverage>::parse(&mistyped);
        prop_assert_eq!(parsed.is_ok(), mistyped == token, "{}", mistyped);
    }

    #[test]
    fn any_text_is_a_token_or_is_refused(text in "(load-average\\.1\\.)?[A-Za-z0-9_-]{0,80}") {
        if let Err(error) = Token::<LoadAverage>::parse(&text) {
            prop_assert!(!error.text().ko.is_empty() && !error.text().en.is_empty());
        }
    }

    #[test]
    fn any_release_is_a_version_or_not(text in ".{0,40}") {
        if let Ok(version) = text.parse::<KernelVersion>() {
            prop_assert_eq!(version.to_string().parse::<KernelVersion>(), Ok(version));
        }
    }

    /// What holds of every run: time grows, nothing is lost, averages stay below the most there was.
    #[test]
    fn every_run_keeps_its_books(scenario in small_scenario()) {
        let most: i64 = scenario.tasks.iter().map(|task| task.count).sum();
        let written = LoadAverage::write_scenario(&scenario).to_string();
        let valid = Valid::<LoadAverage>::new(scenario).map_err(|p| TestCaseError::fail(format!("{p:?}")))?;
        let read = Valid::<LoadAverage>::from_json(&written);
        prop_assert_eq!(read.as_ref(), Ok(&valid));
        let run = run(&valid);
        prop_assert!(run.frames.windows(2).all(|pair| pair[0].t_ns <= pair[1].t_ns));
        prop_assert!(run.events.windows(2).all(|pair| pair[0].t_ns <= pair[1].t_ns));
        for frame in &run.frames {
            let metric = |name: &str| frame.metrics[name];
            prop_assert!((0..=most).contains(&metric("nr_running")));
            prop_assert!((0..=most).contains(&metric("nr_uninterruptible")));
            prop_assert!(metric("avenrun_1") <= most * 2048);
        }
        let last = run.frames.last().expect("a frame");
        prop_assert_eq!(last.t_ns, 60_000_000_000);
        let text = run.to_json(Lang::En).to_string();
        let back: Value = serde_json::from_str(&text).expect("JSON");
        prop_assert_eq!(&back["model"], &json!("load-average"));
    }
}
