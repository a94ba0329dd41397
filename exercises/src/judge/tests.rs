//! The judge on recordings that are wrong, cut short, or made by another kernel.

use proptest::prelude::*;
use sim_core::{Lang, SECOND};

use super::*;
use crate::{Content, Facts, Frame, Host, Load, Simulated, Source, Workload, catalogue, find};

fn minute() -> &'static Exercise {
    find("ch03-load-average/load-after-a-minute").unwrap()
}

fn judged(exercise: &Exercise, prediction: &str, recording: &Recording) -> Judgement {
    let host = Host::default().rest().unwrap();
    let now = host.last().unwrap();
    judge(exercise, &Evidence { prediction: Some(prediction), now: &now, run: Some(recording) })
}

#[test]
fn a_recording_that_cannot_be_used_is_refused_with_its_reason() {
    let good = Host::default().run(minute()).unwrap();
    let with = |change: &dyn Fn(&mut Recording)| {
        let mut recording = good.clone();
        change(&mut recording);
        recording
    };
    let told: Vec<_> = [
        ("no frames", with(&|r| r.frames.clear())),
        ("version", with(&|r| r.format_version = 2)),
        ("times go back", with(&|r| r.frames.swap(3, 4))),
        ("too long", with(&|r| r.frames.last_mut().unwrap().t_ns = u64::MAX)),
        ("a capture", with(&|r| r.ran = None)),
        ("another exercise", with(&|r| r.exercise = Some("ch03-load-average/time-to-calm".into()))),
        ("another workload", with(&|r| r.ran.as_mut().unwrap().workload.seconds = 59)),
        ("stopped", with(&|r| r.ran.as_mut().unwrap().ended = Ended::Stopped)),
        ("failed", with(&|r| r.ran.as_mut().unwrap().ended = Ended::Failed("fork: EAGAIN".into()))),
        ("overslept", with(&|r| r.ran.as_mut().unwrap().until_ns += 40 * SECOND)),
        ("cut short", with(&|r| r.frames.truncate(20))),
        ("no averages", with(&|r| r.frames.iter_mut().for_each(strip))),
        ("one file missing", with(&|r| r.frames.iter_mut().for_each(|f| drop(f.files.remove("/proc/loadavg"))))),
        ("faked", with(&|r| r.frames.iter_mut().for_each(|f| put(f, "0.00 0.00 0.00 1/9 9\n")))),
        ("workload did not count", with(&|r| *r = idle())),
    ]
    .into_iter()
    .map(|(name, recording)| {
        let judgement = judged(minute(), "0.67", &recording);
        assert_ne!(judgement.verdict, crate::Verdict::Pass, "{name}");
        let reasons = Lang::ALL.map(|lang| judgement.reason.get(lang).to_owned()).join("\n  ");
        format!("{name}: {:?}\n  {reasons}", judgement.verdict)
    })
    .collect();
    insta::assert_snapshot!(told.join("\n"));
}

fn strip(frame: &mut Frame) {
    frame.avenrun = None;
    put(frame, "none\n");
}

fn put(frame: &mut Frame, text: &str) {
    frame.files.insert("/proc/loadavg".into(), Content::Text(text.into()));
}

/// A minute in which the loop was said to run and did not.
fn idle() -> Recording {
    let mut exercise = minute().clone();
    let planned = exercise.workload.clone().unwrap();
    exercise.workload =
        Some(Workload { loads: vec![Load::BusyLoops { tasks: 0, tasks_per_cpu: 0 }], ..planned.clone() });
    let mut recording = Host::default().run(&exercise).unwrap();
    recording.ran.as_mut().unwrap().workload = planned;
    recording
}

/// Without sysinfo the two printed digits are judged, and that is said.
#[test]
fn printed_figures_do_where_the_integers_are_missing() {
    let mut recording = Host::default().run(minute()).unwrap();
    recording.frames.iter_mut().for_each(|frame| frame.avenrun = None);
    recording.sightings.clear();
    let judgement = judged(minute(), "0.67", &recording);
    assert_eq!(judgement.verdict, crate::Verdict::Pass, "{judgement:#?}");
    assert!(judgement.details.iter().any(|detail| detail.en.contains("two printed digits")));
}

/// What is not known about a machine is assumed aloud.
#[test]
fn assumptions_are_said() {
    let mut recording = Host::default().run(minute()).unwrap();
    recording.facts = Facts { cpus: Some(2), ..Facts::default() };
    let judgement = judged(minute(), "0.67", &recording);
    assert_eq!(judgement.verdict, crate::Verdict::Pass);
    let said: Vec<_> = judgement.details.iter().map(|detail| detail.en.as_ref()).collect();
    for what in ["HZ is not known", "version is not known"] {
        assert!(said.iter().any(|detail| detail.contains(what)), "{what}: {said:?}");
    }
}

/// On any machine, whatever the phase of its clock, the simulator run with the machine's own values
/// ends where the machine did.
#[test]
fn the_simulator_follows_every_quiet_machine() {
    for seed in 0..40 {
        for (kernel, hz) in [("6.12", 250), ("6.1.0", 1000), ("3.10.0-1160.el7.x86_64", 1000), ("5.10", 100)] {
            let host = Host { kernel: kernel.into(), hz, cpus: 4, avenrun: [900, 500, 200], background: 0, seed };
            let recording = host.run(minute()).unwrap();
            let judgement = judged(minute(), "0.79", &recording);
            let column = &judgement.columns[0];
            let figure = |text: &Option<Text>| text.as_ref().unwrap().en.parse::<f64>().unwrap();
            let (simulated, measured) = (figure(&column.simulated), figure(&column.measured));
            // One sample in twelve may have met the machine's other, short-lived work.
            assert!((simulated - measured).abs() < 0.085, "{kernel} {hz} {seed}: {simulated} {measured}");
            let token = judgement.token.as_deref().unwrap();
            let entry = sim_core::find("load-average").unwrap();
            let (run, cursor) = entry.run_token(token).unwrap();
            assert_eq!(cursor, 60 * SECOND);
            assert_eq!(run.at(cursor).metrics["avenrun_1"], {
                let last = judgement.curves.as_ref().unwrap().simulated.iter().rfind(|p| p.t_ms <= 66_000).unwrap();
                last.avenrun as i64
            });
        }
    }
}

/// The secret is in the recording, and both secrets are kept sometimes.
#[test]
fn a_secret_load_is_either_of_them() {
    let exercise = find("ch03-load-average/cpu-or-io").unwrap();
    let picked: std::collections::BTreeSet<_> = (0..20)
        .map(|seed| Host { seed, ..Host::default() }.run(exercise).unwrap().ran.unwrap().picked.unwrap())
        .collect();
    assert_eq!(picked.into_iter().collect::<Vec<_>>(), [0, 1]);
}

/// What can be shown without Linux can be solved by somebody who has none: on the recorded machine it
/// names, or on a simulated one. Of the rest, a recording shows the solution.
#[test]
fn every_exercise_can_be_solved_without_a_machine_of_ones_own() {
    let nothing = Simulated::default();
    for exercise in catalogue() {
        // What a reader does to a machine, and what no model shows, is shown by a recording.
        let done = matches!(exercise.check, crate::Check::Act(_));
        if !super::needs::shown(exercise) {
            let passes = |fixture: &crate::Fixture| fixture.verdict == crate::Verdict::Pass && fixture.run.is_some();
            let shown = exercise.fixtures.iter().any(|fixture| passes(fixture) || done && fixture.name == "solved");
            assert!(shown, "{}", exercise.id);
            continue;
        }
        if let Some(machine) = &exercise.machine {
            let whole = &crate::recorded_machine(&machine.name).unwrap().recording;
            // A page carries only what is read of it, and must judge alike.
            let carried = machine.recording();
            let passed: Vec<_> = exercise.fixtures.iter().filter(|f| f.verdict == crate::Verdict::Pass).collect();
            let solved = |recording: &Recording| {
                let now = recording.last().unwrap();
                let judged =
                    |answer: &str| judge(exercise, &Evidence { prediction: Some(answer), now: &now, run: None });
                let answers = passed.iter().filter_map(|fixture| fixture.prediction.as_deref());
                let judged: Vec<_> = answers.map(|answer| judged(answer).verdict).collect();
                assert!(judged.contains(&crate::Verdict::Pass), "{} {judged:?}", exercise.id);
                judged
            };
            assert_eq!(solved(whole), solved(&carried), "{}", exercise.id);
            continue;
        }
        let recording = Host { seed: 11, ..Host::default() }.run(exercise).unwrap();
        let solutions = [
            "0.67", "1.93", "42", "0.03", "r2b0", "waiting", "cpu", "3", "94", "256", "27.5", "470", "900", "4.5", "2",
            "each", "2.1",
        ];
        let passed = solutions.iter().any(|prediction| {
            let rest = recording.last().unwrap();
            let now: &dyn Machine = if exercise.workload.is_some() { &nothing } else { &rest };
            let evidence = Evidence { prediction: Some(prediction), now, run: Some(&recording) };
            judge(exercise, &evidence).verdict == crate::Verdict::Pass
        });
        assert!(passed, "{}", exercise.id);
    }
}

/// Texts that may stand where a kernel file should.
fn any_file() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("0.50 0.20 0.10 2/150 999\n".to_owned()),
        Just("cpu  10 0 5 80 4 0 0 0 0 0\nprocs_running 2\nprocs_blocked 0\n".to_owned()),
        Just("some avg10=1.00 avg60=0.00 avg300=0.00 total=5\n".to_owned()),
        (any::<u64>(), any::<u64>()).prop_map(|(a, b)| format!("{a}.00 0.00 {b}.99 {a}/{b} 1\n")),
        (any::<u64>(), any::<u64>())
            .prop_map(|(a, b)| format!("cpu {a} {b} {a} {b}\nprocs_running {a}\nprocs_blocked {b}\n")),
        any::<u64>().prop_map(|a| format!("some avg10={a}.00 total={a}\n")),
        any::<String>(),
    ]
}

prop_compose! {
    fn any_recording()(
        times in proptest::collection::vec(any::<u64>(), 0..12),
        texts in proptest::collection::vec(any_file(), 12),
        averages in proptest::collection::vec(proptest::option::of(any::<[u64; 3]>()), 12),
        (from_ns, until_ns) in prop_oneof![Just((6 * SECOND, 66 * SECOND)), any::<(u64, u64)>()],
        plausible in any::<bool>(),
        picked in proptest::option::of(any::<u32>()),
        hz in proptest::option::of(any::<u32>()),
        cpus in proptest::option::of(any::<u32>()),
        kernel in proptest::option::of("[0-9]{1,3}\\.[0-9]{1,2}.{0,4}"),
        exercise in 0..catalogue().len(),
    ) -> (usize, Recording) {
        let facts = Facts { kernel, hz, cpus, recorder_threads: 1 };
        let mut recording = Recording::new(Source::Live, facts);
        let mut times = times;
        if plausible {
            times = (0..12).map(|i| i * 20 * SECOND).collect();
        }
        times.sort_unstable();
        times.dedup();
        for (i, t_ns) in times.into_iter().enumerate() {
            let paths = catalogue()[exercise].reads().into_iter().map(|path| path.replace('*', "0"));
            let files = paths.map(|path| (path, Content::Text(texts[i].clone()))).collect();
            recording.frames.push(Frame { t_ns, avenrun: averages[i], files });
        }
        let workload = catalogue()[exercise].workload.clone();
        recording.ran = workload.map(|workload| {
            let planned = u64::from(workload.seconds) * SECOND;
            let until_ns = if plausible { from_ns.min(9 * SECOND) + planned } else { until_ns };
            let from_ns = if plausible { from_ns.min(9 * SECOND) } else { from_ns };
            Ran { workload, picked, from_ns, until_ns, ended: Ended::AsPlanned }
        });
        (exercise, recording)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_recording_is_judged((exercise, recording) in any_recording(), prediction in "[0-9a-z.]{0,5}") {
        let exercise = &catalogue()[exercise];
        let nothing = Simulated::default();
        for prediction in [prediction.as_str(), "1", "r2b0", "cpu"] {
            let last = recording.last();
            let now: &dyn Machine = last.as_ref().map_or(&nothing, |last| last);
            let judgement = judge(exercise, &Evidence { prediction: Some(prediction), now, run: Some(&recording) });
            prop_assert!(!judgement.reason.ko.is_empty() && !judgement.reason.en.is_empty());
            serde_json::to_string(&judgement).unwrap();
        }
    }

    #[test]
    fn any_text_is_a_recording_or_refused(json in any::<String>()) {
        if let Err(bad) = Recording::from_json(&json) {
            prop_assert!(!bad.0.ko.is_empty());
        }
    }
}
