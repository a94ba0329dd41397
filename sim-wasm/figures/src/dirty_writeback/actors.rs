//! Who fills the tank and who empties it: writers and disks, a row each.

use sim_core::dirty_writeback::{DirtyWriteback, DiskView, Flushing, WriterState, WriterView};
use sim_core::{Model, Nanos, Text, text};

use super::{size, speed, words};
use crate::View;
use crate::measure::{PX, width};
use crate::style::{FONT, SMALL};
use crate::svg::{Anchor, Svg};

/// Most rows; further writers or disks share the last.
const ROWS: usize = 6;
const DISK_ROWS: usize = 4;
const WRITER: i32 = 38 * PX;
const DISK: i32 = 50 * PX;

/// Draws the writers; returns the height they took.
pub fn writers(model: &DirtyWriteback, svg: &mut Svg, (x, y): (i32, i32), w: i32, view: &View<'_>) -> i32 {
    let all = model.writer_views();
    let now = model.now();
    // On a phone a row each is one line.
    let row = if view.narrow() { 24 * PX } else { WRITER };
    let shown = all.len().min(ROWS);
    for (i, writer) in all.iter().take(shown).enumerate() {
        svg.group_at("f-writer", x, y + i as i32 * row);
        let rest = all.len() - shown;
        writer_row(i, writer, now, if i + 1 == shown { rest } else { 0 }, w, row, svg, view);
        svg.close();
    }
    if all.is_empty() {
        static NONE: Text = Text::fixed("쓰는 프로그램 없음", "nobody writes");
        svg.text("f-sm f-muted", Anchor::Start, x, y + 14 * PX, NONE.get(view.lang));
    }
    shown.max(1) as i32 * row
}

#[allow(clippy::too_many_arguments, reason = "a row is drawn in one place only")]
fn writer_row(
    i: usize,
    writer: &WriterView,
    now: Nanos,
    rest: usize,
    w: i32,
    row: i32,
    svg: &mut Svg,
    view: &View<'_>,
) {
    let height = row - 4 * PX;
    let middle = height / 2;
    svg.rect("f-lane", 0, 0, w, height, 3 * PX);
    glyph(writer.doing, svg, 13 * PX, middle);
    let more = if rest > 0 { format!(" +{rest}") } else { String::new() };
    let name = text!(ko: "프로그램 {i}{more}", en: "writer {i}{more}");
    let name = name.get(view.lang);
    let state = words::doing(writer.doing, now);
    let state = state.get(view.lang);
    let allowed = writer.allowed.map(|rate| format!("≤ {}", speed(rate)));
    let x = 28 * PX;
    if view.narrow() {
        svg.text("f-t", Anchor::Start, x, middle + 45, name);
        svg.text("f-sm f-muted f-num", Anchor::Start, x + width(name, FONT) + 8 * PX, middle + 42, state);
    } else {
        svg.text("f-t", Anchor::Start, x, 14 * PX, name);
        svg.text("f-sm f-muted f-num", Anchor::Start, x, 28 * PX, state);
    }
    if let Some(allowed) = allowed {
        let y = if view.narrow() { middle + 42 } else { 14 * PX };
        svg.text("f-sm f-num", Anchor::End, w - 5 * PX, y, &allowed);
    }
}

/// What a writer does, as a shape: filled when it writes, two bars when it is paused, an arrow down
/// when it writes to the disk itself, a ring with a bar when it waits in `fsync`, hollow when idle.
fn glyph(doing: WriterState, svg: &mut Svg, x: i32, y: i32) {
    let r = 8 * PX;
    match doing {
        WriterState::Idle => svg.circle("f-idle", x, y, r - PX),
        WriterState::Writing => {
            svg.circle("f-go", x, y, r);
            svg.path("f-onglyph", &[(x - 25, y - 40), (x + 45, y), (x - 25, y + 40)], true);
        }
        WriterState::Paused { .. } => {
            svg.circle("f-held", x, y, r);
            svg.rect("f-heldbar", x - 35, y - 40, 22, 80, 0);
            svg.rect("f-heldbar", x + 13, y - 40, 22, 80, 0);
        }
        WriterState::WritingOut { .. } => {
            svg.circle("f-held", x, y, r);
            svg.path("f-heldline", &[(x, y - 45), (x, y + 40)], false);
            svg.path("f-heldline", &[(x - 30, y + 10), (x, y + 40), (x + 30, y + 10)], false);
        }
        WriterState::Fsync { .. } => {
            svg.circle("f-held", x, y, r);
            svg.path("f-heldline", &[(x, y - 45), (x, y), (x + 35, y)], false);
        }
    }
}

/// The height the disks take.
pub fn disks_height(model: &DirtyWriteback) -> i32 {
    model.disk_views().len().min(DISK_ROWS) as i32 * DISK
}

/// Draws the disks; returns the height they took.
pub fn disks(model: &DirtyWriteback, svg: &mut Svg, (x, y): (i32, i32), w: i32, view: &View<'_>) -> i32 {
    let all = model.disk_views();
    let shown = all.len().min(DISK_ROWS);
    for (i, disk) in all.iter().take(shown).enumerate() {
        svg.group_at("f-disk", x, y + i as i32 * DISK);
        let rest = if i + 1 == shown { all.len() - shown } else { 0 };
        disk_row(i, disk, rest, w, svg, view);
        svg.close();
    }
    shown as i32 * DISK
}

fn disk_row(i: usize, disk: &DiskView, rest: usize, w: i32, svg: &mut Svg, view: &View<'_>) {
    svg.rect(if disk.busy { "f-lane f-busy" } else { "f-lane" }, 0, 0, w, DISK - 6 * PX, 3 * PX);
    let more = if rest > 0 { format!(" +{rest}") } else { String::new() };
    let name = text!(ko: "디스크 {i}{more}", en: "disk {i}{more}");
    let name = name.get(view.lang);
    svg.text("f-t", Anchor::Start, 7 * PX, 14 * PX, name);
    let state = match disk.flushing {
        Some(Flushing::Background) => Text::fixed("백그라운드 쓰기", "background"),
        Some(Flushing::Periodic) => Text::fixed("오래된 것 쓰기", "periodic"),
        Some(Flushing::Sync) => Text::fixed("sync 쓰기", "for sync"),
        None if disk.busy => Text::fixed("쓰는 중", "writing"),
        None => Text::fixed("쉼", "at rest"),
    };
    let class = if disk.busy { "f-sm f-strong" } else { "f-sm f-muted" };
    svg.text(class, Anchor::End, w - 6 * PX, 14 * PX, state.get(view.lang));
    // Its own tank, lying down: how much of its share is used.
    let (left, room, dirty) = (7 * PX, w - 14 * PX, disk.reclaimable + disk.writeback);
    let part = u128::from(dirty.min(disk.thresh.max(1))) * u128::from(room.unsigned_abs());
    let filled = (part / u128::from(disk.thresh.max(1))) as i32;
    svg.rect("f-core", left, 19 * PX, room, 7 * PX, 2 * PX);
    if filled > 0 {
        let class = if dirty > disk.thresh { "f-water f-overfull" } else { "f-water" };
        svg.rect(class, left, 19 * PX, filled, 7 * PX, 2 * PX);
    }
    let (amount, share) = (size(dirty), size(disk.thresh));
    let long = text!(ko: "더티 {amount} / 몫 {share}", en: "{amount} of its {share}");
    let long = long.get(view.lang);
    let short = format!("{amount} / {share}");
    let said = if width(long, SMALL) <= room { long } else { &short };
    svg.text("f-sm f-muted f-num", Anchor::Start, left, 39 * PX, said);
}
