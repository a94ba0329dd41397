//! Packets between the two ends of a connection: time goes to the right, each end is a lane.

use sim_core::{Lang, Nanos};

use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};
use crate::ticks::{say, times};

/// How high an end's lane is.
pub const LANE: i32 = 18 * PX;

/// Time on a drawing.
#[derive(Clone, Copy, Debug)]
pub struct Ladder {
    /// Where time zero is.
    pub left: i32,
    /// Where the run ends.
    pub right: i32,
    /// End of the run.
    pub until: Nanos,
}

impl Ladder {
    /// Over the whole width, with room for half a figure at both ends.
    pub fn over(until: Nanos, view: &View<'_>) -> Ladder {
        Ladder { left: 12 * PX, right: view.width() - 12 * PX, until: until.max(1) }
    }

    /// Where a moment is.
    pub fn x(&self, t: Nanos) -> i32 {
        let room = u128::from(self.right.abs_diff(self.left));
        let along = room * u128::from(t.min(self.until)) / u128::from(self.until);
        self.left + i32::try_from(along).unwrap_or(0)
    }

    /// An end: its lane, and its name at the left of it.
    pub fn lane(&self, svg: &mut Svg, y: i32, name: &str) {
        self.bare_lane(svg, y);
        svg.text("f-sm f-muted", Anchor::Start, self.left - 6 * PX, y + LANE / 2 + 42, name);
    }

    /// The same with its name at the right.
    pub fn lane_named_right(&self, svg: &mut Svg, y: i32, name: &str) {
        self.bare_lane(svg, y);
        svg.text("f-sm f-muted", Anchor::End, self.right + 6 * PX, y + LANE / 2 + 42, name);
    }

    fn bare_lane(&self, svg: &mut Svg, y: i32) {
        svg.rect("f-lane", self.left - 12 * PX, y, self.right - self.left + 24 * PX, LANE, 3 * PX);
    }

    /// A packet that arrives, from a moment at a height to another.
    pub fn arrow(&self, svg: &mut Svg, class: &str, from: (Nanos, i32), to: (Nanos, i32)) {
        let (from, to) = ((self.x(from.0), from.1), (self.x(to.0), to.1));
        svg.line(class, from, to);
        let back = if to.1 > from.1 { -50 } else { 50 };
        svg.path("f-arrow", &[(to.0 - 30, to.1 + back), to, (to.0 + 30, to.1 + back)], false);
    }

    /// A packet that ends at a height: a line and a cross.
    pub fn lost(&self, svg: &mut Svg, class: &str, from: (Nanos, i32), y: i32) {
        let x = self.x(from.0);
        svg.line(class, (x, from.1), (x, y));
        svg.line("f-touched", (x - 40, y - 40), (x + 40, y + 40));
        svg.line("f-touched", (x - 40, y + 40), (x + 40, y - 40));
    }

    /// Names of moments on one line; one that finds no room is left out.
    pub fn names(&self, svg: &mut Svg, y: i32, names: impl Iterator<Item = (Nanos, &'static str)>) {
        let mut free = i32::MIN;
        for (t, name) in names {
            let (x, half) = (self.x(t), width(name, SMALL) / 2);
            if x - half < free || x - half < 0 || x + half > self.right + 12 * PX {
                continue;
            }
            svg.text("f-sm f-strong", Anchor::Middle, x, y, name);
            free = x + half + 6 * PX;
        }
    }

    /// The line of the cursor.
    pub fn cursor(&self, svg: &mut Svg, now: Nanos, top: i32, bottom: i32) {
        svg.line("f-cursor", (self.x(now), top), (self.x(now), bottom));
    }

    /// The time axis; returns its height.
    pub fn axis(&self, svg: &mut Svg, y: i32, view: &View<'_>) -> i32 {
        svg.line("f-axis", (self.left, y), (self.right, y));
        let mut free = i32::MIN;
        for t in times(0, self.until, if view.narrow() { 4 } else { 8 }) {
            let (x, label) = (self.x(t), said(t, view.lang));
            svg.line("f-axis", (x, y), (x, y + 4 * PX));
            let half = width(&label, SMALL) / 2;
            let middle = x.clamp(half, view.width() - half);
            if middle - half < free {
                continue;
            }
            svg.text("f-sm f-muted f-num", Anchor::Middle, middle, y + 17 * PX, &label);
            free = middle + half + 8 * PX;
        }
        22 * PX
    }
}

fn said(t: Nanos, lang: Lang) -> String {
    if t == 0 { "0".to_owned() } else { say(t, lang) }
}

/// A figure in a box: its name and its value.
pub struct Box<'a> {
    /// What it is.
    pub name: &'a str,
    /// How much.
    pub value: String,
    /// Whether it is the one that matters.
    pub accent: bool,
    /// What stands between it and the next.
    pub sign: &'a str,
}

/// Boxes side by side, on a phone in two rows; returns their height.
pub fn boxes(svg: &mut Svg, boxes: &[Box<'_>], view: &View<'_>) -> i32 {
    let columns = if view.narrow() { 2 } else { boxes.len().max(1) };
    let (height, gap) = (44 * PX, 22 * PX);
    let room = (view.width() - gap * (columns as i32 - 1)) / columns as i32;
    for (i, one) in boxes.iter().enumerate() {
        let (x, y) = ((i % columns) as i32 * (room + gap), (i / columns) as i32 * (height + 8 * PX));
        svg.rect(if one.accent { "f-box f-accent" } else { "f-box" }, x, y, room, height, 4 * PX);
        svg.text("f-sm f-muted", Anchor::Start, x + 8 * PX, y + 17 * PX, one.name);
        svg.text("f-t f-strong f-num", Anchor::Start, x + 8 * PX, y + 35 * PX, &one.value);
        if (i + 1) % columns != 0 && i + 1 < boxes.len() {
            svg.text("f-t f-muted", Anchor::Middle, x + room + gap / 2, y + height / 2 + 45, one.sign);
        }
    }
    boxes.len().div_ceil(columns) as i32 * (height + 8 * PX) - 8 * PX
}
