//! The run queues of every CPU, and the way from them to the three averages.

use sim_core::Lang;
use sim_core::load_average::calc::print_load;
use sim_core::load_average::{CpuView, LoadAverage};

use crate::View;
use crate::measure::{PX, width};
use crate::style::{BIG, FONT, SMALL};
use crate::svg::{Anchor, Svg};

/// Up to this many CPUs each have a row; more share a grid of small cells.
const ROWS: usize = 8;
const ROW: i32 = 30 * PX;
const BLOCK: i32 = 20 * PX;
/// Width of a block that says how many more there are.
const REST: i32 = 36 * PX;

/// Draws the queues; returns their height.
pub fn draw(model: &LoadAverage, svg: &mut Svg, view: &View<'_>) -> i32 {
    let cpus = model.cpus();
    let height = if cpus.len() <= ROWS { rows(&cpus, svg, view) } else { cells(&cpus, svg, view) };
    height + legend(svg, view, height + 6 * PX)
}

fn rows(cpus: &[CpuView], svg: &mut Svg, view: &View<'_>) -> i32 {
    let columns = if cpus.len() > 4 && !view.narrow() { 2 } else { 1 };
    let per_column = cpus.len().div_ceil(columns);
    let gap = 16 * PX;
    let room = (view.width() - gap * (columns as i32 - 1)) / columns as i32;
    for (i, cpu) in cpus.iter().enumerate() {
        let (column, line) = ((i / per_column) as i32, (i % per_column) as i32);
        svg.group_at("f-cpu", column * (room + gap), line * ROW);
        row(i, cpu, room, svg, view.lang);
        svg.close();
    }
    per_column as i32 * ROW
}

fn row(i: usize, cpu: &CpuView, room: i32, svg: &mut Svg, lang: Lang) {
    let middle = ROW / 2;
    svg.rect("f-lane", 0, 2 * PX, room, ROW - 4 * PX, 3 * PX);
    svg.text("f-t", Anchor::Start, 6 * PX, middle + 45, &format!("CPU {i}"));
    tick(cpu.ticking, svg, 60 * PX, middle);
    let now = cpu.nr_running + cpu.nr_uninterruptible;
    let counted = cpu.calc_load_active;
    let said = match (lang, now == counted) {
        (Lang::Ko, true) => format!("센 값 {counted}"),
        (Lang::Ko, false) => format!("센 값 {counted}, 지금 {now}"),
        (Lang::En, true) => format!("counted {counted}"),
        (Lang::En, false) => format!("counted {counted}, now {now}"),
    };
    let class = if now == counted { "f-sm f-muted f-num" } else { "f-sm f-strong f-num" };
    svg.text(class, Anchor::End, room - 6 * PX, middle + 42, &said);

    // One stands on the CPU, the rest in line behind it.
    let top = middle - BLOCK / 2;
    let core = 74 * PX;
    svg.rect("f-core", core, top - 2 * PX, BLOCK + 4 * PX, BLOCK + 4 * PX, 3 * PX);
    let mut x = core + 2 * PX;
    if cpu.nr_running > 0 {
        block("R", true, svg, x, top, BLOCK);
    }
    x += BLOCK + 8 * PX;
    // The widest this text can become, so that blocks do not move when it changes.
    let reserve = width(if lang == Lang::Ko { "센 값 00, 지금 00" } else { "counted 00, now 00" }, SMALL) + 12 * PX;
    let step = BLOCK + 3 * PX;
    // Two of the blocks may have to be wide ones that say how many more there are.
    let slots = i64::from(((room - reserve - x - 2 * (REST - BLOCK)) / step).max(2));
    let waiting = (cpu.nr_running - 1).max(0);
    let sleeping = cpu.nr_uninterruptible.max(0);
    let (shown_r, shown_d) = share(waiting, sleeping, slots);
    for (letter, running, shown, all) in [("R", true, shown_r, waiting), ("D", false, shown_d, sleeping)] {
        for n in 0..shown {
            let rest = all - shown + 1;
            // The last block stands for all that found no room.
            if n == shown - 1 && rest > 1 {
                block(&format!("+{rest}"), running, svg, x, top, REST);
                x += REST - BLOCK;
            } else {
                block(letter, running, svg, x, top, BLOCK);
            }
            x += step;
        }
    }
}

/// How many blocks of each kind are drawn: all if they fit, else in proportion, each kind that
/// exists at least once.
fn share(waiting: i64, sleeping: i64, slots: i64) -> (i64, i64) {
    if waiting + sleeping <= slots {
        return (waiting, sleeping);
    }
    if sleeping == 0 {
        return (slots, 0);
    }
    if waiting == 0 {
        return (0, slots);
    }
    let first = (waiting * slots / (waiting + sleeping)).clamp(1, slots - 1);
    let (first, second) = (first.min(waiting), (slots - first).min(sleeping));
    (first.max((slots - second).min(waiting)), second)
}

/// A task: running ones are filled squares, sleeping ones are hollow and round; both say which.
fn block(letter: &str, running: bool, svg: &mut Svg, x: i32, y: i32, w: i32) {
    let (shape, ink, r) =
        if running { ("f-run", "f-sm f-onrun", 2 * PX) } else { ("f-sleep", "f-sm f-onsleep", 10 * PX) };
    svg.rect(shape, x, y, w, BLOCK, r);
    svg.text(ink, Anchor::Middle, x + w / 2, y + BLOCK / 2 + 42, letter);
}

/// A clock face with a hand while the CPU ticks, an empty dashed one when its tick is stopped.
fn tick(ticking: bool, svg: &mut Svg, x: i32, y: i32) {
    if ticking {
        svg.circle("f-tick", x, y, 60);
        svg.path("f-tick", &[(x, y - 40), (x, y), (x + 30, y)], false);
    } else {
        svg.circle("f-notick", x, y, 60);
    }
}

fn cells(cpus: &[CpuView], svg: &mut Svg, view: &View<'_>) -> i32 {
    let columns = if view.narrow() { 8 } else { 16 };
    let gap = 4 * PX;
    let (w, h) = ((view.width() - gap * (columns - 1)) / columns, 34 * PX);
    for (i, cpu) in cpus.iter().enumerate() {
        let i = i as i32;
        let (x, y) = (i % columns * (w + gap), i / columns * (h + gap));
        let class = match (cpu.nr_running > 0, cpu.nr_uninterruptible > 0) {
            (true, _) => "f-lane f-busy",
            (false, true) => "f-lane f-blocked",
            (false, false) => "f-lane",
        };
        svg.rect(class, x, y, w, h, 3 * PX);
        svg.text("f-sm f-muted", Anchor::Start, x + 4 * PX, y + 14 * PX, &i.to_string());
        tick(cpu.ticking, svg, x + w - 11 * PX, y + 10 * PX);
        let said = match (cpu.nr_running, cpu.nr_uninterruptible) {
            (0, 0) => String::new(),
            (r, 0) => format!("R{r}"),
            (0, d) => format!("D{d}"),
            (r, d) => format!("R{r} D{d}"),
        };
        svg.text("f-sm f-strong", Anchor::Start, x + 4 * PX, y + 28 * PX, &said);
    }
    cpus.len().div_ceil(columns as usize) as i32 * (h + gap)
}

/// What the shapes mean; returns the height it took.
fn legend(svg: &mut Svg, view: &View<'_>, top: i32) -> i32 {
    let said = match (view.lang, view.narrow()) {
        (Lang::Ko, false) => ["실행 큐에 있음", "중단 불가 대기", "틱이 돎", "틱을 멈춤"],
        (Lang::Ko, true) => ["실행 큐", "중단 불가 대기", "틱", "틱 멈춤"],
        (Lang::En, false) => ["on the run queue", "uninterruptible", "ticking", "tick stopped"],
        (Lang::En, true) => ["run queue", "uninterruptible", "tick", "stopped"],
    };
    let (mut x, mut y) = (6 * PX, top);
    for (i, text) in said.into_iter().enumerate() {
        let item = 22 * PX + width(text, SMALL);
        if x + item > view.width() {
            (x, y) = (6 * PX, y + 20 * PX);
        }
        let middle = y + 9 * PX;
        match i {
            0 => small_block("R", true, svg, x, middle),
            1 => small_block("D", false, svg, x, middle),
            _ => tick(i == 2, svg, x + 8 * PX, middle),
        }
        svg.text("f-sm f-muted", Anchor::Start, x + 21 * PX, middle + 42, text);
        x += item + if view.narrow() { 8 } else { 14 } * PX;
    }
    y + 20 * PX - top + 6 * PX
}

fn small_block(letter: &str, running: bool, svg: &mut Svg, x: i32, middle: i32) {
    let (shape, ink, r) =
        if running { ("f-run", "f-sm f-onrun", 2 * PX) } else { ("f-sleep", "f-sm f-onsleep", 8 * PX) };
    svg.rect(shape, x, middle - 8 * PX, 16 * PX, 16 * PX, r);
    svg.text(ink, Anchor::Middle, x + 8 * PX, middle + 42, letter);
}

/// The way of the number: what is active now, what was counted last, what the averages made of it.
pub fn draw_flow(model: &LoadAverage, svg: &mut Svg, view: &View<'_>) -> i32 {
    let (r, d) = (model.nr_running(), model.nr_uninterruptible());
    let loads = model.avenrun().map(print_load).join(" ");
    let ko = view.lang == Lang::Ko;
    let titles = match (ko, view.narrow()) {
        (true, false) => ["지금 활성", "마지막으로 센 값 calc_load_tasks", "1 · 5 · 15분 평균"],
        (true, true) => ["지금 활성", "마지막 센 값", "1 · 5 · 15분 평균"],
        (false, false) => ["Active now", "As last counted: calc_load_tasks", "1, 5, 15 min averages"],
        (false, true) => ["Active now", "Last counted", "1, 5, 15 min"],
    };
    let values = [format!("{}", r + d), model.calc_load_tasks().to_string(), loads];
    let asides = [format!("R {r} + D {d}"), String::new(), String::new()];
    let (h, gap) = (50 * PX, if view.narrow() { 18 } else { 30 } * PX);
    let room = view.width() - 2 * gap;
    let shares = if view.narrow() { [29, 28, 43] } else { [25, 41, 34] };
    let mut x = 0;
    for i in 0..3 {
        let w = room * shares[i] / 100;
        svg.rect(if i == 2 { "f-box f-accent" } else { "f-box" }, x, 0, w, h, 4 * PX);
        svg.text("f-sm f-muted", Anchor::Start, x + 8 * PX, 18 * PX, titles[i]);
        let fits = width(&values[i], BIG) + 14 * PX <= w;
        let (class, size) = if fits { ("f-big f-num", BIG) } else { ("f-t f-strong f-num", FONT) };
        svg.text(class, Anchor::Start, x + 8 * PX, 40 * PX, &values[i]);
        let after = x + 14 * PX + width(&values[i], size);
        if after + width(&asides[i], FONT) <= x + w && !asides[i].is_empty() {
            svg.text("f-sm f-muted f-num", Anchor::Start, after, 40 * PX, &asides[i]);
        }
        x += w;
        if i < 2 {
            arrow(svg, x + 3 * PX, x + gap - 3 * PX, h / 2);
            x += gap;
        }
    }
    h
}

fn arrow(svg: &mut Svg, from: i32, to: i32, y: i32) {
    svg.line("f-arrow", (from, y), (to, y));
    svg.path("f-arrow", &[(to - 45, y - 45), (to, y), (to - 45, y + 45)], false);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_shared_out() {
        for ((waiting, sleeping, slots), want) in [
            ((0, 0, 5), (0, 0)),
            ((3, 2, 5), (3, 2)),
            ((9, 0, 5), (5, 0)),
            ((0, 9, 5), (0, 5)),
            ((9, 1, 5), (4, 1)),
            ((1, 9, 5), (1, 4)),
            ((50, 50, 6), (3, 3)),
        ] {
            assert_eq!(share(waiting, sleeping, slots), want, "{waiting} {sleeping} {slots}");
        }
    }
}
