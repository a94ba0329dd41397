//! Network: namespaces, the interfaces in them, and options of sockets.

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// `IP_BIND_ADDRESS_NO_PORT`: an address now, the port only with the peer.
const BIND_ADDRESS_NO_PORT: libc::c_int = 24;
/// `IP_LOCAL_PORT_RANGE`, 6.3: the socket's own range of local ports.
const LOCAL_PORT_RANGE: libc::c_int = 51;

/// Moves this process, which must have one thread, into a new network namespace. The kernel takes
/// the namespace away with all in it when nobody uses it any more. Where that is not allowed, a new
/// user namespace, in which it is, is tried too.
///
/// # Errors
/// Neither is allowed here.
pub fn new_namespace() -> io::Result<()> {
    // SAFETY: unshare changes what this process sees and no memory.
    if unsafe { libc::unshare(libc::CLONE_NEWNET) } == 0 {
        return Ok(());
    }
    let first = io::Error::last_os_error();
    // SAFETY: as above.
    match unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET) } {
        0 => Ok(()),
        _ => Err(first),
    }
}

/// What the calls on an interface take: its name and what is to become of it.
#[repr(C)]
struct Request {
    name: [u8; libc::IFNAMSIZ],
    words: [u8; 24],
}

impl Request {
    fn new(name: &str) -> Request {
        let mut bytes = [0; libc::IFNAMSIZ];
        let length = name.len().min(libc::IFNAMSIZ - 1);
        bytes[..length].copy_from_slice(&name.as_bytes()[..length]);
        Request { name: bytes, words: [0; 24] }
    }

    fn send(&self, fd: impl AsFd, call: libc::c_ulong) -> io::Result<()> {
        // SAFETY: the request is as large as any `ifreq`, and outlives the call.
        match unsafe { libc::ioctl(fd.as_fd().as_raw_fd(), call as _, std::ptr::from_ref(self)) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }
}

/// Sets the flags of an interface of this namespace to "up".
///
/// # Errors
/// There is none of that name, or it is not ours to set.
pub fn bring_up(name: &str, control: impl AsFd) -> io::Result<()> {
    let mut request = Request::new(name);
    let flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    request.words[..2].copy_from_slice(&flags.to_ne_bytes());
    request.send(control, libc::SIOCSIFFLAGS as libc::c_ulong)
}

/// A line (`tun`) of this namespace: packets that are routed into it can be read, and what is
/// written comes out of it. It goes when the descriptor is closed.
///
/// # Errors
/// There is no /dev/net/tun, or it may not be used.
pub fn line(name: &str) -> io::Result<OwnedFd> {
    const TUNSETIFF: libc::c_ulong = 0x4004_54ca;
    const IFF_TUN: i16 = 0x0001;
    const IFF_NO_PI: i16 = 0x1000;
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::CLOEXEC | rustix::fs::OFlags::NONBLOCK;
    let fd = rustix::fs::open("/dev/net/tun", flags, rustix::fs::Mode::empty())?;
    let mut request = Request::new(name);
    request.words[..2].copy_from_slice(&(IFF_TUN | IFF_NO_PI).to_ne_bytes());
    request.send(&fd, TUNSETIFF)?;
    Ok(fd)
}

/// Gives a line its own address and that of the other end, and brings it up.
///
/// # Errors
/// It is not ours to set.
pub fn address(name: &str, own: Ipv4Addr, other: Ipv4Addr, control: impl AsFd) -> io::Result<()> {
    for (call, address) in
        [(libc::SIOCSIFADDR, own), (libc::SIOCSIFDSTADDR, other), (libc::SIOCSIFNETMASK, Ipv4Addr::BROADCAST)]
    {
        let mut request = Request::new(name);
        request.words[..2].copy_from_slice(&(libc::AF_INET as u16).to_ne_bytes());
        request.words[4..8].copy_from_slice(&address.octets());
        request.send(&control, call as libc::c_ulong)?;
    }
    bring_up(name, control)
}

/// Lets a socket that is bound to an address choose its port when it connects.
pub fn port_when_connecting(socket: impl AsFd) {
    // Before 4.2 the port is chosen at once, which serves as well.
    let _ = set(socket, libc::IPPROTO_IP, BIND_ADDRESS_NO_PORT, 1);
}

/// Bounds the local ports a socket may choose from.
///
/// # Errors
/// The kernel is older than 6.3.
pub fn port_range(socket: impl AsFd, low: u16, high: u16) -> io::Result<()> {
    set(socket, libc::IPPROTO_IP, LOCAL_PORT_RANGE, (u32::from(high) << 16 | u32::from(low)).cast_signed())
}

fn set(socket: impl AsFd, level: libc::c_int, name: libc::c_int, value: libc::c_int) -> io::Result<()> {
    let length = size_of_val(&value) as libc::socklen_t;
    let socket = socket.as_fd().as_raw_fd();
    // SAFETY: the value is as long as is said and outlives the call.
    match unsafe { libc::setsockopt(socket, level, name, std::ptr::from_ref(&value).cast(), length) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// What `TCP_INFO` says of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpInfo {
    /// State, 1 is ESTABLISHED.
    pub state: u8,
    /// Retransmission timeouts in a row, `tcpi_retransmits`.
    pub retransmits: u8,
    /// Probes that were not answered, `tcpi_probes`.
    pub probes: u8,
    /// Doublings of the timeout, `tcpi_backoff`.
    pub backoff: u8,
    /// Retransmission timeout, µs.
    pub rto_us: u32,
    /// Smoothed round-trip time, µs.
    pub rtt_us: u32,
    /// All segments sent again.
    pub total_retrans: u32,
}

/// What the kernel says of a connection.
///
/// # Errors
/// It is not a TCP socket.
pub fn tcp_info(socket: impl AsFd) -> io::Result<TcpInfo> {
    let mut bytes = [0u8; 104];
    let mut length = bytes.len() as libc::socklen_t;
    let socket = socket.as_fd().as_raw_fd();
    // SAFETY: the kernel writes at most the length given.
    let done =
        unsafe { libc::getsockopt(socket, libc::IPPROTO_TCP, libc::TCP_INFO, bytes.as_mut_ptr().cast(), &mut length) };
    if done != 0 {
        return Err(io::Error::last_os_error());
    }
    // Where `struct tcp_info` has them; a kernel only ever adds at the end.
    let word = |at: usize| u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    Ok(TcpInfo {
        state: bytes[0],
        retransmits: bytes[2],
        probes: bytes[3],
        backoff: bytes[4],
        rto_us: word(8),
        rtt_us: word(68),
        total_retrans: word(100),
    })
}
