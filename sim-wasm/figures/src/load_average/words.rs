//! The same in words: what a screen reader says in place of the drawings.

use sim_core::load_average::LoadAverage;
use sim_core::load_average::calc::print_load;
use sim_core::{Lang, Model, Nanos, Text, text};

use super::History;
use crate::ticks::say;

/// A stretch of time in both languages.
pub fn said(t: Nanos) -> (String, String) {
    (say(t, Lang::Ko), say(t, Lang::En))
}

/// The state of the machine, what was counted, and what comes next.
pub fn state(model: &LoadAverage, history: &History) -> Text {
    let (ko_now, en_now) = said(model.now());
    let cpus = model.cpus();
    let (n, ticking) = (cpus.len(), cpus.iter().filter(|cpu| cpu.ticking).count());
    let (running, blocked) = (model.nr_running(), model.nr_uninterruptible());
    let counted = model.calc_load_tasks();
    let loads = model.avenrun().map(print_load).join(" ");
    let mut words = text!(
        ko: "{ko_now}: CPU {n}개 가운데 {ticking}개의 틱이 돕니다. 실행 큐의 태스크(R) {running}개, 중단 불가 대기(D) {blocked}개. 마지막으로 센 값(calc_load_tasks)은 {counted}, 부하 평균은 {loads}.",
        en: "{en_now}: {ticking} of {n} CPUs tick. {running} tasks on run queues (R), {blocked} in uninterruptible sleep (D). calc_load_tasks, the count as last taken, is {counted}; the load average is {loads}.",
    );
    if n <= 8 {
        for (i, cpu) in cpus.iter().enumerate() {
            let (r, d) = (cpu.nr_running, cpu.nr_uninterruptible);
            words.ko.to_mut().push_str(&format!(" CPU {i}: R {r}, D {d}."));
            words.en.to_mut().push_str(&format!(" CPU {i}: R {r}, D {d}."));
        }
    }
    let next = next(model, history);
    words.ko = format!("{} {}.", words.ko, next.ko).into();
    words.en = format!("{} {}.", words.en, next.en).into();
    words
}

/// What the sampling clock does next, and in how long.
pub fn next(model: &LoadAverage, history: &History) -> Text {
    let now = model.now();
    let sample = history.track.next_of(&["sample"], now);
    let update = history.track.next_of(&["update", "catch-up"], now);
    match (sample, update) {
        (Some(sample), update) if update.is_none_or(|update| sample <= update) => {
            let (ko, en) = said(sample - now);
            text!(ko: "다음 표본까지 {ko}", en: "next sample in {en}")
        }
        (_, Some(update)) => {
            let (ko, en) = said(update - now);
            text!(ko: "다음 갱신까지 {ko}", en: "next update in {en}")
        }
        _ => Text::fixed("이 실행에 더는 표본이 없음", "no more samples in this run"),
    }
}

/// The curves: where they are, how high they went and when, where they end.
pub fn curves(history: &History, cursor: Nanos) -> Text {
    let (ko_end, en_end) = said(history.track.ends);
    let (ko_now, en_now) = said(cursor);
    let mut words = text!(
        ko: "0초부터 {ko_end}까지의 부하 평균, 커서는 {ko_now}.",
        en: "Load averages from 0 to {en_end}; the cursor is at {en_now}.",
    );
    for (i, minutes) in [1, 5, 15].into_iter().enumerate() {
        let points = &history.track.metrics[i];
        let print = |raw: i64| print_load(raw.max(0) as u64);
        let at = points[..points.partition_point(|point| point.0 <= cursor)].last().map_or(0, |point| point.1);
        // The first time it is highest.
        let top = points.iter().copied().reduce(|best, point| if point.1 > best.1 { point } else { best });
        let (top_at, top) = top.unwrap_or_default();
        let (ko_top, en_top) = said(top_at);
        let end = points.last().map_or(0, |point| point.1);
        let (at, top, end) = (print(at), print(top), print(end));
        let more = text!(
            ko: " {minutes}분 평균: 지금 {at}, 최고 {top}({ko_top}), 끝 {end}.",
            en: " {minutes} min: {at} now, highest {top} (at {en_top}), {end} at the end.",
        );
        words.ko.to_mut().push_str(&more.ko);
        words.en.to_mut().push_str(&more.en);
    }
    words
}
