//! The shares over time.

use sim_core::{Nanos, Text};

use super::{History, words};
use crate::chart::{Chart, Series};
use crate::lines::{Line, Whose, lines};
use crate::{Band, ticks};

/// Where the shares stand among the metrics.
const FIRST: usize = 4;

const fn line(task: usize, run: (Text, Text), pinned: (Text, Text), live: (Text, Text)) -> Line {
    Line { metric: FIRST + task, pen: task as u8, run, pinned, live }
}

/// %CPU of the first four tasks since the start, in 1/100.
pub static LINES: [Line; 4] = [
    line(
        0,
        (Text::fixed("A", "A"), Text::fixed("A", "A")),
        (Text::fixed("A(고정)", "A, pinned"), Text::fixed("고정 A", "pin A")),
        (Text::fixed("A(이 서버)", "A, live"), Text::fixed("서버 A", "live A")),
    ),
    line(
        1,
        (Text::fixed("B", "B"), Text::fixed("B", "B")),
        (Text::fixed("B(고정)", "B, pinned"), Text::fixed("고정 B", "pin B")),
        (Text::fixed("B(이 서버)", "B, live"), Text::fixed("서버 B", "live B")),
    ),
    line(
        2,
        (Text::fixed("C", "C"), Text::fixed("C", "C")),
        (Text::fixed("C(고정)", "C, pinned"), Text::fixed("고정 C", "pin C")),
        (Text::fixed("C(이 서버)", "C, live"), Text::fixed("서버 C", "live C")),
    ),
    line(
        3,
        (Text::fixed("D", "D"), Text::fixed("D", "D")),
        (Text::fixed("D(고정)", "D, pinned"), Text::fixed("고정 D", "pin D")),
        (Text::fixed("D(이 서버)", "D, live"), Text::fixed("서버 D", "live D")),
    ),
];

pub fn chart(history: &History, cursor: Nanos) -> Chart {
    let tasks = history.extra.tasks.min(LINES.len());
    let series: Vec<Series> = lines(Whose::Run, &LINES[..tasks], &history.track.metrics);
    let label = Text::fixed("멈춤", "stopped");
    let bands =
        history.extra.kept.iter().map(|(from, until)| Band { from: *from, until: *until, label: label.clone() });
    Chart {
        title: Text::fixed("시작부터의 CPU 점유율", "Share of a CPU since the start"),
        description: words::curves(history, cursor),
        y_title: Text::fixed("%CPU(처음부터)", "%CPU since the start"),
        scale: 100,
        at_least: 100 * 100,
        from: 0,
        until: history.track.ends,
        series,
        bands: bands.collect(),
        marks: Vec::new(),
        cursor: Some(cursor),
        format: |raw| format!("{} %", ticks::decimal(raw, 100, 1)),
    }
}
