//! What competes for a CPU, and the queue it stands in (`struct sched_entity`, `struct cfs_rq`).

use super::calc::{Load, calc_delta_fair};
use super::rules::Policy;
use crate::Nanos;

/// A task or, on one CPU, a group of them.
#[derive(Clone, Debug)]
pub struct Entity {
    /// Its weight.
    pub load: Load,
    /// The queue it stands in.
    pub cfs_rq: usize,
    /// The queue it stands for, when it is a group's.
    pub my_q: Option<usize>,
    /// CPU time in the measure of its weight, ns.
    pub vruntime: i64,
    /// EEVDF: the virtual time by which it should have had its slice, ns.
    pub deadline: i64,
    /// EEVDF: what it had coming, or owed, when it left the queue, ns of virtual time.
    pub vlag: i64,
    /// EEVDF: the CPU time it asks for at once, ns.
    pub slice: u64,
    /// The deadline at which its protection ends, from when it was put on the CPU.
    pub vprot: i64,
    /// Up to when its CPU time is counted.
    pub exec_start: Nanos,
    /// CPU time so far, ns.
    pub sum_exec_runtime: u64,
    /// The same when it was put on the CPU.
    pub prev_sum_exec_runtime: u64,
    /// Whether it is on its queue, running or waiting.
    pub on_rq: bool,
    /// Since 6.12: it sleeps, but stays queued until it owes nothing.
    pub sched_delayed: bool,
    /// Whether it is under `SCHED_IDLE`.
    pub idle: bool,
}

impl Entity {
    /// One that stands in no queue yet.
    pub fn new(load: Load, cfs_rq: usize, my_q: Option<usize>) -> Entity {
        Entity {
            load,
            cfs_rq,
            my_q,
            vruntime: 0,
            deadline: 0,
            vlag: 0,
            slice: 0,
            vprot: 0,
            exec_start: 0,
            sum_exec_runtime: 0,
            prev_sum_exec_runtime: 0,
            on_rq: false,
            sched_delayed: false,
            idle: false,
        }
    }

    /// CPU time as virtual time of this entity.
    pub fn fair(&self, delta: u64) -> i64 {
        calc_delta_fair(delta, self.load).min(i64::MAX as u64) as i64
    }
}

/// The queue of one group on one CPU; the root's queue is that of the CPU.
#[derive(Clone, Debug, Default)]
pub struct CfsRq {
    /// Who runs. It is on the queue as well, but not among those that wait.
    pub curr: Option<usize>,
    /// Who waits, in the order of arrival; equals are served in this order.
    pub waiting: Vec<usize>,
    /// Virtual time that never goes back, ns.
    pub min_vruntime: i64,
    /// The weights of all on the queue, times 1024.
    pub load: u64,
    /// How many are on the queue.
    pub nr_queued: u64,
    /// Its CPU.
    pub cpu: usize,
    /// Its group's entity, one level up.
    pub se: Option<usize>,
    /// Its group; `None` for the root.
    pub group: Option<usize>,
    /// What it may still run of the group's quota, ns; below zero what it owes.
    pub runtime_remaining: i64,
    /// Since when it has been stopped for want of quota.
    pub throttled: Option<Nanos>,
}

/// Weighted mean of virtual time, and what it is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Average {
    sum: i128,
    load: i128,
    base: i64,
}

impl Average {
    /// V, rounded down (`kernel/sched/fair.c: avg_vruntime`).
    pub fn vruntime(self) -> i64 {
        if self.load == 0 { self.base } else { self.base.saturating_add(self.sum.div_euclid(self.load) as i64) }
    }

    /// Whether one with this virtual runtime has had no more than its share
    /// (`kernel/sched/fair.c: vruntime_eligible`).
    pub fn eligible(self, vruntime: i64) -> bool {
        self.sum >= i128::from(vruntime - self.base) * self.load
    }

    /// All weights together, in units of the table.
    pub fn load(self) -> i128 {
        self.load
    }
}

impl CfsRq {
    /// Who runs, if it is still on the queue.
    pub fn running(&self, entities: &[Entity]) -> Option<usize> {
        self.curr.filter(|curr| entities[*curr].on_rq)
    }

    /// The mean over all on the queue.
    pub fn average(&self, entities: &[Entity]) -> Average {
        let mut average = Average { base: self.min_vruntime, ..Average::default() };
        for e in self.waiting.iter().copied().chain(self.running(entities)) {
            let weight = i128::from(entities[e].load.down());
            average.sum += i128::from(entities[e].vruntime - self.min_vruntime) * weight;
            average.load += weight;
        }
        average
    }

    /// Who waits with the smallest virtual runtime.
    pub fn leftmost(&self, entities: &[Entity]) -> Option<usize> {
        self.waiting.iter().copied().min_by_key(|e| entities[*e].vruntime)
    }

    /// Brings the virtual time of the queue up to date (`kernel/sched/fair.c: update_min_vruntime`).
    pub fn update_min_vruntime(&mut self, entities: &[Entity]) {
        let left = self.leftmost(entities);
        let least = left.into_iter().chain(self.running(entities)).map(|e| entities[e].vruntime).min();
        self.min_vruntime = self.min_vruntime.max(least.unwrap_or(self.min_vruntime));
    }

    /// Who is to run next (`kernel/sched/fair.c: pick_next_entity`, `pick_eevdf`).
    pub fn pick(&self, policy: Policy, entities: &[Entity]) -> Option<usize> {
        match policy {
            Policy::Cfs { .. } => self.pick_leftmost(entities),
            Policy::Eevdf { .. } => self.pick_eevdf(entities),
        }
    }

    fn pick_leftmost(&self, entities: &[Entity]) -> Option<usize> {
        let left = self.leftmost(entities);
        match (self.running(entities), left) {
            (Some(curr), Some(left)) if entities[curr].vruntime < entities[left].vruntime => Some(curr),
            (Some(curr), None) => Some(curr),
            _ => left,
        }
    }

    fn pick_eevdf(&self, entities: &[Entity]) -> Option<usize> {
        let curr = self.running(entities);
        if self.nr_queued == 1 {
            return curr.or(self.waiting.first().copied());
        }
        let average = self.average(entities);
        let eligible = |e: &usize| average.eligible(entities[*e].vruntime);
        let curr = curr.filter(eligible);
        // RUN_TO_PARITY: it keeps the CPU until its virtual runtime reaches its deadline.
        if let Some(curr) = curr.filter(|curr| entities[*curr].vprot == entities[*curr].deadline) {
            return Some(curr);
        }
        let best = self.waiting.iter().copied().filter(eligible).min_by_key(|e| entities[*e].deadline);
        match (curr, best) {
            (Some(curr), Some(best)) if entities[curr].deadline < entities[best].deadline => Some(curr),
            // Rounding can leave nobody eligible; the queue is then served from the left.
            (curr, best) => best.or(curr).or_else(|| self.leftmost(entities)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::calc::weight_of_nice;
    use super::*;

    const EEVDF: Policy = Policy::Eevdf { delay_dequeue: true };

    fn entities(of: &[(i64, i64, i64)]) -> (Vec<Entity>, CfsRq) {
        let make = |(nice, vruntime, deadline): &(i64, i64, i64)| Entity {
            vruntime: *vruntime,
            deadline: *deadline,
            on_rq: true,
            ..Entity::new(Load::of_task(weight_of_nice(*nice)), 0, None)
        };
        let entities: Vec<_> = of.iter().map(make).collect();
        let waiting: Vec<_> = (0..entities.len()).collect();
        let rq = CfsRq { nr_queued: waiting.len() as u64, waiting, ..CfsRq::default() };
        (entities, rq)
    }

    #[test]
    fn the_mean_is_weighted_and_rounded_down() {
        for (of, want) in [
            (vec![(0, 0, 0), (0, 3, 0)], 1),
            (vec![(0, 0, 0), (0, -3, 0)], -2),
            (vec![(0, 0, 0), (5, 1359, 0)], 335),
            (vec![], 0),
        ] {
            let (entities, rq) = entities(&of);
            assert_eq!(rq.average(&entities).vruntime(), want, "{of:?}");
        }
    }

    #[test]
    fn cfs_takes_the_leftmost_and_eevdf_the_earliest_deadline_that_is_eligible() {
        for (policy, of, want) in [
            (Policy::Cfs { floor: true }, vec![(0, 5, 0), (0, 4, 0), (0, 4, 0)], Some(1)),
            (EEVDF, vec![(0, 5, 10), (0, 1, 40), (0, 0, 30)], Some(2)),
            (EEVDF, vec![(0, 5, 10), (0, 5, 8), (0, 5, 8)], Some(1)),
            (EEVDF, vec![], None),
        ] {
            let (entities, rq) = entities(&of);
            assert_eq!(rq.pick(policy, &entities), want, "{of:?}");
        }
    }

    #[test]
    fn who_runs_is_protected_until_its_deadline_moves() {
        let (mut entities, mut rq) = entities(&[(0, 1, 30), (0, 2, 20)]);
        rq.waiting = vec![1];
        rq.curr = Some(0);
        entities[0].vprot = 30;
        assert_eq!(rq.pick(EEVDF, &entities), Some(0));
        entities[0].deadline = 60;
        assert_eq!(rq.pick(EEVDF, &entities), Some(0), "nobody else is eligible");
        entities[1].vruntime = 1;
        assert_eq!(rq.pick(EEVDF, &entities), Some(1));
    }
}
