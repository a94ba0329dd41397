//! The part of keepalive in its widget: what is said and when, the kernels, the reader's machine.

use sim_core::{Json, KernelVersion, Text};

use super::{Column, List, Part, Simulator, kernel};
use crate::live::{Facts, Sample};

/// The widget.
pub static SIMULATOR: Simulator = Simulator {
    model: "tcp-keepalive",
    kernels: KERNELS,
    kinds: &[
        ("open", Text::fixed("연결됨", "connected")),
        ("look", Text::fixed("타이머가 다시 맞춰짐", "timer set again")),
        ("probe", Text::fixed("탐색", "probe")),
        ("ack", Text::fixed("ACK", "ACK")),
        ("receive", Text::fixed("받음", "received")),
        ("send", Text::fixed("보냄", "sent")),
        ("peer-send", Text::fixed("상대가 보냄", "peer sends")),
        ("retransmit", Text::fixed("재전송", "retransmission")),
        ("forget", Text::fixed("장비가 잊음", "box forgets")),
        ("vanish", Text::fixed("상대가 사라짐", "peer vanishes")),
        ("back", Text::fixed("상대가 다시 켜짐", "peer is back")),
        ("reset", Text::fixed("RST", "RST")),
        ("abort", Text::fixed("끊음", "given up")),
    ],
    editor: EDITOR,
    guessed: "quiet_ms",
    measured,
    adopt,
};

static KERNELS: &[(KernelVersion, Text)] = &[
    kernel(
        2,
        6,
        32,
        "RHEL 6. TCP_USER_TIMEOUT이 없습니다(2.6.37부터).",
        "RHEL 6. There is no TCP_USER_TIMEOUT (since 2.6.37).",
    ),
    kernel(3, 10, 0, "RHEL 7. TCP_USER_TIMEOUT이 있습니다.", "RHEL 7. There is TCP_USER_TIMEOUT."),
    kernel(
        4,
        18,
        0,
        "RHEL 8의 번호입니다. sysctl이 네트워크 네임스페이스마다 있고(4.5부터), 먼 타이머는 굵은 눈금으로 올립니다(4.8부터).",
        "RHEL 8's number. The sysctls belong to network namespaces (since 4.5); distant timers sit on a coarse grid (since 4.8).",
    ),
    kernel(6, 18, 0, "4.18과 같습니다.", "The same as 4.18."),
];

const FORGOTTEN: &[(&str, Text)] = &[
    ("drops", Text::fixed("말없이 버림", "drops it in silence")),
    ("resets", Text::fixed("RST로 답함", "answers with an RST")),
];
const BY: &[(&str, Text)] = &[("us", Text::fixed("이쪽", "this end")), ("peer", Text::fixed("상대", "the peer"))];

const EDITOR: &[Part] = &[
    Part::Group {
        title: Text::fixed("중간 장비가 모르는 연결의 패킷을", "A packet the box does not know"),
        columns: &[Column::words("forgotten", Text::fixed("어떻게 하는지", "What it does"), FORGOTTEN)],
    },
    Part::List(List {
        path: "sends",
        title: Text::fixed("오가는 메시지", "Messages"),
        none: Text::fixed("아무도 말하지 않습니다.", "Nobody speaks."),
        add: Text::fixed("메시지 추가", "Add messages"),
        remove: Text::fixed("지우기", "Remove"),
        first: "{}",
        columns: &[
            Column::words("by", Text::fixed("누가", "By"), BY),
            Column::whole("at_ms", Text::fixed("언제", "When"), "ms"),
            Column::whole("count", Text::fixed("횟수", "How many"), ""),
            Column::whole("every_ms", Text::fixed("간격", "Every"), "ms"),
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
        &["tcp_keepalive_time", "tcp_keepalive_intvl", "tcp_keepalive_probes", "tcp_retries2"],
    );
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    #[test]
    fn a_machine_is_taken_over_with_its_settings() {
        let kind = Kind::find("tcp-keepalive").unwrap();
        let facts = Facts {
            kernel: "5.10.0".to_owned(),
            hz: None,
            cpus: 2,
            avenrun: [0; 3],
            nr_threads: 321,
            files: vec![("/proc/sys/net/ipv4/tcp_keepalive_time".to_owned(), "600\n".to_owned())],
        };
        for preset in (kind.entry.presets)() {
            let mut scenario = preset.scenario.clone();
            adopt(&mut scenario, &facts);
            assert_eq!((kind.entry.problems)(&scenario), [], "{}", preset.name);
            assert_eq!(scenario["tcp_keepalive_time"].as_i64(), Some(600));
            assert_eq!(scenario["kernel"].as_str(), Some("5.10"));
        }
    }
}
