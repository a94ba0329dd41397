//! A scenario as JSON, read and written.

use super::params::{MAX_DROPS, MAX_PROGRAMS};
use super::scenario::{Drop, Kind, Program, Scenario};
use crate::scenario::{Fields, Problems};
use crate::{Json, Model, Params};

/// Reads a scenario, gathering what is wrong with it.
pub fn read(json: &Json, problems: &mut Problems) -> Scenario {
    let mut scenario = Scenario::default();
    let mut fields = Fields::of(json, "", problems);
    scenario.read_params(&mut fields, problems);
    let end = Scenario::usable("duration_ms", scenario.duration_ms);
    // One over the limit is enough to be refused by it.
    for (i, json) in fields.list("programs", problems).iter().take(MAX_PROGRAMS + 1).enumerate() {
        scenario.programs.push(read_program(json, &format!("programs[{i}]"), end, problems));
    }
    for (i, json) in fields.list("drops", problems).iter().take(MAX_DROPS + 1).enumerate() {
        let mut fields = Fields::of(json, &format!("drops[{i}]"), problems);
        let at_ms = fields.integer("at_ms", 0, "", "ms", problems);
        let what = fields.integer("what", 3, "1..3", "", problems);
        fields.finish(problems);
        scenario.drops.push(Drop { at_ms, what });
    }
    fields.finish(problems);
    scenario
}

fn read_program(json: &Json, path: &str, end: i64, problems: &mut Problems) -> Program {
    let mut program = Program::new(Kind::Heap, 0, 100, 0, end);
    let mut fields = Fields::of(json, path, problems);
    if let Some(kind) = fields.choice("kind", &Kind::NAMES, problems) {
        program.kind = kind;
    }
    for (name, value, unit) in [
        ("mib", &mut program.mib, "MiB"),
        ("mib_per_s", &mut program.mib_per_s, "MiB/s"),
        ("from_ms", &mut program.from_ms, "ms"),
        ("until_ms", &mut program.until_ms, "ms"),
        ("before", &mut program.before, ""),
        ("again", &mut program.again, ""),
        ("names", &mut program.names, "names"),
        ("names_per_s", &mut program.names_per_s, "names/s"),
        ("exist", &mut program.exist, ""),
    ] {
        *value = fields.integer(name, *value, "", unit, problems);
    }
    fields.finish(problems);
    program
}

/// The scenario of model `M` with every field written out.
pub fn write<M: Model>(scenario: &Scenario) -> Json {
    let mut out = scenario.write_params::<M>();
    out.set("programs", Json::list(scenario.programs.iter().map(write_program)));
    let drop = |drop: &Drop| Json::object([("at_ms", drop.at_ms.into()), ("what", drop.what.into())]);
    out.set("drops", Json::list(scenario.drops.iter().map(drop)));
    out
}

fn write_program(program: &Program) -> Json {
    Json::object([
        ("kind", program.kind.name().into()),
        ("mib", program.mib.into()),
        ("mib_per_s", program.mib_per_s.into()),
        ("from_ms", program.from_ms.into()),
        ("until_ms", program.until_ms.into()),
        ("before", program.before.into()),
        ("again", program.again.into()),
        ("names", program.names.into()),
        ("names_per_s", program.names_per_s.into()),
        ("exist", program.exist.into()),
    ])
}
