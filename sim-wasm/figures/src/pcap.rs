//! Packets as a capture file: what tcpdump and Wireshark open.

use std::net::Ipv4Addr;
use std::time::Duration;

use etherparse::{PacketBuilder, TcpHeader, TcpOptionElement};
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use pcap_file::{DataLink, Endianness, TsResolution};
use sim_core::{Packet, Text, text};

/// Media type of a capture file.
pub const MEDIA_TYPE: &str = "application/vnd.tcpdump.pcap";

/// Hops a packet may take, as Linux sends it (`net.ipv4.ip_default_ttl`).
const TTL: u8 = 64;

/// The capture file of packets in the order given: classic pcap with nanoseconds, Ethernet frames
/// with right checksums. Simulated time zero is 1970-01-01 00:00:00 UTC. Hardware addresses are made
/// of the IPv4 addresses, and are locally administered.
///
/// # Errors
/// A packet that does not fit into IPv4 (more than 65,535 bytes with its headers) or into the file
/// (later than 2³² s).
pub fn pcap(packets: &[Packet]) -> Result<Vec<u8>, Text> {
    let header = PcapHeader {
        datalink: DataLink::ETHERNET,
        ts_resolution: TsResolution::NanoSecond,
        // The same bytes on every machine.
        endianness: Endianness::Little,
        snaplen: 1 << 18,
        ..PcapHeader::default()
    };
    let mut writer = PcapWriter::with_header(Vec::new(), header).map_err(|error| refused(0, &error))?;
    for (i, packet) in packets.iter().enumerate() {
        let frame = frame(packet).map_err(|why| refused(i + 1, &why))?;
        let length = u32::try_from(frame.len()).map_err(|error| refused(i + 1, &error))?;
        let record = PcapPacket::new_owned(Duration::from_nanos(packet.t_ns), length, frame);
        writer.write_packet(&record).map_err(|error| refused(i + 1, &error))?;
    }
    Ok(writer.into_writer())
}

fn refused(number: usize, why: &dyn std::fmt::Display) -> Text {
    text!(
        ko: "패킷 {number}을(를) 캡처 파일에 쓸 수 없습니다({why}).",
        en: "Packet {number} does not fit into a capture file ({why})."
    )
}

/// The packet as an Ethernet frame.
fn frame(packet: &Packet) -> Result<Vec<u8>, String> {
    let (from, to) = (packet.from, packet.to);
    let mut options = Vec::new();
    options.extend(packet.mss.map(TcpOptionElement::MaximumSegmentSize));
    if let Some((value, echo)) = packet.timestamps {
        // Where Linux puts it: aligned behind two bytes of nothing.
        options.extend([TcpOptionElement::Noop, TcpOptionElement::Noop, TcpOptionElement::Timestamp(value, echo)]);
    }
    let mut tcp = TcpHeader::new(from.port(), to.port(), packet.seq, packet.window);
    let flags = packet.flags;
    (tcp.syn, tcp.ack, tcp.psh, tcp.fin, tcp.rst) = (flags.syn, flags.ack, flags.psh, flags.fin, flags.rst);
    tcp.acknowledgment_number = packet.ack;
    tcp.set_options(&options).map_err(|error| error.to_string())?;
    let builder = PacketBuilder::ethernet2(hardware(*from.ip()), hardware(*to.ip()))
        .ipv4(from.ip().octets(), to.ip().octets(), TTL)
        .tcp_header(tcp);
    let mut frame = Vec::with_capacity(builder.size(packet.payload.len()));
    builder.write(&mut frame, &packet.payload).map_err(|error| error.to_string())?;
    Ok(frame)
}

fn hardware(ip: Ipv4Addr) -> [u8; 6] {
    let [a, b, c, d] = ip.octets();
    [0x02, 0, a, b, c, d]
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddrV4;

    use etherparse::{NetSlice, SlicedPacket, TransportSlice};
    use pcap_file::pcap::PcapReader;
    use sim_core::Flags;

    use super::*;

    fn packet(payload: usize) -> Packet {
        Packet {
            t_ns: 1_234_567_891,
            from: SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 11), 40_000),
            to: SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 30), 8080),
            seq: u32::MAX - 1,
            ack: 77,
            flags: Flags { ack: true, psh: true, ..Flags::default() },
            window: 502,
            timestamps: Some((5, 4)),
            mss: None,
            payload: vec![b'x'; payload],
        }
    }

    #[test]
    fn what_goes_in_comes_out() {
        let syn = Packet {
            flags: Flags { syn: true, ..Flags::default() },
            mss: Some(1460),
            timestamps: None,
            ack: 0,
            ..packet(0)
        };
        let packets = [syn, packet(0), packet(1448), packet(3)];
        let file = pcap(&packets).unwrap();
        let mut reader = PcapReader::new(file.as_slice()).unwrap();
        for want in packets {
            let record = reader.next_packet().unwrap().unwrap();
            assert_eq!(record.timestamp, Duration::from_nanos(want.t_ns));
            let sliced = SlicedPacket::from_ethernet(&record.data).unwrap();
            let (Some(NetSlice::Ipv4(ip)), Some(TransportSlice::Tcp(tcp))) = (&sliced.net, &sliced.transport) else {
                panic!("TCP over IPv4");
            };
            assert_eq!((ip.header().source_addr(), ip.header().destination_addr()), (*want.from.ip(), *want.to.ip()));
            assert_eq!((tcp.source_port(), tcp.destination_port()), (want.from.port(), want.to.port()));
            assert_eq!((tcp.sequence_number(), tcp.acknowledgment_number()), (want.seq, want.ack));
            assert_eq!((tcp.syn(), tcp.ack(), tcp.psh()), (want.flags.syn, want.flags.ack, want.flags.psh));
            assert_eq!((tcp.window_size(), tcp.payload()), (want.window, want.payload.as_slice()));
            let checksum = tcp.calc_checksum_ipv4(ip.header().source(), ip.header().destination());
            assert_eq!(checksum, Ok(tcp.checksum()));
            let options: Vec<_> = tcp.options_iterator().filter_map(Result::ok).collect();
            let holds = |option| options.contains(&option);
            assert_eq!(want.mss.is_some(), holds(TcpOptionElement::MaximumSegmentSize(1460)));
            assert_eq!(want.timestamps.is_some(), holds(TcpOptionElement::Timestamp(5, 4)));
        }
        assert!(reader.next_packet().is_none());
    }

    #[test]
    fn what_does_not_fit_is_refused_by_its_number() {
        let late = Packet { t_ns: u64::MAX, ..packet(0) };
        for (packets, fits) in [
            (vec![], true),
            (vec![packet(65_535 - 20 - 32)], true),
            (vec![packet(0), packet(65_535)], false),
            (vec![packet(0), late], false),
        ] {
            match pcap(&packets) {
                Ok(file) => assert!(fits && file.len() >= 24),
                Err(why) => assert!(!fits && why.en.starts_with("Packet 2 ") && why.ko.contains("패킷 2"), "{why:?}"),
            }
        }
    }
}
