//! Holding the model to recorded machines.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::calc::{Available, CLUSTER};
use super::memory::{Memory, Watermarks};
use super::rules::Rules;
use super::scan::Who;
use super::scenario::{Kind, Program, Scenario};
use super::slab::{DENTRIES, Slab};
use crate::buddy_allocator::{Rules as AllocatorRules, Settings, ZONES};
use crate::fidelity::{GoldenError, Tally, Trace};
use crate::{KernelVersion, Text};

/// How far the lists of a cgroup may be off, in thousandths of its limit. What is not modelled is
/// charged to it as well: page tables, tree nodes, and batches of up to 64 pages for each CPU.
const OF_LIMIT: u64 = 20;
/// How far the slabs of names may be off, in thousandths: other programs look up names too, and leave
/// slabs that are partly filled.
const OF_SLABS: u64 = 10;
/// Largest number that is believed.
const MOST: u64 = 1 << 32;

/// A recording, by what was recorded.
#[derive(Deserialize)]
#[serde(tag = "format", rename_all = "kebab-case")]
enum Recording {
    /// Watermarks beside the settings they follow from.
    Marks { kernel: String, rows: Vec<Marks> },
    /// `MemAvailable` beside what it is made of.
    Available { kernel: String, marks: Marks, rows: Vec<AvailableRow> },
    /// Files read in a cgroup with a limit.
    Cgroup { kernel: String, limit_pages: u64, rows: Vec<CgroupRow> },
    /// Names looked up that do not exist.
    Names { kernel: String, rows: Vec<NamesRow> },
}

#[derive(Deserialize)]
struct Marks {
    from: String,
    kernel: String,
    min_free_kbytes: u64,
    watermark_scale_factor: u64,
    lowmem_reserve_ratio: [u64; 4],
    zones: Vec<Zone>,
}

#[derive(Deserialize)]
struct Zone {
    name: String,
    managed: u64,
    boost: u64,
    min: u64,
    low: u64,
    high: u64,
    protection: [u64; 4],
}

#[derive(Deserialize)]
struct AvailableRow {
    #[serde(rename = "MemFree")]
    free: u64,
    #[serde(rename = "Active(file)")]
    active_file: u64,
    #[serde(rename = "Inactive(file)")]
    inactive_file: u64,
    #[serde(rename = "KReclaimable")]
    reclaimable: u64,
    /// The low and high watermark of each zone at that moment.
    zones: Vec<[u64; 2]>,
    #[serde(rename = "MemAvailable")]
    available: u64,
}

#[derive(Deserialize)]
struct CgroupRow {
    read: String,
    mib: u64,
    active_file: u64,
    inactive_file: u64,
    workingset_refault_file: u64,
    rss: u64,
    kmem: u64,
    resident: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct NamesRow {
    nr_dentry: u64,
    slabs: u64,
}

/// Replays a recorded trace.
///
/// # Errors
/// A file that is missing or of another shape, or a kernel that is not modelled.
pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    let recording: Recording = trace.json("json")?;
    let error = |what: String| trace.error("json", what);
    match recording {
        Recording::Marks { kernel, rows } => {
            let mut tally = pages(&kernel, 0.0);
            for row in &rows {
                compare_marks(row, &mut tally).map_err(error)?;
            }
            tally.note(format!("watermarks and reserves of {} machines", rows.len()));
            Ok(tally)
        }
        Recording::Available { kernel, marks, rows } => {
            let mut tally = pages(&kernel, 0.0);
            compare_marks(&marks, &mut tally).map_err(error)?;
            for (i, row) in rows.iter().enumerate() {
                tally.number(&format!("row {i} MemAvailable"), available(&marks, row) as f64, row.available as f64);
            }
            tally.note(format!("MemAvailable of {} moments", rows.len()));
            Ok(tally)
        }
        Recording::Cgroup { kernel, limit_pages, rows } => {
            let limit = limit_pages.min(1 << 24);
            let mut tally = pages(&kernel, (limit * OF_LIMIT / 1000) as f64);
            let rules = rules(&kernel).map_err(error)?;
            read_in_cgroup(rules, limit, &rows, &mut tally).map_err(error)?;
            tally.note(format!("lists, refaults and what stayed, after each of {} readings", rows.len()));
            Ok(tally)
        }
        Recording::Names { kernel, rows } => {
            let mut tally = pages(&kernel, 0.0);
            for (i, row) in rows.iter().enumerate() {
                let mut slab = Slab::default();
                slab.add(row.nr_dentry.min(MOST), false);
                let tolerance = row.nr_dentry.div_ceil(DENTRIES) * OF_SLABS / 1000;
                tally.number_within(&format!("row {i} slabs"), slab.pages() as f64, row.slabs as f64, tolerance as f64);
            }
            tally.note("pages of dentries".to_owned());
            Ok(tally)
        }
    }
}

fn pages(kernel: &str, tolerance: f64) -> Tally {
    let mut tally = Tally::new(kernel, tolerance);
    tally.measured_in(Text::fixed("페이지", " pages"));
    tally
}

fn rules(kernel: &str) -> Result<Rules, String> {
    let version: KernelVersion = kernel.parse().map_err(|_| format!("{kernel:?} is not a kernel release"))?;
    Rules::of(version).map_err(|why| why.en.into_owned())
}

/// `__setup_per_zone_wmarks` and `setup_per_zone_lowmem_reserve` with the recorded settings.
fn compare_marks(row: &Marks, tally: &mut Tally) -> Result<(), String> {
    let allocator = AllocatorRules::of(rules(&row.kernel)?.watermarks).map_err(|why| why.en.into_owned())?;
    let settings = Settings {
        min_free_kbytes: Some(row.min_free_kbytes.min(MOST)),
        watermark_scale_factor: row.watermark_scale_factor.min(10_000),
        lowmem_reserve_ratio: row.lowmem_reserve_ratio,
        ..Settings::default()
    };
    let mut managed = [0; ZONES.len()];
    let mut places = Vec::new();
    for zone in &row.zones {
        let place = ZONES.iter().position(|name| *name == zone.name);
        let place = place.ok_or_else(|| format!("{:?} is no zone", zone.name))?;
        managed[place] = zone.managed.min(MOST);
        places.push(place);
    }
    let marks = settings.marks(managed, &allocator);
    for (zone, place) in row.zones.iter().zip(places) {
        let boost = zone.boost.min(MOST);
        let got = Watermarks {
            min: marks[place].min + boost,
            low: marks[place].low + boost,
            high: marks[place].high + boost,
        };
        let what = |mark: &str| format!("{} {} {mark}", row.from, zone.name);
        for (mark, got, want) in [("min", got.min, zone.min), ("low", got.low, zone.low), ("high", got.high, zone.high)]
        {
            tally.number(&what(mark), got as f64, want as f64);
        }
        for (above, (got, want)) in marks[place].lowmem_reserve.iter().zip(zone.protection).enumerate().skip(place + 1)
        {
            tally.number(&what(&format!("protection {above}")), *got as f64, want as f64);
        }
    }
    Ok(())
}

/// `si_mem_available` of a recorded moment; a reserve is no larger than its zone
/// (`calculate_totalreserve_pages`).
fn available(marks: &Marks, row: &AvailableRow) -> u64 {
    let reserve = marks.zones.iter().zip(&row.zones).map(|(zone, [_, high])| {
        let kept = zone.protection.iter().max().unwrap_or(&0).min(&MOST) + high.min(&MOST);
        kept.min(zone.managed)
    });
    let sum = Available {
        free: row.free.min(MOST),
        reserve: reserve.sum(),
        low: row.zones.iter().map(|[low, _]| low.min(&MOST)).sum(),
        file: row.active_file.min(MOST) + row.inactive_file.min(MOST),
        slab: row.reclaimable.min(MOST),
    };
    sum.pages()
}

/// Reads the same files in a memory that is as large as the limit, with nobody who reclaims but the
/// reader.
fn read_in_cgroup(rules: Rules, limit: u64, rows: &[CgroupRow], tally: &mut Tally) -> Result<(), String> {
    let mut names: Vec<&str> = Vec::new();
    let mut scenario = Scenario { swap_mib: 0, ..Scenario::default() };
    for row in rows {
        if !names.contains(&row.read.as_str()) {
            names.push(&row.read);
            scenario.programs.push(Program::new(Kind::File, row.mib.min(4096) as i64, 100, 0, 0));
        }
    }
    if names.len() > usize::from(u8::MAX) {
        return Err(format!("{} files are more than are modelled", names.len()));
    }
    let mut m = Memory::new(&scenario, rules);
    m.marks = Watermarks::default();
    m.managed = limit;
    // What else is charged to the group is there all the time.
    m.kernel = rows.last().map_or(0, |row| row.rss.saturating_add(row.kmem)).min(limit);
    m.free = m.managed - m.kernel;
    for (i, row) in rows.iter().enumerate() {
        let of = |name: &str| names.iter().position(|known| *known == name);
        let which = of(&row.read).unwrap_or(0);
        let first: i64 = scenario.programs[..which].iter().map(Program::blocks).sum();
        for id in first..first + scenario.programs[which].blocks() {
            let id = id as u32;
            if m.is_here(id) {
                m.touch(id, Kind::File);
                continue;
            }
            while !m.above(0, CLUSTER) {
                if m.try_to_free_pages(Who::Cgroup).1 == 0 {
                    return Err(format!("row {i}: a limit of {limit} pages is too small to read in"));
                }
            }
            m.bring_in(id);
        }
        let [_, _, inactive, active] = m.sizes();
        let mut compare =
            |what: &str, got: u64, want: u64| tally.number(&format!("row {i} {what}"), got as f64, want as f64);
        compare("active_file", active, row.active_file);
        compare("inactive_file", inactive, row.inactive_file);
        compare("workingset_refault_file", m.counters.refault[1], row.workingset_refault_file);
        for (name, want) in &row.resident {
            let got = of(name).map_or(0, |at| m.holdings[at].resident * CLUSTER);
            compare(&format!("{name} resident"), got, *want);
        }
    }
    Ok(())
}
