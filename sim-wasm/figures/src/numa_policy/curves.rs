//! How much memory lies with its readers, and how much does not.

use sim_core::{Nanos, Text};

use super::{History, words};
use crate::chart::Chart;
use crate::lines::{Line, Whose, lines, marks};

/// Memory on the node of its reader, and on another, in MiB.
pub static LINES: [Line; 2] = [
    Line {
        metric: 0,
        pen: 0,
        run: (Text::fixed("로컬", "local"), Text::fixed("로컬", "local")),
        pinned: (Text::fixed("로컬(고정)", "local, pinned"), Text::fixed("고정 로컬", "pin loc")),
        live: (Text::fixed("로컬(이 서버)", "local, live"), Text::fixed("서버 로컬", "live loc")),
    },
    Line {
        metric: 1,
        pen: 1,
        run: (Text::fixed("리모트", "remote"), Text::fixed("리모트", "remote")),
        pinned: (Text::fixed("리모트(고정)", "remote, pinned"), Text::fixed("고정 리모트", "pin rem")),
        live: (Text::fixed("리모트(이 서버)", "remote, live"), Text::fixed("서버 리모트", "live rem")),
    },
];

/// Kinds of events that are marked, with their names.
static MARKED: [(&str, Text); 5] = [
    ("spill", Text::fixed("넘침", "spill")),
    ("zone-reclaim", Text::fixed("로컬 회수", "zone reclaim")),
    ("oom", Text::fixed("OOM", "OOM")),
    ("move", Text::fixed("스레드 이동", "thread moves")),
    ("migrate", Text::fixed("페이지 이동", "pages move")),
];

pub fn chart(history: &History, cursor: Nanos) -> Chart {
    let ends = history.track.ends;
    Chart {
        title: Text::fixed("시간에 따른 메모리의 자리", "Where memory lies over time"),
        description: words::curves(history, cursor),
        y_title: Text::fixed(
            "프로세스의 메모리, 읽는 CPU에서 볼 때 (GiB)",
            "memory of processes, seen from its readers (GiB)",
        ),
        scale: 1024,
        at_least: 1024,
        from: 0,
        until: ends,
        series: lines(Whose::Run, &LINES, &history.track.metrics),
        bands: Vec::new(),
        marks: marks(&history.track, &MARKED, ends / 20),
        cursor: Some(cursor),
        format: words::gib,
    }
}
