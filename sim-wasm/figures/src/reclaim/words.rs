//! The same in words.

use sim_core::reclaim::{Lru, Reclaim, calc::Decision};
use sim_core::{Lang, Model, Nanos, Text, text};

use super::{History, programs, size};
use crate::ticks::say;

/// Tenths of a second.
pub fn round(t: Nanos) -> Nanos {
    let step = 100 * sim_core::MILLISECOND;
    t / step * step
}

/// Appends a sentence.
pub fn add(words: &mut Text, more: &Text) {
    words.ko.to_mut().push_str(&more.ko);
    words.en.to_mut().push_str(&more.en);
}

/// Lists, watermarks, who reclaims, and what programs have.
pub fn state(model: &Reclaim) -> Text {
    let (ko, en) = (say(round(model.now()), Lang::Ko), say(round(model.now()), Lang::En));
    let marks = model.marks();
    let [free, min, low, high] = [model.free(), marks.min, marks.low, marks.high].map(size);
    let mut words = text!(
        ko: "{ko}: 빈 메모리 {free}(min {min}, low {low}, high {high}).",
        en: "{en}: {free} free (min {min}, low {low}, high {high}).",
    );
    let [active_file, inactive_file, active_anon, inactive_anon] =
        [Lru::ActiveFile, Lru::InactiveFile, Lru::ActiveAnon, Lru::InactiveAnon].map(|lru| size(model.list(lru)));
    add(
        &mut words,
        &text!(
            ko: " 활성 파일 {active_file}, 비활성 파일 {inactive_file}, 활성 익명 {active_anon}, 비활성 익명 {inactive_anon}.",
            en: " Active file {active_file}, inactive file {inactive_file}, active anonymous {active_anon}, inactive anonymous {inactive_anon}.",
        ),
    );
    let [total, left] = model.swap();
    let used = size(total - left);
    add(&mut words, &text!(ko: " 스왑에 {used}.", en: " In swap {used}."));
    let awake = if model.kswapd().awake {
        Text::fixed(" kswapd가 회수하고 있습니다.", " kswapd is at work.")
    } else {
        Text::fixed(" kswapd는 자고 있습니다.", " kswapd sleeps.")
    };
    add(&mut words, &awake);
    if let Some(plan) = model.plan() {
        let looked = match plan.decision {
            Decision::NoSwap | Decision::CacheTrim => Text::fixed(" 파일만 훑습니다.", " Only files are looked at."),
            Decision::FileIsTiny => Text::fixed(" 익명만 훑습니다.", " Only anonymous pages are looked at."),
            Decision::Equal | Decision::Fraction => Text::fixed(" 둘 다 훑습니다.", " Both types are looked at."),
        };
        add(&mut words, &looked);
    }
    for (i, program) in model.programs().iter().enumerate() {
        let (what, does, held) = (programs::kind(program.kind), programs::doing(program), size(program.resident));
        let (Text { ko, en }, Text { ko: ko_does, en: en_does }) = (what, does);
        add(
            &mut words,
            &text!(ko: " 프로그램 {i}({ko}): {ko_does}, {held}.", en: " Program {i} ({en}): {en_does}, {held}."),
        );
    }
    words
}

/// The curves: where they are at the cursor.
pub fn curves(history: &History, cursor: Nanos, named: &[(usize, Text)]) -> Text {
    let track = &history.track;
    let (ko, en) = (say(track.ends, Lang::Ko), say(track.ends, Lang::En));
    let (ko_now, en_now) = (say(round(cursor), Lang::Ko), say(round(cursor), Lang::En));
    let mut words = text!(
        ko: "0초부터 {ko}까지의 메모리, 커서는 {ko_now}.",
        en: "Memory from 0 to {en}; the cursor is at {en_now}.",
    );
    for (metric, name) in named {
        let now = size(track.value(*metric, cursor).max(0).unsigned_abs());
        let Text { ko, en } = name;
        add(&mut words, &text!(ko: " {ko} {now}.", en: " {en}: {now}."));
    }
    words
}
