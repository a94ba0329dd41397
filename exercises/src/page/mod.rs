//! Exercises and judgements out of the JSON of a page.
//!
//! Natively `serde` reads them. In a page what it generates would weigh more than judge and models
//! together, so there they are read by hand; a test sees to it that both read the same. Only what
//! this workbook wrote itself comes here: lists and defaults may be left out, but a text that is
//! of another shape is refused as a whole.

mod expressions;

use sim_core::{Json, Text};

use crate::{
    Check, Choice, Column, Command, Curves, Exercise, Judgement, Kind, Load, NeedThat, Needs, Pick, Point, Prediction,
    Reading, RunningBlocked, Scenario, Source, StandIn, Verdict, Workload,
};

/// Something a page can be told in JSON.
pub trait FromJson: Sized {
    /// Reads it; nothing when it is something else. What is not there is `null`.
    fn from_json(json: &Json) -> Option<Self>;
}

/// Reads a value out of a text.
pub fn read<T: FromJson>(text: &str) -> Option<T> {
    T::from_json(&Json::parse(text).ok()?)
}

/// A field of an object.
fn field<T: FromJson>(json: &Json, name: &str) -> Option<T> {
    T::from_json(&json[name])
}

/// One of a few words.
fn word<T: Copy>(json: &Json, words: &[(&str, T)]) -> Option<T> {
    let found = json.as_str()?;
    words.iter().find(|(word, _)| *word == found).map(|(_, value)| *value)
}

impl FromJson for String {
    fn from_json(json: &Json) -> Option<String> {
        json.as_str().map(str::to_owned)
    }
}

impl FromJson for bool {
    fn from_json(json: &Json) -> Option<bool> {
        json.as_bool()
    }
}

impl FromJson for u32 {
    fn from_json(json: &Json) -> Option<u32> {
        json.as_u64()?.try_into().ok()
    }
}

impl FromJson for u64 {
    fn from_json(json: &Json) -> Option<u64> {
        json.as_u64()
    }
}

impl FromJson for f64 {
    fn from_json(json: &Json) -> Option<f64> {
        json.as_f64()
    }
}

impl FromJson for Text {
    fn from_json(json: &Json) -> Option<Text> {
        let (ko, en): (String, String) = (field(json, "ko")?, field(json, "en")?);
        Some(Text { ko: ko.into(), en: en.into() })
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(json: &Json) -> Option<Option<T>> {
        match json {
            Json::Null => Some(None),
            json => T::from_json(json).map(Some),
        }
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(json: &Json) -> Option<Vec<T>> {
        match json {
            Json::Null => Some(Vec::new()),
            json => json.as_list()?.iter().map(T::from_json).collect(),
        }
    }
}

impl FromJson for Exercise {
    fn from_json(json: &Json) -> Option<Exercise> {
        Some(Exercise {
            format_version: field::<u32>(json, "format_version").filter(|found| *found == crate::FORMAT_VERSION)?,
            id: field(json, "id")?,
            order: field(json, "order")?,
            kind: field(json, "kind")?,
            needs: field(json, "needs")?,
            title: field(json, "title")?,
            story: field(json, "story")?,
            question: field(json, "question")?,
            commands: field(json, "commands")?,
            hints: field(json, "hints")?,
            explanation: field(json, "explanation")?,
            scenario: field(json, "scenario")?,
            machine: field(json, "machine")?,
            prediction: field(json, "prediction")?,
            workload: field(json, "workload")?,
            check: field(json, "check")?,
            #[cfg(feature = "catalogue")]
            fixtures: Vec::new(),
        })
    }
}

impl FromJson for Kind {
    fn from_json(json: &Json) -> Option<Kind> {
        use Kind::{Act, Diagnose, Observe, Predict};
        word(json, &[("observe", Observe), ("predict", Predict), ("act", Act), ("diagnose", Diagnose)])
    }
}

impl FromJson for Needs {
    fn from_json(json: &Json) -> Option<Needs> {
        Some(Needs {
            kernel: field(json, "kernel")?,
            kernel_before: field(json, "kernel_before")?,
            files: field(json, "files")?,
            root: json["root"].as_bool().unwrap_or_default(),
            nodes: field(json, "nodes")?,
            outside_container: json["outside_container"].as_bool().unwrap_or_default(),
            rotating_disk: json["rotating_disk"].as_bool().unwrap_or_default(),
            tools: field(json, "tools")?,
            that: field(json, "that")?,
            otherwise: field(json, "otherwise")?,
        })
    }
}

impl FromJson for NeedThat {
    fn from_json(json: &Json) -> Option<NeedThat> {
        Some(NeedThat { holds: field(json, "holds")?, says: field(json, "says")? })
    }
}

impl FromJson for StandIn {
    fn from_json(json: &Json) -> Option<StandIn> {
        Some(StandIn { name: field(json, "name")?, files: field(json, "files")? })
    }
}

impl FromJson for Command {
    fn from_json(json: &Json) -> Option<Command> {
        Some(Command { run: field(json, "run")?, shows: field(json, "shows")? })
    }
}

impl FromJson for Scenario {
    fn from_json(json: &Json) -> Option<Scenario> {
        Some(Scenario { model: field(json, "model")?, preset: field(json, "preset")?, token: field(json, "token")? })
    }
}

impl FromJson for Prediction {
    fn from_json(json: &Json) -> Option<Prediction> {
        let label = field(json, "label")?;
        Some(match json["kind"].as_str()? {
            "number" => Prediction::Number {
                label,
                unit: field::<Option<Text>>(json, "unit")?.unwrap_or_default(),
                min: field(json, "min")?,
                max: field(json, "max")?,
                step: field(json, "step")?,
                tolerance: field(json, "tolerance")?,
            },
            "choice" => Prediction::Choice { label, options: field(json, "options")? },
            "word" => {
                Prediction::Word { label, example: field::<Option<String>>(json, "example")?.unwrap_or_default() }
            }
            "nothing" => Prediction::Nothing { label },
            _ => return None,
        })
    }
}

impl FromJson for Choice {
    fn from_json(json: &Json) -> Option<Choice> {
        Some(Choice { id: field(json, "id")?, text: field(json, "text")? })
    }
}

impl FromJson for Check {
    fn from_json(json: &Json) -> Option<Check> {
        Some(match json["rule"].as_str()? {
            "load-at-end" => Check::LoadAtEnd { busy_at_most_pct: field(json, "busy_at_most_pct")? },
            "time-to-fall" => Check::TimeToFall { to_pct: field(json, "to_pct")? },
            "load-per-cpu" => Check::LoadPerCpu { minutes: field(json, "minutes")? },
            "running-and-blocked" => Check::RunningAndBlocked { answers: field(json, "answers")? },
            "which-load" => Check::WhichLoad { answers: field(json, "answers")? },
            "running-field" => Check::RunningField,
            "cpu-pressure" => Check::CpuPressure,
            "observe" => Check::Observe(FromJson::from_json(json)?),
            "predict" => Check::Predict(FromJson::from_json(json)?),
            "act" => Check::Act(FromJson::from_json(json)?),
            "diagnose" => Check::Diagnose(FromJson::from_json(json)?),
            _ => return None,
        })
    }
}

impl FromJson for RunningBlocked {
    fn from_json(json: &Json) -> Option<RunningBlocked> {
        Some(RunningBlocked {
            choice: field(json, "choice")?,
            running: field(json, "running")?,
            blocked: field(json, "blocked")?,
        })
    }
}

impl FromJson for Workload {
    fn from_json(json: &Json) -> Option<Workload> {
        Some(Workload {
            seconds: field(json, "seconds")?,
            before_s: field(json, "before_s")?,
            after_s: field(json, "after_s")?,
            pick: word(&json["pick"], &[("all", Pick::All), ("one-in-secret", Pick::OneInSecret)])?,
            loads: field(json, "loads")?,
            records: field::<Option<_>>(json, "records")?.unwrap_or_default(),
        })
    }
}

impl FromJson for Load {
    fn from_json(json: &Json) -> Option<Load> {
        Load::of(json["kind"].as_str()?, |name, _| field(json, name))
    }
}

impl FromJson for Judgement {
    fn from_json(json: &Json) -> Option<Judgement> {
        Some(Judgement {
            exercise: field(json, "exercise")?,
            verdict: field(json, "verdict")?,
            reason: field(json, "reason")?,
            details: field(json, "details")?,
            next: field(json, "next")?,
            columns: field(json, "columns")?,
            curves: field(json, "curves")?,
            token: field(json, "token")?,
            readings: field(json, "readings")?,
            source: field(json, "source")?,
        })
    }
}

impl FromJson for Verdict {
    fn from_json(json: &Json) -> Option<Verdict> {
        use Verdict::{CannotCheck, Denied, Error, Fail, Inconclusive, Pass};
        let words = [
            ("pass", Pass),
            ("fail", Fail),
            ("cannot-check", CannotCheck),
            ("denied", Denied),
            ("inconclusive", Inconclusive),
            ("error", Error),
        ];
        word(json, &words)
    }
}

impl FromJson for Source {
    fn from_json(json: &Json) -> Option<Source> {
        word(json, &[("live", Source::Live), ("recorded", Source::Recorded), ("simulated", Source::Simulated)])
    }
}

impl FromJson for Column {
    fn from_json(json: &Json) -> Option<Column> {
        Some(Column {
            label: field(json, "label")?,
            prediction: field(json, "prediction")?,
            simulated: field(json, "simulated")?,
            measured: field(json, "measured")?,
            unit: field(json, "unit")?,
            difference: field(json, "difference")?,
        })
    }
}

impl FromJson for Curves {
    fn from_json(json: &Json) -> Option<Curves> {
        Some(Curves {
            from_ms: field(json, "from_ms")?,
            until_ms: field(json, "until_ms")?,
            simulated: field(json, "simulated")?,
            measured: field(json, "measured")?,
        })
    }
}

impl FromJson for Point {
    fn from_json(json: &Json) -> Option<Point> {
        Some(Point { t_ms: field(json, "t_ms")?, avenrun: field(json, "avenrun")? })
    }
}

impl FromJson for Reading {
    fn from_json(json: &Json) -> Option<Reading> {
        Some(Reading { path: field(json, "path")?, excerpt: field(json, "excerpt")? })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::catalogue::{catalogue, verdict_of};

    #[test]
    fn a_page_reads_every_exercise_as_it_was_written() {
        for exercise in catalogue() {
            let written = serde_json::to_string(exercise).unwrap();
            let want = Exercise { fixtures: Vec::new(), ..exercise.clone() };
            assert_eq!(read(&written), Some(want), "{}", exercise.id);
        }
    }

    #[test]
    fn a_page_reads_every_judgement_as_it_was_written() {
        let mut verdicts = std::collections::BTreeSet::new();
        for exercise in catalogue() {
            for fixture in &exercise.fixtures {
                let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(exercise.chapter());
                let judgement = verdict_of(exercise, fixture, &folder).unwrap();
                let written = serde_json::to_string(&judgement).unwrap();
                assert_eq!(read(&written).as_ref(), Some(&judgement), "{}: {}", exercise.id, fixture.name);
                verdicts.insert(judgement.verdict);
            }
        }
        assert!(verdicts.len() >= 4, "{verdicts:?}");
    }

    /// What no exercise happens to use today is read too.
    #[test]
    fn every_word_is_known() {
        let text = |value| serde_json::to_string(&value).unwrap();
        for verdict in
            [Verdict::Pass, Verdict::Fail, Verdict::CannotCheck, Verdict::Denied, Verdict::Inconclusive, Verdict::Error]
        {
            assert_eq!(read(&text(verdict)), Some(verdict));
        }
        for source in [Source::Live, Source::Recorded, Source::Simulated] {
            assert_eq!(read(&serde_json::to_string(&source).unwrap()), Some(source));
        }
        for kind in [Kind::Observe, Kind::Predict, Kind::Act, Kind::Diagnose] {
            assert_eq!(read(&serde_json::to_string(&kind).unwrap()), Some(kind));
        }
        for load in [
            Load::BusyLoops { tasks: 1, tasks_per_cpu: 0 },
            Load::VforkParents { tasks: 0, tasks_per_cpu: 2 },
            Load::PeriodicSleeper { tasks: 3, tasks_per_cpu: 4, on_ms: 5, every_ms: 6 },
        ] {
            assert_eq!(read(&serde_json::to_string(&load).unwrap()), Some(load));
        }
        for check in [
            Check::LoadAtEnd { busy_at_most_pct: Some(12.5) },
            Check::TimeToFall { to_pct: 50.0 },
            Check::LoadPerCpu { minutes: 15 },
            Check::RunningAndBlocked {
                answers: vec![RunningBlocked { choice: "a".to_owned(), running: 1, blocked: 2 }],
            },
            Check::WhichLoad { answers: vec!["cpu".to_owned()] },
            Check::RunningField,
            Check::CpuPressure,
        ] {
            assert_eq!(read(&serde_json::to_string(&check).unwrap()), Some(check));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let exercise = crate::find("ch03-load-average/load-after-a-minute").unwrap();
        let written = serde_json::to_string(exercise).unwrap();
        for (from, to) in [
            ("\"format_version\":1", "\"format_version\":2"),
            ("\"kind\":\"number\"", "\"kind\":\"guess\""),
            ("\"hints\":[", "\"hints\":[3,"),
            ("\"rule\":", "\"ruler\":"),
        ] {
            assert!(written.contains(from), "{from}");
            assert_eq!(read::<Exercise>(&written.replacen(from, to, 1)), None, "{to}");
        }
        assert_eq!(read::<Exercise>("{"), None);
    }
}
