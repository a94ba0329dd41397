//! A scenario read from JSON and written back.

use super::params::MAX_ENTRIES;
use super::scenario::{Kind, Op, Scenario, Start, Step};
use crate::process_life::Program;
use crate::scenario::{Fields, Problems};
use crate::{Json, Params};

/// Reads a scenario, gathering what is wrong with it.
pub fn read(json: &Json, problems: &mut Problems) -> Scenario {
    let mut scenario = Scenario::default();
    let mut fields = Fields::of(json, "", problems);
    scenario.read_params(&mut fields, problems);
    let processes = fields.list("processes", problems);
    if !processes.is_empty() {
        let each = processes.iter().take(MAX_ENTRIES + 1).enumerate();
        scenario.processes = each.map(|(i, json)| read_start(json, &format!("processes[{i}]"), problems)).collect();
    }
    for (i, json) in fields.list("steps", problems).iter().take(MAX_ENTRIES + 1).enumerate() {
        scenario.steps.push(read_step(json, &format!("steps[{i}]"), problems));
    }
    fields.finish(problems);
    scenario
}

fn read_start(json: &Json, path: &str, problems: &mut Problems) -> Start {
    let mut start = Start::new(Program::Worker);
    let mut fields = Fields::of(json, path, problems);
    start.program = fields.choice("program", &Program::NAMES, problems).unwrap_or(start.program);
    start.oom_score_adj = fields.integer("oom_score_adj", start.oom_score_adj, "-1000..1000", "", problems);
    start.root = fields.integer("root", start.root, "0..1", "", problems);
    fields.finish(problems);
    start
}

fn read_step(json: &Json, path: &str, problems: &mut Problems) -> Step {
    let mut step = Step::new(0, 0, Op::Map, 1024);
    let mut fields = Fields::of(json, path, problems);
    step.op = fields.choice("op", &Op::NAMES, problems).unwrap_or(step.op);
    step.kind = fields.choice("kind", &Kind::NAMES, problems).unwrap_or(step.kind);
    for (name, value, unit) in integers(&mut step) {
        *value = fields.integer(name, *value, "", unit, problems);
    }
    fields.finish(problems);
    step
}

fn integers(step: &mut Step) -> [(&'static str, &mut i64, &'static str); 6] {
    [
        ("at_ms", &mut step.at_ms, "ms"),
        ("who", &mut step.who, ""),
        ("mib", &mut step.mib, "MiB"),
        ("for_ms", &mut step.for_ms, "ms"),
        ("child", &mut step.child, ""),
        ("adj", &mut step.adj, ""),
    ]
}

/// The scenario with every field written out.
pub fn write(scenario: &Scenario) -> Json {
    let mut out = scenario.write_params::<super::Commit>();
    out.set("processes", Json::list(scenario.processes.iter().map(write_start)));
    out.set("steps", Json::list(scenario.steps.iter().cloned().map(write_step)));
    out
}

fn write_start(start: &Start) -> Json {
    Json::object([
        ("program", start.program.comm().into()),
        ("oom_score_adj", start.oom_score_adj.into()),
        ("root", start.root.into()),
    ])
}

fn write_step(mut step: Step) -> Json {
    let op = Op::NAMES.iter().find(|(_, op)| *op == step.op).map_or("", |(name, _)| name);
    let mut out = Json::object([("op", op.into()), ("kind", step.kind.name().into())]);
    for (name, value, _) in integers(&mut step) {
        out.set(name, (*value).into());
    }
    out
}
