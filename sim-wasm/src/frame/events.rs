//! Every event with its reason: the text equivalent of the picture.

use std::rc::Rc;

use sim_core::{Lang, Nanos, Text};
use sim_figures::ticks;
use yew::html::Scope;
use yew::{Callback, Component, Context, Html, Properties, html};

use super::form::button;
use super::state::State;
use super::transport::Move;
use super::{Frame, Msg, SharedRun};
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

/// Turns the pages of the table.
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

/// Draws the panel, a page at a time.
pub fn view<M: Simulator>(state: &State<M>, link: &Scope<Frame<M>>) -> Html {
    let tape = &state.run.tape;
    let (page, last, all) = (page(state), last_page(tape.events().len()), tape.events().len());
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
        <Rows<M> run={state.run.clone()} {from} {until} {done} lang={state.lang} {go} />
    </>}
}

/// The rows of one page. A component of its own, because nothing in it changes between two events
/// while everything else moves.
struct Rows<M>(std::marker::PhantomData<M>);

#[derive(Properties)]
struct RowsOf<M: Simulator> {
    run: SharedRun<M>,
    from: usize,
    until: usize,
    /// How many events of the run are done.
    done: usize,
    lang: Lang,
    go: Callback<Nanos>,
}

impl<M: Simulator> Clone for RowsOf<M> {
    fn clone(&self) -> Self {
        let RowsOf { run, from, until, done, lang, go } = self;
        RowsOf { run: run.clone(), from: *from, until: *until, done: *done, lang: *lang, go: go.clone() }
    }
}

impl<M: Simulator> PartialEq for RowsOf<M> {
    fn eq(&self, other: &Self) -> bool {
        // The callback is a new one every time and always does the same.
        let shown = |of: &Self| (of.from, of.until, of.done, of.lang);
        Rc::ptr_eq(&self.run, &other.run) && shown(self) == shown(other)
    }
}

impl<M: Simulator> Component for Rows<M> {
    type Message = ();
    type Properties = RowsOf<M>;

    fn create(_: &Context<Self>) -> Self {
        Rows(std::marker::PhantomData)
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let RowsOf { run, from, until, done, lang, go } = ctx.props();
        let say = |text: &Text| text.get(*lang).to_owned();
        let row = |(i, event): (usize, &sim_core::Event)| {
            let t = event.t_ns;
            let onclick = go.reform(move |_| t);
            // Events of one moment are done together; the last of them is where the cursor is.
            let here = i + 1 == *done;
            html! {
                <tr key={i} aria-current={here.then_some("true")} class={(i >= *done).then_some("sim-later")}>
                    <td><button type="button" class="sim-goto" {onclick}>{ticks::say(t, *lang)}</button></td>
                    <td>{say(&M::kind(event.kind))}</td>
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
                <tbody>{for (*from..*until).zip(&run.tape.events()[*from..*until]).map(row)}</tbody>
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
