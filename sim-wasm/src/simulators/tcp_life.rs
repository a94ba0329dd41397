//! The part of connections in their widget: who connects where, the kernels, the reader's machine.

use sim_core::{Json, KernelVersion, Text};

use super::{Column, List, Part, Simulator, kernel};
use crate::live::{Facts, Sample};

/// The widget.
pub static SIMULATOR: Simulator = Simulator {
    model: "tcp-life",
    kernels: KERNELS,
    kinds: &[
        ("connect", Text::fixed("연결", "connect")),
        ("fail", Text::fixed("포트 없음", "no port")),
        ("reuse", Text::fixed("넘겨받음", "taken over")),
        ("time-wait", Text::fixed("TIME_WAIT 시작", "TIME_WAIT begins")),
        ("overflow", Text::fixed("TIME_WAIT 넘침", "overflow")),
        ("expire", Text::fixed("만료", "expires")),
        ("fin-wait2", Text::fixed("FIN_WAIT2 기록", "FIN_WAIT2 record")),
        ("close-wait", Text::fixed("CLOSE_WAIT 시작", "CLOSE_WAIT begins")),
        ("reset", Text::fixed("RST", "RST")),
        ("refused", Text::fixed("거절", "refused")),
        ("syn-in-time-wait", Text::fixed("TIME_WAIT에 온 SYN", "SYN over a TIME_WAIT")),
        ("syn-drop", Text::fixed("SYN 버림", "SYN dropped")),
        ("timeout", Text::fixed("연결 시간 초과", "connect times out")),
        ("restart", Text::fixed("서버 다시 시작", "server restarts")),
        ("bind", Text::fixed("bind 성공", "bind works")),
        ("bind-fail", Text::fixed("bind 실패", "bind fails")),
    ],
    editor: EDITOR,
    guessed: "time_wait",
    measured,
    adopt,
};

static KERNELS: &[(KernelVersion, Text)] = &[
    kernel(
        2,
        6,
        32,
        "RHEL 6. 타이머 하나가 7.5초 간격의 칸 여덟 개를 돌아 TIME_WAIT이 52.5~60초 갑니다. 포트를 하나씩 차례로 찾고, tcp_tw_recycle이 있습니다.",
        "RHEL 6. One timer with eight slots of 7.5 s: TIME_WAIT lasts 52.5 to 60 s. Ports are tried one by one, and there is tcp_tw_recycle.",
    ),
    kernel(
        3,
        10,
        0,
        "RHEL 7. 2.6.32와 같다고 보고 있습니다. tcp_tw_reuse는 0이 아니면 모두 켬입니다.",
        "RHEL 7. Taken to be as 2.6.32. Any tcp_tw_reuse but 0 is on.",
    ),
    kernel(
        4,
        4,
        0,
        "TIME_WAIT마다 타이머가 있어 60초를 틱까지 지킵니다(4.1부터). 포트는 한쪽 홀짝부터 씁니다(4.2부터).",
        "Each TIME_WAIT has a timer of its own and lasts 60 s to the tick (since 4.1). Ports of one parity go first (since 4.2).",
    ),
    kernel(
        4,
        18,
        0,
        "RHEL 8의 번호입니다. tcp_tw_recycle이 없고(4.12부터), 먼 타이머는 올림하여 60초가 최대 2초 늦습니다(4.8부터).",
        "RHEL 8's number. No tcp_tw_recycle (since 4.12); long timers are rounded up, so 60 s may be 2 s late (since 4.8).",
    ),
    kernel(
        5,
        10,
        0,
        "tcp_tw_reuse의 기본값이 2, 루프백만입니다(4.19부터). 초가 바뀌면 넘겨받습니다.",
        "The default of tcp_tw_reuse is 2, loopback only (since 4.19). Taken over once the second has changed.",
    ),
    kernel(
        6,
        12,
        0,
        "포트를 어디서부터 찾는지를 목적지마다 따로 기억하고, 난수를 섞습니다(5.12부터).",
        "Each destination remembers by itself where its search for a port stands, with some randomness (since 5.12).",
    ),
    kernel(
        6,
        18,
        0,
        "넘겨받기까지의 시간을 tcp_tw_reuse_delay로 정합니다(6.14부터).",
        "tcp_tw_reuse_delay says how old a TIME_WAIT must be to be taken over (since 6.14).",
    ),
];

const HOSTS: &[(&str, Text)] = &[
    ("client", Text::fixed("client", "client")),
    ("client2", Text::fixed("client2", "client2")),
    ("proxy", Text::fixed("proxy", "proxy")),
    ("server", Text::fixed("server", "server")),
];

const CLOSES: &[(&str, Text)] = &[
    ("client", Text::fixed("연결한 쪽이 먼저", "who connected, first")),
    ("server", Text::fixed("받은 쪽이 먼저", "who accepted, first")),
    ("both", Text::fixed("둘이 동시에", "both at once")),
    ("linger0", Text::fixed("RST로(SO_LINGER 0)", "by RST (SO_LINGER 0)")),
    ("unread", Text::fixed("읽지 않고(RST)", "unread (RST)")),
    ("leak", Text::fixed("받은 쪽은 닫지 않음", "who accepted never does")),
    ("shutdown", Text::fixed("보내기만 닫음(shutdown)", "only for sending (shutdown)")),
];

const EDITOR: &[Part] = &[Part::List(List {
    path: "legs",
    title: Text::fixed("구간", "Legs"),
    none: Text::fixed("아무도 연결하지 않습니다.", "Nobody connects."),
    add: Text::fixed("구간 추가", "Add a leg"),
    remove: Text::fixed("지우기", "Remove"),
    first: "{}",
    columns: &[
        Column::words("from", Text::fixed("연결하는 쪽", "Who connects"), HOSTS),
        Column::words("to", Text::fixed("받는 쪽", "Who accepts"), HOSTS),
        Column::whole("port", Text::fixed("포트", "Port"), ""),
        Column::whole("per_s", Text::fixed("초당 요청", "Requests a second"), "/s"),
        Column::words("close", Text::fixed("닫기", "Who closes"), CLOSES),
        Column::whole("pool", Text::fixed("남겨 둘 유휴 연결(0: 요청마다 새로)", "Idle kept (0: one a request)"), ""),
        Column::whole("requests", Text::fixed("연결 하나의 요청", "Requests of a connection"), ""),
        Column::whole("idle_ms", Text::fixed("유휴 연결을 닫는 시간(0: 없음)", "Idle until closed (0: never)"), "ms"),
        Column::whole("service_ms", Text::fixed("응답까지", "Time to answer"), "ms"),
        Column::whole("sources", Text::fixed("출발지 주소", "Source addresses"), ""),
        Column::whole("destinations", Text::fixed("목적지 주소", "Destination addresses"), ""),
        Column::whole("caused_by", Text::fixed("요청을 일으키는 구간(-1: 스스로)", "Caused by leg (-1: none)"), ""),
        Column::whole("from_ms", Text::fixed("시작", "From"), "ms"),
        Column::whole("until_ms", Text::fixed("끝", "Until"), "ms").follows("duration_ms"),
    ],
})];

fn file<'a>(files: &'a [(String, String)], path: &str) -> Option<&'a str> {
    files.iter().find(|(known, _)| known == path).map(|(_, text)| text.as_str())
}

/// The number after a word of the line `TCP:`.
fn of_tcp(sockstat: &str, name: &str) -> Option<i64> {
    let line = sockstat.lines().find_map(|line| line.strip_prefix("TCP:"))?;
    let mut words = line.split_whitespace();
    words.find(|word| *word == name)?;
    words.next()?.parse().ok()
}

/// The count `tw` is the only one of the curves that the file tells: it counts records of FIN_WAIT2 as
/// well, which are few.
fn measured(sample: &Sample) -> Vec<(&'static str, i64)> {
    let tw = file(&sample.files, "/proc/net/sockstat").and_then(|sockstat| of_tcp(sockstat, "tw"));
    tw.map(|tw| ("time_wait", tw)).into_iter().collect()
}

fn adopt(scenario: &mut Json, facts: &Facts) {
    if let Ok(kernel) = facts.kernel.parse::<KernelVersion>() {
        scenario.replace("kernel", kernel.to_string().as_str().into());
    }
    if let Some(hz) = facts.hz {
        scenario.replace("hz", hz.into());
    }
    let sysctl = |name: &str| file(&facts.files, &format!("/proc/sys/net/ipv4/{name}"));
    for name in [
        "tcp_fin_timeout",
        "tcp_max_tw_buckets",
        "tcp_timestamps",
        "tcp_tw_recycle",
        "tcp_tw_reuse",
        "tcp_tw_reuse_delay",
    ] {
        if let Some(value) = sysctl(name).and_then(|text| text.trim().parse::<i64>().ok()) {
            // Whatever is on is on: 2 of timestamps only leaves the random beginning out.
            let value = if name == "tcp_timestamps" { value.min(1) } else { value };
            scenario.replace(name, value.into());
        }
    }
    let range = sysctl("ip_local_port_range").unwrap_or_default();
    let ends: Vec<i64> = range.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    if let [low, high] = ends[..] {
        scenario.replace("ip_local_port_range_low", low.into());
        scenario.replace("ip_local_port_range_high", high.into());
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    fn kind() -> Kind {
        Kind::find("tcp-life").unwrap()
    }

    fn files(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_machine_is_taken_over_with_its_settings() {
        let facts = Facts {
            kernel: "6.18.44-cloud".to_owned(),
            hz: Some(1000),
            cpus: 2,
            avenrun: [0; 3],
            nr_threads: 321,
            files: files(&[
                ("/proc/sys/net/ipv4/ip_local_port_range", "40000\t49999\n"),
                ("/proc/sys/net/ipv4/tcp_tw_reuse", "1\n"),
                ("/proc/sys/net/ipv4/tcp_timestamps", "2\n"),
                ("/proc/sys/net/ipv4/tcp_fin_timeout", "30\n"),
            ]),
        };
        for preset in (kind().entry.presets)() {
            let mut scenario = preset.scenario.clone();
            adopt(&mut scenario, &facts);
            assert_eq!((kind().entry.problems)(&scenario), [], "{}", preset.name);
            let at = |name: &str| scenario[name].as_i64();
            assert_eq!([at("ip_local_port_range_low"), at("ip_local_port_range_high")], [Some(40_000), Some(49_999)]);
            assert_eq!([at("tcp_tw_reuse"), at("tcp_timestamps"), at("tcp_fin_timeout")], [Some(1), Some(1), Some(30)]);
            assert_eq!((scenario["kernel"].as_str(), at("hz")), (Some("6.18.44"), Some(1000)));
        }
    }

    #[test]
    fn a_look_at_the_machine_has_its_time_waits() {
        let sockstat = "sockets: used 412\nTCP: inuse 61 orphan 0 tw 28229 alloc 85 mem 34\n";
        for (files, want) in [
            (files(&[("/proc/net/sockstat", sockstat)]), vec![("time_wait", 28_229)]),
            (files(&[("/proc/net/sockstat", "TCP: inuse 61 tw\n")]), vec![]),
            (files(&[("/proc/vmstat", "nr_dirty 1\n")]), vec![]),
        ] {
            let sample = Sample { t_ms: 0.0, cost_us: 0.0, avenrun: [0; 3], files };
            assert_eq!(measured(&sample), want);
        }
    }

    #[test]
    fn a_leg_that_lasts_to_the_end_still_does_when_the_run_changes_its_length() {
        let scenario = r#"{"legs": [{"until_ms": 120000}, {"until_ms": 5000}]}"#;
        let mut scenario = (kind().entry.complete)(&Json::parse(scenario).unwrap());
        kind().put(&mut scenario, "duration_ms", 60_000_i64.into());
        let ends = [0, 1].map(|i| scenario["legs"][i]["until_ms"].as_i64());
        assert_eq!(ends, [Some(60_000), Some(5000)]);
        assert_eq!((kind().entry.problems)(&scenario), []);
    }
}
