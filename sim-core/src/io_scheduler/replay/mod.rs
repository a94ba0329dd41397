//! Recorded traces held against the schedulers.
//!
//! A recording is what was asked (`requests.jsonl`), what happened (`events.csv`) and the settings
//! (`json`). The recorded inputs go in: which request was inserted and finished when, and, where it
//! was recorded, each call that asked for the next one. What the scheduler chose has to come out.

use std::collections::BTreeMap;

use crate::fidelity::{GoldenError, Tally, Trace};
use crate::io_scheduler::elevator::{Kind, Setup};
use crate::io_scheduler::request::Sector;
use crate::{KernelVersion, SECOND};

mod calls;
mod order;
mod parse;
#[cfg(test)]
mod tests;

use parse::{Asked, Event, Head, What};

/// A recording, read.
struct Recording {
    kind: Kind,
    setup: Setup,
    events: Vec<Event>,
    asked: Vec<Asked>,
}

/// Replays one trace.
///
/// # Errors
/// Files that are missing or do not parse, and schedulers and kernels that are not modelled.
pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    let head: Head = trace.json("json")?;
    let recording = read(trace, &head)?;
    let mut tally = Tally::new(&head.kernel, 0.0);
    match recording.kind {
        Kind::MqDeadline => calls::replay(&recording, &mut tally),
        Kind::None => order::replay_none(&recording, &mut tally),
        _ => order::replay(&recording, &mut tally),
    }
    Ok(tally)
}

fn read(trace: &Trace<'_>, head: &Head) -> Result<Recording, GoldenError> {
    let bad = |what: String| trace.error("json", what);
    let kernel: KernelVersion =
        head.kernel.parse().map_err(|_| bad(format!("kernel {:?} is not a release", head.kernel)))?;
    let kind = Kind::of_name(&head.scheduler)
        .filter(|kind| !kind.is_legacy())
        .ok_or_else(|| bad(format!("scheduler {:?}: expected none, mq-deadline, kyber or bfq", head.scheduler)))?;
    if !kind.is_in(kernel) {
        return Err(bad(format!("kernel {kernel} has no {}", kind.name())));
    }
    let number = |name: &str, default: u64| match head.settings.get(name).map(|text| text.trim()) {
        None | Some("") => Ok(default),
        Some(text) => text.parse().map_err(|_| bad(format!("settings {name} = {text:?} is not a number"))),
    };
    let mut tunables = BTreeMap::new();
    for param in kind.tunables(kernel) {
        let name = format!("iosched.{}", param.name);
        // What a kernel took is not for the ranges of a control to refuse; nanoseconds may be more.
        let most = if kind == Kind::Kyber { 1 << 42 } else { i64::from(u32::MAX) };
        let value = i64::try_from(number(&name, param.default as u64)?).ok().filter(|value| *value <= most);
        tunables.insert(param.name, value.ok_or_else(|| bad(format!("settings {name}: at most {most}")))?);
    }
    let events: Vec<Event> = trace.csv("events.csv", Event::read)?;
    let bounded = |name: &str, default: u64, max: u64| {
        let value = number(name, default)?;
        if value > max { Err(bad(format!("settings {name} = {value}: at most {max}"))) } else { Ok(value) }
    };
    let setup = Setup {
        kernel,
        hz: parse::hz(&events),
        rotational: bounded("rotational", 0, 1)? != 0,
        queue_depth: bounded("nullb.hw_queue_depth", 1, 65_536)?.max(1) as u32,
        nr_requests: bounded("nr_requests", 128, 1 << 20)?.max(1) as u32,
        sectors: bounded("nullb.size", 2048, 1 << 40)?.saturating_mul(2048),
        tunables,
    };
    let asked: Vec<Asked> = trace.json_lines("requests.jsonl")?;
    if let Some(odd) = asked.iter().find(|asked| parse::op(&asked.op).is_none()) {
        return Err(trace.error("requests.jsonl", format!("op = {:?}: expected r, w, d or f", odd.op)));
    }
    Ok(Recording { kind, setup, events, asked })
}

/// Where a replay is in the recording, for a reader.
fn place(event: &Event) -> String {
    let what = event.what.name();
    let (s, us) = (event.t / SECOND, event.t % SECOND / 1000);
    let sector = event.sector.map_or_else(|| "nothing".to_owned(), |sector| sector.to_string());
    format!("line {} ({s}.{us:06} s, {what} {sector})", event.line)
}

/// Takes one of those of a sector away, if there is one.
fn spend(from: &mut BTreeMap<Sector, u64>, sector: Sector) -> bool {
    match from.get_mut(&sector) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    }
}

/// How often each kind of event stands in a recording.
fn count(events: &[Event], what: What) -> usize {
    events.iter().filter(|event| event.what == what).count()
}
