//! `live-probe review`: questions from the exercises that were done, again after some days, each
//! time about another simulated machine.

mod boxes;
mod machine;

use std::io::{IsTerminal, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use exercises::{Evidence, Exercise, Verdict, judge};
use sim_core::{Text, text};

use crate::columns::{Side, labelled, table, terminal_width, wrap};
use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::progress::{Progress, Store};
pub use boxes::Boxed;

/// Arguments of `review`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    answer: Option<String>,
    #[arg(long, conflicts_with = "answer")]
    list: bool,
}

/// Words of `review`.
pub static HELP: Help = Help::new(
    "통과한 연습 문제를 며칠 간격으로, 매번 다른 시뮬레이션 컴퓨터로 다시 묻습니다",
    "Ask again about exercises you passed, days apart, each time about another simulated machine",
)
.args(&[
    (
        "answer",
        "지난번에 나온 질문의 답(터미널에서는 그 자리에서 묻습니다)",
        "Answer to the question asked last (on a terminal it is asked right away)",
    ),
    ("list", "언제 무엇을 다시 묻는지 보입니다", "Show what is asked again, and when"),
]);

/// Days since 1970.
fn today() -> u32 {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
    u32::try_from(days).unwrap_or(u32::MAX)
}

/// Asks the next question that is due, or judges its answer.
///
/// # Errors
/// Progress cannot be kept; the answer is none; nothing was asked.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let store = Store::new(context.state_dir()?);
    let (progress, notice) = store.read()?;
    if let Some(notice) = notice {
        context.say(&notice);
    }
    let today = today();
    let mut known = questions(&progress);
    if args.list {
        return list(&known, today, context);
    }
    // What was asked and not answered comes first, then what has been due for longest.
    known.sort_by_key(|(exercise, boxed)| (boxed.asked.is_none(), boxed.due, exercise.id.clone()));
    let next = known.iter().find(|(_, boxed)| boxed.asked.is_some() || boxed.is_due(today));
    let Some((exercise, boxed)) = next.copied() else { return nothing_due(&known, today, context) };
    if args.answer.is_some() && boxed.asked.is_none() {
        return Err(Failure::usage(Text::fixed(
            "아직 아무것도 묻지 않았습니다. 먼저 `live-probe review`를 실행하십시오.",
            "Nothing was asked yet. Run `live-probe review` first.",
        )));
    }
    let fresh = getrandom::u32().map_err(|error| Failure::internal(Text::verbatim(error.to_string())))?;
    let seed = boxed.asked.unwrap_or(fresh);
    let answer = match &args.answer {
        Some(answer) => answer.clone(),
        None => {
            store.update(|progress| {
                progress.exercises.entry(exercise.id.clone()).or_default().review =
                    Some(Boxed { asked: Some(seed), ..boxed });
            })?;
            ask(exercise, seed, context)?;
            if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
                context.say(&Text::fixed(
                    "답은 `live-probe review --answer 값`으로 하십시오.",
                    "Answer with `live-probe review --answer VALUE`.",
                ));
                return Ok(Exit::Pass);
            }
            let mut answer = String::new();
            let _ = write!(std::io::stderr().lock(), "> ");
            let read = std::io::stdin().read_line(&mut answer);
            if read.is_ok_and(|bytes| bytes == 0) || answer.trim().is_empty() {
                context.say(&Text::fixed("답하지 않았습니다. 다음에 이어집니다.", "Not answered; it comes again."));
                return Ok(Exit::CannotCheck);
            }
            answer
        }
    };
    exercise.prediction.parse(&answer).map_err(Failure::usage)?;
    decide(exercise, boxed, seed, answer.trim(), &store, today, context)
}

/// Exercises that were passed and can be asked about a simulated machine, with their boxes.
fn questions(progress: &Progress) -> Vec<(&'static Exercise, Boxed)> {
    let passed = |exercise: &&Exercise| progress.exercises.get(&exercise.id).is_some_and(|done| done.passed);
    let all = exercises::catalogue().iter().filter(passed).filter(|exercise| machine::can_be_asked(exercise));
    all.map(|exercise| (exercise, progress.exercises[&exercise.id].review.unwrap_or_default())).collect()
}

fn list(known: &[(&Exercise, Boxed)], today: u32, context: &Context) -> Result<Exit, Failure> {
    let rows: Vec<_> = known
        .iter()
        .map(|(exercise, boxed)| {
            let days = boxed.due.saturating_sub(today);
            let when = match days {
                0 => Text::fixed("오늘", "today"),
                days => text!(ko: "{days}일 뒤", en: "in {days} day(s)"),
            };
            let number = boxed.number;
            let number = text!(ko: "상자 {number}", en: "box {number}");
            vec![exercise.id.clone(), number.get(context.lang).to_owned(), when.get(context.lang).to_owned()]
        })
        .collect();
    if rows.is_empty() {
        return nothing_due(known, today, context);
    }
    context.print(&table(&[Side::Left; 3], &rows))?;
    Ok(Exit::Pass)
}

fn nothing_due(known: &[(&Exercise, Boxed)], today: u32, context: &Context) -> Result<Exit, Failure> {
    let said = match known.iter().map(|(_, boxed)| boxed.due.saturating_sub(today)).min() {
        Some(days) => text!(
            ko: "오늘 다시 볼 것은 없습니다. {days}일 뒤에 다시 오십시오.",
            en: "Nothing is due today. Come back in {days} day(s)."
        ),
        None => Text::fixed(
            "통과한 연습 문제가 아직 없습니다. 통과한 것을 하루 뒤부터 다시 묻습니다.",
            "No exercise was passed yet. What you pass is asked again later.",
        ),
    };
    context.print(&format!("{}\n", said.get(context.lang)))?;
    Ok(Exit::Pass)
}

/// Prints the question and what the machine shows of itself.
fn ask(exercise: &Exercise, seed: u32, context: &Context) -> Result<(), Failure> {
    let (lang, width) = (context.lang, terminal_width());
    let shown = machine::shown(exercise, seed).map_err(Failure::internal)?;
    let mut out = format!("{}\n{}\n\n", exercise.title.get(lang), exercise.id);
    out.push_str(&wrap(exercise.question.get(lang), 0, width));
    out.push_str(&format!("\n{}\n", shown.head.get(lang)));
    for (path, text) in &shown.files {
        out.push_str(&format!("  {path}\n"));
        out.extend(text.lines().map(|line| format!("    {line}\n")));
    }
    let label = exercise.prediction.label().get(lang);
    out.push_str(&format!("\n{label}\n"));
    if let exercises::Prediction::Choice { options, .. } = &exercise.prediction {
        let rows: Vec<_> = options.iter().map(|o| (o.id.as_str(), o.text.get(lang))).collect();
        out.push_str(&labelled(&rows, 4, width));
    }
    context.print(&out)
}

fn decide(
    exercise: &Exercise,
    boxed: Boxed,
    seed: u32,
    answer: &str,
    store: &Store,
    today: u32,
    context: &Context,
) -> Result<Exit, Failure> {
    let (now, run) = machine::recorded(exercise, seed).map_err(Failure::internal)?;
    let judgement = match now.last() {
        Some(now) => judge(exercise, &Evidence { prediction: Some(answer), now: &now, run: run.as_ref() }),
        None => return Err(Failure::internal(Text::verbatim("an empty machine"))),
    };
    let (after, exit) = match judgement.verdict {
        Verdict::Pass => (boxed.after(true, today), Exit::Pass),
        Verdict::Fail => (boxed.after(false, today), Exit::Failed),
        // Not the reader's doing: another machine tomorrow, and the box stays.
        _ => (Boxed { due: today.saturating_add(1), asked: None, ..boxed }, Exit::CannotCheck),
    };
    store.update(|progress| progress.exercises.entry(exercise.id.clone()).or_default().review = Some(after))?;
    let (lang, width) = (context.lang, terminal_width());
    let mut out = format!("{}\n", judgement.reason.get(lang));
    for column in &judgement.columns {
        let part = |text: &Option<Text>| text.as_ref().map_or("-".to_owned(), |text| text.get(lang).to_owned());
        let (label, mine, measured) = (column.label.get(lang), part(&column.prediction), part(&column.measured));
        out.push_str(&format!("  {label}: {mine} / {measured} {}\n", column.unit.get(lang)));
    }
    if exit == Exit::Failed {
        out.push_str(&format!("\n{}", wrap(exercise.explanation.get(lang), 0, width)));
    }
    let days = after.due.saturating_sub(today);
    let again = text!(ko: "{days}일 뒤에 다시 묻습니다.", en: "It comes again in {days} day(s).");
    out.push_str(&format!("\n{}\n", again.get(lang)));
    context.print(&out)?;
    Ok(exit)
}
