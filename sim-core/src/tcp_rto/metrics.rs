//! The numbers of a state.

use super::model::TcpRto;
use crate::{Metric, Nanos, Text};

const fn metric(name: &'static str, label: Text, unit: &'static str, scale: i64) -> Metric {
    Metric { name, label, unit, scale }
}

/// In the order of [`of`].
pub(super) const LIST: &[Metric] = &[
    metric("rtt_us", Text::fixed("마지막 RTT 표본", "Last round trip"), "ms", 1000),
    metric("srtt_us", Text::fixed("다듬은 RTT(srtt)", "Smoothed round trip (srtt)"), "ms", 1000),
    metric("mdev_us", Text::fixed("편차의 네 배(mdev)", "Four times the deviation (mdev)"), "ms", 1000),
    metric("rttvar_us", Text::fixed("RTO에 더하는 흔들림(rttvar)", "Variance in the RTO (rttvar)"), "ms", 1000),
    metric("rto_us", Text::fixed("RTO", "RTO"), "ms", 1000),
    metric("backoff", Text::fixed("두 배로 늘린 횟수", "Times it was doubled"), "", 1),
    metric("unacked", Text::fixed("ACK를 기다리는 패킷", "Packets without an ACK"), "", 1),
    metric("RetransSegs", Text::fixed("다시 보낸 패킷", "Packets sent again"), "", 1),
    metric("TCPTimeouts", Text::fixed("RTO가 울린 횟수", "Timeouts"), "", 1),
    metric("TCPLossProbes", Text::fixed("TLP로 찔러 본 횟수", "Loss probes"), "", 1),
    metric("TCPFastRetrans", Text::fixed("빠른 재전송", "Fast retransmissions"), "", 1),
    metric("answers", Text::fixed("답을 받은 요청", "Requests answered"), "", 1),
    metric("answer_us", Text::fixed("마지막 답까지 걸린 시간", "Time the last answer took"), "ms", 1000),
    metric("app_timeouts", Text::fixed("애플리케이션이 포기한 요청", "Requests the application gave up"), "", 1),
    metric("connected_ms", Text::fixed("연결을 맺은 시각", "When it was connected"), "s", 1000),
    metric("gave_up_ms", Text::fixed("커널이 포기한 시각", "When the kernel gave up"), "s", 1000),
];

/// The numbers of a state.
pub(super) fn of(model: &TcpRto) -> Vec<i64> {
    let (sock, counters) = (&model.sock, model.sock.counters);
    let int = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let us = |t: Option<Nanos>| int(t.unwrap_or(0) / 1000);
    let ms = |t: Option<Nanos>| int(t.unwrap_or(0) / 1_000_000);
    vec![
        int(sock.last_rtt_us),
        int(sock.srtt_us()),
        int(sock.usecs(sock.estimator.mdev)),
        int(sock.usecs(sock.estimator.rttvar)),
        int(sock.rto_us()),
        int(sock.backoff),
        int(sock.segments.len() as u64),
        int(counters.retrans_segs),
        int(counters.timeouts),
        int(counters.loss_probes),
        int(counters.fast_retrans),
        model.answers,
        us(model.answer),
        model.app_timeouts,
        ms(model.connected),
        ms(model.gave_up),
    ]
}
