//! What can be asked of the machine: its settings, and how much of everything there is.

use super::account::{Machine, Policy};
use super::engine::{Engine, Process, State, pages};
use super::oom::Candidate;
use crate::anon::{Held, PAGE_KB};

/// Pages of a stack's address space.
const STACK: u64 = 33;

impl Engine {
    /// The settings of promises.
    pub fn policy(&self) -> Policy {
        let scenario = &self.scenario;
        let at = |value: i64, computed: u64| u64::try_from(value).unwrap_or(computed);
        // `mm/mmap.c: init_admin_reserve`: from what is free at boot.
        let free_kb = (self.totalram() - pages(scenario.hugetlb_mib)) * PAGE_KB;
        Policy {
            mode: scenario.overcommit_memory,
            ratio: at(scenario.overcommit_ratio, 0),
            kbytes: at(scenario.overcommit_kbytes, 0),
            admin_reserve_kb: at(scenario.admin_reserve_kbytes, (free_kb / 32).min(8192)),
            user_reserve_kb: at(scenario.user_reserve_kbytes, (free_kb / 32).min(131_072)),
        }
    }

    /// What promises are measured against.
    pub fn machine(&self) -> Machine {
        let swap = pages(self.scenario.swap_mib);
        Machine {
            totalram: self.totalram(),
            hugetlb: pages(self.scenario.hugetlb_mib),
            swap,
            free: self.free(),
            cache: self.cache,
            free_swap: swap - self.memory.used().1,
            reserve: self.watermarks()[2],
        }
    }

    fn totalram(&self) -> u64 {
        pages(self.scenario.ram_mib)
    }

    /// RAM and swap, which scores are measured in.
    pub fn totalpages(&self) -> u64 {
        self.totalram() + pages(self.scenario.swap_mib)
    }

    /// min, low and high of the one zone there is, pages (`mm/page_alloc.c: __setup_per_zone_wmarks`).
    pub fn watermarks(&self) -> [u64; 3] {
        let managed = self.totalram() - pages(self.scenario.hugetlb_mib);
        let min = (managed * PAGE_KB * 16).isqrt().clamp(128, 262_144) / PAGE_KB;
        let step = if self.rules.scale_factor { (min / 4).max(managed * 10 / 10_000) } else { min / 4 };
        [min, min + step, min + 2 * step]
    }

    /// Free pages.
    pub fn free(&self) -> u64 {
        let used = pages(self.scenario.hugetlb_mib) + pages(self.scenario.others_mib) + self.cache;
        self.totalram().saturating_sub(used + self.memory.used().0 + self.shmem() + self.tables())
    }

    /// Pages of shared memory that are there.
    pub fn shmem(&self) -> u64 {
        self.shares.iter().map(|share| share.resident).sum()
    }

    /// Pages of page tables.
    pub fn tables(&self) -> u64 {
        (0..self.processes.len()).map(|who| self.tables_of(who)).sum()
    }

    /// Page tables of a process: one page for each 2 MiB that were touched.
    pub fn tables_of(&self, who: usize) -> u64 {
        let process = &self.processes[who];
        let shared = process.maps.iter().filter(|map| map.share.is_some());
        self.memory.tables(process.space) + shared.map(|map| map.touched.div_ceil(512)).sum::<u64>()
    }

    /// Address space of a process, pages.
    pub fn total_vm(&self, who: usize) -> u64 {
        let process = &self.processes[who];
        if process.state != State::Alive {
            return 0;
        }
        process.program.pages().0 + STACK + process.maps.iter().map(|map| map.pages).sum::<u64>()
    }

    /// Anonymous memory of a process.
    pub(crate) fn held(&self, who: usize) -> Held {
        self.memory.held(self.processes[who].space)
    }

    /// Pages of shared memory a process has touched.
    pub fn shmem_of(&self, who: usize) -> u64 {
        let shared = self.processes[who].maps.iter().filter(|map| map.share.is_some());
        shared.map(|map| map.touched).sum()
    }

    /// Resident pages of a process.
    pub fn rss(&self, who: usize) -> u64 {
        let process = &self.processes[who];
        let file = if process.state == State::Alive { process.program.pages().0 } else { 0 };
        self.held(who).rss() + self.shmem_of(who) + file
    }

    /// Pages of a process in swap.
    pub fn swapped(&self, who: usize) -> u64 {
        self.held(who).swapped
    }

    /// Pages promised to a process; shared memory counts where it is mapped.
    pub fn promised(&self, who: usize) -> u64 {
        self.processes[who].maps.iter().map(|map| map.promised).sum()
    }

    /// Of it, shared memory.
    pub fn promised_shared(&self, who: usize) -> u64 {
        self.processes[who].maps.iter().filter(|map| map.share.is_some()).map(|map| map.promised).sum()
    }

    /// All shared memory, once, pages.
    pub fn shared_size(&self) -> u64 {
        self.shares.iter().map(|share| share.pages).sum()
    }

    /// The proportional share a process has of anonymous pages in RAM, pages.
    pub fn share_of_anon(&self, who: usize) -> u64 {
        self.held(who).pss_kb() / PAGE_KB
    }

    /// Pages promised to everybody (Committed_AS).
    pub fn committed(&self) -> u64 {
        self.committed
    }

    /// The same, added up from its parts.
    pub fn parts(&self) -> u64 {
        let own = self.processes.iter().flat_map(|process| &process.maps).filter(|map| map.share.is_none());
        let shared: u64 = self.shares.iter().map(|share| share.pages).sum();
        pages(self.scenario.others_committed_mib) + own.map(|map| map.promised).sum::<u64>() + shared
    }

    /// Page cache, pages.
    pub fn cache(&self) -> u64 {
        self.cache
    }

    /// Pages of RAM behind anonymous memory, and pages in swap.
    pub fn used(&self) -> (u64, u64) {
        self.memory.used()
    }

    /// The processes by their numbers in the scenario.
    pub fn processes(&self) -> &[Process] {
        &self.processes
    }

    /// A process as the OOM killer sees it.
    pub fn candidate(&self, who: usize) -> Candidate {
        let process = &self.processes[who];
        Candidate {
            rss: self.rss(who),
            swap: self.swapped(who),
            tables: self.tables_of(who),
            adj: process.adj,
            root: process.root,
        }
    }
}
