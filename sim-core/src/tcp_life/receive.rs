//! What an end makes of a segment (`net/ipv4/tcp_input.c: tcp_rcv_state_process`,
//! `net/ipv4/tcp_minisocks.c: tcp_timewait_state_process`).

use super::connection::{Id, Side, State};
use super::engine::{DELAYED_ACK, Due, World};
use super::scenario::Host;
use super::segment::{ACK, FIN, RST, SYN, Segment};
use super::tell;
use super::time_wait::Key;
use crate::{Log, SECOND};

/// A remembered timestamp counts for so long, s (`TCP_PAWS_MSL`), and may be ahead by
/// [`PAWS_WINDOW`].
const PAWS_MSL: u64 = 60;
const PAWS_WINDOW: i32 = 1;

impl World {
    pub fn receive(&mut self, id: Id, side: Side, segment: &Segment, log: &mut Log) {
        if segment.is(RST) {
            return self.got_reset(id, side, log);
        }
        let Some(connection) = self.get(id) else { return };
        let end = *connection.end(side);
        let all_acked = segment.is(ACK) && segment.ack == end.snd_nxt();
        match end.state {
            State::Closed if segment.is(SYN) && !segment.is(ACK) && side == Side::Server => return self.syn(id, log),
            State::Closed => return self.no_socket(id, side, segment, log),
            State::SynSent if segment.is(SYN) => {
                self.set_state(id, side, State::Established);
                self.send(id, side, ACK, 0, log);
                return self.ask(id, log);
            }
            State::SynRecv if all_acked => {
                self.set_state(id, side, State::Established);
                if let Some(host) = self.host_mut(id, side) {
                    host.counters.passive_opens += 1;
                }
            }
            _ => {}
        }
        if segment.len > 0 {
            self.data(id, side, end.orphan, log);
            if end.orphan {
                return;
            }
        }
        match (end.state, all_acked, segment.is(FIN)) {
            (State::FinWait1, true, true) | (State::FinWait2, _, true) => {
                self.send(id, side, ACK, 0, log);
                self.time_wait(id, side, log);
            }
            (State::FinWait1, true, false) => self.fin_wait2(id, side, log),
            (State::FinWait1, false, true) => {
                self.set_state(id, side, State::Closing);
                self.send(id, side, ACK, 0, log);
            }
            (State::Closing, true, _) => self.time_wait(id, side, log),
            (State::LastAck, true, _) => self.closed(id, side),
            (State::Established | State::SynRecv, _, true) => self.peer_closed(id, side, log),
            _ => {}
        }
    }

    /// The other end has closed first: the application sees the end of what it reads.
    fn peer_closed(&mut self, id: Id, side: Side, log: &mut Log) {
        let Some(&connection) = self.get(id) else { return };
        let leg = self.setup.leg(connection.leg);
        let leaks = side == Side::Server && leg.close.leaks();
        self.set_state(id, side, State::CloseWait);
        if leaks {
            self.leaked.insert(Key { side, space: connection.space, port: connection.port }, id);
            let space = self.space(&connection).clone();
            log.push(self.now, "close-wait", || tell::close_wait(&space, connection.public_port));
            // Nothing to ride on: the acknowledgment waits.
            return self.at(self.now + DELAYED_ACK, Due::DelayedAck { id, side });
        }
        if side == Side::Client {
            self.out_of_pool(id);
            if connection.busy {
                self.request_failed(id, log);
            }
        }
        self.close(id, side, log);
    }

    /// No full socket is there: a bucket, or nothing.
    fn no_socket(&mut self, id: Id, side: Side, segment: &Segment, log: &mut Log) {
        let Some(&connection) = self.get(id) else { return };
        let key = Key { side, space: connection.space, port: connection.port };
        let number = connection.end(side).bucket;
        let host = self.host_of(&connection, side);
        let known = number != 0 && self.hosts[host].buckets.get(&key).is_some_and(|tw| tw.number == number);
        if !known {
            return self.send(id, side, RST | ACK, 0, log);
        }
        if segment.is(FIN) {
            self.send(id, side, ACK, 0, log);
            self.rearm(id, side, key, log);
        }
    }

    /// A SYN reaches the server (`net/ipv4/tcp_ipv4.c: tcp_v4_rcv`, `tcp_v4_conn_request`).
    fn syn(&mut self, id: Id, log: &mut Log) {
        let Some(&connection) = self.get(id) else { return };
        let (space, side) = (self.space(&connection).clone(), Side::Server);
        let key = Key { side, space: connection.space, port: connection.port };
        if !self.listening && self.setup.leg(connection.leg).to == Host::Server {
            return self.send(id, side, RST | ACK, 0, log);
        }
        if let Some(old) = self.leaked.get(&key).copied().filter(|old| *old != id) {
            // It still has this connection: it says where it stands, and is told that there is none.
            self.send(old, side, ACK, 0, log);
            return self.wait_for_retry(id);
        }
        let host = &mut self.hosts[space.to];
        if let Some(tw) = host.buckets.remove(&key) {
            host.counters.gone += 1;
            host.accepted = host.accepted.saturating_sub(1);
            host.fin_wait2_buckets -= u32::from(tw.state == State::FinWait2);
            log.push(self.now, "syn-in-time-wait", || tell::syn_in_time_wait(&space, connection.public_port));
            if let Some(connection) = self.get_mut(id) {
                connection.end_mut(side).isn = tw.snd_nxt.wrapping_add(65_535 + 2);
            }
        }
        if self.setup.recycles() {
            let stamp = connection.end(side).ts_recent;
            let host = &mut self.hosts[space.to];
            let older = host.peers.get(&space.public).filter(|(known, second)| {
                let age = (known.wrapping_sub(stamp)).cast_signed();
                self.now / SECOND < second + PAWS_MSL && age > PAWS_WINDOW
            });
            if let Some((known, _)) = older.copied() {
                host.counters.paws_passive += 1;
                log.push(self.now, "syn-drop", || tell::syn_drop(&space, stamp, known));
                return self.wait_for_retry(id);
            }
        }
        let host = &mut self.hosts[space.to];
        host.counters.made += 1;
        host.accepted += 1;
        self.set_state(id, side, State::SynRecv);
        self.send(id, side, SYN | ACK, 0, log);
    }

    fn got_reset(&mut self, id: Id, side: Side, log: &mut Log) {
        let Some(&connection) = self.get(id) else { return };
        let state = connection.end(side).state;
        let host = self.host_of(&connection, side);
        match state {
            State::Closed => return,
            State::SynSent => {
                self.hosts[host].counters.attempt_fails += 1;
                let space = self.space(&connection).clone();
                log.push(self.now, "refused", || tell::refused(&space));
            }
            State::Established | State::CloseWait => self.hosts[host].counters.estab_resets += 1,
            _ => {}
        }
        if side == Side::Client {
            self.out_of_pool(id);
        }
        self.closed(id, side);
        if side == Side::Client && (connection.busy || state == State::SynSent) {
            self.request_failed(id, log);
        }
    }
}
