//! The tree: a row for each process, its state as a letter, and its memory as a bar.

use sim_core::Lang;
use sim_core::process_life::{Process, ProcessLife};

use super::{Most, size};
use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

/// Most rows; the rest is counted.
const ROWS: usize = 12;
const BOX: i32 = 18 * PX;
const INDENT: i32 = 18 * PX;
/// Deeper than this the tree is not moved further in.
const DEEPEST: usize = 5;
const BAR: i32 = 16 * PX;

/// Draws the tree; returns its height.
pub fn draw(model: &ProcessLife, most: &Most, svg: &mut Svg, view: &View<'_>) -> i32 {
    let mut top = 14 * PX;
    for line in summary(model, view.lang) {
        svg.text("f-sm f-num", Anchor::Start, 0, top, &line);
        top += 17 * PX;
    }
    let row = if view.narrow() { 44 * PX } else { 25 * PX };
    let rows = most.processes.min(ROWS);
    let order = order(model);
    let shown = if order.len() > rows.max(1) { rows.max(1) - 1 } else { order.len() };
    let mut last = [0; DEEPEST + 2];
    for (i, (process, depth)) in order.iter().take(shown).enumerate() {
        let y = top + row * i as i32;
        let depth = (*depth).min(DEEPEST);
        let middle = y + BOX / 2;
        if depth > 0 {
            let x = INDENT * (depth as i32 - 1) + BOX / 2;
            svg.path("f-arrow", &[(x, last[depth - 1] + BOX / 2), (x, middle), (INDENT * depth as i32, middle)], false);
        }
        last[depth] = middle;
        draw_row(model, process, most, (INDENT * depth as i32, y), svg, view);
    }
    if order.len() > shown {
        let y = top + row * shown as i32 + 14 * PX;
        let rest = &order[shown..];
        let zombies = rest.iter().filter(|(process, _)| !process.alive()).count();
        let said = match view.lang {
            Lang::Ko => format!("그 밖에 {}개, 그 가운데 좀비 {zombies}개", rest.len()),
            Lang::En => format!("and {} more, {zombies} of them zombies", rest.len()),
        };
        svg.text("f-sm f-muted f-num", Anchor::Start, 0, y, &said);
    }
    top += row * rows.max(1) as i32 + 8 * PX;
    top + legend(svg, view, top + 6 * PX)
}

/// What holds of all together.
fn summary(model: &ProcessLife, lang: Lang) -> [String; 2] {
    let engine = model.engine();
    let (taken, last, max) = (engine.pids_taken(), engine.last_pid(), model.scenario().pid_max);
    let (anon, file) = engine.used();
    let sum: u64 = engine.processes().values().map(|process| engine.pages(process).rss()).sum();
    let (ram, sum) = (size(anon + file), size(sum));
    match lang {
        Lang::Ko => [
            format!("PID {taken}개 사용, 마지막 {last}, pid_max {max}"),
            format!("RAM에 있는 페이지 {ram}, RES의 합 {sum}"),
        ],
        Lang::En => [
            format!("{taken} PIDs taken, the last {last}, pid_max {max}"),
            format!("pages in RAM {ram}, sum of RES {sum}"),
        ],
    }
}

/// The processes as a tree is read, each with its depth.
fn order(model: &ProcessLife) -> Vec<(&Process, usize)> {
    let all = model.engine().processes();
    let mut order = Vec::new();
    let mut next = vec![(1, 0)];
    while let Some((pid, depth)) = next.pop() {
        let Some(process) = all.get(&pid) else { continue };
        order.push((process, depth));
        next.extend(process.children.iter().rev().map(|child| (*child, depth + 1)));
    }
    order
}

/// Class of the box and of the letter of a state.
fn classes(letter: char) -> (&'static str, &'static str) {
    match letter {
        'R' => ("f-run", "f-sm f-onrun"),
        'D' => ("f-sleep", "f-sm f-onsleep"),
        'T' | 't' => ("f-held", "f-sm f-strong"),
        'Z' => ("f-idle", "f-sm f-strong"),
        _ => ("f-core", "f-sm"),
    }
}

fn draw_row(model: &ProcessLife, process: &Process, most: &Most, (x, y): (i32, i32), svg: &mut Svg, view: &View<'_>) {
    let letter = process.letter();
    let (class, ink) = classes(letter);
    svg.rect(class, x, y, BOX, BOX, 3 * PX);
    svg.text(ink, Anchor::Middle, x + BOX / 2, y + BOX / 2 + 43, &letter.to_string());
    let mut label = format!("{} {}", process.pid, process.program.comm());
    let threads = process.nr_threads();
    if threads > 1 {
        label += &match view.lang {
            Lang::Ko => format!(" (스레드 {threads})"),
            Lang::En => format!(" ({threads} threads)"),
        };
    }
    let class = if process.alive() { "f-sm f-num" } else { "f-sm f-muted f-num" };
    svg.text(class, Anchor::Start, x + BOX + 6 * PX, y + BOX / 2 + 43, &label);
    // All bars begin at one place, to be compared.
    let left = if view.narrow() { 118 * PX } else { view.width() * 45 / 100 };
    let top = if view.narrow() { y + BOX + 4 * PX } else { y + PX };
    let room = view.width() - left - 74 * PX;
    let pages = model.engine().pages(process);
    if !process.alive() {
        let said = match view.lang {
            Lang::Ko => "남은 것은 PID와 종료 상태",
            Lang::En => "a PID and an exit status",
        };
        svg.text("f-sm f-muted", Anchor::Start, left, top + 12 * PX, said);
        return;
    }
    let mut at = left;
    for (class, ink, pages, letter) in [
        ("f-n0", "f-sm f-onnode", pages.private, "P"),
        ("f-remotefill", "f-sm f-strong", pages.shared, "C"),
        ("f-cache", "f-sm f-strong", pages.file, "F"),
    ] {
        let w = (i64::from(room) * pages as i64 / most.rss.max(1) as i64) as i32;
        if w == 0 {
            continue;
        }
        svg.rect(class, at, top, w, BAR, 0);
        if w > width(letter, SMALL) + 4 * PX {
            svg.text(ink, Anchor::Middle, at + w / 2, top + BAR / 2 + 42, letter);
        }
        at += w;
    }
    svg.text("f-sm f-num", Anchor::End, view.width(), top + 12 * PX, &size(pages.rss()));
}

/// What letters and bars stand for.
fn legend(svg: &mut Svg, view: &View<'_>, top: i32) -> i32 {
    let words: [(&str, &str, &str); 8] = match view.lang {
        Lang::Ko => [
            ("f-run", "R", "실행"),
            ("f-core", "S", "잠듦"),
            ("f-sleep", "D", "중단 불가"),
            ("f-held", "T", "정지"),
            ("f-idle", "Z", "좀비"),
            ("f-n0", "P", "혼자 쓰는 페이지"),
            ("f-remotefill", "C", "fork로 함께 쓰는 페이지"),
            ("f-cache", "F", "프로그램과 라이브러리"),
        ],
        Lang::En => [
            ("f-run", "R", "running"),
            ("f-core", "S", "sleeping"),
            ("f-sleep", "D", "uninterruptible"),
            ("f-held", "T", "stopped"),
            ("f-idle", "Z", "zombie"),
            ("f-n0", "P", "private pages"),
            ("f-remotefill", "C", "pages shared since a fork"),
            ("f-cache", "F", "program and libraries"),
        ],
    };
    let (mut x, mut y) = (0, top + 6 * PX);
    for (class, letter, word) in words {
        let w = 20 * PX + width(word, SMALL) + 14 * PX;
        if x > 0 && x + w - 14 * PX > view.width() {
            (x, y) = (0, y + 19 * PX);
        }
        let ink = match class {
            "f-run" => "f-sm f-onrun",
            "f-n0" => "f-sm f-onnode",
            "f-sleep" => "f-sm f-onsleep",
            _ => "f-sm f-strong",
        };
        svg.rect(class, x, y - 11 * PX, 14 * PX, 14 * PX, 2 * PX);
        svg.text(ink, Anchor::Middle, x + 7 * PX, y + 2, letter);
        svg.text("f-sm f-muted", Anchor::Start, x + 20 * PX, y, word);
        x += w;
    }
    y - top + 12 * PX
}
