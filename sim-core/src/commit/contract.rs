//! What the model promises.

use crate::{Contract, Text};

pub(super) fn contract() -> Contract {
    Contract {
        functions: &[
            "mm/util.c: __vm_enough_memory",
            "mm/util.c: vm_commit_limit",
            "mm/mmap.c: accountable_mapping",
            "mm/mmap.c: init_admin_reserve",
            "mm/mmap.c: init_user_reserve",
            "mm/shmem.c: shmem_acct_size",
            "kernel/fork.c: dup_mmap",
            "mm/memory.c: do_anonymous_page",
            "mm/memory.c: do_wp_page",
            "mm/page_alloc.c: __setup_per_zone_wmarks",
            "mm/oom_kill.c: oom_badness",
            "mm/oom_kill.c: select_bad_process",
            "mm/oom_kill.c: out_of_memory",
            "fs/proc/base.c: proc_oom_score",
            "fs/proc/meminfo.c: meminfo_proc_show",
        ],
        kernels: Text::fixed(
            "3.10~7.x(RHEL 7의 3.10, RHEL 8의 4.18 포함). 모드 0은 5.1까지(RHEL 8 제외) 비울 수 있는 메모리를, 5.2부터 RAM과 스왑의 합을 봅니다. OOM 점수는 4.16까지 root를 3 % 봐주고, oom_score는 5.9에서 눈금이 바뀌었습니다.",
            "3.10 to 7.x (RHEL 7: 3.10, RHEL 8: 4.18). Mode 0 looks at what could be freed up to 5.1 (but RHEL 8), at all RAM and swap since 5.2. The OOM killer forgives root 3 % up to 4.16; oom_score has another scale since 5.9.",
        ),
        leaves_out: vec![
            Text::fixed(
                "회수는 단순합니다. 빈 메모리가 min 워터마크에 닿으면 high까지 회수하며, 페이지 캐시가 모두 나간 다음 가장 오래된 페이지부터 스왑으로 갑니다. swappiness와 활성 목록은 reclaim 모델의 일입니다.",
                "Reclaim is simple: at the min watermark it begins and goes on to the high one, all page cache first, then the oldest pages to swap. swappiness and active lists are the business of the reclaim model.",
            ),
            Text::fixed(
                "메모리는 존 하나입니다. 회수할 수 있는 슬랩과 CPU별 목록, Committed_AS의 CPU별 오차는 없습니다.",
                "Memory is one zone. No reclaimable slab, no per-CPU lists, and no per-CPU drift of Committed_AS.",
            ),
            Text::fixed(
                "2 MiB보다 작은 매핑은 실제로 이웃과 페이지 테이블을 나누어 쓰지만 여기서는 저마다 하나를 씁니다. 위층의 테이블과 스택, 작은 매핑의 약속은 프로그램마다 정해진 크기에 들어 있습니다.",
                "Mappings below 2 MiB share a page table with their neighbours in reality and have one each here. Upper tables, stack and small mappings are part of a fixed size for each program.",
            ),
            Text::fixed(
                "공유 메모리는 스왑으로 가지 않습니다. cgroup의 한도, 투명한 거대 페이지, mprotect, mlock도 없습니다.",
                "Shared memory does not go to swap. No limits of cgroups, transparent huge pages, mprotect or mlock.",
            ),
            Text::fixed(
                "모드 2의 거절은 6.1에서, 모드 0과 셈은 6.18에서 확인했습니다. 다른 커널의 규칙은 소스로만 확인했습니다.",
                "Refusals of mode 2 were recorded on 6.1, mode 0 and accounting on 6.18. Rules of other kernels come from reading the source.",
            ),
        ],
        tolerance: Text::fixed(
            "CommitLimit, 약속의 증감, 승낙과 거절의 경계, oom_score, OOM이 고르는 프로세스, 페이지 테이블과 폴트의 수가 모두 같아야 합니다. 허용 오차는 0입니다.",
            "CommitLimit, how promises grow and shrink, the edge between granted and refused, oom_score, whom the OOM killer picks, page tables and faults must be the same. The tolerance is 0.",
        ),
    }
}
