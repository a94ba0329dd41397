//! What each preset shows.

use super::MemoryMap;
use crate::{Model, Run, SECOND, Valid, run};

fn preset(name: &str) -> Run {
    let preset = MemoryMap::presets().into_iter().find(|preset| preset.name == name).expect("a preset");
    run(&Valid::<MemoryMap>::new(preset.scenario).expect("valid"))
}

/// What a number, in MiB, grew by between two moments.
fn grew(run: &Run, metric: &str, from: u64, until: u64) -> i64 {
    (run.at(until * SECOND).metrics[metric] - run.at(from * SECOND).metrics[metric]) / 256
}

#[test]
fn a_file_fills_the_cache_and_stays_available() {
    let run = preset("read-a-file");
    assert_eq!((grew(&run, "cached", 1, 5), grew(&run, "free", 1, 5)), (300, -300));
    assert_eq!((grew(&run, "inactive_file", 1, 5), grew(&run, "active_file", 1, 5)), (300, 0));
    assert_eq!((grew(&run, "inactive_file", 5, 9), grew(&run, "active_file", 5, 9)), (-300, 300));
    assert!(grew(&run, "available", 1, 9).abs() <= 6, "{}", grew(&run, "available", 1, 9));
}

#[test]
fn a_device_is_buffers_and_a_file_is_cached() {
    let run = preset("buffers-or-cached");
    assert_eq!((grew(&run, "cached", 1, 14), grew(&run, "buffers", 1, 14)), (200, 200));
}

#[test]
fn what_can_be_dropped_is_dropped() {
    let run = preset("drop-caches");
    assert_eq!((grew(&run, "cached", 4, 6), grew(&run, "slab_reclaimable", 4, 6)), (-300, 0));
    let last = &run.frames.last().unwrap().metrics;
    assert_eq!((last["shmem"], last["cached"], last["dentries"]), (100 * 256, 100 * 256, 0));
}

#[test]
fn dentries_come_back_when_memory_is_wanted() {
    let run = preset("dentries");
    let most = run.at(15 * SECOND).metrics["negative"];
    assert_eq!(most, 3_000_000);
    assert!(grew(&run, "available", 1, 15) > -20, "{}", grew(&run, "available", 1, 15));
    assert!(run.frames.last().unwrap().metrics["negative"] < most / 2);
}

#[test]
fn a_leak_shows_in_available_and_not_in_free() {
    let run = preset("leak");
    assert!(grew(&run, "free", 3, 30).abs() < 5, "{}", grew(&run, "free", 3, 30));
    assert!(grew(&run, "available", 3, 30) < -350, "{}", grew(&run, "available", 3, 30));
}

#[test]
fn low_free_memory_costs_nothing() {
    let run = preset("free-is-low");
    let at = &run.at(25 * SECOND).metrics;
    assert!(at["free"] < 2000 && at["available"] > 700 * 256, "{at:?}");
}

#[test]
fn a_file_in_memory_counts_as_cached_and_is_not_available() {
    let run = preset("files-in-memory");
    assert_eq!((grew(&run, "cached", 1, 8), grew(&run, "available", 1, 8)), (400, -400));
}

#[test]
fn where_each_preset_ends() {
    let ends = MemoryMap::presets().into_iter().map(|p| {
        let run = preset(p.name);
        (p.name, run.events.len(), run.frames.last().expect("a frame").metrics.clone())
    });
    insta::assert_debug_snapshot!(ends.collect::<Vec<_>>());
}
