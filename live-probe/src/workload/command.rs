//! `live-probe run`.

use std::io::{IsTerminal, Write};
use std::os::fd::AsFd;

use exercises::{Ended, Reported};
use sim_core::load_average::calc::print_load;
use sim_core::{Lang, Text, text};

use super::args::{self, Args};
use super::consent::consent;
use super::keep::{Kept, keep};
use super::lock::{Holder, Lock};
use super::plan::Plan;
use super::runner::{self, Progress, Refused, Stage};
use super::sys::{ENDINGS, SignalFd};
use super::{LATE, why_failed};
use crate::columns::{labelled, terminal_width};
use crate::context::{Context, Exit, Failure};
use crate::machine;
use crate::progress::Store;

/// Shows the plan, runs it after consent, and keeps the recording.
///
/// # Errors
/// There is no such workload, it is too much, nobody agreed, or the recording cannot be kept.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if args.kinds {
        return args::show_kinds(context);
    }
    context.needs_kernel("run")?;
    let machine = machine::open(None).map_err(Failure::internal)?;
    let cpus = machine::online_cpus(machine.as_ref()).unwrap_or(1);
    let plan = args::plan(args, cpus)?;
    show(&plan, context)?;
    remind(&plan, context)?;
    let word = plan.exercise.as_deref().unwrap_or(&plan.name);
    let agreed = consent(machine.as_ref(), cpus, args.yes, word, context)?;
    // Its reading thread would count among those that may run while we record.
    drop(machine);
    if !agreed {
        context.say(&Text::fixed("시작하지 않았습니다.", "Not started."));
        return Ok(Exit::CannotCheck);
    }

    let state = context.state_dir()?;
    let path = context.recording_path(plan.exercise.as_deref().unwrap_or(&plan.name))?;
    let lock = Lock::take(&state, &plan.name).map_err(|text| Failure { exit: Exit::CannotCheck, text })?;
    if let Some(Holder { pid, name, .. }) = &lock.stale {
        context.say(&text!(
            ko: "앞선 실행({name}, 프로세스 {pid})이 강제로 종료되어, 남은 것을 치웠습니다.",
            en: "An earlier run ({name}, process {pid}) was killed; what it left has been removed."
        ));
    }
    let stop = SignalFd::block(&ENDINGS).map_err(|error| Failure::internal(Text::verbatim(error.to_string())))?;
    let mut line = ProgressLine::new(context.lang);
    let done = runner::run(&plan, &state, &lock, stop.as_fd(), &mut |now| line.show(&now), &mut |_, _| ());
    line.end();
    let recording = done.map_err(|refused| match refused {
        Refused::Cannot(why) => {
            let Text { ko, en } = why;
            Failure {
                exit: Exit::CannotCheck,
                text: text!(ko: "여기서는 할 수 없습니다. {ko}", en: "This cannot be done here. {en}"),
            }
        }
        Refused::Wrong(why) => Failure::internal(why),
    })?;
    let kept = keep(&recording, &path).map_err(Failure::internal)?;
    drop(lock);

    for note in &recording.reported.notes {
        context.say(note);
    }
    if plan.exercise.is_none() {
        // What an exercise asks is not told before it is checked.
        context.print(&figures(&recording.reported))?;
    }
    let avenrun = recording.frames.last().and_then(|frame| frame.avenrun).unwrap_or_default();
    let averages = avenrun.map(print_load).join(" ");
    let shown = path.display();
    let ended = recording.ran.map_or(Ended::AsPlanned, |ran| ran.ended);
    let exit = match ended {
        Ended::AsPlanned => {
            context.print(
                text!(ko: "끝났습니다. 부하 평균: {averages}\n", en: "Done. Load average: {averages}\n")
                    .get(context.lang),
            )?;
            Exit::Pass
        }
        Ended::Stopped => {
            context.say(&Text::fixed("멈췄습니다. 부하를 모두 정리했습니다.", "Stopped; nothing of the load is left."));
            Exit::CannotCheck
        }
        Ended::Failed(why) if why == LATE => {
            context.say(&why_failed(&why));
            Exit::CannotCheck
        }
        Ended::Failed(why) => {
            context.say(&text!(
                ko: "부하가 도중에 끝났습니다({why}). 남은 것은 없습니다. 다시 실행하십시오.",
                en: "The load ended too early ({why}). Nothing of it is left. Run it again."
            ));
            Exit::Internal
        }
    };
    let next = match (kept, &plan.exercise) {
        (Kept::EarlierStays, _) => text!(
            ko: "끝까지 기록한 앞선 실행이 있어 그대로 두었습니다: {shown}",
            en: "The recording of an earlier, whole run was left as it is: {shown}"
        ),
        (Kept::Written, Some(id)) if exit == Exit::Pass => text!(
            ko: "기록: {shown}\n이제 `live-probe check {id}`로 확인하십시오.",
            en: "Recorded: {shown}\nNow check it: `live-probe check {id}`"
        ),
        (Kept::Written, _) => text!(ko: "기록: {shown}", en: "Recorded: {shown}"),
    };
    context.say(&next);
    Ok(exit)
}

fn show(plan: &Plan, context: &Context) -> Result<(), Failure> {
    let lines = plan.lines();
    let rows: Vec<_> = lines.iter().map(|(label, words)| (label.get(context.lang), words.get(context.lang))).collect();
    let shown = format!("{}\n{}", plan.title.get(context.lang), labelled(&rows, 2, terminal_width()));
    context.print(&shown)
}

/// Says so where nothing was predicted: the run itself shows the answer.
fn remind(plan: &Plan, context: &Context) -> Result<(), Failure> {
    let Some(id) = &plan.exercise else { return Ok(()) };
    if exercises::find(id).is_some_and(|exercise| !exercise.prediction.asks()) {
        return Ok(());
    }
    let (progress, notice) = Store::new(context.state_dir()?).read()?;
    if let Some(notice) = notice {
        context.say(&notice);
    }
    if progress.exercises.get(id).is_none_or(|done| done.prediction.is_none()) {
        context.say(&text!(
            ko: "아직 예측하지 않았습니다. 결과를 보기 전에 `live-probe predict {id} VALUE`로 적어 두십시오.",
            en: "You have not predicted anything yet. Do so before you see the result: `live-probe predict {id} VALUE`."
        ));
    }
    Ok(())
}

/// What the load measured, a line each.
fn figures(reported: &Reported) -> String {
    let mut lines: Vec<_> = reported.figures.iter().map(|(name, value)| format!("  {name} = {value}\n")).collect();
    if let (Some(a), Some(b)) = (reported.figures.get("a_cpu_us"), reported.figures.get("b_cpu_us"))
        && a + b > 0
    {
        let share = |part: i64| part as f64 * 100.0 / (a + b) as f64;
        lines.push(format!("  a : b = {:.1} % : {:.1} %\n", share(*a), share(*b)));
    }
    lines.concat()
}

/// One line that tells where the run is: rewritten on a terminal, now and then elsewhere.
struct ProgressLine {
    lang: Lang,
    terminal: bool,
    shown: Option<(Stage, u64)>,
}

impl ProgressLine {
    fn new(lang: Lang) -> ProgressLine {
        ProgressLine { lang, terminal: std::io::stderr().is_terminal(), shown: None }
    }

    fn show(&mut self, progress: &Progress) {
        let step = if self.terminal { 1 } else { 10 };
        let now = (progress.stage, progress.elapsed_ms / 1000 / step);
        if self.shown == Some(now) {
            return;
        }
        self.shown = Some(now);
        let line = progress_line(progress);
        let line = line.get(self.lang);
        // A terminal that is gone must not end the run; SIGHUP does that, and in order.
        let mut err = std::io::stderr().lock();
        let _ = if self.terminal { write!(err, "\r\x1b[K{line}") } else { writeln!(err, "{line}") };
        let _ = err.flush();
    }

    fn end(&self) {
        if self.terminal && self.shown.is_some() {
            let _ = writeln!(std::io::stderr());
        }
    }
}

fn progress_line(progress: &Progress) -> Text {
    let (elapsed, total) = (progress.elapsed_ms / 1000, progress.total_ms / 1000);
    let averages = progress.avenrun.map(print_load).join(" ");
    let stage = match progress.stage {
        Stage::Before => Text::fixed("부하 전 기록", "before the load"),
        Stage::Load => Text::fixed("부하", "load"),
        Stage::After => Text::fixed("부하 뒤 기록", "after the load"),
    };
    let Text { ko, en } = stage;
    text!(
        ko: "{elapsed}/{total}초  {ko}  부하 평균 {averages}",
        en: "{elapsed}/{total} s  {en}  load average {averages}"
    )
}
