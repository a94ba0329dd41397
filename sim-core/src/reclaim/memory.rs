//! The memory itself: who has which pages, and what using one does.

use super::calc::{Available, CLUSTER, Decision, Scales, Weights, inactive_is_low};
use super::counters::Counters;
use super::lists::{Block, Lists, Lru, Place};
use super::rules::{Balance, Rules};
use super::scenario::{Kind, MIB, Scenario};
use super::slab::Slab;

/// The watermarks, pages (`mm/page_alloc.c: __setup_per_zone_wmarks`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watermarks {
    /// Below it programs reclaim for themselves.
    pub min: u64,
    /// Below it kswapd is woken.
    pub low: u64,
    /// Above it kswapd sleeps.
    pub high: u64,
}

/// What a program has, in blocks.
#[derive(Clone, Copy, Debug)]
pub struct Holding {
    /// What kind of pages they are.
    pub kind: Kind,
    /// In memory.
    pub resident: u64,
    /// In swap.
    pub swapped: u64,
}

/// What was last decided about the lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is looked at.
    pub decision: Decision,
    /// In what proportion.
    pub weights: Weights,
    /// At which priority.
    pub priority: u32,
}

/// The memory of the machine: one node with one zone.
#[derive(Clone, Debug)]
pub struct Memory {
    pub rules: Rules,
    pub swappiness: u64,
    pub pressure: u64,
    /// Pages of the zone.
    pub managed: u64,
    /// Pages of the kernel that are never given back.
    pub kernel: u64,
    pub free: u64,
    pub marks: Watermarks,
    pub swap_total: u64,
    pub swap_free: u64,
    pub lists: Lists,
    pub holdings: Vec<Holding>,
    pub slab: Slab,
    pub scales: Scales,
    pub counters: Counters,
    pub plan: Plan,
    /// Blocks evicted or activated so far (`nonresident_age`).
    pub age: u32,
    /// Refaults that were activated when reclaim last ended (`refaults`), anonymous first.
    pub snapshot: [u64; 2],
    /// Pages each list is still to be looked at for, less than a block.
    pub credit: [u64; 4],
    /// Blocks to be written to swap that no disk was told of yet.
    pub to_write: u64,
}

/// How a block had to be come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is new.
    New,
    /// It is read from a file for the first time.
    Read,
    /// It is read again; whether it had been in active use before.
    Again { thrashing: bool },
    /// It comes back from swap; whether it had been in active use before.
    FromSwap { thrashing: bool },
}

impl Memory {
    /// The memory of a scenario before anybody uses it.
    pub fn new(s: &Scenario, rules: Rules) -> Memory {
        let (mut blocks, mut holdings) = (Vec::new(), Vec::new());
        for (owner, spec) in s.programs.iter().enumerate() {
            let block = Block::new(u8::try_from(owner).unwrap_or(u8::MAX));
            blocks.resize(blocks.len() + spec.blocks() as usize, block);
            holdings.push(Holding { kind: spec.kind, resident: 0, swapped: 0 });
        }
        let [managed, kernel, swap] = [s.mem_mib, s.kernel_mib, s.swap_mib].map(|mib| (mib * MIB) as u64);
        Memory {
            rules,
            swappiness: s.swappiness.min(rules.swappiness_max) as u64,
            pressure: s.vfs_cache_pressure as u64,
            managed,
            kernel,
            free: managed - kernel,
            marks: s.marks(rules),
            swap_total: swap,
            swap_free: swap,
            lists: Lists::new(blocks),
            holdings,
            slab: Slab::default(),
            scales: Scales::default(),
            counters: Counters::default(),
            plan: Plan::default(),
            age: 0,
            snapshot: [0; 2],
            credit: [0; 4],
            to_write: 0,
        }
    }

    /// Pages on a list.
    pub fn pages(&self, lru: Lru) -> u64 {
        self.lists.len(lru) * CLUSTER
    }

    /// Pages of all four lists.
    pub fn sizes(&self) -> [u64; 4] {
        Lru::ALL.map(|lru| self.pages(lru))
    }

    /// Pages in memory of holdings of a kind.
    pub fn of(&self, kind: Kind) -> u64 {
        self.holdings.iter().filter(|holding| holding.kind == kind).map(|holding| holding.resident * CLUSTER).sum()
    }

    /// Whether 32 pages can be written to swap.
    pub fn can_swap(&self) -> bool {
        self.swap_free >= CLUSTER
    }

    /// Whether so many single pages can be had above a mark (`__zone_watermark_ok`).
    pub fn above(&self, mark: u64, pages: u64) -> bool {
        self.free >= mark + pages
    }

    /// Pages a program could have without swapping (`MemAvailable`).
    pub fn available(&self) -> u64 {
        let [_, _, inactive, active] = self.sizes();
        let available = Available {
            free: self.free,
            reserve: self.marks.high.min(self.managed),
            low: self.marks.low,
            file: inactive + active,
            slab: self.slab.pages(),
        };
        available.pages()
    }

    /// Pages that are accounted for; always [`Memory::managed`].
    pub fn accounted(&self) -> u64 {
        self.free + self.kernel + self.slab.pages() + self.sizes().iter().sum::<u64>()
    }

    /// Whether the inactive list of a type is too short.
    pub fn inactive_is_low(&self, file: bool) -> bool {
        let [inactive, active] = [false, true].map(|active| self.pages(Lru::of(file, active)));
        inactive_is_low(self.rules, file, inactive, active)
    }

    /// Whether a block is in memory.
    pub fn is_here(&self, id: u32) -> bool {
        matches!(self.lists.block(id).place, Place::On(_))
    }

    /// A program uses a block that is in memory.
    pub fn touch(&mut self, id: u32, kind: Kind) {
        if kind == Kind::Heap {
            self.lists.block_mut(id).young = true;
        } else {
            self.mark_accessed(id);
        }
    }

    /// `mm/swap.c: folio_mark_accessed`: the second use makes a page active.
    fn mark_accessed(&mut self, id: u32) {
        let block = self.lists.block_mut(id);
        let Place::On(lru) = block.place else { return };
        if !block.referenced {
            block.referenced = true;
        } else if !lru.is_active() {
            block.referenced = false;
            self.activate(id, lru.is_file());
        }
    }

    /// Moves a block up. It ages those that are out as an eviction does.
    pub fn activate(&mut self, id: u32, file: bool) {
        self.lists.take(id, Place::Nowhere);
        self.lists.push(id, Lru::of(file, true));
        self.age = self.age.wrapping_add(1);
        self.counters.pgactivate += CLUSTER;
        if self.rules.balance == Balance::Recent {
            self.scales.note_look(file, CLUSTER, CLUSTER);
        }
    }

    /// Puts a block into memory for which there are 32 free pages.
    pub fn bring_in(&mut self, id: u32) -> Found {
        let block = *self.lists.block(id);
        let owner = usize::from(block.owner);
        let kind = self.holdings[owner].kind;
        let file = kind.is_file();
        self.free -= CLUSTER;
        self.holdings[owner].resident += 1;
        let active = match block.place {
            Place::Swapped => {
                self.holdings[owner].swapped -= 1;
                self.swap_free += CLUSTER;
                self.counters.pswpin += CLUSTER;
                self.refault(block, false)
            }
            Place::Evicted => self.refault(block, true),
            Place::Nowhere | Place::On(_) => false,
        };
        let restored = active && block.workingset;
        let found = match block.place {
            Place::Swapped => Found::FromSwap { thrashing: restored },
            Place::Evicted => Found::Again { thrashing: restored },
            _ if file => Found::Read,
            _ => Found::New,
        };
        if file {
            self.counters.pgpgin += CLUSTER * 4;
        }
        let block = self.lists.block_mut(id);
        (block.referenced, block.young, block.workingset) = (false, false, restored);
        let begins_active = active || !file && self.rules.anon_starts_active;
        self.lists.push(id, Lru::of(file, begins_active));
        if self.rules.balance == Balance::Recent {
            self.scales.note_look(file, 0, if begins_active { CLUSTER } else { 0 });
        }
        self.touch(id, kind);
        found
    }

    /// `mm/workingset.c: workingset_refault`: whether the block would have stayed, had the inactive
    /// list been longer by what is active.
    fn refault(&mut self, block: Block, file: bool) -> bool {
        if !(if file { self.rules.file_refaults } else { self.rules.anon_refaults }) {
            return false;
        }
        let type_ = usize::from(file);
        self.counters.refault[type_] += CLUSTER;
        let distance = u64::from(self.age.wrapping_sub(block.shadow));
        let mut size = self.lists.len(Lru::ActiveFile);
        if !file {
            size += self.lists.len(Lru::InactiveFile);
        }
        if self.rules.anon_refaults && self.can_swap() {
            size += self.lists.len(Lru::ActiveAnon);
            if file {
                size += self.lists.len(Lru::InactiveAnon);
            }
        }
        if distance > size {
            return false;
        }
        self.age = self.age.wrapping_add(1);
        self.counters.activate[type_] += CLUSTER;
        if block.workingset {
            self.counters.restore[type_] += CLUSTER;
            let lists = self.sizes().iter().sum();
            self.scales.note_cost(self.rules, file, CLUSTER, 0, lists);
        }
        true
    }

    /// Takes a block out of memory; it goes to swap if it is no file's.
    pub fn evict(&mut self, id: u32, file: bool) {
        self.lists.take(id, if file { Place::Evicted } else { Place::Swapped });
        let block = self.lists.block_mut(id);
        block.shadow = self.age;
        let owner = usize::from(block.owner);
        self.age = self.age.wrapping_add(1);
        self.holdings[owner].resident -= 1;
        self.free += CLUSTER;
        if !file {
            self.holdings[owner].swapped += 1;
            self.swap_free -= CLUSTER;
            self.counters.pswpout += CLUSTER;
            self.to_write += 1;
        }
    }

    /// Forgets a block, wherever it is: its program ended, or its cache was dropped.
    pub fn forget(&mut self, id: u32) {
        let was = self.lists.block(id).place;
        let owner = usize::from(self.lists.block(id).owner);
        self.lists.take(id, Place::Nowhere);
        match was {
            Place::On(_) => {
                self.free += CLUSTER;
                self.holdings[owner].resident -= 1;
            }
            Place::Swapped => {
                self.swap_free += CLUSTER;
                self.holdings[owner].swapped -= 1;
            }
            Place::Nowhere | Place::Evicted => {}
        }
        let block = self.lists.block_mut(id);
        (block.referenced, block.young, block.workingset) = (false, false, false);
    }

    /// Adds names to the slab for which there is room.
    pub fn add_names(&mut self, names: u64, inodes: bool) {
        self.free -= self.slab.pages_with(names, inodes) - self.slab.pages();
        self.slab.add(names, inodes);
    }

    /// Drops what `drop_caches` says (`fs/drop_caches.c`): 1 page cache, 2 slab, 3 both. Returns the
    /// pages that became free.
    pub fn drop_caches(&mut self, what: u8, blocks: std::ops::Range<u32>) -> u64 {
        let before = self.free;
        if what & 1 != 0 {
            self.counters.dropped[0] += 1;
            for id in blocks {
                let block = self.lists.block(id);
                if self.holdings[usize::from(block.owner)].kind.is_file() && self.is_here(id) {
                    self.forget(id);
                }
            }
        }
        if what & 2 != 0 {
            self.counters.dropped[1] += 1;
            // Inodes come free after their dentries, so it takes more than once.
            while self.shrink_slab(0, (CLUSTER, CLUSTER)) > 0 {}
        }
        self.free - before
    }

    /// Takes names and inodes; returns the pages that became free.
    pub fn shrink_slab(&mut self, priority: u32, looked: (u64, u64)) -> u64 {
        let freed = self.slab.shrink(self.rules, self.pressure, priority, looked);
        self.free += freed;
        freed
    }
}
