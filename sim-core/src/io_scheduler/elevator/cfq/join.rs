//! Queues of processes that read close to each other are merged, and split when they stop.

use super::Cfq;
use super::queue::Q;

impl Cfq {
    /// Processes whose requests go into a queue, those that are to be merged into it included
    /// (`cfqq_process_refs`).
    pub(super) fn process_refs(&self, q: Q) -> usize {
        let points_here = |q: Q| self.processes.values().filter(|process| process.queues[1] == Some(q)).count();
        let scheduled = self.queues.iter().enumerate().filter(|(_, other)| other.new_queue == Some(q));
        points_here(q) + scheduled.map(|(other, _)| points_here(other)).sum::<usize>()
    }

    /// A queue that reads near the head, while this one has nothing (`cfq_close_cooperator`).
    pub(super) fn close_cooperator(&self, q: Q) -> Option<Q> {
        let queue = &self.queues[q];
        if queue.class_idle() || !queue.sync || queue.seeky() || self.busy_in_trees() == 1 {
            return None;
        }
        let other = self.close_queue(queue.level)?;
        let near = &self.queues[other];
        (other != q && near.sync && !near.seeky() && near.class_rt() == queue.class_rt()).then_some(other)
    }

    /// `cfq_setup_merge`: into the one with more processes.
    pub(super) fn setup_merge(&mut self, q: Q, mut other: Q) {
        if self.process_refs(other) == 0 {
            return;
        }
        for _ in 0..self.queues.len() {
            match self.queues[other].new_queue {
                Some(next) if next == q => return,
                Some(next) => other = next,
                None => break,
            }
        }
        let (refs, others) = (self.process_refs(q), self.process_refs(other));
        if other == q || refs == 0 || others == 0 {
            return;
        }
        if others >= refs {
            self.queues[q].new_queue = Some(other);
        } else {
            self.queues[other].new_queue = Some(q);
        }
    }

    /// A process goes over to the queue its own is merged into (`cfq_merge_cfqqs`).
    pub(super) fn merge_queues(&mut self, id: u32, q: Q, new: Q) -> Q {
        if let Some(process) = self.processes.get_mut(&id) {
            process.queues[1] = Some(new);
        }
        self.queues[new].coop = true;
        self.queues[new].process = None;
        self.queues[q].process = None;
        new
    }

    /// A process gets a queue of its own again (`split_cfqq`).
    pub(super) fn split(&mut self, id: u32, q: Q) -> Q {
        if self.process_refs(q) == 1 {
            let queue = &mut self.queues[q];
            queue.process = Some(id);
            queue.coop = false;
            queue.split_coop = false;
            return q;
        }
        if let Some(process) = self.processes.get_mut(&id) {
            process.queues[1] = None;
        }
        self.get_queue(id, true)
    }
}
