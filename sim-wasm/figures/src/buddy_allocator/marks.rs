//! Free memory of every zone against its marks: what may be handed out to whom.

use sim_core::Lang;
use sim_core::buddy_allocator::{BuddyAllocator, ZONES, Zone};

use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const BAR: i32 = 14 * PX;
/// Height of a zone: its line of words, its bar and the names of the marks.
const ROW: i32 = 46 * PX;

/// Draws a bar a zone, highest first; returns the height.
pub fn draw(model: &BuddyAllocator, svg: &mut Svg, view: &View<'_>) -> i32 {
    let highest = model.preferred_zone().name.clone();
    let mut y = 0;
    for zone in model.zones().rev() {
        svg.group_at("f-zone", 0, y);
        bar(zone, &highest, svg, view);
        svg.close();
        y += ROW;
    }
    y
}

fn bar(zone: &Zone, highest: &str, svg: &mut Svg, view: &View<'_>) {
    let marks = &zone.marks;
    let boost = zone.watermark_boost;
    // Kept from requests that may use the highest zone there is.
    let at = ZONES.iter().position(|name| *name == highest).unwrap_or(0);
    let reserve = marks.lowmem_reserve[at];
    let free = zone.free_pages();
    let full = (2 * (marks.high + boost + reserve)).max(zone.managed / 16).max(16);
    let room = view.width();
    let x = |pages: u64| (u128::from(pages.min(full)) * room as u128 / u128::from(full)) as i32;
    let beyond = free > full;
    let said = said(zone, reserve, view);
    svg.text("f-sm", Anchor::Start, 0, 12 * PX, &said);
    if *zone.name == *highest {
        let note = match view.lang {
            Lang::Ko => "왼쪽 끝(min 아래): 보통 요청에는 주지 않음",
            Lang::En => "left end, below min: not for ordinary requests",
        };
        if width(&said, SMALL) + width(note, SMALL) + 20 * PX < room {
            svg.text("f-sm f-muted", Anchor::End, room, 12 * PX, note);
        }
    }
    let top = 17 * PX;
    svg.rect("f-lane", 0, top, room, BAR, 2 * PX);
    svg.rect("f-freebar", 0, top, x(free).max(1), BAR, 2 * PX);
    let min = marks.min + boost + reserve;
    svg.rect("f-guarded", 0, top, x(min), BAR, 0);
    if beyond {
        // The bar goes on beyond what is drawn.
        let tip = room - 12 * PX;
        svg.path("f-beyond", &[(tip, top + 30), (tip + 40, top + BAR / 2), (tip, top + BAR - 30)], false);
    }
    let mut taken = -100 * PX;
    for (name, pages) in [("min", marks.min), ("low", marks.low), ("high", marks.high)] {
        let at = x(pages + boost + reserve);
        svg.line("f-wmark", (at, top - 2 * PX), (at, top + BAR + 3 * PX));
        let w = width(name, SMALL);
        let left = (at - w / 2).clamp(0, room - w);
        // Names that would stand on each other are left out from the left.
        if left > taken + 4 * PX {
            svg.text("f-sm f-muted", Anchor::Start, left, top + BAR + 13 * PX, name);
            taken = left + w;
        }
    }
}

fn said(zone: &Zone, reserve: u64, view: &View<'_>) -> String {
    let (name, free) = (&zone.name, zone.free_pages());
    let boosted = zone.watermark_boost;
    let mut said = match view.lang {
        Lang::Ko => format!("{name}: 빈 페이지 {free} / {}", zone.managed),
        Lang::En => format!("{name}: {free} of {} pages free", zone.managed),
    };
    let more = match (view.lang, reserve, boosted) {
        (_, 0, 0) => String::new(),
        (_, 0, boost) => format!(", boost {boost}"),
        (_, reserve, 0) => format!(", lowmem_reserve {reserve}"),
        (_, reserve, boost) => format!(", lowmem_reserve {reserve}, boost {boost}"),
    };
    if width(&format!("{said}{more}"), SMALL) <= view.width() {
        said.push_str(&more);
    }
    said
}
