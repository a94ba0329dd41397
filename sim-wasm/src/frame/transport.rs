//! Going through a run: play, step both ways, scrub, jump.

use sim_core::{Nanos, SECOND, mul_div};
use sim_figures::ticks;
use yew::html::Scope;
use yew::{Event, Html, InputEvent, html};

use super::form::{chosen_index, input_value, options};
use super::state::{Playing, SPEEDS, State};
use super::{Frame, Msg};
use crate::{page, words};

/// Places of the slider: finer than any screen.
const PLACES: u64 = 10_000;
/// With reduced motion, playing is a step this often, ms.
const STEP_MS: f64 = 900.0;
/// Longest time one frame may stand for, ms: a tab that was hidden does not leap.
const LONGEST_MS: f64 = 100.0;

/// Where to go.
#[derive(Clone, Debug, PartialEq)]
pub enum Move {
    /// Plays or stops.
    Toggle,
    /// The page repaints, at this time of its clock, ms.
    Frame(f64),
    /// To the next event.
    Step,
    /// To the event before.
    Back,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// To a moment.
    Seek(Nanos),
    /// To the next event of the chosen kind.
    Jump,
    /// To the last one before.
    JumpBack,
    /// Chooses a kind by its place among those of the run; 0 is any.
    Kind(usize),
    /// Chooses a speed.
    Speed(usize),
}

/// Does it; whether there is something to draw.
pub fn update(state: &mut State, link: &Scope<Frame>, to: Move) -> bool {
    let (t, run) = (state.cursor, state.run.clone());
    let tape = &run.tape;
    if state.hidden() {
        return false;
    }
    state.stepped = false;
    match to {
        Move::Frame(now) => return frame(state, now),
        Move::Toggle if state.playing.is_some() => state.playing = None,
        Move::Toggle => {
            if t >= tape.ends {
                state.seek(0);
            }
            let link = link.clone();
            let frames = page::Frames::new(move |now| link.send_message(Msg::Move(Move::Frame(now))));
            state.playing = Some(Playing { _frames: frames, at_ms: None });
        }
        Move::Kind(0) => state.jump.clear(),
        Move::Kind(place) => state.jump = tape.kinds().get(place - 1).unwrap_or(&"").to_string(),
        Move::Speed(speed) => state.speed = speed.min(SPEEDS.len() - 1),
        // Whoever goes somewhere wants to look at it.
        _ => {
            state.playing = None;
            state.live.follow = false;
            let sought = matches!(to, Move::Seek(_));
            let to = match to {
                Move::Step => Some(tape.next(t)),
                Move::Back => Some(tape.back(t)),
                Move::Home => Some(0),
                Move::End => Some(tape.ends),
                Move::Seek(to) => Some(to),
                Move::Jump if state.jump.is_empty() => Some(tape.next(t)),
                Move::JumpBack if state.jump.is_empty() => Some(tape.back(t)),
                Move::Jump => tape.next_of(&[&state.jump], t),
                _ => tape.back_to(&[&state.jump], t),
            };
            state.seek(to.unwrap_or(t));
            state.page = None;
            // The slider says its moment itself.
            state.stepped = !sought;
        }
    }
    true
}

fn frame(state: &mut State, now: f64) -> bool {
    let (t, ends, speed) = (state.cursor, state.run.tape.ends, SPEEDS[state.speed]);
    let next = state.run.tape.next(t);
    let Some(playing) = &mut state.playing else { return false };
    let passed = now - playing.at_ms.unwrap_or(now);
    let to = if page::reduced_motion() {
        if playing.at_ms.is_some() && passed < STEP_MS {
            return false;
        }
        next
    } else {
        t + (passed.clamp(0.0, LONGEST_MS) * speed as f64 * (SECOND / 1000) as f64) as Nanos
    };
    playing.at_ms = Some(now);
    if to >= ends {
        state.playing = None;
    }
    state.seek(to);
    true
}

/// The moment of a place of the slider.
fn moment(place: u64, ends: Nanos) -> Nanos {
    mul_div(ends, place.min(PLACES), PLACES)
}

/// The place of a moment.
fn place(t: Nanos, ends: Nanos) -> u64 {
    mul_div(t.min(ends), PLACES, ends.max(1))
}

/// What a screen reader says after a step: the moment, and what happened then and why. While the
/// run plays there is silence.
fn heard(state: &State) -> String {
    if !state.stepped {
        return String::new();
    }
    let tape = &state.run.tape;
    let time = ticks::say(state.cursor, state.lang);
    let done = tape.passed(state.cursor);
    let last = tape.tell(done.saturating_sub(1)..done).pop();
    match last.filter(|event| event.t_ns == state.cursor) {
        Some(event) => format!("{time}. {}: {}", state.say(&state.kind.event(event.kind)), state.say(&event.why)),
        None => time,
    }
}

/// Draws the transport.
pub fn view(state: &State, link: &Scope<Frame>) -> Html {
    let tape = &state.run.tape;
    let (ends, lang, off) = (tape.ends, state.lang, state.hidden());
    let playing = state.playing.is_some();
    // A disabled button would drop the focus, and the next arrow would turn the page.
    let button = |name: &'static str, icon: &'static str, label, to: Move, off: bool| {
        let label = state.say(label).to_owned();
        let onclick = link.callback(move |_| Msg::Move(to.clone()));
        html! {
            <button type="button" class="sim-icon" data-testid={name} aria-disabled={off.then_some("true")}
                aria-label={label.clone()} title={label} {onclick}>
                <svg viewBox="0 0 20 20" aria-hidden="true"><path d={icon} /></svg>
            </button>
        }
    };
    let oninput = link.callback(move |event: InputEvent| {
        Msg::Move(Move::Seek(moment(input_value(&event).parse().unwrap_or(0), ends)))
    });
    let said = format!("{} / {}", ticks::say(state.cursor, lang), ticks::say(ends, lang));
    let mut kinds = vec![words::ANY_KIND.clone()];
    kinds.extend(tape.kinds().iter().map(|kind| state.kind.event(kind)));
    let kind = tape.kinds().iter().position(|kind| *kind == state.jump).map_or(0, |place| place + 1);
    let speeds: Vec<_> = SPEEDS.iter().map(|speed| sim_core::Text::verbatim(format!("{speed}×"))).collect();
    let (start, end) = (state.cursor == 0, state.cursor >= ends);
    html! {
        <div class="sim-transport" role="group" aria-label={state.say(&words::TRANSPORT).to_owned()}>
            <div class="sim-buttons">
                {button("home", HOME, &words::HOME, Move::Home, off || start)}
                {button("back", BACK, &words::BACK, Move::Back, off || start)}
                {if playing { button("play", PAUSE, &words::PAUSE, Move::Toggle, off) }
                 else { button("play", PLAY, &words::PLAY, Move::Toggle, off) }}
                {button("step", STEP, &words::STEP, Move::Step, off || end)}
                {button("end", END, &words::END, Move::End, off || end)}
            </div>
            <input type="range" class="sim-scrub" data-testid="scrub" min="0" max={PLACES.to_string()} disabled={off}
                value={place(state.cursor, ends).to_string()} aria-label={state.say(&words::SCRUB).to_owned()}
                aria-valuetext={said.clone()} {oninput} />
            <output class="sim-time" data-testid="time" aria-live="off">{said}</output>
            <p class="sim-heard" role="status" data-testid="heard">{heard(state)}</p>
            <div class="sim-jump">
                <select aria-label={state.say(&words::KIND).to_owned()} data-testid="kind" disabled={off}
                    onchange={link.callback(|event: Event| Msg::Move(Move::Kind(chosen_index(&event))))}>
                    {for options(&kinds, kind, lang)}
                </select>
                {button("jump-back", JUMP_BACK, &words::BACK_TO, Move::JumpBack, off || start)}
                {button("jump", JUMP, &words::NEXT_OF, Move::Jump, off || end)}
                <select aria-label={state.say(&words::SPEED).to_owned()} data-testid="speed"
                    onchange={link.callback(|event: Event| Msg::Move(Move::Speed(chosen_index(&event))))}>
                    {for options(&speeds, state.speed, lang)}
                </select>
            </div>
        </div>
    }
}

const HOME: &str = "M4 4h2v12H4zM16 4v12l-9-6z";
const BACK: &str = "M12 4v12l-8-6zM14 4h2v12h-2z";
const PLAY: &str = "M5 3l12 7-12 7z";
const PAUSE: &str = "M5 4h4v12H5zM11 4h4v12h-4z";
const STEP: &str = "M8 4v12l8-6zM4 4h2v12H4z";
const END: &str = "M14 4h2v12h-2zM4 4v12l9-6z";
const JUMP_BACK: &str = "M10 4v12l-7-6zM17 4v12l-7-6z";
const JUMP: &str = "M3 4v12l7-6zM10 4v12l7-6z";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slider_reaches_both_ends_of_any_run() {
        for ends in [1, 999, 240 * SECOND, 7200 * SECOND] {
            assert_eq!((moment(0, ends), moment(PLACES, ends)), (0, ends));
            assert_eq!((place(0, ends), place(ends, ends)), (0, PLACES));
        }
    }
}
