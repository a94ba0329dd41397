//! Scenarios that each show one thing.

use super::scenario::{Close, Host, Leg, Scenario};
use crate::model::Preset;
use crate::{KernelVersion, Nanos, SECOND, Text};

const RHEL7: KernelVersion = KernelVersion::new(3, 10, 0);

fn preset(name: &'static str, cursor: Nanos, title: Text, insight: Text, scenario: Scenario) -> Preset<Scenario> {
    Preset { name, title, insight, scenario, cursor }
}

/// A thousand connections a second to one destination, each closed by the client.
fn a_thousand_a_second() -> Scenario {
    let leg = Leg::new(Host::Client, Host::Server, 1000, 100_000);
    Scenario { duration_ms: 100_000, legs: vec![leg], ..Scenario::default() }
}

/// Six hundred requests a second that a proxy passes on.
fn behind_a_proxy(upstream: Leg) -> Scenario {
    let front = Leg { port: 443, ..Leg::new(Host::Client, Host::Proxy, 600, 100_000).pooled(64, 1000) };
    let watch = Host::Proxy.number() as i64;
    Scenario { duration_ms: 100_000, watch, legs: vec![front, upstream.caused_by(0)], ..Scenario::default() }
}

fn upstream() -> Leg {
    Leg { service_ms: 5, ..Leg::new(Host::Proxy, Host::Server, 0, 100_000) }
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    let server = Host::Server.number() as i64;
    vec![
        preset(
            "who-closes-first",
            30 * SECOND,
            Text::fixed("누가 먼저 닫는가", "Who closes first"),
            Text::fixed(
                "client와는 클라이언트가, client2와는 서버가 먼저 닫습니다. TIME_WAIT은 클라이언트냐 서버냐가 아니라 먼저 FIN을 보낸 쪽에 남습니다.",
                "With client the client closes, with client2 the server does: TIME_WAIT stays with whoever sent the first FIN, client or server.",
            ),
            Scenario {
                rtt_us: 20_000,
                legs: vec![
                    Leg::new(Host::Client, Host::Server, 5, 60_000),
                    Leg::new(Host::Client2, Host::Server, 5, 60_000).closed_by(Close::Server),
                ],
                ..Scenario::default()
            },
        ),
        preset(
            "port-budget",
            45 * SECOND,
            Text::fixed("포트 예산", "The port budget"),
            Text::fixed(
                "로컬 포트 28,232개를 초당 1,000개씩 60초 동안 쥐면 28초 만에 바닥나고, 첫 TIME_WAIT이 사라질 때까지 connect()는 모두 실패합니다.",
                "28,232 local ports, held for 60 s at 1,000 a second, are gone after 28 s; until the first TIME_WAIT goes, every connect() fails.",
            ),
            a_thousand_a_second(),
        ),
        preset(
            "tw-reuse",
            45 * SECOND,
            Text::fixed("tcp_tw_reuse = 1", "tcp_tw_reuse = 1"),
            Text::fixed(
                "같은 부하에 tcp_tw_reuse만 켰습니다. 포트를 찾다가 1초 넘은 TIME_WAIT을 만나면 넘겨받으므로 하나도 실패하지 않고, 홀수 포트에는 손도 대지 않습니다.",
                "The same load with tcp_tw_reuse on: where the search for a port meets a TIME_WAIT more than a second old it takes it over. Nothing fails, and odd ports are not even touched.",
            ),
            Scenario { tcp_tw_reuse: 1, ..a_thousand_a_second() },
        ),
        preset(
            "pool",
            90 * SECOND,
            Text::fixed("커넥션 풀", "A connection pool"),
            Text::fixed(
                "같은 초당 1,000요청이지만 연결 하나가 100번씩 일합니다. 새 연결은 초당 10개, TIME_WAIT은 600개 남짓에 머뭅니다.",
                "The same 1,000 requests a second, but each connection serves 100: ten new ones a second, and TIME_WAIT stays at little more than 600.",
            ),
            Scenario {
                legs: vec![Leg::new(Host::Client, Host::Server, 1000, 100_000).pooled(64, 100)],
                ..a_thousand_a_second()
            },
        ),
        preset(
            "server-keepalive",
            90 * SECOND,
            Text::fixed("서버가 닫는 keep-alive", "Keep-alive, closed by the server"),
            Text::fixed(
                "서버가 연결마다 요청 20개를 받고 닫습니다. TIME_WAIT은 서버에 남지만 서버의 로컬 포트는 하나뿐이라 아무것도 모자라지 않습니다.",
                "The server closes after 20 requests. TIME_WAIT stays on the server, whose local port is one and the same: nothing runs short.",
            ),
            Scenario {
                watch: server,
                legs: vec![Leg {
                    idle_ms: 75_000,
                    ..Leg::new(Host::Client, Host::Server, 400, 100_000).pooled(32, 20).closed_by(Close::Server)
                }],
                ..a_thousand_a_second()
            },
        ),
        preset(
            "too-few-buckets",
            30 * SECOND,
            Text::fixed("너무 적은 tcp_max_tw_buckets", "Too few buckets"),
            Text::fixed(
                "한도를 1,000으로 낮추면 초당 100번 닫는 서버에서 10초 만에 넘칩니다. 그 뒤로는 TIME_WAIT의 보호 없이 닫히고, 카운터 하나만 그것을 압니다.",
                "With a limit of 1,000, a server that closes 100 a second overflows after 10 s; from then on connections close unprotected, and only a counter knows.",
            ),
            Scenario {
                watch: server,
                tcp_max_tw_buckets: 1000,
                legs: vec![Leg::new(Host::Client, Host::Server, 100, 100_000).closed_by(Close::Server)],
                ..a_thousand_a_second()
            },
        ),
        preset(
            "upstream-without-keepalive",
            55 * SECOND,
            Text::fixed("upstream, keepalive 없이", "Upstream without keepalive"),
            Text::fixed(
                "브라우저와는 연결을 이어 쓰는 프록시가 백엔드로는 요청마다 새로 엽니다. 초당 600번이면 47초 뒤 프록시의 포트가 바닥나고 502가 시작됩니다.",
                "The proxy keeps its browsers' connections but opens one to the backend for each request: at 600 a second its ports are gone after 47 s, and the 502s begin.",
            ),
            behind_a_proxy(upstream()),
        ),
        preset(
            "upstream-keepalive",
            55 * SECOND,
            Text::fixed("upstream, keepalive 64", "Upstream with keepalive 64"),
            Text::fixed(
                "같은 프록시가 백엔드 연결을 64개까지 남겨 둡니다. 초당 600요청을 연결 몇 개가 나르고, TIME_WAIT은 거의 없습니다.",
                "The same proxy keeps up to 64 connections to the backend: a few of them carry 600 requests a second, with hardly a TIME_WAIT.",
            ),
            behind_a_proxy(upstream().pooled(64, 1000)),
        ),
        preset(
            "linger-zero",
            30 * SECOND,
            Text::fixed("SO_LINGER 0", "SO_LINGER of 0 s"),
            Text::fixed(
                "FIN 대신 RST로 닫으면 TIME_WAIT이 없어 포트가 곧 돌아옵니다. 대신 상대는 정상 종료가 아니라 오류(ECONNRESET)를 보고, 늦게 온 패킷을 막을 것도 없습니다.",
                "Closing by an RST instead of a FIN leaves no TIME_WAIT, and ports return at once; but the peer sees an error (ECONNRESET), and nothing stops a late packet.",
            ),
            Scenario {
                legs: vec![Leg::new(Host::Client, Host::Server, 1000, 60_000).closed_by(Close::Linger0)],
                duration_ms: 60_000,
                ..a_thousand_a_second()
            },
        ),
        preset(
            "fin-timeout-62",
            10 * SECOND,
            Text::fixed("tcp_fin_timeout = 62", "tcp_fin_timeout = 62"),
            Text::fixed(
                "서버가 닫지 않는 연결의 FIN_WAIT2입니다. 62초로 늘렸더니 4초 만에 사라집니다. 커널은 60초를 넘는 2초를 두 번 기다릴 뿐입니다.",
                "FIN_WAIT2s whose server never closes. Raised to 62 s they are gone after four: the kernel waits twice for the 2 s above a minute, and no more.",
            ),
            Scenario {
                tcp_fin_timeout: 62,
                duration_ms: 30_000,
                legs: vec![Leg::new(Host::Client, Host::Server, 20, 15_000).closed_by(Close::Leak)],
                ..Scenario::default()
            },
        ),
        preset(
            "recycle-behind-nat",
            60 * SECOND,
            Text::fixed("tcp_tw_recycle과 NAT", "tcp_tw_recycle behind NAT"),
            Text::fixed(
                "공유기 뒤의 두 사람은 서버에 한 주소이지만 시계는 제각각입니다. 한 사람이 다녀가면 시계가 뒤진 사람의 SYN은 60초 동안 말없이 버려집니다.",
                "Two users behind a router are one address to the server, with clocks of their own: after one has visited, SYNs of the one whose clock is behind are dropped for 60 s without a word.",
            ),
            Scenario {
                kernel: RHEL7,
                tcp_tw_reuse: 0,
                tcp_tw_recycle: 1,
                nat: 1,
                watch: server,
                rtt_us: 20_000,
                legs: vec![
                    Leg::new(Host::Client, Host::Server, 1, 120_000).closed_by(Close::Server),
                    Leg::new(Host::Client2, Host::Server, 1, 120_000).closed_by(Close::Server),
                ],
                ..Scenario::default()
            },
        ),
        preset(
            "restart-without-reuseaddr",
            50 * SECOND,
            Text::fixed("다시 시작하지 못하는 서버", "A server that cannot restart"),
            Text::fixed(
                "다시 시작하며 서버가 먼저 닫은 연결들의 TIME_WAIT이 포트를 붙들고 있습니다. 새 프로세스만 SO_REUSEADDR을 켜서는 1분 동안 bind()가 되지 않습니다.",
                "Ending, the server closed its connections first, and their TIME_WAITs hold its port: with SO_REUSEADDR on the new process only, bind() fails for a minute.",
            ),
            Scenario {
                watch: server,
                restart_ms: 20_000,
                so_reuseaddr: 1,
                legs: vec![Leg {
                    service_ms: 200,
                    ..Leg::new(Host::Client, Host::Server, 50, 120_000).pooled(16, 100_000)
                }],
                ..Scenario::default()
            },
        ),
    ]
}
