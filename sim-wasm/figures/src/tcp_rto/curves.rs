//! Round trip and RTO over time.

use sim_core::{Nanos, Text};

use super::{History, metric, words};
use crate::chart::Chart;
use crate::lines::{Line, Whose, lines};
use crate::ticks::decimal;

const fn line(metric: usize, pen: u8, run: (Text, Text), pinned: (Text, Text), live: (Text, Text)) -> Line {
    Line { metric, pen, run, pinned, live }
}

/// The last sample, the smoothed one and the RTO, in µs.
pub static LINES: [Line; 3] = [
    line(
        metric::RTT,
        2,
        (Text::fixed("RTT 표본", "RTT sample"), Text::fixed("RTT", "RTT")),
        (Text::fixed("RTT(고정)", "RTT, pinned"), Text::fixed("고정 RTT", "pin RTT")),
        (Text::fixed("RTT(이 서버)", "RTT, live"), Text::fixed("서버 RTT", "live RTT")),
    ),
    line(
        metric::SRTT,
        1,
        (Text::fixed("srtt", "srtt"), Text::fixed("srtt", "srtt")),
        (Text::fixed("srtt(고정)", "srtt, pinned"), Text::fixed("고정 srtt", "pin srtt")),
        (Text::fixed("srtt(이 서버)", "srtt, live"), Text::fixed("서버 srtt", "live srtt")),
    ),
    line(
        metric::RTO,
        0,
        (Text::fixed("RTO", "RTO"), Text::fixed("RTO", "RTO")),
        (Text::fixed("RTO(고정)", "RTO, pinned"), Text::fixed("고정 RTO", "pin RTO")),
        (Text::fixed("RTO(이 서버)", "RTO, live"), Text::fixed("서버 RTO", "live RTO")),
    ),
];

/// µs in a ms and in a second.
const MS: i64 = 1000;
const S: i64 = 1_000_000;

pub fn chart(history: &History, cursor: Nanos) -> Chart {
    let track = &history.track;
    let long = track.largest(metric::RTO) >= 10 * S;
    Chart {
        title: Text::fixed("시간에 따른 RTT와 RTO", "Round trip and RTO over time"),
        description: words::curves(history, cursor),
        y_title: if long {
            Text::fixed("RTT와 RTO(초)", "round trip and RTO (s)")
        } else {
            Text::fixed("RTT와 RTO(ms)", "round trip and RTO (ms)")
        },
        scale: if long { S } else { MS },
        at_least: if long { S } else { 100 * MS },
        from: 0,
        until: track.ends,
        series: lines(Whose::Run, &LINES, &track.metrics),
        bands: Vec::new(),
        marks: Vec::new(),
        cursor: Some(cursor),
        format: if long { |raw| decimal(raw, S, 1) } else { |raw| decimal(raw, MS, usize::from(raw < 10 * MS)) },
    }
}
