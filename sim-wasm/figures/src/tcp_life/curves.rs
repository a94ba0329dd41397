//! Sockets of the watched host by state, and requests that failed.

use sim_core::{Nanos, Text};

use super::{History, metric, words};
use crate::chart::Chart;
use crate::lines::{Line, Whose, lines};

const fn line(metric: usize, pen: u8, run: (Text, Text), pinned: (Text, Text), live: (Text, Text)) -> Line {
    Line { metric, pen, run, pinned, live }
}

/// Three states and what failed, in pieces.
pub static LINES: [Line; 4] = [
    line(
        metric::ESTABLISHED,
        1,
        (Text::fixed("ESTABLISHED", "ESTABLISHED"), Text::fixed("ESTAB", "ESTAB")),
        (Text::fixed("ESTAB(고정)", "ESTAB, pinned"), Text::fixed("고정 ES", "pin ES")),
        (Text::fixed("ESTAB(이 서버)", "ESTAB, live"), Text::fixed("서버 ES", "live ES")),
    ),
    line(
        metric::FIN_WAIT2,
        3,
        (Text::fixed("FIN_WAIT2", "FIN_WAIT2"), Text::fixed("FIN2", "FIN2")),
        (Text::fixed("FIN_WAIT2(고정)", "FIN_WAIT2, pinned"), Text::fixed("고정 F2", "pin F2")),
        (Text::fixed("FIN_WAIT2(이 서버)", "FIN_WAIT2, live"), Text::fixed("서버 F2", "live F2")),
    ),
    line(
        metric::FAILED,
        2,
        (Text::fixed("실패한 요청(누적)", "failed so far"), Text::fixed("실패", "failed")),
        (Text::fixed("실패(고정)", "failed, pinned"), Text::fixed("고정 실패", "pin fail")),
        (Text::fixed("실패(이 서버)", "failed, live"), Text::fixed("서버 실패", "live fail")),
    ),
    line(
        metric::TIME_WAIT,
        0,
        (Text::fixed("TIME_WAIT", "TIME_WAIT"), Text::fixed("TW", "TW")),
        (Text::fixed("TIME_WAIT(고정)", "TIME_WAIT, pinned"), Text::fixed("고정 TW", "pin TW")),
        (Text::fixed("TIME_WAIT(이 서버)", "TIME_WAIT, live"), Text::fixed("서버 TW", "live TW")),
    ),
];

pub fn chart(history: &History, cursor: Nanos) -> Chart {
    let track = &history.track;
    // A state that never is and failures that never are draw no line along zero.
    let is = |metric: usize| track.metrics[metric].iter().any(|point| point.1 != 0);
    let drawn = LINES.iter().filter(|line| line.metric == metric::TIME_WAIT || is(line.metric));
    let series = drawn.flat_map(|line| lines(Whose::Run, std::slice::from_ref(line), &track.metrics));
    Chart {
        title: Text::fixed("시간에 따른 소켓의 수", "Sockets over time"),
        description: words::curves(history, cursor),
        y_title: Text::fixed("들여다보는 호스트의 소켓", "sockets of the host looked at"),
        scale: 1,
        at_least: 10,
        from: 0,
        until: track.ends,
        series: series.collect(),
        bands: Vec::new(),
        marks: history.extra.marks.clone(),
        cursor: Some(cursor),
        format: |raw| super::count(raw.clamp(0, i64::from(u32::MAX)) as u32),
    }
}
