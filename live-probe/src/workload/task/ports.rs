//! A client that runs out of local ports.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketFlags, SocketType};
use sim_core::{Text, text};

use super::desk::{Desk, Trouble, cannot, paced, sleep_until};
use crate::workload::sys;

/// The server's port.
const SERVER: u16 = 7000;
/// First of the client's ports.
pub const LOW: u16 = 40_000;
/// How long one step of a connection may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Connects again and again. In a network namespace of its own the range of local ports and reuse
/// of TIME_WAIT are set for all of it; elsewhere a socket's own range serves, and only connections
/// that stay open can use it up, because on loopback the kernel reuses TIME_WAIT after a second.
pub fn few(desk: &mut Desk, ports: u32, per_s: u32, keep: bool) -> Result<(), Trouble> {
    let high = LOW + u16::try_from(ports.saturating_sub(1)).unwrap_or(0);
    let own = sys::net::new_namespace();
    let range = match (&own, keep) {
        (Ok(()), _) => {
            prepare(LOW, high)?;
            None
        }
        (Err(_), true) => Some((LOW, high)),
        (Err(error), false) => {
            return Err(Trouble::Cannot(text!(
                ko: "네트워크 네임스페이스를 만들 수 없습니다({error}). root로 실행하십시오.",
                en: "No network namespace can be made ({error}). Run it as root."
            )));
        }
    };
    // Outside the range where the namespace is ours; elsewhere wherever there is a port.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, if own.is_ok() { SERVER } else { 0 }))?;
    let address = listener.local_addr()?;
    if let Some((low, high)) = range {
        // Before anything begins: an old kernel has no such range.
        let first = connect(address, Some((low, high))).map_err(cannot(Text::fixed(
            "root가 아니면 소켓마다 포트 범위를 정해야 하는데, 커널 6.3부터 됩니다",
            "Without root the range of ports is set on each socket, which takes kernel 6.3",
        )))?;
        drop((first, listener.accept()?));
    }
    desk.place("server", address);
    desk.place("ports", ports);
    let until = desk.begin();
    let start = Instant::now();
    let mut open: Vec<(TcpStream, TcpStream)> = Vec::new();
    let (mut made, mut refused, mut first) = (0u32, 0u32, None);
    paced(u32::MAX, per_s, until, |_| {
        match connect(address, range) {
            Ok(active) => {
                let (mut passive, _) = listener.accept()?;
                made += 1;
                if keep {
                    open.push((active, passive));
                } else {
                    passive.set_read_timeout(Some(PATIENCE))?;
                    drop(active);
                    let _ = passive.read(&mut [0]);
                }
            }
            Err(error) if error.raw_os_error() == Some(libc::EADDRNOTAVAIL) => {
                refused += 1;
                first.get_or_insert_with(|| start.elapsed());
            }
            Err(error) => return Err(error.into()),
        }
        Ok(true)
    })?;
    desk.figure("connections_count", made);
    desk.figure("refused_count", refused);
    if let Some(first) = first {
        desk.figure("first_refused_ms", first.as_millis());
    }
    sleep_until(until);
    Ok(())
}

/// Sets up the namespace we are in.
pub fn prepare(low: u16, high: u16) -> Result<(), Trouble> {
    let why = || Text::fixed("네트워크 네임스페이스를 꾸밀 수 없습니다", "The network namespace cannot be set up");
    let control = rustix::net::socket(AddressFamily::INET, SocketType::DGRAM, None)?;
    sys::net::bring_up("lo", &control).map_err(cannot(why()))?;
    for (name, value) in [("ip_local_port_range", format!("{low} {high}")), ("tcp_tw_reuse", "0".to_owned())] {
        std::fs::write(format!("/proc/sys/net/ipv4/{name}"), value).map_err(cannot(why()))?;
    }
    Ok(())
}

fn connect(to: SocketAddr, range: Option<(u16, u16)>) -> std::io::Result<TcpStream> {
    let socket = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    if let Some((low, high)) = range {
        sys::net::port_range(&socket, low, high)?;
    }
    rustix::net::connect(&socket, &to)?;
    Ok(TcpStream::from(socket))
}
