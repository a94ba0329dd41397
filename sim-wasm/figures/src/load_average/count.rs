//! How many tasks are active when: exactly round a moment, on average over a whole run.

use std::rc::Rc;

use sim_core::load_average::calc::FIXED_1;
use sim_core::load_average::{Change, LoadAverage, State};
use sim_core::{MILLISECOND, Model, Nanos, SECOND, text};

use super::REACH;
use crate::Mark;
use crate::chart::Points;

/// Stretches a run is divided into where its changes are too many to draw.
const STRETCHES: u64 = 240;

/// The mean number of active tasks in 1/2048: exact steps while there are few, else over equal
/// stretches of the run.
pub fn active(changes: &[Change], ends: Nanos) -> Points {
    let mut active = 0i64;
    let one = FIXED_1 as i64;
    if changes.len() as u64 <= STRETCHES {
        let mut points = vec![(0, 0)];
        for change in changes.iter().take_while(|change| change.t_ns <= ends) {
            active += if change.begins { one } else { -one };
            match points.last_mut() {
                Some(last) if last.0 == change.t_ns => last.1 = active,
                _ => points.push((change.t_ns, active)),
            }
        }
        return points.into();
    }
    let stretch = ends.div_ceil(STRETCHES).next_multiple_of(MILLISECOND).max(1);
    let mut points = Vec::new();
    let (mut from, mut next) = (0, 0);
    while from < ends {
        let until = (from + stretch).min(ends);
        let (mut t, mut area) = (from, 0i128);
        while let Some(change) = changes.get(next).filter(|change| change.t_ns < until) {
            area += i128::from(active) * i128::from(change.t_ns - t);
            t = change.t_ns;
            active += if change.begins { one } else { -one };
            next += 1;
        }
        area += i128::from(active) * i128::from(until - t);
        points.push((from, (area / i128::from(until - from)) as i64));
        from = until;
    }
    points.into()
}

/// Tasks that start or end; those within a hundredth of the run are told as one.
pub fn marks(changes: &[Change], ends: Nanos) -> Vec<Mark> {
    let mut groups: Vec<(Nanos, bool, usize)> = Vec::new();
    for change in changes.iter().filter(|change| change.edge.is_some() && change.t_ns < ends) {
        match groups.iter_mut().rev().find(|group| group.1 == change.begins) {
            Some(group) if change.t_ns - group.0 <= ends / 100 => group.2 += 1,
            _ => groups.push((change.t_ns, change.begins, 1)),
        }
    }
    groups
        .into_iter()
        .map(|(at, begins, n)| {
            let s = if n == 1 { "" } else { "s" };
            let label = if begins {
                text!(ko: "{n}개 시작", en: "{n} task{s} start")
            } else {
                text!(ko: "{n}개 끝", en: "{n} task{s} end")
            };
            Mark { at, label }
        })
        .collect()
}

/// How far the clock may look so that single turns can still be told apart.
pub fn reach(changes: &[Change], ends: Nanos) -> Nanos {
    let fits = |reach: Nanos| {
        let seen = u128::from(changes.len() as u64) * u128::from(2 * reach) / u128::from(ends.max(1));
        seen <= 200
    };
    let shorter = [REACH, 3 * SECOND, SECOND, 250 * MILLISECOND, 100 * MILLISECOND];
    shorter.into_iter().find(|&reach| fits(reach)).unwrap_or(50 * MILLISECOND)
}

/// Active tasks of each kind from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Since when.
    pub t: Nanos,
    /// Running or waiting for a CPU.
    pub running: i64,
    /// In uninterruptible sleep.
    pub uninterruptible: i64,
}

impl Count {
    /// Both together: what a sample would find.
    pub fn active(self) -> i64 {
        self.running + self.uninterruptible
    }

    fn apply(&mut self, change: &Change, undo: bool) {
        let one = if change.begins == undo { -1 } else { 1 };
        match change.state {
            State::Runnable => self.running += one,
            State::Uninterruptible | State::IoWait => self.uninterruptible += one,
        }
    }
}

/// The exact counts from one time to another, for times round the model's now: the first entry
/// holds at `from`.
pub fn around(model: &LoadAverage, from: Nanos, until: Nanos) -> Rc<[Count]> {
    let changes = model.changes();
    let now = changes.partition_point(|change| change.t_ns <= model.now());
    let first = changes.partition_point(|change| change.t_ns <= from);
    let mut count = Count { t: from, running: model.nr_running(), uninterruptible: model.nr_uninterruptible() };
    for change in changes[first.min(now)..now].iter().rev() {
        count.apply(change, true);
    }
    for change in &changes[now..first.max(now)] {
        count.apply(change, false);
    }
    let mut counts = vec![count];
    for change in changes[first..].iter().take_while(|change| change.t_ns <= until) {
        count.apply(change, false);
        count.t = change.t_ns;
        match counts.last_mut() {
            Some(last) if last.t == count.t => *last = count,
            _ => counts.push(count),
        }
    }
    counts.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Drawn;
    use sim_core::load_average::{Scenario, Task};
    use sim_core::scenario::Valid;

    fn scenario(tasks: Vec<Task>) -> Valid<LoadAverage> {
        let scenario = Scenario { cpus: 2, duration_ms: 100_000, tasks, ..Scenario::default() };
        Valid::new(scenario).expect("a valid scenario")
    }

    #[test]
    fn counts_round_a_moment_do_not_depend_on_the_moment() {
        let scenario = scenario(vec![
            Task::new(State::Runnable, 1000, 90_000).periodic(300, 1000),
            Task::new(State::IoWait, 2500, 7000).times(3),
        ]);
        let want = around(&LoadAverage::start(&scenario), 0, 20 * SECOND);
        assert_eq!(want[0], Count { t: 0, running: 0, uninterruptible: 0 });
        assert_eq!(want.iter().map(|count| count.active()).max(), Some(4));
        for t in [0, 1000, 2500, 6999, 7000, 19_999, 50_000] {
            let model = LoadAverage::state_at(&scenario, t * MILLISECOND);
            assert_eq!(around(&model, 0, 20 * SECOND), want, "seen from {t} ms");
        }
    }

    #[test]
    fn means_keep_the_area() {
        // 30 % of the time, in turns far shorter than a stretch.
        let scenario = scenario(vec![Task::new(State::Runnable, 0, 100_000).periodic(30, 100)]);
        let model = LoadAverage::start(&scenario);
        let points = active(model.changes(), model.ends());
        let mean = points.iter().map(|point| point.1).sum::<i64>() / points.len() as i64;
        assert!((mean - 2048 * 3 / 10).abs() <= 2, "{mean}");
    }

    #[test]
    fn few_changes_are_drawn_exactly() {
        let scenario = scenario(vec![Task::new(State::Runnable, 1000, 62_000).times(2)]);
        let model = LoadAverage::start(&scenario);
        assert_eq!(active(model.changes(), model.ends())[..], [(0, 0), (SECOND, 4096), (62 * SECOND, 0)]);
    }

    #[test]
    fn the_clock_looks_less_far_where_turns_are_short() {
        for (task, want) in [
            (Task::new(State::Runnable, 0, 100_000), REACH),
            (Task::new(State::Runnable, 0, 100_000).periodic(1000, 5000), REACH),
            (Task::new(State::Runnable, 0, 100_000).periodic(9, 36).times(4), 250 * MILLISECOND),
        ] {
            let model = LoadAverage::start(&scenario(vec![task.clone()]));
            assert_eq!(reach(model.changes(), model.ends()), want, "{task:?}");
        }
    }
}
