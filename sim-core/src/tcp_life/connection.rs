//! A connection with its two ends.

use super::scenario::Close;
use crate::Nanos;

/// State of a socket (`include/net/tcp_states.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// No socket.
    Closed,
    /// Sent its SYN.
    SynSent,
    /// Got a SYN and answered it.
    SynRecv,
    /// Open.
    Established,
    /// Sent the first FIN.
    FinWait1,
    /// Its FIN is acknowledged; the other one has not come.
    FinWait2,
    /// Both sent a FIN at once.
    Closing,
    /// Remembers four numbers for a minute.
    TimeWait,
    /// The other end has closed; the application here has not.
    CloseWait,
    /// Sent the second FIN.
    LastAck,
}

impl State {
    /// Every state, in the order of their numbers here.
    pub const ALL: [State; 10] = [
        State::Closed,
        State::SynSent,
        State::SynRecv,
        State::Established,
        State::FinWait1,
        State::FinWait2,
        State::Closing,
        State::TimeWait,
        State::CloseWait,
        State::LastAck,
    ];

    /// What `ss` calls it.
    pub fn name(self) -> &'static str {
        match self {
            State::Closed => "UNCONN",
            State::SynSent => "SYN-SENT",
            State::SynRecv => "SYN-RECV",
            State::Established => "ESTAB",
            State::FinWait1 => "FIN-WAIT-1",
            State::FinWait2 => "FIN-WAIT-2",
            State::Closing => "CLOSING",
            State::TimeWait => "TIME-WAIT",
            State::CloseWait => "CLOSE-WAIT",
            State::LastAck => "LAST-ACK",
        }
    }
}

/// One end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// State of the socket; [`State::Closed`] as well where a bucket has taken its place.
    pub state: State,
    /// Number of the bucket that took its place, or 0.
    pub bucket: u32,
    /// Whether the application has let go of the socket.
    pub orphan: bool,
    /// First sequence number.
    pub isn: u32,
    /// What was sent, SYN and FIN being one each.
    pub sent: u32,
    /// Next number that is expected.
    pub rcv_nxt: u32,
    /// Last acknowledgment that was sent.
    pub acked: u32,
    /// Timestamp of the last segment from the other end.
    pub ts_recent: u32,
}

impl End {
    const NONE: End =
        End { state: State::Closed, bucket: 0, orphan: false, isn: 0, sent: 0, rcv_nxt: 0, acked: 0, ts_recent: 0 };

    /// Number of the next byte to be sent.
    pub fn snd_nxt(&self) -> u32 {
        self.isn.wrapping_add(self.sent)
    }
}

/// Which end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Who connected.
    Client,
    /// Who accepted.
    Server,
}

impl Side {
    /// The other one.
    pub fn other(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }
}

/// A connection by its place and how often that place was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    pub place: u32,
    pub use_: u32,
}

/// A connection.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// How often its place was used.
    pub use_: u32,
    pub leg: u8,
    /// Pair of addresses and port of the server.
    pub space: u16,
    /// Local port of the client.
    pub port: u16,
    /// The same as the server sees it, behind a router.
    pub public_port: u16,
    pub ends: [End; 2],
    /// When it was opened.
    pub opened: Nanos,
    /// Requests it has answered.
    pub served: u32,
    /// Whether a request is under way.
    pub busy: bool,
    /// Whether it lies in the pool.
    pub idle: bool,
    /// Whether what is asked of it has failed.
    pub failed: bool,
    /// Requests further on that it waits for.
    pub pending: u8,
    /// The connection whose request this one's request is for.
    pub parent: Option<Id>,
    /// When the client last got an answer.
    pub answered: Nanos,
    /// Whether client and server take turns so fast that acknowledgments ride along.
    pub pingpong: [bool; 2],
    /// How often the SYN was repeated.
    pub tries: u8,
}

impl Connection {
    pub fn new(leg: u8, space: u16, port: u16, opened: Nanos, parent: Option<Id>) -> Connection {
        Connection {
            use_: 0,
            leg,
            space,
            port,
            public_port: port,
            ends: [End::NONE; 2],
            opened,
            served: 0,
            busy: false,
            idle: false,
            failed: false,
            pending: 0,
            parent,
            answered: 0,
            pingpong: [false; 2],
            tries: 0,
        }
    }

    pub fn end(&self, side: Side) -> &End {
        &self.ends[side as usize]
    }

    pub fn end_mut(&mut self, side: Side) -> &mut End {
        &mut self.ends[side as usize]
    }
}

impl Close {
    /// Whether the client ends it by an RST.
    pub(super) fn resets(self) -> bool {
        matches!(self, Close::Linger0 | Close::Unread)
    }

    /// Whether the server's application keeps its end for ever.
    pub(super) fn leaks(self) -> bool {
        matches!(self, Close::Leak | Close::Shutdown)
    }
}
