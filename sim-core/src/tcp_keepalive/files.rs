//! The files the kernel would show, and the table of sockets.

use std::net::SocketAddrV4;

use super::model::TcpKeepalive;
use super::packets::{PEER, US};
use crate::MILLISECOND;
use crate::model::Files;

/// Every file of the model.
pub(super) fn all(model: &TcpKeepalive) -> Files {
    let s = &model.scenario;
    let mut files = Files::new();
    files.insert("/proc/net/netstat".into(), netstat(model));
    files.insert("/proc/net/snmp".into(), snmp(model));
    files.insert("/proc/net/tcp".into(), tcp(model));
    files.insert("@sockets/tcp".into(), sockets(model));
    files.insert("/proc/sys/kernel/osrelease".into(), format!("{}\n", s.kernel));
    for (name, value) in [
        ("tcp_keepalive_time", s.tcp_keepalive_time),
        ("tcp_keepalive_intvl", s.tcp_keepalive_intvl),
        ("tcp_keepalive_probes", s.tcp_keepalive_probes),
        ("tcp_retries2", s.tcp_retries2),
    ] {
        files.insert(format!("/proc/sys/net/ipv4/{name}").into(), format!("{value}\n"));
    }
    files
}

fn netstat(model: &TcpKeepalive) -> String {
    let aborts = u64::from(model.ended.is_some_and(|(_, how)| how == super::Ended::TimedOut));
    let (timeouts, probes, keepalives) = (model.timeouts, model.loss_probes, model.probes);
    format!(
        "TcpExt: TCPTimeouts TCPLossProbes TCPAbortOnTimeout TCPKeepAlive\n\
         TcpExt: {timeouts} {probes} {aborts} {keepalives}\n"
    )
}

fn snmp(model: &TcpKeepalive) -> String {
    let established = u64::from(model.ended.is_none());
    let resets = u64::from(model.ended.is_some_and(|(_, how)| how == super::Ended::Reset));
    let (received, sent, again) = (model.in_segs, model.out_segs, model.retrans_segs);
    format!(
        "Tcp: EstabResets CurrEstab InSegs OutSegs RetransSegs\n\
         Tcp: {resets} {established} {received} {sent} {again}\n"
    )
}

/// An address as the kernel prints it: the bytes of the address as one number of the machine's.
fn hex(address: SocketAddrV4) -> String {
    format!("{:08X}:{:04X}", u32::from_le_bytes(address.ip().octets()), address.port())
}

/// `net/ipv4/tcp_ipv4.c: get_tcp4_sock`, on a little-endian machine.
fn tcp(model: &TcpKeepalive) -> String {
    let heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
    let mut text = format!("{heading:<149}\n");
    if model.ended.is_some() {
        return text;
    }
    let (kind, at) = match (&model.retransmit, model.timer) {
        (Some(retransmit), _) => (1, Some(retransmit.at)),
        (None, Some(at)) => (2, Some(at)),
        (None, None) => (0, None),
    };
    // USER_HZ is 100 everywhere.
    let left = at.map_or(0, |at| at.saturating_sub(model.now) / (10 * MILLISECOND));
    let unacked = model.sent_bytes - model.acked_bytes;
    let retransmits = model.retransmit.as_ref().map_or(0, |r| r.count);
    let (local, remote, probes) = (hex(US), hex(PEER), model.probes_out);
    let line = format!(
        "   0: {local} {remote} 01 {unacked:08X}:00000000 {kind:02X}:{left:08X} {retransmits:08X}  1000 {probes:>8} 21034 2 0000000000000000 20 4 1 10 -1"
    );
    text.push_str(&format!("{line:<149}\n"));
    text
}

fn sockets(model: &TcpKeepalive) -> String {
    let mut table = "state local remote\n".to_owned();
    if model.ended.is_some() {
        return table;
    }
    let ms = |at: u64| at.saturating_sub(model.now) / MILLISECOND;
    let (timer, left, retrans) = match (&model.retransmit, model.timer) {
        (Some(retransmit), _) => ("on", ms(retransmit.at), retransmit.count),
        (None, Some(at)) => ("keepalive", ms(at), model.probes_out),
        (None, None) => ("off", 0, 0),
    };
    let (sendq, total) = (model.sent_bytes - model.acked_bytes, model.retrans_segs);
    let rtt = model.scenario.rtt_us;
    table.push_str(&format!(
        "ESTAB {US} {PEER} timer={timer} expires_ms={left} retrans={retrans} recvq=0 sendq={sendq} rtt_us={rtt} retrans_total={total}\n"
    ));
    table
}
