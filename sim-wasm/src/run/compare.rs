//! Two runs side by side.

use sim_core::{Json, Nanos, Tape};

/// One number of two runs at the same moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Index into the model's list of metrics.
    pub metric: usize,
    /// In the run that was pinned.
    pub pinned: i64,
    /// In the run on screen.
    pub shown: i64,
}

/// One field in which two scenarios differ; a side that lacks it is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The field as a path: `tasks[0].count`.
    pub field: String,
    /// In the run that was pinned.
    pub pinned: String,
    /// In the run on screen.
    pub shown: String,
}

/// Every number of two runs at a moment. A run that has ended keeps its last numbers.
pub fn rows(pinned: &Tape, shown: &Tape, t: Nanos) -> Vec<Row> {
    let pairs = pinned.values(t).into_iter().zip(shown.values(t));
    pairs.enumerate().map(|(metric, (pinned, shown))| Row { metric, pinned, shown }).collect()
}

/// Every field in which two scenarios differ.
pub fn changed_fields(pinned: &Json, shown: &Json) -> Vec<Change> {
    let mut changes = Vec::new();
    differ("", pinned, shown, &mut changes);
    changes
}

fn differ(path: &str, pinned: &Json, shown: &Json, changes: &mut Vec<Change>) {
    match (pinned, shown) {
        (Json::Object(a), Json::Object(_)) => {
            for (name, value) in a {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                differ(&path, value, &shown[name.as_str()], changes);
            }
        }
        (Json::List(a), Json::List(b)) => {
            for i in 0..a.len().max(b.len()) {
                differ(&format!("{path}[{i}]"), &pinned[i], &shown[i], changes);
            }
        }
        (a, b) if a != b => {
            let word = |value: &Json| match value {
                Json::Null => String::new(),
                Json::Text(text) => text.clone(),
                other => other.to_string(),
            };
            changes.push(Change { field: path.to_owned(), pinned: word(a), shown: word(b) });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use sim_core::load_average::{LoadAverage, Scenario, State, Task};
    use sim_core::{Model, SECOND, Valid};

    use super::*;

    fn json(scenario: &Scenario) -> Json {
        LoadAverage::write_scenario(scenario)
    }

    fn tape(scenario: Scenario) -> Tape {
        Tape::of(Box::new(LoadAverage::start(&Valid::new(scenario).unwrap())))
    }

    #[test]
    fn only_fields_that_differ_are_named() {
        let one = Scenario { tasks: vec![Task::new(State::Runnable, 0, 1000)], ..Scenario::default() };
        let other = Scenario {
            cpus: 4,
            kernel: "3.10".parse().unwrap(),
            tasks: vec![Task::new(State::IoWait, 0, 1000).times(2)],
            ..Scenario::default()
        };
        let change = |field: &str, pinned: &str, shown: &str| Change {
            field: field.into(),
            pinned: pinned.into(),
            shown: shown.into(),
        };
        assert_eq!(changed_fields(&json(&one), &json(&one)), []);
        assert_eq!(
            changed_fields(&json(&one), &json(&other)),
            [
                change("cpus", "1", "4"),
                change("kernel", "6.12", "3.10"),
                change("tasks[0].count", "1", "2"),
                change("tasks[0].state", "runnable", "iowait"),
            ]
        );
        let changes = changed_fields(&json(&one), &json(&Scenario::default()));
        assert_eq!((changes[0].field.as_str(), changes[0].shown.as_str()), ("tasks[0]", ""));
    }

    #[test]
    fn numbers_are_compared_at_one_moment_even_past_the_end_of_one_run() {
        let busy =
            |ms| Scenario { duration_ms: ms, tasks: vec![Task::new(State::Runnable, 0, ms)], ..Scenario::default() };
        let (short, long) = (tape(busy(6000)), tape(busy(30_000)));
        let at = |t| rows(&short, &long, t).into_iter().find(|row| row.metric == 0).unwrap();
        assert_eq!((at(0).pinned, at(0).shown), (0, 0));
        assert_eq!((at(5500 * SECOND / 1000).pinned, at(5500 * SECOND / 1000).shown), (164, 164));
        assert_eq!((at(20 * SECOND).pinned, at(20 * SECOND).shown), (164, 454));
    }
}
