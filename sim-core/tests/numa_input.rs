//! Whatever scenario of NUMA placement a reader pastes, the answer is a run or a list of problems.

mod common;

use proptest::prelude::*;
use serde_json::Value;
use sim_core::numa_policy::NumaPolicy;
use sim_core::{Log, Model, Token, Valid};

const SCALARS: &[&str] = &[
    "kernel",
    "duration_ms",
    "step_ms",
    "zone_reclaim_mode",
    "numa_balancing",
    "min_free_kbytes",
    "watermark_scale_factor",
    "latency_ns",
    "node_bandwidth",
    "link_bandwidth",
    "seed",
    "nodes",
    "tasks",
];
const OF_NODE: &[&str] = &["memory_mib", "cpus", "used_mib", "cache_mib", "dirty_mib", "weight", "distances"];
const OF_TASK: &[&str] = &[
    "policy",
    "mask",
    "memory",
    "mib",
    "processes",
    "threads",
    "cpu",
    "cpu_step",
    "from_ms",
    "until_ms",
    "touch_mib_s",
    "outstanding",
    "demand_mb_s",
    "move_ms",
    "move_cpu",
    "pinned",
    "sharing",
];

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (-2i64..300).prop_map(Value::from),
        2 => prop::sample::select(vec![0i64, 1, 64, 2000, 16_384, 262_144, 600_000, i64::MAX, i64::MIN]).prop_map(Value::from),
        1 => prop::sample::select(vec!["5.10", "2.6.32", "bind", "interleave", "file", "shared", ""]).prop_map(Value::from),
        1 => prop::collection::vec(-1i64..300, 0..12).prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

fn bends(fields: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    prop::collection::vec((prop::sample::select(fields), value()), 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 96 } else { 512 }))]

    #[test]
    fn a_bent_preset_runs_or_is_refused_field_by_field(
        preset in 0..NumaPolicy::presets().len(),
        scalars in bends(SCALARS, 3),
        of_node in bends(OF_NODE, 3),
        of_task in bends(OF_TASK, 4),
    ) {
        let written = NumaPolicy::write_scenario(&NumaPolicy::presets()[preset].scenario).to_string();
        let mut json: Value = serde_json::from_str(&written).expect("JSON");
        for (field, value) in of_node {
            json["nodes"][1][field] = value;
        }
        for (field, value) in of_task {
            json["tasks"][0][field] = value;
        }
        for (field, value) in scalars {
            json[field] = value;
        }
        match Valid::<NumaPolicy>::from_json(&json.to_string()) {
            Ok(scenario) => {
                let token = Token::<NumaPolicy>::new(scenario.clone(), 0).to_string();
                prop_assert_eq!(Token::<NumaPolicy>::parse(&token).map(|token| token.scenario), Ok(scenario.clone()));
                let mut model = NumaPolicy::start(&scenario);
                let mut log = Log::telling();
                let mut steps = 0;
                while model.step(&mut log) {
                    steps += 1;
                }
                // At most one stop a turn.
                prop_assert!(steps <= 2001, "{steps}");
                prop_assert!(model.metrics().len() == NumaPolicy::metrics_list().len() && !model.files().is_empty());
            }
            Err(problems) => common::refused_field_by_field(&problems)?,
        }
    }

    #[test]
    fn any_bytes_are_a_token_or_are_refused(body in "numa-policy\\.1\\.[A-Za-z0-9_-]{0,120}") {
        let _ = Token::<NumaPolicy>::parse(&body);
    }
}
