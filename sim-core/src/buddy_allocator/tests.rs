//! The model as a whole: what its presets show, and the worked examples of the rules.

use super::fallback::{Ask, Mode, Request, Watch};
use super::{BuddyAllocator, Op, Rules, Scenario, Zone, presets};
use crate::model::{Log, Model};
use crate::run::run;
use crate::scenario::Valid;
use crate::{MILLISECOND, Token};

fn valid(scenario: Scenario) -> Valid<BuddyAllocator> {
    Valid::new(scenario).unwrap()
}

fn rules(kernel: &str) -> Rules {
    Rules::of(kernel.parse().unwrap()).unwrap()
}

/// A zone of which one block is free.
fn zone(kernel: &str, pages: u32, pfn: u32, order: u32) -> Zone {
    let mut zone = Zone::new("Normal", 0, pages, u64::from(pages), rules(kernel));
    zone.add_to_free_list(pfn, order, 1, true);
    zone
}

fn list(zone: &Zone, order: u32, mt: u8) -> Vec<u32> {
    zone.list(order, mt).collect()
}

/// Answers that a pageblock holds so many movable pages.
struct Movable(u32);

impl Watch for Movable {
    fn claims(&mut self, _zone: &Zone, ask: Ask) -> bool {
        ask.claimed(self.0)
    }
}

#[test]
fn four_pages_of_a_block_of_eight() {
    let mut zone = zone("6.1", 64, 0, 3);
    let taken: Vec<_> = (0..4).map(|_| zone.rmqueue_smallest(0, 1).unwrap()).collect();
    assert_eq!(taken, [(0, 3), (1, 0), (2, 1), (3, 0)]);
    assert_eq!(list(&zone, 2, 1), [4]);
    assert_eq!(zone.free_one_page(1, 0, 1, false), (1, 0));
    assert_eq!(zone.free_one_page(3, 0, 1, false), (3, 0));
    assert_eq!(list(&zone, 0, 1), [3, 1]);
    assert_eq!(zone.free_one_page(2, 0, 1, false), (2, 1));
    assert_eq!(zone.free_one_page(0, 0, 1, false), (0, 3));
    assert_eq!((zone.free_pages(), zone.nr_free(3)), (8, 1));
}

#[test]
fn a_block_whose_parent_may_merge_soon_goes_to_the_tail() {
    let mut zone = zone("6.1", 1024, 8, 3);
    zone.add_to_free_list(100, 2, 1, true);
    // 0..8 would merge with 8..16, so its half waits at the tail.
    zone.free_one_page(4, 2, 1, false);
    assert_eq!(list(&zone, 2, 1), [100, 4]);
    zone.free_one_page(200, 2, 1, false);
    assert_eq!(list(&zone, 2, 1), [200, 100, 4]);
    zone.free_one_page(300, 2, 1, true);
    assert_eq!(list(&zone, 2, 1), [200, 100, 4, 300]);
}

#[test]
fn pageblocks_of_other_kinds_merge_only_where_both_may() {
    for (kernel, theirs, merges, retyped) in [("6.1", 0, true, 0), ("6.12", 0, true, 1), ("6.12", 3, false, 3)] {
        let mut zone = Zone::new("Normal", 0, 2048, 2048, rules(kernel));
        zone.set_block_type(512, theirs);
        zone.add_to_free_list(512, 9, theirs, true);
        let (_, order) = zone.free_one_page(0, 9, 1, false);
        assert_eq!((order == 10, zone.block_type(512)), (merges, retyped), "{kernel} {theirs}");
    }
}

/// An unmovable page is wanted and only a movable pageblock has something free: 128 pages of it,
/// the rest of it taken by so many movable pages.
#[test]
fn a_pageblock_changes_hands_by_kernel_and_by_what_is_in_it() {
    for (kernel, order, mt, movable, got, owner, left) in [
        // Most of the block is not movable: it is claimed.
        ("6.1", 0, 0, 100, 128, 0, 0),
        ("6.12", 0, 0, 100, 128, 0, 0),
        // Most of it is: 6.1 moves what is free all the same, 6.12 borrows one page.
        ("6.1", 0, 0, 384, 128, 1, 0),
        ("6.12", 0, 0, 384, 128, 1, 127),
        ("3.10", 0, 0, 384, 128, 1, 0),
    ] {
        let mut zone = zone(kernel, 1024, 128, 7);
        let request = Request { order, mt, nofragment: false };
        let pfn = zone.rmqueue(request, &mut Mode::Normal, &mut Movable(movable));
        let movable_left: u64 = (0..11).map(|o| zone.nr_free_of(o, 1) << o).sum();
        let at = (pfn, zone.block_type(128), movable_left);
        assert_eq!(at, (Some(got), owner, left), "{kernel} {movable}");
        assert_eq!(zone.free_pages(), 127);
    }
}

#[test]
fn a_fallback_that_may_not_mix_takes_whole_pageblocks_only() {
    for kernel in ["6.1", "6.12"] {
        let request = Request { order: 0, mt: 0, nofragment: true };
        let mut small = zone(kernel, 2048, 512, 8);
        assert_eq!(small.rmqueue(request, &mut Mode::Normal, &mut Movable(0)), None, "{kernel}");
        let mut large = zone(kernel, 2048, 512, 9);
        assert_eq!(large.rmqueue(request, &mut Mode::Normal, &mut Movable(0)), Some(512), "{kernel}");
        assert_eq!(large.block_type(512), 0);
    }
}

/// What stands in `/proc/buddyinfo` and in the figures at the cursor of each preset, and how often
/// each kind of event happens.
#[test]
fn presets_show_what_they_say() {
    let mut shown = Vec::new();
    for preset in presets::presets() {
        let scenario = valid(preset.scenario);
        let mut model = BuddyAllocator::start(&scenario);
        model.advance_to(preset.cursor);
        let names = BuddyAllocator::metrics_list().iter().map(|metric| metric.name);
        let metrics: Vec<String> = names.zip(model.metrics()).map(|(name, value)| format!("{name} {value}")).collect();
        let buddyinfo = model.files()["/proc/buddyinfo"].clone();
        let mut kinds = std::collections::BTreeMap::new();
        let mut log = Log::silent();
        let mut all = BuddyAllocator::start(&scenario);
        while all.step(&mut log) {
            for event in log.take() {
                *kinds.entry(event.kind).or_insert(0) += 1;
            }
        }
        shown.push(format!("{}\n{}{}\n{kinds:?}", preset.name, buddyinfo, metrics.join(", ")));
    }
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn the_files_of_a_machine_under_pressure() {
    let presets = presets::presets();
    let preset = presets.iter().find(|preset| preset.name == "free-is-not-allocatable").unwrap();
    for kernel in ["5.10", "6.12"] {
        let scenario = Scenario { kernel: kernel.parse().unwrap(), ..preset.scenario.clone() };
        let mut model = BuddyAllocator::start(&valid(scenario));
        model.advance_to(preset.cursor);
        let files: Vec<String> = model.files().iter().map(|(path, text)| format!("# {path}\n{text}")).collect();
        insta::assert_snapshot!(format!("files_of_{}", kernel.replace('.', "_")), files.join("\n"));
    }
}

#[test]
fn every_run_of_a_preset_is_the_same() {
    for preset in presets::presets() {
        let scenario = valid(preset.scenario);
        let token = Token::new(scenario.clone(), preset.cursor);
        let again = Token::<BuddyAllocator>::parse(&token.to_string()).unwrap();
        assert_eq!(again.to_string(), token.to_string(), "{}", preset.name);
        assert_eq!((*again.scenario).clone(), *scenario, "{}", preset.name);
        let (one, two) = (run(&scenario), run(&again.scenario));
        assert!(one.events == two.events && one.frames == two.frames, "{}", preset.name);
    }
}

/// Stopping anywhere changes nothing that comes later.
#[test]
fn the_end_does_not_depend_on_the_way() {
    for preset in presets::presets() {
        let scenario = valid(preset.scenario);
        let mut by_event = BuddyAllocator::start(&scenario);
        let mut log = Log::telling();
        while by_event.step(&mut log) {}
        assert!(log.events().iter().all(|event| !event.why.ko.is_empty() && !event.why.en.is_empty()));
        let mut by_time = BuddyAllocator::start(&scenario);
        while by_time.now() < by_time.ends() {
            let checkpoint = by_time.clone();
            by_time.advance_to(by_time.now() + 7 * MILLISECOND + 777);
            assert!(checkpoint.now() < by_time.now());
        }
        assert_eq!(by_event.metrics(), by_time.metrics(), "{}", preset.name);
        assert_eq!(by_event.files(), by_time.files(), "{}", preset.name);
    }
}

#[test]
fn requests_stop_at_the_mark_that_holds_for_them() {
    let preset = presets::presets().into_iter().find(|preset| preset.name == "free-is-not-allocatable").unwrap();
    let mut model = BuddyAllocator::start(&valid(preset.scenario));
    let free = |model: &BuddyAllocator| model.preferred_zone().free_pages();
    let min = model.preferred_zone().marks.min;
    let dma = |model: &BuddyAllocator| model.zones().next().map(|zone| (zone.free_pages(), zone.marks)).unwrap();
    let (_, marks) = dma(&model);
    let reserve = marks.lowmem_reserve[2];
    let atomic = |mark: u64| mark - mark / 2 - (mark - mark / 2) / 4;
    model.advance_to(745 * MILLISECOND);
    assert_eq!((free(&model), dma(&model).0), (min, marks.min + reserve), "GFP_KERNEL stops at min");
    model.advance_to(799 * MILLISECOND);
    assert_eq!((free(&model), dma(&model).0), (min, marks.min + reserve), "GFP_NOWAIT has no rights");
    model.advance_to(955 * MILLISECOND);
    assert_eq!((free(&model), dma(&model).0), (atomic(min), atomic(marks.min) + reserve), "GFP_ATOMIC has some");
    model.advance_to(model.ends());
    assert!(dma(&model).0 < reserve, "the reserve is for those who can use nothing else");
}

#[test]
fn every_problem_is_named_by_its_field() {
    let good = presets::presets().swap_remove(0).scenario;
    let bad = Scenario {
        kernel: "5.15".parse().unwrap(),
        zones_mib: [17, 0, 0, -1],
        percpu_pagelist_high_fraction: 7,
        lowmem_reserve_ratio: [256, -1, 32, 0],
        ops: vec![
            Op { count: 0, order: 11, at_ms: -1, ..good.ops[0].clone() },
            Op { of: 5, ..good.ops[1].clone() },
            Op { of: 1, n: -1, every_us: i64::MIN, ..good.ops[1].clone() },
        ],
        ..good.clone()
    };
    let mut fields: Vec<_> = BuddyAllocator::problems(&bad).into_iter().map(|problem| problem.field).collect();
    fields.sort();
    assert_eq!(
        fields,
        [
            "dma_mib",
            "kernel",
            "lowmem_reserve_ratio[1]",
            "movable_mib",
            "ops[0].at_ms",
            "ops[0].count",
            "ops[0].order",
            "ops[1].of",
            "ops[2].every_us",
            "ops[2].n",
            "ops[2].of",
            "percpu_pagelist_high_fraction",
        ]
    );
    let none = Scenario { zones_mib: [0; 4], ..good };
    assert_eq!(BuddyAllocator::problems(&none)[0].field, "normal_mib");
}
