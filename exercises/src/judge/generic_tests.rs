//! The rules that work on any quantity: predict, act and diagnose, on recordings made for the purpose.

use sim_core::SECOND;

use super::*;
use crate::{Content, Facts, Frame, Source, Verdict};

const HEAD: &str = r#"
format_version = 1
id = "ch04-free/test"
order = 1
title = { ko = "가", en = "a" }
story = { ko = "가", en = "a" }
question = { ko = "가", en = "a" }
hints = []
explanation = { ko = "가", en = "a" }
"#;

const NUMBER: &str = r#"prediction = { kind = "number", min = 0, max = 100000, step = 1, tolerance = 10, label = { ko = "가", en = "a" } }
"#;

fn exercise(rest: &str) -> Exercise {
    toml::from_str(&format!("{HEAD}{rest}")).unwrap_or_else(|error| panic!("{rest}: {error}"))
}

fn frame(t_s: u64, faults: u64, free: u64) -> Frame {
    let files = [
        ("/proc/vmstat".to_owned(), Content::Text(format!("pgfault {faults}\n"))),
        ("/proc/meminfo".to_owned(), Content::Text(format!("MemTotal: 5000 kB\nMemFree: {free} kB\n"))),
    ];
    Frame { t_ns: t_s * SECOND, avenrun: None, files: files.into() }
}

/// A recording of the exercise's workload: 4 s before, 4 s of it. The figures count page faults.
fn run(exercise: &Exercise, faults: &[u64], picked: Option<u32>) -> Recording {
    let mut recording = Recording::new(Source::Live, Facts::default());
    recording.frames.extend(faults.iter().enumerate().map(|(i, n)| frame(i as u64, *n, 1000)));
    let workload = exercise.workload.clone().unwrap();
    let (from_ns, until_ns) = (4 * SECOND, 8 * SECOND);
    recording.ran = Some(Ran { workload, picked, from_ns, until_ns, ended: Ended::AsPlanned });
    recording
}

#[test]
fn a_prediction_is_weighed_against_the_measurement_and_its_noise() {
    let exercise = exercise(&format!(
        r#"{NUMBER}kind = "predict"
workload = {{ seconds = 4, before_s = 4, loads = [{{ kind = "busy-loops", tasks = 1 }}] }}
[check]
rule = "predict"
value = {{ delta = "vmstat.pgfault" }}
simulated = {{ value = {{ product = [100, 4] }} }}
mistakes = [{{ value = {{ rate = "vmstat.pgfault" }}, says = {{ ko = "1초의 값", en = "of one second" }} }}]
"#
    ));
    let quiet = [0, 0, 0, 0, 0, 130, 260, 390, 400];
    // Something faults 50 times a second all along.
    let noisy = [0, 50, 100, 150, 200, 380, 560, 740, 800];
    let still = [5; 9];
    for (faults, answer, verdict, says) in [
        (quiet, "390", Verdict::Pass, "Right"),
        // The last look at the load is at 7 s, a second before its end.
        (quiet, "401", Verdict::Pass, "the simulator says 400"),
        (quiet, "130", Verdict::Fail, "390"),
        (quiet, "1000", Verdict::Fail, "390"),
        (noisy, "540", Verdict::Pass, "Right"),
        (noisy, "480", Verdict::Inconclusive, "Other work"),
        (noisy, "5000", Verdict::Fail, "540"),
        (still, "0", Verdict::Pass, "Right"),
    ] {
        let recording = run(&exercise, &faults, None);
        let now = recording.last().unwrap();
        let judgement = judge(&exercise, &Evidence { prediction: Some(answer), now: &now, run: Some(&recording) });
        assert_eq!(judgement.verdict, verdict, "{faults:?} {answer}: {}", judgement.reason.en);
        assert!(judgement.reason.en.contains(says), "{answer}: {}", judgement.reason.en);
        let mistaken = judgement.details.iter().any(|detail| detail.en == "of one second");
        assert_eq!(mistaken, answer == "130", "{answer}: {:?}", judgement.details);
        assert!(judgement.columns[0].simulated.is_some() && judgement.columns[0].measured.is_some());
    }
    let recording = run(&exercise, &quiet, None);
    let now = recording.last().unwrap();
    let unrun = judge(&exercise, &Evidence { prediction: Some("390"), now: &now, run: None });
    assert_eq!((unrun.verdict, unrun.columns.len()), (Verdict::Fail, 0), "{unrun:?}");
}

#[test]
fn a_model_alone_is_enough_to_judge_by() {
    let exercise = exercise(&format!(
        r#"{NUMBER}kind = "predict"
scenario = {{ model = "load-average", preset = "one-task-for-a-minute" }}
[check]
rule = "predict"
simulated = {{ metric = "avenrun_1", times = 1000 }}
"#
    ));
    let nothing = crate::Simulated::default();
    let judged = |answer| judge(&exercise, &Evidence { prediction: Some(answer), now: &nothing, run: None });
    let wrong = judged("90000");
    assert_eq!(wrong.verdict, Verdict::Fail);
    let said = wrong.columns[0].simulated.clone().unwrap().en.into_owned();
    assert_eq!(judged(&said).verdict, Verdict::Pass, "{said}");
    assert!(wrong.token.is_some());
}

#[test]
fn a_state_is_compared_with_how_the_machine_was() {
    let exercise = exercise(
        r#"kind = "act"
prediction = { kind = "nothing", label = { ko = "가", en = "a" } }
[check]
rule = "act"
baseline = true
done = { at-least = [{ delta = "vmstat.pgfault" }, 100] }
not_yet = { ko = "{more}번뿐입니다.", en = "Only {more} so far." }
given = { more = { delta = "vmstat.pgfault" } }
"#,
    );
    assert!(exercise.wants_baseline());
    let mut before = Recording::new(Source::Live, Facts::default());
    before.frames.push(frame(0, 1000, 9));
    for (now, run, verdict, says) in [
        (1100, Some(&before), Verdict::Pass, "Done."),
        (1040, Some(&before), Verdict::Fail, "Only 40 so far."),
        (1100, None, Verdict::Fail, "no note yet"),
    ] {
        let mut machine = Recording::new(Source::Live, Facts::default());
        machine.frames.push(frame(0, now, 9));
        let judgement = judge(&exercise, &Evidence { prediction: None, now: &machine.last().unwrap(), run });
        assert_eq!(judgement.verdict, verdict, "{now}: {}", judgement.reason.en);
        assert!(judgement.reason.en.contains(says), "{}", judgement.reason.en);
    }
}

#[test]
fn a_wrong_diagnosis_counts_only_where_the_recording_shows_the_right_one() {
    let exercise = exercise(
        r#"kind = "diagnose"
prediction = { kind = "choice", label = { ko = "가", en = "a" }, options = [{ id = "busy", text = { ko = "가", en = "a" } }, { id = "idle", text = { ko = "나", en = "b" } }] }
workload = { seconds = 4, before_s = 4, pick = "one-in-secret", loads = [{ kind = "busy-loops", tasks = 1 }, { kind = "vfork-parents", tasks = 1 }] }
[check]
rule = "diagnose"
answers = [
    { choice = "busy", shows_as = { at-least = [{ rate = "vmstat.pgfault" }, 50] }, says = { ko = "많다", en = "many" } },
    { choice = "idle", shows_as = { less = [{ rate = "vmstat.pgfault" }, 50] }, says = { ko = "적다", en = "few" } },
]
"#,
    );
    let many = [0, 0, 0, 0, 0, 100, 200, 300, 400];
    let few = [0; 9];
    for (faults, picked, answer, verdict) in [
        (many, Some(0), "busy", Verdict::Pass),
        (many, Some(0), "idle", Verdict::Fail),
        (few, Some(0), "idle", Verdict::Inconclusive),
        (few, Some(1), "idle", Verdict::Pass),
        (few, Some(1), "busy", Verdict::Fail),
        (few, None, "busy", Verdict::Error),
        (few, Some(7), "busy", Verdict::Error),
    ] {
        let recording = run(&exercise, &faults, picked);
        let now = recording.last().unwrap();
        let judgement = judge(&exercise, &Evidence { prediction: Some(answer), now: &now, run: Some(&recording) });
        assert_eq!(judgement.verdict, verdict, "{picked:?} {answer}: {}", judgement.reason.en);
    }
}
