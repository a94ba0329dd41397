//! Lanes: at which station each visitor is.

use sim_core::service::{Service, Stage, Visitor};
use sim_core::{Lang, mul_div};

use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const ROW: i32 = 26 * PX;
/// Height of a visitor.
const BLOCK: i32 = 18 * PX;
const GAP: i32 = 3 * PX;

/// Width of a visitor: three digits take more room.
fn block_width(clients: usize) -> i32 {
    if clients > 100 { 25 * PX } else { BLOCK }
}

/// How a place in a lane looks.
#[derive(Clone, Copy)]
enum Look {
    /// Is worked on.
    Works,
    /// Waits.
    Waits,
    /// Is nowhere in the service.
    Rests,
    /// Nobody is there.
    Empty,
}

/// A row.
struct Lane {
    label: (&'static str, &'static str),
    places: Vec<(String, Look)>,
    /// What is said at its end.
    tail: String,
    /// A share of the lane that is taken, in thousandths.
    taken: u64,
}

/// Draws the lanes; returns their height, which depends on the scenario alone.
pub fn draw(model: &Service, svg: &mut Svg, view: &View<'_>) -> i32 {
    let lanes = lanes(model);
    let label = if view.narrow() { 84 } else { 132 } * PX;
    for (i, lane) in lanes.iter().enumerate() {
        svg.group_at("f-cpu", 0, i as i32 * ROW);
        row(lane, (label, block_width(model.visitors().len())), svg, view);
        svg.close();
    }
    let legend = match (view.lang, view.narrow()) {
        (Lang::Ko, false) => "숫자는 클라이언트입니다. 채운 칸은 일하는 중, 점선은 기다리는 중입니다.",
        (Lang::Ko, true) => "채운 칸은 일하는 중, 점선은 기다리는 중",
        (Lang::En, false) => "Numbers are clients: filled while worked on, dashed while waiting.",
        (Lang::En, true) => "Filled: worked on. Dashed: waiting.",
    };
    let height = lanes.len() as i32 * ROW;
    svg.text("f-sm f-muted", Anchor::Start, 0, height + 14 * PX, legend);
    height + 18 * PX
}

fn lanes(model: &Service) -> Vec<Lane> {
    let scenario = model.scenario();
    let each_time = if scenario.proxy == 0 { scenario.keepalive == 0 } else { scenario.proxy == 1 };
    let mut lanes = vec![at(model, ("쉬는 중", "away"), &[Stage::Away], Look::Rests)];
    if each_time {
        lanes.push(at(model, ("SYN 재전송 대기", "SYN again"), &[Stage::Syn], Look::Waits));
    }
    if scenario.proxy > 0 {
        lanes.push(at(model, ("프록시", "proxy"), &[Stage::Proxy], Look::Works));
    }
    lanes.push(at(model, ("커널·HTTP", "kernel, HTTP"), &[Stage::Outside], Look::Works));
    let mut queue = at(model, ("워커를 기다림", "in the queue"), &[], Look::Waits);
    queue.places = model.waiting().map(|client| (client.to_string(), Look::Waits)).collect();
    if each_time {
        queue.tail = format!("{}/{}", model.queue_len(), model.queue_room());
    }
    lanes.push(queue);
    lanes.push(workers(model));
    lanes.push(connections(model));
    lanes.push(cpus(model));
    lanes
}

/// Everybody at some stages.
fn at(model: &Service, label: (&'static str, &'static str), stages: &[Stage], look: Look) -> Lane {
    let there = |(_, visitor): &(usize, &Visitor)| stages.contains(&visitor.stage);
    let places = model.visitors().iter().enumerate().filter(there).map(|(i, _)| (i.to_string(), look));
    Lane { label, places: places.collect(), tail: String::new(), taken: 0 }
}

fn workers(model: &Service) -> Lane {
    let look = |stage| match stage {
        Stage::Worker | Stage::Connect => Some(Look::Works),
        Stage::Pool | Stage::Backend => Some(Look::Waits),
        _ => None,
    };
    let visitors = model.visitors().iter().enumerate();
    let mut places: Vec<_> = visitors.filter_map(|(i, visitor)| Some((i.to_string(), look(visitor.stage)?))).collect();
    let all = model.scenario().workers as usize;
    let free = all.saturating_sub(places.len());
    places.extend(std::iter::repeat_n((String::new(), Look::Empty), free));
    let tail = format!("{}/{all}", all - free.min(all));
    Lane { label: ("워커", "workers"), places, tail, taken: 0 }
}

fn connections(model: &Service) -> Lane {
    let (open, tw, all) = (model.connections(), model.time_waits(), model.all_ports());
    let label = ("백엔드 연결", "to backend");
    // Where each visit opens its own, the ports are the story: how many of them TIME_WAIT has taken.
    if model.scenario().pool == 0 {
        let tail = format!("TIME_WAIT {tw}/{all}");
        return Lane { label, places: Vec::new(), tail, taken: mul_div(tw + open, 1000, all.max(1)) };
    }
    let places = vec![(String::new(), Look::Works); open as usize];
    Lane { label, places, tail: open.to_string(), taken: 0 }
}

fn cpus(model: &Service) -> Lane {
    let (running, all) = (model.running_cpus() as usize, model.scenario().cpus as usize);
    let look = |i: usize| if i < running { Look::Works } else { Look::Empty };
    let places = (0..all).map(|i| (String::new(), look(i))).collect();
    Lane { label: ("CPU", "CPUs"), places, tail: format!("{running}/{all}"), taken: 0 }
}

fn row(lane: &Lane, (label, block): (i32, i32), svg: &mut Svg, view: &View<'_>) {
    let (ko, en) = lane.label;
    let said = if view.lang == Lang::Ko { ko } else { en };
    svg.text("f-sm f-muted", Anchor::Start, 0, ROW / 2 + 42, said);
    let room = view.width() - label;
    svg.rect("f-lane", label, 2 * PX, room, ROW - 4 * PX, 3 * PX);
    if lane.taken > 0 {
        let wide = mul_div(room as u64, lane.taken.min(1000), 1000) as i32;
        svg.rect("f-sleeparea", label, 3 * PX, wide, ROW - 6 * PX, 3 * PX);
    }
    let tail = if lane.tail.is_empty() { 0 } else { width(&lane.tail, SMALL) + 10 * PX };
    let more = 34 * PX;
    let step = block + GAP;
    let slots = ((room - tail - more - 4 * PX) / step).max(1) as usize;
    let shown = lane.places.len().min(slots);
    for (i, (text, look)) in lane.places.iter().take(shown).enumerate() {
        place(text, *look, svg, (label + 4 * PX + i as i32 * step, block));
    }
    if lane.places.len() > shown {
        let rest = format!("+{}", lane.places.len() - shown);
        svg.text("f-sm f-num", Anchor::Start, label + 6 * PX + shown as i32 * step, ROW / 2 + 42, &rest);
    }
    if !lane.tail.is_empty() {
        svg.text("f-sm f-num", Anchor::End, view.width() - 5 * PX, ROW / 2 + 42, &lane.tail);
    }
}

fn place(text: &str, look: Look, svg: &mut Svg, (x, block): (i32, i32)) {
    let y = (ROW - BLOCK) / 2;
    let (shape, ink, round) = match look {
        Look::Works => ("f-run", "f-xs f-onrun", 2 * PX),
        Look::Waits => ("f-sleep", "f-xs f-onsleep", 9 * PX),
        Look::Rests => ("f-core", "f-xs f-muted", 9 * PX),
        Look::Empty => ("f-core", "f-xs", 2 * PX),
    };
    svg.rect(shape, x, y, block, BLOCK, round);
    if !text.is_empty() {
        svg.text(ink, Anchor::Middle, x + block / 2, y + BLOCK / 2 + 36, text);
    }
}
