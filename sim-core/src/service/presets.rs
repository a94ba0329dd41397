//! Scenarios that each show one thing.

use super::scenario::Scenario;
use crate::model::Preset;
use crate::{Nanos, SECOND, Text};

fn preset(
    name: &'static str,
    cursor: Nanos,
    (title_ko, title_en): (&'static str, &'static str),
    (ko, en): (&'static str, &'static str),
    scenario: Scenario,
) -> Preset<Scenario> {
    let (title, insight) = (Text::fixed(title_ko, title_en), Text::fixed(ko, en));
    Preset { name, title, insight, scenario, cursor }
}

/// A backend on another machine that takes 2 ms, of which the worker waits most of its time.
fn waits_for_the_backend() -> Scenario {
    Scenario {
        clients: 16,
        cpu_us: 300,
        backend_us: 2000,
        backend_servers: 16,
        pool: 16,
        duration_ms: 2000,
        ..Scenario::default()
    }
}

/// More visitors than one worker can serve, each on a connection of its own.
fn rush() -> Scenario {
    Scenario {
        clients: 200,
        think_us: 100_000,
        think_spread: 1,
        cpu_spread: 1,
        keepalive: 0,
        pool: 4,
        backlog: 16,
        duration_ms: 14_000,
        ..Scenario::default()
    }
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    let s = |n: u64| n * SECOND;
    vec![
        preset(
            "baseline",
            s(5),
            ("출발점: 워커 하나", "The baseline: one worker"),
            (
                "클라이언트 여덟 가운데 하나만 일하고 일곱은 줄에 서 있습니다. 지연 시간의 대부분은 일이 아니라 기다림입니다.",
                "Of eight clients one is served and seven stand in the queue: most of the latency is waiting, not work.",
            ),
            Scenario::default(),
        ),
        preset(
            "the-knee",
            s(10),
            ("무릎: 클라이언트가 하나씩 늘 때", "The knee: one client more every half second"),
            (
                "무릎까지는 처리량만 늘고 지연 시간은 그대로입니다. 무릎을 지나면 처리량은 그대로이고 지연 시간만 늡니다.",
                "Up to the knee throughput grows and latency stays; beyond it throughput stays and only latency grows.",
            ),
            Scenario {
                clients: 32,
                ramp_ms: 500,
                think_us: 20_000,
                pool: 4,
                duration_ms: 18_000,
                ..Scenario::default()
            },
        ),
        preset(
            "two-workers",
            s(3),
            ("CPU 둘에 워커 둘", "Two workers on two CPUs"),
            (
                "워커를 CPU 수만큼 두면 처리량이 두 배 가까이 됩니다. 두 배가 못 되는 것은 커널과 클라이언트도 같은 CPU를 쓰기 때문입니다.",
                "A worker for each CPU nearly doubles throughput, and not quite, because the kernel and the clients use the same CPUs.",
            ),
            Scenario { workers: 2, duration_ms: 6000, ..Scenario::default() },
        ),
        preset(
            "too-many-workers",
            s(3),
            ("CPU 둘에 워커 열여섯", "Sixteen workers on two CPUs"),
            (
                "CPU를 쓰는 일이라면 워커를 더 늘려도 처리량은 그대로입니다. 줄이 accept 큐에서 실행 큐로 옮겨 갈 뿐입니다.",
                "For work that computes, still more workers change nothing: the queue moves from the accept queue to the run queue.",
            ),
            Scenario { clients: 32, workers: 16, duration_ms: 6000, ..Scenario::default() },
        ),
        preset(
            "workers-that-wait",
            s(1) + s(1) / 2,
            ("기다리는 일에 워커 여덟", "Eight workers for work that waits"),
            (
                "백엔드를 기다리는 일이라면 이야기가 다릅니다. CPU는 놀고 있으므로 워커를 CPU보다 많이 두어야 합니다.",
                "Work that waits for a backend is another matter: the CPUs are idle, and it takes more workers than CPUs to use them.",
            ),
            Scenario { workers: 8, ..waits_for_the_backend() },
        ),
        preset(
            "ports-run-out",
            s(6),
            ("포트가 바닥날 때까지", "Until the ports run out"),
            (
                "요청마다 백엔드에 새로 연결하면, 포트가 TIME_WAIT으로 다 차는 순간 갑자기 실패가 쏟아집니다. 60초가 지나야 돌아옵니다.",
                "With a new connection to the backend for each visit all is well until every port is in TIME_WAIT; then visits fail, until 60 s have passed.",
            ),
            Scenario { ports: 2000, retry_ms: 200, duration_ms: 75_000, ..Scenario::default() },
        ),
        preset(
            "a-pool",
            s(6),
            ("같은 부하, 커넥션 풀", "The same load with a pool"),
            (
                "같은 부하에 풀을 두면 연결은 하나면 되고 TIME_WAIT은 하나도 없습니다. 워커 하나는 한 번에 하나만 쓰기 때문입니다.",
                "With a pool the same load needs a single connection, and there is no TIME_WAIT at all: one worker uses one at a time.",
            ),
            Scenario { ports: 2000, pool: 16, duration_ms: 14_000, ..Scenario::default() },
        ),
        preset(
            "proxy-without-keepalive",
            s(1) + s(1) / 4,
            ("프록시, keepalive 없이", "A proxy without keepalive"),
            (
                "프록시가 요청마다 새로 연결하면 양쪽이 연결하는 값을 또 치릅니다. 응답이 짧은 서비스일수록 큰 몫입니다.",
                "A proxy that connects anew for each visit makes both sides pay for it again; the shorter the answers, the larger the share.",
            ),
            Scenario { workers: 2, pool: 4, cpu_us: 200, proxy: 1, duration_ms: 1500, ..Scenario::default() },
        ),
        preset(
            "proxy-with-keepalive",
            s(1) + s(1) / 4,
            ("프록시, keepalive로", "A proxy with keepalive"),
            (
                "upstream의 연결을 남겨 두면 그 값이 사라집니다. 같은 CPU로 더 많은 요청을 처리합니다.",
                "Keep the connections to the upstream and that cost is gone: the same CPUs answer more visits.",
            ),
            Scenario { workers: 2, pool: 4, cpu_us: 200, proxy: 2, duration_ms: 1500, ..Scenario::default() },
        ),
        preset(
            "backlog-overflow",
            s(12),
            ("accept 큐가 넘칠 때", "When the accept queue overflows"),
            (
                "짧은 큐가 넘치면 커널은 SYN을 버리고, 클라이언트는 1초 뒤에야 다시 보냅니다. 중앙값은 멀쩡한데 p99만 1초를 넘습니다.",
                "When a short queue overflows the kernel drops the SYN, which is sent again only after 1 s: the median is fine and p99 is above a second.",
            ),
            rush(),
        ),
        preset(
            "backlog-longer",
            s(10),
            ("accept 큐를 늘리면", "With a longer accept queue"),
            (
                "큐를 늘리면 버려지는 SYN은 없어지고 모두가 조금씩 더 기다립니다. 처리량은 그대로이니 근본 처방은 아닙니다.",
                "With a longer queue no SYN is dropped and everybody waits a little longer. Throughput is the same: it is no cure.",
            ),
            Scenario { backlog: 0, ..rush() },
        ),
    ]
}
