//! The picture and the chart in words.

use sim_core::io_scheduler::{IoScheduler, Op, letter};
use sim_core::{Model, Nanos, Text, text};

use super::History;
use super::curves::mib;

/// `1.2 ms`, `67 µs`, `200 ms`, `1.09 s`: about three digits.
pub fn time(ns: Nanos) -> String {
    let (unit, name) = match ns {
        0..1_000_000 => (1000, "µs"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => (1_000_000_000, "s"),
    };
    let (whole, hundredths) = (ns / unit, ns % unit * 100 / unit);
    match whole {
        0..10 if hundredths > 0 => format!("{whole}.{hundredths:02} {name}"),
        10..100 if hundredths >= 10 => format!("{whole}.{} {name}", hundredths / 10),
        _ => format!("{whole} {name}"),
    }
}

/// Bytes in a time as `101 MB/s` or `84.2 kB/s`.
pub fn rate(bytes: u64, ns: Nanos) -> String {
    let kb = (u128::from(bytes) * 1_000_000).checked_div(u128::from(ns)).unwrap_or(0) as u64;
    match kb {
        0..10_000 => format!("{kb} kB/s"),
        10_000..100_000 => format!("{}.{} MB/s", kb / 1000, kb % 1000 / 100),
        _ => format!("{} MB/s", kb / 1000),
    }
}

pub fn state(model: &IoScheduler) -> Text {
    let (name, disk) = (model.scheduler().name(), model.disk().kind().label());
    let (waiting, device, sleeping) = (model.waiting(), model.disk().in_flight(), model.sleeping());
    let (disk_ko, disk_en) = (&disk.ko, &disk.en);
    let mut said = text!(
        ko: "{disk_ko}, 스케줄러 {name}. 스케줄러에서 기다리는 요청 {waiting}개, 장치에 있는 요청 {device}개, 요청이 모자라 잠든 입출력 {sleeping}개입니다.",
        en: "{disk_en} under {name}: {waiting} requests wait in the scheduler, {device} are in the device, {sleeping} reads or writes sleep for a free request.",
    );
    for live in model.in_device().take(3) {
        let who = letter(live.request.process);
        let (sector, sectors) = (live.request.sector, live.request.sectors);
        let op = if live.request.op == Op::Read { ("읽기", "read") } else { ("쓰기", "write") };
        said.ko.to_mut().push_str(&format!(" 장치는 {who}의 {}({sector} + {sectors})를 하고 있습니다.", op.0));
        said.en.to_mut().push_str(&format!(" The device is at a {} of {who} ({sector} + {sectors}).", op.1));
    }
    if model.idling() {
        said.ko.to_mut().push_str(" 기다리는 요청이 있는데도 디스크를 비워 두고 있습니다.");
        said.en.to_mut().push_str(" The device is kept idle although requests wait.");
    }
    for (process, i) in model.processes().iter().zip(0..).take(8) {
        let (who, what) = (letter(i), process.kind().name());
        let (speed, median) = (rate(process.bytes(), model.now()), time(process.latency().permille(500)));
        said.ko.to_mut().push_str(&format!(" {who} {what}: {speed}, 지연 중앙값 {median}."));
        said.en.to_mut().push_str(&format!(" {who} {what}: {speed}, median latency {median}."));
    }
    said
}

pub fn curves(history: &History, cursor: Nanos) -> Text {
    let (mut ko, mut en) = (String::new(), String::new());
    for (i, name) in history.extra.streams.iter().enumerate().take(3) {
        let points = history.track.metrics.get(17 + i).map_or(&[][..], |points| points);
        let value = points.iter().rev().find(|point| point.0 <= cursor).map_or(0, |point| point.1);
        let value = mib(value);
        ko += &format!(" {name} {value} MiB.");
        en += &format!(" {name} {value} MiB.");
    }
    text!(ko: "커서까지 옮긴 양:{ko}", en: "Moved up to the cursor:{en}")
}
