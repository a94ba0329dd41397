//! The indexes: `{{#index commands}}`, `{{#index parameters}}`, `{{#index files}}` gather what the
//! text names ([`names`]), `{{#index symptoms/GROUP}}` is a group of `book/symptoms.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use sim_core::{Lang, Text};

use super::names::{self, Known};
use super::quotes;
use super::whole::{self, Place};

/// What can be indexed.
const KINDS: &str = "symptoms/GROUP, commands, parameters, files";

/// Around an index that is no text of its own: a search leads to the sections, not to their list.
pub const UNSEARCHED: &str = "<div class=\"index\">";

/// `book/symptoms.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Symptoms {
    group: Vec<Group>,
}

/// Symptoms of one kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    symptom: Vec<Symptom>,
}

/// What an engineer sees, what to type first, and where to read on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Symptom {
    ko: String,
    en: String,
    look: String,
    see: Vec<String>,
}

/// An index in Markdown.
///
/// # Errors
/// Its data is damaged, or leads where nothing is.
pub fn markdown(kind: &str, book: &Path, lang: Lang) -> Result<String, String> {
    let chapters = whole::read(book, lang);
    let made = if let Some(group) = kind.strip_prefix("symptoms/") {
        symptoms(group, book, &chapters, lang)?
    } else {
        let names = names::collect(&chapters, &Known::read(book)?);
        let map = match kind {
            "commands" => names.commands,
            "parameters" => names.parameters,
            "files" => names.files,
            _ => return Err(format!("there is no index of {kind}: write one of {}", KINDS)),
        };
        table(&map, lang)
    };
    Ok(if lang == Lang::Ko { quotes::curl(&made) } else { made })
}

/// Names, and the sections that have them.
fn table(names: &BTreeMap<String, Vec<Place>>, lang: Lang) -> String {
    let heads = [Text::fixed("이름", "Name"), Text::fixed("나오는 곳", "Where")].map(|head| head.get(lang).to_owned());
    let mut made = format!("\n{UNSEARCHED}\n\n| {} | {} |\n|---|---|\n", heads[0], heads[1]);
    for (name, places) in names.iter().filter(|(_, places)| !places.is_empty()) {
        let links: Vec<_> = places.iter().map(Place::link).collect();
        made.push_str(&format!("| `{}` | {} |\n", name.replace('|', "\\|"), links.join("<br>")));
    }
    made.push_str("\n</div>\n");
    made
}

fn symptoms(group: &str, book: &Path, chapters: &[whole::Chapter], lang: Lang) -> Result<String, String> {
    let text =
        std::fs::read_to_string(book.join("symptoms.toml")).map_err(|error| format!("symptoms.toml: {error}"))?;
    let data: Symptoms = toml::from_str(&text).map_err(|error| format!("symptoms.toml: {}", error.message()))?;
    let known = || data.group.iter().map(|group| group.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = data.group.iter().find(|known| known.name == group);
    let found = found.ok_or_else(|| format!("symptoms.toml has no group {group}: it has {}", known()))?;
    let heads =
        [Text::fixed("증상", "Symptom"), Text::fixed("먼저 볼 것", "Look first"), Text::fixed("읽을 곳", "Read")]
            .map(|head| head.get(lang).to_owned());
    // Looked up as the other indexes are, but unlike them its words are its own and are found by search.
    let mut made = format!("\n<div class=\"index symptoms\">\n\n| {} |\n|---|---|---|\n", heads.join(" | "));
    for symptom in &found.symptom {
        let links = symptom.see.iter().map(|to| whole::find(chapters, to).map(|place| place.link()));
        let links: Vec<_> =
            links.collect::<Result<_, _>>().map_err(|wrong| format!("symptoms.toml: {}: {wrong}", symptom.en))?;
        let words = if lang == Lang::Ko { &symptom.ko } else { &symptom.en };
        made.push_str(&format!("| {words} | `{}` | {} |\n", symptom.look.replace('|', "\\|"), links.join("<br>")));
    }
    made.push_str("\n</div>\n");
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_leads_to_sections_that_exist() {
        let folder = tempfile::tempdir().unwrap();
        let put = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
        for lang in ["ko", "en"] {
            std::fs::create_dir(folder.path().join(lang)).unwrap();
            put(&format!("{lang}/SUMMARY.md"), "- [A](ch01-a.md)\n");
            put(&format!("{lang}/ch01-a.md"), "# T {#t}\n\n## A {#a}\n\n`vm.swappiness` `strace(1)`\n");
        }
        put(
            "symptoms.toml",
            "[[group]]\nname = 'g'\n[[group.symptom]]\nko = '느리다'\nen = 'slow'\nlook = 'a | b'\nsee = ['ch01-a.md#a']\n",
        );
        let make = |kind: &str| markdown(kind, folder.path(), Lang::En);
        assert_eq!(
            make("symptoms/g").unwrap(),
            "\n<div class=\"index symptoms\">\n\n| Symptom | Look first | Read |\n|---|---|---|\n\
             | slow | `a \\| b` | [1 · A](ch01-a.md#a) |\n\n</div>\n"
        );
        assert!(make("parameters").unwrap().contains("| `vm.swappiness` | [1 · A](ch01-a.md#a) |"));
        assert_eq!(make("symptoms/h").unwrap_err(), "symptoms.toml has no group h: it has g");
        assert!(make("x").unwrap_err().contains("no index of x"));
        let text = std::fs::read_to_string(folder.path().join("symptoms.toml")).unwrap();
        put("symptoms.toml", &text.replace("#a", "#b"));
        assert_eq!(make("symptoms/g").unwrap_err(), "symptoms.toml: slow: no section ch01-a.md#b in the book");
        put("names.toml", "[commands]\nalos = []\n");
        assert!(make("commands").unwrap_err().contains("names.toml: unknown field"));
    }

    #[test]
    fn every_group_of_symptoms_is_on_its_page() {
        let book = Path::new(env!("CARGO_MANIFEST_DIR"));
        let data: Symptoms = toml::from_str(&std::fs::read_to_string(book.join("symptoms.toml")).unwrap()).unwrap();
        let page = std::fs::read_to_string(book.join("ko/symptoms.md")).unwrap();
        for group in data.group {
            assert!(page.contains(&format!("{{{{#index symptoms/{}}}}}", group.name)), "{}", group.name);
            assert!(!group.symptom.is_empty());
        }
    }
}
