//! Hosts and the segments between them, driven by a queue of what comes next.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::rc::Rc;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::connection::{Connection, Id, Side, State};
use super::hosts::HostState;
use super::ladder::Ladder;
use super::ports::{Ports, perturbed};
use super::segment::{ACK, RST, SYN, Segment};
use super::setup::{Setup, Space};
use super::tell;
use super::time_wait::{FOOTPRINT, Key};
use crate::{Log, Nanos, SECOND};

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// The next request of a leg that makes its own.
    Request { leg: u8 },
    /// A segment reaches an end.
    Arrive { id: Id, side: Side, segment: Segment },
    /// The server has its answer.
    Answer { id: Id },
    /// A kept connection has been idle for as long as the server allows, if it served no more since.
    Idle { id: Id, served: u32 },
    /// The server closes.
    Close { id: Id },
    /// An acknowledgment can wait no longer.
    DelayedAck { id: Id, side: Side },
    /// A SYN was not answered.
    SynRetry { id: Id },
    /// The part of `tcp_fin_timeout` above a minute is over.
    FinWait2 { id: Id, side: Side },
    /// Buckets of a host go.
    Expire { host: u8, jiffy: u64 },
    /// The server's process ends.
    Restart,
    /// It tries to bind its port again.
    Bind,
}

/// What became of all requests, on whichever leg.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    pub requests: i64,
    pub done: i64,
    pub failed: i64,
}

/// How long an acknowledgment that has nothing to ride on may wait (`TCP_DELACK_MIN`).
pub const DELAYED_ACK: Nanos = SECOND / 25;
/// SYNs are repeated so often (`tcp_syn_retries`), first after 1 s, each time after twice as long.
const SYN_RETRIES: u8 = 6;

/// Everything that changes.
#[derive(Clone, Debug)]
pub struct World {
    pub setup: Rc<Setup>,
    pub now: Nanos,
    order: u64,
    queue: BinaryHeap<Reverse<(Nanos, u64, Due)>>,
    pub connections: Vec<Connection>,
    vacant: Vec<u32>,
    pub ports: Vec<Ports>,
    /// How far the search of each space has come (`table_perturb`).
    perturb: Vec<u32>,
    /// TIME_WAITs that can be taken over from a moment on, by space: moment, port, number.
    pub reusable: Vec<VecDeque<(Nanos, u16, u32)>>,
    pub hosts: [HostState; 4],
    /// Idle connections of each leg, the one used last at the end.
    pub pool: Vec<Vec<u32>>,
    /// Servers' ends that nobody will close, by their key.
    pub leaked: BTreeMap<Key, Id>,
    pub listening: bool,
    pub totals: Totals,
    /// How many requests each leg has made, and connections it has opened.
    pub asked: Vec<u64>,
    opened: Vec<u64>,
    public_port: u16,
    random: Xoshiro256PlusPlus,
    pub ladder: Ladder,
}

impl World {
    pub fn new(setup: Setup) -> World {
        let s = &setup.scenario;
        let range = (s.ip_local_port_range_low as u16, s.ip_local_port_range_high as u16);
        let (spaces, legs) = (setup.spaces.len(), s.legs.len());
        let mut world = World {
            now: 0,
            order: 0,
            queue: BinaryHeap::new(),
            connections: Vec::new(),
            vacant: Vec::new(),
            ports: vec![Ports::new(range.0, range.1); spaces],
            perturb: vec![0; spaces],
            reusable: vec![VecDeque::new(); spaces],
            hosts: Default::default(),
            pool: vec![Vec::new(); legs],
            leaked: BTreeMap::new(),
            listening: true,
            totals: Totals::default(),
            asked: vec![0; legs],
            opened: vec![0; legs],
            public_port: 0,
            random: Xoshiro256PlusPlus::seed_from_u64(s.seed as u64 ^ 0x5eed),
            ladder: Ladder::default(),
            setup: Rc::new(setup),
        };
        for leg in 0..legs {
            world.next_request(leg as u8);
        }
        if world.setup.scenario.restart_ms > 0 {
            world.at(world.setup.scenario.restart_ms as u64 * crate::MILLISECOND, Due::Restart);
        }
        world
    }

    pub fn at(&mut self, t: Nanos, due: Due) {
        self.order += 1;
        self.queue.push(Reverse((t.max(self.now), self.order, due)));
    }

    /// When something is due next.
    pub fn next(&self) -> Option<Nanos> {
        self.queue.peek().map(|Reverse((t, ..))| *t)
    }

    /// Does what is due next.
    pub fn step(&mut self, log: &mut Log) {
        let Some(Reverse((t, _, due))) = self.queue.pop() else { return };
        self.now = t;
        match due {
            Due::Request { leg } => self.own_request(leg, log),
            Due::Arrive { id, side, segment } => self.arrive(id, side, &segment, log),
            Due::Answer { id } => self.work_done(id, log),
            Due::Close { id } => self.close(id, Side::Server, log),
            Due::Idle { id, served } => self.idle_too_long(id, served, log),
            Due::DelayedAck { id, side } => {
                let waits =
                    |c: &Connection| c.end(side).acked != c.end(side).rcv_nxt && c.end(side).state != State::Closed;
                if self.get(id).is_some_and(waits) {
                    self.send(id, side, ACK, 0, log);
                }
            }
            Due::SynRetry { id } => self.syn_retry(id, log),
            Due::FinWait2 { id, side } => self.fin_wait2_over(id, side, log),
            Due::Expire { host, jiffy } => self.expire(host, jiffy, log),
            Due::Restart => self.restart(log),
            Due::Bind => self.bind(log),
        }
    }

    pub fn get(&self, id: Id) -> Option<&Connection> {
        self.connections.get(id.place as usize).filter(|connection| connection.use_ == id.use_)
    }

    pub fn get_mut(&mut self, id: Id) -> Option<&mut Connection> {
        self.connections.get_mut(id.place as usize).filter(|connection| connection.use_ == id.use_)
    }

    pub fn space(&self, connection: &Connection) -> &Space {
        &self.setup.spaces[usize::from(connection.space)]
    }

    /// The host an end is on.
    pub fn host_of(&self, connection: &Connection, side: Side) -> usize {
        let space = self.space(connection);
        if side == Side::Client { space.from } else { space.to }
    }

    pub fn host_mut(&mut self, id: Id, side: Side) -> Option<&mut HostState> {
        let host = self.host_of(self.get(id)?, side);
        Some(&mut self.hosts[host])
    }

    /// Opens a connection for a leg; nothing where there is no port.
    pub fn connect(&mut self, leg: u8, parent: Option<Id>, log: &mut Log) -> Option<Id> {
        let setup = self.setup.clone();
        let of_leg = &setup.of_leg[usize::from(leg)];
        let n = &mut self.opened[usize::from(leg)];
        let space = of_leg[(*n % of_leg.len() as u64) as usize];
        *n += 1;
        let at = usize::from(space);
        let host = setup.spaces[at].from;
        self.ripen(space);
        let rules = &setup.rules;
        let added = if rules.perturb { self.perturb[at] } else { self.hosts[host].hint };
        let Some(found) = self.ports[at].find(setup.spaces[at].secret.wrapping_add(added), rules.parity) else {
            self.hosts[host].counters.no_port += 1;
            let (held, space) = (self.ports[at].count(), &setup.spaces[at]);
            log.push(self.now, "fail", || tell::no_port(space, held));
            return None;
        };
        let random = if rules.perturb { self.random.random_range(0..8) } else { 0 };
        let grown = added.wrapping_add(perturbed(found.steps, rules.parity, rules.perturb, random));
        if rules.perturb {
            self.perturb[at] = grown;
        } else {
            self.hosts[host].hint = grown;
        }
        self.ports[at].set_free(found.port, false);
        let mut connection = Connection::new(leg, space, found.port, self.now, parent);
        let time = (self.now >> 6) as u32;
        let secret = setup.spaces[at].secret.rotate_left(u32::from(found.port) % 32);
        connection.ends[0].isn = secret.wrapping_add(time);
        connection.ends[1].isn = secret.rotate_left(7).wrapping_mul(0x9e37_79b9).wrapping_add(time);
        if setup.scenario.nat != 0 {
            connection.public_port = 1024 + self.public_port;
            self.public_port = (self.public_port + 1) % (u16::MAX - 1024);
        }
        let key = Key { side: Side::Client, space, port: found.port };
        let taken_over = self.hosts[host].buckets.remove(&key);
        if let Some(tw) = taken_over {
            self.hosts[host].counters.tw_recycled += 1;
            self.hosts[host].counters.gone += 1;
            connection.ends[0].isn = tw.snd_nxt.wrapping_add(65_535 + 2);
        }
        let id = self.keep(connection);
        let (steps, space) = (found.steps, &setup.spaces[at]);
        match taken_over {
            Some(tw) => log.push(self.now, "reuse", || tell::reuse(space, found.port, self.now - tw.stamp)),
            None => log.push(self.now, "connect", || tell::connect(space, found.port, steps)),
        }
        self.hosts[host].counters.made += 1;
        self.hosts[host].counters.active_opens += 1;
        self.ladder.begin(id);
        self.set_state(id, Side::Client, State::SynSent);
        self.send(id, Side::Client, SYN, 0, log);
        Some(id)
    }

    fn keep(&mut self, mut connection: Connection) -> Id {
        match self.vacant.pop() {
            Some(place) => {
                connection.use_ = self.connections[place as usize].use_;
                self.connections[place as usize] = connection;
                Id { place, use_: connection.use_ }
            }
            None => {
                self.connections.push(connection);
                Id { place: (self.connections.len() - 1) as u32, use_: 0 }
            }
        }
    }

    /// Lets the record of a connection go, both ends being through.
    pub fn let_go(&mut self, id: Id) {
        self.ladder.finish(id);
        if let Some(connection) = self.get_mut(id) {
            connection.use_ = connection.use_.wrapping_add(1);
            self.vacant.push(id.place);
        }
    }

    /// TIME_WAITs that became old enough no longer stand in the way.
    fn ripen(&mut self, space: u16) {
        let at = usize::from(space);
        let host = self.setup.spaces[at].from;
        while let Some(&(ready, port, number)) = self.reusable[at].front() {
            if ready > self.now {
                return;
            }
            self.reusable[at].pop_front();
            let key = Key { side: Side::Client, space, port };
            if self.hosts[host].buckets.get(&key).is_some_and(|tw| tw.number == number) {
                self.ports[at].set_free(port, true);
            }
        }
    }

    /// Takes up a state at one end.
    pub fn set_state(&mut self, id: Id, side: Side, state: State) {
        let Some(connection) = self.get_mut(id) else { return };
        let end = connection.end_mut(side);
        let before = std::mem::replace(&mut end.state, state);
        let connection = *connection;
        let host = &mut self.hosts[self.host_of(&connection, side)];
        host.sockets[before as usize] =
            host.sockets[before as usize].saturating_sub(u32::from(before != State::Closed));
        host.sockets[state as usize] += u32::from(state != State::Closed);
        self.ladder.state(id, side, state);
    }

    /// Sends a segment from one end.
    pub fn send(&mut self, id: Id, side: Side, flags: u8, len: u16, log: &mut Log) {
        let Some(connection) = self.get_mut(id) else { return };
        let end = connection.end_mut(side);
        let seq = end.snd_nxt();
        let ack = if flags & ACK != 0 { end.rcv_nxt } else { 0 };
        let segment = Segment { flags, seq, ack, len };
        end.sent = end.sent.wrapping_add(segment.end().wrapping_sub(seq));
        end.acked = ack;
        let connection = *connection;
        let host = self.host_of(&connection, side);
        let counters = &mut self.hosts[host].counters;
        counters.out_segs += 1;
        counters.out_rsts += u64::from(flags & RST != 0);
        self.capture(&connection, side, &segment, host, self.now, log);
        self.ladder.sent(id, side, flags, len, self.now);
        let way = self.setup.way;
        self.at(self.now + way, Due::Arrive { id, side: side.other(), segment });
    }

    fn arrive(&mut self, id: Id, side: Side, segment: &Segment, log: &mut Log) {
        let Some(&connection) = self.get(id) else { return };
        let (host, sender) = (self.host_of(&connection, side), self.host_of(&connection, side.other()));
        self.hosts[host].counters.in_segs += 1;
        let sent = self.now - self.setup.way;
        if host != sender {
            self.capture(&connection, side.other(), segment, host, sent, log);
        }
        let stamp = self.setup.timestamp(sender, connection.space, connection.port, sent);
        if let Some(connection) = self.get_mut(id) {
            let end = connection.end_mut(side);
            end.ts_recent = stamp;
            if segment.seq == end.rcv_nxt || segment.is(SYN) {
                end.rcv_nxt = segment.end();
            }
        }
        self.receive(id, side, segment, log);
    }

    fn syn_retry(&mut self, id: Id, log: &mut Log) {
        let Some(connection) = self.get_mut(id) else { return };
        if connection.end(Side::Client).state != State::SynSent {
            return;
        }
        connection.tries += 1;
        if connection.tries > SYN_RETRIES {
            let connection = *connection;
            let space = self.space(&connection).clone();
            log.push(self.now, "timeout", || tell::timeout(&space, connection.port));
            self.hosts[space.from].counters.attempt_fails += 1;
            self.closed(id, Side::Client);
            self.request_failed(id, log);
            return;
        }
        // The same number again.
        connection.ends[0].sent = 0;
        let host = self.space(&self.connections[id.place as usize]).from;
        self.hosts[host].counters.retrans_segs += 1;
        self.send(id, Side::Client, SYN, 0, log);
    }

    /// A SYN that gets no answer is repeated: 1, 2, 4 s later and so on.
    pub fn wait_for_retry(&mut self, id: Id) {
        if let Some(connection) = self.get(id) {
            let wait = SECOND << connection.tries.min(SYN_RETRIES);
            self.at(connection.opened.max(self.now) + wait - self.setup.way.min(wait), Due::SynRetry { id });
        }
    }

    /// How many bytes a copy takes, about.
    pub fn footprint(&self) -> usize {
        let ports: usize = self.ports.iter().map(|ports| ports.count() as usize / 8).sum();
        let lists: usize = self.reusable.iter().map(|list| list.len() * 16).sum();
        let now: usize = self.hosts.iter().map(|host| host.buckets.len()).sum();
        let buckets = now.max(self.setup.buckets()) * FOOTPRINT;
        let queue = self.queue.len() * size_of::<Reverse<(Nanos, u64, Due)>>();
        size_of::<Self>() + self.connections.len() * size_of::<Connection>() + ports + lists + buckets + queue
    }
}
