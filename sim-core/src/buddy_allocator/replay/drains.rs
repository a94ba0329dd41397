//! Drains where `high` floats (6.7 on).
//!
//! When a drain is due then depends on things no recording shows: `high` decays once a second
//! (`decay_pcp_high`), shrinks below the high watermark and while kswapd works. So *that* a drain
//! happened is taken from the recording; how many pages it gives back, of which lists, which ones
//! and in which order is the model's.

use std::collections::VecDeque;

use super::Zones;
use super::follow::{Follow, Record};
use crate::buddy_allocator::pcp::{Pcp, pindex};
use crate::buddy_allocator::zone::Zone;

/// Pages that are freed together are told of before the first of them reaches its list
/// (`free_unref_folios`: `PAGEVEC_SIZE`).
const TOGETHER: usize = 31;

/// Frees that were told of and may not have reached their lists yet, with the zone of each.
#[derive(Debug, Default)]
pub struct Waiting(VecDeque<(Record, usize)>);

impl Waiting {
    /// A page was freed.
    pub fn push(&mut self, zones: &mut Zones, record: Record, zone: usize) {
        self.0.push_back((record, zone));
        if self.0.len() > TOGETHER
            && let Some((record, zone)) = self.0.pop_front()
        {
            zones.0[zone].pcp_push(record.pfn, u32::from(record.order));
        }
    }

    /// Every free reaches its list, and no drain was due.
    pub fn settle(&mut self, zones: &mut Zones) {
        for (record, zone) in self.0.drain(..) {
            zones.0[zone].pcp_push(record.pfn, u32::from(record.order));
        }
    }

    /// The recording shows a drain of a zone: finds the frees it was due at, and carries it out.
    /// Where none fits, every free reaches its list and the drain is left to be explained.
    pub fn drain(&mut self, zones: &mut Zones, z: usize, run: &[Record], follow: &mut Follow<'_>) {
        let frees: Vec<Record> = self.0.iter().filter(|(_, zone)| *zone == z).map(|(record, _)| *record).collect();
        let run: Vec<Record> = run.iter().take_while(|record| zones.0[z].contains(record.pfn)).copied().collect();
        let zone = &mut zones.0[z];
        let Some(due) = due(zone, &frees, &run) else { return self.settle(zones) };
        for (i, free) in frees.iter().enumerate() {
            let (index, free_high) = zone.pcp_push(free.pfn, u32::from(free.order));
            if (due.from..=due.to).contains(&i) {
                let pages = due.pages(&zone.pcp, free.order, free_high);
                zone.drain_pages(pages, index, follow);
            }
        }
        self.0.retain(|(_, zone)| *zone != z);
    }
}

/// A drain at each of the frees `from..=to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Due {
    from: usize,
    to: usize,
    reclaim: bool,
    /// Whether high orders are given back at once: the threshold is not recorded either.
    eager: bool,
}

impl Due {
    /// What bounds the drain: while kswapd works, four batches; else nothing that matters.
    fn high(&self, pcp: &Pcp) -> i64 {
        if self.reclaim { pcp.batch << 2 } else { pcp.high }
    }

    /// Pages given back at a free.
    fn pages(&self, pcp: &Pcp, order: u8, free_high: bool) -> i64 {
        let free_high = free_high || (self.eager && (1..=3).contains(&order));
        pcp.nr_free_auto(self.high(pcp), free_high).min(pcp.count)
    }
}

/// The frees that a recorded drain was due at: the latest ones that explain its length and its
/// first page.
fn due(zone: &Zone, frees: &[Record], run: &[Record]) -> Option<Due> {
    let pages: i64 = run.iter().map(|record| 1_i64 << record.order).sum();
    let first = run.first()?.pfn;
    // A drain that ends within a block of a high order gives back more than was asked for.
    let rounding = if run.iter().any(|record| record.order > 0) { 7 } else { 0 };
    let tries = [(false, false), (true, false), (false, true)]
        .into_iter()
        .flat_map(|(reclaim, eager)| [0, rounding].map(|rounding| (reclaim, eager, rounding)));
    for (reclaim, eager, rounding) in tries {
        for from in (0..frees.len()).rev() {
            if tail_with(zone, &frees[..=from]) != Some(first) {
                continue;
            }
            let mut pcp = zone.pcp.clone();
            let mut drained = 0;
            for (i, free) in frees.iter().enumerate() {
                pcp.count += 1 << free.order;
                let free_high = pcp.freed(zone.rules.pcp, u32::from(free.order));
                if i < from {
                    continue;
                }
                let due = Due { from, to: i, reclaim, eager };
                let part = due.pages(&pcp, free.order, free_high);
                (drained, pcp.count) = (drained + part, pcp.count - part);
                let spare = (i - from + 1) as i64 * rounding;
                if (drained..=drained + spare).contains(&pages) && fits(zone, frees, due, run) {
                    return Some(due);
                }
                if drained > pages {
                    break;
                }
            }
        }
    }
    None
}

/// The page a drain would give back first, were it due with the last of these frees.
fn tail_with(zone: &Zone, frees: &[Record]) -> Option<u32> {
    let list = |free: &Record| pindex(&zone.rules, u32::from(free.order), zone.block_type(free.pfn));
    let index = list(frees.last()?);
    let oldest = || frees.iter().find(|free| list(free) == index).map(|free| free.pfn);
    zone.pcp.lists[index].last().or_else(oldest)
}

/// Whether the drain gives back these very pages. Where the first list is long enough that is
/// clear without trying.
fn fits(zone: &Zone, frees: &[Record], due: Due, run: &[Record]) -> bool {
    let index = pindex(&zone.rules, u32::from(run[0].order), zone.block_type(run[0].pfn));
    if due.from == due.to && zone.pcp.lists[index].len as usize >= run.len() {
        return true;
    }
    let mut zone = zone.clone();
    let mut seen = Seen::default();
    for (i, free) in frees[..=due.to].iter().enumerate() {
        let (index, free_high) = zone.pcp_push(free.pfn, u32::from(free.order));
        if i >= due.from {
            let pages = due.pages(&zone.pcp, free.order, free_high);
            zone.drain_pages(pages, index, &mut seen);
        }
    }
    seen.0.iter().eq(run.iter().map(|record| &record.pfn))
}

/// The pages a trial gave back.
#[derive(Debug, Default)]
struct Seen(Vec<u32>);

impl crate::buddy_allocator::fallback::Watch for Seen {
    fn claims(&mut self, _zone: &Zone, _ask: crate::buddy_allocator::fallback::Ask) -> bool {
        false
    }

    fn given_back(&mut self, _zone: &Zone, pfn: u32, _order: u32, _mt: u8, _became: (u32, u32)) {
        self.0.push(pfn);
    }
}
