//! Questions that come again.

use crate::{Probe, write};

const ID: &str = "ch03-load-average/cpu-or-io";

/// A reader who passed one exercise, whose question is in that box and due on that day.
fn passed(probe: &Probe, review: &str) {
    let json = format!(r#"{{"format_version":1,"exercises":{{"{ID}":{{"hints":0,"passed":true{review}}}}}}}"#);
    write(&probe.path("state/progress.json"), &json);
}

fn boxed(probe: &Probe) -> serde_json::Value {
    let json = std::fs::read_to_string(probe.path("state/progress.json")).unwrap();
    serde_json::from_str::<serde_json::Value>(&json).unwrap()["exercises"][ID]["review"].take()
}

#[test]
fn a_question_is_asked_answered_and_put_into_its_box() {
    let probe = Probe::new();
    for lang in ["ko", "en"] {
        assert_eq!(probe.run(&format!("review --lang {lang}")).code, 0, "nothing was passed yet");
    }
    passed(&probe, "");
    assert_eq!(probe.run("review --answer cpu").code, 2, "nothing was asked yet");
    let asked = probe.run("review --lang en");
    assert_eq!(asked.code, 0, "{}", asked.err);
    assert!(asked.out.contains("/proc/stat") && asked.out.contains("(2)"), "{}", asked.out);
    let seed = boxed(&probe)["asked"].clone();
    assert!(seed.is_u64());
    assert_eq!(probe.run("review --lang en").out, asked.out, "it stays the same until it is answered");
    assert_eq!(probe.run("review --answer nonsense").code, 2);
    let (first, second) = (probe.run("review --answer cpu --lang en"), boxed(&probe));
    let right = first.code == 0;
    assert!(right || first.code == 100, "{}{}", first.out, first.err);
    assert_eq!(second["box"], if right { 2 } else { 1 });
    assert!(second["asked"].is_null() && first.out.contains("comes again in"));
    assert!(probe.run("review --lang en").out.contains("Nothing is due"));
    assert!(probe.run("review --list --lang en").out.contains("box"));
}

#[test]
fn the_other_answer_to_the_same_question_gets_the_other_verdict() {
    let mut codes = Vec::new();
    for answer in ["cpu", "waiting"] {
        let probe = Probe::new();
        passed(&probe, r#","review":{"box":3,"due":0,"asked":7}"#);
        let done = probe.run(&format!("review --answer {answer}"));
        codes.push(done.code);
        assert_eq!(boxed(&probe)["box"], if done.code == 0 { 4 } else { 1 });
    }
    codes.sort_unstable();
    assert_eq!(codes, [0, 100]);
}
