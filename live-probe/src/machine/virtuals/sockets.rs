//! `@sockets/tcp`: TCP sockets with their timers, through `sock_diag(7)`
//! (`net/ipv4/inet_diag.c: inet_sk_diag_fill`). `/proc/net/tcp` knows neither RTO in µs nor what a
//! segment's retransmissions add up to, and costs a hundred times as much.

use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use exercises::MOST_SOCKETS;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, sockopt};

const HEADING: &str = "state local remote";
/// Length of the headers of a message and of an attribute, of a request, and of a socket.
const HEADER: usize = 16;
const REQUEST: usize = 56;
const SOCKET: usize = 72;
/// `NLMSG_ERROR`, `NLMSG_DONE`, `SOCK_DIAG_BY_FAMILY`.
const ERROR: u16 = 2;
const DONE: u16 = 3;
const BY_FAMILY: u16 = 20;
/// `INET_DIAG_INFO`: `struct tcp_info`.
const INFO: u16 = 2;
/// As `ss` calls them, by number (`include/net/tcp_states.h`).
const STATES: [&str; 13] = [
    "UNKNOWN",
    "ESTAB",
    "SYN-SENT",
    "SYN-RECV",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "TIME-WAIT",
    "UNCONN",
    "CLOSE-WAIT",
    "LAST-ACK",
    "LISTEN",
    "CLOSING",
    "SYN-RECV",
];
const TIMERS: [&str; 5] = ["off", "on", "keepalive", "timewait", "persist"];

/// The table.
///
/// # Errors
/// The kernel has no `sock_diag`, or refuses it.
pub fn tcp() -> io::Result<String> {
    let mut table = format!("{HEADING}\n");
    let mut sockets = 0;
    for family in [AddressFamily::INET, AddressFamily::INET6] {
        match dump(u8::try_from(family.as_raw()).unwrap_or_default(), &mut table, &mut sockets) {
            // A kernel without IPv6 has no such sockets.
            Err(error) if family == AddressFamily::INET6 && error.raw_os_error() == Some(libc::ENOENT) => {}
            other => other?,
        }
    }
    Ok(table)
}

fn dump(family: u8, table: &mut String, sockets: &mut usize) -> io::Result<()> {
    let socket = rustix::net::socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        Some(netlink::SOCK_DIAG),
    )?;
    sockopt::set_socket_timeout(&socket, sockopt::Timeout::Recv, Some(Duration::from_secs(1)))?;
    rustix::net::send(&socket, &request(family), SendFlags::empty())?;
    let mut buffer = vec![0; 64 << 10];
    while *sockets < MOST_SOCKETS {
        let (length, _) = rustix::net::recv(&socket, &mut buffer[..], RecvFlags::empty())?;
        if length == 0 || !messages(&buffer[..length], table, sockets)? {
            return Ok(());
        }
    }
    Ok(())
}

/// Asks for every TCP socket of a family, with its `tcp_info`.
fn request(family: u8) -> [u8; HEADER + REQUEST] {
    const REQUEST_AND_DUMP: u16 = 0x301;
    let mut bytes = [0; HEADER + REQUEST];
    bytes[0..4].copy_from_slice(&((HEADER + REQUEST) as u32).to_ne_bytes());
    bytes[4..6].copy_from_slice(&BY_FAMILY.to_ne_bytes());
    bytes[6..8].copy_from_slice(&REQUEST_AND_DUMP.to_ne_bytes());
    bytes[8] = 1;
    bytes[16] = family;
    bytes[17] = 6; // IPPROTO_TCP
    bytes[18] = 1 << (INFO - 1);
    bytes[20..24].copy_from_slice(&u32::MAX.to_ne_bytes());
    bytes
}

/// Reads what came in one packet; whether there is more to come.
fn messages(mut bytes: &[u8], table: &mut String, sockets: &mut usize) -> io::Result<bool> {
    while bytes.len() >= HEADER {
        let length = u32_at(bytes, 0).unwrap_or(0) as usize;
        let Some(message) = bytes.get(HEADER..length) else { return Ok(false) };
        match u16_at(bytes, 4) {
            Some(DONE) => return Ok(false),
            Some(ERROR) => {
                let code = u32_at(message, 0).unwrap_or(0).cast_signed();
                return Err(io::Error::from_raw_os_error(-code));
            }
            Some(BY_FAMILY) if *sockets < MOST_SOCKETS => {
                if let Some(line) = line(message) {
                    table.push_str(&line);
                    *sockets += 1;
                }
            }
            _ => {}
        }
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(true)
}

/// A socket as a line; nothing for a message that is cut short.
fn line(message: &[u8]) -> Option<String> {
    let fixed = message.get(..SOCKET)?;
    let [family, state, timer, retrans] = fixed[..4] else { return None };
    let port = |at: usize| Some(u16::from_be_bytes(fixed.get(at..at + 2)?.try_into().ok()?));
    let address = |at: usize| -> Option<IpAddr> {
        let bytes: [u8; 16] = fixed.get(at..at + 16)?.try_into().ok()?;
        Some(match family {
            2 => IpAddr::V4(Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3])),
            _ => IpAddr::V6(Ipv6Addr::from(bytes)),
        })
    };
    let place = |address: IpAddr, port: u16| std::net::SocketAddr::new(address, port);
    let (local, remote) = (place(address(8)?, port(4)?), place(address(24)?, port(6)?));
    let name = |names: &[&'static str], i: u8| names.get(usize::from(i)).copied().unwrap_or("UNKNOWN");
    let (state, timer) = (name(&STATES, state), name(&TIMERS, timer));
    let (expires, recvq, sendq) = (u32_at(fixed, 52)?, u32_at(fixed, 56)?, u32_at(fixed, 60)?);
    let mut line = format!(
        "{state} {local} {remote} timer={timer} expires_ms={expires} retrans={retrans} recvq={recvq} sendq={sendq}"
    );
    if let Some(info) = attribute(&message[SOCKET..], INFO) {
        const FIELDS: [(&str, usize); 10] = [
            ("rto_us", 8),
            ("ato_us", 12),
            ("mss", 16),
            ("unacked", 24),
            ("lost", 32),
            ("rtt_us", 68),
            ("rttvar_us", 72),
            ("ssthresh", 76),
            ("cwnd", 80),
            ("retrans_total", 100),
        ];
        for (name, value) in FIELDS.iter().filter_map(|(name, at)| Some((name, u32_at(info, *at)?))) {
            let _ = write!(line, " {name}={value}");
        }
        if let Some(backoff) = info.get(4) {
            let _ = write!(line, " backoff={backoff}");
        }
    }
    line.push('\n');
    Some(line)
}

/// The payload of the attribute of a kind.
fn attribute(mut bytes: &[u8], kind: u16) -> Option<&[u8]> {
    loop {
        let length = usize::from(u16_at(bytes, 0)?);
        let payload = bytes.get(4..length)?;
        if u16_at(bytes, 2)? == kind {
            return Some(payload);
        }
        bytes = bytes.get(length.next_multiple_of(4)..)?;
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener, TcpStream};

    use exercises::parse::{Socket, sockets};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_connection_is_seen_from_both_ends_and_in_time_wait() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        client.write_all(b"x").unwrap();
        server.read_exact(&mut [0]).unwrap();
        let client_at = client.local_addr().unwrap().to_string();
        let of_port = || {
            let all = sockets("@sockets/tcp", &tcp().unwrap()).unwrap();
            // Another connection may have had the number of our port at its other end.
            let ours = |socket: &Socket| {
                Socket::port(&socket.local) == Some(port) && socket.state == "LISTEN"
                    || [&socket.local, &socket.remote].contains(&&client_at)
                        && [&socket.local, &socket.remote].iter().any(|a| Socket::port(a) == Some(port))
            };
            all.into_iter().filter(ours).collect::<Vec<_>>()
        };
        let states = |sockets: &[Socket]| {
            let mut states: Vec<_> = sockets.iter().map(|socket| socket.state.clone()).collect();
            states.sort();
            states
        };
        // The kernel counts its way through its table from answer to answer: sockets of others that come and go
        // meanwhile make it pass over one now and then.
        let seen = |want: &[&str]| {
            let tries = (0..20).map(|_| of_port()).find(|now| states(now) == want);
            tries.unwrap_or_else(|| panic!("{want:?}: {:?}", of_port()))
        };
        let now = seen(&["ESTAB", "ESTAB", "LISTEN"]);
        let busy = now.iter().find(|socket| Socket::port(&socket.remote) == Some(port)).unwrap();
        assert!(busy.fields.number("rto_us").unwrap().unwrap() >= 1000.0, "{busy:?}");
        client.shutdown(Shutdown::Both).unwrap();
        server.read_to_end(&mut Vec::new()).unwrap();
        drop(server);
        drop(listener);
        let closed = seen(&["TIME-WAIT"]);
        let waiting = closed.iter().find(|socket| socket.state == "TIME-WAIT").expect("the end that closed first");
        let left = waiting.fields.number("expires_ms").unwrap().unwrap();
        assert!(waiting.fields.word("timer") == Some("timewait") && left > 30_000.0, "{waiting:?}");
    }

    proptest! {
        #[test]
        fn any_answer_is_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let (mut table, mut sockets) = (String::new(), 0);
            let _ = messages(&bytes, &mut table, &mut sockets);
            let _ = line(&bytes);
            let _ = attribute(&bytes, INFO);
        }
    }
}
