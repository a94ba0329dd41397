//! What the book shows of the reader's own machine: the figures of `here.toml`, and no others.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use sim_core::{Text, decimal};

use crate::Machine;
use crate::expression::{Given, Part, Value};
use crate::files::HERE;
use crate::judge::{Scene, Trouble, spaced};
use crate::quantity::{self, Found, Unit};

/// Words that quantities answer with, and their Korean.
const WORDS: [(&str, &str); 3] = [("yes", "예"), ("no", "아니요"), ("none", "없음")];
/// Bytes in a MiB.
const MIB: f64 = 1_048_576.0;

/// A figure that a page may show.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Its permanent name: `{{@NAME}}` within the text.
    pub name: String,
    /// What a reader calls it.
    pub label: Text,
    /// What is asked of the machine.
    pub value: Value,
    /// What prints it, for readers without live-probe.
    pub command: String,
    /// Whether the machine card has it.
    #[serde(default)]
    pub card: bool,
}

/// What a machine says to a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Seen {
    /// [`Figure::name`].
    pub name: &'static str,
    /// [`Figure::label`].
    pub label: &'static Text,
    /// The value with its unit; nothing where the machine does not say.
    pub said: Option<Text>,
    /// The file and field it came from; or why there is no value.
    pub why: Text,
}

/// Every figure, in the order of the card.
pub fn figures() -> &'static [Figure] {
    static ALL: LazyLock<Vec<Figure>> = LazyLock::new(|| {
        #[derive(Deserialize)]
        struct File {
            figure: Vec<Figure>,
        }
        serde_json::from_str::<File>(HERE).map(|file| file.figure).unwrap_or_default()
    });
    &ALL
}

/// The figure of that name.
pub fn find(name: &str) -> Option<&'static Figure> {
    figures().iter().find(|figure| figure.name == name)
}

/// Asks a machine for every figure.
pub fn look(machine: &dyn Machine) -> Vec<Seen> {
    let nothing = Given::new();
    let scene = Scene::now(machine, &nothing);
    let see = |figure: &'static Figure| {
        let (said, why) = match scene.words(&figure.value) {
            Ok(found) => (Some(said(&found, &scene, &figure.value)), from(&figure.value, machine)),
            Err(trouble) => (None, reason(trouble)),
        };
        Seen { name: &figure.name, label: &figure.label, said, why }
    };
    figures().iter().map(see).collect()
}

fn said(found: &Found, scene: &Scene<'_>, value: &Value) -> Text {
    let plain = scene.shown(value);
    let number = match found {
        Found::Number(number) => number,
        Found::Word(word) => {
            return WORDS.iter().find(|(known, ..)| known == word).map_or(plain, |w| Text::fixed(w.1, w.0));
        }
        Found::Words(_) => return plain,
    };
    let unit = scene.unit(value);
    // A page of one byte: what is counted in pages stays so, its size is a fact of its own.
    match unit.bytes(1.0) {
        Some(bytes) if unit != Unit::Pages && number * bytes >= MIB => {
            let mib = number * bytes / MIB;
            let (amount, unit) = if mib < 1024.0 { (mib, "MiB") } else { (mib / 1024.0, "GiB") };
            Text::verbatim(format!("{} {unit}", decimal::fixed(amount, 1)))
        }
        _ => {
            let unit = unit.text();
            let [ko, en] =
                [(plain.ko, &unit.ko), (plain.en, &unit.en)].map(|(said, unit)| format!("{said}{}", spaced(unit)));
            Text { ko: ko.into(), en: en.into() }
        }
    }
}

/// The files and fields of the quantities in a value.
fn from(value: &Value, machine: &dyn Machine) -> Text {
    let mut places: Vec<String> = Vec::new();
    value.visit(&mut |part| {
        let Part::Value(Value::Name(name)) = part else { return };
        let Ok(quantity) = quantity::find(name, machine) else { return };
        let place = match quantity.field.as_str() {
            "" => quantity.path,
            field => format!("{}: {field}", quantity.path),
        };
        if !places.contains(&place) {
            places.push(place);
        }
    });
    Text::verbatim(places.join(", "))
}

fn reason(trouble: Trouble) -> Text {
    match trouble {
        Trouble::Lack(lack) => lack.text(),
        Trouble::Undefined(why) | Trouble::Malformed(why) => why,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_figure_is_read_and_named_once() {
        let file = include_str!("../here.toml");
        assert_eq!(figures().len(), file.matches("[[figure]]").count());
        let names: BTreeSet<_> = figures().iter().map(|figure| &figure.name).collect();
        assert_eq!(names.len(), figures().len());
        for figure in figures() {
            assert!(!figure.label.ko.is_empty() && !figure.label.en.is_empty() && !figure.command.is_empty());
            assert!(find(&figure.name).is_some());
        }
        assert!(find("file[/etc/shadow]").is_none(), "a page cannot ask for what is not listed");
    }

    /// What each recorded machine says; `?` with the reason where it does not.
    #[test]
    fn recorded_machines_say_it_or_say_why_not() {
        let mut table = String::new();
        for machine in crate::machines() {
            table.push_str(&format!("{}\n", machine.name));
            for seen in look(&machine.recording.at(0).expect("a recorded machine has a moment")) {
                let said = seen.said.as_ref().map_or("?", |said| &said.en);
                table.push_str(&format!("  {}: {said} ({})\n", seen.name, seen.why.en));
                assert!(seen.said.is_none() || !seen.why.en.is_empty(), "{}: says where from", seen.name);
            }
        }
        insta::assert_snapshot!(table);
    }
}
