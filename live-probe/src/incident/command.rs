//! `live-probe incident start|hint|answer|stop|list`.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::builder::PossibleValuesParser;
use exercises::incident::{Incident, Worth, incidents};
use sim_core::{Text, text};

use super::keeper::{self, COMMAND, Order, Said};
use super::state::{Answered, Current, State, Store};
use super::words;
use crate::columns::{labelled, terminal_width, wrap};
use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::machine;
use crate::workload::{self, Lock, Plan};

/// Wrong answers after which a question is over.
const TRIES: u32 = 3;
/// How long a case may take to begin: files are made first.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long a load may take to end.
const FAREWELL: Duration = Duration::from_secs(10);

/// Arguments of `incident`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(value_name = "ACTION", default_value = "status", hide_default_value = true, value_parser = PossibleValuesParser::new(["start", "hint", "answer", "stop", "list", "status"]))]
    action: String,
    #[arg(value_name = "CASE|ANSWER")]
    what: Option<String>,
    #[arg(long, value_name = "N")]
    seed: Option<u32>,
    #[arg(long, short = 'y')]
    yes: bool,
}

/// Words of `incident`.
pub static HELP: Help = Help::new(
    "온콜 호출처럼, 이 컴퓨터에서 진짜로 일어나는 사고를 단계별로 풉니다",
    "Work through an incident, step by step, that really happens on this machine",
)
.args(&[
    (
        "action",
        "start [사건]: 시작. answer <답>, hint, status(기본값), list. stop: 부하를 모두 끝냄",
        "start [CASE]; answer ANSWER, hint, status (default), list; stop ends all of the load",
    ),
    (
        "what",
        "start에는 사건의 이름이나 번호, answer에는 답(skip이면 건너뜀)",
        "Name or number of a case for start; the answer for answer (skip gives it up)",
    ),
    (
        "seed",
        "무엇이 원인인지 정합니다(수업에서 모두가 같은 것을 볼 때)",
        "Decides which cause it is (for a class that is to see the same)",
    ),
    ("yes", "묻지 않고 시작합니다", "Start without asking"),
]);

/// Does as the action says.
///
/// # Errors
/// There is nothing going on to answer, the machine does not have what a case takes, or its state
/// cannot be kept.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let takes = ["start", "answer"].contains(&args.action.as_str());
    if let Some(what) = args.what.as_ref().filter(|_| !takes) {
        let action = &args.action;
        return Err(Failure::usage(text!(
            ko: "{what}: {action}에는 더 쓸 것이 없습니다.",
            en: "{what}: {action} takes nothing more."
        )));
    }
    let store = Store::new(&context.state_dir()?);
    let (state, notice) = store.read()?;
    if let Some(notice) = notice {
        context.say(&notice);
    }
    match args.action.as_str() {
        "start" => start(args, &store, &state, context),
        "hint" => hint(&store, &state, context),
        "answer" => answer(args.what.as_deref(), &store, &state, context),
        "stop" => stop(&store, &state, context),
        "list" => {
            context.print(&words::list(incidents(), &state, context.lang))?;
            Ok(Exit::Pass)
        }
        _ => status(&state, context),
    }
}

fn start(args: &Args, store: &Store, state: &State, context: &Context) -> Result<Exit, Failure> {
    context.needs_kernel("incident")?;
    let case = choose(args.what.as_deref(), state)?;
    let dir = context.state_dir()?;
    if let Some(current) = state.current.as_ref().filter(|current| runs(current, context)) {
        let name = &current.case;
        return Err(Failure::usage(text!(
            ko: "{name} 사건이 아직 진행 중입니다. `live-probe incident`로 이어 가거나 `live-probe incident stop`으로 끝내십시오.",
            en: "The case {name} still goes on. Go on with `live-probe incident`, or end it with `live-probe incident stop`."
        )));
    }
    let machine = machine::open(None).map_err(Failure::internal)?;
    let cpus = machine::online_cpus(machine.as_ref()).unwrap_or(1);
    let seed = match args.seed {
        Some(seed) => seed,
        None => getrandom::u32().map_err(|error| Failure::internal(Text::verbatim(error.to_string())))?,
    };
    let width = terminal_width();
    let plan = Plan::of_incident(case, cpus, seed % case.variants.len().max(1) as u32).map_err(Failure::usage)?;
    let lines = plan.lines_of_secret();
    let rows: Vec<_> = lines.iter().map(|(label, words)| (label.get(context.lang), words.get(context.lang))).collect();
    context.print(&format!("{}\n{}", words::page(case, context.lang, width), labelled(&rows, 2, width)))?;
    if !workload::consent(machine.as_ref(), cpus, args.yes, &format!("incident start {}", case.id), context)? {
        context.say(&Text::fixed("시작하지 않았습니다.", "Not started."));
        return Ok(Exit::CannotCheck);
    }
    drop(machine);
    // Where the one that was chosen cannot be run, another of the case may be.
    let count = case.variants.len() as u32;
    let mut reasons: Vec<Text> = Vec::new();
    for variant in (0..count).map(|i| seed.wrapping_add(i) % count.max(1)) {
        let order = Order { case: case.id.clone(), variant, state: dir.clone(), watch: keeper::shell(), cpus };
        match spawn(&order)? {
            Said::Runs => {
                context.print("\n")?;
                return status(&store.read()?.0, context);
            }
            Said::Cannot { why } => reasons.extend((!reasons.contains(&why)).then_some(why)),
            Said::Wrong { why } => return Err(Failure { exit: Exit::CannotCheck, text: why }),
        }
    }
    let Text { ko, en } = workload::lines(reasons);
    Err(Failure {
        exit: Exit::CannotCheck,
        text: text!(ko: "여기서는 이 사건을 일으킬 수 없습니다.\n{ko}", en: "This case cannot be made to happen here.\n{en}"),
    })
}

/// The case of that name or number, or else the first that was not solved yet.
fn choose(what: Option<&str>, state: &State) -> Result<&'static Incident, Failure> {
    let all = incidents();
    let found = match what {
        Some(word) => all.iter().find(|case| case.id == word || case.order.to_string() == word),
        None => all.iter().find(|case| !state.past.contains_key(&case.id)).or(all.first()),
    };
    found.ok_or_else(|| {
        let names = all.iter().map(|case| case.id.as_str()).collect::<Vec<_>>().join(", ");
        let word = what.unwrap_or_default();
        Failure::usage(text!(ko: "{word}: 그런 사건은 없습니다. 있는 것: {names}", en: "{word}: there is no such case. There are: {names}"))
    })
}

/// Starts a keeper and hears what it says first.
fn spawn(order: &Order) -> Result<Said, Failure> {
    let broken = |error: std::io::Error| Failure::internal(Text::verbatim(error.to_string()));
    let mut command = Command::new("/proc/self/exe");
    command.arg0("live-probe").arg(COMMAND).env_clear().current_dir("/").process_group(0);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(broken)?;
    let mut line = serde_json::to_vec(order).unwrap_or_default();
    line.push(b'\n');
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(&line).map_err(broken)?;
    }
    let Some(stdout) = child.stdout.take() else { return Err(broken(std::io::ErrorKind::BrokenPipe.into())) };
    let timeout = rustix::event::Timespec { tv_sec: PATIENCE.as_secs() as i64, tv_nsec: 0 };
    let ready =
        rustix::event::poll(&mut [rustix::event::PollFd::new(&stdout, rustix::event::PollFlags::IN)], Some(&timeout));
    let mut said = String::new();
    if ready.is_ok_and(|n| n > 0) {
        let _ = BufReader::new(stdout).read_line(&mut said);
    }
    let said = serde_json::from_str(&said).ok();
    if !matches!(said, Some(Said::Runs)) {
        let _ = rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM);
        let _ = child.wait();
    }
    Ok(said.unwrap_or_else(|| Said::Wrong {
        why: Text::fixed(
            "사건이 제때 시작하지 못했습니다. 다시 하십시오.",
            "The case did not begin in time. Try again.",
        ),
    }))
}

/// The case that goes on, or a refusal.
fn going_on(state: &State) -> Result<(&Current, &'static Incident), Failure> {
    let current = state.current.as_ref().and_then(|current| Some((current, current.case()?)));
    current.ok_or_else(|| {
        Failure::usage(Text::fixed(
            "진행 중인 사건이 없습니다. `live-probe incident start`로 시작하십시오.",
            "No case goes on. Begin one with `live-probe incident start`.",
        ))
    })
}

/// Whether the load of a case still runs.
fn runs(current: &Current, context: &Context) -> bool {
    let holder = context.state_dir().ok().and_then(|dir| Lock::holder(&dir));
    holder.is_some_and(|holder| holder.pid == current.keeper)
}

fn status(state: &State, context: &Context) -> Result<Exit, Failure> {
    let Ok((current, case)) = going_on(state) else {
        context.print(&words::list(incidents(), state, context.lang))?;
        context.say(&Text::fixed(
            "진행 중인 사건이 없습니다. `live-probe incident start [이름]`으로 시작하십시오.",
            "No case goes on. Begin one with `live-probe incident start [NAME]`.",
        ));
        return Ok(Exit::Pass);
    };
    let now = if runs(current, context) {
        words::time_left(case, current)
    } else {
        Text::fixed(
            "부하는 끝났습니다. 본 것으로 답하거나, `live-probe incident stop` 뒤에 다시 시작하십시오.",
            "The load has ended. Answer from what you saw, or begin anew after `live-probe incident stop`.",
        )
    };
    context.print(&format!("{}  {}\n\n", case.title.get(context.lang), now.get(context.lang)))?;
    ask(current, case, context)
}

/// Prints the question that is to be answered.
fn ask(current: &Current, case: &Incident, context: &Context) -> Result<Exit, Failure> {
    let steps: Vec<_> = case.steps_of(&current.variant).collect();
    if let Some(step) = steps.get(current.step()) {
        context.print(&words::question(step, current.step() + 1, steps.len(), context.lang, terminal_width()))?;
    }
    Ok(Exit::Pass)
}

fn hint(store: &Store, state: &State, context: &Context) -> Result<Exit, Failure> {
    let (current, case) = going_on(state)?;
    let at = current.step();
    let Some(step) = case.steps_of(&current.variant).nth(at) else { return status(state, context) };
    let seen = current.answers.get(at).map_or(0, |answered| answered.hints);
    let shown = (seen as usize + 1).min(step.hints.len());
    change(store, at, |answered| answered.hints = shown as u32)?;
    let width = terminal_width();
    let all = step.hints.len();
    let mut out = String::new();
    for (i, hint) in step.hints.iter().take(shown).enumerate() {
        let n = i + 1;
        out.push_str(&wrap(&format!("{n}/{all}  {}", hint.get(context.lang)), 0, width));
    }
    context.print(&out)?;
    if seen as usize == all {
        context.say(&Text::fixed("힌트는 여기까지입니다.", "That was the last hint."));
    }
    Ok(Exit::Pass)
}

/// Changes the question at an index.
fn change(store: &Store, at: usize, change: impl FnOnce(&mut Answered)) -> Result<(), Failure> {
    store.update(|state| {
        if let Some(current) = &mut state.current {
            if current.answers.len() <= at {
                current.answers.resize(at + 1, Answered::default());
            }
            change(&mut current.answers[at]);
        }
    })
}

fn answer(what: Option<&str>, store: &Store, state: &State, context: &Context) -> Result<Exit, Failure> {
    let (current, case) = going_on(state)?;
    let at = current.step();
    let steps: Vec<_> = case.steps_of(&current.variant).collect();
    let (Some(step), Some(load)) = (steps.get(at), current.load(case)) else { return status(state, context) };
    let Some(what) = what else {
        return Err(Failure::usage(Text::fixed("답을 함께 적으십시오.", "Write the answer too.")));
    };
    let skipped = what == "skip";
    let worth = if skipped { Worth::Wrong } else { step.answer.judge(what, load, &current.known()) };
    let tried = current.answers.get(at).copied().unwrap_or_default();
    let width = terminal_width();
    let right = match worth {
        Worth::Unreadable(why) => {
            let Text { ko, en } = why;
            return Err(Failure::usage(text!(ko: "{what}: {ko}.", en: "{what}: {en}.")));
        }
        Worth::Unknown => {
            return Err(Failure {
                exit: Exit::CannotCheck,
                text: Text::fixed(
                    "이 질문은 확인할 수 없습니다: 부하가 무엇을 만들었는지 기록이 없습니다. `answer skip`으로 넘어가십시오.",
                    "This cannot be checked: what the load made is not on record. Go on with `answer skip`.",
                ),
            });
        }
        Worth::Right => true,
        Worth::Wrong => false,
    };
    let over = right || skipped || tried.wrong + 1 >= TRIES;
    change(store, at, |answered| {
        answered.right = right;
        answered.over = over;
        answered.wrong = tried.wrong + u32::from(!right && !skipped);
    })?;
    if !over {
        let left = TRIES - tried.wrong - 1;
        context.print(
            text!(
                ko: "아닙니다. {left}번 더 답할 수 있습니다. 막히면 `live-probe incident hint`를 쓰십시오.\n",
                en: "No. You may try {left} more time(s); `live-probe incident hint` helps.\n"
            )
            .get(context.lang),
        )?;
        return Ok(Exit::Failed);
    }
    let mut out = String::new();
    if right {
        let points = Answered { right: true, ..tried }.points(step.points);
        out.push_str(text!(ko: "맞았습니다. {points}점.\n", en: "Right: {points} point(s).\n").get(context.lang));
    } else if let Some(answer) = step.answer.right(load, &current.known()) {
        let answer = answer.get(context.lang);
        out.push_str(text!(ko: "답은 이것입니다: {answer}\n", en: "The answer: {answer}\n").get(context.lang));
    }
    out.push_str(&wrap(step.explanation.get(context.lang), 2, width));
    context.print(&format!("{out}\n"))?;
    let (state, _) = store.read()?;
    let (current, case) = going_on(&state)?;
    if current.step() < steps.len() {
        ask(current, case, context)?;
    } else {
        finish(store, current, case, context)?;
    }
    Ok(if right { Exit::Pass } else { Exit::Failed })
}

/// Says what it was and how it went, and ends the load.
fn finish(store: &Store, current: &Current, case: &Incident, context: &Context) -> Result<(), Failure> {
    let score = current.score(case);
    let (points, of) = (score.points, score.of);
    let cause = current.variant(case).map(|variant| variant.cause.get(context.lang)).unwrap_or_default();
    let head =
        text!(ko: "사건을 마쳤습니다: {of}점 가운데 {points}점.", en: "The case is closed: {points} of {of} points.");
    let mut out = format!("{}\n", head.get(context.lang));
    out.push_str(&wrap(cause, 2, terminal_width()));
    context.print(&out)?;
    end_load(current, context)?;
    store.update(|state| {
        let best = state.past.get(&current.case).is_none_or(|past| past.points * of < points * past.of);
        if best {
            state.past.insert(current.case.clone(), score);
        }
        state.current = None;
    })
}

fn stop(store: &Store, state: &State, context: &Context) -> Result<Exit, Failure> {
    let Some(current) = &state.current else {
        context.say(&Text::fixed("진행 중인 사건이 없습니다.", "No case goes on."));
        return Ok(Exit::Pass);
    };
    end_load(current, context)?;
    store.update(|state| state.current = None)?;
    context.say(&Text::fixed("멈췄습니다. 부하를 모두 정리했습니다.", "Stopped; nothing of the load is left."));
    Ok(Exit::Pass)
}

/// Ends the load of a case and waits until nothing of it is left.
fn end_load(current: &Current, context: &Context) -> Result<(), Failure> {
    let end = Instant::now() + FAREWELL;
    // The keeper is known by the lock it holds, so no other process can be meant.
    while runs(current, context) {
        if let Some(pid) = rustix::process::Pid::from_raw(current.keeper.cast_signed()) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        if Instant::now() > end {
            let pid = current.keeper;
            return Err(Failure::internal(text!(
                ko: "부하가 끝나지 않습니다. `kill -9 {pid}`로 끝내십시오.",
                en: "The load does not end. End it with `kill -9 {pid}`."
            )));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
