//! The model as a whole: what its presets show.

use super::scenario::Scenario;
use super::{CpuShares, Task, presets};
use crate::fidelity::{embedded, replay_all};
use crate::model::{Log, Model, Preset};
use crate::run::run;
use crate::scenario::Valid;
use crate::{Lang, MILLISECOND, SECOND, Token};

fn valid(scenario: Scenario) -> Valid<CpuShares> {
    Valid::new(scenario).unwrap()
}

/// The figures at the end of a preset, those that are zero left out.
fn at_the_end(preset: &Preset<Scenario>) -> String {
    let mut model = CpuShares::start(&valid(preset.scenario.clone()));
    model.advance_to(model.ends());
    let shown = CpuShares::metrics_list().iter().zip(model.metrics()).filter(|(_, value)| *value != 0);
    shown.map(|(metric, value)| format!("{} {value}/{}", metric.name, metric.scale)).collect::<Vec<_>>().join(", ")
}

#[test]
fn presets_show_what_they_say() {
    let shown: Vec<_> = presets::presets().iter().map(|preset| (preset.name, at_the_end(preset))).collect();
    insta::assert_debug_snapshot!(shown);
}

#[test]
fn every_run_of_a_preset_is_the_same() {
    for preset in presets::presets() {
        let scenario = valid(preset.scenario);
        let token = Token::new(scenario.clone(), preset.cursor);
        let again = Token::<CpuShares>::parse(&token.to_string()).unwrap();
        assert_eq!((*again.scenario).clone(), *scenario, "{}", preset.name);
        assert_eq!(run(&scenario).to_json(Lang::Ko), run(&again.scenario).to_json(Lang::Ko), "{}", preset.name);
    }
}

/// Stopping anywhere changes nothing that comes later.
#[test]
fn the_end_does_not_depend_on_the_way() {
    for preset in presets::presets() {
        let scenario = valid(preset.scenario);
        let mut by_event = CpuShares::start(&scenario);
        while by_event.step(&mut Log::silent()) {}
        let mut by_moment = CpuShares::start(&scenario);
        while by_moment.now() < by_moment.ends() {
            by_moment.advance(by_moment.now() + 777_777, &mut Log::silent());
        }
        assert_eq!(by_event.metrics(), by_moment.metrics(), "{}", preset.name);
        assert_eq!(by_event.files(), by_moment.files(), "{}", preset.name);
    }
}

/// Which task had CPU 0 in each tick.
fn ticks(scenario: Scenario, count: usize) -> String {
    let hz = scenario.hz as u64;
    let mut model = CpuShares::start(&valid(scenario));
    let mut ran = String::new();
    for tick in 0..count as u64 {
        model.advance_to(tick * SECOND / hz + SECOND / hz / 2);
        ran.push(model.running()[0].1.map_or('-', super::letter));
    }
    ran
}

/// Worked out by hand from the rules of 6.1 and 6.12, tick by tick; the first turns under EEVDF are
/// shorter because a new task asks for half a slice.
#[test]
fn turns_follow_the_tick() {
    let two = |kernel: &str, hz, base_slice_ns, nice| Scenario {
        kernel: kernel.parse().unwrap(),
        hz,
        base_slice_ns,
        tasks: vec![Task::new(0, 2000), Task::new(nice, 2000)],
        ..Scenario::default()
    };
    for (scenario, skip, want) in [
        (two("6.1", 250, 0, 5), 30, "AAABAAABAAABAAABAAABAAABAAABAAABAAABAAABA"),
        (two("6.12", 250, 0, 5), 30, "AAABAAABAAABAAABAAABAAABAAABAAABAAABAAABA"),
        (two("6.12", 1000, 3_000_000, 0), 0, "AABBAAABBBAAABBBAAABB"),
    ] {
        let ran = ticks(scenario.clone(), skip + want.len());
        assert_eq!(ran[skip..], *want, "{} {}", scenario.kernel, scenario.hz);
    }
}

#[test]
fn the_files_say_what_the_kernel_would() {
    let preset = presets::presets().into_iter().find(|preset| preset.name == "cpu-max").unwrap();
    let mut model = CpuShares::start(&valid(preset.scenario));
    model.advance_to(1234 * MILLISECOND);
    insta::assert_snapshot!(model.files().iter().map(|(path, text)| format!("== {path}\n{text}")).collect::<String>());
}

#[test]
fn a_recording_that_differs_is_noticed() {
    for (trace, ending, from, to, note) in [
        ("pair-0-5", "json", "\"nice\": 5", "\"nice\": 4", "reading 0 task A: model"),
        ("pair-0-5", "json", "\"nice\": 5", "\"nice\": 25", "tasks[1].nice = 25: allowed -20..19"),
        ("pair-0-5", "samples.csv", ",1,", ",0,", "expected 2 tasks in turn at each reading"),
        ("alone-0-5", "samples.csv", ",187\n", ",217\n", "turns of B: model"),
        ("max-20", "json", "20000", "25000", "reading 3 task A: model"),
        ("max-20", "json", "\"nr_throttled\": 99", "\"nr_throttled\": 80", "nr_throttled: model"),
        ("waking", "json", "1.896", "2.896", "mean latency: model"),
        ("ratios", "json", "1.247", "1.300", "nice 0 and 1: model"),
    ] {
        let name = format!("cpu-shares/{trace}.{ending}");
        let mut files = embedded().only("cpu-shares", trace);
        let text = files.text(&name).unwrap();
        files.insert(&name, text.replacen(from, to, 1));
        let (reports, _) = replay_all(&files);
        assert!(reports.len() == 1 && !reports[0].pass, "{name} {from}: {reports:?}");
        assert!(reports[0].note.contains(note), "{name} {from}: {reports:?}");
    }
}
