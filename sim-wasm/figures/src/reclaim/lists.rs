//! The four lists as queues: new pages come in on the left, the next to go is on the right.

use sim_core::Text;
use sim_core::reclaim::{Lru, Reclaim};

use super::{Colour, size};
use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const BAR: i32 = 20 * PX;
/// Height of a list with its name above it, on a phone, and beside it.
const TALL: i32 = 40 * PX;
const ROW: i32 = 28 * PX;
/// Room for the names, where they stand beside.
const NAMES: i32 = 176 * PX;
/// Room on the left for the way between the lists of a type.
const WAY: i32 = 18 * PX;
/// Stretches a list is divided into.
const STRETCHES: usize = 48;

static TITLES: [(Lru, Text); 4] = [
    (Lru::ActiveFile, Text::fixed("활성 파일", "active file")),
    (Lru::InactiveFile, Text::fixed("비활성 파일", "inactive file")),
    (Lru::ActiveAnon, Text::fixed("활성 익명", "active anon")),
    (Lru::InactiveAnon, Text::fixed("비활성 익명", "inactive anon")),
];

/// Draws the lists; returns the height they took.
pub fn draw(model: &Reclaim, colour: Colour, svg: &mut Svg, view: &View<'_>) -> i32 {
    static TITLE: Text = Text::fixed("네 목록", "The four lists");
    static MORE: Text = Text::fixed("새것은 왼쪽, 나갈 차례는 오른쪽", "new pages left, next to go right");
    let title = TITLE.get(view.lang);
    svg.text("f-t f-strong", Anchor::Start, 0, 14 * PX, title);
    svg.text("f-sm f-muted", Anchor::Start, width(title, 13) + 12 * PX, 14 * PX, MORE.get(view.lang));
    let row = if view.narrow() { TALL } else { ROW };
    let mut top = 24 * PX;
    let mut middles = [0; 4];
    for (i, (lru, name)) in TITLES.iter().enumerate() {
        // Between the two types there is some air.
        top += if i == 2 { 8 * PX } else { 0 };
        middles[i] = top + row - BAR / 2 - 4 * PX;
        list(model, colour, (*lru, name), svg, top + row - BAR - 4 * PX, view);
        top += row;
    }
    for pair in middles.chunks(2) {
        ways(svg, pair[0], pair[1]);
    }
    top
}

fn list(model: &Reclaim, colour: Colour, (lru, name): (Lru, &Text), svg: &mut Svg, y: i32, view: &View<'_>) {
    let kinds: Vec<_> = model.programs().iter().map(|program| program.kind).collect();
    let pages = model.list(lru);
    let said = format!("{} {}", name.get(view.lang), size(pages));
    let left = if view.narrow() { WAY } else { NAMES };
    if view.narrow() {
        svg.text("f-sm f-num", Anchor::Start, WAY, y - 4 * PX, &said);
    } else {
        svg.text("f-sm f-num", Anchor::Start, WAY + 4 * PX, y + 14 * PX, &said);
    }
    let out = if lru.is_active() { Text::default() } else { way_out(lru) };
    let out = out.get(view.lang);
    let right = view.width() - if view.narrow() { 58 * PX } else { 76 * PX };
    let room = right - left;
    let x =
        |pages: u64| (u128::from(pages) * u128::from(room.unsigned_abs()) / u128::from(model.managed().max(1))) as i32;
    svg.rect("f-lane", left, y, room, BAR, 2 * PX);
    let owners = model.owners(lru, STRETCHES);
    let (count, length) = (owners.len().max(1) as i32, x(pages));
    let mut at = 0;
    while at < owners.len() {
        let same = owners[at..].iter().take_while(|owner| **owner == owners[at]).count();
        let (from, until) = (length * at as i32 / count, length * (at + same) as i32 / count);
        let program = owners[at];
        svg.rect(colour(program, kinds.get(program).copied()), left + from, y, (until - from).max(5), BAR, 0);
        let digit = owners[at].to_string();
        if until - from > width(&digit, SMALL) + 4 * PX {
            svg.text("f-sm f-onnode", Anchor::Middle, left + (from + until) / 2, y + 14 * PX, &digit);
        }
        at += same;
    }
    if !out.is_empty() {
        let (from, middle) = (left + length + 3 * PX, y + BAR / 2);
        svg.line("f-arrow", (from, middle), (right - 2 * PX, middle));
        let tip = right + 4 * PX;
        svg.path("f-pipetip", &[(tip - 60, middle - 40), (tip, middle), (tip - 60, middle + 40)], true);
        svg.text("f-sm", Anchor::Start, tip + 4 * PX, middle + 42, out);
    }
}

/// Where what is taken off the end goes.
fn way_out(lru: Lru) -> Text {
    if lru.is_file() { Text::fixed("버림", "dropped") } else { Text::fixed("스왑", "swap") }
}

/// The ways between the lists of a type: up when a page is used again, down when it is not.
fn ways(svg: &mut Svg, active: i32, inactive: i32) {
    for (x, from, to) in [(4 * PX, inactive, active), (11 * PX, active, inactive)] {
        svg.line("f-arrow", (x, from), (x, to));
        let back = if to < from { 50 } else { -50 };
        svg.path("f-pipetip", &[(x - 30, to + back), (x, to), (x + 30, to + back)], true);
    }
}
