//! Latency over time.

use sim_core::{MILLISECOND, Nanos, Text};

use super::{History, metric, words};
use crate::chart::{Chart, Mark};
use crate::lines::{Line, Whose, lines};

const fn line(metric: usize, pen: u8, run: (Text, Text), pinned: (Text, Text), live: (Text, Text)) -> Line {
    Line { metric, pen, run, pinned, live }
}

/// Percentiles of the last window, in ns.
pub static LINES: [Line; 3] = [
    line(
        metric::P99,
        1,
        (Text::fixed("p99", "p99"), Text::fixed("p99", "p99")),
        (Text::fixed("p99(고정)", "p99, pinned"), Text::fixed("고정 p99", "pin p99")),
        (Text::fixed("p99(이 서버)", "p99, live"), Text::fixed("서버 p99", "live p99")),
    ),
    line(
        metric::P95,
        2,
        (Text::fixed("p95", "p95"), Text::fixed("p95", "p95")),
        (Text::fixed("p95(고정)", "p95, pinned"), Text::fixed("고정 p95", "pin p95")),
        (Text::fixed("p95(이 서버)", "p95, live"), Text::fixed("서버 p95", "live p95")),
    ),
    line(
        metric::P50,
        0,
        (Text::fixed("중앙값", "median"), Text::fixed("p50", "p50")),
        (Text::fixed("중앙값(고정)", "median, pinned"), Text::fixed("고정 p50", "pin p50")),
        (Text::fixed("중앙값(이 서버)", "median, live"), Text::fixed("서버 p50", "live p50")),
    ),
];

pub fn chart(history: &History, cursor: Nanos) -> Chart {
    let extra = &history.extra;
    let marks = [
        (extra.dropped, Text::fixed("SYN이 버려짐", "a SYN is dropped")),
        (extra.no_port, Text::fixed("포트가 바닥남", "no port is left")),
        (extra.returned, Text::fixed("포트가 돌아옴", "ports are back")),
    ];
    Chart {
        title: Text::fixed("시간에 따른 지연 시간", "Latency over time"),
        description: words::curves(history, cursor),
        y_title: Text::fixed("지연 시간(ms)", "latency (ms)"),
        scale: MILLISECOND as i64,
        at_least: MILLISECOND as i64,
        from: 0,
        until: history.track.ends,
        series: lines(Whose::Run, &LINES, &history.track.metrics),
        bands: Vec::new(),
        marks: marks.into_iter().filter_map(|(at, label)| Some(Mark { at: at?, label })).collect(),
        cursor: Some(cursor),
        format: |ns| words::ms(ns.max(0) as u64),
    }
}
