//! The files of the watched host.

use std::fmt::Write;
use std::net::SocketAddrV4;

use super::connection::{Connection, Side, State};
use super::engine::World;
use super::model::TcpLife;
use super::time_wait::Key;
use crate::model::{Files, Model};
use crate::{Nanos, mul_div};

/// Most sockets that a table names.
const MOST_SOCKETS: usize = 1024;

/// `net/ipv4/proc.c: sockstat_seq_show`. A page of memory is counted a socket that holds data, and
/// none does here.
fn sockstat(world: &World, listeners: usize) -> String {
    let host = &world.hosts[world.watched()];
    let inuse = host.full() as usize + listeners;
    let (orphans, tw) = (host.orphans, host.buckets.len());
    format!(
        "sockets: used {}\nTCP: inuse {inuse} orphan {orphans} tw {tw} alloc {inuse} mem 0\nUDP: inuse 0 mem 0\n\
         UDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n",
        inuse - orphans as usize
    )
}

/// The counters of `net/ipv4/proc.c: netstat_seq_show` that the model keeps.
fn netstat(world: &World) -> String {
    let c = &world.hosts[world.watched()].counters;
    pairs(
        "TcpExt",
        &[
            ("TW", c.tw),
            ("TWRecycled", c.tw_recycled),
            ("TWKilled", c.tw_killed),
            ("PAWSPassive", c.paws_passive),
            ("TCPAbortOnData", c.abort_on_data),
            ("TCPAbortOnClose", c.abort_on_close),
            ("TCPTimeWaitOverflow", c.tw_overflow),
        ],
    )
}

/// The line `Tcp` of `net/ipv4/proc.c: snmp_seq_show`.
fn snmp(world: &World) -> String {
    let host = &world.hosts[world.watched()];
    let c = &host.counters;
    let now = host.sockets[State::Established as usize] + host.sockets[State::CloseWait as usize];
    let head = "RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs \
                OutSegs RetransSegs InErrs OutRsts InCsumErrors";
    format!(
        "Tcp: {head}\nTcp: 1 200 120000 -1 {} {} {} {} {now} {} {} {} 0 {} 0\n",
        c.active_opens,
        c.passive_opens,
        c.attempt_fails,
        c.estab_resets,
        c.in_segs,
        c.out_segs,
        c.retrans_segs,
        c.out_rsts
    )
}

fn pairs(group: &str, values: &[(&str, u64)]) -> String {
    let (mut names, mut numbers) = (format!("{group}:"), format!("{group}:"));
    for (name, value) in values {
        let _ = write!(names, " {name}");
        let _ = write!(numbers, " {value}");
    }
    format!("{names}\n{numbers}\n")
}

/// The table of sockets as `ss` has it: listeners, connections, then buckets.
fn sockets(world: &World, listeners: &[SocketAddrV4]) -> String {
    let mut table = "state local remote\n".to_owned();
    let mut lines = 0;
    for listener in listeners {
        let _ = writeln!(table, "LISTEN {listener} 0.0.0.0:0 timer=off expires_ms=0 retrans=0 recvq=0 sendq=0");
        lines += 1;
    }
    let watched = world.watched();
    for connection in &world.connections {
        for side in [Side::Client, Side::Server] {
            let end = connection.end(side);
            if end.state == State::Closed || world.host_of(connection, side) != watched || lines == MOST_SOCKETS {
                continue;
            }
            let (local, remote) = addresses(world, connection, side);
            let _ = writeln!(
                table,
                "{} {local} {remote} timer=off expires_ms=0 retrans=0 recvq=0 sendq=0 rto_us=204000 retrans_total=0",
                end.state.name()
            );
            lines += 1;
        }
    }
    for (key, tw) in world.hosts[watched].buckets.iter().take(MOST_SOCKETS - lines.min(MOST_SOCKETS)) {
        let (local, remote) = bucket_addresses(world, key, tw.public_port);
        let left = world.setup.jiffy(tw.fires).saturating_sub(world.now) / crate::MILLISECOND;
        let state = tw.state.name();
        let _ = writeln!(table, "{state} {local} {remote} timer=timewait expires_ms={left} retrans=0 recvq=0 sendq=0");
    }
    table
}

fn addresses(world: &World, c: &Connection, side: Side) -> (SocketAddrV4, SocketAddrV4) {
    bucket_addresses(world, &Key { side, space: c.space, port: c.port }, c.public_port)
}

/// Own address and the other one, as that end sees them.
fn bucket_addresses(world: &World, key: &Key, public_port: u16) -> (SocketAddrV4, SocketAddrV4) {
    let space = &world.setup.spaces[usize::from(key.space)];
    let server = SocketAddrV4::new(space.dst, space.port);
    match key.side {
        Side::Client => (SocketAddrV4::new(space.src, key.port), server),
        Side::Server => (server, SocketAddrV4::new(space.public, public_port)),
    }
}

/// Where the watched host listens.
fn listeners(world: &World) -> Vec<SocketAddrV4> {
    let setup = &world.setup;
    let mut found: Vec<SocketAddrV4> = Vec::new();
    for (leg, spaces) in setup.scenario.legs.iter().zip(&setup.of_leg) {
        let down = leg.to == super::Host::Server && !world.listening;
        for space in spaces.iter().map(|space| &setup.spaces[usize::from(*space)]) {
            let at = SocketAddrV4::new(space.dst, space.port);
            if space.to == world.watched() && !down && !found.contains(&at) {
                found.push(at);
            }
        }
    }
    found
}

/// `fs/proc/uptime.c`, for those who ask how long it has run.
fn uptime(now: Nanos) -> String {
    let hundredths = mul_div(now, 100, crate::SECOND);
    format!("{}.{:02} 0.00\n", hundredths / 100, hundredths % 100)
}

/// Every file of the watched host.
pub fn all(model: &TcpLife) -> Files {
    let (world, s) = (model.world(), model.scenario());
    let rules = model.rules();
    let listeners = listeners(world);
    let mut files = Files::new();
    for (path, text) in [
        ("/proc/net/sockstat", sockstat(world, listeners.len())),
        ("/proc/net/netstat", netstat(world)),
        ("/proc/net/snmp", snmp(world)),
        ("/proc/sys/kernel/osrelease", format!("{}\n", s.kernel)),
        ("/proc/uptime", uptime(model.now())),
        ("@sockets/tcp", sockets(world, &listeners)),
        (
            "/proc/sys/net/ipv4/ip_local_port_range",
            format!("{}\t{}\n", s.ip_local_port_range_low, s.ip_local_port_range_high),
        ),
    ] {
        files.insert(path.into(), text);
    }
    let sysctls = [
        ("tcp_fin_timeout", s.tcp_fin_timeout, true),
        ("tcp_max_tw_buckets", s.tcp_max_tw_buckets, true),
        ("tcp_timestamps", s.tcp_timestamps, true),
        ("tcp_tw_recycle", s.tcp_tw_recycle, rules.recycle),
        ("tcp_tw_reuse", s.tcp_tw_reuse, true),
        ("tcp_tw_reuse_delay", s.tcp_tw_reuse_delay, rules.reuse_delay),
    ];
    for (name, value, there) in sysctls {
        if there {
            files.insert(format!("/proc/sys/net/ipv4/{name}").into(), format!("{value}\n"));
        }
    }
    files
}
