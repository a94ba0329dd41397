//! Recorded traces held against the model.
//!
//! Everything comes from the trace's own files: distances and CPUs from `RUN.json`, watermarks,
//! reserves and per-CPU lists from `RUN.zoneinfo`, the free memory before each scenario, its address
//! and the settings made in between from `RUN.jsonl`.
//!
//! Where a node is full is not known to the page: a fallback of the buddy allocator can raise its
//! watermark, a CPU's list can hold pages the free count does not show, and the count itself lags.
//! So each scenario is run three times with the same allocator: as the files say, with as little as
//! could be free, and with as much. Pages before the first spill of the poorest run must lie exactly
//! where the model puts them; the first spilled page must come between the poorest run's and the
//! richest run's.

use super::files::numa_maps_line;
use super::memory::{Counters, Memory, Settings, Zone, asks};
use super::place::Order;
use super::policy::{Mask, Policy};
use super::recorded::{Cache, Head, Line, Run, Stat};
use super::touched::{Touched, touch};
use super::zoneinfo::{self, ZoneInfo};
use super::zonelist::{Topology, fallback_orders};
use super::{Rules, watermark};
use crate::fidelity::{GoldenError, Tally, Trace};
use crate::{KernelVersion, Text};

/// Least that other tasks are allowed to allocate on a node meanwhile, pages.
const OTHERS_FLOOR: i64 = 16;
/// What reading a file may add to a node's page cache beside it (read-ahead, its own blocks), kB.
const CACHE_SLACK_KB: i64 = 512;

/// What stays the same over a trace.
struct Machine<'a> {
    head: &'a Head,
    rules: Rules,
    topology: Topology,
    zones: Vec<ZoneInfo>,
    settings: Settings,
    weights: Vec<u64>,
    /// Pages other tasks may allocate on a node meanwhile.
    others: i64,
}

/// How much is taken to be free.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Free {
    Least,
    Recorded,
    Most,
}

/// Replays one trace.
///
/// # Errors
/// Files that are missing or do not parse.
pub fn replay(trace: &Trace<'_>) -> Result<Tally, GoldenError> {
    let head: Head = trace.json("json")?;
    if let Some(fault) = head.fault() {
        return Err(trace.error("json", fault));
    }
    let kernel: KernelVersion =
        head.kernel.parse().map_err(|_| trace.error("json", format!("kernel {:?} is not a release", head.kernel)))?;
    let rules = Rules::of(kernel).map_err(|why| trace.error("json", why.en.into_owned()))?;
    let zones = zoneinfo::read(&trace.text("zoneinfo")?).map_err(|what| trace.error("zoneinfo", what))?;
    let nodes = head.distance.len();
    if let Some(info) = zones.iter().find(|info| info.zone.node >= nodes) {
        return Err(trace.error("zoneinfo", format!("has a node {}, RUN.json only {nodes}", info.zone.node)));
    }
    let lines: Vec<Line> = trace.json_lines("jsonl")?;
    for line in &lines {
        if let Line::Run(run) = line
            && let Some(fault) = run.fault(nodes).or_else(|| unknown(&head, run))
        {
            return Err(trace.error("jsonl", fault));
        }
    }
    let topology = Topology {
        distance: head.distance.clone(),
        has_cpu: (0..nodes).map(|node| head.cpu_node.values().any(|of| *of == node)).collect(),
        has_memory: (0..nodes).map(|node| zones.iter().any(|info| info.zone.node == node)).collect(),
    };
    let mut tally = Tally::new(&head.kernel, 0.0);
    tally.measured_in(Text::fixed("페이지", " pages"));
    compare_orders(rules, &topology, &head, &mut tally);
    let mut machine = Machine {
        rules,
        topology,
        zones,
        // Debian builds the multi-generational LRU into both and turns it on from 6.12 on.
        settings: Settings {
            zone_reclaim_mode: 0,
            min_free_kbytes: 0,
            watermark_scale_factor: 10,
            lru_gen: kernel >= KernelVersion::new(6, 12, 0),
        },
        weights: vec![1; nodes],
        others: others(&lines),
        head: &head,
    };
    let mut notes = Notes::default();
    for line in &lines {
        match line {
            Line::Set { set, value, rc } => machine.set(set, value, *rc),
            Line::Cache(cache) => machine.compare_cache(cache, &mut tally),
            Line::Run(run) => machine.compare_run(run, &mut tally, &mut notes),
        }
    }
    notes.tell(&machine, &mut tally);
    Ok(tally)
}

/// A policy, a scope or a CPU that is not known.
fn unknown(head: &Head, run: &Run) -> Option<String> {
    let name = &run.name;
    if run.policy().is_none() {
        return Some(format!("{name}: policy {:?} is not known", run.policy));
    }
    if run.nodes().is_none() {
        return Some(format!("{name}: nodes_arg {:?} is no list of nodes", run.nodes_arg));
    }
    if !matches!(run.scope.as_str(), "task" | "vma") {
        return Some(format!("{name}: scope {:?} is not known", run.scope));
    }
    head.node_of(run.cpu).is_none().then(|| format!("{name}: CPU {} has no node in RUN.json", run.cpu))
}

fn compare_orders(rules: Rules, topology: &Topology, head: &Head, tally: &mut Tally) {
    let orders = fallback_orders(rules, topology);
    for (node, order) in orders.iter().enumerate() {
        let list = order.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let head_of = format!("Fallback order for Node {node}:");
        let Some(line) = head.zonelist.iter().find(|line| line.trim().starts_with(&head_of)) else { continue };
        tally.same("fallback order", &format!("{head_of} {list}"), line.trim());
    }
    tally.note(format!("{} fallback orders, exact", head.zonelist.len()));
}

/// The most pages that other tasks allocated on one node while a task of the trace only exited.
fn others(lines: &[Line]) -> i64 {
    let runs = lines.iter().filter_map(|line| if let Line::Run(run) = line { Some(run) } else { None });
    let quiet = runs.flat_map(|run| run.after_touch.iter().zip(&run.after_exit));
    quiet.map(|(before, after)| after.obtained(before)).max().unwrap_or(0).clamp(OTHERS_FLOOR, 1 << 20)
}

/// What is told of a trace as a whole.
#[derive(Default)]
struct Notes {
    exact_pages: u64,
    spills: Vec<String>,
    inferred: Vec<String>,
    published: Vec<String>,
    worst: i64,
}

impl Notes {
    fn tell(self, machine: &Machine<'_>, tally: &mut Tally) {
        tally.note(format!("{} pages, exact by index", self.exact_pages));
        tally.note(format!(
            "numastat within {} pages a node (the most other tasks took while one only exited, at least {OTHERS_FLOOR}; twice that beside an OOM kill)",
            machine.others
        ));
        if !self.inferred.is_empty() {
            tally.note(format!("first node of the interleave taken as an input: {}", self.inferred.join(", ")));
        }
        if !self.spills.is_empty() {
            tally.note(format!(
                "first spilled page within boost, counter drift and per-CPU lists of RUN.zoneinfo: {}",
                self.spills.join(", ")
            ));
        }
        if !self.published.is_empty() {
            tally.note(format!(
                "not part of the verdict, largest error {} pages: {}",
                self.worst,
                self.published.join(", ")
            ));
        }
    }
}

impl Machine<'_> {
    /// A setting that took effect.
    fn set(&mut self, path: &str, value: &str, rc: i64) {
        let Ok(value) = value.trim().parse::<i64>() else { return };
        if rc != 0 {
            return;
        }
        if let Some(node) = path.strip_prefix("/sys/kernel/mm/mempolicy/weighted_interleave/node") {
            if let Some(weight) = node.parse::<usize>().ok().and_then(|node| self.weights.get_mut(node)) {
                *weight = value.clamp(1, 255) as u64;
            }
            return;
        }
        match path {
            "/proc/sys/vm/zone_reclaim_mode" => self.settings.zone_reclaim_mode = value & 7,
            "/proc/sys/vm/min_free_kbytes" => self.settings.min_free_kbytes = value.clamp(0, 1 << 30),
            "/proc/sys/vm/watermark_scale_factor" => self.settings.watermark_scale_factor = value.clamp(1, 3000),
            "/sys/kernel/mm/lru_gen/enabled" => self.settings.lru_gen = value != 0,
            _ => return,
        }
        // Watermarks are those of zoneinfo until somebody sets what they are made from.
        if path.starts_with("/proc/sys/vm/min_free") || path.starts_with("/proc/sys/vm/watermark") {
            let managed: Vec<i64> = self.zones.iter().map(|info| info.zone.managed).collect();
            let min_free = match self.settings.min_free_kbytes {
                0 => self.zones.iter().map(|info| info.zone.marks.min).sum::<i64>() * 4,
                given => given,
            };
            let marks = watermark::watermarks(self.rules, &managed, min_free, self.settings.watermark_scale_factor);
            for (info, marks) in self.zones.iter_mut().zip(marks) {
                info.zone.marks = marks;
            }
        }
    }

    /// A file read without a policy goes to the page cache of the reader's node.
    fn compare_cache(&self, cache: &Cache, tally: &mut Tally) {
        let Some(local) = self.head.node_of(cache.cpu) else { return };
        let fits = cache.before.get(local).is_some_and(|stat| stat.free_kb / 2 > cache.mib.saturating_mul(1024));
        for (before, after) in cache.before.iter().zip(&cache.after).filter(|_| fits) {
            let want = if before.node == local { cache.mib.saturating_mul(1024) } else { 0 };
            let got = after.file_kb.saturating_sub(before.file_kb);
            // Other nodes may lose cache, they only must not gain any.
            let got = if before.node == local { got } else { got.max(0) };
            let place = format!("{} node {} page cache kB", cache.cache, before.node);
            tally.number_within(&place, want as f64, got as f64, CACHE_SLACK_KB as f64);
        }
    }

    /// The memory before a scenario. What a node has free is known; its lower zones keep what they
    /// had at boot, as higher ones are used first.
    fn memory(&self, before: &[Stat], cpu: usize, free: Free) -> Memory {
        let mut zones: Vec<Zone> = self.zones.iter().map(|info| info.zone.clone()).collect();
        for stat in before {
            let mut left = stat.free_kb / 4;
            let of = (0..zones.len()).filter(|i| zones[*i].node == stat.node).collect::<Vec<_>>();
            let Some((&highest, lower)) = of.split_last() else { continue };
            for &i in lower {
                zones[i].free = zones[i].free.min(left);
                left -= zones[i].free;
            }
            zones[highest].free = left;
            if free == Free::Most {
                zones[highest].cache = stat.file_kb / 4;
            } else if free == Free::Recorded && self.settings.zone_reclaim_mode != 0 {
                let shmem: i64 =
                    self.zones.iter().filter(|info| info.zone.node == stat.node).map(|info| info.shmem).sum();
                zones[highest].cache = (stat.file_kb / 4).saturating_sub(shmem).max(0);
            }
        }
        for (zone, info) in zones.iter_mut().zip(&self.zones) {
            match free {
                Free::Least => zone.free -= info.boost() + info.drift,
                Free::Recorded => {}
                Free::Most => zone.free += info.drift + info.per_cpu,
            }
        }
        if free == Free::Least {
            // Other tasks take theirs first.
            let node = self.head.node_of(cpu);
            for zone in zones.iter_mut().rev() {
                zone.free -= if Some(zone.node) == node || zone.reserve == 0 { self.others } else { 0 };
            }
        }
        let settings = match free {
            // Whether reclaim helps is not part of the bounds.
            Free::Least => Settings { zone_reclaim_mode: 0, ..self.settings },
            _ => self.settings,
        };
        Memory::of_zones(self.rules, self.topology.clone(), zones, settings)
    }

    fn compare_run(&self, run: &Run, tally: &mut Tally, notes: &mut Notes) {
        let (Some(policy), Some(nodes), Some(cpu)) = (run.policy(), run.nodes(), self.head.node_of(run.cpu)) else {
            return;
        };
        let with_memory = Mask::of((0..self.topology.has_memory.len()).filter(|n| self.topology.has_memory[*n]));
        let name = &run.name;
        let mask = match policy.check(self.rules, nodes, with_memory) {
            Ok(mask) => mask,
            Err(errno) => {
                tally.same(&format!("{name} rc, errno"), &format!("-1 {errno}"), &format!("{} {}", run.rc, run.errno));
                return;
            }
        };
        tally.same(&format!("{name} rc, errno"), "0 0", &format!("{} {}", run.rc, run.errno));
        if run.rc != 0 {
            return;
        }
        let order = Order { rules: self.rules, policy, mask, weights: &self.weights, cpu };
        let first_page = self.first_page(run, &order, notes);
        let with = |free| {
            let mut memory = self.memory(&run.before, run.cpu, free);
            let touched = touch(&mut memory, &order, run, first_page);
            (memory, touched)
        };
        let (least, (recorded, nominal), most) = (with(Free::Least).1, with(Free::Recorded), with(Free::Most).1);
        self.compare_killed(run, &least, &nominal, &most, tally, notes);
        self.compare_places(run, &order, first_page, [&least, &nominal, &most], tally, notes);
        if run.killed_by == 0 {
            self.compare_counters(run, &order, &recorded.counters, &least, tally);
        } else {
            // Where memory ended is not part of the verdict; what was asked for until then is.
            let mut memory = self.memory(&run.before, run.cpu, Free::Most);
            let until = Run { pages: run.touched.clamp(0, run.pages), ..run.clone() };
            let touched = touch(&mut memory, &order, &until, first_page);
            if !touched.exhausted {
                self.compare_counters(run, &order, &memory.counters, &Touched { spilled: Some(0), ..touched }, tally);
            }
        }
    }

    /// The page an interleave starts from. Its address says it; where that is not known, the first
    /// recorded node is taken as an input.
    fn first_page(&self, run: &Run, order: &Order<'_>, notes: &mut Notes) -> u64 {
        if let Some(page) = run.first_page() {
            return page;
        }
        let Some((first, _)) = run.placement_rle.first() else { return 0 };
        if matches!(order.policy, Policy::Interleave | Policy::Weighted) {
            notes.inferred.push(run.name.clone());
        }
        let recorded: Vec<usize> = unroll(&run.placement_rle).take(64).collect();
        let fits = |page: &u64| (0..).zip(&recorded).all(|(i, node)| order.turn(page + i) == *node);
        let round: u64 = order.mask.nodes().map(|node| super::policy::weight(&self.weights, node)).sum();
        (0..round.max(1)).find(fits).or_else(|| (0..round.max(1)).find(|page| order.turn(*page) == *first)).unwrap_or(0)
    }

    /// Whether the OOM killer comes, where that is beyond doubt.
    fn compare_killed(
        &self,
        run: &Run,
        least: &Touched,
        nominal: &Touched,
        most: &Touched,
        tally: &mut Tally,
        notes: &mut Notes,
    ) {
        let name = &run.name;
        let killed = if run.killed_by != 0 { "killed" } else { "lived" };
        if !least.exhausted {
            tally.same(&format!("{name} outcome"), "lived", killed);
        } else if most.exhausted {
            tally.same(&format!("{name} outcome"), "killed", killed);
        }
        if run.killed_by != 0 {
            let error = nominal.pages - run.touched;
            notes.worst = notes.worst.max(error.abs());
            notes.published.push(format!("{name} killed at {} of {} ({error:+})", run.touched, run.pages));
        }
    }

    fn compare_places(
        &self,
        run: &Run,
        order: &Order<'_>,
        first_page: u64,
        [least, nominal, most]: [&Touched; 3],
        tally: &mut Tally,
        notes: &mut Notes,
    ) {
        let name = &run.name;
        if run.placement_rle.is_empty() {
            return;
        }
        let wanted = |i: i64| wanted(&self.topology, order, first_page.wrapping_add(i as u64), self.rules);
        let exact = least.spilled.unwrap_or(run.pages);
        let mut first_spilled = None;
        let mut seen = 0;
        for (i, node) in (0..run.pages).zip(unroll(&run.placement_rle)) {
            seen = i + 1;
            if i < exact {
                // One comparison a page.
                tally.number_within(&format!("{name} page {i} node"), wanted(i) as f64, node as f64, 0.0);
                notes.exact_pages += 1;
            } else if first_spilled.is_none() && node != wanted(i) {
                first_spilled = Some((i, node));
                break;
            } else if first_spilled.is_none() && i > exact + (1 << 20) {
                break;
            }
        }
        if least.spilled.is_none() {
            if let Some(page) = run.first_page() {
                let by_node: Vec<_> = (0..self.weights.len()).map(|node| (node, nominal.on_node[node])).collect();
                let active = if self.rules.anon_starts_inactive { 0 } else { run.pages };
                let line = numa_maps_line(page << 12, order.policy, order.mask, &by_node, active);
                tally.same(&format!("{name} numa_maps"), &without_active(&line), &without_active(&run.numa_maps));
            }
            return;
        }
        // With zone_reclaim_mode the local node lasts as long as there is page cache to drop.
        let reclaims = self.settings.zone_reclaim_mode != 0;
        match (first_spilled, most.spilled) {
            (Some((at, node)), upper) if !reclaims => {
                let low = exact;
                let high = upper.unwrap_or(run.pages);
                let predicted = nominal.spilled.unwrap_or(run.pages);
                let bounds = (low as f64, high as f64);
                tally.number_between(&format!("{name} first spilled page"), predicted as f64, at as f64, bounds);
                let next = self.next_node(order, first_page.wrapping_add(at as u64), &run.before);
                if let Some(next) = next {
                    tally.number_within(
                        &format!("{name} node of the first spilled page"),
                        next as f64,
                        node as f64,
                        0.0,
                    );
                }
                notes.spills.push(format!("{name} {at} (predicted {predicted}, {low}..{high})"));
            }
            (None, Some(upper)) if seen == run.pages && !reclaims => {
                tally.number_within(&format!("{name} first spilled page"), upper as f64, run.pages as f64, 0.0);
            }
            _ => {}
        }
        if run.counted("anon=") == Some(run.pages) {
            let errors = (0..self.weights.len()).map(|node| nominal.on_node[node] - run.on_node(node));
            let errors: Vec<i64> = errors.collect();
            notes.worst = notes.worst.max(errors.iter().map(|e| e.abs()).max().unwrap_or(0));
            let text = errors.iter().enumerate().map(|(n, e)| format!("N{n} {e:+}")).collect::<Vec<_>>().join(" ");
            let what = if reclaims { "zone_reclaim" } else { "spill" };
            notes.published.push(format!("{name} {what} {text}"));
        }
    }

    /// The node after the wanted one, if that clearly has memory left.
    fn next_node(&self, order: &Order<'_>, page: u64, before: &[Stat]) -> Option<usize> {
        let (ask, _) = asks(order.policy, order.mask, order.cpu, order.turn(page));
        let orders = fallback_orders(self.rules, &self.topology);
        let walk: Vec<usize> = orders.get(ask.start)?.iter().copied().filter(|n| ask.mask.has(*n)).collect();
        let next = *walk.get(1)?;
        let spare = |info: &ZoneInfo| info.zone.marks.low + info.zone.reserve + info.boost() + info.drift;
        let kept: i64 = self.zones.iter().filter(|info| info.zone.node == next).map(spare).sum();
        let free = before.get(next)?.free_kb / 4;
        // An interleave uses the next node as well, and may have filled it by then.
        let interleaves = matches!(order.policy, Policy::Interleave | Policy::Weighted);
        (!interleaves && free > kept + self.others).then_some(next)
    }

    /// The counters of every node: as the model counted, but for what other tasks took meanwhile.
    fn compare_counters(&self, run: &Run, order: &Order<'_>, model: &[Counters], least: &Touched, tally: &mut Tally) {
        // The OOM killer works too.
        let tolerance = self.others as f64 * if run.killed_by == 0 { 1.0 } else { 2.0 };
        let spills = least.spilled.is_some();
        for (node, (before, after)) in run.before.iter().zip(&run.after_touch).enumerate() {
            let place = |what: &str| format!("{} node {node} {what}", run.name);
            let grown = |what: fn(&Stat) -> i64| what(after).wrapping_sub(what(before)) as f64;
            let split = grown(|s| s.local_node) + grown(|s| s.other_node);
            tally.number_within(&place("local + other"), split, grown(|s| s.numa_hit) + grown(|s| s.numa_miss), 0.0);
            let Some(model) = model.get(node) else { continue };
            if spills {
                // Who gives a page depends on when a node was full; who was asked does not.
                if order.policy != Policy::PreferredMany {
                    let wanted = (model.numa_hit + model.numa_foreign) as f64;
                    let recorded = grown(|s| s.numa_hit) + grown(|s| s.numa_foreign);
                    tally.number_within(&place("hit + foreign"), wanted, recorded, tolerance);
                }
                continue;
            }
            for (what, got, want) in [
                ("numa_hit", model.numa_hit, grown(|s| s.numa_hit)),
                ("numa_miss", model.numa_miss, grown(|s| s.numa_miss)),
                ("numa_foreign", model.numa_foreign, grown(|s| s.numa_foreign)),
                ("interleave_hit", model.interleave_hit, grown(|s| s.interleave_hit)),
                ("local_node", model.local_node, grown(|s| s.local_node)),
                ("other_node", model.other_node, grown(|s| s.other_node)),
            ] {
                tally.number_within(&place(what), got as f64, want, tolerance);
            }
        }
    }
}

/// The node a page is wanted from.
fn wanted(topology: &Topology, order: &Order<'_>, page: u64, rules: Rules) -> usize {
    let turn = order.turn(page);
    let (ask, _) = asks(order.policy, order.mask, order.cpu, turn);
    if ask.mask == Mask::ALL && topology.has_memory.get(ask.start) == Some(&true) {
        return ask.start;
    }
    let orders = fallback_orders(rules, topology);
    let walk = orders.get(ask.start).into_iter().flatten();
    walk.copied().find(|n| ask.mask.has(*n) && topology.has_memory[*n]).unwrap_or(ask.start)
}

/// Nodes page by page.
fn unroll(runs: &[(usize, i64)]) -> impl Iterator<Item = usize> + '_ {
    runs.iter().flat_map(|(node, n)| std::iter::repeat_n(*node, (*n).max(0) as usize))
}

/// The line without `active=`, which the page lists decide.
fn without_active(line: &str) -> String {
    line.split_whitespace().filter(|word| !word.starts_with("active=")).collect::<Vec<_>>().join(" ")
}
