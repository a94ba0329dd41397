//! Where the pages of each process lie, in the order of their addresses.

use sim_core::Lang;
use sim_core::numa_policy::NumaPolicy;
use sim_core::numa_policy::process::{Phase, Process};

use super::{fill, size};
use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const BAR: i32 = 40 * PX;
const ROW: i32 = BAR + 26 * PX;
/// Parts a cell's height is divided into, so that equal cells look equal.
const PARTS: i64 = 100;

/// Draws the processes; returns their height.
pub fn draw(model: &NumaPolicy, svg: &mut Svg, view: &View<'_>) -> i32 {
    let processes = &model.engine().processes;
    let most = if view.narrow() { 3 } else { 4 };
    let (title, more) = match view.lang {
        Lang::Ko => ("페이지의 자리", "왼쪽이 낮은 주소, 숫자는 노드"),
        Lang::En => ("Where pages lie", "low addresses left; digits are nodes"),
    };
    svg.text("f-t f-strong", Anchor::Start, 0, 14 * PX, title);
    svg.text("f-sm f-muted", Anchor::Start, width(title, 13) + 12 * PX, 14 * PX, more);
    let mut top = 24 * PX;
    for process in processes.iter().take(most) {
        svg.group_at("f-process", 0, top);
        row(model, process, svg, view);
        svg.close();
        top += ROW;
    }
    let rest = processes.len().saturating_sub(most);
    let none = processes.is_empty();
    if rest > 0 || none {
        let said = match view.lang {
            Lang::Ko if none => "프로세스가 없습니다.".to_owned(),
            Lang::En if none => "There are no processes.".to_owned(),
            Lang::Ko => format!("그 밖에 프로세스 {rest}개"),
            Lang::En => format!("and {rest} more processes"),
        };
        svg.text("f-sm f-muted", Anchor::Start, 0, top + 14 * PX, &said);
        top += 20 * PX;
    }
    top
}

fn row(model: &NumaPolicy, process: &Process, svg: &mut Svg, view: &View<'_>) {
    let task = model.engine().task(process);
    let said = format!("PID {} {}", process.pid, task.policy.text(process.mask));
    svg.text("f-sm f-num", Anchor::Start, 0, 12 * PX, &said);
    let phase = match (process.phase, view.lang) {
        (Phase::Waiting, Lang::Ko) => "아직 시작 전".to_owned(),
        (Phase::Waiting, Lang::En) => "not started".to_owned(),
        (Phase::Touching, _) | (Phase::Reading, _) => {
            let all: i64 = process.cells.iter().map(|cell| cell.pages).sum();
            let (touched, all) = (size(process.touched()), size(all));
            if touched == all { all } else { format!("{touched} / {all}") }
        }
        (Phase::Refused, _) => "EINVAL".to_owned(),
        (Phase::Killed, Lang::Ko) => "✕ OOM으로 죽음".to_owned(),
        (Phase::Killed, Lang::En) => "✕ killed (OOM)".to_owned(),
        (Phase::Gone, Lang::Ko) => "끝남".to_owned(),
        (Phase::Gone, Lang::En) => "exited".to_owned(),
    };
    let class = if process.phase == Phase::Killed { "f-sm f-strong f-num" } else { "f-sm f-muted f-num" };
    svg.text(class, Anchor::End, view.width(), 12 * PX, &phase);
    let top = 17 * PX;
    svg.rect("f-free", 0, top, view.width(), BAR, 0);
    let total: i64 = process.cells.iter().map(|cell| cell.pages).sum();
    let x = |pages: i64| (i64::from(view.width()) * pages / total.max(1)) as i32;
    let nodes = model.engine().memory.nodes();
    let mut at = 0;
    let mut run: Option<(i32, i32, Vec<i64>)> = None;
    for cell in &process.cells {
        let mut by_node = vec![0; nodes];
        for (zone, held) in cell.held.iter().enumerate() {
            by_node[model.engine().memory.zones[zone].node] += held;
        }
        let held: i64 = by_node.iter().sum();
        let from = x(at);
        let until = x(at + if held > 0 { cell.touched } else { 0 });
        at += cell.pages;
        let parts: Vec<i64> = by_node.iter().map(|n| (n * PARTS + held / 2) / held.max(1)).collect();
        match &mut run {
            Some((_, end, known)) if *end == from && *known == parts && held > 0 => *end = until,
            _ => {
                if let Some(run) = run.take() {
                    stack(run, top, svg);
                }
                run = (held > 0).then_some((from, until, parts));
            }
        }
    }
    if let Some(run) = run {
        stack(run, top, svg);
    }
}

/// Neighbouring cells that lie on the same nodes in the same parts: a band a node.
fn stack((from, until, parts): (i32, i32, Vec<i64>), top: i32, svg: &mut Svg) {
    let all: i64 = parts.iter().sum::<i64>().max(1);
    let (mut below, w) = (0, (until - from).max(5));
    for (node, part) in parts.iter().enumerate().filter(|(_, part)| **part > 0) {
        let y = top + (i64::from(BAR) * below / all) as i32;
        below += part;
        let h = top + (i64::from(BAR) * below / all) as i32 - y;
        svg.rect(fill(node), from, y, w, h, 0);
        let digit = node.to_string();
        // Small print in a thin band, none in a thinner one; numactl and the legend name the colour.
        let (class, need) = if h >= 14 * PX { ("f-sm f-onnode", 14 * PX) } else { ("f-xs f-onnode", 11 * PX) };
        if h >= need && w > width(&digit, SMALL) + 4 * PX {
            let drop = if h >= 14 * PX { 42 } else { 30 };
            svg.text(class, Anchor::Middle, from + w / 2, y + h / 2 + drop, &digit);
        }
    }
}
