//! A recorded run, run again from its beginning: only what the kernel did not decide goes in.
//!
//! What goes in: the settings, when the writer wanted to write and how fast it was able to, how
//! fast the disk was, and how much memory was left to page cache. What comes out is compared: the
//! dirty pages every 100 ms, and when the flusher first wrote and the writer was first paused.

use super::calc::{self, PAGE_SIZE};
use super::disk::DiskConfig;
use super::engine::{Engine, EngineConfig, MemoryChange};
use super::happening::Happening;
use super::machine::MachineConfig;
use super::replay::{Seen, Setup};
use super::share::Bounds;
use super::writer::{Burst, WriterConfig};
use crate::fidelity::{GoldenError, Row, Tally, Trace};
use crate::{Nanos, SECOND};

/// Samples before this are not compared, s: the writer may not have begun.
const WARM_UP_S: f64 = 1.0;
/// How far apart the first flush and the first pause may be, ms.
const FIRST_MS: f64 = 300.0;
/// Longest recording that is run again.
const MAX_SAMPLES: usize = 1_000_000;

/// A row of `samples.csv`.
pub(super) struct Sample {
    t_s: f64,
    bytes: u64,
    nr_dirty: u64,
    nr_writeback: u64,
    nr_written: u64,
    thresh: u64,
    bg_thresh: u64,
    free: u64,
    file: u64,
}

impl Sample {
    fn dirty(&self) -> u64 {
        self.nr_dirty + self.nr_writeback
    }

    fn available(&self) -> i64 {
        (self.free + self.file) as i64
    }
}

fn number(row: &Row<'_>, column: &str) -> Result<u64, String> {
    let value = row.get::<u64>(column)?;
    // 2^40 pages are more memory than there is, and leave room to count with.
    if value < 1 << 40 { Ok(value) } else { Err(format!("{column} = {value} is 2^40 or more")) }
}

pub(super) fn read_samples(trace: &Trace<'_>) -> Result<Vec<Sample>, GoldenError> {
    let samples = trace.csv("samples.csv", |row| {
        let t_s = row.get::<f64>("t")?;
        if !(0.0..1e6).contains(&t_s) {
            return Err(format!("t = {t_s} is no time in seconds"));
        }
        Ok(Sample {
            t_s,
            bytes: number(row, "bytes")?,
            nr_dirty: number(row, "nr_dirty")?,
            nr_writeback: number(row, "nr_writeback")?,
            nr_written: number(row, "nr_written")?,
            thresh: number(row, "nr_dirty_threshold")?,
            bg_thresh: number(row, "nr_dirty_background_threshold")?,
            free: number(row, "nr_free_pages")?,
            file: number(row, "nr_inactive_file")? + number(row, "nr_active_file")?,
        })
    })?;
    if samples.is_empty() || samples.len() > MAX_SAMPLES {
        return Err(trace.error("samples.csv", format!("{} samples: expected 1 to {MAX_SAMPLES}", samples.len())));
    }
    if samples.windows(2).any(|pair| pair[1].t_s < pair[0].t_s) {
        return Err(trace.error("samples.csv", "the times do not grow".into()));
    }
    Ok(samples)
}

/// `mm/page_alloc.c: calculate_totalreserve_pages` from the text of `/proc/zoneinfo`: of each zone
/// the largest protection and the high watermark, at most what it manages.
pub(super) fn read_reserve(trace: &Trace<'_>) -> Result<u64, GoldenError> {
    let text = trace.text("zoneinfo")?;
    reserve(&text).ok_or_else(|| trace.error("zoneinfo", "no zone with high, managed and protection".into()))
}

fn reserve(zoneinfo: &str) -> Option<u64> {
    let (mut sum, mut high, mut managed, mut zones) = (0_u64, 0_u64, 0_u64, 0);
    for line in zoneinfo.lines() {
        let line = line.trim();
        let value = |name| line.strip_prefix(name).and_then(|rest: &str| rest.trim().parse::<u64>().ok());
        if line.starts_with("Node ") {
            (high, managed) = (0, 0);
        } else if let Some(value) = value("high ") {
            // Per-CPU lists have a line of that name too, with a colon.
            high = value;
        } else if let Some(value) = value("managed ") {
            managed = value;
        } else if let Some(list) = line.strip_prefix("protection: (") {
            let numbers = list.trim_end_matches(')').split(',').filter_map(|n| n.trim().parse::<u64>().ok());
            let most = numbers.max().unwrap_or(0);
            sum = sum.saturating_add(most.saturating_add(high).min(managed));
            zones += 1;
        }
    }
    (zones > 0 && sum < 1 << 40).then_some(sum)
}

/// The thresholds of every sample, from the memory of that sample.
pub(super) fn replay_thresholds(setup: &Setup, samples: &[Sample], reserve: u64, tally: &mut Tally) {
    for sample in samples {
        let available = calc::dirtyable_of(setup.rules, u64::MAX, sample.free, sample.file, reserve);
        let got = calc::thresholds(setup.rules, setup.settings, available, 0);
        let place = format!("sample at {:.4} s", sample.t_s);
        let mut exact = |name, got: u64, want: u64| {
            tally.number_within(&format!("{place} {name}"), got as f64, want as f64, 0.0);
        };
        exact("nr_dirty_threshold", got.thresh, sample.thresh);
        exact("nr_dirty_background_threshold", got.bg_thresh, sample.bg_thresh);
    }
    tally.note(format!("both thresholds of {} samples exact", samples.len()));
}

/// `t_s:bytes,…`, -1 for without end.
fn schedule(text: &str) -> Result<Vec<Burst>, String> {
    let entry = |entry: &str| {
        let (at, bytes) = entry.split_once(':')?;
        let at = at.trim().parse::<f64>().ok().filter(|at| (0.0..1e6).contains(at))?;
        let pages = match bytes.trim().parse::<i64>().ok()? {
            -1 => u64::MAX,
            bytes => u64::try_from(bytes).ok()?.div_ceil(PAGE_SIZE),
        };
        Some(Burst { at: (at * SECOND as f64) as Nanos, pages, until: Nanos::MAX })
    };
    let entries = text.split(',').filter(|part| !part.trim().is_empty()).take(10_000);
    entries.map(|part| entry(part).ok_or_else(|| format!("writer: {part:?} is not t_s:bytes"))).collect()
}

/// What the recording says of disk and writer themselves.
struct Measured {
    /// Time from one completed request to the next while the disk always had one, ns.
    request_ns: Nanos,
    depth: usize,
    /// The writer's own speed with the disk at rest and at work, KiB/s.
    idle_kib: u64,
    busy_kib: u64,
    folio: u64,
}

fn measure(setup: &Setup, samples: &[Sample], seen: &[Seen], request_pages: u64) -> Measured {
    let nominal = setup.sysctl("nullb.completion_nsec").unwrap_or(1_000_000);
    let (mut pages, mut time) = (0, 0.0);
    let (mut idle_bytes, mut idle_time) = (0, 0.0);
    let (mut loaded_bytes, mut loaded_time) = (0, 0.0);
    let mut fastest = 0.0_f64;
    for three in samples.windows(4) {
        let (from, to) = (&three[1], &three[2]);
        let dt = to.t_s - from.t_s;
        let bytes = to.bytes.saturating_sub(from.bytes);
        if three.iter().all(|sample| sample.nr_writeback > 0) {
            pages += to.nr_written.saturating_sub(from.nr_written);
            time += dt;
        }
        // Writing all the while, and before and after it too.
        let steady = three.windows(2).all(|pair| pair[1].bytes > pair[0].bytes);
        if steady && dt > 0.0 {
            fastest = fastest.max(bytes as f64 / dt);
            if three.iter().all(|sample| sample.nr_writeback == 0 && sample.nr_written == from.nr_written) {
                idle_bytes += bytes;
                idle_time += dt;
            } else if seen.is_empty() && three.iter().all(|sample| sample.nr_writeback > 0) {
                loaded_bytes += bytes;
                loaded_time += dt;
            }
        }
    }
    let request_ns = if pages > 0 { (time * 1e9 * request_pages as f64 / pages as f64) as Nanos } else { nominal };
    let per_second = |bytes: f64, time: f64| if time > 0.0 { bytes / time } else { fastest };
    let idle = per_second(idle_bytes as f64, idle_time);
    // Between two decisions of which the first did not sleep nothing held the writer.
    let (mut busy_pages, mut busy_time) = (0, 0.0);
    let first_pause = seen.iter().position(|row| row.pause_ms > 0).unwrap_or(seen.len());
    for pair in seen[..first_pause].windows(2) {
        busy_pages += pair[1].dirtied;
        busy_time += pair[1].t_s - pair[0].t_s;
    }
    let busy = match (busy_time > 0.0, loaded_time > 0.0) {
        (true, _) => (busy_pages * PAGE_SIZE) as f64 / busy_time,
        (false, true) => loaded_bytes as f64 / loaded_time,
        (false, false) => idle,
    };
    let kib = |bytes: f64| ((bytes / 1024.0) as u64).clamp(1, 1 << 40);
    let in_flight = samples.iter().map(|sample| sample.nr_writeback).max().unwrap_or(0);
    Measured {
        request_ns: request_ns.clamp(1, 10 * SECOND),
        depth: in_flight.div_ceil(request_pages).clamp(1, 1024) as usize,
        idle_kib: kib(idle),
        busy_kib: kib(busy),
        folio: seen.iter().map(|row| row.dirtied).fold(0, gcd).clamp(1, 512),
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Runs a recorded run again and compares.
pub(super) fn replay_run(
    trace: &Trace<'_>,
    setup: &Setup,
    samples: &[Sample],
    reserve: u64,
    seen: &[Seen],
    tally: &mut Tally,
) -> Result<(), GoldenError> {
    let request_pages = setup.sysctl("max_sectors_kb").unwrap_or(64).clamp(4, 1 << 20) / 4;
    let bursts = schedule(&setup.writer).map_err(|what| trace.error("json", what))?;
    let measured = measure(setup, samples, seen, request_pages);
    let first = &samples[0];
    let changes = samples.windows(2).filter(|pair| pair[0].available() != pair[1].available());
    let centisecs = |name, default| setup.sysctl(name).unwrap_or(default).min(100_000_000) * 10;
    let mut engine = Engine::new(EngineConfig {
        machine: MachineConfig {
            rules: setup.rules,
            hz: setup.hz,
            cpus: setup.cpus,
            settings: setup.settings,
            expire_ms: centisecs("dirty_expire_centisecs", 3000),
            interval_ms: centisecs("dirty_writeback_centisecs", 500),
            free: first.free,
            file: first.file,
            reserve,
            total: 1 << 41,
            phase: phase(setup.hz, &bursts, centisecs("dirty_writeback_centisecs", 500)),
        },
        disks: vec![DiskConfig {
            request_ns: measured.request_ns,
            request_pages,
            depth: measured.depth,
            seek_ns: 0,
            bounds: Bounds { min: 0, max: 100, min_sum: 0, strict: false },
        }],
        writers: vec![WriterConfig {
            disk: 0,
            inode: 0,
            cpu: 0,
            bursts: bursts.into(),
            kib_per_s: measured.idle_kib,
            busy_kib_per_s: measured.busy_kib,
            folio: measured.folio,
            fsync_pages: 0,
        }],
        memory: changes
            .map(|pair| MemoryChange { at: nanos(pair[1].t_s), pages: pair[0].available() - pair[1].available() })
            .collect(),
        syncs: Vec::new(),
    });
    let mut paused = None;
    let (mut flushed, mut flushed_recorded) = (None, None);
    let (mut worst, mut worst_at) = (0.0, 0.0);
    for sample in samples {
        let to = nanos(sample.t_s);
        while engine.decide_until(to) {
            for (at, what) in engine.m.take_happenings() {
                if matches!(what, Happening::Throttle { .. }) {
                    paused.get_or_insert(at as f64 / 1e9);
                }
            }
        }
        engine.run_to(to);
        if engine.m.nr_writeback + engine.m.nr_written > 0 {
            flushed.get_or_insert(sample.t_s);
        }
        if sample.nr_writeback + sample.nr_written > first.nr_writeback + first.nr_written {
            flushed_recorded.get_or_insert(sample.t_s);
        }
        if sample.t_s > WARM_UP_S && sample.thresh > 0 {
            let percent = |pages: u64| pages as f64 * 100.0 / sample.thresh as f64;
            let (got, want) = (percent(engine.m.dirty()), percent(sample.dirty()));
            tally.number(&format!("sample at {:.4} s: dirty pages in % of the threshold", sample.t_s), got, want);
            if (got - want).abs() > worst {
                (worst, worst_at) = ((got - want).abs(), sample.t_s);
            }
        }
    }
    tally.note(format!("run again, dirty pages were at most {worst:.2} % of the threshold off (at {worst_at:.1} s)"));
    let offset = clock_offset(samples, seen);
    let paused_recorded = seen.iter().find(|row| row.pause_ms > 0).map(|row| row.t_s - offset);
    compare_first(tally, "first flush", flushed, flushed_recorded);
    compare_first(tally, "first pause", paused, paused_recorded);
    let per_second = request_pages as f64 * 1e9 / measured.request_ns as f64;
    tally.note(format!(
        "read from the recording: a disk of {per_second:.0} pages/s, a writer of {} pages/s while it rests and {} while it works",
        measured.idle_kib / 4,
        measured.busy_kib / 4
    ));
    Ok(())
}

/// Where the timer wheel stands is not recorded. The first wake-up of the flusher is taken to be
/// rounded up by half of what it may be.
fn phase(hz: u64, bursts: &[Burst], interval_ms: u64) -> u64 {
    let interval = (interval_ms * hz).div_ceil(1000);
    let slot = (0..).map(|level| 8_u64.pow(level)).find(|slot| interval < 63 * slot).unwrap_or(1);
    let first = bursts.first().map_or(0, |burst| (u128::from(burst.at) * u128::from(hz) / 1_000_000_000) as u64);
    let target = slot / 2 + slot * (first + interval).div_ceil(slot);
    target - (first + interval)
}

fn nanos(t_s: f64) -> Nanos {
    (t_s * SECOND as f64) as Nanos
}

fn compare_first(tally: &mut Tally, what: &str, got: Option<f64>, want: Option<f64>) {
    match (got, want) {
        (Some(got), Some(want)) => {
            // Of another unit than the report's largest error, which is of the dirty pages.
            let at = |t: f64| format!("at {t:.3} s");
            let close = (got - want).abs() * 1e3 <= FIRST_MS;
            let shown = if close { at(want) } else { at(got) };
            tally.same(&format!("{what} ({FIRST_MS} ms allowed)"), &shown, &at(want));
            tally.note(format!("{what} {:+.0} ms off", (got - want) * 1e3));
        }
        (got, want) => {
            let word = |t: Option<f64>| t.map_or("never".to_owned(), |t| format!("at {t:.1} s"));
            tally.same(what, &word(got), &word(want));
        }
    }
}

/// What the clock of the decisions is ahead of that of the samples, s: the same dirty pages were
/// seen by both while they grew.
fn clock_offset(samples: &[Sample], seen: &[Seen]) -> f64 {
    let first_pause = seen.iter().position(|row| row.pause_ms > 0).unwrap_or(0);
    let mut offsets: Vec<f64> = seen[..(first_pause + 1).min(seen.len())]
        .iter()
        .filter_map(|row| {
            let dirty = row.dirty();
            let pair = samples.windows(2).find(|pair| pair[0].dirty() <= dirty && dirty < pair[1].dirty())?;
            let part = (dirty - pair[0].dirty()) as f64 / (pair[1].dirty() - pair[0].dirty()) as f64;
            Some(row.t_s - (pair[0].t_s + part * (pair[1].t_s - pair[0].t_s)))
        })
        .collect();
    offsets.sort_by(f64::total_cmp);
    offsets.get(offsets.len() / 2).copied().unwrap_or(0.0)
}
