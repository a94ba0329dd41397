//! What the model promises.

use crate::{Contract, Text};

pub(super) fn contract() -> Contract {
    Contract {
        functions: &[
            "block/elevator.c: elv_merge",
            "block/elevator.c: elv_attempt_insert_merge",
            "block/noop-iosched.c: noop_dispatch",
            "block/deadline-iosched.c: deadline_dispatch_requests",
            "block/cfq-iosched.c: cfq_select_queue",
            "block/cfq-iosched.c: cfq_completed_request",
            "block/mq-deadline.c: dd_dispatch_request",
            "block/kyber-iosched.c: kyber_dispatch_request",
            "block/kyber-iosched.c: kyber_timer_fn",
            "block/bfq-iosched.c: bfq_select_queue",
            "block/bfq-iosched.c: bfq_bfqq_expire",
            "block/bfq-wf2q.c: __bfq_lookup_next_entity",
            "block/blk-merge.c: blk_attempt_plug_merge",
            "block/blk-mq.c: blk_mq_submit_bio",
            "block/blk-core.c: update_io_ticks",
            "block/genhd.c: diskstats_show",
        ],
        kernels: Text::fixed(
            "noop, deadline, cfq: 2.6.32(RHEL 6)~4.20. none: 3.13부터. mq-deadline: 4.11부터(5.14 우선순위 등급, 5.17 낮은 등급의 기한, 6.4 위치로 이어 가기). kyber, bfq: 4.12부터. 모두 7.x까지이며, bfq는 어느 버전에서나 6.1의 규칙을 씁니다.",
            "noop, deadline, cfq: 2.6.32 (RHEL 6) to 4.20. none from 3.13; mq-deadline from 4.11 (classes in 5.14, their aging in 5.17, positions in 6.4); kyber and bfq from 4.12; all up to 7.x. bfq follows the rules of 6.1 on every version.",
        ),
        leaves_out: vec![
            Text::fixed(
                "noop, deadline, cfq는 소스로만 확인했습니다. 이 스케줄러가 있는 커널은 녹화하지 못했습니다. 2.6.34와 3.10의 소스에서 다른 점은 있지만 정확히 어느 버전에서 바뀌었는지는 모릅니다.",
                "noop, deadline and cfq come from reading the source; no kernel that has them was recorded. Where 2.6.34 and 3.10 differ, the version of the change is not known.",
            ),
            Text::fixed(
                "bfq의 기록에는 프로세스가 하나뿐이고 cfq의 기록은 없습니다. 여러 프로세스 사이의 순서는 소스로만 확인했습니다. cgroup 가중치는 없습니다.",
                "The recordings of bfq have one process, and of cfq there are none: the order among processes comes from reading the source. Weights of cgroups are left out.",
            ),
            Text::fixed(
                "디스크의 시간은 제원과 가정에서 나온 것이며 특정 제품의 실측이 아닙니다. HP 97560만 발표된 모델 그대로입니다.",
                "Disk times come from data sheets and assumptions, not from a drive that was measured; only the HP 97560 is as published.",
            ),
            Text::fixed(
                "디스크의 쓰기 캐시, 플러시, 불량 섹터, 구역별 밀도, 플래시의 가비지 컬렉션은 없습니다.",
                "A drive's write cache, flushes, bad sectors, zones of different density, the garbage collection of flash.",
            ),
            Text::fixed(
                "CPU와 하드웨어 큐는 하나이고, 커널이 일하는 데에는 시간이 걸리지 않습니다.",
                "There is one CPU and one hardware queue, and the kernel's own work takes no time.",
            ),
            Text::fixed(
                "쓰기 스트림은 플러셔가 내보내는 요청이며, 더티 페이지가 쌓이는 과정은 dirty-writeback 모델의 몫입니다. wbt와 존 장치도 없습니다.",
                "Buffered writes appear as the flusher's requests; how pages get dirty is another model's business. No wbt and no zoned devices.",
            ),
            Text::fixed(
                "요청이 모자라 잠든 프로세스는 하나가 끝날 때마다 하나씩 깨어납니다. 커널은 몇 개씩 모아서 깨웁니다.",
                "Sleepers for a free request wake one at a time; the kernel wakes them in batches.",
            ),
        ],
        tolerance: Text::fixed(
            "녹화한 삽입, 완료, 디스패치 시각을 주면 mq-deadline의 모든 호출이 녹화와 같은 요청을 골라야 합니다. none과 kyber는 장치가 받은 순서가 같아야 합니다. 허용 오차는 0입니다. bfq는 일치율을 공개하며 요청 1000개 중 50개까지 다를 수 있습니다. 기록에서 빠진 줄이 있으면 재생은 거기서 멈추고 이유를 말합니다.",
            "Fed with recorded insert, finish and dispatch times, every call of mq-deadline must choose the recorded request; with none and kyber the device must get them in the recorded order: tolerance 0. For bfq the agreement is published, and 50 of 1000 requests may differ. Where a recording lacks a row, the replay stops and says why.",
        ),
    }
}
