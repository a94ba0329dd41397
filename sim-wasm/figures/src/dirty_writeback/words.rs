//! The same in words: what a screen reader says in place of the drawings.

use sim_core::dirty_writeback::{DirtyWriteback, WriterState};
use sim_core::{Lang, Model, Nanos, Text, text};

use super::{History, metric, rates, size, speed};
use crate::ticks::say;

/// What a writer does, in a few words.
pub fn doing(state: WriterState, now: Nanos) -> Text {
    let long = |since: Nanos| {
        (say(round(now.saturating_sub(since)), Lang::Ko), say(round(now.saturating_sub(since)), Lang::En))
    };
    match state {
        WriterState::Idle => Text::fixed("쓸 것 없음", "idle"),
        WriterState::Writing => Text::fixed("쓰는 중", "writing"),
        WriterState::Paused { lasts, .. } => {
            let (ko, en) = (say(round(lasts), Lang::Ko), say(round(lasts), Lang::En));
            text!(ko: "{ko} 멈춤", en: "paused {en}")
        }
        WriterState::WritingOut { since } => {
            let (ko, en) = long(since);
            text!(ko: "직접 쓰는 중, {ko}째", en: "writing out, {en}")
        }
        WriterState::Fsync { since } => {
            let (ko, en) = long(since);
            text!(ko: "fsync {ko}째", en: "in fsync, {en}")
        }
    }
}

/// Whole milliseconds, and tenths of a second from one second on.
fn round(t: Nanos) -> Nanos {
    let step = if t < sim_core::SECOND { sim_core::MILLISECOND } else { 100 * sim_core::MILLISECOND };
    t / step * step
}

/// What runs into the tank.
pub fn inflow(pages: u64) -> Text {
    let speed = speed(pages);
    text!(ko: "유입 {speed}", en: "in {speed}")
}

/// What runs out of it.
pub fn outflow(pages: u64) -> Text {
    let speed = speed(pages);
    text!(ko: "유출 {speed}", en: "out {speed}")
}

fn add(words: &mut Text, more: &Text) {
    words.ko.to_mut().push_str(&more.ko);
    words.en.to_mut().push_str(&more.en);
}

/// How full the tank is, its marks, who does what, and what comes next.
pub fn state(model: &DirtyWriteback, history: &History) -> Text {
    let now = model.now();
    let (ko, en) = (say(round(now), Lang::Ko), say(round(now), Lang::En));
    let dirty = size(model.dirty());
    let [background, freerun, setpoint, limit] = model.marks().map(size);
    let mut words = text!(
        ko: "{ko}: 더티 페이지 {dirty}. 백그라운드 {background}, freerun {freerun}, setpoint {setpoint}, 한계 {limit}.",
        en: "{en}: {dirty} dirty. Background {background}, freerun {freerun}, setpoint {setpoint}, limit {limit}.",
    );
    let [inflow, outflow] = rates::now(model, history).map(speed);
    add(&mut words, &text!(ko: " 유입 {inflow}, 유출 {outflow}.", en: " In {inflow}, out {outflow}."));
    for (i, writer) in model.writer_views().iter().take(8).enumerate() {
        let doing = doing(writer.doing, now);
        let (ko, en) = (doing.ko, doing.en);
        add(&mut words, &text!(ko: " 프로그램 {i}: {ko}.", en: " Writer {i}: {en}."));
    }
    for (i, disk) in model.disk_views().iter().enumerate() {
        let (dirty, share) = (size(disk.reclaimable + disk.writeback), size(disk.thresh));
        add(
            &mut words,
            &text!(ko: " 디스크 {i}: 더티 {dirty}, 몫 {share}.", en: " Disk {i}: {dirty} dirty of its share of {share}."),
        );
    }
    words
}

/// The curves: where they are, how high they went and when.
pub fn curves(history: &History, cursor: Nanos) -> Text {
    let track = &history.track;
    let (ko, en) = (say(track.ends, Lang::Ko), say(track.ends, Lang::En));
    let (ko_now, en_now) = (say(cursor, Lang::Ko), say(cursor, Lang::En));
    let at = |which: usize| size(track.value(which, cursor).max(0).unsigned_abs());
    let (dirty, threshold, background) = (at(metric::DIRTY), at(metric::THRESHOLD), at(metric::BACKGROUND));
    let top =
        track.metrics[metric::DIRTY].iter().copied().reduce(|best, point| if point.1 > best.1 { point } else { best });
    let (top_at, top) = top.unwrap_or_default();
    let (ko_top, en_top) = (say(round(top_at), Lang::Ko), say(round(top_at), Lang::En));
    let top = size(top.max(0).unsigned_abs());
    text!(
        ko: "0초부터 {ko}까지의 더티 페이지, 커서는 {ko_now}. 지금 더티 {dirty}, 임곗값 {threshold}, 백그라운드 {background}. 더티 최고 {top}({ko_top}).",
        en: "Dirty pages from 0 to {en}; the cursor is at {en_now}. Now {dirty} dirty, threshold {threshold}, background {background}. Most dirty: {top} (at {en_top}).",
    )
}
