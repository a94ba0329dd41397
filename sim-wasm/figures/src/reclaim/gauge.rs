//! Free memory against its watermarks, who reclaims, and what is looked at.

use sim_core::reclaim::{Reclaim, calc::Decision};
use sim_core::{Text, mul_div, text};

use super::size;
use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const BAR: i32 = 18 * PX;

/// Draws free memory, the watermarks and kswapd; returns the height.
pub fn watermarks(model: &Reclaim, stalls: u64, svg: &mut Svg, w: i32, view: &View<'_>) -> i32 {
    static TITLE: Text = Text::fixed("빈 메모리와 워터마크", "Free memory and watermarks");
    let (free, marks) = (model.free(), model.marks());
    svg.text("f-t f-strong", Anchor::Start, 0, 14 * PX, TITLE.get(view.lang));
    svg.text("f-sm f-num", Anchor::End, w, 14 * PX, &size(free));
    let (top, full) = (38 * PX, (marks.high * 3 / 2).max(1));
    let x = |pages: u64| (u128::from(pages.min(full)) * u128::from(w.unsigned_abs()) / u128::from(full)) as i32;
    svg.rect("f-lane", 0, top, w, BAR, 2 * PX);
    let class = if free < marks.min { "f-held" } else { "f-freebar" };
    svg.rect(class, 0, top, x(free).max(5), BAR, 2 * PX);
    let mut before = -100 * PX;
    for (name, pages) in [("min", marks.min), ("low", marks.low), ("high", marks.high)] {
        svg.line("f-wmark", (x(pages), top - 5 * PX), (x(pages), top + BAR + 3 * PX));
        // Where the marks are close, the name of the lower one moves to its left.
        let at = x(pages);
        if at - before > 26 * PX {
            svg.text("f-sm", Anchor::Middle, at, top - 8 * PX, name);
            before = at;
        }
    }
    let kswapd = model.kswapd();
    let y = top + BAR + 20 * PX;
    let (r, middle) = (8 * PX, y - 4 * PX);
    let priority = kswapd.priority;
    let said = if kswapd.awake {
        svg.circle("f-go", r, middle, r);
        svg.path("f-onglyph", &[(r - 25, middle - 40), (r + 45, middle), (r - 25, middle + 40)], true);
        text!(ko: "kswapd 회수 중(우선순위 {priority})", en: "kswapd at work (priority {priority})")
    } else {
        svg.circle("f-idle", r, middle, r - PX);
        Text::fixed("kswapd 잠", "kswapd asleep")
    };
    let said = said.get(view.lang);
    svg.text("f-sm f-num", Anchor::Start, 22 * PX, y, said);
    let direct = text!(ko: "직접 회수 {stalls}번", en: "direct: {stalls}");
    let direct = direct.get(view.lang);
    let class = if stalls > 0 { "f-sm f-strong f-num" } else { "f-sm f-muted f-num" };
    if 22 * PX + width(said, SMALL) + 12 * PX + width(direct, SMALL) <= w {
        svg.text(class, Anchor::End, w, y, direct);
        return y + 8 * PX;
    }
    svg.text(class, Anchor::Start, 22 * PX, y + 17 * PX, direct);
    y + 25 * PX
}

/// Draws in what proportion the two types are looked at; returns the height.
pub fn balance(model: &Reclaim, svg: &mut Svg, w: i32, view: &View<'_>) -> i32 {
    static TITLE: Text = Text::fixed("훑는 저울", "What is looked at");
    let swappiness = model.scenario().swappiness;
    let plan = model.plan();
    svg.text("f-t f-strong", Anchor::Start, 0, 14 * PX, TITLE.get(view.lang));
    svg.text("f-sm f-muted f-num", Anchor::End, w, 14 * PX, &format!("swappiness {swappiness}"));
    let top = 38 * PX;
    let share = plan.map_or(0, |plan| match plan.decision {
        Decision::NoSwap | Decision::CacheTrim => 0,
        Decision::FileIsTiny => 1000,
        Decision::Equal => 500,
        Decision::Fraction => mul_div(plan.weights.anon, 1000, plan.weights.of.max(1)),
    });
    svg.rect("f-lane", 0, top, w, BAR, 2 * PX);
    if plan.is_some() {
        let anon = (i64::from(w) * share as i64 / 1000) as i32;
        for (class, from, until) in [("f-bu", 0, anon), ("f-bm", anon, w)] {
            if until > from {
                svg.rect(class, from, top, until - from, BAR, 0);
            }
        }
        let percent = (share + 5) / 10;
        let rest = 100 - percent;
        let [anon_said, file_said] = [
            text!(ko: "익명 {percent} %", en: "anonymous {percent} %"),
            text!(ko: "파일 {rest} %", en: "file {rest} %"),
        ];
        svg.text("f-sm f-num", Anchor::Start, 0, top - 6 * PX, anon_said.get(view.lang));
        svg.text("f-sm f-num", Anchor::End, w, top - 6 * PX, file_said.get(view.lang));
    }
    let said = match plan.map(|plan| plan.decision) {
        None => Text::fixed("아직 회수한 적 없음", "nothing was reclaimed yet"),
        Some(Decision::NoSwap) => Text::fixed("쓸 스왑이 없어 파일만", "no swap: files only"),
        Some(Decision::CacheTrim) => Text::fixed("비활성 파일이 넉넉해 파일만", "plenty of inactive files: only those"),
        Some(Decision::FileIsTiny) => Text::fixed("파일이 거의 없어 익명만", "hardly any files: anonymous only"),
        Some(Decision::Equal) => Text::fixed("마지막 시도라 모두", "last attempt: everything"),
        Some(Decision::Fraction) => Text::fixed("무게대로 둘 다", "both, by weight"),
    };
    svg.text("f-sm", Anchor::Start, 0, top + BAR + 20 * PX, said.get(view.lang));
    top + BAR + 28 * PX
}
