//! A whole run of a model, as every front end shows it.

use std::collections::BTreeMap;

use crate::catalogue::Entry;
use crate::model::{Event, Files, Log, Metric, Model};
use crate::scenario::{Problem, Valid};
use crate::state::State;
use crate::token::Token;
use crate::{Json, Lang, Nanos};

/// Most moments of a run that are kept; of longer runs, moments evenly chosen.
pub const MAX_FRAMES: usize = 16_384;
/// Most bytes of files in what is kept.
const MAX_FILE_BYTES: usize = 64 << 20;

/// A run from start to end: what `live-probe sim` prints and what exercises judge.
#[derive(Clone, Debug)]
pub struct Run {
    /// [`Model::NAME`].
    pub model: &'static str,
    /// [`Model::VERSION`].
    pub model_version: u32,
    /// The scenario, every field written out.
    pub scenario: Json,
    /// The token that opens this run, cursor at its start.
    pub token: String,
    /// The state at time zero, after every event, and at the end; times grow.
    pub frames: Vec<Frame>,
    /// 1 when every moment has its frame and its events. In a run of more than `MAX_FRAMES`
    /// moments, or with very large files, only each of so many has; the rest was left out.
    pub frames_every: u64,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// The readable state at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// When.
    pub t_ns: Nanos,
    /// Numbers by name; the units are [`Model::metrics_list`]'s.
    pub metrics: BTreeMap<&'static str, i64>,
    /// Kernel files by absolute path.
    pub files: Files,
}

/// Runs a scenario to its end.
pub fn run<M: Model + 'static>(scenario: &Valid<M>) -> Run {
    let head = Run {
        model: M::NAME,
        model_version: M::VERSION,
        scenario: M::write_scenario(scenario),
        token: Token::<M>::new(scenario.clone(), 0).to_string(),
        frames: Vec::new(),
        frames_every: 1,
        events: Vec::new(),
    };
    Running::new(Box::new(M::start(scenario)), M::metrics_list(), head).whole()
}

/// A run that is being made, by steps.
pub struct Running {
    state: Box<dyn State>,
    metrics: &'static [Metric],
    run: Run,
    /// Events with the number of the moment they belong to.
    events: Vec<(u64, Event)>,
    telling: Log,
    silent: Log,
    moment: u64,
    /// Bytes of files in the frames.
    bytes: usize,
    most: usize,
    /// Whether files and reasons are wanted as well.
    texts: bool,
}

impl Running {
    fn new(state: Box<dyn State>, metrics: &'static [Metric], run: Run) -> Running {
        let (events, telling, silent) = (Vec::new(), Log::telling(), Log::silent());
        let mut running = Running {
            state,
            metrics,
            run,
            events,
            telling,
            silent,
            moment: 0,
            bytes: 0,
            most: MAX_FRAMES,
            texts: true,
        };
        running.keep();
        running
    }

    /// The run of a scenario.
    ///
    /// # Errors
    /// Every problem of the scenario.
    pub fn of(entry: &Entry, scenario: &Json) -> Result<Running, Vec<Problem>> {
        let head = Run {
            model: entry.name,
            model_version: entry.version,
            scenario: (entry.complete)(scenario),
            token: (entry.token)(scenario, 0)?,
            frames: Vec::new(),
            frames_every: 1,
            events: Vec::new(),
        };
        Ok(Running::new((entry.start)(scenario)?, (entry.metrics)(), head))
    }

    /// The same without files, events and reasons: what [`Run::to_csv`] needs.
    ///
    /// # Errors
    /// Every problem of the scenario.
    pub fn numbers(entry: &Entry, scenario: &Json) -> Result<Running, Vec<Problem>> {
        Ok(Running { texts: false, ..Running::of(entry, scenario)? })
    }

    /// Goes on to the next event; false once the run has ended.
    pub fn step(&mut self) -> bool {
        self.moment += 1;
        let kept = self.moment.is_multiple_of(self.run.frames_every);
        let log = if kept && self.texts { &mut self.telling } else { &mut self.silent };
        if !self.state.advance(self.state.ends(), log) {
            return false;
        }
        self.silent.clear();
        if kept {
            self.keep();
            self.events.extend(self.telling.take().into_iter().map(|event| (self.moment, event)));
            self.thin();
        }
        true
    }

    fn keep(&mut self) {
        let frame = Frame::of(&*self.state, self.metrics, self.texts);
        self.bytes += size(&frame);
        self.run.frames.push(frame);
    }

    /// Lets every other moment go where there are too many.
    fn thin(&mut self) {
        if self.run.frames.len() <= self.most && self.bytes <= MAX_FILE_BYTES {
            return;
        }
        self.run.frames_every *= 2;
        let (every, mut nth) = (self.run.frames_every, 0_u64);
        self.run.frames.retain(|_| {
            nth += 1;
            nth % 2 == 1
        });
        self.bytes = self.run.frames.iter().map(size).sum();
        self.events.retain(|(moment, _)| moment.is_multiple_of(every));
    }

    /// The run, once [`Running::step`] has said that it ended.
    pub fn finish(mut self) -> Run {
        let end = Frame::of(&*self.state, self.metrics, self.texts);
        if self.run.frames.last() != Some(&end) {
            self.run.frames.push(end);
        }
        self.run.events = self.events.into_iter().map(|(_, event)| event).collect();
        self.run
    }

    /// The whole run in one go.
    pub fn whole(mut self) -> Run {
        while self.step() {}
        self.finish()
    }
}

fn size(frame: &Frame) -> usize {
    frame.files.values().map(String::len).sum()
}

impl Frame {
    /// What there is to read of a state, with or without its files.
    pub(crate) fn of(state: &dyn State, metrics: &[Metric], files: bool) -> Frame {
        let mut named = BTreeMap::new();
        for (metric, value) in metrics.iter().zip(state.metrics()) {
            named.insert(metric.name, value);
        }
        let files = if files { state.files() } else { Files::new() };
        Frame { t_ns: state.now(), metrics: named, files }
    }
}

impl Run {
    /// The last frame at or before `t`.
    pub fn at(&self, t: Nanos) -> &Frame {
        let after = self.frames.partition_point(|frame| frame.t_ns <= t);
        &self.frames[after.saturating_sub(1)]
    }

    /// The run as one JSON document; the reasons are in `lang`.
    pub fn to_json(&self, lang: Lang) -> Json {
        let event = |event: &Event| {
            Json::object([
                ("t_ns", event.t_ns.into()),
                ("kind", event.kind.into()),
                ("why", event.why.get(lang).into()),
            ])
        };
        let frame = |frame: &Frame| {
            let metrics = frame.metrics.iter().map(|(name, value)| ((*name).to_owned(), (*value).into()));
            let files = frame.files.iter().map(|(path, text)| (path.clone().into_owned(), text.as_str().into()));
            Json::object([
                ("t_ns", frame.t_ns.into()),
                ("metrics", Json::Object(metrics.collect())),
                ("files", Json::Object(files.collect())),
            ])
        };
        let mut json = Json::object([
            ("model", self.model.into()),
            ("model_version", u64::from(self.model_version).into()),
            ("token", self.token.as_str().into()),
            ("scenario", self.scenario.clone()),
            ("frames", Json::list(self.frames.iter().map(frame))),
            ("events", Json::list(self.events.iter().map(event))),
        ]);
        if self.frames_every > 1 {
            json.set("frames_every", self.frames_every.into());
        }
        json
    }

    /// The metrics as CSV: `t_s` and one column a metric, one row a frame.
    pub fn to_csv(&self) -> String {
        let mut csv = String::from("t_s");
        for name in self.frames[0].metrics.keys() {
            csv.push(',');
            csv.push_str(name);
        }
        csv.push('\n');
        for frame in &self.frames {
            csv.push_str(&format!("{}.{:09}", frame.t_ns / crate::SECOND, frame.t_ns % crate::SECOND));
            for value in frame.metrics.values() {
                csv.push_str(&format!(",{value}"));
            }
            csv.push('\n');
        }
        csv
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load_average::LoadAverage;

    fn bounded(scenario: &Valid<LoadAverage>, most: usize) -> Run {
        let whole = run(scenario);
        let head = Run { frames: Vec::new(), events: Vec::new(), ..whole };
        let running = Running::new(Box::new(LoadAverage::start(scenario)), LoadAverage::metrics_list(), head);
        Running { most, ..running }.whole()
    }

    #[test]
    fn numbers_alone_are_the_numbers_of_the_run() {
        for entry in crate::catalogue() {
            for preset in (entry.presets)() {
                let numbers = Running::numbers(entry, &preset.scenario).unwrap().whole();
                let whole = entry.run(&preset.scenario).unwrap();
                // Of a run with very large files fewer moments are kept than of its numbers.
                assert!(numbers.frames_every <= whole.frames_every, "{}", preset.name);
                let mut kept = numbers.frames.iter();
                for frame in &whole.frames {
                    let same = |other: &Frame| other.t_ns == frame.t_ns && other.metrics == frame.metrics;
                    assert!(kept.any(same), "{}: {} ns", preset.name, frame.t_ns);
                }
            }
        }
    }

    #[test]
    fn a_long_run_keeps_moments_evenly_chosen_and_says_so() {
        for preset in LoadAverage::presets() {
            let scenario = Valid::<LoadAverage>::new(preset.scenario).unwrap();
            let whole = run(&scenario);
            assert_eq!(whole.frames_every, 1, "{}: no preset is that long", preset.name);
            assert_eq!(whole.to_json(Lang::En).get("frames_every"), None);
            for most in [2, 16, 100, 1_000_000] {
                let short = bounded(&scenario, most);
                let every = short.frames_every as usize;
                assert!(short.frames.len() <= most + 1, "{} {most}: {}", preset.name, short.frames.len());
                let want: Vec<_> = whole.frames.iter().step_by(every).collect();
                let got: Vec<_> = short.frames.iter().take(want.len()).collect();
                assert_eq!(got, want, "{} {most}", preset.name);
                assert_eq!(short.frames.last(), whole.frames.last(), "{} {most}", preset.name);
                assert!(short.events.iter().all(|event| whole.events.contains(event) && !event.why.en.is_empty()));
                let moments = short.frames.iter().map(|frame| frame.t_ns);
                assert!(short.events.iter().all(|event| moments.clone().any(|t| t == event.t_ns)));
                assert_eq!(short.to_json(Lang::En).get("frames_every").is_some(), every > 1);
            }
        }
    }
}
