//! The files the kernel would show.

use std::fmt::Write;

use super::calc::{WEIGHT_IDLEPRIO, weight_of_nice};
use super::model::CpuShares;
use super::rules::Policy;
use super::scenario::{Class, Scenario, Task, letter};
use super::task::{Doing, TaskState};
use super::view::Owner;
use crate::model::Files;
use crate::{KernelVersion, MILLISECOND, Nanos};

/// Nanoseconds in one unit of `/proc/stat` (`USER_HZ` is 100 everywhere).
const USER_HZ_NS: Nanos = 10 * MILLISECOND;
/// The PID of task A; the others follow.
const FIRST_PID: usize = 1001;

fn ms6(ns: i64) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    format!("{sign}{}.{:06}", ns.unsigned_abs() / MILLISECOND, ns.unsigned_abs() % MILLISECOND)
}

/// The kernel's priority, 0 to 139 (`p->prio`).
fn prio(task: &Task) -> i64 {
    if task.policy.realtime() { 99 - task.rt_priority } else { 120 + task.nice }
}

/// `kernel/sched/debug.c: proc_sched_show_task`, the lines that do not depend on the build.
fn sched(model: &CpuShares, i: usize, task: &Task, state: &TaskState) -> String {
    let entity = &model.engine.fair.entities[state.entity];
    let mut text = format!("task-{} ({}, #threads: 1)\n{:-<67}\n", letter(i), FIRST_PID + i, "");
    let weight = if task.policy == Class::Idle { WEIGHT_IDLEPRIO } else { weight_of_nice(task.nice) };
    let mut line = |name: &str, value: String| text += &format!("{name:<45}:{value:>21}\n");
    let mut time = |name: &str, ns: i64| line(name, ms6(ns));
    time("se.exec_start", entity.exec_start as i64);
    time("se.vruntime", entity.vruntime);
    time("se.sum_exec_runtime", state.cpu_ns as i64);
    let mut number = |name: &str, n: u64| line(name, n.to_string());
    number("se.nr_migrations", 0);
    number("nr_switches", state.nvcsw + state.nivcsw);
    number("nr_voluntary_switches", state.nvcsw);
    number("nr_involuntary_switches", state.nivcsw);
    number("se.load.weight", weight << 10);
    number("policy", u64::from(task.policy.number()));
    number("prio", prio(task) as u64);
    if matches!(model.policy(), Policy::Eevdf { delay_dequeue: true }) {
        number("se.slice", entity.slice);
    }
    text
}

/// `fs/proc/array.c: do_task_stat`; what the model has no idea of is 0.
fn stat_of_task(scenario: &Scenario, i: usize, task: &Task, state: &TaskState) -> String {
    let pid = FIRST_PID + i;
    let letter_of_state = if matches!(state.doing, Doing::Sleeping(_)) { "S" } else { "R" };
    let (utime, started) = (state.cpu_ns / USER_HZ_NS, task.from_ms / 10);
    let (priority, nice) = (prio(task) - 100, task.nice);
    let session = if scenario.sched_autogroup_enabled == 0 { 1000 } else { 1000 + task.session };
    let mut fields = vec![pid.to_string(), format!("(task-{})", letter(i)), letter_of_state.to_owned()];
    let numbers = [1, pid as i64, session, 0, -1, 0, 0, 0, 0, 0, utime as i64, 0, 0, 0, priority, nice, 1, 0, started];
    fields.extend(numbers.map(|n| n.to_string()));
    // Fields 23 to 37: memory, addresses and signals.
    fields.extend(std::iter::repeat_n("0".to_owned(), 15));
    let (policy, rt) = (i64::from(task.policy.number()), task.rt_priority);
    fields.extend([17, task.cpu, rt, policy].map(|n| n.to_string()));
    fields.extend(std::iter::repeat_n("0".to_owned(), 11));
    fields.join(" ") + "\n"
}

/// The lines of `fs/proc/stat.c` about CPUs.
fn stat(model: &CpuShares) -> String {
    let now = model.engine.now();
    let line = |user: u64, nice: u64, idle: u64| {
        let [user, nice, idle] = [user, nice, idle].map(|ns| ns / USER_HZ_NS);
        format!("{user} {nice} 0 {idle} 0 0 0 0 0 0")
    };
    let of = |on: Option<i64>, niced: bool| -> u64 {
        let tasks = model.engine.tasks.iter().zip(&model.scenario.tasks);
        let counted = tasks.filter(|(_, task)| on.is_none_or(|cpu| task.cpu == cpu) && (task.nice > 0) == niced);
        counted.map(|(state, _)| state.cpu_ns).sum()
    };
    let cpus = model.scenario.cpus;
    let (user, nice) = (of(None, false), of(None, true));
    let mut text = format!("cpu  {}\n", line(user, nice, (now * cpus as u64).saturating_sub(user + nice)));
    for cpu in 0..cpus {
        let (user, nice) = (of(Some(cpu), false), of(Some(cpu), true));
        let _ = writeln!(text, "cpu{cpu} {}", line(user, nice, now.saturating_sub(user + nice)));
    }
    let switches: u64 = model.engine.cpus.iter().map(|cpu| cpu.nr_switches).sum();
    let running = model.engine.tasks.iter().filter(|task| task.doing == Doing::Runnable).count();
    let _ = writeln!(text, "ctxt {switches}\nprocs_running {}\nprocs_blocked 0", running + 1);
    text
}

/// `kernel/sched/core.c: cpu_stat_show` of a cgroup.
fn cpu_stat(model: &CpuShares, group: usize) -> String {
    let used: u64 = (0..model.scenario.tasks.len())
        .filter(|task| model.scenario.tasks[*task].group == group as i64)
        .map(|task| model.exec(task))
        .sum();
    let usec = used / 1000;
    let bandwidth = &model.engine.fair.bandwidth[group];
    let mut text = format!("usage_usec {usec}\nuser_usec {usec}\nsystem_usec 0\n");
    let (periods, throttled, time) = (bandwidth.nr_periods, bandwidth.nr_throttled, bandwidth.throttled_time / 1000);
    let _ = write!(text, "nr_periods {periods}\nnr_throttled {throttled}\nthrottled_usec {time}\n");
    // Bursts came in 5.14; nobody here has saved any quota for one.
    if model.kernel() >= KernelVersion::new(5, 14, 0) {
        text += "nr_bursts 0\nburst_usec 0\n";
    }
    text
}

/// Every file of the model.
pub fn all(model: &CpuShares) -> Files {
    let mut files = Files::new();
    let mut add = |path: String, text: String| drop(files.insert(path.into(), text));
    add("/proc/stat".into(), stat(model));
    add("/proc/sys/kernel/osrelease".into(), format!("{}\n", model.kernel()));
    let scenario = model.scenario();
    add("/proc/sys/kernel/sched_autogroup_enabled".into(), format!("{}\n", scenario.sched_autogroup_enabled));
    add("/proc/sys/kernel/sched_rt_runtime_us".into(), format!("{}\n", scenario.sched_rt_runtime_us));
    for (i, (task, state)) in scenario.tasks.iter().zip(&model.engine.tasks).enumerate() {
        if matches!(state.doing, Doing::Unborn | Doing::Dead(_)) {
            continue;
        }
        let path = |name: &str| format!("/proc/{}/{name}", FIRST_PID + i);
        add(path("stat"), stat_of_task(scenario, i, task, state));
        add(path("schedstat"), format!("{} {} {}\n", state.cpu_ns, state.run_delay, state.pcount));
        add(path("sched"), sched(model, i, task, state));
        let rq = &model.engine.fair.rqs[model.engine.fair.entities[state.entity].cfs_rq];
        if let Owner::Session(session) = model.owner_of_group(rq.group) {
            add(path("autogroup"), format!("/autogroup-{} nice 0\n", session + 1));
        }
    }
    for (i, group) in scenario.groups.iter().enumerate() {
        let path = |name: &str| format!("/sys/fs/cgroup/g{i}/{name}");
        let quota = if group.quota_us == 0 { "max".to_owned() } else { group.quota_us.to_string() };
        add(path("cpu.weight"), format!("{}\n", group.cpu_weight));
        add(path("cpu.max"), format!("{quota} {}\n", group.period_us));
        add(path("cpu.stat"), cpu_stat(model, i));
    }
    files
}
