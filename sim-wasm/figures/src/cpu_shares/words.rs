//! The same in words: what a screen reader says in place of the drawings.

use sim_core::cpu_shares::{CpuShares, Doing, Owner, Policy, letter};
use sim_core::{Lang, MILLISECOND, Model, Nanos, Text, text};

use super::History;
use crate::ticks::{decimal, say};

fn push(words: &mut Text, more: &Text) {
    words.ko.to_mut().push_str(&more.ko);
    words.en.to_mut().push_str(&more.en);
}

fn ms(ns: i64) -> String {
    decimal(ns, MILLISECOND as i64, 2)
}

/// Who runs, who waits where in virtual time, and what each has had.
pub fn state(model: &CpuShares) -> Text {
    let (ko, en) = (say(model.now(), Lang::Ko), say(model.now(), Lang::En));
    let mut words = text!(ko: "{ko}.", en: "At {en}.");
    for (cpu, task) in model.running() {
        let more = match task.map(letter) {
            Some(task) => text!(ko: " CPU {cpu}: {task} 실행 중.", en: " {task} runs on CPU {cpu}."),
            None => text!(ko: " CPU {cpu}: 쉼.", en: " CPU {cpu} is idle."),
        };
        push(&mut words, &more);
    }
    let eevdf = matches!(model.policy(), Policy::Eevdf { .. });
    for queue in model.queues() {
        let (cpu, owner, time) = (queue.cpu, queue.owner.text(), ms(queue.virtual_time));
        let name = if eevdf { "V" } else { "min_vruntime" };
        let of = if queue.owner == Owner::Root {
            Text::fixed("", "")
        } else {
            Text { ko: format!(" {}", owner.ko).into(), en: format!(", {}", owner.en).into() }
        };
        push(
            &mut words,
            &Text {
                ko: format!(" CPU {cpu}{}의 실행 큐: {name} {time} ms.", of.ko).into(),
                en: format!(" Queue of CPU {cpu}{}: {name} {time} ms.", of.en).into(),
            },
        );
        for entity in &queue.entities {
            let (owner, at) = (entity.owner.text(), ms(entity.vruntime));
            let rest = match (entity.deadline, entity.lag) {
                (Some(deadline), Some(lag)) => {
                    let (deadline, lag) = (ms(deadline), ms(lag));
                    text!(ko: ", 마감 {deadline}, lag {lag}", en: ", deadline {deadline}, lag {lag}")
                }
                _ => Text::default(),
            };
            push(
                &mut words,
                &Text {
                    ko: format!(" {}: vruntime {at}{}.", owner.ko, rest.ko).into(),
                    en: format!(" {}: vruntime {at}{}.", owner.en, rest.en).into(),
                },
            );
        }
        if queue.throttled.is_some() {
            push(&mut words, &Text::fixed(" cpu.max를 다 써서 멈춰 있음.", " It is stopped: its cpu.max is used up."));
        }
    }
    for (i, task) in model.tasks().iter().enumerate() {
        let (name, had) = (letter(i), ms(task.cpu_ns as i64));
        let doing = match task.doing {
            Doing::Unborn => Text::fixed("아직 없음", "not there yet"),
            Doing::Dead(_) => Text::fixed("끝남", "gone"),
            Doing::Sleeping(_) => Text::fixed("자는 중", "asleep"),
            Doing::Runnable if task.running => Text::fixed("실행 중", "running"),
            Doing::Runnable => Text::fixed("기다림", "waiting"),
        };
        push(
            &mut words,
            &Text {
                ko: format!(" {name}: {}, CPU 시간 {had} ms.", doing.ko).into(),
                en: format!(" {name}: {}, {had} ms of CPU time.", doing.en).into(),
            },
        );
    }
    words
}

/// The curves: where they are now and where they end.
pub fn curves(history: &History, cursor: Nanos) -> Text {
    let ends = history.track.ends;
    let (ko, en) = (say(ends, Lang::Ko), say(ends, Lang::En));
    let (ko_now, en_now) = (say(cursor, Lang::Ko), say(cursor, Lang::En));
    let mut words = text!(
        ko: "0초부터 {ko}까지 처음부터의 CPU 점유율, 커서는 {ko_now}.",
        en: "Shares of a CPU since the start, from 0 to {en}; the cursor is at {en_now}.",
    );
    for (i, line) in super::curves::LINES.iter().enumerate().take(history.extra.tasks) {
        let points = &history.track.metrics[line.metric];
        let at = points[..points.partition_point(|point| point.0 <= cursor)].last().map_or(0, |point| point.1);
        let end = points.last().map_or(0, |point| point.1);
        let (name, at, end) = (letter(i), decimal(at, 100, 1), decimal(end, 100, 1));
        push(
            &mut words,
            &text!(ko: " {name}: 지금 {at} %, 끝 {end} %.", en: " {name}: {at} % now, {end} % at the end."),
        );
    }
    words
}
