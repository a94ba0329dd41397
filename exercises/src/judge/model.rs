//! The simulator's column: the model run with the machine's own values.

use sim_core::load_average::{LoadAverage, Scenario, State, Task};
use sim_core::{KernelVersion, Log, MILLISECOND, Model, Nanos, Text, Token, Valid, text};

use super::averages::{ASSUMED_KERNEL, Averages};
use crate::parse::{CpuPressure, Parse};
use crate::simulate::tasks_of;
use crate::{Facts, Load, Point, Ran};

/// Ticks a second the model knows.
const MODEL_HZ: [u32; 4] = [100, 250, 300, 1000];

/// A run of the model from the moment a load began.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The 1-minute average from each moment on; times are the recording's, ns.
    pub steps: Vec<(Nanos, u64)>,
    /// `avg10` of `/proc/pressure/cpu` when the load ended, in hundredths of a percent.
    pub cpu_pressure: Option<u64>,
    /// Opens the run in a widget or a terminal, at the end of the load.
    pub token: String,
    /// What had to be assumed, for the reader.
    pub assumed: Vec<Text>,
}

impl Simulation {
    /// Runs `loads` on a machine like the recorded one, with `background` other tasks that are
    /// runnable all the time.
    ///
    /// # Errors
    /// Why there is no such run, for a reader.
    pub fn run(
        facts: &Facts,
        averages: &Averages,
        ran: &Ran,
        loads: &[Load],
        background: u64,
    ) -> Result<Simulation, Text> {
        let mut assumed = Vec::new();
        let scenario = Valid::<LoadAverage>::new(scenario(facts, averages, ran, loads, background, &mut assumed))
            .map_err(|problems| {
                let why = problems.first().map(|problem| problem.text()).unwrap_or_default();
                let Text { ko, en } = why;
                text!(
                    ko: "이 컴퓨터의 값으로는 시뮬레이션할 수 없습니다. {ko}",
                    en: "The simulator cannot take this machine's values: {en}"
                )
            })?;
        let load_ns = ran.until_ns - ran.from_ns;
        let mut model = LoadAverage::start(&scenario);
        let mut steps = vec![(ran.from_ns, model.avenrun()[0])];
        let mut cpu_pressure = None;
        for end in [load_ns, model.ends()] {
            while model.now() < end.min(model.ends()) {
                model.advance(end, &mut Log::silent());
                if steps.last().is_none_or(|(_, last)| *last != model.avenrun()[0]) {
                    steps.push((ran.from_ns + model.now(), model.avenrun()[0]));
                }
            }
            let pressure = || CpuPressure::parse(model.files().get(CpuPressure::PATH)?).ok();
            cpu_pressure = cpu_pressure.or_else(|| Some(pressure()?.avg10));
        }
        let token = Token::new(scenario, load_ns).to_string();
        Ok(Simulation { steps, cpu_pressure, token, assumed })
    }

    /// The 1-minute average at a time of the recording.
    pub fn at(&self, t: Nanos) -> u64 {
        let after = self.steps.partition_point(|(from, _)| *from <= t);
        self.steps[after.saturating_sub(1)].1
    }

    /// The first time from `t` on at which the 1-minute average is below `limit`, ns.
    pub fn first_below(&self, t: Nanos, limit: u64) -> Option<Nanos> {
        if self.at(t) < limit {
            return Some(t);
        }
        self.steps.iter().find(|(from, raw)| *from >= t && *raw < limit).map(|(from, _)| *from)
    }
}

/// Steps of a curve as points.
pub fn points(steps: &[(Nanos, u64)]) -> Vec<Point> {
    steps.iter().map(|(t, avenrun)| Point { t_ms: t / MILLISECOND, avenrun: *avenrun }).collect()
}

fn scenario(
    facts: &Facts,
    averages: &Averages,
    ran: &Ran,
    loads: &[Load],
    background: u64,
    assumed: &mut Vec<Text>,
) -> Scenario {
    let kernel = facts.kernel.as_deref().and_then(|release| release.parse::<KernelVersion>().ok());
    if kernel.is_none() {
        assumed.push(text!(
            ko: "커널 버전을 알 수 없어 {ASSUMED_KERNEL}의 계산 방식으로 시뮬레이션했습니다.",
            en: "The kernel's version is not known; the simulator used the rules of {ASSUMED_KERNEL}."
        ));
    }
    let hz = if MODEL_HZ.contains(&averages.hz) { averages.hz } else { super::averages::ASSUMED_HZ };
    if facts.hz != Some(hz) {
        assumed.push(text!(
            ko: "HZ를 알 수 없어 {hz} Hz로 시뮬레이션했습니다. 표본 주기가 0.2 %쯤 달라질 뿐입니다.",
            en: "HZ is not known; the simulator used {hz}. It changes the sampling period by about 0.2 %."
        ));
    }
    let cpus = facts.cpus.unwrap_or(1).clamp(1, 64);
    let load_ms = ((ran.until_ns - ran.from_ns) / MILLISECOND) as i64;
    let duration_ms = load_ms + i64::from(ran.workload.after_s) * 1000;
    let mut tasks: Vec<_> = loads.iter().filter_map(|load| tasks_of(*load, cpus, 0, load_ms)).collect();
    if background > 0 {
        // Beside the load, not on top of it.
        let busy = loads.iter().map(|load| i64::from(load.tasks(cpus))).sum::<i64>() % i64::from(cpus);
        let count = i64::try_from(background).unwrap_or(i64::MAX);
        tasks.push(Task::new(State::Runnable, 0, duration_ms).on_cpu(busy).times(count));
    }
    Scenario {
        kernel: kernel.unwrap_or(ASSUMED_KERNEL),
        hz: i64::from(hz),
        cpus: i64::from(cpus),
        duration_ms,
        sample_offset_ticks: offset_ticks(averages, ran.from_ns, hz),
        avenrun: averages.at(ran.from_ns).map(|raw| i64::try_from(raw).unwrap_or(i64::MAX)),
        tasks,
        ..Scenario::default()
    }
}

/// Ticks since the last sample at `from`.
fn offset_ticks(averages: &Averages, from: Nanos, hz: u32) -> i64 {
    // The figures move ten ticks after their sample.
    const UPDATE_DELAY: Nanos = 10;
    let tick = sim_core::SECOND / Nanos::from(hz);
    let period = averages.period();
    averages.phase().map_or(0, |phase| {
        let sample = phase + period - UPDATE_DELAY * tick;
        ((from % period + 2 * period - sample % period) % period / tick).min(5 * Nanos::from(hz) - 1) as i64
    })
}
