//! The load average drawn: run queues, the count, the averages, and the clock that samples them.

mod clock;
mod count;
mod curves;
mod queues;
mod words;

use sim_core::load_average::LoadAverage;
use sim_core::{Model, Nanos, SECOND, Text};

use crate::chart::{Chart, Points};
use crate::lines::Line;
use crate::measure::PX;
use crate::svg::Svg;
use crate::{Drawn, Mark, View};

/// What drawings of a run need to know of all of it.
pub type History = crate::History<Extra>;

/// What drawings need besides the averages and everything that happened.
#[derive(Clone, Debug)]
pub struct Extra {
    /// How many tasks were active, averaged over short stretches, in 1/2048: what the averages
    /// are after.
    pub active: Points,
    /// When tasks start and end.
    pub marks: Vec<Mark>,
    /// How far the sampling clock looks back and ahead.
    pub reach: Nanos,
}

impl Drawn for LoadAverage {
    type Extra = Extra;

    /// All of it is known from the start: the changes of a run are laid out beforehand.
    fn begin(&self) -> Extra {
        Extra {
            active: count::active(self.changes(), self.ends()),
            marks: count::marks(self.changes(), self.ends()),
            reach: count::reach(self.changes(), self.ends()),
        }
    }

    fn lines() -> &'static [Line] {
        &curves::LINES
    }

    fn chart(history: &History, cursor: Nanos) -> Chart {
        curves::chart(history, cursor)
    }

    fn picture_title() -> Text {
        Text::fixed("실행 큐와 표본 시계", "Run queues and the sampling clock")
    }

    fn describe(&self, history: &History) -> Text {
        words::state(self, history)
    }

    fn draw_picture(&self, history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
        let queues = queues::draw(self, svg, view);
        svg.group_at("f-flow", 0, queues + 10 * PX);
        let flow = queues::draw_flow(self, svg, view);
        svg.close();
        let top = queues + flow + 26 * PX;
        svg.group_at("f-clock", 0, top);
        let clock = clock::draw(self, history, svg, view);
        svg.close();
        top + clock
    }
}

/// How far the sampling clock looks at most: a little more than one period each way.
const REACH: Nanos = 8 * SECOND;
