//! A scenario as JSON, read and written.

use super::params::{MAX_CHANGES, MAX_DISKS, MAX_SYNCS, MAX_WRITERS};
use super::scenario::{DiskSpec, MemorySpec, Scenario, WriterSpec};
use crate::scenario::{Fields, Problem, Problems};
use crate::{Json, Params};

/// Reads a scenario, gathering what is wrong with it.
pub fn read(json: &Json, problems: &mut Problems) -> Scenario {
    let mut scenario = Scenario::default();
    let mut fields = Fields::of(json, "", problems);
    scenario.read_params(&mut fields, problems);
    // One over the limit is enough to be refused by it.
    if fields.value("disks").is_some() {
        scenario.disks =
            items(fields.list("disks", problems), MAX_DISKS, "disks", |json, path| read_disk(json, path, problems));
    }
    let end = Scenario::usable("duration_ms", scenario.duration_ms);
    let list = fields.list("writers", problems);
    scenario.writers = items(list, MAX_WRITERS, "writers", |json, path| read_writer(json, path, end, problems));
    let list = fields.list("memory", problems);
    scenario.memory = items(list, MAX_CHANGES, "memory", |json, path| {
        let mut change = MemorySpec { at_ms: 0, mib: 0 };
        let mut fields = Fields::of(json, path, problems);
        change.at_ms = fields.integer("at_ms", 0, "", "ms", problems);
        change.mib = fields.integer("mib", 0, "", "MiB", problems);
        fields.finish(problems);
        change
    });
    for (i, value) in fields.list("syncs", problems).iter().take(MAX_SYNCS + 1).enumerate() {
        match value.as_i64() {
            Some(at) => scenario.syncs.push(at),
            None => problems.push(Problem::no_integer(&format!("syncs[{i}]"), value, format!("0..{end}"), "ms")),
        }
    }
    fields.finish(problems);
    scenario
}

fn items<T>(list: &[Json], max: usize, name: &str, mut read: impl FnMut(&Json, &str) -> T) -> Vec<T> {
    list.iter().take(max + 1).enumerate().map(|(i, json)| read(json, &format!("{name}[{i}]"))).collect()
}

fn read_disk(json: &Json, path: &str, problems: &mut Problems) -> DiskSpec {
    let mut disk = DiskSpec::default();
    let mut fields = Fields::of(json, path, problems);
    for (name, value, unit) in [
        ("kib_per_s", &mut disk.kib_per_s, "KiB/s"),
        ("request_kib", &mut disk.request_kib, "KiB"),
        ("depth", &mut disk.depth, "requests"),
        ("seek_us", &mut disk.seek_us, "µs"),
        ("min_ratio", &mut disk.min_ratio, "%"),
        ("max_ratio", &mut disk.max_ratio, "%"),
        ("strict_limit", &mut disk.strict_limit, ""),
    ] {
        *value = fields.integer(name, *value, "", unit, problems);
    }
    fields.finish(problems);
    disk
}

fn read_writer(json: &Json, path: &str, end: i64, problems: &mut Problems) -> WriterSpec {
    let mut writer = WriterSpec::new(1 << 20, 0, end);
    let mut fields = Fields::of(json, path, problems);
    for (name, value, unit) in [
        ("disk", &mut writer.disk, ""),
        ("from_ms", &mut writer.from_ms, "ms"),
        ("until_ms", &mut writer.until_ms, "ms"),
        ("kib_per_s", &mut writer.kib_per_s, "KiB/s"),
        ("burst_kib", &mut writer.burst_kib, "KiB"),
        ("every_ms", &mut writer.every_ms, "ms"),
        ("fsync_kib", &mut writer.fsync_kib, "KiB"),
        ("folio_kib", &mut writer.folio_kib, "KiB"),
    ] {
        *value = fields.integer(name, *value, "", unit, problems);
    }
    fields.finish(problems);
    writer
}

/// The scenario with every field written out.
pub fn write(scenario: &Scenario) -> Json {
    let mut out = scenario.write_params::<super::DirtyWriteback>();
    out.set("disks", Json::list(scenario.disks.iter().map(write_disk)));
    out.set("writers", Json::list(scenario.writers.iter().map(write_writer)));
    let change = |change: &MemorySpec| Json::object([("at_ms", change.at_ms.into()), ("mib", change.mib.into())]);
    out.set("memory", Json::list(scenario.memory.iter().map(change)));
    out.set("syncs", Json::list(scenario.syncs.iter().copied()));
    out
}

fn write_disk(disk: &DiskSpec) -> Json {
    Json::object([
        ("kib_per_s", disk.kib_per_s.into()),
        ("request_kib", disk.request_kib.into()),
        ("depth", disk.depth.into()),
        ("seek_us", disk.seek_us.into()),
        ("min_ratio", disk.min_ratio.into()),
        ("max_ratio", disk.max_ratio.into()),
        ("strict_limit", disk.strict_limit.into()),
    ])
}

fn write_writer(writer: &WriterSpec) -> Json {
    Json::object([
        ("disk", writer.disk.into()),
        ("from_ms", writer.from_ms.into()),
        ("until_ms", writer.until_ms.into()),
        ("kib_per_s", writer.kib_per_s.into()),
        ("burst_kib", writer.burst_kib.into()),
        ("every_ms", writer.every_ms.into()),
        ("fsync_kib", writer.fsync_kib.into()),
        ("folio_kib", writer.folio_kib.into()),
    ])
}
