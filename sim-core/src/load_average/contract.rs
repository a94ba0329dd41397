//! What the model promises.

use crate::{Contract, Text};

pub(super) fn contract() -> Contract {
    Contract {
        functions: &[
            "kernel/sched/loadavg.c: calc_load",
            "kernel/sched/loadavg.c: calc_load_n",
            "kernel/sched/loadavg.c: fixed_power_int",
            "kernel/sched/loadavg.c: calc_global_load",
            "kernel/sched/loadavg.c: calc_global_load_tick",
            "kernel/sched/loadavg.c: calc_load_nohz_start",
            "kernel/sched/loadavg.c: calc_load_nohz_stop",
            "fs/proc/loadavg.c: loadavg_proc_show",
            "kernel/sched/psi.c: update_averages",
        ],
        kernels: Text::fixed(
            "2.6.18(RHEL 5), 2.6.31~2.6.34(RHEL 6의 2.6.32), 3.5~7.x(RHEL 7의 3.10, RHEL 8의 4.18 포함). 2.6.35~3.4는 nohz=0일 때만 됩니다.",
            "2.6.18 (RHEL 5), 2.6.31 to 2.6.34 (RHEL 6: 2.6.32), 3.5 to 7.x (RHEL 7: 3.10, RHEL 8: 4.18). 2.6.35 to 3.4 only with nohz=0.",
        ),
        leaves_out: vec![
            Text::fixed(
                "스케줄러: 태스크가 언제 실행 큐에 있는지는 시나리오가 정합니다. 로드 밸런싱으로 CPU를 옮기지도 않습니다.",
                "The scheduler: the scenario says when a task is on a run queue, and no task moves to another CPU.",
            ),
            Text::fixed(
                "쉬는 CPU는 곧바로 틱을 멈춥니다. 실제 커널은 곧 울릴 타이머가 있으면 틱을 남겨 둡니다.",
                "An idle CPU stops its tick at once; a real one keeps it while a timer is about to fire.",
            ),
            Text::fixed(
                "커널 스레드와 인터럽트가 잠깐씩 만드는 부하는 없습니다.",
                "The moments of load that kernel threads and interrupts make.",
            ),
            Text::fixed(
                "PSI는 누군가 파일을 계속 읽는다고 보고 계산합니다. cgroup별 값은 없습니다.",
                "PSI is kept as if someone read the files all the time, and not per cgroup.",
            ),
            Text::fixed(
                "RHEL 5, 6, 7의 규칙은 소스로만 확인했고 녹화한 기록과 맞춰 보지 못했습니다.",
                "The rules of RHEL 5, 6 and 7 come from reading the source; no recorded trace of them was replayed.",
            ),
        ],
        tolerance: Text::fixed(
            "녹화한 입력을 그대로 주면 세 평균의 정수(1/2048)와 /proc/loadavg의 글자가 하나도 다르지 않아야 합니다. 허용 오차는 0입니다.",
            "Fed with the recorded inputs, the integers of the three averages (1/2048) and the text of /proc/loadavg must be the same to the last digit: tolerance 0.",
        ),
    }
}
