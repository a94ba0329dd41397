//! Per-CPU lists (`struct per_cpu_pages`): pages kept near a CPU so that most requests need no
//! zone lock.

use super::fallback::{Mode, Request, Watch};
use super::rules::{PcpEra, Rules};
use super::zone::{List, MAX_PAGE_ORDER, MOVABLE, PAGEBLOCK_ORDER, TYPES, Use, Zone};

/// Lists: three types of orders 0 to 3, and two of huge pages (`NR_PCP_LISTS`).
pub const LISTS: usize = 14;
/// A batch doubles at most this often (`CONFIG_PCP_BATCH_SCALE_MAX`).
const SCALE_MAX: u32 = 5;

/// The per-CPU lists of one zone and CPU.
#[derive(Clone, Debug)]
pub struct Pcp {
    /// Pages on all lists.
    pub count: i64,
    /// Pages moved at a time.
    pub batch: i64,
    /// Where a drain starts.
    pub high: i64,
    /// Smallest `high` (6.7).
    pub high_min: i64,
    /// Largest `high` (6.7).
    pub high_max: i64,
    /// How many drains came without an allocation between (until 6.6).
    pub free_factor: u32,
    /// Pages freed since allocations came (6.7).
    pub free_count: i64,
    /// How many refills came without a free between (6.7).
    pub alloc_factor: u32,
    /// Whether the last page freed was of a high order (`PCPF_PREV_FREE_HIGH_ORDER`).
    pub prev_high_order: bool,
    /// Whether the CPU's cache is large (`PCPF_FREE_HIGH_BATCH`).
    pub free_high_batch: bool,
    /// Whether free pages are below the high mark (`ZONE_BELOW_HIGH`).
    pub below_high: bool,
    /// Whether kswapd is at work (`ZONE_RECLAIM_ACTIVE`).
    pub reclaim_active: bool,
    pub(super) lists: [List; LISTS],
}

impl Default for Pcp {
    /// Lists that never hold anything.
    fn default() -> Pcp {
        Pcp {
            count: 0,
            batch: 1,
            high: 0,
            high_min: 0,
            high_max: 0,
            free_factor: 0,
            free_count: 0,
            alloc_factor: 0,
            prev_high_order: false,
            free_high_batch: false,
            below_high: false,
            reclaim_active: false,
            lists: [List::EMPTY; LISTS],
        }
    }
}

impl Pcp {
    /// Counts a freed block of an order; returns whether high orders are to be given back at once,
    /// because they were freed one after the other.
    pub fn freed(&mut self, era: PcpEra, order: u32) -> bool {
        let high_order = order > 0 && order <= 3;
        let PcpEra::Auto { late_free_high, .. } = era else {
            return era == PcpEra::FreeFactor && self.free_factor > 0 && high_order;
        };
        let enough = if late_free_high { self.batch + self.high_min / 2 } else { self.batch };
        let free_high = high_order
            && self.free_count >= enough
            && self.prev_high_order
            && (!self.free_high_batch || self.count >= self.batch);
        self.prev_high_order = high_order;
        if self.free_count < self.batch << SCALE_MAX {
            self.free_count += 1 << order;
        }
        free_high
    }

    /// Pages a drain gives back where `high` floats (`nr_pcp_free`, 6.7).
    pub fn nr_free_auto(&self, high: i64, free_high: bool) -> i64 {
        if free_high {
            self.count.min(self.batch << SCALE_MAX)
        } else if high < self.batch {
            1
        } else {
            clamp(self.free_count, self.batch, high - self.batch)
        }
    }
}

/// Whether blocks of the order go through per-CPU lists (`pcp_allowed_order`).
pub fn allowed_order(rules: &Rules, order: u32) -> bool {
    order <= rules.pcp_max_order() || (rules.thp_lists > 0 && order == PAGEBLOCK_ORDER)
}

/// The list of an order and type (`order_to_pindex`).
pub fn pindex(rules: &Rules, order: u32, mt: u8) -> usize {
    // Types that have no list of their own (highatomic) share the movable one.
    let mt = if mt > 2 { MOVABLE } else { mt };
    match order {
        PAGEBLOCK_ORDER if rules.thp_lists == 2 => 12 + usize::from(mt == MOVABLE),
        PAGEBLOCK_ORDER => 12,
        _ => 3 * (order as usize).min(3) + if rules.reclaimable_first { [0, 2, 1][mt as usize] } else { mt as usize },
    }
}

fn pindex_to_order(pindex: usize) -> u32 {
    if pindex < 12 { pindex as u32 / 3 } else { PAGEBLOCK_ORDER }
}

/// `batch` of a zone (`zone_batchsize`).
pub fn zone_batchsize(rules: &Rules, managed: u64) -> i64 {
    let cap = if rules.kernel.major < 5 { 128 } else { 256 };
    let batch = ((managed >> 10).min(cap) / 4).max(1);
    ((1_i64 << (batch + batch / 2).ilog2()) - 1).max(1)
}

impl Zone {
    /// The per-CPU list of an index, head first.
    pub fn pcp_list(&self, pindex: usize) -> impl Iterator<Item = u32> + '_ {
        self.walk(self.pcp.lists[pindex])
    }

    /// Puts a block on a per-CPU list without any rule: for starting from a recorded state.
    pub fn pcp_preset(&mut self, pindex: usize, pfn: u32, mt: u8) {
        self.pcp_add(pindex, pfn, pindex_to_order(pindex), mt, true);
    }

    fn pcp_add(&mut self, pindex: usize, pfn: u32, order: u32, mt: u8, tail: bool) {
        self.pcp.lists[pindex] = self.link(self.pcp.lists[pindex], pfn, tail, Use::PerCpu, order, mt);
        self.pcp.count += 1 << order;
    }

    fn pcp_del(&mut self, pindex: usize, pfn: u32) {
        self.pcp.lists[pindex] = self.unlink(self.pcp.lists[pindex], pfn);
        self.pcp.count -= 1 << pindex_to_order(pindex);
    }

    /// How many blocks a refill fetches (`nr_pcp_alloc`).
    fn nr_pcp_alloc(&mut self, order: u32) -> i64 {
        let pcp = &mut self.pcp;
        let mut batch = pcp.batch;
        if let PcpEra::Auto { .. } = self.rules.pcp {
            pcp.high = pcp.high.clamp(pcp.high_min, pcp.high_max.max(pcp.high_min));
            let mut high = pcp.high;
            if high < pcp.batch {
                return 1;
            }
            if order == 0 {
                batch <<= pcp.alloc_factor;
            }
            if pcp.high_min != pcp.high_max && !pcp.below_high {
                pcp.high = (high + batch).min(pcp.high_max);
                high = pcp.high;
            }
            if order == 0 {
                let most = (high - pcp.count - pcp.batch).max(pcp.batch);
                if batch <= most && pcp.alloc_factor < SCALE_MAX {
                    pcp.alloc_factor += 1;
                }
                batch = batch.min(most);
            }
        }
        if batch > 1 && self.rules.pcp != PcpEra::OrderZero { (batch >> order).max(2) } else { batch }
    }

    /// Takes a block through the per-CPU lists (`rmqueue_pcplist`).
    pub fn rmqueue_pcplist(&mut self, request: Request, watch: &mut impl Watch) -> Option<u32> {
        let Request { order, mt, .. } = request;
        self.pcp.free_factor >>= 1;
        self.pcp.free_count >>= 1;
        let index = pindex(&self.rules, order, mt);
        if self.pcp.lists[index].len == 0 {
            let want = self.nr_pcp_alloc(order);
            let mut mode = Mode::Normal;
            let mut got = 0;
            while got < want {
                let Some(pfn) = self.rmqueue(request, &mut mode, watch) else { break };
                self.pcp_add(index, pfn, order, mt, true);
                got += 1;
            }
            watch.refilled(self, request, got);
        }
        let pfn = self.pcp.lists[index].first()?;
        self.pcp_del(index, pfn);
        Some(pfn)
    }

    /// Where a drain starts just now (`nr_pcp_high`).
    fn nr_pcp_high(&mut self, free_high: bool) -> i64 {
        let pcp = &mut self.pcp;
        let PcpEra::Auto { .. } = self.rules.pcp else {
            return match (free_high, pcp.reclaim_active) {
                (true, _) => 0,
                (_, true) if self.rules.pcp == PcpEra::FreeFactor => pcp.high.min(pcp.batch << 2),
                _ => pcp.high,
            };
        };
        pcp.high = pcp.high.clamp(pcp.high_min, pcp.high_max.max(pcp.high_min));
        let high = pcp.high;
        if high == 0 {
            return 0;
        }
        if free_high {
            pcp.high = (high - (pcp.batch << SCALE_MAX)).max(pcp.high_min);
            return 0;
        }
        if pcp.reclaim_active {
            pcp.high = (high - pcp.free_count.max(pcp.batch)).max(pcp.high_min);
            return pcp.high.min(pcp.batch << 2);
        }
        if pcp.high_min == pcp.high_max {
            return high;
        }
        if pcp.below_high {
            pcp.high = (high - pcp.free_count.max(pcp.batch)).max(pcp.high_min);
            return pcp.count.max(pcp.high_min);
        }
        if pcp.count >= high {
            let need = pcp.free_count + pcp.batch;
            if pcp.high < need {
                pcp.high = need.clamp(pcp.high_min, pcp.high_max);
            }
        }
        high
    }

    /// How many pages a drain gives back (`nr_pcp_free`).
    fn nr_pcp_free(&mut self, high: i64, free_high: bool) -> i64 {
        let pcp = &mut self.pcp;
        let batch = pcp.batch;
        match self.rules.pcp {
            PcpEra::OrderZero => batch,
            PcpEra::FreeFactor if free_high => pcp.count,
            PcpEra::Auto { .. } => pcp.nr_free_auto(high, free_high),
            PcpEra::FreeFactor if high < batch => 1,
            PcpEra::FreeFactor => {
                let most = high - batch;
                let more = batch << pcp.free_factor;
                if more < most && pcp.free_factor < SCALE_MAX {
                    pcp.free_factor += 1;
                }
                clamp(more, batch, most)
            }
        }
    }

    /// Frees a block onto its per-CPU list, and drains the lists when they are full
    /// (`free_unref_page_commit`, 6.16: `free_frozen_page_commit`).
    pub fn free_unref_page(&mut self, pfn: u32, order: u32, watch: &mut impl Watch) {
        let (index, free_high) = self.pcp_push(pfn, order);
        let high = self.nr_pcp_high(free_high);
        if self.pcp.count >= high {
            self.drain_full(index, high, free_high, watch);
        }
    }

    /// Puts a freed block on its list; returns which, and whether high orders are to be given back
    /// at once.
    pub fn pcp_push(&mut self, pfn: u32, order: u32) -> (usize, bool) {
        let mt = self.block_type(pfn);
        let index = pindex(&self.rules, order, mt);
        self.pcp.alloc_factor >>= 1;
        self.pcp_add(index, pfn, order, mt, false);
        (index, self.pcp.freed(self.rules.pcp, order))
    }

    /// Drains lists that reached `high`, beginning with one of them.
    fn drain_full(&mut self, index: usize, high: i64, free_high: bool, watch: &mut impl Watch) {
        let pages = self.nr_pcp_free(high, free_high);
        self.drain_pages(pages, index, watch);
    }

    /// Gives back so many pages, beginning with one list.
    pub fn drain_pages(&mut self, pages: i64, index: usize, watch: &mut impl Watch) {
        let (before, batch) = (self.pcp.count, self.pcp.batch);
        match self.rules.pcp {
            PcpEra::OrderZero => self.free_pcppages_in_turns(pages, watch),
            PcpEra::Auto { in_batches: true, .. } => {
                let mut rest = pages;
                while rest > 0 && self.pcp.count > 0 {
                    let piece = rest.min(batch);
                    self.free_pcppages_bulk(piece, index, watch);
                    rest -= piece;
                }
            }
            _ => self.free_pcppages_bulk(pages, index, watch),
        }
        self.look_above_high();
        watch.drained(self, before - self.pcp.count);
    }

    /// Gives pages back to the free lists: from the tail of one list until it is empty, then of
    /// the next (`free_pcppages_bulk`).
    pub fn free_pcppages_bulk(&mut self, count: i64, from: usize, watch: &mut impl Watch) {
        let mut count = count.min(self.pcp.count);
        let mut index = from;
        while count > 0 && self.pcp.count > 0 {
            while self.pcp.lists[index].len == 0 {
                index = (index + 1) % LISTS;
            }
            while count > 0
                && let Some(pfn) = self.pcp.lists[index].last()
            {
                count -= 1 << pindex_to_order(index);
                self.drain_one(index, pfn, watch);
            }
            index = (index + 1) % LISTS;
        }
    }

    /// Until 5.12 the three lists take turns, each giving one page more for every empty list that
    /// was passed.
    fn free_pcppages_in_turns(&mut self, count: i64, watch: &mut impl Watch) {
        let mut count = count.min(self.pcp.count);
        let (mut index, mut turn) = (0, 0);
        let mut gone = Vec::new();
        while count > 0 && self.pcp.count > 0 {
            loop {
                turn += 1;
                index = (index + 1) % 3;
                if self.pcp.lists[index].len > 0 {
                    break;
                }
            }
            if turn == 3 {
                turn = count;
            }
            while let Some(pfn) = self.pcp.lists[index].last() {
                let mt = self.block_at(pfn).mt;
                self.pcp_del(index, pfn);
                gone.push((pfn, mt));
                count -= 1;
                if count == 0 {
                    break;
                }
                turn -= 1;
                if turn == 0 {
                    break;
                }
            }
        }
        for (pfn, mt) in gone {
            let (start, merged) = self.free_one_page(pfn, 0, mt, false);
            watch.given_back(self, pfn, 0, mt, (start, merged));
        }
    }

    fn drain_one(&mut self, index: usize, pfn: u32, watch: &mut impl Watch) {
        let block = self.block_at(pfn);
        self.pcp_del(index, pfn);
        let mt = if self.rules.cached_type { block.mt } else { self.block_type(pfn) };
        let became = self.free_one_page(pfn, block.order, mt.min(TYPES as u8 - 1), false);
        watch.given_back(self, pfn, block.order, mt, became);
    }

    /// The next page a drain of all lists would give back, from list `from` on
    /// (`drain_pages_zone`).
    pub fn next_drained(&self, from: usize) -> Option<(usize, u32)> {
        (0..LISTS)
            .map(|step| (from + step) % LISTS)
            .find_map(|index| self.pcp.lists[index].last().map(|pfn| (index, pfn)))
    }

    /// Gives back one page of a list, by its page frame.
    pub fn drain_page(&mut self, index: usize, pfn: u32, watch: &mut impl Watch) {
        self.drain_one(index, pfn, watch);
    }
}

/// As the kernel's `clamp`, which looks at the upper bound last.
fn clamp(value: i64, low: i64, high: i64) -> i64 {
    value.max(low).min(high)
}

const _: () = assert!(PAGEBLOCK_ORDER <= MAX_PAGE_ORDER);
