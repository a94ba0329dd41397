//! What the model promises.

use crate::{Contract, Text};

pub(super) fn contract() -> Contract {
    Contract {
        functions: &[
            "mm/page_alloc.c: __rmqueue_smallest",
            "mm/page_alloc.c: expand",
            "mm/page_alloc.c: __free_one_page",
            "mm/page_alloc.c: __rmqueue_fallback",
            "mm/page_alloc.c: steal_suitable_fallback",
            "mm/page_alloc.c: __rmqueue_claim",
            "mm/page_alloc.c: __rmqueue_steal",
            "mm/page_alloc.c: rmqueue_bulk",
            "mm/page_alloc.c: free_pcppages_bulk",
            "mm/page_alloc.c: nr_pcp_alloc",
            "mm/page_alloc.c: nr_pcp_free",
            "mm/page_alloc.c: nr_pcp_high",
            "mm/page_alloc.c: __zone_watermark_ok",
            "mm/page_alloc.c: get_page_from_freelist",
            "mm/page_alloc.c: __alloc_pages_slowpath",
            "mm/page_alloc.c: __setup_per_zone_wmarks",
            "mm/page_alloc.c: setup_per_zone_lowmem_reserve",
            "mm/page_alloc.c: boost_watermark",
            "mm/compaction.c: compaction_suitable",
            "mm/vmstat.c: fragmentation_index",
            "mm/vmstat.c: unusable_free_index",
            "mm/vmstat.c: frag_show_print",
        ],
        kernels: Text::fixed(
            "3.10(RHEL 7), 4.18(RHEL 8), 5.8~5.12, 5.18~6.9, 6.12.y, 6.15~7.x. 규칙이 바뀌던 사이의 버전은 받지 않습니다.",
            "3.10 (RHEL 7), 4.18 (RHEL 8), 5.8 to 5.12, 5.18 to 6.9, 6.12.y, 6.15 to 7.x. Versions between two sets of rules are refused.",
        ),
        leaves_out: vec![
            Text::fixed(
                "압축과 highatomic 예약은 다루지 않습니다. 압축을 시도할지 말지까지만 판단합니다.",
                "Compaction and highatomic reserves: the model says whether compaction would be tried, not what it achieves.",
            ),
            Text::fixed(
                "회수로 늘어나는 메모리는 없습니다. kswapd를 깨우고 직접 회수에 나서는 데까지만 보여 줍니다.",
                "What reclaim frees: the model says when kswapd is woken and when a caller reclaims, and goes on as if nothing came of it.",
            ),
            Text::fixed(
                "노드는 하나, 요청하는 CPU도 하나입니다. CMA와 격리된 페이지블록은 없습니다.",
                "More than one node, and more than one CPU at work; CMA and isolated pageblocks.",
            ),
            Text::fixed(
                "1초마다 줄어드는 CPU별 목록의 high(6.7부터)는 시나리오에서 줄지 않습니다. 기록을 재생할 때는 언제 비웠는지를 기록에서 받습니다.",
                "The decay of a per-CPU list's high once a second (since 6.7): absent from scenarios; a replay takes from the recording when lists were drained.",
            ),
            Text::fixed(
                "3.10과 4.18의 규칙, 양의 단편화 지수는 소스로만 확인했습니다.",
                "The rules of 3.10 and 4.18, and positive fragmentation indices, come from reading the source.",
            ),
        ],
        tolerance: Text::fixed(
            "녹화한 요청과 해제를 그대로 주면 내주는 페이지 번호, 마지막 목록의 순서, /proc/buddyinfo가 하나도 다르지 않아야 합니다. 6.1부터는 CPU별 목록도 같습니다. 허용 오차는 0입니다.",
            "Fed with the recorded requests and frees, every page frame number handed out, the final lists in order and /proc/buddyinfo must be the same; from 6.1 on the per-CPU lists too. Tolerance 0.",
        ),
    }
}
