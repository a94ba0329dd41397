//! A zone: its pages, its free lists and its pageblocks (`struct zone`, `struct free_area`).
//!
//! Lists are linked through the pages themselves, as in the kernel: taking a block out of the
//! middle of a list costs the same as taking its head, and the order of a list is kept.

use std::borrow::Cow;
use std::rc::Rc;

use super::pcp::Pcp;
use super::rules::Rules;
use super::watermark::Marks;

/// Largest order (`MAX_PAGE_ORDER`): blocks of 1024 pages, 4 MiB.
pub const MAX_PAGE_ORDER: u32 = 10;
/// Number of orders (`NR_PAGE_ORDERS`).
pub const ORDERS: usize = 11;
/// Order of a pageblock: 512 pages, 2 MiB.
pub const PAGEBLOCK_ORDER: u32 = 9;
/// Pages of a pageblock.
pub const PAGEBLOCK: u32 = 1 << PAGEBLOCK_ORDER;
/// Migratetypes that have lists: unmovable, movable, reclaimable, and those outside the model
/// (highatomic, CMA, isolate), which a recording may show.
pub const TYPES: usize = 6;

/// `MIGRATE_UNMOVABLE`.
pub const UNMOVABLE: u8 = 0;
/// `MIGRATE_MOVABLE`.
pub const MOVABLE: u8 = 1;
/// `MIGRATE_RECLAIMABLE`.
pub const RECLAIMABLE: u8 = 2;

/// Whether blocks of the type may merge with other such types (`migratetype_is_mergeable`).
pub fn mergeable(mt: u8) -> bool {
    mt <= RECLAIMABLE
}

const NIL: u32 = u32::MAX;

/// What the first page of a block stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Not the first page of anything that is known.
    Inside,
    /// First page of a block on a free list.
    Free,
    /// First page of a block on a per-CPU list.
    PerCpu,
    /// First page of a block handed out.
    Taken,
}

/// A page frame (`struct page`), as far as the allocator is concerned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    next: u32,
    prev: u32,
    usage: Use,
    order: u8,
    mt: u8,
    pub tag: u8,
}

const UNKNOWN: Page = Page { next: NIL, prev: NIL, usage: Use::Inside, order: 0, mt: 0, tag: 0 };

type Chunk = [Page; PAGEBLOCK as usize];

/// One list of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct List {
    head: u32,
    tail: u32,
    /// Blocks on it.
    pub len: u32,
}

impl List {
    pub const EMPTY: List = List { head: NIL, tail: NIL, len: 0 };

    pub fn first(&self) -> Option<u32> {
        (self.head != NIL).then_some(self.head)
    }

    pub fn last(&self) -> Option<u32> {
        (self.tail != NIL).then_some(self.tail)
    }
}

/// A block as a picture or a test sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Page frame number of its first page.
    pub pfn: u32,
    /// 2^order pages.
    pub order: u32,
    /// What it is.
    pub usage: Use,
    /// Its migratetype: of the list it is on, or of the request it was handed out for.
    pub mt: u8,
    /// What the owner wrote on it; 0 for nothing.
    pub tag: u8,
}

/// A zone.
#[derive(Clone, Debug)]
pub struct Zone {
    /// `DMA`, `DMA32`, `Normal`, `Movable`.
    pub name: Cow<'static, str>,
    /// First page frame.
    pub start: u32,
    /// One past the last page frame.
    pub end: u32,
    /// Pages the allocator manages.
    pub managed: u64,
    /// Extra pages on every watermark after a fallback.
    pub watermark_boost: u64,
    /// Its watermarks and reserves.
    pub marks: Marks,
    /// Per-CPU lists of the one CPU.
    pub pcp: Pcp,
    pub(super) rules: Rules,
    base: u32,
    // Untouched pageblocks share one chunk, and a copy of the zone shares all of them.
    chunks: Vec<Rc<Chunk>>,
    blocks: Vec<u8>,
    lists: [[List; TYPES]; ORDERS],
    nr_free: [u32; ORDERS],
    free_pages: u64,
}

impl Zone {
    /// A zone of the page frames `start..end`, of which none is free; every pageblock is movable.
    pub fn new(name: impl Into<Cow<'static, str>>, start: u32, end: u32, managed: u64, rules: Rules) -> Zone {
        // Buddies of the largest order are looked up from an even pageblock on.
        let base = start >> MAX_PAGE_ORDER << MAX_PAGE_ORDER;
        let count = (end.max(start) - base).div_ceil(PAGEBLOCK) as usize;
        let blank = Rc::new([UNKNOWN; PAGEBLOCK as usize]);
        Zone {
            name: name.into(),
            start,
            end,
            managed,
            watermark_boost: 0,
            marks: Marks::default(),
            pcp: Pcp::default(),
            rules,
            base,
            chunks: vec![blank; count],
            blocks: vec![MOVABLE; count],
            lists: [[List::EMPTY; TYPES]; ORDERS],
            nr_free: [0; ORDERS],
            free_pages: 0,
        }
    }

    /// Whether the page frame lies in the zone.
    pub fn contains(&self, pfn: u32) -> bool {
        (self.start..self.end).contains(&pfn)
    }

    /// Whether a whole block does, on its own boundary.
    pub fn holds(&self, pfn: u32, order: u32) -> bool {
        order <= MAX_PAGE_ORDER && pfn & ((1 << order) - 1) == 0 && self.contains(pfn) && self.end - pfn >= 1 << order
    }

    /// Free pages on the free lists (`NR_FREE_PAGES`); those on per-CPU lists do not count.
    pub fn free_pages(&self) -> u64 {
        self.free_pages
    }

    /// Free blocks of an order, of all types.
    pub fn nr_free(&self, order: u32) -> u64 {
        u64::from(self.nr_free[order as usize])
    }

    /// Free blocks of an order and type.
    pub fn nr_free_of(&self, order: u32, mt: u8) -> u64 {
        u64::from(self.lists[order as usize][mt as usize].len)
    }

    /// Migratetype of the pageblock that holds a page.
    pub fn block_type(&self, pfn: u32) -> u8 {
        self.blocks.get(self.index(pfn) >> PAGEBLOCK_ORDER).copied().unwrap_or(MOVABLE)
    }

    /// Types a pageblock (`set_pageblock_migratetype`).
    pub fn set_block_type(&mut self, pfn: u32, mt: u8) {
        let at = self.index(pfn) >> PAGEBLOCK_ORDER;
        if let Some(block) = self.blocks.get_mut(at) {
            *block = mt;
        }
    }

    /// About how many bytes a copy takes once both are changed: tables of its own, and chunks that
    /// part when one of the two writes to them.
    pub(super) fn footprint(&self) -> usize {
        size_of::<Zone>() + self.blocks.len() * 9 + self.blocks.len().min(32) * size_of::<Chunk>()
    }

    /// The pageblocks that begin in the zone or hold its first page: first page frame and type.
    pub fn pageblocks(&self) -> impl Iterator<Item = (u32, u8)> + '_ {
        let skip = ((self.start - self.base) >> PAGEBLOCK_ORDER) as usize;
        self.blocks.iter().enumerate().skip(skip).map(|(i, mt)| (self.base + ((i as u32) << PAGEBLOCK_ORDER), *mt))
    }

    fn index(&self, pfn: u32) -> usize {
        pfn.wrapping_sub(self.base) as usize
    }

    fn page(&self, pfn: u32) -> &Page {
        let i = self.index(pfn);
        &self.chunks[i >> PAGEBLOCK_ORDER][i & (PAGEBLOCK as usize - 1)]
    }

    fn page_mut(&mut self, pfn: u32) -> &mut Page {
        let i = self.index(pfn);
        &mut Rc::make_mut(&mut self.chunks[i >> PAGEBLOCK_ORDER])[i & (PAGEBLOCK as usize - 1)]
    }

    /// The block that begins at a page frame of the zone.
    pub fn block_at(&self, pfn: u32) -> Block {
        let page = self.page(pfn);
        Block { pfn, order: u32::from(page.order), usage: page.usage, mt: page.mt, tag: page.tag }
    }

    /// The blocks of the zone, ascending, as far as they are known; page frames that belong to
    /// none of them are left out.
    pub fn blocks(&self) -> impl Iterator<Item = Block> + '_ {
        let mut pfn = self.start;
        std::iter::from_fn(move || {
            while pfn < self.end {
                let block = self.block_at(pfn);
                if block.usage != Use::Inside {
                    pfn += 1 << block.order;
                    return Some(block);
                }
                pfn += 1;
            }
            None
        })
    }

    /// Whether a free block of exactly this order begins there (`page_is_buddy`).
    pub fn is_free(&self, pfn: u32, order: u32) -> bool {
        self.contains(pfn) && {
            let page = self.page(pfn);
            page.usage == Use::Free && u32::from(page.order) == order
        }
    }

    /// The free block that covers a page frame.
    pub fn free_block_over(&self, pfn: u32) -> Option<Block> {
        (0..=MAX_PAGE_ORDER)
            .map(|order| (pfn >> order << order, order))
            .find(|(start, order)| self.is_free(*start, *order))
            .map(|(start, _)| self.block_at(start))
    }

    /// The list of an order and type, head first.
    pub fn list(&self, order: u32, mt: u8) -> impl Iterator<Item = u32> + '_ {
        self.walk(self.lists[order as usize][mt as usize])
    }

    pub(super) fn walk(&self, list: List) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(list.first(), |pfn| {
            let next = self.page(*pfn).next;
            (next != NIL).then_some(next)
        })
    }

    pub(super) fn first(&self, order: u32, mt: u8) -> Option<u32> {
        self.lists[order as usize][mt as usize].first()
    }

    /// Links a block into a list; the page says which kind of list it is on.
    pub(super) fn link(&mut self, mut list: List, pfn: u32, tail: bool, usage: Use, order: u32, mt: u8) -> List {
        let (prev, next) = if tail { (list.tail, NIL) } else { (NIL, list.head) };
        let page = self.page_mut(pfn);
        *page = Page { next, prev, usage, order: order as u8, mt, tag: 0 };
        match prev {
            NIL => list.head = pfn,
            prev => self.page_mut(prev).next = pfn,
        }
        match next {
            NIL => list.tail = pfn,
            next => self.page_mut(next).prev = pfn,
        }
        list.len += 1;
        list
    }

    /// Takes a block out of the list it is on.
    pub(super) fn unlink(&mut self, mut list: List, pfn: u32) -> List {
        let page = self.page_mut(pfn);
        let (prev, next) = (page.prev, page.next);
        page.usage = Use::Inside;
        match prev {
            NIL => list.head = next,
            prev => self.page_mut(prev).next = next,
        }
        match next {
            NIL => list.tail = prev,
            next => self.page_mut(next).prev = prev,
        }
        list.len -= 1;
        list
    }

    /// Puts a block on its free list (`__add_to_free_list`).
    pub(super) fn add_to_free_list(&mut self, pfn: u32, order: u32, mt: u8, tail: bool) {
        let at = (order as usize, mt as usize);
        self.lists[at.0][at.1] = self.link(self.lists[at.0][at.1], pfn, tail, Use::Free, order, mt);
        self.nr_free[at.0] += 1;
        self.free_pages += 1 << order;
    }

    /// Takes a free block off its list (`__del_page_from_free_list`).
    pub(super) fn del_page_from_free_list(&mut self, pfn: u32) -> u32 {
        let Page { order, mt, .. } = *self.page(pfn);
        let at = (order as usize, mt as usize);
        self.lists[at.0][at.1] = self.unlink(self.lists[at.0][at.1], pfn);
        self.nr_free[at.0] -= 1;
        self.free_pages -= 1 << order;
        u32::from(order)
    }

    /// Notes that a block was handed out, and what for.
    pub(super) fn mark_taken(&mut self, pfn: u32, order: u32, mt: u8, tag: u8) {
        let page = self.page_mut(pfn);
        (page.usage, page.order, page.mt, page.tag) = (Use::Taken, order as u8, mt, tag);
    }

    /// Forgets a block that was handed out.
    pub(super) fn mark_untaken(&mut self, pfn: u32) {
        self.page_mut(pfn).usage = Use::Inside;
    }

    /// Moves a free block to the end of another type's list (`move_to_free_list`).
    pub(super) fn move_to_free_list(&mut self, pfn: u32, mt: u8, tail: bool) {
        let order = self.del_page_from_free_list(pfn);
        self.add_to_free_list(pfn, order, mt, tail);
    }

    /// Puts the halves that were not asked for back (`expand`): the upper one each time, at the
    /// head. Returns how often the block was halved.
    pub(super) fn expand(&mut self, pfn: u32, low: u32, high: u32, mt: u8) -> u32 {
        for order in (low..high).rev() {
            self.add_to_free_list(pfn + (1 << order), order, mt, false);
        }
        high - low
    }

    /// Takes the first block of the smallest order that has one (`__rmqueue_smallest`); returns it
    /// and the order it was found at.
    pub fn rmqueue_smallest(&mut self, order: u32, mt: u8) -> Option<(u32, u32)> {
        for current in order..=MAX_PAGE_ORDER {
            if let Some(pfn) = self.first(current, mt) {
                self.del_page_from_free_list(pfn);
                self.expand(pfn, order, current, mt);
                return Some((pfn, current));
            }
        }
        None
    }

    /// Gives a block back, merging it with its buddies (`__free_one_page`); returns the block it
    /// became part of and its order.
    ///
    /// `to_tail` forces it to the tail of its list (`FPI_TO_TAIL`).
    pub fn free_one_page(&mut self, pfn: u32, order: u32, mt: u8, to_tail: bool) -> (u32, u32) {
        let (mut pfn, mut order) = (pfn, order);
        while order < MAX_PAGE_ORDER {
            let buddy = pfn ^ (1 << order);
            if !self.is_free(buddy, order) {
                break;
            }
            if order >= PAGEBLOCK_ORDER {
                let theirs = self.block_type(buddy);
                if theirs != mt && !(mergeable(mt) && mergeable(theirs)) {
                    break;
                }
                if theirs != mt && self.rules.retype_on_merge {
                    self.set_block_type(buddy, mt);
                }
            }
            self.del_page_from_free_list(buddy);
            pfn &= buddy;
            order += 1;
        }
        // If the parent's buddy is free, this block may soon be part of something larger: keep it
        // from being handed out for a while (buddy_merge_likely).
        let parent = pfn & !(1 << order);
        let tail = to_tail || (order < PAGEBLOCK_ORDER && self.is_free(parent ^ (2 << order), order + 1));
        self.add_to_free_list(pfn, order, mt, tail);
        (pfn, order)
    }

    /// Takes a block out of whatever free block covers it, without any rule: for what a recording
    /// says was taken for reasons that it does not show.
    pub fn take_out(&mut self, pfn: u32, order: u32) -> bool {
        let Some(block) = self.free_block_over(pfn) else { return false };
        if block.order < order {
            return false;
        }
        self.del_page_from_free_list(block.pfn);
        let mut start = block.pfn;
        for half in (order..block.order).rev() {
            let upper = start + (1 << half);
            let (keep, give) = if pfn >= upper { (upper, start) } else { (start, upper) };
            self.add_to_free_list(give, half, block.mt, false);
            start = keep;
        }
        true
    }

    /// Counts of a pageblock: free pages on free lists, and pages handed out as movable that can
    /// be moved.
    pub fn count_block(&self, pfn: u32, movable: impl Fn(&Block) -> bool) -> (u32, u32) {
        let (mut free, mut moves) = (0, 0);
        let mut at = pfn;
        while at < pfn + PAGEBLOCK && at < self.end {
            let block = self.block_at(at);
            match block.usage {
                Use::Free => free += 1 << block.order,
                Use::Taken if movable(&block) => moves += 1 << block.order,
                Use::Inside => {
                    at += 1;
                    continue;
                }
                _ => {}
            }
            at += 1 << block.order;
        }
        (free.min(PAGEBLOCK), moves.min(PAGEBLOCK))
    }

    /// Moves every free block of a pageblock to another type's lists, ascending
    /// (`move_freepages_block`).
    pub(super) fn move_freepages_block(&mut self, start: u32, mt: u8) {
        let mut at = start;
        while at < start + PAGEBLOCK {
            let block = self.block_at(at);
            if block.usage == Use::Free {
                self.move_to_free_list(at, mt, !self.rules.steal_to_head);
                at += 1 << block.order;
            } else {
                at += 1;
            }
        }
    }
}
