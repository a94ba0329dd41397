//! Judges again and again while the reader works in another terminal.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use exercises::{Exercise, Judgement, Verdict};
use sim_core::{Nanos, Text, text};
use tokio::signal::unix::{SignalKind, signal};

use super::sim::time;
use crate::checking::Checker;
use crate::columns;
use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::machine;
use crate::report::{Summary, full, line};
use crate::select;

/// Arguments of `watch`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(value_name = "ID|CHAPTER|all", default_value = "all")]
    which: String,
    #[arg(long, value_name = "TIME", value_parser = interval, default_value = "2s")]
    interval: Duration,
    #[arg(long, value_name = "TIME", value_parser = time)]
    r#for: Option<Nanos>,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Formats of what changes.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a person.
    Table,
    /// A judgement a line, each time a verdict changes.
    Json,
}

/// Words of `watch`.
pub static HELP: Help = Help::new(
    "다른 터미널에서 실습하는 동안 계속 다시 확인합니다",
    "Check again and again while you work in another terminal",
)
.more(
    "\
터미널에서는 아직 통과하지 못한 첫 문제를 화면에 펼쳐 두고 갱신합니다. 터미널이 아니면 판정이 바뀔 때마다 한 줄을 냅니다. 모두 통과하거나, --for가 지나거나, Ctrl-C를 누르면 끝나며 종료 코드는 check와 같습니다.
확인에 걸린 시간의 100배는 반드시 쉬므로 CPU의 1 %를 넘지 않습니다.",
    "\
On a terminal the first exercise that has not passed stays on the screen and is kept up to date; elsewhere a line is printed whenever a verdict changes. It ends when everything passes, when --for has gone by, or with Ctrl-C; the exit code is that of check.
After each round it rests at least 100 times as long as the round took, which is 1 % of a CPU at most.",
)
.args(&[
    ("which", "연습 문제 ID, 장(ch03), all", "Exercise id, chapter (ch03), or all"),
    ("interval", "확인하는 간격(0.5s..1h)", "Time between rounds (0.5s..1h)"),
    ("for", "이 시간이 지나면 끝냅니다", "End after this long"),
    ("format", "출력 형식", "Output format"),
]);

fn interval(typed: &str) -> Result<Duration, String> {
    let interval = Duration::from_nanos(time(typed)?);
    let allowed = Duration::from_millis(500)..=Duration::from_secs(3600);
    if allowed.contains(&interval) { Ok(interval) } else { Err("0.5s..1h".to_owned()) }
}

/// Watches until everything passes or the reader has had enough.
///
/// # Errors
/// There is no such exercise; `--root` cannot be opened.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let exercises = select::some(&args.which)?;
    let checker = Checker::new(context)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::internal(Text::verbatim(error.to_string())))?;
    runtime.block_on(watch(args, context, &exercises, checker))
}

async fn watch(
    args: &Args,
    context: &Context,
    exercises: &[&Exercise],
    mut checker: Checker<'_>,
) -> Result<Exit, Failure> {
    let listen = |kind| signal(kind).map_err(|error| Failure::internal(Text::verbatim(error.to_string())));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    let deadline = args.r#for.map(|time| Instant::now() + Duration::from_nanos(time));
    let mut screen = Screen::new(context, args.format);
    let mut before: Vec<Verdict> = Vec::new();
    loop {
        let begun = Instant::now();
        let progress = checker.progress();
        let judgements: Vec<_> = exercises.iter().map(|exercise| checker.judge(exercise, &progress)).collect();
        let verdicts: Vec<_> = judgements.iter().map(|judgement| judgement.verdict).collect();
        if verdicts != before {
            checker.keep(&judgements);
        }
        screen.show(exercises, &judgements, &before)?;
        let summary = Summary::of(verdicts.iter().copied());
        let rest = args.interval.max(begun.elapsed() * 100);
        let left = deadline.map_or(rest, |deadline| deadline.saturating_duration_since(Instant::now()));
        // Without a kernel nothing is going to change.
        let hopeless = machine::no_kernel(context.root.as_deref()).is_some();
        if summary.exit() == Exit::Pass || hopeless || context.closed() || left.is_zero() {
            return Ok(summary.exit());
        }
        before = verdicts;
        tokio::select! {
            () = tokio::time::sleep(rest.min(left)) => {}
            _ = interrupt.recv() => return Ok(summary.exit()),
            _ = terminate.recv() => return Ok(summary.exit()),
        }
    }
}

/// Where the state of things is shown.
struct Screen<'a> {
    context: &'a Context,
    format: Format,
    live: bool,
    shown: String,
}

impl<'a> Screen<'a> {
    fn new(context: &'a Context, format: Format) -> Screen<'a> {
        let live = format == Format::Table && std::io::stdout().is_terminal();
        Screen { context, format, live, shown: String::new() }
    }

    fn show(&mut self, exercises: &[&Exercise], now: &[Judgement], before: &[Verdict]) -> Result<(), Failure> {
        if self.live {
            let page = self.page(exercises, now);
            if page != self.shown {
                // Home, the page with the rest of each line cleared, then what is below it.
                let cleared = page.replace('\n', "\x1b[K\n");
                self.context.print(&format!("\x1b[H{}\x1b[J", if self.shown.is_empty() { "\x1b[2J" } else { "" }))?;
                self.context.print(&format!("\x1b[H{cleared}\x1b[J"))?;
                self.shown = page;
            }
            return Ok(());
        }
        for (i, (exercise, judgement)) in exercises.iter().zip(now).enumerate() {
            if before.get(i) == Some(&judgement.verdict) {
                continue;
            }
            let text = match self.format {
                Format::Table => line(exercise, judgement, self.context),
                Format::Json => {
                    let json = serde_json::to_string(judgement);
                    format!("{}\n", json.map_err(|error| Failure::internal(Text::verbatim(error.to_string())))?)
                }
            };
            self.context.print(&text)?;
        }
        Ok(())
    }

    /// The first exercise that has not passed, cut to the height of the terminal, and a summary.
    fn page(&self, exercises: &[&Exercise], now: &[Judgement]) -> String {
        let (width, height) = (columns::terminal_width(), columns::terminal_height().unwrap_or(24));
        let lang = self.context.lang;
        let open = now.iter().position(|judgement| judgement.verdict == Verdict::Fail);
        let open = open.or_else(|| now.iter().position(|judgement| judgement.verdict != Verdict::Pass)).unwrap_or(0);
        let mut page = String::new();
        if let (Some(exercise), Some(judgement)) = (exercises.get(open), now.get(open)) {
            let mut full = full(exercise, judgement, self.context, width);
            let room = height.saturating_sub(3);
            // The question too, as long as nothing the judge said is lost for it.
            let question = columns::wrap(exercise.question.get(lang), 0, width);
            if full.lines().count() + question.lines().count() < room {
                full.push_str(&format!("\n{question}"));
            }
            let cut = full.lines().count() > room;
            for line in full.lines().take(if cut { room - 1 } else { room }) {
                page.push_str(&format!("{line}\n"));
            }
            if cut {
                let id = exercise.slug();
                let more = text!(ko: "… 나머지: live-probe check {id}", en: "… the rest: live-probe check {id}");
                page.push_str(&format!("{}\n", more.get(lang)));
            }
        }
        let summary = Summary::of(now.iter().map(|judgement| judgement.verdict)).text();
        let (ko, en) = (summary.ko, summary.en);
        let all = now.len();
        let foot = text!(
            ko: "{ko} (모두 {all}개) · Ctrl-C로 끝냅니다",
            en: "{en} (of {all}) · Ctrl-C ends"
        );
        page.push_str(&format!("\n{}", foot.get(lang)));
        page
    }
}
