//! The whole widget, top to bottom.

use sim_core::Text;
use yew::html::Scope;
use yew::{Event, Html, KeyboardEvent, html};

use super::form::{Form, chosen_index, options};
use super::panels::{self, Panel};
use super::state::State;
use super::{Frame, Msg, events, keys, live, predict, share, stage, tables, transport};
use crate::simulators::Simulator;
use crate::words;

/// Draws everything.
pub fn view<M: Simulator>(frame: &Frame<M>, link: &Scope<Frame<M>>) -> Html {
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
            {stage::view(state, link, &frame.chart)}
            {transport::view(state, link)}
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
fn header<M: Simulator>(state: &State<M>, link: &Scope<Frame<M>>) -> Html {
    let mut names: Vec<Text> = state.presets.iter().map(|preset| preset.title.clone()).collect();
    let own = state.preset.is_none();
    if own {
        names.push(words::OWN.clone());
    }
    let chosen = state.preset.unwrap_or(names.len() - 1);
    let insight = match state.preset.and_then(|preset| state.presets.get(preset)) {
        _ if state.hidden() => words::GUESS_HIDDEN.clone(),
        Some(preset) => preset.insight.clone(),
        None => own_run(&M::kernel(state.run.tape.scenario()).to_string()),
    };
    let onchange = link.callback(|event: Event| Msg::Preset(chosen_index(&event)));
    html! {
        <header class="sim-head">
            <p class="sim-title">{state.say(&M::title()).to_owned()}</p>
            <select class="sim-presets" data-testid="preset" aria-label={state.say(&words::PRESET).to_owned()}
                key={own.to_string()} {onchange}>
                {for options(&names, chosen, state.lang)}
            </select>
            <p class="sim-insight" data-testid="insight">{state.say(&insight).to_owned()}</p>
        </header>
    }
}

fn own_run(kernel: &str) -> Text {
    sim_core::text!(
        ko: "직접 바꾼 실행입니다(커널 {kernel}). 프리셋을 고르면 처음으로 돌아갑니다.",
        en: "A run of your own (kernel {kernel}). Choose a preset to go back.",
    )
}

/// Everything wrong with the draft, in one place.
fn problems<M: Simulator>(state: &State<M>) -> Html {
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
fn parameters<M: Simulator>(state: &State<M>, link: &Scope<Frame<M>>) -> Html {
    let form = Form { lang: state.lang, id: &state.id, problems: &state.problems, link };
    html! {<>
        {kernel(state, link)}
        {M::editor(&state.draft, &form)}
        <div class="sim-params">{for M::params().iter().map(|param| form.param(param, &state.draft))}</div>
    </>}
}

/// The kernel selector, with what the chosen version does differently.
fn kernel<M: Simulator>(state: &State<M>, link: &Scope<Frame<M>>) -> Html {
    let kernel = M::kernel(&state.draft);
    let mut names: Vec<Text> = M::kernels().iter().map(|(kernel, _)| Text::verbatim(kernel.to_string())).collect();
    let chosen = M::kernels().iter().position(|(listed, _)| *listed == kernel);
    if chosen.is_none() {
        names.push(Text::verbatim(kernel.to_string()));
    }
    // A version between two listed ones behaves as the older of them, unless the model says else.
    let about = M::kernels().iter().rfind(|(listed, _)| *listed <= kernel).map(|(_, about)| about);
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
