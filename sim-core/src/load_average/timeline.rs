//! When tasks become active and stop being so: the scenario laid out in time.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::scenario::{Scenario, State, Task};
use crate::{MILLISECOND, Nanos};

/// Most changes of a scenario: what a page can lay out without a pause.
pub const MAX_CHANGES: i64 = 200_000;

/// One task changes state on one CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub t_ns: Nanos,
    /// On which CPU.
    pub cpu: usize,
    /// The state it takes up or leaves.
    pub state: State,
    /// Whether it takes the state up.
    pub begins: bool,
    /// Entry of the scenario's list, when this is the first or last change of the task.
    pub edge: Option<usize>,
}

/// How many changes a scenario has, counted without laying them out.
pub(super) fn count(scenario: &Scenario) -> i64 {
    let each = |task: &Task| match task.every_ms {
        0 => 2,
        every => 2 + 2 * (task.until_ms - task.from_ms).div_euclid(every),
    };
    scenario.tasks.iter().map(|task| task.count.saturating_mul(each(task))).fold(0, i64::saturating_add)
}

/// Every change in the order of time; at one instant, ends before beginnings.
pub(super) fn lay_out(scenario: &Scenario) -> Vec<Change> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(scenario.seed as u64);
    let mut changes = Vec::new();
    for (entry, task) in scenario.tasks.iter().enumerate() {
        // Equal tasks move together: the jitter is the entry's, not each task's.
        let spans = spans(task, &mut random);
        for i in 0..task.count {
            let cpu = ((task.cpu + i) % scenario.cpus) as usize;
            for (n, &(from, until)) in spans.iter().enumerate() {
                let change = |ms: i64, begins, edge: bool| Change {
                    t_ns: ms as u64 * MILLISECOND,
                    cpu,
                    state: task.state,
                    begins,
                    edge: edge.then_some(entry),
                };
                changes.push(change(from, true, n == 0));
                changes.push(change(until, false, n + 1 == spans.len()));
            }
        }
    }
    changes.sort_by_key(|change| (change.t_ns, change.begins));
    changes
}

/// The spans in which a task is active, ms.
fn spans(task: &Task, random: &mut Xoshiro256PlusPlus) -> Vec<(i64, i64)> {
    if task.from_ms >= task.until_ms {
        return Vec::new();
    }
    if task.every_ms == 0 {
        return vec![(task.from_ms, task.until_ms)];
    }
    let mut spans = Vec::new();
    let mut period = task.from_ms;
    while period < task.until_ms {
        let late = if task.jitter_ms == 0 { 0 } else { random.random_range(0..=task.jitter_ms) };
        let from = period + late;
        if from < task.until_ms {
            spans.push((from, (from + task.for_ms).min(task.until_ms)));
        }
        period += task.every_ms;
    }
    // Back-to-back spans are one: the task never left its state.
    spans.dedup_by(|next, kept| {
        let joins = next.0 == kept.1;
        if joins {
            kept.1 = next.1;
        }
        joins
    });
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periodic_tasks_are_active_in_spans() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(0);
        let task = |every, for_| Task::new(State::Runnable, 10, 40).periodic(for_, every);
        for (task, want) in [
            (Task::new(State::Runnable, 10, 40), vec![(10, 40)]),
            (task(10, 3), vec![(10, 13), (20, 23), (30, 33)]),
            (task(20, 15), vec![(10, 25), (30, 40)]),
            (task(10, 10), vec![(10, 40)]),
            (Task::new(State::Runnable, 10, 10), vec![]),
        ] {
            assert_eq!(spans(&task, &mut random), want, "{task:?}");
        }
    }

    #[test]
    fn jitter_is_the_seeds_and_never_overlaps() {
        let scenario = |seed| Scenario {
            seed,
            tasks: vec![Task { jitter_ms: 60, ..Task::new(State::Runnable, 0, 10_000).periodic(40, 100) }],
            ..Scenario::default()
        };
        let one = lay_out(&scenario(1));
        assert_eq!(one, lay_out(&scenario(1)));
        assert_ne!(one, lay_out(&scenario(2)));
        assert!(one.chunks(2).all(|pair| pair[0].begins && !pair[1].begins));
        // The generator's output is fixed by its version; a change would change every token's run.
        let first: Vec<_> = one.iter().take(6).map(|change| change.t_ns / MILLISECOND).collect();
        assert_eq!(first, [49, 89, 145, 185, 206, 246]);
    }
}
