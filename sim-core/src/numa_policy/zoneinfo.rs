//! `/proc/zoneinfo` of a recorded machine.

use super::memory::Zone;
use super::watermark::Watermarks;

/// Pages added to a watermark at once when a fallback takes from another type (`pageblock_nr_pages`).
const PAGEBLOCK: i64 = 512;
/// `vm.watermark_boost_factor`, 1/10000 of the high watermark.
const BOOST_FACTOR: i64 = 15_000;
/// Longest refill of a per-CPU list, in batches (since 6.7).
const LONGEST_REFILL: i64 = 32;

/// A zone with pages, as the file shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneInfo {
    /// The zone as the allocator sees it.
    pub zone: Zone,
    /// Most pages the per-CPU list of one CPU can hold or is about to take.
    pub per_cpu: i64,
    /// Pages of files in memory on its node, which are page cache but cannot be reclaimed; told by
    /// the first zone of a node.
    pub shmem: i64,
    /// Pages by which the count of free pages can be off, all CPUs together.
    pub drift: i64,
}

impl ZoneInfo {
    /// Most that a watermark can be raised (`mm/page_alloc.c: boost_watermark`); zones smaller than
    /// four page blocks are not boosted.
    pub fn boost(&self) -> i64 {
        let most = self.zone.marks.high.saturating_mul(BOOST_FACTOR) / 10_000;
        if self.zone.managed < 4 * PAGEBLOCK || most == 0 { 0 } else { most.max(PAGEBLOCK) }
    }
}

/// Largest number that is believed: more pages than any machine has.
const MOST: i64 = 1 << 40;

/// The numbers of a text.
fn numbers(text: &str) -> impl Iterator<Item = i64> + '_ {
    let words = text.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty());
    words.filter_map(|word| word.parse().ok()).map(|number: i64| number.min(MOST))
}

/// Reads the zones that have pages. Lines that are not known are passed over.
///
/// # Errors
/// A zone of an unknown name, or no zone at all.
pub fn read(text: &str) -> Result<Vec<ZoneInfo>, String> {
    let mut zones: Vec<ZoneInfo> = Vec::new();
    // High marks of a CPU's list and its batch, kept until the zone is complete.
    let mut batch = 0;
    for line in text.lines() {
        let line = line.trim();
        if let Some(head) = line.strip_prefix("Node ") {
            let (node, name) = head.split_once(", zone").ok_or_else(|| format!("{line:?} names no zone"))?;
            let node = node.trim().parse().map_err(|_| format!("{line:?} names no node"))?;
            let name = ["DMA", "DMA32", "Normal", "Movable", "Device", "HighMem"]
                .into_iter()
                .find(|known| *known == name.trim())
                .ok_or_else(|| format!("{line:?}: unknown zone"))?;
            let zone = Zone {
                node,
                name,
                managed: 0,
                free: 0,
                marks: Watermarks::default(),
                reserve: 0,
                cache: 0,
                mapped: 0,
                dirty: 0,
            };
            zones.push(ZoneInfo { zone, per_cpu: 0, shmem: 0, drift: 0 });
            batch = 0;
            continue;
        }
        let Some(info) = zones.last_mut() else { continue };
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let value = numbers(rest).next();
        match (word, value) {
            ("pages", Some(free)) => info.zone.free = free,
            ("managed", Some(managed)) => info.zone.managed = managed,
            ("min", Some(min)) => info.zone.marks.min = min,
            ("low", Some(low)) => info.zone.marks.low = low,
            ("high", Some(high)) => info.zone.marks.high = high,
            // What is kept from requests for the highest zone, the third after DMA.
            ("protection:", _) => info.zone.reserve = numbers(rest).take(4).last().unwrap_or(0),
            ("high:" | "high_max:", Some(most)) => info.per_cpu = info.per_cpu.max(most),
            ("nr_shmem", Some(pages)) => info.shmem = pages,
            ("batch:", Some(pages)) => batch = pages,
            ("vm", _) => info.drift = info.drift.saturating_add(numbers(rest).next().unwrap_or(0)),
            ("start_pfn:", _) => {
                let floats = text.contains("high_max:");
                let refill = if floats { batch.saturating_mul(LONGEST_REFILL).min(info.per_cpu) } else { batch };
                info.per_cpu = info.per_cpu.saturating_add(refill);
            }
            _ => {}
        }
    }
    zones.retain(|info| info.zone.managed > 0);
    if zones.is_empty() { Err("holds no zone with pages".to_owned()) } else { Ok(zones) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "Node 0, zone      DMA
  per-node stats
      nr_inactive_anon 123
  pages free     3808
        boost    0
        min      19
        low      23
        high     27
        managed  3840
        protection: (0, 87, 88, 89, 90)
      nr_free_pages 3808
  pagesets
    cpu: 0
              count: 36
              high:  156
              batch: 3
  vm stats threshold: 6
    cpu: 1
              count: 0
              high:  156
              batch: 3
  vm stats threshold: 6
  start_pfn:           1
Node 0, zone  Movable
  pages free     0
        managed  0
";

    #[test]
    fn a_zone_is_read() {
        let zones = read(TEXT).unwrap();
        let [info] = zones.as_slice() else { panic!("{zones:?}") };
        assert_eq!((info.zone.name, info.zone.free, info.zone.managed, info.zone.reserve), ("DMA", 3808, 3840, 89));
        assert_eq!((info.zone.marks.min, info.zone.marks.low, info.zone.marks.high), (19, 23, 27));
        assert_eq!((info.per_cpu, info.drift, info.boost()), (159, 12, 512));
        assert_eq!(read("Node 0, zone Odd"), Err("\"Node 0, zone Odd\": unknown zone".to_owned()));
        assert_eq!(read(""), Err("holds no zone with pages".to_owned()));
    }

    proptest! {
        #[test]
        fn any_text_is_zones_or_is_refused(text in "((Node [0-9]{1,3}, zone (DMA|Normal|x))|[ a-z_]{0,8}:?| [0-9]{1,20}|\n|,|\\PC){0,60}") {
            let _ = read(&text);
        }
    }
}
