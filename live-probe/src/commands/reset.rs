//! Forgets what was done about exercises.

use sim_core::text;

use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::progress::Store;
use crate::select;

/// Arguments of `reset`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(value_name = "ID|CHAPTER|all")]
    which: String,
}

/// Words of `reset`.
pub static HELP: Help =
    Help::new("예측, 힌트, 판정, 기록을 지우고 처음으로 돌아갑니다", "Forget prediction, hints, verdict and recording")
        .args(&[("which", "연습 문제 ID, 장(ch03), all", "Exercise id, chapter (ch03), or all")]);

/// Forgets.
///
/// # Errors
/// There is no such exercise; progress cannot be kept.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let exercises = select::some(&args.which)?;
    let mut forgotten = 0;
    let (_, notice) = Store::new(context.state_dir()?).update(|progress| {
        for exercise in &exercises {
            forgotten += usize::from(progress.exercises.remove(&exercise.id).is_some());
            // And what was answered about recorded machines.
            let elsewhere = format!("{}@", exercise.id);
            progress.exercises.retain(|key, _| !key.starts_with(&elsewhere));
        }
    })?;
    if let Some(notice) = notice {
        context.say(&notice);
    }
    let mut recordings = 0;
    for exercise in &exercises {
        let path = context.recording_path(&exercise.id)?;
        match std::fs::remove_file(&path) {
            Ok(()) => recordings += 1,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                let path = path.display();
                return Err(Failure::internal(text!(
                    ko: "{path}: 지울 수 없습니다({error}).",
                    en: "{path}: cannot be removed ({error})."
                )));
            }
        }
    }
    let said = text!(
        ko: "연습 문제 {forgotten}개의 진행 상황과 기록 {recordings}개를 지웠습니다.",
        en: "Forgotten: progress of {forgotten} exercise(s), {recordings} recording(s)."
    );
    context.print(&format!("{}\n", said.get(context.lang)))?;
    Ok(Exit::Pass)
}
