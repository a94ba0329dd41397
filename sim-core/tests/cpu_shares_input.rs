//! Whatever scenario of competing tasks a reader pastes, the answer is a run or a list of problems.

mod common;

use proptest::prelude::*;
use serde_json::Value;
use sim_core::cpu_shares::CpuShares;
use sim_core::{Log, Model, Token, Valid};

const SCALARS: &[&str] = &[
    "kernel",
    "cpus",
    "hz",
    "duration_ms",
    "sched_autogroup_enabled",
    "base_slice_ns",
    "sched_rt_runtime_us",
    "seed",
    "groups",
    "tasks",
    "unheard_of",
];
const OF_GROUP: &[&str] = &["cpu_weight", "quota_us", "period_us", "unheard_of"];
const OF_TASK: &[&str] = &[
    "cpu",
    "nice",
    "policy",
    "rt_priority",
    "group",
    "session",
    "from_ms",
    "until_ms",
    "cpu_ms",
    "run_us",
    "sleep_us",
    "jitter_us",
    "unheard_of",
];

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (-25i64..2000).prop_map(Value::from),
        2 => prop::sample::select(vec![0i64, 1, 19, 99, 250, 100_000, 950_000, i64::MAX, i64::MIN]).prop_map(Value::from),
        1 => prop::sample::select(vec!["6.1", "3.10", "6.19", "fifo", "idle", "batch", ""]).prop_map(Value::from),
        1 => prop::collection::vec(-1i64..300, 0..20).prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

fn bends(fields: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    prop::collection::vec((prop::sample::select(fields), value()), 0..most)
}

proptest! {
    #[test]
    fn a_bent_preset_runs_or_is_refused_field_by_field(
        preset in 0..CpuShares::presets().len(),
        scalars in bends(SCALARS, 3),
        groups in bends(OF_GROUP, 3),
        tasks in bends(OF_TASK, 4),
    ) {
        let written = CpuShares::write_scenario(&CpuShares::presets()[preset].scenario).to_string();
        let mut json: Value = serde_json::from_str(&written).expect("JSON");
        for (field, value) in tasks {
            json["tasks"][0][field] = value;
        }
        for (field, value) in groups {
            if json["groups"][0].is_object() {
                json["groups"][0][field] = value;
            }
        }
        for (field, value) in scalars {
            json[field] = value;
        }
        match Valid::<CpuShares>::from_json(&json.to_string()) {
            Err(problems) => common::refused_field_by_field(&problems)?,
            Ok(scenario) => {
                let token = Token::new(scenario.clone(), 0).to_string();
                prop_assert_eq!(Token::<CpuShares>::parse(&token).map(|token| token.scenario == scenario), Ok(true));
                let mut model = CpuShares::start(&scenario);
                let mut log = Log::telling();
                for _ in 0..2000 {
                    let before = model.now();
                    if !model.step(&mut log) {
                        break;
                    }
                    prop_assert!(before <= model.now() && model.now() <= model.ends());
                    prop_assert!(log.take().iter().all(|event| !event.why.ko.is_empty() && !event.why.en.is_empty()));
                }
                prop_assert_eq!(model.metrics().len(), CpuShares::metrics_list().len());
                prop_assert!(!model.files().is_empty() && model.queues().len() < 500);
            }
        }
    }
}
