//! Recorded traces held against the model: when the peer went silent and what was said, with when each
//! probe was sent and when the connection was given up.

use serde::Deserialize;
use serde_json::Value;

use super::{By, Kind, TcpKeepalive};
use crate::fidelity::{GoldenError, Tally, Trace};
use crate::model::Model;
use crate::scenario::{Valid, parse};
use crate::{Json, MILLISECOND, Nanos, Text};

/// What is in `RUN.json`. Times are since the connection was made.
#[derive(Deserialize)]
struct Head {
    kernel: String,
    jiffies: i64,
    tick_phase_ns: Nanos,
    scenario: Value,
    /// When messages were sent.
    #[serde(default)]
    sends: Vec<Nanos>,
    /// When probes were.
    probes: Vec<Nanos>,
    /// When messages were sent again.
    #[serde(default)]
    again: Vec<Nanos>,
    /// When the RST was that gave it up.
    ended: Option<Nanos>,
}

/// Replays one trace.
///
/// # Errors
/// A file that is missing, does not parse, or does not describe a run of this model.
pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    let head: Head = trace.json("json")?;
    let refused = |what: String| trace.error("json", what);
    let mut json = parse(&head.scenario.to_string()).map_err(|_| refused("scenario is no object".into()))?;
    if matches!(json, Json::Object(_)) {
        json.set("jiffies", head.jiffies.into());
        json.set("timer_wheel", 1_i64.into());
    }
    let scenario = Valid::<TcpKeepalive>::of_json(&json).map_err(|problems| {
        refused(problems.iter().map(|problem| problem.text().en.into_owned()).collect::<Vec<_>>().join("; "))
    })?;
    let tick = 1_000_000_000 / scenario.hz as u64;
    let times = head.sends.iter().chain(&head.probes).chain(&head.again).chain(&head.ended);
    if head.tick_phase_ns >= tick || times.clone().any(|t| *t > 1 << 50) || head.sends.len() > 1000 {
        return Err(refused("a time is out of range".into()));
    }
    let mut planned: Vec<_> = head.sends.iter().map(|t| (*t, By::Us)).collect();
    planned.sort_by_key(|(t, _)| *t);
    let mut model = TcpKeepalive::with(&scenario, head.tick_phase_ns).saying(planned);
    model.advance_to(model.ends());

    // A timer runs within its tick, or the next: where its CPU idles another one runs it
    // (kernel/time/timer_migration.c).
    let late = 2 * tick;
    let mut tally = Tally::new(&head.kernel, 0.0);
    tally.measured_in(Text::fixed(" ms", " ms"));
    let ms = |t: Nanos| t as f64 / MILLISECOND as f64;
    for (name, kind, recorded) in
        [("probe", Kind::Probe, &head.probes), ("message sent again", Kind::Again, &head.again)]
    {
        let got: Vec<_> = model.shots().filter(|shot| shot.kind == kind).map(|shot| shot.t).collect();
        let (n, want) = (got.len(), recorded.len());
        tally.check(n == want, || format!("{name}: the model has {n}, {want} were recorded"));
        for (i, (got, want)) in got.iter().zip(recorded).enumerate() {
            tally.number_between(&format!("{name} {}", i + 1), ms(*got), ms(*want), (ms(*got), ms(got + late)));
        }
    }
    match (model.ended(), head.ended) {
        (Some((got, _)), Some(want)) => {
            tally.number_between("given up", ms(got), ms(want), (ms(got), ms(got + late)));
        }
        (got, want) => {
            tally.check(got.is_none() && want.is_none(), || format!("given up: model {got:?}, recorded {want:?}"))
        }
    }
    let (probes, again) = (head.probes.len(), head.again.len());
    tally.note(format!(
        "{probes} probes, {again} retransmissions{}",
        if head.ended.is_some() { ", given up" } else { "" }
    ));
    Ok(tally)
}
