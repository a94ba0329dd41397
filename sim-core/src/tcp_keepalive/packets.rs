//! The packets of the connection, as a capture at the end with the timer shows them.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::model::{Kind, TcpKeepalive};
use crate::packet::{Flags, Packet};

/// The end with the timer.
pub const US: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 11), 45_022);
/// Its peer.
pub const PEER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 30), 5672);
/// Bytes of a message.
pub const MESSAGE: u64 = 100;
/// Most bytes of a packet.
const MSS: u64 = 1448;
const WINDOW: u16 = 64_240;
/// Numbers of the next byte of the two sides when the run begins.
const START: [u32; 2] = [0x2AB4_0C01, 0x71E0_93D1];

fn base(model: &TcpKeepalive, ours: bool) -> Packet {
    let (from, to) = if ours { (US, PEER) } else { (PEER, US) };
    Packet {
        t_ns: model.now,
        from,
        to,
        seq: 0,
        ack: 0,
        flags: Flags { ack: true, ..Flags::default() },
        window: WINDOW,
        timestamps: None,
        mss: None,
        payload: Vec::new(),
    }
}

/// Bytes as numbers, which wrap on the wire.
fn number(start: u32, bytes: u64) -> u32 {
    start.wrapping_add(bytes as u32)
}

/// A packet of ours.
pub(super) fn ours(model: &TcpKeepalive, kind: Kind) -> Packet {
    let data = matches!(kind, Kind::Data | Kind::Again);
    let bytes = match kind {
        // What was acknowledged already, so that a living peer contradicts.
        Kind::Probe => model.acked_bytes.wrapping_sub(1),
        Kind::Data => model.sent_bytes - MESSAGE,
        Kind::Again => model.acked_bytes,
        Kind::Ack | Kind::Reset => model.sent_bytes,
    };
    let mut packet = base(model, true);
    packet.seq = number(START[0], bytes);
    packet.ack = number(START[1], model.received_bytes);
    packet.flags.psh = data;
    packet.flags.rst = kind == Kind::Reset;
    // What was not acknowledged goes out again in one, as far as it fits.
    let unacked = (model.sent_bytes - model.acked_bytes).min(MSS);
    let again = if kind == Kind::Again { unacked } else { MESSAGE };
    packet.payload = if data { vec![b'm'; again as usize] } else { Vec::new() };
    packet
}

/// A packet of the peer's.
pub(super) fn theirs(model: &TcpKeepalive, kind: Kind) -> Packet {
    let mut packet = base(model, false);
    packet.seq = number(START[1], model.received_bytes);
    packet.ack = number(START[0], model.sent_bytes);
    packet.flags.psh = kind == Kind::Data;
    packet.flags.rst = kind == Kind::Reset;
    packet.payload = if kind == Kind::Data { vec![b'm'; MESSAGE as usize] } else { Vec::new() };
    packet
}
