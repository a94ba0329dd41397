//! A scenario read from JSON and written back.

use super::params::MAX_STEPS;
use super::scenario::{Op, Program, Scenario, Signal, Step};
use crate::scenario::{Fields, Problems};
use crate::{Json, Params};

fn name<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> &'static str {
    names.iter().find(|(_, known)| known == value).map_or("", |(name, _)| name)
}

/// Reads a scenario, gathering what is wrong with it.
pub fn read(json: &Json, problems: &mut Problems) -> Scenario {
    let mut scenario = Scenario::default();
    let mut fields = Fields::of(json, "", problems);
    scenario.read_params(&mut fields, problems);
    // One over the limit is enough to be refused by it.
    for (i, value) in fields.list("steps", problems).iter().take(MAX_STEPS + 1).enumerate() {
        scenario.steps.push(read_step(value, &format!("steps[{i}]"), problems));
    }
    fields.finish(problems);
    scenario
}

fn read_step(json: &Json, path: &str, problems: &mut Problems) -> Step {
    let mut step = Step { child: 2, ..Step::new(0, 1, Op::Fork) };
    let mut fields = Fields::of(json, path, problems);
    step.op = fields.choice("op", &Op::NAMES, problems).unwrap_or(step.op);
    step.signal = fields.choice("signal", &Signal::NAMES, problems).unwrap_or(step.signal);
    step.program = fields.choice("program", &Program::NAMES, problems).unwrap_or(step.program);
    for (name, value, unit) in integers(&mut step) {
        *value = fields.integer(name, *value, "", unit, problems);
    }
    fields.finish(problems);
    step
}

fn integers(step: &mut Step) -> [(&'static str, &mut i64, &'static str); 9] {
    [
        ("at_ms", &mut step.at_ms, "ms"),
        ("count", &mut step.count, "times"),
        ("every_ms", &mut step.every_ms, "ms"),
        ("who", &mut step.who, ""),
        ("child", &mut step.child, ""),
        ("for_ms", &mut step.for_ms, "ms"),
        ("code", &mut step.code, ""),
        ("kib", &mut step.kib, "KiB"),
        ("from_kib", &mut step.from_kib, "KiB"),
    ]
}

/// The scenario with every field written out.
pub fn write(scenario: &Scenario) -> Json {
    let mut out = scenario.write_params::<super::ProcessLife>();
    out.set("steps", Json::list(scenario.steps.iter().cloned().map(write_step)));
    out
}

fn write_step(mut step: Step) -> Json {
    let mut out = Json::object([
        ("op", name(&Op::NAMES, &step.op).into()),
        ("signal", step.signal.name().into()),
        ("program", step.program.comm().into()),
    ]);
    for (name, value, _) in integers(&mut step) {
        out.set(name, (*value).into());
    }
    out
}
