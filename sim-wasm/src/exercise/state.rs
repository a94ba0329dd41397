//! Where a reader is with an exercise, and what happens next.

use std::rc::Rc;

use exercises::{Exercise, Judgement, Prediction, Verdict};
use sim_core::{Json, Lang, Text};
use yew::html::Scope;

use super::live_run::{self, LiveRun};
use super::memory::{Memory, Place};
use super::simulated::{Simulation, first_machine};
use super::{Props, Widget, words};
use crate::live::{Facts, Probe};

/// What can happen to an exercise.
pub enum Msg {
    /// The text of the answer changed.
    Typed(String),
    /// The reader commits to it.
    Commit,
    /// The reader takes it back.
    Again,
    /// Where to check.
    Place(Place),
    /// A probe serves the page; whether it may run workloads, and what the machine is.
    Found(Probe, bool),
    Facts(Result<Facts, Text>),
    /// What the terminal knows of the exercise.
    Known(Json),
    /// Check now.
    Check,
    /// The probe's judgement.
    Judged(Result<Box<Judgement>, Text>),
    /// The workload on the reader's machine.
    Run(live_run::Event),
    /// One more hint.
    Hint,
    /// The explanation without passing.
    GiveUp,
}

/// What a check came to.
pub enum Outcome {
    /// The judge decided.
    Judged(Box<Judgement>),
    /// There was no judging it: the probe is gone, the simulated machine cannot be made.
    Failed(Text),
}

/// Everything a drawing of an exercise depends on.
pub struct State {
    pub exercise: Rc<Exercise>,
    pub lang: Lang,
    pub memory: Memory,
    /// The answer as it is being typed.
    pub typed: String,
    /// What is wrong with it.
    pub problem: Option<Text>,
    pub probe: Option<Probe>,
    /// Whether the probe may run workloads.
    pub allowed: bool,
    pub facts: Option<Facts>,
    pub simulation: Result<Simulation, Text>,
    /// What the reader is told about the last thing done.
    pub notice: Option<Text>,
    pub working: bool,
    pub run: Option<LiveRun>,
    pub outcome: Option<Outcome>,
    /// The part that takes the keyboard's focus once it is drawn: what had it is gone.
    pub focus: Option<&'static str>,
}

impl State {
    pub fn new(props: &Props) -> State {
        let exercise = props.exercise.clone();
        let memory = Memory::recall(&exercise.id).unwrap_or_else(|| Memory {
            machine: first_machine(&exercise, (js_sys::Math::random() * 1e6) as u64),
            ..Memory::default()
        });
        let mut state = State {
            lang: props.lang,
            typed: memory.prediction.clone().unwrap_or_default(),
            problem: None,
            probe: None,
            allowed: false,
            facts: None,
            simulation: Simulation::new(&exercise, memory.machine),
            notice: None,
            working: false,
            run: None,
            outcome: None,
            focus: None,
            memory,
            exercise,
        };
        // A prediction of an earlier edition may no longer be one.
        if state.memory.prediction.as_deref().is_some_and(|typed| state.exercise.prediction.parse(typed).is_err()) {
            state.memory.prediction = None;
        }
        state
    }

    /// Where it is checked: where the reader chose, else on the machine at hand.
    pub fn place(&self) -> Place {
        let at_hand = if self.probe.is_some() { Place::Live } else { Place::Simulated };
        self.memory.place.unwrap_or(at_hand)
    }

    pub fn say<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.lang)
    }

    /// The start of ids of this exercise in the page.
    pub fn id(&self, part: &str) -> String {
        format!("ex-{}-{part}", self.exercise.slug())
    }

    /// Whether there is something to check: an answer that was committed to, or a deed that needs none.
    pub fn may_check(&self) -> bool {
        self.memory.prediction.is_some() || !self.exercise.prediction.asks()
    }

    /// Whether an answer is a figure about what comes, not a fact looked up.
    pub fn predicts(&self) -> bool {
        matches!(self.exercise.kind, exercises::Kind::Predict | exercises::Kind::Act)
    }

    /// Does it; whether there is something to draw.
    pub fn update(&mut self, link: &Scope<Widget>, msg: Msg) -> bool {
        match msg {
            Msg::Typed(text) => {
                self.typed = text;
                // Told off only when committing; while correcting, told as soon as it is right.
                if self.problem.is_some() {
                    self.problem = self.exercise.prediction.parse(&self.typed).err();
                }
            }
            Msg::Commit => self.commit(),
            Msg::Again => self.again(),
            Msg::Place(place) => {
                self.memory.place = Some(place);
                self.outcome = None;
                self.notice = None;
                self.keep();
            }
            Msg::Found(probe, allowed) => {
                super::checking::ask_facts(&probe, link);
                super::checking::ask_progress(&probe, &self.exercise.id, link);
                (self.probe, self.allowed) = (Some(probe), allowed);
            }
            Msg::Facts(facts) => self.facts = facts.ok(),
            Msg::Known(known) => self.known(&known),
            Msg::Check => self.check(link),
            Msg::Judged(judged) => {
                self.working = false;
                self.decided(judged.map_or_else(Outcome::Failed, Outcome::Judged));
            }
            Msg::Run(event) => return live_run::update(self, link, event),
            Msg::Hint => {
                self.memory.hints = (self.memory.hints + 1).min(self.exercise.hints.len());
                if self.memory.hints == self.exercise.hints.len() {
                    self.focus = Some("hints");
                }
                self.keep();
            }
            Msg::GiveUp => {
                self.memory.gave_up = true;
                self.focus = Some("explanation");
                self.keep();
            }
        }
        true
    }

    fn commit(&mut self) {
        match self.exercise.prediction.parse(&self.typed) {
            Ok(_) => {
                self.problem = None;
                self.notice = None;
                self.memory.prediction = Some(self.typed.trim().to_owned());
                self.focus = Some("check");
                self.keep();
            }
            Err(why) => {
                // The ids that a terminal takes are not on the page.
                let nothing = self.typed.is_empty() && matches!(self.exercise.prediction, Prediction::Choice { .. });
                self.problem = Some(if nothing { words::CHOOSE.clone() } else { why });
                self.focus = Some("answer");
            }
        }
    }

    fn again(&mut self) {
        let seen = matches!(&self.outcome, Some(Outcome::Judged(_)));
        self.memory.prediction = None;
        self.notice = None;
        self.focus = Some("answer");
        // What was seen on a simulated machine is no prediction on it.
        if seen && self.place() == Place::Simulated {
            self.memory.machine += 1;
            self.simulation = Simulation::new(&self.exercise, self.memory.machine);
            self.notice = Some(words::NEW_MACHINE.clone());
        }
        self.outcome = None;
        self.keep();
    }

    fn check(&mut self, link: &Scope<Widget>) {
        self.notice = None;
        if self.place() == Place::Live {
            if let Some(probe) = &self.probe {
                super::checking::ask_probe(probe, &self.exercise.id, self.memory.prediction.clone(), link);
                self.working = true;
                self.outcome = None;
            }
            return;
        }
        let outcome = match &self.simulation {
            Ok(simulation) => {
                let judged = simulation.judge(&self.exercise, self.memory.prediction.as_deref());
                judged.map(|judgement| Outcome::Judged(judgement.into()))
            }
            Err(why) => Some(Outcome::Failed(why.clone())),
        };
        if let Some(outcome) = outcome {
            self.decided(outcome);
        }
    }

    fn decided(&mut self, outcome: Outcome) {
        if matches!(&outcome, Outcome::Judged(judgement) if judgement.verdict == Verdict::Pass) {
            self.memory.passed = true;
            self.keep();
        }
        self.outcome = Some(outcome);
        self.focus = Some("verdict");
    }

    /// Terminal and page are one progress. What was predicted there is a prediction here, if it still is one.
    fn known(&mut self, known: &Json) {
        let before = self.memory.clone();
        let lacks = self.memory.add(known);
        if self.memory.prediction.as_deref().is_some_and(|typed| self.exercise.prediction.parse(typed).is_err()) {
            self.memory.prediction = None;
        }
        self.memory.hints = self.memory.hints.min(self.exercise.hints.len());
        if self.memory != before {
            self.typed = self.memory.prediction.clone().unwrap_or_default();
            self.memory.keep(&self.exercise.id);
        }
        if lacks {
            self.tell();
        }
    }

    fn keep(&self) {
        self.memory.keep(&self.exercise.id);
        self.tell();
    }

    fn tell(&self) {
        if let Some(probe) = &self.probe {
            super::checking::tell_progress(probe, &self.exercise.id, self.memory.told());
        }
    }
}
