//! The files as they are, and the linter on files that are wrong.

use std::path::Path;

use super::*;
use crate::Judgement;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_file_is_in_the_catalogue_and_in_order() {
    let ids: Vec<_> = catalogue().iter().map(|exercise| exercise.id.as_str()).collect();
    assert_eq!(ids.len(), EXERCISES.len());
    insta::assert_debug_snapshot!(ids);
}

#[test]
fn every_file_passes_the_linter() {
    let findings: Vec<_> = lint(root()).iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// `RUNS.md` says of each exercise what came of it on a real machine; a new one has to be run.
#[test]
fn every_exercise_was_run() {
    let runs = std::fs::read_to_string(root().join("RUNS.md")).unwrap();
    let rows = runs.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(id, _)| id));
    let ids = catalogue().iter().map(|exercise| exercise.id.as_str());
    assert_eq!(rows.collect::<Vec<_>>(), ids.collect::<Vec<_>>());
}

/// `INSTA_UPDATE=always` writes the file anew.
#[test]
fn the_schema_is_fresh() {
    let path = root().join("schema.json");
    if std::env::var("INSTA_UPDATE").as_deref() == Ok("always") {
        std::fs::write(&path, schema()).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, schema(), "exercises/schema.json is stale: run INSTA_UPDATE=always cargo test -p exercises");
}

/// The tables for authors in CONTRIBUTING. `INSTA_UPDATE=always` writes them anew.
#[test]
fn the_tables_of_rules_and_quantities_are_fresh() {
    for (lang, name) in [(sim_core::Lang::En, "CONTRIBUTING.md"), (sim_core::Lang::Ko, "CONTRIBUTING.ko.md")] {
        let path = root().join("..").join(name);
        let kept = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = kept.split_once("<!-- made:").expect(name);
        let (comment, rest) = rest.split_once("-->").expect(name);
        let (_, tail) = rest.split_once("<!-- /made -->").expect(name);
        let (rules, quantities) = (rules_table(lang), crate::quantity::table(lang));
        let made = format!("{before}<!-- made:{comment}-->\n{rules}\n{quantities}\n<!-- /made -->{tail}");
        if std::env::var("INSTA_UPDATE").as_deref() == Ok("always") && made != kept {
            std::fs::write(&path, &made).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(made == kept, "{name} is stale: run INSTA_UPDATE=always cargo test -p exercises");
    }
}

/// The table of where each exercise can be checked. `INSTA_UPDATE=always` writes it anew.
#[test]
fn the_table_of_coverage_is_fresh() {
    let path = root().join("COVERAGE.md");
    let kept = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = kept.split_once("<!-- made -->").unwrap();
    let (_, tail) = rest.split_once("<!-- /made -->").unwrap();
    let made = format!("{before}<!-- made -->\n\n{}\n<!-- /made -->{tail}", coverage_table());
    if std::env::var("INSTA_UPDATE").as_deref() == Ok("always") && made != kept {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(made == kept, "exercises/COVERAGE.md is stale: run INSTA_UPDATE=always cargo test -p exercises");
}

/// A page carries its exercise as JSON, without the fixtures, and judges with it.
#[test]
fn a_page_judges_as_a_terminal_does() {
    for exercise in catalogue() {
        let json = serde_json::to_string(exercise).unwrap();
        let page: Exercise = serde_json::from_str(&json).unwrap();
        assert!(page.fixtures.is_empty());
        for fixture in &exercise.fixtures {
            let folder = root().join(exercise.chapter());
            let one = verdict_of(exercise, fixture, &folder).unwrap();
            let two = verdict_of(&page, fixture, &folder).unwrap();
            assert_eq!(one, two, "{} {}", exercise.id, fixture.name);
            let json = serde_json::to_string(&one).unwrap();
            assert_eq!(serde_json::from_str::<Judgement>(&json).unwrap(), one);
        }
    }
}

/// What a reader is told, in both languages, for every fixture.
#[test]
fn every_fixture_is_judged_as_before() {
    for exercise in catalogue() {
        let folder = root().join(exercise.chapter());
        let told: Vec<_> = exercise
            .fixtures
            .iter()
            .map(|fixture| {
                let judgement = verdict_of(exercise, fixture, &folder).unwrap();
                format!("## {} (prediction: {:?})\n{}", fixture.name, fixture.prediction, tell(&judgement))
            })
            .collect();
        insta::assert_snapshot!(exercise.slug(), told.join("\n"));
    }
}

/// A judgement as text, both languages.
fn tell(judgement: &Judgement) -> String {
    use std::fmt::Write as _;
    let mut out = format!("{:?} ({:?})\n", judgement.verdict, judgement.source);
    for lang in sim_core::Lang::ALL {
        let _ = writeln!(out, "[{lang}] {}", judgement.reason.get(lang));
        for detail in &judgement.details {
            let _ = writeln!(out, "  - {}", detail.get(lang));
        }
        if let Some(next) = &judgement.next {
            let _ = writeln!(out, "  > {}", next.get(lang));
        }
        for column in &judgement.columns {
            let get = |value: &Option<sim_core::Text>| value.as_ref().map_or("-", |text| text.get(lang)).to_owned();
            let [p, s, m, d] = [&column.prediction, &column.simulated, &column.measured, &column.difference].map(get);
            let _ = writeln!(out, "  | {} | {p} | {s} | {m} | {} | {d}", column.label.get(lang), column.unit.get(lang));
        }
    }
    for reading in &judgement.readings {
        let _ = writeln!(out, "  {} -> {}", reading.path, reading.excerpt.en.replace('\n', " … "));
    }
    if let Some(curves) = &judgement.curves {
        let (s, m) = (curves.simulated.len(), curves.measured.len());
        let _ =
            writeln!(out, "  curves: {}..{} ms, {s} simulated and {m} measured steps", curves.from_ms, curves.until_ms);
    }
    out
}

/// Each change to a good file is one finding, at its line and field.
#[test]
fn the_linter_says_where_and_what() {
    let good = std::fs::read_to_string(root().join("ch03-load-average/load-after-a-minute.toml")).unwrap();
    let replace = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    let cases = [
        ("unknown field", replace("order = 2", "order = 2\ncolour = \"red\"")),
        ("wrong type", replace("order = 2", "order = \"one\"")),
        ("no TOML", replace("order = 2", "order = = 1")),
        ("another id", replace("load-after-a-minute\"\norder", "load-after-an-hour\"\norder")),
        ("old format", replace("format_version = 1", "format_version = 9")),
        ("no such preset", replace("preset = \"one-task-for-a-minute\"", "preset = \"no-such-thing\"")),
        ("damaged token", replace("preset = \"one-task-for-a-minute\"", "token = \"load-average.1.AAAA\"")),
        ("one language", replace("en = \"Load after a minute\"", "en = \"\"")),
        ("other language", replace("en = \"Load after a minute\"", "en = \"1분 뒤\"")),
        ("a language too many", replace("en = \"Load after a minute\"", "en = \"Load\"\nde = \"Last\"")),
        ("no end", replace("seconds = 60", "seconds = 86400")),
        ("too many", replace("tasks = 1 }", "tasks = 9000 }")),
        ("no such kind", replace("kind = \"busy-loops\"", "kind = \"fork-bomb\"")),
        ("rule and prediction", replace("rule = \"load-at-end\"", "rule = \"which-load\"\nanswers = [\"cpu\"]")),
        ("tolerance", replace("tolerance = 0.05", "tolerance = -1")),
        ("wrong verdict", replace("prediction = \"2.63\"", "prediction = \"9.99\"")),
        ("fixture left out", replace("name = \"untouched\"", "name = \"something\"")),
        ("recording left out", replace("run = { simulated = {} }", "run = { recording = \"../Cargo.toml\" }")),
        ("no such command", replace("run = \"live-probe run ch03", "run = \"live-probe ran ch03")),
    ];
    let dir = std::env::temp_dir().join(format!("exercises-lint-{}", std::process::id()));
    let chapter = dir.join("ch03-load-average");
    std::fs::create_dir_all(chapter.join("fixtures")).unwrap();
    let recording = "ch03-load-average/fixtures/load-after-a-minute.busy.json";
    std::fs::copy(root().join(recording), dir.join(recording)).unwrap();
    let found: Vec<_> = cases
        .iter()
        .map(|(name, text)| {
            std::fs::write(chapter.join("load-after-a-minute.toml"), text).unwrap();
            let findings: Vec<_> = lint(&dir)
                .iter()
                .map(|finding| sim_core::Lang::ALL.map(|lang| finding.in_lang(lang)).join("\n  "))
                .collect();
            assert!(!findings.is_empty(), "{name}");
            format!("{name}\n  {}", findings.join("\n  "))
        })
        .collect();
    std::fs::remove_dir_all(&dir).unwrap();
    insta::assert_snapshot!(found.join("\n"));
}
