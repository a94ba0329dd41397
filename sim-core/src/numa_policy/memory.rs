//! The memory of all nodes and the walk along a fallback list.

use std::rc::Rc;

use super::policy::{Mask, Policy};
use super::rules::Rules;
use super::watermark::{self, Watermarks};
use super::zonelist::{self, Topology};

/// Pages that one pass of reclaim frees at least (`SWAP_CLUSTER_MAX`).
const CLUSTER: i64 = 32;
/// Farthest node whose memory is reclaimed before a farther one is used (`RECLAIM_DISTANCE`).
const RECLAIM_DISTANCE: i64 = 30;
/// First page frame above `ZONE_DMA`, and above `ZONE_DMA32`.
const BOUNDARIES: [i64; 2] = [1 << 12, 1 << 20];

/// `vm.zone_reclaim_mode`: reclaim at all.
pub const RECLAIM_ZONE: i64 = 1;
/// `vm.zone_reclaim_mode`: write dirty pages out to reclaim them.
pub const RECLAIM_WRITE: i64 = 2;
/// `vm.zone_reclaim_mode`: unmap pages to reclaim them.
pub const RECLAIM_UNMAP: i64 = 4;

/// What `numastat` counts, in pages; they only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Wanted here and placed here.
    pub numa_hit: u64,
    /// Placed here though another node was wanted.
    pub numa_miss: u64,
    /// Wanted here and placed elsewhere.
    pub numa_foreign: u64,
    /// Placed on the node whose turn it was.
    pub interleave_hit: u64,
    /// Placed here by a CPU of this node.
    pub local_node: u64,
    /// Placed here by a CPU of another node.
    pub other_node: u64,
}

/// A zone of a node, in pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// The node it belongs to.
    pub node: usize,
    /// `DMA`, `DMA32` or `Normal`.
    pub name: &'static str,
    /// Pages the allocator manages.
    pub managed: i64,
    /// Free pages.
    pub free: i64,
    /// Its watermarks.
    pub marks: Watermarks,
    /// What it keeps from requests that could use higher zones.
    pub reserve: i64,
    /// Clean page cache that nobody maps.
    pub cache: i64,
    /// Clean page cache that is mapped.
    pub mapped: i64,
    /// Dirty page cache.
    pub dirty: i64,
}

impl Zone {
    /// Pages that may still be taken before the zone fails a mark.
    fn above(&self, mark: i64) -> i64 {
        (self.free - mark - self.reserve).max(0)
    }
}

/// What a node starts with.
#[derive(Clone, Copy, Debug)]
pub struct NodeSize {
    /// Its memory.
    pub pages: i64,
    /// Of it, used by what is not modelled.
    pub used: i64,
    /// Of it, clean page cache nobody maps.
    pub cache: i64,
    /// Of it, clean page cache that is mapped.
    pub mapped: i64,
    /// Of it, dirty page cache.
    pub dirty: i64,
}

/// The settings that matter to allocation.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// `vm.zone_reclaim_mode`.
    pub zone_reclaim_mode: i64,
    /// `vm.min_free_kbytes`; 0 for what the kernel computes.
    pub min_free_kbytes: i64,
    /// `vm.watermark_scale_factor`.
    pub watermark_scale_factor: i64,
    /// Whether the multi-generational LRU is in use, which refuses to reclaim for mode 1.
    pub lru_gen: bool,
}

/// One request: whose list is walked and who may give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The node whose fallback list is walked.
    pub start: usize,
    /// The nodes that may give.
    pub mask: Mask,
    /// The node of the CPU that asks.
    pub cpu: usize,
    /// Whether `start` was chosen by its turn (interleaving).
    pub chosen: bool,
    /// Whether the request may reclaim by itself.
    pub reclaims: bool,
}

/// The requests of one page under a policy, tried in order: `mm/mempolicy.c: policy_node`,
/// `policy_nodemask`, `alloc_pages_preferred_many`. `turn` is the node whose turn it is.
pub fn asks(policy: Policy, mask: Mask, cpu: usize, turn: usize) -> (Ask, Option<Ask>) {
    let local = Ask { start: cpu, mask: Mask::ALL, cpu, chosen: false, reclaims: true };
    match policy {
        Policy::Default | Policy::Local => (local, None),
        Policy::Preferred => (Ask { start: mask.first(), ..local }, None),
        Policy::PreferredMany => (Ask { mask, reclaims: false, ..local }, Some(local)),
        Policy::Bind => (Ask { mask, ..local }, None),
        Policy::Interleave | Policy::Weighted => (Ask { start: turn, chosen: true, ..local }, None),
    }
}

/// Whole clusters that hold so many pages.
fn clusters(pages: i64) -> i64 {
    (pages + CLUSTER - 1) / CLUSTER * CLUSTER
}

/// The memory of all nodes.
#[derive(Clone, Debug)]
pub struct Memory {
    fixed: Rc<Fixed>,
    /// Every zone; those of a node one after the other, the lowest first.
    pub zones: Vec<Zone>,
    /// `numastat` of every node.
    pub counters: Vec<Counters>,
    /// Whose kswapd has been woken.
    pub kswapd: Vec<bool>,
    /// Pages reclaimed by `node_reclaim`, by kswapd and directly.
    pub reclaimed: [u64; 3],
    /// Attempts of `node_reclaim` that freed nothing (`zone_reclaim_failed`).
    pub zone_reclaim_failed: u64,
}

#[derive(Debug)]
struct Fixed {
    orders: Vec<Vec<usize>>,
    /// Zones by node, the highest first.
    zones_of: Vec<Vec<usize>>,
    topology: Topology,
    settings: Settings,
}

/// Which counter of [`Memory::reclaimed`].
#[derive(Clone, Copy)]
enum By {
    Node = 0,
    Kswapd = 1,
    Direct = 2,
}

impl Memory {
    /// Memory laid out node after node from page frame 0, as firmware does without holes.
    pub fn new(rules: Rules, topology: Topology, sizes: &[NodeSize], settings: Settings) -> Memory {
        let mut zones: Vec<Zone> = Vec::new();
        let mut pfn = 0;
        for (node, size) in sizes.iter().enumerate() {
            let end = pfn + size.pages;
            let mut low = pfn;
            for (name, bound) in [("DMA", BOUNDARIES[0]), ("DMA32", BOUNDARIES[1]), ("Normal", i64::MAX)] {
                let high = end.min(bound);
                if high > low {
                    let managed = high - low;
                    zones.push(Zone {
                        node,
                        name,
                        managed,
                        free: managed,
                        marks: Watermarks::default(),
                        reserve: 0,
                        cache: 0,
                        mapped: 0,
                        dirty: 0,
                    });
                    low = high;
                }
            }
            pfn = end;
        }
        let managed: Vec<i64> = zones.iter().map(|zone| zone.managed).collect();
        let min_free = match settings.min_free_kbytes {
            0 => watermark::min_free_kbytes(rules, managed.iter().sum()),
            given => given,
        };
        let marks = watermark::watermarks(rules, &managed, min_free, settings.watermark_scale_factor);
        for (zone, marks) in zones.iter_mut().zip(marks) {
            zone.marks = marks;
        }
        for i in 0..zones.len() {
            let above = zones[i + 1..].iter().take_while(|zone| zone.node == zones[i].node);
            zones[i].reserve = watermark::lowmem_reserve(above.map(|zone| zone.managed).sum());
        }
        let mut memory = Memory::of_zones(rules, topology, zones, settings);
        for (node, size) in sizes.iter().enumerate() {
            memory.fill(node, size);
        }
        memory
    }

    /// Memory of zones that are known, those of a node one after the other and the lowest first.
    pub fn of_zones(rules: Rules, topology: Topology, zones: Vec<Zone>, settings: Settings) -> Memory {
        let nodes = topology.distance.len();
        let zones_of =
            (0..nodes).map(|node| (0..zones.len()).rev().filter(|i| zones[*i].node == node).collect()).collect();
        let orders = zonelist::fallback_orders(rules, &topology);
        Memory {
            fixed: Rc::new(Fixed { orders, zones_of, topology, settings }),
            zones,
            counters: vec![Counters::default(); nodes],
            kswapd: vec![false; nodes],
            reclaimed: [0; 3],
            zone_reclaim_failed: 0,
        }
    }

    /// Takes what a node starts with out of its zones, the highest first.
    fn fill(&mut self, node: usize, size: &NodeSize) {
        let fixed = Rc::clone(&self.fixed);
        for (amount, kind) in [(size.used, 0), (size.cache, 1), (size.mapped, 2), (size.dirty, 3)] {
            let mut left = amount;
            for &i in &fixed.zones_of[node] {
                let zone = &mut self.zones[i];
                let part = left.min(zone.free);
                zone.free -= part;
                left -= part;
                match kind {
                    1 => zone.cache += part,
                    2 => zone.mapped += part,
                    3 => zone.dirty += part,
                    _ => {}
                }
            }
        }
    }

    /// How many nodes there are.
    pub fn nodes(&self) -> usize {
        self.fixed.topology.distance.len()
    }

    /// The distance from one node to another.
    pub fn distance(&self, from: usize, to: usize) -> i64 {
        self.fixed.topology.distance[from][to]
    }

    /// What the nodes are.
    pub fn topology(&self) -> &Topology {
        &self.fixed.topology
    }

    /// The fallback order of a node.
    pub fn order(&self, node: usize) -> &[usize] {
        &self.fixed.orders[node]
    }

    /// Zones of a node, by number, the highest first.
    pub fn zones_of(&self, node: usize) -> &[usize] {
        &self.fixed.zones_of[node]
    }

    /// A sum over the zones of a node.
    pub fn sum(&self, node: usize, what: impl Fn(&Zone) -> i64) -> i64 {
        self.fixed.zones_of[node].iter().map(|i| what(&self.zones[*i])).sum()
    }

    /// The zones a request walks, in order.
    fn walk(&self, ask: &Ask) -> impl Iterator<Item = usize> + use<> {
        let fixed = Rc::clone(&self.fixed);
        let (start, mask) = (ask.start, ask.mask);
        let nodes = fixed.orders.get(start).map_or(0, Vec::len);
        (0..nodes).flat_map(move |k| {
            let node = fixed.orders[start][k];
            let zones = if mask.has(node) { fixed.zones_of[node].len() } else { 0 };
            let fixed = Rc::clone(&fixed);
            (0..zones).map(move |z| fixed.zones_of[node][z])
        })
    }

    /// The node a request wants: that of the first zone it walks.
    pub fn wanted(&self, ask: &Ask) -> Option<usize> {
        self.walk(ask).next().map(|zone| self.zones[zone].node)
    }

    /// Whether page cache is reclaimed before another node is used.
    pub fn reclaims_locally(&self) -> bool {
        self.fixed.settings.zone_reclaim_mode != 0
    }

    /// The zone that serves a request for `n` pages at the low watermark, and how many it can give.
    /// Page cache may be reclaimed on the way (`vm.zone_reclaim_mode`).
    pub fn at_low(&mut self, ask: &Ask, n: i64) -> Option<(usize, i64)> {
        self.pass(ask, n, |marks| marks.low)
    }

    /// The same at the minimum, after waking every kswapd of the list.
    pub fn at_min(&mut self, ask: &Ask, n: i64) -> Option<(usize, i64)> {
        for i in self.walk(ask) {
            self.kswapd[self.zones[i].node] = true;
        }
        self.pass(ask, n, |marks| marks.min)
    }

    /// Reclaims page cache for a request, in the first zone of its list that has any; returns how
    /// much.
    pub fn reclaim(&mut self, ask: &Ask, n: i64) -> i64 {
        let has_some = |i: &usize| self.zones[*i].cache + self.zones[*i].mapped > 0;
        let Some(zone) = self.walk(ask).find(has_some) else { return 0 };
        self.free_cache(zone, clusters(n.max(1)), true, By::Direct)
    }

    /// Takes up to `n` pages for a request out of one zone and counts them. Nothing when memory is
    /// exhausted for it: that is where the OOM killer comes.
    ///
    /// Models `mm/page_alloc.c: get_page_from_freelist` at the low watermark, then
    /// `__alloc_pages_slowpath`: kswapd is woken, the minimum is tried, page cache is reclaimed.
    pub fn take(&mut self, ask: &Ask, n: i64) -> Option<(usize, i64)> {
        let zone = self.find(ask, n)?;
        let (i, most) = zone;
        let got = n.min(most);
        self.give(ask, i, got);
        Some((i, got))
    }

    fn find(&mut self, ask: &Ask, n: i64) -> Option<(usize, i64)> {
        if let Some(found) = self.at_low(ask, n).or_else(|| self.at_min(ask, n)) {
            return Some(found);
        }
        // As long as reclaim gets on, the allocation is tried again.
        while ask.reclaims && self.reclaim(ask, n) > 0 {
            if let Some(found) = self.at_min(ask, n) {
                return Some(found);
            }
        }
        None
    }

    fn pass(&mut self, ask: &Ask, n: i64, mark: impl Fn(Watermarks) -> i64) -> Option<(usize, i64)> {
        let preferred = self.wanted(ask)?;
        let mut most = i64::MAX;
        for i in self.walk(ask) {
            let mark = mark(self.zones[i].marks);
            let mut above = self.zones[i].above(mark);
            if above == 0 {
                // Far below the mark a page's worth of reclaim is not enough, and the page goes on;
                // the next page tries again.
                let short = self.zones[i].free < mark + self.zones[i].reserve;
                if self.node_reclaim(ask, preferred, i, if short { 1 } else { n }) {
                    above = self.zones[i].above(mark);
                    most = if above == 0 { 1 } else { most };
                }
            }
            if above > 0 {
                return Some((i, above.min(most)));
            }
        }
        None
    }

    /// Page cache of a node that `node_reclaim` could free (`node_pagecache_reclaimable`).
    fn reclaimable(&self, node: usize) -> i64 {
        let mode = self.fixed.settings.zone_reclaim_mode;
        let unmap = mode & RECLAIM_UNMAP != 0;
        let write = mode & RECLAIM_WRITE != 0;
        self.sum(node, |zone| zone.cache + if unmap { zone.mapped } else { 0 } + if write { zone.dirty } else { 0 })
    }

    /// `mm/vmscan.c: node_reclaim`, for as many pages as are needed: one call frees a cluster, and
    /// no call is made once the cache is down to `min_unmapped_ratio` (1 %).
    fn node_reclaim(&mut self, ask: &Ask, preferred: usize, zone: usize, n: i64) -> bool {
        let settings = self.fixed.settings;
        let node = self.zones[zone].node;
        let mode = settings.zone_reclaim_mode;
        let allowed = mode != 0
            && ask.reclaims
            && self.distance(preferred, node) <= RECLAIM_DISTANCE
            && (node == ask.cpu || !self.fixed.topology.has_cpu[node]);
        if !allowed {
            return false;
        }
        let spare = self.reclaimable(node) - self.sum(node, |zone| zone.managed) / 100;
        // The multi-generational LRU does not scan for a caller that may neither write nor unmap.
        let scans = !settings.lru_gen || mode & (RECLAIM_WRITE | RECLAIM_UNMAP) == RECLAIM_WRITE | RECLAIM_UNMAP;
        if spare <= 0 || !scans {
            self.zone_reclaim_failed += u64::from(spare > 0);
            return false;
        }
        let wanted = clusters(n.clamp(1, spare));
        let unmap = mode & RECLAIM_UNMAP != 0;
        let freed = self.free_cache(zone, wanted, unmap, By::Node);
        if mode & RECLAIM_WRITE != 0 && freed < wanted {
            let zone = &mut self.zones[zone];
            let written = zone.dirty.min(wanted - freed);
            zone.dirty -= written;
            zone.free += written;
            self.reclaimed[By::Node as usize] += written as u64;
        }
        true
    }

    /// Frees clean cache of one zone, mapped cache last; returns how much.
    fn free_cache(&mut self, zone: usize, wanted: i64, unmap: bool, by: By) -> i64 {
        let zone = &mut self.zones[zone];
        let clean = zone.cache.min(wanted.max(0));
        let mapped = if unmap { zone.mapped.min(wanted.max(0) - clean) } else { 0 };
        zone.cache -= clean;
        zone.mapped -= mapped;
        zone.free += clean + mapped;
        self.reclaimed[by as usize] += (clean + mapped) as u64;
        clean + mapped
    }

    /// The kswapd of a node that was woken: works until a zone is above its high watermark, or
    /// nothing is left to free (`mm/vmscan.c: balance_pgdat`). Returns how much it freed.
    pub fn run_kswapd(&mut self, node: usize) -> i64 {
        if !std::mem::take(&mut self.kswapd[node]) {
            return 0;
        }
        let fixed = Rc::clone(&self.fixed);
        let balanced = |zone: &Zone| zone.above(zone.marks.high) > 0;
        let mut freed = 0;
        for &i in &fixed.zones_of[node] {
            if fixed.zones_of[node].iter().any(|i| balanced(&self.zones[*i])) {
                break;
            }
            let zone = &self.zones[i];
            let wanted = zone.marks.high + zone.reserve + 1 - zone.free;
            freed += self.free_cache(i, wanted, true, By::Kswapd);
        }
        freed
    }

    /// Takes pages out of a zone that was found to have them, and counts them:
    /// `mm/page_alloc.c: zone_statistics`.
    pub fn give(&mut self, ask: &Ask, zone: usize, n: i64) {
        self.zones[zone].free -= n;
        let (node, pages) = (self.zones[zone].node, n as u64);
        if let Some(wanted) = self.wanted(ask) {
            if wanted == node {
                self.counters[node].numa_hit += pages;
            } else {
                self.counters[node].numa_miss += pages;
                self.counters[wanted].numa_foreign += pages;
            }
        }
        if node == ask.cpu {
            self.counters[node].local_node += pages;
        } else {
            self.counters[node].other_node += pages;
        }
        if ask.chosen && node == ask.start {
            self.counters[node].interleave_hit += pages;
        }
    }

    /// Gives pages back.
    pub fn release(&mut self, zone: usize, n: i64) {
        self.zones[zone].free += n;
    }

    /// Moves up to `n` pages of a zone to another node, as far as that stays above its high
    /// watermark (`mm/migrate.c: migrate_balanced_pgdat`); the zones that took them.
    pub fn migrate(&mut self, from: usize, to_node: usize, n: i64) -> Vec<(usize, i64)> {
        let fixed = Rc::clone(&self.fixed);
        let mut left = n;
        let mut moved = Vec::new();
        for &i in &fixed.zones_of[to_node] {
            let part = left.min(self.zones[i].above(self.zones[i].marks.high));
            if part > 0 {
                self.zones[i].free -= part;
                self.zones[from].free += part;
                // The new page is an allocation like any other, asked of its own node.
                self.counters[to_node].numa_hit += part as u64;
                self.counters[to_node].local_node += part as u64;
                moved.push((i, part));
                left -= part;
            }
        }
        moved
    }
}
