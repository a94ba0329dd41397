//! Which figures a chapter teaches, and where in the kernel's files they are.

use sim_core::Text;

/// One figure.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// What it is called, in Korean and English.
    label: (&'static str, &'static str),
    /// The file it is in.
    pub path: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// How it is read.
    pub at: At,
    /// What is shown of it.
    pub kind: Kind,
}

/// Where a number stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The word of that index, from 0, in the line that starts with these words (any line where it
    /// is empty). Of `3/120` the first or second number.
    Word(&'static str, usize),
    /// The part of `3/120` behind the stroke, in such a word.
    Behind(&'static str, usize),
    /// The word behind this one, or joined to it by `=`, in the line that starts with these words.
    After(&'static str, &'static str),
    /// A line of names and a line of values that start alike: the value under this name.
    Under(&'static str, &'static str),
    /// The sum of a column of `/proc/diskstats` over all whole disks.
    Disks(usize),
    /// Blocks of that order and above in `/proc/buddyinfo`.
    Blocks(usize),
    /// The ticks of `/proc/stat` in which a CPU was not idle, and all of them.
    Busy,
}

/// What is shown of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The number itself.
    Level,
    /// How much it grew in a second.
    Rate,
    /// The share of the second number in the change, in percent.
    Share,
}

impl At {
    /// Where in the file a reader finds it.
    pub fn field(self) -> String {
        match self {
            At::Word("", index) => (index + 1).to_string(),
            At::Word(start, 1) => start.trim_end_matches(':').to_owned(),
            At::Word(start, index) => format!("{start} {index}"),
            At::Behind("", index) => format!("{}, behind /", index + 1),
            At::Behind(start, index) => format!("{start} {index}, behind /"),
            At::After(start, name) | At::Under(start, name) => format!("{start} {name}"),
            At::Disks(index) => format!("{}, all disks", index + 1),
            At::Blocks(order) => format!("order {order}"),
            At::Busy => "cpu".to_owned(),
        }
    }
}

impl Figure {
    /// What it is called.
    pub fn label(&self) -> Text {
        Text::fixed(self.label.0, self.label.1)
    }
}

macro_rules! figures {
    ($( $ko:literal $en:literal $path:literal $unit:literal $at:expr, $kind:ident; )*) => {
        &[ $( Figure { label: ($ko, $en), path: $path, unit: $unit, at: $at, kind: Kind::$kind } ),* ]
    };
}

/// Every chapter with its figures, seven at most: what fits 80 by 24.
pub const CHAPTERS: &[(&str, &[Figure])] = &[
    (
        "ch01-system-info",
        figures! {
            "가동 시간" "uptime" "/proc/uptime" " s" At::Word("", 0), Level;
            "전체 메모리" "total memory" "/proc/meminfo" " KiB" At::Word("MemTotal:", 1), Level;
            "빈 메모리" "free memory" "/proc/meminfo" " KiB" At::Word("MemFree:", 1), Level;
            "인터럽트" "interrupts" "/proc/stat" " /s" At::Word("intr", 1), Rate;
            "문맥 교환" "context switches" "/proc/stat" " /s" At::Word("ctxt", 1), Rate;
            "CPU 사용률" "CPU busy" "/proc/stat" " %" At::Busy, Share;
        },
    ),
    (
        "ch02-processes",
        figures! {
            "스레드 수" "threads" "/proc/loadavg" "" At::Behind("", 3), Level;
            "실행 중인 태스크" "running tasks" "/proc/stat" "" At::Word("procs_running", 1), Level;
            "새 프로세스" "new processes" "/proc/stat" " /s" At::Word("processes", 1), Rate;
            "문맥 교환" "context switches" "/proc/stat" " /s" At::Word("ctxt", 1), Rate;
            "약속한 메모리" "committed memory" "/proc/meminfo" " KiB" At::Word("Committed_AS:", 1), Level;
            "약속의 한도" "commit limit" "/proc/meminfo" " KiB" At::Word("CommitLimit:", 1), Level;
            "익명 페이지" "anonymous pages" "/proc/meminfo" " KiB" At::Word("AnonPages:", 1), Level;
        },
    ),
    (
        "ch03-load-average",
        figures! {
            "부하 평균 1분" "load, 1 min" "/proc/loadavg" "" At::Word("", 0), Level;
            "부하 평균 5분" "load, 5 min" "/proc/loadavg" "" At::Word("", 1), Level;
            "부하 평균 15분" "load, 15 min" "/proc/loadavg" "" At::Word("", 2), Level;
            "실행 중(r)" "running (r)" "/proc/stat" "" At::Word("procs_running", 1), Level;
            "디스크 대기(b)" "blocked (b)" "/proc/stat" "" At::Word("procs_blocked", 1), Level;
            "CPU 사용률" "CPU busy" "/proc/stat" " %" At::Busy, Share;
            "CPU 압박" "CPU pressure" "/proc/pressure/cpu" " %" At::After("some", "avg10"), Level;
        },
    ),
    (
        "ch04-free",
        figures! {
            "쓸 수 있는 메모리" "available" "/proc/meminfo" " KiB" At::Word("MemAvailable:", 1), Level;
            "빈 메모리" "free" "/proc/meminfo" " KiB" At::Word("MemFree:", 1), Level;
            "버퍼" "buffers" "/proc/meminfo" " KiB" At::Word("Buffers:", 1), Level;
            "페이지 캐시" "page cache" "/proc/meminfo" " KiB" At::Word("Cached:", 1), Level;
            "메모리 파일" "files in memory" "/proc/meminfo" " KiB" At::Word("Shmem:", 1), Level;
            "회수할 수 있는 slab" "reclaimable slab" "/proc/meminfo" " KiB" At::Word("SReclaimable:", 1), Level;
            "덴트리" "dentries" "/proc/sys/fs/dentry-state" "" At::Word("", 0), Level;
        },
    ),
    (
        "ch05-swap",
        figures! {
            "빈 스왑" "free swap" "/proc/meminfo" " KiB" At::Word("SwapFree:", 1), Level;
            "스왑 인" "swapped in" "/proc/vmstat" " pages/s" At::Word("pswpin", 1), Rate;
            "스왑 아웃" "swapped out" "/proc/vmstat" " pages/s" At::Word("pswpout", 1), Rate;
            "kswapd의 검사" "scanned by kswapd" "/proc/vmstat" " pages/s" At::Word("pgscan_kswapd", 1), Rate;
            "직접 회수의 검사" "scanned directly" "/proc/vmstat" " pages/s" At::Word("pgscan_direct", 1), Rate;
            "4 MiB 이상 블록" "blocks of 4 MiB or more" "/proc/buddyinfo" "" At::Blocks(10), Level;
            "메모리 압박" "memory pressure" "/proc/pressure/memory" " %" At::After("some", "avg10"), Level;
        },
    ),
    (
        "ch06-numa",
        figures! {
            "원하던 노드에서" "from the node wanted" "/proc/vmstat" " pages/s" At::Word("numa_hit", 1), Rate;
            "다른 노드에서" "from another node" "/proc/vmstat" " pages/s" At::Word("numa_miss", 1), Rate;
            "로컬 접근" "local" "/proc/vmstat" " pages/s" At::Word("numa_local", 1), Rate;
            "리모트 접근" "remote" "/proc/vmstat" " pages/s" At::Word("numa_other", 1), Rate;
            "인터리브" "interleaved" "/proc/vmstat" " pages/s" At::Word("numa_interleave", 1), Rate;
            "옮긴 페이지" "pages migrated" "/proc/vmstat" " pages/s" At::Word("numa_pages_migrated", 1), Rate;
        },
    ),
    (
        "ch07-time-wait",
        figures! {
            "TIME_WAIT" "TIME_WAIT" "/proc/net/sockstat" "" At::After("TCP:", "tw"), Level;
            "쓰는 소켓" "sockets in use" "/proc/net/sockstat" "" At::After("TCP:", "inuse"), Level;
            "고아 소켓" "orphans" "/proc/net/sockstat" "" At::After("TCP:", "orphan"), Level;
            "나가는 연결" "active opens" "/proc/net/snmp" " /s" At::Under("Tcp:", "ActiveOpens"), Rate;
            "끝난 TIME_WAIT" "TIME_WAIT ended" "/proc/net/netstat" " /s" At::Under("TcpExt:", "TW"), Rate;
            "다시 쓴 TIME_WAIT" "TIME_WAIT reused" "/proc/net/netstat" " /s" At::Under("TcpExt:", "TWRecycled"), Rate;
            "넘친 TIME_WAIT" "TIME_WAIT overflow" "/proc/net/netstat" " /s" At::Under("TcpExt:", "TCPTimeWaitOverflow"), Rate;
        },
    ),
    (
        "ch08-keepalive",
        figures! {
            "keepalive 프로브" "keepalive probes" "/proc/net/netstat" " /s" At::Under("TcpExt:", "TCPKeepAlive"), Rate;
            "맺은 연결" "established" "/proc/net/snmp" "" At::Under("Tcp:", "CurrEstab"), Level;
            "시간 초과로 끊음" "aborted on timeout" "/proc/net/netstat" " /s" At::Under("TcpExt:", "TCPAbortOnTimeout"), Rate;
            "리셋된 연결" "resets of established" "/proc/net/snmp" " /s" At::Under("Tcp:", "EstabResets"), Rate;
            "쓰는 소켓" "sockets in use" "/proc/net/sockstat" "" At::After("TCP:", "inuse"), Level;
        },
    ),
    (
        "ch09-retransmission",
        figures! {
            "보낸 세그먼트" "segments sent" "/proc/net/snmp" " /s" At::Under("Tcp:", "OutSegs"), Rate;
            "재전송" "retransmitted" "/proc/net/snmp" " /s" At::Under("Tcp:", "RetransSegs"), Rate;
            "RTO 만료" "timeouts" "/proc/net/netstat" " /s" At::Under("TcpExt:", "TCPTimeouts"), Rate;
            "꼬리 손실 프로브" "tail loss probes" "/proc/net/netstat" " /s" At::Under("TcpExt:", "TCPLossProbes"), Rate;
            "SYN 재전송" "SYNs sent again" "/proc/net/netstat" " /s" At::Under("TcpExt:", "TCPSynRetrans"), Rate;
            "빠른 재전송" "fast retransmits" "/proc/net/netstat" " /s" At::Under("TcpExt:", "TCPFastRetrans"), Rate;
        },
    ),
    (
        "ch10-dirty-pages",
        figures! {
            "더티 페이지" "dirty" "/proc/vmstat" " pages" At::Word("nr_dirty", 1), Level;
            "쓰는 중" "under writeback" "/proc/vmstat" " pages" At::Word("nr_writeback", 1), Level;
            "백그라운드 임곗값" "background threshold" "/proc/vmstat" " pages" At::Word("nr_dirty_background_threshold", 1), Level;
            "임곗값" "threshold" "/proc/vmstat" " pages" At::Word("nr_dirty_threshold", 1), Level;
            "더티가 된 양" "dirtied" "/proc/vmstat" " pages/s" At::Word("nr_dirtied", 1), Rate;
            "쓴 양" "written" "/proc/vmstat" " pages/s" At::Word("nr_written", 1), Rate;
            "I/O 압박" "I/O pressure" "/proc/pressure/io" " %" At::After("some", "avg10"), Level;
        },
    ),
    (
        "ch11-io-schedulers",
        figures! {
            "읽기" "reads" "/proc/diskstats" " /s" At::Disks(3), Rate;
            "쓰기" "writes" "/proc/diskstats" " /s" At::Disks(7), Rate;
            "병합한 읽기" "reads merged" "/proc/diskstats" " /s" At::Disks(4), Rate;
            "병합한 쓰기" "writes merged" "/proc/diskstats" " /s" At::Disks(8), Rate;
            "처리 중" "in flight" "/proc/diskstats" "" At::Disks(11), Level;
            "바쁜 시간" "time busy" "/proc/diskstats" " ms/s" At::Disks(12), Rate;
            "I/O 압박" "I/O pressure" "/proc/pressure/io" " %" At::After("some", "avg10"), Level;
        },
    ),
    (
        "ch12-tuning",
        figures! {
            "CPU 사용률" "CPU busy" "/proc/stat" " %" At::Busy, Share;
            "실행 중인 태스크" "running tasks" "/proc/stat" "" At::Word("procs_running", 1), Level;
            "문맥 교환" "context switches" "/proc/stat" " /s" At::Word("ctxt", 1), Rate;
            "나가는 연결" "active opens" "/proc/net/snmp" " /s" At::Under("Tcp:", "ActiveOpens"), Rate;
            "들어오는 연결" "passive opens" "/proc/net/snmp" " /s" At::Under("Tcp:", "PassiveOpens"), Rate;
            "맺은 연결" "established" "/proc/net/snmp" "" At::Under("Tcp:", "CurrEstab"), Level;
            "TIME_WAIT" "TIME_WAIT" "/proc/net/sockstat" "" At::After("TCP:", "tw"), Level;
        },
    ),
];

/// The chapter that a reader names: `ch03`, `3`, `ch03-load-average`.
pub fn of_chapter(word: &str) -> Option<(&'static str, &'static [Figure])> {
    let number = word.parse::<u32>().map(|n| format!("ch{n:02}"));
    let wanted = number.as_deref().unwrap_or(word);
    CHAPTERS.iter().find(|(id, _)| *id == wanted || id.split('-').next() == Some(wanted)).copied()
}

impl At {
    /// The number in the lines of a file, and for a share what it is a share of. Nothing if the file has none there.
    pub fn read(self, lines: &[&str]) -> Option<(f64, f64)> {
        let line = |start: &str| lines.iter().copied().find(|line| starts(line, start));
        let one = |word: &str| word.split('/').next()?.parse().ok().map(|n| (n, 0.0));
        match self {
            At::Word(start, index) => one(line(start)?.split_ascii_whitespace().nth(index)?),
            At::Behind(start, index) => one(line(start)?.split_ascii_whitespace().nth(index)?.split_once('/')?.1),
            At::After(start, name) => {
                let mut words = line(start)?.split_ascii_whitespace();
                let found = words.find(|word| *word == name || word.split_once('=').is_some_and(|(n, _)| n == name))?;
                one(found.split_once('=').map_or_else(|| words.next(), |(_, value)| Some(value))?)
            }
            At::Under(start, name) => {
                let mut lines = lines.iter().filter(|line| starts(line, start));
                let index = lines.next()?.split_ascii_whitespace().position(|word| word == name)?;
                one(lines.next()?.split_ascii_whitespace().nth(index)?)
            }
            At::Disks(column) => {
                let mut disk = "";
                let mut sum = None;
                for line in lines {
                    let name = line.split_ascii_whitespace().nth(2)?;
                    if is_part(name, disk) {
                        continue;
                    }
                    disk = name;
                    *sum.get_or_insert(0.0) += line.split_ascii_whitespace().nth(column)?.parse::<f64>().ok()?;
                }
                sum.map(|sum| (sum, 0.0))
            }
            At::Blocks(order) => {
                // `Node 0, zone Normal` and then a number for each order.
                let of = |line: &str| {
                    line.split_ascii_whitespace().skip(4 + order).map(|n| n.parse::<f64>().ok()).sum::<Option<f64>>()
                };
                let blocks =
                    lines.iter().copied().filter(|line| line.starts_with("Node ")).map(of).sum::<Option<f64>>()?;
                Some((blocks, 0.0))
            }
            At::Busy => {
                let ticks: Vec<f64> =
                    line("cpu ")?.split_ascii_whitespace().skip(1).take(8).filter_map(|n| n.parse().ok()).collect();
                let all: f64 = ticks.iter().sum();
                let idle = ticks.get(3)? + ticks.get(4).copied().unwrap_or(0.0);
                Some((all - idle, all))
            }
        }
    }
}

/// Whether a line starts with a whole word.
fn starts(line: &str, start: &str) -> bool {
    line.strip_prefix(start)
        .is_some_and(|rest| start.is_empty() || start.ends_with([' ', ':']) || rest.starts_with(' '))
}

/// Whether a name is that of a partition of the disk before it: `sda1`, `nvme0n1p2`.
fn is_part(name: &str, disk: &str) -> bool {
    let rest = name.strip_prefix(disk).filter(|_| !disk.is_empty());
    rest.is_some_and(|rest| {
        let number = if disk.ends_with(|c: char| c.is_ascii_digit()) { rest.strip_prefix('p') } else { Some(rest) };
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_where_they_are() {
        let disks = "8 0 sda 10 1 80 5 20 2 160 9 3 12 14\n8 1 sda1 10 1 80 5 20 2 160 9 0 12 14\n259 0 nvme0n1 5 0 0 0 7 0 0 0 1 4 4\n259 1 nvme0n1p1 5 0 0 0 7 0 0 0 0 4 4\n7 1 loop1 1 0 0 0 1 0 0 0 0 1 1\n7 10 loop10 1 0 0 0 1 0 0 0 0 1 1\n";
        for (at, text, want) in [
            (At::Word("", 1), "0.50 0.40 0.30 3/120 9\n", Some(0.4)),
            (At::Word("", 3), "0.50 0.40 0.30 3/120 9\n", Some(3.0)),
            (At::Behind("", 3), "0.50 0.40 0.30 3/120 9\n", Some(120.0)),
            (At::Word("Dirty:", 1), "MemFree: 1 kB\nDirty:   88 kB\n", Some(88.0)),
            (At::Word("nr_dirty", 1), "nr_dirty_threshold 7\nnr_dirty 3\n", Some(3.0)),
            (At::Word("none", 1), "nr_dirty 3\n", None),
            (At::After("TCP:", "tw"), "sockets: used 9\nTCP: inuse 1 orphan 0 tw 5 alloc 2 mem 1\n", Some(5.0)),
            (At::After("some", "avg10"), "some avg10=1.25 avg60=0.00 avg300=0.00 total=9\n", Some(1.25)),
            (At::Under("Tcp:", "RetransSegs"), "Tcp: OutSegs RetransSegs\nTcp: 40 2\n", Some(2.0)),
            (At::Under("Tcp:", "RetransSegs"), "Tcp: OutSegs RetransSegs\n", None),
            (At::Disks(3), disks, Some(17.0)),
            (At::Disks(11), disks, Some(4.0)),
            (At::Blocks(1), "Node 0, zone DMA 1 2 3\nNode 0, zone Normal 10 20 30\n", Some(55.0)),
            (At::Busy, "cpu  10 0 10 70 10 0 0 0 0 0\n", Some(20.0)),
            (At::Busy, "cpu\n", None),
            (At::Word("", 0), "", None),
        ] {
            assert_eq!(at.read(&text.lines().collect::<Vec<_>>()).map(|(n, _)| n), want, "{at:?} {text}");
        }
    }

    #[test]
    fn chapters_are_known_by_number_and_name_and_fit_the_screen() {
        for (word, chapter) in [
            ("3", Some("ch03-load-average")),
            ("ch12", Some("ch12-tuning")),
            ("ch10-dirty-pages", Some("ch10-dirty-pages")),
            ("13", None),
            ("", None),
        ] {
            assert_eq!(of_chapter(word).map(|(id, _)| id), chapter, "{word}");
        }
        assert_eq!(CHAPTERS.len(), 12);
        for (id, figures) in CHAPTERS {
            assert!((5..=7).contains(&figures.len()), "{id}");
        }
        for exercise in exercises::catalogue().iter().filter(|exercise| exercise.id.starts_with("ch")) {
            assert!(CHAPTERS.iter().any(|(id, _)| *id == exercise.chapter()), "{}", exercise.id);
        }
    }
}
