//! What a model adds in order to be drawn, and the same with its type erased.

use std::rc::Rc;

use sim_core::scenario::Valid;
use sim_core::tape::LOOKS;
use sim_core::{Event, Model, Nanos, State, Tape, Taping, Text, Track};

use crate::View;
use crate::chart::Chart;
use crate::lines::Line;
use crate::svg::Svg;

/// What drawings of a run need to know of all of it.
#[derive(Clone, Debug)]
pub struct History<E> {
    /// Every metric over time, and when what kind of thing happened.
    pub track: Rc<Track>,
    /// What the model keeps besides.
    pub extra: E,
}

/// What a model adds in order to be drawn: a picture of its mechanism and a chart of its run.
///
/// A run is made once, by steps. [`Drawn::begin`] is asked at its start and [`Drawn::observe`] after
/// each step; what they keep, together with the run's [`Track`], is the [`History`] that every
/// drawing of that run gets. A run may have millions of events: keep little, and never a list that
/// grows with each of them.
///
/// Everything must be a function of history and state, in integers: the builder draws the same
/// bytes as the page.
pub trait Drawn: Model + 'static {
    /// What a drawing needs to know of the whole run besides its [`Track`]; `()` if nothing.
    type Extra: 'static;

    /// At time zero.
    fn begin(&self) -> Self::Extra;
    /// After each step: the state as it is now, and what happened in the step (without reasons;
    /// nothing when time only moved on, which it does at least [`LOOKS`] times a run).
    fn observe(&self, happened: &[Event], extra: &mut Self::Extra) {
        let _ = (happened, extra);
    }

    /// The curves of the chart that are metrics. The page lays those of a pinned run and of the
    /// reader's machine over them.
    fn lines() -> &'static [Line];
    /// The chart of the run, the cursor at a moment; [`crate::lines`] makes its curves of
    /// [`Drawn::lines`]. The page adds overlays to its series.
    fn chart(history: &History<Self::Extra>, cursor: Nanos) -> Chart;

    /// What the picture is, for a screen reader.
    fn picture_title() -> Text;
    /// The state and what comes next in words: the picture's text equivalent.
    fn describe(&self, history: &History<Self::Extra>) -> Text;
    /// Draws the mechanism as it is now, its upper left corner at the origin and no wider than
    /// the width of the [`View`]; the height it took is returned, in tenths of a pixel. It should not depend
    /// on the moment, or the page would jump.
    fn draw_picture(&self, history: &History<Self::Extra>, svg: &mut Svg, view: &View<'_>) -> i32;

    /// Runs a scenario and keeps what drawings need.
    fn history(scenario: &Valid<Self>) -> History<Self::Extra> {
        let start = Self::start(scenario);
        let mut extra = start.begin();
        let mut taping = Taping::new(Box::new(start), LOOKS);
        while taping.step() {
            if let Some(state) = own::<Self>(taping.state()) {
                state.observe(taping.happened(), &mut extra);
            }
        }
        History { track: taping.finish().track().clone(), extra }
    }

    /// The picture as an `<svg>` element.
    fn picture(&self, history: &History<Self::Extra>, view: &View<'_>) -> String {
        let mut svg = Svg::new();
        let height = self.draw_picture(history, &mut svg, view);
        picture(svg, height, &Self::picture_title(), &self.describe(history), view)
    }

    /// The state of a run at a moment.
    fn state_at(scenario: &Valid<Self>, t: Nanos) -> Self {
        let mut model = Self::start(scenario);
        model.advance_to(t);
        model
    }
}

fn picture(svg: Svg, height: i32, title: &Text, desc: &Text, view: &View<'_>) -> String {
    let (title, desc) = (title.get(view.lang), desc.get(view.lang));
    svg.document(view.id, "fig fig-picture", (view.width(), height), view.lang.tag(), title, desc)
}

/// A state as the model it is of.
fn own<M: Model + 'static>(state: &dyn State) -> Option<&M> {
    state.any().downcast_ref()
}

/// How a model is drawn, its type erased: an entry of [`crate::drawings`].
pub struct Drawing {
    /// [`Model::NAME`].
    pub name: &'static str,
    /// [`Drawn::lines`].
    pub lines: fn() -> &'static [Line],
    begin: fn(&dyn State) -> Box<dyn Gathering>,
}

impl Drawing {
    /// The entry of a model.
    pub const fn of<M: Drawn>() -> Drawing {
        Drawing {
            name: M::NAME,
            lines: M::lines,
            begin: |start| Box::new(Gathered::<M> { extra: own::<M>(start).expect("a state of this model").begin() }),
        }
    }

    /// Begins the run of a state at time zero, which [`sim_core::Entry::start`] gives.
    ///
    /// # Panics
    /// The state is of another model.
    pub fn making(&self, start: Box<dyn State>) -> Making {
        let gathering = (self.begin)(&*start);
        Making { taping: Taping::new(start, LOOKS), gathering }
    }
}

/// What gathers the extra of a run that is being made.
trait Gathering {
    fn observe(&mut self, state: &dyn State, happened: &[Event]);
    fn finish(self: Box<Self>, track: Rc<Track>) -> Rc<dyn Scene>;
}

struct Gathered<M: Drawn> {
    extra: M::Extra,
}

impl<M: Drawn> Gathering for Gathered<M> {
    fn observe(&mut self, state: &dyn State, happened: &[Event]) {
        if let Some(model) = own::<M>(state) {
            model.observe(happened, &mut self.extra);
        }
    }

    fn finish(self: Box<Self>, track: Rc<Track>) -> Rc<dyn Scene> {
        Rc::new(Whole::<M>(History { track, extra: self.extra }))
    }
}

/// All that can be drawn of a run that was made, whatever its model. A state of another model is
/// drawn as nothing.
pub trait Scene {
    /// What the run left behind.
    fn track(&self) -> &Track;
    /// [`Drawn::chart`] with the cursor at the state, which it also reads the values from.
    fn chart(&self, state: &dyn State) -> Chart;
    /// [`Drawn::describe`].
    fn describe(&self, state: &dyn State) -> Text;
    /// [`Drawn::draw_picture`].
    fn draw(&self, state: &dyn State, svg: &mut Svg, view: &View<'_>) -> i32;
    /// [`Drawn::picture_title`].
    fn title(&self) -> Text;
}

impl dyn Scene {
    /// The picture as an `<svg>` element.
    pub fn picture(&self, state: &dyn State, view: &View<'_>) -> String {
        let mut svg = Svg::new();
        let height = self.draw(state, &mut svg, view);
        picture(svg, height, &self.title(), &self.describe(state), view)
    }
}

struct Whole<M: Drawn>(History<M::Extra>);

impl<M: Drawn> Scene for Whole<M> {
    fn track(&self) -> &Track {
        &self.0.track
    }

    fn chart(&self, state: &dyn State) -> Chart {
        let mut chart = M::chart(&self.0, state.now());
        // Between two points of a curve the state knows better: pages are written all the while.
        crate::lines::read_from(&mut chart, M::lines(), &state.metrics());
        chart
    }

    fn describe(&self, state: &dyn State) -> Text {
        own::<M>(state).map(|model| model.describe(&self.0)).unwrap_or_default()
    }

    fn draw(&self, state: &dyn State, svg: &mut Svg, view: &View<'_>) -> i32 {
        own::<M>(state).map_or(0, |model| model.draw_picture(&self.0, svg, view))
    }

    fn title(&self) -> Text {
        M::picture_title()
    }
}

/// A run that is being made, together with what its drawings need of it.
pub struct Making {
    taping: Taping,
    gathering: Box<dyn Gathering>,
}

/// A run that was made: a way to any moment of it, and how to draw it.
pub struct Made {
    /// The run.
    pub tape: Tape,
    /// Its drawings.
    pub scene: Rc<dyn Scene>,
}

impl Making {
    /// Goes on to the next event or look; false once the run has ended.
    pub fn step(&mut self) -> bool {
        let went = self.taping.step();
        if went {
            self.gathering.observe(self.taping.state(), self.taping.happened());
        }
        went
    }

    /// How far the run has come, in thousandths of its length.
    pub fn thousandths(&self) -> u32 {
        self.taping.thousandths()
    }

    /// The run, once [`Making::step`] has said that it ended.
    pub fn finish(self) -> Made {
        let tape = self.taping.finish();
        let scene = self.gathering.finish(tape.track().clone());
        Made { tape, scene }
    }

    /// Makes the whole run in one go.
    pub fn whole(mut self) -> Made {
        while self.step() {}
        self.finish()
    }
}
