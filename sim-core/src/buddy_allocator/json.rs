//! A scenario as JSON.

use super::params::MAX_OPS;
use super::scenario::{Migratetype, Named, Op, Scenario};
use crate::scenario::{Fields, Problems};
use crate::{Json, Params};

/// Reads a scenario, gathering what is wrong with it.
pub fn read(json: &Json, problems: &mut Problems) -> Scenario {
    let mut scenario = Scenario::default();
    let mut fields = Fields::of(json, "", problems);
    scenario.read_params(&mut fields, problems);
    fields.integers("lowmem_reserve_ratio", &mut scenario.lowmem_reserve_ratio, "0..1048576", "", problems);
    // One over the limit is enough to be refused by it.
    for (i, value) in fields.list("ops", problems).iter().take(MAX_OPS + 1).enumerate() {
        scenario.ops.push(read_op(value, &format!("ops[{i}]"), problems));
    }
    fields.finish(problems);
    scenario
}

fn choice<T: Named>(fields: &mut Fields<'_>, name: &'static str, value: &mut T, problems: &mut Problems) {
    *value = fields.choice(name, T::NAMES, problems).unwrap_or(*value);
}

fn read_op(json: &Json, path: &str, problems: &mut Problems) -> Op {
    let mut op = Op::alloc(0, 1, 0, Migratetype::Movable);
    let mut fields = Fields::of(json, path, problems);
    choice(&mut fields, "action", &mut op.action, problems);
    choice(&mut fields, "migratetype", &mut op.migratetype, problems);
    choice(&mut fields, "gfp", &mut op.gfp, problems);
    choice(&mut fields, "zone", &mut op.zone, problems);
    choice(&mut fields, "rule", &mut op.rule, problems);
    choice(&mut fields, "sequence", &mut op.sequence, problems);
    for (name, unit, of) in NUMBERS {
        let value = of(&mut op);
        *value = fields.integer(name, *value, "", unit, problems);
    }
    fields.finish(problems);
    op
}

/// A whole number of an entry: its field, its unit, and where it is.
pub type Number = (&'static str, &'static str, fn(&mut Op) -> &mut i64);

/// The whole numbers of an entry.
pub const NUMBERS: [Number; 8] = [
    ("at_ms", "ms", |op| &mut op.at_ms),
    ("every_us", "us", |op| &mut op.every_us),
    ("jitter_us", "us", |op| &mut op.jitter_us),
    ("count", "blocks", |op| &mut op.count),
    ("order", "", |op| &mut op.order),
    ("pinned", "", |op| &mut op.pinned),
    ("of", "", |op| &mut op.of),
    ("n", "", |op| &mut op.n),
];

/// The scenario with every field written out.
pub fn write(scenario: &Scenario) -> Json {
    let mut out = scenario.write_params::<super::BuddyAllocator>();
    out.set("lowmem_reserve_ratio", Json::list(scenario.lowmem_reserve_ratio));
    out.set("ops", Json::list(scenario.ops.iter().map(write_op)));
    out
}

fn write_op(op: &Op) -> Json {
    let mut out = Json::object([
        ("action", op.action.name().into()),
        ("migratetype", op.migratetype.name().into()),
        ("gfp", op.gfp.name().into()),
        ("zone", op.zone.name().into()),
        ("rule", op.rule.name().into()),
        ("sequence", op.sequence.name().into()),
    ]);
    let mut copy = op.clone();
    for (name, _, of) in NUMBERS {
        out.set(name, Some(*of(&mut copy)).into());
    }
    out
}
