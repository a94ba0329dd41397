//! The files the kernel would show, and the table of sockets.

use super::model::TcpRto;
use super::packets::{MSS, ends};
use super::sock::{Pending, State};
use crate::MILLISECOND;
use crate::model::Files;

/// Every file of the model.
pub(super) fn all(model: &TcpRto) -> Files {
    let s = &model.scenario;
    let rules = model.sock.rules;
    let mut files = Files::new();
    files.insert("/proc/net/netstat".into(), netstat(model));
    files.insert("/proc/net/snmp".into(), snmp(model));
    files.insert("@sockets/tcp".into(), sockets(model));
    files.insert("/proc/sys/kernel/osrelease".into(), format!("{}\n", s.kernel));
    let mut sysctl = |name: &str, value: i64| {
        files.insert(format!("/proc/sys/net/ipv4/{name}").into(), format!("{value}\n"));
    };
    sysctl("tcp_syn_retries", s.tcp_syn_retries);
    sysctl("tcp_synack_retries", s.tcp_synack_retries);
    sysctl("tcp_retries2", s.tcp_retries2);
    sysctl("tcp_orphan_retries", s.tcp_orphan_retries);
    sysctl("tcp_timestamps", s.tcp_timestamps);
    if rules.loss_probes {
        sysctl("tcp_early_retrans", s.tcp_early_retrans);
    }
    if rules.syn_linear {
        sysctl("tcp_syn_linear_timeouts", s.tcp_syn_linear_timeouts);
    }
    if rules.rto_min_sysctl {
        sysctl("tcp_rto_min_us", s.tcp_rto_min_us);
    }
    if rules.rto_max_sysctl {
        sysctl("tcp_rto_max_ms", s.tcp_rto_max_ms);
    }
    files
}

/// A group of counters: a line of names, a line of figures (`net/ipv4/proc.c: netstat_seq_show`).
fn group(name: &str, counters: &[(&str, u64)]) -> String {
    let names: String = counters.iter().map(|(name, _)| format!(" {name}")).collect();
    let values: String = counters.iter().map(|(_, value)| format!(" {value}")).collect();
    format!("{name}:{names}\n{name}:{values}\n")
}

fn netstat(model: &TcpRto) -> String {
    let c = model.sock.counters;
    let mut counters = vec![
        ("TCPSackRecovery", c.sack_recovery),
        ("TCPFastRetrans", c.fast_retrans),
        ("TCPSlowStartRetrans", c.slow_start_retrans),
        ("TCPTimeouts", c.timeouts),
    ];
    if model.sock.rules.loss_probes {
        counters.extend([("TCPLossProbes", c.loss_probes), ("TCPLossProbeRecovery", c.loss_probe_recovery)]);
    }
    counters.extend([("TCPAbortOnTimeout", c.abort_on_timeout), ("TCPSynRetrans", c.syn_retrans)]);
    group("TcpExt", &counters)
}

fn snmp(model: &TcpRto) -> String {
    let (c, started) = (model.sock.counters, model.scenario.start);
    let established = u64::from(model.sock.state == State::Established);
    group(
        "Tcp",
        &[
            ("ActiveOpens", u64::from(started == super::Start::SynSent)),
            ("PassiveOpens", u64::from(started == super::Start::SynRecv)),
            ("AttemptFails", c.attempt_fails),
            ("CurrEstab", established),
            ("InSegs", c.in_segs),
            ("OutSegs", c.out_segs),
            ("RetransSegs", c.retrans_segs),
        ],
    )
}

fn sockets(model: &TcpRto) -> String {
    let mut table = "state local remote\n".to_owned();
    let sock = &model.sock;
    let state = match (sock.state, sock.orphan) {
        (State::SynSent, _) => "SYN-SENT",
        (State::SynRecv, _) => "SYN-RECV",
        (State::Established, false) => "ESTAB",
        (State::Established, true) => "FIN-WAIT-1",
        (State::Close, _) => return table,
    };
    let (local, remote) = ends(model);
    let (timer, left) = match sock.timer {
        Some(timer) => ("on", timer.at.saturating_sub(model.now) / MILLISECOND),
        None => ("off", 0),
    };
    let probing = sock.timer.is_some_and(|timer| timer.pending == Pending::LossProbe);
    let retrans = if probing { 0 } else { sock.retransmits };
    let sendq = (sock.write_seq - sock.snd_una) * MSS;
    let line =
        format!("{state} {local} {remote} timer={timer} expires_ms={left} retrans={retrans} recvq=0 sendq={sendq}");
    table.push_str(&line);
    if sock.state != State::SynRecv {
        let (rto, rtt, var) = (sock.rto_us(), sock.srtt_us(), sock.usecs(sock.estimator.mdev) >> 2);
        let (cwnd, unacked, backoff) = (sock.cwnd, sock.segments.len(), sock.backoff);
        let ssthresh = sock.ssthresh.min(i32::MAX as u64);
        let lost = sock.segments.values().filter(|s| s.lost && !s.sacked).count();
        let total = sock.counters.retrans_segs;
        table.push_str(&format!(
            " rto_us={rto} rtt_us={rtt} rttvar_us={var} ato_us=0 mss={MSS} cwnd={cwnd} ssthresh={ssthresh} \
             retrans_total={total} lost={lost} unacked={unacked} backoff={backoff}"
        ));
    }
    table.push('\n');
    table
}
