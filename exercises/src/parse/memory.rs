//! Files of the page allocator, of slab and of swap.

use std::collections::BTreeMap;

use super::fields::number;
use super::{Fields, Unreadable, refuse};

/// Most orders a kernel is taken to have; `MAX_PAGE_ORDER` is 10 nearly everywhere.
const MOST_ORDERS: usize = 32;

/// A zone of a node, as a line of `/proc/buddyinfo` shows it (`mm/vmstat.c: frag_show_print`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buddy {
    /// The node.
    pub node: u32,
    /// The zone, `Normal`.
    pub zone: String,
    /// Free blocks of each order, from 0.
    pub blocks: Vec<u64>,
}

impl Buddy {
    /// Free pages on the lists.
    pub fn free_pages(&self) -> u64 {
        self.blocks.iter().enumerate().fold(0, |sum, (order, n)| sum.saturating_add(n.saturating_mul(1 << order)))
    }

    /// The largest order of which there is a free block.
    pub fn largest_order(&self) -> Option<usize> {
        self.blocks.iter().rposition(|n| *n > 0)
    }
}

/// `Node 0, zone   Normal` and what follows.
fn node_and_zone(line: &str) -> Option<(u32, &str, &str)> {
    let rest = line.strip_prefix("Node")?.trim_start();
    let (node, rest) = rest.split_once(',')?;
    let rest = rest.trim_start().strip_prefix("zone")?.trim_start();
    let (zone, rest) = rest.split_once(|c: char| c.is_whitespace() || c == ',').unwrap_or((rest, ""));
    Some((node.trim().parse().ok()?, zone, rest)).filter(|_| !zone.is_empty())
}

fn counts(words: &str) -> Option<Vec<u64>> {
    let counts: Option<Vec<u64>> = words.split_ascii_whitespace().map(|word| word.parse().ok()).collect();
    counts.filter(|counts| (1..=MOST_ORDERS).contains(&counts.len()))
}

/// `/proc/buddyinfo`.
///
/// # Errors
/// The first line that is of another form; there is none at all.
pub fn buddyinfo(path: &str, text: &str) -> Result<Vec<Buddy>, Unreadable> {
    const SHAPE: &str = "Node 0, zone Normal 1 2 3 …";
    let mut zones = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let parsed = node_and_zone(line)
            .and_then(|(node, zone, rest)| Some(Buddy { node, zone: zone.to_owned(), blocks: counts(rest)? }));
        zones.push(parsed.ok_or_else(|| refuse(path, i, SHAPE, line))?);
    }
    if zones.is_empty() { Err(refuse(path, 0, SHAPE, "")) } else { Ok(zones) }
}

/// One migrate type of a zone, as `/proc/pagetypeinfo` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageTypes {
    /// The node.
    pub node: u32,
    /// The zone.
    pub zone: String,
    /// The migrate type, `Unmovable`.
    pub kind: String,
    /// Free blocks of each order. A count the kernel gave up on (`>100000`) is its bound.
    pub free: Vec<u64>,
    /// Page blocks of this type.
    pub blocks: u64,
}

/// `/proc/pagetypeinfo` (`mm/vmstat.c: pagetypeinfo_show`): free blocks by type, then page blocks by
/// type.
///
/// # Errors
/// A line of one of the two tables that is of another form.
pub fn pagetypeinfo(path: &str, text: &str) -> Result<Vec<PageTypes>, Unreadable> {
    const FREE: &str = "Node 0, zone Normal, type Movable 1 2 3 …";
    let mut types: Vec<PageTypes> = Vec::new();
    let mut kinds: Option<Vec<&str>> = None;
    for (i, line) in text.lines().enumerate() {
        if let Some(names) = line.strip_prefix("Number of blocks type") {
            kinds = Some(names.split_ascii_whitespace().collect());
            continue;
        }
        let Some((node, zone, rest)) = node_and_zone(line) else { continue };
        match &kinds {
            None => {
                let rest = rest.trim_start().trim_start_matches(',').trim_start();
                let parsed = rest.strip_prefix("type").and_then(|rest| {
                    let (kind, rest) = rest.trim_start().split_once(char::is_whitespace)?;
                    Some((kind, counts(&rest.replace('>', ""))?))
                });
                let (kind, free) = parsed.ok_or_else(|| refuse(path, i, FREE, line))?;
                types.push(PageTypes { node, zone: zone.to_owned(), kind: kind.to_owned(), free, blocks: 0 });
            }
            Some(kinds) => {
                let shape = "Node 0, zone Normal, and one count for each type";
                let counts = counts(rest).ok_or_else(|| refuse(path, i, shape, line))?;
                for (kind, count) in kinds.iter().zip(counts) {
                    let here = |t: &&mut PageTypes| t.node == node && t.zone == zone && t.kind == *kind;
                    if let Some(found) = types.iter_mut().find(here) {
                        found.blocks = count;
                    }
                }
            }
        }
    }
    if types.is_empty() { Err(refuse(path, 0, FREE, text.lines().next().unwrap_or_default())) } else { Ok(types) }
}

/// A zone of `/proc/zoneinfo` (`mm/vmstat.c: zoneinfo_show_print`). Everything in pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// The node.
    pub node: u32,
    /// The zone.
    pub name: String,
    /// What the zone says of itself: `free`, `min`, `low`, `high`, `managed`, `nr_free_pages`, …
    pub fields: Fields,
    /// The lower limits other zones keep against it, by zone.
    pub protection: Vec<u64>,
}

/// `/proc/zoneinfo`. Lines of the per-CPU page sets and per-node counters are kept apart.
///
/// # Errors
/// There is no zone in it; a `protection` that is none.
pub fn zoneinfo(path: &str, text: &str) -> Result<Vec<Zone>, Unreadable> {
    const SHAPE: &str = "Node 0, zone Normal";
    let mut zones: Vec<Zone> = Vec::new();
    let mut of_zone = true;
    for (i, line) in text.lines().enumerate() {
        if let Some((node, zone, _)) = node_and_zone(line) {
            zones.push(Zone { node, name: zone.to_owned(), fields: Fields::new(path), protection: Vec::new() });
            of_zone = true;
            continue;
        }
        let Some(zone) = zones.last_mut() else { continue };
        let line = line.trim();
        if line == "per-node stats" || line == "pagesets" {
            of_zone = false;
        } else if let Some(rest) = line.strip_prefix("pages ") {
            // The first of the zone's own lines carries its label.
            of_zone = true;
            put(&mut zone.fields, rest, i);
        } else if let Some(list) = line.strip_prefix("protection:") {
            let list = list.trim().trim_matches(['(', ')']);
            let numbers: Option<Vec<u64>> = list.split(',').map(|n| n.trim().parse().ok()).collect();
            zone.protection = numbers.ok_or_else(|| refuse(path, i, "protection: (0, 1, 2)", line))?;
        } else if of_zone {
            put(&mut zone.fields, line, i);
        }
    }
    if zones.is_empty() { Err(refuse(path, 0, SHAPE, text.lines().next().unwrap_or_default())) } else { Ok(zones) }
}

fn put(fields: &mut Fields, line: &str, i: usize) {
    if let Some((name, value)) = line.split_once(char::is_whitespace) {
        fields.put(name.trim_end_matches(':'), value, i);
    }
}

/// A cache of `/proc/slabinfo` (`mm/slub.c: slabinfo_show_stats`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slab {
    /// Its name, `dentry`.
    pub name: String,
    /// Objects in use.
    pub active: u64,
    /// Objects there is room for.
    pub objects: u64,
    /// Size of one, bytes.
    pub size: u64,
    /// Pages of one slab.
    pub pages_per_slab: u64,
    /// Slabs.
    pub slabs: u64,
}

impl Slab {
    /// Pages of all its slabs.
    pub fn pages(&self) -> u64 {
        self.slabs.saturating_mul(self.pages_per_slab)
    }
}

/// `/proc/slabinfo`, version 2.x; debugging kernels have more columns behind these.
///
/// # Errors
/// The first line that is of another form.
pub fn slabinfo(path: &str, text: &str) -> Result<Vec<Slab>, Unreadable> {
    const SHAPE: &str = "name active objects size per-slab pages : tunables … : slabdata active slabs shared";
    let mut slabs = Vec::new();
    let rows = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with("slabinfo") && !line.starts_with('#') && !line.trim().is_empty());
    for (i, line) in rows {
        let parse = || {
            let mut parts = line.split(" : ");
            let mut first = parts.next()?.split_ascii_whitespace();
            let name = first.next()?.to_owned();
            let numbers: Vec<u64> = first.map_while(|word| word.parse().ok()).collect();
            let [active, objects, size, _, pages_per_slab, ..] = numbers[..] else { return None };
            let data = parts.find_map(|part| part.trim_start().strip_prefix("slabdata"))?;
            let slabs = data.split_ascii_whitespace().nth(1)?.parse().ok()?;
            Some(Slab { name, active, objects, size, pages_per_slab, slabs })
        };
        slabs.push(parse().ok_or_else(|| refuse(path, i, SHAPE, line))?);
    }
    if slabs.is_empty() { Err(refuse(path, 0, SHAPE, text.lines().next().unwrap_or_default())) } else { Ok(slabs) }
}

/// An area of `/proc/swaps` (`mm/swapfile.c: swap_show`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    /// The device or file, its spaces escaped as `\040`.
    pub name: String,
    /// `partition` or `file`.
    pub kind: String,
    /// Its size, KiB.
    pub size_kb: u64,
    /// What of it is used, KiB.
    pub used_kb: u64,
    /// Higher is used first.
    pub priority: i64,
}

/// `/proc/swaps`; without an area there is only the heading.
///
/// # Errors
/// The first line behind the heading that is of another form.
pub fn swaps(path: &str, text: &str) -> Result<Vec<Swap>, Unreadable> {
    const SHAPE: &str = "Filename Type Size Used Priority";
    let heading = text.lines().next().unwrap_or_default();
    if !heading.starts_with("Filename") {
        return Err(refuse(path, 0, SHAPE, heading));
    }
    let line = |(i, line): (usize, &str)| {
        let parse = || {
            let mut words = line.split_ascii_whitespace();
            let (name, kind) = (words.next()?.to_owned(), words.next()?.to_owned());
            let (size_kb, used_kb) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            Some(Swap { name, kind, size_kb, used_kb, priority: words.next()?.parse().ok()? })
        };
        parse().ok_or_else(|| refuse(path, i, "/swapfile file 1048572 0 -2", line))
    };
    text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()).map(line).collect()
}

/// Where a process's memory lies: KiB by node, and how many mappings have each policy.
pub type Placed = (BTreeMap<u32, f64>, BTreeMap<String, u64>);

/// `/proc/PID/numa_maps` (`fs/proc/task_mmu.c: show_numa_map`): pages on each node, with the page
/// size a line names, and the policies with how many mappings have them.
///
/// # Errors
/// A count that is none.
pub fn numa_maps(path: &str, text: &str) -> Result<Placed, Unreadable> {
    const SHAPE: &str = "7f0000000000 default anon=1 N0=1 kernelpagesize_kB=4";
    let mut kb: BTreeMap<u32, f64> = BTreeMap::new();
    let mut policies: BTreeMap<String, u64> = BTreeMap::new();
    for (i, line) in text.lines().enumerate() {
        let mut words = line.split_ascii_whitespace();
        let (Some(_), Some(policy)) = (words.next(), words.next()) else {
            return Err(refuse(path, i, SHAPE, line));
        };
        *policies.entry(policy.split([':', '=']).next().unwrap_or(policy).to_owned()).or_default() += 1;
        let pairs: Vec<_> = words.filter_map(|word| word.split_once('=')).collect();
        let size = pairs.iter().find(|(name, _)| *name == "kernelpagesize_kB");
        let size = size.and_then(|(_, kb)| number(kb)).unwrap_or(4.0);
        for (name, pages) in &pairs {
            let Some(node) = name.strip_prefix('N').and_then(|n| n.parse::<u32>().ok()) else { continue };
            let pages = number(pages).ok_or_else(|| refuse(path, i, SHAPE, line))?;
            *kb.entry(node).or_default() += pages * size;
        }
    }
    Ok((kb, policies))
}
