//! The files the kernel would show.

use std::fmt::Write;

use super::calc::CLUSTER;
use super::engine::Engine;
use super::memory::Memory;
use super::pressure::Share;
use super::scenario::{Kind, Scenario};
use super::slab::{DENTRIES, INODE_PAGES, INODES};
use crate::load_average::calc::print_fixed;
use crate::model::Files;
use crate::{KernelVersion, Nanos};

/// Room for objects in a slab, of dentries and of inodes.
const SIZES: [(&str, u64, u64, u64); 2] =
    [("dentry", 192, DENTRIES, 1), ("ext4_inode_cache", 1160, INODES, INODE_PAGES)];

/// The lines of `fs/proc/meminfo.c: meminfo_proc_show` that memory itself decides, pages.
pub(super) fn meminfo_pages(m: &Memory) -> Vec<(&'static str, u64)> {
    let [inactive_anon, active_anon, inactive_file, active_file] = m.sizes();
    let (shmem, buffers, slab) = (m.of(Kind::Shmem), m.of(Kind::Device), m.slab.pages());
    vec![
        ("MemTotal", m.managed),
        ("MemFree", m.free),
        ("MemAvailable", m.available()),
        ("Buffers", buffers),
        ("Cached", m.of(Kind::File) + shmem),
        ("SwapCached", 0),
        ("Active", active_anon + active_file),
        ("Inactive", inactive_anon + inactive_file),
        ("Active(anon)", active_anon),
        ("Inactive(anon)", inactive_anon),
        ("Active(file)", active_file),
        ("Inactive(file)", inactive_file),
        ("Unevictable", 0),
        ("Mlocked", 0),
        ("SwapTotal", m.swap_total),
        ("SwapFree", m.swap_free),
        ("Dirty", 0),
        ("Writeback", 0),
        ("AnonPages", m.of(Kind::Heap)),
        ("Shmem", shmem),
        ("KReclaimable", slab),
        ("Slab", slab + m.kernel),
        ("SReclaimable", slab),
        ("SUnreclaim", m.kernel),
    ]
}

fn meminfo(m: &Memory, kernel: KernelVersion) -> String {
    let mut text = String::new();
    for (name, pages) in meminfo_pages(m) {
        // Since 4.20.
        if name != "KReclaimable" || kernel >= KernelVersion::new(4, 20, 0) {
            let _ = writeln!(text, "{:<16}{:>8} kB", format!("{name}:"), pages * 4);
        }
    }
    text
}

/// The lines of `mm/vmstat.c: vmstat_show` that reclaim moves.
fn vmstat(m: &Memory) -> String {
    let (c, rules) = (&m.counters, m.rules);
    let [inactive_anon, active_anon, inactive_file, active_file] = m.sizes();
    let files = m.of(Kind::File) + m.of(Kind::Device) + m.of(Kind::Shmem);
    let mut text = String::new();
    let mut line = |name: &str, value: u64| {
        let _ = writeln!(text, "{name} {value}");
    };
    line("nr_free_pages", m.free);
    line("nr_inactive_anon", inactive_anon);
    line("nr_active_anon", active_anon);
    line("nr_inactive_file", inactive_file);
    line("nr_active_file", active_file);
    line("nr_slab_reclaimable", m.slab.pages());
    line("nr_slab_unreclaimable", m.kernel);
    if rules.anon_refaults {
        for (name, values) in [("refault", c.refault), ("activate", c.activate), ("restore", c.restore)] {
            line(&format!("workingset_{name}_anon"), values[0]);
            line(&format!("workingset_{name}_file"), values[1]);
        }
    } else if rules.file_refaults {
        line("workingset_refault", c.refault[1]);
        line("workingset_activate", c.activate[1]);
        line("workingset_restore", c.restore[1]);
    }
    line("nr_anon_pages", m.of(Kind::Heap));
    line("nr_file_pages", files);
    line("nr_shmem", m.of(Kind::Shmem));
    line("pgpgin", c.pgpgin + c.pswpin * 4);
    line("pgpgout", c.pswpout * 4);
    line("pswpin", c.pswpin);
    line("pswpout", c.pswpout);
    line("pgactivate", c.pgactivate);
    line("pgdeactivate", c.pgdeactivate);
    // Until 4.7 lists belonged to zones.
    let zone = if rules.file_refaults { "" } else { "_normal" };
    line(&format!("pgrefill{zone}"), c.pgrefill);
    line(&format!("pgsteal_kswapd{zone}"), c.pgsteal_by[0]);
    line(&format!("pgsteal_direct{zone}"), c.pgsteal_by[1]);
    line(&format!("pgscan_kswapd{zone}"), c.pgscan_by[0]);
    line(&format!("pgscan_direct{zone}"), c.pgscan_by[1]);
    if rules.counts_types {
        line("pgscan_anon", c.pgscan[0]);
        line("pgscan_file", c.pgscan[1]);
        line("pgsteal_anon", c.pgsteal[0]);
        line("pgsteal_file", c.pgsteal[1]);
    }
    line("slabs_scanned", m.slab.scanned);
    line("pageoutrun", c.pageoutrun);
    line(if rules.file_refaults { "allocstall_normal" } else { "allocstall" }, c.allocstall);
    line("drop_pagecache", c.dropped[0]);
    line("drop_slab", c.dropped[1]);
    if rules.file_refaults {
        line("oom_kill", c.oom_kill);
    }
    text
}

/// The zone's own part of `mm/vmstat.c: zoneinfo_show_print`.
fn zoneinfo(m: &Memory) -> String {
    let mut text = String::from("Node 0, zone   Normal\n");
    for (label, name, pages) in [
        ("  pages ", "free", m.free),
        ("        ", "min", m.marks.min),
        ("        ", "low", m.marks.low),
        ("        ", "high", m.marks.high),
        ("        ", "spanned", m.managed),
        ("        ", "present", m.managed),
        ("        ", "managed", m.managed),
    ] {
        let _ = writeln!(text, "{label}{name:<9}{pages}");
    }
    text + "        protection: (0, 0)\n"
}

/// `mm/swapfile.c: swap_show`. The first page of an area is its header.
fn swaps(m: &Memory) -> String {
    let mut text = String::from("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
    if m.swap_total > 0 {
        let used = m.swap_total - m.swap_free;
        let _ = writeln!(text, "{:<40}partition\t{}\t\t{}\t\t-2", "/dev/sda2", m.swap_total * 4, used * 4);
    }
    text
}

/// `mm/slab_common.c: slab_show` of the two caches that are modelled.
fn slabinfo(m: &Memory) -> String {
    let mut text = String::from(
        "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n",
    );
    let objects = [m.slab.nr_dentry(), m.slab.nr_inodes()];
    for ((name, size, in_slab, pages), active) in SIZES.into_iter().zip(objects) {
        let slabs = active.div_ceil(in_slab);
        let all = slabs * in_slab;
        let _ = writeln!(
            text,
            "{name:<17} {active:>6} {all:>6} {size:>6} {in_slab:>4} {pages:>4} : tunables    0    0    0 : slabdata {slabs:>6} {slabs:>6}      0"
        );
    }
    text
}

fn pressure_line(kind: &str, share: &Share) -> String {
    let [ten, sixty, three_hundred] = share.avg.map(print_fixed);
    format!("{kind} avg10={ten} avg60={sixty} avg300={three_hundred} total={}\n", share.total / 1000)
}

/// Names and inodes a machine has besides those that programs here look up.
fn dentry_state(m: &Memory, kernel: KernelVersion) -> String {
    let nr = m.slab.nr_dentry();
    let negative = if kernel >= KernelVersion::new(5, 0, 0) { m.slab.nr_negative() } else { 0 };
    format!("{nr}\t{nr}\t45\t0\t{negative}\t0\n")
}

/// Every file of a moment.
pub(super) fn all(engine: &Engine, s: &Scenario) -> Files {
    let (m, kernel) = (&engine.m, s.kernel);
    let mut files = Files::new();
    let mut add = |path: &'static str, text: String| {
        files.insert(path.into(), text);
    };
    add("/proc/meminfo", meminfo(m, kernel));
    add("/proc/vmstat", vmstat(m));
    add("/proc/zoneinfo", zoneinfo(m));
    add("/proc/swaps", swaps(m));
    add("/proc/slabinfo", slabinfo(m));
    add("/proc/sys/fs/dentry-state", dentry_state(m, kernel));
    add("/proc/sys/kernel/osrelease", format!("{kernel}\n"));
    add("/proc/sys/vm/swappiness", format!("{}\n", m.swappiness));
    add("/proc/sys/vm/vfs_cache_pressure", format!("{}\n", s.vfs_cache_pressure));
    let min_free = if s.min_free_kbytes > 0 { s.min_free_kbytes as u64 } else { m.marks.min * 4 };
    add("/proc/sys/vm/min_free_kbytes", format!("{min_free}\n"));
    if m.rules.scale_factor {
        add("/proc/sys/vm/watermark_scale_factor", format!("{}\n", s.watermark_scale_factor));
    }
    if kernel >= KernelVersion::new(4, 20, 0) {
        let [some, full] = [("some", &engine.pressure.some), ("full", &engine.pressure.full)]
            .map(|(kind, share)| pressure_line(kind, share));
        add("/proc/pressure/memory", some + &full);
    }
    // The lists here are the older ones.
    if kernel >= KernelVersion::new(6, 1, 0) {
        add("/sys/kernel/mm/lru_gen/enabled", "0x0000\n".to_owned());
    }
    files
}

/// Pages a program can be seen to use: `VmRSS` and `VmSwap`.
pub(super) fn held(m: &Memory, program: usize) -> [u64; 2] {
    m.holdings.get(program).map_or([0; 2], |holding| [holding.resident, holding.swapped].map(|n| n * CLUSTER))
}

/// A stretch of time in ms, for metrics.
pub(super) fn ms(ns: Nanos) -> u64 {
    ns / crate::MILLISECOND
}
