//! What the kernel would show (`mm/vmstat.c`, `mm/page_alloc.c`).

use std::borrow::Cow;
use std::fmt::Write as _;

use super::BuddyAllocator;
use super::index::unusable_free_index;
use super::rules::PcpEra;
use super::zone::{MAX_PAGE_ORDER, PAGEBLOCK, PAGEBLOCK_ORDER, Zone};
use crate::model::Files;

/// Names of the migratetypes a kernel lists, in its own numbering.
fn type_names(zone: &Zone) -> Vec<(u8, &'static str)> {
    let names = ["Unmovable", "Movable", "Reclaimable"];
    let last = if zone.rules.reclaimable_first { "Reserve" } else { "HighAtomic" };
    let listed = zone.rules.types_in_order().map(|mt| (mt, names[usize::from(mt)]));
    listed.into_iter().chain([(3, last), (5, "Isolate")]).collect()
}

/// `/proc/buddyinfo` (`frag_show_print`).
pub fn buddyinfo<'a>(zones: impl IntoIterator<Item = &'a Zone>) -> String {
    let mut text = String::new();
    for zone in zones {
        let _ = write!(text, "Node 0, zone {:>8} ", zone.name);
        for order in 0..=MAX_PAGE_ORDER {
            let _ = write!(text, "{:>6} ", zone.nr_free(order));
        }
        text.push('\n');
    }
    text
}

/// The lines of `/proc/pagetypeinfo` that count free blocks of a zone by type
/// (`pagetypeinfo_showfree_print`).
pub fn free_by_type(zone: &Zone, names: &[(u8, &str)]) -> String {
    let mut text = String::new();
    for (mt, name) in names {
        let _ = write!(text, "Node    0, zone {:>8}, type {name:>12} ", zone.name);
        for order in 0..=MAX_PAGE_ORDER {
            // Counting stops there, so that reading the file does not hold a lock for long.
            let count = zone.nr_free_of(order, *mt);
            let shown = if count > 100_000 { ">100000".to_owned() } else { count.to_string() };
            let _ = write!(text, "{shown:>6} ");
        }
        text.push('\n');
    }
    text
}

/// `/proc/pagetypeinfo`.
fn pagetypeinfo(model: &BuddyAllocator) -> String {
    let mut text = format!("Page block order: {PAGEBLOCK_ORDER}\nPages per block:  {PAGEBLOCK}\n\n");
    let names = type_names(model.preferred_zone());
    let _ = write!(text, "{:<43} ", "Free pages count per migrate type at order");
    for order in 0..=MAX_PAGE_ORDER {
        let _ = write!(text, "{order:>6} ");
    }
    text.push('\n');
    for zone in model.zones() {
        text.push_str(&free_by_type(zone, &names));
    }
    let _ = write!(text, "\n{:<23}", "Number of blocks type");
    for (_, name) in &names {
        let _ = write!(text, "{name:>12} ");
    }
    text.push('\n');
    for zone in model.zones() {
        let _ = write!(text, "Node 0, zone {:>8} ", zone.name);
        for (mt, _) in &names {
            let count = zone.pageblocks().filter(|(pfn, of)| *pfn >= zone.start && of == mt).count();
            let _ = write!(text, "{count:>12} ");
        }
        text.push('\n');
    }
    text
}

/// The parts of `/proc/zoneinfo` that the model knows (`zoneinfo_show_print`).
fn zoneinfo(model: &BuddyAllocator) -> String {
    let mut text = String::new();
    for zone in model.zones() {
        let (marks, rules, boost) = (&zone.marks, &zone.rules, zone.watermark_boost);
        let _ = writeln!(text, "Node 0, zone {:>8}", zone.name);
        let _ = writeln!(text, "  pages free     {}", zone.free_pages());
        let shows_boost = rules.pcp != PcpEra::OrderZero;
        for (name, value, shown) in [
            ("boost", boost, shows_boost),
            ("min", marks.min + boost, true),
            ("low", marks.low + boost, true),
            ("high", marks.high + boost, true),
            ("promo", marks.promo + boost, rules.shows_promo),
            ("spanned", u64::from(zone.end - zone.start), true),
            ("present", zone.managed, true),
            ("managed", zone.managed, true),
            ("cma", 0, shows_boost),
        ] {
            if shown {
                let _ = writeln!(text, "        {name:<8} {value}");
            }
        }
        // The last one is for ZONE_DEVICE, which is never allocated from.
        let [dma, dma32, normal, movable] = marks.lowmem_reserve;
        let _ = writeln!(text, "        protection: ({dma}, {dma32}, {normal}, {movable}, {movable})");
        let _ = writeln!(text, "      nr_free_pages {}", zone.free_pages());
        let pcp = &zone.pcp;
        let _ = writeln!(text, "  pagesets\n    cpu: 0");
        let floats = matches!(rules.pcp, PcpEra::Auto { .. });
        for (name, value, shown) in [
            ("count:", pcp.count, true),
            ("high:", pcp.high, true),
            ("batch:", pcp.batch, true),
            ("high_min:", pcp.high_min, floats),
            ("high_max:", pcp.high_max, floats),
        ] {
            if shown {
                let _ = writeln!(text, "              {name:<9} {value}");
            }
        }
        let _ = writeln!(text, "  start_pfn:           {}", zone.start);
    }
    text
}

/// `/sys/kernel/debug/extfrag/unusable_index` (`unusable_show_print`).
fn unusable_index(model: &BuddyAllocator) -> String {
    let mut text = String::new();
    for zone in model.zones() {
        let _ = write!(text, "Node 0, zone {:>8} ", zone.name);
        for order in 0..=MAX_PAGE_ORDER {
            let index = unusable_free_index(zone, order);
            let _ = write!(text, "{}.{:03} ", index / 1000, index % 1000);
        }
        text.push('\n');
    }
    text
}

/// Every file of the model.
pub fn all(model: &BuddyAllocator) -> Files {
    let managed: [u64; 4] = model.scenario().managed();
    let rules = &model.preferred_zone().rules;
    let min_free = model.scenario().settings().min_free_kbytes(managed, rules);
    let mut files: Files = [
        ("/proc/buddyinfo", buddyinfo(model.zones())),
        ("/proc/pagetypeinfo", pagetypeinfo(model)),
        ("/proc/zoneinfo", zoneinfo(model)),
        ("/proc/sys/vm/min_free_kbytes", format!("{min_free}\n")),
        ("/sys/kernel/debug/extfrag/unusable_index", unusable_index(model)),
    ]
    .into_iter()
    .map(|(path, text)| (Cow::Borrowed(path), text))
    .collect();
    let s = model.scenario();
    let ratios: Vec<String> = s.lowmem_reserve_ratio.iter().map(i64::to_string).collect();
    files.insert("/proc/sys/vm/lowmem_reserve_ratio".into(), format!("{}\t0\n", ratios.join("\t")));
    if rules.scale_factor {
        files.insert("/proc/sys/vm/watermark_scale_factor".into(), format!("{}\n", s.watermark_scale_factor));
    }
    files.insert("/proc/sys/vm/extfrag_threshold".into(), format!("{}\n", s.extfrag_threshold));
    if rules.pcp != PcpEra::OrderZero {
        files.insert(
            "/proc/sys/vm/percpu_pagelist_high_fraction".into(),
            format!("{}\n", s.percpu_pagelist_high_fraction),
        );
    }
    files
}
