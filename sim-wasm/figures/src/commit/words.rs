//! The same in words: what a screen reader says in place of the drawings.

use sim_core::commit::{Commit, State, oom_score};
use sim_core::{Lang, Model, Nanos, Text, text};

use super::{History, gib, size};
use crate::ticks::say;

/// Processes that are told one by one.
const TOLD: usize = 6;

/// Promises, memory, and each process.
pub fn state(model: &Commit) -> Text {
    let (ko_now, en_now) = (say(model.now(), Lang::Ko), say(model.now(), Lang::En));
    let engine = model.engine();
    let machine = engine.machine();
    let (committed, limit) = (size(engine.committed()), size(model.limit()));
    let (ram, free, cache) = (size(machine.totalram), size(machine.free), size(machine.cache));
    let mut words = text!(
        ko: "{ko_now}: 약속 {committed}, CommitLimit {limit}, RAM {ram} 중 {free}가 비었고 페이지 캐시가 {cache}입니다.",
        en: "{en_now}: {committed} promised, CommitLimit {limit}; of {ram} of RAM {free} are free and {cache} are page cache.",
    );
    for (who, process) in engine.processes().iter().enumerate().take(TOLD) {
        let (pid, comm) = (process.pid, process.program.comm());
        let more = match process.state {
            State::Waiting => continue,
            State::Exited => text!(ko: " {pid}({comm}): 끝남.", en: " {pid} ({comm}): exited."),
            State::Killed => text!(ko: " {pid}({comm}): OOM으로 죽음.", en: " {pid} ({comm}): killed (OOM)."),
            State::Alive => {
                let (promised, rss) = (size(engine.promised(who)), size(engine.rss(who)));
                let score = oom_score(engine.rules(), &engine.candidate(who), engine.totalpages());
                text!(
                    ko: " {pid}({comm}): 약속 {promised}, RES {rss}, oom_score {score}.",
                    en: " {pid} ({comm}): {promised} promised, RES {rss}, oom_score {score}.",
                )
            }
        };
        words.ko.to_mut().push_str(&more.ko);
        words.en.to_mut().push_str(&more.en);
    }
    words
}

/// The curves: where they are and how far they go.
pub fn curves(history: &History, cursor: Nanos) -> Text {
    let (ko_end, en_end) = (say(history.track.ends, Lang::Ko), say(history.track.ends, Lang::En));
    let (ko_now, en_now) = (say(cursor, Lang::Ko), say(cursor, Lang::En));
    let at = |metric: usize| {
        let points = &history.track.metrics[metric];
        gib(points[..points.partition_point(|point| point.0 <= cursor)].last().map_or(0, |point| point.1))
    };
    let [promised, limit, used] = [0, 1, 2].map(at);
    text!(
        ko: "0초부터 {ko_end}까지, 커서는 {ko_now}. 약속 {promised} GiB, CommitLimit {limit} GiB, 실제 사용 {used} GiB.",
        en: "From 0 to {en_end}; the cursor is at {en_now}. Promised {promised} GiB, CommitLimit {limit} GiB, used {used} GiB.",
    )
}
