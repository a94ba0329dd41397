//! Captures that `sim` exports, as tcpdump and tshark read them.

use std::process::{Command, Stdio};

use sim_core::{Entry, Packet, find};

use crate::Probe;

/// Whether a program can be started. With `CI` set, one that cannot is a failure: `cargo book test` and
/// CONTRIBUTING say how to install it.
fn there(program: &str) -> bool {
    let there = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    let ci = std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false" && value != "0");
    assert!(there || !ci, "{program} is missing: sudo apt-get install {program}");
    if !there {
        eprintln!("not run: {program} is missing (sudo apt-get install {program})");
    }
    there
}

/// What a program says of a capture.
fn says(program: &str, args: &[&str], file: &std::path::Path) -> Vec<String> {
    let output = Command::new(program).args(args).arg("-r").arg(file).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// A preset as a capture, and the packets of its model.
fn exported(probe: &Probe, model: &str, preset: &str) -> (std::path::PathBuf, Vec<Packet>, &'static Entry) {
    let path = probe.path(&format!("{preset}.pcap"));
    let done = probe.run(&format!("sim {model} --preset {preset} --format pcap --output {}", path.display()));
    assert!(done.code == 0 && done.out.is_empty() && done.err.starts_with("token: "), "{done:?}");
    let entry = find(model).unwrap();
    (path, entry.packets(&entry.preset(preset).unwrap().scenario).unwrap(), entry)
}

#[test]
fn tshark_finds_the_retransmissions_the_model_says_there_are() {
    if !there("tshark") {
        return;
    }
    let probe = Probe::new();
    for model in ["tcp-rto", "tcp-keepalive"] {
        for preset in (find(model).unwrap().presets)() {
            let (path, packets, entry) = exported(&probe, model, preset.name);
            let run = entry.run(&preset.scenario).unwrap();
            let counted = run.frames.last().unwrap().metrics["RetransSegs"];
            let found =
                says("tshark", &["-Y", "tcp.analysis.retransmission", "-T", "fields", "-e", "frame.number"], &path);
            assert_eq!(found.len() as i64, counted, "{model} {}", preset.name);
            let all = says("tshark", &["-T", "fields", "-e", "tcp.seq_raw"], &path);
            let numbers: Vec<_> = packets.iter().map(|packet| packet.seq.to_string()).collect();
            assert_eq!(all, numbers, "{model} {}", preset.name);
        }
    }
}

#[test]
fn tshark_finds_handshakes_keepalives_and_right_checksums() {
    if !there("tshark") {
        return;
    }
    let probe = Probe::new();
    let of = |model, preset| exported(&probe, model, preset).0;
    let connect = of("tcp-rto", "connect-timeout-three-seconds");
    let quiet = of("tcp-keepalive", "zombie-found");
    let closed = of("tcp-rto", "orphan");
    for (path, filter, want) in [
        (&connect, "tcp.flags.syn == 1 && tcp.flags.ack == 0", 3),
        (&connect, "tcp.flags.syn == 1 && tcp.flags.ack == 1", 1),
        // The third packet of the handshake, behind a SYN (1) and a SYN+ACK (2).
        (&connect, "tcp.flags == 0x0010 && tcp.completeness == 3", 1),
        (&quiet, "tcp.flags.reset == 1", 1),
        (&closed, "tcp.flags.fin == 1 && !tcp.analysis.retransmission", 1),
        (&connect, "tcp.checksum.status == 0 || ip.checksum.status == 0", 0),
    ] {
        let args = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y", filter];
        assert_eq!(says("tshark", &args, path).len(), want, "{filter}");
    }
    // Probes repeat the byte before the next: Wireshark knows one once it has seen a packet before.
    let probes = says("tshark", &["-Y", "tcp.analysis.keep_alive"], &of("tcp-keepalive", "traffic-in-between"));
    assert_eq!(probes.len(), 2);
}

#[test]
fn tcpdump_prints_every_packet() {
    if !there("tcpdump") {
        return;
    }
    let probe = Probe::new();
    let (path, packets, _) = exported(&probe, "tcp-rto", "syn-to-nowhere");
    let lines = says("tcpdump", &["-nn", "-tt"], &path);
    assert_eq!(lines.len(), packets.len());
    let seconds: Vec<_> = lines.iter().map(|line| line.split('.').next().unwrap_or_default()).collect();
    assert_eq!(seconds, ["0", "1", "2", "3", "4", "5", "7", "11", "19", "35", "67"]);
    assert!(lines.iter().all(|line| line.contains("10.0.0.11.45022 > 10.0.0.30.8080: Flags [S]")), "{lines:?}");
    // The same file through a pipe.
    let piped = probe.command("sim tcp-rto --preset syn-to-nowhere --format pcap").output().unwrap();
    assert_eq!(piped.stdout, std::fs::read(path).unwrap());
}
