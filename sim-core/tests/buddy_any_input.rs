//! Whatever is asked of the buddy allocator, no page is lost or counted twice, and nothing panics.

mod common;

use proptest::prelude::*;
use serde_json::Value;
use sim_core::buddy_allocator::{
    Action, BuddyAllocator, Gfp, Migratetype, NUMBERS, Named, Op, Rule, Scenario, Sequence, Use, ZoneName,
};
use sim_core::{Log, Model, Token, Valid};

fn of<T: Named + std::fmt::Debug>() -> impl Strategy<Value = T> {
    prop::sample::select(T::NAMES.iter().map(|(_, value)| *value).collect::<Vec<T>>())
}

fn op() -> impl Strategy<Value = Op> {
    let request = (of::<Migratetype>(), of::<Gfp>(), of::<ZoneName>(), 0i64..11, 1i64..400, 0i64..2);
    let free = (of::<Rule>(), of::<Sequence>(), 1i64..9, 0i64..8);
    (any::<bool>(), 0i64..80, 0i64..300, request, free).prop_map(
        |(alloc, at_ms, every_us, (migratetype, gfp, zone, order, count, pinned), (rule, sequence, n, of))| Op {
            action: if alloc { Action::Alloc } else { Action::Free },
            at_ms,
            every_us,
            jitter_us: every_us / 2,
            count: if alloc { count } else { count % 100 },
            order,
            migratetype,
            gfp,
            zone,
            pinned,
            of,
            rule,
            n,
            sequence,
        },
    )
}

fn scenario() -> impl Strategy<Value = Scenario> {
    let kernels = ["3.10", "4.18", "5.10", "6.1", "6.6", "6.9", "6.12", "6.15", "6.18", "7.3"];
    let zones = (0i64..6, 0i64..3, 0i64..9, 0i64..5);
    let sysctls = (-1i64..4096, 1i64..3000, 0i64..20_000, 0i64..1000);
    let switches = (0i64..2, 0i64..2, prop::sample::select(vec![0i64, 8, 20, 1000]), any::<u32>());
    let ops = prop::collection::vec(op(), 0..12);
    (prop::sample::select(kernels.to_vec()), zones, sysctls, switches, ops).prop_map(
        |(kernel, zones, sysctls, (pcp, thp, fraction, seed), mut ops)| {
            // What is given back has to have been asked for by an earlier entry.
            let asks: Vec<bool> = ops.iter().map(|op| op.action == Action::Alloc).collect();
            for (i, op) in ops.iter_mut().enumerate() {
                let earlier: Vec<usize> = (0..i).filter(|at| asks[*at]).collect();
                match earlier.get(op.of as usize % earlier.len().max(1)) {
                    Some(of) => op.of = *of as i64,
                    None => (op.action, op.count) = (Action::Alloc, op.count.max(1)),
                }
            }
            let asks: Vec<bool> = ops.iter().map(|op| op.action == Action::Alloc).collect();
            let named = |op: &Op| op.action == Action::Alloc || asks[op.of as usize];
            let ops: Vec<Op> = if ops.iter().all(named) { ops } else { Vec::new() };
            Scenario {
                kernel: kernel.parse().expect("a release"),
                zones_mib: [zones.0, zones.1, zones.2.max(i64::from(zones.0 + zones.1 + zones.3 == 0)), zones.3],
                min_free_kbytes: sysctls.0,
                watermark_scale_factor: sysctls.1,
                watermark_boost_factor: sysctls.2,
                extfrag_threshold: sysctls.3,
                pcp,
                thp,
                percpu_pagelist_high_fraction: fraction,
                duration_ms: 200,
                seed: i64::from(seed),
                ops,
                ..Scenario::default()
            }
        },
    )
}

/// Every page of every zone is in exactly one place, and the counts agree with the pages.
fn check_books(model: &BuddyAllocator) -> Result<(), TestCaseError> {
    let mut taken = 0;
    for zone in model.zones() {
        let (mut next, mut free, mut per_cpu) = (zone.start, 0, 0);
        let mut by_order = [0; 11];
        for block in zone.blocks() {
            prop_assert!(block.pfn == next, "zone {}: page {next} is nowhere or twice", zone.name);
            let pages = 1 << block.order;
            next = block.pfn + pages;
            match block.usage {
                Use::Free => {
                    free += u64::from(pages);
                    by_order[block.order as usize] += 1;
                    let buddy = block.pfn ^ pages;
                    prop_assert!(block.order == 10 || !zone.is_free(buddy, block.order), "unmerged buddies {buddy}");
                }
                Use::PerCpu => per_cpu += i64::from(pages),
                Use::Taken => taken += i64::from(pages),
                Use::Inside => {}
            }
        }
        prop_assert_eq!(next, zone.end);
        prop_assert_eq!(free, zone.free_pages());
        prop_assert_eq!(per_cpu, zone.pcp.count);
        for order in 0..11 {
            prop_assert_eq!(by_order[order as usize], zone.nr_free(order));
            let listed: usize = (0..3).map(|mt| zone.list(order, mt).count()).sum();
            prop_assert_eq!(listed as u64, zone.nr_free(order));
        }
    }
    prop_assert_eq!(taken, model.counts().pages);
    Ok(())
}

fn integer() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => -3i64..2000,
        1 => prop::sample::select(vec![i64::MIN, i64::MAX, 65_536, 1_000_000]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_page_is_lost_or_counted_twice(scenario in scenario()) {
        let written = BuddyAllocator::write_scenario(&scenario).to_string();
        let valid = Valid::<BuddyAllocator>::new(scenario).map_err(|p| TestCaseError::fail(format!("{p:?}")))?;
        let read = Valid::<BuddyAllocator>::from_json(&written);
        prop_assert_eq!(read.as_ref(), Ok(&valid));
        let mut model = BuddyAllocator::start(&valid);
        check_books(&model)?;
        let mut log = Log::telling();
        let (mut before, mut steps) = (0, 0);
        while model.step(&mut log) {
            for event in log.take() {
                prop_assert!(event.t_ns >= before && event.t_ns <= model.ends());
                prop_assert!(!event.why.ko.is_empty() && !event.why.en.is_empty());
                before = event.t_ns;
            }
            steps += 1;
            if steps % 64 == 0 {
                check_books(&model)?;
            }
        }
        check_books(&model)?;
        prop_assert_eq!(model.now(), model.ends());
        prop_assert_eq!(model.metrics().len(), BuddyAllocator::metrics_list().len());
        prop_assert!(model.files()["/proc/buddyinfo"].lines().count() == model.zones().len());
        let token = Token::<BuddyAllocator>::new(valid, model.now()).to_string();
        prop_assert!(Token::<BuddyAllocator>::parse(&token).is_ok());
    }

    #[test]
    fn a_bent_preset_runs_or_is_refused_field_by_field(
        preset in 0..BuddyAllocator::presets().len(),
        params in prop::collection::vec((0usize..32, integer()), 0..3),
        fields in prop::collection::vec((0usize..6, 0usize..NUMBERS.len(), integer()), 0..3),
    ) {
        let mut scenario = BuddyAllocator::presets().swap_remove(preset).scenario;
        let names = BuddyAllocator::params();
        for (which, value) in params {
            BuddyAllocator::set_param(&mut scenario, names[which % names.len()].name, value);
        }
        for (op, which, value) in fields {
            let at = op % scenario.ops.len();
            *NUMBERS[which].2(&mut scenario.ops[at]) = value;
        }
        let json = BuddyAllocator::write_scenario(&scenario).to_string();
        match Valid::<BuddyAllocator>::from_json(&json) {
            Ok(valid) => {
                let mut model = BuddyAllocator::start(&valid);
                let mut log = Log::silent();
                // Whatever its size, it starts at once and its first steps are quick.
                for _ in 0..2000 {
                    if !model.step(&mut log) {
                        break;
                    }
                    log.clear();
                }
            }
            Err(problems) => common::refused_field_by_field(&problems)?,
        }
    }

    #[test]
    fn any_json_is_a_scenario_or_a_list_of_problems(
        field in prop::sample::select(vec!["ops", "kernel", "lowmem_reserve_ratio", "dma_mib", "seed", "unheard_of"]),
        value in prop_oneof![
            Just(Value::Null), any::<i64>().prop_map(Value::from), any::<f64>().prop_map(Value::from),
            "[a-z0-9.]{0,6}".prop_map(Value::from),
            prop::collection::vec(any::<i64>(), 0..5).prop_map(Value::from),
            prop::collection::vec("[a-z]{0,4}", 0..3).prop_map(|names| {
                Value::from(names.into_iter().map(|name| serde_json::json!({"action": name})).collect::<Vec<_>>())
            }),
        ],
    ) {
        if let Err(problems) = Valid::<BuddyAllocator>::from_json(&serde_json::json!({ field: value }).to_string()) {
            prop_assert!(!problems.is_empty());
        }
    }
}
