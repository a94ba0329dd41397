//! Takes a run elsewhere: a link, a command, a file.

use sim_core::{Text, Token};
use sim_figures::figure_file;
use yew::html::Scope;
use yew::{Context, Html, html};

use super::form::button;
use super::state::State;
use super::{Frame, Msg};
use crate::simulators::Simulator;
use crate::{page, words};

/// What to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    Link,
    Command,
    Csv,
    Svg,
    /// Whether the browser let us copy.
    Copied(bool),
}

/// The token of what is on screen, cursor and all.
pub fn token<M: Simulator>(state: &State<M>) -> String {
    Token::new(state.run.tape.scenario().clone(), state.cursor).to_string()
}

/// The address that opens this moment in this widget.
fn link<M: Simulator>(state: &State<M>) -> String {
    format!("{}#sim={}&in={}", page::address(), token(state), state.id)
}

fn command<M: Simulator>(state: &State<M>) -> String {
    format!("live-probe sim {} --token {}", M::NAME, token(state))
}

/// Does it; whether there is something to draw.
pub fn update<M: Simulator>(state: &mut State<M>, ctx: &Context<Frame<M>>, share: Share) -> bool {
    match share {
        Share::Link | Share::Command => {
            let text = if share == Share::Link { link(state) } else { command(state) };
            if share == Share::Link {
                // The address bar says the same, for whoever copies from there.
                page::set_fragment(text.split_once('#').map_or("", |(_, fragment)| fragment));
            }
            ctx.link().send_future(async move { Msg::Share(Share::Copied(page::copy(&text).await)) });
            return false;
        }
        Share::Csv => {
            let csv = sim_core::run(state.run.tape.scenario()).to_csv();
            tell(state, page::download(&file_name(state, "csv"), "text/csv", &csv));
        }
        Share::Svg => {
            let file = figure_file(state.run.tape.scenario(), state.cursor, state.lang);
            tell(state, page::download(&file_name(state, "svg"), "image/svg+xml", &file));
        }
        Share::Copied(copied) => {
            state.notice = Some(if copied { words::COPIED.clone() } else { words::NOT_COPIED.clone() });
        }
    }
    true
}

fn tell<M: Simulator>(state: &mut State<M>, saved: bool) {
    let told: Text = if saved { words::SAVED.clone() } else { words::NOT_SAVED.clone() };
    state.notice = Some(told);
}

fn file_name<M: Simulator>(state: &State<M>, ending: &str) -> String {
    let name = state.preset.and_then(|preset| state.presets.get(preset)).map_or("run", |preset| preset.name);
    format!("{}-{name}.{ending}", M::NAME)
}

/// Draws the panel.
pub fn view<M: Simulator>(state: &State<M>, scope: &Scope<Frame<M>>) -> Html {
    let act = |name, label, share| button(name, state.say(label), scope.callback(move |_| Msg::Share(share)));
    let shown = |label, text: String, name: &'static str| {
        html! {
            <label class="sim-copy">
                <span>{state.say(label).to_owned()}</span>
                <input type="text" readonly=true data-testid={name} value={text} />
            </label>
        }
    };
    html! {<>
        <div class="sim-row">
            {act("copy-link", &words::COPY_LINK, Share::Link)}
            {act("copy-command", &words::COPY_COMMAND, Share::Command)}
            {act("save-csv", &words::SAVE_CSV, Share::Csv)}
            {act("save-svg", &words::SAVE_SVG, Share::Svg)}
        </div>
        {shown(&words::LINK, link(state), "link")}
        {shown(&words::COMMAND, command(state), "command")}
    </>}
}
