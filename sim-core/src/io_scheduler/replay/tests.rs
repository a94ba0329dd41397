//! Recordings that were tampered with, and files that are none.

use proptest::prelude::*;

use crate::fidelity::{GoldenFiles, TraceReport, embedded, replay_all};

/// The text of a file of a trace that is inside this binary.
fn text(name: &str) -> String {
    embedded().text(&format!("iosched/{name}")).expect("an embedded trace")
}

/// The report on one trace made of three texts.
fn report(json: String, events: String, requests: String) -> TraceReport {
    let files = [("T.json", json), ("T.events.csv", events), ("T.requests.jsonl", requests)];
    let files: GoldenFiles =
        files.into_iter().map(|(name, text)| (format!("iosched/{name}"), text.into_bytes())).collect();
    replay_all(&files).0.remove(0)
}

/// The report on a trace with one of its files changed.
fn changed(trace: &str, ending: &str, change: impl Fn(&str) -> String) -> TraceReport {
    let file = |of: &str| {
        let text = text(&format!("{trace}.{of}"));
        if of == ending { change(&text) } else { text }
    };
    report(file("json"), file("events.csv"), file("requests.jsonl"))
}

/// Takes the first line away that holds a text.
fn without(text: &str, part: &str) -> String {
    let mut found = false;
    let keep = |line: &&str| {
        let drop = !found && line.contains(part);
        found |= drop;
        !drop
    };
    text.lines().filter(keep).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_recording_that_differs_is_noticed() {
    for (trace, ending, from, to, note) in [
        ("I1-mq-deadline-rand", "events.csv", "dispatch,,323328,", "dispatch,,1631040,", "first mismatch: line"),
        ("I1-mq-deadline-rand", "json", "\"iosched.fifo_batch\": \"16\"", "\"iosched.fifo_batch\": \"4\"", "mismatch"),
        ("I1-mq-deadline-prio", "requests.jsonl", "\"prio\":3", "\"prio\":1", "mismatch"),
        ("I5-mq-deadline-burst", "json", "6.12.107", "6.1.107", "mismatch"),
        ("I3-mq-deadline-rand", "json", "5.10.0", "6.12.0", "mismatch"),
        ("I1-none-rand", "events.csv", "issue,r,1719616,8", "issue,r,1719617,8", "first mismatch: line 4"),
        ("I1-kyber-rand", "events.csv", "insert,r,1719616,", "insert,w,1719616,", "mismatch"),
        ("I1-bfq-rand", "json", "\"scheduler\": \"bfq\"", "\"scheduler\": \"kyber\"", "mismatch"),
        (
            "I1-bfq-rand",
            "json",
            "\"scheduler\": \"bfq\"",
            "\"scheduler\": \"cfq\"",
            "expected none, mq-deadline, kyber or bfq",
        ),
        ("I1-bfq-rand", "json", "\"6.1.0-50-amd64\"", "\"4.9.0\"", "kernel 4.9 has no bfq"),
        ("I1-bfq-rand", "json", "\"6.1.0-50-amd64\"", "\"six\"", "is not a release"),
        (
            "I1-mq-deadline-rand",
            "json",
            "\"iosched.read_expire\": \"500\"",
            "\"iosched.read_expire\": \"soon\"",
            "is not a number",
        ),
        (
            "I1-mq-deadline-rand",
            "events.csv",
            "dispatch,,323328,",
            "despatch,,323328,",
            "event = \"despatch\" is not known",
        ),
        ("I1-mq-deadline-rand", "events.csv", "insert,r,323328,8", "insert,x,323328,8", "op = \"x\""),
        ("I1-mq-deadline-rand", "events.csv", "t_s,", "t,", "there is no column t_s"),
        ("I1-mq-deadline-rand", "requests.jsonl", "\"op\":\"r\"", "\"op\":\"q\"", "op = \"q\""),
    ] {
        let report = changed(trace, ending, |text| text.replacen(from, to, if note == "mismatch" { 99 } else { 1 }));
        assert!(!report.pass && report.note.contains(note), "{trace} {from}: {report:?}");
    }
}

#[test]
fn a_lost_row_stops_the_replay_with_a_reason() {
    for (trace, part, note) in [
        ("I1-mq-deadline-rand", "dispatch,,323328,", "but no dispatch row returned it: the probe hit was lost"),
        ("I1-mq-deadline-rand", "insert,r,323328,", "but its insert row is missing: the probe hit was lost"),
        ("I4-mq-deadline-rand", "dispatch,,1395072,", "but no dispatch row returned it"),
        ("I1-kyber-rand", "insert,r,323328,", "was issued, but its insert row is missing"),
        ("I2-kyber-burst", "issue,r,1004224,", "was completed, but its issue row is missing"),
        ("I1-bfq-rand", "issue,r,323328,", "was completed, but its issue row is missing"),
    ] {
        let report = changed(trace, "events.csv", |text| without(text, part));
        assert!(!report.pass && report.mismatches == 0, "{trace} {part}: {report:?}");
        assert!(report.note.contains("stopped: ") && report.note.contains(note), "{trace} {part}: {report:?}");
        assert!(report.compared > 0, "{trace} {part}: {report:?}");
    }
    // A finish row that was lost is made good by its complete row.
    let report = changed("I1-mq-deadline-rand", "events.csv", |text| without(text, "finish,,323328,"));
    assert!(report.pass && report.note.contains("1 finish rows missing"), "{report:?}");
}

#[test]
fn a_lost_call_that_returned_nothing_is_found_out() {
    let trace = "I1-mq-deadline-prio";
    let events = text(&format!("{trace}.events.csv"));
    let empty: Vec<usize> =
        events.lines().enumerate().filter(|(_, line)| line.contains("dispatch,,,,")).map(|(i, _)| i).collect();
    let mut stopped = 0;
    for lost in empty {
        let report = changed(trace, "events.csv", |text| {
            text.lines().enumerate().filter(|(i, _)| *i != lost).map(|(_, line)| format!("{line}\n")).collect()
        });
        // Most leave no trace at all; the rest end a batch, and are named for it.
        assert_eq!(report.mismatches, 0, "line {}: {report:?}", lost + 1);
        if !report.pass {
            stopped += 1;
            assert!(report.note.contains("a call that returned nothing was lost behind line"), "{report:?}");
        }
    }
    assert!(stopped > 10, "{stopped}");
}

#[test]
fn no_rows_are_no_proof() {
    let heading = "t_s,event,op,sector,nsect,jiffies\n";
    for trace in ["I1-mq-deadline-rand", "I1-none-rand", "I1-kyber-rand", "I1-bfq-rand"] {
        let report = changed(trace, "events.csv", |_| heading.to_owned());
        assert_eq!((report.compared, report.pass), (0, false), "{trace}");
    }
}

/// Rows that look like a recording, in no order that a kernel would make.
fn any_events() -> impl Strategy<Value = String> {
    let word = |words: &'static [&'static str]| (0..words.len()).prop_map(move |i| words[i]);
    let event = word(&["insert", "dispatch", "issue", "complete", "finish", "merge", "insert", "dispatch"]);
    let op = word(&["r", "w", "", "d", "F", "x"]);
    let number = prop_oneof![6 => (0..6_u64).prop_map(|n| (n * 8).to_string()), 1 => Just(String::new()), 1 => any::<u64>().prop_map(|n| n.to_string())];
    let t = prop_oneof![8 => (0..100_u32).prop_map(|t| format!("{}.{:03}", t / 10, t)), 1 => any::<u32>().prop_map(|t| t.to_string())];
    let row = (t, event, op, number.clone(), number.clone(), number)
        .prop_map(|(t, event, op, sector, nsect, jiffies)| format!("{t},{event},{op},{sector},{nsect},{jiffies}\n"));
    proptest::collection::vec(row, 0..60)
        .prop_map(|rows| format!("t_s,event,op,sector,nsect,jiffies\n{}", rows.concat()))
}

proptest! {
    /// Files of another kind are refused or compared, and never more than that.
    #[test]
    fn any_text_is_read_or_refused(
        json in prop_oneof![
            any::<String>(),
            "\\{\"kernel\": ?\"[5-7]\\.[0-9]{1,2}\", ?\"scheduler\": ?\"(none|kyber|bfq|mq-deadline)\"\\}",
        ],
        events in prop_oneof![any::<String>(), any_events()],
        requests in prop_oneof![
            any::<String>(),
            "(\\{\"op\":\"[rw]\",\"sector\":[0-9]{1,2},\"nsect\":8,\"prio\":[0-4],\"submit_us\":[0-9]{1,4}\\}\n){0,9}",
        ],
    ) {
        let report = report(json, events, requests);
        prop_assert!(!report.pass || report.compared > 0);
    }

    #[test]
    fn any_rows_are_compared_without_harm(kernel in 0..3_usize, scheduler in 0..4_usize, events in any_events()) {
        let kernel = ["5.10.0", "6.1.0", "7.3.0"][kernel];
        let scheduler = ["none", "mq-deadline", "kyber", "bfq"][scheduler];
        let json = format!("{{\"kernel\":\"{kernel}\",\"scheduler\":\"{scheduler}\"}}");
        let requests = "{\"op\":\"r\",\"sector\":8,\"nsect\":8,\"prio\":1}\n".repeat(3);
        let report = report(json, events, requests);
        prop_assert!(!report.pass || report.compared > 0);
    }
}
