//! Whatever a reader asks of the TCP models, the packets and the timers make sense; whatever a trace says,
//! it is replayed or refused.

mod common;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;
use sim_core::fidelity::{embedded, replay_all};
use sim_core::{Entry, Json, Lang, Log, Packet, find};

const MODELS: [&str; 2] = ["tcp-rto", "tcp-keepalive"];

/// Integers where mistakes live: near zero, near limits, near overflow.
fn integer() -> impl Strategy<Value = i64> {
    prop_oneof![
        5 => -3i64..3000,
        2 => prop::sample::select(vec![0, 1, 2, 100, 250, 300, 1000, 120_000, 200_000, 10_000_000, 86_400_000, 4_294_967_295]),
        1 => prop::sample::select(vec![i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1]),
    ]
}

/// A preset with some of its fields overwritten, at any depth, and on any kernel.
fn bent() -> impl Strategy<Value = (&'static str, Value)> {
    let kernel =
        prop::sample::select(vec!["2.6.32", "3.0", "3.10", "3.15", "4.8", "5.10", "6.1", "6.5", "6.18", "7.3"]);
    let bends = prop::collection::vec((any::<prop::sample::Index>(), integer()), 0..6);
    (prop::sample::select(MODELS.to_vec()), any::<prop::sample::Index>(), kernel, bends).prop_map(
        |(model, preset, kernel, bends)| {
            let entry = find(model).expect("a model");
            let presets = (entry.presets)();
            let mut json: Value =
                serde_json::from_str(&presets[preset.index(presets.len())].scenario.to_string()).expect("JSON");
            json["kernel"] = kernel.into();
            let mut paths = Vec::new();
            numbers(&json, String::new(), &mut paths);
            for (which, value) in bends {
                let path = &paths[which.index(paths.len())];
                *json.pointer_mut(path).expect("a number") = value.into();
            }
            (model, json)
        },
    )
}

/// Pointers to all numbers but the version.
fn numbers(json: &Value, path: String, into: &mut Vec<String>) {
    match json {
        Value::Number(_) if path != "/model_version" => into.push(path),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| numbers(value, format!("{path}/{name}"), into)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, value)| numbers(value, format!("{path}/{i}"), into));
        }
        _ => {}
    }
}

/// Numbers of an end's packets never go back, but in what is sent again and in probes.
fn in_order(packets: &[Packet], again: i64) -> Result<(), TestCaseError> {
    let (mut ends, mut repeated) = (BTreeMap::new(), 0);
    for pair in packets.windows(2) {
        prop_assert!(pair[0].t_ns <= pair[1].t_ns);
    }
    for packet in packets {
        let length = packet.payload.len() as u32 + u32::from(packet.flags.syn) + u32::from(packet.flags.fin);
        if length == 0 && !packet.flags.rst && !ends.contains_key(&packet.from) {
            // It may be a probe, which says nothing of where the end is.
            continue;
        }
        let next = ends.entry(packet.from).or_insert(packet.seq);
        let ahead = packet.seq.wrapping_sub(*next).cast_signed();
        if ahead < 0 {
            repeated += i64::from(length > 0);
        } else {
            prop_assert_eq!(ahead, 0, "nothing is left out");
            *next = packet.seq.wrapping_add(length);
        }
    }
    prop_assert_eq!(repeated, again, "sent again");
    Ok(())
}

fn metric(entry: &Entry, values: &[i64], name: &str) -> i64 {
    values[(entry.metrics)().iter().position(|metric| metric.name == name).expect("a metric")]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn hostile_scenarios_run_or_are_refused((model, json) in bent()) {
        let entry = find(model).expect("a model");
        let json = Json::parse(&json.to_string()).expect("JSON");
        let mut state = match (entry.start)(&json) {
            Err(problems) => return common::refused_field_by_field(&problems),
            Ok(state) => state,
        };
        let (ends, mut log, mut packets) = (state.ends(), Log::capturing(), Vec::new());
        let mut steps = 0;
        let mut before = state.metrics();
        while state.advance(ends, &mut log) {
            let now = state.metrics();
            prop_assert!(state.now() <= ends);
            // Counters only grow.
            let counter = |name: &str| metric(entry, &now, name) >= metric(entry, &before, name);
            prop_assert!(counter("RetransSegs"));
            packets.append(&mut log.take_packets());
            log.clear();
            before = now;
            steps += 1;
            prop_assert!(steps < 200_000, "a run ends");
        }
        prop_assert_eq!(state.now(), ends);
        in_order(&packets, metric(entry, &state.metrics(), "RetransSegs"))?;
        for file in ["/proc/net/netstat", "/proc/net/snmp", "@sockets/tcp"] {
            prop_assert!(state.files().contains_key(file));
        }
    }

    #[test]
    fn every_reason_has_words_in_both_languages((model, json) in bent()) {
        let entry = find(model).expect("a model");
        let json = Json::parse(&json.to_string()).expect("JSON");
        let Ok(mut state) = (entry.start)(&json) else { return Ok(()) };
        let (ends, mut log) = (state.ends(), Log::telling());
        for _ in 0..200 {
            if !state.advance(ends, &mut log) {
                break;
            }
        }
        for event in log.take() {
            prop_assert!(Lang::ALL.iter().all(|lang| !event.why.get(*lang).is_empty()), "{}", event.kind);
        }
    }
}

#[test]
fn recorded_traces_hold() {
    let (reports, _) = replay_all(&embedded());
    let ours: Vec<_> = reports.iter().filter(|report| MODELS.contains(&report.model.as_str())).collect();
    let failing: Vec<_> = ours.iter().filter(|report| !report.pass).collect();
    assert!(failing.is_empty(), "{failing:#?}");
    assert!(ours.len() >= 30, "{}", ours.len());
}

#[test]
fn a_trace_that_was_tampered_with_does_not_hold() {
    for (name, from, to) in [
        ("tcp-rto/rtt-leaps.json", "\"samples\": [[", "\"samples\": [[9"),
        ("tcp-rto/lone-3.json", "\"tick_phase_ns\": ", "\"tick_phase_ns\": 9999999"),
        ("tcp-rto/lone-3.json", "\"times\":3", "\"times\":2"),
        ("tcp-rto/syn-linear4.json", "\"syn-sent\"", "\"syn-recv\""),
        ("tcp-rto/syn-linear4.json", "\"scenario\": {", "\"scenario\": {\"bogus\":1,"),
        ("tcp-keepalive/idle-5-2-3.json", "\"tcp_keepalive_intvl\":2", "\"tcp_keepalive_intvl\":3"),
    ] {
        let files = embedded();
        let text = files.text(name).expect("a trace");
        let changed = text.replacen(from, to, 1);
        assert_ne!(text, changed, "{name}: {from}");
        let (folder, file) = name.split_once('/').expect("a folder");
        let trace = file.strip_suffix(".json").expect("a trace");
        let (reports, _) = replay_all(&files.with(name, &changed).only(folder, trace));
        assert!(reports.iter().all(|report| !report.pass && !report.note.is_empty()), "{name}: {reports:?}");
    }
}
