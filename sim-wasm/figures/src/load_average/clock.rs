//! The sampling clock: what was active round this moment, and the instants at which anyone looked.

use sim_core::load_average::LoadAverage;
use sim_core::{Model, Moment, Nanos, Text, text};

use super::count::{Count, around};
use super::{History, words};
use crate::chart::straighten;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};
use crate::{View, ticks};

const AREA: i32 = 52 * PX;

struct Strip {
    left: i32,
    right: i32,
    top: i32,
    from: i64,
    until: i64,
    most: i64,
}

impl Strip {
    fn x(&self, t: Nanos) -> i32 {
        // A few seconds of nanoseconds across a few thousand tenths of a pixel.
        let along = (t as i64 - self.from) * i64::from(self.right - self.left);
        self.left + (along / (self.until - self.from)) as i32
    }

    fn y(&self, count: i64) -> i32 {
        self.top + AREA - (i64::from(AREA) * count.clamp(0, self.most) / self.most) as i32
    }
}

/// Draws the strip; returns its height.
pub fn draw(model: &LoadAverage, history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
    let (now, reach) = (model.now(), history.extra.reach);
    let (from, until) = (now.saturating_sub(reach), (now + reach).min(model.ends()));
    let counts = around(model, from, until);
    let most = counts.iter().map(|count| count.active()).max().unwrap_or(0).max(1);
    let left = width(&most.to_string(), SMALL) + 8 * PX;
    let strip = Strip {
        left,
        right: view.width() - 8 * PX,
        // On a phone the key to the marks has a line of its own.
        top: if view.narrow() { 56 } else { 44 } * PX,
        from: now as i64 - reach as i64,
        until: (now + reach) as i64,
        most,
    };
    heading(model, history, svg, view);
    area(&counts, until, &strip, svg);
    scale(&strip, reach, svg, view);
    looks(model, history, &counts, (from, until), &strip, svg);
    beyond(history, now, (from, until), &strip, svg, view);
    svg.line("f-cursor", (strip.x(now), strip.top - 12 * PX), (strip.x(now), strip.top + AREA + 4 * PX));
    strip.top + AREA + 24 * PX
}

fn heading(model: &LoadAverage, history: &History, svg: &mut Svg, view: &View<'_>) {
    static TITLE: Text = Text::fixed("표본 시계", "Sampling clock");
    static SAMPLE: Text = Text::fixed("표본", "sample");
    static UPDATE: Text = Text::fixed("갱신", "update");
    let title = TITLE.get(view.lang);
    svg.text("f-t f-strong", Anchor::Start, 0, 14 * PX, title);
    let next = words::next(model, history);
    let x = width(title, 14) + 10 * PX;
    svg.text("f-sm f-num", Anchor::Start, x, 14 * PX, next.get(view.lang));
    let sample = SAMPLE.get(view.lang);
    let update = UPDATE.get(view.lang);
    let key = width(sample, SMALL) + width(update, SMALL) + 40 * PX;
    let mut x = view.width() - key;
    // On a phone the next event takes that line; the marks explain themselves one line below.
    let y = if view.narrow() { 32 * PX } else { 14 * PX };
    sample_mark(svg, x, y - 45);
    svg.text("f-sm f-muted", Anchor::Start, x + 8 * PX, y, sample);
    x += width(sample, SMALL) + 24 * PX;
    update_mark(svg, x, y - 45);
    svg.text("f-sm f-muted", Anchor::Start, x + 8 * PX, y, update);
}

fn sample_mark(svg: &mut Svg, x: i32, y: i32) {
    svg.path("f-samplefill", &[(x - 45, y - 40), (x + 45, y - 40), (x, y + 40)], true);
}

fn update_mark(svg: &mut Svg, x: i32, y: i32) {
    svg.path("f-updatefill", &[(x, y - 45), (x + 45, y), (x, y + 45), (x - 45, y)], true);
}

/// Sleepers as a dashed area at the bottom, what runs as a filled one on top of it.
fn area(counts: &[Count], until: Nanos, strip: &Strip, svg: &mut Svg) {
    let edge = |of: fn(&Count) -> i64| -> Vec<(i32, i32)> {
        let ends = counts.iter().skip(1).map(|count| count.t).chain([until]);
        let sides = |(count, end): (&Count, Nanos)| [count.t, end].map(|t| (strip.x(t), strip.y(of(count))));
        counts.iter().zip(ends).flat_map(sides).collect()
    };
    let floor = edge(|_| 0);
    let asleep = edge(|count| count.uninterruptible);
    let active = edge(|count| count.active());
    let between = |upper: &[(i32, i32)], lower: &[(i32, i32)]| -> Vec<(i32, i32)> {
        straighten(upper.iter().copied().chain(lower.iter().rev().copied()).collect())
    };
    if asleep != floor {
        svg.path("f-sleeparea", &between(&asleep, &floor), true);
    }
    if active != asleep {
        svg.path("f-runarea", &between(&active, &asleep), true);
    }
    svg.line("f-axis", (strip.left, strip.y(0)), (strip.right, strip.y(0)));
}

fn scale(strip: &Strip, reach: Nanos, svg: &mut Svg, view: &View<'_>) {
    for count in [0, strip.most] {
        svg.text("f-sm f-muted f-num", Anchor::End, strip.left - 5 * PX, strip.y(count) + 42, &count.to_string());
    }
    let middle = (strip.left + strip.right) / 2;
    let y = strip.top + AREA + 18 * PX;
    let said = ticks::say(reach, view.lang);
    static NOW: Text = Text::fixed("지금", "now");
    svg.text("f-sm f-muted", Anchor::Start, strip.left, y, &format!("−{said}"));
    svg.text("f-sm f-strong", Anchor::Middle, middle, y, NOW.get(view.lang));
    svg.text("f-sm f-muted", Anchor::End, strip.right, y, &format!("+{said}"));
}

/// The instants at which the run queues were counted and the averages moved.
fn looks(
    model: &LoadAverage,
    history: &History,
    counts: &[Count],
    (from, until): (Nanos, Nanos),
    strip: &Strip,
    svg: &mut Svg,
) {
    // The grid of the clock, whether or not a CPU was there to tick.
    let period = model.sample_period().max(1);
    let mut due = model.next_sample() % period;
    due += from.saturating_sub(due).div_ceil(period) * period;
    while due <= until {
        svg.line("f-due", (strip.x(due), strip.top - 4 * PX), (strip.x(due), strip.y(0)));
        due += period;
    }
    let row = strip.top - 10 * PX;
    for moment in history.track.between(from, until) {
        let x = strip.x(moment.t);
        match moment.kind {
            "sample" => {
                let at = counts.partition_point(|count| count.t <= moment.t).saturating_sub(1);
                svg.line("f-look", (x, row), (x, strip.y(0)));
                sample_mark(svg, x, row);
                svg.circle("f-samplefill", x, strip.y(counts[at].active()), 30);
            }
            // Forty milliseconds after the sample: beside it, so that both can be seen.
            "update" | "catch-up" => update_mark(svg, x, strip.y(0)),
            _ => {}
        }
    }
}

/// Where the neighbouring samples are when the strip is too short to hold them.
fn beyond(history: &History, now: Nanos, (from, until): (Nanos, Nanos), strip: &Strip, svg: &mut Svg, view: &View<'_>) {
    let looks = |moment: &Moment| matches!(moment.kind, "sample" | "update" | "catch-up");
    if history.track.between(from, until).any(|moment| looks(&moment)) {
        return;
    }
    let y = strip.top - 6 * PX;
    if let Some(before) = history.track.between(0, from).rfind(|moment| looks(moment)) {
        let (ko, en) = words::said(now - before.t);
        let text = text!(ko: "◂ 지난 갱신은 {ko} 전", en: "◂ last update {en} ago");
        svg.text("f-sm f-muted", Anchor::Start, strip.left, y, text.get(view.lang));
    }
    let after = history.track.next_of(&["sample", "update", "catch-up"], until);
    if let Some(after) = after.filter(|_| !view.narrow()) {
        let (ko, en) = words::said(after - now);
        let text = text!(ko: "다음은 {ko} 뒤 ▸", en: "next in {en} ▸");
        svg.text("f-sm f-muted", Anchor::End, strip.right, y, text.get(view.lang));
    }
}
