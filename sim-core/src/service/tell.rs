//! What happened, in words.

use super::Service;
use super::engine::Happening;
use crate::{Log, MILLISECOND, Model, Nanos, SECOND, Text, text};

/// A time as a person says it: 4.21 ms.
pub(super) fn ms(ns: Nanos) -> String {
    let hundredths = ns / (MILLISECOND / 100);
    format!("{}.{:02} ms", hundredths / 100, hundredths % 100)
}

/// Thousandths as one digit after the point.
pub(super) fn tenths(thousandths: u64) -> String {
    format!("{}.{}", thousandths / 1000, thousandths / 100 % 10)
}

pub(super) fn push(model: &Service, what: Happening, log: &mut Log) {
    log.push(model.now(), what.kind(), || words(model, what));
}

fn words(model: &Service, what: Happening) -> Text {
    match what {
        Happening::Waits { client, queue } => text!(
            ko: "클라이언트 {client}: 노는 워커가 없어 기다립니다. 줄은 {queue}명입니다.",
            en: "Client {client} waits, as no worker is free; the queue is {queue} long."
        ),
        Happening::Dropped { client, sent, again } => {
            let room = model.queue_room();
            match again.map(|ns| ns / SECOND) {
                Some(s) => text!(
                    ko: "클라이언트 {client}: accept 큐가 {room}개로 꽉 차 커널이 SYN을 버렸습니다({sent}번째). {s}초 뒤에 다시 보냅니다.",
                    en: "Client {client}: the accept queue is full at {room}, and the kernel dropped the SYN (sent {sent} times); it is sent again after {s} s."
                ),
                None => text!(
                    ko: "클라이언트 {client}: SYN을 {sent}번 보내고 포기했습니다(ETIMEDOUT).",
                    en: "Client {client} gave up after {sent} SYNs (ETIMEDOUT)."
                ),
            }
        }
        Happening::Begins { client, waited } => {
            let (busy, waited) = (model.busy_workers(), ms(waited));
            text!(
                ko: "워커가 클라이언트 {client}의 요청을 맡았습니다. 온 지 {waited} 만입니다. 일하는 워커는 {busy}개입니다.",
                en: "A worker takes the visit of client {client}, {waited} after it came; {busy} are busy."
            )
        }
        Happening::NoPort { client } => {
            let (ports, tw) = (model.all_ports(), model.time_waits());
            text!(
                ko: "클라이언트 {client}: 백엔드로 갈 로컬 포트가 없습니다(EADDRNOTAVAIL). {ports}개 가운데 {tw}개가 TIME_WAIT입니다.",
                en: "Client {client}: no local port is left towards the backend (EADDRNOTAVAIL); {tw} of {ports} are in TIME_WAIT."
            )
        }
        Happening::Answered { client, took } => {
            let took = ms(took);
            text!(ko: "클라이언트 {client}: {took} 만에 응답을 받았습니다.", en: "Client {client} is answered after {took}.")
        }
        Happening::Returned { ports } => {
            let tw = model.time_waits();
            text!(
                ko: "60초가 지난 포트 {ports}개가 돌아왔습니다. 아직 {tw}개가 TIME_WAIT입니다.",
                en: "{ports} ports are back after their 60 s; {tw} are still in TIME_WAIT."
            )
        }
        Happening::Window => {
            let window = model.window();
            let (rate, p50, p99) = (tenths(window.per_1000_s), ms(window.p50), ms(window.p99));
            let cpu = window.cpu / 10;
            text!(
                ko: "지난 구간: 초당 {rate}번, p50 {p50}, p99 {p99}, CPU {cpu} %.",
                en: "The last window: {rate} a second, p50 {p50}, p99 {p99}, CPU {cpu} %."
            )
        }
    }
}
