//! The buddy allocator drawn: free blocks by order and address, the heads of their lists, who has
//! the rest, and how far free memory is above the marks.

mod curves;
mod lists;
mod marks;
mod shape;
mod words;

use sim_core::buddy_allocator::BuddyAllocator;
use sim_core::{Event, Nanos, Text};

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
    /// The first of each kind of trouble.
    pub marks: Vec<Mark>,
    seen: Vec<&'static str>,
}

impl Drawn for BuddyAllocator {
    type Extra = Extra;

    fn begin(&self) -> Extra {
        Extra::default()
    }

    fn observe(&self, happened: &[Event], extra: &mut Extra) {
        for event in happened {
            if let Some(label) = words::trouble(event.kind)
                && !extra.seen.contains(&event.kind)
            {
                extra.seen.push(event.kind);
                extra.marks.push(Mark { at: event.t_ns, label });
            }
        }
    }

    fn lines() -> &'static [Line] {
        &curves::LINES
    }

    fn chart(history: &History, cursor: Nanos) -> Chart {
        curves::chart(history, cursor)
    }

    fn picture_title() -> Text {
        Text::fixed("차수별 빈 블록과 목록", "Free blocks and lists by order")
    }

    fn describe(&self, _history: &History) -> Text {
        words::state(self)
    }

    fn draw_picture(&self, _history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
        let lists = lists::draw(self, svg, view);
        let top = lists + 12 * PX;
        svg.group_at("f-marks", 0, top);
        let marks = marks::draw(self, svg, view);
        svg.close();
        top + marks
    }
}
