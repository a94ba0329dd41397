//! Bars on one scale: all promises with their limit, all memory, and each process.

use sim_core::Lang;
use sim_core::commit::{Commit, State, oom_score};

use super::size;
use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const BAR: i32 = 24 * PX;
/// Most processes that have a row.
const ROWS: usize = 8;
const ROW: i32 = 40 * PX;
const THIN: i32 = 14 * PX;

/// The class that fills with the colour of a process; its number stands in it.
fn fill(who: usize) -> &'static str {
    ["f-n0", "f-n1", "f-n2", "f-n3", "f-n4", "f-n5", "f-n6", "f-n7"][who % 8]
}

/// A piece of a bar: class, ink, pages, label.
type Piece = (&'static str, &'static str, u64, String);

/// Draws the bars; returns their height.
pub fn draw(model: &Commit, most: u64, svg: &mut Svg, view: &View<'_>) -> i32 {
    let engine = model.engine();
    let machine = engine.machine();
    let whole = (machine.totalram + machine.swap).max(model.limit()).max(most).max(1);
    let x = |pages: u64| (i64::from(view.width()) * pages as i64 / whole as i64) as i32;
    let (promised, memory) = match view.lang {
        Lang::Ko => ("약속", "RAM"),
        Lang::En => ("Promised", "RAM"),
    };
    let mut top = heading(svg, view, 14 * PX, promised, &format!("Committed_AS {}", size(engine.committed())));
    pieces(svg, top, &promises(model), &x);
    // The limit has force in mode 2 only.
    let strict = model.scenario().overcommit_memory == 2;
    let at = x(model.limit());
    svg.line(if strict { "f-low" } else { "f-mark-set" }, (at, top - 4 * PX), (at, top + BAR + 5 * PX));
    let limit = size(model.limit());
    let said = match (view.lang, strict) {
        (Lang::Ko, true) => format!("CommitLimit {limit}"),
        (Lang::Ko, false) => format!("CommitLimit {limit}(모드 2에서만 지킴)"),
        (Lang::En, true) => format!("CommitLimit {limit}"),
        (Lang::En, false) => format!("CommitLimit {limit} (kept in mode 2 only)"),
    };
    beside(svg, view, at, top + BAR + 18 * PX, &said);
    top += BAR + 30 * PX;

    let free = match view.lang {
        Lang::Ko => format!("빈 메모리 {}", size(machine.free)),
        Lang::En => format!("{} free", size(machine.free)),
    };
    top = heading(svg, view, top + 14 * PX, memory, &free);
    svg.rect("f-free", 0, top, x(machine.totalram), BAR, 0);
    pieces(svg, top, &used(model), &x);
    if machine.swap > 0 {
        let (from, to) = (x(machine.totalram), x(machine.totalram + machine.swap));
        svg.rect("f-inuse", from, top, to - from, BAR, 0);
        let filled = x(machine.totalram + engine.used().1) - from;
        if filled > 0 {
            svg.rect("f-leaving", from, top, filled, BAR, 0);
        }
        let word = if view.lang == Lang::Ko { "스왑" } else { "swap" };
        if to - from > width(word, SMALL) + 6 * PX {
            svg.text("f-sm f-strong", Anchor::Middle, (from + to) / 2, top + BAR / 2 + 42, word);
        }
    }
    top += BAR + 18 * PX;

    let shown = engine.processes().len().min(ROWS);
    for who in 0..shown {
        row(model, who, top, svg, view, &x);
        top += ROW;
    }
    let rest = engine.processes().len() - shown;
    if rest > 0 {
        let said = match view.lang {
            Lang::Ko => format!("그 밖에 프로세스 {rest}개"),
            Lang::En => format!("and {rest} more processes"),
        };
        svg.text("f-sm f-muted", Anchor::Start, 0, top + 12 * PX, &said);
        top += 20 * PX;
    }
    top + legend(svg, view, top + 12 * PX)
}

fn heading(svg: &mut Svg, view: &View<'_>, y: i32, title: &str, said: &str) -> i32 {
    svg.text("f-t f-strong", Anchor::Start, 0, y, title);
    svg.text("f-sm f-num", Anchor::End, view.width(), y, said);
    y + 8 * PX
}

/// A text at a place, on whichever side of it there is room.
fn beside(svg: &mut Svg, view: &View<'_>, at: i32, y: i32, said: &str) {
    let wide = width(said, SMALL);
    let left = (at - wide / 2).clamp(0, (view.width() - wide).max(0));
    svg.text("f-sm f-num", Anchor::Start, left, y, said);
}

fn pieces(svg: &mut Svg, top: i32, pieces: &[Piece], x: &dyn Fn(u64) -> i32) {
    let mut sum = 0;
    for (class, ink, pages, label) in pieces {
        let from = x(sum);
        sum += pages;
        let w = x(sum) - from;
        if w <= 0 {
            continue;
        }
        svg.rect(class, from, top, w, BAR, 0);
        if w > width(label, SMALL) + 4 * PX {
            svg.text(ink, Anchor::Middle, from + w / 2, top + BAR / 2 + 42, label);
        }
    }
}

/// What was promised to whom; shared memory once.
fn promises(model: &Commit) -> Vec<Piece> {
    let engine = model.engine();
    let own = |who| engine.promised(who) - engine.promised_shared(who);
    let all: u64 = (0..engine.processes().len()).map(own).sum();
    let shared = engine.shared_size();
    let others = engine.committed().saturating_sub(all + shared);
    let mut list = vec![("f-other", "f-sm f-strong", others, "U".to_owned())];
    list.extend((0..engine.processes().len()).map(|who| (fill(who), "f-sm f-onnode", own(who), who.to_string())));
    list.push(("f-remotefill", "f-sm f-strong", shared, "S".to_owned()));
    list
}

/// What RAM is used for: shared pages of a fork go to both in equal parts.
fn used(model: &Commit) -> Vec<Piece> {
    let engine = model.engine();
    let machine = engine.machine();
    let shares: Vec<u64> = (0..engine.processes().len()).map(|who| engine.share_of_anon(who)).collect();
    let anon: u64 = shares.iter().sum();
    let used = machine.totalram - machine.free - machine.cache;
    let others = used.saturating_sub(anon + engine.shmem());
    let mut list = vec![("f-other", "f-sm f-strong", others, "U".to_owned())];
    list.extend(
        shares.into_iter().enumerate().map(|(who, share)| (fill(who), "f-sm f-onnode", share, who.to_string())),
    );
    list.push(("f-remotefill", "f-sm f-strong", engine.shmem(), "S".to_owned()));
    list.push(("f-cache", "f-sm f-strong", machine.cache, "C".to_owned()));
    list
}

/// A process: what it was promised as an outline, what it has as a filled bar.
fn row(model: &Commit, who: usize, top: i32, svg: &mut Svg, view: &View<'_>, x: &dyn Fn(u64) -> i32) {
    let engine = model.engine();
    let process = &engine.processes()[who];
    let label = match process.state {
        State::Waiting => format!("{who}"),
        _ => format!("{who}  {} {}", process.pid, process.program.comm()),
    };
    svg.text("f-sm f-num", Anchor::Start, 0, top + 12 * PX, &label);
    let said = match (process.state, view.lang) {
        (State::Waiting, Lang::Ko) => "아직 없음".to_owned(),
        (State::Waiting, Lang::En) => "not yet there".to_owned(),
        (State::Exited, Lang::Ko) => "끝남".to_owned(),
        (State::Exited, Lang::En) => "exited".to_owned(),
        (State::Killed, Lang::Ko) => "✕ OOM으로 죽음".to_owned(),
        (State::Killed, Lang::En) => "✕ killed (OOM)".to_owned(),
        (State::Alive, _) => {
            let score = oom_score(engine.rules(), &engine.candidate(who), engine.totalpages());
            if view.narrow() {
                format!("RES {}, {score}", size(engine.rss(who)))
            } else {
                format!("RES {}, oom_score {score}", size(engine.rss(who)))
            }
        }
    };
    let class = if process.state == State::Killed { "f-sm f-strong" } else { "f-sm f-muted f-num" };
    svg.text(class, Anchor::End, view.width(), top + 12 * PX, &said);
    let y = top + 17 * PX;
    let promised = x(engine.promised(who));
    if promised > 0 {
        svg.rect("f-inuse", 0, y, promised, THIN, 0);
    }
    let rss = x(engine.rss(who));
    if rss > 0 {
        svg.rect(fill(who), 0, y, rss, THIN, 0);
    }
    let swapped = x(engine.rss(who) + engine.swapped(who)) - rss;
    if swapped > 0 {
        svg.rect("f-leaving", rss, y, swapped, THIN, 0);
    }
}

/// What the pieces stand for.
fn legend(svg: &mut Svg, view: &View<'_>, top: i32) -> i32 {
    let words: [(&str, &str, &str); 6] = match view.lang {
        Lang::Ko => [
            ("f-n0", "0", "프로세스(번호)"),
            ("f-other", "U", "나머지"),
            ("f-remotefill", "S", "공유 메모리"),
            ("f-cache", "C", "페이지 캐시"),
            ("f-inuse", "", "약속(테두리)"),
            ("f-leaving", "", "스왑에 있는 것"),
        ],
        Lang::En => [
            ("f-n0", "0", "a process, by number"),
            ("f-other", "U", "the rest"),
            ("f-remotefill", "S", "shared memory"),
            ("f-cache", "C", "page cache"),
            ("f-inuse", "", "promised (outline)"),
            ("f-leaving", "", "in swap"),
        ],
    };
    let (mut x, mut y) = (0, top + 6 * PX);
    for (class, letter, word) in words {
        let w = 20 * PX + width(word, SMALL) + 14 * PX;
        if x > 0 && x + w - 14 * PX > view.width() {
            (x, y) = (0, y + 19 * PX);
        }
        let ink = if class == "f-n0" { "f-sm f-onnode" } else { "f-sm f-strong" };
        svg.rect(class, x, y - 11 * PX, 14 * PX, 14 * PX, 2 * PX);
        if !letter.is_empty() {
            svg.text(ink, Anchor::Middle, x + 7 * PX, y + 2, letter);
        }
        svg.text("f-sm f-muted", Anchor::Start, x + 20 * PX, y, word);
        x += w;
    }
    y - top + 12 * PX
}
