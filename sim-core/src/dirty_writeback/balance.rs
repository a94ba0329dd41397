//! What happens to a writer that comes to be looked at (`mm/page-writeback.c:
//! balance_dirty_pages`).

use super::calc::{self, Decision, Position};
use super::disk::{Disk, Helper};
use super::engine::Engine;
use super::flusher::Flush;
use super::happening::Happening;
use super::machine::Machine;
use super::rules::Throttling;
use super::share::wb_calc_thresh;
use super::writer::{Doing, Writer};

/// A disk's part of the threshold.
pub fn wb_thresh(m: &Machine, disk: &Disk) -> u64 {
    let fraction = m.completions.fraction(&disk.share);
    wb_calc_thresh(m.rules.floor, disk.config.bounds, fraction, m.thresholds.thresh, m.dirty())
}

/// Where machine and disk stand.
pub fn position(m: &Machine, disk: &Disk) -> Position {
    Position {
        thresholds: m.thresholds,
        limit: m.hard_limit(),
        dirty: m.dirty(),
        wb_thresh: wb_thresh(m, disk),
        wb_dirty: disk.reclaimable + disk.writeback,
        avg_write_bandwidth: disk.rates.avg_write_bandwidth,
        strictlimit: disk.config.bounds.strict,
    }
}

/// One look at a writer.
pub fn look(engine: &mut Engine, i: usize) {
    match engine.m.rules.throttling {
        Throttling::Pauses => throttle(engine, i),
        Throttling::WriterWrites => write_out(engine, i),
    }
}

fn throttle(engine: &mut Engine, i: usize) {
    let Engine { m, disks, writers, now, .. } = engine;
    let writer = &mut writers[i];
    let disk = &mut disks[writer.config.disk];
    let tick = m.now;
    if m.nr_dirty > m.thresholds.bg_thresh {
        Flush::kick(disk, m, *now);
    }
    let mut p = position(m, disk);
    let free = if p.strictlimit {
        p.wb_dirty <= (p.wb_thresh + p.wb_bg_thresh()) / 2
    } else {
        p.dirty <= p.thresholds.freerun()
    };
    if free {
        run_free(writer, tick, calc::dirty_poll_interval(p.dirty, p.thresholds.thresh));
        disk.dirty_exceeded = false;
        engine.resume(i);
        return;
    }
    Flush::kick(disk, m, *now);
    let due = disk.bw_time_stamp + m.bandwidth_interval() < tick;
    if m.rules.early_update && due {
        m.update_dirty_limit(tick, &p);
        p.limit = m.hard_limit();
    }
    disk.pos_ratio = calc::position_ratio(m.rules, &p);
    disk.dirty_exceeded = p.wb_dirty > p.wb_thresh && (p.dirty > p.thresholds.thresh || p.strictlimit);
    if due {
        let before = disk.rates.dirty_ratelimit;
        if let Some((dirty_rate, _)) = disk.update_rates(m, tick, tick, &p) {
            let (after, bandwidth) = (disk.rates.dirty_ratelimit, disk.rates.avg_write_bandwidth);
            m.happen(*now, Happening::Rate { disk: disk.index, before, after, bandwidth, dirty_rate });
        }
    }
    let rate = disk.rates.dirty_ratelimit.wrapping_mul(disk.pos_ratio) >> 10;
    let think = writer.dirty_paused_when.map(|when| tick as i64 - when as i64);
    let pages = writer.pages_dirtied;
    let decision = Decision::make(m.hz, disk.rates, p.wb_dirty, rate, pages, think);
    if !decision.sleeps(rate) {
        no_sleep(writer, m.hz, tick, &decision);
        engine.resume(i);
        return;
    }
    let pause = decision.slept();
    writer.dirty_paused_when = Some(decision.paused_when(tick));
    writer.nr_dirtied = 0;
    writer.nr_dirtied_pause = decision.nr_dirtied_pause;
    writer.last_pause = pause;
    writer.allowed = Some(rate);
    let until = m.time_of(calc::timer_expiry(m.rules, tick, tick + pause)).max(*now + 1);
    writer.doing = Doing::Paused { since: *now, until, again: rate == 0 };
    let pause_ms = writer.pause_ms(m);
    let happening = Happening::Throttle { writer: i, dirty: p.dirty, pos_ratio: disk.pos_ratio, rate, pages, pause_ms };
    m.happen(*now, happening);
}

fn run_free(writer: &mut Writer, tick: u64, poll: u64) {
    writer.dirty_paused_when = Some(tick);
    writer.nr_dirtied = 0;
    writer.nr_dirtied_pause = poll;
    writer.allowed = None;
}

/// Too short a pause to be slept is remembered (`pause < min_pause`).
fn no_sleep(writer: &mut Writer, hz: u64, tick: u64, decision: &Decision) {
    let paused_when = writer.dirty_paused_when;
    if decision.pause < -(hz as i64) {
        writer.dirty_paused_when = Some(tick);
        writer.nr_dirtied = 0;
    } else if decision.period > 0 {
        // A task that was never paused counts from the start of the machine.
        writer.dirty_paused_when = Some(paused_when.unwrap_or(tick) + decision.period);
        writer.nr_dirtied = 0;
    } else if writer.nr_dirtied_pause <= writer.pages_dirtied {
        writer.nr_dirtied_pause += writer.pages_dirtied;
    }
}

/// Until 3.1 the writer works its debt off: it hands pages to the disk itself.
fn write_out(engine: &mut Engine, i: usize) {
    let Engine { m, disks, writers, now, .. } = engine;
    let writer = &mut writers[i];
    let disk = &mut disks[writer.config.disk];
    writer.nr_dirtied = 0;
    let share = share_of_task(m, disk, writer);
    let wb_dirty = disk.reclaimable + disk.writeback;
    let above = m.dirty() >= m.thresholds.freerun();
    if wb_dirty <= share || !above {
        disk.dirty_exceeded = false;
        if m.nr_dirty > m.thresholds.bg_thresh {
            Flush::kick(disk, m, *now);
        }
        engine.resume(i);
        return;
    }
    disk.dirty_exceeded = true;
    if writer.stall.is_none() {
        writer.stall = Some((*now, 1));
    }
    if disk.reclaimable > 0 {
        let pages = m.ratelimit_pages.max(writer.pages_dirtied) * 3 / 2;
        let dirty = m.dirty();
        m.happen(*now, Happening::Stall { writer: i, pages, dirty });
        writer.doing = Doing::WritingOut;
        let next = writer.config.inode;
        disk.helpers.push_back(Helper { writer: i, left: pages, inode: None, next });
        disk.pump(m, *now);
        engine.wake_waiting();
    } else {
        sleep_and_look(engine, i);
    }
}

/// The share of the disk, less for who dirties most (`task_dirty_limit`).
fn share_of_task(m: &Machine, disk: &Disk, writer: &Writer) -> u64 {
    let share = wb_thresh(m, disk);
    let own = (share >> 3) * writer.total / m.nr_dirtied.max(1);
    (share - own.min(share)).max(share / 2)
}

/// An old kernel's writer has handed over what it had to.
pub fn wrote_out(engine: &mut Engine, i: usize) {
    let disk = &engine.disks[engine.writers[i].config.disk];
    if disk.reclaimable == 0 && disk.writeback > share_of_task(&engine.m, disk, &engine.writers[i]) {
        sleep_and_look(engine, i);
    } else {
        // It has done its duty, whatever the others did meanwhile.
        engine.resume(i);
    }
}

fn sleep_and_look(engine: &mut Engine, i: usize) {
    let Engine { m, writers, now, .. } = engine;
    let writer = &mut writers[i];
    let (since, ticks) = writer.stall.unwrap_or((*now, 1));
    writer.stall = Some((since, (ticks * 2).min((m.hz / 10).max(1))));
    writer.last_pause = ticks;
    let until = m.time_of(calc::timer_expiry(m.rules, m.now, m.now + ticks)).max(*now + 1);
    writer.doing = Doing::Paused { since: *now, until, again: true };
}
