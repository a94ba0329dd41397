//! Run queues as lines of virtual time: whoever stands furthest left has had least for its weight.

use sim_core::cpu_shares::{Class, CpuShares, Doing, EntityView, Owner, Policy, QueueView, TaskView, letter};
use sim_core::{Lang, MILLISECOND, Text};

use super::fill;
use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};
use crate::ticks::decimal;

const ROW: i32 = 22 * PX;
const BLOCK: i32 = 16 * PX;

/// A queue that tasks of the scenario can stand in, whether or not they do now.
struct Place {
    cpu: i64,
    owner: Owner,
    members: Vec<Owner>,
}

/// Every queue with what can stand in it, in the order of CPUs; groups with one task need none.
fn places(tasks: &[TaskView]) -> Vec<Place> {
    let fair = || tasks.iter().enumerate().filter(|(_, task)| !task.policy.realtime());
    let mut cpus: Vec<i64> = fair().map(|(_, task)| task.cpu).collect();
    cpus.sort_unstable();
    cpus.dedup();
    let mut places = Vec::new();
    for cpu in cpus {
        let here: Vec<_> = fair().filter(|(_, task)| task.cpu == cpu).collect();
        let mut root = Vec::new();
        let mut groups: Vec<(Owner, Vec<Owner>)> = Vec::new();
        for (i, task) in here {
            if task.owner == Owner::Root {
                root.push(Owner::Task(i));
                continue;
            }
            match groups.iter_mut().find(|(owner, _)| *owner == task.owner) {
                Some((_, members)) => members.push(Owner::Task(i)),
                None => {
                    root.push(task.owner);
                    groups.push((task.owner, vec![Owner::Task(i)]));
                }
            }
        }
        places.push(Place { cpu, owner: Owner::Root, members: root });
        let several = groups.into_iter().filter(|(_, members)| members.len() > 1);
        places.extend(several.map(|(owner, members)| Place { cpu, owner, members }));
    }
    places
}

/// Draws the queues; returns their height.
pub fn draw(model: &CpuShares, svg: &mut Svg, view: &View<'_>) -> i32 {
    let (tasks, queues) = (model.tasks(), model.queues());
    let mut top = realtime(model, &tasks, svg, view);
    for place in places(&tasks) {
        let queue = queues.iter().find(|queue| queue.cpu == place.cpu && queue.owner == place.owner);
        svg.group_at("f-queue", 0, top);
        top += draw_place(model, &place, queue, &tasks, svg, view) + 10 * PX;
        svg.close();
    }
    top + legend(model, svg, view, top)
}

/// The columns of a queue, in tenths of a pixel.
struct Columns {
    left: i32,
    right: i32,
    middle: i32,
    reach: i64,
}

impl Columns {
    fn x(&self, ahead: i64) -> i32 {
        let half = i64::from(self.right - self.middle - BLOCK / 2);
        self.middle + (i128::from(ahead) * i128::from(half) / i128::from(self.reach.max(1))) as i32
    }
}

fn draw_place(
    model: &CpuShares,
    place: &Place,
    queue: Option<&QueueView>,
    tasks: &[TaskView],
    svg: &mut Svg,
    view: &View<'_>,
) -> i32 {
    let eevdf = matches!(model.policy(), Policy::Eevdf { .. });
    let label = if view.narrow() { 78 } else { 150 } * PX;
    let value = if view.narrow() { 58 } else { 92 } * PX;
    let (left, right) = (label, view.width() - value);
    let zero = queue.map_or(0, |queue| queue.virtual_time);
    let farthest =
        queue.map_or(0, |queue| queue.entities.iter().map(|entity| farthest(entity, zero)).max().unwrap_or(0));
    let columns = Columns { left, right, middle: (left + right) / 2, reach: nice(farthest) };
    heading(place, eevdf, queue, svg, view);
    let head = 22 * PX;
    let rows = place.members.len() as i32 * ROW;
    // Under EEVDF the side on which one can be picked is shaded; under CFS there is no such line.
    svg.rect("f-core", columns.left, head, columns.right - columns.left, rows, 0);
    let shaded = if eevdf { columns.middle } else { columns.right };
    svg.rect("f-lane", columns.left, head, shaded - columns.left, rows, 0);
    svg.line("f-cursor", (columns.middle, head - 3 * PX), (columns.middle, head + rows + 3 * PX));
    for (i, member) in place.members.iter().enumerate() {
        let y = head + i as i32 * ROW + ROW / 2;
        let entity = queue.and_then(|queue| queue.entities.iter().find(|entity| entity.owner == *member));
        let told = name(*member, entity, tasks, view);
        let strong = if entity.is_some_and(|entity| entity.running) { "f-sm f-strong" } else { "f-sm" };
        svg.text(strong, Anchor::Start, 2 * PX, y + 42, &told);
        match entity {
            Some(entity) => stand(entity, zero, &columns, y, svg),
            None => {
                let why = absent(model, *member, place.cpu, tasks);
                svg.text("f-sm f-muted", Anchor::Start, columns.left + 8 * PX, y + 42, why.get(view.lang));
            }
        }
        if let Some(entity) = entity {
            let ahead = entity.lag.unwrap_or(entity.vruntime - zero);
            let ahead = said(ahead);
            let sign = if ahead.starts_with(['−', '0']) && !ahead.starts_with("0.") { "" } else { "+" };
            let value = format!("{sign}{ahead}{}", if view.narrow() { "" } else { " ms" });
            svg.text("f-sm f-num", Anchor::End, view.width(), y + 42, &value);
        }
    }
    let y = head + rows + 14 * PX;
    let end = said(columns.reach);
    svg.text("f-sm f-muted f-num", Anchor::Start, columns.left, y, &format!("−{end} ms"));
    svg.text("f-sm f-muted f-num", Anchor::End, columns.right, y, &format!("+{end} ms"));
    svg.text("f-sm f-strong", Anchor::Middle, columns.middle, y, if eevdf { "V" } else { "min_vruntime" });
    y + 4 * PX
}

fn heading(place: &Place, eevdf: bool, queue: Option<&QueueView>, svg: &mut Svg, view: &View<'_>) {
    let cpu = place.cpu;
    let name = match place.owner {
        Owner::Root => format!("CPU {cpu}"),
        owner => format!("CPU {cpu} · {}", owner.text().get(view.lang)),
    };
    svg.text("f-t f-strong", Anchor::Start, 0, 14 * PX, &name);
    let x = width(&name, 13) + 12 * PX;
    static EMPTY: Text = Text::fixed("비어 있음", "empty");
    static STOPPED: Text = Text::fixed("cpu.max를 다 써서 멈춤", "stopped: cpu.max is used up");
    let stopped = queue.is_some_and(|queue| queue.throttled.is_some());
    let text = match queue {
        None => EMPTY.get(view.lang).to_owned(),
        Some(_) if stopped => STOPPED.get(view.lang).to_owned(),
        Some(queue) if eevdf => format!("V = {} ms", said(queue.virtual_time)),
        Some(queue) => format!("min_vruntime = {} ms", said(queue.virtual_time)),
    };
    svg.text("f-sm f-muted f-num", Anchor::Start, x, 14 * PX, &text);
}

fn farthest(entity: &EntityView, zero: i64) -> i64 {
    let deadline = entity.deadline.map_or(0, |deadline| (deadline - zero).abs());
    (entity.vruntime - zero).abs().max(deadline)
}

/// The next of 1, 2, 5, 10 … ms: the scale stays while it can.
fn nice(reach: i64) -> i64 {
    let mut step = MILLISECOND as i64;
    loop {
        for times in [1, 2, 5] {
            if step.saturating_mul(times) >= reach || step > i64::MAX / 20 {
                return step.saturating_mul(times);
            }
        }
        step *= 10;
    }
}

/// Virtual time in ms as a person reads it: fewer digits the larger it is.
fn said(ns: i64) -> String {
    let digits = match ns.unsigned_abs() / MILLISECOND {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    let text = decimal(ns, MILLISECOND as i64, digits);
    let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if short == "-0" { "0".to_owned() } else { short.replace('-', "−") }
}

/// What stands left of a row.
fn name(member: Owner, entity: Option<&EntityView>, tasks: &[TaskView], view: &View<'_>) -> String {
    let Owner::Task(task) = member else {
        let weight = entity.filter(|_| !view.narrow()).map_or(String::new(), |entity| format!(" · {}", entity.weight));
        return format!("{}{weight}", member.text().get(view.lang));
    };
    let of = match tasks[task].policy {
        Class::Idle => "idle".to_owned(),
        _ => format!("nice {}", tasks[task].nice).replace('-', "−"),
    };
    let weight = entity.filter(|_| !view.narrow()).map_or(String::new(), |entity| format!(" · {}", entity.weight));
    format!("{} {of}{weight}", letter(task))
}

/// An entity where it stands, and EEVDF's deadline it runs towards.
fn stand(entity: &EntityView, zero: i64, columns: &Columns, y: i32, svg: &mut Svg) {
    let x = columns.x(entity.vruntime - zero);
    if let Some(deadline) = entity.deadline {
        let end = columns.x(deadline - zero);
        svg.line("f-way", (x, y), (end, y));
        svg.line("f-wmark", (end, y - 6 * PX), (end, y + 6 * PX));
    }
    let (class, text) = match entity.owner {
        Owner::Task(task) => (fill(task), letter(task).to_string()),
        Owner::Group(group) => ("f-markfill", format!("g{group}")),
        Owner::Session(session) => ("f-markfill", format!("s{session}")),
        Owner::Root => ("f-markfill", String::new()),
    };
    if entity.running {
        svg.rect(
            "f-hollow f-ring",
            x - BLOCK / 2 - 2 * PX,
            y - BLOCK / 2 - 2 * PX,
            BLOCK + 4 * PX,
            BLOCK + 4 * PX,
            4 * PX,
        );
    }
    let class = if entity.delayed { "f-hollow" } else { class };
    svg.rect(class, x - BLOCK / 2, y - BLOCK / 2, BLOCK, BLOCK, 3 * PX);
    let ink = if entity.delayed { "f-sm f-muted" } else { "f-sm f-onrun" };
    svg.text(ink, Anchor::Middle, x, y + 42, &text);
}

/// Why somebody is not on the queue.
fn absent(model: &CpuShares, member: Owner, cpu: i64, tasks: &[TaskView]) -> Text {
    let Owner::Task(task) = member else {
        let mine = |queue: &QueueView| queue.cpu == cpu && queue.owner == member && queue.throttled.is_some();
        return match model.queues().iter().any(mine) {
            true => Text::fixed("다음 주기까지 멈춤", "stopped until the next period"),
            false => Text::fixed("실행할 태스크 없음", "nothing to run"),
        };
    };
    match tasks[task].doing {
        Doing::Unborn => Text::fixed("아직 없음", "not there yet"),
        Doing::Dead(_) => Text::fixed("끝남", "gone"),
        _ => Text::fixed("자는 중", "asleep"),
    }
}

/// The real-time tasks, which stand in no line of virtual time; returns their height.
fn realtime(model: &CpuShares, tasks: &[TaskView], svg: &mut Svg, view: &View<'_>) -> i32 {
    static RUNS: Text = Text::fixed("실행 중: 일반 태스크는 모두 기다림", "runs: all ordinary tasks wait");
    static WAITS: Text = Text::fixed("기다림", "waits");
    static HELD: Text = Text::fixed("다음 1초까지 멈춤", "held until the next second");
    static AWAY: Text = Text::fixed("없거나 자는 중", "asleep or not there");
    let queues = model.realtime();
    let mut top = 0;
    for (i, task) in tasks.iter().enumerate().filter(|(_, task)| task.policy.realtime()) {
        let y = top + ROW / 2;
        let label = if view.narrow() { 78 } else { 150 } * PX;
        let class = if task.policy == Class::Fifo { "FIFO" } else { "RR" };
        svg.text(
            "f-sm f-strong",
            Anchor::Start,
            2 * PX,
            y + 42,
            &format!("{} {class} {}", letter(i), task.rt_priority),
        );
        svg.rect("f-lane", label, top, view.width() - label, ROW - 2 * PX, 3 * PX);
        let queue = queues.iter().find(|queue| queue.cpu == task.cpu);
        let here = queue.and_then(|queue| queue.tasks.iter().find(|(of, ..)| *of == i));
        let text = match (here, queue) {
            (None, _) => &AWAY,
            (Some((.., true)), _) => &RUNS,
            (_, Some(queue)) if queue.throttled => &HELD,
            _ => &WAITS,
        };
        svg.rect(
            if here.is_some() { fill(i) } else { "f-hollow" },
            label + 4 * PX,
            y - BLOCK / 2,
            BLOCK,
            BLOCK,
            3 * PX,
        );
        let ink = if here.is_some() { "f-sm f-onrun" } else { "f-sm f-muted" };
        svg.text(ink, Anchor::Middle, label + 4 * PX + BLOCK / 2, y + 42, &letter(i).to_string());
        svg.text("f-sm", Anchor::Start, label + 12 * PX + BLOCK, y + 42, text.get(view.lang));
        top += ROW;
    }
    if top == 0 { 0 } else { top + 8 * PX }
}

/// What the shapes mean; returns the height it took.
fn legend(model: &CpuShares, svg: &mut Svg, view: &View<'_>, top: i32) -> i32 {
    let eevdf = matches!(model.policy(), Policy::Eevdf { .. });
    let said = match (eevdf, view.lang) {
        (true, Lang::Ko) => {
            "V의 왼쪽(칠한 쪽)에 있어야 뽑힐 수 있고, 그 가운데 점선 끝의 마감이 이른 쪽이 먼저입니다. 테두리는 실행 중, 오른쪽 수는 lag(받을 몫)입니다."
        }
        (true, Lang::En) => {
            "Only those left of V (shaded) can be picked, the earliest deadline (end of the dashes) first. Ringed: running. On the right: lag, what is owed to it."
        }
        (false, Lang::Ko) => {
            "왼쪽일수록 가중치에 비해 적게 받았고, 가장 왼쪽이 먼저입니다. 테두리는 실행 중, 오른쪽 수는 min_vruntime에서 떨어진 거리입니다."
        }
        (false, Lang::En) => {
            "The further left, the less it has had for its weight; the leftmost goes first. Ringed: running. On the right: distance from min_vruntime."
        }
    };
    let lines = crate::measure::wrap(said, SMALL, view.width());
    for (i, line) in lines.iter().enumerate() {
        svg.text("f-sm f-muted", Anchor::Start, 0, top + (12 + 16 * i as i32) * PX, line);
    }
    (lines.len() as i32 * 16 + 4) * PX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_go_in_round_steps_and_figures_get_shorter() {
        for (reach, want) in [(0, 1), (1_000_000, 1), (1_000_001, 2), (4_200_000, 5), (68_000_000, 100)] {
            assert_eq!(nice(reach) / MILLISECOND as i64, want, "{reach}");
        }
        for (ns, want) in [
            (1_234_567, "1.23"),
            (-1_200_000, "−1.2"),
            (0, "0"),
            (-4000, "0"),
            (45_670_000, "45.7"),
            (123_456_789, "123"),
        ] {
            assert_eq!(said(ns), want);
        }
        assert!(nice(i64::MAX) > 0);
    }
}
