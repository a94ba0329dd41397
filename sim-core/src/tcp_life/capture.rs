//! What a capture on the watched host shows.

use std::net::SocketAddrV4;

use super::connection::{Connection, Side};
use super::engine::World;
use super::segment::{self, ACK, RST, Segment, Way};
use crate::{Log, Nanos};

impl World {
    /// Writes a segment down where the watched host sees it.
    pub fn capture(&self, c: &Connection, sender: Side, segment: &Segment, seen_by: usize, sent: Nanos, log: &mut Log) {
        let setup = &self.setup;
        let s = &setup.scenario;
        if seen_by != self.watched() {
            return;
        }
        log.packet(|| {
            let space = self.space(c);
            // Seen from the server's side the router has put its own address and port in.
            let client = if seen_by == space.from {
                SocketAddrV4::new(space.src, c.port)
            } else {
                SocketAddrV4::new(space.public, c.public_port)
            };
            let server = SocketAddrV4::new(space.dst, space.port);
            let (from, to) = if sender == Side::Client { (client, server) } else { (server, client) };
            let own = setup.timestamp(self.host_of(c, sender), c.space, c.port, sent);
            let echo = if segment.is(ACK) { c.end(sender).ts_recent } else { 0 };
            let timestamps = (s.tcp_timestamps != 0 && !segment.is(RST)).then_some((own, echo));
            let way = Way { from, to, client_sends: sender == Side::Client, loopback: s.loopback != 0, timestamps };
            segment::packet(self.now, segment, &way)
        });
    }

    /// The host whose files, counters and packets are seen.
    pub fn watched(&self) -> usize {
        if self.setup.scenario.loopback != 0 { 0 } else { self.setup.scenario.watch as usize }
    }
}
