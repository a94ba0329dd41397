//! The hosts: how many sockets each has in which state.

use sim_core::Lang;
use sim_core::tcp_life::{Host, HostView, State, TcpLife};

use super::count;
use crate::View;
use crate::measure::{PX, width};
use crate::style::SMALL;
use crate::svg::{Anchor, Svg};

const GAP: i32 = 14 * PX;
const PAD: i32 = 9 * PX;
const ROW: i32 = 18 * PX;
const HEAD: i32 = 27 * PX;
/// The states that have a row; the others share the last.
const ROWS: [State; 4] = [State::Established, State::TimeWait, State::FinWait2, State::CloseWait];
const HEIGHT: i32 = HEAD + ROW * (ROWS.len() as i32 + 1) + 4 * PX;

/// Draws the hosts; returns their height.
pub fn draw(model: &TcpLife, svg: &mut Svg, view: &View<'_>) -> i32 {
    let hosts = model.hosts();
    let columns = hosts.len().clamp(1, if view.narrow() { 2 } else { 4 });
    let room = (view.width() - GAP * (columns as i32 - 1)) / columns as i32;
    let most = hosts.iter().flat_map(|host| host.sockets).max().unwrap_or(0).max(10);
    for (i, host) in hosts.iter().enumerate() {
        let (column, row) = ((i % columns) as i32, (i / columns) as i32);
        svg.group_at("f-host", column * (room + GAP), row * (HEIGHT + GAP));
        card(model, host, room, most, svg, view);
        svg.close();
    }
    let rows = hosts.len().div_ceil(columns) as i32;
    rows * (HEIGHT + GAP) - GAP
}

fn card(model: &TcpLife, host: &HostView, room: i32, most: u32, svg: &mut Svg, view: &View<'_>) {
    let class = if host.watched { "f-lane f-busy" } else { "f-lane" };
    svg.rect(class, 0, 0, room, HEIGHT, 4 * PX);
    let name = if model.scenario().loopback != 0 { "127.0.0.1" } else { host.host.name() };
    svg.text("f-t f-strong", Anchor::Start, PAD, 18 * PX, name);
    let deaf = host.host == Host::Server && !model.listening();
    let said = match (view.lang, deaf, host.watched) {
        (Lang::Ko, true, _) => "듣지 않음",
        (Lang::En, true, _) => "not listening",
        (Lang::Ko, _, true) => "들여다봄",
        (Lang::En, _, true) => "looked at",
        _ => "",
    };
    if PAD + width(name, 14) + width(said, SMALL) + 14 * PX <= room {
        let class = if deaf { "f-sm f-strong" } else { "f-sm f-muted" };
        svg.text(class, Anchor::End, room - PAD, 18 * PX, said);
    }
    let others = State::ALL.into_iter().zip(host.sockets).filter(|(state, _)| !ROWS.contains(state));
    let others = (if view.lang == Lang::Ko { "그 밖" } else { "others" }, others.map(|(_, n)| n).sum());
    let rows = ROWS.iter().map(|state| (state.name(), host.sockets[*state as usize])).chain([others]);
    // Names, then bars, then numbers.
    let (left, right) = (PAD + 82 * PX, room - PAD - 44 * PX);
    for (i, (name, n)) in rows.enumerate() {
        let y = HEAD + ROW * i as i32;
        let class = if n > 0 { "f-sm" } else { "f-sm f-muted" };
        svg.text(class, Anchor::Start, PAD, y + 13 * PX, name);
        let wide = (i64::from((right - left).max(0)) * i64::from(n) / i64::from(most)) as i32;
        if n > 0 && right > left {
            svg.rect("f-other", left, y + 4 * PX, wide.max(PX), 9 * PX, 0);
        }
        let class = if n > 0 { "f-sm f-strong f-num" } else { "f-sm f-muted f-num" };
        svg.text(class, Anchor::End, room - PAD, y + 13 * PX, &count(n));
    }
}
