//! Every event with its reason: the text equivalent of the picture.

use std::rc::Rc;

use sim_core::{Event, Lang, Nanos, Text};
use sim_figures::ticks;
use yew::html::Scope;
use yew::{Callback, Component, Context, Html, Properties, html};

use super::form::button;
use super::state::State;
use super::transport::Move;
use super::work::SharedRun;
use super::{Frame, Msg};
use crate::simulators::Kind;
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

fn page(state: &State) -> usize {
    let tape = &state.run.tape;
    let page = state.page.unwrap_or_else(|| page_of_cursor(tape.passed(state.cursor)));
    page.min(last_page(tape.events()))
}

/// Turns the pages of the table.
pub fn turn(state: &mut State, to: Page) {
    let (page, last) = (page(state), last_page(state.run.tape.events()));
    state.page = match to {
        Page::First => Some(0),
        Page::Back => Some(page.saturating_sub(1)),
        Page::Next => Some((page + 1).min(last)),
        Page::Last => Some(last),
        Page::Cursor => None,
    };
}

/// Draws the panel, a page at a time.
pub fn view(state: &State, link: &Scope<Frame>) -> Html {
    let tape = &state.run.tape;
    let (page, last, all) = (page(state), last_page(tape.events()), tape.events());
    let done = tape.passed(state.cursor);
    let (from, until) = (page * ROWS, ((page + 1) * ROWS).min(all));
    let turn = |name, label, to| button(name, state.say(label), link.callback(move |_| Msg::Page(to)));
    let go = link.callback(|t| Msg::Move(Move::Seek(t)));
    html! {<>
        <p class="sim-help">{state.say(&words::EVENTS_HELP).to_owned()}</p>
        <div class="sim-row">
            {turn("page-first", &words::FIRST_PAGE, Page::First)}
            {turn("page-back", &words::BACK_PAGE, Page::Back)}
            <span data-testid="pages">{format!("{}–{until} / {all}", (from + 1).min(all))}</span>
            {turn("page-next", &words::NEXT_PAGE, Page::Next)}
            {turn("page-last", &words::LAST_PAGE, Page::Last)}
            if page != page_of_cursor(done).min(last) {
                {turn("page-cursor", &words::TO_CURSOR, Page::Cursor)}
            }
        </div>
        <Rows kind={state.kind.entry.name} run={state.run.clone()} {from} {until} {done} lang={state.lang} {go} />
    </>}
}

/// The rows of one page. A component of its own, because nothing in it changes between two events
/// while everything else moves. The reasons are told for this page alone.
struct Rows {
    told: Vec<Event>,
}

#[derive(Clone, Properties)]
struct RowsOf {
    kind: &'static str,
    run: SharedRun,
    from: usize,
    until: usize,
    /// How many events of the run are done.
    done: usize,
    lang: Lang,
    go: Callback<Nanos>,
}

impl RowsOf {
    fn same_page(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.run, &other.run) && (self.from, self.until) == (other.from, other.until)
    }
}

impl PartialEq for RowsOf {
    fn eq(&self, other: &Self) -> bool {
        // The callback is a new one every time and always does the same.
        self.same_page(other) && (self.done, self.lang) == (other.done, other.lang)
    }
}

impl Component for Rows {
    type Message = ();
    type Properties = RowsOf;

    fn create(ctx: &Context<Self>) -> Self {
        let of = ctx.props();
        Rows { told: of.run.tape.tell(of.from..of.until) }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &RowsOf) -> bool {
        let of = ctx.props();
        if !of.same_page(old) {
            self.told = of.run.tape.tell(of.from..of.until);
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let RowsOf { kind, from, until, done, lang, go, .. } = ctx.props();
        let kind = Kind::find(kind);
        let say = |text: &Text| text.get(*lang).to_owned();
        let row = |(i, event): (usize, &Event)| {
            let t = event.t_ns;
            let onclick = go.reform(move |_| t);
            // Events of one moment are done together; the last of them is where the cursor is.
            let here = i + 1 == *done;
            html! {
                <tr key={i} aria-current={here.then_some("true")} class={(i >= *done).then_some("sim-later")}>
                    <td><button type="button" class="sim-goto" {onclick}>{ticks::say(t, *lang)}</button></td>
                    <td>{kind.map(|kind| say(&kind.event(event.kind)))}</td>
                    <td>{say(&event.why)}</td>
                </tr>
            }
        };
        html! {
            <table class="sim-table sim-events" data-testid="events" aria-label={say(&words::EVENTS)}>
                <thead><tr>
                    <th scope="col">{say(&words::TIME)}</th>
                    <th scope="col">{say(&words::EVENT)}</th>
                    <th scope="col">{say(&words::WHY)}</th>
                </tr></thead>
                <tbody>{for (*from..*until).zip(&self.told).map(row)}</tbody>
            </table>
        }
    }
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
}
