//! Processes and sockets.

use sim_core::{Text, text};

use super::{ANY, Family, Field, Lack, Name, Quantity, Unit, Which, pair, told, unit_of};
use crate::parse::{self, Fields, Process, Socket, Unreadable};
use crate::{Machine, ReadError};

const PROCESSES: &str = "@processes";

/// All processes.
pub const PROCS: Family = Family {
    name: "procs",
    which: Which::No,
    from: "@processes (/proc/*/stat)",
    about: Text::fixed(
        "모든 프로세스. `R`, `S`, `D`, `T`, `t`, `Z`, `I`는 그 상태인 수",
        "all processes; `R`, `S`, `D`, `T`, `t`, `Z`, `I` are how many are in that state",
    ),
    fields: &[
        told("count", Unit::None, "프로세스", "processes"),
        told("threads", Unit::None, "스레드", "threads"),
        told("kernel", Unit::None, "커널 스레드", "kernel threads"),
        told("realtime", Unit::None, "실시간 정책의 프로세스", "processes with a real-time policy"),
        told("niced", Unit::None, "nice가 0이 아닌 프로세스", "processes whose nice value is not 0"),
        told("R", Unit::None, "실행 중(R)", "running (R)"),
        told("S", Unit::None, "잠듦(S)", "sleeping (S)"),
        told("D", Unit::None, "중단 불가 대기(D)", "in uninterruptible sleep (D)"),
        told("T", Unit::None, "정지(T)", "stopped (T)"),
        told("t", Unit::None, "추적 중 정지(t)", "stopped by a tracer (t)"),
        told("Z", Unit::None, "좀비(Z)", "zombies (Z)"),
        told("I", Unit::None, "유휴 커널 스레드(I)", "idle kernel threads (I)"),
        told("X", Unit::None, "사라지는 중(X)", "dead (X)"),
    ],
    paths: |_| vec![PROCESSES.into()],
    find: |name, machine| {
        let processes = processes(machine)?;
        let count = |of: &dyn Fn(&Process) -> bool| processes.iter().filter(|process| of(process)).count() as f64;
        let value = match name.field {
            "count" => processes.len() as f64,
            "threads" => processes.iter().map(|process| process.threads as f64).sum(),
            // Process 2 and its children.
            "kernel" => count(&|process| process.pid == 2 || process.ppid == 2),
            // Kernel threads are born with theirs.
            "realtime" => {
                count(&|process| matches!(process.policy, 1 | 2 | 6) && process.pid != 2 && process.ppid != 2)
            }
            "niced" => count(&|process| process.nice != 0 && process.pid != 2 && process.ppid != 2),
            state => count(&|process| process.state == state),
        };
        Ok(Quantity::number(value, Unit::None, PROCESSES, name.field))
    },
};

/// Every process of a machine.
fn processes(machine: &dyn Machine) -> Result<Vec<Process>, Lack> {
    match machine.read(PROCESSES) {
        Ok(text) => Ok(parse::processes(PROCESSES, &text)?),
        Err(ReadError::NotFound) => {
            let mut found = Vec::new();
            for path in crate::machine::expand(machine, "/proc/*/stat") {
                match machine.read(&path) {
                    Ok(text) if path.as_bytes()[6].is_ascii_digit() => found.push(parse::stat_line(&path, &text)?),
                    // One that has gone meanwhile.
                    _ => {}
                }
            }
            let missing = || Lack::File(Unreadable::Read { path: PROCESSES.into(), error: ReadError::NotFound });
            if found.is_empty() { Err(missing()) } else { Ok(found) }
        }
        Err(error) => Err(Lack::File(Unreadable::Read { path: PROCESSES.into(), error })),
    }
}

/// Processes of one program.
pub const TASK: Family = Family {
    name: "task",
    which: Which::Must("comm"),
    from: "@processes (/proc/*/stat)",
    about: Text::fixed("그 이름의 프로세스를 모두 더한 것", "all processes of that name, added up"),
    fields: &[
        told("count", Unit::None, "프로세스", "processes"),
        told("rss", Unit::Pages, "RES(상주 메모리)", "RES, resident memory"),
        told("vsize", Unit::Bytes, "VIRT(주소 공간)", "VIRT, address space"),
        told("cpu", Unit::Centiseconds, "쓴 CPU 시간", "CPU time used"),
        told("minflt", Unit::None, "I/O 없는 페이지 폴트", "page faults without I/O"),
        told("majflt", Unit::None, "I/O가 있는 페이지 폴트", "page faults with I/O"),
        told("threads", Unit::None, "스레드", "threads"),
        told("priority", Unit::None, "PR", "PR"),
        told("nice", Unit::None, "NI", "NI"),
        told("rt_priority", Unit::None, "실시간 우선순위", "real-time priority"),
        told("policy", Unit::None, "스케줄링 정책의 번호", "number of the scheduling policy"),
        told("state", Unit::None, "상태", "state"),
    ],
    paths: |_| vec![PROCESSES.into()],
    find: |name, machine| {
        let all = processes(machine)?;
        let comm = name.which.unwrap_or_default();
        let found: Vec<&Process> = all.iter().filter(|process| process.comm == comm).collect();
        let unit = unit_of(TASK.fields, name.field);
        let number = |value: f64| Ok(Quantity::number(value, unit, PROCESSES, comm));
        let sum = |of: fn(&Process) -> i64| number(found.iter().map(|process| of(process) as f64).sum());
        if name.field == "count" {
            return number(found.len() as f64);
        }
        let Some(first) = found.first() else {
            return Err(Lack::Nothing(text!(
                ko: "`{comm}`이라는 프로세스가 없습니다.",
                en: "There is no process called `{comm}`."
            )));
        };
        match name.field {
            "rss" => sum(|process| process.rss_pages),
            "vsize" => sum(|process| process.vsize),
            "cpu" => sum(|process| process.utime.saturating_add(process.stime)),
            "minflt" => sum(|process| process.minflt),
            "majflt" => sum(|process| process.majflt),
            "threads" => sum(|process| process.threads),
            "priority" => number(first.priority as f64),
            "nice" => number(first.nice as f64),
            "rt_priority" => number(first.rt_priority as f64),
            "policy" => number(first.policy as f64),
            _ => Ok(Quantity::word(&first.state, PROCESSES, comm)),
        }
    },
};

/// `/proc/PID/status`.
pub const PROC: Family = Family {
    name: "proc",
    which: Which::Must("PID|self"),
    from: "/proc/WHICH/status, /proc/WHICH/oom_score",
    about: Text::fixed("한 프로세스의 상태", "the status of a process"),
    fields: &[told("oom_score", Unit::None, "OOM 점수", "OOM score"), ANY],
    paths: |name| {
        let file = if name.field == "oom_score" { "oom_score" } else { "status" };
        vec![format!("/proc/{}/{file}", name.which.unwrap_or_default())]
    },
    find: |name, machine| {
        let path = (PROC.paths)(name).remove(0);
        if name.field == "oom_score" {
            return super::files::line(&Name { which: None, ..*name }, machine, &path, Unit::None);
        }
        pair(&Fields::colon(&path, &parse::text(machine, &path)?)?, name.field, &path, Unit::None)
    },
};

/// What of each process is in swap.
pub const SWAPPED: Family = Family {
    name: "swapped",
    which: Which::No,
    from: "/proc/*/status",
    about: Text::fixed("프로세스의 페이지 가운데 스왑에 있는 것", "what processes have in swap"),
    fields: &[
        told("top", Unit::None, "스왑을 가장 많이 쓰는 프로세스", "process with most in swap"),
        told("top_kb", Unit::Kb, "그 프로세스의 스왑", "what it has in swap"),
        told("total", Unit::Kb, "프로세스들의 스왑", "what all processes have in swap"),
        told("processes", Unit::None, "스왑을 쓰는 프로세스", "processes with something in swap"),
    ],
    paths: |_| vec![STATUSES.into()],
    find: |name, machine| {
        let mut found: Vec<(f64, String)> = Vec::new();
        let mut read = 0;
        for path in crate::machine::expand(machine, STATUSES) {
            // `/proc/self` is one of them already, and one that has gone has nothing.
            let Ok(text) = machine.read(&path) else { continue };
            if !path.as_bytes()[6].is_ascii_digit() {
                continue;
            }
            let fields = Fields::colon(&path, &text)?;
            read += 1;
            // Kernel threads have no such line.
            if let Some(kb) = fields.number("VmSwap")?.filter(|kb| *kb > 0.0) {
                found.push((kb, fields.word("Name").unwrap_or_default().to_owned()));
            }
        }
        if read == 0 {
            return Err(Lack::File(Unreadable::Read { path: STATUSES.into(), error: ReadError::NotFound }));
        }
        let kb = |value: f64| Ok(Quantity::number(value, Unit::Kb, STATUSES, "VmSwap"));
        match name.field {
            "processes" => Ok(Quantity::number(found.len() as f64, Unit::None, STATUSES, "VmSwap")),
            "total" => kb(found.iter().map(|(kb, _)| kb).sum()),
            field => {
                let top = found.into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
                let nobody = || {
                    Lack::Nothing(Text::fixed(
                        "이 컴퓨터에는 스왑에 페이지를 둔 프로세스가 없습니다.",
                        "No process of this machine has anything in swap.",
                    ))
                };
                let (most, name) = top.ok_or_else(nobody)?;
                if field == "top" { Ok(Quantity::word(name, STATUSES, "VmSwap")) } else { kb(most) }
            }
        }
    },
};

const STATUSES: &str = "/proc/*/status";

/// `/proc/PID/smaps_rollup`.
pub const ROLLUP: Family = Family {
    name: "rollup",
    which: Which::Must("PID|self"),
    from: "/proc/WHICH/smaps_rollup",
    about: Text::fixed("한 프로세스의 메모리 합계(4.14부터)", "sums over a process's memory (since 4.14)"),
    fields: &[Field { name: "*", unit: Unit::Kb, label: Text::fixed("", "") }],
    paths: |name| vec![format!("/proc/{}/smaps_rollup", name.which.unwrap_or_default())],
    find: |name, machine| {
        let path = (ROLLUP.paths)(name).remove(0);
        pair(&Fields::colon(&path, &parse::text(machine, &path)?)?, name.field, &path, Unit::Kb)
    },
};

/// `/proc/PID/limits`.
pub const LIMIT: Family = Family {
    name: "limit",
    which: Which::Must("PID|self"),
    from: "/proc/WHICH/limits",
    about: Text::fixed(
        "한 프로세스의 제한(soft). `open_files`, `processes`, …",
        "soft limits of a process: `open_files`, `processes`, …",
    ),
    fields: &[ANY],
    paths: |name| vec![format!("/proc/{}/limits", name.which.unwrap_or_default())],
    find: |name, machine| {
        let path = (LIMIT.paths)(name).remove(0);
        pair(&parse::limits(&path, &parse::text(machine, &path)?)?, name.field, &path, Unit::None)
    },
};

/// Weights by nice value, from −20 (`kernel/sched/core.c: sched_prio_to_weight`).
const WEIGHTS: [u32; 40] = [
    88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904, 3906, 3121, 2501,
    1991, 1586, 1277, 1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
];

/// What the scheduler makes of a nice value.
pub const SCHED: Family = Family {
    name: "sched",
    which: Which::Must("nice"),
    from: "kernel/sched/core.c: sched_prio_to_weight",
    about: Text::fixed("nice 값에서 정해지는 것", "what follows from a nice value"),
    fields: &[
        told("weight", Unit::None, "nice 값의 가중치", "weight of the nice value"),
        told("priority", Unit::None, "nice 값의 PR", "PR of the nice value"),
    ],
    paths: |_| Vec::new(),
    find: |name, _| {
        let which = name.which.unwrap_or_default();
        let bad = || {
            Lack::Name(text!(ko: "`[{which}]`: -20부터 19까지여야 합니다.", en: "`[{which}]` must be from -20 to 19."))
        };
        let nice = which.parse::<i32>().ok().filter(|nice| (-20..=19).contains(nice)).ok_or_else(bad)?;
        let value = match name.field {
            "weight" => f64::from(WEIGHTS[(nice + 20) as usize]),
            _ => f64::from(20 + nice),
        };
        Ok(Quantity::number(value, Unit::None, SCHED.from, which))
    },
};

const SOCKETS_PATH: &str = "@sockets/tcp";

/// TCP sockets.
pub const SOCKETS: Family = Family {
    name: "sockets",
    which: Which::May(":port|local:port|remote:port"),
    from: SOCKETS_PATH,
    about: Text::fixed(
        "TCP 소켓. `[:5000]`은 그 포트의 소켓만(어느 쪽이든), `ESTAB`, `TIME-WAIT`, `LISTEN`, …은 그 상태인 수",
        "TCP sockets; `[:5000]` those with that port on either side; `ESTAB`, `TIME-WAIT`, `LISTEN`, … are how many are in that state",
    ),
    fields: &[
        told("count", Unit::None, "TCP 소켓", "TCP sockets"),
        told("keepalive", Unit::None, "keepalive 타이머가 걸린 소켓", "sockets with a keepalive timer"),
        told("retransmitting", Unit::None, "재전송 타이머가 걸린 소켓", "sockets with a retransmission timer"),
        told("min_rto", Unit::Us, "가장 짧은 RTO", "shortest RTO"),
        told("max_rto", Unit::Us, "가장 긴 RTO", "longest RTO"),
        told("min_rtt", Unit::Us, "가장 짧은 RTT", "shortest RTT"),
        told("max_rtt", Unit::Us, "가장 긴 RTT", "longest RTT"),
        told("retrans_total", Unit::None, "재전송한 세그먼트", "segments retransmitted"),
        told("backlog_bytes", Unit::Bytes, "보냈으나 확인되지 않은 바이트", "bytes sent and not acknowledged"),
        told("max_expires_ms", Unit::Ms, "가장 늦게 끝나는 타이머", "timer that ends last"),
        told("local_ports", Unit::None, "쓰이는 로컬 포트", "local ports in use"),
        told("time_wait_ports", Unit::None, "TIME_WAIT이 쥔 로컬 포트", "local ports held by TIME_WAIT"),
        ANY,
    ],
    paths: |_| vec![SOCKETS_PATH.into()],
    find: sockets,
};

fn sockets(name: &Name<'_>, machine: &dyn Machine) -> Result<Quantity, Lack> {
    let all = parse::sockets(SOCKETS_PATH, &parse::text(machine, SOCKETS_PATH)?)?;
    let which = name.which.unwrap_or_default();
    let (side, port) = which.split_once(':').unwrap_or_default();
    let port = port.parse::<u16>().ok();
    if name.which.is_some() && (port.is_none() || !matches!(side, "" | "local" | "remote")) {
        return Err(Lack::Name(text!(
            ko: "`[{which}]`: `:5000`, `local:5000`, `remote:5000` 꼴이어야 합니다.",
            en: "`[{which}]` must be of the form `:5000`, `local:5000` or `remote:5000`."
        )));
    }
    let chosen = |socket: &&Socket| {
        let (local, remote) = (Socket::port(&socket.local), Socket::port(&socket.remote));
        match (port, side) {
            (None, _) => true,
            (port, "local") => local == port,
            (port, "remote") => remote == port,
            (port, _) => local == port || remote == port,
        }
    };
    let found: Vec<&Socket> = all.iter().filter(chosen).collect();
    let number = |value: f64| Ok(Quantity::number(value, unit_of(SOCKETS.fields, name.field), SOCKETS_PATH, which));
    let count = |of: &dyn Fn(&&&Socket) -> bool| number(found.iter().filter(|socket| of(socket)).count() as f64);
    let values = |field: &str| -> Result<Vec<f64>, Lack> {
        let each = found.iter().map(|socket| socket.fields.number(field));
        Ok(each.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    };
    let fold = |field: &str, pick: fn(f64, f64) -> f64| {
        let nothing = || Lack::Nothing(Text::fixed("그런 소켓이 하나도 없습니다.", "There is no such socket."));
        // A socket that listens has no round trips, and the kernel says 0.
        let measured = values(field)?.into_iter().filter(|value| *value > 0.0 || field == "expires_ms");
        measured.reduce(pick).ok_or_else(nothing).and_then(number)
    };
    match name.field {
        "count" => number(found.len() as f64),
        "keepalive" => count(&|socket| socket.fields.word("timer") == Some("keepalive")),
        "retransmitting" => count(&|socket| socket.fields.word("timer") == Some("on")),
        "min_rto" => fold("rto_us", f64::min),
        "max_rto" => fold("rto_us", f64::max),
        "min_rtt" => fold("rtt_us", f64::min),
        "max_rtt" => fold("rtt_us", f64::max),
        "max_expires_ms" => fold("expires_ms", f64::max),
        "retrans_total" => number(values("retrans_total")?.into_iter().sum()),
        "backlog_bytes" => number(values("sendq")?.into_iter().sum()),
        "local_ports" => number(local_ports(&found)),
        "time_wait_ports" => {
            let waiting: Vec<_> = found.into_iter().filter(|socket| socket.state == "TIME-WAIT").collect();
            number(local_ports(&waiting))
        }
        state => count(&|socket| socket.state == state),
    }
}

/// How many local ports sockets have between them.
fn local_ports(sockets: &[&Socket]) -> f64 {
    let ports = sockets.iter().filter_map(|socket| Socket::port(&socket.local));
    ports.collect::<std::collections::BTreeSet<_>>().len() as f64
}
