//! What each preset shows.

use super::MemoryMap;
use crate::{Model, Run, SECOND, Valid, run};

fn preset(name: &str) -> Run {
    let preset = MemoryMap::presets().into_iter().find(|preset| preset.name == name).expect("a preset");
    run(&Valid::<MemoryMap>::new(preset.scenario).expect("valid"))
}

/// A number at a moment.
fn at(name: &str, metric: &str, t: u64) -> i64 {
    let entry = crate::find("memory-map").expect("the model");
    let preset = entry.preset(name).expect("a preset");
    entry.at(&preset.scenario, t * SECOND).expect("valid").metrics[metric]
}

/// What a number, in MiB, grew by between two moments.
fn grew(name: &str, metric: &str, from: u64, until: u64) -> i64 {
    (at(name, metric, until) - at(name, metric, from)) / 256
}

#[test]
fn a_file_fills_the_cache_and_stays_available() {
    let run = "read-a-file";
    assert_eq!((grew(run, "cached", 1, 9), grew(run, "free", 1, 9)), (300, -300));
    // A third is still to be read; then it is read again.
    let lists = |until| ["inactive_file", "active_file"].map(|metric| grew(run, metric, 1, until));
    let third = lists(4)[0];
    assert!((200..=201).contains(&third) && lists(4)[1] == 0, "{third}");
    assert_eq!(lists(9), [0, 300]);
    assert!(grew(run, "available", 1, 9).abs() <= 6, "{}", grew(run, "available", 1, 9));
}

#[test]
fn a_device_is_buffers_and_a_file_is_cached() {
    let run = "buffers-or-cached";
    assert_eq!((grew(run, "cached", 1, 14), grew(run, "buffers", 1, 14)), (200, 200));
}

#[test]
fn what_can_be_dropped_is_dropped() {
    let run = "drop-caches";
    assert_eq!((grew(run, "cached", 4, 6), grew(run, "slab_reclaimable", 4, 6)), (-300, 0));
    assert_eq!(["shmem", "cached", "dentries"].map(|metric| at(run, metric, 15)), [100 * 256, 100 * 256, 0]);
}

#[test]
fn dentries_come_back_when_memory_is_wanted() {
    let run = "dentries";
    let most = at(run, "negative", 15);
    assert_eq!(most, 3_000_000);
    assert!(grew(run, "available", 1, 15) > -20, "{}", grew(run, "available", 1, 15));
    assert!(at(run, "negative", 30) < most / 2, "{}", at(run, "negative", 30));
}

#[test]
fn a_leak_shows_in_available_and_not_in_free() {
    let run = "leak";
    assert!(grew(run, "free", 3, 30).abs() < 5, "{}", grew(run, "free", 3, 30));
    assert!(grew(run, "available", 3, 30) < -350, "{}", grew(run, "available", 3, 30));
}

#[test]
fn low_free_memory_costs_nothing() {
    let [free, available] = ["free", "available"].map(|metric| at("free-is-low", metric, 25));
    assert!(free < 2000 && available > 700 * 256, "{free} {available}");
}

#[test]
fn a_file_in_memory_counts_as_cached_and_is_not_available() {
    let run = "files-in-memory";
    assert_eq!((grew(run, "cached", 1, 8), grew(run, "available", 1, 8)), (400, -400));
}

#[test]
fn where_each_preset_ends() {
    let ends = MemoryMap::presets().into_iter().map(|p| {
        let run = preset(p.name);
        (p.name, run.events.len(), run.frames.last().expect("a frame").metrics.clone())
    });
    insta::assert_debug_snapshot!(ends.collect::<Vec<_>>());
}
