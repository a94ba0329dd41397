//! Throughput over time, and against the number of visitors.

use sim_core::service::{Service, Stage};
use sim_core::{Lang, Model, mul_div};

use super::words::rate;
use super::{History, metric};
use crate::View;
use crate::measure::PX;
use crate::svg::{Anchor, Svg};

const HEIGHT: i32 = 84 * PX;
/// Room above for the title and below for the scale.
const HEAD: i32 = 18 * PX;
const FOOT: i32 = 16 * PX;

/// Where a panel is.
struct Panel {
    x: i32,
    y: i32,
    w: i32,
}

/// Draws both; returns the height.
pub fn draw(model: &Service, history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
    let gap = 24 * PX;
    let whole = HEAD + HEIGHT + FOOT;
    if view.narrow() {
        over_time(model, history, svg, view.lang, &Panel { x: 0, y: 0, w: view.width() });
        by_clients(model, svg, view.lang, &Panel { x: 0, y: whole + 10 * PX, w: view.width() });
        return 2 * whole + 10 * PX;
    }
    let w = (view.width() - gap) / 2;
    over_time(model, history, svg, view.lang, &Panel { x: 0, y: 0, w });
    by_clients(model, svg, view.lang, &Panel { x: w + gap, y: 0, w });
    whole
}

/// The highest throughput either panel has to show: a little above the bound.
fn top(model: &Service, highest: u64) -> u64 {
    let bound = model.bounds().per_1000_s(u64::MAX / (1 << 24));
    bound.max(highest).max(1000) / 10 * 11
}

impl Panel {
    fn frame(&self, svg: &mut Svg, title: &str) {
        svg.text("f-sm f-muted", Anchor::Start, self.x, self.y + 11 * PX, title);
        svg.rect("f-lane", self.x, self.y + HEAD, self.w, HEIGHT, 3 * PX);
    }

    fn at(&self, part: u64, of: u64, value: u64, top: u64) -> (i32, i32) {
        let x = mul_div(part.min(of), self.w as u64, of.max(1)) as i32;
        let y = mul_div(value.min(top), HEIGHT as u64, top) as i32;
        (self.x + x, self.y + HEAD + HEIGHT - y)
    }

    fn foot(&self, svg: &mut Svg, left: &str, right: &str) {
        let y = self.y + HEAD + HEIGHT + 13 * PX;
        svg.text("f-sm f-muted f-num", Anchor::Start, self.x, y, left);
        svg.text("f-sm f-muted f-num", Anchor::End, self.x + self.w, y, right);
    }
}

fn over_time(model: &Service, history: &History, svg: &mut Svg, lang: Lang, panel: &Panel) {
    let now = rate(model.window().per_1000_s);
    let title = match lang {
        Lang::Ko => format!("처리량: 지금 초당 {now}번"),
        Lang::En => format!("Throughput: {now} a second now"),
    };
    panel.frame(svg, &title);
    let points = &history.track.metrics[metric::THROUGHPUT];
    let highest = points.iter().map(|point| point.1.max(0) as u64).max().unwrap_or(0);
    let (ends, top) = (model.ends(), top(model, highest));
    let bound = model.bounds().per_1000_s(model.visitors().len() as u64);
    svg.line("f-grid", panel.at(0, 1, bound, top), panel.at(1, 1, bound, top));
    let mut path: Vec<(i32, i32)> = Vec::new();
    for (t, value) in points.iter() {
        let place = panel.at(*t, ends, (*value).max(0) as u64, top);
        if let Some(last) = path.last().copied() {
            path.push((place.0, last.1));
        }
        path.push(place);
    }
    if let Some(last) = path.last().copied() {
        path.push((panel.x + panel.w, last.1));
    }
    svg.path("f-s1", &path, false);
    let cursor = panel.at(model.now(), ends, 0, top).0;
    svg.line("f-axis", (cursor, panel.y + HEAD), (cursor, panel.y + HEAD + HEIGHT));
    let end = crate::ticks::say(ends, lang);
    let bound = rate(bound);
    let left = match lang {
        Lang::Ko => format!("0초 (선: 상한 {bound}/s)"),
        Lang::En => format!("0 s (line: bound {bound}/s)"),
    };
    panel.foot(svg, &left, &end);
}

fn by_clients(model: &Service, svg: &mut Svg, lang: Lang, panel: &Panel) {
    let bounds = model.bounds();
    let knee = bounds.knee_1000();
    let (tenths, all) = (knee / 100, model.visitors().len() as u64);
    let title = match lang {
        Lang::Ko => format!("클라이언트 수에 따른 상한, 무릎 {}.{}", tenths / 10, tenths % 10),
        Lang::En => format!("Bounds by clients, knee at {}.{}", tenths / 10, tenths % 10),
    };
    panel.frame(svg, &title);
    let most = (all * 1000).max(knee * 2);
    let top = top(model, model.window().per_1000_s);
    let flat = bounds.per_1000_s(u64::MAX / (1 << 24));
    let bend = panel.at(knee, most, flat, top);
    svg.path("f-s2", &[panel.at(0, most, 0, top), bend, panel.at(most, most, flat, top)], false);
    svg.line("f-grid", bend, (bend.0, panel.y + HEAD + HEIGHT));
    // Who has come once by now: with a ramp they become more.
    let come = model.visitors().iter().filter(|v| v.since > 0 || v.stage != Stage::Away).count() as u64;
    let (x, y) = panel.at(come * 1000, most, model.window().per_1000_s, top);
    svg.circle("f-f1", x.clamp(panel.x + 4 * PX, panel.x + panel.w - 4 * PX), y, 4 * PX);
    let right = match lang {
        Lang::Ko => format!("클라이언트 {}", most / 1000),
        Lang::En => format!("{} clients", most / 1000),
    };
    let left = match lang {
        Lang::Ko => format!("점: 지금({come})"),
        Lang::En => format!("dot: now ({come})"),
    };
    panel.foot(svg, &left, &right);
}
