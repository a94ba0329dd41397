//! The exercises and how far the reader is.

use exercises::{Exercise, Verdict};
use sim_core::{Lang, Text};

use crate::columns::{Side, table};
use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::progress::{Progress, Store};
use crate::select;

/// Arguments of `list`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(value_name = "CHAPTER", default_value = "all")]
    which: String,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Formats of the list.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A line an exercise.
    Table,
    /// One document.
    Json,
}

/// Words of `list`.
pub static HELP: Help = Help::new("연습 문제와 진행 상황을 나열합니다", "List the exercises and how far you are")
    .args(&[("which", "장(ch03)이나 all", "A chapter (ch03), or all"), ("format", "출력 형식", "Output format")]);

/// Prints the list.
///
/// # Errors
/// There is no such chapter; progress cannot be read.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let exercises = select::some(&args.which)?;
    let (progress, notice) = Store::new(context.state_dir()?).read()?;
    if let Some(notice) = notice {
        context.say(&notice);
    }
    context.print(&match args.format {
        Format::Table => lines(&exercises, &progress, context.lang),
        Format::Json => json(&exercises, &progress, context.lang),
    })?;
    Ok(Exit::Pass)
}

fn lines(exercises: &[&Exercise], progress: &Progress, lang: Lang) -> String {
    let mut out = String::new();
    for chapter in exercises.chunk_by(|a, b| a.chapter() == b.chapter()) {
        if !out.is_empty() {
            out.push('\n');
        }
        let name = chapter[0].chapter();
        let passed = chapter.iter().filter(|exercise| state(exercise, progress).1).count();
        out.push_str(&format!("{name}  {passed}/{}\n", chapter.len()));
        let rows: Vec<_> = chapter
            .iter()
            .map(|exercise| {
                let (word, _) = state(exercise, progress);
                vec![
                    format!("  {}", exercise.slug()),
                    exercise.kind.text().get(lang).to_owned(),
                    word.get(lang).to_owned(),
                    exercise.title.get(lang).to_owned(),
                ]
            })
            .collect();
        out.push_str(&table(&[Side::Left; 4], &rows));
    }
    out
}

/// Where the reader stands with an exercise, and whether it ever passed.
fn state(exercise: &Exercise, progress: &Progress) -> (Text, bool) {
    let Some(done) = progress.exercises.get(&exercise.id) else { return (Text::fixed("-", "-"), false) };
    let word = match done.verdict {
        _ if done.passed => Verdict::Pass.text(),
        Some(verdict) => verdict.text(),
        None if done.prediction.is_some() => Text::fixed("예측함", "predicted"),
        None => Text::fixed("-", "-"),
    };
    (word, done.passed)
}

fn json(exercises: &[&Exercise], progress: &Progress, lang: Lang) -> String {
    let list: Vec<_> = exercises
        .iter()
        .map(|exercise| {
            let done = progress.exercises.get(&exercise.id).cloned().unwrap_or_default();
            serde_json::json!({
                "id": exercise.id,
                "kind": exercise.kind,
                "title": exercise.title.get(lang),
                "needs": exercise.needs,
                "workload": exercise.workload.is_some(),
                "prediction": done.prediction,
                "hints": done.hints,
                "verdict": done.verdict,
                "passed": done.passed,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::json!({ "exercises": list }))
}
