//! Recorded traces held against the model.
//!
//! Two layouts: `updates.csv` with `samples.jsonl` (a whole boot, each update with the count that
//! made it, and the text once a second), and `rows` (pairs of consecutive updates).

use serde::Deserialize;

use super::Rules;
use super::calc::{EXP, active_load, calc_load, calc_load_n, print_load};
use crate::KernelVersion;
use crate::fidelity::{GoldenError, Tally, Trace};

/// What is in `RUN.json`.
#[derive(Deserialize)]
struct Head {
    kernel: String,
    hz: u64,
    #[serde(default)]
    rows: Option<Vec<Row>>,
}

#[derive(Deserialize)]
struct Row {
    prev: [u64; 3],
    nr_active: Active,
    next: [u64; 3],
    text: Option<String>,
}

/// One count, or one for each update when a gap held several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Active {
    One(i64),
    Several(Vec<i64>),
}

struct Update {
    mono_s: f64,
    calc_load_update: u64,
    calc_load_tasks: i64,
    avenrun: [u64; 3],
}

#[derive(Deserialize)]
struct Sample {
    mono: f64,
    l1: String,
    l5: String,
    l15: String,
}

/// A sample's clock is read after its text: an update in between shows the old figures. The
/// recorder took no longer than this.
const STRADDLE_S: f64 = 0.05;

/// Replays one trace.
///
/// # Errors
/// Files that are missing or do not parse.
pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    let head: Head = trace.json("json")?;
    let kernel: KernelVersion =
        head.kernel.parse().map_err(|_| trace.error("json", format!("kernel {:?} is not a release", head.kernel)))?;
    // The rounding needs no NO_HZ rules: the recorded counts are already folded.
    let rules = Rules::of(kernel, false).map_err(|why| trace.error("json", why.en.into_owned()))?;
    let mut tally = Tally::new(&head.kernel, 0.0);
    if let Some(rows) = &head.rows {
        replay_rows(rules, rows, &mut tally);
    } else {
        let updates = read_updates(trace)?;
        replay_updates(rules, head.hz, &updates, trace, &mut tally)?;
        replay_samples(&updates, &trace.json_lines("samples.jsonl")?, &mut tally);
    }
    Ok(tally)
}

fn step(rules: Rules, avenrun: [u64; 3], active: i64) -> [u64; 3] {
    let mut next = avenrun;
    for (load, exp) in next.iter_mut().zip(EXP) {
        *load = calc_load(rules.rounding, *load, exp, active_load(active));
    }
    next
}

fn text(avenrun: [u64; 3]) -> String {
    avenrun.map(print_load).join(" ")
}

fn replay_rows(rules: Rules, rows: &[Row], tally: &mut Tally) {
    for (i, row) in rows.iter().enumerate() {
        let counts = match &row.nr_active {
            Active::One(count) => std::slice::from_ref(count),
            Active::Several(counts) => counts,
        };
        let next = counts.iter().fold(row.prev, |avenrun, active| step(rules, avenrun, *active));
        compare(tally, &format!("row {i}"), next, row.next);
        if let Some(want) = &row.text {
            tally.same(&format!("row {i} text"), &text(next), want);
        }
    }
    tally.note(format!("{} updates and their texts", rows.len()));
}

fn compare(tally: &mut Tally, place: &str, got: [u64; 3], want: [u64; 3]) {
    for (i, name) in ["avenrun1", "avenrun5", "avenrun15"].into_iter().enumerate() {
        tally.number(&format!("{place} {name}"), got[i] as f64, want[i] as f64);
    }
}

fn read_updates(trace: &Trace<'_>) -> Result<Vec<Update>, GoldenError> {
    trace.csv("updates.csv", |row| {
        Ok(Update {
            mono_s: row.get("mono_s")?,
            calc_load_update: row.get("calc_load_update")?,
            calc_load_tasks: row.get("calc_load_tasks")?,
            avenrun: [row.get("avenrun1")?, row.get("avenrun5")?, row.get("avenrun15")?],
        })
    })
}

fn replay_updates(
    rules: Rules,
    hz: u64,
    updates: &[Update],
    trace: &Trace<'_>,
    tally: &mut Tally,
) -> Result<(), GoldenError> {
    let freq = rules.load_freq(hz);
    for (i, pair) in updates.windows(2).enumerate() {
        let (from, to) = (&pair[0], &pair[1]);
        let ticks = to.calc_load_update.wrapping_sub(from.calc_load_update);
        // 1 is the update itself; windows beyond it were made up for in bulk.
        let steps = ticks / freq;
        if steps == 0 || ticks % freq != 0 {
            return Err(trace.error(
                "updates.csv",
                format!("line {}: calc_load_update moved by {ticks} ticks, expected a multiple of {freq}", i + 3),
            ));
        }
        let mut next = step(rules, from.avenrun, to.calc_load_tasks);
        if steps > 1 {
            for (load, exp) in next.iter_mut().zip(EXP) {
                *load = calc_load_n(rules.rounding, *load, exp, active_load(to.calc_load_tasks), steps - 1);
            }
        }
        compare(tally, &format!("update {}", i + 1), next, to.avenrun);
    }
    tally.note(format!("{} updates", updates.len().saturating_sub(1)));
    Ok(())
}

fn replay_samples(updates: &[Update], samples: &[Sample], tally: &mut Tally) {
    let mut straddled = 0;
    let mut compared = 0;
    for (i, sample) in samples.iter().enumerate() {
        let shown = format!("{} {} {}", sample.l1, sample.l5, sample.l15);
        let known = updates.partition_point(|update| update.mono_s <= sample.mono);
        // Before the first recorded update the figures are not known.
        let Some(last) = known.checked_sub(1) else { continue };
        let want = text(updates[last].avenrun);
        let just_before = last > 0 && sample.mono - updates[last].mono_s < STRADDLE_S;
        if shown != want && just_before && shown == text(updates[last - 1].avenrun) {
            straddled += 1;
            continue;
        }
        compared += 1;
        tally.same(&format!("sample {i} text"), &want, &shown);
    }
    tally.note(format!("{compared} printed texts"));
    if straddled > 0 {
        tally.note(format!("{straddled} texts read during an update show the figures before it"));
    }
}
