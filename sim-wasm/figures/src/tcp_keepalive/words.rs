//! The same in words: what a screen reader says in place of the drawings.

use sim_core::tcp_keepalive::{Ended, TcpKeepalive};
use sim_core::{Lang, MILLISECOND, Model, Nanos, Text, text};

use super::{History, metric};
use crate::ticks::say;

/// A stretch of time in seconds, to a tenth below a hundred.
pub fn seconds(t: Nanos, lang: Lang) -> String {
    let tenths = (t + 50 * MILLISECOND) / (100 * MILLISECOND);
    let figure = match (tenths / 10, tenths % 10) {
        (whole @ 100.., _) | (whole, 0) => whole.to_string(),
        (whole, rest) => format!("{whole}.{rest}"),
    };
    match lang {
        Lang::Ko => format!("{figure}초"),
        Lang::En => format!("{figure} s"),
    }
}

fn said(t: Nanos) -> (String, String) {
    (say(t, Lang::Ko), say(t, Lang::En))
}

/// The state of the connection at this end, in the box and at the peer.
pub fn state(model: &TcpKeepalive) -> Text {
    let (ko_now, en_now) = said(model.now());
    let (ko_quiet, en_quiet) = said(model.now() - model.heard());
    let (out, probes) = (model.probes_out(), model.scenario().tcp_keepalive_probes);
    let (ko_is, en_is) = match model.ended() {
        None => ("ESTABLISHED", "ESTABLISHED"),
        Some((_, Ended::TimedOut)) => ("ETIMEDOUT으로 끝남", "ended with ETIMEDOUT"),
        Some((_, Ended::Reset)) => ("ECONNRESET으로 끝남", "ended with ECONNRESET"),
    };
    let (ko_peer, en_peer) =
        if model.peer_knows() { ("알고 있습니다", "knows of it") } else { ("모릅니다", "does not") };
    let mut words = text!(
        ko: "{ko_now}: 이쪽 소켓은 {ko_is}, 조용한 지 {ko_quiet}, 답 없는 탐색 {out}개(한도 {probes}개). 상대는 이 연결을 {ko_peer}.",
        en: "{en_now}: this end is {en_is}, quiet for {en_quiet}, with {out} probes unanswered of {probes}. The peer {en_peer}."
    );
    if let Some(at) = model.timer() {
        let (ko, en) = said(at.saturating_sub(model.now()));
        words.ko.to_mut().push_str(&format!(" 타이머까지 {ko}."));
        words.en.to_mut().push_str(&format!(" The timer goes off in {en}."));
    }
    if model.scenario().box_idle_s > 0 {
        let more = match model.box_forgets() {
            Some(at) => {
                let (ko, en) = said(at.saturating_sub(model.now()));
                text!(ko: " 중간 장비는 {ko} 뒤에 잊습니다.", en: " The box forgets in {en}.")
            }
            None => Text::fixed(" 중간 장비는 이 연결을 잊었습니다.", " The box has forgotten the connection."),
        };
        words.ko.to_mut().push_str(&more.ko);
        words.en.to_mut().push_str(&more.en);
    }
    words
}

/// The curves: how quiet it was.
pub fn curves(history: &History, cursor: Nanos) -> Text {
    let track = &history.track;
    let ((ko_end, en_end), (ko_now, en_now)) = (said(track.ends), said(cursor));
    let at = |metric: usize| u64::try_from(track.value(metric, cursor)).unwrap_or(0) * MILLISECOND;
    let ((ko_quiet, en_quiet), (ko_box, en_box)) = (said(at(metric::QUIET)), said(at(metric::BOX_QUIET)));
    text!(
        ko: "0초부터 {ko_end}까지 연결이 조용했던 시간, 커서는 {ko_now}. 이쪽에서 보면 {ko_quiet}, 중간 장비에서 보면 {ko_box}.",
        en: "How long the connection was quiet, from 0 to {en_end}; the cursor is at {en_now}. {en_quiet} at this end, {en_box} at the box."
    )
}
