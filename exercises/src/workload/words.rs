//! What a load does, in words.

use sim_core::{Text, text};

use super::Load;

impl Load {
    /// What it does, for a reader, on a machine with so many online CPUs.
    pub fn text(self, cpus: u32) -> Text {
        let n = self.tasks(cpus);
        let s = if n == 1 { "" } else { "s" };
        match self {
            Load::BusyLoops { .. } => text!(ko: "쉬지 않고 도는 태스크 {n}개", en: "{n} busy loop{s}"),
            Load::VforkParents { .. } => text!(
                ko: "vfork로 자식을 기다리는 태스크 {n}개(중단 불가 대기, D)",
                en: "{n} task{s} waiting in vfork (uninterruptible sleep, D)"
            ),
            Load::PeriodicSleeper { on_ms, every_ms, .. } => text!(
                ko: "{every_ms} ms마다 {on_ms} ms씩 도는 태스크 {n}개",
                en: "{n} task{s} busy for {on_ms} ms of every {every_ms} ms"
            ),
            Load::Zombies { count } => text!(
                ko: "끝난 자식 {count}개를 거두지 않는 부모(좀비, Z)",
                en: "a parent that does not wait for its {count} ended children (zombies, Z)"
            ),
            Load::Orphans { count, subreaper } => {
                let (ko, en) = match subreaper {
                    0 => ("조상 가운데 subreaper가", "the nearest subreaper above adopts"),
                    _ => ("subreaper인 조부모가", "the grandparent, a subreaper, adopts"),
                };
                text!(
                    ko: "부모가 먼저 끝난 자식 {count}개. {ko} 맡습니다",
                    en: "{count} child(ren) whose parent ends first; {en} them"
                )
            }
            Load::TouchMemory { mib, touch_after_s, .. } => text!(
                ko: "메모리 {mib} MiB를 먼저 할당만 하고(VIRT), {touch_after_s}초 뒤부터 실제로 씁니다(RES)",
                en: "{mib} MiB of memory, asked for at once (VIRT) and touched from {touch_after_s} s on (RES)"
            ),
            Load::CopyOnWrite { mib, write_after_s } => text!(
                ko: "{mib} MiB를 쓴 뒤 fork하고, {write_after_s}초 뒤에 자식이 그 메모리에 씁니다(쓰기 시 복사)",
                en: "a fork with {mib} MiB of memory, which the child writes to after {write_after_s} s (copy-on-write)"
            ),
            Load::NicePair { nice_a, nice_b } => text!(
                ko: "CPU 하나에 묶인 루프 둘, nice {nice_a}와 {nice_b}",
                en: "two busy loops on one CPU, nice {nice_a} and nice {nice_b}"
            ),
            Load::CacheReader { mib, read_after_s } => text!(
                ko: "캐시에 없는 {mib} MiB 파일을 {read_after_s}초 뒤에 읽습니다",
                en: "a file of {mib} MiB that is in no cache, read after {read_after_s} s"
            ),
            Load::DirtyWriter { mib, mib_per_s, fsync_ms, .. } => {
                let Text { ko, en } = match fsync_ms {
                    0 => Text::fixed("fsync는 하지 않습니다", "no fsync"),
                    ms => text!(ko: "{ms} ms마다 fsync합니다", en: "fsync every {ms} ms"),
                };
                text!(
                    ko: "{mib} MiB 파일에 초당 {mib_per_s} MiB씩 되풀이해 씁니다. {ko}",
                    en: "writes a file of {mib} MiB again and again at {mib_per_s} MiB/s, {en}"
                )
            }
            Load::NegativeDentries { count, per_s } => text!(
                ko: "없는 파일 이름 {count}개를 초당 {per_s}개씩 찾습니다(음성 덴트리)",
                en: "looks up {count} names that do not exist, {per_s} a second (negative dentries)"
            ),
            Load::FileDentries { count, per_s } => text!(
                ko: "빈 파일 {count}개를 초당 {per_s}개씩 만듭니다(덴트리와 아이노드)",
                en: "makes {count} empty files, {per_s} a second (dentries and inodes)"
            ),
            Load::HeapLeak { mib, mib_per_s } => text!(
                ko: "초당 {mib_per_s} MiB씩 {mib} MiB까지 메모리를 쓰고 돌려주지 않는 프로세스",
                en: "a process that takes {mib_per_s} MiB/s of memory, up to {mib} MiB, and gives nothing back"
            ),
            Load::SharedMemory { mib, mib_per_s } => text!(
                ko: "초당 {mib_per_s} MiB씩 {mib} MiB까지 커지는 메모리 파일. 아무도 매핑하지 않습니다(Shmem)",
                en: "a file in memory that grows by {mib_per_s} MiB/s up to {mib} MiB and that nobody maps (Shmem)"
            ),
            Load::DescriptorLeak { count, per_s } => text!(
                ko: "초당 {per_s}개씩 {count}개까지 파일을 열고 닫지 않는 프로세스",
                en: "a process that opens {per_s} files a second, up to {count}, and closes none"
            ),
            Load::TimeWaits { count, per_s } => text!(
                ko: "루프백에서 연결 {count}개를 초당 {per_s}개씩 맺고 클라이언트가 먼저 닫습니다(TIME_WAIT)",
                en: "{count} connections on loopback, {per_s} a second, closed by the client first (TIME_WAIT)"
            ),
            Load::KeepaliveHolder { pairs, idle_s, interval_s, probes } => text!(
                ko: "루프백의 놀고 있는 연결 {pairs}개, keepalive {idle_s}초/{interval_s}초/{probes}번",
                en: "{pairs} idle connection(s) on loopback, keepalive {idle_s} s/{interval_s} s/{probes} probes"
            ),
            Load::LossyConnection { lose_every, delay_ms, every_ms } => {
                let Text { ko, en } = match lose_every {
                    0 => Text::fixed("잃는 패킷은 없습니다", "no packet is lost"),
                    n => text!(ko: "데이터 패킷 {n}개마다 하나를 잃습니다", en: "one packet of data in {n} is lost"),
                };
                text!(
                    ko: "네트워크 네임스페이스 둘 사이의 연결. {every_ms} ms마다 보내고, 한쪽 지연 {delay_ms} ms, {ko}",
                    en: "a connection between two network namespaces: a message every {every_ms} ms, {delay_ms} ms one way, {en}"
                )
            }
            Load::SilentPeer { silent_after_s, every_ms, idle_s, .. } => {
                let Text { ko, en } = match (every_ms, idle_s) {
                    (0, 0) => Text::fixed("보내는 것도 keepalive도 없습니다", "nothing is sent, no keepalive"),
                    (0, idle) => text!(ko: "keepalive {idle}초", en: "keepalive after {idle} s"),
                    (ms, _) => text!(ko: "{ms} ms마다 보냅니다", en: "a message every {ms} ms"),
                };
                text!(
                    ko: "네트워크 네임스페이스 둘 사이의 연결. {silent_after_s}초 뒤에 선이 끊깁니다. {ko}",
                    en: "a connection between two network namespaces whose line goes dead after {silent_after_s} s; {en}"
                )
            }
            Load::FewPorts { ports, per_s, keep } => {
                let (ko, en) = match keep {
                    0 => ("클라이언트가 바로 닫습니다", "closed by the client at once"),
                    _ => ("닫지 않고 잊어버립니다", "forgotten and never closed"),
                };
                text!(
                    ko: "로컬 포트가 {ports}개뿐인 클라이언트가 초당 {per_s}번 연결합니다. {ko}",
                    en: "a client with {ports} local ports connects {per_s} times a second; {en}"
                )
            }
            Load::SchedulerRace { mib, readers } => text!(
                ko: "전용 루프 장치({mib} MiB)에서 I/O 스케줄러를 바꿔 가며 읽기 {readers}개와 쓰기 하나를 돌립니다",
                en: "{readers} reader(s) and a writer on a loop device of their own ({mib} MiB), under each I/O scheduler in turn"
            ),
            Load::LoopWriter { mib, kib } => text!(
                ko: "전용 루프 장치({mib} MiB)에 {kib} KiB를 쓸 때마다 fsync합니다. 읽지 않습니다",
                en: "writes to a loop device of its own ({mib} MiB), with an fsync every {kib} KiB; reads nothing"
            ),
            Load::CgroupPressure { limit_mib, file_mib } => text!(
                ko: "메모리 한도 {limit_mib} MiB인 cgroup 안에서 {file_mib} MiB 파일을 되풀이해 읽습니다",
                en: "reads a file of {file_mib} MiB again and again in a cgroup limited to {limit_mib} MiB of memory"
            ),
            Load::NumaLocal { mib } => text!(
                ko: "메모리 {mib} MiB를 기본 정책으로 씁니다",
                en: "touches {mib} MiB of memory with the default policy"
            ),
            Load::NumaBind { mib, node } => text!(
                ko: "메모리 {mib} MiB를 노드 {node}에 묶어(MPOL_BIND) 씁니다",
                en: "touches {mib} MiB of memory bound to node {node} (MPOL_BIND)"
            ),
            Load::NumaInterleave { mib } => text!(
                ko: "메모리 {mib} MiB를 모든 노드에 인터리브해(MPOL_INTERLEAVE) 씁니다",
                en: "touches {mib} MiB of memory interleaved over all nodes (MPOL_INTERLEAVE)"
            ),
            Load::FlushStalls { every_s, mib } => text!(
                ko: "작은 서비스 하나와, {every_s}초마다 {mib} MiB를 쓰고 fsync하는 이웃 하나",
                en: "a small service, and a neighbour that writes and flushes {mib} MiB every {every_s} s"
            ),
            Load::VisitService { clients, workers, cpu_us, pool, proxy, change, .. } => {
                let Text { ko: redis_ko, en: redis_en } = match pool {
                    0 => Text::fixed("Redis에는 매번 새로 연결", "a new connection to Redis each time"),
                    n => text!(ko: "Redis로 가는 연결 풀 {n}개", en: "a pool of {n} to Redis"),
                };
                let (proxy_ko, proxy_en) = if proxy > 0 { (", 앞에 nginx", ", nginx in front") } else { ("", "") };
                let (change_ko, change_en) = match change {
                    0 => ("", ""),
                    1 => (". 중간에 워커를 CPU 수만큼 늘립니다", "; half way a worker for each CPU"),
                    2 => (". 중간에 Redis 풀을 씁니다", "; half way a pool to Redis"),
                    3 => (". 중간에 nginx의 upstream keepalive를 켭니다", "; half way keepalive in nginx's upstream"),
                    _ => (". 중간에 셋을 모두 바꿉니다", "; half way all of it is tuned"),
                };
                text!(
                    ko: "방문 수를 Redis에 세는 작은 서비스(워커 {workers}개, 방문마다 CPU {cpu_us} µs, {redis_ko}{proxy_ko})와 클라이언트 {clients}개. 모두 루프백에서만 돕니다{change_ko}",
                    en: "a small service that counts visits in Redis ({workers} worker(s), {cpu_us} us of CPU a visit, {redis_en}{proxy_en}), and {clients} clients, all on loopback only{change_en}"
                )
            }
            Load::QuotaStalls { every_s, work_ms, quota_pct } => text!(
                ko: "CPU 한도 {quota_pct} %인 cgroup 안의 작은 서비스와, {every_s}초마다 {work_ms} ms씩 계산하는 도우미",
                en: "a small service in a cgroup limited to {quota_pct} % of a CPU, and a helper that computes for {work_ms} ms every {every_s} s"
            ),
        }
    }
}
