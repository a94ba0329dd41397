//! The exercise of a page: commit to an answer, then see it beside the simulator's and a
//! machine's, with the difference explained.
//!
//! One component holds all state; a message changes it, and the parts below draw it. Nothing is
//! decided here: the judge of the `exercises` crate decides, here on a simulated machine, in
//! live-probe on the reader's own.

mod answer;
mod checking;
mod help;
mod live_run;
mod memory;
mod prose;
mod simulated;
mod state;
mod verdict;
mod words;

use std::cell::Cell;

use exercises::Exercise;
use sim_core::Lang;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};
use yew::{AttrValue, Callback, Component, Context, Html, KeyboardEvent, MouseEvent, Properties, html};

use crate::page;
use state::{Msg, State};

/// Mounts the exercise of a `section.exercise` into it, after its question.
///
/// The section holds the exercise as JSON in `script.exercise-data` and says in which language it
/// is shown (`lang`). The second argument is what only the loader knows; there is nothing yet.
///
/// # Errors
/// When the section holds no exercise, or one of another version.
#[wasm_bindgen]
pub fn mount_exercise(section: Element, _options: &str) -> Result<(), JsError> {
    let mount = MOUNT.get().ok_or_else(|| JsError::new("part_exercise comes first"))?;
    mount(&section)
}

/// How a `section.exercise` gets its widget.
type Mount = fn(&Element) -> Result<(), JsError>;

thread_local! {
    static MOUNT: Cell<Option<Mount>> = const { Cell::new(None) };
}

/// Exercises can be mounted from now on: as with the models, a page without them does not fetch the judge.
#[wasm_bindgen]
pub fn part_exercise() {
    // Where only one function is ever put, the compiler would call it directly, and it were no part.
    MOUNT.set(Some(std::hint::black_box(mount as Mount)));
}

fn mount(section: &Element) -> Result<(), JsError> {
    let data = section.query_selector("script.exercise-data").ok().flatten();
    let data = data.and_then(|script| script.text_content()).ok_or_else(|| JsError::new("no script.exercise-data"))?;
    let exercise: Exercise =
        exercises::page::read(&data).ok_or_else(|| JsError::new("script.exercise-data is of another version"))?;
    let refused = || JsError::new("the page refused a new element");
    let host = page::host(section, "exercise-live").ok_or_else(refused)?;
    // The form stands where the blank of the printed page is.
    if let Ok(Some(blank)) = section.query_selector(":scope > .exercise-answer") {
        section.insert_before(&host, Some(&blank)).map_err(|_| refused())?;
    }
    let lang = page::lang_of(section);
    fold_terminal(section, lang);
    let props = Props { lang, exercise: exercise.into() };
    yew::Renderer::<Widget>::with_root_and_props(host, props).render();
    Ok(())
}

/// Folds what the page says about doing the exercise in a terminal: with a form at hand it is the
/// other way, not the only one. Folded it stays, whatever becomes of the widget.
fn fold_terminal(section: &Element, lang: Lang) {
    let parts =
        [".exercise-needs", ".exercise-terminal"].map(|part| section.query_selector(&format!(":scope > {part}")));
    let parts: Vec<Element> = parts.into_iter().filter_map(|part| part.ok().flatten()).collect();
    let make = |name: &str| page::window().document()?.create_element(name).ok();
    let (Some(first), Some(fold), Some(summary)) = (parts.first(), make("details"), make("summary")) else { return };
    summary.set_text_content(Some(words::TERMINAL.get(lang)));
    fold.set_class_name("exercise-fold");
    // A refusal leaves the parts where they are.
    let _ = fold.append_child(&summary);
    if section.insert_before(&fold, Some(first)).is_ok() {
        for part in &parts {
            let _ = fold.append_child(part);
        }
    }
}

/// What the page says of an exercise.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Language of the widget.
    pub lang: Lang,
    /// The exercise.
    pub exercise: std::rc::Rc<Exercise>,
}

/// An exercise of a page.
pub struct Widget {
    state: State,
}

impl Component for Widget {
    type Message = Msg;
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        checking::connect(ctx.link());
        Widget { state: State::new(ctx.props()) }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        self.state.update(ctx.link(), msg)
    }

    fn rendered(&mut self, _ctx: &Context<Self>, _first: bool) {
        let Some(part) = self.state.focus.take() else { return };
        let element = page::window().document().and_then(|document| document.get_element_by_id(&self.state.id(part)));
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let (state, link) = (&self.state, ctx.link());
        // mdBook turns pages on keys that mean something else in a form.
        let onkeydown = Callback::from(|event: KeyboardEvent| {
            if !(event.ctrl_key() || event.meta_key() || event.alt_key()) {
                event.stop_propagation();
            }
        });
        html! {
            <div class="exercise-widget" {onkeydown}>
                if state.memory.passed && state.outcome.is_none() {
                    <p class="exercise-solved">{verdict::icon(exercises::Verdict::Pass)}{state.say(&words::SOLVED)}</p>
                }
                {checking::before(state)}
                {answer::view(state, link)}
                if state.may_check() {
                    {checking::view(state, link)}
                    {verdict::view(state)}
                }
                {help::view(state, link)}
            </div>
        }
    }
}

/// A button that is no submit button. The name is a hook for tests.
fn button(name: &'static str, label: &str, onclick: Callback<MouseEvent>) -> Html {
    html! { <button type="button" class="exercise-button" data-act={name} {onclick}>{label}</button> }
}

/// A command to type.
fn command(command: String) -> Html {
    html! { <pre class="exercise-command" tabindex="0"><code>{AttrValue::from(command)}</code></pre> }
}
