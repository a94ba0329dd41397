//! Keys, while the widget has the focus. mdBook turns pages on bare arrows, so what is pressed
//! inside the widget does not leave it.

use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};
use yew::html::Scope;

use super::predict;
use super::state::State;
use super::transport::{self, Move};
use super::{Frame, Msg};

/// A key that means something on the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Space,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    Enter,
}

impl Key {
    fn of(name: &str) -> Option<Key> {
        Some(match name {
            " " => Key::Space,
            "ArrowLeft" => Key::Left,
            "ArrowRight" => Key::Right,
            "ArrowUp" => Key::Up,
            "ArrowDown" => Key::Down,
            "Home" => Key::Home,
            "End" => Key::End,
            "Enter" => Key::Enter,
            _ => return None,
        })
    }
}

/// A key was pressed somewhere in the widget.
pub fn pressed(link: &Scope<Frame>, event: &KeyboardEvent) {
    if event.ctrl_key() || event.alt_key() || event.meta_key() || event.key() == "Tab" || event.key() == "Escape" {
        return;
    }
    // The page has shortcuts of its own on arrows and letters.
    event.stop_propagation();
    let Some(key) = Key::of(&event.key()) else { return };
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    if !target.is_some_and(|target| acts(&target, key)) {
        return;
    }
    event.prevent_default();
    link.send_message(Msg::Key(key));
}

/// Whether the widget acts on a key pressed there, rather than the control that has the focus.
fn acts(target: &Element, key: Key) -> bool {
    if target.class_list().contains("sim-scrub") {
        return key != Key::Enter;
    }
    match target.tag_name().to_ascii_lowercase().as_str() {
        "input" | "select" | "textarea" | "summary" | "pre" => false,
        "button" | "a" => !matches!(key, Key::Space | Key::Enter),
        // Up and down scroll the page unless a curve is being drawn.
        _ => {
            let stage = if matches!(key, Key::Up | Key::Down | Key::Enter) { ".sim-guessing" } else { ".sim-stage" };
            target.closest(stage).is_ok_and(|stage| stage.is_some())
        }
    }
}

/// Does what a key means.
pub fn update(state: &mut State, link: &Scope<Frame>, key: Key) -> bool {
    if state.hidden() {
        return predict::key(state, key);
    }
    let to = match key {
        Key::Space => Move::Toggle,
        Key::Left | Key::Down => Move::Back,
        Key::Right | Key::Up => Move::Step,
        Key::Home => Move::Home,
        Key::End => Move::End,
        Key::Enter => return false,
    };
    transport::update(state, link, to)
}
