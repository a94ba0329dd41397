//! The real-time class of one CPU, and what keeps it from taking everything (`kernel/sched/rt.c`,
//! `kernel/sched/deadline.c`).

use super::rules::{RT_PERIOD, SERVER_RUNTIME};
use crate::Nanos;

/// The real-time tasks of a CPU (`struct rt_rq`).
#[derive(Clone, Debug, Default)]
pub struct RtRq {
    /// Those that run or wait, equals in the order of their turn: task and priority.
    pub queue: Vec<(usize, i64)>,
    /// What they have used of the running second, ns.
    pub rt_time: u64,
    /// Until 6.11: whether they have to wait for the next second.
    pub throttled: bool,
}

impl RtRq {
    /// Whose turn it is: the first of the highest priority.
    pub fn pick(&self) -> Option<usize> {
        let highest = self.queue.iter().map(|(_, prio)| *prio).max()?;
        self.queue.iter().find(|(_, prio)| *prio == highest).map(|(task, _)| *task)
    }

    /// A task joins behind its equals.
    pub fn enqueue(&mut self, task: usize, prio: i64) {
        self.queue.push((task, prio));
    }

    /// A task leaves.
    pub fn dequeue(&mut self, task: usize) {
        self.queue.retain(|(queued, _)| *queued != task);
    }

    /// Whether others of the same priority wait.
    pub fn has_equals(&self, task: usize, prio: i64) -> bool {
        self.queue.iter().any(|(other, of)| *other != task && *of == prio)
    }

    /// Whether it has just used more than `runtime` and has to stop
    /// (`sched_rt_runtime_exceeded`).
    pub fn exceeds(&mut self, runtime: u64) -> bool {
        let over = !self.throttled && runtime < RT_PERIOD && self.rt_time > runtime;
        self.throttled |= over;
        over
    }

    /// A second is over; the answer is whether it may go on (`do_sched_rt_period_timer`).
    pub fn refill(&mut self, runtime: u64) -> bool {
        self.rt_time = self.rt_time.saturating_sub(runtime);
        let goes_on = self.throttled && self.rt_time < runtime;
        self.throttled &= !goes_on;
        goes_on
    }
}

/// Since 6.12: 50 ms of each second are the fair class's own, if it does not get them anyway
/// (`dl_server`). It waits as long as it can before it takes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Server {
    /// There is no fair task.
    #[default]
    Stopped,
    /// Fair tasks have what is left of this budget until the deadline, and time to get it by
    /// themselves.
    Deferred { runtime: u64, deadline: Nanos },
    /// They come before the real-time tasks.
    Running { runtime: u64, deadline: Nanos },
    /// They have had theirs until the deadline.
    Spent { deadline: Nanos },
}

impl Server {
    /// When it changes by itself.
    pub fn next_timer(self) -> Option<Nanos> {
        match self {
            Server::Deferred { runtime: 0, .. } => None,
            Server::Deferred { runtime, deadline } => Some(deadline.saturating_sub(runtime)),
            Server::Spent { deadline } => Some(deadline),
            Server::Stopped | Server::Running { .. } => None,
        }
    }

    /// Fair tasks came or went.
    pub fn follow(&mut self, runnable: bool, now: Nanos) {
        match (runnable, *self) {
            (true, Server::Stopped) => *self = Server::Deferred { runtime: SERVER_RUNTIME, deadline: now + RT_PERIOD },
            (false, _) => *self = Server::Stopped,
            _ => {}
        }
    }

    /// A fair task ran for a while.
    pub fn consume(&mut self, delta: u64) {
        if let Server::Deferred { runtime, .. } | Server::Running { runtime, .. } = self {
            *runtime = runtime.saturating_sub(delta);
        }
    }

    /// Its timer is due; the answer is whether it comes before real-time tasks from now on.
    pub fn timer(&mut self, now: Nanos) -> bool {
        let Some(due) = self.next_timer().filter(|due| *due <= now) else { return false };
        *self = match *self {
            Server::Deferred { runtime, deadline } => Server::Running { runtime, deadline },
            _ => Server::Running { runtime: SERVER_RUNTIME, deadline: due + RT_PERIOD },
        };
        true
    }

    /// What is used up is seen when something else happens, at the latest at the next tick. Who had it
    /// without help has it again from now on; the answer is whether help has ended.
    pub fn spent(&mut self, now: Nanos) -> bool {
        match *self {
            Server::Deferred { runtime: 0, .. } => {
                *self = Server::Deferred { runtime: SERVER_RUNTIME, deadline: now + RT_PERIOD };
                false
            }
            Server::Running { runtime: 0, deadline } => {
                *self = Server::Spent { deadline };
                true
            }
            _ => false,
        }
    }

    /// Whether fair tasks come first.
    pub fn first(self) -> bool {
        matches!(self, Server::Running { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MILLISECOND;

    #[test]
    fn the_highest_goes_first_and_equals_in_turn() {
        let mut rt = RtRq::default();
        for (task, prio) in [(0, 10), (1, 50), (2, 50)] {
            rt.enqueue(task, prio);
        }
        assert_eq!(rt.pick(), Some(1));
        rt.dequeue(1);
        rt.enqueue(1, 50);
        assert_eq!(rt.pick(), Some(2));
        assert!(rt.has_equals(2, 50) && !rt.has_equals(0, 10));
    }

    #[test]
    fn a_second_is_shared_95_to_5() {
        let mut rt = RtRq { rt_time: 952 * MILLISECOND, ..RtRq::default() };
        assert!(!rt.exceeds(RT_PERIOD), "no limit");
        assert!(rt.exceeds(950 * MILLISECOND) && !rt.exceeds(950 * MILLISECOND));
        assert!(rt.refill(950 * MILLISECOND) && rt.rt_time == 2 * MILLISECOND && !rt.throttled);
    }

    #[test]
    fn the_server_waits_as_long_as_it_can() {
        let mut server = Server::default();
        server.follow(true, 0);
        assert_eq!(server.next_timer(), Some(950 * MILLISECOND));
        server.consume(20 * MILLISECOND);
        assert_eq!(server.next_timer(), Some(970 * MILLISECOND));
        assert!(!server.timer(969 * MILLISECOND) && server.timer(970 * MILLISECOND) && server.first());
        server.consume(30 * MILLISECOND);
        assert!(server.spent(RT_PERIOD) && !server.first());
        assert_eq!(server.next_timer(), Some(RT_PERIOD));
        server = Server::Deferred { runtime: 0, deadline: RT_PERIOD };
        assert!(!server.spent(7) && server.next_timer() == Some(7 + 950 * MILLISECOND));
        server.follow(false, RT_PERIOD);
        assert_eq!(server, Server::Stopped);
    }
}
