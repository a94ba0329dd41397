//! Private anonymous memory: what a fork shares and a write copies.
//!
//! Pages that were born together and went the same way since are one block, however many they are:
//! a gigabyte costs as much to clone as a page. A block that is written to in part is cut wherever it
//! is mapped (`mm/memory.c: copy_present_ptes`, `do_wp_page`, `do_anonymous_page`).

mod held;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use held::PSS_SHIFT;
pub(crate) use held::{Held, Met, Wrote};

/// Bytes of a page.
pub(crate) const PAGE: u64 = 4096;
/// kB of a page.
pub(crate) const PAGE_KB: u64 = 4;

/// Names an address space.
pub(crate) type SpaceId = u32;

/// All address spaces of a machine, and the pages behind them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    spaces: BTreeMap<SpaceId, Vec<Area>>,
    next: SpaceId,
    blocks: Vec<Block>,
    spare: Vec<usize>,
    births: u64,
}

/// Pages that are alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Block {
    pages: u64,
    /// Address spaces that map it, all at the same place of the same area; none for a place in the list
    /// that nobody uses.
    spaces: Vec<SpaceId>,
    area: usize,
    swapped: bool,
    /// Which block was born first.
    born: u64,
}

/// A mapping: so many pages, some of which are there.
#[derive(Clone, Debug, Default)]
struct Area {
    pages: u64,
    extents: Vec<Extent>,
}

/// A block at its place in an area.
#[derive(Clone, Copy, Debug)]
struct Extent {
    start: u64,
    block: usize,
    /// Whether a write goes through without a fault.
    writable: bool,
}

impl Block {
    fn maps(&self) -> u64 {
        self.spaces.len() as u64
    }
}

impl Memory {
    /// An empty address space.
    pub fn space(&mut self) -> SpaceId {
        self.next += 1;
        self.spaces.insert(self.next, Vec::new());
        self.next
    }

    /// Maps pages without touching them; which area of the space it is.
    pub fn map(&mut self, space: SpaceId, pages: u64) -> usize {
        let areas = self.spaces.entry(space).or_default();
        areas.push(Area { pages, extents: Vec::new() });
        areas.len() - 1
    }

    /// Takes the last area away; the pages it spanned.
    pub fn unmap(&mut self, space: SpaceId) -> Option<u64> {
        let area = self.spaces.get_mut(&space)?.pop()?;
        self.release(space, &area);
        Some(area.pages)
    }

    /// Takes a whole address space away.
    pub fn drop_space(&mut self, space: SpaceId) {
        for area in self.spaces.remove(&space).unwrap_or_default() {
            self.release(space, &area);
        }
    }

    fn release(&mut self, space: SpaceId, area: &Area) {
        for extent in &area.extents {
            self.leave(space, extent.block);
        }
    }

    /// A space no longer maps a block.
    fn leave(&mut self, space: SpaceId, block: usize) {
        self.blocks[block].spaces.retain(|maps| *maps != space);
        if self.blocks[block].spaces.is_empty() {
            self.spare.push(block);
        }
    }

    /// A copy of an address space: every page in both, and no write goes through without a fault in
    /// either (`kernel/fork.c: dup_mmap`).
    pub fn fork(&mut self, space: SpaceId) -> SpaceId {
        self.next += 1;
        let areas = self.spaces.entry(space).or_default();
        for area in areas.iter_mut() {
            for extent in &mut area.extents {
                extent.writable = false;
                self.blocks[extent.block].spaces.push(self.next);
            }
        }
        let copy = areas.clone();
        self.spaces.insert(self.next, copy);
        self.next
    }

    /// Pages of an area.
    pub fn pages(&self, space: SpaceId, area: usize) -> u64 {
        self.area(space, area).map_or(0, |area| area.pages)
    }

    /// How many areas a space has.
    pub fn areas(&self, space: SpaceId) -> usize {
        self.spaces.get(&space).map_or(0, Vec::len)
    }

    fn area(&self, space: SpaceId, area: usize) -> Option<&Area> {
        self.spaces.get(&space)?.get(area)
    }

    fn area_mut(&mut self, space: SpaceId, area: usize) -> &mut Area {
        &mut self.spaces.get_mut(&space).expect("a space")[area]
    }

    /// Writes to the first of `pages` pages from `from` on that are alike, and to as many of them as
    /// `room` free pages are enough for. Nothing where the area has no page there.
    pub fn write(&mut self, space: SpaceId, area: usize, from: u64, pages: u64, room: u64) -> Option<Wrote> {
        let whole = self.area(space, area)?;
        let pages = pages.min(whole.pages.saturating_sub(from));
        if pages == 0 {
            return None;
        }
        let after = whole.extents.partition_point(|extent| extent.start <= from);
        let under = after.checked_sub(1).filter(|i| {
            let extent = whole.extents[*i];
            extent.start + self.blocks[extent.block].pages > from
        });
        let Some(i) = under else {
            let until = whole.extents.get(after).map_or(whole.pages, |extent| extent.start);
            let pages = pages.min(until - from).min(room);
            if pages > 0 {
                let block = self.birth(space, area, pages);
                self.area_mut(space, area).extents.insert(after, Extent { start: from, block, writable: true });
                self.join(space, area, after);
            }
            return Some(Wrote { pages, met: Met::Absent });
        };
        let extent = whole.extents[i];
        let Block { pages: long, swapped, .. } = self.blocks[extent.block];
        let met = match (swapped, extent.writable, self.blocks[extent.block].maps()) {
            (true, ..) => Met::Swapped,
            (_, true, _) => Met::Own,
            (_, _, 1) => Met::Left,
            _ => Met::Shared,
        };
        let pages = pages.min(extent.start + long - from);
        let wrote = Wrote { pages, met };
        if met == Met::Own {
            return Some(wrote);
        }
        let wrote = if wrote.taken() > 0 { Wrote { pages: pages.min(room), met } } else { wrote };
        if wrote.pages > 0 {
            let i = self.cut(space, area, i, from, wrote.pages);
            self.take_over(space, area, i, met);
            self.join(space, area, i);
        }
        Some(wrote)
    }

    /// Makes the block at a place one of the space's own.
    fn take_over(&mut self, space: SpaceId, area: usize, i: usize, met: Met) {
        let old = self.area_mut(space, area).extents[i].block;
        let block = if met == Met::Left {
            old
        } else {
            let pages = self.blocks[old].pages;
            self.leave(space, old);
            self.birth(space, area, pages)
        };
        let extent = &mut self.area_mut(space, area).extents[i];
        (extent.block, extent.writable) = (block, true);
    }

    fn birth(&mut self, space: SpaceId, area: usize, pages: u64) -> usize {
        self.births += 1;
        self.keep(Block { pages, spaces: vec![space], area, swapped: false, born: self.births })
    }

    fn keep(&mut self, block: Block) -> usize {
        if let Some(place) = self.spare.pop() {
            self.blocks[place] = block;
            return place;
        }
        self.blocks.push(block);
        self.blocks.len() - 1
    }

    /// Cuts blocks so that one begins at `from` and is `pages` long; its place in the area.
    fn cut(&mut self, space: SpaceId, area: usize, i: usize, from: u64, pages: u64) -> usize {
        let extent = self.area_mut(space, area).extents[i];
        let mut i = i;
        if from > extent.start {
            self.split(extent, from - extent.start);
            i += 1;
        }
        let extent = self.area_mut(space, area).extents[i];
        if self.blocks[extent.block].pages > pages {
            self.split(extent, pages);
        }
        i
    }

    /// Cuts a block in two wherever it is mapped.
    fn split(&mut self, Extent { start, block, .. }: Extent, at: u64) {
        let rest = Block { pages: self.blocks[block].pages - at, ..self.blocks[block].clone() };
        self.blocks[block].pages = at;
        let (spaces, area) = (rest.spaces.clone(), rest.area);
        let rest = self.keep(rest);
        for space in spaces {
            let extents = &mut self.area_mut(space, area).extents;
            if let Ok(i) = extents.binary_search_by_key(&start, |extent| extent.start) {
                let writable = extents[i].writable;
                extents.insert(i + 1, Extent { start: start + at, block: rest, writable });
            }
        }
    }

    /// Joins the block at a place with its neighbours where all are the space's own.
    fn join(&mut self, space: SpaceId, area: usize, i: usize) {
        for i in [i + 1, i] {
            let extents = &self.area_mut(space, area).extents;
            let (Some(left), Some(right)) = (i.checked_sub(1).and_then(|i| extents.get(i)), extents.get(i)) else {
                continue;
            };
            let (left, right) = (*left, *right);
            let own = |extent: Extent| {
                let block = &self.blocks[extent.block];
                extent.writable && block.maps() == 1 && !block.swapped
            };
            if own(left) && own(right) && left.start + self.blocks[left.block].pages == right.start {
                self.blocks[left.block].pages += self.blocks[right.block].pages;
                self.leave(space, right.block);
                self.area_mut(space, area).extents.remove(i);
            }
        }
    }

    /// Puts up to `pages` of the oldest resident pages into swap; how many.
    pub fn swap_out(&mut self, pages: u64) -> u64 {
        let resident = |(_, block): &(usize, &Block)| block.maps() > 0 && !block.swapped;
        let oldest = self.blocks.iter().enumerate().filter(resident).min_by_key(|(_, block)| block.born);
        let Some((i, block)) = oldest else { return 0 };
        let place = self.area(block.spaces[0], block.area);
        let extent = place.and_then(|area| area.extents.iter().find(|extent| extent.block == i)).copied();
        if let Some(extent) = extent.filter(|_| block.pages > pages) {
            self.split(extent, pages);
        }
        self.blocks[i].swapped = true;
        self.blocks[i].pages
    }

    /// What an address space has.
    pub fn held(&self, space: SpaceId) -> Held {
        self.held_beyond(space, 0)
    }

    /// The same but for the first areas.
    pub fn held_beyond(&self, space: SpaceId, skip: usize) -> Held {
        let mut held = Held::default();
        for area in self.spaces.get(&space).into_iter().flatten().skip(skip) {
            held.mapped += area.pages;
            for extent in &area.extents {
                let block = &self.blocks[extent.block];
                let (pages, maps, swapped) = (block.pages, block.maps(), block.swapped);
                match (swapped, maps) {
                    (true, _) => held.swapped += pages,
                    (_, 1) => held.private += pages,
                    _ => held.shared += pages,
                }
                if !swapped {
                    held.pss += pages * ((PAGE << PSS_SHIFT) / maps);
                }
            }
        }
        held
    }

    /// Page tables of the lowest level, in pages: each maps 2 MiB. Areas begin at such a border, as
    /// large ones do.
    pub fn tables(&self, space: SpaceId) -> u64 {
        const MAPS: u64 = 512;
        let areas = self.spaces.get(&space).into_iter().flatten();
        areas
            .map(|area| {
                let (mut tables, mut next) = (0, 0);
                for extent in &area.extents {
                    let last = (extent.start + self.blocks[extent.block].pages).div_ceil(MAPS);
                    let first = (extent.start / MAPS).max(next);
                    tables += last.saturating_sub(first);
                    next = last.max(next);
                }
                tables
            })
            .sum()
    }

    /// Pages of memory and pages in swap that all spaces take together; a page that several map
    /// counts once.
    pub fn used(&self) -> (u64, u64) {
        let sum = |swapped: bool| {
            let blocks = self.blocks.iter().filter(|block| block.maps() > 0 && block.swapped == swapped);
            blocks.map(|block| block.pages).sum()
        };
        (sum(false), sum(true))
    }

    /// What lies at each place of an area, in order: first page, pages, spaces that map it, swapped.
    pub fn layout(&self, space: SpaceId, area: usize) -> Vec<(u64, u64, u64, bool)> {
        let extents = self.area(space, area).map_or(&[][..], |area| &area.extents);
        let told = extents.iter().map(|extent| {
            let block = &self.blocks[extent.block];
            (extent.start, block.pages, block.maps(), block.swapped)
        });
        told.collect()
    }

    /// About how many bytes a clone takes.
    pub fn footprint(&self) -> usize {
        let extents: usize = self.spaces.values().flatten().map(|area| area.extents.len()).sum();
        self.blocks.len() * size_of::<Block>()
            + extents * (size_of::<Extent>() + size_of::<SpaceId>())
            + self.spaces.len() * 64
    }

    /// Whether every block is mapped as often as it says, and no space maps a page twice.
    #[cfg(test)]
    pub fn check(&self) -> Result<(), String> {
        let mut maps = vec![0; self.blocks.len()];
        for (space, areas) in &self.spaces {
            for area in areas {
                let mut next = 0;
                for extent in &area.extents {
                    maps[extent.block] += 1;
                    let end = extent.start + self.blocks[extent.block].pages;
                    if extent.start < next || end > area.pages {
                        return Err(format!("space {space}: {area:?}"));
                    }
                    if extent.writable && self.blocks[extent.block].maps() > 1 {
                        return Err(format!("space {space}: a shared page can be written to"));
                    }
                    next = end;
                }
            }
        }
        let told: Vec<u64> = self.blocks.iter().map(Block::maps).collect();
        if maps == told { Ok(()) } else { Err(format!("mapped {maps:?}, told {told:?}")) }
    }
}
