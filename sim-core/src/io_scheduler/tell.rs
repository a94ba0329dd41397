//! Reasons as sentences.

use super::elevator::Elevator;
use super::engine::{Engine, number};
use super::process::letter;
use super::request::{Op, Request, Side};
use crate::{Nanos, Text, text};

/// A read or a write.
fn op(op: Op) -> Text {
    if op == Op::Read { Text::fixed("읽기", "read") } else { Text::fixed("쓰기", "write") }
}

/// `12.345 ms` or `67.2 µs`.
pub fn time(ns: Nanos) -> String {
    match ns {
        0..1_000_000 => format!("{}.{} µs", ns / 1000, ns % 1000 / 100),
        1_000_000..1_000_000_000 => format!("{}.{:02} ms", ns / 1_000_000, ns % 1_000_000 / 10_000),
        _ => format!("{}.{:02} s", ns / 1_000_000_000, ns % 1_000_000_000 / 10_000_000),
    }
}

fn who(engine: &Engine, request: &Request) -> String {
    let process = &engine.processes[request.process as usize];
    format!("{} ({})", letter(request.process), process.kind().name())
}

pub fn insert(engine: &Engine, request: &Request) -> Text {
    let (who, n, op) = (who(engine, request), number(request.id), op(request.op));
    let Request { sector, sectors, .. } = request;
    let (ko, en, waiting) = (op.ko, op.en, engine.elevator.waiting());
    text!(
        ko: "{who}의 {ko} 요청 {n}번({sector} + {sectors})이 스케줄러에 들어갑니다. 기다리는 요청은 {waiting}개입니다.",
        en: "Request {n}, a {en} of {who} ({sector} + {sectors}), enters the scheduler: {waiting} waiting.",
    )
}

pub fn merge(bio: &Request, side: Side, request: &Request) -> Text {
    let (n, start, sectors) = (number(request.id), bio.sector, request.sectors);
    let added = bio.sectors;
    match side {
        Side::Back => text!(
            ko: "섹터 {start}부터 {added}개는 요청 {n}번의 바로 뒤라서 그 요청에 합쳐집니다. 이제 {sectors}섹터입니다.",
            en: "{added} sectors from {start} on begin where request {n} ends and become part of it: now {sectors} sectors.",
        ),
        Side::Front => text!(
            ko: "섹터 {start}부터 {added}개는 요청 {n}번의 바로 앞이라서 그 요청에 합쳐집니다. 이제 {sectors}섹터입니다.",
            en: "{added} sectors from {start} on end where request {n} begins and become part of it: now {sectors} sectors.",
        ),
    }
}

pub fn wait(engine: &Engine, bio: &Request) -> Text {
    let (who, nr) = (who(engine, bio), engine.setup.nr_requests);
    text!(
        ko: "{who}은(는) 남은 요청이 없어서(nr_requests {nr}) 하나가 끝날 때까지 잠듭니다.",
        en: "{who} finds no request free (nr_requests {nr}) and sleeps until one is done.",
    )
}

pub fn dispatch(engine: &Engine, request: &Request) -> Text {
    let (who, n, op) = (who(engine, request), number(request.id), op(request.op));
    let Request { sector, sectors, .. } = request;
    let (ko, en, why) = (op.ko, op.en, engine.elevator.why().text());
    let waited = time(engine.now - request.insert);
    let (why_ko, why_en) = (why.ko, why.en);
    text!(
        ko: "요청 {n}번, {who}의 {ko}({sector} + {sectors})가 {waited} 기다린 뒤 장치로 갑니다. 이유: {why_ko}.",
        en: "Request {n}, a {en} of {who} ({sector} + {sectors}), goes to the device after waiting {waited}: {why_en}.",
    )
}

pub fn complete(engine: &Engine, request: &Request, issued: Nanos) -> Text {
    let (who, n) = (who(engine, request), number(request.id));
    let (device, all) = (time(engine.now - issued), time(engine.now - request.start));
    text!(
        ko: "{who}의 요청 {n}번이 끝났습니다. 장치에서 {device}, 처음부터 모두 {all} 걸렸습니다.",
        en: "Request {n} of {who} is done: {device} in the device, {all} in all.",
    )
}

pub fn idle(engine: &Engine) -> Text {
    let view = engine.elevator.view(engine.now, 0);
    let waiting = engine.elevator.waiting();
    let Some(idling) = view.idling else {
        return text!(
            ko: "기다리는 요청이 {waiting}개 있지만 스케줄러가 아직 내주지 않습니다.",
            en: "{waiting} requests wait, but the scheduler lets none go yet.",
        );
    };
    let until = time(idling.until.saturating_sub(engine.now));
    match idling.process {
        Some(process) => {
            let process = letter(process);
            text!(
                ko: "기다리는 요청이 {waiting}개 있지만 디스크를 비워 둡니다. 프로세스 {process}의 다음 요청을 {until}까지 기다립니다.",
                en: "{waiting} requests wait, but the disk is kept idle for the next request of process {process}, up to {until}.",
            )
        }
        None => text!(
            ko: "기다리는 요청이 {waiting}개 있지만 디스크를 {until}까지 비워 두고 기다립니다.",
            en: "{waiting} requests wait, but the disk is kept idle for up to {until}.",
        ),
    }
}
