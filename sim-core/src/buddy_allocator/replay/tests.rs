//! The recordings hold, and a recording that was tampered with does not.

use proptest::prelude::*;

use super::lists::read_events;
use crate::fidelity::{GoldenFiles, TraceReport, embedded, replay_all};

const NAMES: [&str; 6] = ["fallback61", "mixed510", "mixed61", "pcp612.full", "touch612", "touch73"];

fn report(files: &GoldenFiles, name: &str) -> TraceReport {
    let reports = replay_all(files).0;
    reports.into_iter().find(|report| report.trace == name).unwrap()
}

#[test]
fn every_recording_holds() {
    for name in NAMES {
        let report = report(&embedded().only("buddy", name), name);
        assert!(report.pass && report.mismatches == 0 && report.compared > 2000, "{report:?}");
    }
}

/// One recording with one text of one file replaced.
fn changed(name: &str, ending: &str, from: &str, to: &str) -> TraceReport {
    let mut files = embedded().only("buddy", name);
    let file = format!("buddy/{name}.{ending}");
    let text = files.text(&file).unwrap();
    assert!(text.contains(from), "{name} {from}");
    files.insert(&file, text.replacen(from, to, 1));
    report(&files, name)
}

#[test]
fn what_was_tampered_with_is_noticed() {
    for (name, ending, from, to, note) in [
        ("fallback61", "events.csv", ",17050,0,1,1", ",17054,0,1,1", "model 17050 left the free lists"),
        ("fallback61", "events.csv", ",23040,0,1,,9,2,1", ",23040,0,1,,9,0,1", "found order 9 type 2"),
        ("fallback61", "events.csv", ",23040,0,1,,9,2,1", ",23040,0,1,,9,2,0", "change_ownership 1"),
        ("fallback61", "events.csv", "buddy_free_pcp", "buddy_free_all", "event \"buddy_free_all\" is not known"),
        ("fallback61", "events.csv", "change_ownership", "changes", "there is no column change_ownership"),
        ("fallback61", "events.csv", ",17050,0,1,1", ",many,0,1,1", "pfn = \"many\" is not a number"),
        ("fallback61", "events.csv", ",17050,0,1,1", ",17050,11,1,1", "order = 11: allowed 0..10"),
        ("fallback61", "json", "115     37     25", "115     38     25", "buddyinfo"),
        ("mixed510", "json", "\"5.10.0-32-amd64\"", "\"5.15.0-32-amd64\"", "kernel 5.15.0-32-amd64: the allocator"),
        ("touch73", "json", "\"kernel\": \"7.3", "\"kernel\": \"seven", "is not a release"),
        ("pcp612.full", "json", "[\"A\",13618,", "[\"A\",13619,", "model hands out Some(13618)"),
        ("pcp612.full", "json", "[\"D\",61624,", "[\"D\",61623,", "recorded 61623 drained"),
        ("pcp612.full", "json", "[\"X\",61440,0,10,0,1,1]", "[\"X\",61440,0,9,0,1,1]", "found order 9"),
        ("pcp612.full", "json", "\"pcp_count\":{\"DMA\":43", "\"pcp_count\":{\"DMA\":44", "model 43, recorded 44"),
        ("pcp612.full", "json", "[\"A\",13618,", "[\"Z\",13618,", "event 'Z' is not known"),
        ("pcp612.full", "json", "\"batch\":15", "\"batch\":0", "allowed 0.."),
    ] {
        let report = changed(name, ending, from, to);
        assert!(!report.pass && report.note.contains(note), "{name} {from}: {} {}", report.mismatches, report.note);
    }
}

#[test]
fn the_last_lists_are_compared_in_order() {
    let mut files = embedded().only("buddy", "mixed61");
    let text = files.text("buddy/mixed61.json").unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let list = json["final"]["zones"][1]["free"][0]["1"].as_array_mut().unwrap();
    list.swap(0, 1);
    files.insert("buddy/mixed61.json", json.to_string());
    let report = report(&files, "mixed61");
    assert_eq!(report.mismatches, 1);
    assert!(report.note.contains("free list DMA32 order 0 type 1, entry 0"), "{}", report.note);
}

/// The recording with per-CPU lists, written as one without them: where a refill begins is then
/// not known, and the fallbacks have to come out all the same.
#[test]
fn a_recording_holds_without_its_per_cpu_lists() {
    let mut files = embedded().only("buddy", "pcp612.full");
    let text = files.text("buddy/pcp612.full.json").unwrap();
    let full: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut csv = String::from(
        "t_s,event,pfn,order,migratetype,pcp_refill,fallback_order,fallback_migratetype,change_ownership\n",
    );
    for event in full["events"].as_array().unwrap() {
        let n = |i: usize| event[i].as_u64().unwrap();
        csv.push_str(&match event[0].as_str().unwrap() {
            "B" => format!("0,buddy_alloc,{},{},{},{},,,\n", n(1), n(2), n(3), n(4)),
            "D" => format!("0,buddy_free_pcp,{},{},{},,,,\n", n(1), n(2), n(3)),
            "X" => format!("0,fallback,{},{},{},,{},{},{}\n", n(1), n(2), n(4), n(3), n(5), n(6)),
            "A" => format!("0,page_alloc,{},{},{},,,,\n", n(1), n(2), n(3)),
            _ => format!("0,page_free,{},{},,,,,\n", n(1), n(2)),
        });
    }
    let snapshot = |state: &serde_json::Value| {
        let blocks = state["blocks"].as_object().unwrap();
        let mut types: Vec<(u64, u64)> =
            blocks.iter().map(|(pfn, mt)| (pfn.parse().unwrap(), mt.as_u64().unwrap())).collect();
        types.sort_unstable();
        let zones: Vec<serde_json::Value> = full["zone_span"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, span)| {
                let lists = &state["lists"][name];
                let free: Vec<_> = (0..11)
                    .map(|order| lists.get(order.to_string()).cloned().unwrap_or_else(|| serde_json::json!({})))
                    .collect();
                serde_json::json!({"name": name, "start_pfn": span[0], "end_pfn": span[1], "free": free})
            })
            .collect();
        let types: Vec<u64> = types.into_iter().map(|(_, mt)| mt).collect();
        serde_json::json!({"pageblock_migratetype": types, "zones": zones})
    };
    let head = serde_json::json!({
        "kernel": full["kernel"],
        "initial": snapshot(&full["before"]),
        "final": snapshot(&full["after"]),
    });
    files.insert("buddy/lists.json", head.to_string());
    files.insert("buddy/lists.events.csv", csv);
    let report = report(&files, "lists");
    assert!(report.pass && report.compared > 38_000, "{report:?}");
}

/// The same recording as a recorder reads it that takes four bits of a pageblock where the kernel
/// keeps eight: two entries for each, and none for the upper half of memory.
#[test]
fn a_recording_with_half_of_its_pageblocks_holds() {
    let mut files = embedded().only("buddy", "pcp612.full");
    let text = files.text("buddy/pcp612.full.json").unwrap();
    let mut full: serde_json::Value = serde_json::from_str(&text).unwrap();
    for state in ["before", "after"] {
        let blocks = full[state]["blocks"].as_object().unwrap().clone();
        let mut halves = serde_json::Map::new();
        for i in 0..blocks.len() as u64 {
            let mt = if i % 2 == 0 { blocks[&(i / 2 * 512).to_string()].clone() } else { 0.into() };
            halves.insert((i * 512).to_string(), mt);
        }
        full[state]["blocks"] = halves.into();
    }
    files.insert("buddy/halves.full.json", full.to_string());
    let report = report(&files, "halves.full");
    assert!(report.pass && report.compared > 170_000, "{report:?}");
}

/// A text of a recording with some of its bytes changed.
fn bent(name: &'static str, ending: &'static str) -> impl Strategy<Value = String> {
    let files = embedded().only("buddy", name);
    let mut text: String = files.text(&format!("buddy/{name}.{ending}")).unwrap();
    // Enough of a long one to get through the reader and a while into the replay.
    if ending == "events.csv" {
        text.truncate(text.char_indices().nth(20_000).map_or(text.len(), |(at, _)| at));
    }
    let len = text.len();
    proptest::collection::vec((0..len, "[0-9,\\[\\]{}\":a-z-]{0,3}"), 1..6).prop_map(move |changes| {
        let mut text = text.clone();
        for (at, with) in changes {
            let at = at.min(text.len());
            let end = (at + with.len()).min(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(end) {
                text.replace_range(at..end, &with);
            }
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_a_list_of_events_or_refused(text in ".{0,300}") {
        let _ = read_events(&text);
        let heading = "t_s,event,pfn,order,migratetype,pcp_refill,fallback_order,fallback_migratetype,change_ownership";
        let _ = read_events(&format!("{heading}\n{text}"));
    }

    #[test]
    fn bent_events_are_a_report(text in bent("touch612", "events.csv")) {
        let mut files = embedded().only("buddy", "touch612");
        files.insert("buddy/touch612.events.csv", text);
        prop_assert!(!report(&files, "touch612").note.is_empty());
    }

    #[test]
    fn bent_lists_are_a_report(text in bent("mixed510", "json")) {
        let mut files = embedded().only("buddy", "mixed510");
        files.insert("buddy/mixed510.json", text);
        prop_assert!(!report(&files, "mixed510").note.is_empty());
    }

    /// Numbers where a hostile recording would put them: any zone, any list, any event.
    #[test]
    fn any_numbers_are_a_report(
        span in prop::array::uniform2(prop_oneof![0u32..3000, any::<u32>()]),
        lists in prop::collection::vec((0u32..13, 0u8..8, prop_oneof![0u32..3000, any::<u32>()]), 0..12),
        pcp in prop::collection::vec((0usize..16, prop_oneof![0u32..3000, any::<u32>()]), 0..12),
        batch in prop_oneof![-1i64..40, any::<i64>()],
        high in prop_oneof![-1i64..400, any::<i64>()],
        events in prop::collection::vec((0usize..5, prop_oneof![0u32..3000, any::<u32>()], 0u32..12, 0u32..12, 0u32..7, 0u32..7, 0u32..3), 0..60),
        kernel in prop::sample::select(vec!["5.10", "6.1", "6.12", "7.3"]),
    ) {
        let mut by_order = serde_json::json!({});
        for (order, mt, pfn) in lists {
            by_order[order.to_string()][mt.to_string()] = serde_json::json!([pfn, pfn / 2]);
        }
        let mut by_index = serde_json::json!({});
        for (index, pfn) in pcp {
            by_index[index.to_string()] = serde_json::json!([pfn]);
        }
        let events: Vec<_> = events
            .into_iter()
            .map(|(kind, pfn, a, b, c, d, e)| match kind {
                0 => serde_json::json!(["B", pfn, a, c, 1]),
                1 => serde_json::json!(["D", pfn, a, c]),
                2 => serde_json::json!(["A", pfn, a, c]),
                3 => serde_json::json!(["F", pfn, a]),
                _ => serde_json::json!(["X", pfn, a, b, c, d, e]),
            })
            .collect();
        let state = serde_json::json!({"lists": {"DMA": by_order}, "blocks": {"0": 1}, "pcp": {"DMA": by_index}});
        let full = serde_json::json!({
            "kernel": kernel, "zone_span": {"DMA": span}, "pcp": {"high": high, "batch": batch},
            "before": state, "after": state, "events": events,
        });
        let mut files = GoldenFiles::default();
        files.insert("buddy/any.full.json", full.to_string());
        prop_assert!(!report(&files, "any.full").note.is_empty());
    }
}
