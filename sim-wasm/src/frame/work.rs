//! Runs are made in slices: a page must not wait for a long one.

use std::rc::Rc;

use sim_core::scenario::Problem;
use sim_core::{Json, Nanos, Tape};
use sim_figures::{Made, Making, Scene};
use yew::html::Scope;
use yew::{Html, html};

use super::form::button;
use super::state::State;
use super::{Frame, Msg};
use crate::simulators::Kind;
use crate::{page, words};

/// How long a page may wait at a time, ms: half a frame of its own.
pub const SLICE_MS: f64 = 8.0;
/// Steps between two looks at the clock.
const STEPS: u32 = 16;

/// Does a little at a time until the slice is over; whether something is left.
pub fn slice(mut step: impl FnMut() -> bool) -> bool {
    let until = page::now_ms() + SLICE_MS;
    loop {
        for _ in 0..STEPS {
            if !step() {
                return false;
            }
        }
        if page::now_ms() >= until {
            return true;
        }
    }
}

/// A run and what is drawn of it.
pub struct RunOf {
    /// What was run, every field written out.
    pub scenario: Json,
    pub tape: Tape,
    pub scene: Rc<dyn Scene>,
}

pub type SharedRun = Rc<RunOf>;

/// A run that is being made.
pub struct Work {
    making: Making,
    scenario: Json,
    cursor: Option<Nanos>,
}

/// A run that was made.
pub struct Arrival {
    pub run: SharedRun,
    /// Where to begin; none to stay where one is.
    pub cursor: Option<Nanos>,
}

impl Work {
    /// Begins.
    ///
    /// # Errors
    /// Every problem of the scenario.
    pub fn begin(kind: Kind, scenario: &Json, cursor: Option<Nanos>) -> Result<Work, Vec<Problem>> {
        Ok(Work { making: kind.drawing.making((kind.entry.start)(scenario)?), scenario: scenario.clone(), cursor })
    }

    /// Goes on for a slice; whether something is left.
    pub fn slice(&mut self) -> bool {
        slice(|| self.making.step())
    }

    /// The run, once nothing is left.
    pub fn finish(self) -> Arrival {
        let Made { tape, scene } = self.making.finish();
        Arrival { run: Rc::new(RunOf { scenario: self.scenario, tape, scene }), cursor: self.cursor }
    }
}

/// How far the run is that is being made, and a way out.
pub fn view(state: &State, link: &Scope<Frame>) -> Html {
    let Some(work) = &state.work else { return Html::default() };
    html! {
        <div class="sim-row sim-work" data-testid="work">
            <progress max="1000" value={work.making.thousandths().to_string()}
                aria-label={state.say(&words::WORKING).to_owned()} />
            <span>{state.say(&words::WORKING).to_owned()}</span>
            {button("cancel", state.say(&words::CANCEL), link.callback(|_| Msg::Cancel))}
        </div>
    }
}
