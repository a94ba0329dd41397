//! The packets of a run as a capture file.

use sim_core::{Text, text};
use sim_figures::pcap::pcap;

use super::Shown;
use crate::context::Failure;

/// Every packet of the run, whatever moments were kept of it.
pub(super) fn file(shown: &Shown) -> Result<Vec<u8>, Failure> {
    let entry = shown.entry;
    if !entry.captures {
        let (name, others) = (entry.name, capturing());
        return Err(Failure::usage(text!(
            ko: "{name}에는 패킷이 없어서 pcap으로 낼 수 없습니다. 패킷이 있는 모델: {others}",
            en: "{name} has no packets, so there is no pcap of it. Models with packets: {others}"
        )));
    }
    let packets = entry.packets(&shown.run.scenario).unwrap_or_default();
    pcap(&packets).map_err(Failure::internal)
}

/// The refusal to write a capture onto a screen.
pub(super) fn onto_a_terminal() -> Failure {
    Failure::usage(Text::fixed(
        "pcap은 이진 파일이라 터미널에 쓰지 않습니다. --output FILE로 파일에 쓰거나, 다른 명령에 넘기십시오(… | tcpdump -nn -r -).",
        "A pcap is a binary file and is not written to a terminal. Name a file with --output FILE, or hand it to another command (… | tcpdump -nn -r -).",
    ))
}

fn capturing() -> String {
    let names: Vec<_> = sim_core::catalogue().iter().filter(|entry| entry.captures).map(|entry| entry.name).collect();
    names.join(", ")
}
