//! Scenarios that each show one thing.

use super::scenario::{Forgotten, Scenario, Send};
use crate::model::Preset;
use crate::{Nanos, SECOND, Text};

fn preset(name: &'static str, cursor: Nanos, title: Text, insight: Text, scenario: Scenario) -> Preset<Scenario> {
    Preset { name, title, insight, scenario, cursor }
}

/// Times of the textbook: what the grid of timers adds is shown by a preset of its own.
fn exact(time: i64, intvl: i64, probes: i64, duration_s: i64) -> Scenario {
    Scenario {
        so_keepalive: 1,
        tcp_keepalive_time: time,
        tcp_keepalive_intvl: intvl,
        tcp_keepalive_probes: probes,
        timer_wheel: 0,
        duration_ms: duration_s * 1000,
        ..Scenario::default()
    }
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    let mut all = zombies();
    all.extend(boxes());
    all
}

fn zombies() -> Vec<Preset<Scenario>> {
    vec![
        preset(
            "zombie-found",
            9 * SECOND,
            Text::fixed("좀비 커넥션을 11초 만에", "A zombie connection in 11 s"),
            Text::fixed(
                "상대의 전원이 나가도 이쪽은 모릅니다. 5초 뒤부터 2초마다 세 번 물어보고, 5 + 2 × 3 = 11초에 끊습니다.",
                "The peer loses its power and this side does not know. After 5 s it asks three times, 2 s apart, and gives up at 5 + 2 × 3 = 11 s.",
            ),
            Scenario { vanish_ms: 0, ..exact(5, 2, 3, 14) },
        ),
        preset(
            "zombie-forever",
            590 * SECOND,
            Text::fixed("keepalive가 꺼져 있으면", "Without keepalive"),
            Text::fixed(
                "SO_KEEPALIVE를 켜지 않은 소켓에는 타이머가 아예 없습니다. 상대가 사라져도 영원히 ESTABLISHED입니다.",
                "A socket without SO_KEEPALIVE has no timer at all: with its peer gone it stays ESTABLISHED for ever.",
            ),
            Scenario { so_keepalive: 0, vanish_ms: 10_000, ..exact(7200, 75, 9, 600) },
        ),
        preset(
            "default-takes-hours",
            7875 * SECOND,
            Text::fixed("기본값이면 두 시간 11분", "Two hours and eleven minutes"),
            Text::fixed(
                "기본값 7200 + 75 × 9 = 7875초가 지나야 죽은 상대를 알아챕니다. 그동안 이 연결은 자리를 차지합니다.",
                "By default a dead peer is noticed after 7200 + 75 × 9 = 7875 s, and the connection takes up its place all the while.",
            ),
            Scenario { vanish_ms: 0, ..exact(7200, 75, 9, 8400) },
        ),
        preset(
            "traffic-in-between",
            15 * SECOND,
            Text::fixed("오가는 것이 있으면", "Traffic in between"),
            Text::fixed(
                "타이머는 패킷마다 다시 맞추지 않습니다. 울릴 때 마지막으로 받은 때를 돌아보고, 모자란 만큼만 더 잡니다.",
                "The timer is not set anew by every packet: when it goes off it looks when something last came, and sleeps for what is missing.",
            ),
            Scenario { sends: vec![Send::at(2000).times(3, 3000), Send::at(9500).by_peer()], ..exact(5, 2, 3, 20) },
        ),
        preset(
            "cut-while-sending",
            930 * SECOND,
            Text::fixed("보내는 중에 끊기면", "Cut while data is under way"),
            Text::fixed(
                "확인되지 않은 자료가 있는 동안에는 탐색을 보내지 않습니다. keepalive를 11초로 맞춰 두어도 재전송이 15분을 끕니다.",
                "While data is unacknowledged there is no probe: with keepalive at 11 s it is still retransmission that takes its fifteen minutes.",
            ),
            Scenario { vanish_ms: 1000, sends: vec![Send::at(1500)], ..exact(5, 2, 3, 960) },
        ),
        preset(
            "user-timeout",
            11 * SECOND,
            Text::fixed("TCP_USER_TIMEOUT을 더하면", "With a user timeout"),
            Text::fixed(
                "TCP_USER_TIMEOUT을 t + i × n과 같게 두면 조용할 때도 보내는 중에도 비슷한 때에 끊깁니다. 15분이 12초도 안 되게 줄어듭니다.",
                "With TCP_USER_TIMEOUT set to t + i × n a connection ends at about the same time whether it is quiet or busy: fifteen minutes become less than twelve seconds.",
            ),
            Scenario { vanish_ms: 1000, user_timeout_ms: 11_000, sends: vec![Send::at(1500)], ..exact(5, 2, 3, 20) },
        ),
        preset(
            "peer-rebooted",
            12 * SECOND,
            Text::fixed("상대가 다시 켜졌으면", "A peer that has rebooted"),
            Text::fixed(
                "다시 켜진 상대는 이 연결을 모르므로 다음 탐색에 RST로 답합니다. 연결은 그 자리에서 끝납니다.",
                "A peer that has rebooted knows nothing of the connection and answers the next probe with an RST: it ends there and then.",
            ),
            Scenario { vanish_ms: 1000, back_ms: 6000, ..exact(5, 2, 3, 14) },
        ),
        preset(
            "on-the-wheel",
            600 * SECOND,
            Text::fixed("타이머의 눈금까지 셈하면", "With the grid of the timers"),
            Text::fixed(
                "먼 타이머는 굵은 눈금에 놓이고 늘 늦게만 울립니다. 300 + 30 × 3 = 390초의 계산이 실제로는 몇 초 늦습니다.",
                "Distant timers sit on a coarse grid and are only ever late: what comes to 300 + 30 × 3 = 390 s by the rule is some seconds more in practice.",
            ),
            Scenario { vanish_ms: 0, timer_wheel: 1, ..exact(300, 30, 3, 600) },
        ),
    ]
}

fn boxes() -> Vec<Preset<Scenario>> {
    let balancer = |time: i64, intvl: i64, probes: i64| Scenario {
        box_idle_s: 350,
        forgotten: Forgotten::Resets,
        ..exact(time, intvl, probes, 7800)
    };
    vec![
        preset(
            "default-behind-a-balancer",
            1000 * SECOND,
            Text::fixed("350초 로드 밸런서와 기본값", "The default behind a 350 s balancer"),
            Text::fixed(
                "로드 밸런서는 350초에 잊고, 첫 탐색은 7200초에 나갑니다. 그 사이 6850초 동안 양쪽은 끊긴 줄 모르고, 먼저 말하는 쪽이 RST를 받습니다.",
                "The balancer forgets at 350 s and the first probe goes out at 7200. For 6850 s neither side knows, and whoever speaks first is reset.",
            ),
            balancer(7200, 75, 9),
        ),
        preset(
            "tuned-behind-a-balancer",
            1000 * SECOND,
            Text::fixed("300초로 맞추면", "Tuned to 300 s"),
            Text::fixed(
                "탐색이 350초보다 먼저 나가면 탐색과 그 답이 로드 밸런서의 시계를 처음으로 되돌립니다. 조용한 연결이 끊기지 않습니다.",
                "A probe before 350 s, and its answer, set the balancer's clock back to the start: the quiet connection stays.",
            ),
            Scenario { duration_ms: 2_400_000, ..balancer(300, 30, 3) },
        ),
        preset(
            "silent-box",
            1500 * SECOND,
            Text::fixed("말없이 버리는 방화벽", "A firewall that drops in silence"),
            Text::fixed(
                "잊은 연결의 패킷을 말없이 버리는 장비 뒤에서는 RST도 오지 않습니다. 다시 말을 건 연결은 재전송이 포기할 때까지 15분 넘게 매달립니다.",
                "Behind a box that drops the packets of what it has forgotten there is no RST either: a connection that speaks again hangs for fifteen minutes, until retransmission gives up.",
            ),
            Scenario {
                forgotten: Forgotten::Drops,
                sends: vec![Send::at(600_000)],
                duration_ms: 1_600_000,
                ..balancer(7200, 75, 9)
            },
        ),
    ]
}
