//! Scenarios that each show one thing.

use super::policy::Policy;
use super::scenario::{FirstTouch, Node, Scenario, Sharing, Task};
use crate::model::Preset;
use crate::{MILLISECOND, Nanos, SECOND, Text};

fn preset(name: &'static str, cursor: Nanos, title: Text, insight: Text, scenario: Scenario) -> Preset<Scenario> {
    Preset { name, title, insight, scenario: scenario.complete(), cursor }
}

/// Two nodes of 16 GiB and 8 CPUs, for ten seconds.
fn two_nodes(tasks: Vec<Task>) -> Scenario {
    Scenario { tasks, ..Scenario::default() }
}

/// A database of 20 GiB whose main thread warms the cache that all threads of its node read.
fn database() -> Task {
    Task { sharing: Sharing::Shared, outstanding: 4, ..Task::new(20 * 1024).until(10_000).threads(8, 1) }
}

/// Eight threads of one node that stream through 8 GiB.
fn scan() -> Task {
    Task { outstanding: 40, ..Task::new(8 * 1024).until(10_000).threads(8, 1) }
}

/// Sixteen threads on both nodes, each with a part of 8 GiB of its own.
fn workers() -> Task {
    Task { outstanding: 8, ..Task::new(8 * 1024).until(10_000).threads(16, 1) }
}

/// A node whose memory is mostly page cache, and a process of 8 GiB.
fn cache_and_process(zone_reclaim_mode: i64) -> Scenario {
    let mut scenario = two_nodes(vec![Task { cpu: 8, ..Task::new(8 * 1024).until(10_000) }]);
    scenario.nodes[1].cache_mib = 12 * 1024;
    scenario.zone_reclaim_mode = zone_reclaim_mode;
    scenario
}

pub(super) fn presets() -> Vec<Preset<Scenario>> {
    let end = 9 * SECOND;
    vec![
        preset(
            "database-larger-than-a-node",
            end,
            Text::fixed("노드보다 큰 데이터베이스", "A database larger than a node"),
            Text::fixed(
                "노드 0에서 도는 20 GiB 데이터베이스는 노드 0을 91 MiB만 남기고 다 채운 뒤, 나머지 4.1 GiB를 노드 1에 둡니다. 오류도 경고도 없이 읽기의 20 %가 리모트가 됩니다.",
                "A database of 20 GiB that runs on node 0 fills it to the last 91 MiB, then puts 4.1 GiB on node 1. No error, no warning: 20 % of its reads are remote from then on.",
            ),
            two_nodes(vec![database()]),
        ),
        preset(
            "database-interleaved",
            end,
            Text::fixed("같은 데이터베이스를 인터리브로", "The same database, interleaved"),
            Text::fixed(
                "두 노드에 번갈아 놓으면 평균 지연이 108 ns에서 135 ns로 늘지만, 노드 0에 6 GiB가 남아 다른 프로세스가 밀려나지 않습니다.",
                "Placed on both nodes in turn, a read takes 135 ns on average rather than 108, but 6 GiB of node 0 stay free and nobody else is pushed off it.",
            ),
            two_nodes(vec![database().under(Policy::Interleave, [0, 1])]),
        ),
        preset(
            "many-small-processes",
            end,
            Text::fixed("작은 프로세스 여럿", "Many small processes"),
            Text::fixed(
                "노드에 넉넉히 들어가는 프로세스 16개는 기본 정책만으로 모두 로컬입니다. 손댈 것이 없습니다.",
                "Sixteen processes that fit their nodes are wholly local under the default policy: nothing to tune.",
            ),
            two_nodes(vec![Task { processes: 16, outstanding: 4, ..Task::new(512).until(10_000) }]),
        ),
        preset(
            "bandwidth-bound-scan",
            end,
            Text::fixed("대역폭에 막힌 스캔", "A bandwidth-bound scan"),
            Text::fixed(
                "스레드 여덟 개가 로컬 메모리만 훑는데도 노드 하나의 대역폭 102.4 GB/s에서 멈춥니다. 모두 로컬인 것이 가장 빠른 것은 아닙니다.",
                "Eight threads that stream local memory only stop at the 102.4 GB/s of one node: all local is not always fastest.",
            ),
            two_nodes(vec![scan()]),
        ),
        preset(
            "bandwidth-bound-scan-weighted",
            end,
            Text::fixed("같은 스캔을 3:1로 나누어", "The same scan, weighted 3 to 1"),
            Text::fixed(
                "네 페이지 중 하나를 다른 노드에 두면 두 노드의 대역폭을 함께 써서 132.8 GB/s가 됩니다. 반반이면 링크에 막혀 66.4 GB/s입니다.",
                "One page in four on the other node adds that node's bandwidth: 132.8 GB/s. Half and half, the link would hold it to 66.4 GB/s.",
            ),
            {
                let mut scenario = two_nodes(vec![scan().under(Policy::Weighted, [0, 1])]);
                scenario.nodes[0].weight = 3;
                scenario
            },
        ),
        preset(
            "first-touch",
            end,
            Text::fixed("먼저 건드린 스레드의 노드", "First touch decides"),
            Text::fixed(
                "주 스레드가 배열을 혼자 초기화하면 8 GiB가 모두 노드 0에 놓입니다. 노드 1의 스레드 여덟 개는 끝까지 리모트로 읽습니다.",
                "The main thread initialises the array alone, so all 8 GiB land on node 0, and the eight threads of node 1 read remotely for good.",
            ),
            two_nodes(vec![workers()]),
        ),
        preset(
            "first-touch-by-each",
            end,
            Text::fixed("각자 자기 몫을 먼저 건드리면", "Each thread touches its own part"),
            Text::fixed(
                "스레드마다 자기 몫을 초기화하면 같은 프로그램이 정책 없이도 모두 로컬로 읽습니다.",
                "Let each thread initialise its own part and the same program is wholly local, without any policy.",
            ),
            two_nodes(vec![Task { first_touch: FirstTouch::Each, ..workers() }]),
        ),
        preset(
            "bind-and-oom",
            3960 * MILLISECOND,
            Text::fixed("묶인 채로 OOM", "Bound, and out of memory"),
            Text::fixed(
                "노드 1에 묶인 20 GiB짜리 프로세스가 16 GiB에서 OOM으로 죽습니다. 그 순간에도 노드 0은 16 GiB가 그대로 비어 있습니다.",
                "A process of 20 GiB bound to node 1 is killed at 16 GiB, while all 16 GiB of node 0 are free.",
            ),
            two_nodes(vec![Task::new(20 * 1024).until(10_000).under(Policy::Bind, [1])]),
        ),
        preset(
            "interleave-evenly",
            end,
            Text::fixed("네 노드에 고르게", "Evenly over four nodes"),
            Text::fixed(
                "인터리브는 페이지 번호로 노드를 고릅니다. 8 GiB가 네 노드에 정확히 524288페이지씩 놓이고, 로컬은 4분의 1뿐입니다.",
                "An interleave picks the node by page number: 8 GiB come to exactly 524288 pages on each of four nodes, a quarter of them local.",
            ),
            Scenario {
                nodes: vec![Node::new(8192, 4); 4],
                tasks: vec![Task::new(8 * 1024).until(10_000).under(Policy::Interleave, [0, 1, 2, 3])],
                ..Scenario::default()
            },
        ),
        preset(
            "zone-reclaim-trade",
            end,
            Text::fixed("zone_reclaim_mode의 대가", "What zone_reclaim_mode trades"),
            Text::fixed(
                "켜면 프로세스는 모두 로컬에 놓이지만, 노드 0에 16 GiB가 비어 있는데도 노드 1의 페이지 캐시를 4 GiB 버립니다.",
                "With it on the process is wholly local, at the price of 4 GiB of page cache, though 16 GiB were free next door.",
            ),
            cache_and_process(1),
        ),
        preset(
            "zone-reclaim-off",
            end,
            Text::fixed("zone_reclaim_mode를 끄면", "With zone_reclaim_mode off"),
            Text::fixed(
                "끄면 페이지 캐시 12 GiB가 그대로 남고, 프로세스의 절반이 리모트에 놓입니다.",
                "Off, all 12 GiB of page cache stay, and half of the process is remote.",
            ),
            cache_and_process(0),
        ),
        preset(
            "balancing-follows-the-thread",
            end,
            Text::fixed("자동 밸런싱이 따라간다", "Balancing follows the thread"),
            Text::fixed(
                "스레드가 노드 1로 옮겨진 뒤 페이지 1 GiB는 노드 0에 남습니다. 자동 밸런싱이 훑고 지나가면 모두 따라옵니다.",
                "The thread is moved to node 1 and its 1 GiB stays behind, until the scans of automatic balancing bring all of it after.",
            ),
            Scenario {
                numa_balancing: 1,
                tasks: vec![Task { move_ms: 500, move_cpu: 8, ..Task::new(1024).until(10_000) }],
                ..Scenario::default()
            },
        ),
    ]
}
