//! The picture and the chart at the same cursor, and the pointer on the chart.

use sim_figures::{Chart, DrawnChart, Points, Shape, View, Whose, lines, prediction};
use web_sys::{Element, PointerEvent};
use yew::html::Scope;
use yew::{Html, NodeRef, html};

use super::state::State;
use super::transport::{self, Move};
use super::{Frame, Msg, predict};
use crate::{patch, words};

/// What a pointer did on the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer {
    /// Its button went down.
    Down,
    /// It moved with its button down.
    Drag,
    /// Its button went up, or the page took it away.
    Up,
}

/// The chart with everything laid over it.
pub fn chart(state: &State) -> Chart {
    let mut chart = state.run.scene.chart(&*state.now);
    if state.hidden() {
        // What goes in may be seen; what comes out may not.
        chart.series.retain(|series| series.shape == Shape::Area);
        let highest = chart.series.iter().flat_map(|series| series.points.iter()).map(|point| point.1).max();
        chart.at_least = chart.at_least.max(highest.unwrap_or(0) / 4 * 5);
        chart.description = words::GUESS_HIDDEN.clone();
    } else {
        let drawn = (state.kind.drawing.lines)();
        if let Some(pinned) = &state.pinned {
            let curves = lines(Whose::Pinned, drawn, &pinned.tape.metrics);
            chart.until = chart.until.max(pinned.tape.ends);
            // Under the run itself, over the area.
            let areas = chart.series.iter().filter(|series| series.shape == Shape::Area).count();
            chart.series.splice(areas..areas, curves);
        }
        chart.series.extend(lines(Whose::Live, drawn, &state.live.curves()));
    }
    if let Some(guess) = &state.guess {
        let scale = state.guessed().scale as f64;
        let points: Points = guess.guess.points().map(|(t, value)| (t, (value * scale) as i64)).collect();
        if !points.is_empty() {
            chart.series.push(prediction(points));
        }
        if !guess.revealed {
            chart.cursor = Some(guess.guess.time(guess.place));
        }
    }
    chart
}

/// How the chart is laid out for the reader.
pub fn chart_view<'a>(state: &State, id: &'a str) -> View<'a> {
    View { id, width: state.width, lang: state.lang }
}

/// The pointer did something at a place of the drawing.
pub fn pointer(state: &mut State, link: &Scope<Frame>, pointer: Pointer, x: f64, y: f64) -> bool {
    let plot = chart(state).plot(&chart_view(state, ""));
    if state.hidden() {
        let scale = state.guessed().scale as f64;
        return predict::brush(state, pointer, plot.time_at(x), plot.value_at(y) as f64 / scale);
    }
    match pointer {
        Pointer::Up => false,
        Pointer::Down | Pointer::Drag => transport::update(state, link, Move::Seek(plot.time_at(x))),
    }
}

/// The two drawings as they are on the page.
#[derive(Default)]
pub struct Stage {
    picture: NodeRef,
    /// The pointer is measured against it.
    chart: NodeRef,
    shown_picture: String,
    shown_chart: String,
    drawn: Option<DrawnChart>,
}

impl Stage {
    /// Draws both into the page, of which only what differs is touched.
    pub fn paint(&mut self, state: &State) {
        let (picture_id, chart_id) = (format!("{}-picture", state.id), format!("{}-chart", state.id));
        if let Some(host) = self.picture.cast::<Element>() {
            let picture = state.run.scene.picture(&*state.now, &chart_view(state, &picture_id));
            patch::show(&host, &mut self.shown_picture, picture);
        }
        if let Some(host) = self.chart.cast::<Element>() {
            let chart = chart(state).svg_again(&chart_view(state, &chart_id), &mut self.drawn);
            patch::show(&host, &mut self.shown_chart, chart);
        }
    }
}

/// The places of both; [`Stage::paint`] fills them.
pub fn view(state: &State, link: &Scope<Frame>, stage: &Stage) -> Html {
    let on = |pointer: Pointer| {
        let (node, width) = (stage.chart.clone(), f64::from(state.width.clamp(280, 1600)));
        link.batch_callback(move |event: PointerEvent| {
            let element = node.cast::<Element>()?;
            match pointer {
                Pointer::Down if event.button() != 0 => return None,
                Pointer::Down => {
                    let _ = element.set_pointer_capture(event.pointer_id());
                }
                Pointer::Drag if event.buttons() & 1 == 0 => return None,
                _ => {}
            }
            let shown = element.get_bounding_client_rect();
            // The drawing may be shown smaller than it was laid out, and then in the middle.
            let scale = (shown.width() / width).min(1.0);
            let left = shown.left() + (shown.width() - width * scale) / 2.0;
            let x = (f64::from(event.client_x()) - left) / scale;
            let y = (f64::from(event.client_y()) - shown.top()) / scale;
            Some(Msg::Pointer(pointer, x, y))
        })
    };
    let (class, label) =
        if state.hidden() { ("sim-stage sim-guessing", &words::GUESS_STAGE) } else { ("sim-stage", &words::STAGE) };
    html! {
        <div {class} tabindex="0" role="group" aria-label={state.say(label).to_owned()} data-testid="stage">
            <div class="sim-picture" ref={stage.picture.clone()}></div>
            <div class="sim-chart" data-testid="chart" ref={stage.chart.clone()} onpointerdown={on(Pointer::Down)}
                onpointermove={on(Pointer::Drag)} onpointerup={on(Pointer::Up)} onpointercancel={on(Pointer::Up)}>
            </div>
        </div>
    }
}
