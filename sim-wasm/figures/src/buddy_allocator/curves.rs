//! Free pages over time, and how many of them huge pages could be had from.

use sim_core::{Nanos, Text};

use super::{History, words};
use crate::chart::{Chart, Series};
use crate::lines::{Line, Whose, lines};
use crate::style::Pen;

const fn line(metric: usize, pen: u8, run: (Text, Text), pinned: (Text, Text), live: (Text, Text)) -> Line {
    Line { metric, pen, run, pinned, live }
}

/// Pages of the highest zone.
pub static LINES: [Line; 4] = [
    line(
        1,
        0,
        (Text::fixed("빈 페이지", "free"), Text::fixed("빔", "free")),
        (Text::fixed("빈 페이지(고정)", "free, pinned"), Text::fixed("고정 빔", "pin free")),
        (Text::fixed("빈 페이지(이 서버)", "free, live"), Text::fixed("서버 빔", "live free")),
    ),
    line(
        2,
        1,
        (Text::fixed("2 MiB 이상 블록", "in 2 MiB blocks"), Text::fixed("2 MiB", "2 MiB")),
        (Text::fixed("2 MiB 이상(고정)", "2 MiB, pinned"), Text::fixed("고정 2M", "pin 2M")),
        (Text::fixed("2 MiB 이상(이 서버)", "2 MiB, live"), Text::fixed("서버 2M", "live 2M")),
    ),
    line(
        3,
        2,
        (Text::fixed("CPU별 목록", "per-CPU lists"), Text::fixed("CPU별", "per CPU")),
        (Text::fixed("CPU별(고정)", "per CPU, pinned"), Text::fixed("고정 CPU", "pin CPU")),
        (Text::fixed("CPU별(이 서버)", "per CPU, live"), Text::fixed("서버 CPU", "live CPU")),
    ),
    line(
        9,
        3,
        (Text::fixed("min 워터마크", "min mark"), Text::fixed("min", "min")),
        (Text::fixed("min(고정)", "min, pinned"), Text::fixed("고정 min", "pin min")),
        (Text::fixed("min(이 서버)", "min, live"), Text::fixed("서버 min", "live min")),
    ),
];

/// The curves of a run; a mark and a list that are nothing all the way are left out.
fn curves(history: &History) -> Vec<Series> {
    let mut series = lines(Whose::Run, &LINES, &history.track.metrics);
    series.retain(|series| {
        let optional = [2, 3].map(Pen::Series).contains(&series.pen);
        !optional || series.points.iter().any(|point| point.1 != 0)
    });
    series
}

pub fn chart(history: &History, cursor: Nanos) -> Chart {
    Chart {
        title: Text::fixed("시간에 따른 빈 페이지", "Free pages over time"),
        description: words::curves(history, cursor),
        y_title: Text::fixed("맨 위 영역의 페이지(4 KiB)", "pages of the highest zone (4 KiB each)"),
        scale: 1,
        at_least: 16,
        from: 0,
        until: history.track.ends,
        series: curves(history),
        bands: Vec::new(),
        marks: history.extra.marks.clone(),
        cursor: Some(cursor),
        format: |pages| pages.to_string(),
    }
}
