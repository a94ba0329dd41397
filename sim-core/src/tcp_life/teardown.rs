//! How a connection ends: who sends a FIN, what remembers it, and for how long.

use super::connection::{Id, Side, State};
use super::engine::{Due, World};
use super::rules::Bucket;
use super::scenario::{Close, Host};
use super::segment::{ACK, FIN, RST};
use super::tell;
use super::time_wait::{Key, TIMEWAIT_LEN, TimeWait};
use super::wheel;
use crate::{Log, Nanos, SECOND};

impl World {
    /// The application closes its socket (`net/ipv4/tcp.c: tcp_close`).
    pub fn close(&mut self, id: Id, side: Side, log: &mut Log) {
        let Some(connection) = self.get_mut(id) else { return };
        let next = match connection.end(side).state {
            State::Established | State::SynRecv => State::FinWait1,
            State::CloseWait => State::LastAck,
            _ => return,
        };
        let connection = *connection;
        let keeps = side == Side::Client && self.setup.leg(connection.leg).close == Close::Shutdown;
        if !keeps {
            let host = self.host_of(&connection, side);
            self.hosts[host].orphans += 1;
            if let Some(connection) = self.get_mut(id) {
                connection.end_mut(side).orphan = true;
            }
        }
        self.set_state(id, side, next);
        self.send(id, side, FIN | ACK, 0, log);
    }

    /// The client breaks off.
    pub fn abort(&mut self, id: Id, close: Close, log: &mut Log) {
        let Some(&connection) = self.get(id) else { return };
        let space = self.space(&connection).clone();
        let counters = &mut self.hosts[space.from].counters;
        match close {
            Close::Unread => counters.abort_on_close += 1,
            _ => counters.abort_on_data += 1,
        }
        log.push(self.now, "reset", || tell::reset(&space, connection.port, close));
        self.send(id, Side::Client, RST | ACK, 0, log);
        self.closed(id, Side::Client);
    }

    /// A full socket is gone.
    pub fn closed(&mut self, id: Id, side: Side) {
        let Some(&connection) = self.get(id) else { return };
        let host = self.host_of(&connection, side);
        self.hosts[host].counters.gone += 1;
        self.leave(id, side);
        match side {
            Side::Client => self.ports[usize::from(connection.space)].set_free(connection.port, true),
            Side::Server => self.hosts[host].accepted = self.hosts[host].accepted.saturating_sub(1),
        }
        self.through(id);
    }

    /// An end has no full socket any more.
    fn leave(&mut self, id: Id, side: Side) {
        let Some(connection) = self.get_mut(id) else { return };
        let was_orphan = std::mem::take(&mut connection.end_mut(side).orphan);
        let connection = *connection;
        let host = self.host_of(&connection, side);
        self.hosts[host].orphans -= u32::from(was_orphan);
        if side == Side::Server {
            let key = Key { side, space: connection.space, port: connection.port };
            if self.leaked.get(&key) == Some(&id) {
                self.leaked.remove(&key);
            }
        }
        self.set_state(id, side, State::Closed);
    }

    fn through(&mut self, id: Id) {
        if self.get(id).is_some_and(|connection| connection.ends.iter().all(|end| end.state == State::Closed)) {
            self.let_go(id);
        }
    }

    /// Both have closed, this end first.
    pub fn time_wait(&mut self, id: Id, side: Side, log: &mut Log) {
        let hz = self.setup.hz();
        // 3.5 times an RTO of 200 ms where time is cut short.
        let lasts = if self.setup.recycles() { hz * 7 / 10 } else { TIMEWAIT_LEN * hz };
        self.bucket(id, side, State::TimeWait, lasts, log);
    }

    /// The FIN of this end is acknowledged, the other has not come.
    pub fn fin_wait2(&mut self, id: Id, side: Side, log: &mut Log) {
        self.set_state(id, side, State::FinWait2);
        if !self.get(id).is_some_and(|connection| connection.end(side).orphan) {
            return;
        }
        let (hz, timeout) = (self.setup.hz(), self.setup.scenario.tcp_fin_timeout as u64);
        if timeout > TIMEWAIT_LEN {
            let over = self.timer((timeout - TIMEWAIT_LEN) * hz);
            return self.at(over, Due::FinWait2 { id, side });
        }
        self.bucket(id, side, State::FinWait2, timeout * hz, log);
    }

    /// What `tcp_fin_timeout` is above a minute has gone by; as much again follows in a bucket
    /// (`net/ipv4/tcp_timer.c: tcp_keepalive_timer`).
    pub fn fin_wait2_over(&mut self, id: Id, side: Side, log: &mut Log) {
        if self.get(id).is_some_and(|connection| connection.end(side).state == State::FinWait2) {
            let timeout = self.setup.scenario.tcp_fin_timeout as u64;
            let left = timeout.saturating_sub(TIMEWAIT_LEN) * self.setup.hz();
            self.bucket(id, side, State::FinWait2, left, log);
        }
    }

    /// When a timer of so many jiffies fires.
    fn timer(&self, jiffies: u64) -> Nanos {
        let now = self.setup.jiffies(self.now);
        let fires = if self.setup.rules.bucket == Bucket::Wheel { wheel::fires(now, jiffies) } else { now + jiffies };
        self.setup.jiffy(fires)
    }

    /// A bucket takes the place of a socket (`net/ipv4/tcp_minisocks.c: tcp_time_wait`).
    fn bucket(&mut self, id: Id, side: Side, state: State, lasts: u64, log: &mut Log) {
        let Some(&connection) = self.get(id) else { return };
        let (host, space) = (self.host_of(&connection, side), self.space(&connection).clone());
        let limit = self.setup.scenario.tcp_max_tw_buckets as u64;
        if self.hosts[host].buckets.len() as u64 >= limit {
            self.hosts[host].counters.tw_overflow += 1;
            log.push(self.now, "overflow", || tell::overflow(&space, side, connection.port, limit));
            return self.closed(id, side);
        }
        let key = Key { side, space: connection.space, port: connection.port };
        let number = self.put(key, state, lasts, connection.end(side), connection.public_port);
        if let Some(connection) = self.get_mut(id) {
            connection.end_mut(side).bucket = number;
        }
        self.leave(id, side);
        self.ladder.state(id, side, state);
        if state == State::TimeWait {
            log.push(self.now, "time-wait", || tell::time_wait(&space, side, connection.port));
        } else {
            let seconds = lasts / self.setup.hz();
            log.push(self.now, "fin-wait2", || tell::fin_wait2(&space, side, connection.port, seconds));
        }
        self.through(id);
    }

    fn put(&mut self, key: Key, state: State, lasts: u64, end: &super::connection::End, public_port: u16) -> u32 {
        let setup = self.setup.clone();
        let space = &setup.spaces[usize::from(key.space)];
        let at = if key.side == Side::Client { space.from } else { space.to };
        let host = &mut self.hosts[at];
        let tw = TimeWait { number: 0, state, public_port, stamp: self.now, fires: 0, snd_nxt: end.snd_nxt() };
        let (now, hz) = (setup.jiffies(self.now), setup.hz());
        let (number, due) = host.buckets.insert(key, tw, setup.rules.bucket, now, lasts, hz);
        if lasts <= 4 * hz {
            host.counters.tw_killed += 1;
        } else {
            host.counters.tw += 1;
        }
        host.fin_wait2_buckets += u32::from(state == State::FinWait2);
        if setup.recycles() {
            let peer = if key.side == Side::Client { space.dst } else { space.public };
            host.peers.insert(peer, (end.ts_recent, self.now / SECOND));
        }
        if let Some(jiffy) = due {
            self.at(setup.jiffy(jiffy), Due::Expire { host: at as u8, jiffy });
        }
        if key.side == Side::Client && state == State::TimeWait && setup.reuses() {
            self.reusable[usize::from(key.space)].push_back((setup.reusable(self.now), key.port, number));
        }
        number
    }

    /// The FIN has come after all: the full minute begins.
    pub fn rearm(&mut self, id: Id, side: Side, key: Key, log: &mut Log) {
        let Some(&connection) = self.get(id) else { return };
        let host = self.host_of(&connection, side);
        let Some(tw) = self.hosts[host].buckets.remove(&key) else { return };
        self.hosts[host].fin_wait2_buckets -= u32::from(tw.state == State::FinWait2);
        let lasts = TIMEWAIT_LEN * self.setup.hz();
        let number = self.put(key, State::TimeWait, lasts, connection.end(side), tw.public_port);
        if let Some(connection) = self.get_mut(id) {
            connection.end_mut(side).bucket = number;
        }
        self.ladder.state(id, side, State::TimeWait);
        let space = self.space(&connection).clone();
        log.push(self.now, "time-wait", || tell::time_wait(&space, side, connection.port));
    }

    /// Buckets go at a turn of the wheel.
    pub fn expire(&mut self, host: u8, jiffy: u64, log: &mut Log) {
        let gone = self.hosts[usize::from(host)].buckets.expire(jiffy);
        let state = &mut self.hosts[usize::from(host)];
        state.counters.gone += gone.len() as u64;
        for (key, tw) in &gone {
            state.fin_wait2_buckets -= u32::from(tw.state == State::FinWait2);
            match key.side {
                Side::Client => self.ports[usize::from(key.space)].set_free(key.port, true),
                Side::Server => state.accepted = state.accepted.saturating_sub(1),
            }
        }
        if !gone.is_empty() {
            let left = state.buckets.len();
            let name = if self.setup.scenario.loopback != 0 { "127.0.0.1" } else { Host::NAMES[usize::from(host)].0 };
            log.push(self.now, "expire", || tell::expire(name, gone.len(), left));
        }
    }

    /// The server's process ends: the kernel closes what it had open.
    pub fn restart(&mut self, log: &mut Log) {
        self.listening = false;
        let mut closed = 0;
        for place in 0..self.connections.len() {
            let connection = self.connections[place];
            let id = Id { place: place as u32, use_: connection.use_ };
            let open =
                matches!(connection.end(Side::Server).state, State::Established | State::SynRecv | State::CloseWait);
            if open && self.setup.leg(connection.leg).to == Host::Server {
                closed += 1;
                self.close(id, Side::Server, log);
            }
        }
        log.push(self.now, "restart", || tell::restart(closed));
        self.at(self.now, Due::Bind);
    }

    /// The new process binds the port (`net/ipv4/inet_connection_sock.c: inet_csk_get_port`).
    pub fn bind(&mut self, log: &mut Log) {
        let host = if self.setup.scenario.loopback != 0 { 0 } else { Host::Server.number() };
        let in_the_way = self.hosts[host].accepted;
        if in_the_way > 0 && self.setup.scenario.so_reuseaddr < 2 {
            log.push(self.now, "bind-fail", || tell::bind_fail(in_the_way));
            return self.at(self.now + SECOND, Due::Bind);
        }
        self.listening = true;
        log.push(self.now, "bind", || tell::bind(in_the_way));
    }
}
