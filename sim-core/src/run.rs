//! A whole run of a model, as every front end shows it.

use std::collections::BTreeMap;

use crate::model::{Event, Files, Log, Model};
use crate::scenario::Valid;
use crate::token::Token;
use crate::{Json, Lang, Nanos};

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
pub fn run<M: Model>(scenario: &Valid<M>) -> Run {
    let mut model = M::start(scenario);
    let mut frames = vec![frame(&model)];
    let mut log = Log::telling();
    while model.step(&mut log) {
        frames.push(frame(&model));
    }
    let end = frame(&model);
    if frames.last() != Some(&end) {
        frames.push(end);
    }
    Run {
        model: M::NAME,
        model_version: M::VERSION,
        scenario: M::write_scenario(scenario),
        token: Token::<M>::new(scenario.clone(), 0).to_string(),
        frames,
        events: log.take(),
    }
}

fn frame<M: Model>(model: &M) -> Frame {
    let names = M::metrics_list().iter().map(|metric| metric.name);
    Frame { t_ns: model.now(), metrics: names.zip(model.metrics()).collect(), files: model.files() }
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
        Json::object([
            ("model", self.model.into()),
            ("model_version", u64::from(self.model_version).into()),
            ("token", self.token.as_str().into()),
            ("scenario", self.scenario.clone()),
            ("frames", Json::list(self.frames.iter().map(frame))),
            ("events", Json::list(self.events.iter().map(event))),
        ])
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
