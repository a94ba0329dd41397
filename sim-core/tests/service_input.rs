//! Whatever scenario of a service a reader pastes, the answer is a run or a list of problems, and a run
//! keeps its books.

mod common;

use proptest::prelude::*;
use serde_json::Value;
use sim_core::service::{Service, Stage};
use sim_core::{Log, Model, Token, Valid};

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (-2i64..300).prop_map(Value::from),
        2 => prop::sample::select(vec![0i64, 1, 10, 2000, 32_768, 600_000, i64::MAX, i64::MIN]).prop_map(Value::from),
        1 => prop::sample::select(vec!["5.10", "2.6.18", "on", ""]).prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

fn bends() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let mut names: Vec<_> = Service::params().iter().map(|param| param.name).collect();
    names.extend(["kernel", "model", "unheard_of"]);
    prop::collection::vec((prop::sample::select(names), value()), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 64 } else { 512 }))]

    #[test]
    fn a_bent_preset_runs_or_is_refused_field_by_field(
        preset in 0..Service::presets().len(),
        bends in bends(),
    ) {
        let written = Service::write_scenario(&Service::presets()[preset].scenario).to_string();
        let mut json: Value = serde_json::from_str(&written).expect("JSON");
        json["duration_ms"] = 3000.into();
        for (field, value) in bends {
            json[field] = value;
        }
        match Valid::<Service>::from_json(&json.to_string()) {
            Ok(scenario) => {
                let token = Token::<Service>::new(scenario.clone(), 0).to_string();
                prop_assert_eq!(Token::<Service>::parse(&token).map(|token| token.scenario), Ok(scenario.clone()));
                let mut model = Service::start(&scenario);
                let mut log = Log::telling();
                let mut steps = 0;
                while steps < 20_000 && model.step(&mut log) {
                    steps += 1;
                    log.clear();
                    let inside = |stages: &[Stage]| stages.iter().map(|stage| model.at_stage(*stage)).sum::<u64>();
                    let held = inside(&[Stage::Worker, Stage::Connect, Stage::Pool, Stage::Backend]);
                    prop_assert_eq!(held, model.busy_workers());
                    prop_assert!(model.busy_workers() <= scenario.workers as u64);
                    prop_assert!(model.running_cpus() <= scenario.cpus as u64);
                    prop_assert_eq!(inside(&[Stage::Queue]), model.queue_len());
                    prop_assert!(model.time_waits() <= model.all_ports());
                    if scenario.pool > 0 {
                        prop_assert!(model.connections() <= scenario.pool as u64);
                    }
                }
                prop_assert!(model.metrics().len() == Service::metrics_list().len() && !model.files().is_empty());
            }
            Err(problems) => common::refused_field_by_field(&problems)?,
        }
    }

    #[test]
    fn any_bytes_are_a_token_or_are_refused(body in "service\\.1\\.[A-Za-z0-9_-]{0,120}") {
        let _ = Token::<Service>::parse(&body);
    }
}
