//! `RUN.json` with `RUN.events.csv`: the free lists alone.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::follow::{Follow, Kind, Record, told};
use super::{Zones, rules_of};
use crate::buddy_allocator::fallback::{Mode, Request};
use crate::buddy_allocator::files;
use crate::buddy_allocator::rules::{Fallback, Rules};
use crate::buddy_allocator::zone::{MAX_PAGE_ORDER, PAGEBLOCK, PAGEBLOCK_ORDER, TYPES, mergeable};
use crate::fidelity::{GoldenError, Tally, Trace};

#[derive(Deserialize)]
struct Head {
    kernel: String,
    #[serde(default)]
    pagetypeinfo_before: String,
    #[serde(default)]
    pagetypeinfo_after: String,
    #[serde(default)]
    buddyinfo_after: String,
    initial: Snapshot,
    #[serde(rename = "final")]
    last: Snapshot,
}

#[derive(Deserialize)]
struct Snapshot {
    /// One number a pageblock from page frame 0 on.
    pageblock_migratetype: Vec<u8>,
    zones: Vec<ZoneLists>,
}

#[derive(Deserialize)]
struct ZoneLists {
    name: String,
    start_pfn: u32,
    end_pfn: u32,
    #[serde(default)]
    managed: u64,
    /// By order: lists by migratetype.
    free: Vec<BTreeMap<u8, Vec<u32>>>,
}

pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    let head: Head = trace.json("json")?;
    let rules = rules_of(trace, &head.kernel)?;
    let fail = |what: String| trace.error("json", what);
    let (mut zones, mut known) = start(&head, rules).map_err(fail)?;
    let text = trace.text("events.csv")?;
    let records = read_events(&text).map_err(|what| trace.error("events.csv", what))?;
    let mut tally = Tally::new(&head.kernel, 0.0);
    run(&mut zones, &mut known, rules, &records, &mut tally).map_err(|what| trace.error("events.csv", what))?;
    compare(&zones, &head, &mut tally).map_err(fail)?;
    let count = |kind| records.iter().filter(|record| record.kind == kind).count();
    tally.note(format!(
        "{} blocks taken, {} fallbacks, {} given back, the final lists in order",
        count(Kind::Left),
        count(Kind::Fell),
        count(Kind::Drained) + count(Kind::FreedDirectly)
    ));
    Ok(tally)
}

/// Pageblocks whose type the recording has shown, by number.
type Known = std::collections::BTreeSet<u32>;

fn start(head: &Head, rules: Rules) -> Result<(Zones, Known), String> {
    let spans: Vec<_> = head
        .initial
        .zones
        .iter()
        .map(|zone| (zone.name.as_str(), zone.start_pfn, zone.end_pfn, zone.managed))
        .collect();
    let mut zones = Zones::of(&spans, rules)?;
    for recorded in &head.initial.zones {
        for_each_list(recorded, |order, mt, pfns| {
            pfns.iter().try_for_each(|pfn| zones.preset(&recorded.name, order, mt, *pfn))
        })?;
    }
    let types = block_types(&head.initial, &head.pagetypeinfo_before);
    let mut known = Known::new();
    for zone in &mut zones.0 {
        let blocks: Vec<u32> = zone.pageblocks().map(|(pfn, _)| pfn).collect();
        for pfn in blocks {
            // Where the recording does not say, a free block tells.
            let told = types.as_ref().and_then(|types| types.get((pfn >> PAGEBLOCK_ORDER) as usize).copied().flatten());
            let seen = || {
                (pfn.max(zone.start)..(pfn + PAGEBLOCK).min(zone.end))
                    .find_map(|at| zone.free_block_over(at).map(|block| block.mt))
            };
            if let Some(mt) = told.or_else(seen) {
                zone.set_block_type(pfn, mt);
                known.insert(pfn >> PAGEBLOCK_ORDER);
            }
        }
    }
    Ok((zones, known))
}

fn for_each_list(zone: &ZoneLists, mut each: impl FnMut(u32, u8, &[u32]) -> Result<(), String>) -> Result<(), String> {
    for (order, lists) in zone.free.iter().enumerate() {
        if order as u32 > MAX_PAGE_ORDER && !lists.is_empty() {
            return Err(format!("zone {}: order {order} is larger than {MAX_PAGE_ORDER}", zone.name));
        }
        for (mt, pfns) in lists {
            each(order as u32, *mt, pfns)?;
        }
    }
    Ok(())
}

/// The number of pageblocks of each type and zone, as `/proc/pagetypeinfo` counted them.
fn counted(pagetypeinfo: &str) -> BTreeMap<String, Vec<u64>> {
    let table = pagetypeinfo.split("Number of blocks type").nth(1).unwrap_or("");
    let mut counts = BTreeMap::new();
    for line in table.lines().skip(1) {
        let Some((_, rest)) = line.split_once("zone") else { continue };
        let mut words = rest.split_whitespace();
        let Some(name) = words.next() else { continue };
        counts.insert(name.to_owned(), words.filter_map(|word| word.parse().ok()).collect());
    }
    counts
}

/// The type of each pageblock, as far as the recording shows it.
///
/// Kernels of late keep more than four bits for a pageblock, so that a recorder that reads four at
/// a time sees two entries for each and only half of the memory. The kernel's own count of
/// pageblocks tells which of the two readings is right.
fn block_types(snapshot: &Snapshot, pagetypeinfo: &str) -> Option<Vec<Option<u8>>> {
    let raw = &snapshot.pageblock_migratetype;
    let plain: Vec<Option<u8>> = raw.iter().map(|mt| Some(*mt).filter(|mt| usize::from(*mt) < TYPES)).collect();
    let counts = counted(pagetypeinfo);
    // Where a count exists it has to be met; where one is missing the plain reading stands.
    let exceeds = |types: &[Option<u8>], exactly: bool| {
        snapshot.zones.iter().any(|zone| {
            let Some(want) = counts.get(&zone.name) else { return false };
            let first = zone.start_pfn >> PAGEBLOCK_ORDER;
            let last = zone.end_pfn.div_ceil(PAGEBLOCK);
            let mut have = vec![0; want.len()];
            for at in first..last.min(types.len() as u32) {
                if let Some(have) = types[at as usize].and_then(|mt| have.get_mut(usize::from(mt))) {
                    *have += 1;
                }
            }
            if exactly { have != *want } else { have.iter().zip(want).any(|(have, want)| have > want) }
        })
    };
    if !exceeds(&plain, true) {
        return Some(plain);
    }
    let paired: Vec<Option<u8>> = plain.iter().step_by(2).copied().collect();
    let upper_is_empty = raw.iter().skip(1).step_by(2).all(|upper| *upper == 0);
    (upper_is_empty && !exceeds(&paired, false)).then_some(paired)
}

/// Reads the events; fields that a kind does not use may be empty.
pub fn read_events(text: &str) -> Result<Vec<Record>, String> {
    let mut lines = text.lines();
    let heading: Vec<&str> = lines.next().unwrap_or("").split(',').map(str::trim).collect();
    let column =
        |name: &str| heading.iter().position(|known| *known == name).ok_or(format!("there is no column {name}"));
    let event = column("event")?;
    let numbers = [
        column("pfn")?,
        column("order")?,
        column("migratetype")?,
        column("fallback_order")?,
        column("fallback_migratetype")?,
        column("change_ownership")?,
    ];
    let mut records = Vec::new();
    let mut fields: Vec<&str> = Vec::new();
    for (i, line) in lines.enumerate() {
        fields.clear();
        fields.extend(line.split(',').map(str::trim));
        let kind = match fields.get(event).copied().unwrap_or("") {
            "buddy_alloc" => Kind::Left,
            "buddy_free_pcp" => Kind::Drained,
            "buddy_free_direct" => Kind::FreedDirectly,
            "fallback" => Kind::Fell,
            "note_ifp" => Kind::Isolated,
            // What callers did, and helper probes, decide nothing here.
            "page_alloc" | "page_free" | "page_free_batched" => continue,
            other if other.starts_with("note_") => continue,
            "" if line.trim().is_empty() => continue,
            other => return Err(format!("line {}: event {other:?} is not known", i + 2)),
        };
        let number = |which: usize, most: u32| {
            let (name, at) = (heading[numbers[which]], numbers[which]);
            let text = fields.get(at).copied().unwrap_or("");
            let value: u32 = match text {
                "" => return Ok(None),
                text => text.parse().map_err(|_| format!("line {}: {name} = {text:?} is not a number", i + 2))?,
            };
            if value > most {
                Err(format!("line {}: {name} = {value}: allowed 0..{most}", i + 2))
            } else {
                Ok(Some(value))
            }
        };
        let pfn = number(0, super::MAX_PFN)?;
        let order = number(1, MAX_PAGE_ORDER)?;
        if kind == Kind::Isolated && (pfn.is_none() || order.is_none()) {
            continue;
        }
        let need = |value: Option<u32>, name: &str| value.ok_or(format!("line {}: {name} is missing", i + 2));
        let mut record = Record::new(kind, need(pfn, "pfn")?, need(order, "order")? as u8, 0);
        let types = TYPES as u32 - 1;
        record.mt = match (kind, number(2, types)?) {
            (Kind::FreedDirectly | Kind::Isolated, mt) => mt.unwrap_or(types + 1) as u8,
            (_, mt) => need(mt, "migratetype")? as u8,
        };
        if kind == Kind::Fell {
            record.fallback_order = need(number(3, MAX_PAGE_ORDER)?, "fallback_order")? as u8;
            record.fallback_mt = need(number(4, types)?, "fallback_migratetype")? as u8;
            record.change_ownership = need(number(5, 1)?, "change_ownership")? == 1;
        }
        records.push(record);
    }
    Ok(records)
}

fn run(
    zones: &mut Zones,
    known: &mut Known,
    rules: Rules,
    records: &[Record],
    tally: &mut Tally,
) -> Result<(), String> {
    let mut follow = Follow { records, at: 0, rules, tally, borrowed: false, drained: Vec::new() };
    while let Some(record) = records.get(follow.at) {
        let i = follow.at;
        let Some(z) = zones.find(record.pfn) else {
            return Err(format!("event {i}: {} is in no zone", told(record)));
        };
        let zone = &mut zones.0[z];
        let order = u32::from(record.order);
        if !zone.holds(record.pfn, order) {
            return Err(format!("event {i}: {}, which is no block of zone {}", told(record), zone.name));
        }
        match record.kind {
            Kind::Left | Kind::Fell if usize::from(record.mt) > 2 => {
                // Highatomic and CMA blocks are handed out by rules that are not modelled.
                zone.take_out(record.pfn, order);
                follow.at += 1;
            }
            Kind::Left | Kind::Fell => {
                let request = Request { order, mt: record.mt, nofragment: false };
                let got = zone.rmqueue(request, &mut Mode::Normal, &mut follow);
                let (want, end) = taken(records, i, rules);
                if got != Some(want) {
                    // Go on from what was recorded, so that one difference is not counted as many.
                    if got.is_none() {
                        follow.tally.check(false, || format!("event {i}: the model has no block for {}", told(record)));
                    }
                    if let Some(pfn) = got {
                        zone.free_one_page(pfn, order, record.mt, false);
                    }
                    zone.take_out(want, order);
                }
                if records[i..end].iter().any(|record| record.kind == Kind::Fell && record.change_ownership) {
                    known.insert(want >> PAGEBLOCK_ORDER);
                }
                follow.at = end;
                let last = &records[end - 1];
                follow.borrowed = rules.fallback == Fallback::ClaimOrSteal
                    && last.kind == Kind::Fell
                    && !last.change_ownership
                    && records
                        .get(end)
                        .is_some_and(|next| next.kind == Kind::Fell && (next.order, next.mt) == (last.order, last.mt));
            }
            Kind::Drained | Kind::FreedDirectly => {
                let told_type = usize::from(record.mt) < TYPES;
                let block = zone.block_type(record.pfn);
                let mt = if told_type { record.mt } else { block };
                // The type is the pageblock's; where the recording did not show it, it does now.
                if told_type && !rules.cached_type {
                    if known.insert(record.pfn >> PAGEBLOCK_ORDER) {
                        zone.set_block_type(record.pfn, mt);
                    } else {
                        follow.tally.check(mt == block, || {
                            format!("event {i}: {}, of a pageblock of type {block} in the model", told(record))
                        });
                    }
                }
                if zone.free_block_over(record.pfn).is_some() {
                    follow.tally.check(false, || format!("event {i}: {}, but it is free in the model", told(record)));
                } else {
                    zone.free_one_page(record.pfn, order, mt, false);
                }
                follow.at += 1;
            }
            Kind::Isolated => {
                let taken = zone.take_out(record.pfn, order);
                follow.tally.check(taken, || format!("event {i}: {}, but it is not free in the model", told(record)));
                if order + 1 >= PAGEBLOCK_ORDER && mergeable(zone.block_type(record.pfn)) {
                    zone.set_block_type(record.pfn, crate::buddy_allocator::zone::MOVABLE);
                }
                follow.at += 1;
            }
            Kind::Allocated | Kind::Freed => follow.at += 1,
        }
    }
    Ok(())
}

/// The page frame the request at `i` was given, and where its events end.
fn taken(records: &[Record], i: usize, rules: Rules) -> (u32, usize) {
    let (here, next) = (records[i], records.get(i + 1));
    match (here.kind, next) {
        (Kind::Fell, Some(next)) if rules.fallback == Fallback::StealThenRetry && next.kind == Kind::Left => {
            (next.pfn, i + 2)
        }
        (Kind::Left, Some(next))
            if rules.fallback == Fallback::ClaimOrSteal && next.kind == Kind::Fell && next.pfn == here.pfn =>
        {
            (here.pfn, i + 2)
        }
        _ => (here.pfn, i + 1),
    }
}

fn compare(zones: &Zones, head: &Head, tally: &mut Tally) -> Result<(), String> {
    for recorded in &head.last.zones {
        let Some(zone) = zones.0.iter().find(|zone| zone.name == recorded.name) else {
            return Err(format!("final: zone {} is not among the first ones", recorded.name));
        };
        for order in 0..=MAX_PAGE_ORDER {
            for mt in 0..TYPES as u8 {
                let want = recorded.free.get(order as usize).and_then(|lists| lists.get(&mt));
                let want = want.map_or(&[] as &[u32], Vec::as_slice);
                if !want.is_empty() || zone.nr_free_of(order, mt) > 0 {
                    Zones::compare_list(tally, zone, order, mt, want);
                }
            }
        }
    }
    if !head.buddyinfo_after.is_empty() {
        for (got, want) in files::buddyinfo(&zones.0).lines().zip(head.buddyinfo_after.lines()) {
            tally.same("buddyinfo", got, want);
        }
    }
    if let Some(types) = block_types(&head.last, &head.pagetypeinfo_after) {
        // Without a count of its own the last snapshot is read as the first one was.
        let paired = block_types(&head.initial, &head.pagetypeinfo_before)
            .is_some_and(|first| first.len() < head.initial.pageblock_migratetype.len());
        let step = if paired && types.len() == head.last.pageblock_migratetype.len() { 2 } else { 1 };
        for (i, want) in types.iter().step_by(step).enumerate() {
            let pfn = (i as u32) << PAGEBLOCK_ORDER;
            // A pageblock that two zones share belongs to the later one.
            let Some(zone) = zones.0.iter().rev().find(|zone| pfn < zone.end && zone.start < pfn + PAGEBLOCK) else {
                continue;
            };
            if let Some(want) = want {
                let got = zone.block_type(pfn.max(zone.start));
                tally.check(got == *want, || format!("pageblock {pfn}: model type {got}, recorded {want}"));
            }
        }
    }
    Ok(())
}
