//! The reasons of events, as sentences.

use super::model::End;
use crate::{MILLISECOND, Nanos, Text, text};

/// A stretch of time in seconds, to a thousandth.
fn said(t: Nanos) -> (String, String) {
    let ms = (t + MILLISECOND / 2) / MILLISECOND;
    let (whole, rest) = (ms / 1000, ms % 1000);
    let figure = if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:03}") };
    (format!("{figure}초"), format!("{figure} s"))
}

fn fate(end: End) -> Text {
    match end {
        End::Arrived => Text::default(),
        End::AtTheBox => {
            Text::fixed(" 중간 장비는 이 연결을 모릅니다.", " The box on the way does not know this connection.")
        }
        End::Nowhere => Text::fixed(" 받을 상대가 없습니다.", " There is nobody to receive it."),
    }
}

pub(super) fn open(timer: Option<Nanos>) -> Text {
    match timer {
        Some(at) => {
            let (ko, en) = said(at);
            text!(
                ko: "연결되었습니다. keepalive 타이머를 {ko} 뒤로 맞춥니다.",
                en: "Connected. The keepalive timer is set to {en} from now."
            )
        }
        None => Text::fixed(
            "연결되었습니다. SO_KEEPALIVE를 켜지 않아 아무 타이머도 없습니다.",
            "Connected. SO_KEEPALIVE is off, so there is no timer at all.",
        ),
    }
}

pub(super) fn vanish() -> Text {
    Text::fixed(
        "상대의 전원이 나갑니다. FIN도 RST도 오지 않습니다.",
        "The peer loses its power. Neither FIN nor RST comes.",
    )
}

pub(super) fn back() -> Text {
    Text::fixed(
        "상대가 다시 켜졌습니다. 이 연결은 기억하지 못합니다.",
        "The peer is up again, and remembers nothing of this connection.",
    )
}

pub(super) fn forget(quiet: Nanos) -> Text {
    let (ko, en) = said(quiet);
    text!(
        ko: "중간 장비가 {ko} 동안 조용하던 연결의 기록을 지웁니다. 양쪽은 모릅니다.",
        en: "The box on the way removes its record of a connection that was quiet for {en}, and tells neither side."
    )
}

pub(super) fn send() -> Text {
    Text::fixed("메시지를 보냅니다.", "A message is sent.")
}

pub(super) fn peer_send(end: End) -> Text {
    let Text { ko, en } = fate(end);
    text!(ko: "상대가 메시지를 보냅니다.{ko}", en: "The peer sends a message.{en}")
}

pub(super) fn heard(data: bool, probes: u64, quiet: Nanos) -> Text {
    let (ko, en) = said(quiet);
    match (data, probes) {
        (true, _) => text!(ko: "메시지를 받았습니다({ko} 만에).", en: "A message came (after {en})."),
        (false, 0) => text!(ko: "ACK를 받았습니다({ko} 만에).", en: "An ACK came (after {en})."),
        (false, n) => text!(
            ko: "탐색의 답이 왔습니다. 답 없는 탐색 {n}개를 0으로 되돌립니다.",
            en: "The probe is answered: {n} unanswered probes become none."
        ),
    }
}

pub(super) fn reset() -> Text {
    Text::fixed(
        "RST가 왔습니다. 애플리케이션은 ECONNRESET을 받습니다.",
        "An RST came: the application is told ECONNRESET.",
    )
}

pub(super) fn look(quiet: Nanos, left: Nanos, data: bool) -> Text {
    let ((ko, en), (ko_left, en_left)) = (said(quiet), said(left));
    if data {
        text!(
            ko: "자료가 확인되지 않았으므로 탐색하지 않습니다. 재전송이 결정합니다. {ko_left} 뒤에 다시 봅니다.",
            en: "Data is unacknowledged, so there is no probe: retransmission decides. The timer looks again in {en_left}."
        )
    } else {
        text!(
            ko: "타이머가 울렸지만 조용한 지 {ko}뿐입니다. 모자란 {ko_left} 뒤로 다시 맞춥니다.",
            en: "The timer went off, but it has been quiet for {en} only: it is set to the {en_left} that are missing."
        )
    }
}

pub(super) fn probe(n: u64, quiet: Nanos, end: End) -> Text {
    let ((ko, en), fate) = (said(quiet), fate(end));
    let (ko_fate, en_fate) = (fate.ko, fate.en);
    text!(
        ko: "{ko} 동안 조용했으므로 탐색을 보냅니다(답 없는 것 {n}개째).{ko_fate}",
        en: "It has been quiet for {en}: a probe is sent, the {n}. without an answer.{en_fate}"
    )
}

pub(super) fn abort(probes: u64, quiet: Nanos) -> Text {
    let (ko, en) = said(quiet);
    text!(
        ko: "탐색 {probes}개에 답이 없고 {ko} 동안 받은 것이 없습니다. RST를 보내고 ETIMEDOUT으로 끊습니다.",
        en: "{probes} probes without an answer and nothing heard for {en}: an RST is sent, and the application is told ETIMEDOUT."
    )
}

pub(super) fn retransmit(probe: bool, left: Nanos) -> Text {
    let (ko, en) = said(left);
    if probe {
        text!(ko: "ACK가 없어 찔러 봅니다(TLP). {ko}를 더 기다립니다.", en: "No ACK: a loss probe is sent, and {en} waited for.")
    } else {
        text!(ko: "ACK가 없어 다시 보냅니다. {ko}를 더 기다립니다.", en: "No ACK: it is sent again, and {en} waited for.")
    }
}

pub(super) fn retransmission_ended(count: u64) -> Text {
    text!(
        ko: "재전송 {count}번에도 답이 없어 ETIMEDOUT으로 끊습니다. keepalive가 아니라 재전송이 끊은 것입니다.",
        en: "No answer to {count} retransmissions: ETIMEDOUT. It is retransmission that ends it, not keepalive."
    )
}
