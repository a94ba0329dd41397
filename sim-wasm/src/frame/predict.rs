//! Predict before you look: the reader draws or types a curve, then sees the real one.

use sim_core::{Lang, Nanos, SECOND, decimal, text};
use sim_figures::ticks;
use yew::html::Scope;
use yew::{Html, InputEvent, html};

use super::form::{button, input_value};
use super::keys::Key;
use super::stage::{self, Pointer};
use super::state::State;
use super::{Frame, Msg};
use crate::run::Guess;
use crate::words;

/// A prediction in the making, or made.
pub struct GuessState {
    /// What was drawn, in the metric's unit.
    pub guess: Guess,
    /// Whether the run may be seen.
    pub revealed: bool,
    /// Where the keyboard draws.
    pub place: usize,
    /// Last point of the stroke being drawn.
    brush: Option<(Nanos, f64)>,
    /// Where the cursor was.
    cursor: Nanos,
    typed_s: String,
    typed_value: String,
}

/// What the reader does with a prediction.
pub enum Guessing {
    Start,
    TimeTyped(String),
    ValueTyped(String),
    /// Draws the typed point.
    Put,
    Reveal,
    Clear,
}

/// Does it; whether there is something to draw.
pub fn update(state: &mut State, guessing: Guessing) -> bool {
    if let Guessing::Start = guessing {
        let (cursor, ends) = (state.cursor, state.run.tape.ends);
        state.playing = None;
        state.seek(0);
        let guess = Guess::new(ends);
        let place = guess.place(cursor);
        state.guess = Some(GuessState {
            typed_s: (guess.time(place) / SECOND).to_string(),
            guess,
            revealed: false,
            place,
            brush: None,
            cursor,
            typed_value: String::new(),
        });
        return true;
    }
    let ends = state.run.tape.ends;
    let Some(guess) = &mut state.guess else { return false };
    match guessing {
        Guessing::TimeTyped(text) => guess.typed_s = text,
        Guessing::ValueTyped(text) => guess.typed_value = text,
        Guessing::Put => match (seconds(&guess.typed_s, ends), value(&guess.typed_value)) {
            (Some(t), Some(value)) => {
                guess.guess.set(t, value);
                guess.place = guess.guess.place(t);
                state.notice = None;
            }
            _ => {
                let ends = ends / SECOND;
                state.notice = Some(text!(
                    ko: "시각은 0부터 {ends}까지의 초로, 값은 0 이상의 수로 적으십시오.",
                    en: "The time is in seconds from 0 to {ends}, the value a number of at least 0."
                ));
            }
        },
        Guessing::Reveal => return reveal(state),
        Guessing::Start | Guessing::Clear => {
            let cursor = guess.cursor;
            state.guess = None;
            state.seek(cursor);
        }
    }
    true
}

fn reveal(state: &mut State) -> bool {
    let Some(guess) = &mut state.guess else { return false };
    if guess.guess.is_empty() {
        state.notice = Some(words::GUESS_FIRST.clone());
        return true;
    }
    guess.revealed = true;
    let cursor = guess.cursor;
    state.notice = None;
    state.seek(cursor);
    true
}

fn seconds(text: &str, ends: Nanos) -> Option<Nanos> {
    let t = decimal::parse(text.trim())? * SECOND as f64;
    (t >= 0.0 && t <= ends as f64).then_some(t as Nanos)
}

fn value(text: &str) -> Option<f64> {
    decimal::parse(text.trim()).filter(|value| *value >= 0.0)
}

/// The pointer draws.
pub fn brush(state: &mut State, pointer: Pointer, t: Nanos, value: f64) -> bool {
    let Some(guess) = &mut state.guess else { return false };
    match (pointer, guess.brush) {
        (Pointer::Up, _) => guess.brush = None,
        (Pointer::Drag, Some(from)) => {
            guess.guess.stroke(from, (t, value));
            guess.brush = Some((t, value));
        }
        _ => {
            guess.guess.put(t, value);
            guess.brush = Some((t, value));
        }
    }
    guess.place = guess.guess.place(t);
    true
}

/// The keyboard draws.
pub fn key(state: &mut State, key: Key) -> bool {
    let top = stage::chart(state).plot(&stage::chart_view(state, "")).top_value;
    let nudge = top as f64 / state.guessed().scale as f64 / 40.0;
    if key == Key::Enter {
        return reveal(state);
    }
    let Some(guess) = &mut state.guess else { return false };
    let (last, here) = (guess.guess.last_place(), guess.guess.time(guess.place));
    // A line goes on at the height it had.
    let height = guess.guess.value(here).unwrap_or(0.0);
    let to = match key {
        Key::Left => guess.place.saturating_sub(1),
        Key::Right => (guess.place + 1).min(last),
        Key::Home => 0,
        Key::End => last,
        Key::Up | Key::Down => {
            let nudge = if key == Key::Up { nudge } else { -nudge };
            guess.guess.put(here, (height + nudge).min(nudge.abs() * 40.0));
            return true;
        }
        Key::Space | Key::Enter => return false,
    };
    let there = guess.guess.time(to);
    if guess.guess.value(there).is_none() && guess.guess.value(here).is_some() && to.abs_diff(guess.place) == 1 {
        guess.guess.put(there, height);
    }
    guess.place = to;
    true
}

/// Draws the panel.
pub fn view(state: &State, link: &Scope<Frame>) -> Html {
    let act = |name, label, make: fn() -> Guessing| {
        button(name, state.say(label), link.callback(move |_| Msg::Guess(make())))
    };
    let Some(guess) = &state.guess else {
        return html! {<>
            <p>{state.say(&words::PREDICT_HELP)}</p>
            {act("guess-start", &words::PREDICT_START, || Guessing::Start)}
        </>};
    };
    if guess.revealed {
        return html! {<>
            {score(state, guess)}
        <div class="sim-row">
            {act("guess-start", &words::PREDICT_AGAIN, || Guessing::Start)}
            {act("guess-clear", &words::CLEAR, || Guessing::Clear)}
        </div></>};
    }
    let number = |name: &'static str, label, unit, text: &str, make: fn(String) -> Guessing| {
        let oninput = link.callback(move |event: InputEvent| Msg::Guess(make(input_value(&event))));
        html! {
            <label class="sim-field">
                <span>{state.say(label).to_owned()}</span>
                <span class="sim-number">
                    <input type="number" min="0" step="any" data-testid={name} value={text.to_owned()} {oninput} />
                    <span class="sim-unit">{unit}</span>
                </span>
            </label>
        }
    };
    html! {<>
        <p>{state.say(&words::PREDICT_HELP)}</p>
        <div class="sim-row">
            {number("guess-time", &words::GUESS_TIME, "s", &guess.typed_s, Guessing::TimeTyped)}
            {number("guess-value", &words::GUESS_VALUE, state.guessed().unit, &guess.typed_value,
                Guessing::ValueTyped)}
            {act("guess-put", &words::GUESS_PUT, || Guessing::Put)}
        </div>
        <div class="sim-row">
            {act("guess-reveal", &words::REVEAL, || Guessing::Reveal)}
            {act("guess-clear", &words::CLEAR, || Guessing::Clear)}
        </div>
    </>}
}

/// How near the prediction came, in words and as a table at the cursor.
fn score(state: &State, guess: &GuessState) -> Html {
    let (index, metric) = (state.kind.guessed(), state.guessed());
    let real = |t| state.run.tape.value(index, t) as f64 / metric.scale as f64;
    let Some(score) = guess.guess.score(real) else { return Html::default() };
    let (at, far) = score.worst;
    let (mean, drawn, reality) = (two(score.mean), two(guess.guess.value(at).unwrap_or(0.0)), two(real(at)));
    let (at, far) = (ticks::say(at, state.lang), two(far));
    let told = match state.lang {
        Lang::Ko => format!(
            "예측과 시뮬레이터의 차이는 평균 {mean}입니다. 가장 먼 곳은 {at}로, 예측 {drawn}, 시뮬레이터 {reality}, 차이 {far}입니다."
        ),
        Lang::En => format!(
            "Your curve is {mean} away on average. It is farthest at {at}: you said {drawn}, the simulator {reality}, {far} apart."
        ),
    };
    let here = guess.guess.value(state.cursor).map_or_else(|| "–".to_owned(), two);
    html! {<>
        <p data-testid="guess-score" role="status">{told}</p>
        <table class="sim-table">
            <thead><tr>
                <th scope="col">{state.say(&words::GUESS_TIME)}</th>
                <th scope="col">{state.say(&words::GUESS_LABEL)}</th>
                <th scope="col">{state.say(&words::REAL)}</th>
            </tr></thead>
            <tbody><tr>
                <td>{ticks::say(state.cursor, state.lang)}</td>
                <td>{here}</td>
                <td>{two(real(state.cursor))}</td>
            </tr></tbody>
        </table>
    </>}
}

/// Two decimals without the float formatter, which is large.
fn two(value: f64) -> String {
    decimal::fixed(value, 2)
}
