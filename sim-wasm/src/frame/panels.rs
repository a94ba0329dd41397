//! What opens on demand, and remembers that it was open.

use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::html::Scope;
use yew::{Html, MouseEvent, html};

use super::state::State;
use super::{Frame, Msg};
use crate::{page, words};

/// A part of the widget that opens on demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    Predict,
    Parameters,
    Numbers,
    Files,
    Events,
    Live,
    Share,
}

/// Every panel with the name it is remembered by, in the order of the page.
pub const PANELS: [(Panel, &str); 7] = [
    (Panel::Predict, "predict"),
    (Panel::Parameters, "parameters"),
    (Panel::Numbers, "numbers"),
    (Panel::Files, "files"),
    (Panel::Events, "events"),
    (Panel::Live, "live"),
    (Panel::Share, "share"),
];

impl Panel {
    /// Its name: stable, for tests and for what the browser remembers.
    pub fn name(self) -> &'static str {
        PANELS[self as usize].1
    }

    fn title(self) -> &'static sim_core::Text {
        match self {
            Panel::Predict => &words::PREDICT,
            Panel::Parameters => &words::PARAMETERS,
            Panel::Numbers => &words::NUMBERS,
            Panel::Files => &words::FILES,
            Panel::Events => &words::EVENTS,
            Panel::Live => &words::LIVE,
            Panel::Share => &words::SHARE,
        }
    }
}

/// Which panels are open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open([bool; PANELS.len()]);

impl Open {
    /// Whether a panel is open.
    pub fn has(self, panel: Panel) -> bool {
        self.0[panel as usize]
    }

    fn set(&mut self, panel: Panel, open: bool) {
        self.0[panel as usize] = open;
    }

    /// As the browser keeps it: the names of open panels.
    fn written(self) -> String {
        let open = PANELS.iter().filter(|(panel, _)| self.has(*panel));
        open.map(|(_, name)| *name).collect::<Vec<_>>().join(" ")
    }

    fn read(text: &str) -> Open {
        let mut open = Open::default();
        for (panel, _) in PANELS.iter().filter(|(_, name)| text.split(' ').any(|word| word == *name)) {
            open.set(*panel, true);
        }
        open
    }
}

/// What was open when the reader left.
pub fn recall(figure: &str) -> Open {
    page::recall(&format!("sim-open {figure}")).map_or_else(Open::default, |text| Open::read(&text))
}

/// A panel was opened or closed.
pub fn toggled(state: &mut State, panel: Panel, open: bool) -> bool {
    state.open.set(panel, open);
    page::remember(&format!("sim-open {}", state.id), &state.open.written());
    true
}

/// Keeps how high the widget is at its width: the loader reserves that much before it starts.
pub fn remember_height(figure: &Element) {
    if let Some(element) = figure.dyn_ref::<web_sys::HtmlElement>()
        && figure.query_selector(".sim-live").is_ok_and(|live| live.is_some())
    {
        let size = format!("{} {}", element.offset_width(), element.offset_height());
        page::remember(&format!("sim-size {}", figure.id()), &size);
    }
}

/// A panel; its content is made only while it is open.
pub fn view(state: &State, link: &Scope<Frame>, panel: Panel, content: impl FnOnce() -> Html) -> Html {
    let open = state.open.has(panel);
    let onclick = link.callback(move |event: MouseEvent| {
        event.prevent_default();
        Msg::Panel(panel, !open)
    });
    html! {
        <details class="sim-panel" data-panel={panel.name()} open={open}>
            <summary {onclick}>{state.say(panel.title()).to_owned()}</summary>
            if open {
                <div class="sim-panel-body">{content()}</div>
            }
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_open_is_remembered_and_the_rest_forgotten() {
        for (text, want) in [("", ""), ("files events", "files events"), ("gone share files", "files share")] {
            assert_eq!(Open::read(text).written(), want);
        }
        for (place, (panel, _)) in PANELS.iter().enumerate() {
            assert_eq!(*panel as usize, place, "the list is in the order of the type");
        }
    }
}
