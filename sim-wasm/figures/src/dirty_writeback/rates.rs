//! How fast the tank is filled and emptied: now, and over the whole run.

use sim_core::dirty_writeback::DirtyWriteback;
use sim_core::tape::LOOKS;
use sim_core::{Model, Nanos, SECOND, Text, text};

use super::{History, metric, size};
use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const AREA: i32 = 50 * PX;
/// Stretches the run is divided into.
const STRETCHES: u64 = 120;

/// Pages a second dirtied and written over the last second.
pub fn now(model: &DirtyWriteback, history: &History) -> [u64; 2] {
    let (until, now) = (model.metrics(), model.now());
    let from = now.saturating_sub(SECOND);
    [metric::DIRTIED, metric::WRITTEN].map(|which| {
        let before = if from == 0 { 0 } else { value(history, which, from) };
        per_second(until.get(which).copied().unwrap_or(0) - before, now - from)
    })
}

/// A counter at a moment. It grew just before each of its points: a run is looked at so often that a
/// counter without a point stood still.
fn value(history: &History, which: usize, t: Nanos) -> i64 {
    let Some(curve) = history.track.metrics.get(which) else { return 0 };
    let after = curve.partition_point(|point| point.0 <= t);
    let Some(last) = after.checked_sub(1).and_then(|i| curve.get(i)) else { return 0 };
    match curve.get(after) {
        Some(next) if next.0 > last.0 => {
            let since = last.0.max(next.0.saturating_sub(history.track.ends / LOOKS + 1));
            let grown = i128::from(next.1 - last.1) * i128::from(t.saturating_sub(since)) / i128::from(next.0 - since);
            last.1 + grown as i64
        }
        _ => last.1,
    }
}

fn per_second(pages: i64, ns: Nanos) -> u64 {
    let pages = u128::from(pages.max(0).unsigned_abs());
    (pages * u128::from(SECOND) / u128::from(ns.max(1))) as u64
}

/// Draws both rates over the run; returns the height.
pub fn draw(model: &DirtyWriteback, history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
    static TITLE: Text = Text::fixed("들어오고 나가는 속도", "In and out");
    static IN: Text = Text::fixed("프로그램", "writers");
    static OUT: Text = Text::fixed("디스크", "disks");
    let ends = history.track.ends.max(1);
    let stretch = (ends / STRETCHES).max(1);
    let both = [metric::DIRTIED, metric::WRITTEN].map(|which| {
        let mut before = 0;
        let rates = (1..=STRETCHES).map(|i| {
            let t = if i == STRETCHES { ends } else { i * stretch };
            let value = value(history, which, t);
            let rate = per_second(value - before, t - (i - 1) * stretch);
            before = value;
            rate
        });
        rates.collect::<Vec<_>>()
    });
    let most = both.iter().flatten().copied().max().unwrap_or(0).max(1);
    let most_said = size(most);
    let said = text!(ko: "최고 {most_said}/s", en: "top {most_said}/s");
    let said = said.get(view.lang);
    // Above the chart, moment over moment.
    let plot = super::curves::chart(history, model.now()).plot(view);
    let (left, right, top) = (plot.x(0), plot.x(ends), 24 * PX);
    let x = |i: usize| plot.x(if i as u64 == STRETCHES { ends } else { i as u64 * stretch });
    let y = |rate: u64| top + AREA - (u128::from(rate) * u128::from(AREA.unsigned_abs()) / u128::from(most)) as i32;
    svg.text("f-t f-strong", Anchor::Start, 0, 14 * PX, TITLE.get(view.lang));
    let mut at = width(TITLE.get(view.lang), 14) + 16 * PX;
    for (class, name) in [("f-s2", &IN), ("f-s3", &OUT)] {
        svg.line(class, (at, 10 * PX), (at + 24 * PX, 10 * PX));
        let name = name.get(view.lang);
        svg.text("f-sm", Anchor::Start, at + 29 * PX, 14 * PX, name);
        at += 29 * PX + width(name, SMALL) + 14 * PX;
    }
    if at + width(said, SMALL) <= view.width() {
        svg.text("f-sm f-muted f-num", Anchor::End, view.width(), 14 * PX, said);
    }
    svg.line("f-grid", (left, top), (right, top));
    svg.line("f-axis", (left, top + AREA), (right, top + AREA));
    for (class, rates) in ["f-s2", "f-s3"].into_iter().zip(&both) {
        let steps = rates.iter().enumerate().flat_map(|(i, rate)| [(x(i), y(*rate)), (x(i + 1), y(*rate))]);
        svg.path(class, &crate::chart::straighten(steps.collect()), false);
    }
    let cursor = plot.x(model.now());
    svg.line("f-cursor", (cursor, top - 4 * PX), (cursor, top + AREA + 3 * PX));
    top + AREA + 8 * PX
}
