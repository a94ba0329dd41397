//! The same in words: what a screen reader says in place of the drawings.

use sim_core::tcp_rto::{Pending, State, TcpRto};
use sim_core::{Lang, Model, Nanos, Text, text};

use super::{History, metric};
use crate::ticks::say;

/// µs as a reader has them: ms to a hundredth, seconds from ten on.
pub fn ms(us: u64, lang: Lang) -> String {
    let s = if lang == Lang::Ko { "초" } else { " s" };
    match us {
        10_000_000.. => format!("{}.{}{s}", us / 1_000_000, us / 100_000 % 10),
        _ if us.is_multiple_of(1000) => format!("{} ms", us / 1000),
        _ => format!("{}.{:02} ms", us / 1000, us / 10 % 100),
    }
}

fn said(t: Nanos) -> (String, String) {
    (say(t, Lang::Ko), say(t, Lang::En))
}

/// The state of the socket and what its timer does next.
pub fn state(model: &TcpRto) -> Text {
    let sock = model.sock();
    let (ko_now, en_now) = said(model.now());
    let (backoff, out) = (sock.backoff, sock.segments.len());
    let [ko_rto, en_rto] = Lang::ALL.map(|lang| ms(sock.rto_us(), lang));
    let again = sock.counters.retrans_segs;
    let (ko_is, en_is) = match sock.state {
        State::SynSent => ("SYN을 보내고 답을 기다립니다", "a SYN is out"),
        State::SynRecv => ("SYN+ACK를 보내고 답을 기다립니다", "a SYN+ACK is out"),
        State::Established => ("연결되어 있습니다", "connected"),
        State::Close => ("끝났습니다", "at an end"),
    };
    let mut words = text!(
        ko: "{ko_now}: {ko_is}. RTO {ko_rto}(백오프 {backoff}번), ACK를 기다리는 패킷 {out}개, 지금까지 다시 보낸 것 {again}개.",
        en: "{en_now}: {en_is}. RTO {en_rto} (doubled {backoff} times), {out} packets without an ACK, {again} sent again so far."
    );
    if let Some(timer) = model.timer() {
        let [ko_left, en_left] = Lang::ALL.map(|lang| ms(timer.at.saturating_sub(model.now()) / 1000, lang));
        let (ko, en) = match timer.pending {
            Pending::Retrans | Pending::SynAck => ("다시 보냅니다", "it is sent again"),
            Pending::LossProbe => ("TLP로 찔러 봅니다", "a loss probe is sent"),
            Pending::Reorder => ("늦는 것인지 없어진 것인지 봅니다", "whether it is lost is looked at"),
        };
        let more = text!(ko: " {ko_left} 뒤에 {ko}.", en: " In {en_left}, {en}.");
        words.ko.to_mut().push_str(&more.ko);
        words.en.to_mut().push_str(&more.en);
    }
    words
}

/// The curves: where they are now and how high they went.
pub fn curves(history: &History, cursor: Nanos) -> Text {
    let track = &history.track;
    let ((ko_end, en_end), (ko_now, en_now)) = (said(track.ends), said(cursor));
    let of = |value: i64| Lang::ALL.map(|lang| ms(u64::try_from(value).unwrap_or(0), lang));
    let now = |metric| of(track.value(metric, cursor));
    let [ko_rto, en_rto] = now(metric::RTO);
    let [ko_srtt, en_srtt] = now(metric::SRTT);
    let [ko_rtt, en_rtt] = now(metric::RTT);
    let [ko_most, en_most] = of(track.largest(metric::RTO));
    text!(
        ko: "0초부터 {ko_end}까지의 RTT와 RTO, 커서는 {ko_now}. 마지막 RTT {ko_rtt}, srtt {ko_srtt}, RTO {ko_rto}, 가장 길었던 RTO {ko_most}.",
        en: "Round trip and RTO from 0 to {en_end}; the cursor is at {en_now}. Last round trip {en_rtt}, srtt {en_srtt}, RTO {en_rto}, longest RTO {en_most}."
    )
}
