//! What the model promises.

use crate::{Contract, Text};

pub(super) fn contract() -> Contract {
    Contract {
        functions: &[
            "block/noop-iosched.c: noop_dispatch",
            "block/deadline-iosched.c: deadline_dispatch_requests",
            "block/cfq-iosched.c: cfq_dispatch_requests",
            "block/mq-deadline.c: dd_dispatch_request",
            "block/kyber-iosched.c: kyber_dispatch_request",
            "block/bfq-iosched.c: bfq_dispatch_request",
            "block/blk-merge.c: blk_attempt_plug_merge",
            "block/blk-mq.c: blk_mq_submit_bio",
            "block/blk-core.c: update_io_ticks",
            "block/genhd.c: diskstats_show",
        ],
        kernels: Text::fixed(
            "2.6.32~4.20(noop, deadline, cfq), 3.13부터(none), 4.11부터(mq-deadline), 4.12부터(kyber, bfq), 7.x까지.",
            "2.6.32 to 4.20 (noop, deadline, cfq), from 3.13 (none), 4.11 (mq-deadline) and 4.12 (kyber, bfq) to 7.x.",
        ),
        leaves_out: vec![
            Text::fixed(
                "noop, deadline, cfq는 소스로만 확인했습니다. 이 스케줄러가 있는 커널은 녹화하지 못했습니다.",
                "noop, deadline and cfq come from reading the source; no kernel that has them was recorded.",
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
                "쓰기 스트림은 플러셔가 내보내는 요청이며, 더티 페이지가 쌓이는 과정은 dirty-writeback 모델의 몫입니다. wbt, cgroup, 존 장치도 없습니다.",
                "Buffered writes appear as the flusher's requests; how pages get dirty is another model's business. No wbt, no cgroups, no zoned devices.",
            ),
            Text::fixed(
                "요청이 모자라 잠든 프로세스는 하나가 끝날 때마다 하나씩 깨어납니다. 커널은 몇 개씩 모아서 깨웁니다.",
                "Sleepers for a free request wake one at a time; the kernel wakes them in batches.",
            ),
        ],
        tolerance: Text::fixed(
            "녹화한 삽입, 완료, 디스패치 시각을 주면 mq-deadline의 순서는 하나도 다르지 않아야 합니다. none과 kyber는 기록이 순서를 정하는 곳에서 같아야 하고, bfq는 일치율을 공개합니다.",
            "Fed with recorded insert, finish and dispatch times, the order of mq-deadline must be the same without exception; none and kyber wherever the trace decides it; for bfq the agreement is published.",
        ),
    }
}
