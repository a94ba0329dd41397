//! The state as a picture shows it.

use super::engine::sessions;
use super::model::CpuShares;
use super::rules::Policy;
use super::scenario::{Class, letter};
use super::task::Doing;
use crate::{Nanos, Text, text};

/// Whose an entity or a queue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A task, by its index.
    Task(usize),
    /// A cgroup, by its index.
    Group(usize),
    /// The autogroup of a session.
    Session(i64),
    /// The CPU itself.
    Root,
}

impl Owner {
    /// What a reader calls it.
    pub fn text(self) -> Text {
        match self {
            Owner::Task(task) => {
                let letter = letter(task);
                text!(ko: "{letter}", en: "{letter}")
            }
            Owner::Group(group) => text!(ko: "그룹 g{group}", en: "group g{group}"),
            Owner::Session(session) => text!(ko: "세션 {session}", en: "session {session}"),
            Owner::Root => Text::fixed("CPU", "CPU"),
        }
    }
}

/// An entity on a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntityView {
    /// Whose it is.
    pub owner: Owner,
    /// Its weight, nice 0 being 1024.
    pub weight: u64,
    /// Its virtual runtime now, ns.
    pub vruntime: i64,
    /// EEVDF: its deadline, ns of virtual time.
    pub deadline: Option<i64>,
    /// EEVDF: what it has coming, ns of virtual time; below zero what it owes.
    pub lag: Option<i64>,
    /// Whether it has the CPU, or the group's turn on it.
    pub running: bool,
    /// Whether it sleeps and is queued only until it owes nothing.
    pub delayed: bool,
}

/// A queue of the fair class that is not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueView {
    /// Number of its CPU.
    pub cpu: i64,
    /// Whose queue it is.
    pub owner: Owner,
    /// Its virtual time: CFS the smallest that does not go back, EEVDF the weighted mean, ns.
    pub virtual_time: i64,
    /// Since when it has been stopped for want of quota.
    pub throttled: Option<Nanos>,
    /// What is on it, whoever is furthest behind first.
    pub entities: Vec<EntityView>,
}

/// The real-time tasks of a CPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RtView {
    /// Number of the CPU.
    pub cpu: i64,
    /// Whether they wait for the next second.
    pub throttled: bool,
    /// Tasks, priorities, and who runs, the highest first.
    pub tasks: Vec<(usize, i64, bool)>,
}

/// A task and what it has had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskView {
    /// Number of its CPU.
    pub cpu: i64,
    /// Its nice value.
    pub nice: i64,
    /// Its policy.
    pub policy: Class,
    /// Its real-time priority.
    pub rt_priority: i64,
    /// The group it is in.
    pub owner: Owner,
    /// What it is doing.
    pub doing: Doing,
    /// Whether it has the CPU.
    pub running: bool,
    /// CPU time so far, ns.
    pub cpu_ns: u64,
    /// How long it has waited for the CPU, ns.
    pub run_delay: u64,
    /// The longest from waking to running, ns.
    pub latency_max: u64,
    /// How often it ran after a sleep.
    pub wakeups: u64,
}

impl CpuShares {
    /// Whether deadlines decide (6.6) or the smallest virtual runtime.
    pub fn policy(&self) -> Policy {
        self.engine.fair.policy
    }

    pub(super) fn owner_of_group(&self, group: Option<usize>) -> Owner {
        let cgroups = self.scenario.groups.len();
        match group {
            None => Owner::Root,
            Some(group) if group < cgroups => Owner::Group(group),
            Some(group) => Owner::Session(sessions(&self.scenario).get(group - cgroups).copied().unwrap_or(0)),
        }
    }

    pub(super) fn owner_of_entity(&self, e: usize) -> Owner {
        match self.engine.fair.entities[e].my_q {
            Some(q) => self.owner_of_group(self.engine.fair.rqs[q].group),
            None => Owner::Task(self.engine.tasks.iter().position(|task| task.entity == e).unwrap_or(0)),
        }
    }

    /// The queues of the fair class that hold something, by CPU and the CPU's own first.
    pub fn queues(&self) -> Vec<QueueView> {
        let mut fair = self.engine.fair.clone();
        let now = self.engine.now();
        let eevdf = matches!(fair.policy, Policy::Eevdf { .. });
        (0..fair.rqs.len())
            .filter(|q| self.engine.fair.rqs[*q].nr_queued > 0)
            .map(|q| {
                // Between two ticks the kernel has not counted yet what a reader can see.
                fair.update_curr(q, now);
                let rq = &fair.rqs[q];
                let mean = rq.average(&fair.entities).vruntime();
                let running = rq.running(&fair.entities);
                let mut entities: Vec<_> = rq
                    .waiting
                    .iter()
                    .copied()
                    .chain(running)
                    .map(|e| {
                        let entity = &fair.entities[e];
                        EntityView {
                            owner: self.owner_of_entity(e),
                            weight: entity.load.down(),
                            vruntime: entity.vruntime,
                            deadline: eevdf.then_some(entity.deadline),
                            lag: eevdf.then_some(mean - entity.vruntime),
                            running: running == Some(e),
                            delayed: entity.sched_delayed,
                        }
                    })
                    .collect();
                entities.sort_by_key(|entity| entity.vruntime);
                QueueView {
                    cpu: self.engine.cpus[rq.cpu].id,
                    owner: self.owner_of_group(rq.group),
                    virtual_time: if eevdf { mean } else { rq.min_vruntime },
                    throttled: rq.throttled,
                    entities,
                }
            })
            .collect()
    }

    /// The real-time tasks that run or wait, by CPU.
    pub fn realtime(&self) -> Vec<RtView> {
        let cpus = self.engine.cpus.iter().filter(|cpu| !cpu.rt.queue.is_empty());
        cpus.map(|cpu| {
            let mut tasks: Vec<_> =
                cpu.rt.queue.iter().map(|(task, prio)| (*task, *prio, cpu.curr == Some(*task))).collect();
            tasks.sort_by_key(|(_, prio, _)| -prio);
            RtView { cpu: cpu.id, throttled: cpu.rt.throttled, tasks }
        })
        .collect()
    }

    /// Every task of the scenario.
    pub fn tasks(&self) -> Vec<TaskView> {
        self.engine
            .tasks
            .iter()
            .zip(&self.scenario.tasks)
            .enumerate()
            .map(|(i, (state, task))| {
                let rq = &self.engine.fair.rqs[self.engine.fair.entities[state.entity].cfs_rq];
                TaskView {
                    cpu: task.cpu,
                    nice: task.nice,
                    policy: task.policy,
                    rt_priority: task.rt_priority,
                    owner: self.owner_of_group(rq.group),
                    doing: state.doing,
                    running: self.engine.cpus[state.cpu].curr == Some(i),
                    cpu_ns: state.cpu_ns,
                    run_delay: state.run_delay,
                    latency_max: state.latency_max,
                    wakeups: state.wakeups,
                }
            })
            .collect()
    }

    /// Who runs on each CPU that has tasks: number of the CPU and index of the task.
    pub fn running(&self) -> Vec<(i64, Option<usize>)> {
        self.engine.cpus.iter().map(|cpu| (cpu.id, cpu.curr)).collect()
    }
}
