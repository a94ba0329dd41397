//! The packets of a run up to now, and the sum that gives the RTO.

use sim_core::tcp_rto::{Pending, TcpRto, Timer, Why};
use sim_core::{Lang, Model, Nanos};

use super::words::ms;
use crate::View;
use crate::ladder::{Box, LANE, Ladder, boxes};
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

/// Room over the sender: the timer, and what its packets are.
const OVER: i32 = 46 * PX;
/// From lane to lane.
const GAP: i32 = 74 * PX;

/// Draws the packets; returns the height.
pub fn draw(model: &TcpRto, svg: &mut Svg, view: &View<'_>) -> i32 {
    let ladder = Ladder::over(model.ends(), view);
    let ko = view.lang == Lang::Ko;
    let (sender, receiver) = (OVER, OVER + LANE + GAP);
    ladder.lane(svg, sender, if ko { "보내는 쪽" } else { "sender" });
    ladder.lane(svg, receiver, if ko { "받는 쪽" } else { "receiver" });
    let (from, to) = (sender + LANE, receiver);
    for shot in model.shots() {
        match shot.arrives {
            Some(arrives) => {
                let reached = arrives.min(model.now());
                // Under way it has got as far as the time that has passed.
                let all = (arrives - shot.t).max(1);
                let y = from + ((to - from) as i128 * i128::from(reached - shot.t) / i128::from(all)) as i32;
                if arrives <= model.now() {
                    ladder.arrow(svg, pen(shot.why), (shot.t, from), (arrives, to));
                } else {
                    svg.line(pen(shot.why), (ladder.x(shot.t), from), (ladder.x(reached), y));
                }
                if let Some(back) = shot.answered.filter(|back| *back <= model.now()) {
                    ladder.arrow(svg, "f-arrow", (arrives, to), (back, from));
                }
            }
            None => ladder.lost(svg, pen(shot.why), (shot.t, from), from + (to - from) / 2),
        }
    }
    let again = model.shots().filter(|shot| shot.why != Why::First);
    ladder.names(svg, sender - 5 * PX, again.map(|shot| (shot.t, name(shot.why))));
    if let Some(timer) = model.timer() {
        draw_timer(timer, &ladder, model.now(), svg, view);
    }
    ladder.cursor(svg, model.now(), 0, receiver + LANE);
    let axis = ladder.axis(svg, receiver + LANE + 4 * PX, view);
    let legend = legend(svg, receiver + LANE + 4 * PX + axis, view);
    receiver + LANE + 4 * PX + axis + legend
}

fn pen(why: Why) -> &'static str {
    match why {
        Why::First => "f-s1",
        Why::Probe => "f-s3",
        Why::Timeout => "f-s2",
        Why::Fast | Why::SlowStart => "f-s4",
    }
}

fn name(why: Why) -> &'static str {
    match why {
        Why::First => "",
        Why::Probe => "TLP",
        Why::Timeout => "RTO",
        Why::Fast => "SACK",
        Why::SlowStart => "+",
    }
}

/// The timer as a bar from when it was set to when it goes off; its name keeps clear of the cursor at `now`.
fn draw_timer(timer: Timer, ladder: &Ladder, now: Nanos, svg: &mut Svg, view: &View<'_>) {
    let (from, to) = (ladder.x(timer.set), ladder.x(timer.at));
    svg.rect("f-core", from, 2 * PX, (to - from).max(2 * PX), 8 * PX, 2 * PX);
    let what = match timer.pending {
        Pending::Retrans => "RTO",
        Pending::LossProbe => "TLP",
        Pending::Reorder => "RACK",
        Pending::SynAck => "SYN+ACK",
    };
    let label = match view.lang {
        Lang::Ko => format!("{what} 타이머 {}", ms((timer.at - timer.set) / 1000, view.lang)),
        Lang::En => format!("{what} timer {}", ms((timer.at - timer.set) / 1000, view.lang)),
    };
    let room = width(&label, SMALL);
    let (cursor, gap) = (ladder.x(now), 4 * PX);
    let x = from.min(view.width() - room).max(0);
    let x = match cursor {
        _ if !(x - gap..x + room + gap).contains(&cursor) => x,
        _ if cursor + gap + room <= view.width() => cursor + gap,
        _ => (cursor - gap - room).max(0),
    };
    svg.text("f-sm f-num", Anchor::Start, x, 23 * PX, &label);
}

/// What the lines mean; returns the height it took.
fn legend(svg: &mut Svg, top: i32, view: &View<'_>) -> i32 {
    let ko = view.lang == Lang::Ko;
    let items = [
        ("f-s1", if ko { "처음 보냄" } else { "sent" }),
        ("f-s3", if ko { "TLP로 찔러 봄" } else { "loss probe" }),
        ("f-s2", if ko { "RTO 재전송" } else { "after the RTO" }),
        ("f-s4", if ko { "SACK를 보고" } else { "after a SACK" }),
        ("f-arrow", "ACK"),
        ("", if ko { "× 없어짐" } else { "× lost" }),
    ];
    let (mut x, mut y) = (6 * PX, top);
    for (class, text) in items {
        let item = if class.is_empty() { 0 } else { 26 * PX } + width(text, SMALL);
        if x + item > view.width() {
            (x, y) = (6 * PX, y + 18 * PX);
        }
        let mut at = x;
        if !class.is_empty() {
            svg.line(class, (x, y + 8 * PX), (x + 20 * PX, y + 8 * PX));
            at += 25 * PX;
        }
        svg.text("f-sm f-muted", Anchor::Start, at, y + 12 * PX, text);
        x += item + 14 * PX;
    }
    y + 18 * PX - top
}

/// What the RTO is made of.
pub fn formula(model: &TcpRto, svg: &mut Svg, view: &View<'_>) -> i32 {
    let sock = model.sock();
    let ko = view.lang == Lang::Ko;
    let measured = sock.estimator.srtt > 0;
    let figure = |us: u64| if measured { ms(us, view.lang) } else { "–".to_owned() };
    // Before the first sample the timeout is a whole second, and who answers a SYN keeps no count of its own.
    let backoff = if measured { 1_u64 << sock.backoff.min(20) } else { (sock.rto_us() / 1_000_000).max(1) };
    boxes(
        svg,
        &[
            Box { name: "(srtt", value: figure(sock.srtt_us()), accent: false, sign: "+" },
            Box { name: "rttvar)", value: figure(sock.usecs(sock.estimator.rttvar)), accent: false, sign: "×" },
            Box {
                name: if ko { "백오프" } else { "back-off" }, value: backoff.to_string(), accent: false, sign: "→"
            },
            Box {
                name: if ko { "RTO(틱으로 올림)" } else { "RTO (up to the tick)" },
                value: ms(sock.rto_us(), view.lang),
                accent: true,
                sign: "",
            },
        ],
        view,
    )
}
