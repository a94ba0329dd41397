//! Who reads from where: distances, and what passes between CPUs and memory.

use sim_core::Lang;
use sim_core::numa_policy::NumaPolicy;

use super::gigabytes;
use crate::View;
use crate::measure::{PX, width, wrap};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const ROW: i32 = 34 * PX;
/// A cell narrower than this has room for one number.
const TIGHT: i32 = 64 * PX;

/// Draws the table; returns its height.
pub fn draw(model: &NumaPolicy, svg: &mut Svg, view: &View<'_>) -> i32 {
    let nodes = model.engine().memory.nodes();
    let traffic = model.traffic();
    let scenario = model.scenario();
    let (node_most, link_most) = (scenario.node_bandwidth as u64 * 1000, scenario.link_bandwidth as u64 * 1000);
    let (title, rows, columns) = match view.lang {
        Lang::Ko => ("접근", "CPU", "메모리"),
        Lang::En => ("Accesses", "CPUs", "memory"),
    };
    svg.text("f-t f-strong", Anchor::Start, 0, 14 * PX, title);
    let x = width(title, 13) + 12 * PX;
    let said = summary(model, view.lang);
    // On a phone always on a line of its own: the picture keeps its height.
    let (x, y) = if view.narrow() { (0, 32 * PX) } else { (x, 14 * PX) };
    svg.text("f-sm f-num", Anchor::Start, x, y, &said);
    let top = y + 22 * PX;

    let word = if view.lang == Lang::Ko { "노드" } else { "node" };
    let name = |kind: &str, node: usize| format!("{word} {node} {kind}");
    let left = width(&name(rows, 0), SMALL) + 10 * PX;
    let room = ((view.width() - left) / nodes as i32).min(170 * PX);
    for to in 0..nodes {
        let middle = left + room * to as i32 + room / 2;
        // The word where it fits, the number alone where it does not.
        let head = name(columns, to);
        let short = format!("{word} {to}");
        let fits = |text: &str| width(text, SMALL) + 8 * PX < room;
        let head = [head, short].into_iter().find(|text| fits(text)).unwrap_or_else(|| to.to_string());
        svg.text("f-sm f-muted f-num", Anchor::Middle, middle, top, &head);
    }
    // What a node's memory serves altogether, against what it can.
    let first = top + 8 * PX;
    for (from, row) in traffic.iter().enumerate() {
        let y = first + ROW * from as i32;
        svg.text("f-sm f-muted f-num", Anchor::Start, 0, y + ROW / 2 + 20, &name(rows, from));
        for (to, bytes) in row.iter().enumerate() {
            let local = from == to;
            let x = left + room * to as i32;
            let (w, h) = (room - 4 * PX, ROW - 4 * PX);
            svg.rect(if local { "f-local" } else { "f-remote" }, x, y, w, h, 3 * PX);
            let most = if local { node_most } else { link_most };
            let filled = (i64::from(w) * (*bytes).min(most) as i64 / most.max(1) as i64) as i32;
            if filled > 0 {
                svg.rect(if local { "f-localfill" } else { "f-remotefill" }, x, y, filled, h, 3 * PX);
            }
            let middle = y + h / 2 + 42;
            let distance = model.engine().memory.distance(from, to).to_string();
            // Eight nodes on a phone leave room for one number: what passes, else the distance.
            let tight = room < TIGHT;
            if !tight || *bytes == 0 {
                svg.text("f-sm f-muted f-num", Anchor::Start, x + 5 * PX, middle, &distance);
            }
            if *bytes > 0 {
                let full = if *bytes * 100 >= most * 99 { "▲" } else { "" };
                let said = format!("{}{full}", gigabytes(*bytes));
                let class = if tight { "f-xs f-strong f-num" } else { "f-sm f-strong f-num" };
                svg.text(class, Anchor::End, x + w - if tight { PX } else { 5 * PX }, middle, &said);
            }
        }
    }
    let y = first + ROW * nodes as i32 + 12 * PX;
    let words = match view.lang {
        Lang::Ko => "왼쪽 수는 거리, 오른쪽 수는 GB/s. 실선은 로컬, 점선은 리모트, ▲는 링크나 노드의 한계.",
        Lang::En => "Left: distance; right: GB/s. Solid is local, dashed remote; ▲ at the limit of link or node.",
    };
    let lines = wrap(words, SMALL, view.width());
    for (i, line) in lines.iter().enumerate() {
        svg.text("f-sm f-muted", Anchor::Start, 0, y + 17 * PX * i as i32, line);
    }
    y + 17 * PX * (lines.len() as i32 - 1) + 6 * PX
}

/// All accesses in one line.
fn summary(model: &NumaPolicy, lang: Lang) -> String {
    let (local, remote) = model.throughput();
    let all = local + remote;
    if all == 0 {
        return match lang {
            Lang::Ko => "지금은 아무도 읽지 않습니다".to_owned(),
            Lang::En => "nobody reads now".to_owned(),
        };
    }
    let share = (local * 100 + all / 2) / all;
    let (all, latency) = (gigabytes(all), model.latency_ns());
    match lang {
        Lang::Ko => format!("모두 {all} GB/s, 로컬 {share} %, 평균 {latency} ns"),
        Lang::En => format!("{all} GB/s in all, {share} % local, {latency} ns on average"),
    }
}
