//! The three averages over time.

use sim_core::load_average::calc::{FIXED_1, print_load};
use sim_core::{Nanos, Text};

use super::{History, words};
use crate::chart::{Chart, Series, Shape};
use crate::lines::{Line, Whose, lines};
use crate::style::Pen;

const fn line(metric: usize, run: (Text, Text), pinned: (Text, Text), live: (Text, Text)) -> Line {
    Line { metric, pen: metric as u8, run, pinned, live }
}

/// The averages over 1, 5 and 15 minutes, in 1/2048.
pub static LINES: [Line; 3] = [
    line(
        0,
        (Text::fixed("1분 평균", "1 min"), Text::fixed("1분", "1 m")),
        (Text::fixed("1분(고정)", "1 min, pinned"), Text::fixed("고정 1분", "pin 1")),
        (Text::fixed("1분(이 서버)", "1 min, live"), Text::fixed("서버 1분", "live 1")),
    ),
    line(
        1,
        (Text::fixed("5분 평균", "5 min"), Text::fixed("5분", "5 m")),
        (Text::fixed("5분(고정)", "5 min, pinned"), Text::fixed("고정 5분", "pin 5")),
        (Text::fixed("5분(이 서버)", "5 min, live"), Text::fixed("서버 5분", "live 5")),
    ),
    line(
        2,
        (Text::fixed("15분 평균", "15 min"), Text::fixed("15분", "15 m")),
        (Text::fixed("15분(고정)", "15 min, pinned"), Text::fixed("고정 15분", "pin 15")),
        (Text::fixed("15분(이 서버)", "15 min, live"), Text::fixed("서버 15분", "live 15")),
    ),
];

pub fn chart(history: &History, cursor: Nanos) -> Chart {
    let mut series = vec![Series {
        pen: Pen::Truth,
        name: Text::fixed("활성 태스크", "active tasks"),
        short: Text::fixed("활성", "active"),
        points: history.extra.active.clone(),
        shape: Shape::Area,
        now: None,
    }];
    series.extend(lines(Whose::Run, &LINES, &history.track.metrics));
    Chart {
        title: Text::fixed("시간에 따른 부하 평균", "Load average over time"),
        description: words::curves(history, cursor),
        y_title: Text::fixed("부하 평균 (회색: 활성 태스크)", "load average (grey: active tasks)"),
        scale: FIXED_1 as i64,
        at_least: FIXED_1 as i64,
        from: 0,
        until: history.track.ends,
        series,
        bands: Vec::new(),
        marks: history.extra.marks.clone(),
        cursor: Some(cursor),
        format: |raw| print_load(raw.max(0) as u64),
    }
}
