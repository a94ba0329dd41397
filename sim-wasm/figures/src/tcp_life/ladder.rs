//! One connection from its SYN to its end: who sends what, and the states on either side.

use sim_core::tcp_life::{MOST_RUNGS, Rung, State, TcpLife};
use sim_core::{Lang, Text};

use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const STEP: i32 = 20 * PX;
const TOP: i32 = 44 * PX;
const HEIGHT: i32 = TOP + STEP * (MOST_RUNGS as i32 + 1) + 6 * PX;
/// Room for the names of states beside each line.
const STATES: i32 = 92 * PX;

/// Draws the ladder; returns its height, which is the same with few segments and with many.
pub fn draw(model: &TcpLife, svg: &mut Svg, view: &View<'_>) -> i32 {
    static TITLE: Text = Text::fixed("연결 하나를 따라가면", "One connection, followed to its end");
    static NONE: Text = Text::fixed("아직 연결이 없습니다", "no connection yet");
    svg.text("f-t f-strong", Anchor::Start, 0, 14 * PX, TITLE.get(view.lang));
    let (rungs, ended) = model.ladder();
    let middle = view.width() / 2;
    let half = (middle - STATES).min(150 * PX);
    let (left, right) = (middle - half, middle + half);
    let (client, server) = match view.lang {
        Lang::Ko => ("연결한 쪽", "받은 쪽"),
        Lang::En => ("who connected", "who accepted"),
    };
    svg.text("f-sm f-muted", Anchor::Middle, left, 34 * PX, client);
    svg.text("f-sm f-muted", Anchor::Middle, right, 34 * PX, server);
    let bottom = TOP + STEP * (MOST_RUNGS as i32 + 1);
    for x in [left, right] {
        svg.line("f-axis", (x, TOP - 4 * PX), (x, bottom));
    }
    if rungs.is_empty() {
        svg.text("f-sm f-muted f-halo", Anchor::Middle, middle, TOP + 20 * PX, NONE.get(view.lang));
        return HEIGHT;
    }
    let mut shown = [State::Closed; 2];
    for (i, rung) in rungs.iter().take(MOST_RUNGS).enumerate() {
        let y = TOP + STEP * i as i32;
        states(svg, rung.states, &mut shown, (left, right), y + 4 * PX);
        arrow(svg, rung, (left, right), y, view);
    }
    // Behind the last segment, where it arrived.
    let y = TOP + STEP * rungs.len().min(MOST_RUNGS) as i32 + 4 * PX;
    states(svg, ended, &mut shown, (left, right), y);
    HEIGHT
}

/// Names the states that are new, beside their lines.
fn states(svg: &mut Svg, now: [State; 2], shown: &mut [State; 2], (left, right): (i32, i32), y: i32) {
    let places = [(Anchor::End, left - 6 * PX), (Anchor::Start, right + 6 * PX)];
    for ((now, shown), (anchor, x)) in now.into_iter().zip(shown).zip(places) {
        if now != *shown {
            let class = if now == State::TimeWait { "f-sm f-strong" } else { "f-sm" };
            svg.text(class, anchor, x, y + 42, if now == State::Closed { "CLOSED" } else { now.name() });
            *shown = now;
        }
    }
}

fn arrow(svg: &mut Svg, rung: &Rung, (left, right): (i32, i32), y: i32, view: &View<'_>) {
    let (from, to) = if rung.from_client { (left, right) } else { (right, left) };
    let (sent, there) = ((from, y), (to, y + 12 * PX));
    let back = if rung.from_client { -7 * PX } else { 7 * PX };
    let name = rung.name();
    svg.line(if name == "RST" { "f-heldline" } else { "f-arrow" }, sent, there);
    let tip = [(to + back, there.1 - 5 * PX), there, (to + back, there.1 + 3 * PX)];
    svg.path(if name == "RST" { "f-heldbar" } else { "f-pipetip" }, &tip, true);
    let said = match (name, rung.from_client, view.lang) {
        ("", true, Lang::Ko) => "요청",
        ("", false, Lang::Ko) => "응답",
        ("", true, Lang::En) => "request",
        ("", false, Lang::En) => "answer",
        (name, ..) => name,
    };
    // Above its line, and not in the middle, where the arrows of both directions come close.
    let quarter = (right - left) / 4;
    let x = if rung.from_client { left + quarter } else { right - quarter };
    let class = if matches!(name, "FIN" | "RST" | "SYN" | "SYN+ACK") { "f-sm f-strong f-halo" } else { "f-sm f-halo" };
    if width(said, SMALL) <= right - left {
        svg.text(class, Anchor::Middle, x, y + 15, said);
    }
}
