//! `RUN.full.json`: the per-CPU lists too.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::drains::Waiting;
use super::follow::{Follow, Kind, Record, told};
use super::{MAX_PFN, Zones, rules_of};
use crate::buddy_allocator::fallback::{Mode, Request};
use crate::buddy_allocator::pcp::{self, LISTS};
use crate::buddy_allocator::rules::{PcpEra, Rules};
use crate::buddy_allocator::watermark::Settings;
use crate::buddy_allocator::zone::{MAX_PAGE_ORDER, TYPES, Use, Zone};
use crate::fidelity::{GoldenError, Tally, Trace};

#[derive(Deserialize)]
struct Full {
    kernel: String,
    zone_span: BTreeMap<String, [u32; 2]>,
    pcp: PcpHead,
    before: State,
    after: State,
    events: Vec<Record>,
}

/// The per-CPU settings of the largest zone. What a recording leaves out is found out below.
#[derive(Clone, Copy, Deserialize)]
struct PcpHead {
    high: i64,
    batch: i64,
    free_factor: Option<u32>,
    alloc_factor: Option<u32>,
    free_count: Option<i64>,
}

#[derive(Deserialize)]
struct State {
    /// Page frames by zone, order and migratetype, head first.
    lists: BTreeMap<String, BTreeMap<u32, BTreeMap<u8, Vec<u32>>>>,
    /// Type by first page frame of a pageblock.
    blocks: BTreeMap<u32, u8>,
    /// Page frames by zone and index of the per-CPU list.
    pcp: BTreeMap<String, BTreeMap<usize, Vec<u32>>>,
    #[serde(default)]
    pcp_count: BTreeMap<String, i64>,
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Record, D::Error> {
        deserializer.deserialize_seq(RecordVisitor)
    }
}

struct RecordVisitor;

impl<'de> Visitor<'de> for RecordVisitor {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[letter, pfn, order, …]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Record, A::Error> {
        let letter: char = seq.next_element()?.ok_or_else(|| de::Error::custom("an event without its letter"))?;
        let mut number = |name: &str, most: u32| -> Result<u32, A::Error> {
            let value: u32 =
                seq.next_element()?.ok_or_else(|| de::Error::custom(format!("event {letter}: {name} is missing")))?;
            if value > most {
                return Err(de::Error::custom(format!("event {letter}: {name} = {value}: allowed 0..{most}")));
            }
            Ok(value)
        };
        let types = TYPES as u32 - 1;
        let pfn = number("pfn", MAX_PFN)?;
        let order = number("order", MAX_PAGE_ORDER)? as u8;
        let record = match letter {
            'B' => Record::new(Kind::Left, pfn, order, number("migratetype", types)? as u8),
            'D' => Record::new(Kind::Drained, pfn, order, number("migratetype", types)? as u8),
            'A' => Record::new(Kind::Allocated, pfn, order, number("migratetype", types)? as u8),
            'F' => Record::new(Kind::Freed, pfn, order, 0),
            'X' => {
                let fallback_order = number("fallback_order", MAX_PAGE_ORDER)? as u8;
                let mt = number("migratetype", types)? as u8;
                let fallback_mt = number("fallback_migratetype", types)? as u8;
                let change_ownership = number("change_ownership", 1)? == 1;
                Record { fallback_order, fallback_mt, change_ownership, ..Record::new(Kind::Fell, pfn, order, mt) }
            }
            other => return Err(de::Error::custom(format!("event {other:?} is not known"))),
        };
        while seq.next_element::<de::IgnoredAny>()?.is_some() {}
        Ok(record)
    }
}

pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    let full: Full = trace.json("json")?;
    let rules = rules_of(trace, &full.kernel)?;
    let fail = |what: String| trace.error("json", what);
    let start = start(&full, rules).map_err(fail)?;
    let mut best: Option<Tally> = None;
    for guess in guesses(&full.pcp, rules) {
        let mut tally = Tally::new(&full.kernel, 0.0);
        let mut zones = Zones(start.0.clone());
        set_pcp(&mut zones, &full.pcp, guess);
        run(&mut zones, rules, &full.events, &mut tally).map_err(fail)?;
        compare(&zones, &full.after, reads_halves(&full, rules), &mut tally);
        if best.as_ref().is_none_or(|best| tally.mismatches() < best.mismatches()) {
            best = Some(tally);
        }
        if best.as_ref().is_some_and(|best| best.mismatches() == 0) {
            break;
        }
    }
    let mut tally = best.ok_or_else(|| fail("nothing to replay".to_owned()))?;
    let count = |kind| full.events.iter().filter(|record| record.kind == kind).count();
    tally.note(format!(
        "{} pages handed out, {} blocks taken, {} fallbacks, {} pages drained, the final free and per-CPU lists in order",
        count(Kind::Allocated),
        count(Kind::Left),
        count(Kind::Fell),
        count(Kind::Drained)
    ));
    Ok(tally)
}

/// What a recording does not show of the start. The counters are forgotten after a few requests, so
/// the first guess that fits is as good as the truth.
#[derive(Clone, Copy, Debug)]
struct Guess {
    /// `free_factor` or `alloc_factor`.
    factor: u32,
    free_count: i64,
}

fn guesses(head: &PcpHead, rules: Rules) -> Vec<Guess> {
    let auto = matches!(rules.pcp, PcpEra::Auto { .. });
    let told = if auto { head.alloc_factor } else { head.free_factor };
    let factors: Vec<u32> = told.map_or_else(|| (0..=5).collect(), |factor| vec![factor.min(5)]);
    let counts = match head.free_count {
        Some(count) => vec![count],
        None if auto => vec![0, head.batch << 5],
        None => vec![0],
    };
    let of = |free_count: i64| factors.iter().map(move |factor| Guess { factor: *factor, free_count });
    counts.into_iter().flat_map(of).collect()
}

fn start(full: &Full, rules: Rules) -> Result<Zones, String> {
    let PcpHead { high, batch, .. } = full.pcp;
    if !(1..=1 << 20).contains(&batch) || !(0..=1 << 32).contains(&high) {
        return Err(format!("pcp: high {high}, batch {batch}: allowed 0..{} and 1..{}", 1_i64 << 32, 1 << 20));
    }
    let spans: Vec<_> = full
        .zone_span
        .iter()
        .map(|(name, [from, to])| (name.as_str(), *from, *to, u64::from(to.saturating_sub(*from))))
        .collect();
    let mut zones = Zones::of(&spans, rules)?;
    for (name, orders) in &full.before.lists {
        for (order, types) in orders {
            for (mt, pfns) in types {
                pfns.iter().try_for_each(|pfn| zones.preset(name, *order, *mt, *pfn))?;
            }
        }
    }
    let types = types_of(full, rules, &full.before.blocks);
    for zone in &mut zones.0 {
        let blocks: Vec<u32> = zone.pageblocks().map(|(pfn, _)| pfn).collect();
        for pfn in blocks {
            if let Some(mt) = types.get(&pfn) {
                zone.set_block_type(pfn.max(zone.start), *mt);
            }
        }
    }
    for (name, lists) in &full.before.pcp {
        for (index, pfns) in lists {
            for pfn in pfns {
                let place = format!("pcp of zone {name}, list {index}: {pfn}");
                let zone = zones.named(name).ok_or(format!("{place}: there is no such zone"))?;
                if *index >= LISTS || !zone.contains(*pfn) || zone.block_at(*pfn).usage != Use::Inside {
                    return Err(format!("{place} is no page of it, or on a list already"));
                }
                zone.pcp_preset(*index, *pfn, zone.block_type(*pfn));
            }
        }
    }
    Ok(zones)
}

/// Whether the recorder read four bits of a pageblock where the kernel keeps eight: then every other
/// entry is of no pageblock, and the rest are of the first half. Free blocks know better: since 6.10
/// they are on the list of their pageblock's type.
fn reads_halves(full: &Full, rules: Rules) -> bool {
    let wrong = |at: &dyn Fn(u32) -> Option<u8>| {
        let lists = full.before.lists.values().flatten().flat_map(|(_, types)| types);
        let blocks = lists.flat_map(|(mt, pfns)| pfns.iter().map(move |pfn| (*mt, *pfn)));
        blocks.filter(|(mt, pfn)| at(pfn >> 9).is_some_and(|known| known != *mt)).count()
    };
    let blocks = &full.before.blocks;
    let plain = wrong(&|block| blocks.get(&(block << 9)).copied());
    !rules.cached_type && plain > 0 && wrong(&|block| blocks.get(&(block << 10)).copied()) == 0
}

/// The type of each pageblock, by first page frame: as recorded, or as free blocks and the first
/// page drained from it tell.
fn types_of(full: &Full, rules: Rules, blocks: &BTreeMap<u32, u8>) -> BTreeMap<u32, u8> {
    let valid = |mt: &u8| usize::from(*mt) < TYPES;
    if !reads_halves(full, rules) {
        return blocks.iter().filter(|(_, mt)| valid(mt)).map(|(pfn, mt)| (*pfn, *mt)).collect();
    }
    let halves = blocks.iter().filter(|(pfn, mt)| *pfn % 1024 == 0 && valid(mt));
    let mut types: BTreeMap<u32, u8> = halves.map(|(pfn, mt)| (pfn / 2, *mt)).collect();
    for (mt, pfn) in full
        .before
        .lists
        .values()
        .flatten()
        .flat_map(|(_, types)| types)
        .flat_map(|(mt, pfns)| pfns.iter().map(move |pfn| (*mt, *pfn)))
    {
        types.entry(pfn & !511).or_insert(mt);
    }
    for record in full.events.iter().filter(|record| record.kind == Kind::Drained) {
        types.entry(record.pfn & !511).or_insert(record.mt);
    }
    types
}

/// Sets up the per-CPU lists. Only the settings of the largest zone are recorded; those of the
/// others follow from their size.
fn set_pcp(zones: &mut Zones, head: &PcpHead, guess: Guess) {
    let largest = zones.0.iter().map(|zone| zone.end - zone.start).max();
    let settings = Settings::default();
    for zone in &mut zones.0 {
        let mut pcp = settings.pcp(zone.managed, 0, &zone.rules);
        if Some(zone.end - zone.start) == largest {
            (pcp.batch, pcp.high) = (head.batch, head.high);
            (pcp.high_min, pcp.high_max) = (head.high, head.high);
        } else if !matches!(zone.rules.pcp, PcpEra::Auto { .. }) {
            // Nothing is known of where a small zone drains, except that it does so late.
            (pcp.high, pcp.high_min, pcp.high_max) = (UNKNOWN, UNKNOWN, UNKNOWN);
        }
        if let PcpEra::Auto { .. } = zone.rules.pcp {
            (pcp.high, pcp.high_min, pcp.high_max) = (UNKNOWN, UNKNOWN, UNKNOWN);
        }
        pcp.free_factor = guess.factor;
        pcp.alloc_factor = guess.factor;
        pcp.free_count = guess.free_count;
        (pcp.count, pcp.lists) = (zone.pcp.count, zone.pcp.lists);
        zone.pcp = pcp;
    }
}

/// A `high` that is never reached.
const UNKNOWN: i64 = i64::MAX >> 8;

fn run(zones: &mut Zones, rules: Rules, records: &[Record], tally: &mut Tally) -> Result<(), String> {
    let mut follow = Follow { records, at: 0, rules, tally, borrowed: false, drained: Vec::new() };
    // The first block taken since the last request was answered; drained pages already compared.
    let (mut taken, mut shown) = (0, 0);
    let floats = matches!(rules.pcp, PcpEra::Auto { .. });
    let mut waiting = Waiting::default();
    // Where a drain that no free explains has got to: zone and list.
    let mut sweep: Option<(usize, usize)> = None;
    for (i, record) in records.iter().enumerate() {
        let Some(z) = zones.find(record.pfn) else {
            return Err(format!("event {i}: {} is in no zone", told(record)));
        };
        let zone = &mut zones.0[z];
        let order = u32::from(record.order);
        if !zone.holds(record.pfn, order) {
            return Err(format!("event {i}: {}, which is no block of zone {}", told(record), zone.name));
        }
        if record.kind != Kind::Drained {
            sweep = None;
        }
        if record.kind == Kind::Allocated {
            // Whatever the model drained by now should have been seen.
            for missed in follow.drained.drain(shown..) {
                follow.tally.check(false, || format!("event {i}: model {}, not recorded", told(&missed)));
            }
            follow.drained.clear();
            shown = 0;
        }
        if matches!(record.kind, Kind::Allocated | Kind::Left | Kind::Fell) {
            waiting.settle(zones);
        }
        let zone = &mut zones.0[z];
        match record.kind {
            Kind::Left | Kind::Fell => {}
            Kind::Allocated => {
                follow.at = taken;
                let request = Request { order, mt: record.mt.min(2), nofragment: false };
                let by_cpu = pcp::allowed_order(&rules, order);
                if floats && by_cpu && order == 0 {
                    limit_refill(zone, request, &records[taken..i]);
                }
                let mut got = by_cpu.then(|| zone.rmqueue_pcplist(request, &mut follow)).flatten();
                if got.is_none() {
                    got = zone.rmqueue(request, &mut Mode::Normal, &mut follow);
                }
                if floats {
                    (zone.pcp.high, zone.pcp.high_min, zone.pcp.high_max) = (UNKNOWN, UNKNOWN, UNKNOWN);
                }
                while follow.at < i {
                    let at = follow.at;
                    follow.tally.check(false, || format!("event {at}: {}, not in the model", told(&records[at])));
                    if zone.take_out(records[at].pfn, u32::from(records[at].order)) && by_cpu {
                        zone.pcp_preset(pcp::pindex(&rules, order, request.mt), records[at].pfn, request.mt);
                    }
                    follow.at += 1;
                }
                follow.tally.check(got == Some(record.pfn), || {
                    format!("event {i}: model hands out {got:?}, recorded {}", told(record))
                });
            }
            Kind::Freed => {
                let usage = zone.block_at(record.pfn).usage;
                let free = usage == Use::PerCpu || zone.free_block_over(record.pfn).is_some();
                follow.tally.check(!free, || format!("event {i}: {}, but it is free in the model", told(record)));
                if free {
                } else if pcp::allowed_order(&rules, order) {
                    if floats {
                        waiting.push(zones, *record, z);
                    } else {
                        if shown == follow.drained.len() {
                            drain_not_due(zone, *record, &records[i + 1..]);
                        }
                        zone.free_unref_page(record.pfn, order, &mut follow);
                        zone.pcp.reclaim_active = false;
                    }
                } else {
                    let mt = zone.block_type(record.pfn);
                    zone.free_one_page(record.pfn, order, mt, false);
                }
            }
            Kind::Drained => {
                if shown == follow.drained.len() && sweep.is_none() && floats {
                    let run = &records[i..];
                    let run = &run[..run.iter().take_while(|next| next.kind == Kind::Drained).count()];
                    waiting.drain(zones, z, run, &mut follow);
                }
                let zone = &mut zones.0[z];
                if shown == follow.drained.len() {
                    // No free asked for this: the lists are swept, from the first one on.
                    let from = sweep.filter(|(zone, _)| *zone == z).map_or(0, |(_, list)| list);
                    if let Some((list, pfn)) = zone.next_drained(from) {
                        zone.drain_page(list, pfn, &mut follow);
                        sweep = Some((z, list));
                    }
                }
                let got = follow.drained.get(shown).copied();
                shown += usize::from(got.is_some());
                follow.tally.check(got.as_ref() == Some(record), || {
                    format!("event {i}: model {:?}, recorded {}", got.as_ref().map(told), told(record))
                });
            }
            Kind::FreedDirectly | Kind::Isolated => {}
        }
        if matches!(record.kind, Kind::Allocated | Kind::Freed | Kind::Drained) {
            taken = i + 1;
        }
    }
    for missed in follow.drained.drain(shown..) {
        follow.tally.check(false, || format!("at the end: model {}, not recorded", told(&missed)));
    }
    Ok(())
}

/// Where `high` is fixed, a drain comes early only while kswapd works; and the `high` of a small zone
/// is known from the first drain there is.
fn drain_not_due(zone: &mut Zone, freed: Record, next: &[Record]) {
    let run = next.iter().take_while(|next| next.kind == Kind::Drained && zone.contains(next.pfn)).count();
    if run == 0 {
        return;
    }
    let pcp = &mut zone.pcp;
    let count = pcp.count + (1 << freed.order);
    if pcp.high == UNKNOWN {
        (pcp.high, pcp.high_min, pcp.high_max) = (count, count, count);
    } else if count < pcp.high && count >= pcp.high.min(pcp.batch << 2) {
        // Lists that are emptied altogether are swept for another reason.
        pcp.reclaim_active = (run as i64) < count;
    }
}

/// Where `high` floats, a refill near it is cut short. If the recording shows fewer blocks than the
/// refill is worth, and the zone had more, `high` was that near.
fn limit_refill(zone: &mut Zone, request: Request, events: &[Record]) {
    if zone.pcp_list(pcp::pindex(&zone.rules, request.order, request.mt)).next().is_some() {
        return;
    }
    let claim =
        |pair: &&[Record]| pair[0].kind == Kind::Left && pair[1].kind == Kind::Fell && pair[0].pfn == pair[1].pfn;
    let blocks = (events.len() - events.windows(2).filter(claim).count()) as i64;
    let free = zone.free_pages();
    let pcp = &mut zone.pcp;
    let worth = pcp.batch << pcp.alloc_factor;
    if (pcp.batch..worth).contains(&blocks) && free > blocks as u64 {
        let high = pcp.count + blocks + pcp.batch;
        (pcp.high, pcp.high_min, pcp.high_max) = (high, high, high);
    }
}

fn compare(zones: &Zones, after: &State, halves: bool, tally: &mut Tally) {
    for zone in &zones.0 {
        let name = zone.name.as_ref();
        for order in 0..=MAX_PAGE_ORDER {
            for mt in 0..TYPES as u8 {
                let lists = after.lists.get(name);
                let want = lists.and_then(|orders| orders.get(&order)?.get(&mt)).map_or(&[] as &[u32], Vec::as_slice);
                if !want.is_empty() || zone.nr_free_of(order, mt) > 0 {
                    Zones::compare_list(tally, zone, order, mt, want);
                }
            }
        }
        for (pfn, want) in &after.blocks {
            let at = if halves { pfn / 2 } else { *pfn };
            if halves && pfn % 1024 != 0 || !zone.contains(at) {
                continue;
            }
            let got = zone.block_type(at);
            tally.check(got == *want, || format!("pageblock {at}: model type {got}, recorded {want}"));
        }
        for index in 0..LISTS {
            let want = after.pcp.get(name).and_then(|lists| lists.get(&index)).map_or(&[] as &[u32], Vec::as_slice);
            let got: Vec<u32> = zone.pcp_list(index).collect();
            if !got.is_empty() || !want.is_empty() {
                tally
                    .check(got == want, || format!("per-CPU list {index} of {name}: model {got:?}, recorded {want:?}"));
            }
        }
        if let Some(want) = after.pcp_count.get(name) {
            let got = zone.pcp.count;
            tally.check(got == *want, || format!("pages on per-CPU lists of {name}: model {got}, recorded {want}"));
        }
    }
}
