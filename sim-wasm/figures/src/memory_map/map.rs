//! The map: all memory from left to right by what it is used for, the columns of `free` over it, and
//! what is available under it.

use sim_core::Text;
use sim_core::memory_map::MemoryMap;
use sim_core::reclaim::{Kind, Part};

use crate::View;
use crate::measure::{PX, width};
use crate::reclaim::size;
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const BAR: i32 = 46 * PX;

/// What a part is called.
pub fn name(part: Part) -> Text {
    match part {
        Part::Kernel => Text::fixed("커널(SUnreclaim)", "kernel (SUnreclaim)"),
        Part::Anon => Text::fixed("프로그램(AnonPages)", "programs (AnonPages)"),
        Part::Shmem => Text::fixed("메모리 파일(Shmem)", "files in memory (Shmem)"),
        Part::Slab => Text::fixed("슬랩(SReclaimable)", "slab (SReclaimable)"),
        Part::Buffers => Text::fixed("Buffers", "Buffers"),
        Part::Cache => Text::fixed("파일의 내용", "contents of files"),
        Part::Free => Text::fixed("빈 메모리(MemFree)", "free (MemFree)"),
    }
}

/// Its fill, the letter in it, and what that is written with.
fn look(part: Part) -> (&'static str, &'static str, &'static str) {
    match part {
        Part::Kernel => ("f-other", "K", "f-sm f-strong"),
        Part::Anon => ("f-n1", "A", "f-sm f-onnode"),
        Part::Shmem => ("f-n3", "T", "f-sm f-onnode"),
        Part::Slab => ("f-n2", "S", "f-sm f-onnode"),
        Part::Buffers => ("f-n5", "B", "f-sm f-onnode"),
        Part::Cache => ("f-n0", "C", "f-sm f-onnode"),
        Part::Free => ("f-free", "F", "f-sm f-strong"),
    }
}

/// A program's pages have the fill of the part they are in.
pub fn colour(_: usize, kind: Option<Kind>) -> &'static str {
    let part = match kind {
        Some(Kind::Heap) => Part::Anon,
        Some(Kind::Shmem) => Part::Shmem,
        Some(Kind::Device) => Part::Buffers,
        Some(Kind::Names) => Part::Slab,
        Some(Kind::File) | None => Part::Cache,
    };
    look(part).0
}

/// Draws the map; returns the height it took.
pub fn draw(model: &MemoryMap, svg: &mut Svg, view: &View<'_>) -> i32 {
    let r = model.reclaim();
    let (w, all) = (view.width(), r.managed().max(1));
    let x = |pages: u64| (u128::from(pages.min(all)) * u128::from(w.unsigned_abs()) / u128::from(all)) as i32;
    let [used_today, used] = model.used();
    let columns = [("procps 3.3: used", used), ("buff/cache", model.buff_cache()), ("free", r.free())];
    let top = 46 * PX;
    let mut at = 0;
    for (name, pages) in columns {
        bracket(svg, (x(at), x(at + pages)), (top - 14 * PX, top - 4 * PX));
        let said = format!("{name} {}", size(pages));
        // The outer two at their ends and the middle one a line lower: however narrow the stretches
        // are, their words do not touch.
        let half = width(&said, SMALL) / 2;
        let middle = ((x(at) + x(at + pages)) / 2).clamp(half, w - half);
        let (anchor, x, y) = match name {
            "free" => (Anchor::End, w, top - 34 * PX),
            "buff/cache" => (Anchor::Middle, middle, top - 19 * PX),
            _ => (Anchor::Start, 0, top - 34 * PX),
        };
        svg.text("f-sm f-num", anchor, x, y, &said);
        at += pages;
    }
    let mut at = 0;
    for part in Part::ALL {
        let pages = r.part(part);
        let (class, letter, ink) = look(part);
        let (from, until) = (x(at), x(at + pages));
        at += pages;
        if until > from {
            svg.rect(class, from, top, until - from, BAR, 0);
        }
        if until - from > width(letter, SMALL) + 4 * PX {
            svg.text(ink, Anchor::Middle, (from + until) / 2, top + BAR / 2 + 42, letter);
        }
    }
    svg.rect("f-inuse", 0, top, w, BAR, 0);
    // From the right: what is free, and of the rest what would be given up.
    let available = r.available();
    let from = w - x(available);
    bracket(svg, (0, from), (top + BAR + 14 * PX, top + BAR + 4 * PX));
    bracket(svg, (from, w), (top + BAR + 14 * PX, top + BAR + 4 * PX));
    let said = format!("available {}", size(available));
    let half = width(&said, 13) / 2;
    svg.text("f-t f-strong f-num", Anchor::Middle, ((from + w) / 2).clamp(half, w - half), top + BAR + 28 * PX, &said);
    // A line lower, so that the two never touch.
    let said = format!("procps 4: used {}", size(used_today));
    let half = width(&said, SMALL) / 2;
    svg.text("f-sm f-num", Anchor::Middle, (from / 2).clamp(half, w - half), top + BAR + 44 * PX, &said);
    legend(model, svg, top + BAR + 58 * PX, view)
}

/// A stretch of the map, its ends turned towards the map.
fn bracket(svg: &mut Svg, (from, until): (i32, i32), (far, near): (i32, i32)) {
    let (from, until) = (from + 5, until - 5);
    if until > from {
        svg.path("f-tick", &[(from, near), (from, far), (until, far), (until, near)], false);
    }
}

/// What the letters mean, with how much there is of each; returns where it ends.
fn legend(model: &MemoryMap, svg: &mut Svg, top: i32, view: &View<'_>) -> i32 {
    let columns = if view.narrow() { 1 } else { 2 };
    let w = (view.width() - (columns - 1) * 24 * PX) / columns;
    for (i, part) in Part::ALL.into_iter().enumerate() {
        let (column, row) = (i as i32 % columns, i as i32 / columns);
        let (x, y) = (column * (w + 24 * PX), top + row * 19 * PX);
        let (class, letter, ink) = look(part);
        svg.rect(class, x, y, 14 * PX, 14 * PX, 2 * PX);
        svg.text(ink, Anchor::Middle, x + 7 * PX, y + 11 * PX, letter);
        svg.text("f-sm", Anchor::Start, x + 20 * PX, y + 11 * PX, name(part).get(view.lang));
        svg.text("f-sm f-muted f-num", Anchor::End, x + w, y + 11 * PX, &size(model.reclaim().part(part)));
    }
    top + (Part::ALL.len() as i32 + columns - 1) / columns * 19 * PX
}
