//! The programs: whose colour is which, what each has in memory and in swap.

use sim_core::reclaim::{Doing, Kind, ProgramView, Reclaim};
use sim_core::{Text, text};

use super::{Colour, size};
use crate::View;
use crate::measure::PX;
use crate::svg::{Anchor, Svg};

const ROW: i32 = 20 * PX;

/// What a kind of memory is called.
pub fn kind(kind: Kind) -> Text {
    match kind {
        Kind::Heap => Text::fixed("힙", "heap"),
        Kind::Shmem => Text::fixed("메모리 파일", "file in memory"),
        Kind::File => Text::fixed("파일", "file"),
        Kind::Device => Text::fixed("블록 장치", "block device"),
        Kind::Names => Text::fixed("이름", "names"),
    }
}

/// What it is doing, in a word or two.
pub fn doing(program: &ProgramView) -> Text {
    match program.doing {
        Doing::Waiting => Text::fixed("쉼", "idle"),
        Doing::Running if program.stalled => Text::fixed("메모리를 기다림", "waits for memory"),
        Doing::Running => Text::fixed("실행 중", "running"),
        Doing::Resting => Text::fixed("다 씀", "through"),
        Doing::Ended => Text::fixed("끝남", "ended"),
        Doing::Killed => Text::fixed("✕ OOM", "✕ OOM"),
    }
}

/// Draws the programs, two beside each other where there is room; returns the height.
pub fn draw(model: &Reclaim, colour: Colour, svg: &mut Svg, view: &View<'_>) -> i32 {
    let programs = model.programs();
    let columns = if view.narrow() { 1 } else { 2 };
    let w = (view.width() - (columns - 1) * 24 * PX) / columns;
    for (i, program) in programs.iter().enumerate() {
        let (column, row) = (i as i32 % columns, i as i32 / columns);
        let (x, y) = (column * (w + 24 * PX), row * ROW);
        svg.rect(colour(i, Some(program.kind)), x, y, 14 * PX, 14 * PX, 2 * PX);
        svg.text("f-sm f-onnode", Anchor::Middle, x + 7 * PX, y + 11 * PX, &i.to_string());
        let (what, does) = (kind(program.kind), doing(program));
        let said = format!("{}, {}", what.get(view.lang), does.get(view.lang));
        let class = if program.stalled || program.doing == Doing::Killed { "f-sm f-strong" } else { "f-sm" };
        svg.text(class, Anchor::Start, x + 20 * PX, y + 11 * PX, &said);
        let held = size(program.resident);
        let said = if program.swapped > 0 {
            let swapped = size(program.swapped);
            text!(ko: "{held}, 스왑 {swapped}", en: "{held}, in swap {swapped}")
        } else if program.kind == Kind::Names {
            Text::default()
        } else {
            Text::verbatim(held)
        };
        svg.text("f-sm f-muted f-num", Anchor::End, x + w, y + 11 * PX, said.get(view.lang));
    }
    (programs.len() as i32 + columns - 1) / columns * ROW
}
