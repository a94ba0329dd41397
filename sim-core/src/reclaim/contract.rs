//! What the model promises.

use crate::{Contract, Text};

/// What holds of the engine, whoever shows it.
pub(crate) fn contract() -> Contract {
    Contract {
        functions: &[
            "mm/vmscan.c: shrink_lruvec",
            "mm/vmscan.c: get_scan_count",
            "mm/vmscan.c: prepare_scan_control",
            "mm/vmscan.c: inactive_is_low",
            "mm/vmscan.c: shrink_inactive_list",
            "mm/vmscan.c: shrink_active_list",
            "mm/vmscan.c: folio_check_references",
            "mm/vmscan.c: balance_pgdat",
            "mm/vmscan.c: do_try_to_free_pages",
            "mm/swap.c: folio_mark_accessed",
            "mm/swap.c: lru_note_cost",
            "mm/workingset.c: workingset_refault",
            "mm/shrinker.c: do_shrink_slab",
            "fs/super.c: super_cache_count",
            "mm/page_alloc.c: __setup_per_zone_wmarks",
            "mm/show_mem.c: si_mem_available",
            "mm/oom_kill.c: oom_badness",
            "kernel/sched/psi.c: update_averages",
        ],
        kernels: Text::fixed(
            "3.10(RHEL 7), 4.18(RHEL 8)~7.x. swappiness 0~200과 비용의 저울은 5.8부터, 익명 페이지가 비활성에서 시작하고 refault를 기억하는 것은 5.9부터, 슬랩의 새 식은 5.13부터입니다. I/O 한 장을 32배로 치는 것은 6.2부터, 충분히 회수하면 더 훑지 않는 것은 6.1부터로 보았으나 경계는 확인하지 않았습니다.",
            "3.10 (RHEL 7), 4.18 (RHEL 8) to 7.x. Swappiness 0 to 200 and costs on the scales since 5.8, anonymous pages that begin inactive and are remembered since 5.9, slab by its newer formula since 5.13. That a page of I/O counts 32 times is taken to be since 6.2, and that the larger list is only nudged since 6.1; those borders are unchecked.",
        ),
        leaves_out: vec![
            Text::fixed(
                "MGLRU(다세대 LRU): 이 모델은 활성·비활성 두 목록입니다. /sys/kernel/mm/lru_gen/enabled가 0x0000이 아니면 그 컴퓨터는 다른 방식으로 회수합니다(Debian 13이 그렇습니다).",
                "MGLRU, the lists by generations: where /sys/kernel/mm/lru_gen/enabled is not 0x0000 (as on Debian 13), a machine reclaims another way than these two lists.",
            ),
            Text::fixed(
                "페이지는 32장(SWAP_CLUSTER_MAX)씩 함께 움직입니다. 한 번에 훑을 양이 그보다 적으면 다음 차례로 넘겨 합칩니다.",
                "Pages move in blocks of 32 (SWAP_CLUSTER_MAX); where fewer are to be looked at, they are carried over to the next turn.",
            ),
            Text::fixed(
                "노드와 존은 하나뿐이고, CPU별 목록과 워터마크 부스트, cgroup, 큰 페이지가 없습니다.",
                "There is one node with one zone; no per-CPU lists, no watermark boost, no cgroups, no huge pages.",
            ),
            Text::fixed(
                "파일은 read()로 읽기만 합니다. 더티 페이지, mmap된 파일과 실행 파일, mlock이 없습니다.",
                "Files are only read, by read(): no dirty pages, no mapped files or program code, no mlock.",
            ),
            Text::fixed(
                "스왑으로 쓰는 페이지는 곧바로 비고, 그 대신 회수하는 쪽이 디스크를 기다립니다. 스왑에서 읽은 페이지는 곧바로 스왑의 자리를 내놓습니다.",
                "Pages written to swap are free at once, and who reclaims waits for the disk instead; pages read back give up their place in swap at once.",
            ),
            Text::fixed(
                "시간: 한 장을 훑는 데 1 µs, 디스크는 정해진 속도로 순서대로 읽고 씁니다. CPU를 두고 다투지 않습니다.",
                "Time: looking at a page takes 1 µs and disks work at a steady speed, in order; nobody competes for a CPU.",
            ),
            Text::fixed(
                "커널은 cgroup이 켜져 있으면 길게는 2초 묵은 목록의 크기로 판단합니다. 모델은 그 순간의 크기를 씁니다.",
                "With memory cgroups a kernel decides by sizes of the lists that may be 2 s old; the model takes those of the moment.",
            ),
            Text::fixed(
                "OOM 점수에 페이지 테이블과 oom_score_adj가 들어 있지 않습니다.",
                "Page tables and oom_score_adj are not in the points of the OOM killer.",
            ),
        ],
        tolerance: Text::fixed(
            "녹화한 컴퓨터의 값을 넣으면 워터마크와 MemAvailable은 정확히 같아야 합니다(허용 오차 0). cgroup에서 파일을 읽은 기록과는 두 파일 목록, 다시 찾은 페이지, 남은 페이지가 한도의 2 % 안에, 이름을 찾은 기록과는 슬랩이 1 % 안에 있어야 합니다. 익명 페이지, swappiness의 무게, 스왑은 소스를 읽어 만들었고 녹화한 기록과 맞춰 보지 못했습니다. 시간은 실제 컴퓨터와 다릅니다.",
            "Fed with the values of a recorded machine, watermarks and MemAvailable must be exactly the same: tolerance 0. Against files read in a cgroup, both file lists, refaults and what stayed must be within 2 % of its limit; against names that were looked up, slabs within 1 %. Anonymous pages, the weights of swappiness and swap come from reading the source, and no recording of them was replayed. Times are not those of any machine.",
        ),
    }
}
