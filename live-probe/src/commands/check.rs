//! Judges exercises on the machine as it is.

use sim_core::Text;

use crate::checking::Checker;
use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::report::{Format, Summary, render};
use crate::select;

/// Arguments of `check`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(value_name = "ID|CHAPTER|all")]
    which: String,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Words of `check`.
pub static HELP: Help = Help::new("연습 문제를 이 컴퓨터에서 확인합니다", "Check exercises on this machine")
    .more(
        "\
종료 코드: 0 모두 통과, 100 통과하지 못한 것이 있음, 101 실패는 없지만 확인할 수 없는 것이 있음.
--root로 다른 컴퓨터를 읽으면 판정은 진행 상황에 남지 않습니다.",
        "\
Exit codes: 0 all pass, 100 something failed, 101 nothing failed but something could not be checked.
With --root the verdicts are another machine's and are not kept as progress.",
    )
    .args(&[
        ("which", "연습 문제 ID, 장(ch03), all", "Exercise id, chapter (ch03), or all"),
        ("format", "출력 형식", "Output format"),
    ]);

/// Judges and reports.
///
/// # Errors
/// There is no such exercise; `--root` cannot be opened.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let exercises = select::some(&args.which)?;
    let mut checker = Checker::new(context)?;
    let progress = checker.progress();
    let judged: Vec<_> = exercises.into_iter().map(|exercise| (exercise, checker.judge(exercise, &progress))).collect();
    let judgements: Vec<_> = judged.iter().map(|(_, judgement)| judgement.clone()).collect();
    checker.keep(&judgements);
    context.print(&render(&judged, args.format, context)?)?;
    if judged.is_empty() {
        return Err(Failure::internal(Text::fixed("확인할 연습 문제가 없습니다.", "There is nothing to check.")));
    }
    Ok(Summary::of(judgements.iter().map(|judgement| judgement.verdict)).exit())
}
