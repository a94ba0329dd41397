//! What a recording says about the averages: each step they took, when, and how many active tasks
//! the kernel must have counted to take it.

use sim_core::load_average::Rules;
use sim_core::load_average::calc::{EXP, FIXED_1, active_load, calc_load};
use sim_core::{KernelVersion, Nanos, SECOND};

use crate::parse::{LoadAvg, Parse};
use crate::{Content, Frame, Recording, Sighting};

/// Ticks a second when the machine does not say: what most distributions build with.
pub const ASSUMED_HZ: u32 = 250;
/// The kernel whose rules are assumed when the machine does not say.
pub const ASSUMED_KERNEL: KernelVersion = KernelVersion::new(6, 12, 0);

/// The averages of a recording over time.
#[derive(Clone, Debug)]
pub struct Averages {
    /// Every sighting, in the order of time.
    seen: Vec<Sighting>,
    /// Whether the figures are the kernel's own integers, not read off the printed text.
    pub exact: bool,
    /// Whether `/proc/loadavg` says something else than the kernel's own figures.
    pub faked: bool,
    /// Each step.
    pub updates: Vec<Update>,
    /// The rules of the kernel; nothing when they are not modelled.
    pub rules: Option<Rules>,
    /// Ticks a second.
    pub hz: u32,
}

/// One step of the averages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Update {
    /// The last time the figures before were seen, ns.
    pub after_ns: Nanos,
    /// The first time the new figures were seen, ns.
    pub seen_ns: Nanos,
    /// The new figures.
    pub avenrun: [u64; 3],
    /// The active tasks that were counted; nothing when no whole number explains the step.
    pub counted: Option<u64>,
}

impl Averages {
    /// What the recording says; nothing when it holds no averages.
    pub fn of(recording: &Recording) -> Option<Averages> {
        let exact = recording.frames.iter().all(|frame| frame.avenrun.is_some());
        let mut seen: Vec<_> = recording.frames.iter().filter_map(|frame| sighting(frame, exact)).collect();
        if exact {
            seen.extend(&recording.sightings);
        }
        seen.sort_by_key(|sighting| sighting.t_ns);
        let kernel = recording.facts.kernel.as_deref().and_then(|k| k.parse().ok()).unwrap_or(ASSUMED_KERNEL);
        let rules = Rules::of(kernel, true).ok();
        let updates = rules.filter(|_| exact).map(|rules| steps(rules, &seen)).unwrap_or_default();
        (!seen.is_empty()).then_some(Averages {
            exact,
            faked: exact && faked(&recording.frames),
            updates,
            rules,
            hz: recording.facts.hz.filter(|hz| (10..=10_000).contains(hz)).unwrap_or(ASSUMED_HZ),
            seen,
        })
    }

    /// The averages at a time: what was seen last at or before it.
    pub fn at(&self, t: Nanos) -> [u64; 3] {
        let after = self.seen.partition_point(|sighting| sighting.t_ns <= t);
        self.seen[after.saturating_sub(1)].avenrun
    }

    /// The first time from `t` on at which the 1-minute average was seen below `limit`, ns.
    pub fn first_below(&self, t: Nanos, limit: u64) -> Option<Nanos> {
        self.seen.iter().find(|sighting| sighting.t_ns >= t && sighting.avenrun[0] < limit).map(|s| s.t_ns)
    }

    /// Every sighting at which the 1-minute average was another than before.
    pub fn one_minute(&self) -> Vec<(Nanos, u64)> {
        let mut steps: Vec<(Nanos, u64)> = Vec::new();
        for sighting in &self.seen {
            if steps.last().is_none_or(|(_, last)| *last != sighting.avenrun[0]) {
                steps.push((sighting.t_ns, sighting.avenrun[0]));
            }
        }
        steps
    }

    /// The counts of the steps that were taken from `from` to `until`. A step is applied a moment
    /// after its count, so one that was seen in the first tenth of a second belongs before.
    pub fn counts(&self, from: Nanos, until: Nanos) -> Vec<Option<u64>> {
        let from = from + SECOND / 10;
        let inside = self.updates.iter().filter(|update| update.after_ns >= from && update.seen_ns <= until);
        inside.map(|update| update.counted).collect()
    }

    /// Time between two steps, ns.
    pub fn period(&self) -> Nanos {
        let hz = u64::from(self.hz);
        self.rules.map_or(5 * hz + 1, |rules| rules.load_freq(hz)) * SECOND / hz
    }

    /// Time of one step modulo the period, ns: the middle of where every step that was seen lets it
    /// be; nothing when no step was seen.
    pub fn phase(&self) -> Option<Nanos> {
        let period = self.period();
        let first = self.updates.first()?;
        let (mut low, mut high) = (i128::from(first.after_ns), i128::from(first.seen_ns));
        for update in &self.updates {
            let n = (update.seen_ns - first.seen_ns + period / 2) / period;
            let shift = i128::from(n * period);
            let bracket = (i128::from(update.after_ns) - shift, i128::from(update.seen_ns) - shift);
            // A step that was seen late, or a clock that is a little off, must not rule out the rest.
            if bracket.0.max(low) < bracket.1.min(high) {
                (low, high) = (bracket.0.max(low), bracket.1.min(high));
            }
        }
        Some(((low + high) / 2).rem_euclid(i128::from(period)) as Nanos)
    }
}

fn sighting(frame: &Frame, exact: bool) -> Option<Sighting> {
    let avenrun = match frame.avenrun {
        Some(avenrun) if exact => avenrun,
        _ => printed(frame)?.hundredths.map(|n| n.saturating_mul(FIXED_1) / 100),
    };
    Some(Sighting { t_ns: frame.t_ns, avenrun })
}

fn printed(frame: &Frame) -> Option<LoadAvg> {
    match frame.files.get(LoadAvg::PATH)? {
        Content::Text(text) => LoadAvg::parse(text).ok(),
        Content::Error(_) => None,
    }
}

/// Whether the printed averages are not those of the kernel (LXCFS prints the container's own). A
/// step between two readings of one frame makes a few differ anyhow.
fn faked(frames: &[Frame]) -> bool {
    let pairs = frames.iter().filter_map(|frame| Some((printed(frame)?, frame.avenrun?)));
    let (mut differ, mut all) = (0, 0);
    for (printed, avenrun) in pairs {
        all += 1;
        differ += usize::from(printed.hundredths != avenrun.map(hundredths));
    }
    differ * 2 > all
}

/// A figure as the kernel prints it, in hundredths.
pub fn hundredths(avenrun: u64) -> u64 {
    let shown = avenrun.saturating_add(FIXED_1 / 200);
    (shown >> 11) * 100 + (((shown & (FIXED_1 - 1)) * 100) >> 11)
}

fn steps(rules: Rules, seen: &[Sighting]) -> Vec<Update> {
    let changed = seen.windows(2).filter(|pair| pair[0].avenrun != pair[1].avenrun);
    changed
        .map(|pair| Update {
            after_ns: pair[0].t_ns,
            seen_ns: pair[1].t_ns,
            avenrun: pair[1].avenrun,
            counted: counted(rules, pair[0].avenrun, pair[1].avenrun),
        })
        .collect()
}

/// The one number of active tasks that takes all three averages from `before` to `after`.
fn counted(rules: Rules, before: [u64; 3], after: [u64; 3]) -> Option<u64> {
    // Far above what any kernel counts; keeps the products below from overflowing.
    if before.iter().chain(&after).any(|raw| *raw > FIXED_1 << 24) {
        return None;
    }
    let weight = (FIXED_1 - EXP[0]) * FIXED_1;
    let guess = ((after[0] * FIXED_1).saturating_sub(before[0] * EXP[0]) + weight / 2) / weight;
    let explains = |n: &u64| {
        let active = active_load(*n as i64);
        (0..3).all(|i| calc_load(rules.rounding, before[i], EXP[i], active) == after[i])
    };
    [guess, guess.saturating_sub(1), guess + 1].into_iter().find(explains)
}

/// The middle one of some numbers; of two middle ones the smaller.
pub fn median<T: Ord + Copy>(mut numbers: Vec<T>) -> Option<T> {
    numbers.sort_unstable();
    numbers.get(numbers.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Facts, Source};

    const RULES_NOW: (u16, u16, u16) = (6, 12, 0);

    fn rules() -> Rules {
        let (a, b, c) = RULES_NOW;
        Rules::of(KernelVersion::new(a, b, c), true).unwrap()
    }

    #[test]
    fn a_step_says_how_many_were_counted() {
        for (before, after, want) in [
            ([0, 0, 0], [164, 34, 11], Some(1)),
            ([1084, 290, 99], [1162, 319, 110], None),
            ([749, 1670, 1916], [689, 1642, 1905], Some(0)),
            ([2048, 2048, 2048], [u64::MAX, 0, 0], None),
        ] {
            assert_eq!(counted(rules(), before, after), want, "{before:?} {after:?}");
        }
        for n in [0, 1, 2, 3, 7, 64, 1000] {
            let before = [500, 3000, 70_000];
            let after: Vec<_> = (0..3).map(|i| calc_load(rules().rounding, before[i], EXP[i], n * FIXED_1)).collect();
            assert_eq!(counted(rules(), before, [after[0], after[1], after[2]]), Some(n));
        }
    }

    #[test]
    fn the_printed_figure_is_the_kernels() {
        for raw in 0..5000 {
            let (h, text) = (hundredths(raw), sim_core::load_average::calc::print_load(raw));
            assert_eq!(format!("{}.{:02}", h / 100, h % 100), text, "{raw}");
        }
    }

    #[test]
    fn the_sampling_clock_is_found_from_coarse_sightings() {
        // Steps at 3.21 s + k periods, looked at once every 700 ms.
        let (period, phase) = (5_004_000_000u64, 3_210_000_000u64);
        let facts = Facts { hz: Some(250), kernel: Some("6.12".into()), ..Facts::default() };
        let mut recording = Recording::new(Source::Live, facts);
        let mut avenrun = [0; 3];
        let mut step = 0;
        for t_ns in (0..90).map(|i| i * 700_000_000) {
            while phase + step * period <= t_ns {
                avenrun = [0, 1, 2].map(|i| calc_load(rules().rounding, avenrun[i], EXP[i], FIXED_1));
                step += 1;
            }
            recording.frames.push(Frame { t_ns, avenrun: Some(avenrun), files: Default::default() });
        }
        let averages = Averages::of(&recording).unwrap();
        assert!(averages.updates.iter().all(|update| update.counted == Some(1)), "{averages:?}");
        let found = averages.phase().unwrap();
        assert!(found.abs_diff(phase) < 150_000_000, "{found}");
    }

    #[test]
    fn the_middle_is_the_middle() {
        for (numbers, want) in [(vec![], None), (vec![4], Some(4)), (vec![9, 1], Some(1)), (vec![3, 1, 2], Some(2))] {
            assert_eq!(median(numbers), want);
        }
    }
}
