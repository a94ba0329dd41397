//! The tank: how full it is, and the marks at which somebody acts.

use sim_core::dirty_writeback::DirtyWriteback;
use sim_core::{Lang, Text};

use super::size;
use crate::View;
use crate::measure::{PX, width};
use crate::style::{FONT, SMALL};
use crate::svg::{Anchor, Svg};

/// Height of the tank where it stands alone.
pub const HEIGHT: i32 = 196 * PX;
/// Least distance of two labels.
const LABEL: i32 = 15 * PX;

/// Where the tank and the labels on its left stand.
pub struct Place {
    /// Left edge of the labels.
    pub left: i32,
    /// Right wall.
    pub right: i32,
    /// The rim.
    pub top: i32,
    /// From the rim to the bottom.
    pub height: i32,
}

impl Place {
    /// Left wall of the tank.
    pub fn tank_left(&self) -> i32 {
        let room = self.right - self.left;
        self.left + (room / 2).max(150 * PX).min(room - 90 * PX)
    }

    fn bottom(&self) -> i32 {
        self.top + self.height
    }
}

/// How pages become height: a little more than the limit fills the tank.
struct Scale {
    full: u64,
    bottom: i32,
    height: i32,
}

impl Scale {
    fn y(&self, pages: u64) -> i32 {
        let part = u128::from(pages.min(self.full)) * u128::from(self.height.unsigned_abs());
        self.bottom - (part / u128::from(self.full.max(1))) as i32
    }
}

static NAMES: [Text; 4] = [
    Text::fixed("백그라운드", "background"),
    Text::fixed("freerun", "freerun"),
    Text::fixed("setpoint", "setpoint"),
    Text::fixed("한계", "limit"),
];

/// Draws the tank with what is in it and its marks.
pub fn draw(model: &DirtyWriteback, svg: &mut Svg, place: &Place, view: &View<'_>) {
    let marks = model.marks();
    let left = place.tank_left();
    let (w, bottom) = (place.right - left, place.bottom());
    let full = marks[3].max(model.dirty()).max(1) / 100 * 113 + 2;
    let scale = Scale { full, bottom, height: place.height };
    let writeback: u64 = model.disk_views().iter().map(|disk| disk.writeback).sum();
    let dirty = model.dirty();
    svg.rect("f-tankroom", left, place.top, w, place.height, 0);
    let (surface, under) = (scale.y(dirty), scale.y(writeback));
    if surface < under {
        svg.rect("f-water", left, surface, w, under - surface, 0);
    }
    if under < bottom {
        svg.rect("f-leaving", left, under, w, bottom - under, 0);
    }
    svg.path("f-tank", &[(left, place.top), (left, bottom), (place.right, bottom), (place.right, place.top)], false);
    let ys = marks.map(|pages| scale.y(pages));
    labels(svg, place, left, &marks, &ys, view);
    inside(svg, (left, w), (surface, under, bottom), (dirty, writeback), &ys, view);
}

/// The marks: lines across the tank, labels beside it that do not touch each other.
fn labels(svg: &mut Svg, place: &Place, left: i32, marks: &[u64; 4], ys: &[i32; 4], view: &View<'_>) {
    let mut at = [0; 4];
    let mut floor = place.bottom() - 2 * PX;
    for (slot, y) in at.iter_mut().zip(ys) {
        *slot = (*y).min(floor);
        floor = *slot - LABEL;
    }
    // Pushed over the rim: moved down again, from the top.
    let mut roof = place.top - 6 * PX;
    for slot in at.iter_mut().rev() {
        *slot = (*slot).max(roof);
        roof = *slot + LABEL;
    }
    for i in 0..4 {
        let class = ["f-mark-bg", "f-mark-free", "f-mark-set", "f-mark-limit"][i];
        svg.line(class, (left, ys[i]), (place.right, ys[i]));
        svg.path("f-lead", &[(left - 10 * PX, at[i]), (left, ys[i])], false);
        let name = NAMES[i].get(view.lang);
        let said = format!("{name} {}", size(marks[i]));
        let room = left - 12 * PX - place.left;
        let fits = width(&said, SMALL) <= room;
        let said = if fits { said } else { name.to_owned() };
        let class = if i == 3 { "f-sm f-strong f-num" } else { "f-sm f-num" };
        svg.text(class, Anchor::End, left - 12 * PX, at[i] + 42, &said);
    }
}

/// What the layers are, written where there is room.
fn inside(
    svg: &mut Svg,
    (left, w): (i32, i32),
    (surface, under, bottom): (i32, i32, i32),
    (dirty, writeback): (u64, u64),
    marks: &[i32; 4],
    view: &View<'_>,
) {
    let middle = left + w / 2;
    let amount = size(dirty);
    let said = match view.lang {
        Lang::Ko => format!("더티 {amount}"),
        Lang::En => format!("{amount} dirty"),
    };
    let said = if width(&said, FONT) + 8 * PX > w { amount } else { said };
    // In the water where there is room between two marks, else over it.
    let clear = |y: &i32| marks.iter().all(|mark| !(y - 13 * PX..y + 5 * PX).contains(mark));
    let steps = (surface + 16 * PX..under - 4 * PX).step_by(2 * PX as usize);
    match steps.clone().find(clear).or(steps.clone().next()) {
        Some(y) => svg.text("f-t f-onwater", Anchor::Middle, middle, y, &said),
        None => svg.text("f-t f-strong f-halo", Anchor::Middle, middle, surface - 5 * PX, &said),
    }
    if bottom - under >= 15 * PX {
        let amount = size(writeback);
        let said = match view.lang {
            Lang::Ko => format!("쓰는 중 {amount}"),
            Lang::En => format!("{amount} being written"),
        };
        let said = if width(&said, SMALL) + 8 * PX > w { amount } else { said };
        svg.text("f-sm f-halo", Anchor::Middle, middle, bottom - 4 * PX, &said);
    }
}

/// A pipe with an arrow at its end.
pub fn pipe(svg: &mut Svg, points: &[(i32, i32)]) {
    svg.path("f-pipe", points, false);
    let [.., (x0, y0), (x, y)] = points else { return };
    let tip = if y > y0 && x == x0 {
        [(x - 45, y - 60), (*x, *y), (x + 45, y - 60)]
    } else {
        [(x - 60, y - 45), (*x, *y), (x - 60, y + 45)]
    };
    svg.path("f-pipetip", &tip, true);
}

/// What runs through a pipe.
pub fn flow(svg: &mut Svg, anchor: Anchor, x: i32, y: i32, said: &Text, view: &View<'_>) {
    svg.text("f-sm f-strong f-num", anchor, x, y, said.get(view.lang));
}
