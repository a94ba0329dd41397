//! I/O scheduling drawn: the head over the disk with the requests it could be sent to, the queues the
//! scheduler chooses from, and what became of each process.

mod curves;
mod device;
mod lanes;
mod words;

use sim_core::io_scheduler::{IoScheduler, letter};
use sim_core::{Nanos, Text};

use crate::chart::Chart;
use crate::lines::Line;
use crate::measure::PX;
use crate::svg::Svg;
use crate::{Drawn, View};

/// What drawings of a run need to know of all of it.
pub type History = crate::History<Extra>;

/// What drawings need besides the metrics.
#[derive(Clone, Debug)]
pub struct Extra {
    /// What each stream is called: the letters of its processes and what they do.
    pub streams: Vec<String>,
}

impl Drawn for IoScheduler {
    type Extra = Extra;

    fn begin(&self) -> Extra {
        Extra { streams: streams(self) }
    }

    fn lines() -> &'static [Line] {
        &curves::LINES
    }

    fn chart(history: &History, cursor: Nanos) -> Chart {
        curves::chart(history, cursor)
    }

    fn picture_title() -> Text {
        Text::fixed("디스크와 스케줄러의 대기열", "The disk and the scheduler's queues")
    }

    fn describe(&self, _history: &History) -> Text {
        words::state(self)
    }

    fn draw_picture(&self, _history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
        let device = device::draw(self, svg, view);
        svg.group_at("f-queues", 0, device + 16 * PX);
        let queues = lanes::queues(self, svg, view);
        svg.close();
        let top = device + queues + 34 * PX;
        svg.group_at("f-processes", 0, top);
        let processes = lanes::processes(self, svg, view);
        svg.close();
        top + processes
    }
}

/// `A–D rand-reader`, in the order of the streams.
fn streams(model: &IoScheduler) -> Vec<String> {
    let mut names: Vec<(usize, u32, u32, &str)> = Vec::new();
    for (process, i) in model.processes().iter().zip(0..) {
        match names.last_mut() {
            Some(last) if last.0 == process.stream() => last.2 = i,
            _ => names.push((process.stream(), i, i, process.kind().name())),
        }
    }
    let name = |(_, first, last, name): (usize, u32, u32, &str)| {
        if first == last {
            format!("{} {name}", letter(first))
        } else {
            format!("{}–{} {name}", letter(first), letter(last))
        }
    };
    names.into_iter().map(name).collect()
}

/// Which of six colours a process has: that of its stream.
fn pen(model: &IoScheduler, process: u32) -> usize {
    model.processes().get(process as usize).map_or(0, |process| process.stream() % 6)
}

/// Classes of filled marks, by stream.
const FILLS: [&str; 6] = ["f-f1", "f-f2", "f-f3", "f-f4", "f-f5", "f-f6"];
/// Classes of outlined marks, by stream.
const LINES: [&str; 6] = ["f-io f-s1", "f-io f-s2", "f-io f-s3", "f-io f-s4", "f-io f-s5", "f-io f-s6"];
