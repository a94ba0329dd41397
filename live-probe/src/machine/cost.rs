//! What looking at the machine costs the machine.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::sampler::Sampler;

/// Files of the sample that is measured: those of the live view.
const FILES: [&str; 3] = ["/proc/loadavg", "/proc/stat", "/proc/pressure/cpu"];
/// Rounds of both ways of reading, one after the other.
const ROUNDS: usize = 400;

/// Cost of a sample, in microseconds of wall-clock time, medians of [`ROUNDS`] rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// One sample: three files and the averages.
    pub sample_us: f64,
    /// The same files opened, read and closed as `cat` would.
    pub raw_us: f64,
    /// The first divided by the second.
    pub ratio: f64,
    /// Share of one CPU that a sample a second takes, in percent.
    pub cpu_pct_at_1_hz: f64,
}

/// Measures it here and now; takes some tens of milliseconds.
///
/// # Errors
/// `/` cannot be opened.
pub fn measure() -> std::io::Result<Cost> {
    let mut sampler = Sampler::new(FILES)?;
    sampler.sample();
    let (mut samples, mut raws) = (Vec::new(), Vec::new());
    // In turns, so that what else happens on the machine meets both alike.
    for _ in 0..ROUNDS {
        let start = Instant::now();
        std::hint::black_box(sampler.sample().files().filter(|(_, text)| text.is_ok()).count());
        samples.push(start.elapsed());
        let start = Instant::now();
        for path in FILES {
            let _ = std::hint::black_box(std::fs::read(path));
        }
        raws.push(start.elapsed());
    }
    let (sample_us, raw_us) = (median_us(samples), median_us(raws));
    Ok(Cost { sample_us, raw_us, ratio: sample_us / raw_us, cpu_pct_at_1_hz: sample_us / 10_000.0 })
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
        assert!(cost.sample_us > 0.0 && cost.raw_us > 0.0, "{cost:?}");
        assert!((cost.ratio * cost.raw_us / cost.sample_us - 1.0).abs() < 1e-9, "{cost:?}");
        assert!((cost.cpu_pct_at_1_hz * 10_000.0 / cost.sample_us - 1.0).abs() < 1e-9, "{cost:?}");
    }

    #[test]
    fn the_median_is_the_middle_one() {
        let times = |us: &[u64]| us.iter().map(|us| Duration::from_micros(*us)).collect();
        assert_eq!(median_us(times(&[9, 1, 5])), 5.0);
        assert_eq!(median_us(times(&[])), 0.0);
    }
}
