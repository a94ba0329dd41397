//! What a run starts from.

use serde::{Deserialize, Serialize};

use super::rules::Rules;
use super::watermark::Settings;
use crate::KernelVersion;

/// A machine of one node and one CPU's per-CPU lists, and what is asked of its memory.
///
/// Scalars are `i64` because controls and refusals handle them alike; [`crate::Valid`] says they
/// are in range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Kernel whose rules apply.
    pub kernel: KernelVersion,
    /// Memory of each zone, MiB, by [`ZoneName`]; 0 for no such zone.
    pub zones_mib: [i64; 4],
    /// `vm.min_free_kbytes`; -1 for what the kernel chooses.
    pub min_free_kbytes: i64,
    /// `vm.watermark_scale_factor`, in 1/10000.
    pub watermark_scale_factor: i64,
    /// `vm.watermark_boost_factor`, in 1/10000; 0 switches boosting off.
    pub watermark_boost_factor: i64,
    /// `vm.lowmem_reserve_ratio`, by [`ZoneName`]; 0 switches a reserve off.
    pub lowmem_reserve_ratio: [i64; 4],
    /// `vm.extfrag_threshold`, in 1/1000.
    pub extfrag_threshold: i64,
    /// 1 when per-CPU lists are in use.
    pub pcp: i64,
    /// `vm.percpu_pagelist_high_fraction` (5.14); 0 for the kernel's own rule.
    pub percpu_pagelist_high_fraction: i64,
    /// CPUs that share each zone; one of them does all the work.
    pub cpus: i64,
    /// 1 when transparent huge pages are on, which raises `min_free_kbytes`.
    pub thp: i64,
    /// Length of the run, ms.
    pub duration_ms: i64,
    /// Seed of jitter and of random choices.
    pub seed: i64,
    /// What is asked for and given back.
    pub ops: Vec<Op>,
}

/// Many equal requests, or the freeing of their blocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Op {
    /// Whether blocks are asked for or given back.
    pub action: Action,
    /// When the first one is, ms.
    pub at_ms: i64,
    /// Time between two of them, µs; 0 for all at once.
    pub every_us: i64,
    /// Each comes up to this much later, µs, at random.
    pub jitter_us: i64,
    /// How many; when freeing, 0 for all that the rule names.
    pub count: i64,
    /// Blocks of 2^order pages.
    pub order: i64,
    /// What the pages are for.
    pub migratetype: Migratetype,
    /// How hard the allocator may try.
    pub gfp: Gfp,
    /// Highest zone that may serve it.
    pub zone: ZoneName,
    /// 1 for blocks that stay to the end whatever is freed.
    pub pinned: i64,
    /// The entry of the list whose blocks are given back.
    pub of: i64,
    /// Which of them.
    pub rule: Rule,
    /// The number in the rule.
    pub n: i64,
    /// In which order they go.
    pub sequence: Sequence,
}

/// What an entry does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Asks for blocks.
    Alloc,
    /// Gives back blocks of an earlier entry.
    Free,
}

/// Whether pages can be moved or reclaimed: what pageblocks are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Migratetype {
    /// Kernel data: stays where it is.
    Unmovable,
    /// Memory of processes and page cache.
    Movable,
    /// Caches the kernel can drop.
    Reclaimable,
}

/// How hard the allocator may try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gfp {
    /// `GFP_KERNEL`: waits for reclaim and compaction; up to order 3 it does not give up.
    Kernel,
    /// `GFP_ATOMIC`: cannot wait, and may use part of the reserve.
    Atomic,
    /// `GFP_NOWAIT`: cannot wait and has no rights.
    Nowait,
    /// `GFP_KERNEL | __GFP_NORETRY`, as for huge pages: tries once.
    Noretry,
    /// `GFP_KERNEL | __GFP_RETRY_MAYFAIL`: tries hard, but no OOM kill.
    RetryMayfail,
}

/// Which blocks are given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rule {
    /// All.
    All,
    /// Every n-th, beginning with the first.
    EveryNth,
    /// All but every n-th.
    AllButEveryNth,
    /// The n-th alone, counted from 0.
    OnlyNth,
    /// Each with a chance of n in 100.
    Percent,
}

/// In which order blocks are given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sequence {
    /// As they were handed out.
    Forward,
    /// The last one first.
    Backward,
    /// At random.
    Shuffled,
}

/// Zones of x86-64, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ZoneName {
    /// The first 16 MiB.
    Dma,
    /// Up to 4 GiB.
    Dma32,
    /// Above 4 GiB.
    Normal,
    /// Kept for movable pages (`movablecore=`, memory hotplug).
    Movable,
}

impl Op {
    /// One request for a movable page at `at_ms`.
    pub const fn alloc(at_ms: i64, count: i64, order: i64, migratetype: Migratetype) -> Op {
        Op {
            action: Action::Alloc,
            at_ms,
            every_us: 1000,
            jitter_us: 0,
            count,
            order,
            migratetype,
            gfp: Gfp::Kernel,
            zone: ZoneName::Normal,
            pinned: 0,
            of: 0,
            rule: Rule::All,
            n: 1,
            sequence: Sequence::Forward,
        }
    }

    /// Gives blocks of the entry `of` back, from `at_ms` on.
    pub const fn free(at_ms: i64, of: i64, rule: Rule, n: i64) -> Op {
        let op = Op::alloc(at_ms, 0, 0, Migratetype::Movable);
        Op { action: Action::Free, of, rule, n, ..op }
    }

    /// The same with another time between two of them, µs.
    pub const fn every(mut self, every_us: i64) -> Op {
        self.every_us = every_us;
        self
    }

    /// The same, trying otherwise.
    pub const fn gfp(mut self, gfp: Gfp) -> Op {
        self.gfp = gfp;
        self
    }

    /// The same with another highest zone.
    pub const fn zone(mut self, zone: ZoneName) -> Op {
        self.zone = zone;
        self
    }

    /// The same, staying to the end.
    pub const fn pinned(mut self) -> Op {
        self.pinned = 1;
        self
    }
}

/// Names by which a scenario spells a choice.
pub trait Named: Copy + PartialEq + 'static {
    /// Every value with its name.
    const NAMES: &'static [(&'static str, Self)];

    /// The name of this value.
    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, value)| *value == self).map_or("", |(name, _)| name)
    }
}

impl Named for Action {
    const NAMES: &'static [(&'static str, Action)] = &[("alloc", Action::Alloc), ("free", Action::Free)];
}

impl Named for Migratetype {
    const NAMES: &'static [(&'static str, Migratetype)] = &[
        ("unmovable", Migratetype::Unmovable),
        ("movable", Migratetype::Movable),
        ("reclaimable", Migratetype::Reclaimable),
    ];
}

impl Named for Gfp {
    const NAMES: &'static [(&'static str, Gfp)] = &[
        ("kernel", Gfp::Kernel),
        ("atomic", Gfp::Atomic),
        ("nowait", Gfp::Nowait),
        ("noretry", Gfp::Noretry),
        ("retry-mayfail", Gfp::RetryMayfail),
    ];
}

impl Named for Rule {
    const NAMES: &'static [(&'static str, Rule)] = &[
        ("all", Rule::All),
        ("every-nth", Rule::EveryNth),
        ("all-but-every-nth", Rule::AllButEveryNth),
        ("only-nth", Rule::OnlyNth),
        ("percent", Rule::Percent),
    ];
}

impl Named for Sequence {
    const NAMES: &'static [(&'static str, Sequence)] =
        &[("forward", Sequence::Forward), ("backward", Sequence::Backward), ("shuffled", Sequence::Shuffled)];
}

impl Named for ZoneName {
    const NAMES: &'static [(&'static str, ZoneName)] = &[
        ("DMA", ZoneName::Dma),
        ("DMA32", ZoneName::Dma32),
        ("Normal", ZoneName::Normal),
        ("Movable", ZoneName::Movable),
    ];
}

impl Migratetype {
    /// The kernel's number.
    pub fn number(self) -> u8 {
        match self {
            Migratetype::Unmovable => 0,
            Migratetype::Movable => 1,
            Migratetype::Reclaimable => 2,
        }
    }
}

impl Scenario {
    /// Pages of each zone.
    pub fn managed(&self) -> [u64; 4] {
        self.zones_mib.map(|mib| mib.max(0) as u64 * 256)
    }

    /// The `/proc/sys/vm` settings that marks follow from.
    pub fn settings(&self) -> Settings {
        Settings {
            min_free_kbytes: u64::try_from(self.min_free_kbytes).ok(),
            watermark_scale_factor: self.watermark_scale_factor as u64,
            lowmem_reserve_ratio: self.lowmem_reserve_ratio.map(|ratio| ratio as u64),
            thp: self.thp != 0,
            pcp_high_fraction: self.percpu_pagelist_high_fraction as u64,
            cpus: self.cpus as u64,
        }
    }

    /// The rules of its kernel, if that is modelled.
    pub fn rules(&self) -> Option<Rules> {
        Rules::of(self.kernel).ok()
    }
}
