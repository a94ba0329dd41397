//! The numbers of a state.

use super::model::{Ended, TcpKeepalive};
use crate::{MILLISECOND, Metric, Nanos, Text};

const fn metric(name: &'static str, label: Text, unit: &'static str, scale: i64) -> Metric {
    Metric { name, label, unit, scale }
}

/// In the order of [`of`].
pub(super) const LIST: &[Metric] = &[
    metric("quiet_ms", Text::fixed("조용했던 시간", "Time it has been quiet"), "s", 1000),
    metric("box_quiet_ms", Text::fixed("중간 장비가 본 조용한 시간", "Quiet as the box sees it"), "s", 1000),
    metric("probes_out", Text::fixed("답 없는 탐색", "Probes without an answer"), "", 1),
    metric("TCPKeepAlive", Text::fixed("보낸 탐색", "Probes sent"), "", 1),
    metric("timer_ms", Text::fixed("타이머까지 남은 시간", "Time left on the timer"), "s", 1000),
    metric("RetransSegs", Text::fixed("다시 보낸 패킷", "Packets sent again"), "", 1),
    metric("remembered", Text::fixed("중간 장비의 기억(1: 있음)", "The box remembers (1: yes)"), "", 1),
    metric("ended_ms", Text::fixed("연결이 끝난 시각", "When the connection ended"), "s", 1000),
    metric(
        "ended_by",
        Text::fixed("끝난 까닭(0: 열림, 1: ETIMEDOUT, 2: ECONNRESET)", "How (0: open, 1: ETIMEDOUT, 2: ECONNRESET)"),
        "",
        1,
    ),
    metric("blind_ms", Text::fixed("잊힌 것을 모르는 시간", "Time it has been forgotten unknown to us"), "s", 1000),
];

/// The numbers of a state.
pub(super) fn of(model: &TcpKeepalive) -> Vec<i64> {
    let int = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let ms = |t: Nanos| int(t / MILLISECOND);
    let open = model.ended.is_none();
    let until = model.ended.map_or(model.now, |(t, _)| t);
    let boxed = model.scenario.box_idle_s > 0;
    vec![
        if open { ms(model.now - model.heard) } else { 0 },
        if boxed && open { ms(model.seen_by_box.map_or(0, |seen| model.now - seen)) } else { 0 },
        int(model.probes_out),
        int(model.probes),
        model.timer.map_or(0, |at| ms(at.saturating_sub(model.now))),
        int(model.retrans_segs),
        i64::from(boxed && model.seen_by_box.is_some()),
        model.ended.map_or(0, |(t, _)| ms(t)),
        match model.ended {
            None => 0,
            Some((_, Ended::TimedOut)) => 1,
            Some((_, Ended::Reset)) => 2,
        },
        model.forgotten_at.map_or(0, |t| ms(until.saturating_sub(t))),
    ]
}
