//! A service drawn: where each of its visitors is, throughput over time, and throughput against the
//! number of visitors with the bounds that no queue can move.

mod curves;
mod lanes;
mod panels;
mod words;

use sim_core::service::Service;
use sim_core::{Event, Model, Nanos, Text};

use crate::chart::Chart;
use crate::lines::Line;
use crate::measure::PX;
use crate::svg::Svg;
use crate::{Drawn, View};

/// What drawings of a run need to know of all of it.
pub type History = crate::History<Extra>;

/// What drawings need besides the metrics: when what first happened.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// No port was left.
    pub no_port: Option<Nanos>,
    /// The first ports came back after that.
    pub returned: Option<Nanos>,
    /// A SYN was dropped.
    pub dropped: Option<Nanos>,
}

impl Drawn for Service {
    type Extra = Extra;

    fn begin(&self) -> Extra {
        Extra::default()
    }

    fn observe(&self, happened: &[Event], extra: &mut Extra) {
        let first = |known: Option<Nanos>, kind: &str| {
            known.or_else(|| happened.iter().find(|event| event.kind == kind).map(|event| event.t_ns))
        };
        extra.no_port = first(extra.no_port, "no-port");
        extra.dropped = first(extra.dropped, "drop");
        if extra.no_port.is_some_and(|since| since < self.now()) {
            extra.returned = first(extra.returned, "return");
        }
    }

    fn lines() -> &'static [Line] {
        &curves::LINES
    }

    fn chart(history: &History, cursor: Nanos) -> Chart {
        curves::chart(history, cursor)
    }

    fn picture_title() -> Text {
        Text::fixed("클라이언트가 있는 곳과 처리량", "Where the clients are, and throughput")
    }

    fn describe(&self, _history: &History) -> Text {
        words::state(self)
    }

    fn draw_picture(&self, history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
        let lanes = lanes::draw(self, svg, view);
        svg.group_at("f-panels", 0, lanes + 14 * PX);
        let panels = panels::draw(self, history, svg, view);
        svg.close();
        lanes + 14 * PX + panels
    }
}

/// Places in the list of metrics.
pub(crate) mod metric {
    pub const THROUGHPUT: usize = 0;
    pub const P50: usize = 1;
    pub const P95: usize = 2;
    pub const P99: usize = 3;
}
