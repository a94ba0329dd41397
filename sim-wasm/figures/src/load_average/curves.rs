//! The three averages over time.

use sim_core::load_average::calc::{FIXED_1, print_load};
use sim_core::{Nanos, Text};

use super::{History, words};
use crate::chart::{Chart, Points, Series, Shape};
use crate::style::Pen;

/// Whose averages a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The run the widget is at.
    Run,
    /// The run that was pinned to compare with.
    Pinned,
    /// The reader's machine.
    Live,
}

const NAMES: [[(Text, Text); 3]; 3] = [
    [
        (Text::fixed("1분 평균", "1 min"), Text::fixed("1분", "1 m")),
        (Text::fixed("5분 평균", "5 min"), Text::fixed("5분", "5 m")),
        (Text::fixed("15분 평균", "15 min"), Text::fixed("15분", "15 m")),
    ],
    [
        (Text::fixed("1분(고정)", "1 min, pinned"), Text::fixed("고정 1분", "pin 1")),
        (Text::fixed("5분(고정)", "5 min, pinned"), Text::fixed("고정 5분", "pin 5")),
        (Text::fixed("15분(고정)", "15 min, pinned"), Text::fixed("고정 15분", "pin 15")),
    ],
    [
        (Text::fixed("1분(이 서버)", "1 min, live"), Text::fixed("서버 1분", "live 1")),
        (Text::fixed("5분(이 서버)", "5 min, live"), Text::fixed("서버 5분", "live 5")),
        (Text::fixed("15분(이 서버)", "15 min, live"), Text::fixed("서버 15분", "live 15")),
    ],
];

/// The series of three averages in 1/2048, over 1, 5 and 15 minutes.
pub fn averages(whose: Whose, points: [Points; 3]) -> Vec<Series> {
    let names = NAMES[whose as usize].clone();
    let shape = if whose == Whose::Live { Shape::Line } else { Shape::Steps };
    let pen = |i: u8| match whose {
        Whose::Run => Pen::Series(i),
        Whose::Pinned => Pen::Pinned(i),
        Whose::Live => Pen::Live(i),
    };
    let series = (0u8..).zip(names).zip(points);
    series.map(|((i, (name, short)), points)| Series { pen: pen(i), name, short, points, shape }).collect()
}

/// What the reader drew or typed, in 1/2048.
pub fn prediction(points: Points) -> Series {
    let (name, short) = (Text::fixed("내 예측", "my prediction"), Text::fixed("예측", "guess"));
    Series { pen: Pen::Prediction, name, short, points, shape: Shape::Line }
}

pub fn chart(history: &History, cursor: Nanos) -> Chart {
    let [one, five, fifteen] = [0, 1, 2].map(|i| history.track.metrics[i].clone());
    let mut series = vec![Series {
        pen: Pen::Truth,
        name: Text::fixed("활성 태스크", "active tasks"),
        short: Text::fixed("활성", "active"),
        points: history.active.clone(),
        shape: Shape::Area,
    }];
    series.extend(averages(Whose::Run, [one, five, fifteen]));
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
        marks: history.marks.clone(),
        cursor: Some(cursor),
        format: |raw| print_load(raw.max(0) as u64),
    }
}
