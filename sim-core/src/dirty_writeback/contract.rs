//! What the model promises.

use crate::{Contract, Text};

pub(super) fn contract() -> Contract {
    Contract {
        functions: &[
            "mm/page-writeback.c: global_dirtyable_memory",
            "mm/page-writeback.c: domain_dirty_limits",
            "mm/page-writeback.c: balance_dirty_pages",
            "mm/page-writeback.c: balance_dirty_pages_ratelimited",
            "mm/page-writeback.c: wb_position_ratio",
            "mm/page-writeback.c: wb_update_dirty_ratelimit",
            "mm/page-writeback.c: wb_update_write_bandwidth",
            "mm/page-writeback.c: wb_min_pause",
            "mm/page-writeback.c: dirty_poll_interval",
            "lib/flex_proportions.c: fprop_fraction_percpu",
            "fs/fs-writeback.c: wb_writeback",
            "fs/fs-writeback.c: writeback_chunk_size",
            "kernel/time/timer.c: calc_index",
        ],
        kernels: Text::fixed(
            "2.6.18(RHEL 5), 2.6.32(RHEL 6)~3.1은 프로그램이 직접 쓰던 규칙, 3.2~7.x는 멈추게 하는 규칙. 6.12까지와 6.18부터는 디스크 몫의 바닥값이 다르며, 그 사이의 경계는 6.14로 보았으나 확인하지 않았습니다.",
            "2.6.18 (RHEL 5) and 2.6.32 (RHEL 6) to 3.1 by the rule that writers write, 3.2 to 7.x by the rule that they pause. The floor under a disk's share differs until 6.12 and from 6.18; in between the change is taken to be 6.14, unchecked.",
        ),
        leaves_out: vec![
            Text::fixed(
                "회수(reclaim): 메모리가 모자랄 때 더티 페이지를 만난 kswapd가 하는 일.",
                "Reclaim: what kswapd does when it meets dirty pages.",
            ),
            Text::fixed(
                "파일 시스템: 저널, 지연 할당, 메타데이터. fsync는 자기 파일의 페이지만 쓰고 기다립니다.",
                "The file system: journal, delayed allocation, metadata. fsync writes and awaits the pages of its own file only.",
            ),
            Text::fixed(
                "쓰기는 늘 파일 끝에 붙습니다. 이미 더티인 페이지를 다시 더럽히지 않습니다.",
                "Writes always append; no page is dirtied twice before it is written.",
            ),
            Text::fixed(
                "cgroup별 임곗값, NFS, 실시간 태스크의 덤, laptop_mode.",
                "Thresholds per cgroup, NFS, the allowance of real-time tasks, laptop_mode.",
            ),
            Text::fixed(
                "디스크는 요청을 순서대로 일정한 속도로 처리하고, I/O 스케줄러와 읽기는 없습니다.",
                "The disk serves requests in order at a steady pace; there is no I/O scheduler and nobody reads.",
            ),
            Text::fixed(
                "3.10 이하의 규칙, strict_limit과 min_ratio·max_ratio는 소스로만 확인했고 녹화한 기록과 맞춰 보지 못했습니다.",
                "The rules of 3.10 and older, strict_limit, min_ratio and max_ratio come from reading the source; no recorded trace of them was replayed.",
            ),
        ],
        tolerance: Text::fixed(
            "녹화한 입력을 주면 임곗값, pos_ratio, 속도 갱신, 멈춤, 다음에 볼 때가 모두 정확히 같아야 합니다(허용 오차 0). 처음부터 다시 돌리면 더티 페이지는 1초 뒤부터 100 ms마다 임곗값의 5 % 안에, 첫 쓰기와 첫 멈춤은 300 ms 안에 있어야 합니다. 이때 디스크와 프로그램 자체의 속도는 녹화에서 잽니다.",
            "Fed with the recorded inputs, thresholds, pos_ratio, rate updates, pauses and next looks must be exactly the same: tolerance 0. Run again from the beginning, dirty pages must stay within 5 % of the threshold at every 100 ms after the first second, and the first flush and the first pause within 300 ms; the speeds of the disk and of the writer itself are measured from the recording.",
        ),
    }
}
