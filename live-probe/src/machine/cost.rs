//! What looking at the machine costs the machine.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::LiveMachine;
use super::sampler::Sampler;
use crate::top;

/// Files of the sample that is measured: those of the live view.
const FILES: [&str; 3] = ["/proc/loadavg", "/proc/stat", "/proc/pressure/cpu"];
/// Rounds of both ways of reading, one after the other.
const ROUNDS: usize = 400;

/// What looking costs, in microseconds of wall-clock time, medians of [`ROUNDS`] rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// One sample of the live view, three files and the averages.
    #[serde(flatten)]
    pub sample: Pair,
    /// Share of one CPU that a sample a second takes, in percent.
    pub cpu_pct_at_1_hz: f64,
    /// The figures of all chapters, as `top` shows them, read and understood.
    pub chapters: Pair,
}

/// Our way of looking beside a plain one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// Ours.
    pub sample_us: f64,
    /// The same files opened, read and closed as `cat` would.
    pub raw_us: f64,
    /// The first divided by the second.
    pub ratio: f64,
}

/// Measures it here and now; takes about a second.
///
/// # Errors
/// `/` cannot be opened.
pub fn measure() -> std::io::Result<Cost> {
    let mut sampler = Sampler::new(FILES)?;
    let sample = in_turns(&FILES, || {
        std::hint::black_box(sampler.sample().files().filter(|(_, text)| text.is_ok()).count());
    });
    let machine = LiveMachine::here()?;
    let (mut look, paths) = top::look_at_all();
    let chapters = in_turns(&paths, || look(&machine));
    Ok(Cost { sample, cpu_pct_at_1_hz: sample.sample_us / 10_000.0, chapters })
}

/// In turns, so that what else happens on the machine meets both alike.
fn in_turns(paths: &[&str], mut ours: impl FnMut()) -> Pair {
    ours();
    let (mut samples, mut raws) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        ours();
        samples.push(start.elapsed());
        let start = Instant::now();
        for path in paths {
            let _ = std::hint::black_box(std::fs::read(path));
        }
        raws.push(start.elapsed());
    }
    let (sample_us, raw_us) = (median_us(samples), median_us(raws));
    Pair { sample_us, raw_us, ratio: sample_us / raw_us }
}

fn median_us(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    // How much it is depends on the machine and on who else is at work, so no bound is tested here.
    #[test]
    #[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
    fn the_figures_of_a_measurement_fit_each_other() {
        let cost = measure().unwrap();
        for pair in [cost.sample, cost.chapters] {
            assert!(pair.sample_us > 0.0 && pair.raw_us > 0.0, "{pair:?}");
            assert!((pair.ratio * pair.raw_us / pair.sample_us - 1.0).abs() < 1e-9, "{pair:?}");
        }
        assert!((cost.cpu_pct_at_1_hz * 10_000.0 / cost.sample.sample_us - 1.0).abs() < 1e-9, "{cost:?}");
    }

    #[test]
    fn the_median_is_the_middle_one() {
        let times = |us: &[u64]| us.iter().map(|us| Duration::from_micros(*us)).collect();
        assert_eq!(median_us(times(&[9, 1, 5])), 5.0);
        assert_eq!(median_us(times(&[])), 0.0);
    }
}
