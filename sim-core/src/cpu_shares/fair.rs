//! The fair class: queues of entities in queues of entities (`kernel/sched/fair.c`).

use super::bandwidth::Bandwidth;
use super::calc::{Load, calc_group_shares, scale_load_down};
use super::entity::{CfsRq, Entity};
use super::rules::{Policy, Times};
use crate::Nanos;

/// What happened within the fair class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A group's queue was stopped: its quota is used up.
    Throttle { group: usize, cpu: usize },
    /// It goes on after so many ns.
    Unthrottle { group: usize, cpu: usize, after: u64 },
}

/// The entities of all tasks and groups, and their queues.
#[derive(Clone, Debug)]
pub struct Fair {
    pub policy: Policy,
    pub times: Times,
    pub tick_ns: u64,
    pub entities: Vec<Entity>,
    pub rqs: Vec<CfsRq>,
    /// Whether a CPU is to choose anew.
    pub resched: Vec<bool>,
    /// The weight of each group, times 1024.
    pub shares: Vec<u64>,
    pub bandwidth: Vec<Bandwidth>,
    pub happenings: Vec<Happening>,
}

impl Fair {
    /// Queues of so many CPUs and groups, each group with its weight and its quota.
    pub fn new(policy: Policy, times: Times, tick_ns: u64, cpus: usize, groups: Vec<(u64, Bandwidth)>) -> Fair {
        let (shares, bandwidth): (Vec<_>, Vec<_>) = groups.into_iter().unzip();
        let mut fair = Fair {
            policy,
            times,
            tick_ns,
            entities: Vec::new(),
            rqs: Vec::new(),
            resched: vec![false; cpus],
            shares,
            bandwidth,
            happenings: Vec::new(),
        };
        for cpu in 0..cpus {
            let root = fair.rqs.len();
            fair.rqs.push(CfsRq { cpu, ..CfsRq::default() });
            for group in 0..fair.shares.len() {
                let (se, my_q) = (fair.entities.len(), fair.rqs.len());
                fair.entities.push(Entity::new(Load::of_sum(fair.shares[group]), root, Some(my_q)));
                fair.rqs.push(CfsRq { cpu, se: Some(se), group: Some(group), ..CfsRq::default() });
            }
        }
        fair
    }

    /// The queue of a group, or of no group, on a CPU.
    pub fn queue(&self, cpu: usize, group: Option<usize>) -> usize {
        cpu * (self.shares.len() + 1) + group.map_or(0, |group| group + 1)
    }

    /// A task's new entity.
    pub fn add(&mut self, load: Load, idle: bool, cpu: usize, group: Option<usize>) -> usize {
        let entity = Entity { idle, ..Entity::new(load, self.queue(cpu, group), None) };
        self.entities.push(entity);
        self.entities.len() - 1
    }

    /// One level up: the entity of the group an entity is in.
    pub fn parent(&self, e: usize) -> Option<usize> {
        self.rqs[self.entities[e].cfs_rq].se
    }

    fn eevdf(&self) -> bool {
        matches!(self.policy, Policy::Eevdf { .. })
    }

    /// Counts what ran (`update_curr`, `update_deadline`).
    pub fn update_curr(&mut self, q: usize, now: Nanos) {
        let Some(curr) = self.rqs[q].curr else { return };
        let entity = &mut self.entities[curr];
        let delta = now.saturating_sub(entity.exec_start);
        if delta == 0 {
            return;
        }
        entity.exec_start = now;
        entity.sum_exec_runtime += delta;
        entity.vruntime += entity.fair(delta);
        if matches!(self.policy, Policy::Eevdf { .. }) && entity.vruntime >= entity.deadline {
            entity.slice = self.times.base_slice;
            entity.deadline = entity.vruntime + entity.fair(entity.slice);
            let rq = &self.rqs[q];
            self.resched[rq.cpu] |= rq.nr_queued > 1;
        }
        self.rqs[q].update_min_vruntime(&self.entities);
        self.account_cfs_rq_runtime(q, delta, now);
    }

    /// How many tasks of a CPU are queued, in groups or not.
    pub fn h_nr_running(&self, cpu: usize) -> u64 {
        let root = &self.rqs[self.queue(cpu, None)];
        let queued = root.waiting.iter().copied().chain(root.running(&self.entities));
        queued.map(|e| self.entities[e].my_q.map_or(1, |q| self.rqs[q].nr_queued)).sum()
    }

    /// CFS: how long an entity is to run in one go (`sched_slice`).
    pub fn sched_slice(&self, e: usize) -> u64 {
        let Policy::Cfs { floor } = self.policy else { return self.entities[e].slice };
        let rq = &self.rqs[self.entities[e].cfs_rq];
        let nr = if floor { self.h_nr_running(rq.cpu) } else { rq.nr_queued };
        let nr = nr + u64::from(!self.entities[e].on_rq);
        let Times { latency, min_granularity, .. } = self.times;
        let mut slice = if nr > super::rules::SCHED_NR_LATENCY { nr * min_granularity } else { latency };
        let mut at = Some(e);
        while let Some(e) = at {
            let entity = &self.entities[e];
            let own = if entity.on_rq { 0 } else { entity.load.weight };
            let load = Load::of_sum(self.rqs[entity.cfs_rq].load + own);
            slice = super::calc::calc_delta(slice, entity.load.down(), load);
            at = self.parent(e);
        }
        if floor { slice.max(min_granularity) } else { slice }
    }

    /// Where an entity comes to stand when it joins the queue (`place_entity`).
    fn place_entity(&mut self, q: usize, e: usize, initial: bool) {
        if self.eevdf() {
            self.place_by_lag(q, e, initial);
            return;
        }
        let min = self.rqs[q].min_vruntime;
        if initial {
            let debit = self.entities[e].fair(self.sched_slice(e));
            self.entities[e].vruntime = min + debit;
            return;
        }
        let Times { latency, min_granularity, .. } = self.times;
        let credit = if self.entities[e].idle { min_granularity } else { latency } / 2;
        let entity = &mut self.entities[e];
        entity.vruntime = entity.vruntime.max(min - credit as i64);
    }

    fn place_by_lag(&mut self, q: usize, e: usize, initial: bool) {
        let average = self.rqs[q].average(&self.entities);
        let entity = &mut self.entities[e];
        entity.slice = self.times.base_slice;
        let mut vslice = entity.fair(entity.slice);
        let mut lag = 0;
        if average.load() > 0 {
            // It moves the mean towards itself when it joins: what it is owed has to grow by as much.
            let weight = i128::from(entity.load.down());
            lag = (i128::from(entity.vlag) * (average.load() + weight) / average.load()) as i64;
        }
        if initial {
            vslice /= 2;
        }
        entity.vruntime = average.vruntime() - lag;
        entity.deadline = entity.vruntime + vslice;
    }

    /// EEVDF: what an entity is owed, within bounds (`update_entity_lag`).
    fn update_entity_lag(&mut self, q: usize, e: usize) {
        if !self.eevdf() {
            return;
        }
        let mean = self.rqs[q].average(&self.entities).vruntime();
        let entity = &mut self.entities[e];
        let limit = entity.fair((2 * entity.slice).max(self.tick_ns));
        entity.vlag = (mean - entity.vruntime).clamp(-limit, limit);
    }

    fn enqueue_entity(&mut self, q: usize, e: usize, initial: bool, now: Nanos) {
        self.update_curr(q, now);
        self.update_cfs_group(e, now);
        self.place_entity(q, e, initial);
        let rq = &mut self.rqs[q];
        rq.load += self.entities[e].load.weight;
        rq.nr_queued += 1;
        if rq.curr != Some(e) {
            rq.waiting.push(e);
        }
        self.entities[e].on_rq = true;
        if self.rqs[q].nr_queued == 1 {
            self.check_enqueue_throttle(q, now);
        }
    }

    /// Takes an entity off its queue. Since 6.12 one that owes stays until it does not, unless it
    /// `must` go; the answer is whether it left (`dequeue_entity`).
    pub(super) fn dequeue_entity(&mut self, q: usize, e: usize, must: bool, now: Nanos) -> bool {
        self.update_curr(q, now);
        let delays = self.policy == Policy::Eevdf { delay_dequeue: true } && !must;
        if delays && !self.rqs[q].average(&self.entities).eligible(self.entities[e].vruntime) {
            self.entities[e].sched_delayed = true;
            return false;
        }
        self.update_entity_lag(q, e);
        if std::mem::take(&mut self.entities[e].sched_delayed) {
            // DELAY_ZERO: it stayed to pay, not to be paid.
            self.entities[e].vlag = self.entities[e].vlag.min(0);
        }
        let rq = &mut self.rqs[q];
        rq.waiting.retain(|waiting| *waiting != e);
        rq.load -= self.entities[e].load.weight;
        rq.nr_queued -= 1;
        self.entities[e].on_rq = false;
        self.return_cfs_rq_runtime(q, now);
        self.rqs[q].update_min_vruntime(&self.entities);
        true
    }

    /// A task becomes runnable (`enqueue_task_fair`).
    pub fn enqueue_task(&mut self, task: usize, mut initial: bool, now: Nanos) {
        let mut at = Some(task);
        while let Some(e) = at {
            if self.entities[e].on_rq {
                if self.entities[e].sched_delayed {
                    self.requeue_delayed_entity(e, now);
                }
                break;
            }
            let q = self.entities[e].cfs_rq;
            self.enqueue_entity(q, e, initial, now);
            if self.rqs[q].throttled.is_some() {
                return;
            }
            initial = false;
            at = self.parent(e);
        }
        self.update_groups_above(at, now);
    }

    /// A task falls asleep or exits (`dequeue_task_fair`). One that exits `must` leave.
    pub fn dequeue_task(&mut self, task: usize, must: bool, now: Nanos) {
        let mut at = Some(task);
        while let Some(e) = at {
            let q = self.entities[e].cfs_rq;
            if !self.dequeue_entity(q, e, must && e == task, now) {
                break;
            }
            at = self.parent(e);
            if self.rqs[q].throttled.is_some() {
                return;
            }
            if self.rqs[q].load > 0 {
                break;
            }
        }
        self.update_groups_above(at, now);
    }

    fn update_groups_above(&mut self, mut at: Option<usize>, now: Nanos) {
        while let Some(e) = at {
            self.update_cfs_group(e, now);
            at = self.parent(e);
        }
    }

    /// A sleeper that stayed queued wakes up: it is simply there again (`requeue_delayed_entity`).
    fn requeue_delayed_entity(&mut self, e: usize, now: Nanos) {
        let q = self.entities[e].cfs_rq;
        self.update_curr(q, now);
        self.update_entity_lag(q, e);
        self.entities[e].sched_delayed = false;
        if self.entities[e].vlag > 0 && self.rqs[q].curr != Some(e) {
            self.entities[e].vlag = 0;
            self.rqs[q].waiting.retain(|waiting| *waiting != e);
            self.place_entity(q, e, false);
            self.rqs[q].waiting.push(e);
        }
    }

    /// Gives a group's entity the weight that its tasks on this CPU call for (`update_cfs_group`).
    fn update_cfs_group(&mut self, e: usize, now: Nanos) {
        let Some(my_q) = self.entities[e].my_q else { return };
        let rq = &self.rqs[my_q];
        let Some(group) = rq.group.filter(|_| rq.load > 0 && rq.throttled.is_none()) else { return };
        let here = scale_load_down(rq.load);
        let all = (0..self.resched.len()).map(|cpu| scale_load_down(self.rqs[self.queue(cpu, Some(group))].load)).sum();
        let shares = calc_group_shares(self.shares[group], here, all);
        if shares != self.entities[e].load.weight {
            self.reweight_entity(e, shares, now);
        }
    }

    /// Changes a weight; what is owed stays the same in CPU time (`reweight_entity`).
    fn reweight_entity(&mut self, e: usize, weight: u64, now: Nanos) {
        let q = self.entities[e].cfs_rq;
        let old = self.entities[e].load.weight.max(1);
        let scale = |v: i64| (i128::from(v) * i128::from(old) / i128::from(weight.max(1))) as i64;
        let eevdf = self.eevdf();
        if self.entities[e].on_rq {
            self.update_curr(q, now);
            let mean = self.rqs[q].average(&self.entities).vruntime();
            self.rqs[q].load = self.rqs[q].load - self.entities[e].load.weight + weight;
            let entity = &mut self.entities[e];
            if eevdf {
                let protected = entity.vprot == entity.deadline;
                let ahead = scale(entity.deadline - entity.vruntime);
                entity.vruntime = mean - scale(mean - entity.vruntime);
                entity.deadline = entity.vruntime + ahead;
                if protected {
                    entity.vprot = entity.deadline;
                }
            }
        } else if eevdf {
            self.entities[e].vlag = scale(self.entities[e].vlag);
        }
        self.entities[e].load = Load::of_sum(weight);
        self.rqs[q].update_min_vruntime(&self.entities);
    }

    /// Whether a woken task should run at once (`check_preempt_wakeup_fair`).
    pub fn check_preempt_wakeup(&mut self, curr: usize, woken: usize, batch: bool, now: Nanos) {
        let cpu = self.rqs[self.entities[woken].cfs_rq].cpu;
        let (curr_idle, woken_idle) = (self.entities[curr].idle, self.entities[woken].idle);
        if self.resched[cpu] || curr == woken {
            return;
        }
        if curr_idle && !woken_idle {
            self.resched[cpu] = true;
            return;
        }
        if batch || woken_idle {
            return;
        }
        // The level at which both stand in one queue (find_matching_se).
        let (mut se, mut pse) = (curr, woken);
        if self.entities[se].cfs_rq != self.entities[pse].cfs_rq {
            se = self.parent(se).unwrap_or(se);
            pse = self.parent(pse).unwrap_or(pse);
        }
        let q = self.entities[se].cfs_rq;
        if !self.entities[pse].on_rq || self.entities[pse].cfs_rq != q {
            return;
        }
        self.update_curr(q, now);
        self.resched[cpu] |= match self.policy {
            Policy::Cfs { .. } => {
                let woken = &self.entities[pse];
                self.entities[se].vruntime - woken.vruntime > woken.fair(self.times.wakeup_granularity)
            }
            Policy::Eevdf { .. } => self.rqs[q].pick(self.policy, &self.entities) == Some(pse),
        };
    }

    /// The tick of who runs (`task_tick_fair`, `entity_tick`).
    pub fn task_tick(&mut self, task: usize, now: Nanos) {
        let mut at = Some(task);
        while let Some(e) = at {
            let q = self.entities[e].cfs_rq;
            self.update_curr(q, now);
            self.update_cfs_group(e, now);
            if !self.eevdf() && self.rqs[q].nr_queued > 1 {
                self.check_preempt_tick(q, e);
            }
            at = self.parent(e);
        }
    }

    /// CFS: whether the slice is over, or somebody is too far behind.
    fn check_preempt_tick(&mut self, q: usize, e: usize) {
        let ideal = self.sched_slice(e);
        let entity = &self.entities[e];
        let ran = entity.sum_exec_runtime - entity.prev_sum_exec_runtime;
        let behind =
            self.rqs[q].leftmost(&self.entities).map_or(0, |left| entity.vruntime - self.entities[left].vruntime);
        let late = ran >= self.times.min_granularity && behind > i64::try_from(ideal).unwrap_or(i64::MAX);
        let cpu = self.rqs[q].cpu;
        self.resched[cpu] |= ran > ideal || late;
    }

    /// Which task of a CPU is to run next (`pick_task_fair`); sleepers that stayed queued leave when
    /// their turn comes.
    pub fn pick_task(&mut self, cpu: usize, now: Nanos) -> Option<usize> {
        'again: loop {
            let mut q = self.queue(cpu, None);
            loop {
                if self.rqs[q].running(&self.entities).is_some() {
                    self.update_curr(q, now);
                }
                if self.check_cfs_rq_runtime(q, now) {
                    continue 'again;
                }
                let e = self.rqs[q].pick(self.policy, &self.entities)?;
                if self.entities[e].sched_delayed {
                    self.finish_delayed(e, now);
                    continue 'again;
                }
                match self.entities[e].my_q {
                    Some(my_q) => q = my_q,
                    None => return Some(e),
                }
            }
        }
    }

    fn finish_delayed(&mut self, e: usize, now: Nanos) {
        let q = self.entities[e].cfs_rq;
        self.dequeue_entity(q, e, true, now);
        if let Some(up) = self.rqs[q].se.filter(|_| self.rqs[q].load == 0 && self.rqs[q].throttled.is_none()) {
            let q = self.entities[up].cfs_rq;
            self.dequeue_entity(q, up, false, now);
        }
    }

    /// The CPU goes from one fair task to another, or to or from none. Groups that both are in stay
    /// where they are (`pick_next_task_fair`).
    pub fn switch(&mut self, prev: Option<usize>, next: Option<usize>, now: Nanos) {
        let line = |fair: &Fair, task: Option<usize>| [task, task.and_then(|task| fair.parent(task))];
        let (leaving, coming) = (line(self, prev), line(self, next));
        for e in leaving.into_iter().flatten().filter(|e| !coming.contains(&Some(*e))) {
            self.put_prev_entity(e, now);
        }
        for e in coming.into_iter().flatten().filter(|e| !leaving.contains(&Some(*e))) {
            self.set_next_entity(e, now);
        }
    }

    fn put_prev_entity(&mut self, e: usize, now: Nanos) {
        let q = self.entities[e].cfs_rq;
        if self.entities[e].on_rq {
            self.update_curr(q, now);
        }
        self.check_cfs_rq_runtime(q, now);
        if self.entities[e].on_rq {
            self.rqs[q].waiting.push(e);
        }
        self.rqs[q].curr = None;
    }

    fn set_next_entity(&mut self, e: usize, now: Nanos) {
        let rq = &mut self.rqs[self.entities[e].cfs_rq];
        rq.waiting.retain(|waiting| *waiting != e);
        rq.curr = Some(e);
        let entity = &mut self.entities[e];
        entity.vprot = entity.deadline;
        entity.exec_start = now;
        entity.prev_sum_exec_runtime = entity.sum_exec_runtime;
    }
}
