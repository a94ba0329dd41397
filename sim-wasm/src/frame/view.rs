//! The whole widget, top to bottom.

use sim_core::Text;
use yew::html::Scope;
use yew::{Event, Html, KeyboardEvent, html};

use super::form::{Form, chosen_index, options};
use super::panels::{self, Panel};
use super::state::State;
use super::{Frame, Msg, editor, events, keys, live, predict, share, stage, tables, transport, work};
use crate::words;

/// Draws everything.
pub fn view(frame: &Frame, link: &Scope<Frame>) -> Html {
    let state = &frame.state;
    let keys_link = link.clone();
    let onkeydown = yew::Callback::from(move |event: KeyboardEvent| keys::pressed(&keys_link, &event));
    let panel = |panel, content: &dyn Fn() -> Html| panels::view(state, link, panel, content);
    let unless_hidden = |content: &dyn Fn() -> Html| {
        if state.hidden() {
            html! { <p>{state.say(&words::GUESS_HIDDEN)}</p> }
        } else {
            content()
        }
    };
    html! {
        <div class="sim-widget" lang={state.lang.tag()} {onkeydown}>
            {header(state, link)}
            {problems(state)}
            {stage::view(state, link, &frame.stage)}
            {transport::view(state, link)}
            {work::view(state, link)}
            {tables::notice(state.lang, state.notice.as_ref())}
            {panel(Panel::Predict, &|| predict::view(state, link))}
            {panel(Panel::Parameters, &|| parameters(state, link))}
            {panel(Panel::Numbers, &|| unless_hidden(&|| tables::numbers(state, link)))}
            {panel(Panel::Files, &|| unless_hidden(&|| tables::files(state)))}
            {panel(Panel::Events, &|| unless_hidden(&|| events::view(state, link)))}
            {panel(Panel::Live, &|| live::view(state, link))}
            {panel(Panel::Share, &|| share::view(state, link))}
        </div>
    }
}

/// Title, presets, and the one sentence.
fn header(state: &State, link: &Scope<Frame>) -> Html {
    let mut names: Vec<Text> = state.presets.iter().map(|preset| preset.title.clone()).collect();
    let own = state.preset.is_none();
    if own {
        names.push(words::OWN.clone());
    }
    let chosen = state.preset.unwrap_or(names.len() - 1);
    let insight = match state.preset.and_then(|preset| state.presets.get(preset)) {
        _ if state.hidden() => words::GUESS_HIDDEN.clone(),
        Some(preset) => preset.insight.clone(),
        None => own_run(state.run.scenario["kernel"].as_str()),
    };
    let onchange = link.callback(|event: Event| Msg::Preset(chosen_index(&event)));
    html! {
        <header class="sim-head">
            <p class="sim-title">{state.say(&(state.kind.entry.title)()).to_owned()}</p>
            <select class="sim-presets" data-testid="preset" aria-label={state.say(&words::PRESET).to_owned()}
                key={own.to_string()} {onchange}>
                {for options(&names, chosen, state.lang)}
            </select>
            <p class="sim-insight" data-testid="insight">{state.say(&insight).to_owned()}</p>
        </header>
    }
}

fn own_run(kernel: Option<&str>) -> Text {
    let Some(kernel) = kernel else { return words::OWN_RUN.clone() };
    sim_core::text!(
        ko: "직접 바꾼 실행입니다(커널 {kernel}). 프리셋을 고르면 처음으로 돌아갑니다.",
        en: "A run of your own (kernel {kernel}). Choose a preset to go back.",
    )
}

/// Everything wrong with the draft, in one place.
fn problems(state: &State) -> Html {
    if state.problems.is_empty() {
        return Html::default();
    }
    html! {
        <div class="sim-problems" role="alert" data-testid="problems">
            <p>{state.say(&words::INVALID)}</p>
            <ul>{for state.problems.iter().map(|problem| html! {
                <li>{state.say(&problem.text()).to_owned()}</li>
            })}</ul>
        </div>
    }
}

/// Every control of the scenario.
fn parameters(state: &State, link: &Scope<Frame>) -> Html {
    let form = Form { lang: state.lang, id: &state.id, problems: &state.problems, link };
    html! {<>
        {kernel(state, link)}
        {for state.kind.widget.editor.iter().map(|part| editor::view(part, &state.draft, &form))}
        <div class="sim-params">{for (state.kind.entry.params)().iter().map(|param| form.param(param, &state.draft))}</div>
    </>}
}

/// The kernel selector, with what the chosen version does differently.
fn kernel(state: &State, link: &Scope<Frame>) -> Html {
    let kernels = state.kind.widget.kernels;
    let Some(kernel) = state.kind.kernel(&state.draft).filter(|_| !kernels.is_empty()) else { return Html::default() };
    let mut names: Vec<Text> = kernels.iter().map(|(kernel, _)| Text::verbatim(kernel.to_string())).collect();
    let chosen = kernels.iter().position(|(listed, _)| *listed == kernel);
    if chosen.is_none() {
        names.push(Text::verbatim(kernel.to_string()));
    }
    // A version between two listed ones behaves as the older of them, unless the model says else.
    let about = kernels.iter().rfind(|(listed, _)| *listed <= kernel).map(|(_, about)| about);
    let id = format!("{}-kernel", state.id);
    let onchange = link.callback(|event: Event| Msg::Kernel(chosen_index(&event)));
    html! {
        <div class="sim-param">
            <label for={id.clone()}>{state.say(&words::KERNEL)}{" "}<code>{"kernel"}</code></label>
            <select id={id} data-testid="kernel" key={chosen.is_none().to_string()} {onchange}>
                {for options(&names, chosen.unwrap_or(names.len() - 1), state.lang)}
            </select>
            if let Some(about) = about {
                <p class="sim-help">{state.say(about).to_owned()}</p>
            }
        </div>
    }
}
