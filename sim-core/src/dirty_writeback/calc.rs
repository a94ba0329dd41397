//! The arithmetic of dirty throttling, in the kernel's integers: pure functions, used alike by the
//! running model and by the replay of recorded decisions.
//!
//! Units: pages of 4096 bytes, ticks of 1/HZ s, rates in pages a second, ratios in 1/1024.

use super::rules::{Dirtyable, Floor, Rules, Throttling};
use crate::timer::wheel_expiry;

/// Bytes in a page.
pub const PAGE_SIZE: u64 = 4096;
/// Rate a disk is thought to have before anything is known of it: 100 MB/s (`INIT_BW`).
pub const INIT_BW: u64 = 100 << (20 - 12);
/// 1.0 as a position ratio (`RATELIMIT_CALC_SHIFT`).
pub const ONE: i64 = 1 << 10;
/// Background writeback writes at least so many pages of an inode in one go.
const MIN_WRITEBACK_PAGES: u64 = 1024;
/// Pages a writer dirties between two looks when it must look often.
pub const DIRTY_POLL_THRESH: u64 = 128 >> (12 - 10);

/// The four settings that make the thresholds. A size other than 0 replaces its ratio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `vm.dirty_ratio`, %.
    pub dirty_ratio: u64,
    /// `vm.dirty_background_ratio`, %.
    pub dirty_background_ratio: u64,
    /// `vm.dirty_bytes`.
    pub dirty_bytes: u64,
    /// `vm.dirty_background_bytes`.
    pub dirty_background_bytes: u64,
}

/// The two thresholds, pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thresholds {
    /// Above it writers are stopped (`nr_dirty_threshold`).
    pub thresh: u64,
    /// Above it the flusher writes (`nr_dirty_background_threshold`).
    pub bg_thresh: u64,
}

impl Thresholds {
    /// Up to here writers run freely (`dirty_freerun_ceiling`).
    pub fn freerun(self) -> u64 {
        (self.thresh + self.bg_thresh) / 2
    }

    /// Where throttling wants to hold the dirty pages.
    pub fn setpoint(self, limit: u64) -> u64 {
        (self.freerun() + limit) / 2
    }
}

/// Memory that may become dirty (`mm/page-writeback.c: global_dirtyable_memory`), pages.
pub fn dirtyable(free: u64, file: u64, reserve: u64) -> u64 {
    free - free.min(reserve) + file + 1
}

/// `mm/page-writeback.c: domain_dirty_limits` (until 4.1 `global_dirty_limits`, until 2.6.38
/// `get_dirty_limits`). `mapped_percent` is only read by 2.6.18.
pub fn thresholds(rules: Rules, settings: Settings, available: u64, mapped_percent: u64) -> Thresholds {
    let pages = |bytes: u64| bytes.div_ceil(PAGE_SIZE);
    let (mut ratio, mut bg_ratio) = (settings.dirty_ratio, settings.dirty_background_ratio);
    match rules.dirtyable {
        Dirtyable::TotalRam => {
            // Mapped pages can only be written after they are unmapped, so they leave less room.
            ratio = ratio.min(100_u64.saturating_sub(mapped_percent) / 2).max(5);
            bg_ratio = if bg_ratio >= ratio { ratio / 2 } else { bg_ratio };
        }
        Dirtyable::Reclaimable => ratio = ratio.max(5),
        Dirtyable::FreeAndFile => {}
    }
    let share = |ratio: u64| match rules.fine_ratio {
        true => ratio * PAGE_SIZE / 100 * available / PAGE_SIZE,
        false => ratio * available / 100,
    };
    let thresh = if settings.dirty_bytes > 0 { pages(settings.dirty_bytes) } else { share(ratio) };
    let bg_bytes = settings.dirty_background_bytes;
    let bg_thresh = if bg_bytes > 0 { pages(bg_bytes) } else { share(bg_ratio) };
    Thresholds { thresh, bg_thresh: if bg_thresh >= thresh { thresh / 2 } else { bg_thresh } }
}

/// How the limit of the whole machine follows a threshold that fell
/// (`mm/page-writeback.c: update_dirty_limit`).
pub fn update_dirty_limit(limit: u64, thresh: u64, dirty: u64) -> u64 {
    if limit < thresh {
        return thresh;
    }
    let floor = thresh.max(dirty);
    if limit > floor { limit - ((limit - floor) >> 5) } else { limit }
}

/// What a position ratio is made of (`struct dirty_throttle_control`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Thresholds of the machine.
    pub thresholds: Thresholds,
    /// Threshold or the slower limit of the machine, whichever is larger.
    pub limit: u64,
    /// Dirty pages of the machine, under writeback or not.
    pub dirty: u64,
    /// The disk's part of the threshold.
    pub wb_thresh: u64,
    /// Dirty pages of the disk.
    pub wb_dirty: u64,
    /// The disk's smoothed write bandwidth.
    pub avg_write_bandwidth: u64,
    /// Whether the disk's own thresholds are strict (`strict_limit`).
    pub strictlimit: bool,
}

impl Position {
    /// The disk's part of the background threshold.
    pub fn wb_bg_thresh(&self) -> u64 {
        match self.thresholds.thresh {
            0 => 0,
            thresh => self.wb_thresh * self.thresholds.bg_thresh / thresh,
        }
    }
}

/// `mm/page-writeback.c: pos_ratio_polynom`: 1 + ((setpoint − dirty) / (limit − setpoint))³.
pub fn pos_ratio_polynom(rules: Rules, setpoint: u64, dirty: u64, limit: u64) -> i64 {
    let (setpoint, dirty, limit) = (setpoint as i64, dirty as i64, limit as i64);
    let x = ((setpoint - dirty) << 10).checked_div((limit - setpoint) | 1).unwrap_or(0);
    let mut ratio = x;
    ratio = ratio.wrapping_mul(x) >> 10;
    ratio = ratio.wrapping_mul(x) >> 10;
    ratio = ratio.wrapping_add(ONE);
    if rules.clamped_pos_ratio { ratio.clamp(0, 2 * ONE) } else { ratio.max(0) }
}

/// How fast writers may be at this position, in 1/1024 of the disk's rate
/// (`mm/page-writeback.c: wb_position_ratio`).
pub fn position_ratio(rules: Rules, p: &Position) -> u64 {
    let thresh = p.thresholds.thresh;
    let setpoint = p.thresholds.setpoint(p.limit);
    if p.dirty >= p.limit {
        return 0;
    }
    let global = pos_ratio_polynom(rules, setpoint, p.dirty, p.limit);
    if p.strictlimit {
        return strict_ratio(rules, p, global);
    }
    // The kernel's numbers wrap where the limit is far above the threshold, so these do.
    let mut wb_thresh = p.wb_thresh.min(thresh);
    if rules.floor == Floor::InPosRatio {
        wb_thresh = wb_thresh.max((p.limit - p.dirty) / 8);
    }
    let x = (wb_thresh << 16) / (thresh | 1);
    let wb_setpoint = setpoint.wrapping_mul(x) >> 16;
    let span = thresh.wrapping_sub(wb_thresh).wrapping_add(8 * p.avg_write_bandwidth).wrapping_mul(x) >> 16;
    let intercept = wb_setpoint.wrapping_add(span);
    let mut ratio = global as u64;
    if p.wb_dirty < intercept.wrapping_sub(span / 4) {
        ratio = ratio.wrapping_mul(intercept.wrapping_sub(p.wb_dirty)) / (intercept.wrapping_sub(wb_setpoint) | 1);
    } else {
        ratio /= 4;
    }
    // A disk that holds little is not to run dry.
    let low = wb_thresh / 2;
    if p.wb_dirty < low {
        ratio = if p.wb_dirty > low / 8 { ratio.wrapping_mul(low) / p.wb_dirty } else { ratio.wrapping_mul(8) };
    }
    ratio
}

fn strict_ratio(rules: Rules, p: &Position, global: i64) -> u64 {
    if rules.strict_doubling && p.wb_dirty < 8 {
        return (global * 2).min(2 * ONE) as u64;
    }
    if p.wb_dirty >= p.wb_thresh {
        return 0;
    }
    let wb_setpoint = (p.wb_thresh + p.wb_bg_thresh()) / 2;
    if wb_setpoint == 0 || wb_setpoint == p.wb_thresh {
        return 0;
    }
    pos_ratio_polynom(rules, wb_setpoint, p.wb_dirty, p.wb_thresh).min(global) as u64
}

/// A disk's rates, pages a second (`struct bdi_writeback`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Measured over the last few seconds (`write_bandwidth`).
    pub write_bandwidth: u64,
    /// The same, smoothed again (`avg_write_bandwidth`).
    pub avg_write_bandwidth: u64,
    /// What one writer may dirty (`dirty_ratelimit`).
    pub dirty_ratelimit: u64,
    /// What it would be if it jumped at once (`balanced_dirty_ratelimit`).
    pub balanced_dirty_ratelimit: u64,
}

impl Default for Rates {
    fn default() -> Rates {
        Rates {
            write_bandwidth: INIT_BW,
            avg_write_bandwidth: INIT_BW,
            dirty_ratelimit: INIT_BW,
            balanced_dirty_ratelimit: INIT_BW,
        }
    }
}

impl Rates {
    /// `mm/page-writeback.c: wb_update_dirty_ratelimit`; `limit` is the machine's new limit.
    /// Returns the task rate it was based on.
    pub fn update_dirty_ratelimit(&mut self, p: &Position, pos_ratio: u64, dirty_rate: u64) -> u64 {
        let rate = self.dirty_ratelimit;
        let task_ratelimit = (rate.wrapping_mul(pos_ratio) >> 10) + 1;
        let bandwidth = self.avg_write_bandwidth;
        let balanced = (task_ratelimit.wrapping_mul(bandwidth) / (dirty_rate | 1)).min(bandwidth);
        let (dirty, setpoint) = match p.strictlimit {
            false => (p.dirty, p.thresholds.setpoint(p.limit)),
            true if p.wb_dirty < 8 => (p.wb_dirty, p.wb_dirty + 1),
            true => (p.wb_dirty, (p.wb_thresh + p.wb_bg_thresh()) / 2),
        };
        let three = [self.balanced_dirty_ratelimit, balanced, task_ratelimit];
        let step = if dirty < setpoint {
            three.into_iter().fold(u64::MAX, u64::min).saturating_sub(rate)
        } else {
            rate.saturating_sub(three.into_iter().fold(0, u64::max))
        };
        // Small steps are noise, and the nearer the smaller.
        let shift = rate / (2 * step + 1);
        let step = if shift < 64 { (step >> shift).div_ceil(8) } else { 0 };
        let moved = if rate < balanced { rate + step } else { rate.saturating_sub(step) };
        self.dirty_ratelimit = moved.max(1);
        self.balanced_dirty_ratelimit = balanced;
        task_ratelimit
    }

    /// `mm/page-writeback.c: wb_update_write_bandwidth`: `written` pages in `elapsed` ticks.
    pub fn update_write_bandwidth(&mut self, hz: u64, elapsed: u64, written: u64) {
        let period = (3 * hz).next_power_of_two();
        let bandwidth = written * hz;
        let (old, avg) = (self.write_bandwidth, self.avg_write_bandwidth);
        if elapsed > period {
            self.write_bandwidth = bandwidth / elapsed;
            self.avg_write_bandwidth = self.write_bandwidth;
        } else {
            let new = (bandwidth + old * (period - elapsed)) >> period.ilog2();
            self.avg_write_bandwidth = smooth(avg, old, new);
            self.write_bandwidth = new;
        }
        // Divisions by it follow.
        self.avg_write_bandwidth = self.avg_write_bandwidth.max(1);
    }
}

/// The average follows only while the measured bandwidth moves away from it.
pub fn smooth(avg: u64, old: u64, new: u64) -> u64 {
    if avg > old && old >= new {
        avg - ((avg - old) >> 3)
    } else if avg < old && old <= new {
        avg + ((old - avg) >> 3)
    } else {
        avg
    }
}

/// Longest pause, ticks (`mm/page-writeback.c: wb_max_pause`).
pub fn max_pause(hz: u64, wb_dirty: u64, avg_write_bandwidth: u64) -> u64 {
    let t = wb_dirty / (1 + avg_write_bandwidth / (1 + hz / 8).next_power_of_two());
    (t + 1).min((hz / 5).max(1))
}

/// Shortest pause worth taking, ticks, and how many pages to dirty until the next look
/// (`mm/page-writeback.c: wb_min_pause`).
pub fn min_pause(hz: u64, rates: Rates, max_pause: u64, task_ratelimit: u64) -> (u64, u64) {
    let (hi, lo) = (rates.avg_write_bandwidth.max(1).ilog2(), rates.dirty_ratelimit.max(1).ilog2());
    let round = hz.next_power_of_two();
    let dirty_ratelimit = rates.dirty_ratelimit;
    let mut t = (hz / 100).max(1);
    // Many writers share the disk: the more, the longer each pauses.
    if hi > lo {
        t += u64::from(hi - lo) * (10 * hz) / 1024;
    }
    t = t.min(1 + max_pause / 2);
    let mut pages = dirty_ratelimit * t / round;
    if pages < DIRTY_POLL_THRESH {
        t = max_pause;
        pages = dirty_ratelimit * t / round;
        if pages > DIRTY_POLL_THRESH {
            pages = DIRTY_POLL_THRESH;
            t = hz * DIRTY_POLL_THRESH / dirty_ratelimit.max(1);
        }
    }
    if hz * pages / (task_ratelimit + 1) > max_pause {
        t = max_pause;
        pages = task_ratelimit * t / round;
    }
    (if pages >= DIRTY_POLL_THRESH { 1 + t / 2 } else { t }, pages)
}

/// How many pages a free-running writer may dirty before it looks again
/// (`mm/page-writeback.c: dirty_poll_interval`).
pub fn dirty_poll_interval(dirty: u64, thresh: u64) -> u64 {
    if thresh > dirty { 1 << ((thresh - dirty).ilog2() / 2) } else { 1 }
}

/// How many pages the machine may dirty on one CPU before a writer there has to look, whatever it
/// did itself (`mm/page-writeback.c: writeback_set_ratelimit`).
pub fn ratelimit_pages(rules: Rules, total: u64, thresh: u64, cpus: u64) -> u64 {
    match rules.throttling {
        Throttling::Pauses => (thresh / (cpus * 32)).max(16),
        // Of all memory, but at most 4 MiB.
        Throttling::WriterWrites => (total / (cpus * 32)).clamp(16, 1024),
    }
}

/// Pages of one inode that background writeback writes in one go
/// (`fs/fs-writeback.c: writeback_chunk_size`).
pub fn writeback_chunk_size(avg_write_bandwidth: u64, dirty_limit: u64, nr_pages: u64) -> u64 {
    let pages = (avg_write_bandwidth / 2).min(dirty_limit / 8).min(nr_pages);
    (pages + MIN_WRITEBACK_PAGES) / MIN_WRITEBACK_PAGES * MIN_WRITEBACK_PAGES
}

/// The tick in which a timer set for `expires` goes off. The timer wheel of 4.8 and later is the
/// coarser the further away the time is, and rounds up (`kernel/time/timer.c: calc_index`).
pub fn timer_expiry(rules: Rules, now: u64, expires: u64) -> u64 {
    if !rules.timer_wheel {
        return expires.max(now + 1);
    }
    wheel_expiry(now, expires)
}

/// What a writer above freerun decides, in ticks and pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Longest pause there is.
    pub max_pause: u64,
    /// Shorter ones are not slept.
    pub min_pause: u64,
    /// How long the dirtied pages should have taken.
    pub period: u64,
    /// What is left of it; below `min_pause` nothing is slept.
    pub pause: i64,
    /// `nr_dirtied_pause` after a sleep.
    pub nr_dirtied_pause: u64,
}

impl Decision {
    /// Steps 6 to 10 of `mm/page-writeback.c: balance_dirty_pages`: `think` is the time since the
    /// last pause ended, if there was one.
    pub fn make(hz: u64, rates: Rates, wb_dirty: u64, task_ratelimit: u64, pages: u64, think: Option<i64>) -> Decision {
        let max_pause = max_pause(hz, wb_dirty, rates.avg_write_bandwidth);
        let (min_pause, nr_dirtied_pause) = min_pause(hz, rates, max_pause, task_ratelimit);
        let (period, pause) = match task_ratelimit {
            0 => (max_pause, max_pause as i64),
            rate => {
                let period = hz * pages / rate;
                (period, period as i64 - think.unwrap_or(0))
            }
        };
        Decision { max_pause, min_pause, period, pause, nr_dirtied_pause }
    }

    /// Whether the writer sleeps. At a rate of 0 it always does.
    pub fn sleeps(&self, task_ratelimit: u64) -> bool {
        task_ratelimit == 0 || self.pause >= self.min_pause as i64
    }

    /// How long it sleeps if it does.
    pub fn slept(&self) -> u64 {
        self.pause.clamp(0, self.max_pause as i64) as u64
    }
}

/// The memory that ratios are taken of, by kernel, pages.
pub fn dirtyable_of(rules: Rules, total: u64, free: u64, file: u64, reserve: u64) -> u64 {
    match rules.dirtyable {
        Dirtyable::TotalRam => total,
        Dirtyable::Reclaimable => free + file + 1,
        Dirtyable::FreeAndFile => dirtyable(free, file, reserve),
    }
}

impl Decision {
    /// `dirty_paused_when` after a sleep that began in tick `now`: what was beyond the longest
    /// pause is forgiven, up to one such pause.
    pub fn paused_when(&self, now: u64) -> u64 {
        let over = (self.pause - self.max_pause as i64).clamp(0, self.max_pause as i64) as u64;
        now + over + self.slept()
    }
}
