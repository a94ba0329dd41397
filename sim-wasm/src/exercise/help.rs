//! The ladder of hints, and the explanation at its top.

use yew::html::Scope;
use yew::{Html, html};

use super::state::{Msg, Outcome, State};
use super::{Widget, button, prose, words};

/// Draws what was opened so far, and the next step.
pub fn view(state: &State, link: &Scope<Widget>) -> Html {
    let (hints, opened) = (&state.exercise.hints, state.memory.hints.min(state.exercise.hints.len()));
    let solved = state.memory.passed;
    let explained = solved || state.memory.gave_up;
    // Who has tried and has no hint left is not left alone.
    let may_give_up = !explained && opened == hints.len() && matches!(state.outcome, Some(Outcome::Judged(_)));
    let (n, all) = (opened + 1, hints.len());
    let next = sim_core::text!(ko: "힌트 보기 ({n}/{all})", en: "Show a hint ({n} of {all})");
    html! {<>
        <div class="exercise-hints" aria-live="polite" id={state.id("hints")} tabindex="-1">
            if opened > 0 {
                <p class="exercise-heading">{state.say(&words::HINTS)}</p>
                <ol>{for hints[..opened].iter().map(|hint| html! { <li>{prose::line(state.say(hint))}</li> })}</ol>
            }
        </div>
        if opened < all && !explained {
            {button("hint", state.say(&next), link.callback(|_| Msg::Hint))}
        }
        if may_give_up {
            {button("explain", state.say(&words::SHOW_EXPLANATION), link.callback(|_| Msg::GiveUp))}
        }
        <div aria-live="polite" id={state.id("explanation")} tabindex="-1">
            if explained {
                <div class="exercise-explained">
                    <p class="exercise-heading">{state.say(&words::EXPLANATION)}</p>
                    {prose::paragraphs(state.say(&state.exercise.explanation))}
                </div>
            }
        </div>
    </>}
}
