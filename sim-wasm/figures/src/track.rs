//! What a run left behind for a chart: every metric over time, and when things happened.

use sim_core::scenario::Valid;
use sim_core::{Log, Model, Nanos, Run};

use crate::chart::Points;

/// Something that happened: when, and the kind of the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub t: Nanos,
    /// [`sim_core::Event::kind`].
    pub kind: &'static str,
}

/// A run from start to end, metric by metric; each keeps only the points where it changed.
#[derive(Clone, Debug)]
pub struct Track {
    /// End of the run.
    pub ends: Nanos,
    /// One list a metric, in the order of [`Model::metrics_list`].
    pub metrics: Vec<Points>,
    /// What happened, in order.
    pub moments: Vec<Moment>,
}

impl Track {
    /// Runs a scenario.
    pub fn of<M: Model>(scenario: &Valid<M>) -> Track {
        let mut model = M::start(scenario);
        let mut columns = Columns::new(M::metrics_list().len());
        let mut log = Log::silent();
        columns.push(model.now(), model.metrics());
        loop {
            let happened = model.step(&mut log);
            columns.push(model.now(), model.metrics());
            if !happened {
                break;
            }
        }
        let moments = log.events().iter().map(|event| Moment { t: event.t_ns, kind: event.kind }).collect();
        Track { ends: model.ends(), metrics: columns.finish(), moments }
    }

    /// Takes a run of `M` that was already made.
    pub fn from_run<M: Model>(run: &Run) -> Track {
        let names = M::metrics_list();
        let mut columns = Columns::new(names.len());
        for frame in &run.frames {
            let value = |name| frame.metrics.get(name).copied().unwrap_or_default();
            columns.push(frame.t_ns, names.iter().map(|metric| value(metric.name)).collect());
        }
        let moments = run.events.iter().map(|e| Moment { t: e.t_ns, kind: e.kind }).collect();
        Track { ends: run.frames.last().map_or(0, |frame| frame.t_ns), metrics: columns.finish(), moments }
    }

    /// Moments between two times, both included.
    pub fn between(&self, from: Nanos, until: Nanos) -> impl DoubleEndedIterator<Item = &Moment> {
        let start = self.moments.partition_point(|moment| moment.t < from);
        let end = self.moments.partition_point(|moment| moment.t <= until).max(start);
        self.moments[start..end].iter()
    }

    /// The first moment of one of the kinds after a time.
    pub fn next(&self, kinds: &[&str], after: Nanos) -> Option<Nanos> {
        let start = self.moments.partition_point(|moment| moment.t <= after);
        self.moments[start..].iter().find(|moment| kinds.contains(&moment.kind)).map(|moment| moment.t)
    }
}

struct Columns(Vec<Vec<(Nanos, i64)>>);

impl Columns {
    fn new(count: usize) -> Columns {
        Columns(vec![Vec::new(); count])
    }

    fn push(&mut self, t: Nanos, values: Vec<i64>) {
        for (column, value) in self.0.iter_mut().zip(values) {
            match column.last_mut() {
                Some(last) if last.1 == value => {}
                // Several things at one instant: the last word counts.
                Some(last) if last.0 == t => last.1 = value,
                _ => column.push((t, value)),
            }
        }
    }

    fn finish(self) -> Vec<Points> {
        self.0.into_iter().map(Points::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::load_average::LoadAverage;

    #[test]
    fn a_run_and_a_track_agree() {
        for preset in LoadAverage::presets() {
            let scenario = Valid::<LoadAverage>::new(preset.scenario).expect("presets are valid");
            if scenario.duration_ms > 1_200_000 {
                continue;
            }
            let (own, taken) = (Track::of(&scenario), Track::from_run::<LoadAverage>(&sim_core::run(&scenario)));
            assert_eq!(own.metrics, taken.metrics, "{}", preset.name);
            assert_eq!(own.moments, taken.moments, "{}", preset.name);
            assert_eq!(own.ends, taken.ends);
        }
    }
}
