//! Incidents: cases of several steps in the manner of an on-call page. Each runs one of several
//! hidden loads for real, within bounds, and asks what it is.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use sim_core::{Text, text};

use crate::exercise::FORMAT_VERSION;
use crate::files::INCIDENTS;
use crate::{Choice, Load, Parameter, Pick, Workload};

/// Longest a case may run, min.
const MAX_MINUTES: u32 = 14;

/// One case, as its TOML file says it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// Version of the format, as of exercises.
    pub format_version: u32,
    /// Its permanent name, that of the file.
    pub id: String,
    /// Place in the list, from 1.
    pub order: u32,
    /// How long it runs if nobody stops it, min: 1 to 14.
    pub minutes: u32,
    /// A few words.
    pub title: Text,
    /// What the page says that wakes the reader.
    pub page: Text,
    /// What is smaller here than it would be in production.
    pub scaled: Text,
    /// What may be behind it; one is chosen in secret.
    pub variants: Vec<Variant>,
    /// What is asked, in order.
    pub steps: Vec<Step>,
}

/// One thing that may be behind an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its name in [`Expected::Choice`].
    pub id: String,
    /// What runs.
    pub load: Load,
    /// Shown at the end: what it was, and how one could have seen it.
    pub cause: Text,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is asked.
    pub question: Text,
    /// What a right answer without a hint is worth.
    pub points: u32,
    /// Only for these variants; for all when empty.
    #[serde(default)]
    pub only: Vec<String>,
    /// What is to be answered.
    pub answer: Expected,
    /// From vague to plain.
    pub hints: Vec<Text>,
    /// Shown when it is answered.
    pub explanation: Text,
}

/// What answers a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Expected {
    /// One of several.
    Choice {
        /// To choose from.
        options: Vec<Choice>,
        /// The right one, by variant; `any` for all others.
        right: BTreeMap<String, String>,
    },
    /// A process id: of something the load made, or of any of its tasks where none is named.
    Process {
        /// Names of places.
        #[serde(default)]
        places: Vec<String>,
    },
    /// A name of something the load made: `loop3`.
    Name {
        /// Name of the place.
        place: String,
    },
    /// A number that the load was given.
    Number {
        /// Name of the parameter.
        parameter: String,
        /// How far off an answer may be, in percent.
        tolerance_pct: u32,
    },
}

/// What is known about a running case when an answer is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known<'a> {
    /// Id of the variant that runs.
    pub variant: &'a str,
    /// What it made.
    pub places: BTreeMap<String, String>,
    /// The process ids of its tasks.
    pub tasks: Vec<u32>,
}

/// What an answer is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Worth {
    /// Right.
    Right,
    /// Wrong.
    Wrong,
    /// Not an answer to this question, and what would be.
    Unreadable(Text),
    /// The load does not run any more, or never said what is asked.
    Unknown,
}

impl Incident {
    /// The steps asked of a variant.
    pub fn steps_of<'a>(&'a self, variant: &'a str) -> impl Iterator<Item = &'a Step> {
        self.steps.iter().filter(move |step| step.only.is_empty() || step.only.iter().any(|only| only == variant))
    }

    /// What runs: all variants, one of them in secret.
    pub fn workload(&self) -> Workload {
        Workload {
            seconds: self.minutes.saturating_mul(60),
            before_s: 0,
            after_s: 0,
            pick: Pick::OneInSecret,
            loads: self.variants.iter().map(|variant| variant.load).collect(),
            records: Vec::new(),
        }
    }

    /// Everything that is wrong with a case: where, and what.
    pub fn problems(&self) -> Vec<(String, Text)> {
        let mut found = Vec::new();
        let mut bad = |place: String, wrong: bool, ko: &str, en: &str| {
            if wrong {
                found.push((place, text!(ko: "{ko}", en: "{en}")));
            }
        };
        bad("format_version".into(), self.format_version != FORMAT_VERSION, "모르는 버전입니다", "is not known");
        bad("minutes".into(), !(1..=MAX_MINUTES).contains(&self.minutes), "1~14분이어야 합니다", "must be 1 to 14");
        bad("variants".into(), self.variants.len() < 2, "둘 이상이어야 합니다", "must be two or more");
        bad("steps".into(), self.steps.len() < 3, "셋 이상이어야 합니다", "must be three or more");
        for text in [&self.title, &self.page, &self.scaled] {
            bad("title, page, scaled".into(), !both(text), "두 언어가 모두 있어야 합니다", "needs both languages");
        }
        for (i, variant) in self.variants.iter().enumerate() {
            bad(
                format!("variants[{i}].cause"),
                !both(&variant.cause),
                "두 언어가 모두 있어야 합니다",
                "needs both languages",
            );
            for Parameter { name, value, min, max, .. } in variant.load.parameters() {
                let out = !(min..=max).contains(&value);
                bad(format!("variants[{i}].load.{name}"), out, "허용 범위 밖입니다", "is out of range");
            }
        }
        let variants: Vec<_> = self.variants.iter().map(|variant| variant.id.as_str()).collect();
        for (i, step) in self.steps.iter().enumerate() {
            let at = |field: &str| format!("steps[{i}].{field}");
            bad(at("points"), !(1..=5).contains(&step.points), "1~5점이어야 합니다", "must be 1 to 5");
            bad(at("hints"), step.hints.is_empty(), "하나 이상이어야 합니다", "must be one or more");
            let words = [&step.question, &step.explanation].into_iter().chain(&step.hints).all(both);
            bad(at("question"), !words, "두 언어가 모두 있어야 합니다", "needs both languages");
            bad(
                at("only"),
                step.only.iter().any(|only| !variants.contains(&only.as_str())),
                "없는 변형입니다",
                "names no variant",
            );
            for variant in self.variants.iter().filter(|v| step.only.is_empty() || step.only.contains(&v.id)) {
                let fits = match &step.answer {
                    Expected::Choice { options, right } => {
                        right_of(right, &variant.id).is_some_and(|right| options.iter().any(|o| o.id == *right))
                    }
                    Expected::Number { parameter, tolerance_pct } => {
                        *tolerance_pct < 100 && variant.load.parameters().iter().any(|p| p.name == parameter)
                    }
                    Expected::Process { .. } | Expected::Name { .. } => true,
                };
                let id = &variant.id;
                bad(at("answer"), !fits, &format!("{id}에 맞는 답이 없습니다"), &format!("has no answer for {id}"));
            }
        }
        found
    }
}

fn both(text: &Text) -> bool {
    !text.ko.trim().is_empty() && !text.en.trim().is_empty()
}

fn right_of<'a>(right: &'a BTreeMap<String, String>, variant: &str) -> Option<&'a String> {
    right.get(variant).or_else(|| right.get("any"))
}

impl Expected {
    /// Judges an answer.
    pub fn judge(&self, answer: &str, load: Load, known: &Known<'_>) -> Worth {
        let answer = answer.trim();
        let verdict = |right: bool| if right { Worth::Right } else { Worth::Wrong };
        match self {
            Expected::Choice { options, right } => {
                if options.iter().any(|option| option.id == answer) {
                    return verdict(right_of(right, known.variant).is_some_and(|right| right == answer));
                }
                let ids = options.iter().map(|option| option.id.as_str()).collect::<Vec<_>>().join(", ");
                Worth::Unreadable(text!(ko: "다음 중 하나여야 합니다: {ids}", en: "It must be one of {ids}"))
            }
            Expected::Process { places } => {
                let Ok(pid) = answer.parse::<u32>() else {
                    return Worth::Unreadable(Text::fixed("프로세스 번호(PID)여야 합니다", "It must be a process id"));
                };
                let named: Vec<u32> = places.iter().filter_map(|place| known.places.get(place)?.parse().ok()).collect();
                let right = if named.is_empty() { &known.tasks } else { &named };
                if right.is_empty() { Worth::Unknown } else { verdict(right.contains(&pid)) }
            }
            Expected::Name { place } => match known.places.get(place) {
                Some(name) => verdict(answer.trim_start_matches("/dev/") == name),
                None => Worth::Unknown,
            },
            Expected::Number { parameter, tolerance_pct } => {
                let Ok(number) = answer.replace(',', "").parse::<f64>() else {
                    return Worth::Unreadable(Text::fixed("숫자여야 합니다", "It must be a number"));
                };
                let Some(parameter) = load.parameters().into_iter().find(|p| p.name == parameter) else {
                    return Worth::Unknown;
                };
                let off = (number - f64::from(parameter.value)).abs();
                verdict(off <= f64::from(parameter.value) * f64::from(*tolerance_pct) / 100.0)
            }
        }
    }

    /// The right answer in words.
    pub fn right(&self, load: Load, known: &Known<'_>) -> Option<Text> {
        match self {
            Expected::Choice { options, right } => {
                let right = right_of(right, known.variant)?;
                options.iter().find(|option| option.id == *right).map(|option| option.text.clone())
            }
            Expected::Process { places } => {
                let named: Vec<String> = places.iter().filter_map(|place| known.places.get(place).cloned()).collect();
                let pids = if named.is_empty() { known.tasks.iter().map(u32::to_string).collect() } else { named };
                (!pids.is_empty()).then(|| Text::verbatim(pids.join(", ")))
            }
            Expected::Name { place } => known.places.get(place).map(Text::verbatim),
            Expected::Number { parameter, .. } => {
                let all = load.parameters();
                all.iter().find(|p| p.name == parameter).map(|p| Text::verbatim(p.value.to_string()))
            }
        }
    }
}

/// Every case, in order. One that cannot be read is left out; a test sees to it that there is none.
pub fn incidents() -> &'static [Incident] {
    static ALL: LazyLock<Vec<Incident>> = LazyLock::new(|| {
        let mut all: Vec<Incident> = INCIDENTS.iter().filter_map(|(_, json)| serde_json::from_str(json).ok()).collect();
        all.sort_by_key(|incident| incident.order);
        all
    });
    &ALL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_sound_case() {
        for (name, _) in INCIDENTS {
            let file = format!("{}/incidents/{name}.toml", env!("CARGO_MANIFEST_DIR"));
            let source = std::fs::read_to_string(&file).unwrap();
            let incident: Incident = toml::from_str(&source).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert_eq!(incident.id, *name);
            assert_eq!(incident.problems(), [], "{name}");
        }
        assert_eq!(incidents().iter().map(|case| case.order).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn unsound_cases_are_named() {
        let sound = &incidents()[0];
        for (change, place) in [
            ((|case| case.minutes = 99) as fn(&mut Incident), "minutes"),
            (|case| case.variants.truncate(1), "variants"),
            (|case| case.steps[0].only = vec!["nobody".into()], "steps[0].only"),
            (|case| case.steps[0].points = 0, "steps[0].points"),
            (|case| case.steps[1].hints.clear(), "steps[1].hints"),
            (|case| case.page.en = "".into(), "title, page, scaled"),
        ] {
            let mut case = sound.clone();
            change(&mut case);
            assert!(case.problems().iter().any(|(at, _)| at == place), "{place}: {:?}", case.problems());
        }
    }

    #[test]
    fn answers_are_judged_by_what_runs() {
        let choice = |id: &str| Choice { id: id.into(), text: Text::verbatim(id) };
        let right = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
        let options = vec![choice("a"), choice("b")];
        let by_variant = Expected::Choice { options: options.clone(), right: right(&[("one", "a"), ("any", "b")]) };
        let process = Expected::Process { places: vec![] };
        let child = Expected::Process { places: vec!["child".into()] };
        let name = Expected::Name { place: "disk".into() };
        let number = Expected::Number { parameter: "ports".into(), tolerance_pct: 10 };
        let load = Load::FewPorts { ports: 200, per_s: 1, keep: 0 };
        let known = |variant| Known {
            variant,
            places: BTreeMap::from([("child".into(), "8".into()), ("disk".into(), "loop3".into())]),
            tasks: vec![5, 6],
        };
        for (expected, variant, answer, worth) in [
            (&by_variant, "one", "a", Some(true)),
            (&by_variant, "one", "b", Some(false)),
            (&by_variant, "two", "b", Some(true)),
            (&by_variant, "two", "c", None),
            (&process, "one", "6", Some(true)),
            (&process, "one", "8", Some(false)),
            (&process, "one", "x", None),
            (&child, "one", "8", Some(true)),
            (&child, "one", "5", Some(false)),
            (&name, "one", "/dev/loop3", Some(true)),
            (&name, "one", "sda", Some(false)),
            (&number, "one", "210", Some(true)),
            (&number, "one", "170", Some(false)),
            (&number, "one", "many", None),
        ] {
            let got = match expected.judge(answer, load, &known(variant)) {
                Worth::Right => Some(true),
                Worth::Wrong => Some(false),
                Worth::Unreadable(_) => None,
                Worth::Unknown => panic!("{answer}"),
            };
            assert_eq!(got, worth, "{expected:?} {answer}");
        }
        assert_eq!(name.judge("sda", load, &Known::default()), Worth::Unknown);
        assert_eq!(process.judge("7", load, &Known::default()), Worth::Unknown);
    }
}
