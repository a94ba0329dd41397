//! The text side of a run: the kernel's files, every event with its reason, the numbers.

use sim_core::{Metric, Text};
use sim_figures::ticks;
use yew::html::Scope;
use yew::{Html, html};

use super::form::button;
use super::state::State;
use super::transport::Move;
use super::{Frame, Msg};
use crate::run::{changed_fields, mark, rows};
use crate::simulators::Simulator;
use crate::words;

/// Events on one page of the table.
const ROWS: usize = 40;

/// Where to turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    First,
    Back,
    Next,
    Last,
    /// The page of the cursor, and on with it.
    Cursor,
}

/// The page of the last event done, which is where the cursor is.
fn page_of_cursor(passed: usize) -> usize {
    passed.saturating_sub(1) / ROWS
}

fn last_page(events: usize) -> usize {
    events.saturating_sub(1) / ROWS
}

fn page<M: Simulator>(state: &State<M>) -> usize {
    let tape = &state.run.tape;
    let page = state.page.unwrap_or_else(|| page_of_cursor(tape.passed(state.cursor)));
    page.min(last_page(tape.events().len()))
}

/// Turns the pages of the event table.
pub fn turn<M: Simulator>(state: &mut State<M>, to: Page) {
    let (page, last) = (page(state), last_page(state.run.tape.events().len()));
    state.page = match to {
        Page::First => Some(0),
        Page::Back => Some(page.saturating_sub(1)),
        Page::Next => Some((page + 1).min(last)),
        Page::Last => Some(last),
        Page::Cursor => None,
    };
}

/// The files at the cursor.
pub fn files<M: Simulator>(state: &State<M>) -> Html {
    let (before, now) = state.files();
    let file = |(path, text): (&&'static str, &String)| {
        let pieces = mark(before.get(path).map(String::as_str), text);
        let changed = pieces.iter().any(|piece| piece.changed);
        html! {
            <section class="sim-file" key={*path} data-path={*path}>
                <h4>
                    <code>{*path}</code>
                    if changed {
                        {" "}<span class="sim-changed">{state.say(&words::CHANGED).to_owned()}</span>
                    }
                </h4>
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

/// Every event and why, a page at a time.
pub fn events<M: Simulator>(state: &State<M>, link: &Scope<Frame<M>>) -> Html {
    let tape = &state.run.tape;
    let (page, last, all) = (page(state), last_page(tape.events().len()), tape.events().len());
    let (from, until) = (page * ROWS, ((page + 1) * ROWS).min(all));
    let done = tape.passed(state.cursor);
    let row = |(i, event): (usize, &sim_core::Event)| {
        let t = event.t_ns;
        let onclick = link.callback(move |_| Msg::Move(Move::Seek(t)));
        let here = t == state.cursor || i + 1 == done;
        html! {
            <tr key={i} aria-current={here.then_some("true")} class={(i >= done).then_some("sim-later")}>
                <td><button type="button" class="sim-goto" {onclick}>{ticks::say(t, state.lang)}</button></td>
                <td>{state.say(&M::kind(&event.kind)).to_owned()}</td>
                <td>{state.say(&event.why).to_owned()}</td>
            </tr>
        }
    };
    let turn = |name, label, to| button(name, state.say(label), link.callback(move |_| Msg::Page(to)));
    html! {<>
        <p class="sim-help">{state.say(&words::EVENTS_HELP).to_owned()}</p>
        <div class="sim-row">
            {turn("page-first", &words::FIRST_PAGE, Page::First)}
            {turn("page-back", &words::BACK_PAGE, Page::Back)}
            <span data-testid="pages">{format!("{}–{} / {all}", (from + 1).min(all), until)}</span>
            {turn("page-next", &words::NEXT_PAGE, Page::Next)}
            {turn("page-last", &words::LAST_PAGE, Page::Last)}
            if page != page_of_cursor(done).min(last) {
                {turn("page-cursor", &words::TO_CURSOR, Page::Cursor)}
            }
        </div>
        <table class="sim-table sim-events" data-testid="events">
            <thead><tr>
                <th scope="col">{state.say(&words::TIME)}</th>
                <th scope="col">{state.say(&words::EVENT)}</th>
                <th scope="col">{state.say(&words::WHY)}</th>
            </tr></thead>
            <tbody>{for tape.events()[from..until].iter().enumerate().map(|(i, event)| row((from + i, event)))}</tbody>
        </table>
    </>}
}

/// Every number at the cursor, beside those of the pinned run.
pub fn numbers<M: Simulator>(state: &State<M>, link: &Scope<Frame<M>>) -> Html {
    let pinned = state.pinned.as_ref();
    let tape = &state.run.tape;
    let all = rows(&pinned.unwrap_or(&state.run).tape, tape, state.cursor);
    let act = |name, label, pin| button(name, state.say(label), link.callback(move |_| Msg::Pin(pin)));
    let row = |row: crate::run::Row| {
        let metric = &M::metrics_list()[row.metric];
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
        <table class="sim-table sim-numbers" data-testid="numbers">
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
            {differences(state, &changed_fields(pinned.tape.scenario(), tape.scenario()))}
        }
    </>}
}

fn differences<M: Simulator>(state: &State<M>, changes: &[crate::run::Change]) -> Html {
    if changes.is_empty() {
        return html! { <p>{state.say(&words::SAME_INPUT)}</p> };
    }
    let cell = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
    html! {
        <table class="sim-table" data-testid="differences">
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
    fn the_page_of_the_cursor_holds_the_last_event_done() {
        for (passed, page) in [(0, 0), (1, 0), (ROWS, 0), (ROWS + 1, 1), (2 * ROWS, 1)] {
            assert_eq!(page_of_cursor(passed), page, "{passed}");
        }
        assert_eq!((last_page(0), last_page(ROWS), last_page(ROWS + 1)), (0, 0, 1));
    }

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
