//! Packets of a capture.

use std::collections::BTreeMap;

use sim_core::{Text, text};

use super::{Family, Lack, Name, Quantity, Unit, Which, told, unit_of};
use crate::Machine;
use crate::parse::{self, Packet};

/// The TCP packets of a capture.
pub const CAPTURE: Family = Family {
    name: "capture",
    which: Which::Must("name"),
    from: "@capture/WHICH",
    about: Text::fixed(
        "뜬 TCP 패킷(`tcpdump -nn`의 줄). 라이브 컴퓨터에는 없습니다",
        "captured TCP packets (lines of `tcpdump -nn`); a live machine has none",
    ),
    fields: &[
        told("packets", Unit::None, "패킷", "packets"),
        told("data_packets", Unit::None, "자료가 든 패킷", "packets with data"),
        told("connections", Unit::None, "연 연결", "connections opened"),
        told("client_closed", Unit::None, "클라이언트가 먼저 닫은 연결", "connections the client closed first"),
        told("server_closed", Unit::None, "서버가 먼저 닫은 연결", "connections the server closed first"),
        told("connect_us", Unit::Us, "첫 SYN부터 SYN+ACK까지", "from the first SYN to the SYN+ACK"),
        told("answer_us", Unit::Us, "마지막 SYN부터 SYN+ACK까지", "from the last SYN to the SYN+ACK"),
        told("repeated", Unit::None, "다시 보낸 패킷", "packets sent again"),
        told("repeat_us", Unit::Us, "다시 보내기까지", "time until data was sent again"),
        told(
            "repeat_answered_us",
            Unit::Us,
            "다시 보낸 자료의 답이 오기까지",
            "time until the answer to what was sent again",
        ),
    ],
    paths: |name| vec![path(name)],
    find: capture,
};

fn path(name: &Name<'_>) -> String {
    format!("@capture/{}", name.which.unwrap_or_default())
}

fn capture(name: &Name<'_>, machine: &dyn Machine) -> Result<Quantity, Lack> {
    let path = path(name);
    let packets = parse::packets(&path, &parse::text(machine, &path)?)?;
    let nothing = || {
        let field = name.field;
        Lack::Nothing(text!(
            ko: "{path}의 패킷으로는 `{field}`를 알 수 없습니다.",
            en: "The packets of {path} do not show `{field}`."
        ))
    };
    let count = |of: &dyn Fn(&&Packet) -> bool| Some(packets.iter().filter(of).count() as f64);
    let found = match name.field {
        "packets" => Some(packets.len() as f64),
        "data_packets" => count(&|packet| packet.length > 0),
        "connections" => Some(openers(&packets).len() as f64),
        "client_closed" => Some(closed(&packets, true)),
        "server_closed" => Some(closed(&packets, false)),
        "connect_us" => opening(&packets).map(|(first, _, answer)| answer.saturating_sub(first) as f64),
        "answer_us" => opening(&packets).map(|(_, last, answer)| answer.saturating_sub(last) as f64),
        "repeated" => Some(repeats(&packets).len() as f64),
        "repeat_us" => data_repeat(&packets).map(|(first, again)| again.at_us.saturating_sub(first.at_us) as f64),
        _ => data_repeat(&packets).and_then(|(first, again)| {
            let answer =
                |packet: &&Packet| packet.at_us > again.at_us && packet.from == again.to && packet.to == again.from;
            packets.iter().find(answer).map(|answer| answer.at_us.saturating_sub(first.at_us) as f64)
        }),
    };
    let number = found.ok_or_else(nothing)?;
    Ok(Quantity::number(number, unit_of(CAPTURE.fields, name.field), path, name.field))
}

/// Who sent the SYN of each connection: the pair of sender and receiver.
fn openers(packets: &[Packet]) -> std::collections::BTreeSet<(&str, &str)> {
    let syn = |packet: &&Packet| packet.is('S') && !packet.is('.');
    packets.iter().filter(syn).map(|packet| (packet.from.as_str(), packet.to.as_str())).collect()
}

/// How many connections were closed first by whoever opened them, or by the other side.
fn closed(packets: &[Packet], by_opener: bool) -> f64 {
    let first = |(client, server): &(&str, &str)| {
        packets.iter().find(|packet| {
            packet.is('F') && [(&*packet.from, &*packet.to), (&*packet.to, &*packet.from)].contains(&(*client, *server))
        })
    };
    let ours = |opener: &(&str, &str)| first(opener).is_some_and(|packet| (packet.from == opener.0) == by_opener);
    openers(packets).into_iter().filter(ours).count() as f64
}

/// Of the first connection the times of the first SYN, of the last one before the answer, and of the answer, µs.
fn opening(packets: &[Packet]) -> Option<(u64, u64, u64)> {
    let first = packets.iter().find(|packet| packet.is('S') && !packet.is('.'))?;
    let answer = packets.iter().find(|packet| packet.is('S') && packet.is('.') && packet.to == first.from)?;
    let asked = |packet: &&Packet| packet.is('S') && packet.from == first.from && packet.at_us <= answer.at_us;
    let last = packets.iter().rfind(asked)?;
    Some((first.at_us, last.at_us, answer.at_us.max(last.at_us)))
}

/// Packets with a sequence number that was sent before, each with the first of them.
fn repeats(packets: &[Packet]) -> Vec<(&Packet, &Packet)> {
    let mut sent: BTreeMap<(&str, &str, Option<u64>, bool), &Packet> = BTreeMap::new();
    let mut again = Vec::new();
    for packet in packets.iter().filter(|packet| packet.counts()) {
        // A SYN's number is not relative, the others' are.
        let key = (packet.from.as_str(), packet.to.as_str(), packet.seq, packet.is('S'));
        match sent.get(&key) {
            Some(first) => again.push((*first, packet)),
            None => {
                sent.insert(key, packet);
            }
        }
    }
    again
}

fn data_repeat(packets: &[Packet]) -> Option<(&Packet, &Packet)> {
    repeats(packets).into_iter().find(|(first, _)| first.length > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::find;
    use crate::{ReadError, Source};

    struct Captured(&'static str);

    impl Machine for Captured {
        fn read(&self, path: &str) -> Result<String, ReadError> {
            if path == "@capture/x" { Ok(self.0.to_owned()) } else { Err(ReadError::NotFound) }
        }

        fn source(&self) -> Source {
            Source::Recorded
        }
    }

    const TWO: &str = "\
        00:00:01.000000 IP a.1 > b.80: Flags [S], seq 70, length 0\n\
        00:00:02.000000 IP a.1 > b.80: Flags [S], seq 70, length 0\n\
        00:00:02.050000 IP b.80 > a.1: Flags [S.], seq 5, ack 71, length 0\n\
        00:00:02.060000 IP a.1 > b.80: Flags [P.], seq 1:6, ack 1, length 5\n\
        00:00:02.360000 IP a.1 > b.80: Flags [P.], seq 1:6, ack 1, length 5\n\
        00:00:02.410000 IP b.80 > a.1: Flags [P.], seq 1:6, ack 6, length 5\n\
        00:00:02.420000 IP b.80 > a.1: Flags [F.], seq 6, ack 6, length 0\n\
        00:00:02.430000 IP a.1 > b.80: Flags [F.], seq 6, ack 7, length 0\n\
        00:00:03.000000 IP a.2 > b.80: Flags [S], seq 90, length 0\n\
        00:00:03.010000 IP a.2 > b.80: Flags [F.], seq 1, ack 1, length 0\n";

    #[test]
    fn a_capture_says_what_happened() {
        for (field, want) in [
            ("packets", 10.0),
            ("data_packets", 3.0),
            ("connections", 2.0),
            ("client_closed", 1.0),
            ("server_closed", 1.0),
            ("connect_us", 1_050_000.0),
            ("answer_us", 50_000.0),
            ("repeated", 2.0),
            ("repeat_us", 300_000.0),
            ("repeat_answered_us", 350_000.0),
        ] {
            let found = find(&format!("capture[x].{field}"), &Captured(TWO)).unwrap();
            assert_eq!(found.as_number(), Some(want), "{field}");
        }
    }

    #[test]
    fn what_was_not_seen_is_a_lack() {
        let one = Captured("00:00:01.000000 IP a.1 > b.80: Flags [S], seq 70, length 0\n");
        for field in ["connect_us", "answer_us", "repeat_us", "repeat_answered_us"] {
            let lack = find(&format!("capture[x].{field}"), &one).unwrap_err();
            assert!(matches!(lack, Lack::Nothing(_)), "{field}: {lack:?}");
        }
        assert!(matches!(find("capture[y].packets", &one), Err(Lack::File(_))));
    }
}
