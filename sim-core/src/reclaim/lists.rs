//! The four lists, in blocks of 32 pages that are always together.

/// No block.
const NONE: u32 = u32::MAX;

/// A list of pages, in the kernel's order (`include/linux/mmzone.h: enum lru_list`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Lru {
    /// Anonymous and shared memory, next to go.
    InactiveAnon,
    /// Anonymous and shared memory, kept.
    ActiveAnon,
    /// Files, next to go.
    InactiveFile,
    /// Files, kept.
    ActiveFile,
}

impl Lru {
    /// All of them.
    pub const ALL: [Lru; 4] = [Lru::InactiveAnon, Lru::ActiveAnon, Lru::InactiveFile, Lru::ActiveFile];

    /// The list of a type.
    pub fn of(file: bool, active: bool) -> Lru {
        Lru::ALL[2 * usize::from(file) + usize::from(active)]
    }

    /// Whether files are on it.
    pub fn is_file(self) -> bool {
        matches!(self, Lru::InactiveFile | Lru::ActiveFile)
    }

    /// Whether it is one of those kept.
    pub fn is_active(self) -> bool {
        matches!(self, Lru::ActiveAnon | Lru::ActiveFile)
    }
}

/// Where a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Never there, or forgotten.
    Nowhere,
    /// In memory, on a list.
    On(Lru),
    /// A file's, reclaimed; the kernel remembers when.
    Evicted,
    /// In swap.
    Swapped,
}

/// 32 pages.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    next: u32,
    prev: u32,
    /// The age of the lists when it went (`mm/workingset.c: pack_shadow`), in blocks.
    pub shadow: u32,
    /// The program whose it is.
    pub owner: u8,
    /// Where it is.
    pub place: Place,
    /// `PG_referenced`.
    pub referenced: bool,
    /// Used through a page table since somebody last looked.
    pub young: bool,
    /// `PG_workingset`: it was active once. While it is out, whether it was.
    pub workingset: bool,
}

impl Block {
    /// A block that is nowhere.
    pub fn new(owner: u8) -> Block {
        Block {
            next: NONE,
            prev: NONE,
            shadow: 0,
            owner,
            place: Place::Nowhere,
            referenced: false,
            young: false,
            workingset: false,
        }
    }
}

/// All blocks and the lists they are on. The head of a list is the newest.
#[derive(Clone, Debug)]
pub struct Lists {
    blocks: Vec<Block>,
    head: [u32; 4],
    tail: [u32; 4],
    len: [u64; 4],
}

impl Lists {
    /// These blocks, none of them on a list.
    pub fn new(blocks: Vec<Block>) -> Lists {
        Lists { blocks, head: [NONE; 4], tail: [NONE; 4], len: [0; 4] }
    }

    /// Blocks on a list.
    pub fn len(&self, lru: Lru) -> u64 {
        self.len[lru as usize]
    }

    /// Bytes of all blocks.
    pub fn bytes(&self) -> usize {
        self.blocks.len() * size_of::<Block>()
    }

    /// A block.
    pub fn block(&self, id: u32) -> &Block {
        &self.blocks[id as usize]
    }

    /// A block, to be marked; it is moved by [`Lists::push`] and [`Lists::take`] only.
    pub fn block_mut(&mut self, id: u32) -> &mut Block {
        &mut self.blocks[id as usize]
    }

    /// The block at the end of a list.
    pub fn last(&self, lru: Lru) -> Option<u32> {
        let id = self.tail[lru as usize];
        (id != NONE).then_some(id)
    }

    /// Puts a block that is on no list at the head of one.
    pub fn push(&mut self, id: u32, lru: Lru) {
        let at = lru as usize;
        let old = self.head[at];
        let block = &mut self.blocks[id as usize];
        (block.place, block.prev, block.next) = (Place::On(lru), NONE, old);
        match old {
            NONE => self.tail[at] = id,
            old => self.blocks[old as usize].prev = id,
        }
        self.head[at] = id;
        self.len[at] += 1;
    }

    /// Takes a block off its list to another place; whether it was on one.
    pub fn take(&mut self, id: u32, place: Place) -> bool {
        let Block { prev, next, place: was, .. } = self.blocks[id as usize];
        self.blocks[id as usize].place = place;
        let Place::On(lru) = was else { return false };
        let at = lru as usize;
        match prev {
            NONE => self.head[at] = next,
            prev => self.blocks[prev as usize].next = next,
        }
        match next {
            NONE => self.tail[at] = prev,
            next => self.blocks[next as usize].prev = prev,
        }
        self.len[at] -= 1;
        true
    }

    /// The blocks of a list from its head, as pictures show them.
    pub fn head_first(&self, lru: Lru) -> impl Iterator<Item = &Block> + '_ {
        let step = |id: u32| (id != NONE).then_some(id);
        let ids = std::iter::successors(step(self.head[lru as usize]), move |id| step(self.blocks[*id as usize].next));
        ids.map(|id| &self.blocks[id as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_on_a_list_comes_off_at_its_other_end() {
        let mut lists = Lists::new(vec![Block::new(0); 4]);
        for id in 0..4 {
            lists.push(id, Lru::InactiveFile);
        }
        assert!(lists.take(1, Place::Evicted) && !lists.take(1, Place::Nowhere));
        lists.push(1, Lru::ActiveFile);
        let mut order = Vec::new();
        while let Some(id) = lists.last(Lru::InactiveFile) {
            lists.take(id, Place::Nowhere);
            order.push(id);
        }
        assert_eq!(order, [0, 2, 3]);
        assert_eq!(Lru::ALL.map(|lru| lists.len(lru)), [0, 0, 0, 1]);
        assert_eq!(lists.head_first(Lru::ActiveFile).count(), 1);
    }
}
