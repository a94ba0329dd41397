//! Commits the reader to an answer before the machine gives its own.

use sim_core::text;

use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::progress::Store;
use crate::select;

/// Arguments of `predict`.
#[derive(clap::Args, Debug)]
pub struct Args {
    exercise: String,
    #[arg(allow_hyphen_values = true)]
    value: String,
}

/// Words of `predict`.
pub static HELP: Help = Help::new("결과를 보기 전에 예측을 남깁니다", "Commit to a prediction").args(&[
    ("exercise", "연습 문제 ID나 그 뒷부분", "Exercise id, or its part after the slash"),
    ("value", "예측하는 수나 선택지", "The number, or the choice, you predict"),
]);

/// Keeps the prediction.
///
/// # Errors
/// It is no answer to the question, or cannot be kept.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let exercise = select::one(&args.exercise)?;
    exercise.prediction.parse(&args.value).map_err(Failure::usage)?;
    let value = args.value.trim().to_owned();
    let mut before = None;
    let (_, notice) = Store::new(context.state_dir()?).update(|progress| {
        let done = progress.exercises.entry(exercise.id.clone()).or_default();
        before = done.prediction.replace(value.clone());
    })?;
    if let Some(notice) = notice {
        context.say(&notice);
    }
    let label = exercise.prediction.label();
    let (ko, en) = (&label.ko, &label.en);
    let mut said = match before.filter(|before| *before != value) {
        Some(before) => text!(ko: "{ko}: {before} → {value}", en: "{en}: {before} → {value}"),
        None => text!(ko: "{ko}: {value}", en: "{en}: {value}"),
    };
    let id = exercise.slug();
    let next = match exercise.workload {
        Some(_) if !context.recording_path(&exercise.id)?.exists() => {
            text!(ko: "\n다음: live-probe run {id}", en: "\nNext: live-probe run {id}")
        }
        _ => text!(ko: "\n다음: live-probe check {id}", en: "\nNext: live-probe check {id}"),
    };
    said.ko.to_mut().push_str(&next.ko);
    said.en.to_mut().push_str(&next.en);
    context.print(&format!("{}\n", said.get(context.lang)))?;
    Ok(Exit::Pass)
}
