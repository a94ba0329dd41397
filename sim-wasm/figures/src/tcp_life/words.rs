//! The same in words: what a screen reader says in place of the drawings.

use sim_core::tcp_life::{State, TcpLife};
use sim_core::{Lang, Model, Nanos, Text, text};

use super::{History, count, metric};
use crate::ticks::say;

/// Whole milliseconds, and tenths of a second from one second on.
fn round(t: Nanos) -> Nanos {
    let step = if t < sim_core::SECOND { sim_core::MILLISECOND } else { 100 * sim_core::MILLISECOND };
    t / step * step
}

/// The hosts with their sockets, the ports, and the connection that was followed.
pub fn state(model: &TcpLife) -> Text {
    let now = round(model.now());
    let (ko_now, en_now) = (say(now, Lang::Ko), say(now, Lang::En));
    let mut words = text!(ko: "{ko_now}:", en: "{en_now}:");
    let mut add = |more: Text| {
        words.ko.to_mut().push_str(&more.ko);
        words.en.to_mut().push_str(&more.en);
    };
    for host in model.hosts() {
        let name = host.host.name();
        let found = State::ALL.into_iter().zip(host.sockets).filter(|(_, n)| *n > 0);
        let sockets = found.map(|(state, n)| format!("{} {}", state.name(), count(n))).collect::<Vec<_>>().join(", ");
        match sockets.is_empty() {
            true => add(text!(ko: " {name}: 소켓 없음.", en: " {name}: no sockets.")),
            false => add(text!(ko: " {name}: {sockets}.", en: " {name}: {sockets}.")),
        }
    }
    if !model.listening() {
        add(Text::fixed(" 서버는 듣지 않습니다.", " The server does not listen."));
    }
    if let Some(strip) = model.strip(1) {
        let [open, held, all] = strip.all;
        let (open, held, left) = (count(open), count(held), count(all.saturating_sub(open + held)));
        let (first, last) = strip.range;
        let (from, to) = (strip.from.name(), strip.to);
        add(text!(
            ko: " {from}에서 {to}로 가는 로컬 포트 {first}–{last}: 열림 {open}, TIME_WAIT 등 {held}, 남음 {left}.",
            en: " Local ports {first} to {last} of {from} towards {to}: {open} open, {held} held by TIME_WAIT and the like, {left} left.",
        ));
    }
    let (rungs, [client, server]) = model.ladder();
    if !rungs.is_empty() {
        let said = |ko: bool| {
            let one = rungs.iter().map(|rung| match (rung.name(), rung.from_client, ko) {
                ("", true, true) => "→ 요청".to_owned(),
                ("", true, false) => "→ request".to_owned(),
                ("", false, true) => "← 응답".to_owned(),
                ("", false, false) => "← answer".to_owned(),
                (name, true, _) => format!("→ {name}"),
                (name, false, _) => format!("← {name}"),
            });
            one.collect::<Vec<_>>().join(", ")
        };
        let (ko, en) = (said(true), said(false));
        let (client, server) = (client.name(), server.name());
        add(text!(
            ko: " 연결 하나: {ko}. 그 뒤 연결한 쪽 {client}, 받은 쪽 {server}.",
            en: " One connection: {en}. Then {client} on the side that connected, {server} on the other.",
        ));
    }
    words
}

/// The curves: where they are, and the most there was.
pub fn curves(history: &History, cursor: Nanos) -> Text {
    let track = &history.track;
    let (ko_end, en_end) = (say(track.ends, Lang::Ko), say(track.ends, Lang::En));
    let (ko_now, en_now) = (say(round(cursor), Lang::Ko), say(round(cursor), Lang::En));
    let at = |which: usize| track.value(which, cursor);
    let most = |which: usize| track.largest(which);
    let (tw, most_tw) = (at(metric::TIME_WAIT), most(metric::TIME_WAIT));
    let (open, most_open) = (at(metric::ESTABLISHED), most(metric::ESTABLISHED));
    let (failed, most_failed) = (at(metric::FAILED), most(metric::FAILED));
    text!(
        ko: "0초부터 {ko_end}까지의 소켓, 커서는 {ko_now}. TIME_WAIT {tw}(최고 {most_tw}), ESTABLISHED {open}(최고 {most_open}), 실패한 요청 {failed}(끝 {most_failed}).",
        en: "Sockets from 0 to {en_end}; the cursor is at {en_now}. TIME_WAIT {tw} (at most {most_tw}), ESTABLISHED {open} (at most {most_open}), requests failed {failed} ({most_failed} at the end).",
    )
}
