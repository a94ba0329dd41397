//! The figures of sharing the CPU, one element a line so that a change can be read.

mod common;
mod extents;

use common::readable;
use extents::extents;
use sim_core::cpu_shares::{Class, CpuShares, Group, Scenario, Task};
use sim_core::scenario::Valid;
use sim_core::{Lang, MILLISECOND, Model};
use sim_figures::cpu_shares::Lane;
use sim_figures::{Drawn, Source, View, static_figure};

#[test]
fn figures_for_pages() {
    for name in ["nice-0-and-5", "waking-under-cfs", "cpu-weight", "cpu-max", "realtime-today"] {
        for lang in Lang::ALL {
            let figure = static_figure("cpu-shares", Source::Preset(name), None, lang).expect("a figure");
            insta::assert_snapshot!(format!("{name}.{lang}"), readable(&figure.inline));
        }
    }
}

/// What no preset shows: every policy, groups and sessions of several tasks on several CPUs, tasks
/// that come and go, far apart in virtual time.
fn crowded() -> Scenario {
    let end = 3000;
    let mut tasks: Vec<Task> = (0..10)
        .map(|i| Task::new(i * 4 - 20, end - i * 150).on_cpu(i % 3).in_group(i % 4 - 1).in_session(i % 2).from(i * 100))
        .collect();
    tasks.push(Task { policy: Class::Idle, ..Task::new(0, end) });
    tasks.push(Task { policy: Class::Batch, ..Task::new(19, end).sleeping(900, 4000, 900) });
    tasks.push(Task::new(0, end).sleeping(5000, 90_000, 0).realtime(Class::Fifo, 99));
    tasks.push(Task::new(0, 2000).realtime(Class::Rr, 1).on_cpu(1).from(1000));
    let groups = vec![
        Group { quota_us: 10_000, ..Group::default() },
        Group { cpu_weight: 10_000, ..Group::default() },
        Group::default(),
    ];
    Scenario { cpus: 64, duration_ms: end, sched_autogroup_enabled: 1, groups, tasks, ..Scenario::default() }
}

/// Every text inside the drawing, as wide as estimated: nothing is cut off, and the picture does not
/// change its height over a run.
#[test]
fn no_text_leaves_the_drawing() {
    let presets = CpuShares::presets().into_iter().map(|preset| (preset.name, preset.scenario));
    for (name, scenario) in presets.chain([("crowded", crowded()), ("empty", Scenario::default())]) {
        let scenario = Valid::<CpuShares>::new(scenario).expect("valid");
        let history = CpuShares::history(&scenario);
        for lang in Lang::ALL {
            for width in [320, 360, 720] {
                let mut heights = Vec::new();
                for t in [0, 1, 37, 350, 1203, 1990] {
                    let state = CpuShares::state_at(&scenario, t * MILLISECOND);
                    let view = View { id: "fit", width, lang };
                    let picture = state.picture(&history, &view);
                    heights.push(
                        picture.split("viewBox=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned),
                    );
                    let chart = CpuShares::chart(&history, state.now());
                    for svg in [picture, chart.svg(&view)] {
                        for (left, right, text) in extents(&svg) {
                            let fits = left >= -5 && right <= width as i32 * 10 + 5;
                            assert!(fits, "{name} {lang} {width} px at {t}: {text:?} {left}..{right}");
                        }
                    }
                }
                heights.dedup();
                assert_eq!(heights.len(), 1, "{name} {lang} {width}: {heights:?}");
            }
        }
    }
}

/// The lanes of a run are its CPU time: what ran before the cursor adds up to what each task had.
#[test]
fn lanes_and_shares_agree() {
    for preset in CpuShares::presets() {
        let scenario = Valid::<CpuShares>::new(preset.scenario).expect("valid");
        let history = CpuShares::history(&scenario);
        let state = CpuShares::state_at(&scenario, preset.cursor);
        for (i, task) in state.tasks().iter().enumerate() {
            let turns =
                history.extra.turns.iter().filter(|turn| usize::from(turn.task) == i && turn.t <= preset.cursor);
            let (mut ran, mut waited) = (0, 0);
            let (mut lane, mut since) = (Lane::Away, 0);
            for turn in turns.map(|turn| (turn.lane, turn.t)).chain([(Lane::Away, preset.cursor)]) {
                match lane {
                    Lane::Runs => ran += turn.1 - since,
                    Lane::Waits => waited += turn.1 - since,
                    Lane::Away => {}
                }
                (lane, since) = turn;
            }
            assert_eq!(waited, task.run_delay, "{} task {i}", preset.name);
            assert_eq!(ran, task.cpu_ns, "{} task {i}", preset.name);
        }
    }
}

#[test]
fn colours_are_the_pages() {
    for preset in CpuShares::presets() {
        let figure = static_figure("cpu-shares", Source::Preset(preset.name), None, Lang::Ko).expect("a figure");
        for forbidden in ["#", "rgb", "style=", "fill=", "stroke="] {
            assert!(!figure.inline.contains(forbidden), "{}: {forbidden}", preset.name);
        }
    }
}
