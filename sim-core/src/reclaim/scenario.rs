//! What a run starts from.

use serde::{Deserialize, Serialize};

use super::calc::CLUSTER;
use super::memory::Watermarks;
use super::rules::Rules;
use crate::KernelVersion;
use crate::buddy_allocator::{NORMAL, Rules as AllocatorRules, Settings, ZONES};

/// Pages in a mebibyte.
pub(super) const MIB: i64 = 256;
/// Blocks in a mebibyte.
pub(super) const BLOCKS_PER_MIB: i64 = MIB / CLUSTER as i64;

/// A machine's memory, and the programs that use it.
///
/// Scalars are `i64` because controls and refusals handle them alike; [`crate::Valid`] says they
/// are in range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Kernel whose rules apply.
    pub kernel: KernelVersion,
    /// `vm.swappiness`.
    pub swappiness: i64,
    /// `vm.vfs_cache_pressure`.
    pub vfs_cache_pressure: i64,
    /// Memory of the machine (`MemTotal`), MiB.
    pub mem_mib: i64,
    /// Swap, MiB.
    pub swap_mib: i64,
    /// Memory the kernel itself never gives back, MiB.
    pub kernel_mib: i64,
    /// `vm.min_free_kbytes`; 0 for what the kernel chooses.
    pub min_free_kbytes: i64,
    /// `vm.watermark_scale_factor`, in 1/10000 of memory.
    pub watermark_scale_factor: i64,
    /// How fast files are read, MiB/s.
    pub disk_mib_s: i64,
    /// How fast swap is read and written, MiB/s.
    pub swap_mib_s: i64,
    /// Length of the run, ms.
    pub duration_ms: i64,
    /// The programs.
    pub programs: Vec<Program>,
    /// When somebody writes to `/proc/sys/vm/drop_caches`.
    pub drops: Vec<Drop>,
}

/// What kind of memory a program uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Its own: heap and stacks. It is written to each time.
    Heap,
    /// A file in memory: tmpfs or shared memory.
    Shmem,
    /// A file that is read.
    File,
    /// A disk that is read as a whole, or a file system's own data on it.
    Device,
    /// Names that are looked up; they stay as dentries.
    Names,
}

impl Kind {
    /// All of them, as a scenario names them.
    pub(super) const NAMES: [(&'static str, Kind); 5] = [
        ("heap", Kind::Heap),
        ("shmem", Kind::Shmem),
        ("file", Kind::File),
        ("device", Kind::Device),
        ("names", Kind::Names),
    ];

    /// Whether its pages come from a disk and can be had from there again.
    pub fn is_file(self) -> bool {
        matches!(self, Kind::File | Kind::Device)
    }

    /// Its name in a scenario.
    pub fn name(self) -> &'static str {
        Kind::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// What it uses.
    pub kind: Kind,
    /// How much, MiB.
    pub mib: i64,
    /// How fast it goes through it when nothing holds it, MiB/s.
    pub mib_per_s: i64,
    /// When it begins, ms.
    pub from_ms: i64,
    /// When it ends, ms: then heap and shared memory are given back.
    pub until_ms: i64,
    /// How often it went through it before the run begins.
    pub before: i64,
    /// 1 if it begins anew whenever it is through.
    pub again: i64,
    /// Names it looks up, of [`Kind::Names`].
    pub names: i64,
    /// How many a second.
    pub names_per_s: i64,
    /// 1 if they exist: then there is an inode behind each.
    pub exist: i64,
}

impl Program {
    /// Goes once through so much, at so many MiB a second.
    pub const fn new(kind: Kind, mib: i64, mib_per_s: i64, from_ms: i64, until_ms: i64) -> Program {
        Program {
            kind,
            mib,
            mib_per_s,
            from_ms,
            until_ms,
            before: 0,
            again: 0,
            names: 0,
            names_per_s: 10_000,
            exist: 0,
        }
    }

    /// Looks up so many names.
    pub const fn lookups(names: i64, names_per_s: i64, from_ms: i64, until_ms: i64) -> Program {
        Program { names, names_per_s, ..Program::new(Kind::Names, 0, 100, from_ms, until_ms) }
    }

    /// The same over and over.
    pub const fn over_and_over(mut self) -> Program {
        self.again = 1;
        self
    }

    /// The same, having gone through it so often before.
    pub const fn before(mut self, times: i64) -> Program {
        self.before = times;
        self
    }

    /// Its blocks.
    pub(super) fn blocks(&self) -> i64 {
        if self.kind == Kind::Names { 0 } else { self.mib * BLOCKS_PER_MIB }
    }
}

/// `echo WHAT > /proc/sys/vm/drop_caches`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drop {
    /// When, ms.
    pub at_ms: i64,
    /// 1 page cache, 2 slab, 3 both.
    pub what: i64,
}

impl Scenario {
    /// The watermarks of the one zone (`mm/page_alloc.c: __setup_per_zone_wmarks`).
    pub(super) fn marks(&self, rules: Rules) -> Watermarks {
        let settings = Settings {
            min_free_kbytes: (self.min_free_kbytes > 0).then_some(self.min_free_kbytes as u64),
            watermark_scale_factor: self.watermark_scale_factor as u64,
            ..Settings::default()
        };
        let mut managed = [0; ZONES.len()];
        managed[NORMAL] = (self.mem_mib * MIB) as u64;
        let allocator = AllocatorRules::of(rules.watermarks).expect("a kernel of that model");
        let marks = settings.marks(managed, &allocator)[NORMAL];
        Watermarks { min: marks.min, low: marks.low, high: marks.high }
    }
}
