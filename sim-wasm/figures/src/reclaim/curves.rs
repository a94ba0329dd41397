//! Memory over time.

use sim_core::{Nanos, Text};

use super::{History, metric, words};
use crate::chart::Chart;
use crate::lines::{Line, Whose, lines};
use crate::ticks::decimal;

const fn line(metric: usize, pen: u8, run: (Text, Text), pinned: (Text, Text), live: (Text, Text)) -> Line {
    Line { metric, pen, run, pinned, live }
}

/// Free memory, page cache, memory of programs and swap, in pages.
pub static LINES: [Line; 4] = [
    line(
        metric::FREE,
        2,
        (Text::fixed("빈 메모리", "free"), Text::fixed("free", "free")),
        (Text::fixed("빈 메모리(고정)", "free, pinned"), Text::fixed("고정 free", "pin free")),
        (Text::fixed("빈 메모리(이 서버)", "free, live"), Text::fixed("서버 free", "live free")),
    ),
    line(
        metric::CACHED,
        3,
        (Text::fixed("페이지 캐시", "page cache"), Text::fixed("캐시", "cache")),
        (Text::fixed("캐시(고정)", "cache, pinned"), Text::fixed("고정 캐시", "pin cache")),
        (Text::fixed("캐시(이 서버)", "cache, live"), Text::fixed("서버 캐시", "live cache")),
    ),
    line(
        metric::ANON,
        1,
        (Text::fixed("프로그램", "programs"), Text::fixed("프로그램", "progs")),
        (Text::fixed("프로그램(고정)", "programs, pinned"), Text::fixed("고정 프로", "pin progs")),
        (Text::fixed("프로그램(이 서버)", "programs, live"), Text::fixed("서버 프로", "live progs")),
    ),
    line(
        metric::SWAP,
        0,
        (Text::fixed("스왑에 있는 것", "in swap"), Text::fixed("스왑", "swap")),
        (Text::fixed("스왑(고정)", "in swap, pinned"), Text::fixed("고정 스왑", "pin swap")),
        (Text::fixed("스왑(이 서버)", "in swap, live"), Text::fixed("서버 스왑", "live swap")),
    ),
];

/// Pages in a MiB and in a GiB.
const MIB: i64 = 256;
const GIB: i64 = 256 * 1024;

/// A chart of metrics that are pages.
pub fn of_pages(history: &History, cursor: Nanos, shown: &[Line], title: Text) -> Chart {
    let track = &history.track;
    let most = shown.iter().map(|line| track.largest(line.metric)).max().unwrap_or(0);
    let large = most >= 8 * GIB;
    let named: Vec<_> = shown.iter().map(|line| (line.metric, line.run.0.clone())).collect();
    Chart {
        title,
        description: words::curves(history, cursor, &named),
        y_title: if large {
            Text::fixed("메모리(GiB)", "memory (GiB)")
        } else {
            Text::fixed("메모리(MiB)", "memory (MiB)")
        },
        scale: if large { GIB } else { MIB },
        at_least: MIB,
        from: 0,
        until: track.ends,
        series: lines(Whose::Run, shown, &track.metrics),
        bands: Vec::new(),
        marks: history.extra.marks.clone(),
        cursor: Some(cursor),
        format: if large { |raw| decimal(raw, GIB, 1) } else { |raw| decimal(raw, MIB, usize::from(raw < 100 * MIB)) },
    }
}
