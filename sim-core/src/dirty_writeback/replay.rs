//! Recorded traces held against the model: each decision of a real kernel, given what it saw.
//!
//! Two layouts: `rows` (rate updates, each with everything it was made of), and a whole run of one
//! writer (`samples.csv`, `bdp.csv`, `ratelimit.csv`, `zoneinfo`), which is also run again from its
//! beginning (see [`super::closed`]).

use serde::Deserialize;

use super::calc::{self, Decision, ONE, Position, Rates, Settings, Thresholds};
use super::closed;
use super::rules::Rules;
use crate::fidelity::{GoldenError, Row, Tally, Trace};
use crate::{KernelVersion, Text};

/// Ticks a second of every recorded kernel that does not say otherwise.
const HZ: u64 = 250;
/// A decision follows its rate update within this, s.
const UPDATE_TO_DECISION_S: f64 = 0.003;
/// A decision takes no longer than this from its first look at the clock to its record, s, though
/// the tick between the two may let the flusher run first.
const DECISION_S: f64 = 0.003;
/// The recorder's clock may be behind the tick by this, s.
const CLOCKS_APART_S: f64 = 0.00002;
/// How far from the threshold the repeated run may be, % of the threshold.
const TOLERANCE: f64 = 5.0;

/// What is in `RUN.json`.
#[derive(Deserialize)]
struct Head {
    kernel: String,
    #[serde(alias = "HZ", default)]
    hz: Option<u64>,
    #[serde(default)]
    rows: Option<Vec<RateRow>>,
    #[serde(default)]
    cpus: Option<u64>,
    #[serde(default)]
    writer: String,
    #[serde(default)]
    sysctl: Vec<String>,
}

/// One rate update with its inputs.
#[derive(Deserialize)]
struct RateRow {
    thresh: u64,
    bg_thresh: u64,
    dom_limit_before: u64,
    dirty: u64,
    wb_thresh: u64,
    wb_dirty: u64,
    avg_write_bandwidth: u64,
    dirty_rate: u64,
    old_dirty_ratelimit: u64,
    old_balanced: u64,
    pos_ratio: u64,
    new_balanced: u64,
    new_dirty_ratelimit: u64,
    task_ratelimit: u64,
}

/// What a whole run was made under.
pub(super) struct Setup {
    pub rules: Rules,
    pub hz: u64,
    pub cpus: u64,
    pub settings: Settings,
    pub writer: String,
    sysctl: Vec<String>,
}

impl Setup {
    /// A setting of the run, if it was written down.
    pub fn sysctl(&self, name: &str) -> Option<u64> {
        let lines = self.sysctl.iter().filter_map(|line| line.split_once('='));
        lines.filter(|(key, _)| *key == name).find_map(|(_, value)| value.trim().parse().ok())
    }
}

/// Replays one trace.
///
/// # Errors
/// Files that are missing or do not parse.
pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    let head: Head = trace.json("json")?;
    let kernel: KernelVersion =
        head.kernel.parse().map_err(|_| trace.error("json", format!("kernel {:?} is not a release", head.kernel)))?;
    let rules = Rules::of(kernel).map_err(|why| trace.error("json", why.en.into_owned()))?;
    let hz = head.hz.unwrap_or(HZ);
    if !(24..=10_000).contains(&hz) {
        return Err(trace.error("json", format!("hz = {hz}: expected 24 to 10000")));
    }
    if let Some(rows) = &head.rows {
        let mut tally = Tally::new(&head.kernel, 0.0);
        for (i, row) in rows.iter().enumerate() {
            replay_row(rules, row, &format!("row {i}"), &mut tally);
        }
        tally.note(format!("{} rate updates: position ratio, balanced rate, rate limit, task rate", rows.len()));
        return Ok(tally);
    }
    let mut setup = Setup {
        rules,
        hz,
        cpus: head.cpus.unwrap_or(1).clamp(1, 4096),
        settings: Settings::default(),
        writer: head.writer,
        sysctl: head.sysctl,
    };
    let setting = |name| setup.sysctl(name).ok_or_else(|| trace.error("json", format!("sysctl does not name {name}")));
    setup.settings = Settings {
        dirty_ratio: setting("dirty_ratio")?.min(100),
        dirty_background_ratio: setting("dirty_background_ratio")?.min(100),
        dirty_bytes: setting("dirty_bytes")?,
        dirty_background_bytes: setting("dirty_background_bytes")?,
    };
    let mut tally = Tally::new(&head.kernel, TOLERANCE);
    tally.measured_in(Text::fixed("%", " % of the threshold"));
    let samples = closed::read_samples(trace)?;
    let reserve = closed::read_reserve(trace)?;
    closed::replay_thresholds(&setup, &samples, reserve, &mut tally);
    let decisions = read_decisions(trace)?;
    let updates = read_updates(trace)?;
    replay_decisions(&setup, &decisions, &updates, &mut tally);
    closed::replay_run(trace, &setup, &samples, reserve, &decisions, &mut tally)?;
    Ok(tally)
}

fn exact(tally: &mut Tally, place: &str, name: &str, got: u64, want: u64) {
    tally.number_within(&format!("{place} {name}"), got as f64, want as f64, 0.0);
}

/// Numbers of a trace are not trusted to be small enough to be multiplied.
fn sane(numbers: &[u64]) -> bool {
    numbers.iter().all(|n| *n < 1 << 32)
}

fn replay_row(rules: Rules, row: &RateRow, place: &str, tally: &mut Tally) {
    if !sane(&[row.thresh, row.bg_thresh, row.dom_limit_before, row.dirty, row.wb_thresh, row.wb_dirty])
        || !sane(&[row.avg_write_bandwidth, row.dirty_rate, row.old_dirty_ratelimit, row.old_balanced])
    {
        tally.same(place, "", "a number of 2^32 or more");
        return;
    }
    let mut p = Position {
        thresholds: Thresholds { thresh: row.thresh, bg_thresh: row.bg_thresh },
        limit: row.thresh.max(row.dom_limit_before),
        dirty: row.dirty,
        wb_thresh: row.wb_thresh,
        wb_dirty: row.wb_dirty,
        avg_write_bandwidth: row.avg_write_bandwidth,
        strictlimit: false,
    };
    let pos_ratio = calc::position_ratio(rules, &p);
    exact(tally, place, "pos_ratio", pos_ratio, row.pos_ratio);
    p.limit = row.thresh.max(calc::update_dirty_limit(row.dom_limit_before, row.thresh, row.dirty));
    let mut rates = Rates {
        avg_write_bandwidth: row.avg_write_bandwidth,
        dirty_ratelimit: row.old_dirty_ratelimit,
        balanced_dirty_ratelimit: row.old_balanced,
        ..Rates::default()
    };
    rates.update_dirty_ratelimit(&p, pos_ratio, row.dirty_rate);
    exact(tally, place, "new_balanced", rates.balanced_dirty_ratelimit, row.new_balanced);
    exact(tally, place, "new_dirty_ratelimit", rates.dirty_ratelimit, row.new_dirty_ratelimit);
    let task_ratelimit = rates.dirty_ratelimit.wrapping_mul(pos_ratio) / ONE as u64;
    exact(tally, place, "task_ratelimit", task_ratelimit, row.task_ratelimit);
}

/// A row of `bdp.csv`: what a writer was looked at with, and what came of it.
pub(super) struct Seen {
    pub t_s: f64,
    p: Position,
    /// The limit as it was told: on older kernels the machine's slow one after a rate update, on
    /// newer ones the one in force before it.
    limit_told: u64,
    setpoint: u64,
    bdi_setpoint: Option<u64>,
    rate: u64,
    task_rate: u64,
    pub dirtied: u64,
    dirtied_pause: u64,
    pub pause_ms: i64,
    period_ms: u64,
    think_ms: i64,
}

impl Seen {
    /// Dirty pages of the machine.
    pub fn dirty(&self) -> u64 {
        self.p.dirty
    }

    fn think(&self, hz: u64) -> i64 {
        self.think_ms.saturating_mul(hz as i64) / 1000
    }
}

fn read_decisions(trace: &Trace<'_>) -> Result<Vec<Seen>, GoldenError> {
    trace.csv("bdp.csv", |row| {
        let (thresh, bg_thresh) = (number(row, "in_thresh")?, number(row, "in_bg_thresh")?);
        let dom_limit = number(row, "in_dom_limit")?;
        Ok(Seen {
            t_s: seconds(row, "t_s")?,
            p: Position {
                thresholds: Thresholds { thresh, bg_thresh },
                limit: dom_limit,
                dirty: number(row, "in_dirty")?,
                wb_thresh: number(row, "in_wb_thresh")?,
                wb_dirty: number(row, "in_wb_dirty")?,
                avg_write_bandwidth: number(row, "in_avg_write_bw_pages_s")?,
                strictlimit: false,
            },
            limit_told: number(row, "limit")?,
            setpoint: number(row, "setpoint")?,
            bdi_setpoint: row.get("bdi_setpoint").ok(),
            rate: number(row, "dirty_ratelimit_KBps")? / 4,
            task_rate: number(row, "task_ratelimit_KBps")? / 4,
            dirtied: number(row, "dirtied")?,
            dirtied_pause: number(row, "dirtied_pause")?,
            pause_ms: row.get("pause_ms")?,
            period_ms: number(row, "period_ms")?,
            think_ms: row.get("think_ms")?,
        })
    })
}

fn number(row: &Row<'_>, column: &str) -> Result<u64, String> {
    let value = row.get::<u64>(column)?;
    if sane(&[value]) { Ok(value) } else { Err(format!("{column} = {value} is 2^32 or more")) }
}

fn seconds(row: &Row<'_>, column: &str) -> Result<f64, String> {
    let value = row.get::<f64>(column)?;
    if (0.0..1e9).contains(&value) { Ok(value) } else { Err(format!("{column} = {value} is no time in seconds")) }
}

/// A row of `ratelimit.csv`, pages a second.
struct Update {
    t_s: f64,
    write_bw: u64,
    avg_write_bw: u64,
    dirty_rate: u64,
    dirty_ratelimit: u64,
    task_ratelimit: u64,
    balanced: u64,
}

fn read_updates(trace: &Trace<'_>) -> Result<Vec<Update>, GoldenError> {
    trace.csv("ratelimit.csv", |row| {
        let pages = |column| number(row, column).map(|kib| kib / 4);
        Ok(Update {
            t_s: seconds(row, "t_s")?,
            write_bw: pages("write_bw_KBps")?,
            avg_write_bw: pages("awrite_bw_KBps")?,
            dirty_rate: pages("dirty_rate_KBps")?,
            dirty_ratelimit: pages("dirty_ratelimit_KBps")?,
            task_ratelimit: pages("task_ratelimit_KBps")?,
            balanced: pages("balanced_KBps")?,
        })
    })
}

fn replay_decisions(setup: &Setup, seen: &[Seen], updates: &[Update], tally: &mut Tally) {
    let hz = setup.hz;
    let mut rates = Rates::default();
    let mut update = updates.iter().peekable();
    let (mut done, mut polls, mut unseen, mut ticked) = (0, 0, 0, 0);
    // Which of the two a kernel tells is the same in all of a trace.
    let before = seen.iter().all(|row| row.limit_told == row.p.limit.max(row.p.thresholds.thresh));
    for (i, row) in seen.iter().enumerate() {
        let place = format!("decision {i} at {:.6} s", row.t_s);
        let mut p = row.p;
        let mut dirty_limit = p.limit;
        p.limit = p.limit.max(p.thresholds.thresh);
        let limit_before = p.limit;
        let pos_ratio = calc::position_ratio(setup.rules, &p);
        let mut avg = p.avg_write_bandwidth;
        while let Some(up) = update.next_if(|up| up.t_s <= row.t_s) {
            if row.t_s - up.t_s > UPDATE_TO_DECISION_S {
                // Its decision was not recorded, so neither was what it was made of.
                (rates.dirty_ratelimit, rates.balanced_dirty_ratelimit) = (up.dirty_ratelimit, up.balanced);
                unseen += 1;
                continue;
            }
            dirty_limit = calc::update_dirty_limit(dirty_limit, p.thresholds.thresh, p.dirty);
            p.limit = dirty_limit.max(p.thresholds.thresh);
            rates.avg_write_bandwidth = up.avg_write_bw;
            let task_ratelimit = rates.update_dirty_ratelimit(&p, pos_ratio, up.dirty_rate);
            exact(tally, &place, "update task_ratelimit", task_ratelimit, up.task_ratelimit);
            exact(tally, &place, "update balanced_dirty_ratelimit", rates.balanced_dirty_ratelimit, up.balanced);
            exact(tally, &place, "update dirty_ratelimit", rates.dirty_ratelimit, up.dirty_ratelimit);
            // A difference was counted; the next update begins from what was recorded.
            (rates.dirty_ratelimit, rates.balanced_dirty_ratelimit) = (up.dirty_ratelimit, up.balanced);
            avg = avg_after(up, update_after(updates, up), seen.get(i + 1));
            done += 1;
        }
        let task_rate = row.rate.wrapping_mul(pos_ratio) >> 10;
        exact(tally, &place, "task_ratelimit", task_rate, row.task_rate);
        let told = if before { limit_before } else { dirty_limit };
        exact(tally, &place, "limit", told, row.limit_told);
        let setpoint = p.thresholds.setpoint(told);
        exact(tally, &place, "setpoint", setpoint, row.setpoint);
        if let Some(want) = row.bdi_setpoint {
            exact(tally, &place, "bdi_setpoint", setpoint * p.wb_thresh / (p.thresholds.thresh + 1), want);
        }
        rates.avg_write_bandwidth = avg;
        let now = Rates { dirty_ratelimit: row.rate, ..rates };
        let decide = |think| {
            let decision = Decision::make(hz, now, p.wb_dirty, task_rate, row.dirtied, Some(think));
            let slept = decision.sleeps(task_rate);
            let pause = if slept { decision.slept() as i64 } else { decision.pause.min(0) };
            (decision, slept, pause * 1000 / hz as i64)
        };
        let mut made = decide(row.think(hz));
        if made.2 != row.pause_ms && just_ticked(hz, row.t_s) {
            // The pause was worked out before the tick, and the clock read for the record after it.
            let earlier = decide(row.think(hz) - 1);
            if earlier.2 == row.pause_ms {
                made = earlier;
                ticked += 1;
            }
        }
        let (decision, slept, pause_ms) = made;
        exact(tally, &place, "period_ms", decision.period * 1000 / hz, row.period_ms);
        tally.number_within(&format!("{place} pause_ms"), pause_ms as f64, row.pause_ms as f64, 0.0);
        if let Some(next) = seen.get(i + 1) {
            let place = format!("decision {} at {:.6} s", i + 1, next.t_s);
            exact(tally, &place, "dirty_limit", dirty_limit, next.p.limit);
            if looked_while_free(hz, row, &decision, slept, next) {
                continue;
            }
            let poll = match slept {
                true => decision.nr_dirtied_pause,
                false if decision.pause >= -(hz as i64) && decision.period == 0 && row.dirtied_pause <= row.dirtied => {
                    row.dirtied_pause + row.dirtied
                }
                false => row.dirtied_pause,
            };
            exact(tally, &place, "dirtied_pause", poll, next.dirtied_pause);
            polls += 1;
        }
    }
    tally.note(format!(
        "{} decisions (position ratio, rate, period, pause), {polls} next polls and {done} rate updates, all exact",
        seen.len()
    ));
    if ticked > 0 {
        tally.note(format!("in {ticked} of them the clock ticked between the pause and its record"));
    }
    if unseen > 0 {
        tally.note(format!("{unseen} rate updates whose decision was not recorded were taken over"));
    }
}

/// Whether a time is so shortly after a tick that a decision may have begun before it.
fn just_ticked(hz: u64, t_s: f64) -> bool {
    let since = (t_s + CLOCKS_APART_S) * hz as f64;
    (since - since.floor()) / (hz as f64) < DECISION_S
}

fn update_after<'a>(updates: &'a [Update], up: &Update) -> Option<&'a Update> {
    updates.iter().find(|later| later.t_s > up.t_s)
}

/// The average bandwidth after an update: smoothed or not, whichever the next decision saw.
fn avg_after(up: &Update, next: Option<&Update>, seen: Option<&Seen>) -> u64 {
    let shown = [seen.map(|seen| seen.p.avg_write_bandwidth), next.map(|next| next.avg_write_bw)];
    let smoothed =
        [calc::smooth(up.avg_write_bw, up.write_bw, 0), calc::smooth(up.avg_write_bw, up.write_bw, u64::MAX)];
    let possible = |avg: &u64| smoothed.contains(avg) || *avg == up.avg_write_bw;
    shown.into_iter().flatten().find(possible).unwrap_or(shown[0].unwrap_or(up.avg_write_bw))
}

/// Whether the writer was looked at between two recorded decisions while it ran free, which is not
/// recorded: then it has thought for less than since the first of them.
fn looked_while_free(hz: u64, row: &Seen, decision: &Decision, slept: bool, next: &Seen) -> bool {
    let ticks = ((next.t_s - row.t_s) * hz as f64) as i64;
    let think = match slept {
        true => ticks - decision.paused_when(0) as i64,
        false if decision.pause < -(hz as i64) => ticks,
        false => ticks + row.think(hz) - decision.period as i64,
    };
    next.think(hz) + 2 < think
}
