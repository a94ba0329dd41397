//! Promised, allowed and used memory over time.

use sim_core::{Nanos, Text};

use super::{History, gib, words};
use crate::chart::Chart;
use crate::lines::{Line, Whose, lines, marks};

/// Committed_AS, CommitLimit, and what is used; pages.
pub static LINES: [Line; 3] = [
    Line {
        metric: 0,
        pen: 0,
        run: (Text::fixed("약속", "promised"), Text::fixed("약속", "promised")),
        pinned: (Text::fixed("약속(고정)", "promised, pinned"), Text::fixed("고정 약속", "pin prom")),
        live: (Text::fixed("약속(이 서버)", "promised, live"), Text::fixed("서버 약속", "live prom")),
    },
    Line {
        metric: 1,
        pen: 1,
        run: (Text::fixed("CommitLimit", "CommitLimit"), Text::fixed("한도", "limit")),
        pinned: (Text::fixed("CommitLimit(고정)", "CommitLimit, pinned"), Text::fixed("고정 한도", "pin limit")),
        live: (Text::fixed("CommitLimit(이 서버)", "CommitLimit, live"), Text::fixed("서버 한도", "live limit")),
    },
    Line {
        metric: 2,
        pen: 2,
        run: (Text::fixed("실제 사용", "used"), Text::fixed("사용", "used")),
        pinned: (Text::fixed("실제 사용(고정)", "used, pinned"), Text::fixed("고정 사용", "pin used")),
        live: (Text::fixed("실제 사용(이 서버)", "used, live"), Text::fixed("서버 사용", "live used")),
    },
];

/// Kinds of events that are marked, with their names.
static MARKED: [(&str, Text); 6] = [
    ("refused", Text::fixed("ENOMEM", "ENOMEM")),
    ("fork", Text::fixed("fork", "fork")),
    ("reclaim", Text::fixed("캐시 회수", "cache goes")),
    ("swap", Text::fixed("스왑", "swap")),
    ("oom", Text::fixed("OOM", "OOM")),
    ("panic", Text::fixed("패닉", "panic")),
];

pub fn chart(history: &History, cursor: Nanos) -> Chart {
    let ends = history.track.ends;
    Chart {
        title: Text::fixed("시간에 따른 약속과 사용", "Promises and use over time"),
        description: words::curves(history, cursor),
        y_title: Text::fixed("메모리 (GiB)", "memory (GiB)"),
        scale: 1 << 18,
        at_least: 1 << 18,
        from: 0,
        until: ends,
        series: lines(Whose::Run, &LINES, &history.track.metrics),
        bands: Vec::new(),
        marks: marks(&history.track, &MARKED, ends / 20),
        cursor: Some(cursor),
        format: gib,
    }
}
