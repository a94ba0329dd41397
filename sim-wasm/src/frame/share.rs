//! Takes a run elsewhere: a link, a command, a file.

use sim_core::{Entry, Json, Running, Text};
use sim_figures::{figure_file, pcap};
use yew::html::Scope;
use yew::{Context, Html, html};

use super::form::button;
use super::state::State;
use super::work::slice;
use super::{Frame, Msg};
use crate::{page, words};

/// What to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    Link,
    Command,
    Csv,
    Svg,
    Pcap,
    /// Whether the browser took the file.
    Saved(bool),
    /// Whether the browser let us copy.
    Copied(bool),
}

/// The token of what is on screen, cursor and all.
pub fn token(state: &State) -> String {
    (state.kind.entry.token)(&state.run.scenario, state.cursor).unwrap_or_default()
}

/// The address that opens this moment in this widget.
fn link(state: &State) -> String {
    format!("{}#sim={}&in={}", page::address(), token(state), state.id)
}

fn command(state: &State) -> String {
    format!("live-probe sim {} --token {}", state.kind.entry.name, token(state))
}

/// Does it; whether there is something to draw.
pub fn update(state: &mut State, ctx: &Context<Frame>, share: Share) -> bool {
    match share {
        Share::Link | Share::Command => {
            let text = if share == Share::Link { link(state) } else { command(state) };
            if share == Share::Link {
                // The address bar says the same, for whoever copies from there.
                page::set_fragment(text.split_once('#').map_or("", |(_, fragment)| fragment));
            }
            let link = ctx.link().clone();
            page::spawn(async move { link.send_message(Msg::Share(Share::Copied(page::copy(&text).await))) });
            return false;
        }
        Share::Csv => {
            let (entry, scenario, name) = (state.kind.entry, state.run.scenario.clone(), file_name(state, "csv"));
            let link = ctx.link().clone();
            page::spawn(async move {
                let csv = csv(entry, &scenario).await;
                let saved = csv.is_some_and(|csv| page::download(&name, "text/csv", csv.as_bytes()));
                link.send_message(Msg::Share(Share::Saved(saved)));
            });
            return false;
        }
        Share::Svg => {
            let (scene, now) = (state.run.scene.clone(), state.now.boxed());
            let file = figure_file(state.kind.entry, scene, now, state.lang);
            tell(state, page::download(&file_name(state, "svg"), "image/svg+xml", file.as_bytes()));
        }
        Share::Pcap => {
            let packets = state.kind.entry.packets(&state.run.scenario).unwrap_or_default();
            let file = pcap::pcap(&packets);
            tell(state, file.is_ok_and(|file| page::download(&file_name(state, "pcap"), pcap::MEDIA_TYPE, &file)));
        }
        Share::Saved(saved) => tell(state, saved),
        Share::Copied(copied) => {
            state.notice = Some(if copied { words::COPIED.clone() } else { words::NOT_COPIED.clone() });
        }
    }
    true
}

/// The run as the terminal writes it; the page may do something else now and then.
async fn csv(entry: &Entry, scenario: &Json) -> Option<String> {
    let mut running = Running::numbers(entry, scenario).ok()?;
    while slice(|| running.step()) {
        page::sleep_ms(0).await;
    }
    Some(running.finish().to_csv())
}

fn tell(state: &mut State, saved: bool) {
    let told: Text = if saved { words::SAVED.clone() } else { words::NOT_SAVED.clone() };
    state.notice = Some(told);
}

fn file_name(state: &State, ending: &str) -> String {
    let name = state.preset.and_then(|preset| state.presets.get(preset)).map_or("run", |preset| preset.name);
    format!("{}-{name}.{ending}", state.kind.entry.name)
}

/// Draws the panel.
pub fn view(state: &State, scope: &Scope<Frame>) -> Html {
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
            if state.kind.entry.captures {
                {act("save-pcap", &words::SAVE_PCAP, Share::Pcap)}
            }
        </div>
        {shown(&words::LINK, link(state), "link")}
        {shown(&words::COMMAND, command(state), "command")}
    </>}
}
