//! All a widget remembers.

use std::rc::Rc;

use sim_core::scenario::Problem;
use sim_core::{Files, Json, Lang, Metric, Nanos, Preset, SECOND, Text};

use super::form::{is_no_number, no_number};
use super::work::{Arrival, SharedRun, Work};
use super::{Options, live, panels, predict};
use crate::page;
use crate::simulators::Kind;

/// Simulated seconds per second.
pub const SPEEDS: [u64; 8] = [1, 2, 5, 10, 30, 60, 120, 300];
/// A run at its first speed takes about this long.
const PLAYED_IN: u64 = 25;

/// State of one widget.
pub struct State {
    pub kind: Kind,
    pub id: String,
    pub lang: Lang,
    /// The preset on screen; none after a change or for a shared run.
    pub preset: Option<usize>,
    pub presets: Vec<Preset<Json>>,
    /// What the controls show, runnable or not.
    pub draft: Json,
    /// What is wrong with the draft.
    pub problems: Vec<Problem>,
    /// The last draft that could be run.
    pub run: SharedRun,
    /// The run that is being made to take its place.
    pub work: Option<Work>,
    pub cursor: Nanos,
    /// The state at the cursor.
    pub now: Box<dyn sim_core::State>,
    /// How many changes have asked for a run.
    asked: u32,
    pub playing: Option<Playing>,
    /// Whether the cursor stands where a step or a jump has led, which is worth telling.
    pub stepped: bool,
    /// Index into [`SPEEDS`].
    pub speed: usize,
    /// The kind of event to jump to; empty for any.
    pub jump: String,
    pub open: panels::Open,
    /// Page of the event table; none follows the cursor.
    pub page: Option<usize>,
    pub pinned: Option<SharedRun>,
    pub guess: Option<predict::GuessState>,
    pub live: live::LiveState,
    /// The last thing to tell the reader.
    pub notice: Option<Text>,
    pub width: u32,
}

/// A run that is being played.
pub struct Playing {
    /// Dropping it stops the calls.
    pub _frames: page::Frames,
    /// The page's clock when time last moved on, ms; none before the first frame.
    pub at_ms: Option<f64>,
}

impl State {
    pub fn new(options: &Options) -> State {
        let first = &options.first;
        let (kind, run) = (first.kind, first.run.clone());
        let presets = (kind.entry.presets)();
        State {
            id: match options.figure.id() {
                id if id.is_empty() => format!("sim-{}", kind.entry.name),
                id => id,
            },
            lang: options.lang,
            preset: presets.iter().position(|preset| preset.scenario == run.scenario),
            presets,
            draft: run.scenario.clone(),
            problems: Vec::new(),
            now: run.tape.at(first.cursor),
            cursor: first.cursor.min(run.tape.ends),
            asked: 0,
            playing: None,
            stepped: false,
            speed: speed_for(run.tape.ends),
            run,
            work: None,
            jump: String::new(),
            open: panels::recall(&options.figure.id()),
            page: None,
            pinned: None,
            guess: None,
            live: live::LiveState::default(),
            notice: first.notice.clone(),
            width: super::width_of(&options.figure).max(280),
            kind,
        }
    }

    /// A text in the reader's language.
    pub fn say<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.lang)
    }

    /// The metric of that number.
    pub fn metric(&self, metric: usize) -> &'static Metric {
        static NONE: Metric = Metric { name: "", label: Text::fixed("", ""), unit: "", scale: 1 };
        (self.kind.entry.metrics)().get(metric).unwrap_or(&NONE)
    }

    /// The metric the reader predicts.
    pub fn guessed(&self) -> &'static Metric {
        self.metric(self.kind.guessed())
    }

    pub fn choose_preset(&mut self, index: usize) {
        let Some(preset) = self.presets.get(index) else { return };
        let (scenario, cursor) = (preset.scenario.clone(), preset.cursor);
        self.load(scenario, cursor);
        self.preset = Some(index);
    }

    /// Opens a shared run; what is wrong with it is told and nothing else changes.
    pub fn open_token(&mut self, token: &str) {
        match (self.kind.entry.open)(token) {
            Ok((scenario, cursor)) => {
                let preset = self.preset_of(&scenario);
                self.load(scenario, cursor);
                self.preset = preset;
            }
            Err(error) => self.notice = Some(error.text()),
        }
    }

    fn preset_of(&self, scenario: &Json) -> Option<usize> {
        self.presets.iter().position(|preset| preset.scenario == *scenario)
    }

    /// Shows another scenario from a moment on.
    pub fn load(&mut self, scenario: Json, cursor: Nanos) {
        self.draft = scenario;
        self.preset = None;
        self.notice = None;
        self.check();
        self.playing = None;
        self.stepped = false;
        self.guess = None;
        self.run_draft(Some(cursor));
    }

    /// Takes the text of a number box.
    pub fn set(&mut self, path: &str, text: &str) {
        self.problems.retain(|problem| problem.field != path);
        match text.trim().parse::<i64>() {
            Ok(value) => self.kind.put(&mut self.draft, path, value.into()),
            Err(_) => {
                let param = (self.kind.entry.params)().iter().find(|param| param.name == path);
                self.problems.push(no_number(path, text, param));
            }
        }
    }

    /// Finds what is wrong with the draft. Boxes whose text is no number stay wrong until their
    /// text changes.
    pub fn check(&mut self) {
        self.problems.retain(is_no_number);
        self.problems.extend((self.kind.entry.problems)(&self.draft));
    }

    pub fn ask_rerun(&mut self) -> u32 {
        self.asked += 1;
        self.preset = None;
        self.asked
    }

    /// Runs the draft, if no later change has asked for that and nothing is wrong with it.
    pub fn rerun(&mut self, asked: u32) -> bool {
        if asked != self.asked || !self.problems.is_empty() {
            return false;
        }
        self.preset = self.preset_of(&self.draft);
        self.run_draft(None);
        true
    }

    /// Begins to run the draft; most runs are made at once. With a cursor it is another story, which
    /// begins there at its own speed; without one the reader stays where they are.
    fn run_draft(&mut self, cursor: Option<Nanos>) {
        self.work = None;
        match Work::begin(self.kind, &self.draft, cursor) {
            Ok(work) => {
                self.work = Some(work);
                self.go_on();
            }
            Err(problems) => self.problems = problems,
        }
    }

    /// Goes on with the run that is being made, for as long as a page may wait.
    pub fn go_on(&mut self) {
        let Some(mut work) = self.work.take() else { return };
        if work.slice() {
            self.work = Some(work);
            return;
        }
        let Arrival { run, cursor } = work.finish();
        self.run = run;
        self.page = None;
        self.guess = None;
        if !self.run.tape.kinds().contains(&self.jump.as_str()) {
            self.jump.clear();
        }
        if cursor.is_some() {
            self.speed = speed_for(self.run.tape.ends);
        }
        self.now = self.run.tape.at(0);
        self.seek(cursor.unwrap_or(self.cursor));
    }

    /// Stays with the run on screen.
    pub fn cancel(&mut self, told: &Text) {
        self.work = None;
        self.draft = self.run.scenario.clone();
        self.preset = self.preset_of(&self.draft);
        self.problems.clear();
        self.notice = Some(told.clone());
    }

    /// Goes to a moment.
    pub fn seek(&mut self, t: Nanos) {
        self.cursor = t.min(self.run.tape.ends);
        self.run.tape.reach(&mut self.now, self.cursor);
    }

    /// The files at the cursor, and before the last thing that happened.
    pub fn files(&self) -> (Files, Files) {
        let tape = &self.run.tape;
        let last = if tape.next(self.cursor.saturating_sub(1)) == self.cursor {
            tape.back(self.cursor)
        } else {
            // Between two events: what the last one did not change has changed by itself since.
            tape.back(self.cursor.saturating_add(1))
        };
        (tape.at(last).files(), self.now.files())
    }

    /// Whether results are hidden because the reader is predicting.
    pub fn hidden(&self) -> bool {
        self.guess.as_ref().is_some_and(|guess| !guess.revealed)
    }
}

/// The first run of a widget.
#[derive(Clone)]
pub struct First {
    pub kind: Kind,
    pub run: SharedRun,
    pub cursor: Nanos,
    /// What has to be told: a shared run that could not be opened.
    pub notice: Option<Text>,
}

impl PartialEq for First {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.run, &other.run)
    }
}

impl First {
    /// Makes the run a widget begins with: a shared one, else a preset, else the first preset.
    /// The page may do something else now and then.
    pub async fn make(kind: Kind, preset: &str, token: Option<&str>) -> Result<First, Vec<Problem>> {
        let mut notice = None;
        let shared = token.and_then(|token| {
            let opened = (kind.entry.open)(token);
            opened.map_err(|error| notice = Some(error.text())).ok()
        });
        let presets = (kind.entry.presets)();
        let preset = || {
            let chosen = presets.iter().find(|known| known.name == preset).or(presets.first());
            chosen.map_or((Json::Null, 0), |preset| (preset.scenario.clone(), preset.cursor))
        };
        let (scenario, cursor) = shared.unwrap_or_else(preset);
        let mut work = Work::begin(kind, &scenario, Some(cursor))?;
        while work.slice() {
            page::sleep_ms(0).await;
        }
        Ok(First { kind, run: work.finish().run, cursor, notice })
    }
}

/// The speed at which a run takes about [`PLAYED_IN`] seconds.
fn speed_for(ends: Nanos) -> usize {
    let wanted = ends / SECOND / PLAYED_IN;
    SPEEDS.iter().rposition(|speed| *speed <= wanted).unwrap_or(0)
}
