//! One request from the zonelist's top to its end (`__alloc_pages`, `get_page_from_freelist`,
//! `__alloc_pages_slowpath`), and the way back (`__free_pages`).

use super::fallback::{Ask, Fell, Mode, Request, Watch};
use super::index::fragmentation_index;
use super::pcp::allowed_order;
use super::scenario::{Gfp, Migratetype, Scenario};
use super::watermark::{NORMAL, Rights, ZONES};
use super::zone::{MOVABLE, ORDERS, Use, Zone};

/// Above this order the allocator soon gives up (`PAGE_ALLOC_COSTLY_ORDER`).
pub const COSTLY_ORDER: u32 = 3;
/// Mark of blocks that stay.
pub const PINNED: u8 = 0x80;

/// A request as a caller makes it.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// 2^order pages.
    pub order: u32,
    /// What for.
    pub migratetype: Migratetype,
    /// How hard to try.
    pub gfp: Gfp,
    /// Index of the highest zone allowed.
    pub highest: usize,
    /// What to write on the block.
    pub tag: u8,
}

/// Something that happened on the way, by zone index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A block left the free lists, found at order `from`.
    Left { zone: usize, pfn: u32, order: u32, from: u32, mt: u8 },
    /// Another type's memory was used.
    Fell { zone: usize, fell: Fell },
    /// The watermarks of a zone were raised.
    Boost { zone: usize, pages: u64 },
    /// A per-CPU list was refilled.
    Refill { zone: usize, order: u32, mt: u8, blocks: i64 },
    /// Per-CPU lists were drained.
    Drain { zone: usize, pages: i64 },
    /// Free pages are at or below the low mark everywhere: kswapd is woken.
    Kswapd { zone: usize, free: u64, low: u64 },
    /// The caller itself is to reclaim.
    Reclaim { order: u32 },
    /// Compaction is worth trying.
    Compact { zone: usize, order: u32, index: i64 },
    /// It is not: too little is free, or the index says that memory is what lacks.
    NoCompact { zone: usize, order: u32, index: i64, lack: bool },
    /// The OOM killer is called.
    Oom { order: u32 },
}

/// The zones, and what concerns them together.
#[derive(Clone, Debug)]
pub struct Node {
    /// Populated zones, lowest first, each with its index in [`ZONES`].
    pub zones: Vec<(usize, Zone)>,
    /// Whether kswapd is at work.
    pub kswapd: bool,
    per_cpu: bool,
    boost_factor: u64,
    extfrag_threshold: i64,
}

/// Collects steps; a page of a refill is told of with the refill.
struct Steps<'a> {
    zone: usize,
    quiet: bool,
    boost_factor: u64,
    steps: &'a mut Vec<Step>,
}

impl Watch for Steps<'_> {
    fn claims(&mut self, zone: &Zone, ask: Ask) -> bool {
        ask.claimed(zone.movable_of(ask))
    }

    fn left(&mut self, _zone: &Zone, request: Request, pfn: u32, from: u32) {
        if !self.quiet {
            self.steps.push(Step::Left { zone: self.zone, pfn, order: request.order, from, mt: request.mt });
        }
    }

    fn fell_back(&mut self, _zone: &Zone, fell: Fell) {
        self.steps.push(Step::Fell { zone: self.zone, fell });
    }

    fn boosts(&mut self, zone: &mut Zone) {
        if zone.boost_watermark(self.boost_factor) {
            self.steps.push(Step::Boost { zone: self.zone, pages: zone.watermark_boost });
        }
    }

    fn refilled(&mut self, _zone: &Zone, request: Request, blocks: i64) {
        if blocks > 0 {
            self.steps.push(Step::Refill { zone: self.zone, order: request.order, mt: request.mt, blocks });
        }
    }

    fn drained(&mut self, _zone: &Zone, pages: i64) {
        self.steps.push(Step::Drain { zone: self.zone, pages });
    }
}

/// Which mark a request is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Min,
    Low,
    High,
}

impl Node {
    /// The zones of a scenario, everything free, as boot leaves them.
    pub fn boot(scenario: &Scenario) -> Option<Node> {
        let rules = scenario.rules()?;
        let managed = scenario.managed();
        let settings = scenario.settings();
        let marks = settings.marks(managed, &rules);
        let mut zones = Vec::new();
        // Zone Movable takes the end of memory.
        let normal_end = (1 << 20) + managed[NORMAL] as u32;
        let starts = [0, 4096, 1 << 20, normal_end.next_multiple_of(1024)];
        for (i, pages) in managed.into_iter().enumerate().filter(|(_, pages)| *pages > 0) {
            let (start, end) = (starts[i], starts[i] + pages as u32);
            let mut zone = Zone::new(ZONES[i], start, end, pages, rules);
            zone.marks = marks[i];
            if scenario.pcp != 0 {
                zone.pcp = settings.pcp(pages, marks[i].low, &rules);
            }
            let mut pfn = start;
            while pfn < end {
                let order = (0..ORDERS as u32).rev().find(|order| zone.holds(pfn, *order)).unwrap_or(0);
                // Memory that comes online goes to the tail since 5.10 (__free_pages_core).
                zone.free_one_page(pfn, order, MOVABLE, rules.boots_to_tail);
                pfn += 1 << order;
            }
            zones.push((i, zone));
        }
        Some(Node {
            zones,
            kswapd: false,
            per_cpu: scenario.pcp != 0,
            boost_factor: scenario.watermark_boost_factor as u64,
            extfrag_threshold: scenario.extfrag_threshold,
        })
    }

    /// The zone a page frame lies in, by its place in the list.
    pub fn find(&self, pfn: u32) -> Option<usize> {
        self.zones.iter().position(|(_, zone)| zone.contains(pfn))
    }

    /// Serves a request, or fails; what happened is added to `steps`.
    pub fn alloc(&mut self, call: Call, steps: &mut Vec<Step>) -> Option<u32> {
        let pfn = self.search(call, steps)?;
        let z = self.find(pfn)?;
        self.zones[z].1.mark_taken(pfn, call.order, call.migratetype.number(), call.tag);
        Some(pfn)
    }

    fn search(&mut self, call: Call, steps: &mut Vec<Step>) -> Option<u32> {
        let Call { order, gfp, .. } = call;
        let nofragment = self.avoids_fragments(call);
        if let Some(pfn) = self.get_page(call, Level::Low, Rights::default(), nofragment, steps) {
            return Some(pfn);
        }
        self.wake_kswapd(call, steps);
        let atomic = gfp == Gfp::Atomic;
        let rights = Rights { high: atomic, non_block: atomic };
        if let Some(pfn) = self.get_page(call, Level::Min, rights, false, steps) {
            return Some(pfn);
        }
        if matches!(gfp, Gfp::Atomic | Gfp::Nowait) {
            return None;
        }
        let costly = order > COSTLY_ORDER;
        let compacts_first = costly || (order > 0 && call.migratetype != Migratetype::Movable);
        let mut compacts = false;
        if compacts_first {
            compacts = self.compacts(call, steps);
            if costly && gfp == Gfp::Noretry && !compacts {
                return None;
            }
        }
        // Reclaim and compaction are asked for, but what they would free is not modelled.
        steps.push(Step::Reclaim { order });
        if order > 0 && !compacts_first {
            compacts = self.compacts(call, steps);
        }
        let _ = compacts;
        if gfp == Gfp::Noretry || (costly && gfp != Gfp::RetryMayfail) {
            return None;
        }
        // One last look at the high mark, in case somebody freed something meanwhile.
        if let Some(pfn) = self.get_page(call, Level::High, Rights::default(), false, steps) {
            return Some(pfn);
        }
        if !costly && gfp != Gfp::RetryMayfail {
            steps.push(Step::Oom { order });
        }
        None
    }

    /// Whether the first look is to leave other types' pageblocks alone (`alloc_flags_nofragment`).
    fn avoids_fragments(&self, call: Call) -> bool {
        let has = |index| self.zones.iter().any(|(i, _)| *i == index);
        let preferred = self.zones.iter().rev().map(|(i, _)| *i).find(|i| *i <= call.highest);
        self.zones.first().is_some_and(|(_, zone)| zone.rules.nofragment) && preferred == Some(NORMAL) && has(1)
    }

    /// One pass over the zonelist (`get_page_from_freelist`).
    fn get_page(
        &mut self,
        call: Call,
        level: Level,
        rights: Rights,
        nofragment: bool,
        steps: &mut Vec<Step>,
    ) -> Option<u32> {
        for z in (0..self.zones.len()).rev() {
            let (index, zone) = &mut self.zones[z];
            if *index > call.highest {
                continue;
            }
            zone.look_below_high(call.order, call.highest);
            let mark = match level {
                Level::Min => zone.marks.min,
                Level::Low => zone.marks.low,
                Level::High => zone.marks.high,
            };
            // A single page for somebody who cannot wait is not refused for the boost alone.
            let boosted = !(level == Level::Min && rights.high && call.order == 0);
            let mark = mark + if boosted { zone.watermark_boost } else { 0 };
            if !zone.watermark_ok(call.order, mark, call.highest, rights) {
                continue;
            }
            if let Some(pfn) = self.rmqueue(z, call, nofragment, steps) {
                return Some(pfn);
            }
        }
        if nofragment { self.get_page(call, level, rights, false, steps) } else { None }
    }

    /// Takes a block of a zone (`rmqueue`).
    fn rmqueue(&mut self, z: usize, call: Call, nofragment: bool, steps: &mut Vec<Step>) -> Option<u32> {
        let request = Request { order: call.order, mt: call.migratetype.number(), nofragment };
        let (boost_factor, per_cpu) = (self.boost_factor, self.per_cpu);
        let zone = &mut self.zones[z].1;
        let mut watch = Steps { zone: z, quiet: true, boost_factor, steps };
        if per_cpu
            && allowed_order(&zone.rules, call.order)
            && let Some(pfn) = zone.rmqueue_pcplist(request, &mut watch)
        {
            return Some(pfn);
        }
        watch.quiet = false;
        zone.rmqueue(request, &mut Mode::Normal, &mut watch)
    }

    fn wake_kswapd(&mut self, call: Call, steps: &mut Vec<Step>) {
        let low = |zone: &Zone| zone.marks.low + zone.watermark_boost;
        let usable = |i: usize| i <= call.highest;
        let Some(z) = self.zones.iter().rposition(|(i, _)| usable(*i)) else { return };
        if !self.kswapd {
            let zone = &self.zones[z].1;
            steps.push(Step::Kswapd { zone: z, free: zone.free_pages(), low: low(zone) });
        }
        self.set_kswapd(true);
    }

    fn set_kswapd(&mut self, active: bool) {
        self.kswapd = active;
        for (_, zone) in &mut self.zones {
            zone.pcp.reclaim_active = active;
        }
    }

    /// Whether compaction would be tried in any zone (`compaction_suitable`).
    fn compacts(&self, call: Call, steps: &mut Vec<Step>) -> bool {
        let order = call.order;
        let mut said: Option<Step> = None;
        for (z, (index, zone)) in self.zones.iter().enumerate().rev() {
            if *index > call.highest {
                continue;
            }
            let fragmentation = fragmentation_index(zone, order);
            let mark = if order > COSTLY_ORDER { zone.marks.low } else { zone.marks.min };
            let gap = 2 << order;
            let room = zone.watermark_ok(0, mark + zone.watermark_boost + gap, call.highest, Rights::default());
            let blamed = order > COSTLY_ORDER && (0..=self.extfrag_threshold).contains(&fragmentation);
            if room && !blamed {
                steps.push(Step::Compact { zone: z, order, index: fragmentation });
                return true;
            }
            said.get_or_insert(Step::NoCompact { zone: z, order, index: fragmentation, lack: !room });
        }
        steps.extend(said);
        false
    }

    /// Takes a block back (`__free_pages`); returns the block it became part of, when it went
    /// straight to the free lists. `None` in the first place when it is nobody's.
    pub fn free(&mut self, pfn: u32, steps: &mut Vec<Step>) -> Option<Option<(u32, u32)>> {
        let z = self.find(pfn)?;
        let (boost_factor, per_cpu) = (self.boost_factor, self.per_cpu);
        let zone = &mut self.zones[z].1;
        let block = zone.block_at(pfn);
        if block.usage != Use::Taken {
            return None;
        }
        zone.mark_untaken(pfn);
        let became = if per_cpu && allowed_order(&zone.rules, block.order) {
            let mut watch = Steps { zone: z, quiet: true, boost_factor, steps };
            zone.free_unref_page(pfn, block.order, &mut watch);
            None
        } else {
            let mt = zone.block_type(pfn);
            Some(zone.free_one_page(pfn, block.order, mt, false))
        };
        // kswapd is content when every zone is above its high mark.
        let content = |zone: &Zone| zone.watermark_ok(0, zone.marks.high + zone.watermark_boost, 0, Rights::default());
        if self.kswapd && self.zones.iter().all(|(_, zone)| content(zone)) {
            self.set_kswapd(false);
        }
        Some(became)
    }
}
