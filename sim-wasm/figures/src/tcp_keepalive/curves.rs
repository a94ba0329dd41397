//! How long it has been quiet, over time: a clock that whoever speaks sets back to zero.

use sim_core::{Nanos, Text};

use super::{History, metric, words};
use crate::chart::Chart;
use crate::lines::{Line, Whose, lines};
use crate::ticks::decimal;

const fn line(metric: usize, pen: u8, run: (Text, Text), pinned: (Text, Text), live: (Text, Text)) -> Line {
    Line { metric, pen, run, pinned, live }
}

/// Quiet at this end and at the box, in ms.
pub static LINES: [Line; 2] = [
    line(
        metric::BOX_QUIET,
        1,
        (Text::fixed("중간 장비에서", "at the box"), Text::fixed("장비", "box")),
        (Text::fixed("중간 장비에서(고정)", "at the box, pinned"), Text::fixed("고정 장비", "pin box")),
        (Text::fixed("중간 장비에서(이 서버)", "at the box, live"), Text::fixed("서버 장비", "live box")),
    ),
    line(
        metric::QUIET,
        0,
        (Text::fixed("이쪽에서", "at this end"), Text::fixed("이쪽", "here")),
        (Text::fixed("이쪽에서(고정)", "at this end, pinned"), Text::fixed("고정 이쪽", "pin here")),
        (Text::fixed("이쪽에서(이 서버)", "at this end, live"), Text::fixed("서버 이쪽", "live here")),
    ),
];

pub fn chart(history: &History, cursor: Nanos) -> Chart {
    let track = &history.track;
    let boxed = track.largest(metric::BOX_QUIET) > 0;
    let shown = if boxed { &LINES[..] } else { &LINES[1..] };
    let minutes = track.largest(metric::QUIET) >= 600_000;
    Chart {
        title: Text::fixed("조용했던 시간", "Time it has been quiet"),
        description: words::curves(history, cursor),
        y_title: if minutes {
            Text::fixed("조용했던 시간(분)", "time it has been quiet (min)")
        } else {
            Text::fixed("조용했던 시간(초)", "time it has been quiet (s)")
        },
        scale: if minutes { 60_000 } else { 1000 },
        at_least: if minutes { 60_000 } else { 1000 },
        from: 0,
        until: track.ends,
        series: lines(Whose::Run, shown, &track.metrics),
        bands: Vec::new(),
        marks: Vec::new(),
        cursor: Some(cursor),
        format: if minutes { |raw| decimal(raw, 60_000, 1) } else { |raw| decimal(raw, 1000, 1) },
    }
}
