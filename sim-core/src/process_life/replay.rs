//! Recorded traces held against the model: a script that real processes followed, and what they were
//! after each line of it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::engine::ms;
use super::scenario::{Op, Program, Scenario, Signal, Step};
use super::{Process, ProcessLife};
use crate::fidelity::{GoldenError, Tally, Trace};
use crate::model::Model;
use crate::scenario::Valid;
use crate::{KernelVersion, Log};

/// `RUN.json`.
#[derive(Deserialize)]
struct Head {
    kernel: String,
    about: String,
    last_pid: i64,
    pid_max: i64,
    steps: Vec<Line>,
}

/// A line of the script, and what was seen after it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    who: i64,
    op: String,
    #[serde(default)]
    child: i64,
    signal: Option<String>,
    #[serde(default)]
    code: i64,
    #[serde(default)]
    kib: i64,
    #[serde(default)]
    from_kib: i64,
    /// What the call returned: PID and errno of a fork, PIDs of a reap, faults of a write.
    got: Option<Vec<i64>>,
    /// PID, errno and status of waits that returned.
    #[serde(default)]
    returned: BTreeMap<i64, [i64; 3]>,
    /// PID, parent, state and threads of every process.
    tasks: Vec<(i64, i64, char, i64)>,
    /// Rss, Pss, Shared_Dirty and Private_Dirty of what was mapped, kB.
    #[serde(default)]
    pages: BTreeMap<i64, [u64; 4]>,
}

fn named<T: Copy>(names: &[(&'static str, T)], name: &str) -> Option<T> {
    names.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

impl Line {
    fn step(&self, at_ms: i64) -> Option<Step> {
        let Line { who, child, code, kib, from_kib, .. } = *self;
        let signal = self.signal.as_deref().map_or(Some(Signal::Term), |name| named(&Signal::NAMES, name))?;
        let op = named(&Op::NAMES, &self.op)?;
        Some(Step { child, code, kib, from_kib, signal, program: Program::Sleep, ..Step::new(at_ms, who, op) })
    }
}

/// Time between two lines: nothing else happens meanwhile.
const EACH_MS: i64 = 10;

/// Replays one trace.
///
/// # Errors
/// Files that are missing or do not parse.
pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    let head: Head = trace.json("json")?;
    let kernel: KernelVersion =
        head.kernel.parse().map_err(|_| trace.error("json", format!("kernel {:?} is not a release", head.kernel)))?;
    let mut steps = Vec::new();
    for (i, line) in head.steps.iter().enumerate() {
        let step = line.step((i as i64 + 1) * EACH_MS);
        steps.push(step.ok_or_else(|| trace.error("json", format!("step {i}: {:?} is not known", line.op)))?);
    }
    let scenario = Scenario {
        kernel,
        duration_ms: ((steps.len() as i64 + 2) * EACH_MS).max(100),
        last_pid: head.last_pid,
        pid_max: head.pid_max,
        init_reaps: 0,
        kernel_threads: 0,
        steps,
        ..Scenario::default()
    };
    let valid = Valid::new(scenario).map_err(|problems| {
        let said: Vec<_> = problems.iter().map(|problem| problem.text().en.into_owned()).collect();
        trace.error("json", said.join("; "))
    })?;
    let mut model = ProcessLife::start(&valid);
    let mut tally = Tally::new(&head.kernel, 0.0);
    for (i, line) in head.steps.iter().enumerate() {
        let place = format!("step {i} {}", line.op);
        let before = model.clone();
        let at = ms((i as i64 + 1) * EACH_MS);
        let mut log = Log::silent();
        while model.advance(at, &mut log) || model.now() < at {}
        compare(&place, line, &before, &model, &mut tally);
    }
    tally.note(format!("{}: {} lines of the script", head.about, head.steps.len()));
    Ok(tally)
}

fn who(model: &ProcessLife, name: i64) -> Option<&Process> {
    let mut all = model.engine().processes().values();
    all.find(|process| process.name == name && process.alive())
}

fn compare(place: &str, line: &Line, before: &ProcessLife, after: &ProcessLife, tally: &mut Tally) {
    let engine = after.engine();
    let task = |p: &Process| (p.pid, p.ppid, p.letter(), p.nr_threads());
    let tasks: Vec<_> = engine.processes().values().map(task).collect();
    tally.same(&format!("{place} tasks"), &format!("{tasks:?}"), &format!("{:?}", line.tasks));
    if let Some(got) = line.got.as_ref().and_then(|_| returned(line, before, after)) {
        tally.same(
            &format!("{place} returned"),
            &format!("{got:?}"),
            &format!("{:?}", line.got.iter().flatten().collect::<Vec<_>>()),
        );
    }
    for (name, want) in &line.returned {
        let got = who(after, *name).and_then(|process| process.waited);
        tally.same(&format!("{place} wait"), &format!("{got:?}"), &format!("{:?}", Some(*want)));
    }
    for (name, want) in &line.pages {
        let got = who(after, *name).map(|process| {
            // The first area is the program's own.
            let held = engine.memory.held_beyond(process.space, 1);
            [held.rss() * 4, held.pss_kb(), held.shared * 4, held.private * 4]
        });
        tally.same(&format!("{place} pages of {name}"), &format!("{got:?}"), &format!("{:?}", Some(*want)));
    }
}

/// What the call of a line returned in the model.
fn returned(line: &Line, before: &ProcessLife, after: &ProcessLife) -> Option<Vec<i64>> {
    let (was, is) = (before.engine(), after.engine());
    match line.op.as_str() {
        "fork" | "vfork" | "clone" if is.refused > was.refused => Some(vec![-1, is.rules().no_pid]),
        "fork" | "vfork" | "clone" => Some(vec![is.last_pid(), 0]),
        "reap" => {
            let children = &who(before, line.who)?.children;
            Some(children.iter().filter(|child| !is.processes().contains_key(child)).copied().collect())
        }
        "write" => {
            let faults = |model| who(model, line.who).map(|process| process.minflt as i64);
            Some(vec![faults(after)? - faults(before)?])
        }
        _ => None,
    }
}
