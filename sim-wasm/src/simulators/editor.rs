//! Controls of a scenario as data: lists of entries and groups of numbers.

use sim_core::{Entry, Json, Text};

/// A part of a widget's editor.
pub enum Part {
    /// A list of entries, which the reader can lengthen and shorten.
    List(List),
    /// Values that stand alone, under a heading; their fields are paths from the scenario
    /// (`avenrun[0]`).
    Group {
        /// What they are.
        title: Text,
        /// The values.
        columns: &'static [Column],
    },
}

/// A list of a scenario whose entries are objects.
pub struct List {
    /// Its path in the scenario: `tasks`.
    pub path: &'static str,
    /// What it is.
    pub title: Text,
    /// What an empty list means.
    pub none: Text,
    /// What the button for another entry says. A new entry is as the last; the first is what the
    /// model reads from [`List::first`].
    pub add: Text,
    /// What the button that removes an entry says.
    pub remove: Text,
    /// The first entry of an empty list as JSON; fields that are left out take the model's defaults.
    pub first: &'static str,
    /// The fields of an entry that have a control.
    pub columns: &'static [Column],
}

/// A field that has a control.
pub struct Column {
    /// Its path, from the entry or (in a group) from the scenario.
    pub field: &'static str,
    /// What a reader calls it.
    pub label: Text,
    /// Unit of the value (`""` for a count or a word).
    pub unit: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Path of a value of the scenario that this one goes along with while both are the same: what
    /// lasts to the end of a run still does when the run gets another length.
    pub follows: Option<&'static str>,
}

/// What a field holds.
#[derive(Clone, Copy)]
pub enum Holds {
    /// A whole number; what is allowed depends on the rest, and a refusal tells it.
    Whole,
    /// A whole number between two, both included.
    Between(i64, i64),
    /// A word of the scenario, chosen by what a reader calls it.
    Words(&'static [(&'static str, Text)]),
    /// A number of the scenario, chosen by what a reader calls it.
    Codes(&'static [(i64, Text)]),
    /// A list of whole numbers, a box each.
    Each,
}

impl Column {
    /// A whole number.
    pub const fn whole(field: &'static str, label: Text, unit: &'static str) -> Column {
        Column { field, label, unit, holds: Holds::Whole, follows: None }
    }

    /// A whole number between two, both included.
    pub const fn between(field: &'static str, label: Text, unit: &'static str, min: i64, max: i64) -> Column {
        Column { field, label, unit, holds: Holds::Between(min, max), follows: None }
    }

    /// A word, chosen by what a reader calls it.
    pub const fn words(field: &'static str, label: Text, words: &'static [(&'static str, Text)]) -> Column {
        Column { field, label, unit: "", holds: Holds::Words(words), follows: None }
    }

    /// A number, chosen by what a reader calls it.
    pub const fn codes(field: &'static str, label: Text, codes: &'static [(i64, Text)]) -> Column {
        Column { field, label, unit: "", holds: Holds::Codes(codes), follows: None }
    }

    /// A list of whole numbers, a box each.
    pub const fn each(field: &'static str, label: Text, unit: &'static str) -> Column {
        Column { field, label, unit, holds: Holds::Each, follows: None }
    }

    /// Goes along with another value while both are the same.
    pub const fn follows(mut self, path: &'static str) -> Column {
        self.follows = Some(path);
        self
    }
}

impl Holds {
    /// What a reader can choose, if it is a choice: the values with what a reader calls them.
    pub fn choices(self) -> Vec<(Json, &'static Text)> {
        match self {
            Holds::Words(words) => words.iter().map(|(word, name)| ((*word).into(), name)).collect(),
            Holds::Codes(codes) => codes.iter().map(|(code, name)| ((*code).into(), name)).collect(),
            Holds::Whole | Holds::Between(..) | Holds::Each => Vec::new(),
        }
    }
}

impl List {
    /// Adds an entry as the last one is.
    pub fn add(&self, entry: &Entry, scenario: &mut Json) {
        if let Some(Json::List(items)) = scenario.at_mut(self.path) {
            let first = || Json::parse(self.first).unwrap_or(Json::Object(Vec::new()));
            let next = items.last().cloned().unwrap_or_else(first);
            items.push(next);
            // Fields that the first one left out.
            *scenario = (entry.complete)(scenario);
        }
    }

    /// Takes an entry away, if there is one at that place.
    pub fn remove(&self, scenario: &mut Json, place: usize) {
        if let Some(Json::List(items)) = scenario.at_mut(self.path)
            && place < items.len()
        {
            items.remove(place);
        }
    }
}

impl Part {
    /// The list, if it is one.
    pub fn list(&self) -> Option<&List> {
        if let Part::List(list) = self { Some(list) } else { None }
    }

    /// A value of the scenario has changed: what went along with it still does.
    pub fn follow(&self, scenario: &mut Json, path: &str, before: &Json, value: &Json) {
        let change = |place: Option<&mut Json>| {
            if let Some(place) = place.filter(|place| **place == *before) {
                *place = value.clone();
            }
        };
        match self {
            Part::List(list) => {
                let following = list.columns.iter().filter(|column| column.follows == Some(path));
                for column in following {
                    if let Some(Json::List(items)) = scenario.at_mut(list.path) {
                        items.iter_mut().for_each(|item| change(item.at_mut(column.field)));
                    }
                }
            }
            Part::Group { columns, .. } => {
                let following = columns.iter().filter(|column| column.follows == Some(path));
                following.for_each(|column| change(scenario.at_mut(column.field)));
            }
        }
    }

    /// Whether a scenario has what the part shows; if not, the path that leads nowhere.
    #[cfg(test)]
    pub fn check(&self, scenario: &Json) -> Result<(), String> {
        let fits = |holds: Holds, value: &Json| match holds {
            Holds::Whole | Holds::Between(..) => value.as_i64().is_some(),
            Holds::Each => value.as_list().is_some_and(|items| items.iter().all(|item| item.as_i64().is_some())),
            Holds::Words(_) | Holds::Codes(_) => holds.choices().iter().any(|(choice, _)| choice == value),
        };
        let all = |path: &str, value: &Json, columns: &[Column]| {
            for Column { field, holds, .. } in columns {
                let value = value.at(field).ok_or(format!("{path}{field}: no such field"))?;
                fits(*holds, value).then_some(()).ok_or(format!("{path}{field} = {value}"))?;
            }
            Ok(())
        };
        match self {
            Part::Group { columns, .. } => all("", scenario, columns),
            Part::List(list) => {
                let items = scenario.at(list.path).and_then(Json::as_list).ok_or(list.path)?;
                let numbered = items.iter().enumerate();
                numbered.into_iter().try_for_each(|(i, item)| all(&format!("{}[{i}].", list.path), item, list.columns))
            }
        }
    }
}
