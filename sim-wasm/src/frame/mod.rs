//! The frame every simulator lives in: what the reader sees first (title, presets, one sentence,
//! picture, chart, transport) and what opens on demand.
//!
//! One component holds all state; a message changes it, and the parts below draw it. A part is a
//! file with its own messages, its `update` and its `view`.

mod editor;
mod events;
mod form;
mod keys;
mod live;
mod panels;
mod predict;
mod share;
mod stage;
mod state;
mod tables;
mod transport;
mod view;
mod work;

use sim_core::{Json, Lang};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, HtmlElement};
use yew::{Component, Context, Html, Properties};

use crate::simulators::List;
use crate::{page, words};
pub use state::First;
use state::State;

/// What the page says of a widget.
#[derive(Clone, PartialEq, Properties)]
pub struct Options {
    /// Element the widget belongs to: the page's `figure.sim`.
    pub figure: Element,
    /// Language of the widget.
    pub lang: Lang,
    /// What it begins with.
    pub first: First,
}

/// What can happen to a widget.
pub enum Msg {
    /// The reader chose a preset.
    Preset(usize),
    /// A shared run was opened.
    Open(String),
    /// The text of a number box changed: the field's path and the text.
    Set(String, String),
    /// A value was chosen for a field.
    Put(String, Json),
    /// Another entry for a list.
    Add(&'static List),
    /// An entry of a list less.
    Remove(&'static List, usize),
    /// The kernel to run, by its place in the list.
    Kernel(usize),
    /// Controls came to rest; the number says which change asked for it.
    Rerun(u32),
    /// The page has time to go on with a run.
    Slice,
    /// The run that is being made is not wanted.
    Cancel,
    /// The transport.
    Move(transport::Move),
    /// A key was pressed on the stage.
    Key(keys::Key),
    /// The pointer on the chart: down, moved or up, at a place of the drawing in pixels.
    Pointer(stage::Pointer, f64, f64),
    /// A panel was opened or closed.
    Panel(panels::Panel, bool),
    /// Pages of the event table.
    Page(events::Page),
    /// Keeps this run to compare others with, or lets it go.
    Pin(bool),
    /// Prediction.
    Guess(predict::Guessing),
    /// Links, commands and files.
    Share(share::Share),
    /// The reader's machine.
    Live(live::Live),
    /// The page has given the widget another width, in CSS pixels.
    Width(u32),
}

/// A simulator of a page.
pub struct Frame {
    state: State,
    /// Whether [`Msg::Slice`] is on its way.
    slicing: bool,
    /// Picture and chart on the page.
    stage: stage::Stage,
    /// Where the keyboard's focus goes should what has it vanish with the next drawing.
    /// With what has it.
    refuge: Option<(Element, HtmlElement)>,
    /// Kept because the page calls them.
    _open: Closure<dyn FnMut(web_sys::CustomEvent)>,
    _resize: Option<Closure<dyn FnMut()>>,
}

impl Component for Frame {
    type Message = Msg;
    type Properties = Options;

    fn create(ctx: &Context<Self>) -> Self {
        let options = ctx.props();
        let link = ctx.link().clone();
        let open = Closure::<dyn FnMut(web_sys::CustomEvent)>::new(move |event: web_sys::CustomEvent| {
            if let Some(token) = event.detail().as_string() {
                link.send_message(Msg::Open(token));
            }
        });
        let listener = open.as_ref().unchecked_ref();
        let _ = options.figure.add_event_listener_with_callback("sim-open", listener);
        let resize = watch_width(ctx);
        live::connect(ctx.link());
        Frame {
            state: State::new(options),
            slicing: false,
            stage: stage::Stage::default(),
            refuge: None,
            _open: open,
            _resize: resize,
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Self::Message) -> bool {
        // A second message may come between the drawing and `rendered`, with the focus already lost.
        let drawing = matches!(msg, Msg::Guess(predict::Guessing::Start));
        self.refuge = refuge(&ctx.props().figure, drawing).or(self.refuge.take());
        let draw = self.happen(ctx, msg);
        if self.state.work.is_some() && !self.slicing {
            self.slicing = true;
            let link = ctx.link().clone();
            page::spawn(async move {
                page::sleep_ms(0).await;
                link.send_message(Msg::Slice);
            });
        }
        draw
    }

    fn rendered(&mut self, _: &Context<Self>, _first: bool) {
        self.stage.paint(&self.state);
        if let Some((held, refuge)) = self.refuge.take()
            && !held.is_connected()
            && page::active().is_none_or(|active| active.tag_name().eq_ignore_ascii_case("body"))
        {
            let _ = refuge.focus();
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        view::view(self, ctx.link())
    }
}

impl Frame {
    /// Does what a message says; whether there is something to draw.
    fn happen(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let state = &mut self.state;
        match msg {
            Msg::Preset(index) => state.choose_preset(index),
            Msg::Open(token) => state.open_token(&token),
            Msg::Set(path, text) => self.edited(ctx, |state| state.set(&path, &text)),
            Msg::Put(path, value) => self.edited(ctx, |state| state.kind.put(&mut state.draft, &path, value)),
            Msg::Add(list) => self.edited(ctx, |state| list.add(state.kind.entry, &mut state.draft)),
            Msg::Remove(list, place) => self.edited(ctx, |state| list.remove(&mut state.draft, place)),
            Msg::Kernel(index) => self.edited(ctx, |state| {
                if let Some((kernel, _)) = state.kind.widget.kernels.get(index) {
                    state.kind.put(&mut state.draft, "kernel", kernel.to_string().as_str().into());
                }
            }),
            Msg::Slice => {
                self.slicing = false;
                state.go_on();
            }
            Msg::Cancel => state.cancel(&words::CANCELLED),
            Msg::Rerun(asked) => return state.rerun(asked),
            Msg::Move(step) => return transport::update(state, ctx.link(), step),
            Msg::Key(key) => return keys::update(state, ctx.link(), key),
            Msg::Pointer(pointer, x, y) => return stage::pointer(state, ctx.link(), pointer, x, y),
            Msg::Panel(panel, open) => return panels::toggled(state, panel, open),
            Msg::Page(page) => events::turn(state, page),
            Msg::Pin(pin) => state.pinned = pin.then(|| state.run.clone()),
            Msg::Guess(guessing) => return predict::update(state, guessing),
            Msg::Share(share) => return share::update(state, ctx, share),
            Msg::Live(live) => return live::update(state, ctx.link(), live),
            Msg::Width(width) => {
                let changed = state.width != width && width > 0;
                state.width = if changed { width } else { state.width };
                return changed;
            }
        }
        true
    }

    /// Changes the draft, says at once what is wrong with it, and runs it when the hand rests: a
    /// slider must not wait for a run at every pixel.
    fn edited(&mut self, ctx: &Context<Self>, change: impl FnOnce(&mut State)) {
        change(&mut self.state);
        self.state.check();
        let asked = self.state.ask_rerun();
        let link = ctx.link().clone();
        page::spawn(async move {
            page::sleep_ms(120).await;
            link.send_message(Msg::Rerun(asked));
        });
    }
}

/// The title of the panel that has the keyboard's focus; the stage for whatever is in no panel, and
/// for whoever is about to draw on it. None while the focus is outside the widget.
fn refuge(figure: &Element, drawing: bool) -> Option<(Element, HtmlElement)> {
    let active = page::active().filter(|active| figure.contains(Some(active)))?;
    let panel = active.closest(".sim-panel").ok().flatten().filter(|_| !drawing);
    let place = match panel {
        Some(panel) => panel.query_selector("summary"),
        None => figure.query_selector(".sim-stage"),
    };
    Some((active, place.ok().flatten()?.dyn_into().ok()?))
}

/// Tells the widget its width whenever the page gives it another one.
fn watch_width(ctx: &Context<Frame>) -> Option<Closure<dyn FnMut()>> {
    let (link, figure) = (ctx.link().clone(), ctx.props().figure.clone());
    let closure = Closure::<dyn FnMut()>::new(move || {
        // The next visit reserves this much before the widget has started.
        panels::remember_height(&figure);
        link.send_message(Msg::Width(width_of(&figure)));
    });
    let observer = web_sys::ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
    observer.observe(&ctx.props().figure);
    Some(closure)
}

/// The width a drawing may take in an element.
fn width_of(figure: &Element) -> u32 {
    let inside = figure.query_selector(".sim-live").ok().flatten();
    inside.map_or_else(|| figure.client_width(), |inside| inside.client_width()).max(0) as u32
}
