//! The device: a head over the disk with the requests it could be sent to, or units side by side.

use std::collections::BTreeMap;

use sim_core::io_scheduler::disk::{PAGE, Rotating};
use sim_core::io_scheduler::{IoScheduler, Op, Request, letter};
use sim_core::{Lang, Model};

use super::{FILLS, LINES, pen};
use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const HEIGHT: i32 = 118 * PX;
/// Requests that are drawn where they lie; more would hide each other.
const MOST: usize = 48;

/// Draws the device; returns its height.
pub fn draw(model: &IoScheduler, svg: &mut Svg, view: &View<'_>) -> i32 {
    heading(model, svg, view);
    match model.disk().rotating() {
        Some(rotating) => platter(model, rotating, svg, view),
        None => units(model, svg, view),
    }
    HEIGHT
}

fn heading(model: &IoScheduler, svg: &mut Svg, view: &View<'_>) {
    let disk = model.disk().kind().label();
    let left = format!("{} · {} · Linux {}", disk.get(view.lang), model.scheduler().name(), model.kernel());
    svg.text("f-t f-strong", Anchor::Start, 0, 13 * PX, &left);
    let (waiting, device) = (model.waiting(), model.disk().in_flight());
    let right = match (view.lang, model.idling()) {
        (Lang::Ko, true) => format!("대기 {waiting}, 비워 둠"),
        (Lang::Ko, false) => format!("대기 {waiting} · 장치 {device}"),
        (Lang::En, true) => format!("{waiting} waiting, kept idle"),
        (Lang::En, false) => format!("{waiting} waiting · {device} in device"),
    };
    // On a phone the two share a line only if they fit.
    let fits = width(&left, 13) + width(&right, SMALL) + 12 * PX <= view.width();
    let y = if fits { 13 } else { 31 } * PX;
    let (anchor, x) = if fits { (Anchor::End, view.width()) } else { (Anchor::Start, 0) };
    svg.text("f-sm f-muted f-num", anchor, x, y, &right);
}

/// A read is a disc, a write a square with a hole: told apart without colour.
pub fn mark(model: &IoScheduler, request: &Request, svg: &mut Svg, x: i32, y: i32, r: i32) {
    let colour = pen(model, request.process);
    if request.op == Op::Read {
        svg.circle(FILLS[colour], x, y, r);
    } else {
        svg.rect(LINES[colour], x - r, y - r, 2 * r, 2 * r, PX);
    }
}

/// The letter inside a mark.
pub fn name(request: &Request, svg: &mut Svg, x: i32, y: i32) {
    let class = if request.op == Op::Read { "f-xs f-onmark" } else { "f-xs f-strong" };
    svg.text(class, Anchor::Middle, x, y + 35, &letter(request.process));
}

fn platter(model: &IoScheduler, rotating: &Rotating, svg: &mut Svg, view: &View<'_>) {
    let geometry = rotating.geometry();
    let (left, right, top) = (10 * PX, view.width() - 10 * PX, 58 * PX);
    let at = |cylinder: u64| left + (i64::from(right - left) * cylinder as i64 / geometry.cylinders as i64) as i32;
    svg.rect("f-lane", 0, top, view.width(), 44 * PX, 4 * PX);
    let ends =
        if view.lang == Lang::Ko { ["바깥쪽, 섹터 0", "안쪽"] } else { ["outer edge, sector 0", "inner edge"] };
    svg.text("f-sm f-muted", Anchor::Start, 0, top + 58 * PX, ends[0]);
    svg.text("f-sm f-muted", Anchor::End, view.width(), top + 58 * PX, ends[1]);
    // What waits, each at its cylinder; neighbours on other levels.
    let lanes = model.view(MOST).lanes;
    let mut waiting: Vec<_> = lanes.iter().flat_map(|lane| &lane.waiting).map(|waiting| waiting.request).collect();
    waiting.sort_unstable_by_key(|request| (request.sector, request.id));
    waiting.dedup_by_key(|request| request.id);
    for (i, request) in waiting.iter().take(MOST).enumerate() {
        let (x, y) = (at(geometry.place(request.sector).cylinder), top + 10 * PX + (i % 3) as i32 * 12 * PX);
        mark(model, request, svg, x, y, 6 * PX);
        name(request, svg, x, y);
    }
    let now = model.now();
    let mut head = at(rotating.cylinder());
    if let Some((job, service)) = model.disk().current() {
        let (from, to) = (at(service.from), at(geometry.place(job.sector).cylinder));
        let time = service.arrived.saturating_sub(service.start).max(1);
        let gone = now.clamp(service.start, service.arrived) - service.start;
        head = from + (i64::from(to - from) * gone as i64 / time as i64) as i32;
        if (to - head).abs() > 14 * PX {
            let way = if to > head { -4 * PX } else { 4 * PX };
            svg.line("f-arrow", (head, top - 9 * PX), (to, top - 9 * PX));
            svg.path("f-arrow", &[(to + way, top - 13 * PX), (to, top - 9 * PX), (to + way, top - 5 * PX)], false);
        }
        let served = model.in_device().find(|live| live.request.sector == job.sector);
        if let Some(live) = served {
            svg.line("f-cursor", (to, top), (to, top + 44 * PX));
            mark(model, &live.request, svg, to, top + 22 * PX, 8 * PX);
            name(&live.request, svg, to, top + 22 * PX);
        }
    }
    svg.path("f-ink", &[(head - 6 * PX, top - 16 * PX), (head + 6 * PX, top - 16 * PX), (head, top - PX)], true);
}

fn units(model: &IoScheduler, svg: &mut Svg, view: &View<'_>) {
    let Some(flash) = model.disk().flash() else {
        fixed(model, svg, view);
        return;
    };
    let count = flash.units().len();
    let mut users: BTreeMap<u64, Request> = BTreeMap::new();
    for live in model.in_device() {
        let (first, last) = (live.request.sector / PAGE, live.request.end().div_ceil(PAGE));
        for page in (first..last).take(count) {
            users.entry(page % count as u64).or_insert(live.request);
        }
    }
    let columns = if view.narrow() { 12 } else { 17 }.min(count) as i32;
    let (cell, gap) = ((view.width() - (columns - 1) * 3 * PX) / columns, 3 * PX);
    let rows = (count as i32 + columns - 1) / columns;
    let h = (62 * PX / rows - gap).min(26 * PX);
    let top = 40 * PX;
    for (i, free) in flash.units().iter().enumerate() {
        let (x, y) = ((i as i32 % columns) * (cell + gap), top + (i as i32 / columns) * (h + gap));
        svg.rect("f-lane", x, y, cell, h, 3 * PX);
        let Some(request) = users.get(&(i as u64)).filter(|_| *free > model.now()) else { continue };
        mark(model, request, svg, x + cell / 2, y + h / 2, (h / 2 - PX).min(8 * PX));
        name(request, svg, x + cell / 2, y + h / 2);
    }
    let said = if view.lang == Lang::Ko {
        format!("동시에 일하는 플래시 유닛 {count}개. 움직이는 부품이 없습니다.")
    } else {
        format!("{count} flash units side by side; nothing moves.")
    };
    svg.text("f-sm f-muted", Anchor::Start, 0, HEIGHT - 2 * PX, &said);
}

fn fixed(model: &IoScheduler, svg: &mut Svg, view: &View<'_>) {
    svg.rect("f-lane", 0, 40 * PX, view.width(), 44 * PX, 4 * PX);
    let room = (view.width() / (22 * PX)) as usize;
    for (i, live) in model.in_device().take(room).enumerate() {
        let x = 14 * PX + i as i32 * 22 * PX;
        mark(model, &live.request, svg, x, 62 * PX, 8 * PX);
        name(&live.request, svg, x, 62 * PX);
    }
}
