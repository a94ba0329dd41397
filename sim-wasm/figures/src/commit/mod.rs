//! Promises of memory drawn: what was promised, how much of it there is, and what is used.

mod bars;
mod curves;
mod words;

use sim_core::commit::Commit;
use sim_core::{Event, Nanos, Text};

use crate::chart::Chart;
use crate::lines::Line;
use crate::svg::Svg;
use crate::ticks::decimal;
use crate::{Drawn, View};

/// What drawings of a run need to know of all of it: the most that was ever promised, pages.
pub type History = crate::History<u64>;

impl Drawn for Commit {
    type Extra = u64;

    fn begin(&self) -> u64 {
        self.engine().committed()
    }

    fn observe(&self, _happened: &[Event], extra: &mut u64) {
        *extra = (*extra).max(self.engine().committed());
    }

    fn lines() -> &'static [Line] {
        &curves::LINES
    }

    fn chart(history: &History, cursor: Nanos) -> Chart {
        curves::chart(history, cursor)
    }

    fn picture_title() -> Text {
        Text::fixed("약속, 한도, 실제", "Promised, allowed, used")
    }

    fn describe(&self, _history: &History) -> Text {
        words::state(self)
    }

    fn draw_picture(&self, history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
        bars::draw(self, history.extra, svg, view)
    }
}

/// Pages as GiB, for axes.
fn gib(pages: i64) -> String {
    decimal(pages, 1 << 18, if pages.abs() < 1 << 18 { 2 } else { 1 })
}

/// Pages as a person says them.
fn size(pages: u64) -> String {
    match pages {
        0 => "0".to_owned(),
        p if p >= 1 << 18 => format!("{} GiB", decimal(p as i64, 1 << 18, 1)),
        p if p >= 256 => format!("{} MiB", p / 256),
        p => format!("{} KiB", p * 4),
    }
}
