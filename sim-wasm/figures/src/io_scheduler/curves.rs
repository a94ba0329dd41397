//! What each stream has moved over time: the steeper, the faster.

use sim_core::{Nanos, Text};

use super::{History, words};
use crate::chart::Chart;
use crate::lines::{Line, Whose, lines};

/// Metrics of the streams begin here.
const FIRST: usize = 17;

const fn line(i: u8, run: (Text, Text), pinned: (Text, Text), live: (Text, Text)) -> Line {
    Line { metric: FIRST + i as usize, pen: i, run, pinned, live }
}

/// What the first three streams have moved, and the rest together, in KiB.
pub static LINES: [Line; 4] = [
    line(
        0,
        (Text::fixed("첫째 스트림", "first stream"), Text::fixed("첫째", "1st")),
        (Text::fixed("첫째(고정)", "first, pinned"), Text::fixed("고정 1", "pin 1")),
        (Text::fixed("첫째(이 서버)", "first, live"), Text::fixed("서버 1", "live 1")),
    ),
    line(
        1,
        (Text::fixed("둘째 스트림", "second stream"), Text::fixed("둘째", "2nd")),
        (Text::fixed("둘째(고정)", "second, pinned"), Text::fixed("고정 2", "pin 2")),
        (Text::fixed("둘째(이 서버)", "second, live"), Text::fixed("서버 2", "live 2")),
    ),
    line(
        2,
        (Text::fixed("셋째 스트림", "third stream"), Text::fixed("셋째", "3rd")),
        (Text::fixed("셋째(고정)", "third, pinned"), Text::fixed("고정 3", "pin 3")),
        (Text::fixed("셋째(이 서버)", "third, live"), Text::fixed("서버 3", "live 3")),
    ),
    line(
        3,
        (Text::fixed("나머지", "the rest"), Text::fixed("나머지", "rest")),
        (Text::fixed("나머지(고정)", "rest, pinned"), Text::fixed("고정 나머지", "pin r")),
        (Text::fixed("나머지(이 서버)", "rest, live"), Text::fixed("서버 나머지", "live r")),
    ),
];

pub fn chart(history: &History, cursor: Nanos) -> Chart {
    let streams = &history.extra.streams;
    let mut series = lines(Whose::Run, &LINES[..streams.len().min(LINES.len())], &history.track.metrics);
    for (i, one) in series.iter_mut().enumerate().take(3) {
        one.name = Text::verbatim(streams[i].clone());
        one.short = Text::verbatim(streams[i].split(' ').next().unwrap_or_default());
    }
    Chart {
        title: Text::fixed("시간에 따라 옮긴 양", "Moved over time"),
        description: words::curves(history, cursor),
        y_title: Text::fixed("옮긴 양(MiB)", "moved (MiB)"),
        scale: 1024,
        at_least: 64,
        from: 0,
        until: history.track.ends,
        series,
        bands: Vec::new(),
        marks: Vec::new(),
        cursor: Some(cursor),
        format: mib,
    }
}

/// KiB as MiB with as many places as it needs to be told from nothing.
pub fn mib(kib: i64) -> String {
    let kib = kib.max(0);
    match kib {
        0 => "0".to_owned(),
        1..10_240 => format!("{}.{:02}", kib / 1024, kib % 1024 * 100 / 1024),
        _ => (kib / 1024).to_string(),
    }
}
