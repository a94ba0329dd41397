//! The files the kernel would show.

use std::borrow::Cow;
use std::fmt::Write;

use super::balance::wb_thresh;
use super::disk::Disk;
use super::model::DirtyWriteback;
use super::rules::Throttling;
use crate::KernelVersion;
use crate::model::Files;

/// The lines of `mm/vmstat.c: vmstat_show` that dirty pages touch.
fn vmstat(model: &DirtyWriteback) -> String {
    let m = model.machine();
    let (active, inactive) = model.file_lists();
    let mut text = format!("nr_free_pages {}\nnr_inactive_file {inactive}\nnr_active_file {active}\n", m.free);
    let _ = write!(text, "nr_dirty {}\nnr_writeback {}\n", m.nr_dirty, m.nr_writeback);
    // Since 2.6.37.
    if model.kernel() >= KernelVersion::new(2, 6, 37) {
        let _ = write!(
            text,
            "nr_dirtied {}\nnr_written {}\nnr_dirty_threshold {}\nnr_dirty_background_threshold {}\n",
            m.nr_dirtied, m.nr_written, m.thresholds.thresh, m.thresholds.bg_thresh
        );
    }
    text
}

/// The lines of `fs/proc/meminfo.c: meminfo_proc_show` that dirty pages touch.
fn meminfo(model: &DirtyWriteback) -> String {
    let m = model.machine();
    let (active, inactive) = model.file_lists();
    let mut text = String::new();
    for (name, pages) in [
        ("MemTotal:", m.total),
        ("MemFree:", m.free),
        ("Cached:", m.file),
        ("Active(file):", active),
        ("Inactive(file):", inactive),
        ("Dirty:", m.nr_dirty),
        ("Writeback:", m.nr_writeback),
    ] {
        let _ = writeln!(text, "{name:<16}{:>8} kB", pages * 4);
    }
    text
}

/// `mm/backing-dev.c: bdi_debug_stats_show`.
fn bdi_stats(model: &DirtyWriteback, disk: &Disk) -> String {
    let m = model.machine();
    let new = m.rules.throttling == Throttling::Pauses;
    let (b_dirty, b_io, b_more_io) = disk.flush.lengths();
    let mut text = String::new();
    let mut line = |name: &str, value: u64, unit: &str| {
        let _ = writeln!(text, "{name:<20}{value:>10}{unit}");
    };
    line("BdiWriteback:", disk.writeback * 4, " kB");
    line("BdiReclaimable:", disk.reclaimable * 4, " kB");
    line("BdiDirtyThresh:", wb_thresh(m, disk) * 4, " kB");
    line("DirtyThresh:", m.thresholds.thresh * 4, " kB");
    line("BackgroundThresh:", m.thresholds.bg_thresh * 4, " kB");
    if new {
        line("BdiDirtied:", disk.dirtied * 4, " kB");
        line("BdiWritten:", disk.written * 4, " kB");
        line("BdiWriteBandwidth:", disk.rates.write_bandwidth * 4, " kBps");
    }
    line("b_dirty:", b_dirty, "");
    line("b_io:", b_io, "");
    line("b_more_io:", b_more_io, "");
    text
}

/// Every file of the model.
pub fn all(model: &DirtyWriteback) -> Files {
    let s = model.scenario();
    let mut files = Files::new();
    let mut add = |path: Cow<'static, str>, text: String| {
        files.insert(path, text);
    };
    add(Cow::Borrowed("/proc/vmstat"), vmstat(model));
    add(Cow::Borrowed("/proc/meminfo"), meminfo(model));
    add(Cow::Borrowed("/proc/sys/kernel/osrelease"), format!("{}\n", s.kernel));
    // Setting a size clears its ratio, and the other way round.
    let ratio = |ratio: i64, bytes: i64| if bytes > 0 { 0 } else { ratio };
    let bytes = s.kernel >= KernelVersion::new(2, 6, 29);
    for (path, value, there) in [
        ("/proc/sys/vm/dirty_ratio", ratio(s.dirty_ratio, s.dirty_bytes), true),
        ("/proc/sys/vm/dirty_background_ratio", ratio(s.dirty_background_ratio, s.dirty_background_bytes), true),
        ("/proc/sys/vm/dirty_bytes", s.dirty_bytes, bytes),
        ("/proc/sys/vm/dirty_background_bytes", s.dirty_background_bytes, bytes),
        ("/proc/sys/vm/dirty_expire_centisecs", s.dirty_expire_centisecs, true),
        ("/proc/sys/vm/dirty_writeback_centisecs", s.dirty_writeback_centisecs, true),
    ] {
        if there {
            add(Cow::Borrowed(path), format!("{value}\n"));
        }
    }
    if s.kernel >= KernelVersion::new(2, 6, 32) {
        for (i, disk) in model.disks().iter().enumerate() {
            // sda, sdb, …: sixteen minors each.
            let device = format!("8:{}", 16 * i);
            add(Cow::Owned(format!("/sys/kernel/debug/bdi/{device}/stats")), bdi_stats(model, disk));
            let bounds = disk.config.bounds;
            add(Cow::Owned(format!("/sys/class/bdi/{device}/min_ratio")), format!("{}\n", bounds.min));
            add(Cow::Owned(format!("/sys/class/bdi/{device}/max_ratio")), format!("{}\n", bounds.max));
        }
    }
    files
}
