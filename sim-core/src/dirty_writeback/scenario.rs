//! What a run starts from.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::Rules;
use super::calc::Settings;
use super::disk::DiskConfig;
use super::engine::{EngineConfig, MemoryChange};
use super::machine::MachineConfig;
use super::share::Bounds;
use super::writer::{Burst, WriterConfig};
use crate::{KernelVersion, MILLISECOND, Nanos};

/// Pages in a mebibyte.
const MIB: i64 = 256;

/// A machine, its disks, and who writes to them.
///
/// Scalars are `i64` because controls and refusals handle them alike; [`crate::Valid`] says they
/// are in range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Kernel whose rules apply.
    pub kernel: KernelVersion,
    /// Ticks a second (`CONFIG_HZ`).
    pub hz: i64,
    /// Online CPUs; writers take turns on them.
    pub cpus: i64,
    /// Memory of the machine (`MemTotal`), MiB.
    pub mem_mib: i64,
    /// Free memory at the start, MiB.
    pub free_mib: i64,
    /// Clean page cache at the start, MiB. What is neither free nor this belongs to programs.
    pub file_mib: i64,
    /// Free memory that is not counted on (watermarks and lowmem reserve), KiB.
    pub reserve_kib: i64,
    /// `vm.dirty_ratio`, %.
    pub dirty_ratio: i64,
    /// `vm.dirty_background_ratio`, %.
    pub dirty_background_ratio: i64,
    /// `vm.dirty_bytes`; 0 for the ratio.
    pub dirty_bytes: i64,
    /// `vm.dirty_background_bytes`; 0 for the ratio.
    pub dirty_background_bytes: i64,
    /// `vm.dirty_expire_centisecs`.
    pub dirty_expire_centisecs: i64,
    /// `vm.dirty_writeback_centisecs`; 0 for no periodic flush.
    pub dirty_writeback_centisecs: i64,
    /// Length of the run, ms.
    pub duration_ms: i64,
    /// The disks.
    pub disks: Vec<DiskSpec>,
    /// The programs that write.
    pub writers: Vec<WriterSpec>,
    /// How the memory of other programs changes.
    pub memory: Vec<MemorySpec>,
    /// When somebody calls `sync`, ms.
    pub syncs: Vec<i64>,
}

/// A disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskSpec {
    /// What it writes in a row, KiB/s.
    pub kib_per_s: i64,
    /// Size of a full request, KiB.
    pub request_kib: i64,
    /// Requests it is given at a time.
    pub depth: i64,
    /// Lost when a request belongs to another file than the one before, µs.
    pub seek_us: i64,
    /// Least share of the thresholds, % (`min_ratio`).
    pub min_ratio: i64,
    /// Largest share, % (`max_ratio`).
    pub max_ratio: i64,
    /// 1 when its own thresholds are strict (`strict_limit`).
    pub strict_limit: i64,
}

impl Default for DiskSpec {
    /// A disk of 100 MiB/s.
    fn default() -> DiskSpec {
        DiskSpec {
            kib_per_s: 102_400,
            request_kib: 512,
            depth: 8,
            seek_us: 0,
            min_ratio: 0,
            max_ratio: 100,
            strict_limit: 0,
        }
    }
}

/// A program that writes to a file of its own, always to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriterSpec {
    /// Its disk, by place in the list.
    pub disk: i64,
    /// When it begins, ms.
    pub from_ms: i64,
    /// When it ends, done or not, ms.
    pub until_ms: i64,
    /// How fast it fills memory when nothing holds it, KiB/s.
    pub kib_per_s: i64,
    /// How much it writes in one go, KiB; 0 for without end.
    pub burst_kib: i64,
    /// It writes as much again every so often, ms; 0 for once.
    pub every_ms: i64,
    /// Calls `fsync` after so much, KiB; 0 for never.
    pub fsync_kib: i64,
    /// Memory dirtied together: 4 KiB, or a large folio of more.
    pub folio_kib: i64,
}

impl WriterSpec {
    /// Writes without end at this speed, KiB/s.
    pub const fn new(kib_per_s: i64, from_ms: i64, until_ms: i64) -> WriterSpec {
        WriterSpec { disk: 0, from_ms, until_ms, kib_per_s, burst_kib: 0, every_ms: 0, fsync_kib: 0, folio_kib: 4 }
    }

    /// The same in bursts.
    pub const fn bursts(mut self, burst_kib: i64, every_ms: i64) -> WriterSpec {
        self.burst_kib = burst_kib;
        self.every_ms = every_ms;
        self
    }

    /// The same on another disk.
    pub const fn on_disk(mut self, disk: i64) -> WriterSpec {
        self.disk = disk;
        self
    }

    /// The same with an `fsync` after so many KiB.
    pub const fn fsync(mut self, fsync_kib: i64) -> WriterSpec {
        self.fsync_kib = fsync_kib;
        self
    }

    /// How many bursts it has.
    pub(super) fn burst_count(&self) -> i64 {
        match self.every_ms {
            0 => 1,
            every => 1 + (self.until_ms - self.from_ms).max(1).saturating_sub(1).div_euclid(every.max(1)),
        }
    }
}

/// A change of the memory that other programs hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemorySpec {
    /// When, ms.
    pub at_ms: i64,
    /// Taken, MiB; negative for given back.
    pub mib: i64,
}

fn ns(ms: i64) -> Nanos {
    ms as u64 * MILLISECOND
}

impl Scenario {
    pub(super) fn settings(&self) -> Settings {
        Settings {
            dirty_ratio: self.dirty_ratio as u64,
            dirty_background_ratio: self.dirty_background_ratio as u64,
            dirty_bytes: self.dirty_bytes as u64,
            dirty_background_bytes: self.dirty_background_bytes as u64,
        }
    }

    /// The scenario as the engine takes it.
    pub(super) fn config(&self, rules: Rules) -> EngineConfig {
        let min_sum = self.disks.iter().map(|disk| disk.min_ratio as u64).sum();
        let disk = |disk: &DiskSpec| DiskConfig {
            request_ns: (disk.request_kib as u64 * 1_000_000_000).div_ceil(disk.kib_per_s as u64),
            request_pages: disk.request_kib as u64 / 4,
            depth: disk.depth as usize,
            seek_ns: disk.seek_us as u64 * 1000,
            bounds: Bounds {
                min: disk.min_ratio as u64,
                max: disk.max_ratio as u64,
                min_sum,
                strict: disk.strict_limit != 0,
            },
        };
        let mut files = vec![0; self.disks.len()];
        let writers = self.writers.iter().enumerate().map(|(i, writer)| {
            let disk = writer.disk as usize;
            let inode = files[disk];
            files[disk] += 1;
            WriterConfig {
                disk,
                inode,
                cpu: i % self.cpus as usize,
                bursts: bursts(writer),
                kib_per_s: writer.kib_per_s as u64,
                busy_kib_per_s: writer.kib_per_s as u64,
                folio: writer.folio_kib as u64 / 4,
                fsync_pages: writer.fsync_kib as u64 / 4,
            }
        });
        let mut memory: Vec<_> =
            self.memory.iter().map(|change| MemoryChange { at: ns(change.at_ms), pages: change.mib * MIB }).collect();
        memory.sort_by_key(|change| change.at);
        let mut syncs: Vec<_> = self.syncs.iter().map(|ms| ns(*ms)).collect();
        syncs.sort_unstable();
        EngineConfig {
            machine: MachineConfig {
                rules,
                hz: self.hz as u64,
                cpus: self.cpus as u64,
                settings: self.settings(),
                expire_ms: self.dirty_expire_centisecs as u64 * 10,
                interval_ms: self.dirty_writeback_centisecs as u64 * 10,
                free: (self.free_mib * MIB) as u64,
                file: (self.file_mib * MIB) as u64,
                reserve: self.reserve_kib as u64 / 4,
                total: (self.mem_mib * MIB) as u64,
                phase: 0,
            },
            disks: self.disks.iter().map(disk).collect(),
            writers: writers.collect(),
            memory,
            syncs,
        }
    }
}

fn bursts(writer: &WriterSpec) -> Rc<[Burst]> {
    if writer.from_ms >= writer.until_ms {
        return Rc::new([]);
    }
    let pages = if writer.burst_kib == 0 { u64::MAX } else { (writer.burst_kib as u64).div_ceil(4) };
    let one = |n: i64| Burst { at: ns(writer.from_ms + n * writer.every_ms), pages, until: ns(writer.until_ms) };
    (0..writer.burst_count()).map(one).collect()
}
