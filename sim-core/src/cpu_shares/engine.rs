//! CPUs and tasks in time: who runs, who sleeps, and when somebody chooses anew
//! (`kernel/sched/core.c`).

use super::bandwidth::Bandwidth;
use super::calc::{Load, WEIGHT_IDLEPRIO, shares_of_cpu_weight, weight_of_nice};
use super::fair::{Fair, Happening};
use super::rt::{RtRq, Server};
use super::rules::{RT_PERIOD, Rules};
use super::scenario::{Class, Scenario, Task};
use super::task::{Doing, Finished, TaskState, killed, ms, ns};
use crate::{Nanos, SECOND, mul_div};

/// A CPU that has tasks.
#[derive(Clone, Debug, Default)]
pub struct Cpu {
    /// Its number.
    pub id: i64,
    /// Who runs.
    pub curr: Option<usize>,
    /// Since when.
    pub since: Nanos,
    /// Its real-time tasks.
    pub rt: RtRq,
    /// What its fair tasks are sure of since 6.12.
    pub server: Server,
    /// Time with nobody to run, ns.
    pub idle_ns: u64,
    /// Times it went from one task to another, idling counted as one.
    pub nr_switches: u64,
    has_rt: bool,
}

/// Something to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Start { task: usize },
    End { task: usize },
    Sleep { task: usize, for_ns: u64 },
    Wake { task: usize },
    Switch { cpu: usize, prev: Option<usize>, next: Option<usize>, ran: u64, cause: Cause },
    Group(Happening),
    RtThrottle { cpu: usize },
    RtUnthrottle { cpu: usize },
    Server { cpu: usize, first: bool },
}

/// Why a CPU went from one task to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nobody had it.
    Idle,
    /// Who had it fell asleep.
    Slept,
    /// Who had it is gone.
    Exited,
    /// The group of who had it used up its quota.
    Quota,
    /// A real-time task comes before a fair one.
    Realtime,
    /// The real-time tasks have had their part of the second.
    RtLimit,
    /// Somebody woke up who comes first.
    Woken,
    /// At a tick it was another's turn.
    Turn,
}

/// A machine of the modelled kind.
#[derive(Clone, Debug)]
pub struct Engine {
    /// The tasks of the scenario, in its order.
    pub tasks: Vec<TaskState>,
    /// The CPUs that have tasks.
    pub cpus: Vec<Cpu>,
    /// The fair class.
    pub fair: Fair,
    rules: Rules,
    hz: u64,
    rt_runtime: u64,
    rt_period_timer: Option<Nanos>,
    now: Nanos,
    begun: bool,
    told: Vec<Told>,
}

/// Sessions that are groups of their own: those of fair tasks in no cgroup, in ascending order.
pub(super) fn sessions(scenario: &Scenario) -> Vec<i64> {
    let mut sessions: Vec<i64> = match scenario.sched_autogroup_enabled {
        0 => Vec::new(),
        _ => scenario
            .tasks
            .iter()
            .filter(|task| task.group < 0 && !task.policy.realtime())
            .map(|task| task.session)
            .collect(),
    };
    sessions.sort_unstable();
    sessions.dedup();
    sessions
}

impl Engine {
    /// The machine of a valid scenario, at time zero with nothing done yet.
    pub fn new(scenario: &Scenario, rules: Rules) -> Engine {
        let hz = scenario.hz as u64;
        let times = rules.times(scenario.cpus as u64, scenario.base_slice_ns as u64);
        let mut ids: Vec<i64> = scenario.tasks.iter().map(|task| task.cpu).collect();
        ids.sort_unstable();
        ids.dedup();
        let sessions = sessions(scenario);
        let mut groups: Vec<(u64, Bandwidth)> = scenario
            .groups
            .iter()
            .map(|group| {
                let quota = (group.quota_us != 0).then(|| ns(group.quota_us));
                (shares_of_cpu_weight(group.cpu_weight as u64), Bandwidth::new(quota, ns(group.period_us)))
            })
            .collect();
        groups.extend(sessions.iter().map(|_| (shares_of_cpu_weight(100), Bandwidth::default())));
        let mut fair = Fair::new(rules.policy, times, SECOND / hz, ids.len(), groups);
        let mut cpus: Vec<Cpu> = ids.iter().map(|id| Cpu { id: *id, ..Cpu::default() }).collect();
        let mut tasks = Vec::new();
        for (i, task) in scenario.tasks.iter().enumerate() {
            let cpu = ids.iter().position(|id| *id == task.cpu).unwrap_or(0);
            cpus[cpu].has_rt |= task.policy.realtime();
            let session = sessions.iter().position(|session| *session == task.session);
            let group = usize::try_from(task.group).ok().or(session.map(|at| scenario.groups.len() + at));
            let idle = task.policy == Class::Idle;
            let weight = if idle { WEIGHT_IDLEPRIO } else { weight_of_nice(task.nice) };
            let entity = fair.add(Load::of_task(weight), idle, cpu, group.filter(|_| !task.policy.realtime()));
            tasks.push(TaskState::new(task, entity, cpu, (scenario.seed as u64).wrapping_add(i as u64)));
        }
        let rt_runtime = match scenario.sched_rt_runtime_us {
            limit if limit >= 0 && !rules.fair_server => ns(limit),
            _ => RT_PERIOD,
        };
        Engine {
            tasks,
            cpus,
            fair,
            rules,
            hz,
            rt_runtime,
            rt_period_timer: None,
            now: 0,
            begun: false,
            told: Vec::new(),
        }
    }

    /// The time up to which everything is done.
    pub fn now(&self) -> Nanos {
        self.now
    }

    /// What happened since this was last asked.
    pub fn take_told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }

    fn tick_after(&self, t: Nanos) -> Nanos {
        let tick = |n: u64| mul_div(n, SECOND, self.hz);
        let n = mul_div(t, self.hz, SECOND);
        if tick(n) > t {
            tick(n)
        } else if tick(n + 1) > t {
            tick(n + 1)
        } else {
            tick(n + 2)
        }
    }

    /// Whether a tick falls on this moment.
    fn ticks_at(&self, t: Nanos) -> bool {
        t > 0 && self.tick_after(t - 1) == t
    }

    /// When something is to be done next.
    pub fn next(&self, scenario: &Scenario) -> Option<Nanos> {
        if !self.begun {
            return Some(0);
        }
        let busy = self.cpus.iter().any(|cpu| cpu.curr.is_some());
        let runs_out = self.cpus.iter().filter_map(|cpu| self.tasks[cpu.curr?].left()).map(|left| self.now + left);
        let tasks = self.tasks.iter().zip(&scenario.tasks).filter_map(|(state, task)| match state.doing {
            Doing::Unborn => Some(ms(task.from_ms)),
            Doing::Runnable => killed(scenario, task),
            Doing::Sleeping(until) => killed(scenario, task).into_iter().chain([until]).min(),
            Doing::Dead(_) => None,
        });
        let quotas = self.fair.bandwidth.iter().filter_map(Bandwidth::next_timer);
        let servers = self.cpus.iter().filter_map(|cpu| cpu.server.next_timer());
        // A timer that is behind would stop time: what is past is due at the next moment.
        let due = runs_out.chain(tasks).chain(quotas).chain(servers).chain(self.rt_period_timer);
        due.chain(busy.then(|| self.tick_after(self.now))).filter(|due| *due > self.now).min()
    }

    /// Lets time pass in which nothing is decided.
    pub fn pass(&mut self, to: Nanos) {
        let delta = to.saturating_sub(self.now);
        self.now = self.now.max(to);
        if delta == 0 {
            return;
        }
        for (i, task) in self.tasks.iter_mut().enumerate() {
            if task.doing == Doing::Runnable {
                let runs = self.cpus[task.cpu].curr == Some(i);
                *(if runs { &mut task.cpu_ns } else { &mut task.run_delay }) += delta;
                if runs {
                    task.spend(delta);
                }
            }
        }
        for cpu in &mut self.cpus {
            match cpu.curr {
                None => cpu.idle_ns += delta,
                Some(curr) if cpu.rt.queue.iter().any(|(task, _)| *task == curr) => cpu.rt.rt_time += delta,
                Some(_) => cpu.server.consume(delta),
            }
        }
    }

    /// Does what is due at this moment.
    pub fn work(&mut self, scenario: &Scenario) {
        let now = self.now;
        let ticks = self.ticks_at(now);
        for cpu in 0..self.cpus.len() {
            self.finish_burst(scenario, cpu);
        }
        for (i, task) in scenario.tasks.iter().enumerate() {
            self.follow_plan(scenario, i, task);
        }
        self.fair.bandwidth_timers(now);
        self.tell_groups();
        self.rt_period();
        for cpu in 0..self.cpus.len() {
            self.serve(cpu);
            if ticks {
                self.tick(scenario, cpu);
            }
        }
        for cpu in 0..self.cpus.len() {
            // Whoever comes to an idle CPU runs at once.
            if self.fair.resched[cpu] || self.cpus[cpu].curr.is_none() {
                self.schedule(scenario, cpu);
            }
        }
        self.tell_groups();
        self.begun = true;
    }

    fn tell_groups(&mut self) {
        self.told.extend(self.fair.happenings.drain(..).map(Told::Group));
    }

    /// Who runs has done what it came for: it sleeps or exits.
    fn finish_burst(&mut self, scenario: &Scenario, cpu: usize) {
        let Some(i) = self.cpus[cpu].curr else { return };
        match self.tasks[i].finished() {
            Some(Finished::Work) => {
                self.told.push(Told::End { task: i });
                self.leave(scenario, i, Doing::Dead(self.now));
            }
            Some(Finished::Burst) => {
                let for_ns = self.tasks[i].rests(&scenario.tasks[i], self.now);
                self.told.push(Told::Sleep { task: i, for_ns });
                self.leave(scenario, i, Doing::Sleeping(self.now + for_ns));
            }
            None => {}
        }
    }

    /// A task sleeps or is gone. Its CPU does not wait for the next tick to find another.
    fn leave(&mut self, scenario: &Scenario, i: usize, doing: Doing) {
        let task = &scenario.tasks[i];
        let state = &mut self.tasks[i];
        let (was, entity, cpu) = (std::mem::replace(&mut state.doing, doing), state.entity, state.cpu);
        let dies = matches!(doing, Doing::Dead(_));
        if task.policy.realtime() {
            self.cpus[cpu].rt.dequeue(i);
        } else if self.fair.entities[entity].on_rq && (was == Doing::Runnable || dies) {
            self.fair.dequeue_task(entity, dies, self.now);
        }
        if self.cpus[cpu].curr == Some(i) {
            self.schedule(scenario, cpu);
        }
    }

    /// What the scenario has a task do at this moment.
    fn follow_plan(&mut self, scenario: &Scenario, i: usize, task: &Task) {
        let (doing, now) = (self.tasks[i].doing, self.now);
        match doing {
            Doing::Dead(_) => {}
            Doing::Unborn if ms(task.from_ms) <= now => {
                if task.from_ms >= task.until_ms {
                    self.tasks[i].doing = Doing::Dead(now);
                    return;
                }
                self.told.push(Told::Start { task: i });
                self.arrive(task, i, true);
            }
            Doing::Runnable | Doing::Sleeping(_) if killed(scenario, task).is_some_and(|at| at <= now) => {
                self.told.push(Told::End { task: i });
                self.leave(scenario, i, Doing::Dead(now));
            }
            Doing::Sleeping(until) if until <= now => {
                self.told.push(Told::Wake { task: i });
                self.tasks[i].wakes(now);
                self.arrive(task, i, false);
            }
            _ => {}
        }
    }

    /// A task becomes runnable, and perhaps is to run at once (`try_to_wake_up`, `wake_up_new_task`).
    fn arrive(&mut self, task: &Task, i: usize, initial: bool) {
        let (entity, cpu, now) = (self.tasks[i].entity, self.tasks[i].cpu, self.now);
        self.tasks[i].doing = Doing::Runnable;
        let curr = self.cpus[cpu].curr;
        let realtime =
            |of: usize| self.cpus[cpu].rt.queue.iter().find(|(queued, _)| *queued == of).map(|(_, prio)| *prio);
        let above = curr.and_then(realtime);
        if task.policy.realtime() {
            self.cpus[cpu].rt.enqueue(i, task.rt_priority);
            self.rt_period_timer.get_or_insert(now + RT_PERIOD);
            self.fair.resched[cpu] |= above.is_none_or(|prio| prio < task.rt_priority);
            return;
        }
        self.fair.enqueue_task(entity, initial, now);
        if let Some(curr) = curr.filter(|_| above.is_none()) {
            let batch = task.policy == Class::Batch;
            self.fair.check_preempt_wakeup(self.tasks[curr].entity, entity, batch, now);
        }
    }

    fn rt_period(&mut self) {
        let Some(due) = self.rt_period_timer.filter(|due| *due <= self.now) else { return };
        self.rt_period_timer = Some(due + RT_PERIOD);
        for (i, cpu) in self.cpus.iter_mut().enumerate() {
            if cpu.rt.refill(self.rt_runtime) {
                self.fair.resched[i] = true;
                self.told.push(Told::RtUnthrottle { cpu: i });
            }
        }
    }

    /// Fair tasks that could run if the CPU were theirs.
    fn fair_runnable(&self, cpu: usize) -> bool {
        self.fair.h_nr_running(cpu) > 0
    }

    fn serve(&mut self, i: usize) {
        if !self.rules.fair_server || !self.cpus[i].has_rt {
            return;
        }
        let (runnable, now) = (self.fair_runnable(i), self.now);
        let cpu = &mut self.cpus[i];
        let was_first = cpu.server.first();
        cpu.server.follow(runnable, now);
        let changed = cpu.server.timer(now) || cpu.server.spent(now);
        let first = cpu.server.first();
        if changed || was_first != first {
            self.fair.resched[i] = true;
            let starving = self.cpus[i].rt.pick().is_some();
            if starving {
                self.told.push(Told::Server { cpu: i, first });
            }
        }
    }

    /// The timer tick (`sched_tick`).
    fn tick(&mut self, scenario: &Scenario, cpu: usize) {
        let Some(curr) = self.cpus[cpu].curr else { return };
        let (task, now) = (&scenario.tasks[curr], self.now);
        if self.tasks[curr].doing != Doing::Runnable {
            return;
        }
        if !task.policy.realtime() {
            self.fair.task_tick(self.tasks[curr].entity, now);
            return;
        }
        if self.cpus[cpu].rt.exceeds(self.rt_runtime) {
            self.told.push(Told::RtThrottle { cpu });
            self.fair.resched[cpu] = true;
        }
        let tick = SECOND / self.hz;
        let (state, rt) = (&mut self.tasks[curr], &mut self.cpus[cpu].rt);
        let turn_is_over = task.policy == Class::Rr && state.turn_is_over(tick);
        if turn_is_over && rt.has_equals(curr, task.rt_priority) {
            rt.dequeue(curr);
            rt.enqueue(curr, task.rt_priority);
            self.fair.resched[cpu] = true;
        }
    }

    /// Who is to run: the highest class that has somebody (`__pick_next_task`).
    fn pick(&mut self, cpu: usize) -> Option<usize> {
        let now = self.now;
        let rt = if self.cpus[cpu].rt.throttled { None } else { self.cpus[cpu].rt.pick() };
        if rt.is_some() && !self.cpus[cpu].server.first() {
            return rt;
        }
        let entity = self.fair.pick_task(cpu, now);
        let fair = entity.and_then(|entity| self.tasks.iter().position(|task| task.entity == entity));
        fair.or(rt)
    }

    fn schedule(&mut self, scenario: &Scenario, cpu: usize) {
        let now = self.now;
        let prev = self.cpus[cpu].curr;
        let next = self.pick(cpu);
        self.fair.resched[cpu] = false;
        if next == prev {
            return;
        }
        let fair = |task: Option<usize>| {
            task.filter(|task| !scenario.tasks[*task].policy.realtime()).map(|task| self.tasks[task].entity)
        };
        let (leaving, coming) = (fair(prev), fair(next));
        let cause = self.cause(scenario, cpu, prev, next);
        self.fair.switch(leaving, coming, now);
        self.tell_groups();
        let ran = now - self.cpus[cpu].since;
        self.told.push(Told::Switch { cpu, prev, next, ran, cause });
        if let Some(prev) = prev {
            let state = &mut self.tasks[prev];
            *(if state.doing == Doing::Runnable { &mut state.nivcsw } else { &mut state.nvcsw }) += 1;
        }
        if let Some(next) = next {
            self.tasks[next].gets_cpu(now);
        }
        let cpu = &mut self.cpus[cpu];
        cpu.curr = next;
        cpu.since = now;
        cpu.nr_switches += 1;
    }

    fn cause(&self, scenario: &Scenario, cpu: usize, prev: Option<usize>, next: Option<usize>) -> Cause {
        let Some(prev) = prev else { return Cause::Idle };
        let realtime = |task: usize| scenario.tasks[task].policy.realtime();
        let queue = &self.fair.rqs[self.fair.entities[self.tasks[prev].entity].cfs_rq];
        match self.tasks[prev].doing {
            Doing::Dead(_) => Cause::Exited,
            Doing::Sleeping(_) => Cause::Slept,
            _ if next.is_some_and(realtime) && !realtime(prev) => Cause::Realtime,
            _ if realtime(prev) && (self.cpus[cpu].rt.throttled || self.cpus[cpu].server.first()) => Cause::RtLimit,
            _ if !realtime(prev) && queue.throttled.is_some() => Cause::Quota,
            _ if next.is_some_and(|next| self.tasks[next].woken_at == Some(self.now)) => Cause::Woken,
            _ => Cause::Turn,
        }
    }
}
