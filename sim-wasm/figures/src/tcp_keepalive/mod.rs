//! Keepalive drawn: the two ends and the box between them, and the clocks of both.

mod clocks;
mod curves;
mod words;

use sim_core::tcp_keepalive::TcpKeepalive;
use sim_core::{Nanos, Text};

use crate::chart::Chart;
use crate::lines::Line;
use crate::measure::PX;
use crate::svg::Svg;
use crate::{Drawn, View};

/// What drawings of a run need to know of all of it.
pub type History = crate::History<()>;

/// Places in the list of metrics.
mod metric {
    pub const QUIET: usize = 0;
    pub const BOX_QUIET: usize = 1;
}

impl Drawn for TcpKeepalive {
    type Extra = ();

    fn begin(&self) {}

    fn lines() -> &'static [Line] {
        &curves::LINES
    }

    fn chart(history: &History, cursor: Nanos) -> Chart {
        curves::chart(history, cursor)
    }

    fn picture_title() -> Text {
        Text::fixed("조용한 연결의 양 끝", "The two ends of a quiet connection")
    }

    fn describe(&self, _history: &History) -> Text {
        words::state(self)
    }

    fn draw_picture(&self, _history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
        let packets = clocks::draw(self, svg, view);
        svg.group_at("f-flow", 0, packets + 12 * PX);
        let boxes = clocks::figures(self, svg, view);
        svg.close();
        packets + 12 * PX + boxes
    }
}
