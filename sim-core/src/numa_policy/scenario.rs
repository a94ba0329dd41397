//! What a run starts from.

use serde::{Deserialize, Serialize};

use super::policy::Policy;
use crate::KernelVersion;

/// Distance of a node to itself (`LOCAL_DISTANCE`).
pub const LOCAL: i64 = 10;
/// Distance to another node where none is told (`REMOTE_DISTANCE`).
const REMOTE: i64 = 20;

/// Tasks that touch and read memory on a machine of several nodes.
///
/// Scalars are `i64` because controls and refusals handle them alike; [`crate::Valid`] says they
/// are in range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Kernel whose rules apply.
    pub kernel: KernelVersion,
    /// Length of the run, ms.
    pub duration_ms: i64,
    /// How long tasks act before the next one has its turn, ms.
    pub step_ms: i64,
    /// `vm.zone_reclaim_mode`: bits 1 on, 2 write, 4 unmap.
    pub zone_reclaim_mode: i64,
    /// `kernel.numa_balancing`: 0 off, 1 on.
    pub numa_balancing: i64,
    /// `vm.min_free_kbytes`; 0 for what the kernel computes.
    pub min_free_kbytes: i64,
    /// `vm.watermark_scale_factor`, 1/10000 of a zone.
    pub watermark_scale_factor: i64,
    /// 1 when the multi-generational LRU is in use (`/sys/kernel/mm/lru_gen/enabled`).
    pub lru_gen: i64,
    /// Latency of a local access, ns.
    pub latency_ns: i64,
    /// Bandwidth of one node's memory, MB/s.
    pub node_bandwidth: i64,
    /// Bandwidth from one node to one other, MB/s.
    pub link_bandwidth: i64,
    /// Seed of who touches a shared page first.
    pub seed: i64,
    /// The nodes, in the order of their numbers; CPUs are numbered through them.
    pub nodes: Vec<Node>,
    /// What uses the memory.
    pub tasks: Vec<Task>,
}

/// A node and what is in its memory at the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its memory, MiB; 0 for a node of CPUs alone.
    pub memory_mib: i64,
    /// Its CPUs; 0 for a node of memory alone.
    pub cpus: i64,
    /// Memory used by whatever else runs, MiB.
    pub used_mib: i64,
    /// Clean page cache nobody maps, MiB.
    pub cache_mib: i64,
    /// Clean page cache that is mapped, MiB.
    pub mapped_mib: i64,
    /// Dirty page cache, MiB.
    pub dirty_mib: i64,
    /// Weight in a weighted interleave (`/sys/kernel/mm/mempolicy/weighted_interleave/nodeN`).
    pub weight: i64,
    /// Distances from here to every node, 10 to itself. Those that are missing are 20, which is what
    /// a kernel takes them for without ACPI SLIT; those beyond the last node are not used.
    pub distances: Vec<i64>,
}

/// One or more equal processes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Memory policy of the task.
    pub policy: Policy,
    /// Nodes of the policy: 1 for each that is among them, 0 for each that is not, in order. Those
    /// that are missing are not; those beyond the last node are not used.
    pub mask: Vec<i64>,
    /// What its memory is.
    pub memory: Kind,
    /// How much each process touches, MiB.
    pub mib: i64,
    /// How many equal processes there are.
    pub processes: i64,
    /// Threads of each.
    pub threads: i64,
    /// CPU of the first thread.
    pub cpu: i64,
    /// Each next thread runs so many CPUs further, in turn.
    pub cpu_step: i64,
    /// Who touches the pages first.
    pub first_touch: FirstTouch,
    /// Who reads them afterwards.
    pub sharing: Sharing,
    /// When it starts, ms.
    pub from_ms: i64,
    /// When it exits, ms; one that lasts to the end of the run is still there then.
    pub until_ms: i64,
    /// How fast pages are touched, MiB/s.
    pub touch_mib_s: i64,
    /// Accesses each thread has under way at once.
    pub outstanding: i64,
    /// Most each thread reads, MB/s; 0 for as fast as it can, and -1 for not at all.
    pub demand_mb_s: i64,
    /// When its threads are moved, ms; 0 for never.
    pub move_ms: i64,
    /// Where the first thread is moved; the next ones go `cpu_step` further as before.
    pub move_cpu: i64,
    /// 1 when its threads stay where they are: balancing moves pages only.
    pub pinned: i64,
}

/// What the memory of a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Private memory: placed by address, freed when the task exits.
    Anonymous,
    /// Page cache of a file that is read: placed by the task's turn, and stays.
    File,
}

/// Who touches a page first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FirstTouch {
    /// The first thread touches everything.
    Main,
    /// Every thread touches an equal part.
    Each,
}

/// Who reads the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sharing {
    /// Every thread reads its own part.
    Private,
    /// Every thread reads everything.
    Shared,
}

impl Kind {
    /// The kinds by their names in a scenario.
    pub const NAMES: [(&'static str, Kind); 2] = [("anonymous", Kind::Anonymous), ("file", Kind::File)];
}

impl FirstTouch {
    /// The choices by their names in a scenario.
    pub const NAMES: [(&'static str, FirstTouch); 2] = [("main", FirstTouch::Main), ("each", FirstTouch::Each)];
}

impl Sharing {
    /// The choices by their names in a scenario.
    pub const NAMES: [(&'static str, Sharing); 2] = [("private", Sharing::Private), ("shared", Sharing::Shared)];
}

impl Scenario {
    /// Writes out what may be left out: distances and masks have a value a node.
    pub fn complete(mut self) -> Scenario {
        let nodes = self.nodes.len();
        for (from, node) in self.nodes.iter_mut().enumerate() {
            let missing = node.distances.len()..nodes;
            node.distances.extend(missing.map(|to| if to == from { LOCAL } else { REMOTE }));
            node.distances.truncate(nodes);
        }
        for task in &mut self.tasks {
            task.mask.resize(nodes, 0);
        }
        self
    }

    /// `distance[from][to]` of a complete scenario.
    pub fn distance(&self) -> Vec<Vec<i64>> {
        self.nodes.iter().map(|node| node.distances.clone()).collect()
    }
}

impl Node {
    /// A node with memory and CPUs, all of the memory free.
    pub const fn new(memory_mib: i64, cpus: i64) -> Node {
        Node {
            memory_mib,
            cpus,
            used_mib: 0,
            cache_mib: 0,
            mapped_mib: 0,
            dirty_mib: 0,
            weight: 1,
            distances: Vec::new(),
        }
    }
}

impl Task {
    /// One single-threaded process on CPU 0 that touches so much memory and reads it.
    pub const fn new(mib: i64) -> Task {
        Task {
            policy: Policy::Default,
            mask: Vec::new(),
            memory: Kind::Anonymous,
            mib,
            processes: 1,
            threads: 1,
            cpu: 0,
            cpu_step: 1,
            first_touch: FirstTouch::Main,
            sharing: Sharing::Private,
            from_ms: 0,
            until_ms: 0,
            touch_mib_s: 4096,
            outstanding: 10,
            demand_mb_s: 0,
            move_ms: 0,
            move_cpu: 0,
            pinned: 1,
        }
    }

    /// The same, for so long.
    pub const fn until(mut self, ms: i64) -> Task {
        self.until_ms = ms;
        self
    }

    /// The same with so many threads, each `cpu_step` CPUs after the one before.
    pub const fn threads(mut self, threads: i64, cpu_step: i64) -> Task {
        self.threads = threads;
        self.cpu_step = cpu_step;
        self
    }

    /// The same under a policy with nodes by their numbers.
    pub fn under(mut self, policy: Policy, nodes: impl IntoIterator<Item = usize>) -> Task {
        self.policy = policy;
        self.mask.clear();
        for node in nodes {
            self.mask.resize(self.mask.len().max(node + 1), 0);
            self.mask[node] = 1;
        }
        self
    }
}
