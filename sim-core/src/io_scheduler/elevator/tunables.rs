//! The files below `/sys/block/*/queue/iosched`, with their units, ranges and defaults.

use crate::params::YES_NO;
use crate::scenario::Param;
use crate::{KernelVersion, Text};

/// A tunable with the first kernel that has it and the first that has not.
pub(super) type Tunable = (Param, KernelVersion, KernelVersion);

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor, 0)
}
const FIRST: KernelVersion = v(2, 6);
const NEVER: KernelVersion = v(8, 0);

/// Longest time a tunable may name, in milliseconds: an hour.
const HOUR_MS: i64 = 3_600_000;

const fn always(param: Param) -> Tunable {
    (param, FIRST, NEVER)
}

/// Nothing can be set.
pub(super) const NOTHING: &[Tunable] = &[];

const READ_EXPIRE: Param = Param::new(
    "read_expire",
    Text::fixed("읽기 기한", "Read deadline"),
    Text::fixed(
        "읽기가 기다려도 되는 시간입니다. 묶음이 시작될 때만 확인합니다.",
        "How long a read may wait; looked at only when a batch begins.",
    ),
)
.range(0, HOUR_MS)
.default(500)
.unit("ms");
const WRITE_EXPIRE: Param = Param::new(
    "write_expire",
    Text::fixed("쓰기 기한", "Write deadline"),
    Text::fixed(
        "쓰기가 기다려도 되는 시간입니다. 묶음이 시작될 때만 확인합니다.",
        "How long a write may wait; looked at only when a batch begins.",
    ),
)
.range(0, HOUR_MS)
.default(5000)
.unit("ms");
const WRITES_STARVED: Param = Param::new(
    "writes_starved",
    Text::fixed("쓰기를 미루는 횟수", "Times reads go first"),
    Text::fixed(
        "기다리는 쓰기가 있어도 읽기 묶음을 먼저 보내는 횟수입니다.",
        "How many batches of reads go before waiting writes.",
    ),
)
.range(0, 1000)
.default(2);
const FIFO_BATCH: Param = Param::new(
    "fifo_batch",
    Text::fixed("묶음 크기", "Batch"),
    Text::fixed("섹터 순서로 이어서 보내는 요청의 수입니다.", "Requests that are sent in a row by sector."),
)
.range(0, 10_000)
.default(16);
const FRONT_MERGES: Param = Param::new(
    "front_merges",
    Text::fixed("앞쪽 병합", "Front merges"),
    Text::fixed(
        "요청의 앞에 붙는 바이오도 찾는지 정합니다.",
        "Whether bios that fit in front of a request are looked for.",
    ),
)
.choices(YES_NO)
.default(1);

/// Legacy deadline.
pub(super) const DEADLINE: &[Tunable] =
    &[always(READ_EXPIRE), always(WRITE_EXPIRE), always(WRITES_STARVED), always(FIFO_BATCH), always(FRONT_MERGES)];

/// mq-deadline.
pub(super) const MQ_DEADLINE: &[Tunable] = &[
    always(READ_EXPIRE),
    always(WRITE_EXPIRE),
    always(WRITES_STARVED),
    always(FIFO_BATCH),
    always(FRONT_MERGES),
    (
        Param::new(
            "prio_aging_expire",
            Text::fixed("낮은 등급의 기한", "Aging of lower classes"),
            Text::fixed(
                "높은 등급 때문에 이보다 오래 기다린 요청은 먼저 보냅니다.",
                "A request of a lower class that was kept waiting for longer goes first.",
            ),
        )
        .range(0, HOUR_MS)
        .default(10_000)
        .unit("ms"),
        v(5, 17),
        NEVER,
    ),
    (
        Param::new(
            "async_depth",
            Text::fixed("비동기 깊이", "Async depth"),
            Text::fixed(
                "쓰기와 비동기 읽기가 차지할 수 있는 태그의 수입니다. 0이면 nr_requests와 같습니다.",
                "Tags that writes and asynchronous reads may hold; 0 for as many as nr_requests.",
            ),
        )
        .range(0, 65_536)
        .default(0),
        v(5, 14),
        v(7, 0),
    ),
];

/// kyber.
pub(super) const KYBER: &[Tunable] = &[
    always(
        Param::new(
            "read_lat_nsec",
            Text::fixed("읽기 지연 목표", "Read latency target"),
            Text::fixed(
                "읽기가 이보다 느려지면 다른 종류의 토큰을 줄입니다.",
                "When reads take longer, other kinds of requests lose tokens.",
            ),
        )
        .range(1, 3_600_000_000_000)
        .default(2_000_000)
        .unit("ns"),
    ),
    always(
        Param::new(
            "write_lat_nsec",
            Text::fixed("쓰기 지연 목표", "Write latency target"),
            Text::fixed(
                "쓰기가 이보다 느려지면 다른 종류의 토큰을 줄입니다.",
                "When writes take longer, other kinds of requests lose tokens.",
            ),
        )
        .range(1, 3_600_000_000_000)
        .default(10_000_000)
        .unit("ns"),
    ),
];

const FIFO_EXPIRE_SYNC: Param = Param::new(
    "fifo_expire_sync",
    Text::fixed("동기 요청의 기한", "Deadline of sync requests"),
    Text::fixed(
        "이보다 오래 기다린 동기 요청은 자기 프로세스의 차례에서 먼저 갑니다.",
        "A synchronous request that has waited longer goes first in its process's turn.",
    ),
)
.range(0, HOUR_MS)
.default(125)
.unit("ms");
const FIFO_EXPIRE_ASYNC: Param = Param::new(
    "fifo_expire_async",
    Text::fixed("비동기 요청의 기한", "Deadline of async requests"),
    Text::fixed(
        "이보다 오래 기다린 비동기 요청은 자기 차례에서 먼저 갑니다.",
        "An asynchronous request that has waited longer goes first in its turn.",
    ),
)
.range(0, HOUR_MS)
.default(250)
.unit("ms");
const BACK_SEEK_MAX: Param = Param::new(
    "back_seek_max",
    Text::fixed("뒤로 가는 최대 거리", "Longest way back"),
    Text::fixed(
        "헤드 뒤쪽으로 이만큼까지는 가깝다고 봅니다.",
        "Up to this far behind the head a request still counts as near.",
    ),
)
.range(0, 1_000_000_000)
.default(16_384)
.unit("KiB");
const BACK_SEEK_PENALTY: Param = Param::new(
    "back_seek_penalty",
    Text::fixed("뒤로 갈 때의 벌점", "Penalty for going back"),
    Text::fixed("헤드 뒤쪽의 거리에 곱하는 값입니다.", "What the distance behind the head is multiplied by."),
)
.range(1, 1000)
.default(2);
const SLICE_IDLE: Param = Param::new(
    "slice_idle",
    Text::fixed("기다려 주는 시간", "Idle slice"),
    Text::fixed(
        "차례인 프로세스가 다음 요청을 낼 때까지 디스크를 비워 두는 시간입니다.",
        "How long the disk is kept idle for the next request of the process whose turn it is.",
    ),
)
.range(0, 10_000)
.default(8)
.unit("ms");
const LOW_LATENCY: Param = Param::new(
    "low_latency",
    Text::fixed("낮은 지연", "Low latency"),
    Text::fixed(
        "처리량보다 응답을 앞세우는 규칙을 쓰는지 정합니다.",
        "Whether answering soon comes before throughput.",
    ),
)
.choices(YES_NO)
.default(1);

/// CFQ.
pub(super) const CFQ: &[Tunable] = &[
    always(
        Param::new(
            "quantum",
            Text::fixed("한 번에 보내는 수", "Quantum"),
            Text::fixed(
                "한 프로세스가 장치에 넣어 둘 수 있는 요청의 수입니다.",
                "Requests of one process the device may hold.",
            ),
        )
        .range(1, 1000)
        .default(8),
    ),
    always(FIFO_EXPIRE_SYNC),
    always(FIFO_EXPIRE_ASYNC),
    always(BACK_SEEK_MAX),
    always(BACK_SEEK_PENALTY),
    always(
        Param::new(
            "slice_sync",
            Text::fixed("동기 차례의 길이", "Sync slice"),
            Text::fixed("우선순위 4인 프로세스가 받는 시간입니다.", "Time of a process of priority 4."),
        )
        .range(1, 100_000)
        .default(100)
        .unit("ms"),
    ),
    always(
        Param::new(
            "slice_async",
            Text::fixed("비동기 차례의 길이", "Async slice"),
            Text::fixed("우선순위 4인 비동기 쓰기가 받는 시간입니다.", "Time of asynchronous writes of priority 4."),
        )
        .range(1, 100_000)
        .default(40)
        .unit("ms"),
    ),
    always(
        Param::new(
            "slice_async_rq",
            Text::fixed("비동기 차례의 요청 수", "Requests of an async slice"),
            Text::fixed(
                "비동기 차례에 보낼 수 있는 요청의 수를 정하는 바탕값입니다.",
                "What the number of requests in an asynchronous turn follows from.",
            ),
        )
        .range(1, 1000)
        .default(2),
    ),
    always(SLICE_IDLE),
    (
        Param::new(
            "group_idle",
            Text::fixed("그룹을 기다려 주는 시간", "Group idle"),
            Text::fixed(
                "slice_idle이 0일 때 그룹을 위해 디스크를 비워 두는 시간입니다.",
                "How long the disk is kept idle for a group while slice_idle is 0.",
            ),
        )
        .range(0, 10_000)
        .default(8)
        .unit("ms"),
        FIRST,
        NEVER,
    ),
    always(LOW_LATENCY),
    (
        Param::new(
            "target_latency",
            Text::fixed("목표 지연", "Target latency"),
            Text::fixed("모든 프로세스가 한 번씩 차례를 받는 시간입니다.", "In which every process gets a turn."),
        )
        .range(1, 100_000)
        .default(300)
        .unit("ms"),
        v(3, 0),
        NEVER,
    ),
];

/// BFQ.
pub(super) const BFQ: &[Tunable] = &[
    always(FIFO_EXPIRE_SYNC),
    always(FIFO_EXPIRE_ASYNC),
    always(BACK_SEEK_MAX),
    always(BACK_SEEK_PENALTY),
    always(SLICE_IDLE),
    always(
        Param::new(
            "max_budget",
            Text::fixed("최대 예산", "Largest budget"),
            Text::fixed(
                "한 차례에 받는 섹터의 최댓값입니다. 0이면 스스로 정합니다.",
                "Most sectors of a turn; 0 to let it find out.",
            ),
        )
        .range(0, 1_000_000_000)
        .default(0)
        .unit("sectors"),
    ),
    always(
        Param::new(
            "timeout_sync",
            Text::fixed("차례의 최대 시간", "Longest turn"),
            Text::fixed("예산이 남아도 차례가 끝나는 시간입니다.", "When a turn ends whatever is left of its budget."),
        )
        .range(1, HOUR_MS)
        .default(125)
        .unit("ms"),
    ),
    always(
        Param::new(
            "strict_guarantees",
            Text::fixed("엄격한 보장", "Strict guarantees"),
            Text::fixed(
                "언제나 기다려 주고 장치에 한 번에 하나만 보냅니다.",
                "Always idles, and keeps no more than one request in the device.",
            ),
        )
        .choices(YES_NO)
        .default(0),
    ),
    always(LOW_LATENCY),
];
