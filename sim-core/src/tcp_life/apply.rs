//! The applications: requests, answers, pools, and who closes.

use super::connection::{Id, Side, State};
use super::engine::{DELAYED_ACK, Due, World};
use super::scenario::Close;
use super::segment::{ACK, PSH, RST, answer, request};
use crate::{Log, MILLISECOND, Nanos, SECOND, mul_div};

/// From a server's last `write()` to its `close()`.
const CLOSES_AFTER: Nanos = 10_000;

impl World {
    /// Lays down when a leg asks next, if it asks of its own.
    pub fn next_request(&mut self, leg: u8) {
        let setup = self.setup.clone();
        let spec = setup.leg(leg);
        if spec.caused_by >= 0 || spec.per_s <= 0 {
            return;
        }
        let t = spec.from_ms as u64 * MILLISECOND + mul_div(self.asked[usize::from(leg)], SECOND, spec.per_s as u64);
        if t < spec.until_ms as u64 * MILLISECOND {
            self.at(t, Due::Request { leg });
        }
    }

    pub fn own_request(&mut self, leg: u8, log: &mut Log) {
        self.asked[usize::from(leg)] += 1;
        self.request(leg, None, log);
        self.next_request(leg);
    }

    fn request(&mut self, leg: u8, parent: Option<Id>, log: &mut Log) {
        self.totals.requests += 1;
        if let Some(place) = self.pool[usize::from(leg)].pop() {
            let id = Id { place, use_: self.connections[place as usize].use_ };
            if let Some(connection) = self.get_mut(id) {
                connection.idle = false;
                connection.parent = parent;
            }
            return self.ask(id, log);
        }
        if self.connect(leg, parent, log).is_none() {
            self.totals.failed += 1;
            self.request_over(parent, false, log);
        }
    }

    /// Whether a connection serves another request after the one under way.
    fn kept(&self, id: Id) -> bool {
        self.get(id).is_some_and(|connection| {
            let leg = self.setup.leg(connection.leg);
            leg.pool > 0 && i64::from(connection.served) + 1 < leg.requests
        })
    }

    /// The client sends its request.
    pub fn ask(&mut self, id: Id, log: &mut Log) {
        let (kept, now) = (self.kept(id), self.now);
        let Some(connection) = self.get_mut(id) else { return };
        connection.busy = true;
        connection.failed = false;
        if connection.served > 0 {
            // Answering within 40 ms is taking turns; a longer pause than an RTO ends it.
            let since = now - connection.answered;
            let turns = &mut connection.pingpong[Side::Client as usize];
            *turns = since < DELAYED_ACK || (*turns && since < SECOND / 5);
        }
        self.send(id, Side::Client, PSH | ACK, request(kept), log);
    }

    /// Data has come.
    pub fn data(&mut self, id: Id, side: Side, orphan: bool, log: &mut Log) {
        if orphan {
            // Nobody will read it.
            self.send(id, side, RST | ACK, 0, log);
            return self.closed(id, side);
        }
        match side {
            Side::Client => self.answered(id, log),
            Side::Server => self.asked_for(id, log),
        }
    }

    fn asked_for(&mut self, id: Id, log: &mut Log) {
        let Some(connection) = self.get(id) else { return };
        let service = self.setup.leg(connection.leg).service_ms as u64 * MILLISECOND;
        if !connection.pingpong[Side::Server as usize] {
            self.send(id, Side::Server, ACK, 0, log);
        }
        if let Some(connection) = self.get_mut(id) {
            connection.pingpong[Side::Server as usize] = service < DELAYED_ACK;
        }
        self.at(self.now + service, Due::Answer { id });
    }

    /// The server has done its own part: it answers, or asks further on.
    pub fn work_done(&mut self, id: Id, log: &mut Log) {
        let setup = self.setup.clone();
        let Some(connection) = self.get_mut(id) else { return };
        let children = &setup.children[usize::from(connection.leg)];
        if children.is_empty() {
            return self.answer(id, log);
        }
        connection.pending = children.len() as u8;
        for child in children {
            self.request(*child, Some(id), log);
        }
    }

    fn answer(&mut self, id: Id, log: &mut Log) {
        let kept = self.kept(id);
        let Some(connection) = self.get(id) else { return };
        if connection.end(Side::Server).state != State::Established {
            return;
        }
        let close = self.setup.leg(connection.leg).close;
        let failed = connection.failed;
        self.send(id, Side::Server, PSH | ACK, answer(kept, failed), log);
        match close {
            Close::Server if !kept => self.at(self.now + CLOSES_AFTER, Due::Close { id }),
            Close::Both if !kept => self.at(self.now + self.setup.way, Due::Close { id }),
            _ => {}
        }
    }

    /// The client has its answer.
    fn answered(&mut self, id: Id, log: &mut Log) {
        let (kept, now) = (self.kept(id), self.now);
        let Some(connection) = self.get_mut(id) else { return };
        connection.served += 1;
        connection.busy = false;
        connection.answered = now;
        let connection = *connection;
        let setup = self.setup.clone();
        let leg = setup.leg(connection.leg);
        self.totals.done += i64::from(!connection.failed);
        self.totals.failed += i64::from(connection.failed);
        if connection.pingpong[Side::Client as usize] {
            self.at(now + DELAYED_ACK, Due::DelayedAck { id, side: Side::Client });
        } else {
            self.send(id, Side::Client, ACK, 0, log);
        }
        self.request_over(connection.parent, !connection.failed, log);
        if kept {
            let pool = &mut self.pool[usize::from(connection.leg)];
            if (pool.len() as i64) < leg.pool {
                pool.push(id.place);
                if let Some(connection) = self.get_mut(id) {
                    connection.idle = true;
                }
                if leg.idle_ms > 0 {
                    let idle = Due::Idle { id, served: connection.served };
                    self.at(now + leg.idle_ms as u64 * MILLISECOND, idle);
                }
                return;
            }
            // One too many to keep.
            return self.close(id, Side::Client, log);
        }
        match leg.close {
            Close::Server => {}
            close if close.resets() => self.abort(id, close, log),
            _ => self.close(id, Side::Client, log),
        }
    }

    /// A request further on is through; the one that waits for it may be answered.
    fn request_over(&mut self, parent: Option<Id>, well: bool, log: &mut Log) {
        let Some(parent) = parent else { return };
        let Some(connection) = self.get_mut(parent) else { return };
        connection.failed |= !well;
        connection.pending = connection.pending.saturating_sub(1);
        if connection.pending == 0 {
            self.answer(parent, log);
        }
    }

    /// The connection under a request broke.
    pub fn request_failed(&mut self, id: Id, log: &mut Log) {
        // The record may be gone by now; what it was for is in it all the same.
        let Some(connection) = self.connections.get_mut(id.place as usize) else { return };
        connection.busy = false;
        let parent = connection.parent.take();
        self.totals.failed += 1;
        self.request_over(parent, false, log);
    }

    pub fn out_of_pool(&mut self, id: Id) {
        let Some(connection) = self.get_mut(id) else { return };
        if std::mem::take(&mut connection.idle) {
            let leg = usize::from(connection.leg);
            self.pool[leg].retain(|place| *place != id.place);
        }
    }

    /// The server closes a connection nobody has used for long.
    pub fn idle_too_long(&mut self, id: Id, served: u32, log: &mut Log) {
        if self.get(id).is_some_and(|connection| connection.idle && connection.served == served) {
            self.close(id, Side::Server, log);
        }
    }
}
