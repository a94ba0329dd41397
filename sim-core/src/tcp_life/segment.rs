//! Segments on their way, and what they look like to a capture.

use std::net::SocketAddrV4;

use crate::{Flags, Nanos, Packet};

pub const SYN: u8 = 1;
pub const ACK: u8 = 2;
pub const PSH: u8 = 4;
pub const FIN: u8 = 8;
pub const RST: u8 = 16;

/// A segment between the ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Segment {
    pub flags: u8,
    pub seq: u32,
    pub ack: u32,
    pub len: u16,
}

impl Segment {
    pub fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Number of the byte behind it.
    pub fn end(&self) -> u32 {
        let counted = u32::from(self.is(SYN)) + u32::from(self.is(FIN));
        self.seq.wrapping_add(u32::from(self.len)).wrapping_add(counted)
    }
}

/// A request on a connection that is kept.
const GET_KEPT: &[u8] = b"GET / HTTP/1.1\r\nHost: server\r\n\r\n";
/// A request on a connection of its own.
const GET_ONCE: &[u8] = b"GET / HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n";
const OK_KEPT: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";
const OK_LAST: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
const BAD_KEPT: &[u8] = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
const BAD_LAST: &[u8] = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
/// What is said, told apart by its length.
const SAID: [&[u8]; 6] = [GET_KEPT, GET_ONCE, OK_KEPT, OK_LAST, BAD_KEPT, BAD_LAST];

/// Length of a request; `kept` is whether the connection may serve another.
pub fn request(kept: bool) -> u16 {
    (if kept { GET_KEPT } else { GET_ONCE }).len() as u16
}

/// Length of an answer.
pub fn answer(kept: bool, failed: bool) -> u16 {
    let said = match (failed, kept) {
        (false, true) => OK_KEPT,
        (false, false) => OK_LAST,
        (true, true) => BAD_KEPT,
        (true, false) => BAD_LAST,
    };
    said.len() as u16
}

/// Receive window of whoever sent the SYN, and of the other. Nothing is scaled.
const WINDOW: [u16; 2] = [64240, 65160];
/// Announced in a SYN, bytes: of an Ethernet, and of loopback.
const MSS: [u16; 2] = [1460, 65495];

/// Where a segment goes and what rides along.
pub struct Way {
    pub from: SocketAddrV4,
    pub to: SocketAddrV4,
    pub client_sends: bool,
    pub loopback: bool,
    pub timestamps: Option<(u32, u32)>,
}

/// The packet that a capture shows.
pub fn packet(t_ns: Nanos, segment: &Segment, way: &Way) -> Packet {
    let said = SAID.iter().find(|said| said.len() == usize::from(segment.len)).copied().unwrap_or_default();
    let is = |flag| segment.is(flag);
    Packet {
        t_ns,
        from: way.from,
        to: way.to,
        seq: segment.seq,
        ack: segment.ack,
        flags: Flags { syn: is(SYN), ack: is(ACK), psh: is(PSH), fin: is(FIN), rst: is(RST) },
        window: WINDOW[usize::from(!way.client_sends)],
        timestamps: way.timestamps,
        mss: is(SYN).then_some(MSS[usize::from(way.loopback)]),
        payload: said.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_told_apart_by_its_length() {
        for (i, one) in SAID.iter().enumerate() {
            assert!(!one.is_empty() && SAID.iter().skip(i + 1).all(|other| other.len() != one.len()), "{i}");
        }
    }
}
