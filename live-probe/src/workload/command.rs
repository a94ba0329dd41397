//! `live-probe run`.

use std::io::{IsTerminal, Write};
use std::os::fd::AsFd;

use exercises::{Ended, Load, Pick, Workload};
use sim_core::load_average::calc::print_load;
use sim_core::{Lang, Text, text};

use super::keep::{Kept, keep};
use super::lock::{Holder, Lock};
use super::plan::{Plan, lines};
use super::runner::{self, Progress, Stage};
use super::strain::strain;
use super::sys::{ENDINGS, SignalFd};
use super::{LATE, why_failed};
use crate::columns::{labelled, terminal_width};
use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::machine;
use crate::progress::Store;
use crate::select;

/// Seconds recorded before a named load: long enough to see the averages move once.
const BEFORE_S: u32 = 6;

/// Arguments of `run`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Exercise whose workload is run, or a kind of load.
    #[arg(value_name = "EXERCISE|WORKLOAD")]
    pub workload: String,
    /// Number of tasks of a named load.
    #[arg(long, value_name = "N")]
    pub tasks: Option<u32>,
    /// Length of a named load.
    #[arg(long, value_name = "S")]
    pub seconds: Option<u32>,
    /// Seconds recorded before a named load.
    #[arg(long, value_name = "S")]
    pub before: Option<u32>,
    /// Seconds recorded after a named load.
    #[arg(long, value_name = "S")]
    pub after: Option<u32>,
    /// Busy part of a period.
    #[arg(long, value_name = "MS")]
    pub on_ms: Option<u32>,
    /// Length of a period.
    #[arg(long, value_name = "MS")]
    pub every_ms: Option<u32>,
    /// Start without asking.
    #[arg(long, short = 'y')]
    pub yes: bool,
}

/// Words of `run`.
pub static HELP: Help = Help::new(
    "연습 문제의 부하를 정해진 시간만 일으키고 그동안 컴퓨터를 기록합니다",
    "Run an exercise's workload, bounded in time, and record the machine meanwhile",
)
.args(&[
    (
        "workload",
        "연습 문제, 또는 부하의 종류: busy-loops, vfork-parents, periodic-sleeper",
        "Exercise, or a kind of load: busy-loops, vfork-parents, periodic-sleeper",
    ),
    (
        "tasks",
        "태스크 수(부하의 종류를 지정했을 때만, 기본값 1)",
        "Number of tasks (only with a kind of load; default 1)",
    ),
    (
        "seconds",
        "부하를 주는 시간, 초(부하의 종류를 지정했을 때만, 기본값 60)",
        "Length of the load in seconds (only with a kind of load; default 60)",
    ),
    (
        "before",
        "부하를 주기 전에 기록하는 시간, 초(부하의 종류를 지정했을 때만, 기본값 6)",
        "Seconds recorded before the load (only with a kind of load; default 6)",
    ),
    (
        "after",
        "부하가 끝난 뒤에 기록하는 시간, 초(부하의 종류를 지정했을 때만, 기본값 0)",
        "Seconds recorded after the load (only with a kind of load; default 0)",
    ),
    (
        "on_ms",
        "한 주기에서 계산하는 시간, ms(periodic-sleeper에만, 기본값 250)",
        "Busy part of each period in ms (only with periodic-sleeper; default 250)",
    ),
    (
        "every_ms",
        "주기의 길이, ms(periodic-sleeper에만, 기본값 1000)",
        "Length of a period in ms (only with periodic-sleeper; default 1000)",
    ),
    ("yes", "묻지 않고 시작합니다", "Start without asking"),
]);

/// Shows the plan, runs it after consent, and keeps the recording.
///
/// # Errors
/// There is no such workload, it is too much, nobody agreed, or the recording cannot be kept.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    context.needs_kernel("run")?;
    let machine = machine::open(None).map_err(Failure::internal)?;
    let cpus = machine::online_cpus(machine.as_ref()).unwrap_or(1);
    let plan = plan(args, cpus)?;
    show(&plan, context)?;
    remind(&plan, context)?;
    let strain = strain(machine.as_ref(), cpus);
    // Its reading thread would count among those that may run while we record.
    drop(machine);
    if !consent(&plan, strain, args.yes, context)? {
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
    let done = runner::run(&plan, &state, &lock, stop.as_fd(), &mut |progress| line.show(&progress));
    line.end();
    let recording = done.map_err(Failure::internal)?;
    let kept = keep(&recording, &path).map_err(Failure::internal)?;
    drop(lock);

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

/// What the command line asks for.
fn plan(args: &Args, cpus: u32) -> Result<Plan, Failure> {
    let (tasks, tasks_per_cpu) = (args.tasks.unwrap_or(1), 0);
    let load = match args.workload.as_str() {
        "busy-loops" => Some(Load::BusyLoops { tasks, tasks_per_cpu }),
        "vfork-parents" => Some(Load::VforkParents { tasks, tasks_per_cpu }),
        "periodic-sleeper" => Some(Load::PeriodicSleeper {
            tasks,
            tasks_per_cpu,
            on_ms: args.on_ms.unwrap_or(250),
            every_ms: args.every_ms.unwrap_or(1000),
        }),
        _ => None,
    };
    let periodic = matches!(load, Some(Load::PeriodicSleeper { .. }));
    for (name, given, allowed) in [
        ("--tasks", args.tasks.is_some(), load.is_some()),
        ("--seconds", args.seconds.is_some(), load.is_some()),
        ("--before", args.before.is_some(), load.is_some()),
        ("--after", args.after.is_some(), load.is_some()),
        ("--on-ms", args.on_ms.is_some(), periodic),
        ("--every-ms", args.every_ms.is_some(), periodic),
    ] {
        if given && !allowed {
            let word = &args.workload;
            return Err(Failure::usage(text!(
                ko: "{name}: {word}에는 쓸 수 없습니다. 연습 문제의 부하는 정해져 있고, --on-ms와 --every-ms는 periodic-sleeper에만 씁니다.",
                en: "{name}: not for {word}. An exercise's load is fixed; --on-ms and --every-ms are for periodic-sleeper."
            )));
        }
    }
    match load {
        Some(load) => {
            let workload = Workload {
                seconds: args.seconds.unwrap_or(60),
                before_s: args.before.unwrap_or(BEFORE_S),
                after_s: args.after.unwrap_or(0),
                pick: Pick::All,
                loads: vec![load],
            };
            Plan::of_load(load, workload, cpus).map_err(Failure::usage)
        }
        None => {
            let random = getrandom::u32().map_err(|error| Failure::internal(Text::verbatim(error.to_string())))?;
            Plan::of_exercise(select::one(&args.workload)?, cpus, random).map_err(Failure::usage)
        }
    }
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

/// Whether to start: asked on a terminal, given by `--yes` elsewhere.
fn consent(plan: &Plan, strain: Vec<Text>, yes: bool, context: &Context) -> Result<bool, Failure> {
    let busy = !strain.is_empty();
    if busy {
        let Text { ko, en } = lines(strain);
        context.say(&text!(
            ko: "이 컴퓨터는 이미 바쁩니다. 다른 사람이 쓰는 서버라면 시작하지 마십시오.\n{ko}",
            en: "This machine is busy already. If it serves other people, do not start.\n{en}"
        ));
    }
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        let word = plan.exercise.as_deref().unwrap_or(&plan.name);
        return Err(Failure::usage(text!(
            ko: "{word}: 물어볼 터미널이 없어 시작하지 않았습니다. 위의 계획대로 시작하려면 --yes를 붙이십시오.",
            en: "{word}: not started, as there is no terminal to ask on. To start as planned above, add --yes."
        )));
    }
    let question = if busy {
        Text::fixed("그래도 시작하려면 yes를 입력하십시오: ", "To start nevertheless, type yes: ")
    } else {
        Text::fixed("시작할까요? [Y/n] ", "Start? [Y/n] ")
    };
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(question.get(context.lang).as_bytes()).and_then(|()| err.flush());
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    let answer = answer.trim().to_lowercase();
    let ended = read.is_ok_and(|bytes| bytes == 0);
    Ok(!ended
        && if busy { answer == "yes" } else { matches!(answer.as_str(), "" | "y" | "yes" | "ㅛ" | "예" | "네") })
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
