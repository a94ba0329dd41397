//! A scenario read from JSON and written back.

use super::check::MAX_ENTRIES;
use super::params::MAX_NODES;
use super::policy::Policy;
use super::scenario::{FirstTouch, Kind, Node, Scenario, Sharing, Task};
use crate::scenario::{Fields, Problem, Problems};
use crate::{Json, Params};

fn name<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> &'static str {
    names.iter().find(|(_, known)| known == value).map_or("", |(name, _)| name)
}

/// Whole numbers, one a node at most.
fn integers(list: &[Json], path: &str, allowed: &str, problems: &mut Problems) -> Vec<i64> {
    let mut values = Vec::new();
    for (i, value) in list.iter().take(MAX_NODES).enumerate() {
        match value.as_i64() {
            Some(value) => values.push(value),
            None => problems.push(Problem::no_integer(&format!("{path}[{i}]"), value, allowed, "")),
        }
    }
    values
}

/// Reads a scenario, gathering what is wrong with it.
pub fn read(json: &Json, problems: &mut Problems) -> Scenario {
    let mut scenario = Scenario::default();
    let mut fields = Fields::of(json, "", problems);
    scenario.read_params(&mut fields, problems);
    let nodes = fields.list("nodes", problems);
    if !nodes.is_empty() {
        let each = nodes.iter().take(MAX_NODES + 1).enumerate();
        scenario.nodes = each.map(|(i, value)| read_node(value, &format!("nodes[{i}]"), problems)).collect();
    }
    for (i, value) in fields.list("tasks", problems).iter().take(MAX_ENTRIES + 1).enumerate() {
        scenario.tasks.push(read_task(value, &format!("tasks[{i}]"), scenario.duration_ms, problems));
    }
    fields.finish(problems);
    scenario.complete()
}

fn read_node(json: &Json, path: &str, problems: &mut Problems) -> Node {
    let mut node = Node::new(16_384, 8);
    let mut fields = Fields::of(json, path, problems);
    for (name, value, unit) in node_fields(&mut node) {
        *value = fields.integer(name, *value, "", unit, problems);
    }
    let list = fields.list("distances", problems);
    node.distances = integers(list, &fields.name("distances"), "10..254", problems);
    fields.finish(problems);
    node
}

fn node_fields(node: &mut Node) -> [(&'static str, &mut i64, &'static str); 7] {
    [
        ("memory_mib", &mut node.memory_mib, "MiB"),
        ("cpus", &mut node.cpus, ""),
        ("used_mib", &mut node.used_mib, "MiB"),
        ("cache_mib", &mut node.cache_mib, "MiB"),
        ("mapped_mib", &mut node.mapped_mib, "MiB"),
        ("dirty_mib", &mut node.dirty_mib, "MiB"),
        ("weight", &mut node.weight, ""),
    ]
}

fn task_fields(task: &mut Task) -> [(&'static str, &mut i64, &'static str); 13] {
    [
        ("mib", &mut task.mib, "MiB"),
        ("processes", &mut task.processes, ""),
        ("threads", &mut task.threads, ""),
        ("cpu", &mut task.cpu, ""),
        ("cpu_step", &mut task.cpu_step, ""),
        ("from_ms", &mut task.from_ms, "ms"),
        ("until_ms", &mut task.until_ms, "ms"),
        ("touch_mib_s", &mut task.touch_mib_s, "MiB/s"),
        ("outstanding", &mut task.outstanding, ""),
        ("demand_mb_s", &mut task.demand_mb_s, "MB/s"),
        ("move_ms", &mut task.move_ms, "ms"),
        ("move_cpu", &mut task.move_cpu, ""),
        ("pinned", &mut task.pinned, ""),
    ]
}

fn read_task(json: &Json, path: &str, duration: i64, problems: &mut Problems) -> Task {
    let mut task = Task::new(1024).until(Scenario::usable("duration_ms", duration));
    let mut fields = Fields::of(json, path, problems);
    task.policy = fields.choice("policy", &Policy::NAMES, problems).unwrap_or(task.policy);
    task.memory = fields.choice("memory", &Kind::NAMES, problems).unwrap_or(task.memory);
    task.first_touch = fields.choice("first_touch", &FirstTouch::NAMES, problems).unwrap_or(task.first_touch);
    task.sharing = fields.choice("sharing", &Sharing::NAMES, problems).unwrap_or(task.sharing);
    let list = fields.list("mask", problems);
    task.mask = integers(list, &fields.name("mask"), "0..1", problems);
    for (name, value, unit) in task_fields(&mut task) {
        *value = fields.integer(name, *value, "", unit, problems);
    }
    fields.finish(problems);
    task
}

/// The scenario with every field written out.
pub fn write(scenario: &Scenario) -> Json {
    let mut out = scenario.write_params::<super::NumaPolicy>();
    out.set("nodes", Json::list(scenario.nodes.iter().cloned().map(write_node)));
    out.set("tasks", Json::list(scenario.tasks.iter().cloned().map(write_task)));
    out
}

fn write_node(mut node: Node) -> Json {
    let mut out = Json::object([("distances", Json::list(node.distances.iter().copied()))]);
    for (name, value, _) in node_fields(&mut node) {
        out.set(name, (*value).into());
    }
    out
}

fn write_task(mut task: Task) -> Json {
    let mut out = Json::object([
        ("policy", task.policy.name().into()),
        ("memory", name(&Kind::NAMES, &task.memory).into()),
        ("first_touch", name(&FirstTouch::NAMES, &task.first_touch).into()),
        ("sharing", name(&Sharing::NAMES, &task.sharing).into()),
        ("mask", Json::list(task.mask.iter().copied())),
    ]);
    for (name, value, _) in task_fields(&mut task) {
        out.set(name, (*value).into());
    }
    out
}
