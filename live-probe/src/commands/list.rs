//! The exercises and how far the reader is.

use exercises::{Exercise, Verdict, judge};
use sim_core::Text;

use crate::columns::{Side, table, terminal_width, wrap};
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
        Format::Table => {
            heading(context) + &lines(&exercises, &progress, context)? + &next(&exercises, &progress, context)
        }
        Format::Json => json(&exercises, &progress, context),
    })?;
    Ok(Exit::Pass)
}

/// What machine the list is about, where it is a recorded one.
fn heading(context: &Context) -> String {
    let Some(machine) = context.machine.as_deref().and_then(exercises::recorded_machine) else { return String::new() };
    let (title, source) = (machine.title.get(context.lang), machine.source.get(context.lang));
    format!("{title} ({})\n{}\n", machine.name, wrap(source, 2, terminal_width()))
}

fn lines(exercises: &[&Exercise], progress: &Progress, context: &Context) -> Result<String, Failure> {
    let lang = context.lang;
    let machine = context.machine.as_ref().map(|_| context.open()).transpose()?;
    // On a recorded machine nothing can be run.
    let closed = |exercise: &Exercise| {
        let machine = machine.as_ref()?;
        let closed = exercise.workload.is_some() || !judge::lacking(exercise, machine.as_ref()).is_empty();
        let word = if closed { Text::fixed("닫힘", "closed") } else { Text::fixed("열림", "open") };
        Some(word.get(lang).to_owned())
    };
    let mut out = String::new();
    for chapter in exercises.chunk_by(|a, b| a.chapter() == b.chapter()) {
        if !out.is_empty() {
            out.push('\n');
        }
        let name = chapter[0].chapter();
        let passed = chapter.iter().filter(|exercise| state(&context.key(&exercise.id), progress).1).count();
        out.push_str(&format!("{name}  {passed}/{}\n", chapter.len()));
        let rows: Vec<_> = chapter
            .iter()
            .map(|exercise| {
                let (word, _) = state(&context.key(&exercise.id), progress);
                let mut row = vec![format!("  {}", exercise.slug()), exercise.kind.text().get(lang).to_owned()];
                row.extend(closed(exercise));
                row.extend([word.get(lang).to_owned(), exercise.title.get(lang).to_owned()]);
                row
            })
            .collect();
        out.push_str(&table(&[Side::Left; 5][..rows[0].len()], &rows));
    }
    Ok(out)
}

/// How to go on: with the first exercise of the list that has not passed.
fn next(exercises: &[&Exercise], progress: &Progress, context: &Context) -> String {
    let open = exercises.iter().find(|exercise| !state(&context.key(&exercise.id), progress).1);
    let on = context.machine.as_ref().map(|name| format!(" --machine {name}")).unwrap_or_default();
    open.map(|exercise| format!("\n→ live-probe show {}{on}\n", exercise.id)).unwrap_or_default()
}

/// Where the reader stands with an exercise, and whether it ever passed.
fn state(key: &str, progress: &Progress) -> (Text, bool) {
    // Who has passed on a recorded machine has passed, and is told where.
    let elsewhere = format!("{key}@");
    let recorded = progress.exercises.iter().any(|(other, done)| done.passed && other.starts_with(&elsewhere));
    let own = progress.exercises.get(key).filter(|done| done.passed || !recorded);
    let Some(done) = own else {
        let word = Text::fixed("통과(기록)", "pass (recorded)");
        return if recorded { (word, true) } else { (Text::fixed("-", "-"), false) };
    };
    let word = match done.verdict {
        _ if done.passed => Verdict::Pass.text(),
        Some(verdict) => verdict.text(),
        None if done.prediction.is_some() => Text::fixed("예측함", "predicted"),
        None => Text::fixed("-", "-"),
    };
    (word, done.passed)
}

fn json(exercises: &[&Exercise], progress: &Progress, context: &Context) -> String {
    let lang = context.lang;
    let list: Vec<_> = exercises
        .iter()
        .map(|exercise| {
            let done = progress.exercises.get(&context.key(&exercise.id)).cloned().unwrap_or_default();
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
