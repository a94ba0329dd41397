//! The model as a whole: what its presets show, and what a boot was seen to do.

use super::scenario::{Scenario, State, Task};
use super::{LoadAverage, presets};
use crate::model::{Log, Model, Preset};
use crate::run::run;
use crate::scenario::Valid;
use crate::{MILLISECOND, Token};

fn valid(scenario: Scenario) -> Valid<LoadAverage> {
    Valid::new(scenario).unwrap()
}

/// Text of the three averages at the cursor of a preset.
fn at_cursor(preset: &Preset<Scenario>) -> String {
    let mut model = LoadAverage::start(&valid(preset.scenario.clone()));
    model.advance_to(preset.cursor);
    let text = &model.files()["/proc/loadavg"];
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

#[test]
fn presets_show_what_they_say() {
    let shown: Vec<_> = presets::presets().iter().map(|preset| (preset.name, at_cursor(preset))).collect();
    insta::assert_debug_snapshot!(shown);
}

#[test]
fn every_run_of_a_preset_is_the_same() {
    for preset in presets::presets() {
        let scenario = valid(preset.scenario);
        let token = Token::new(scenario.clone(), preset.cursor);
        let again = Token::<LoadAverage>::parse(&token.to_string()).unwrap();
        assert_eq!(again.to_string(), token.to_string(), "{}", preset.name);
        assert_eq!((*again.scenario).clone(), *scenario, "{}", preset.name);
        let (one, two) = (run(&scenario), run(&again.scenario));
        assert_eq!(one.to_json(crate::Lang::Ko), two.to_json(crate::Lang::Ko), "{}", preset.name);
    }
}

/// Stopping anywhere changes nothing that comes later.
#[test]
fn the_end_does_not_depend_on_the_way() {
    for preset in presets::presets() {
        let scenario = valid(preset.scenario);
        let mut by_event = LoadAverage::start(&scenario);
        while by_event.step(&mut Log::silent()) {}
        let mut by_second = LoadAverage::start(&scenario);
        while by_second.now() < by_second.ends() {
            by_second.advance(by_second.now() + 777 * MILLISECOND, &mut Log::silent());
        }
        assert_eq!(by_event.metrics(), by_second.metrics(), "{}", preset.name);
        assert_eq!(by_event.files(), by_second.files(), "{}", preset.name);
    }
}

#[test]
fn one_task_for_a_minute_on_each_kernel() {
    for (kernel, want) in [("2.6.32", [1291, 367, 121]), ("3.10", [1295, 372, 129]), ("6.12", [1299, 378, 132])] {
        let scenario = Scenario {
            kernel: kernel.parse().unwrap(),
            duration_ms: 61_000,
            tasks: vec![Task::new(State::Runnable, 0, 61_000)],
            ..Scenario::default()
        };
        let mut model = LoadAverage::start(&valid(scenario));
        model.advance_to(model.ends());
        assert_eq!(model.avenrun(), want, "{kernel}");
    }
}

/// Recorded: at 1084 290 99 with nothing to run and no tick for 12 s, the figures became
/// 843 275 96 - one step and two in bulk.
#[test]
fn a_long_idle_is_made_up_for_in_bulk() {
    let scenario = Scenario {
        avenrun: [1084, 290, 99],
        idle_wakeup_ms: 0,
        duration_ms: 20_000,
        tasks: vec![Task::new(State::Runnable, 17_000, 18_000)],
        ..Scenario::default()
    };
    let run = run(&valid(scenario));
    let kinds: Vec<_> = run.events.iter().map(|e| (e.t_ns / MILLISECOND, e.kind)).collect();
    assert_eq!(kinds, [(17_000, "update"), (17_000, "catch-up"), (17_000, "start"), (18_000, "end")]);
    assert_eq!(run.frames.last().unwrap().metrics["avenrun_1"], 843);
    assert_eq!(run.frames.last().unwrap().metrics["avenrun_15"], 96);
}

#[test]
fn sleepers_count_where_nothing_runs() {
    for kernel in ["2.6.18", "2.6.32", "3.10", "4.11", "4.12", "6.12"] {
        for idle_wakeup_ms in [0, 1000] {
            let scenario = Scenario {
                kernel: kernel.parse().unwrap(),
                cpus: 2,
                idle_wakeup_ms,
                duration_ms: 300_000,
                tasks: vec![
                    Task::new(State::Uninterruptible, 100, 290_000).on_cpu(1).times(2),
                    // Something that looks at the clock in the end.
                    Task::new(State::Runnable, 280_000, 280_010),
                ],
                ..Scenario::default()
            };
            let mut model = LoadAverage::start(&valid(scenario));
            model.advance_to(281_000 * MILLISECOND);
            let want = if kernel == "2.6.32" && idle_wakeup_ms == 0 { 0 } else { 2 };
            assert_eq!(model.nr_uninterruptible(), 2);
            // One update after the whole gap is all RHEL 6 gets from one look at the clock.
            let reached = (model.avenrun()[0] + 100) / 2048;
            assert_eq!(reached, want, "{kernel} {idle_wakeup_ms} {:?}", model.avenrun());
        }
    }
}
