//! The model as a whole: what each preset shows, and the books that are kept.

use super::Reclaim;
use crate::{Model, Run, SECOND, Valid, run};

fn preset(name: &str) -> Run {
    let preset = Reclaim::presets().into_iter().find(|preset| preset.name == name).expect("a preset");
    run(&Valid::<Reclaim>::new(preset.scenario).expect("valid"))
}

/// The last frames of all presets: whoever changes the rules sees what else changed.
#[test]
fn where_each_preset_ends() {
    let ends = Reclaim::presets().into_iter().map(|p| {
        let run = preset(p.name);
        let last = run.frames.last().expect("a frame");
        (p.name, run.events.len(), last.metrics.clone())
    });
    insta::assert_debug_snapshot!(ends.collect::<Vec<_>>());
}

fn end(run: &Run, metric: &str) -> i64 {
    run.frames.last().expect("a frame").metrics[metric]
}

#[test]
fn a_file_read_once_does_not_push_out_the_one_in_use() {
    let run = preset("streaming-read");
    assert_eq!((end(&run, "active_file"), end(&run, "workingset_refault_file")), (256 * 256, 0));
    assert_eq!((end(&run, "pswpout"), end(&run, "allocstall")), (0, 0));
    assert!(end(&run, "pgsteal_kswapd") > 3000 * 256);
    // Nothing came back, so nothing but swappiness is on the scales: 140 to 60.
    assert_eq!((end(&run, "file_per_anon"), end(&run, "anon_share")), (233, 300));
}

#[test]
fn swappiness_tips_the_scales() {
    let [ten, sixty, most] = ["swappiness-10", "swappiness-60", "swappiness-180"].map(preset);
    let share = |run: &Run| end(run, "pgscan_anon") * 100 / (end(run, "pgscan_anon") + end(run, "pgscan_file"));
    assert!(share(&ten) < share(&sixty) && share(&sixty) < share(&most), "{:?}", [&ten, &sixty, &most].map(share));
    // Ten is no ban, but the heap is in use: none of it goes.
    assert!(end(&ten, "pgscan_anon") > 0 && end(&ten, "pswpout") == 0);
    assert!(end(&most, "pswpout") > 2 * end(&sixty, "pswpout"));
}

#[test]
fn a_leak_takes_cache_then_swap_and_is_killed() {
    let run = preset("leak-until-oom");
    let when = |kind: &str| run.events.iter().find(|event| event.kind == kind).map(|event| event.t_ns);
    let (wake, out, oom) = (when("kswapd-wake"), when("swap-out"), when("oom"));
    assert!(wake.is_some() && wake < out && out < oom, "{wake:?} {out:?} {oom:?}");
    assert_eq!((end(&run, "oom_kill"), end(&run, "anon_pages")), (1, 0));
    assert!(run.frames.iter().map(|frame| frame.metrics["swap_used"]).max() > Some(510 * 256));
}

#[test]
fn a_working_set_that_does_not_fit_loses_most_of_its_time() {
    let (large, fits) = (preset("working-set-too-large"), preset("working-set-fits"));
    assert_eq!((end(&fits, "pswpout"), end(&fits, "workingset_refault_anon")), (0, 0));
    assert!(end(&large, "workingset_refault_anon") > 1000 * 256);
    assert!(end(&fits, "used") > 4 * end(&large, "used"));
}

#[test]
fn what_is_parked_in_swap_costs_nothing() {
    let entry = crate::find("reclaim").expect("the model");
    let scenario = entry.preset("parked-in-swap").expect("a preset").scenario;
    let frames = [30, 60].map(|t| entry.at(&scenario, t * SECOND).expect("valid"));
    let at = |metric: &str| [0, 1].map(|i: usize| frames[i].metrics[metric]);
    assert!(at("swap_used")[1] > 300 * 256);
    for metric in ["pswpin", "pswpout", "stalled"] {
        let [before, after] = at(metric);
        assert_eq!(before, after, "{metric}");
    }
}

#[test]
fn pressure_decides_how_fast_inodes_go() {
    let left = ["vfs-cache-pressure-50", "vfs-cache-pressure-200"].map(|name| end(&preset(name), "inodes"));
    assert!(left[0] > 3 * left[1] / 2, "{left:?}");
}

#[test]
fn no_page_is_lost_or_counted_twice() {
    for p in Reclaim::presets() {
        let valid = Valid::<Reclaim>::new(p.scenario).expect("valid");
        let mut model = Reclaim::start(&valid);
        for t in 0..60 {
            assert_eq!(model.accounted(), model.managed(), "{} at {t} s", p.name);
            model.advance_to(t * SECOND);
        }
    }
}
