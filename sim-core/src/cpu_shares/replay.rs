//! Recorded runs of pinned loops held against the model.
//!
//! A machine that does other work as well gives these tasks less than the whole CPU, and its loops
//! run on when the recorder reads. What the model is held to is therefore not when somebody ran but
//! how the time that they had together was divided.

use serde::Deserialize;

use super::CpuShares;
use super::scenario::{Group, Scenario, Task, letter};
use crate::fidelity::{GoldenError, Tally, Trace};
use crate::scenario::Valid;
use crate::{KernelVersion, MILLISECOND, Model, SECOND, Text};

/// What is in `RUN.json`.
#[derive(Deserialize)]
struct Head {
    kernel: String,
    hz: i64,
    cpus: i64,
    #[serde(default)]
    groups: Vec<HeadGroup>,
    #[serde(default)]
    tasks: Vec<HeadTask>,
    /// Whether others had next to nothing of the CPU.
    #[serde(default)]
    alone: bool,
    /// What the recording added to `cpu.stat` of the only group.
    cpu_stat: Option<CpuStat>,
    /// Pairs of which only the ratio was written down.
    #[serde(default)]
    pairs: Vec<Pair>,
    /// Tasks that wake up beside loops, of which the mean latency was written down.
    #[serde(default)]
    wakes: Vec<Wake>,
}

#[derive(Deserialize)]
struct HeadGroup {
    cpu_weight: i64,
    #[serde(default)]
    quota_us: i64,
    #[serde(default = "usual_period")]
    period_us: i64,
}

fn usual_period() -> i64 {
    100_000
}

#[derive(Deserialize)]
struct HeadTask {
    nice: i64,
    #[serde(default = "no_group")]
    group: i64,
}

fn no_group() -> i64 {
    -1
}

#[derive(Deserialize)]
struct CpuStat {
    nr_periods: f64,
    nr_throttled: f64,
}

#[derive(Deserialize)]
struct Pair {
    nice: [i64; 2],
    ratio: f64,
    cpu_ms: i64,
}

/// A task that works for 1 ms and sleeps for 8 to 15 ms, beside so many loops.
#[derive(Deserialize)]
struct Wake {
    loops: usize,
    seconds: i64,
    mean_ms: f64,
}

/// One task at one reading.
struct Sample {
    t_us: i64,
    task: usize,
    exec_ns: u64,
    pcount: u64,
}

/// How many times more often a task may have had the CPU than in the model, or less: kernel threads
/// cut turns in two.
const MORE_TURNS: f64 = 1.10;
/// How far the mean latency of 566 wake-ups may be off, ms. Single ones spread with a standard
/// deviation of 2.0 ms (measured in a fourth run), so that two such means differ by up to three times
/// 2.0 · √(2 / 566).
const MEAN_LATENCY_MS: f64 = 0.36;
/// Periods that the recorder's own beginning and end make, of 100 ms each.
const PERIODS: f64 = 3.0;

/// Replays one trace.
///
/// # Errors
/// Files that are missing, do not parse, or describe a machine the model refuses.
pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    let head: Head = trace.json("json")?;
    let mut tally = Tally::new(&head.kernel, 0.0);
    tally.measured_in(Text::fixed(" ms(CPU 시간)", " ms of CPU time"));
    if !head.pairs.is_empty() {
        for pair in &head.pairs {
            replay_pair(trace, &head, pair, &mut tally)?;
        }
        tally.note(format!("{} ratios", head.pairs.len()));
        return Ok(tally);
    }
    if !head.wakes.is_empty() {
        tally.measured_in(Text::fixed(" ms", " ms"));
        for wake in &head.wakes {
            replay_wake(trace, &head, wake, &mut tally)?;
        }
        tally.note(format!("mean latency of {} runs", head.wakes.len()));
        return Ok(tally);
    }
    let samples = trace.csv("samples.csv", |row| {
        Ok(Sample {
            t_us: row.get("t_us")?,
            task: row.get("task")?,
            exec_ns: row.get("exec_ns")?,
            pcount: row.get("pcount")?,
        })
    })?;
    let tasks: Vec<_> = head.tasks.iter().map(|task| (task.nice, task.group)).collect();
    if tasks.is_empty() || samples.iter().enumerate().any(|(i, sample)| sample.task != i % tasks.len()) {
        return Err(trace.error("samples.csv", format!("expected {} tasks in turn at each reading", tasks.len())));
    }
    let readings: Vec<_> = samples.chunks_exact(tasks.len()).collect();
    let longest = readings.iter().map(|reading| reading[0].t_us).max().unwrap_or(0) / 1000 + 1000;
    let tasks = endless(&tasks, longest);
    let mut model = start(trace, &head, tasks, longest)?;
    match &head.cpu_stat {
        Some(stat) => replay_quota(&head, stat, &readings, &mut model, &mut tally),
        None => replay_shares(&head, &readings, &mut model, &mut tally),
    }
    Ok(tally)
}

/// Loops of these nice values, each in its group.
fn endless(tasks: &[(i64, i64)], duration_ms: i64) -> Vec<Task> {
    tasks.iter().map(|(nice, group)| Task::new(*nice, duration_ms).in_group(*group)).collect()
}

fn start(trace: &Trace<'_>, head: &Head, tasks: Vec<Task>, duration_ms: i64) -> Result<CpuShares, GoldenError> {
    let kernel: KernelVersion =
        head.kernel.parse().map_err(|_| trace.error("json", format!("kernel {:?} is not a release", head.kernel)))?;
    let group = |group: &HeadGroup| {
        let HeadGroup { cpu_weight, quota_us, period_us } = *group;
        Group { cpu_weight, quota_us, period_us }
    };
    let scenario = Scenario {
        kernel,
        hz: head.hz,
        cpus: head.cpus,
        duration_ms,
        groups: head.groups.iter().map(group).collect(),
        tasks,
        ..Scenario::default()
    };
    let valid = Valid::<CpuShares>::new(scenario).map_err(|problems| {
        let problems: Vec<_> = problems.iter().map(|problem| problem.text().en.into_owned()).collect();
        trace.error("json", problems.join("; "))
    })?;
    Ok(CpuShares::start(&valid))
}

/// How far a task may be from where the model has it, ns.
///
/// EEVDF keeps every task within a slice and a tick of its share, and that is how far the recording
/// and the model can each be when they are cut, in opposite directions. What `schedstat` shows of who
/// runs is up to a tick old.
fn tolerance(head: &Head, model: &CpuShares) -> u64 {
    let tick = SECOND / head.hz.max(1) as u64;
    2 * (model.engine.fair.times.base_slice + tick) + tick
}

fn as_ms(ns: u64) -> f64 {
    ns as f64 / MILLISECOND as f64
}

/// The same CPU time together has to be divided in the same way.
fn replay_shares(head: &Head, readings: &[&[Sample]], model: &mut CpuShares, tally: &mut Tally) {
    let tolerance = as_ms(tolerance(head, model));
    let mut had = 0;
    for (i, reading) in readings.iter().enumerate() {
        had = reading.iter().map(|sample| sample.exec_ns).sum();
        // Nobody sleeps, so the model's clock is the CPU time of all.
        model.advance_to(had);
        for sample in *reading {
            let place = format!("reading {i} task {}", letter(sample.task));
            tally.number_within(&place, as_ms(model.exec(sample.task)), as_ms(sample.exec_ns), tolerance);
        }
    }
    tally.note(format!("how {:.0} ms were divided, read {} times", as_ms(had), readings.len()));
    if let Some(last) = readings.last().filter(|_| head.alone) {
        for sample in *last {
            let turns = model.engine.tasks[sample.task].pcount as f64;
            // Two more: the first and the last turn are cut.
            let allowed = (turns / MORE_TURNS - 2.0, turns * MORE_TURNS + 2.0);
            tally.check((allowed.0..=allowed.1).contains(&(sample.pcount as f64)), || {
                format!("turns of {}: model {turns}, recorded {}", letter(sample.task), sample.pcount)
            });
        }
        tally.note("how often each had the CPU".to_owned());
    }
}

/// A group's quota. Where in a period the recording began is not known, so everything may be off by
/// one; and in a period that did not end throttled other work may have kept the group from its quota.
/// How long it was stopped follows from what it had and what others had, and is not compared.
fn replay_quota(head: &Head, stat: &CpuStat, readings: &[&[Sample]], model: &mut CpuShares, tally: &mut Tally) {
    let quota = as_ms(head.groups.iter().map(|group| group.quota_us.max(0) as u64 * 1000).sum());
    let tolerance = as_ms(tolerance(head, model)) + quota;
    let kept = quota * (stat.nr_periods - stat.nr_throttled).max(0.0);
    for (i, reading) in readings.iter().enumerate() {
        model.advance_to(reading[0].t_us.max(0) as u64 * 1000);
        for sample in *reading {
            let (got, want) = (as_ms(model.exec(sample.task)), as_ms(sample.exec_ns));
            let place = format!("reading {i} task {}", letter(sample.task));
            tally.number_between(&place, got, want, (got - tolerance - kept, got + tolerance));
        }
    }
    let counted = &model.engine.fair.bandwidth[0];
    for (name, got, want) in [
        ("nr_periods", counted.nr_periods as f64, stat.nr_periods),
        ("nr_throttled", counted.nr_throttled as f64, stat.nr_throttled),
    ] {
        let same = (got - want).abs() <= PERIODS;
        tally.check(same, || format!("{name}: model {got}, recorded {want}, allowed {PERIODS} more or less"));
    }
    tally.note(format!("{} readings, nr_periods and nr_throttled", readings.len()));
}

/// Only the ratio is known: the smaller time follows from it, and is held to the same.
fn replay_pair(trace: &Trace<'_>, head: &Head, pair: &Pair, tally: &mut Tally) -> Result<(), GoldenError> {
    let [a, b] = pair.nice;
    let mut model = start(trace, head, endless(&[(a, -1), (b, -1)], pair.cpu_ms), pair.cpu_ms)?;
    model.advance_to(model.ends());
    let tolerance = as_ms(tolerance(head, &model));
    let recorded = pair.cpu_ms as f64 / (1.0 + pair.ratio);
    tally.number_within(&format!("nice {a} and {b}"), as_ms(model.exec(1)), recorded, tolerance);
    Ok(())
}

/// When each wake-up fell is not known; their mean latency is.
fn replay_wake(trace: &Trace<'_>, head: &Head, wake: &Wake, tally: &mut Tally) -> Result<(), GoldenError> {
    let duration_ms = wake.seconds.saturating_mul(1000);
    let mut tasks = vec![Task::new(0, duration_ms).sleeping(1000, 8000, 7000)];
    // More than the model takes is refused by it.
    tasks.extend((0..wake.loops.min(64)).map(|_| Task::new(0, duration_ms)));
    let mut model = start(trace, head, tasks, duration_ms)?;
    model.advance_to(model.ends());
    let sleeper = &model.engine.tasks[0];
    let mean = as_ms(sleeper.latency_sum) / sleeper.wakeups.max(1) as f64;
    tally.number_within("mean latency", mean, wake.mean_ms, MEAN_LATENCY_MS);
    Ok(())
}
