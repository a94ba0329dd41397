//! The packets of a run up to now, and the clocks that run in between.

use sim_core::tcp_keepalive::{By, End, Ended, Kind, Shot, TcpKeepalive};
use sim_core::{Lang, Model, Nanos};

use super::words::seconds;
use crate::View;
use crate::ladder::{Box, LANE, Ladder, boxes};
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const OVER: i32 = 22 * PX;
const GAP: i32 = 44 * PX;

/// Draws the packets; returns the height.
pub fn draw(model: &TcpKeepalive, svg: &mut Svg, view: &View<'_>) -> i32 {
    let ladder = Ladder::over(model.ends(), view);
    let (ko, boxed) = (view.lang == Lang::Ko, model.scenario().box_idle_s > 0);
    let us = OVER;
    let middle = us + LANE + GAP;
    let peer = if boxed { middle + LANE + GAP } else { middle };
    ladder.lane(svg, us, if ko { "이쪽" } else { "this end" });
    if boxed {
        let idle = model.scenario().box_idle_s;
        let name =
            if ko { format!("중간 장비({idle}초에 잊음)") } else { format!("box (forgets after {idle} s)") };
        ladder.lane_named_right(svg, middle, &name);
        if let Some(at) = model.forgotten_at() {
            let x = ladder.x(at);
            let word = if ko { "잊음" } else { "forgot" };
            let end = x + 4 * PX + width(word, SMALL) > view.width();
            let (anchor, at) = if end { (Anchor::End, x - 4 * PX) } else { (Anchor::Start, x + 4 * PX) };
            svg.line("f-look", (x, middle), (x, middle + LANE));
            svg.text("f-sm f-strong", anchor, at, middle - 4 * PX, word);
        }
    }
    let there = model.peer_knows();
    let name = match (ko, there) {
        (true, true) => "상대",
        (true, false) => "상대(사라짐)",
        (false, true) => "peer",
        (false, false) => "peer (gone)",
    };
    ladder.lane(svg, peer, name);
    let (from, to) = (us + LANE, peer);
    for shot in model.shots() {
        draw_shot(shot, &ladder, svg, (from, middle, to), boxed, model.scenario().rtt_us as Nanos * 1000);
    }
    let named = model.shots().filter(|shot| shot.by == By::Us).filter_map(|shot| Some((shot.t, label(shot.kind, ko)?)));
    ladder.names(svg, us - 6 * PX, named);
    ladder.cursor(svg, model.now(), us - 4 * PX, peer + LANE);
    peer + LANE + 4 * PX + ladder.axis(svg, peer + LANE + 4 * PX, view)
}

fn draw_shot(
    shot: &Shot,
    ladder: &Ladder,
    svg: &mut Svg,
    (us, middle, peer): (i32, i32, i32),
    boxed: bool,
    rtt: Nanos,
) {
    let class = match shot.kind {
        Kind::Probe => "f-s2",
        Kind::Data => "f-s1",
        Kind::Again => "f-s4",
        Kind::Ack => "f-arrow",
        Kind::Reset => "f-s5",
    };
    let arrives = shot.t + rtt / 2;
    match (shot.by, shot.end) {
        (By::Us, End::Arrived) => ladder.arrow(svg, class, (shot.t, us), (arrives, peer)),
        (By::Us, End::AtTheBox) => ladder.lost(svg, class, (shot.t, us), middle - 6 * PX),
        (By::Us, End::Nowhere) => ladder.lost(svg, class, (shot.t, us), peer - 8 * PX),
        // What came from the peer is remembered when it is here.
        (By::Peer, End::Arrived) if shot.kind == Kind::Ack => {
            ladder.arrow(svg, class, (shot.t.saturating_sub(rtt / 2), peer), (shot.t, us));
        }
        (By::Peer, End::Arrived) => ladder.arrow(svg, class, (shot.t, peer), (arrives, us)),
        (By::Peer, _) if boxed => ladder.lost(svg, class, (shot.t, peer), middle + LANE + 6 * PX),
        (By::Peer, _) => {}
    }
}

fn label(kind: Kind, ko: bool) -> Option<&'static str> {
    match kind {
        Kind::Probe => Some(if ko { "탐색" } else { "probe" }),
        Kind::Data => Some(if ko { "자료" } else { "data" }),
        Kind::Again => Some(if ko { "재전송" } else { "again" }),
        Kind::Reset => Some("RST"),
        Kind::Ack => None,
    }
}

/// The clocks as figures.
pub fn figures(model: &TcpKeepalive, svg: &mut Svg, view: &View<'_>) -> i32 {
    let ko = view.lang == Lang::Ko;
    let s = model.scenario();
    let left =
        |at: Option<Nanos>| at.map_or_else(|| "–".to_owned(), |at| seconds(at.saturating_sub(model.now()), view.lang));
    let how = match model.ended() {
        Some((_, Ended::TimedOut)) => "ETIMEDOUT",
        Some((_, Ended::Reset)) => "ECONNRESET",
        None => "ESTABLISHED",
    };
    let socket = match (model.ended(), ko) {
        (Some((t, _)), true) => format!("소켓({})", seconds(t, view.lang)),
        (Some((t, _)), false) => format!("socket ({})", seconds(t, view.lang)),
        (None, true) => "소켓".to_owned(),
        (None, false) => "socket".to_owned(),
    };
    let quiet = model.now() - model.heard();
    let mut all = vec![
        Box {
            name: if ko { "조용한 지" } else { "quiet for" },
            value: if model.ended().is_some() { "–".to_owned() } else { seconds(quiet, view.lang) },
            accent: false,
            sign: "",
        },
        Box {
            name: if ko { "타이머까지" } else { "timer in" }, value: left(model.timer()), accent: false, sign: ""
        },
        Box {
            name: if ko { "답 없는 탐색" } else { "probes out" },
            value: format!("{} / {}", model.probes_out(), s.tcp_keepalive_probes),
            accent: false,
            sign: "",
        },
    ];
    if s.box_idle_s > 0 {
        all.push(Box {
            name: if ko { "장비가 잊기까지" } else { "box forgets in" },
            value: left(model.box_forgets()),
            accent: false,
            sign: "",
        });
    }
    all.push(Box { name: &socket, value: how.to_owned(), accent: true, sign: "" });
    boxes(svg, &all, view)
}
