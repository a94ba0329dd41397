//! The words of `live-probe run`, and the plan they ask for.

use exercises::{Load, Parameter, Pick, Workload};
use sim_core::{Text, text};

use super::plan::Plan;
use crate::columns::{labelled, terminal_width};
use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::select;

/// Seconds recorded before a named load: long enough to see the averages move once.
const BEFORE_S: u32 = 6;

/// Arguments of `run`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Exercise whose workload is run, or a kind of load.
    #[arg(
        value_name = "EXERCISE|WORKLOAD",
        required_unless_present = "kinds",
        default_value = "",
        hide_default_value = true
    )]
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
    /// Another parameter of a named load.
    #[arg(long, value_name = "NAME=N")]
    pub set: Vec<String>,
    /// What an exercise chooses in secret.
    #[arg(long, value_name = "N")]
    pub seed: Option<u32>,
    /// Lists the kinds of load.
    #[arg(long, conflicts_with = "workload")]
    pub kinds: bool,
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
        "연습 문제, 또는 부하의 종류(busy-loops, vfork-parents, … 모두 보려면 --kinds)",
        "Exercise, or a kind of load (busy-loops, vfork-parents, ...; --kinds lists all)",
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
    (
        "set",
        "부하의 다른 값. 여러 번 쓸 수 있습니다(이름과 범위는 --kinds에서)",
        "Another parameter of a kind of load, as often as wanted (--kinds has names and ranges)",
    ),
    (
        "seed",
        "연습 문제가 몰래 고르는 것을 정합니다(수업에서 모두가 같은 것을 볼 때)",
        "Decides what an exercise chooses in secret (for a class that is to see the same)",
    ),
    ("kinds", "부하의 종류와 값의 범위를 보입니다", "List the kinds of load with their parameters and ranges"),
    ("yes", "묻지 않고 시작합니다", "Start without asking"),
]);

/// A named load with its defaults, one task where a number of them is wanted.
fn with_defaults(kind: &str) -> Option<Load> {
    Load::of(kind, |name, default| Some(if name == "tasks" { 1 } else { default }))
}

/// Lists every kind of load.
///
/// # Errors
/// It cannot be printed.
pub fn show_kinds(context: &Context) -> Result<Exit, Failure> {
    let mut rows = Vec::new();
    for load in Load::KINDS.iter().filter_map(|kind| with_defaults(kind)) {
        let parameter =
            |Parameter { name, value, min, max, unit }: Parameter| format!("{name}={value} ({min}..{max}{unit})");
        let all = load.parameters().into_iter().filter(|p| p.name != "tasks_per_cpu").map(parameter);
        let what = load.text(1);
        let words = format!("{}\n{}", what.get(context.lang), all.collect::<Vec<_>>().join(", "));
        rows.push((load.kind(), words));
    }
    let width = terminal_width();
    for (kind, words) in &rows {
        let lines: Vec<_> = words.lines().map(|line| ("", line)).collect();
        context.print(&format!("{kind}\n{}", labelled(&lines, 2, width)))?;
    }
    Ok(Exit::Pass)
}

/// What the command line asks for.
///
/// # Errors
/// There is no such workload, or what is set does not fit it.
pub fn plan(args: &Args, cpus: u32) -> Result<Plan, Failure> {
    let load = named(args)?;
    let word = &args.workload;
    let has = |name: &str| load.is_some_and(|load| load.parameters().iter().any(|p| p.name == name));
    for (name, given, allowed) in [
        ("--tasks", args.tasks.is_some(), has("tasks")),
        ("--seconds", args.seconds.is_some(), load.is_some()),
        ("--before", args.before.is_some(), load.is_some()),
        ("--after", args.after.is_some(), load.is_some()),
        ("--set", !args.set.is_empty(), load.is_some()),
        ("--on-ms", args.on_ms.is_some(), has("on_ms")),
        ("--every-ms", args.every_ms.is_some(), has("every_ms")),
        ("--seed", args.seed.is_some(), load.is_none()),
    ] {
        if given && !allowed {
            return Err(Failure::usage(text!(
                ko: "{name}: {word}에는 쓸 수 없습니다. 연습 문제의 부하는 정해져 있고, 부하의 종류마다 쓸 수 있는 값은 `live-probe run --kinds`에 있습니다.",
                en: "{name}: not for {word}. An exercise's load is fixed; `live-probe run --kinds` says what each kind of load takes."
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
                records: Vec::new(),
            };
            Plan::of_load(load, workload, cpus).map_err(Failure::usage)
        }
        None => {
            let random = match args.seed {
                Some(seed) => seed,
                None => getrandom::u32().map_err(|error| Failure::internal(Text::verbatim(error.to_string())))?,
            };
            Plan::of_exercise(select::one(word)?, cpus, random).map_err(Failure::usage)
        }
    }
}

/// The load that is named, with what is set; nothing if an exercise is named.
fn named(args: &Args) -> Result<Option<Load>, Failure> {
    let kind = args.workload.as_str();
    let Some(load) = with_defaults(kind) else { return Ok(None) };
    let mut set = Vec::new();
    for word in &args.set {
        let pair = word.split_once('=').and_then(|(name, value)| Some((name, value.parse::<u32>().ok()?)));
        let known = pair.filter(|(name, _)| load.parameters().iter().any(|p| p.name == *name));
        let Some(pair) = known else {
            let names: Vec<_> = load.parameters().iter().map(|p| format!("{}=N", p.name)).collect();
            let names = names.join(", ");
            return Err(Failure::usage(text!(
                ko: "--set {word}: {kind}에 쓸 수 있는 것은 {names}입니다.",
                en: "--set {word}: {kind} takes {names}."
            )));
        };
        set.push(pair);
    }
    set.extend(
        [("tasks", args.tasks), ("on_ms", args.on_ms), ("every_ms", args.every_ms)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let defaults = load.parameters();
    let value = |name: &'static str, _| {
        let given = set.iter().rev().find(|(given, _)| *given == name).map(|(_, value)| *value);
        given.or_else(|| defaults.iter().find(|p| p.name == name).map(|p| p.value))
    };
    Ok(Load::of(kind, value))
}
