//! Automatic NUMA balancing: what a thread's hinting faults make the kernel do.
//!
//! Models `kernel/sched/fair.c: task_numa_work`, `should_numa_migrate_memory`,
//! `task_numa_placement`, `update_task_scan_period`.

use super::rules::Rules;
use crate::{MILLISECOND, Nanos};

/// Pages marked by one scan (`numa_balancing_scan_size_mb`, 256 MB).
pub const SCAN_PAGES: i64 = 65_536;
/// CPU time before the first scan (`numa_balancing_scan_delay_ms`), ms.
pub const SCAN_DELAY_MS: u64 = 1000;
/// Shortest period of all, ms (1000 / (2560 / scan size)).
const FLOOR_MS: i64 = 100;
/// Slots a scan period is divided into (`NUMA_PERIOD_SLOTS`).
const SLOTS: i64 = 10;
/// Slots of local or private faults from which scanning slows down (`NUMA_PERIOD_THRESHOLD`).
const THRESHOLD: i64 = 7;
/// A node has to have so many times the faults of another before a group's page follows
/// (`ACTIVE_NODE_FRACTION`).
const ACTIVE_NODE_FRACTION: i64 = 3;
/// Passes over the whole memory during which a first fault may migrate.
const FIRST_PASSES: u64 = 4;

/// What is known of a thread.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Faults by the node of the page, decayed by half a pass.
    pub memory: Vec<i64>,
    /// Faults by the node of the CPU, decayed likewise.
    pub cpu: Vec<i64>,
    new_memory: Vec<i64>,
    new_cpu: Vec<i64>,
    /// Faults since the last placement: on pages of other nodes, and of its own.
    locality: [i64; 2],
    /// Faults since the last placement: pages others used too, and its own.
    privacy: [i64; 2],
    /// Its preferred node (`numa_preferred_nid`).
    pub preferred: Option<usize>,
}

impl Faults {
    pub(super) fn new(nodes: usize) -> Faults {
        let none = || vec![0; nodes];
        Faults { memory: none(), cpu: none(), new_memory: none(), new_cpu: none(), ..Faults::default() }
    }

    /// Writes a fault of so many pages down (`task_numa_fault`).
    pub(super) fn note(&mut self, page_node: usize, cpu_node: usize, private: bool, pages: i64) {
        self.new_memory[page_node] += pages;
        self.new_cpu[cpu_node] += pages;
        self.locality[usize::from(page_node == cpu_node)] += pages;
        self.privacy[usize::from(private)] += pages;
    }

    /// Halves what is known and adds what is new.
    pub(super) fn decay(&mut self) {
        for (known, new) in [(&mut self.memory, &mut self.new_memory), (&mut self.cpu, &mut self.new_cpu)] {
            for (known, new) in known.iter_mut().zip(new) {
                *known = *known / 2 + std::mem::take(new);
            }
        }
    }
}

/// The node with the most faults; the first of equals, and none without faults.
pub fn most(faults: &[i64]) -> Option<usize> {
    let best = faults.iter().copied().max().filter(|most| *most > 0)?;
    faults.iter().position(|n| *n == best)
}

/// What the kernel keeps of a process.
#[derive(Clone, Debug, Default)]
pub struct Balancing {
    /// When it is scanned next; 0 before the first time is known.
    pub next_scan: Nanos,
    /// Time between scans, ms (`numa_scan_period`).
    pub period_ms: i64,
    /// Cell the next scan goes on from.
    pub cursor: usize,
    /// Pages of its budget the last scan left over.
    pub budget: i64,
    /// Passes over the whole memory (`numa_scan_seq`).
    pub passes: u64,
    /// Whether threads were seen to share pages (`numa_group`).
    pub grouped: bool,
    /// Whether pages could not be moved since the last placement.
    pub failed: bool,
}

/// Shortest and longest scan period for so much memory, ms: `task_scan_min`, `task_scan_max`.
pub fn periods(rules: Rules, rss: i64) -> (i64, i64) {
    let windows = (rss.max(1) as u64).div_ceil(SCAN_PAGES as u64) as i64;
    let min = (rules.scan_period_min / windows).max(FLOOR_MS);
    (min, (rules.scan_period_max / windows).max(min))
}

/// A page that is faulted on.
#[derive(Clone, Copy, Debug)]
pub struct Fault<'a> {
    /// The node it is on.
    pub from: usize,
    /// The node of the CPU that faults.
    pub to: usize,
    /// The thread that faults.
    pub thread: usize,
    /// Node of the CPU, and thread, of the fault before it.
    pub last: Option<(usize, usize)>,
    /// What is known of the thread, or of its group.
    pub memory: &'a [i64],
    /// The same by CPU.
    pub cpu: &'a [i64],
    /// The thread's preferred node.
    pub preferred: Option<usize>,
    /// Passes so far.
    pub passes: u64,
    /// Whether the thread is in a group.
    pub grouped: bool,
}

/// Whether a page follows the CPU that faults on it: `should_numa_migrate_memory`.
pub fn should_migrate(rules: Rules, fault: &Fault<'_>) -> bool {
    let mine = fault.last.is_none_or(|(_, thread)| thread == fault.thread);
    if rules.first_fault_migrates && (fault.preferred.is_none() || fault.passes <= FIRST_PASSES) && mine {
        return true;
    }
    match fault.last {
        // The two-stage filter: twice in a row from this node.
        Some((node, _)) if node != fault.to => return false,
        Some((_, thread)) if thread == fault.thread => return true,
        _ => {}
    }
    if !fault.grouped {
        return true;
    }
    let (from, to) = (fault.from, fault.to);
    if fault.cpu[to] > fault.cpu[from].saturating_mul(ACTIVE_NODE_FRACTION) {
        return true;
    }
    let product = |a: i64, b: i64, times: i128| i128::from(a) * i128::from(b) * times;
    product(fault.cpu[to], fault.memory[from], 3) > product(fault.cpu[from], fault.memory[to], 4)
}

/// The next scan period from the faults since the last placement: `update_task_scan_period`.
pub fn next_period(faults: &mut Faults, period: i64, failed: bool, (min, max): (i64, i64)) -> i64 {
    let [remote, local] = std::mem::take(&mut faults.locality);
    let [shared, private] = std::mem::take(&mut faults.privacy);
    if local + shared == 0 || failed {
        return period.saturating_mul(2).clamp(min, max);
    }
    let slot = (period.max(1) as u64).div_ceil(SLOTS as u64) as i64;
    let local = local * SLOTS / (local + remote).max(1);
    let private = private * SLOTS / (private + shared).max(1);
    let slots = if private >= THRESHOLD {
        (private - THRESHOLD).max(1)
    } else if local >= THRESHOLD {
        (local - THRESHOLD).max(1)
    } else {
        local.max(private) - THRESHOLD
    };
    (period + slots * slot).clamp(min, max)
}

/// A period as time.
pub fn period(ms: i64) -> Nanos {
    ms.max(1) as u64 * MILLISECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(kernel: &str) -> Rules {
        Rules::of(kernel.parse().unwrap()).unwrap()
    }

    #[test]
    fn larger_memory_is_scanned_more_often() {
        for (mib, want) in [
            (64, (1000, 60_000)),
            (256, (1000, 60_000)),
            (257, (500, 30_000)),
            (1024, (250, 15_000)),
            (65_536, (100, 234)),
        ] {
            assert_eq!(periods(rules("6.1"), mib * 256), want, "{mib} MiB");
        }
    }

    #[test]
    fn a_page_follows_only_who_comes_twice() {
        let even = [100, 100];
        let base = Fault {
            from: 0,
            to: 1,
            thread: 7,
            last: None,
            memory: &even,
            cpu: &even,
            preferred: Some(1),
            passes: 9,
            grouped: false,
        };
        let early = Fault { preferred: None, passes: 1, ..base };
        let group = Fault { grouped: true, last: Some((1, 8)), ..base };
        for (name, kernel, fault, want) in [
            ("a: first fault, early", "6.1", early, true),
            ("a: not in 3.10, but nothing speaks against it", "3.10", early, true),
            (
                "a: early, but the last was another thread on another node",
                "6.1",
                Fault { last: Some((0, 8)), ..early },
                false,
            ),
            ("a: early, mine, though I came from another node", "6.1", Fault { last: Some((0, 7)), ..early }, true),
            ("b: in 3.10 that is filtered", "3.10", Fault { last: Some((0, 7)), ..early }, false),
            ("b: the last fault came from another node", "6.1", Fault { last: Some((0, 7)), ..base }, false),
            ("c: twice mine", "6.1", Fault { last: Some((1, 7)), ..base }, true),
            ("d: no group", "6.1", Fault { last: Some((1, 8)), ..base }, true),
            ("e, f: a group that uses both nodes alike", "6.1", group, false),
            ("e: a group that mostly runs there", "6.1", Fault { cpu: &[10, 100], ..group }, true),
            (
                "f: its CPUs are there, its memory here",
                "6.1",
                Fault { cpu: &[50, 100], memory: &[100, 50], ..group },
                true,
            ),
        ] {
            assert_eq!(should_migrate(rules(kernel), &fault), want, "{name}");
        }
    }

    #[test]
    fn the_period_follows_how_local_faults_are() {
        // local, remote, private, shared: slots of a tenth that are added.
        for (local, remote, private, shared, want) in [
            (100, 0, 100, 0, 1300),
            (70, 30, 70, 30, 1100),
            (90, 10, 10, 90, 1200),
            (0, 100, 0, 100, 300),
            (50, 50, 60, 40, 900),
        ] {
            let mut faults = Faults { locality: [remote, local], privacy: [shared, private], ..Faults::new(2) };
            assert_eq!(
                next_period(&mut faults, 1000, false, (100, 60_000)),
                want,
                "{local} {remote} {private} {shared}"
            );
        }
        let mut none = Faults::new(2);
        assert_eq!(next_period(&mut none, 1000, false, (100, 60_000)), 2000);
    }
}
