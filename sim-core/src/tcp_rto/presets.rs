//! Scenarios that each show one thing.

use super::scenario::{Loss, Sample, Scenario, Start, Write};
use crate::model::Preset;
use crate::{KernelVersion, MILLISECOND, Nanos, SECOND, Text};

fn preset(name: &'static str, cursor: Nanos, title: Text, insight: Text, scenario: Scenario) -> Preset<Scenario> {
    Preset { name, title, insight, scenario, cursor }
}

const EVER: i64 = 1_000_000;

fn lost(segment: i64, times: i64) -> Loss {
    Loss { segment, times }
}

fn rtt(rtt_us: i64, times: i64) -> Sample {
    Sample { rtt_us, times }
}

/// A connection on a LAN: three requests to get to know it, then one at a second.
fn lan(losses: Vec<Loss>) -> Scenario {
    Scenario {
        rtt_us: 500,
        duration_ms: 2000,
        writes: vec![Write::at(100).times(3, 100), Write::at(1000)],
        losses,
        ..Scenario::default()
    }
}

/// The same over a path of 50 ms.
fn wan(losses: Vec<Loss>) -> Scenario {
    Scenario { rtt_us: 50_000, ..lan(losses) }
}

fn syn(kernel: KernelVersion, timer_wheel: i64) -> Scenario {
    Scenario {
        kernel,
        start: Start::SynSent,
        duration_ms: 140_000,
        timer_wheel,
        losses: vec![lost(0, EVER)],
        ..Scenario::default()
    }
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    let mut all = estimates();
    all.extend(losses());
    all.extend(connecting());
    all.extend(giving_up());
    all
}

fn estimates() -> Vec<Preset<Scenario>> {
    vec![
        preset(
            "a-leap-in-rtt",
            2600 * MILLISECOND,
            Text::fixed("RTT가 한 번 뛰면", "One leap in the round trip"),
            Text::fixed(
                "RTT가 100 ms에서 300 ms로 한 번 뛰자 RTO는 300에서 376 ms로 곧바로 오르고, 내려올 때는 왕복마다 조금씩입니다. 늦은 패킷을 잃은 것으로 여기지 않으려는 조심성입니다.",
                "One leap from 100 to 300 ms takes the RTO from 300 to 376 ms at once, and it comes down a little each round trip: rather wait than mistake a late packet for a lost one.",
            ),
            Scenario {
                rtt_us: 100_000,
                duration_ms: 10_000,
                writes: vec![Write::at(500).times(18, 500)],
                samples: vec![rtt(100_000, 5), rtt(300_000, 1)],
                ..Scenario::default()
            },
        ),
        preset(
            "steady-on-a-lan",
            2 * SECOND,
            Text::fixed("랜의 RTO", "The RTO on a LAN"),
            Text::fixed(
                "RTT가 0.5 ms인데 RTO는 204 ms입니다. 바닥 200 ms가 RTO가 아니라 흔들림에 있어서, RTO는 늘 RTT + 200 ms보다 작지 않습니다.",
                "A round trip of 0.5 ms, and an RTO of 204: the floor of 200 ms is under the variance and not under the RTO, which is never less than RTT + 200 ms.",
            ),
            Scenario {
                rtt_us: 500,
                duration_ms: 5000,
                writes: vec![Write::at(200).times(20, 200)],
                ..Scenario::default()
            },
        ),
        preset(
            "two-samples",
            3 * SECOND,
            Text::fixed("표본 둘", "Two samples"),
            Text::fixed(
                "첫 표본 40 ms에 RTO는 240 ms, 둘째 표본이 240 ms로 뛰자 328 ms가 됩니다. 한 번 뛴 것만으로 흔들림이 바닥을 넘었습니다.",
                "A first sample of 40 ms makes the RTO 240 ms; the second leaps to 240, and it is 328: one leap takes the variance above its floor.",
            ),
            Scenario {
                rtt_us: 40_000,
                duration_ms: 4000,
                writes: vec![Write::at(1000)],
                samples: vec![rtt(40_000, 1), rtt(240_000, 1)],
                ..Scenario::default()
            },
        ),
        preset(
            "rto-min-of-a-route",
            1300 * MILLISECOND,
            Text::fixed("경로에 rto_min 20 ms", "rto_min 20 ms on a route"),
            Text::fixed(
                "같은 랜에서 경로에 rto_min 20 ms를 주면 RTO가 24 ms가 되어, 손실 한 번의 값이 200 ms에서 20 ms 남짓으로 줄어듭니다.",
                "On the same LAN a route with rto_min 20 ms has an RTO of 24 ms, and a loss costs some 20 ms instead of 200.",
            ),
            Scenario { route_rto_min_ms: 20, ..lan(vec![lost(4, 1)]) },
        ),
    ]
}

fn losses() -> Vec<Preset<Scenario>> {
    vec![
        preset(
            "lone-packet-lost",
            1300 * MILLISECOND,
            Text::fixed("하나뿐인 패킷이 없어지면", "A lone packet is lost"),
            Text::fixed(
                "요청 하나가 패킷 하나인 서비스에서는 뒤따르는 패킷이 없어 빠른 재전송이 돕지 못합니다. 0.5 ms면 될 답이 200 ms 남짓 걸립니다.",
                "A request of one packet has nothing behind it that could tell of its loss: an answer that takes 0.5 ms takes a little more than 200.",
            ),
            lan(vec![lost(4, 1)]),
        ),
        preset(
            "lost-three-times",
            1800 * MILLISECOND,
            Text::fixed("세 번 없어지면", "Lost three times"),
            Text::fixed(
                "하나뿐인 패킷이 세 번 없어지면 첫 번째는 TLP가, 다음은 RTO가 다시 보내고 그때마다 기다림이 두 배가 됩니다. RTT 50 ms인 요청이 1초를 넘깁니다.",
                "A lone packet lost three times is sent again by a loss probe first and by the RTO then, the wait doubling each time: with a round trip of 50 ms the request takes more than a second.",
            ),
            Scenario { duration_ms: 2500, ..wan(vec![lost(4, 3)]) },
        ),
        preset(
            "tail-of-ten",
            1300 * MILLISECOND,
            Text::fixed("열 개의 꼬리를 TLP가 구하다", "A loss probe saves the tail"),
            Text::fixed(
                "열 개 가운데 마지막 둘이 없어지면 TLP가 RTT 두 번쯤 뒤에 마지막 것을 다시 보내고, 그 SACK를 보고 나머지 하나도 곧 나갑니다. RTO를 기다리지 않습니다.",
                "When the last two of ten are lost, a probe sends the very last again after about two round trips, and its SACK brings the other one: nobody waits for the RTO.",
            ),
            Scenario {
                writes: vec![Write::at(100).times(3, 100), Write::at(1000).of(10)],
                ..wan(vec![lost(12, 1), lost(13, 1)])
            },
        ),
        preset(
            "middle-of-ten",
            1200 * MILLISECOND,
            Text::fixed("열 개의 가운데가 없어지면", "The middle of ten is lost"),
            Text::fixed(
                "열 개 가운데 세 번째가 없어지면 뒤의 일곱이 도착하며 곧바로 알려 줍니다. 왕복 한 번만 더 듭니다.",
                "When the third of ten is lost, the seven behind it tell at once: it costs one more round trip.",
            ),
            Scenario { writes: vec![Write::at(100).times(3, 100), Write::at(1000).of(10)], ..wan(vec![lost(6, 1)]) },
        ),
        preset(
            "timeout-below-the-rto",
            1300 * MILLISECOND,
            Text::fixed("제한 시간이 RTO보다 짧으면", "A timeout below the RTO"),
            Text::fixed(
                "읽기 제한 200 ms는 커널이 다시 보내기 직전에 포기합니다. 손실 한 번이 곧 오류가 되고, 요청은 포기한 뒤에 서버에 닿습니다. 300 ms라면 그 손실을 견딥니다.",
                "A read timeout of 200 ms gives up just before the kernel sends again: every loss is an error, and the request still reaches the server afterwards. 300 ms would have survived it.",
            ),
            Scenario {
                duration_ms: 3000,
                writes: vec![Write::at(100).times(3, 100), Write::at(1000).within(200), Write::at(2000).within(300)],
                losses: vec![lost(4, 1), lost(5, 1)],
                ..lan(Vec::new())
            },
        ),
    ]
}

fn connecting() -> Vec<Preset<Scenario>> {
    vec![
        preset(
            "syn-to-nowhere",
            131 * SECOND,
            Text::fixed("답 없는 SYN, 6.5부터", "A SYN to nowhere, since 6.5"),
            Text::fixed(
                "SYN이 1 2 3 4 5 7 11 19 35 67초에 다시 나가고 131초에 포기합니다. 처음 네 번은 두 배로 늘리지 않습니다.",
                "SYNs go out again at 1 2 3 4 5 7 11 19 35 67 s, and it gives up at 131: the first four waits do not double.",
            ),
            syn(KernelVersion::new(6, 18, 0), 0),
        ),
        preset(
            "syn-to-nowhere-6-1",
            127 * SECOND,
            Text::fixed("답 없는 SYN, 6.4까지", "A SYN to nowhere, until 6.4"),
            Text::fixed(
                "6.4까지는 1 3 7 15 31 63초에 다시 보내고 127초에 포기합니다. 널리 알려진 127초는 이때의 숫자입니다.",
                "Until 6.4 it is sent again at 1 3 7 15 31 63 s and given up at 127: the well-known figure is of that time.",
            ),
            syn(KernelVersion::new(6, 1, 0), 0),
        ),
        preset(
            "syn-on-the-wheel",
            136 * SECOND,
            Text::fixed("타이머의 눈금까지 셈하면", "With the grid of the timers"),
            Text::fixed(
                "먼 타이머일수록 눈금이 굵고 늘 올리기만 하므로, 131초의 계산이 실제로는 135초쯤이 됩니다. 틀린 것이 아니라 커널의 타이머가 그렇습니다.",
                "The further away a timer, the coarser its grid, and it is only ever late: what comes to 131 s by the rule is about 135 in practice.",
            ),
            syn(KernelVersion::new(6, 18, 0), 1),
        ),
        preset(
            "connect-timeout-three-seconds",
            3 * SECOND,
            Text::fixed("연결 제한 3초", "A connect timeout of 3 s"),
            Text::fixed(
                "첫 SYN과 둘째 SYN이 없어져도 2초에 나간 셋째 SYN이 3초 안에 답을 받습니다. 6.5부터 3초는 두 번의 손실을 견딥니다.",
                "With the first two SYNs lost, the third goes out at 2 s and is answered before 3: since 6.5 a timeout of 3 s survives two losses.",
            ),
            Scenario {
                connect_timeout_ms: 3000,
                duration_ms: 5000,
                losses: vec![lost(0, 2)],
                ..syn(KernelVersion::new(6, 18, 0), 0)
            },
        ),
        preset(
            "half-open",
            63 * SECOND,
            Text::fixed("SYN+ACK에 답이 없으면", "A SYN+ACK that nobody answers"),
            Text::fixed(
                "서버는 SYN+ACK를 1 3 7 15 31초에 다시 보내고 63초에 반쯤 열린 연결을 지웁니다. 6.5의 변화는 SYN에만 있습니다.",
                "The server sends its SYN+ACK again at 1 3 7 15 31 s and removes the half-open connection at 63: what changed in 6.5 is for SYNs alone.",
            ),
            Scenario { start: Start::SynRecv, duration_ms: 70_000, ..syn(KernelVersion::new(6, 18, 0), 0) },
        ),
    ]
}

fn giving_up() -> Vec<Preset<Scenario>> {
    let gone = Scenario { duration_ms: 960_000, ..lan(vec![lost(4, EVER)]) };
    vec![
        preset(
            "gone-for-good",
            941 * SECOND,
            Text::fixed("상대가 사라진 뒤 15분", "Fifteen minutes after the peer went"),
            Text::fixed(
                "tcp_retries2 = 15는 횟수가 아니라 924.6초라는 시간입니다. 애플리케이션에 제한 시간이 없으면 응답 없는 상대를 15분 반 넘게 기다립니다.",
                "tcp_retries2 = 15 stands for 924.6 s and not for a count: without a timeout of its own an application waits more than fifteen minutes for a peer that is gone.",
            ),
            gone.clone(),
        ),
        preset(
            "user-timeout",
            12 * SECOND,
            Text::fixed("TCP_USER_TIMEOUT 10초", "TCP_USER_TIMEOUT of 10 s"),
            Text::fixed(
                "연결 하나에 10초를 주면 첫 RTO 재전송에서 10초 뒤에 끊깁니다. 서버 전체의 tcp_retries2를 건드리지 않아도 됩니다.",
                "Given to one connection, it ends 10 s after the first RTO retransmission; tcp_retries2 of the whole server can stay as it is.",
            ),
            Scenario { user_timeout_ms: 10_000, duration_ms: 15_000, ..gone.clone() },
        ),
        preset(
            "orphan",
            115 * SECOND,
            Text::fixed("닫은 뒤에 남은 것", "What is left after close()"),
            Text::fixed(
                "답 없는 상대에게 쓰고 곧바로 닫으면 소켓은 커널에 남아 tcp_orphan_retries(0은 8)만큼 버티다가 100초 남짓 뒤에 조용히 사라집니다.",
                "Written to a silent peer and closed, the socket stays with the kernel for tcp_orphan_retries (0 means 8) and goes quietly after some 100 s.",
            ),
            Scenario { close_ms: 1001, duration_ms: 120_000, ..lan(vec![lost(4, EVER), lost(5, EVER)]) },
        ),
    ]
}
