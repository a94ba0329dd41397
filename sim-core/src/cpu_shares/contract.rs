//! What the model promises.

use crate::{Contract, Text};

pub(super) fn contract() -> Contract {
    Contract {
        functions: &[
            "kernel/sched/core.c: sched_prio_to_weight",
            "kernel/sched/fair.c: __calc_delta",
            "kernel/sched/fair.c: update_curr",
            "kernel/sched/fair.c: place_entity",
            "kernel/sched/fair.c: sched_slice",
            "kernel/sched/fair.c: check_preempt_tick",
            "kernel/sched/fair.c: avg_vruntime",
            "kernel/sched/fair.c: update_entity_lag",
            "kernel/sched/fair.c: pick_eevdf",
            "kernel/sched/fair.c: check_preempt_wakeup_fair",
            "kernel/sched/fair.c: dequeue_entity",
            "kernel/sched/fair.c: calc_group_shares",
            "kernel/sched/fair.c: account_cfs_rq_runtime",
            "kernel/sched/fair.c: throttle_cfs_rq",
            "kernel/sched/fair.c: sched_cfs_period_timer",
            "kernel/sched/rt.c: sched_rt_runtime_exceeded",
            "kernel/sched/rt.c: task_tick_rt",
            "kernel/sched/deadline.c: dl_server_timer",
        ],
        kernels: Text::fixed(
            "CFS는 3.10(RHEL 7)~6.5, EEVDF는 6.6~6.18입니다. x86-64, hrtick 없음.",
            "CFS from 3.10 (RHEL 7) to 6.5, EEVDF from 6.6 to 6.18; x86-64, without hrtick.",
        ),
        leaves_out: vec![
            Text::fixed(
                "로드 밸런싱: 태스크는 처음 묶인 CPU에만 있습니다. SMT, 전력, NUMA도 고려하지 않습니다.",
                "Load balancing: each task stays on the CPU it is pinned to. No SMT, no energy, no NUMA.",
            ),
            Text::fixed(
                "문맥 교환, 인터럽트, 커널 스레드에는 시간이 들지 않습니다. 모든 CPU의 틱은 같은 순간에 울리고, 깨우는 타이머는 늦지 않습니다.",
                "Switches, interrupts and kernel threads take no time; all CPUs tick at the same instant, and a timer that wakes a task is never late.",
            ),
            Text::fixed(
                "여러 CPU에 걸친 그룹의 가중치는 지금 실행 큐에 있는 태스크로 나눕니다. 커널은 서서히 움직이는 평균(PELT)으로 나눕니다.",
                "The weight of a group on several CPUs is split by who is queued there now; the kernel splits it by averages that move slowly (PELT).",
            ),
            Text::fixed(
                "태스크가 여덟 이상일 때 CFS가 쓰는 buddy, sched_setattr로 정한 조각, cpu.max의 burst, 5.3까지의 할당량 만료는 없습니다.",
                "Buddies, which CFS uses from eight tasks on; slices set with sched_setattr; bursts of cpu.max; the expiry of quota until 5.3.",
            ),
            Text::fixed(
                "CFS의 규칙, 실시간 제한, 6.12의 서버는 소스로만 확인했고 녹화한 기록과 맞춰 보지 못했습니다.",
                "The rules of CFS, the limit on real-time tasks and the server of 6.12 come from reading the source; no recording of them was replayed.",
            ),
        ],
        tolerance: Text::fixed(
            "묶어 놓은 무한 루프 두세 개가 함께 쓴 CPU 시간을 주면, 각 태스크의 몫이 녹화와 14.8 ms(두 조각과 세 틱) 안에서 같아야 합니다. EEVDF가 보장하는 한계가 한 조각과 한 틱이고, 녹화와 모델이 서로 반대쪽으로 어긋날 수 있으며, 읽은 값은 한 틱까지 묵은 것이기 때문입니다. cpu.max는 nr_periods와 nr_throttled가 3 이내로 같아야 하고, CPU 시간은 한 주기의 할당량까지 더 다를 수 있습니다. 무한 루프 둘 곁에서 깨어나는 태스크의 평균 지연 시간은 0.36 ms(표준 오차의 세 배) 안에서 같아야 합니다.",
            "Given the CPU time that two or three pinned endless loops had together, each has to have its part to within 14.8 ms, two slices and three ticks: EEVDF itself keeps a task within a slice and a tick of its share, recording and model can be off in opposite directions, and what is read may be a tick old. For cpu.max nr_periods and nr_throttled may differ by 3, and CPU time by the quota of a period more. The mean latency of a task that wakes up beside two loops has to agree to 0.36 ms, three standard errors.",
        ),
    }
}
