//! Reclaim drawn: the four lists as queues, free memory against its watermarks, the scales, and what
//! each program has.

mod curves;
mod gauge;
mod lists;
mod programs;
mod words;

pub(crate) use curves::of_pages;
pub(crate) use lists::draw as draw_lists;
pub(crate) use programs::draw as draw_programs;
pub(crate) use words::{add, state};

use sim_core::reclaim::{Kind, Reclaim};
use sim_core::{Event, Model, Nanos, Text};

use crate::chart::Chart;
use crate::lines::Line;
use crate::measure::PX;
use crate::svg::Svg;
use crate::{Drawn, Mark, View};

/// What drawings of a run need to know of all of it.
pub type History = crate::History<Extra>;

/// What drawings need besides the metrics.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// What is marked on the chart.
    pub marks: Vec<Mark>,
}

impl Extra {
    /// Marks what happened, the first of each kind, and each time caches are dropped.
    pub(crate) fn mark(&mut self, happened: &[Event]) {
        for event in happened {
            let label = match event.kind {
                "kswapd-wake" => Text::fixed("kswapd", "kswapd"),
                "direct" => Text::fixed("직접 회수", "direct reclaim"),
                "swap-out" => Text::fixed("스왑", "swap"),
                "refault" => Text::fixed("다시 찾기", "refault"),
                "drop" => Text::fixed("drop_caches", "drop_caches"),
                "oom" => Text::fixed("OOM", "OOM"),
                _ => continue,
            };
            let known = event.kind != "drop" && self.marks.iter().any(|mark| mark.label == label);
            if !known && self.marks.len() < MARKS {
                self.marks.push(Mark { at: event.t_ns, label });
            }
        }
    }
}

/// Most marks of a chart; more would only cover each other.
const MARKS: usize = 12;
/// Air between two parts of the picture.
const GAP: i32 = 16 * PX;

/// Metrics that drawings read, by their place in the list.
pub(crate) mod metric {
    pub const FREE: usize = 0;
    pub const ANON: usize = 9;
    pub const CACHED: usize = 10;
    pub const SWAP: usize = 16;
    pub const ALLOCSTALL: usize = 26;
}

impl Drawn for Reclaim {
    type Extra = Extra;

    fn begin(&self) -> Extra {
        Extra::default()
    }

    fn observe(&self, happened: &[Event], extra: &mut Extra) {
        extra.mark(happened);
    }

    fn lines() -> &'static [Line] {
        &curves::LINES
    }

    fn chart(history: &History, cursor: Nanos) -> Chart {
        let title = Text::fixed("시간에 따른 메모리와 스왑", "Memory and swap over time");
        of_pages(history, cursor, &curves::LINES, title)
    }

    fn picture_title() -> Text {
        Text::fixed("회수하는 목록과 워터마크", "The lists of reclaim, and the watermarks")
    }

    fn describe(&self, _: &History) -> Text {
        words::state(self)
    }

    fn draw_picture(&self, _: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
        svg.group("f-lists");
        let mut top = lists::draw(self, by_program, svg, view) + GAP;
        svg.close();
        let stalls = self.metrics().get(metric::ALLOCSTALL).map_or(0, |stalls| stalls.unsigned_abs());
        let both = if view.narrow() { view.width() } else { (view.width() - 28 * PX) / 2 };
        svg.group_at("f-gauge", 0, top);
        let gauge = gauge::watermarks(self, stalls, svg, both, view);
        svg.close();
        let (x, y) = if view.narrow() { (0, top + gauge + GAP) } else { (both + 28 * PX, top) };
        svg.group_at("f-scales", x, y);
        let scales = gauge::balance(self, svg, both, view);
        svg.close();
        top = (y + scales).max(top + gauge) + GAP;
        svg.group_at("f-programs", 0, top);
        let programs = programs::draw(self, by_program, svg, view);
        svg.close();
        top + programs
    }
}

/// How a program's pages are filled, by its number and its kind; the number stands in it.
pub(crate) type Colour = fn(usize, Option<Kind>) -> &'static str;

/// A colour a program.
fn by_program(program: usize, _: Option<Kind>) -> &'static str {
    ["f-n0", "f-n1", "f-n2", "f-n3", "f-n4", "f-n5", "f-n6", "f-n7"][program % 8]
}

/// Pages as a reader thinks of them: `267 MiB`.
pub(crate) fn size(pages: u64) -> String {
    let decimal = |unit: u64, name: &str| {
        let tenths = (u128::from(pages) * 10 + u128::from(unit) / 2) / u128::from(unit);
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    };
    match pages {
        0 => "0".to_owned(),
        1..256 => format!("{} KiB", pages * 4),
        256..2560 => decimal(256, "MiB"),
        2560..2_621_440 => format!("{} MiB", (pages + 128) / 256),
        _ => decimal(262_144, "GiB"),
    }
}
