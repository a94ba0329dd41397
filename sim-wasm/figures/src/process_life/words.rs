//! The same in words: what a screen reader says in place of the drawings.

use sim_core::process_life::ProcessLife;
use sim_core::{Lang, Model, Nanos, Text, text};

use super::{History, size};
use crate::ticks::say;

/// Processes that are told one by one.
const TOLD: usize = 8;

/// Every process with its parent, its state and its pages.
pub fn state(model: &ProcessLife) -> Text {
    let (ko_now, en_now) = (say(model.now(), Lang::Ko), say(model.now(), Lang::En));
    let engine = model.engine();
    let (zombies, all) = (engine.count('Z'), engine.processes().len() as i64);
    let alive = all - zombies;
    let mut words = text!(
        ko: "{ko_now}: 살아 있는 프로세스 {alive}개, 좀비 {zombies}개.",
        en: "{en_now}: {alive} processes alive, {zombies} zombies.",
    );
    for process in engine.processes().values().take(TOLD) {
        let (pid, ppid, comm, letter) = (process.pid, process.ppid, process.program.comm(), process.letter());
        let pages = engine.pages(process);
        let (private, shared) = (size(pages.private), size(pages.shared));
        let more = if process.alive() {
            text!(
                ko: " {pid}({comm}, 부모 {ppid}): {letter}, 혼자 쓰는 페이지 {private}, 함께 쓰는 페이지 {shared}.",
                en: " {pid} ({comm}, parent {ppid}): {letter}, {private} of its own pages, {shared} shared.",
            )
        } else {
            text!(ko: " {pid}({comm}, 부모 {ppid}): 좀비.", en: " {pid} ({comm}, parent {ppid}): a zombie.")
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
        points[..points.partition_point(|point| point.0 <= cursor)].last().map_or(0, |point| point.1)
    };
    let most = |metric: usize| history.track.metrics[metric].iter().map(|point| point.1).max().unwrap_or(0);
    let ([alive, zombies], [most_alive, most_zombies]) = ([0, 1].map(at), [0, 1].map(most));
    text!(
        ko: "0초부터 {ko_end}까지 프로세스의 수, 커서는 {ko_now}. 살아 있는 것 {alive}개(최고 {most_alive}), 좀비 {zombies}개(최고 {most_zombies}).",
        en: "Processes from 0 to {en_end}; the cursor is at {en_now}. {alive} alive (at most {most_alive}), {zombies} zombies (at most {most_zombies}).",
    )
}
