//! The files the kernel would show.

use std::fmt::Write;

use super::memory::Counters;
use super::model::NumaPolicy;
use super::policy::{Mask, Policy};
use super::process::Process;
use super::scenario::Kind;
use crate::model::Files;

/// kB in a page.
const KB: i64 = 4;

/// One line of `numa_maps` (`fs/proc/task_mmu.c: show_numa_map`) for anonymous memory that was
/// written to: its pages by node, and how many of them are on the active list.
pub fn numa_maps_line(address: u64, policy: Policy, mask: Mask, by_node: &[(usize, i64)], active: i64) -> String {
    let pages: i64 = by_node.iter().map(|(_, n)| n).sum();
    let mut line = format!("{address:08x} {}", policy.text(mask));
    if pages == 0 {
        return line;
    }
    let _ = write!(line, " anon={pages} dirty={pages}");
    if active < pages {
        let _ = write!(line, " active={active}");
    }
    for (node, n) in by_node.iter().filter(|(_, n)| *n > 0) {
        let _ = write!(line, " N{node}={n}");
    }
    line + " kernelpagesize_kB=4"
}

/// `drivers/base/node.c: node_read_numastat`.
pub fn numastat(counters: &Counters) -> String {
    let Counters { numa_hit, numa_miss, numa_foreign, interleave_hit, local_node, other_node } = counters;
    format!(
        "numa_hit {numa_hit}\nnuma_miss {numa_miss}\nnuma_foreign {numa_foreign}\ninterleave_hit {interleave_hit}\nlocal_node {local_node}\nother_node {other_node}\n"
    )
}

/// Lines of `drivers/base/node.c: node_read_meminfo` that the model knows.
fn meminfo(model: &NumaPolicy, node: usize) -> String {
    let memory = &model.engine().memory;
    let total = memory.sum(node, |zone| zone.managed);
    let free = memory.sum(node, |zone| zone.free);
    let file = memory.sum(node, |zone| zone.cache + zone.mapped + zone.dirty);
    let mut text = String::new();
    for (name, pages) in [
        ("MemTotal", total),
        ("MemFree", free),
        ("MemUsed", total - free),
        ("Dirty", memory.sum(node, |zone| zone.dirty)),
        ("FilePages", file),
        ("Mapped", memory.sum(node, |zone| zone.mapped)),
        ("AnonPages", model.task_pages(node)),
    ] {
        let _ = writeln!(text, "Node {node} {:<15}{:>8} kB", format!("{name}:"), pages * KB);
    }
    text
}

fn numa_maps(model: &NumaPolicy, process: &Process) -> String {
    let memory = &model.engine().memory;
    let held = process.held(memory.zones.len());
    let of = |node: usize| (node, memory.zones_of(node).iter().filter_map(|z| held.get(*z)).sum::<i64>());
    let by_node: Vec<_> = (0..memory.nodes()).map(of).collect();
    let pages: i64 = by_node.iter().map(|(_, n)| n).sum();
    let active = if model.rules().anon_starts_inactive { 0 } else { pages };
    let policy = model.engine().task(process).policy;
    numa_maps_line(process.first_page << 12, policy, process.mask, &by_node, active) + "\n"
}

fn vmstat(model: &NumaPolicy) -> String {
    let memory = &model.engine().memory;
    let stat = model.engine().vmstat;
    let sum = |what: fn(&Counters) -> u64| memory.counters.iter().map(what).sum::<u64>();
    let free: i64 = (0..memory.nodes()).map(|node| memory.sum(node, |zone| zone.free)).sum();
    let mut text = String::new();
    for (name, value) in [
        ("nr_free_pages", free.max(0) as u64),
        ("numa_hit", sum(|c| c.numa_hit)),
        ("numa_miss", sum(|c| c.numa_miss)),
        ("numa_foreign", sum(|c| c.numa_foreign)),
        ("numa_interleave", sum(|c| c.interleave_hit)),
        ("numa_local", sum(|c| c.local_node)),
        ("numa_other", sum(|c| c.other_node)),
        ("zone_reclaim_failed", memory.zone_reclaim_failed),
        ("oom_kill", stat.oom_kill),
        ("numa_pte_updates", stat.pte_updates),
        ("numa_hint_faults", stat.hint_faults),
        ("numa_hint_faults_local", stat.hint_faults_local),
        ("numa_pages_migrated", stat.pages_migrated),
        ("pgmigrate_success", stat.pages_migrated),
    ] {
        let _ = writeln!(text, "{name} {value}");
    }
    text
}

/// Every file of the model.
pub fn all(model: &NumaPolicy) -> Files {
    let engine = model.engine();
    let memory = &engine.memory;
    let scenario = model.scenario();
    let nodes = memory.nodes();
    let mut files = Files::new();
    let list = |which: &dyn Fn(usize) -> bool| format!("{}\n", Mask::of((0..nodes).filter(|n| which(*n))).text());
    for (name, text) in [
        ("online", list(&|_| true)),
        ("has_cpu", list(&|n| memory.topology().has_cpu[n])),
        ("has_memory", list(&|n| memory.topology().has_memory[n])),
    ] {
        files.insert(format!("/sys/devices/system/node/{name}").into(), text);
    }
    for node in 0..nodes {
        let dir = format!("/sys/devices/system/node/node{node}");
        let distances: Vec<_> = (0..nodes).map(|to| memory.distance(node, to).to_string()).collect();
        files.insert(format!("{dir}/distance").into(), distances.join(" ") + "\n");
        files.insert(format!("{dir}/cpulist").into(), cpulist(engine.cpu_nodes(), node) + "\n");
        files.insert(format!("{dir}/numastat").into(), numastat(&memory.counters[node]));
        files.insert(format!("{dir}/meminfo").into(), meminfo(model, node));
        if model.rules().weighted {
            let path = format!("/sys/kernel/mm/mempolicy/weighted_interleave/node{node}");
            files.insert(path.into(), format!("{}\n", scenario.nodes[node].weight));
        }
    }
    for process in engine.processes.iter().filter(|process| process.is_alive()) {
        if engine.task(process).memory == Kind::Anonymous {
            files.insert(format!("/proc/{}/numa_maps", process.pid).into(), numa_maps(model, process));
        }
    }
    files.insert("/proc/vmstat".into(), vmstat(model));
    files.insert("/proc/sys/vm/zone_reclaim_mode".into(), format!("{}\n", scenario.zone_reclaim_mode));
    files.insert("/proc/sys/kernel/numa_balancing".into(), format!("{}\n", scenario.numa_balancing));
    files.insert("/proc/sys/kernel/osrelease".into(), format!("{}\n", model.kernel()));
    files
}

/// CPUs of a node as the kernel lists them.
fn cpulist(cpu_nodes: &[usize], node: usize) -> String {
    let first = cpu_nodes.iter().position(|n| *n == node);
    let count = cpu_nodes.iter().filter(|n| **n == node).count();
    match (first, count) {
        (None, _) => String::new(),
        (Some(first), 1) => first.to_string(),
        (Some(first), count) => format!("{first}-{}", first + count - 1),
    }
}
