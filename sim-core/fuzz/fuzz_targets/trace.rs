//! A recording with any of its files replaced or damaged is replayed or refused, and a refusal names the
//! file. The first byte chooses the file, the second what is done to it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sim_core::fidelity::{GoldenFiles, embedded, replay_all};

/// Short recordings, one of each shape, with a file of each.
const FILES: &[(&str, &str, &str)] = &[
    ("cpu-shares", "alone-0-5", "cpu-shares/alone-0-5.json"),
    ("cpu-shares", "alone-0-5", "cpu-shares/alone-0-5.samples.csv"),
    ("cpu-shares", "max-20", "cpu-shares/max-20.json"),
    ("cpu-shares", "ratios", "cpu-shares/ratios.json"),
    ("loadavg", "A", "loadavg/A.json"),
    ("loadavg", "A", "loadavg/A.updates.csv"),
    ("loadavg", "A", "loadavg/A.samples.jsonl"),
    ("loadavg", "live618", "loadavg/live618.json"),
    ("buddy", "mixed61", "buddy/mixed61.json"),
    ("buddy", "mixed61", "buddy/mixed61.events.csv"),
    ("reclaim", "marks", "reclaim/marks.json"),
    ("reclaim", "available618", "reclaim/available618.json"),
    ("reclaim", "stream618", "reclaim/stream618.json"),
    ("reclaim", "names618", "reclaim/names618.json"),
    ("numa", "N4", "numa/N4.json"),
    ("numa", "N4", "numa/N4.jsonl"),
    ("numa", "N4", "numa/N4.zoneinfo"),
    ("writeback", "rate61", "writeback/rate61.json"),
    ("writeback", "W4", "writeback/W4.bdp.csv"),
    ("iosched", "I2-mq-deadline-flood", "iosched/I2-mq-deadline-flood.json"),
    ("iosched", "I2-mq-deadline-flood", "iosched/I2-mq-deadline-flood.events.csv"),
    ("iosched", "I2-mq-deadline-flood", "iosched/I2-mq-deadline-flood.requests.jsonl"),
    ("tcp-life", "ports", "tcp-life/ports.json"),
    ("tcp-life", "expiry", "tcp-life/expiry.json"),
    ("tcp-life", "reuse", "tcp-life/reuse.json"),
    ("tcp-life", "wire", "tcp-life/wire.json"),
    ("service", "two-workers", "service/two-workers.json"),
    ("service", "two-workers", "service/two-workers.runs.csv"),
    ("tcp-rto", "rtt-leaps", "tcp-rto/rtt-leaps.json"),
    ("tcp-rto", "ten-last-two", "tcp-rto/ten-last-two.json"),
    ("tcp-keepalive", "traffic-5-2-3", "tcp-keepalive/traffic-5-2-3.json"),
];

static ALL: LazyLock<GoldenFiles> = LazyLock::new(embedded);

fuzz_target!(|data: &[u8]| {
    let [which, how, rest @ ..] = data else { return };
    let (folder, trace, file) = FILES[usize::from(*which) % FILES.len()];
    let mut files = ALL.only(folder, trace);
    let content = match (how % 2, std::str::from_utf8(rest)) {
        // Something put into the middle of what was recorded.
        (0, Ok(text)) => {
            let whole = ALL.text(file).expect("an embedded file");
            let mut at = usize::from(*how) * whole.len() / 256;
            while !whole.is_char_boundary(at) {
                at -= 1;
            }
            format!("{}{text}{}", &whole[..at], &whole[at..]).into_bytes()
        }
        _ => rest.to_vec(),
    };
    files.insert(file, content);
    let (reports, _) = replay_all(&files);
    assert!(reports.iter().all(|report| report.pass || !report.note.is_empty()));
});
