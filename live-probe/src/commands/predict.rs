//! Commits the reader to an answer before the machine gives its own.

use sim_core::text;

use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::progress::{Store, written_at};
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
    if !exercise.prediction.asks() {
        let id = exercise.slug();
        return Err(Failure::usage(text!(
            ko: "{id}: 답을 적는 문제가 아니라 해 보는 문제입니다. `live-probe show {id}`를 보십시오.",
            en: "{id}: there is nothing to predict, but something to do. See `live-probe show {id}`."
        )));
    }
    exercise.prediction.parse(&args.value).map_err(Failure::usage)?;
    let value = args.value.trim().to_owned();
    let recording = context.recording_path(&exercise.id)?;
    let (mut before, mut seen) = (None, None);
    let (_, notice) = Store::new(context.state_dir()?).update(|progress| {
        let done = progress.exercises.entry(context.key(&exercise.id)).or_default();
        before = done.prediction.replace(value.clone()).filter(|before| *before != value);
        seen = done.seen;
    })?;
    if let Some(notice) = notice {
        context.say(&notice);
    }
    let label = exercise.prediction.label();
    let (ko, en) = (&label.ko, &label.en);
    // Who has seen the result does not predict it any more.
    let stale = before.is_some() && seen.is_some() && seen == written_at(&recording);
    let mut said = match before {
        Some(before) => text!(ko: "{ko}: {before} → {value}", en: "{en}: {before} → {value}"),
        None => text!(ko: "{ko}: {value}", en: "{en}: {value}"),
    };
    if stale {
        std::fs::remove_file(&recording).map_err(|error| {
            let path = recording.display();
            Failure::internal(text!(
                ko: "{path}: 지울 수 없습니다({error}).",
                en: "{path}: cannot be removed ({error})."
            ))
        })?;
        said.ko
            .to_mut()
            .push_str("\n앞선 기록은 이미 결과를 본 것이라 지웠습니다. 새 예측은 다시 실행해서 확인합니다.");
        said.en
            .to_mut()
            .push_str("\nThe recording was removed, as you have seen its result: a new prediction needs a new run.");
    }
    let on = context.machine.as_ref().map(|machine| format!(" --machine {machine}")).unwrap_or_default();
    let id = format!("{}{on}", exercise.slug());
    let next = match exercise.workload {
        Some(_) if !recording.exists() => {
            text!(ko: "\n다음: live-probe run {id}", en: "\nNext: live-probe run {id}")
        }
        _ => text!(ko: "\n다음: live-probe check {id}", en: "\nNext: live-probe check {id}"),
    };
    said.ko.to_mut().push_str(&next.ko);
    said.en.to_mut().push_str(&next.en);
    context.print(&format!("{}\n", said.get(context.lang)))?;
    Ok(Exit::Pass)
}
