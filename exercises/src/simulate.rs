//! A reader without a Linux machine does every exercise on a simulated one.

mod memory;

use serde::{Deserialize, Serialize};
use sim_core::load_average::{LoadAverage, Scenario, State, Task};
use sim_core::{KernelVersion, MILLISECOND, Model, Nanos, Problem, SECOND, Text, Valid};

pub(crate) use memory::is_modelled as is_of_memory;

use crate::recording::{Content, Ended, Facts, Frame, Ran, Sighting};
use crate::served::figures;
use crate::{Exercise, Load, Pick, Recording, Source, Workload};

/// A machine to simulate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "catalogue", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Host {
    /// Kernel release.
    pub kernel: String,
    /// Ticks a second: 100, 250, 300 or 1000.
    pub hz: u32,
    /// Online CPUs, 1 to 64.
    pub cpus: u32,
    /// The three averages at the start, in 1/2048.
    pub avenrun: [u64; 3],
    /// Tasks that are runnable all the time besides the workload.
    pub background: u32,
    /// Seeds what is left to chance: the sampling clock's position, short-lived other work, and
    /// the load that is picked in secret.
    pub seed: u64,
}

impl Default for Host {
    fn default() -> Host {
        Host { kernel: "6.12".to_owned(), hz: 250, cpus: 2, avenrun: [215, 184, 102], background: 0, seed: 1 }
    }
}

impl Host {
    /// The machine at rest, as a recording of one frame.
    ///
    /// # Errors
    /// Why there is no such machine.
    pub fn rest(&self) -> Result<Recording, Text> {
        let idle =
            Workload { seconds: 4, before_s: 0, after_s: 0, pick: Pick::All, loads: Vec::new(), records: Vec::new() };
        let mut recording = self.record(&idle, None)?;
        recording.frames.truncate(1);
        recording.sightings.clear();
        recording.ran = None;
        Ok(recording)
    }

    /// The machine while it runs an exercise's workload, recorded as `live-probe run` would.
    /// An exercise without a workload gives the machine at rest.
    ///
    /// # Errors
    /// Why there is no such machine.
    pub fn run(&self, exercise: &Exercise) -> Result<Recording, Text> {
        let Some(workload) = &exercise.workload else { return self.rest() };
        let loads = workload.loads.len().max(1) as u64;
        let picked = (workload.pick == Pick::OneInSecret).then(|| (mix(self.seed) % loads) as u32);
        let mut recording = self.record(workload, picked)?;
        recording.exercise = Some(exercise.id.clone());
        Ok(recording)
    }

    fn record(&self, workload: &Workload, picked: Option<u32>) -> Result<Recording, Text> {
        let facts =
            Facts { kernel: Some(self.kernel.clone()), hz: Some(self.hz), cpus: Some(self.cpus), recorder_threads: 1 };
        let mut recording = Recording::new(Source::Simulated, facts);
        let from_ns = Nanos::from(workload.before_s) * SECOND;
        let until_ns = from_ns + Nanos::from(workload.seconds) * SECOND;
        recording.ran = Some(Ran { workload: workload.clone(), picked, from_ns, until_ns, ended: Ended::AsPlanned });
        if !workload.loads.is_empty() && workload.loads.iter().all(is_of_memory) {
            memory::record(self, workload, &mut recording)?;
            return Ok(recording);
        }
        let scenario = Valid::<LoadAverage>::new(self.scenario(workload, picked)).map_err(|all| refused(&all))?;
        watch(&LoadAverage::start(&scenario), &mut recording);
        let running = workload.loads.iter().enumerate().filter(|(i, _)| picked.is_none_or(|p| *i == p as usize));
        for (_, load) in running {
            let kernel = self.kernel.parse().unwrap_or(KernelVersion::new(6, 12, 0));
            recording.reported.figures.extend(figures(*load, kernel, self.cpus, workload.seconds, self.seed));
        }
        Ok(recording)
    }

    fn scenario(&self, workload: &Workload, picked: Option<u32>) -> Scenario {
        let (cpus, hz) = (i64::from(self.cpus), i64::from(self.hz));
        let from = i64::from(workload.before_s) * 1000;
        let until = from + i64::from(workload.seconds) * 1000;
        let duration_ms = i64::from(workload.total_s()) * 1000;
        let mut tasks = Vec::new();
        if self.background > 0 {
            tasks.push(Task::new(State::Runnable, 0, duration_ms).times(i64::from(self.background)));
        }
        // What every machine does besides: something short, now and then, which the kernel's
        // samples mostly miss.
        let other = Task { jitter_ms: 1900, ..Task::new(State::Runnable, 0, duration_ms).periodic(4, 2000) };
        tasks.push(other.on_cpu(cpus - 1));
        let running = workload.loads.iter().enumerate().filter(|(i, _)| picked.is_none_or(|p| *i == p as usize));
        for (_, load) in running {
            tasks.extend(tasks_of(*load, self.cpus, from, until));
        }
        Scenario {
            kernel: self.kernel.parse().unwrap_or(KernelVersion::new(0, 0, 0)),
            hz,
            cpus,
            duration_ms,
            sample_offset_ticks: (mix(self.seed ^ 0xA5) % (5 * self.hz.max(1) as u64)) as i64,
            avenrun: self.avenrun.map(|raw| i64::try_from(raw).unwrap_or(i64::MAX)),
            nr_threads: 130 + (mix(self.seed ^ 0x5A) % 60) as i64,
            last_pid: 1200,
            seed: (self.seed & 0xFFFF_FFFF) as i64,
            tasks,
            ..Scenario::default()
        }
    }
}

/// Problems of a scenario, a line each.
fn refused(problems: &[Problem]) -> Text {
    let ko = problems.iter().map(|p| p.text().ko.into_owned()).collect::<Vec<_>>().join("\n");
    let en = problems.iter().map(|p| p.text().en.into_owned()).collect::<Vec<_>>().join("\n");
    Text { ko: ko.into(), en: en.into() }
}

/// A workload's load as the model's tasks.
pub(crate) fn tasks_of(load: Load, cpus: u32, from_ms: i64, until_ms: i64) -> Option<Task> {
    let task = match load {
        Load::BusyLoops { .. } => Task::new(State::Runnable, from_ms, until_ms),
        Load::VforkParents { .. } => Task::new(State::Uninterruptible, from_ms, until_ms),
        Load::PeriodicSleeper { on_ms, every_ms, .. } => {
            Task::new(State::Runnable, from_ms, until_ms).periodic(i64::from(on_ms), i64::from(every_ms))
        }
        // What other loads do is not a matter of this model.
        _ => return None,
    };
    let count = i64::from(load.tasks(cpus));
    (count > 0).then(|| task.times(count))
}

/// Records a model as the probe records a machine: files once a second, the averages every 20 ms.
fn watch(model: &LoadAverage, recording: &mut Recording) {
    const POLL: Nanos = 20 * MILLISECOND;
    let mut model = model.clone();
    let mut last = Sighting { t_ns: 0, avenrun: model.avenrun() };
    recording.sightings.push(last);
    let mut t = 0;
    loop {
        model.advance_to(t);
        let seen = Sighting { t_ns: t, avenrun: model.avenrun() };
        if seen.avenrun != last.avenrun {
            if recording.sightings.last() != Some(&last) {
                recording.sightings.push(last);
            }
            recording.sightings.push(seen);
        }
        last = seen;
        if t % SECOND == 0 {
            let files = model.files().into_iter();
            let files = files.map(|(path, text)| (path.into_owned(), Content::Text(text))).collect();
            recording.frames.push(Frame { t_ns: t, avenrun: Some(model.avenrun()), files });
        }
        if t >= model.ends() {
            return;
        }
        t += POLL;
    }
}

/// Spreads a seed over all 64 bits (the finaliser of SplitMix64).
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
