//! Who ran round this moment, a lane for each task.

use sim_core::cpu_shares::{CpuShares, letter};
use sim_core::{MILLISECOND, Model, Nanos, Text, text};

use super::{History, Lane, fill};
use crate::measure::{PX, width};
use crate::svg::{Anchor, Svg};
use crate::{View, ticks};

const LANE: i32 = 18 * PX;
const TOP: i32 = 26 * PX;

/// Turns that fit into the lanes so that each can still be told apart.
const FIT: u128 = 120;

/// How far the lanes look each way.
fn reach(turns: usize, ends: Nanos) -> Nanos {
    let fits = |reach: Nanos| u128::from(turns as u64) * u128::from(2 * reach) <= FIT * 2 * u128::from(ends.max(1));
    let longer = [500, 200, 100, 50, 20].map(|ms| ms * MILLISECOND);
    longer.into_iter().find(|&reach| fits(reach)).unwrap_or(10 * MILLISECOND).min(ends.max(1))
}

/// Draws the lanes; returns their height.
pub fn draw(model: &CpuShares, history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
    static TITLE: Text = Text::fixed("누가 실행되었나", "Who ran");
    static NOW: Text = Text::fixed("지금", "now");
    let extra = &history.extra;
    let (now, reach) = (model.now(), reach(extra.turns.len(), model.ends()));
    let (left, right) = (24 * PX, view.width() - 60 * PX);
    let from = now as i64 - reach as i64;
    let x = |t: Nanos| left + ((t as i64 - from) * i64::from(right - left) / (2 * reach as i64)) as i32;
    svg.text("f-t f-strong", Anchor::Start, 0, 14 * PX, TITLE.get(view.lang));
    let said = ticks::say(reach, view.lang);
    let window = text!(ko: "앞뒤로 {said}, 가는 선은 기다림", en: "{said} each way; thin line: waiting");
    let after = width(TITLE.get(view.lang), 13) + 12 * PX;
    svg.text("f-sm f-muted", Anchor::Start, after, 14 * PX, window.get(view.lang));
    static PERCENT: &str = "%CPU";
    svg.text("f-sm f-muted", Anchor::End, view.width(), 14 * PX, PERCENT);
    let tasks = model.tasks();
    let until = (now + reach).min(extra.known);
    for (i, task) in tasks.iter().enumerate() {
        let y = TOP + i as i32 * LANE;
        svg.text("f-sm f-strong", Anchor::Start, 2 * PX, y + LANE / 2 + 42, &letter(i).to_string());
        svg.rect("f-lane", left, y + 2 * PX, right - left, LANE - 4 * PX, 2 * PX);
        for (lane, begins, ends) in stretches(history, i, now.saturating_sub(reach), until) {
            let (begins, ends) = (x(begins), x(ends));
            match lane {
                Lane::Runs => svg.rect(fill(i), begins, y + 2 * PX, (ends - begins).max(PX / 2), LANE - 4 * PX, 0),
                Lane::Waits => svg.line("f-wait", (begins, y + LANE / 2), (ends, y + LANE / 2)),
                Lane::Away => {}
            }
        }
        let all = u128::from(now.max(1));
        // Rounded as the chart below is.
        let share = ticks::decimal(((u128::from(task.cpu_ns) * 1000 + all / 2) / all) as i64, 10, 1);
        svg.text("f-sm f-num", Anchor::End, view.width(), y + LANE / 2 + 42, &share);
    }
    let bottom = TOP + tasks.len() as i32 * LANE;
    let middle = x(now);
    svg.line("f-cursor", (middle, TOP - 4 * PX), (middle, bottom + 2 * PX));
    let y = bottom + 15 * PX;
    svg.text("f-sm f-muted", Anchor::Start, left, y, &format!("−{said}"));
    svg.text("f-sm f-strong", Anchor::Middle, middle, y, NOW.get(view.lang));
    svg.text("f-sm f-muted", Anchor::End, right, y, &format!("+{said}"));
    y + 6 * PX
}

/// What a task did between two moments.
fn stretches(history: &History, task: usize, from: Nanos, until: Nanos) -> Vec<(Lane, Nanos, Nanos)> {
    let turns = &history.extra.turns;
    let first = turns.partition_point(|turn| turn.t < from);
    // What it was doing at the beginning is what its last turn before says.
    let before = turns[..first].iter().rfind(|turn| usize::from(turn.task) == task);
    let (mut lane, mut since) = (before.map_or(Lane::Away, |turn| turn.lane), from);
    let mut stretches = Vec::new();
    for turn in turns[first..].iter().take_while(|turn| turn.t < until).filter(|turn| usize::from(turn.task) == task) {
        stretches.push((lane, since, turn.t));
        (lane, since) = (turn.lane, turn.t);
    }
    if since < until {
        stretches.push((lane, since, until));
    }
    stretches
}
