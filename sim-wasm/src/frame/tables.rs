//! The text side of a run: the kernel's files and the numbers.

use std::borrow::Cow;

use sim_core::{Metric, Text};
use sim_figures::ticks;
use yew::html::Scope;
use yew::{Html, html};

use super::form::button;
use super::state::State;
use super::{Frame, Msg};
use crate::run::{changed_fields, mark, rows};
use crate::words;

/// The files at the cursor.
pub fn files(state: &State) -> Html {
    let (before, now) = state.files();
    let file = |(path, text): (&Cow<'static, str>, &String)| {
        let pieces = mark(before.get(path).map(String::as_str), text);
        let changed = pieces.iter().any(|piece| piece.changed);
        html! {
            <section class="sim-file" key={path.to_string()} data-path={path.clone()}>
                <p class="sim-path">
                    <code>{path.clone()}</code>
                    if changed {
                        {" "}<span class="sim-changed">{state.say(&words::CHANGED).to_owned()}</span>
                    }
                </p>
                <pre tabindex="0">{for pieces.into_iter().map(|piece| if piece.changed {
                    html! { <mark>{piece.text}</mark> }
                } else {
                    html! { {piece.text} }
                })}</pre>
            </section>
        }
    };
    html! {<>
        <p class="sim-help">{state.say(&words::FILES_HELP).to_owned()}</p>
        {for now.iter().map(file)}
    </>}
}

/// Every number at the cursor, beside those of the pinned run.
pub fn numbers(state: &State, link: &Scope<Frame>) -> Html {
    let pinned = state.pinned.as_ref();
    let tape = &state.run.tape;
    let all = rows(&pinned.unwrap_or(&state.run).tape, tape, state.cursor);
    let act = |name, label, pin| button(name, state.say(label), link.callback(move |_| Msg::Pin(pin)));
    let row = |row: crate::run::Row| {
        let metric = state.metric(row.metric);
        html! {
            <tr key={row.metric}>
                <th scope="row">{state.say(&metric.label)}{" "}<code>{metric.name}</code></th>
                <td>{shown(metric, row.shown)}</td>
                if pinned.is_some() {
                    <td>{shown(metric, row.pinned)}</td>
                    <td>{signed(metric, row.shown - row.pinned)}</td>
                }
            </tr>
        }
    };
    html! {<>
        <div class="sim-row">
            if pinned.is_some() {
                {act("pin", &words::PIN_AGAIN, true)}
                {act("unpin", &words::UNPIN, false)}
            } else {
                {act("pin", &words::PIN, true)}
                <span class="sim-help">{state.say(&words::PIN_HELP).to_owned()}</span>
            }
        </div>
        <table class="sim-table sim-numbers" data-testid="numbers" aria-label={state.say(&words::NUMBERS).to_owned()}>
            <thead><tr>
                <th scope="col">{format!("{} ({})", state.say(&words::METRIC), ticks::say(state.cursor, state.lang))}</th>
                <th scope="col">{state.say(&words::SHOWN)}</th>
                if pinned.is_some() {
                    <th scope="col">{state.say(&words::PINNED)}</th>
                    <th scope="col">{state.say(&words::DIFFERENCE)}</th>
                }
            </tr></thead>
            <tbody>{for all.into_iter().map(row)}</tbody>
        </table>
        if let Some(pinned) = pinned {
            {differences(state, &changed_fields(&pinned.scenario, &state.run.scenario))}
        }
    </>}
}

fn differences(state: &State, changes: &[crate::run::Change]) -> Html {
    if changes.is_empty() {
        return html! { <p>{state.say(&words::SAME_INPUT)}</p> };
    }
    let cell = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
    html! {
        <table class="sim-table" data-testid="differences" aria-label={state.say(&words::FIELD).to_owned()}>
            <thead><tr>
                <th scope="col">{state.say(&words::FIELD)}</th>
                <th scope="col">{state.say(&words::SHOWN)}</th>
                <th scope="col">{state.say(&words::PINNED)}</th>
            </tr></thead>
            <tbody>{for changes.iter().map(|change| html! {
                <tr>
                    <th scope="row"><code>{change.field.clone()}</code></th>
                    <td>{cell(&change.shown)}</td>
                    <td>{cell(&change.pinned)}</td>
                </tr>
            })}</tbody>
        </table>
    }
}

/// A number in its unit.
fn shown(metric: &Metric, value: i64) -> String {
    let decimals = if metric.scale == 1 { 0 } else { 3 };
    let unit = if metric.unit.is_empty() { String::new() } else { format!(" {}", metric.unit) };
    ticks::decimal(value, metric.scale, decimals) + &unit
}

fn signed(metric: &Metric, value: i64) -> String {
    let sign = if value > 0 { "+" } else { "" };
    format!("{sign}{}", shown(metric, value))
}

/// What the reader was told last, if anything.
pub fn notice(lang: sim_core::Lang, notice: Option<&Text>) -> Html {
    html! { <p class="sim-notice" role="status" aria-live="polite">{notice.map(|text| text.get(lang).to_owned())}</p> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_in_their_unit() {
        let metric = |unit, scale| Metric { name: "x", label: Text::fixed("x", "x"), unit, scale };
        for (metric, value, want) in [
            (metric("", 1), 3, ("3", "+3")),
            (metric("", 2048), 1299, ("0.634", "+0.634")),
            (metric("%", 2048), -2048, ("-1.000 %", "-1.000 %")),
            (metric("", 1), 0, ("0", "0")),
        ] {
            assert_eq!((shown(&metric, value).as_str(), signed(&metric, value).as_str()), want);
        }
    }
}
