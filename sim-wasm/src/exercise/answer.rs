//! Where the reader commits to an answer.

use exercises::{Choice, Prediction};
use sim_core::decimal;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::html::Scope;
use yew::{Html, InputEvent, SubmitEvent, html};

use super::state::{Msg, State};
use super::{Widget, button, prose, words};

/// Draws the form, or what was committed to.
pub fn view(state: &State, link: &Scope<Widget>) -> Html {
    match &state.memory.prediction {
        // There is something to do, and nothing to say beforehand.
        _ if !state.exercise.prediction.asks() => {
            html! { <p class="exercise-task">{prose::line(state.exercise.prediction.label().get(state.lang))}</p> }
        }
        Some(committed) => committed_to(state, committed, link),
        None => form(state, link),
    }
}

fn committed_to(state: &State, committed: &str, link: &Scope<Widget>) -> Html {
    let said = match &state.exercise.prediction {
        Prediction::Number { unit, .. } => {
            html! { <strong>{committed}{prose::unit(unit.get(state.lang))}</strong> }
        }
        Prediction::Choice { options, .. } => {
            let chosen = options.iter().find(|option| option.id.eq_ignore_ascii_case(committed));
            html! { <strong>{chosen.map(|option| prose::line(option.text.get(state.lang)))}</strong> }
        }
        Prediction::Word { .. } | Prediction::Nothing { .. } => html! { <strong>{committed}</strong> },
    };
    let (mine, again) = if state.predicts() {
        (&words::MY_PREDICTION, &words::AGAIN)
    } else {
        (&words::MY_ANSWER, &words::AGAIN_ANSWER)
    };
    let idle = state.run.is_none() && !state.working;
    html! {
        <div class="exercise-committed">
            <p><span class="exercise-muted">{state.say(mine)}</span>{" "}{said}</p>
            if idle {
                {button("again", state.say(again), link.callback(|_| Msg::Again))}
            }
        </div>
    }
}

fn form(state: &State, link: &Scope<Widget>) -> Html {
    let onsubmit = link.callback(|event: SubmitEvent| {
        event.prevent_default();
        Msg::Commit
    });
    let fields = match &state.exercise.prediction {
        Prediction::Number { .. } => number(state, link),
        Prediction::Choice { options, .. } => choices(state, options, link),
        Prediction::Word { label, example } => word(state, label.get(state.lang), example, link),
        Prediction::Nothing { .. } => Html::default(),
    };
    let commit = if state.predicts() { &words::COMMIT } else { &words::COMMIT_ANSWER };
    html! {
        <form class="exercise-form" novalidate=true {onsubmit}>
            {fields}
            <p class="exercise-problem" id={state.id("problem")} role="alert">
                {state.problem.as_ref().map(|why| prose::line(state.say(why)))}
            </p>
            <p class="exercise-muted" id={state.id("first")}>{state.say(&words::COMMIT_FIRST)}</p>
            <button type="submit" class="exercise-button exercise-primary" data-act="commit">{state.say(commit)}</button>
        </form>
    }
}

fn typed(event: &InputEvent) -> Msg {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    Msg::Typed(input.map(|input| input.value()).unwrap_or_default())
}

fn number(state: &State, link: &Scope<Widget>) -> Html {
    let Prediction::Number { label, unit, min, max, .. } = &state.exercise.prediction else { return Html::default() };
    let (unit, id) = (unit.get(state.lang), state.id("answer"));
    let (min, max) = (decimal::plain(*min), decimal::plain(*max));
    html! {
        <div class="exercise-number">
            <label for={id.clone()}>{prose::line(label.get(state.lang))}</label>
            <span class="exercise-box">
                <input {id} type="text" inputmode="decimal" autocomplete="off" maxlength="40" value={state.typed.clone()}
                    aria-describedby={format!("{} {}", state.id("range"), state.id("problem"))}
                    aria-invalid={state.problem.is_some().then_some("true")}
                    oninput={link.callback(|event: InputEvent| typed(&event))} />
                if !unit.is_empty() {
                    <span>{unit}</span>
                }
            </span>
            <span class="exercise-muted" id={state.id("range")}>{format!("{min}–{max}{}", prose::unit(unit))}</span>
        </div>
    }
}

fn word(state: &State, label: &str, example: &str, link: &Scope<Widget>) -> Html {
    let id = state.id("answer");
    html! {
        <div class="exercise-number exercise-word">
            <label for={id.clone()}>{label}</label>
            <span class="exercise-box">
                <input {id} type="text" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="200"
                    placeholder={example.to_owned()} value={state.typed.clone()}
                    aria-describedby={state.id("problem")} aria-invalid={state.problem.is_some().then_some("true")}
                    oninput={link.callback(|event: InputEvent| typed(&event))} />
            </span>
        </div>
    }
}

fn choices(state: &State, options: &[Choice], link: &Scope<Widget>) -> Html {
    let name = state.id("choice");
    let option = |(i, option): (usize, &Choice)| {
        // The first is where the focus goes.
        let id = if i == 0 { state.id("answer") } else { state.id(&format!("choice-{}", option.id)) };
        html! {
            <div class="exercise-choice">
                <input id={id.clone()} type="radio" name={name.clone()} value={option.id.clone()}
                    checked={state.typed.eq_ignore_ascii_case(&option.id)}
                    oninput={link.callback(|event: InputEvent| typed(&event))} />
                <label for={id}>{prose::line(option.text.get(state.lang))}</label>
            </div>
        }
    };
    html! {
        <fieldset aria-describedby={state.id("problem")}>
            <legend>{prose::line(state.exercise.prediction.label().get(state.lang))}</legend>
            {for options.iter().enumerate().map(option)}
        </fieldset>
    }
}
