//! Queues of processes that read close to each other are merged, and split when they stop.

use super::Bfq;
use super::queue::{Q, Saved};
use crate::io_scheduler::request::Sector;

impl Bfq {
    /// Processes whose requests go into a queue, those that are to be merged into it included
    /// (`bfqq_process_refs`).
    pub(super) fn process_refs(&self, q: Q) -> usize {
        if !self.queues[q].sync {
            return 1;
        }
        if let Some(id) = self.queues[q].process {
            // The common case: nothing was ever merged with it.
            if !self.queues[q].coop
                && self.queues[q].new_queue.is_none()
                && !self.queues.iter().any(|o| o.new_queue == Some(q))
            {
                return usize::from(self.processes.get(&id).is_some_and(|process| process.queues[1] == Some(q)));
            }
        }
        let points_here = |q: Q| self.processes.values().filter(|process| process.queues[1] == Some(q)).count();
        let scheduled = self.queues.iter().enumerate().filter(|(_, other)| other.new_queue == Some(q));
        points_here(q) + scheduled.map(|(other, _)| points_here(other)).sum::<usize>()
    }

    /// `bfq_too_late_for_merging`.
    fn too_late(&self, q: Q) -> bool {
        let queue = &self.queues[q];
        queue.service_from_backlogged > 0 && queue.first_io_time + self.hz / 10 < self.tick
    }

    /// Keeps the tree of positions, of which nothing is asked on a device that queues and does not
    /// seek (`bfq_pos_tree_add_move`).
    pub(super) fn place(&mut self, q: Q) {
        if self.nonrot_with_queueing {
            return;
        }
        self.unplace(q);
        if self.too_late(q) || self.queues[q].class_idle() {
            return;
        }
        let Some(next) = self.queues[q].next else { return };
        let sector = self.store.request(next).sector;
        // The first at a sector stays.
        if let std::collections::btree_map::Entry::Vacant(entry) = self.positions.entry(sector) {
            entry.insert(q);
            self.queues[q].position = Some(sector);
        }
    }

    pub(super) fn unplace(&mut self, q: Q) {
        if let Some(sector) = self.queues[q].position.take() {
            self.positions.remove(&sector);
        }
    }

    /// The queue whose next request is nearest to a sector, if near enough (`bfqq_find_close`).
    fn find_close(&self, sector: Sector) -> Option<Q> {
        let before = self.positions.range(..=sector).next_back();
        let after = self.positions.range(sector..).next();
        let near = |found: Option<(&Sector, &Q)>| {
            found.filter(|(at, _)| at.abs_diff(sector) <= super::CLOSE_THR).map(|(_, q)| *q)
        };
        near(before).or_else(|| near(after))
    }

    /// `bfq_may_be_close_cooperator`.
    fn may_cooperate(&self, q: Q, other: Q) -> bool {
        let (a, b) = (&self.queues[q], &self.queues[other]);
        !self.too_late(other) && !a.class_idle() && a.class == b.class && !a.seeky() && !b.seeky() && a.sync && b.sync
    }

    /// `bfq_setup_merge`.
    fn setup_merge(&mut self, q: Q, mut other: Q) -> Option<Q> {
        if self.process_refs(other) == 0 {
            return None;
        }
        for _ in 0..self.queues.len() {
            match self.queues[other].new_queue {
                Some(next) if next == q => return None,
                Some(next) => other = next,
                None => break,
            }
        }
        if other == q || self.process_refs(q) == 0 || self.process_refs(other) == 0 {
            return None;
        }
        self.queues[q].new_queue = Some(other);
        Some(other)
    }

    /// The queue that this one is, or is to be, merged into (`bfq_setup_cooperator`).
    pub(super) fn cooperator(&mut self, q: Q, sector: Sector, io: bool, id: u32) -> Option<Q> {
        if self.queues[q].new_queue.is_some() {
            return Some(self.last_of(q));
        }
        if self.nonrot_with_queueing {
            return None;
        }
        if let Some(found) = self.late_stable_merge(q, id) {
            return found;
        }
        if self.too_late(q) || !io || self.total_busy() == 1 {
            return None;
        }
        if let Some(serving) = self.in_service.filter(|serving| *serving != q)
            && sector.abs_diff(self.in_serv_last_pos) <= super::CLOSE_THR
            && self.may_cooperate(q, serving)
            && let Some(new) = self.setup_merge(q, serving)
        {
            return Some(new);
        }
        let close = self.find_close(sector).filter(|close| *close != q && self.may_cooperate(q, *close))?;
        self.setup_merge(q, close)
    }

    /// The end of the chain of merges.
    fn last_of(&self, q: Q) -> Q {
        let mut last = q;
        for _ in 0..self.queues.len() {
            match self.queues[last].new_queue {
                Some(next) => last = next,
                None => break,
            }
        }
        last
    }

    /// A merge that was put off until it is known whether idling helps; the outer option is whether
    /// it decides.
    fn late_stable_merge(&mut self, q: Q, id: u32) -> Option<Option<Q>> {
        let late = self.ms(600);
        let queue = &self.queues[q];
        let ripe = queue.sync
            && !queue.just_created
            && queue.split_time + late < self.tick
            && queue.creation_time + late < self.tick;
        let process = self.processes.get_mut(&id)?;
        if !ripe || process.stable_merge.is_none() {
            return None;
        }
        let other = process.stable_merge.take()?;
        if self.idling_boosts(q) || self.process_refs(q).min(self.process_refs(other)) == 0 {
            return Some(None);
        }
        let new = self.setup_merge(q, other);
        if let Some(new) = new {
            self.mark_stable(id, new);
        }
        Some(new)
    }

    fn mark_stable(&mut self, id: u32, q: Q) {
        let ids = [Some(id), self.queues[q].process];
        for id in ids.into_iter().flatten() {
            if let Some(process) = self.processes.get_mut(&id) {
                process.stably_merged = true;
            }
        }
    }

    /// Processes that begin to read at one time are likely of one program
    /// (`bfq_do_or_sched_stable_merge`).
    pub(super) fn stable_merge(&mut self, id: u32, q: Q) -> Q {
        if !self.stable_merge {
            return q;
        }
        let long = self.ms(600);
        let queue = &self.queues[q];
        let Some(last) = self.last_created.filter(|last| {
            let last = &self.queues[*last];
            last.creation_time + long >= queue.creation_time && last.level == queue.level && last.class == queue.class
        }) else {
            self.last_created = Some(q);
            return q;
        };
        if self.queues[last].creation_time + self.burst_interval() < self.queues[q].creation_time {
            return q;
        }
        if !self.nonrot_with_queueing {
            if let Some(process) = self.processes.get_mut(&id) {
                process.stable_merge = Some(last);
            }
            return q;
        }
        match self.setup_merge(q, last) {
            Some(new) => {
                self.mark_stable(id, new);
                self.queues[q].process = Some(id);
                self.merge_queues(id, q, new)
            }
            None => q,
        }
    }

    fn save(&mut self, q: Q) {
        let Some(id) = self.queues[q].process else { return };
        let mut queue = self.queues[q].clone();
        let raise = queue.just_created && !queue.in_large_burst && self.set.low_latency;
        if raise {
            queue.wr_coeff = super::boost::WR_COEFF;
            queue.wr_start_at_switch_to_srt = super::queue::LONG_AGO;
            queue.wr_cur_max_time = self.wr_duration();
            queue.last_wr_start_finish = self.tick;
        }
        queue.sort.clear();
        queue.woken.clear();
        let (in_large_burst, was_in_burst_list) = (queue.in_large_burst, queue.in_burst_list);
        if let Some(process) = self.processes.get_mut(&id) {
            process.saved = Some(Box::new(Saved { queue, in_large_burst, was_in_burst_list }));
        }
    }

    /// A process goes over to the queue its own is merged into (`bfq_merge_bfqqs`).
    pub(super) fn merge_queues(&mut self, id: u32, q: Q, new: Q) -> Q {
        if q == new {
            return q;
        }
        self.save(q);
        self.save(new);
        let old = &mut self.queues[q];
        let io_bound = std::mem::take(&mut old.io_bound);
        let raised = (old.wr_coeff, old.wr_cur_max_time, old.last_wr_start_finish, old.wr_start_at_switch_to_srt);
        let (old_busy, waker) = (old.busy, old.waker);
        if raised.0 > 1 {
            old.wr_coeff = 1;
            old.prio_changed = true;
        }
        old.process = None;
        let queue = &mut self.queues[new];
        queue.io_bound |= io_bound;
        let raises = queue.wr_coeff == 1 && raised.0 > 1;
        if raises {
            (queue.wr_coeff, queue.wr_cur_max_time, queue.last_wr_start_finish, queue.wr_start_at_switch_to_srt) =
                raised;
            queue.prio_changed = true;
            if queue.busy {
                self.wr_busy += 1;
            }
        }
        if raised.0 > 1 && old_busy {
            self.wr_busy = self.wr_busy.saturating_sub(1);
        }
        if let Some(waker) = waker.filter(|waker| self.queues[new].waker.is_none() && *waker != new) {
            self.queues[new].waker = Some(waker);
            self.queues[new].tentative_waker = None;
            self.queues[waker].woken.insert(0, new);
        }
        if let Some(process) = self.processes.get_mut(&id) {
            process.queues[1] = Some(new);
            if process.stable_merge == Some(new) {
                process.stable_merge = None;
            }
        }
        self.queues[new].coop = true;
        self.queues[new].process = None;
        if self.last_created == Some(q) {
            self.last_created = Some(new);
        }
        // `bfq_release_process_ref`.
        if self.queues[q].busy && self.queues[q].empty() && self.in_service != Some(q) {
            self.del_busy(q, false);
        }
        if self.last_created == Some(q) {
            self.last_created = None;
        }
        new
    }

    /// A process gets a queue of its own again (`bfq_split_bfqq`).
    pub(super) fn split(&mut self, id: u32, q: Q) -> Q {
        let waker = self.queues[q].waker.filter(|waker| self.process_refs(*waker) > 0);
        if self.process_refs(q) == 1 && self.queues[q].new_queue.is_none() {
            self.queues[q].coop = false;
            self.queues[q].split_coop = false;
            return q;
        }
        if let Some(process) = self.processes.get_mut(&id) {
            process.queues[1] = None;
        }
        if self.queues[q].busy && self.queues[q].empty() && self.in_service != Some(q) {
            self.del_busy(q, false);
        }
        let new = self.get_queue(id, true, true);
        let (burst, listed) = self
            .processes
            .get(&id)
            .and_then(|process| process.saved.as_ref())
            .map_or((false, false), |saved| (saved.in_large_burst, saved.was_in_burst_list));
        let queue = &mut self.queues[new];
        queue.in_large_burst = (listed && self.large_burst) || burst;
        queue.in_burst_list = !queue.in_large_burst && listed;
        queue.split_time = self.tick;
        queue.waker = waker;
        if let Some(waker) = waker {
            self.queues[waker].woken.insert(0, new);
        }
        new
    }

    /// The queue is as it was before the merge (`bfq_bfqq_resume_state`).
    pub(super) fn resume(&mut self, id: u32, q: Q) {
        let Some(saved) = self.processes.get_mut(&id).and_then(|process| process.saved.take()) else { return };
        let saved = saved.queue;
        let busy = self.queues[q].busy;
        let before = self.queues[q].wr_coeff;
        let (tick, rt, duration) = (self.tick, self.wr_rt_max_time(), self.wr_duration());
        let low_latency = self.set.low_latency;
        let queue = &mut self.queues[q];
        queue.short_ttime = saved.short_ttime;
        queue.io_bound = saved.io_bound;
        queue.last_serv_time = saved.last_serv_time;
        queue.inject_limit = saved.inject_limit;
        queue.decrease_time = saved.decrease_time;
        queue.new_weight = saved.orig_weight;
        queue.last_end_request = saved.last_end_request;
        queue.ttime_samples = saved.ttime_samples;
        queue.ttime_total = saved.ttime_total;
        queue.ttime_mean = saved.ttime_mean;
        queue.io_start_time = saved.io_start_time;
        queue.tot_idle_time = saved.tot_idle_time;
        if low_latency {
            queue.wr_coeff = saved.wr_coeff;
        }
        queue.service_from_wr = saved.service_from_wr;
        queue.wr_start_at_switch_to_srt = saved.wr_start_at_switch_to_srt;
        queue.last_wr_start_finish = saved.last_wr_start_finish;
        queue.wr_cur_max_time = saved.wr_cur_max_time;
        let over = queue.last_wr_start_finish.saturating_add(queue.wr_cur_max_time) < tick;
        if queue.wr_coeff > 1 && (queue.in_large_burst || over) {
            if queue.wr_cur_max_time == rt
                && !queue.in_large_burst
                && queue.wr_start_at_switch_to_srt.saturating_add(duration) >= tick
            {
                queue.wr_coeff = super::boost::WR_COEFF;
                queue.wr_cur_max_time = duration;
                queue.last_wr_start_finish = queue.wr_start_at_switch_to_srt;
            } else {
                queue.wr_coeff = 1;
            }
        }
        queue.prio_changed = true;
        let after = queue.wr_coeff;
        if busy && before == 1 && after > 1 {
            self.wr_busy += 1;
        } else if busy && before > 1 && after == 1 {
            self.wr_busy = self.wr_busy.saturating_sub(1);
        }
    }
}
