//! A connection over a line of our own that delays, loses, or goes dead.
//!
//! Client and server live in two network namespaces that this process makes; the kernel removes
//! them with all in them when it ends. Each has one interface (`tun`), and this process carries the
//! packets from one to the other, so no traffic leaves it.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use exercises::Load;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, sockopt};
use sim_core::Text;

use super::desk::{Desk, Trouble, cannot};
use super::tcp::arm;
use crate::workload::sys::net;

/// Addresses for documentation (RFC 5737): nobody has them.
const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
const PORT: u16 = 7000;
/// How long the connection may take to come about, beyond the line's delay.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a message.
const MESSAGE: [u8; 100] = [b'.'; 100];
/// Most packets under way; more are lost, as on any line.
const UNDER_WAY: usize = 4096;

/// What the line does.
struct Line {
    delay: Duration,
    lose_every: u32,
    dead: bool,
    ends: [OwnedFd; 2],
    under_way: VecDeque<(Instant, usize, Vec<u8>)>,
    data: u32,
    lost: u32,
}

/// Runs either kind.
pub fn run(desk: &mut Desk, load: Load) -> Result<(), Trouble> {
    let (lose_every, delay_ms, every_ms, silent_after) = match load {
        Load::LossyConnection { lose_every, delay_ms, every_ms } => (lose_every, delay_ms, every_ms, None),
        Load::SilentPeer { silent_after_s, every_ms, .. } => (0, 1, every_ms, Some(silent_after_s)),
        _ => return Ok(()),
    };
    let (server_end, listener) = server_side()?;
    let client_end = side(CLIENT, SERVER)?;
    let client = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, flags(), None)?;
    if let Load::SilentPeer { idle_s, interval_s, probes, .. } = load
        && idle_s > 0
    {
        arm(&client, idle_s, interval_s, probes)?;
    }
    match rustix::net::connect(&client, &SocketAddrV4::new(SERVER, PORT)) {
        Ok(()) | Err(Errno::INPROGRESS) => {}
        Err(error) => return Err(error.into()),
    }
    let line = Line {
        delay: Duration::from_millis(delay_ms.into()),
        lose_every,
        dead: false,
        ends: [client_end, server_end],
        under_way: VecDeque::new(),
        data: 0,
        lost: 0,
    };
    let mut talk = Talk { line, client, listener, server: None, sent: 0, echoed: 0, failed: None };
    let patience = Instant::now() + PATIENCE + 4 * talk.line.delay;
    while talk.server.is_none() {
        if Instant::now() > patience {
            return Err(Trouble::Broken(std::io::ErrorKind::TimedOut.into()));
        }
        talk.turn(patience)?;
    }
    desk.place("server", SERVER);
    desk.place("client", CLIENT);
    let until = desk.begin();
    talk.go(until, Duration::from_millis(every_ms.into()), silent_after)?.iter().for_each(|(name, value)| {
        desk.figure(name, *value);
    });
    Ok(())
}

fn flags() -> SocketFlags {
    SocketFlags::CLOEXEC | SocketFlags::NONBLOCK
}

/// One end: a namespace with one interface.
fn side(own: Ipv4Addr, other: Ipv4Addr) -> Result<OwnedFd, Trouble> {
    net::new_namespace().map_err(cannot(Text::fixed(
        "네트워크 네임스페이스를 만들 수 없습니다. root로 실행하십시오",
        "No network namespace can be made; run it as root",
    )))?;
    let line = net::line("probe0").map_err(cannot(Text::fixed(
        "네임스페이스 사이에 놓을 선(/dev/net/tun)을 쓸 수 없습니다",
        "The line between the namespaces (/dev/net/tun) cannot be used",
    )))?;
    let control = rustix::net::socket(AddressFamily::INET, SocketType::DGRAM, None)?;
    net::address("probe0", own, other, control).map_err(cannot(Text::fixed(
        "네임스페이스에 주소를 줄 수 없습니다",
        "The namespace cannot be given an address",
    )))?;
    Ok(line)
}

fn server_side() -> Result<(OwnedFd, OwnedFd), Trouble> {
    let end = side(SERVER, CLIENT)?;
    let listener = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, flags(), None)?;
    rustix::net::bind(&listener, &SocketAddrV4::new(SERVER, PORT))?;
    rustix::net::listen(&listener, 4)?;
    Ok((end, listener))
}

/// Both programs and the line between them.
struct Talk {
    line: Line,
    client: OwnedFd,
    listener: OwnedFd,
    server: Option<OwnedFd>,
    sent: u64,
    echoed: u64,
    failed: Option<(Instant, i32)>,
}

impl Talk {
    fn go(
        &mut self,
        until: Instant,
        every: Duration,
        silent_after: Option<u32>,
    ) -> Result<Vec<(&'static str, i64)>, Trouble> {
        let start = Instant::now();
        let silent = silent_after.map(|s| start + Duration::from_secs(s.into()));
        let mut next_message = (!every.is_zero()).then_some(start);
        let (mut longest_rto, mut last) = (0, net::TcpInfo::default());
        while Instant::now() < until {
            let now = Instant::now();
            self.line.dead = silent.is_some_and(|silent| now >= silent);
            if let Some(next) = next_message
                && now >= next
                && self.failed.is_none()
            {
                if rustix::net::send(&self.client, &MESSAGE, SendFlags::NOSIGNAL).is_ok() {
                    self.sent += 1;
                }
                next_message = Some(next + every);
            }
            if self.failed.is_none() {
                last = net::tcp_info(&self.client)?;
                longest_rto = longest_rto.max(last.rto_us);
            }
            let wake = [next_message.filter(|_| self.failed.is_none()), silent.filter(|_| !self.line.dead)];
            // Looks at the connection ten times a second in any case.
            let look = now + Duration::from_millis(100);
            let wake = wake.into_iter().flatten().chain([until, look]).min().unwrap_or(until);
            self.turn(wake)?;
        }
        let ms = |at: Instant| at.saturating_duration_since(silent.unwrap_or(start)).as_millis() as i64;
        let mut figures = vec![
            ("sent_count", self.sent as i64),
            ("echoed_bytes", self.echoed as i64),
            ("lost_count", i64::from(self.line.lost)),
            ("retransmitted_count", i64::from(last.total_retrans)),
            ("rtt_us", i64::from(last.rtt_us)),
            ("rto_us", i64::from(last.rto_us)),
            ("longest_rto_us", i64::from(longest_rto)),
            ("backoff_count", i64::from(last.backoff)),
            ("probes_count", i64::from(last.probes)),
        ];
        if let Some((at, errno)) = self.failed {
            figures.extend([("gave_up_after_ms", ms(at)), ("errno", i64::from(errno))]);
        }
        Ok(figures)
    }

    /// Waits until something happens or it is `wake`, and carries what there is to carry.
    fn turn(&mut self, wake: Instant) -> Result<(), Trouble> {
        let due = self.line.under_way.front().map(|(due, ..)| *due);
        let left = due.map_or(wake, |due| due.min(wake)).saturating_duration_since(Instant::now());
        // Rounded up to the millisecond in which a packet is late rather than early.
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        let mut fds = vec![
            PollFd::new(&self.line.ends[0], PollFlags::IN),
            PollFd::new(&self.line.ends[1], PollFlags::IN),
            PollFd::new(&self.listener, PollFlags::IN),
        ];
        if self.failed.is_none() {
            fds.push(PollFd::new(&self.client, PollFlags::IN));
        }
        fds.extend(self.server.as_ref().map(|server| PollFd::new(server, PollFlags::IN)));
        match rustix::event::poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        drop(fds);
        self.line.carry()?;
        if self.server.is_none() {
            self.server = rustix::net::accept_with(&self.listener, flags()).ok();
        }
        self.echo();
        self.hear();
        Ok(())
    }

    /// The server sends back whatever it gets.
    fn echo(&mut self) {
        let Some(server) = &self.server else { return };
        let mut buffer = [0u8; 4096];
        while let Ok((length, _)) = rustix::net::recv(server, buffer.as_mut_slice(), RecvFlags::DONTWAIT)
            && length > 0
        {
            let _ = rustix::net::send(server, &buffer[..length], SendFlags::NOSIGNAL | SendFlags::DONTWAIT);
        }
    }

    /// The client hears the echo, or that the connection is over.
    fn hear(&mut self) {
        if self.failed.is_some() || self.server.is_none() {
            return;
        }
        let mut buffer = [0u8; 4096];
        loop {
            match rustix::net::recv(&self.client, buffer.as_mut_slice(), RecvFlags::DONTWAIT) {
                Ok((0, _)) | Err(Errno::AGAIN) => return,
                Ok((length, _)) => self.echoed += length as u64,
                Err(error) => {
                    let _ = sockopt::socket_error(&self.client);
                    self.failed = Some((Instant::now(), error.raw_os_error()));
                    return;
                }
            }
        }
    }
}

impl Line {
    fn carry(&mut self) -> Result<(), Trouble> {
        let mut packet = [0u8; 2048];
        for from in 0..2 {
            loop {
                match rustix::io::read(&self.ends[from], &mut packet) {
                    Ok(length) => self.take(from, &packet[..length]),
                    Err(Errno::AGAIN) => break,
                    Err(Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        let now = Instant::now();
        while self.under_way.front().is_some_and(|(due, ..)| *due <= now) {
            if let Some((_, to, packet)) = self.under_way.pop_front()
                && !self.dead
            {
                let _ = rustix::io::write(&self.ends[to], &packet);
            }
        }
        Ok(())
    }

    /// A packet enters the line, or is lost.
    fn take(&mut self, from: usize, packet: &[u8]) {
        let Some(data) = tcp_data(packet) else { return };
        if from == 0 && data > 0 && !self.dead {
            self.data += 1;
            if self.lose_every > 0 && self.data.is_multiple_of(self.lose_every) {
                self.lost += 1;
                return;
            }
        }
        if !self.dead && self.under_way.len() < UNDER_WAY {
            self.under_way.push_back((Instant::now() + self.delay, 1 - from, packet.to_vec()));
        }
    }
}

/// Bytes of data in a TCP packet over IPv4; nothing if it is another.
fn tcp_data(packet: &[u8]) -> Option<usize> {
    const TCP: u8 = 6;
    let first = *packet.first()?;
    let header = usize::from(first & 15) * 4;
    if first >> 4 != 4 || *packet.get(9)? != TCP {
        return None;
    }
    let total = usize::from(u16::from_be_bytes([*packet.get(2)?, *packet.get(3)?]));
    let tcp = usize::from(*packet.get(header + 12)? >> 4) * 4;
    total.checked_sub(header + tcp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_told_from_the_rest() {
        let packet = |total: u16, offset: u8, protocol: u8, version: u8| {
            let mut packet = vec![0u8; 60];
            packet[0] = version << 4 | 5;
            packet[2..4].copy_from_slice(&total.to_be_bytes());
            packet[9] = protocol;
            packet[32] = offset << 4;
            packet
        };
        for (packet, data) in [
            (packet(40, 5, 6, 4), Some(0)),
            (packet(60, 5, 6, 4), Some(20)),
            (packet(52, 8, 6, 4), Some(0)),
            (packet(30, 8, 6, 4), None),
            (packet(60, 5, 17, 4), None),
            (packet(60, 5, 6, 6), None),
            (vec![0x45], None),
            (Vec::new(), None),
        ] {
            assert_eq!(tcp_data(&packet), data, "{packet:?}");
        }
    }
}
