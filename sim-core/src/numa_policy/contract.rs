//! What the model promises.

use crate::{Contract, Text};

pub(super) fn contract() -> Contract {
    Contract {
        functions: &[
            "mm/page_alloc.c: find_next_best_node",
            "mm/page_alloc.c: build_zonelists",
            "mm/page_alloc.c: get_page_from_freelist",
            "mm/page_alloc.c: __alloc_pages_slowpath",
            "mm/page_alloc.c: zone_statistics",
            "mm/page_alloc.c: __setup_per_zone_wmarks",
            "mm/page_alloc.c: setup_per_zone_lowmem_reserve",
            "mm/mempolicy.c: interleave_nid",
            "mm/mempolicy.c: interleave_nodes",
            "mm/mempolicy.c: weighted_interleave_nid",
            "mm/mempolicy.c: alloc_pages_preferred_many",
            "mm/mempolicy.c: mpol_to_str",
            "mm/vmscan.c: node_reclaim",
            "kernel/sched/fair.c: should_numa_migrate_memory",
            "kernel/sched/fair.c: update_task_scan_period",
            "drivers/base/node.c: node_read_numastat",
            "fs/proc/task_mmu.c: show_numa_map",
        ],
        kernels: Text::fixed(
            "3.10~7.x(RHEL 7의 3.10, RHEL 8의 4.18 포함). 대체 순서는 5.15까지와 5.16부터가 다르고, 인터리브 색인은 6.6까지 32비트입니다.",
            "3.10 to 7.x (RHEL 7: 3.10, RHEL 8: 4.18). Fallback order differs up to 5.15 and from 5.16; the interleave index has 32 bits up to 6.6.",
        ),
        leaves_out: vec![
            Text::fixed(
                "접근 비용은 커널의 계산이 아닙니다. 로컬 지연, 거리, 노드와 링크의 대역폭만으로 셈한 기계 모델이며 캐시와 TLB는 없습니다.",
                "What an access costs is not kernel arithmetic: a model of the machine from local latency, distances and the bandwidth of nodes and links, without caches or TLBs.",
            ),
            Text::fixed(
                "버디 할당자의 CPU별 목록, 워터마크 부스트, 페이지 테이블에 드는 페이지는 없습니다. 실제로는 이만큼 넘치는 시점이 앞뒤로 움직입니다.",
                "Per-CPU lists, watermark boosting and the pages that page tables take: in reality they move the point of spilling to and fro.",
            ),
            Text::fixed(
                "스왑이 없고, 회수는 깨끗한 페이지 캐시만 합니다(zone_reclaim_mode가 허락하면 더티도). kswapd는 4096페이지를 건드릴 때마다 밀린 일을 마칩니다.",
                "There is no swap; reclaim takes clean page cache only (dirty where zone_reclaim_mode allows). kswapd catches up after every 4096 pages that are touched.",
            ),
            Text::fixed(
                "스레드를 어느 CPU에서 돌릴지는 시나리오가 정합니다. 밸런싱은 비어 있는 CPU로만 스레드를 옮기고, 두 스레드를 맞바꾸지 않습니다.",
                "The scenario says which CPU a thread runs on. Balancing moves threads to idle CPUs only and swaps no two of them.",
            ),
            Text::fixed(
                "자동 밸런싱은 메모리를 최대 128칸으로 나누어 칸마다 폴트 하나로 판단합니다. 표시한 페이지는 다음 차례 전에 모두 읽힌다고 봅니다. 계층화(모드 2)는 없습니다.",
                "Balancing cuts memory into at most 128 cells and decides by one fault a cell; marked pages are taken to be read before the next turn. No tiering (mode 2).",
            ),
            Text::fixed(
                "거대 페이지, cpuset, 정책의 =static과 =relative, 이미 있는 페이지를 옮기는 mbind(MPOL_MF_MOVE)와 migratepages는 없습니다. 노드 메모리는 빈틈 없이 이어져 있고 모두 관리됩니다.",
                "No huge pages, cpusets, =static or =relative, no mbind(MPOL_MF_MOVE) or migratepages. Nodes lie side by side without holes, all of their memory managed.",
            ),
            Text::fixed(
                "numad는 커널 밖의 데몬이라 모델에 없습니다. 5~15초마다 /proc을 훑어 300 MB와 CPU 절반을 넘게 쓰는 프로세스를 찾고, cpuset과 migrate_pages로 한 노드에 모읍니다. numad -w CPU수:MB는 알맞은 노드를 추천하고, -i 0이면 멈춥니다.",
                "numad is a daemon outside the kernel and not modelled. Every 5 to 15 s it looks through /proc for processes above 300 MB and half a CPU and gathers each on a node with cpusets and migrate_pages. numad -w CPUS:MB advises nodes; -i 0 stops it.",
            ),
            Text::fixed(
                "자동 밸런싱, 4.18과 3.10의 규칙은 소스로만 확인했고 녹화한 기록과 맞춰 보지 못했습니다.",
                "Automatic balancing and the rules of 4.18 and 3.10 come from reading the source; no recorded trace of them was replayed.",
            ),
        ],
        tolerance: Text::fixed(
            "대체 순서와, 회수가 없는 동안의 페이지별 노드는 정확히 같아야 합니다. 처음 넘치는 페이지는 워터마크의 불확실성(부스트, CPU별 목록, 카운터 지연) 안이어야 하고, numastat의 차이는 다른 태스크가 쓴 페이지만큼만 허용합니다. 넘친 양과 zone_reclaim은 비교해서 오차를 적기만 합니다.",
            "Fallback orders, and the node of every page while nothing is reclaimed, must be exact. The first spilled page must lie within the uncertainty of the watermark (boost, per-CPU lists, counter drift), numastat within the pages other tasks took. Spilled amounts and zone_reclaim are compared and their error printed only.",
        ),
    }
}
