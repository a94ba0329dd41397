//! What a recorded run holds.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::policy::{Mask, Policy};

/// `RUN.json`.
#[derive(Debug, Deserialize)]
pub struct Head {
    pub kernel: String,
    pub cpu_node: BTreeMap<String, usize>,
    pub distance: Vec<Vec<i64>>,
    pub node_mib: Vec<i64>,
    pub zonelist: Vec<String>,
}

impl Head {
    /// The node of a CPU.
    pub fn node_of(&self, cpu: usize) -> Option<usize> {
        self.cpu_node.get(&cpu.to_string()).copied().filter(|node| *node < self.distance.len())
    }

    /// What is wrong with the shape, if anything is.
    pub fn fault(&self) -> Option<String> {
        let nodes = self.distance.len();
        if !(1..=super::zonelist::MAX_NODES).contains(&nodes) {
            return Some(format!("distance has {nodes} rows, expected 1..64"));
        }
        if self.node_mib.len() != nodes {
            return Some(format!("node_mib has {} values, expected {nodes}", self.node_mib.len()));
        }
        if let Some(row) = self.distance.iter().position(|row| row.len() != nodes) {
            return Some(format!("distance[{row}] has {} values, expected {nodes}", self.distance[row].len()));
        }
        if self.distance.iter().flatten().any(|d| !(1..=1000).contains(d)) {
            return Some("distance holds a value outside 1..1000".to_owned());
        }
        None
    }
}

/// A line of `RUN.jsonl`: a scenario, a setting, or a file that is read into the page cache.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Line {
    Set { set: String, value: String, rc: i64 },
    Cache(Cache),
    Run(Box<Run>),
}

/// A file that was read.
#[derive(Debug, Deserialize)]
pub struct Cache {
    pub cache: String,
    pub cpu: usize,
    pub mib: i64,
    pub before: Vec<Stat>,
    pub after: Vec<Stat>,
}

/// A task that touched memory.
#[derive(Clone, Debug, Deserialize)]
pub struct Run {
    pub name: String,
    pub cpu: usize,
    pub scope: String,
    pub policy: String,
    pub pages: i64,
    pub rc: i64,
    pub errno: i64,
    pub touched: i64,
    pub killed_by: i64,
    pub numa_maps: String,
    pub nodes_arg: String,
    pub placement_rle: Vec<(usize, i64)>,
    pub before: Vec<Stat>,
    pub after_touch: Vec<Stat>,
    pub after_exit: Vec<Stat>,
}

/// A node at one moment.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Stat {
    pub node: usize,
    pub numa_hit: i64,
    pub numa_miss: i64,
    pub numa_foreign: i64,
    pub interleave_hit: i64,
    pub local_node: i64,
    pub other_node: i64,
    pub free_kb: i64,
    pub file_kb: i64,
}

/// Most pages of a scenario that are replayed.
const MAX_PAGES: i64 = 1 << 24;

impl Run {
    /// Its policy by the word of the script.
    pub fn policy(&self) -> Option<Policy> {
        Some(match self.policy.as_str() {
            "default" => Policy::Default,
            "local" => Policy::Local,
            "preferred" | "prefer" => Policy::Preferred,
            "prefmany" | "preferred-many" => Policy::PreferredMany,
            "bind" => Policy::Bind,
            "interleave" => Policy::Interleave,
            "weighted" | "weighted-interleave" => Policy::Weighted,
            _ => return None,
        })
    }

    /// The nodes it names.
    pub fn nodes(&self) -> Option<Mask> {
        let mut nodes = Vec::new();
        for part in self.nodes_arg.split(',').filter(|part| !matches!(*part, "-" | "")) {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let (from, to): (usize, usize) = (from.parse().ok()?, to.parse().ok()?);
            nodes.extend(from..=to.min(64));
        }
        Some(Mask::of(nodes))
    }

    /// The first page of its memory, from the address `numa_maps` shows: known only when the line
    /// is of this memory alone.
    pub fn first_page(&self) -> Option<u64> {
        let address = self.numa_maps.split_whitespace().next()?;
        let address = u64::from_str_radix(address, 16).ok()?;
        (self.counted("anon=") == Some(self.pages)).then_some(address >> 12)
    }

    /// A number of the `numa_maps` line.
    pub fn counted(&self, name: &str) -> Option<i64> {
        self.numa_maps.split_whitespace().find_map(|word| word.strip_prefix(name)?.parse().ok())
    }

    /// Pages by node as `numa_maps` counts them.
    pub fn on_node(&self, node: usize) -> i64 {
        self.counted(&format!("N{node}=")).unwrap_or(0)
    }

    /// What cannot be replayed about it.
    pub fn fault(&self, nodes: usize) -> Option<String> {
        let complete = |stats: &[Stat]| stats.len() == nodes && stats.iter().enumerate().all(|(i, s)| s.node == i);
        if !(0..=MAX_PAGES).contains(&self.pages) {
            return Some(format!("{}: pages = {}, expected 0..{MAX_PAGES}", self.name, self.pages));
        }
        if ![&self.before, &self.after_touch, &self.after_exit].into_iter().all(|stats| complete(stats)) {
            return Some(format!("{}: every moment needs {nodes} nodes in order", self.name));
        }
        let sane = |s: &Stat| (0..1 << 40).contains(&s.free_kb) && (0..1 << 40).contains(&s.file_kb);
        if !self.before.iter().all(sane) {
            return Some(format!("{}: free_kb or file_kb is out of range", self.name));
        }
        if self.placement_rle.iter().any(|(node, n)| *node >= nodes || !(1..=MAX_PAGES).contains(n)) {
            return Some(format!("{}: placement_rle names a node there is not, or no pages", self.name));
        }
        None
    }
}

impl Stat {
    /// Pages obtained from the node since another moment.
    pub fn obtained(&self, before: &Stat) -> i64 {
        self.numa_hit.wrapping_add(self.numa_miss).wrapping_sub(before.numa_hit.wrapping_add(before.numa_miss))
    }
}
