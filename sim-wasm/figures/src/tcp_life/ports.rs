//! The local ports towards one destination: open, held, left.

use sim_core::tcp_life::TcpLife;
use sim_core::{Lang, Text};

use super::count;
use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const LANE: i32 = 24 * PX;
/// Narrowest stretch.
const CELL: i32 = 5 * PX;
/// Room for the names of the two lanes.
const NAMES: i32 = 40 * PX;
const HEIGHT: i32 = 22 * PX + 2 * LANE + 6 * PX + 16 * PX + 20 * PX;

/// Draws the ports; returns their height.
pub fn draw(model: &TcpLife, svg: &mut Svg, view: &View<'_>) -> i32 {
    let room = view.width() - NAMES;
    let Some(strip) = model.strip((room / CELL).unsigned_abs()) else {
        static NONE: Text = Text::fixed("연결하는 호스트가 없습니다", "no host connects");
        svg.text("f-sm f-muted", Anchor::Start, 0, 14 * PX, NONE.get(view.lang));
        return HEIGHT;
    };
    let (from, to) = (strip.from.name(), strip.to);
    let (long, short) = match view.lang {
        Lang::Ko => (format!("{from}의 로컬 포트, {to}로 갈 때"), format!("{from} → {to}의 로컬 포트")),
        Lang::En => (format!("Local ports of {from} towards {to}"), format!("Local ports, {from} → {to}")),
    };
    let title = if width(&long, 14) <= view.width() { &long } else { &short };
    svg.text("f-t f-strong", Anchor::Start, 0, 14 * PX, title);
    let cells = strip.stretches.len() as i32;
    let x = |i: usize| NAMES + (i64::from(room) * i as i64 / i64::from(cells.max(1))) as i32;
    for (parity, name) in [Text::fixed("짝수", "even"), Text::fixed("홀수", "odd")].iter().enumerate() {
        let top = 22 * PX + parity as i32 * (LANE + 6 * PX);
        svg.text("f-sm f-muted", Anchor::Start, 0, top + LANE / 2 + 42, name.get(view.lang));
        svg.rect("f-free", NAMES, top, room, LANE, 0);
        runs(&strip.stretches, parity, |from, until, [open, held, all]| {
            let (left, wide) = (x(from), x(until) - x(from));
            let high = |n: u32| (i64::from(LANE) * i64::from(n) / i64::from(all.max(1))) as i32;
            let (held, open) = (high(held), high(open));
            // A single port must be seen in a stretch of hundreds.
            if held > 0 {
                svg.rect("f-other", left, top + LANE - held, wide, held, 0);
            }
            if open > 0 {
                svg.rect("f-run", left, top + LANE - held - open, wide, open, 0);
            }
        });
    }
    let below = 22 * PX + 2 * LANE + 6 * PX;
    let (first, last) = strip.range;
    svg.text("f-sm f-muted f-num", Anchor::Start, NAMES, below + 14 * PX, &first.to_string());
    svg.text("f-sm f-muted f-num", Anchor::End, view.width(), below + 14 * PX, &last.to_string());
    legend(svg, view, below + 33 * PX, strip.all);
    HEIGHT
}

/// Neighbouring stretches that look alike are one.
fn runs(stretches: &[[[u32; 3]; 2]], parity: usize, mut draw: impl FnMut(usize, usize, [u32; 3])) {
    // In eighths: finer differences cannot be seen.
    let look = |stretch: &[[u32; 3]; 2]| {
        let [open, held, all] = stretch[parity];
        let eighths = |n: u32| (n * 8).div_ceil(all.max(1));
        [eighths(open), eighths(held).min(8 - eighths(open).min(8)), 8]
    };
    let mut begin = 0;
    for group in stretches.chunk_by(|a, b| look(a) == look(b)) {
        draw(begin, begin + group.len(), look(&group[0]));
        begin += group.len();
    }
}

fn legend(svg: &mut Svg, view: &View<'_>, y: i32, [open, held, all]: [u32; 3]) {
    let left = all.saturating_sub(open + held);
    let words = match view.lang {
        Lang::Ko => [("f-run", "열림", open), ("f-other", "TIME_WAIT 등", held), ("f-free", "남음", left)],
        Lang::En => [("f-run", "open", open), ("f-other", "TIME_WAIT etc.", held), ("f-free", "left", left)],
    };
    let mut x = if view.narrow() { 0 } else { NAMES };
    for (class, name, n) in words {
        svg.rect(class, x, y - 9 * PX, 10 * PX, 10 * PX, PX);
        let said = format!("{name} {}", count(n));
        svg.text("f-sm f-num", Anchor::Start, x + 15 * PX, y, &said);
        x += 15 * PX + width(&said, SMALL) + 14 * PX;
    }
}
