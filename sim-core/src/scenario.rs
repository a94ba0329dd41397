//! Scenarios: how a control describes a parameter, and how a bad scenario is refused.

use std::fmt;
use std::ops::Deref;

use crate::{Json, Model, Text, text};

/// A scalar parameter of a model, as a control shows it and a refusal names it.
#[derive(Clone, Debug)]
pub struct Param {
    /// The sysctl, field or constant it stands for.
    pub name: &'static str,
    /// What a reader calls it.
    pub label: Text,
    /// What it changes, in one sentence.
    pub help: Text,
    /// Unit of the value (`""` for a count).
    pub unit: &'static str,
    /// Smallest allowed value.
    pub min: i64,
    /// Largest allowed value.
    pub max: i64,
    /// Value when a scenario does not say.
    pub default: i64,
    /// What a slider moves by.
    pub step: i64,
    /// The only allowed values, if it is a choice: each with what a reader calls it.
    pub choices: &'static [(i64, Text)],
}

impl Param {
    /// A count from 0 to 0; the rest is said by the methods below.
    pub const fn new(name: &'static str, label: Text, help: Text) -> Param {
        Param { name, label, help, unit: "", min: 0, max: 0, default: 0, step: 1, choices: &[] }
    }

    /// The smallest and largest value.
    pub const fn range(mut self, min: i64, max: i64) -> Param {
        self.min = min;
        self.max = max;
        self
    }

    /// The value when a scenario does not say.
    pub const fn default(mut self, default: i64) -> Param {
        self.default = default;
        self
    }

    /// What a slider moves by.
    pub const fn step(mut self, step: i64) -> Param {
        self.step = step;
        self
    }

    /// The unit of the value.
    pub const fn unit(mut self, unit: &'static str) -> Param {
        self.unit = unit;
        self
    }

    /// The only allowed values, in ascending order.
    pub const fn choices(mut self, choices: &'static [(i64, Text)]) -> Param {
        self.choices = choices;
        self.min = choices[0].0;
        self.max = choices[choices.len() - 1].0;
        self
    }

    /// Checks a value; a refusal names the allowed range and the unit.
    pub fn check(&self, field: &str, value: i64) -> Option<Problem> {
        let allowed = if self.choices.is_empty() {
            (self.min..=self.max).contains(&value)
        } else {
            self.choices.iter().any(|(choice, _)| *choice == value)
        };
        (!allowed).then(|| Problem::range(field, value, self.allowed(), self.unit))
    }

    /// The allowed values in words: `1..64` or `100, 250, 1000`.
    pub fn allowed(&self) -> String {
        if self.choices.is_empty() {
            return format!("{}..{}", self.min, self.max);
        }
        let choices: Vec<_> = self.choices.iter().map(|(value, _)| value.to_string()).collect();
        choices.join(", ")
    }
}

/// One thing wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which field, as a path: `tasks[2].until_ms`.
    pub field: String,
    /// What it held.
    pub value: String,
    /// What it may hold.
    pub allowed: String,
    /// Unit of both (`""` for a count or a word).
    pub unit: &'static str,
    /// What is wrong, where the range alone does not say it.
    pub note: Option<Text>,
}

impl Problem {
    /// A value outside its range.
    pub fn range(field: &str, value: impl fmt::Display, allowed: impl Into<String>, unit: &'static str) -> Problem {
        Problem { field: field.to_owned(), value: value.to_string(), allowed: allowed.into(), unit, note: None }
    }

    /// A value that is no integer.
    pub fn no_integer(field: &str, value: &Json, allowed: impl Into<String>, unit: &'static str) -> Problem {
        Problem::range(field, shorten(value), allowed, unit)
            .because(Text::fixed("정수가 아닙니다", "this is not an integer"))
    }

    /// Adds what the range alone does not say.
    pub fn because(mut self, note: Text) -> Problem {
        self.note = Some(note);
        self
    }

    /// The problem as a sentence: field, value, allowed range, unit.
    pub fn text(&self) -> Text {
        let Problem { field, value, allowed, unit, note } = self;
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        let mut text = text!(
            ko: "{field} = {value}{unit}: 허용 범위 {allowed}{unit}",
            en: "{field} = {value}{unit}: allowed {allowed}{unit}"
        );
        if let Some(note) = note {
            text.ko.to_mut().push_str(&format!(" ({})", note.ko));
            text.en.to_mut().push_str(&format!(" ({})", note.en));
        }
        text
    }
}

/// A scenario that was checked and can be run.
pub struct Valid<M: Model>(M::Scenario);

impl<M: Model> Valid<M> {
    /// Checks a scenario.
    ///
    /// # Errors
    /// Every problem of the scenario at once.
    pub fn new(scenario: M::Scenario) -> Result<Self, Vec<Problem>> {
        let problems = M::problems(&scenario);
        if problems.is_empty() { Ok(Valid(scenario)) } else { Err(problems) }
    }

    /// Reads and checks a scenario written as JSON.
    ///
    /// # Errors
    /// Every problem at once: what is no JSON, unknown fields, wrong types, values out of range.
    pub fn from_json(json: &str) -> Result<Self, Vec<Problem>> {
        Self::of_json(&parse(json)?)
    }

    /// The same of JSON that was read already.
    ///
    /// # Errors
    /// As [`Valid::from_json`].
    pub fn of_json(value: &Json) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        check_head(value, M::NAME, M::VERSION, &mut problems);
        let scenario = M::read_scenario(value, &mut problems);
        for problem in M::problems(&scenario) {
            problems.push(problem);
        }
        if problems.0.is_empty() { Ok(Valid(scenario)) } else { Err(problems.0) }
    }

    /// Gives the scenario back, to be changed.
    pub fn into_inner(self) -> M::Scenario {
        self.0
    }
}

/// Reads a scenario's text as far as every model does it.
///
/// # Errors
/// Where it is no JSON.
pub fn parse(json: &str) -> Result<Json, Vec<Problem>> {
    Json::parse(json).map_err(|error| {
        vec![
            Problem::range("scenario", error, "{ … }", "")
                .because(Text::fixed("JSON 문법이 올바르지 않습니다", "this is not well-formed JSON")),
        ]
    })
}

/// Whether the scenario is one of this model and version, if it says.
fn check_head(value: &Json, name: &str, version: u32, problems: &mut Problems) {
    if let Some(found) = value.get("model").and_then(Json::as_str)
        && found != name
    {
        problems.push(Problem::range("model", found, name, ""));
    }
    if let Some(found) = value.get("model_version")
        && found.as_u64() != Some(u64::from(version))
    {
        problems.push(Problem::range("model_version", found, version.to_string(), ""));
    }
}

impl<M: Model> Deref for Valid<M> {
    type Target = M::Scenario;

    fn deref(&self) -> &M::Scenario {
        &self.0
    }
}

impl<M: Model> Clone for Valid<M> {
    fn clone(&self) -> Self {
        Valid(self.0.clone())
    }
}

impl<M: Model> PartialEq for Valid<M> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<M: Model> fmt::Debug for Valid<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Problems gathered while a scenario is read, at most one a field: a field of the wrong type is
/// not also out of range.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Adds a problem unless its field already has one.
    pub fn push(&mut self, problem: Problem) {
        if self.0.iter().all(|known| known.field != problem.field) {
            self.0.push(problem);
        }
    }

    /// Whether nothing was gathered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was gathered.
    pub fn into_vec(self) -> Vec<Problem> {
        self.0
    }
}

/// Reads the fields of one JSON object and notices the ones nobody asked for.
pub struct Fields<'a> {
    path: String,
    object: Option<&'a Json>,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The fields of `value`; `path` names it in problems (`""` for the scenario itself).
    pub fn of(value: &'a Json, path: &str, problems: &mut Problems) -> Fields<'a> {
        let object = matches!(value, Json::Object(_)).then_some(value);
        if object.is_none() {
            let name = if path.is_empty() { "scenario" } else { path };
            problems.push(Problem::range(name, shorten(value), "{ … }", ""));
        }
        Fields { path: path.to_owned(), object, known: Vec::new() }
    }

    /// The full name of a field in problems.
    pub fn name(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    /// The raw value of a field, if given.
    pub fn value(&mut self, field: &'static str) -> Option<&'a Json> {
        self.known.push(field);
        self.object?.get(field)
    }

    /// An integer, or `default` when the field is left out or of another type.
    pub fn integer(
        &mut self,
        field: &'static str,
        default: i64,
        allowed: &str,
        unit: &'static str,
        problems: &mut Problems,
    ) -> i64 {
        let Some(value) = self.value(field) else { return default };
        match value {
            Json::Bool(flag) => i64::from(*flag),
            _ => value.as_i64().unwrap_or_else(|| {
                problems.push(Problem::no_integer(&self.name(field), value, allowed, unit));
                default
            }),
        }
    }

    /// A scalar parameter, or its default. The range is checked by [`Model::problems`].
    pub fn param(&mut self, param: &'static Param, problems: &mut Problems) -> i64 {
        self.integer(param.name, param.default, &param.allowed(), param.unit, problems)
    }

    /// A text, or nothing when the field is left out.
    pub fn text(&mut self, field: &'static str, allowed: &str, problems: &mut Problems) -> Option<&'a str> {
        let value = self.value(field)?;
        let text = value.as_str();
        if text.is_none() {
            problems.push(Problem::range(&self.name(field), shorten(value), allowed, ""));
        }
        text
    }

    /// A value chosen by its name, or nothing when the field is left out or names none.
    pub fn choice<T: Copy>(
        &mut self,
        field: &'static str,
        names: &[(&'static str, T)],
        problems: &mut Problems,
    ) -> Option<T> {
        let allowed = names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let text = self.text(field, &allowed, problems)?;
        let chosen = names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        if chosen.is_none() {
            problems.push(Problem::range(&self.name(field), text, allowed, ""));
        }
        chosen
    }

    /// As many whole numbers as there are `values`, which stay where the field is left out or wrong.
    /// The range is checked by [`Model::problems`].
    pub fn integers(
        &mut self,
        field: &'static str,
        values: &mut [i64],
        allowed: &str,
        unit: &'static str,
        problems: &mut Problems,
    ) {
        let list = self.list(field, problems);
        if !list.is_empty() && list.len() != values.len() {
            problems.push(Problem::range(&self.name(field), list.len(), values.len().to_string(), "values"));
            return;
        }
        for (i, (value, given)) in values.iter_mut().zip(list).enumerate() {
            match given.as_i64() {
                Some(given) => *value = given,
                None => {
                    let name = self.name(&format!("{field}[{i}]"));
                    problems.push(Problem::no_integer(&name, given, allowed, unit));
                }
            }
        }
    }

    /// A list, empty when the field is left out.
    pub fn list(&mut self, field: &'static str, problems: &mut Problems) -> &'a [Json] {
        match self.value(field) {
            None => &[],
            Some(Json::List(items)) => items,
            Some(other) => {
                problems.push(Problem::range(&self.name(field), shorten(other), "[ … ]", ""));
                &[]
            }
        }
    }

    /// Reports every field that nobody asked for.
    pub fn finish(self, problems: &mut Problems) {
        for (field, value) in self.object.map_or(&[][..], Json::fields) {
            if !self.known.contains(&field.as_str()) {
                problems.push(
                    Problem::range(&self.name(field), shorten(value), self.known.join(", "), "")
                        .because(Text::fixed("이런 이름의 필드는 없습니다", "there is no field of this name")),
                );
            }
        }
    }
}

/// Reports a number outside `min..=max`.
pub(crate) fn check(problems: &mut Problems, field: &str, value: i64, min: i64, max: i64, unit: &'static str) {
    if !(min..=max).contains(&value) {
        problems.push(Problem::range(field, value, format!("{min}..{max}"), unit));
    }
}

/// A value as a refusal quotes it: whole when short, else its beginning.
fn shorten(value: &Json) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
