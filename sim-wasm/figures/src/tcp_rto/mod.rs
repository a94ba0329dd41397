//! Retransmission drawn: the packets between the two ends, the timer over them, and how the RTO is made.

mod curves;
mod packets;
mod words;

use sim_core::tcp_rto::TcpRto;
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
    pub const RTT: usize = 0;
    pub const SRTT: usize = 1;
    pub const RTO: usize = 4;
}

impl Drawn for TcpRto {
    type Extra = ();

    fn begin(&self) {}

    fn lines() -> &'static [Line] {
        &curves::LINES
    }

    fn chart(history: &History, cursor: Nanos) -> Chart {
        curves::chart(history, cursor)
    }

    fn picture_title() -> Text {
        Text::fixed("패킷과 재전송 타이머", "Packets and the retransmission timer")
    }

    fn describe(&self, _history: &History) -> Text {
        words::state(self)
    }

    fn draw_picture(&self, _history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
        let packets = packets::draw(self, svg, view);
        svg.group_at("f-flow", 0, packets + 12 * PX);
        let boxes = packets::formula(self, svg, view);
        svg.close();
        packets + 12 * PX + boxes
    }
}
