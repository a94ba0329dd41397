//! Dirty pages and the thresholds over time.

use sim_core::{Nanos, Text};

use super::{History, metric, words};
use crate::chart::{Chart, Series, Shape};
use crate::lines::{Line, Whose, lines};
use crate::style::Pen;
use crate::ticks::decimal;

const fn line(metric: usize, pen: u8, run: (Text, Text), pinned: (Text, Text), live: (Text, Text)) -> Line {
    Line { metric, pen, run, pinned, live }
}

/// Dirty pages and three marks, in pages.
pub static LINES: [Line; 4] = [
    line(
        metric::THRESHOLD,
        1,
        (Text::fixed("임곗값", "threshold"), Text::fixed("임곗값", "thresh")),
        (Text::fixed("임곗값(고정)", "threshold, pinned"), Text::fixed("고정 임곗값", "pin thr")),
        (Text::fixed("임곗값(이 서버)", "threshold, live"), Text::fixed("서버 임곗값", "live thr")),
    ),
    line(
        metric::FREERUN,
        3,
        (Text::fixed("freerun", "freerun"), Text::fixed("freerun", "free")),
        (Text::fixed("freerun(고정)", "freerun, pinned"), Text::fixed("고정 free", "pin free")),
        (Text::fixed("freerun(이 서버)", "freerun, live"), Text::fixed("서버 free", "live free")),
    ),
    line(
        metric::BACKGROUND,
        2,
        (Text::fixed("백그라운드", "background"), Text::fixed("백그라운드", "backgr")),
        (Text::fixed("백그라운드(고정)", "background, pinned"), Text::fixed("고정 백", "pin bg")),
        (Text::fixed("백그라운드(이 서버)", "background, live"), Text::fixed("서버 백", "live bg")),
    ),
    line(
        metric::DIRTY,
        0,
        (Text::fixed("더티 페이지", "dirty"), Text::fixed("더티", "dirty")),
        (Text::fixed("더티(고정)", "dirty, pinned"), Text::fixed("고정 더티", "pin dirty")),
        (Text::fixed("더티(이 서버)", "dirty, live"), Text::fixed("서버 더티", "live dirty")),
    ),
];

/// Pages in a MiB and in a GiB.
const MIB: i64 = 256;
const GIB: i64 = 256 * 1024;

pub fn chart(history: &History, cursor: Nanos) -> Chart {
    let track = &history.track;
    let most = track.largest(metric::THRESHOLD).max(track.largest(metric::DIRTY));
    let large = most >= 8 * GIB;
    let mut series = vec![Series {
        pen: Pen::Truth,
        name: Text::fixed("더티 페이지", "dirty"),
        short: Text::fixed("더티", "dirty"),
        points: track.metrics[metric::DIRTY].clone(),
        shape: Shape::Area,
        now: None,
    }];
    series.extend(lines(Whose::Run, &LINES, &track.metrics));
    Chart {
        title: Text::fixed("시간에 따른 더티 페이지", "Dirty pages over time"),
        description: words::curves(history, cursor),
        y_title: if large {
            Text::fixed("더티 페이지, 쓰는 중인 것까지(GiB)", "dirty pages, those being written included (GiB)")
        } else {
            Text::fixed("더티 페이지, 쓰는 중인 것까지(MiB)", "dirty pages, those being written included (MiB)")
        },
        scale: if large { GIB } else { MIB },
        at_least: MIB,
        from: 0,
        until: track.ends,
        series,
        bands: Vec::new(),
        marks: history.extra.marks.clone(),
        cursor: Some(cursor),
        format: if large { |raw| decimal(raw, GIB, 1) } else { |raw| decimal(raw, MIB, usize::from(raw < 100 * MIB)) },
    }
}
