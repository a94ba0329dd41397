//! The reasons of events, as sentences.

use super::sock::{Pending, Sock, State, Timer, Why};
use crate::{MILLISECOND, Nanos, Text, text};

/// A stretch of time in ms, to a hundredth.
fn said(t: Nanos) -> String {
    let hundredths = (t + 5000) / 10_000;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    if rest == 0 { format!("{whole} ms") } else { format!("{whole}.{rest:02} ms") }
}

fn us(us: u64) -> String {
    said(us.saturating_mul(1000))
}

/// What a packet is called: the SYN has number 0.
fn name(number: u64) -> Text {
    if number == 0 { Text::fixed("SYN", "the SYN") } else { text!(ko: "패킷 {number}", en: "packet {number}") }
}

fn fate(lost: bool) -> Text {
    if lost { Text::fixed(" 가는 길에 없어집니다.", " It is lost on the way.") } else { Text::default() }
}

/// What the timer is set for, as a clause.
fn timer(timer: Option<Timer>) -> Text {
    let Some(timer) = timer else { return Text::fixed("타이머는 꺼져 있습니다.", "No timer is set.") };
    let left = said(timer.at - timer.set);
    match timer.pending {
        Pending::Retrans => {
            text!(ko: "재전송 타이머를 {left} 뒤로 맞춥니다.", en: "The retransmission timer is set to {left} from now.")
        }
        Pending::LossProbe => text!(ko: "TLP를 {left} 뒤로 맞춥니다.", en: "A loss probe is due in {left}."),
        Pending::Reorder => {
            text!(ko: "순서가 바뀌었을 뿐인지 {left} 더 봅니다.", en: "Whether it was merely overtaken is looked at in {left}.")
        }
        Pending::SynAck => {
            text!(ko: "SYN+ACK 타이머를 {left} 뒤로 맞춥니다.", en: "The SYN+ACK timer is set to {left} from now.")
        }
    }
}

pub(super) fn first_syn(answers: bool, set: Option<Timer>) -> Text {
    let Text { ko, en } = timer(set);
    if answers {
        text!(ko: "SYN을 받고 SYN+ACK로 답합니다. {ko}", en: "A SYN came and is answered by a SYN+ACK. {en}")
    } else {
        text!(ko: "connect()가 SYN을 보냅니다. {ko}", en: "connect() sends a SYN. {en}")
    }
}

pub(super) fn write(segments: u64) -> Text {
    text!(ko: "애플리케이션이 패킷 {segments}개만큼 씁니다.", en: "The application writes {segments} packets' worth.")
}

pub(super) fn sent(number: u64, sock: &Sock, lost: bool) -> Text {
    let (name, fate, timer) = (name(number), fate(lost), timer(sock.timer));
    let Text { ko, en } = name;
    let (ko_rest, en_rest) = (format!("{} {}", fate.ko, timer.ko), format!("{} {}", fate.en, timer.en));
    text!(ko: "{ko}을(를) 보냅니다.{ko_rest}", en: "Sends {en}.{en_rest}")
}

pub(super) fn sample(m: u64, sock: &Sock) -> Text {
    let e = sock.estimator;
    let (m, srtt, var, mdev) = (us(m), us(sock.srtt_us()), us(sock.usecs(e.rttvar)), us(sock.usecs(e.mdev)));
    let rto = us(sock.rto_us());
    text!(
        ko: "RTT {m}을 쟀습니다. srtt {srtt}, mdev {mdev}, rttvar {var}이므로 RTO = srtt + rttvar를 틱으로 올려 {rto}입니다.",
        en: "A round trip of {m} was measured: srtt {srtt}, mdev {mdev}, rttvar {var}; RTO = srtt + rttvar, rounded up to ticks, is {rto}."
    )
}

pub(super) fn ack(delivered: u64, sock: &Sock) -> Text {
    let (una, timer) = (sock.snd_una, timer(sock.timer));
    let Text { ko, en } = timer;
    text!(
        ko: "ACK {una}: 새로 도착한 것으로 알려진 패킷 {delivered}개. {ko}",
        en: "ACK {una}: {delivered} packets newly known to have arrived. {en}"
    )
}

pub(super) fn connected(t: Nanos) -> Text {
    let t = said(t);
    text!(ko: "연결을 맺는 데 {t}이 걸렸습니다.", en: "The connection was made in {t}.")
}

pub(super) fn loss_probe(number: u64, sock: &Sock, lost: bool) -> Text {
    let (name, fate, timer) = (name(number), fate(lost), timer(sock.timer));
    let (ko, en) = (name.ko, name.en);
    let (ko_rest, en_rest) = (format!("{} {}", fate.ko, timer.ko), format!("{} {}", fate.en, timer.en));
    text!(
        ko: "ACK가 오지 않아 RTO보다 먼저 {ko}로 찔러 봅니다(TLP).{ko_rest}",
        en: "No ACK came: {en} is sent as a probe before the RTO (TLP).{en_rest}"
    )
}

pub(super) fn timeout(number: u64, sock: &Sock, lost: bool) -> Text {
    let (name, fate, timer) = (name(number), fate(lost), timer(sock.timer));
    let (n, rto) = (sock.retransmits, us(sock.rto_us()));
    let (ko, en) = (name.ko, name.en);
    let (ko_rest, en_rest) = (format!("{} {}", fate.ko, timer.ko), format!("{} {}", fate.en, timer.en));
    text!(
        ko: "타이머가 {n}번째로 울려 {ko}을(를) 다시 보냅니다. 다음 RTO는 {rto}입니다.{ko_rest}",
        en: "The timer went off for the {n}. time: {en} is sent again. The RTO is {rto} now.{en_rest}"
    )
}

pub(super) fn again(number: u64, why: Why, lost: bool) -> Text {
    let (name, fate) = (name(number), fate(lost));
    let (ko, en, ko_fate, en_fate) = (name.ko, name.en, fate.ko, fate.en);
    if why == Why::Fast {
        text!(
            ko: "뒤에 보낸 것이 먼저 도착했다고 하므로 {ko}을(를) 곧바로 다시 보냅니다.{ko_fate}",
            en: "What was sent later has arrived, so {en} is sent again at once.{en_fate}"
        )
    } else {
        text!(
            ko: "타임아웃 뒤 자리가 나서 {ko}을(를) 다시 보냅니다.{ko_fate}",
            en: "There is room after the timeout: {en} is sent again.{en_fate}"
        )
    }
}

pub(super) fn answer(took: Nanos, late: bool) -> Text {
    let took = said(took);
    if late {
        text!(
            ko: "요청이 {took} 만에 닿았습니다. 애플리케이션은 이미 포기했으므로 서버의 일은 헛일입니다.",
            en: "The request got through after {took}. The application has given up: the server's work is for nothing."
        )
    } else {
        text!(ko: "요청에 대한 답이 {took} 만에 왔습니다.", en: "The request was answered after {took}.")
    }
}

/// What the kernel would have done next.
fn next(t: Nanos, set: Option<Timer>) -> Text {
    match set {
        Some(timer) if timer.at >= t => {
            let left = said(timer.at - t);
            text!(ko: "커널은 {left} 뒤에 다시 보낼 참이었습니다.", en: "The kernel was about to send again in {left}.")
        }
        _ => Text::default(),
    }
}

pub(super) fn given_up(waited: Nanos, set: Option<Timer>) -> Text {
    let waited_for = said(waited);
    let left = set.map(|timer| said(timer.at - timer.set)).unwrap_or_default();
    text!(
        ko: "애플리케이션이 {waited_for} 만에 포기합니다. 커널은 계속 기다립니다(지금 타이머 {left}).",
        en: "The application gives up after {waited_for}. The kernel waits on (its timer is of {left})."
    )
}

pub(super) fn connect_given_up(t: Nanos, set: Option<Timer>) -> Text {
    let (waited, next) = (said(t), next(t, set));
    let (ko, en) = (next.ko, next.en);
    text!(
        ko: "애플리케이션이 connect()를 {waited} 만에 포기합니다. {ko}",
        en: "The application gives connect() up after {waited}. {en}"
    )
}

pub(super) fn gave_up(t: Nanos, retransmits: u64, state: State, orphan: bool) -> Text {
    let s = said(t / MILLISECOND * MILLISECOND);
    match (state, orphan) {
        (State::SynRecv, _) => text!(
            ko: "SYN+ACK를 {retransmits}번 다시 보내고 {s}에 반쯤 열린 연결을 지웁니다.",
            en: "The SYN+ACK was sent again {retransmits} times; the half-open connection is removed at {s}."
        ),
        (_, true) => text!(
            ko: "닫은 소켓이라 알릴 곳이 없습니다. {retransmits}번의 타임아웃 뒤 {s}에 소켓을 없앱니다.",
            en: "The socket was closed, so nobody is told: it is removed at {s}, after {retransmits} timeouts."
        ),
        _ => text!(
            ko: "{retransmits}번의 타임아웃 뒤 {s}에 ETIMEDOUT을 냅니다.",
            en: "ETIMEDOUT at {s}, after {retransmits} timeouts."
        ),
    }
}

pub(super) fn close(left: u64) -> Text {
    text!(
        ko: "애플리케이션이 닫습니다. 확인되지 않은 패킷 {left}개는 커널이 맡습니다.",
        en: "The application closes. {left} packets without an ACK are left to the kernel."
    )
}
