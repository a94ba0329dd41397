//! The packets of the connection, as a capture at the modelled end shows them.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::model::TcpRto;
use super::scenario::Start;
use super::sock::{Ack, State, ms};
use crate::packet::{Flags, Packet};

/// Bytes of a packet of data: 1500 less the headers and the time stamps.
pub const MSS: u64 = 1448;
/// What a SYN announces: 1500 less the headers.
const ANNOUNCED: u16 = 1460;
/// Receive window of a fresh socket.
const WINDOW: u16 = 64_240;
const CLIENT: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 11), 45_022);
const SERVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 30), 8080);
/// First numbers of the two sides, and of the clocks behind their time stamps.
const ISN: [u32; 2] = [0x1F2E_3D4C, 0x5A69_7887];
const STAMP: [u32; 2] = [100_000, 900_000];

/// The modelled end and its peer.
pub(super) fn ends(model: &TcpRto) -> (SocketAddrV4, SocketAddrV4) {
    if model.scenario.start == Start::SynRecv { (SERVER, CLIENT) } else { (CLIENT, SERVER) }
}

/// Where a packet begins, from the first number.
fn offset(model: &TcpRto, number: u64) -> u32 {
    let bytes = match (number, model.sock.fin) {
        (0, _) => 0,
        (n, Some(fin)) if n > fin => (fin - 1) * MSS + 2,
        (n, _) => (n - 1) * MSS + 1,
    };
    // Numbers wrap on the wire.
    bytes as u32
}

fn stamps(model: &TcpRto, ours: bool, value: u64, echo: u64) -> Option<(u32, u32)> {
    let [own, other] = if ours { STAMP } else { [STAMP[1], STAMP[0]] };
    let echo = if echo == 0 && model.sock.snd_una == 0 { 0 } else { other.wrapping_add(echo as u32) };
    (model.scenario.tcp_timestamps != 0).then(|| (own.wrapping_add(value as u32), echo))
}

fn base(model: &TcpRto, ours: bool) -> Packet {
    let (local, remote) = ends(model);
    let (from, to) = if ours { (local, remote) } else { (remote, local) };
    Packet {
        t_ns: model.now,
        from,
        to,
        seq: 0,
        ack: 0,
        flags: Flags::default(),
        window: WINDOW,
        timestamps: None,
        mss: None,
        payload: Vec::new(),
    }
}

/// A packet of the modelled end.
pub(super) fn sent(model: &TcpRto, number: u64) -> Packet {
    let (syn, fin) = (number == 0, model.sock.fin == Some(number));
    let answers = model.scenario.start == Start::SynRecv;
    let first = syn && !answers;
    let payload = if syn || fin { 0 } else { MSS as usize };
    Packet {
        seq: ISN[0].wrapping_add(offset(model, number)),
        ack: if first { 0 } else { ISN[1].wrapping_add(1) },
        flags: Flags { syn, fin, ack: !first, psh: payload > 0, rst: false },
        timestamps: stamps(model, true, ms(model.now), 0),
        mss: syn.then_some(ANNOUNCED),
        payload: vec![b'x'; payload],
        ..base(model, true)
    }
}

/// The third packet of the handshake.
pub(super) fn pure_ack(model: &TcpRto) -> Packet {
    Packet {
        seq: ISN[0].wrapping_add(1),
        ack: ISN[1].wrapping_add(1),
        flags: Flags { ack: true, ..Flags::default() },
        timestamps: stamps(model, true, ms(model.now), ms(model.now)),
        ..base(model, true)
    }
}

/// The SYN that a listener was sent.
pub(super) fn first_syn(model: &TcpRto) -> Packet {
    Packet {
        seq: ISN[1],
        flags: Flags { syn: true, ..Flags::default() },
        timestamps: stamps(model, false, 0, 0),
        mss: Some(ANNOUNCED),
        ..base(model, false)
    }
}

/// An acknowledgment of the peer.
pub(super) fn received(model: &TcpRto, ack: &Ack) -> Packet {
    let syn = model.sock.state == State::SynSent;
    Packet {
        seq: ISN[1].wrapping_add(u32::from(!syn)),
        ack: ISN[0].wrapping_add(offset(model, ack.ack)),
        flags: Flags { syn, ack: true, ..Flags::default() },
        timestamps: stamps(model, false, ms(model.now), ack.tsecr),
        mss: syn.then_some(ANNOUNCED),
        ..base(model, false)
    }
}
