//! What is kept of an exercise between visits, where the browser allows it.

use exercises::page::FromJson;
use sim_core::Json;

use crate::page;

/// Where an exercise is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The machine that live-probe reads.
    Live,
    /// A machine of the model.
    Simulated,
}

/// How far the reader has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// What the reader committed to, as typed; nothing before.
    pub prediction: Option<String>,
    /// How many hints were opened.
    pub hints: usize,
    /// Whether it was passed, wherever that was.
    pub passed: bool,
    /// Whether the reader asked for the explanation without passing.
    pub gave_up: bool,
    /// Which simulated machine it is.
    pub machine: u64,
    /// Where the reader last chose to check; nothing before a choice.
    pub place: Option<Place>,
}

impl Memory {
    /// What was kept of an exercise. What cannot be read counts as nothing kept.
    pub fn recall(id: &str) -> Option<Memory> {
        page::recall(&key(id)).and_then(|text| Memory::read(&text))
    }

    /// Keeps it.
    pub fn keep(&self, id: &str) {
        page::remember(&key(id), &self.write());
    }

    /// What the terminal is told of it.
    pub fn told(&self) -> Json {
        let fields = [
            ("prediction", self.prediction.as_deref().into()),
            ("hints", (self.hints as u64).into()),
            ("passed", self.passed.into()),
        ];
        Json::object(fields)
    }

    /// Adds what the terminal knows and the page does not; whether the terminal lacks something of it.
    pub fn add(&mut self, known: &Json) -> bool {
        let theirs = Memory {
            prediction: known["prediction"].as_str().map(str::to_owned),
            hints: kept::<u32>(&known["hints"]).unwrap_or_default() as usize,
            passed: known["passed"].as_bool() == Some(true),
            ..Memory::default()
        };
        self.hints = self.hints.max(theirs.hints);
        self.passed |= theirs.passed;
        self.prediction = self.prediction.take().or(theirs.prediction.clone());
        (self.hints, self.passed, &self.prediction) != (theirs.hints, theirs.passed, &theirs.prediction)
    }

    fn read(text: &str) -> Option<Memory> {
        let json = Json::parse(text).ok().filter(|json| matches!(json, Json::Object(_)))?;
        Some(Memory {
            prediction: FromJson::from_json(&json["prediction"])?,
            hints: kept::<u32>(&json["hints"])? as usize,
            passed: kept(&json["passed"])?,
            gave_up: kept(&json["gave_up"])?,
            machine: kept(&json["machine"])?,
            place: match json["place"].as_str() {
                Some("live") => Some(Place::Live),
                Some("simulated") => Some(Place::Simulated),
                Some(_) => return None,
                None => None,
            },
        })
    }

    fn write(&self) -> String {
        let place = self.place.map(|place| match place {
            Place::Live => "live",
            Place::Simulated => "simulated",
        });
        let fields = [
            ("prediction", self.prediction.as_deref().into()),
            ("hints", (self.hints as u64).into()),
            ("passed", self.passed.into()),
            ("gave_up", self.gave_up.into()),
            ("machine", self.machine.into()),
            ("place", place.into()),
        ];
        Json::object(fields).to_string()
    }
}

/// A field that an earlier version may not have kept.
fn kept<T: FromJson + Default>(json: &Json) -> Option<T> {
    Option::<T>::from_json(json).map(Option::unwrap_or_default)
}

fn key(id: &str) -> String {
    format!("exercise:{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let memory = Memory {
            prediction: Some("0.63".to_owned()),
            hints: 2,
            passed: true,
            gave_up: false,
            machine: 7,
            place: Some(Place::Simulated),
        };
        assert_eq!(Memory::read(&memory.write()), Some(memory));
    }

    #[test]
    fn terminal_and_page_add_up() {
        let page = |prediction: Option<&str>, hints, passed| Memory {
            prediction: prediction.map(str::to_owned),
            hints,
            passed,
            ..Memory::default()
        };
        let nothing = page(None, 0, false);
        for (ours, theirs, want, lacks) in [
            (&nothing, &nothing, &nothing, false),
            (&nothing, &page(Some("4"), 1, true), &page(Some("4"), 1, true), false),
            (&page(Some("5"), 2, false), &page(Some("4"), 1, true), &page(Some("5"), 2, true), true),
            (&page(None, 0, true), &nothing, &page(None, 0, true), true),
        ] {
            let mut ours = ours.clone();
            assert_eq!(ours.add(&theirs.told()), lacks, "{ours:?} {theirs:?}");
            assert_eq!(&ours, want);
        }
    }

    #[test]
    fn what_others_left_is_not_trusted() {
        for (text, want) in [
            ("{}", Some(Memory::default())),
            (r#"{"hints":3,"from_a_later_version":1}"#, Some(Memory { hints: 3, ..Memory::default() })),
            ("", None),
            ("null", None),
            (r#"{"hints":-1}"#, None),
            (r#"{"place":"moon"}"#, None),
        ] {
            assert_eq!(Memory::read(text), want, "{text:?}");
        }
    }
}
