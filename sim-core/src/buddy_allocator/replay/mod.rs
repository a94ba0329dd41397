//! Recorded traces held against the model.
//!
//! Two layouts: `RUN.json` with `RUN.events.csv` (free lists before and after, and every block that
//! left or came back to them), and `RUN.full.json` (the per-CPU lists too, and every page handed
//! out and freed). Which kernel, which zones and which pageblocks there are is in the files.

mod drains;
mod follow;
mod full;
mod lists;
#[cfg(test)]
mod tests;

use crate::KernelVersion;
use crate::buddy_allocator::Rules;
use crate::buddy_allocator::zone::{TYPES, Zone};
use crate::fidelity::{GoldenError, Tally, Trace};

/// Largest page frame number a trace may name: 1 TiB of memory.
const MAX_PFN: u32 = 1 << 28;
/// Largest span of all zones together, pages: 64 GiB.
const MAX_SPAN: u32 = 1 << 24;

/// Replays one trace.
///
/// # Errors
/// Files that are missing or do not parse, or a kernel that is not modelled.
pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    if trace.is("full") { full::replay(trace) } else { lists::replay(trace) }
}

fn rules_of(trace: &Trace<'_>, kernel: &str) -> Result<Rules, GoldenError> {
    let version: KernelVersion =
        kernel.parse().map_err(|_| trace.error("json", format!("kernel {kernel:?} is not a release")))?;
    Rules::of(version).map_err(|why| trace.error("json", format!("kernel {kernel}: {}", why.en)))
}

/// The zones of a recording; `MAX_SPAN` and `MAX_PFN` bound what they may ask for.
#[derive(Debug)]
struct Zones(Vec<Zone>);

impl Zones {
    fn of(spans: &[(&str, u32, u32, u64)], rules: Rules) -> Result<Zones, String> {
        let mut zones: Vec<Zone> = Vec::new();
        let mut total = 0_u32;
        for &(name, start, end, managed) in spans {
            if start >= end || end > MAX_PFN {
                return Err(format!("zone {name}: {start}..{end} is no span of page frames below {MAX_PFN}"));
            }
            total = total.saturating_add(end - start);
            if total > MAX_SPAN {
                return Err(format!("the zones span more than {MAX_SPAN} pages"));
            }
            if zones.iter().any(|zone| start < zone.end && zone.start < end) {
                return Err(format!("zone {name}: {start}..{end} overlaps another zone"));
            }
            zones.push(Zone::new(name.to_owned(), start, end, managed, rules));
        }
        zones.sort_by_key(|zone| zone.start);
        Ok(Zones(zones))
    }

    /// The zone a page frame lies in, as an index.
    fn find(&self, pfn: u32) -> Option<usize> {
        self.0.iter().position(|zone| zone.contains(pfn))
    }

    fn named(&mut self, name: &str) -> Option<&mut Zone> {
        self.0.iter_mut().find(|zone| zone.name == name)
    }

    /// Puts a recorded block on a free list.
    fn preset(&mut self, name: &str, order: u32, mt: u8, pfn: u32) -> Result<(), String> {
        let place = format!("zone {name}, order {order}, type {mt}: {pfn}");
        let zone = self.named(name).ok_or(format!("{place}: there is no such zone"))?;
        if !zone.holds(pfn, order) || usize::from(mt) >= TYPES {
            return Err(format!("{place} is no block of this zone"));
        }
        if zone.free_block_over(pfn).is_some() {
            return Err(format!("{place} is free already"));
        }
        zone.add_to_free_list(pfn, order, mt, true);
        Ok(())
    }

    /// Every list that one of the two has, head first, as text.
    fn compare_list(tally: &mut Tally, zone: &Zone, order: u32, mt: u8, want: &[u32]) {
        let same = zone.list(order, mt).eq(want.iter().copied());
        tally.check(same, || {
            let got: Vec<u32> = zone.list(order, mt).collect();
            let at = got.iter().zip(want).take_while(|(a, b)| a == b).count();
            format!(
                "free list {} order {order} type {mt}, entry {at}: model {:?} of {}, recorded {:?} of {}",
                zone.name,
                got.get(at),
                got.len(),
                want.get(at),
                want.len()
            )
        });
    }
}
