//! The part of retransmission in its widget: requests, losses and round trips, the kernels, the reader's
//! machine.

use sim_core::{Json, KernelVersion, Text};

use super::{Column, List, Part, Simulator, kernel};
use crate::live::{Facts, Sample};

/// The widget.
pub static SIMULATOR: Simulator = Simulator {
    model: "tcp-rto",
    kernels: KERNELS,
    kinds: &[
        ("syn", Text::fixed("SYN", "SYN")),
        ("write", Text::fixed("쓰기", "write")),
        ("send", Text::fixed("보냄", "sent")),
        ("ack", Text::fixed("ACK", "ACK")),
        ("sample", Text::fixed("RTT 표본", "round trip measured")),
        ("connected", Text::fixed("연결됨", "connected")),
        ("loss-probe", Text::fixed("TLP", "loss probe")),
        ("rto", Text::fixed("RTO", "RTO")),
        ("fast-retransmit", Text::fixed("빠른 재전송", "fast retransmission")),
        ("retransmit", Text::fixed("재전송", "retransmission")),
        ("answer", Text::fixed("답", "answer")),
        ("app-timeout", Text::fixed("애플리케이션이 포기", "application gives up")),
        ("close", Text::fixed("닫음", "close")),
        ("gave-up", Text::fixed("커널이 포기", "kernel gives up")),
    ],
    editor: EDITOR,
    guessed: "rto_us",
    measured,
    adopt,
};

static KERNELS: &[(KernelVersion, Text)] = &[
    kernel(
        2,
        6,
        32,
        "RHEL 6. 첫 RTO가 3초이고 RTT를 틱으로 잽니다. TLP가 없습니다.",
        "RHEL 6. The first RTO is 3 s, and round trips are measured in ticks. No loss probes.",
    ),
    kernel(
        3,
        10,
        0,
        "RHEL 7. 첫 RTO가 1초가 되고(3.1부터) TLP가 생겼습니다(3.10부터).",
        "RHEL 7. The first RTO is 1 s (since 3.1), and there are loss probes (since 3.10).",
    ),
    kernel(
        4,
        18,
        0,
        "RHEL 8의 번호입니다. RTT를 µs로 재고(3.15부터), 먼 타이머는 굵은 눈금으로 올립니다(4.8부터).",
        "RHEL 8's number. Round trips in µs (since 3.15); distant timers on a coarse grid (since 4.8).",
    ),
    kernel(
        6,
        1,
        0,
        "사용자 타임아웃이 마지막 기다림을 줄입니다(4.19부터). SYN은 1 3 7 15 31 63초, 포기는 127초입니다.",
        "A user timeout shortens the last wait (since 4.19). SYNs at 1 3 7 15 31 63 s, given up at 127.",
    ),
    kernel(
        6,
        12,
        0,
        "SYN을 처음 네 번은 1초마다 보내고 131초에 포기합니다(6.5부터). tcp_rto_min_us가 있습니다(6.11부터).",
        "The first four SYNs go out a second apart, given up at 131 s (since 6.5). There is tcp_rto_min_us (since 6.11).",
    ),
    kernel(6, 18, 0, "tcp_rto_max_ms가 생겼습니다(6.15부터).", "There is tcp_rto_max_ms (since 6.15)."),
];

const STARTS: &[(&str, Text)] = &[
    ("established", Text::fixed("맺어진 연결", "connected")),
    ("syn-sent", Text::fixed("연결을 맺는 중(SYN)", "connecting (SYN)")),
    ("syn-recv", Text::fixed("SYN을 받은 서버(SYN+ACK)", "server that got a SYN (SYN+ACK)")),
];

const EDITOR: &[Part] = &[
    Part::Group {
        title: Text::fixed("시작할 때의 소켓", "The socket at the start"),
        columns: &[Column::words("start", Text::fixed("상태", "State"), STARTS)],
    },
    Part::List(List {
        path: "writes",
        title: Text::fixed("애플리케이션의 요청", "Requests of the application"),
        none: Text::fixed("아무것도 쓰지 않습니다.", "Nothing is written."),
        add: Text::fixed("요청 추가", "Add a request"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::whole("at_ms", Text::fixed("언제", "When"), "ms"),
            Column::whole("segments", Text::fixed("패킷 수", "Packets"), ""),
            Column::whole("count", Text::fixed("횟수", "How many"), ""),
            Column::whole("every_ms", Text::fixed("간격", "Every"), "ms"),
            Column::whole("timeout_ms", Text::fixed("제한 시간(0: 없음)", "Timeout (0: none)"), "ms"),
        ],
    }),
    Part::List(List {
        path: "losses",
        title: Text::fixed("없어지는 패킷", "Packets that are lost"),
        none: Text::fixed("없어지는 것이 없습니다.", "None is lost."),
        add: Text::fixed("손실 추가", "Add a loss"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::whole("segment", Text::fixed("몇 번째 패킷(0: SYN)", "Which packet (0: SYN)"), ""),
            Column::whole("times", Text::fixed("처음 몇 번", "First so many times"), ""),
        ],
    }),
    Part::List(List {
        path: "samples",
        title: Text::fixed("패킷마다의 RTT", "Round trips of the packets"),
        none: Text::fixed("모두 위의 RTT를 씁니다.", "All take the round trip above."),
        add: Text::fixed("RTT 추가", "Add a round trip"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::whole("rtt_us", Text::fixed("RTT", "Round trip"), "µs"),
            Column::whole("times", Text::fixed("몇 패킷 동안", "For so many packets"), ""),
        ],
    }),
];

/// One look at a whole machine does not say which of its connections is meant.
fn measured(_: &Sample) -> Vec<(&'static str, i64)> {
    Vec::new()
}

fn adopt(scenario: &mut Json, facts: &Facts) {
    super::adopt_sysctls(
        scenario,
        facts,
        &[
            "tcp_syn_retries",
            "tcp_syn_linear_timeouts",
            "tcp_synack_retries",
            "tcp_retries2",
            "tcp_orphan_retries",
            "tcp_rto_min_us",
            "tcp_rto_max_ms",
        ],
    );
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    #[test]
    fn a_machine_is_taken_over_with_its_settings() {
        let kind = Kind::find("tcp-rto").unwrap();
        let file = |name: &str, text: &str| (format!("/proc/sys/net/ipv4/{name}"), text.to_owned());
        let facts = Facts {
            kernel: "6.18.44-cloud".to_owned(),
            hz: Some(1000),
            cpus: 2,
            avenrun: [0; 3],
            nr_threads: 321,
            files: vec![file("tcp_retries2", "8\n"), file("tcp_syn_retries", "3\n"), file("tcp_rto_min_us", "x\n")],
        };
        for preset in (kind.entry.presets)() {
            let mut scenario = preset.scenario.clone();
            adopt(&mut scenario, &facts);
            assert_eq!((kind.entry.problems)(&scenario), [], "{}", preset.name);
            let at = |name: &str| scenario[name].as_i64();
            assert_eq!((at("tcp_retries2"), at("tcp_syn_retries"), at("hz")), (Some(8), Some(3), Some(1000)));
            assert_eq!((scenario["kernel"].as_str(), at("tcp_rto_min_us")), (Some("6.18.44"), Some(200_000)));
        }
    }
}
