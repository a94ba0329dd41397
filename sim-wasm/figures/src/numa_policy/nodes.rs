//! The nodes: CPUs that are idle or busy, and memory that fills.

use sim_core::Lang;
use sim_core::numa_policy::NumaPolicy;
use sim_core::numa_policy::process::Phase;

use super::{fill, size};
use crate::View;
use crate::measure::{PX, width};
use crate::style::{FONT, SMALL};
use crate::svg::{Anchor, Svg};

/// Up to this many CPUs of a node are drawn one by one.
const BOXES: usize = 16;
const CPU: i32 = 15 * PX;
const STEP: i32 = 18 * PX;
const BAR: i32 = 26 * PX;
const GAP: i32 = 14 * PX;
const PAD: i32 = 10 * PX;

/// Draws the nodes; returns their height.
pub fn draw(model: &NumaPolicy, svg: &mut Svg, view: &View<'_>) -> i32 {
    let nodes = model.engine().memory.nodes();
    let columns = nodes.min(if view.narrow() { 2 } else { 4 });
    let room = (view.width() - GAP * (columns as i32 - 1)) / columns as i32;
    let lines = (0..nodes).map(|node| cpu_lines(cpus(model, node).len(), room)).max().unwrap_or(1);
    let height = 30 * PX + lines * STEP + 8 * PX + BAR + 40 * PX;
    for node in 0..nodes {
        let (column, row) = ((node % columns) as i32, (node / columns) as i32);
        svg.group_at("f-node", column * (room + GAP), row * (height + GAP));
        card(model, node, (room, height), lines, svg, view);
        svg.close();
    }
    let rows = nodes.div_ceil(columns) as i32;
    let top = rows * (height + GAP) - GAP;
    top + legend(svg, view, top + 18 * PX)
}

/// CPUs of a node by number.
fn cpus(model: &NumaPolicy, node: usize) -> Vec<usize> {
    let all = model.engine().cpu_nodes();
    (0..all.len()).filter(|cpu| all[*cpu] == node).collect()
}

fn cpu_lines(cpus: usize, room: i32) -> i32 {
    if cpus > BOXES { 1 } else { cpus.div_ceil(per_line(room) as usize).max(1) as i32 }
}

fn per_line(room: i32) -> i32 {
    ((room - 2 * PAD + STEP - CPU) / STEP).max(1)
}

/// What runs on a CPU: the letter of a process that touches or reads.
fn busy(model: &NumaPolicy, cpu: usize) -> Option<&'static str> {
    let alive = model.engine().processes.iter().filter(|process| process.is_alive());
    let mut on = alive.filter(|process| process.threads.iter().any(|thread| thread.cpu == cpu));
    on.next().map(|process| if process.phase == Phase::Touching { "T" } else { "R" })
}

fn card(model: &NumaPolicy, node: usize, (room, height): (i32, i32), lines: i32, svg: &mut Svg, view: &View<'_>) {
    let memory = &model.engine().memory;
    svg.rect("f-lane", 0, 0, room, height, 4 * PX);
    svg.rect(fill(node), 0, 0, 4 * PX, height, 0);
    let title = match view.lang {
        Lang::Ko => format!("노드 {node}"),
        Lang::En => format!("Node {node}"),
    };
    svg.text("f-t f-strong", Anchor::Start, PAD, 20 * PX, &title);
    let cpus = cpus(model, node);
    let numbers = match (cpus.first(), cpus.last()) {
        (Some(first), Some(last)) if first == last => format!("CPU {first}"),
        (Some(first), Some(last)) => format!("CPU {first}–{last}"),
        _ if view.lang == Lang::Ko => "CPU 없음".to_owned(),
        _ => "no CPU".to_owned(),
    };
    svg.text("f-sm f-muted f-num", Anchor::End, room - 8 * PX, 20 * PX, &numbers);

    let top = 30 * PX;
    if cpus.len() > BOXES {
        let busy = cpus.iter().filter(|cpu| busy(model, **cpu).is_some()).count();
        let all = cpus.len();
        let said = match view.lang {
            Lang::Ko => format!("{all}개 중 {busy}개가 일함"),
            Lang::En => format!("{busy} of {all} busy"),
        };
        svg.text("f-sm f-num", Anchor::Start, PAD, top + 12 * PX, &said);
    } else {
        for (i, cpu) in cpus.iter().enumerate() {
            let i = i as i32;
            let (x, y) = (PAD + i % per_line(room) * STEP, top + i / per_line(room) * STEP);
            match busy(model, *cpu) {
                Some(letter) => {
                    svg.rect("f-run", x, y, CPU, CPU, 2 * PX);
                    svg.text("f-sm f-onrun", Anchor::Middle, x + CPU / 2, y + CPU / 2 + 42, letter);
                }
                None => svg.rect("f-core", x, y, CPU, CPU, 2 * PX),
            }
        }
    }

    let top = top + lines * STEP + 8 * PX;
    bar(model, node, room - PAD - 8 * PX, top, svg);
    let free = memory.sum(node, |zone| zone.free);
    let total = memory.sum(node, |zone| zone.managed);
    let (free, total) = (size(free), size(total));
    let said = match view.lang {
        Lang::Ko => format!("{total} 중 {free} 남음"),
        Lang::En => format!("{free} of {total} free"),
    };
    svg.text("f-sm f-num", Anchor::Start, PAD, top + BAR + 15 * PX, &said);
    let counters = &memory.counters[node];
    let (hit, miss) = (counters.numa_hit, counters.numa_miss);
    // The second line tells what was placed here for want of room elsewhere.
    let said = if miss > 0 { format!("numa_miss {miss}") } else { format!("numa_hit {hit}") };
    let class = if miss > 0 { "f-sm f-strong f-num" } else { "f-sm f-muted f-num" };
    svg.text(class, Anchor::Start, PAD, top + BAR + 31 * PX, &said);
}

/// Memory from left to right: what others use, page cache, pages of processes, what is free; a tick
/// where the low watermark is.
fn bar(model: &NumaPolicy, node: usize, room: i32, top: i32, svg: &mut Svg) {
    let memory = &model.engine().memory;
    let total = memory.sum(node, |zone| zone.managed);
    let wide = |pages: i64| (i64::from(room) * pages / total.max(1)) as i32;
    let cache = memory.sum(node, |zone| zone.cache + zone.mapped + zone.dirty);
    let tasks = model.task_pages(node);
    let free = memory.sum(node, |zone| zone.free);
    let used = (total - cache - tasks - free).max(0);
    svg.rect("f-free", PAD, top, room, BAR, 0);
    let mut x = PAD;
    for (class, ink, pages, letter) in [
        ("f-other", "f-sm f-strong", used, "U"),
        ("f-cache", "f-sm f-strong", cache, "C"),
        (fill(node), "f-sm f-onnode", tasks, "P"),
    ] {
        let w = wide(pages);
        if w > 0 {
            svg.rect(class, x, top, w, BAR, 0);
        }
        if w > width(letter, SMALL) + 4 * PX {
            svg.text(ink, Anchor::Middle, x + w / 2, top + BAR / 2 + 42, letter);
        }
        x += w;
    }
    let low = memory.sum(node, |zone| zone.marks.low + zone.reserve.min(zone.managed));
    if total > 0 {
        let at = PAD + room - wide(low).max(PX);
        svg.line("f-low", (at, top - 3 * PX), (at, top + BAR + 3 * PX));
    }
}

/// What shapes and letters mean; returns the height it took.
fn legend(svg: &mut Svg, view: &View<'_>, top: i32) -> i32 {
    let words: [(&str, &str, &str); 6] = match view.lang {
        Lang::Ko => [
            ("f-run", "T", "페이지를 건드리는 CPU"),
            ("f-run", "R", "읽는 CPU"),
            ("f-n0", "P", "프로세스의 페이지(색은 노드마다)"),
            ("f-cache", "C", "페이지 캐시"),
            ("f-other", "U", "그 밖에 쓰는 곳"),
            ("", "", "low 워터마크"),
        ],
        Lang::En => [
            ("f-run", "T", "CPU touching pages"),
            ("f-run", "R", "CPU reading"),
            ("f-n0", "P", "pages of processes (a colour a node)"),
            ("f-cache", "C", "page cache"),
            ("f-other", "U", "other use"),
            ("", "", "low watermark"),
        ],
    };
    let (mut x, mut y) = (0, top);
    for (class, letter, word) in words {
        let w = 20 * PX + width(word, SMALL) + 14 * PX;
        if x > 0 && x + w - 14 * PX > view.width() {
            (x, y) = (0, y + 19 * PX);
        }
        if letter.is_empty() {
            svg.line("f-low", (x + 7 * PX, y - 12 * PX), (x + 7 * PX, y + 3 * PX));
        } else {
            let ink = match class {
                "f-run" => "f-sm f-onrun",
                "f-n0" => "f-sm f-onnode",
                _ => "f-sm f-strong",
            };
            svg.rect(class, x, y - 11 * PX, 14 * PX, 14 * PX, 2 * PX);
            svg.text(ink, Anchor::Middle, x + 7 * PX, y + 2, letter);
        }
        svg.text("f-sm f-muted", Anchor::Start, x + 20 * PX, y, word);
        x += w;
    }
    y - top + 18 * PX + (FONT - SMALL) * PX
}
