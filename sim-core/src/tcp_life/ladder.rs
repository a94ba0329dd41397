//! One connection followed from its SYN to its end, for whoever draws it.

use std::rc::Rc;

use super::connection::{Id, Side, State};
use super::segment::{FIN, RST, SYN};
use crate::Nanos;

/// A segment of the connection that is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// When it was sent.
    pub t_ns: Nanos,
    /// Whether the client sent it.
    pub from_client: bool,
    /// `SYN`, `SYN+ACK`, `FIN+ACK`, `RST`, `ACK`, or nothing for data.
    pub flags: u8,
    /// Bytes of data.
    pub len: u16,
    /// States of client and server as it was sent.
    pub states: [State; 2],
}

impl Rung {
    /// The flags as one says them.
    pub fn name(&self) -> &'static str {
        match (self.flags & SYN != 0, self.flags & FIN != 0, self.flags & RST != 0) {
            (_, _, true) => "RST",
            (true, ..) if self.flags & super::segment::ACK != 0 => "SYN+ACK",
            (true, ..) => "SYN",
            (_, true, _) => "FIN",
            _ if self.len > 0 => "",
            _ => "ACK",
        }
    }
}

/// Most segments that are kept; of a long connection, its data is left out beyond `DATA`.
pub const MOST: usize = 11;
const DATA: usize = 7;

/// A connection that is followed, and the last one that was followed to its end.
#[derive(Clone, Debug)]
pub struct Ladder {
    following: Option<Id>,
    rungs: Vec<Rung>,
    states: [State; 2],
    whole: Rc<[Rung]>,
    ended: [State; 2],
}

impl Default for Ladder {
    fn default() -> Ladder {
        let none = [State::Closed; 2];
        Ladder { following: None, rungs: Vec::new(), states: none, whole: Rc::new([]), ended: none }
    }
}

impl Ladder {
    pub fn begin(&mut self, id: Id) {
        if self.following.is_none() {
            self.following = Some(id);
            self.rungs.clear();
            self.states = [State::Closed; 2];
        }
    }

    pub fn state(&mut self, id: Id, side: Side, state: State) {
        if self.following == Some(id) {
            self.states[side as usize] = state;
        }
    }

    pub fn sent(&mut self, id: Id, side: Side, flags: u8, len: u16, t_ns: Nanos) {
        let telling = flags & (SYN | FIN | RST) != 0 || self.rungs.last().is_some_and(|rung| rung.flags & FIN != 0);
        if self.following == Some(id) && (self.rungs.len() < DATA || telling && self.rungs.len() < MOST) {
            let from_client = side == Side::Client;
            self.rungs.push(Rung { t_ns, from_client, flags, len, states: self.states });
        }
    }

    pub fn finish(&mut self, id: Id) {
        if self.following == Some(id) {
            self.following = None;
            self.whole = std::mem::take(&mut self.rungs).into();
            self.ended = self.states;
        }
    }

    /// The last connection that ended, or the first one as far as it has come; with the states of
    /// client and server behind its last segment.
    pub fn shown(&self) -> (&[Rung], [State; 2]) {
        if self.whole.is_empty() { (&self.rungs, self.states) } else { (&self.whole, self.ended) }
    }
}
