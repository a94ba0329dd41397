//! Recorded traces held against the model.
//!
//! Two layouts: `samples` (round trips as the kernel took them in, with what came of each) and runs (when
//! an application wrote and which packets were dropped, with when each was sent again).

use serde::Deserialize;
use serde_json::Value;

use super::path::Planned;
use super::{Estimator, Sample, Scenario, Start, TcpRto, Why};
use crate::fidelity::{GoldenError, Tally, Trace};
use crate::model::Model;
use crate::scenario::{Valid, parse};
use crate::timer::{Jiffies, Rounding};
use crate::{Json, MILLISECOND, Nanos, Text};

/// The relay that recorded looked at its clock after it had handed an ACK on; what the ACK brought about
/// may have passed it before. It was never slower than this.
const RELAY: Nanos = MILLISECOND / 2;
/// An application that was told had yet to be scheduled before it could look at its clock.
const WAKE_UP: Nanos = 100 * MILLISECOND;

/// What is in `RUN.json`.
#[derive(Deserialize)]
struct Head {
    kernel: String,
    hz: u64,
    /// Round trip, srtt, `snd_una`, `snd_nxt` (from the first number), each in the kernel's integers.
    samples: Option<Vec<[u64; 4]>>,
    /// What `TCP_INFO` said: after which sample, `tcpi_rtt`, `tcpi_rttvar`, `tcpi_rto`.
    #[serde(default)]
    seen: Vec<[u64; 4]>,
    #[serde(default)]
    jiffies: i64,
    #[serde(default)]
    tick_phase_ns: Nanos,
    #[serde(default)]
    scenario: Value,
    /// Samples before time zero: round trip, `snd_una`, `snd_nxt`.
    #[serde(default)]
    before: Vec<[u64; 3]>,
    /// When packets were first sent, and how many.
    #[serde(default)]
    writes: Vec<[u64; 2]>,
    /// When packets were sent again.
    #[serde(default)]
    again: Vec<Nanos>,
    /// When the application was told.
    ended: Option<Nanos>,
}

/// Replays one trace.
///
/// # Errors
/// Files that are missing, do not parse, or do not describe a run of this model.
pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    let head: Head = trace.json("json")?;
    match &head.samples {
        Some(samples) => replay_samples(trace, &head, samples),
        None => replay_run(trace, &head),
    }
}

fn replay_samples(trace: &Trace<'_>, head: &Head, samples: &[[u64; 4]]) -> Result<Tally, GoldenError> {
    let rules = super::Rules::of(Scenario::default().kernel).map_err(|why| trace.error("json", why.en.into_owned()))?;
    let floor = rules.rto_min_us(&Scenario::default());
    if head.hz == 0 || head.hz > 1000 || samples.iter().flatten().any(|n| *n > u64::from(u32::MAX)) {
        return Err(trace.error("json", "hz or a sample is out of range".into()));
    }
    let clock = Jiffies { hz: head.hz, first: 0, phase: 0, rounding: Rounding::Wheel };
    let mut tally = Tally::new(&head.kernel, 0.0);
    tally.measured_in(Text::fixed(" µs", " µs"));
    let mut estimator = Estimator::default();
    let mut states = Vec::new();
    for (i, [m, srtt, una, nxt]) in samples.iter().enumerate() {
        estimator.sample(*m, floor, *una, *nxt);
        tally.number(&format!("sample {i} srtt"), estimator.srtt as f64, *srtt as f64);
        states.push(estimator);
    }
    for [after, rtt, rttvar, rto] in &head.seen {
        let Some(state) = usize::try_from(*after).ok().and_then(|after| states.get(after)) else {
            return Err(trace.error("json", format!("there is no sample {after}")));
        };
        tally.number(&format!("tcpi_rtt {after}"), (state.srtt >> 3) as f64, *rtt as f64);
        tally.number(&format!("tcpi_rttvar {after}"), (state.mdev >> 2) as f64, *rttvar as f64);
        let us = clock.jiffies_to_usecs(state.rto(&clock));
        tally.number(&format!("tcpi_rto {after}"), us as f64, *rto as f64);
    }
    tally.note(format!("{} samples, {} of them with mdev and RTO", samples.len(), head.seen.len()));
    Ok(tally)
}

/// The scenario of a recorded run, as any scenario is read.
fn scenario(trace: &Trace<'_>, head: &Head) -> Result<Scenario, GoldenError> {
    let refused = |what: String| trace.error("json", what);
    let mut json = parse(&head.scenario.to_string()).map_err(|_| refused("scenario is no object".into()))?;
    if matches!(json, Json::Object(_)) {
        json.set("jiffies", head.jiffies.into());
        json.set("timer_wheel", 1_i64.into());
    }
    let valid = Valid::<TcpRto>::of_json(&json).map_err(|problems| {
        refused(problems.iter().map(|problem| problem.text().en.into_owned()).collect::<Vec<_>>().join("; "))
    })?;
    Ok(valid.into_inner())
}

fn replay_run(trace: &Trace<'_>, head: &Head) -> Result<Tally, GoldenError> {
    let mut scenario = scenario(trace, head)?;
    if scenario.samples.is_empty() {
        scenario.samples.push(Sample { rtt_us: 1000, times: 1 });
    }
    let tick = 1_000_000_000 / scenario.hz as u64;
    let small = |n: &u64| *n <= 1 << 40;
    let sane = head.tick_phase_ns < tick
        && head.before.iter().flatten().all(|n| *n <= u64::from(u32::MAX))
        && head.writes.iter().all(|[t, segments]| small(t) && *segments <= 100)
        && head.writes.len() <= 1000
        && head.again.iter().chain(&head.ended).all(small);
    if !sane {
        return Err(trace.error("json", "a time or a number is out of range".into()));
    }
    let mut planned: Vec<_> =
        head.writes.iter().map(|[t, segments]| Planned { t: *t, segments: *segments, timeout: 0 }).collect();
    planned.sort_by_key(|write| write.t);
    let mut model = TcpRto::with(&scenario, planned, head.tick_phase_ns);
    if scenario.start == Start::Established {
        model.knows(&head.before);
    }
    model.advance_to(model.ends());

    // A timer runs within its tick, or the next: where its CPU idles another one runs it
    // (kernel/time/timer_migration.c).
    let late = 2 * tick;
    let mut tally = Tally::new(&head.kernel, 0.0);
    tally.measured_in(Text::fixed(" ms", " ms"));
    let ms = |t: Nanos| t as f64 / MILLISECOND as f64;
    let got: Vec<_> = model.shots().filter(|shot| shot.why != Why::First).map(|shot| shot.t).collect();
    let (n, want) = (got.len(), head.again.len());
    tally.check(n == want, || format!("the model sends {n} packets again, {want} were recorded"));
    for (i, (got, want)) in got.iter().zip(&head.again).enumerate() {
        let bounds = (ms(got.saturating_sub(RELAY)), ms(got + late));
        tally.number_between(&format!("packet {} sent again", i + 1), ms(*got), ms(*want), bounds);
    }
    if let Some(want) = head.ended {
        match model.gave_up() {
            Some(got) => tally.number_between("given up", ms(got), ms(want), (ms(got), ms(got + late + WAKE_UP))),
            None => tally.check(false, || "the model does not give up".to_owned()),
        }
    }
    tally.note(format!("{want} packets sent again{}", if head.ended.is_some() { ", given up" } else { "" }));
    Ok(tally)
}

impl TcpRto {
    /// A connection that is there already and has measured these.
    fn knows(&mut self, samples: &[[u64; 3]]) {
        let (floor, most) = (self.floor_us(), self.rto_max_ms());
        for [m, una, nxt] in samples {
            (self.sock.snd_una, self.sock.snd_nxt) = (*una, *nxt);
            self.sock.take_sample(*m, floor, most);
        }
        (self.sock.snd_una, self.sock.snd_nxt, self.sock.write_seq) = (1, 1, 1);
        self.sock.estimator.rtt_seq = 1;
        self.peer.rcv_nxt = 1;
        self.begun = true;
        self.connected = Some(0);
    }
}
