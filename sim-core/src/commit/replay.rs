//! Recorded figures held against the model: promises, refusals, page tables, scores, and whom the OOM
//! killer picked.

use std::rc::Rc;

use serde::Deserialize;

use super::account::{Ask, Machine, Policy};
use super::engine::{ENOMEM, Engine, State};
use super::oom::{Candidate, oom_score, select};
use super::scenario::{Kind, Op, Scenario, Start, Step};
use super::touch::Work;
use super::{Commit, Rules};
use crate::anon::PAGE_KB;
use crate::fidelity::{GoldenError, Tally, Trace};
use crate::process_life::Program;
use crate::scenario::Valid;
use crate::{KernelVersion, Log};

/// `RUN.json`: a recording holds one or two of the lists.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    kernel: String,
    about: String,
    /// RAM and swap, pages.
    #[serde(default)]
    totalram: u64,
    #[serde(default)]
    swap: u64,
    /// What the recorded process itself was promised, kB.
    #[serde(default)]
    base_kb: u64,
    #[serde(default)]
    steps: Vec<Line>,
    /// Kind, pages, errno.
    #[serde(default)]
    requests: Vec<(String, u64, i64)>,
    /// RAM, huge pages, swap (pages), ratio, kbytes, CommitLimit (kB).
    #[serde(default)]
    limits: Vec<[u64; 6]>,
    /// Ratio, Committed_AS before, total_vm, largest granted mmap (pages).
    #[serde(default)]
    largest: Vec<[u64; 4]>,
    /// KiB mapped and touched; growth of VmSize, VmRSS, VmPTE (kB); faults.
    #[serde(default)]
    touched: Vec<[u64; 5]>,
    /// RSS, swap, page tables (pages), oom_score_adj, oom_score.
    #[serde(default)]
    scores: Vec<[i64; 5]>,
    #[serde(default)]
    kills: Vec<Kill>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    who: usize,
    op: String,
    kind: Option<String>,
    #[serde(default)]
    kib: u64,
    #[serde(default)]
    child: usize,
    delta_kb: i64,
    /// How many of the repetitions gave this difference.
    #[serde(rename = "agree")]
    _agree: u64,
}

/// The kernel's table of tasks before a kill.
#[derive(Deserialize)]
struct Kill {
    name: String,
    totalpages: u64,
    /// PID, total_vm, RSS (pages), page tables (bytes), swap entries, oom_score_adj.
    tasks: Vec<[i64; 6]>,
    killed: i64,
}

fn kind(name: &str) -> Option<Kind> {
    Kind::NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

/// Replays one trace.
///
/// # Errors
/// Files that are missing or do not parse.
pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    let head: Head = trace.json("json")?;
    let fail = |what: String| trace.error("json", what);
    let kernel: KernelVersion =
        head.kernel.parse().map_err(|_| fail(format!("kernel {:?} is not a release", head.kernel)))?;
    let rules = Rules::of(kernel).map_err(|why| fail(why.en.into_owned()))?;
    let mut tally = Tally::new(&head.kernel, 0.0);
    if !head.steps.is_empty() {
        accounting(&head, kernel, &mut tally).map_err(fail)?;
    }
    for (name, pages, errno) in &head.requests {
        let kind = kind(name).ok_or_else(|| fail(format!("kind {name:?} is not known")))?;
        tally.same(
            &format!("{name} {pages} pages"),
            &request(&head, rules, kind, *pages).to_string(),
            &errno.to_string(),
        );
    }
    for row in &head.limits {
        let [totalram, hugetlb, swap, ratio, kbytes, want] = *row;
        let machine = Machine { totalram, hugetlb, swap, ..Machine::default() };
        let limit = Policy { ratio, kbytes, ..policy(0) }.limit(&machine) * PAGE_KB;
        tally.number("CommitLimit", limit as f64, want as f64);
    }
    for row in &head.largest {
        let [ratio, committed, total_vm, want] = *row;
        tally.number("largest mmap", largest(&head, rules, ratio, committed, total_vm) as f64, want as f64);
    }
    for row in &head.touched {
        touched(row, kernel, &mut tally).map_err(fail)?;
    }
    for [rss, swap, tables, adj, want] in &head.scores {
        let size = |pages: &i64| u64::try_from(*pages).unwrap_or(0);
        let who = Candidate { rss: size(rss), swap: size(swap), tables: size(tables), adj: *adj, root: true };
        let got = oom_score(rules, &who, head.totalram + head.swap);
        tally.number(&format!("oom_score at {adj}"), got as f64, *want as f64);
    }
    for kill in &head.kills {
        let of = |[_, _, rss, tables, swap, adj]: &[i64; 6]| Candidate {
            rss: *rss as u64,
            swap: *swap as u64,
            tables: *tables as u64 / 4096,
            adj: *adj,
            root: true,
        };
        let candidates: Vec<_> = kill.tasks.iter().map(of).collect();
        let got = select(rules, &candidates, kill.totalpages).map(|i| kill.tasks[i][0]);
        tally.same(&format!("killed, {}", kill.name), &format!("{got:?}"), &format!("{:?}", Some(kill.killed)));
    }
    tally.note(head.about);
    Ok(tally)
}

fn policy(mode: i64) -> Policy {
    Policy { mode, ratio: 50, kbytes: 0, admin_reserve_kb: 8192, user_reserve_kb: 131_072 }
}

/// One request in mode 0: 0 or ENOMEM.
fn request(head: &Head, rules: Rules, kind: Kind, pages: u64) -> i64 {
    if matches!(kind, Kind::Noreserve | Kind::Readonly) {
        return 0;
    }
    let machine = Machine { totalram: head.totalram, swap: head.swap, ..Machine::default() };
    let ask = Ask { pages, committed: 0, total_vm: 0, root: true };
    if policy(0).enough(rules, &machine, &ask) { 0 } else { ENOMEM }
}

/// The largest request of root that mode 2 grants, pages.
fn largest(head: &Head, rules: Rules, ratio: u64, committed: u64, total_vm: u64) -> u64 {
    let machine = Machine { totalram: head.totalram, swap: head.swap, ..Machine::default() };
    let policy = Policy { ratio, ..policy(2) };
    let granted = |pages| policy.enough(rules, &machine, &Ask { pages, committed, total_vm, root: true });
    let (mut low, mut high) = (0, head.totalram + head.swap + 1);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if granted(middle) { low = middle } else { high = middle }
    }
    low
}

/// A machine with so many processes of which only one is there.
fn machine(kernel: KernelVersion, processes: usize, only: usize) -> Result<Engine, String> {
    let forks = (0..processes).filter(|i| *i != only);
    let fork = |i: usize| Step { child: i as i64, ..Step::new(100, only as i64, Op::Fork, 0) };
    let scenario = Scenario {
        kernel,
        duration_ms: 100,
        processes: vec![Start::new(Program::Sleep); processes],
        steps: forks.map(fork).collect(),
        ..Scenario::default()
    };
    let valid = Valid::<Commit>::new(scenario).map_err(|problems| problems[0].text().en.into_owned())?;
    let rules = Rules::of(kernel).map_err(|why| why.en.into_owned())?;
    Ok(Engine::new(Rc::new((*valid).clone()), rules))
}

fn touch(engine: &mut Engine, who: usize, pages: u64) {
    let work = Work::new(false, pages, engine.now, 0);
    engine.processes[who].work.push_back(work);
    engine.go_on(who, &mut Log::silent());
}

fn accounting(head: &Head, kernel: KernelVersion, tally: &mut Tally) -> Result<(), String> {
    let count = head.steps.iter().map(|line| line.who.max(line.child)).max().unwrap_or(0) + 1;
    if count > super::params::MAX_ENTRIES {
        return Err(format!("{count} processes are too many"));
    }
    let first = head.steps[0].who;
    let mut engine = machine(kernel, count, first)?;
    // What the recorded program had been promised itself.
    let own = engine.promised(first);
    engine.map(first, Kind::Private, (head.base_kb / PAGE_KB).saturating_sub(own));
    let before = engine.processes[first].maps.len();
    for (i, line) in head.steps.iter().enumerate() {
        let was = engine.committed();
        let pages = line.kib.div_ceil(PAGE_KB);
        match line.op.as_str() {
            "mmap" => {
                let kind = line.kind.as_deref().and_then(kind).ok_or("a mmap without a kind")?;
                engine.map(line.who, kind, pages);
            }
            "munmap" => {
                engine.unmap(line.who);
            }
            "touch" => touch(&mut engine, line.who, pages),
            "fork" => {
                engine.fork(line.who, line.child);
            }
            "exit" => engine.end(line.who, State::Exited),
            other => return Err(format!("step {i}: {other:?} is not known")),
        }
        let delta = (engine.committed() as i64 - was as i64) * PAGE_KB as i64;
        tally.number(&format!("step {i} {} Committed_AS", line.op), delta as f64, line.delta_kb as f64);
    }
    tally.check(engine.processes[first].maps.len() == before, || "mappings are left at the end".into());
    tally.check(engine.committed() == engine.parts(), || "promises are not the sum of their parts".into());
    Ok(())
}

fn touched(
    [kib, size, rss, tables, faults]: &[u64; 5],
    kernel: KernelVersion,
    tally: &mut Tally,
) -> Result<(), String> {
    let mut engine = machine(kernel, 1, 0)?;
    let look = |engine: &Engine| {
        [
            engine.total_vm(0) * PAGE_KB,
            engine.rss(0) * PAGE_KB,
            engine.tables_of(0) * PAGE_KB,
            engine.processes[0].faults,
        ]
    };
    let before = look(&engine);
    engine.map(0, Kind::Private, kib.div_ceil(PAGE_KB));
    touch(&mut engine, 0, kib.div_ceil(PAGE_KB));
    for (((name, want), now), was) in
        ["VmSize", "VmRSS", "VmPTE", "faults"].iter().zip([size, rss, tables, faults]).zip(look(&engine)).zip(before)
    {
        tally.number(&format!("{kib} KiB: {name}"), (now - was) as f64, *want as f64);
    }
    Ok(())
}
