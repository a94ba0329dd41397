//! Connections of a task with itself, on loopback addresses of its own.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::time::Duration;

use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};

use super::desk::{Desk, Trouble, paced, sleep_until};
use crate::workload::sys;

/// How long one step of a connection may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// A server's and a client's address in 127.0.0.0/8 that are nobody else's: they come from our
/// process id, and are not 127.0.0.1.
pub fn own_addresses() -> (Ipv4Addr, Ipv4Addr) {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    let second = 64 + (high & 63);
    let at = |last| Ipv4Addr::new(127, second, middle ^ (high >> 6), (low & 0x7f) << 1 | last);
    // Neither ends in 0 nor in 255.
    match low & 0x7f {
        0 | 0x7f => (Ipv4Addr::new(127, second, middle, 2), Ipv4Addr::new(127, second, middle, 3)),
        _ => (at(0), at(1)),
    }
}

/// Connects from an address whose port the kernel chooses only when it knows the peer, as it does
/// for a program that names no address.
pub fn connect(from: Ipv4Addr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    sys::net::port_when_connecting(&socket);
    rustix::net::bind(&socket, &SocketAddrV4::new(from, 0))?;
    rustix::net::connect(&socket, &to)?;
    Ok(TcpStream::from(socket))
}

/// Closes first, again and again.
pub fn time_waits(desk: &mut Desk, count: u32, per_s: u32) -> Result<(), Trouble> {
    let (server, client) = own_addresses();
    let listener = TcpListener::bind((server, 0))?;
    let address = listener.local_addr()?;
    desk.place("server", address);
    desk.place("client", client);
    let until = desk.begin();
    let mut refused = 0u32;
    let made = paced(count, per_s, until, |_| {
        match connect(client, address) {
            Ok(active) => {
                let (mut passive, _) = listener.accept()?;
                passive.set_read_timeout(Some(PATIENCE))?;
                // The first to close is the one that waits.
                drop(active);
                let _ = passive.read(&mut [0]);
            }
            Err(error) if error.raw_os_error() == Some(libc::EADDRNOTAVAIL) => refused += 1,
            Err(error) => return Err(error.into()),
        }
        Ok(true)
    })?;
    desk.figure("connections_count", made - refused.min(made));
    desk.figure("refused_count", refused);
    sleep_until(until);
    Ok(())
}

/// Idle connections with a timer.
pub fn keepalive(desk: &mut Desk, pairs: u32, [idle_s, interval_s, probes]: [u32; 3]) -> Result<(), Trouble> {
    let (server, client) = own_addresses();
    let listener = TcpListener::bind((server, 0))?;
    let address = listener.local_addr()?;
    let mut held = Vec::new();
    for _ in 0..pairs {
        let stream = connect(client, address)?;
        arm(&stream, idle_s, interval_s, probes)?;
        held.push((stream, listener.accept()?.0));
    }
    desk.place("server", address);
    desk.place("client", client);
    sleep_until(desk.begin());
    let alive = held.iter().filter(|(stream, _)| sys::net::tcp_info(stream).is_ok_and(|info| info.state == 1));
    desk.figure("established_count", alive.count());
    Ok(())
}

/// Switches keepalive on.
pub fn arm(stream: impl std::os::fd::AsFd, idle_s: u32, interval_s: u32, probes: u32) -> Result<(), Trouble> {
    sockopt::set_socket_keepalive(&stream, true)?;
    sockopt::set_tcp_keepidle(&stream, Duration::from_secs(idle_s.into()))?;
    sockopt::set_tcp_keepintvl(&stream, Duration::from_secs(interval_s.into()))?;
    sockopt::set_tcp_keepcnt(&stream, probes)?;
    Ok(())
}
