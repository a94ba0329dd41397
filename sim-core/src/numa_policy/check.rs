//! What is wrong with a scenario.

use super::params::{self, MAX_NODES};
use super::process::cpu_nodes;
use super::scenario::{LOCAL, Node, Scenario, Task};
use crate::scenario::{Problem, Problems, check};
use crate::{Params, Text};

/// Most memory of a node, MiB: 256 GiB.
const MAX_NODE_MIB: i64 = 262_144;
/// Least memory of the machine, MiB.
const MIN_TOTAL_MIB: i64 = 64;
/// Most CPUs of a node.
const MAX_CPUS: i64 = 128;
/// Most entries of the list of tasks.
pub(super) const MAX_ENTRIES: usize = 64;
/// Most processes, and most threads of all of them.
const MAX_PROCESSES: i64 = 64;
const MAX_THREADS: i64 = 256;
/// Most memory of one process, and of all, MiB: 512 GiB.
const MAX_TASK_MIB: i64 = 524_288;
/// Most that is touched in one turn, MiB: what a page does without a pause.
const MAX_TURN_MIB: i64 = 4096;
/// Most turns of a run.
const MAX_STEPS: i64 = 2000;
/// Distances ACPI allows.
const DISTANCES: (i64, i64) = (10, 254);
/// Weights of an interleave.
const WEIGHTS: (i64, i64) = (1, 255);

/// Every problem of a scenario.
pub fn problems(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Problems::default();
    scenario.check_params(&mut problems);
    if let Some(problem) = params::kernel_problem(scenario.kernel) {
        problems.push(problem);
    }
    if problems.is_empty() && scenario.duration_ms > scenario.step_ms * MAX_STEPS {
        let least = scenario.duration_ms.div_euclid(MAX_STEPS) + 1;
        problems.push(
            Problem::range("step_ms", scenario.step_ms, format!("{least}..1000"), "ms")
                .because(Text::fixed("실행은 최대 2000차례입니다", "a run has at most 2000 turns")),
        );
    }
    check_nodes(&mut problems, scenario);
    check_tasks(&mut problems, scenario);
    problems.into_vec()
}

fn check_nodes(problems: &mut Problems, scenario: &Scenario) {
    let nodes = scenario.nodes.len();
    if nodes == 0 || nodes > MAX_NODES {
        problems.push(Problem::range("nodes", nodes, format!("1..{MAX_NODES}"), "nodes"));
        return;
    }
    let sound = problems.is_empty();
    for (i, node) in scenario.nodes.iter().enumerate() {
        check_node(problems, node, &format!("nodes[{i}]"));
    }
    if sound && problems.is_empty() {
        let memory = scenario.nodes.iter().map(|node| node.memory_mib).sum();
        check(problems, "nodes", memory, MIN_TOTAL_MIB, MAX_NODES as i64 * MAX_NODE_MIB, "MiB");
        let cpus = scenario.nodes.iter().map(|node| node.cpus).sum();
        check(problems, "nodes", cpus, 1, MAX_NODES as i64 * MAX_CPUS, "CPUs");
    }
    for (a, node) in scenario.nodes.iter().enumerate() {
        for (b, value) in node.distances.iter().enumerate().take(nodes) {
            let (min, max) = if a == b { (LOCAL, LOCAL) } else { DISTANCES };
            check(problems, &format!("nodes[{a}].distances[{b}]"), *value, min, max, "");
        }
    }
}

fn check_node(problems: &mut Problems, node: &Node, path: &str) {
    let mut check =
        |field: &str, value, min, max, unit| check(problems, &format!("{path}.{field}"), value, min, max, unit);
    check("memory_mib", node.memory_mib, 0, MAX_NODE_MIB, "MiB");
    check("cpus", node.cpus, 0, MAX_CPUS, "");
    check("weight", node.weight, WEIGHTS.0, WEIGHTS.1, "");
    // What is in a node has to fit into it, each after the one before.
    let mut room = node.memory_mib.clamp(0, MAX_NODE_MIB);
    for (field, value) in [
        ("used_mib", node.used_mib),
        ("cache_mib", node.cache_mib),
        ("mapped_mib", node.mapped_mib),
        ("dirty_mib", node.dirty_mib),
    ] {
        check(field, value, 0, room, "MiB");
        room -= value.clamp(0, room);
    }
}

fn check_tasks(problems: &mut Problems, scenario: &Scenario) {
    if scenario.tasks.len() > MAX_ENTRIES {
        problems.push(Problem::range("tasks", scenario.tasks.len(), format!("0..{MAX_ENTRIES}"), "entries"));
        return;
    }
    let sound = problems.is_empty();
    for (i, task) in scenario.tasks.iter().enumerate() {
        check_task(problems, scenario, task, &format!("tasks[{i}]"));
    }
    if sound && problems.is_empty() {
        let processes: i64 = scenario.tasks.iter().map(|task| task.processes).sum();
        let threads: i64 = scenario.tasks.iter().map(|task| task.processes * task.threads).sum();
        check(problems, "tasks", processes, 0, MAX_PROCESSES, "processes");
        check(problems, "tasks", threads, 0, MAX_THREADS, "threads");
        let touched: i64 = scenario.tasks.iter().map(|task| task.processes * task.mib).sum();
        check(problems, "tasks", touched, 0, MAX_TASK_MIB, "MiB");
        let turn: i64 =
            scenario.tasks.iter().map(|task| task.processes * task.touch_mib_s * scenario.step_ms / 1000).sum();
        check(problems, "tasks", turn, 0, MAX_TURN_MIB, "MiB / step_ms");
    }
}

fn check_task(problems: &mut Problems, scenario: &Scenario, task: &Task, path: &str) {
    let end = Scenario::usable("duration_ms", scenario.duration_ms);
    let sound = scenario.nodes.iter().all(|node| (0..=MAX_CPUS).contains(&node.cpus));
    let cpus = if sound { cpu_nodes(scenario).len().max(1) as i64 } else { MAX_NODES as i64 * MAX_CPUS };
    let mut check =
        |field: &str, value, min, max, unit| check(problems, &format!("{path}.{field}"), value, min, max, unit);
    check("mib", task.mib, 1, MAX_TASK_MIB, "MiB");
    check("processes", task.processes, 1, MAX_PROCESSES, "");
    check("threads", task.threads, 1, MAX_THREADS, "");
    check("cpu", task.cpu, 0, cpus - 1, "");
    check("move_cpu", task.move_cpu, 0, cpus - 1, "");
    check("cpu_step", task.cpu_step, 0, cpus, "");
    check("from_ms", task.from_ms, 0, end, "ms");
    check("until_ms", task.until_ms, task.from_ms.clamp(0, end), end, "ms");
    check("move_ms", task.move_ms, 0, end, "ms");
    check("touch_mib_s", task.touch_mib_s, 1, 1_048_576, "MiB/s");
    check("outstanding", task.outstanding, 1, 64, "");
    check("demand_mb_s", task.demand_mb_s, -1, 1_000_000, "MB/s");
    check("pinned", task.pinned, 0, 1, "");
    for (i, value) in task.mask.iter().enumerate().take(MAX_NODES) {
        check(&format!("mask[{i}]"), *value, 0, 1, "");
    }
}
