//! How a block looks: its migratetype by colour, by a pattern and by a letter.

use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

/// The letter of a migratetype.
pub fn letter(mt: u8) -> &'static str {
    match mt {
        0 => "U",
        1 => "M",
        2 => "R",
        _ => "?",
    }
}

/// A block or a row of neighbours: unmovable ones carry a bar through the middle, reclaimable ones
/// two stripes, movable ones are plain. Where there is room it says `name`.
pub fn block(svg: &mut Svg, mt: u8, x: i32, y: i32, w: i32, h: i32, name: &str) {
    let (fill, ink) = match mt {
        0 => ("f-bu", "f-sm f-onbu"),
        2 => ("f-br", "f-sm f-onbr"),
        _ => ("f-bm", "f-sm f-onbm"),
    };
    let w = w.max(8);
    svg.rect(fill, x, y, w, h, 0);
    let stripe = |svg: &mut Svg, at: i32| svg.line("f-bline", (x, y + at), (x + w, y + at));
    let room = !name.is_empty() && h >= 14 * PX && width(name, SMALL) + 4 * PX <= w;
    match mt {
        0 => stripe(svg, if room { h - 25 } else { h / 2 }),
        2 => {
            stripe(svg, 25);
            stripe(svg, h - 25);
        }
        _ => {}
    }
    if room {
        svg.text(ink, Anchor::Middle, x + w / 2, y + h / 2 + 42, name);
    }
}
