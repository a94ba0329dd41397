//! Quantities that stand in a file by their name.

use sim_core::{Text, text};

use super::{ANY, Family, Field, Found, Lack, Name, Quantity, Unit, Which, pair, told, unit_of};
use crate::Machine;
use crate::parse::{self, Fields, LoadAvg, bracketed};

const MEMINFO_FIELDS: &[Field] = &[ANY];

/// `/proc/meminfo`.
pub const MEMINFO: Family = Family {
    name: "meminfo",
    which: Which::No,
    from: "/proc/meminfo",
    about: Text::fixed("메모리 전체의 현황", "memory as a whole"),
    fields: MEMINFO_FIELDS,
    paths: |_| vec!["/proc/meminfo".into()],
    find: |name, machine| of_file(Fields::colon, name, machine, "/proc/meminfo", Unit::None),
};

/// `/proc/vmstat`.
pub const VMSTAT: Family = Family {
    name: "vmstat",
    which: Which::No,
    from: "/proc/vmstat",
    about: Text::fixed(
        "가상 메모리의 계수기. `nr_`로 시작하는 것은 페이지 수",
        "counters of virtual memory; `nr_…` are pages",
    ),
    fields: &[ANY],
    paths: |_| vec!["/proc/vmstat".into()],
    find: |name, machine| {
        let unit = if name.field.starts_with("nr_") { Unit::Pages } else { Unit::None };
        of_file(Fields::words, name, machine, "/proc/vmstat", unit)
    },
};

/// `/proc/pressure/*`.
pub const PRESSURE: Family = Family {
    name: "pressure",
    which: Which::Must("cpu|memory|io|irq"),
    from: "/proc/pressure/WHICH",
    about: Text::fixed("무언가를 기다리느라 늦어진 시간(PSI)", "time lost waiting (PSI)"),
    fields: &[
        told("some_avg10", Unit::Percent, "누군가 기다린 시간, 10초 평균", "share of time somebody waited, over 10 s"),
        told("some_avg60", Unit::Percent, "누군가 기다린 시간, 1분 평균", "share of time somebody waited, over 1 min"),
        told("some_avg300", Unit::Percent, "누군가 기다린 시간, 5분 평균", "share of time somebody waited, over 5 min"),
        told("some_total", Unit::Us, "누군가 기다린 시간의 합", "time somebody waited, in all"),
        told("full_avg10", Unit::Percent, "모두 기다린 시간, 10초 평균", "share of time all waited, over 10 s"),
        told("full_avg60", Unit::Percent, "모두 기다린 시간, 1분 평균", "share of time all waited, over 1 min"),
        told("full_avg300", Unit::Percent, "모두 기다린 시간, 5분 평균", "share of time all waited, over 5 min"),
        told("full_total", Unit::Us, "모두 기다린 시간의 합", "time all waited, in all"),
    ],
    paths: |name| vec![format!("/proc/pressure/{}", name.which.unwrap_or_default())],
    find: |name, machine| {
        let path = format!("/proc/pressure/{}", name.which.unwrap_or_default());
        of_file(Fields::pressure, name, machine, &path, unit_of(PRESSURE.fields, name.field))
    },
};

/// `/proc/sys`.
pub const SYSCTL: Family = Family {
    name: "sysctl",
    which: Which::May("1, 2, …"),
    from: "/proc/sys/FIELD",
    about: Text::fixed(
        "커널 매개변수. 점은 경로의 `/`이고, 수가 여럿이면 `[2]`로 둘째를 고릅니다",
        "kernel parameters; a dot is the `/` of the path, `[2]` takes the second of several numbers",
    ),
    fields: &[ANY],
    paths: |name| vec![format!("/proc/sys/{}", name.field.replace('.', "/"))],
    find: |name, machine| {
        let path = format!("/proc/sys/{}", name.field.replace('.', "/"));
        line(name, machine, &path, sysctl_unit(name.field))
    },
};

/// Units that names of parameters tell.
fn sysctl_unit(name: &str) -> Unit {
    let ends = |end: &str| name.ends_with(end);
    if ends("kbytes") {
        Unit::Kb
    } else if ends("_centisecs") {
        Unit::Centiseconds
    } else if ends("_bytes") {
        Unit::Bytes
    } else if ends("dirty_ratio") || ends("dirty_background_ratio") || ends("overcommit_ratio") {
        Unit::Percent
    } else if ends("tcp_fin_timeout") || ends("tcp_keepalive_time") || ends("tcp_keepalive_intvl") {
        Unit::Seconds
    } else if ends("_rto_min_us") {
        Unit::Us
    } else {
        Unit::None
    }
}

/// Any file.
pub const FILE: Family = Family {
    name: "file",
    which: Which::Must("/path"),
    from: "WHICH",
    about: Text::fixed(
        "첫 줄의 수나 말. `file[/sys/kernel/mm/lru_gen/enabled].line`처럼 이름이 없는 파일에 씁니다",
        "the number or words of a file's first line: for files no family is about, as in `file[/sys/kernel/mm/lru_gen/enabled].line`",
    ),
    fields: &[
        told("line", Unit::None, "첫 줄", "first line"),
        told("bytes", Unit::Bytes, "첫 줄의 바이트 수", "bytes, from the first line"),
        told("kb", Unit::Kb, "첫 줄의 kB", "kB, from the first line"),
        told("us", Unit::Us, "첫 줄의 µs", "µs, from the first line"),
        told("lines", Unit::None, "줄 수", "number of lines"),
    ],
    paths: |name| vec![name.which.unwrap_or_default().to_owned()],
    find: |name, machine| {
        let path = name.which.unwrap_or_default();
        if name.field == "lines" {
            let text = parse::text(machine, path)?;
            return Ok(Quantity::number(text.lines().count() as f64, Unit::None, path, "lines"));
        }
        let unit = unit_of(FILE.fields, name.field);
        line(&Name { which: None, ..*name }, machine, path, unit)
    },
};

/// Any file of names and values.
pub const FIELDS: Family = Family {
    name: "fields",
    which: Which::Must("/path"),
    from: "WHICH",
    about: Text::fixed(
        "이름과 값이 한 줄씩인 파일. `fields[{cgroup}/memory.stat].anon`",
        "a file of names and values, one pair a line: `fields[{cgroup}/memory.stat].anon`",
    ),
    fields: &[ANY],
    paths: |name| vec![name.which.unwrap_or_default().to_owned()],
    find: |name, machine| {
        let path = name.which.unwrap_or_default();
        let text = parse::text(machine, path)?;
        let colons = text.lines().next().is_some_and(|line| line.contains(':'));
        let fields = if colons { Fields::colon(path, &text)? } else { Fields::words(path, &text)? };
        pair(&fields, name.field, path, Unit::None)
    },
};

/// What a workload measured of itself: only a recording of one has it.
pub const REPORTED: Family = Family {
    name: "reported",
    which: Which::No,
    from: "live-probe run",
    about: Text::fixed("부하가 스스로 잰 값", "what a workload measured of itself"),
    fields: &[ANY],
    paths: |_| Vec::new(),
    find: |name, _| {
        let figure = name.field;
        Err(Lack::Nothing(text!(
            ko: "`{figure}`은(는) 부하가 스스로 잰 값이라 실행한 기록에만 있습니다.",
            en: "`{figure}` is measured by a workload itself, so only a recording of one has it."
        )))
    },
};

/// The unit that the last part of a reported figure's name tells.
pub(crate) fn reported_unit(name: &str) -> Unit {
    match name.rsplit('_').next() {
        Some("ms") => Unit::Ms,
        Some("us") => Unit::Us,
        Some("s") => Unit::Seconds,
        Some("kb") => Unit::Kb,
        Some("bytes") => Unit::Bytes,
        Some("pages") => Unit::Pages,
        Some("pct") => Unit::Percent,
        _ => Unit::None,
    }
}

/// A file that lists choices.
pub const CHOSEN: Family = Family {
    name: "chosen",
    which: Which::Must("/path"),
    from: "WHICH",
    about: Text::fixed("선택지를 나열한 파일에서 `[…]` 안에 있는 것", "of a file that lists choices the one in `[…]`"),
    fields: &[told("", Unit::None, "고른 것", "chosen")],
    paths: |name| vec![name.which.unwrap_or_default().to_owned()],
    find: |name, machine| {
        let path = name.which.unwrap_or_default();
        let text = parse::text(machine, path)?;
        let shape = "none [mq-deadline] kyber";
        let chosen = bracketed(&text).ok_or_else(|| parse::refuse(path, 0, shape, text.trim_end()))?;
        Ok(Quantity::word(chosen, path, "[…]"))
    },
};

/// `/proc/stat`.
pub const STAT: Family = Family {
    name: "stat",
    which: Which::May("cpu0"),
    from: "/proc/stat",
    about: Text::fixed("CPU 시간과 부팅 뒤의 계수기", "CPU times and counters since boot"),
    fields: &[
        told("user", Unit::Centiseconds, "사용자 모드", "user mode"),
        told("nice", Unit::Centiseconds, "nice가 양수인 사용자 모드", "user mode, niced"),
        told("system", Unit::Centiseconds, "커널", "kernel"),
        told("idle", Unit::Centiseconds, "유휴", "idle"),
        told("iowait", Unit::Centiseconds, "I/O를 기다리며 유휴", "idle, waiting for I/O"),
        told("irq", Unit::Centiseconds, "하드 인터럽트", "hard interrupts"),
        told("softirq", Unit::Centiseconds, "소프트 인터럽트", "soft interrupts"),
        told("steal", Unit::Centiseconds, "하이퍼바이저가 가져간 시간", "stolen by the hypervisor"),
        told("busy", Unit::Centiseconds, "일한 시간", "time at work"),
        told("all", Unit::Centiseconds, "모든 시간", "all time"),
        told("ctxt", Unit::None, "문맥 교환", "context switches"),
        told("processes", Unit::None, "부팅 뒤에 만든 태스크", "tasks made since boot"),
        told("procs_running", Unit::None, "실행 큐의 태스크", "tasks on run queues"),
        told("procs_blocked", Unit::None, "블록 장치를 기다리는 태스크", "tasks waiting for a block device"),
    ],
    paths: |_| vec!["/proc/stat".into()],
    find: stat,
};

fn stat(name: &Name<'_>, machine: &dyn Machine) -> Result<Quantity, Lack> {
    const PATH: &str = "/proc/stat";
    const TIMES: [&str; 8] = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];
    let fields = Fields::words(PATH, &parse::text(machine, PATH)?)?;
    let one = |key: &str| pair(&fields, key, PATH, Unit::None);
    let times = matches!(name.field, "busy" | "all") || TIMES.contains(&name.field);
    if !times {
        return one(name.field);
    }
    let which = name.which.unwrap_or("cpu");
    let missing = || Lack::Missing { path: PATH.to_owned(), what: which.to_owned() };
    let words: Vec<f64> = fields.word(which).ok_or_else(missing)?.split(' ').filter_map(parse::number).collect();
    let at = |name: &str| TIMES.iter().position(|time| *time == name).and_then(|i| words.get(i).copied());
    let all: f64 = words.iter().take(TIMES.len()).sum();
    let value = match name.field {
        "all" => Some(all),
        "busy" => Some(all - at("idle").unwrap_or(0.0) - at("iowait").unwrap_or(0.0)),
        field => at(field),
    };
    let value = value.ok_or_else(|| Lack::Missing { path: PATH.to_owned(), what: name.field.to_owned() })?;
    Ok(Quantity::number(value, Unit::Centiseconds, PATH, which))
}

/// `/proc/loadavg`.
pub const LOADAVG: Family = Family {
    name: "loadavg",
    which: Which::No,
    from: "/proc/loadavg",
    about: Text::fixed("부하 평균", "load averages"),
    fields: &[
        told("1", Unit::None, "1분 평균", "1-minute average"),
        told("5", Unit::None, "5분 평균", "5-minute average"),
        told("15", Unit::None, "15분 평균", "15-minute average"),
        told("running", Unit::None, "실행 큐의 태스크", "tasks on run queues"),
        told("threads", Unit::None, "스레드", "threads"),
        told("last_pid", Unit::None, "마지막 PID", "last PID"),
    ],
    paths: |_| vec!["/proc/loadavg".into()],
    find: |name, machine| {
        let load: LoadAvg = parse::read(machine)?;
        let value = match name.field {
            "1" => load.hundredths[0] as f64 / 100.0,
            "5" => load.hundredths[1] as f64 / 100.0,
            "15" => load.hundredths[2] as f64 / 100.0,
            "running" => load.running as f64,
            "threads" => load.threads as f64,
            _ => load.last_pid as f64,
        };
        Ok(Quantity::number(value, Unit::None, "/proc/loadavg", name.field))
    },
};

/// `/proc/net/sockstat`.
pub const SOCKSTAT: Family = Family {
    name: "sockstat",
    which: Which::Must("TCP|UDP|sockets"),
    from: "/proc/net/sockstat",
    about: Text::fixed("소켓의 수. `mem`은 페이지", "numbers of sockets; `mem` is pages"),
    fields: &[ANY],
    paths: |_| vec!["/proc/net/sockstat".into()],
    find: |name, machine| grouped(parse::sockstat, name, machine, "/proc/net/sockstat"),
};

/// `/proc/net/netstat`.
pub const NETSTAT: Family = Family {
    name: "netstat",
    which: Which::Must("TcpExt|IpExt"),
    from: "/proc/net/netstat",
    about: Text::fixed("TCP와 IP의 확장 계수기", "further counters of TCP and IP"),
    fields: &[ANY],
    paths: |_| vec!["/proc/net/netstat".into()],
    find: |name, machine| grouped(parse::paired, name, machine, "/proc/net/netstat"),
};

/// `/proc/net/snmp`.
pub const SNMP: Family = Family {
    name: "snmp",
    which: Which::Must("Tcp|Udp|Ip"),
    from: "/proc/net/snmp",
    about: Text::fixed("TCP, UDP, IP의 계수기", "counters of TCP, UDP and IP"),
    fields: &[ANY],
    paths: |_| vec!["/proc/net/snmp".into()],
    find: |name, machine| grouped(parse::paired, name, machine, "/proc/net/snmp"),
};

/// `/proc/mounts`.
pub const MOUNT: Family = Family {
    name: "mount",
    which: Which::May("/point"),
    from: "/proc/mounts",
    about: Text::fixed("파일 시스템", "file systems"),
    fields: &[
        told("type", Unit::None, "파일 시스템의 종류", "type of the file system"),
        told("device", Unit::None, "장치", "device"),
        told("options", Unit::None, "옵션", "options"),
        told("count", Unit::None, "마운트의 수", "number of mounts"),
    ],
    paths: |_| vec!["/proc/mounts".into()],
    find: |name, machine| {
        const PATH: &str = "/proc/mounts";
        let text = parse::text(machine, PATH)?;
        let mounts = parse::mounts(PATH, &text)?;
        if name.field == "count" {
            return Ok(Quantity::number(mounts.len() as f64, Unit::None, PATH, "lines"));
        }
        let point = name.which.unwrap_or("/");
        let missing = || Lack::Missing { path: PATH.to_owned(), what: point.to_owned() };
        // Of two mounts on one point the later is seen.
        let mount = mounts.iter().rfind(|mount| mount.point == point).ok_or_else(missing)?;
        Ok(match name.field {
            "type" => Quantity::word(mount.kind, PATH, point),
            "device" => Quantity::word(mount.device, PATH, point),
            _ => Quantity::words(mount.options.split(',').map(str::to_owned).collect(), PATH, point),
        })
    },
};

type Read = fn(&str, &str) -> Result<Fields, parse::Unreadable>;

fn of_file(read: Read, name: &Name<'_>, machine: &dyn Machine, path: &str, unit: Unit) -> Result<Quantity, Lack> {
    let fields = read(path, &parse::text(machine, path)?)?;
    pair(&fields, name.field, path, unit)
}

fn grouped(read: Read, name: &Name<'_>, machine: &dyn Machine, path: &str) -> Result<Quantity, Lack> {
    let fields = read(path, &parse::text(machine, path)?)?;
    let group = name.which.unwrap_or_default();
    pair(&fields, &format!("{group}.{}", name.field), path, Unit::None)
}

/// The first line of a file: a number, or with `[n]` the n-th of several, or words.
pub(super) fn line(name: &Name<'_>, machine: &dyn Machine, path: &str, unit: Unit) -> Result<Quantity, Lack> {
    let text = parse::text(machine, path)?;
    let line = text.lines().next().unwrap_or_default().trim();
    if let Some(n) = name.which {
        let bad =
            || Lack::Name(text!(ko: "`[{n}]`: 1부터 세는 수여야 합니다.", en: "`[{n}]` must be a number from 1."));
        let index = n.parse::<usize>().ok().filter(|n| *n > 0).ok_or_else(bad)?;
        let missing = || Lack::Missing { path: path.to_owned(), what: format!("[{n}]") };
        let word = line.split_ascii_whitespace().nth(index - 1).ok_or_else(missing)?;
        let number = parse::number(word).ok_or_else(|| parse::refuse(path, 0, "numbers", line))?;
        return Ok(Quantity::number(number, unit, path, n));
    }
    let found = match parse::number(line) {
        Some(number) => Found::Number(number),
        None => Found::Word(line.to_owned()),
    };
    Ok(Quantity { found, unit, path: path.to_owned(), field: String::new() })
}
