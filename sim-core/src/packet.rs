//! What a model of TCP puts on the wire: packets as a capture shows them.

use std::net::SocketAddrV4;

use crate::Nanos;

/// A TCP segment at the moment it passes the point of capture. Sizes and numbers are the wire's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// When it passes.
    pub t_ns: Nanos,
    /// Who sends it.
    pub from: SocketAddrV4,
    /// Who is to receive it.
    pub to: SocketAddrV4,
    /// Number of its first byte; a SYN and a FIN count as one byte.
    pub seq: u32,
    /// Number of the byte that is expected next; 0 unless [`Flags::ack`].
    pub ack: u32,
    /// The flags that are set.
    pub flags: Flags,
    /// Receive window as it stands in the header, before scaling.
    pub window: u16,
    /// `TSval` and `TSecr` of the timestamp option, where timestamps are on.
    pub timestamps: Option<(u32, u32)>,
    /// Maximum segment size that a SYN announces, bytes.
    pub mss: Option<u16>,
    /// Bytes that it carries.
    pub payload: Vec<u8>,
}

/// Flags of a TCP header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Opens.
    pub syn: bool,
    /// Acknowledges.
    pub ack: bool,
    /// Wants to be handed on at once.
    pub psh: bool,
    /// Closes.
    pub fin: bool,
    /// Breaks off.
    pub rst: bool,
}
