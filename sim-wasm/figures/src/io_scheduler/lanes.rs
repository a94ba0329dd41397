//! Lanes: the queues the scheduler chooses from, and what became of each process lately.

use sim_core::io_scheduler::elevator::{Kind, Lane};
use sim_core::io_scheduler::{IoClass, IoScheduler, Process, letter};
use sim_core::{Lang, MILLISECOND, Model, Nanos};

use super::device::{mark, name};
use super::words::{rate, time};
use super::{FILLS, pen};
use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const ROW: i32 = 24 * PX;
/// Rows of processes; with more, each stream has one.
const MOST: usize = 6;
/// A row of several processes has a line for each of so many, of this height.
const LINES_OF_A_ROW: u32 = 16;
const LINE: i32 = 4 * PX;

/// How many rows the queues of a run take: the same at all its moments.
fn rows(model: &IoScheduler) -> usize {
    match model.scheduler() {
        Kind::None | Kind::Noop => 1,
        Kind::Deadline | Kind::Kyber => 2,
        Kind::MqDeadline => classes(model).iter().filter(|used| **used).count() * 2,
        Kind::Cfq | Kind::Bfq => model.processes().len().clamp(1, MOST),
    }
}

/// Which of real time, best effort and idle some process is in.
fn classes(model: &IoScheduler) -> [bool; 3] {
    let of = |class: &[IoClass]| model.processes().iter().any(|process| class.contains(&process.prio().class));
    let be = of(&[IoClass::Be, IoClass::None]) || model.processes().is_empty();
    [of(&[IoClass::Rt]), be, of(&[IoClass::Idle])]
}

/// The lanes that have a row: none of classes nobody is in.
fn shown(model: &IoScheduler, room: usize) -> Vec<Lane> {
    let lanes = model.view(room).lanes;
    let used = classes(model);
    let by_class = model.scheduler() == Kind::MqDeadline && lanes.len() == 6;
    let keep = |at: usize| !by_class || used[at / 2];
    lanes.into_iter().enumerate().filter(|(at, _)| keep(*at)).map(|(_, lane)| lane).take(rows(model)).collect()
}

/// Draws the queues; returns their height.
pub fn queues(model: &IoScheduler, svg: &mut Svg, view: &View<'_>) -> i32 {
    let title = match view.lang {
        Lang::Ko => "스케줄러의 대기열(왼쪽이 먼저)",
        Lang::En => "The scheduler's queues (leftmost first)",
    };
    svg.text("f-sm f-muted", Anchor::Start, 0, 11 * PX, title);
    let label = if view.narrow() { 92 } else { 150 } * PX;
    let room = ((view.width() - label - 44 * PX) / (20 * PX)).max(1) as usize;
    let top = 18 * PX;
    let lanes = shown(model, room);
    for row in 0..rows(model) {
        let y = top + row as i32 * ROW;
        svg.rect("f-lane", label, y + 2 * PX, view.width() - label, ROW - 4 * PX, 4 * PX);
        let Some(lane) = lanes.get(row) else { continue };
        let class = if lane.active { "f-sm f-strong" } else { "f-sm f-muted" };
        let own = lane.process.and_then(|i| Some((i, model.processes().get(i as usize)?)));
        let said = match own {
            Some((i, process)) => format!("{} {}", letter(i), process.kind().name()),
            None => lane.label.get(view.lang).to_owned(),
        };
        svg.text(class, Anchor::Start, 0, y + 16 * PX, &fitting(&said, label - 8 * PX));
        if lane.active {
            svg.rect("f-ink", label - 5 * PX, y + 4 * PX, 3 * PX, ROW - 8 * PX, PX);
        }
        for (i, waiting) in lane.waiting.iter().take(room).enumerate() {
            let (x, middle) = (label + 13 * PX + i as i32 * 20 * PX, y + ROW / 2);
            if lane.next == Some(waiting.request.id) {
                svg.rect("f-touched", x - 95, middle - 95, 190, 190, 4 * PX);
            }
            mark(model, &waiting.request, svg, x, middle, 7 * PX);
            name(&waiting.request, svg, x, middle);
        }
        if lane.len > room {
            let more = format!("+{}", lane.len - room);
            svg.text("f-sm f-num", Anchor::End, view.width() - 4 * PX, y + 16 * PX, &more);
        }
    }
    top + rows(model) as i32 * ROW
}

/// A text that is cut where there is no room for it.
fn fitting(text: &str, room: i32) -> String {
    let mut text = text.to_owned();
    if width(&text, SMALL) <= room {
        return text;
    }
    while !text.is_empty() && width(&format!("{text}…"), SMALL) > room {
        text.pop();
    }
    text + "…"
}

/// How far the lanes of processes look back.
fn reach(model: &IoScheduler) -> Nanos {
    let scenario = model.scenario();
    let look = if model.disk().flash().is_none() { 200 * MILLISECOND } else { MILLISECOND / 2 };
    look.min(scenario.duration_ms as u64 * MILLISECOND)
}

/// A row: the processes it stands for, by index.
fn groups(model: &IoScheduler) -> Vec<(u32, u32)> {
    let processes = model.processes();
    if processes.len() <= MOST {
        return (0..processes.len() as u32).map(|i| (i, i)).collect();
    }
    let mut groups: Vec<(u32, u32)> = Vec::new();
    for i in 0..processes.len() as u32 {
        let stream = |i: u32| processes[i as usize].stream();
        match groups.last_mut() {
            Some(last) if stream(last.0) == stream(i) => last.1 = i,
            _ => groups.push((i, i)),
        }
    }
    groups.truncate(MOST);
    groups
}

/// Draws what became of the processes; returns the height.
pub fn processes(model: &IoScheduler, svg: &mut Svg, view: &View<'_>) -> i32 {
    let (now, reach) = (model.now(), reach(model));
    let back = time(reach);
    let title = match (view.lang, view.narrow()) {
        (Lang::Ko, false) => format!("프로세스: 지난 {back} 동안 기다림(가는 선)과 장치에서 보낸 시간(굵은 선)"),
        (Lang::Ko, true) => format!("지난 {back}: 기다림(가늚), 장치(굵음)"),
        (Lang::En, false) => format!("Processes: the last {back}, waiting (thin) and in the device (thick)"),
        (Lang::En, true) => format!("Last {back}: waiting (thin), in device (thick)"),
    };
    svg.text("f-sm f-muted", Anchor::Start, 0, 11 * PX, &title);
    let label = if view.narrow() { 92 } else { 150 } * PX;
    let numbers = if view.narrow() { 78 } else { 176 } * PX;
    let (left, right) = (label, view.width() - numbers);
    let at = |t: Nanos| {
        let ago = now.saturating_sub(t).min(reach);
        right - (i128::from(right - left) * i128::from(ago) / i128::from(reach.max(1))) as i32
    };
    let groups = groups(model);
    let (top, mut y) = (18 * PX, 18 * PX);
    if !view.narrow() && !groups.is_empty() {
        let heads = if view.lang == Lang::Ko { ["속도", "지연 중앙값"] } else { ["rate", "median latency"] };
        svg.text("f-sm f-muted", Anchor::End, view.width() - 92 * PX, 11 * PX, heads[0]);
        svg.text("f-sm f-muted", Anchor::End, view.width(), 11 * PX, heads[1]);
    }
    let queued: Vec<_> = model.view(64).lanes.into_iter().flat_map(|lane| lane.waiting).collect();
    for &(first, last) in &groups {
        let lines = (last - first + 1).min(LINES_OF_A_ROW) as i32;
        let height = if lines == 1 { ROW } else { ROW.max(lines * LINE + 8 * PX) };
        svg.rect("f-lane", left, y + 2 * PX, right - left, height - 4 * PX, 4 * PX);
        let all = &model.processes()[first as usize..=last as usize];
        let letters = if first == last { letter(first) } else { format!("{}–{}", letter(first), letter(last)) };
        let who = format!("{letters} {}", all[0].kind().name());
        let middle = y + height / 2 + 4 * PX;
        svg.text("f-sm f-strong", Anchor::Start, 0, middle, &fitting(&who, label - 6 * PX));
        let class = FILLS[pen(model, first)];
        let mut bar = |process: u32, start: Nanos, issued: Option<Nanos>, done: Nanos| {
            let line = process.wrapping_sub(first) as i32;
            if !(0..lines).contains(&line) || done + reach <= now {
                return;
            }
            let (at_y, half) =
                if lines == 1 { (y + ROW / 2, 6 * PX) } else { (y + 4 * PX + line * LINE + LINE / 2, 15) };
            let (a, b, c) = (at(start), at(issued.unwrap_or(done)), at(done));
            let thin = if lines == 1 { PX } else { 3 };
            svg.rect(class, a, at_y - thin, (b - a).max(5), 2 * thin, 0);
            if issued.is_some() {
                svg.rect(class, b, at_y - half, (c - b).max(PX), 2 * half, 0);
            }
        };
        for served in model.served() {
            bar(served.process, served.start, Some(served.issued), served.done);
        }
        for live in model.in_device() {
            bar(live.request.process, live.request.start, live.issued, now);
        }
        for waiting in &queued {
            bar(waiting.request.process, waiting.request.start, None, now);
        }
        figures(model, all, svg, view, middle);
        y += height;
    }
    y.max(top + ROW)
}

/// Throughput since the start and, where there is room, the median latency.
fn figures(model: &IoScheduler, all: &[Process], svg: &mut Svg, view: &View<'_>, y: i32) {
    let speed = rate(all.iter().map(Process::bytes).sum(), model.now());
    if view.narrow() {
        svg.text("f-sm f-num", Anchor::End, view.width(), y, &speed);
        return;
    }
    svg.text("f-sm f-num", Anchor::End, view.width() - 92 * PX, y, &speed);
    let latency = sim_core::io_scheduler::Latency::merged(all.iter().map(Process::latency));
    let median = if latency.count() == 0 { "–".to_owned() } else { time(latency.permille(500)) };
    svg.text("f-sm f-num f-strong", Anchor::End, view.width(), y, &median);
}
