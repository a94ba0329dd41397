//! Hints, from vague to plain, one more each time.

use sim_core::text;

use crate::columns::{self, wrap};
use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::progress::Store;
use crate::select;

/// Arguments of `hint`.
#[derive(clap::Args, Debug)]
pub struct Args {
    exercise: String,
}

/// Words of `hint`.
pub static HELP: Help = Help::new("힌트를 하나 더 봅니다", "Show one more hint").args(&[(
    "exercise",
    "연습 문제 ID나 그 뒷부분",
    "Exercise id, or its part after the slash",
)]);

/// Prints the hints seen so far and the next one.
///
/// # Errors
/// There is no such exercise; progress cannot be kept.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let exercise = select::one(&args.exercise)?;
    let all = exercise.hints.len();
    let mut shown = 0;
    let (_, notice) = Store::new(context.state_dir()?).update(|progress| {
        let done = progress.exercises.entry(context.key(&exercise.id)).or_default();
        shown = (done.hints as usize + 1).min(all);
        done.hints = shown as u32;
    })?;
    if let Some(notice) = notice {
        context.say(&notice);
    }
    let width = columns::terminal_width();
    let mut out = String::new();
    for (i, hint) in exercise.hints.iter().take(shown).enumerate() {
        let n = i + 1;
        out.push_str(&wrap(&format!("{n}/{all}  {}", hint.get(context.lang)), 0, width));
    }
    if shown == all {
        let last = text!(ko: "힌트는 여기까지입니다.", en: "That was the last hint.");
        out.push_str(&format!("\n{}\n", last.get(context.lang)));
    }
    context.print(&out)?;
    Ok(Exit::Pass)
}
