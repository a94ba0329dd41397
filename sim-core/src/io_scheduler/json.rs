//! A scenario as JSON.

use super::disk;
use super::elevator::Kind as Elevator;
use super::params::MAX_STREAMS;
use super::scenario::{Kind, Scenario, Stream};
use crate::scenario::{Fields, Problems};
use crate::{Json, Params};

/// Reads a scenario, gathering what is wrong with it. `scheduler` and `disk` may be numbers or
/// names.
pub fn read(json: &Json, problems: &mut Problems) -> Scenario {
    let mut scenario = Scenario::default();
    let named = with_numbers(json);
    let mut fields = Fields::of(&named, "", problems);
    scenario.read_params(&mut fields, problems);
    // One over the limit is enough to be refused by it.
    for (i, value) in fields.list("streams", problems).iter().take(MAX_STREAMS + 1).enumerate() {
        scenario.streams.push(read_stream(value, &format!("streams[{i}]"), &scenario, problems));
    }
    fields.finish(problems);
    scenario
}

/// A copy in which names of schedulers and disks have become their numbers.
fn with_numbers(json: &Json) -> Json {
    let mut copy = json.clone();
    if let Some(kind) = json.get("scheduler").and_then(Json::as_str).and_then(Elevator::of_name) {
        let number = Elevator::ALL.iter().position(|known| *known == kind).unwrap_or(0);
        copy.set("scheduler", (number as i64).into());
    }
    if let Some(name) = json.get("disk").and_then(Json::as_str)
        && let Some(kind) = disk::Kind::ALL.into_iter().find(|kind| kind.word() == name)
    {
        copy.set("disk", kind.number().into());
    }
    copy
}

fn read_stream(json: &Json, path: &str, scenario: &Scenario, problems: &mut Problems) -> Stream {
    let end = Scenario::usable("duration_ms", scenario.duration_ms);
    let mut fields = Fields::of(json, path, problems);
    // What is left out is as one usually finds it with this kind.
    let kind = fields.choice("kind", &Kind::NAMES, problems).unwrap_or(Kind::SeqReader);
    let mut stream = Stream::new(kind, end);
    for (name, value, unit) in [
        ("count", &mut stream.count, ""),
        ("class", &mut stream.class, ""),
        ("level", &mut stream.level, ""),
        ("start", &mut stream.start, "‰"),
        ("span", &mut stream.span, "‰"),
        ("size_kib", &mut stream.size_kib, "KiB"),
        ("bio_kib", &mut stream.bio_kib, "KiB"),
        ("depth", &mut stream.depth, ""),
        ("think_us", &mut stream.think_us, "µs"),
        ("jitter_us", &mut stream.jitter_us, "µs"),
        ("from_ms", &mut stream.from_ms, "ms"),
        ("until_ms", &mut stream.until_ms, "ms"),
        ("limit", &mut stream.limit, ""),
    ] {
        *value = fields.integer(name, *value, "", unit, problems);
    }
    fields.finish(problems);
    stream
}

/// The scenario with every field written out; scheduler and disk by number, as their controls have it.
pub fn write(scenario: &Scenario) -> Json {
    let mut out = scenario.write_params::<super::IoScheduler>();
    out.set("streams", Json::list(scenario.streams.iter().map(write_stream)));
    out
}

fn write_stream(stream: &Stream) -> Json {
    Json::object([
        ("kind", stream.kind.name().into()),
        ("count", stream.count.into()),
        ("class", stream.class.into()),
        ("level", stream.level.into()),
        ("start", stream.start.into()),
        ("span", stream.span.into()),
        ("size_kib", stream.size_kib.into()),
        ("bio_kib", stream.bio_kib.into()),
        ("depth", stream.depth.into()),
        ("think_us", stream.think_us.into()),
        ("jitter_us", stream.jitter_us.into()),
        ("from_ms", stream.from_ms.into()),
        ("until_ms", stream.until_ms.into()),
        ("limit", stream.limit.into()),
    ])
}
