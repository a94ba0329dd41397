//! How many processes live, and how many have ended and are still there.

use sim_core::{Nanos, Text};

use super::{History, words};
use crate::chart::Chart;
use crate::lines::{Line, Whose, lines, marks};

/// Alive, zombies, in uninterruptible sleep.
pub static LINES: [Line; 3] = [
    Line {
        metric: 0,
        pen: 0,
        run: (Text::fixed("살아 있음", "alive"), Text::fixed("생존", "alive")),
        pinned: (Text::fixed("살아 있음(고정)", "alive, pinned"), Text::fixed("고정 생존", "pin alive")),
        live: (Text::fixed("살아 있음(이 서버)", "alive, live"), Text::fixed("서버 생존", "live")),
    },
    Line {
        metric: 1,
        pen: 1,
        run: (Text::fixed("좀비", "zombies"), Text::fixed("좀비", "Z")),
        pinned: (Text::fixed("좀비(고정)", "zombies, pinned"), Text::fixed("고정 좀비", "pin Z")),
        live: (Text::fixed("좀비(이 서버)", "zombies, live"), Text::fixed("서버 좀비", "live Z")),
    },
    Line {
        metric: 2,
        pen: 2,
        run: (Text::fixed("D", "in D"), Text::fixed("D", "D")),
        pinned: (Text::fixed("D(고정)", "in D, pinned"), Text::fixed("고정 D", "pin D")),
        live: (Text::fixed("D(이 서버)", "in D, live"), Text::fixed("서버 D", "live D")),
    },
];

/// Kinds of events that are marked, with their names.
static MARKED: [(&str, Text); 7] = [
    ("killed", Text::fixed("죽음", "killed")),
    ("adopted", Text::fixed("입양", "adopted")),
    ("reaped", Text::fixed("거둠", "waited for")),
    ("refused", Text::fixed("fork 실패", "fork fails")),
    ("stopped", Text::fixed("정지", "stopped")),
    ("write", Text::fixed("쓰기", "write")),
    ("signal", Text::fixed("소용없는 시그널", "signal in vain")),
];

pub fn chart(history: &History, cursor: Nanos) -> Chart {
    let ends = history.track.ends;
    Chart {
        title: Text::fixed("시간에 따른 프로세스 수", "Processes over time"),
        description: words::curves(history, cursor),
        y_title: Text::fixed("프로세스 (개)", "processes"),
        scale: 1,
        at_least: 4,
        from: 0,
        until: ends,
        series: lines(Whose::Run, &LINES, &history.track.metrics),
        bands: Vec::new(),
        marks: marks(&history.track, &MARKED, ends / 10),
        cursor: Some(cursor),
        format: |value| value.to_string(),
    }
}
