//! All a widget remembers.

use std::rc::Rc;

use sim_core::scenario::{Param, Problem, Valid};
use sim_core::{Files, Lang, Nanos, Preset, SECOND, Text, Token};

use super::form::{is_no_number, no_number};
use super::{Options, RunOf, SharedRun, live, panels, predict};
use crate::page;
use crate::run::Tape;
use crate::simulators::Simulator;

/// Simulated seconds per second.
pub const SPEEDS: [u64; 8] = [1, 2, 5, 10, 30, 60, 120, 300];
/// A run at its first speed takes about this long.
const PLAYED_IN: u64 = 25;

/// State of one widget.
pub struct State<M: Simulator> {
    pub id: String,
    pub lang: Lang,
    /// The preset on screen; none after a change or for a shared run.
    pub preset: Option<usize>,
    pub presets: Vec<Preset<M::Scenario>>,
    /// What the controls show, runnable or not.
    pub draft: M::Scenario,
    /// What is wrong with the draft.
    pub problems: Vec<Problem>,
    /// The last draft that could be run.
    pub run: SharedRun<M>,
    pub cursor: Nanos,
    /// The state at the cursor.
    pub now: M,
    /// How many changes have asked for a run.
    asked: u32,
    pub playing: Option<Playing>,
    /// Whether the cursor stands where a step or a jump has led, which is worth telling.
    pub stepped: bool,
    /// Index into [`SPEEDS`].
    pub speed: usize,
    /// The kind of event to jump to; empty for any.
    pub kind: String,
    pub open: panels::Open,
    /// Page of the event table; none follows the cursor.
    pub page: Option<usize>,
    pub pinned: Option<SharedRun<M>>,
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

impl<M: Simulator> State<M> {
    pub fn new(options: &Options) -> State<M> {
        let presets = M::presets();
        let preset = presets.iter().position(|preset| preset.name == options.preset).unwrap_or(0);
        let (draft, cursor) = (presets[preset].scenario.clone(), presets[preset].cursor);
        let run = run_of(&draft).expect("presets can be run");
        let mut state = State {
            id: match options.figure.id() {
                id if id.is_empty() => format!("sim-{}", M::NAME),
                id => id,
            },
            lang: options.lang,
            preset: Some(preset),
            presets,
            draft,
            problems: Vec::new(),
            now: run.tape.at(cursor),
            cursor,
            asked: 0,
            playing: None,
            stepped: false,
            speed: speed_for(run.tape.ends()),
            run,
            kind: String::new(),
            open: panels::recall(&options.figure.id()),
            page: None,
            pinned: None,
            guess: None,
            live: live::LiveState::default(),
            notice: None,
            width: super::width_of(&options.figure).max(280),
        };
        if let Some(token) = &options.token {
            state.open_token(token);
        }
        state
    }

    /// A text in the reader's language.
    pub fn say<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.lang)
    }

    pub fn choose_preset(&mut self, index: usize) {
        let Some(preset) = self.presets.get(index) else { return };
        let (scenario, cursor) = (preset.scenario.clone(), preset.cursor);
        self.load(scenario, cursor);
        self.preset = Some(index);
    }

    /// Opens a shared run; what is wrong with it is told and nothing else changes.
    pub fn open_token(&mut self, token: &str) {
        match Token::<M>::parse(token) {
            Ok(token) => {
                let preset = self.presets.iter().position(|preset| preset.scenario == *token.scenario);
                self.load(token.scenario.into_inner(), token.cursor);
                self.preset = preset;
            }
            Err(error) => self.notice = Some(error.text()),
        }
    }

    /// Shows another scenario from a moment on.
    pub fn load(&mut self, scenario: M::Scenario, cursor: Nanos) {
        self.draft = scenario;
        self.preset = None;
        self.notice = None;
        self.check();
        self.playing = None;
        self.stepped = false;
        self.guess = None;
        self.run_draft();
        self.speed = speed_for(self.run.tape.ends());
        self.seek(cursor);
    }

    /// Takes the text of a number box.
    pub fn set(&mut self, path: &str, text: &str) {
        self.problems.retain(|problem| problem.field != path);
        match text.trim().parse::<i64>() {
            Ok(value) => M::set_field(&mut self.draft, path, value),
            Err(_) => self.problems.push(no_number(path, text, param(M::params(), path))),
        }
    }

    /// Finds what is wrong with the draft. Boxes whose text is no number stay wrong until their
    /// text changes.
    pub fn check(&mut self) {
        self.problems.retain(is_no_number);
        self.problems.extend(M::problems(&self.draft));
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
        self.preset = self.presets.iter().position(|preset| preset.scenario == self.draft);
        self.run_draft();
        self.seek(self.cursor);
        true
    }

    fn run_draft(&mut self) {
        match run_of(&self.draft) {
            Ok(run) => {
                self.run = run;
                self.page = None;
                self.guess = None;
                if !self.run.tape.kinds().contains(&self.kind.as_str()) {
                    self.kind.clear();
                }
            }
            Err(problems) => self.problems = problems,
        }
    }

    /// Goes to a moment.
    pub fn seek(&mut self, t: Nanos) {
        self.cursor = t.min(self.run.tape.ends());
        self.now = self.run.tape.at(self.cursor);
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

/// Runs a scenario.
pub fn run_of<M: Simulator>(scenario: &M::Scenario) -> Result<SharedRun<M>, Vec<Problem>> {
    let valid = Valid::<M>::new(scenario.clone())?;
    let history = M::history(&valid);
    Ok(Rc::new(RunOf { tape: Tape::new(valid), history }))
}

fn param<'p>(params: &'p [Param], path: &str) -> Option<&'p Param> {
    params.iter().find(|param| param.name == path)
}

/// The speed at which a run takes about [`PLAYED_IN`] seconds.
fn speed_for(ends: Nanos) -> usize {
    let wanted = ends / SECOND / PLAYED_IN;
    SPEEDS.iter().rposition(|speed| *speed <= wanted).unwrap_or(0)
}
