//! The scalar parameters: what a slider can set.

use crate::Text;
use crate::params::{HZ, YES_NO};
use crate::scenario::Param;

const REUSE: &[(i64, Text)] = &[
    (0, Text::fixed("0 (끔)", "0 (off)")),
    (1, Text::fixed("1 (켬)", "1 (on)")),
    (2, Text::fixed("2 (루프백만)", "2 (loopback only)")),
];
const WATCH: &[(i64, Text)] = &[
    (0, Text::fixed("client", "client")),
    (1, Text::fixed("client2", "client2")),
    (2, Text::fixed("proxy", "proxy")),
    (3, Text::fixed("server", "server")),
];
const REUSEADDR: &[(i64, Text)] = &[
    (0, Text::fixed("없음", "nobody")),
    (1, Text::fixed("새 프로세스만", "the new process")),
    (2, Text::fixed("둘 다", "both")),
];

/// The scalar parameters, in the order a reader meets them.
pub const PARAMS: &[Param] = &[
    Param::new(
        "watch",
        Text::fixed("들여다볼 호스트", "Host to look at"),
        Text::fixed(
            "파일과 카운터와 패킷을 어느 호스트에서 볼지 정합니다.",
            "Whose files, counters and packets are seen.",
        ),
    )
    .choices(WATCH)
    .default(0),
    Param::new(
        "ip_local_port_range_low",
        Text::fixed("로컬 포트의 처음(ip_local_port_range)", "First local port (ip_local_port_range)"),
        Text::fixed("connect()가 쓰는 첫 포트입니다.", "The first port that connect() may take."),
    )
    .range(1024, 65_535)
    .default(32_768),
    Param::new(
        "ip_local_port_range_high",
        Text::fixed("로컬 포트의 끝(ip_local_port_range)", "Last local port (ip_local_port_range)"),
        Text::fixed(
            "connect()가 쓰는 마지막 포트입니다. 처음보다 작을 수 없습니다.",
            "The last port that connect() may take; not below the first.",
        ),
    )
    .range(1024, 65_535)
    .default(60_999),
    Param::new(
        "tcp_tw_reuse",
        Text::fixed("TIME_WAIT 넘겨받기(tcp_tw_reuse)", "Take over TIME_WAITs (tcp_tw_reuse)"),
        Text::fixed(
            "connect()가 오래된 TIME_WAIT의 포트를 다시 쓰는지 정합니다. 4.19 전에는 0만 아니면 모두 켬입니다.",
            "Whether connect() takes over the port of an old TIME_WAIT. Before 4.19 anything but 0 is on.",
        ),
    )
    .choices(REUSE)
    .default(2),
    Param::new(
        "tcp_tw_reuse_delay",
        Text::fixed("넘겨받기까지(tcp_tw_reuse_delay)", "Wait before that (tcp_tw_reuse_delay)"),
        Text::fixed(
            "TIME_WAIT이 이만큼 오래되어야 넘겨받습니다. 6.14부터 있고, 그 전에는 초 단위로 견줍니다.",
            "How old a TIME_WAIT must be. Since 6.14; before, seconds were compared.",
        ),
    )
    .range(1, 60_000)
    .default(1000)
    .step(100)
    .unit("ms"),
    Param::new(
        "tcp_timestamps",
        Text::fixed("타임스탬프(tcp_timestamps)", "Timestamps (tcp_timestamps)"),
        Text::fixed(
            "세그먼트에 타임스탬프를 싣는지 정합니다. 없으면 TIME_WAIT을 넘겨받지 못합니다.",
            "Whether segments carry timestamps. Without them no TIME_WAIT is taken over.",
        ),
    )
    .choices(YES_NO)
    .default(1),
    Param::new(
        "tcp_max_tw_buckets",
        Text::fixed("TIME_WAIT의 최대 개수(tcp_max_tw_buckets)", "Most TIME_WAITs (tcp_max_tw_buckets)"),
        Text::fixed("이보다 많아지면 TIME_WAIT 없이 닫습니다.", "Beyond it connections close without a TIME_WAIT."),
    )
    .range(0, 1_000_000)
    .default(131_072)
    .step(1000),
    Param::new(
        "tcp_fin_timeout",
        Text::fixed("FIN_WAIT2의 길이(tcp_fin_timeout)", "Length of FIN_WAIT2 (tcp_fin_timeout)"),
        Text::fixed(
            "애플리케이션이 손을 뗀 FIN_WAIT2를 기다려 주는 시간입니다. TIME_WAIT과는 상관없습니다.",
            "How long a FIN_WAIT2 without an application is kept. It has nothing to do with TIME_WAIT.",
        ),
    )
    .range(1, 600)
    .default(60)
    .unit("s"),
    Param::new(
        "tcp_tw_recycle",
        Text::fixed("tcp_tw_recycle(4.11까지)", "tcp_tw_recycle (until 4.11)"),
        Text::fixed(
            "TIME_WAIT을 0.7초로 줄이고 상대 주소마다 타임스탬프를 기억합니다. 4.12에서 없어졌습니다.",
            "Cuts TIME_WAIT to 0.7 s and remembers timestamps by peer address. Gone since 4.12.",
        ),
    )
    .choices(YES_NO)
    .default(0),
    Param::new(
        "nat",
        Text::fixed("클라이언트 앞의 공유기(NAT)", "A router before the clients (NAT)"),
        Text::fixed(
            "켜면 client와 client2가 서버에는 한 주소로 보입니다.",
            "When on, client and client2 are one address to the server.",
        ),
    )
    .choices(YES_NO)
    .default(0),
    Param::new(
        "loopback",
        Text::fixed("모두 한 컴퓨터(루프백)", "All on one machine (loopback)"),
        Text::fixed(
            "켜면 모든 호스트가 한 컴퓨터이고 127.0.0.1로 연결합니다.",
            "When on, all hosts are one machine and connect over 127.0.0.1.",
        ),
    )
    .choices(YES_NO)
    .default(0),
    Param::new(
        "rtt_us",
        Text::fixed("왕복 시간(RTT)", "Round trip (RTT)"),
        Text::fixed("세그먼트가 갔다 오는 데 걸리는 시간입니다.", "How long a segment takes there and back."),
    )
    .range(2, 1_000_000)
    .default(500)
    .step(100)
    .unit("us"),
    Param::new(
        "restart_ms",
        Text::fixed("서버 다시 시작", "Restart of the server"),
        Text::fixed(
            "서버 프로세스가 끝나고 다시 시작하는 때입니다. 0이면 그런 일이 없습니다.",
            "When the server's process ends and starts again; 0 for never.",
        ),
    )
    .range(0, 600_000)
    .default(0)
    .step(1000)
    .unit("ms"),
    Param::new(
        "so_reuseaddr",
        Text::fixed("서버 포트의 SO_REUSEADDR", "SO_REUSEADDR on the server's port"),
        Text::fixed(
            "누가 이 옵션을 켰는지 정합니다. 남은 소켓과 새 소켓 둘 다 켰어야 bind()가 됩니다.",
            "Who set it. The sockets that are left and the new one both need it for bind() to work.",
        ),
    )
    .choices(REUSEADDR)
    .default(2),
    Param::new(
        "hz",
        Text::fixed("틱 주파수(CONFIG_HZ)", "Tick rate (CONFIG_HZ)"),
        Text::fixed(
            "60초짜리 타이머가 얼마나 늦게 울릴 수 있는지가 이것에 달렸습니다.",
            "How late a timer of 60 s may fire depends on it.",
        ),
    )
    .choices(HZ)
    .default(250)
    .unit("Hz"),
    Param::new(
        "jiffies",
        Text::fixed("시작할 때의 jiffies", "Jiffies at the start"),
        Text::fixed("타이머 휠이 어디쯤 와 있는지를 정합니다.", "Where the timer wheel stands."),
    )
    .range(0, 4095)
    .default(0)
    .unit("ticks"),
    Param::new(
        "duration_ms",
        Text::fixed("실행 길이", "Length of the run"),
        Text::fixed("얼마 동안 지켜볼지 정합니다.", "How long to watch."),
    )
    .range(1000, 600_000)
    .default(120_000)
    .step(1000)
    .unit("ms"),
    Param::new(
        "seed",
        Text::fixed("난수 시드", "Seed"),
        Text::fixed(
            "커널만 아는 해시와 난수를 대신합니다. 시드가 같으면 결과도 같습니다.",
            "Stands in for hashes and random numbers that only a kernel knows: the same seed gives the same run.",
        ),
    )
    .range(0, i64::MAX)
    .default(0),
];
