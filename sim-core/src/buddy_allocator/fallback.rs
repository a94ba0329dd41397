//! What happens when the lists of a migratetype are empty: another type's memory is claimed,
//! stolen or borrowed (`__rmqueue_fallback`; later `__rmqueue_claim`, `__rmqueue_steal`).

use super::rules::Fallback;
use super::zone::{MAX_PAGE_ORDER, MOVABLE, PAGEBLOCK, PAGEBLOCK_ORDER, RECLAIMABLE, UNMOVABLE, Zone};

/// Types tried when a type has nothing, in order (`fallbacks`).
const FALLBACKS: [[u8; 2]; 3] = [[RECLAIMABLE, MOVABLE], [RECLAIMABLE, UNMOVABLE], [UNMOVABLE, MOVABLE]];

/// One request to a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// 2^order pages are wanted.
    pub order: u32,
    /// Of this type: 0, 1 or 2.
    pub mt: u8,
    /// Whether mixing pageblocks is forbidden (`ALLOC_NOFRAGMENT`).
    pub nofragment: bool,
}

/// What the last request of a refill had to do (`enum rmqueue_mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Its own lists had something.
    Normal,
    /// It borrowed from another type.
    Steal,
}

/// A pageblock of which a fallback may take possession.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Head of the list it was found by.
    pub pfn: u32,
    /// Order of that list.
    pub order: u32,
    /// Type that wants it.
    pub mt: u8,
    /// Type the pageblock has.
    pub old: u8,
    /// Free pages of the pageblock.
    pub free: u32,
}

impl Ask {
    /// Whether enough of the pageblock is free or of a kind with the new type, given its movable
    /// pages.
    pub fn claimed(&self, movable: u32) -> bool {
        let alike = match (self.mt, self.old) {
            (MOVABLE, _) => movable,
            (_, MOVABLE) => PAGEBLOCK.saturating_sub(self.free + movable),
            _ => 0,
        };
        self.free + alike >= PAGEBLOCK / 2
    }

    /// The answer, where it is the same whatever the movable pages.
    pub fn known(&self) -> Option<bool> {
        let rest = PAGEBLOCK.saturating_sub(self.free);
        let (least, most) = (self.claimed(0), self.claimed(rest));
        (least == most).then_some(least)
    }
}

/// A fallback that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fell {
    /// First page frame of the block found, or handed out (`mm_page_alloc_extfrag`).
    pub pfn: u32,
    /// Order asked for.
    pub order: u32,
    /// Order of the block found.
    pub fallback_order: u32,
    /// Type asked for.
    pub mt: u8,
    /// Type it was found under.
    pub fallback_mt: u8,
    /// Whether the pageblock now has the type asked for.
    pub change_ownership: bool,
    /// Whether the block itself is what was handed out, without another look at the lists.
    pub handed_out: bool,
}

/// Answers what free lists do not show, and is told what happens.
pub trait Watch {
    /// Whether a pageblock changes hands. The kernel counts its movable pages.
    fn claims(&mut self, zone: &Zone, ask: Ask) -> bool;
    /// Whether a block is looked at all; a replay follows a refill whose start it did not see.
    fn remembers_steal(&mut self) -> bool {
        false
    }
    /// A block left the free lists: found at order `from`.
    fn left(&mut self, _zone: &Zone, _request: Request, _pfn: u32, _from: u32) {}
    /// A fallback happened.
    fn fell_back(&mut self, _zone: &Zone, _fell: Fell) {}
    /// A fallback asks for a boost of the watermarks.
    fn boosts(&mut self, _zone: &mut Zone) {}
    /// A per-CPU list was refilled with so many blocks.
    fn refilled(&mut self, _zone: &Zone, _request: Request, _blocks: i64) {}
    /// So many pages of per-CPU lists were drained.
    fn drained(&mut self, _zone: &Zone, _pages: i64) {}
    /// One of them, of an order and type, and the block it became part of.
    fn given_back(&mut self, _zone: &Zone, _pfn: u32, _order: u32, _mt: u8, _became: (u32, u32)) {}
}

/// Weighs pageblocks by the blocks the zone knows to be handed out as movable.
struct Counting;

impl Watch for Counting {
    fn claims(&mut self, zone: &Zone, ask: Ask) -> bool {
        ask.claimed(zone.movable_of(ask))
    }
}

/// Whether a block of this order, wanted by this type, is reason to look at its whole pageblock
/// (`can_steal_fallback`, 6.15: `should_try_claim_block`).
fn worth_claiming(order: u32, mt: u8) -> bool {
    order >= PAGEBLOCK_ORDER / 2 || mt == UNMOVABLE || mt == RECLAIMABLE
}

impl Zone {
    /// The first other type that has a block of the order, and its head
    /// (`find_suitable_fallback`).
    fn find_fallback(&self, order: u32, mt: u8) -> Option<(u8, u32)> {
        let others = FALLBACKS.get(mt as usize)?;
        others.iter().find_map(|other| Some((*other, self.first(order, *other)?)))
    }

    /// Pages of a pageblock that were handed out as movable.
    pub(super) fn movable_of(&self, ask: Ask) -> u32 {
        let start = ask.pfn >> PAGEBLOCK_ORDER << PAGEBLOCK_ORDER;
        self.count_block(start.max(self.start), |block| block.mt == MOVABLE).1
    }

    /// Start of the pageblock of a page, unless it straddles the zone's end or start.
    fn whole_pageblock(&self, pfn: u32) -> Option<u32> {
        let start = pfn >> PAGEBLOCK_ORDER << PAGEBLOCK_ORDER;
        self.holds(start, PAGEBLOCK_ORDER).then_some(start)
    }

    /// Takes a block off the free lists (`__rmqueue`).
    pub fn rmqueue(&mut self, request: Request, mode: &mut Mode, watch: &mut impl Watch) -> Option<u32> {
        match self.rules.fallback {
            Fallback::ClaimOrSteal => self.rmqueue_claiming(request, mode, watch),
            Fallback::StealThenRetry => self.rmqueue_stealing(request, watch),
            Fallback::TakeLargest => self.rmqueue_taking(request, watch),
        }
    }

    /// Takes a block off the free lists, weighing pageblocks by what the zone knows of them.
    pub fn rmqueue_counting(&mut self, request: Request) -> Option<u32> {
        self.rmqueue(request, &mut Mode::Normal, &mut Counting)
    }

    fn rmqueue_own(&mut self, request: Request, watch: &mut impl Watch) -> Option<u32> {
        let (pfn, from) = self.rmqueue_smallest(request.order, request.mt)?;
        watch.left(self, request, pfn, from);
        Some(pfn)
    }

    fn min_order(request: Request) -> u32 {
        if request.nofragment { request.order.max(PAGEBLOCK_ORDER) } else { request.order }
    }

    /// 4.x to 6.9: move blocks over until the type's own lists have something.
    fn rmqueue_stealing(&mut self, request: Request, watch: &mut impl Watch) -> Option<u32> {
        // Each round moves at least one block over, so there is no third.
        for _ in 0..2 {
            if let Some(pfn) = self.rmqueue_own(request, watch) {
                return Some(pfn);
            }
            let fell = self.rmqueue_fallback(request, watch)?;
            watch.fell_back(self, fell);
        }
        self.rmqueue_own(request, watch)
    }

    /// `__rmqueue_fallback` with `steal_suitable_fallback`.
    fn rmqueue_fallback(&mut self, request: Request, watch: &mut impl Watch) -> Option<Fell> {
        let Request { order, mt, .. } = request;
        let downwards = (Zone::min_order(request)..=MAX_PAGE_ORDER).rev();
        let (mut current, mut found) =
            downwards.filter_map(|current| Some((current, self.find_fallback(current, mt)?))).next()?;
        let mut steal = worth_claiming(current, mt);
        if !steal && mt == MOVABLE && current > order {
            // Nothing large: rather the smallest that will do.
            (current, found) = (order..=MAX_PAGE_ORDER).filter_map(|c| Some((c, self.find_fallback(c, mt)?))).next()?;
            steal = worth_claiming(current, mt);
        }
        let (fallback_mt, pfn) = found;
        let old = self.block_type(pfn);
        if old > RECLAIMABLE {
            // Highatomic and the like keep their pageblock.
            self.move_to_free_list(pfn, mt, true);
        } else if current >= PAGEBLOCK_ORDER {
            self.change_pageblock_range(pfn, current, mt);
            self.move_to_free_list(pfn, mt, true);
        } else {
            if self.rules.boost {
                watch.boosts(self);
            }
            match self.whole_pageblock(pfn).filter(|_| steal) {
                None => self.move_to_free_list(pfn, mt, true),
                Some(start) => {
                    let (free, _) = self.count_block(start, |_| false);
                    let ask = Ask { pfn, order: current, mt, old, free };
                    let claimed = watch.claims(self, ask);
                    self.move_freepages_block(start, mt);
                    if claimed {
                        self.set_block_type(start, mt);
                    }
                }
            }
        }
        let change_ownership = self.block_type(pfn) == mt;
        Some(Fell { pfn, order, fallback_order: current, mt, fallback_mt, change_ownership, handed_out: false })
    }

    /// Types every pageblock of a large block (`change_pageblock_range`).
    fn change_pageblock_range(&mut self, pfn: u32, order: u32, mt: u8) {
        for i in 0..1 << (order - PAGEBLOCK_ORDER) {
            self.set_block_type(pfn + i * PAGEBLOCK, mt);
        }
    }

    /// 6.12.y, 6.15 on: own lists, then a claim, then a loan.
    fn rmqueue_claiming(&mut self, request: Request, mode: &mut Mode, watch: &mut impl Watch) -> Option<u32> {
        if *mode == Mode::Normal && !watch.remembers_steal() {
            if let Some(pfn) = self.rmqueue_own(request, watch) {
                return Some(pfn);
            }
            if let Some(fell) = self.rmqueue_claim(request, watch) {
                watch.fell_back(self, fell);
                return Some(fell.pfn);
            }
        }
        if request.nofragment {
            return None;
        }
        let fell = self.rmqueue_steal(request)?;
        *mode = Mode::Steal;
        watch.fell_back(self, fell);
        Some(fell.pfn)
    }

    /// `__rmqueue_claim` with `try_to_claim_block`.
    fn rmqueue_claim(&mut self, request: Request, watch: &mut impl Watch) -> Option<Fell> {
        let Request { order, mt, .. } = request;
        for current in (Zone::min_order(request)..=MAX_PAGE_ORDER).rev() {
            if !worth_claiming(current, mt) {
                break;
            }
            let Some((fallback_mt, pfn)) = self.find_fallback(current, mt) else { continue };
            let fell =
                Fell { pfn, order, fallback_order: current, mt, fallback_mt, change_ownership: true, handed_out: true };
            if current >= PAGEBLOCK_ORDER {
                self.del_page_from_free_list(pfn);
                self.change_pageblock_range(pfn, current, mt);
                self.expand(pfn, order, current, mt);
                return Some(fell);
            }
            watch.boosts(self);
            let Some(start) = self.whole_pageblock(pfn) else { continue };
            let (free, _) = self.count_block(start, |_| false);
            if watch.claims(self, Ask { pfn, order: current, mt, old: fallback_mt, free }) {
                self.move_freepages_block(start, mt);
                self.set_block_type(start, mt);
                let pfn = self.rmqueue_own(request, watch)?;
                return Some(Fell { pfn, handed_out: false, ..fell });
            }
        }
        None
    }

    /// `__rmqueue_steal`: the smallest block that will do; its remainder stays where it was.
    fn rmqueue_steal(&mut self, request: Request) -> Option<Fell> {
        let Request { order, mt, .. } = request;
        for current in order..=MAX_PAGE_ORDER {
            if let Some((fallback_mt, pfn)) = self.find_fallback(current, mt) {
                self.del_page_from_free_list(pfn);
                self.expand(pfn, order, current, fallback_mt);
                let change_ownership = self.block_type(pfn) == mt;
                return Some(Fell {
                    pfn,
                    order,
                    fallback_order: current,
                    mt,
                    fallback_mt,
                    change_ownership,
                    handed_out: true,
                });
            }
        }
        None
    }

    /// 3.10: the largest block of another type, remainder and all.
    fn rmqueue_taking(&mut self, request: Request, watch: &mut impl Watch) -> Option<u32> {
        if let Some(pfn) = self.rmqueue_own(request, watch) {
            return Some(pfn);
        }
        let Request { order, mt, .. } = request;
        for current in (order..=MAX_PAGE_ORDER).rev() {
            let Some((fallback_mt, pfn)) = self.find_fallback(current, mt) else { continue };
            let moves = (current >= PAGEBLOCK_ORDER / 2 || mt == RECLAIMABLE) && current < PAGEBLOCK_ORDER;
            if let Some(start) = self.whole_pageblock(pfn).filter(|_| moves) {
                let (free, _) = self.count_block(start, |_| false);
                self.move_freepages_block(start, mt);
                if free >= PAGEBLOCK / 2 {
                    self.set_block_type(start, mt);
                }
            }
            self.del_page_from_free_list(pfn);
            if current >= PAGEBLOCK_ORDER {
                self.change_pageblock_range(pfn, current, mt);
            }
            self.expand(pfn, order, current, mt);
            let change_ownership = self.block_type(pfn) == mt;
            watch.fell_back(
                self,
                Fell { pfn, order, fallback_order: current, mt, fallback_mt, change_ownership, handed_out: true },
            );
            return Some(pfn);
        }
        None
    }
}
