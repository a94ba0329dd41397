//! The picture and the chart in words.

use sim_core::service::{Service, Stage};
use sim_core::{Lang, Model, Nanos, Text, text};

use super::{History, metric};
use crate::ticks::say;

/// Milliseconds with as many places as tell them apart: `2.15`, `17.1`, `306`.
pub fn ms(ns: Nanos) -> String {
    let hundredths = ns / 10_000;
    match hundredths {
        0..1000 => format!("{}.{:02}", hundredths / 100, hundredths % 100),
        1000..10_000 => format!("{}.{}", hundredths / 100, hundredths / 10 % 10),
        _ => format!("{}", hundredths / 100),
    }
}

/// Thousandths of a visit a second as whole ones.
pub fn rate(per_1000_s: u64) -> u64 {
    (per_1000_s + 500) / 1000
}

pub fn state(model: &Service) -> Text {
    let (ko_now, en_now) = (say(model.now(), Lang::Ko), say(model.now(), Lang::En));
    let all = model.visitors().len();
    let away = model.at_stage(Stage::Away);
    let (queue, busy, workers) = (model.queue_len(), model.busy_workers(), model.scenario().workers);
    let (connections, tw) = (model.connections(), model.time_waits());
    let window = model.window();
    let (per_s, p50, p99) = (rate(window.per_1000_s), ms(window.p50), ms(window.p99));
    let cpu = window.cpu / 10;
    let mut said = text!(
        ko: "{ko_now}: 클라이언트 {all}개 가운데 {away}개는 요청을 보내지 않았고, {queue}개가 워커를 기다립니다. 워커는 {workers}개 가운데 {busy}개가 일합니다. 백엔드로 열린 연결 {connections}개, TIME_WAIT {tw}개. 지난 구간의 처리량은 초당 {per_s}번, 중앙값 {p50} ms, p99 {p99} ms, CPU {cpu} %입니다.",
        en: "{en_now}: of {all} clients {away} have no request under way and {queue} wait for a worker. {busy} of {workers} workers are busy. {connections} connections to the backend are open, {tw} are in TIME_WAIT. The last window: {per_s} a second, median {p50} ms, p99 {p99} ms, CPU {cpu} %.",
    );
    let syn = model.at_stage(Stage::Syn);
    if syn > 0 {
        said.ko.to_mut().push_str(&format!(" 버려진 SYN을 다시 보내기를 {syn}개가 기다립니다."));
        said.en.to_mut().push_str(&format!(" {syn} wait to send a dropped SYN again."));
    }
    said
}

pub fn curves(history: &History, cursor: Nanos) -> Text {
    let (ko_now, en_now) = (say(cursor, Lang::Ko), say(cursor, Lang::En));
    let at = |metric: usize| {
        let points = history.track.metrics.get(metric).map_or(&[][..], |points| points);
        points.iter().rev().find(|point| point.0 <= cursor).map_or(0, |point| point.1.max(0)) as u64
    };
    let [p50, p95, p99] = [metric::P50, metric::P95, metric::P99].map(|metric| ms(at(metric)));
    let per_s = rate(at(metric::THROUGHPUT));
    text!(
        ko: "{ko_now}의 지연 시간: 중앙값 {p50} ms, p95 {p95} ms, p99 {p99} ms. 처리량은 초당 {per_s}번.",
        en: "Latency at {en_now}: median {p50} ms, p95 {p95} ms, p99 {p99} ms. Throughput {per_s} a second.",
    )
}
