//! The sending side of a connection as the kernel keeps it, and its one retransmission timer.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Rules;
use super::estimator::Estimator;
use crate::timer::Jiffies;
use crate::{MILLISECOND, Nanos};

/// What a socket is (`include/net/tcp_states.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A SYN is out.
    SynSent,
    /// A listener's answer to a SYN is out (`struct request_sock`).
    SynRecv,
    /// Connected.
    Established,
    /// Given up, or closed with everything acknowledged.
    Close,
}

/// What the timer is set for (`icsk_pending`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    /// To send again what is not acknowledged (`ICSK_TIME_RETRANS`).
    Retrans,
    /// To send a loss probe (`ICSK_TIME_LOSS_PROBE`).
    LossProbe,
    /// To look whether what was overtaken is lost (`ICSK_TIME_REO_TIMEOUT`).
    Reorder,
    /// To send a SYN+ACK again (`rsk_timer`).
    SynAck,
}

/// The timer of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// What for.
    pub pending: Pending,
    /// When it was set.
    pub set: Nanos,
    /// For how many ticks it was set.
    pub ticks: u64,
    /// When it goes off.
    pub at: Nanos,
}

/// What recovers lost packets (`icsk_ca_state`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaState {
    /// Nothing does.
    Open,
    /// Fast retransmission does (`TCP_CA_Recovery`).
    Recovery,
    /// The timeout does (`TCP_CA_Loss`).
    Loss,
}

/// A packet that was sent and not acknowledged in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// When it was sent last.
    pub sent: Nanos,
    /// How often it was sent.
    pub transmissions: u32,
    /// Whether the peer said that it has it (SACK).
    pub sacked: bool,
    /// Whether it is taken to be lost.
    pub lost: bool,
    /// Whether it was sent again since it was taken to be lost.
    pub again: bool,
}

/// Events of `/proc/net/snmp` and `/proc/net/netstat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// `OutSegs`: without what was sent again.
    pub out_segs: u64,
    /// `InSegs`.
    pub in_segs: u64,
    /// `RetransSegs`.
    pub retrans_segs: u64,
    /// `AttemptFails`.
    pub attempt_fails: u64,
    /// `TCPTimeouts`.
    pub timeouts: u64,
    /// `TCPLossProbes`.
    pub loss_probes: u64,
    /// `TCPLossProbeRecovery`.
    pub loss_probe_recovery: u64,
    /// `TCPFastRetrans`.
    pub fast_retrans: u64,
    /// `TCPSlowStartRetrans`.
    pub slow_start_retrans: u64,
    /// `TCPSackRecovery`.
    pub sack_recovery: u64,
    /// `TCPSynRetrans`.
    pub syn_retrans: u64,
    /// `TCPAbortOnTimeout`.
    pub abort_on_timeout: u64,
}

/// RACK's newest news (`tp->rack`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rack {
    /// When the newest packet known to have arrived was sent, and its number.
    pub newest: (Nanos, u64),
    /// Its round trip, µs.
    pub rtt_us: u64,
}

/// A socket.
#[derive(Clone, Debug)]
pub struct Sock {
    /// The kernel's rules.
    pub rules: Rules,
    /// Its clock.
    pub clock: Jiffies,
    /// What it is.
    pub state: State,
    /// The estimate.
    pub estimator: Estimator,
    /// The last sample, µs.
    pub last_rtt_us: u64,
    /// The least sample, µs.
    pub min_rtt_us: u64,
    /// Timeout, ticks (`icsk_rto`).
    pub rto: u64,
    /// How often it was doubled (`icsk_backoff`).
    pub backoff: u64,
    /// Timeouts since data was last acknowledged (`icsk_retransmits`), or SYN+ACKs sent again.
    pub retransmits: u64,
    /// Timeouts in all (`total_rto`).
    pub total_rto: u64,
    /// First number that is not acknowledged. 0 is the SYN, then come packets of data.
    pub snd_una: u64,
    /// First number that was never sent.
    pub snd_nxt: u64,
    /// First number that was not written.
    pub write_seq: u64,
    /// What is out, by number.
    pub segments: BTreeMap<u64, Segment>,
    /// The timer.
    pub timer: Option<Timer>,
    /// Whether it is its handler that runs.
    pub in_timer: bool,
    /// What recovers.
    pub ca_state: CaState,
    /// Recovery ends when this is acknowledged.
    pub high_seq: u64,
    /// Packets that may be out.
    pub cwnd: u64,
    /// From here on it grows slowly.
    pub ssthresh: u64,
    /// `snd_nxt` when the loss probe went out that nothing is known of yet, and whether it was sent
    /// before.
    pub tlp_high_seq: Option<(u64, bool)>,
    /// When a timeout first sent something again (`retrans_stamp`).
    pub retrans_stamp: Option<Nanos>,
    /// RACK.
    pub rack: Rack,
    /// Counters.
    pub counters: Counters,
    /// Whether the application has closed it.
    pub orphan: bool,
    /// Number of the FIN once it was written.
    pub fin: Option<u64>,
}

impl Sock {
    /// Packets that are thought to be on their way (`include/net/tcp.h: tcp_packets_in_flight`).
    pub fn in_flight(&self) -> u64 {
        self.segments.values().filter(|s| !s.sacked && (!s.lost || s.again)).count() as u64
    }

    /// Packets that the peer has beyond a gap.
    pub fn sacked_out(&self) -> u64 {
        self.segments.values().filter(|s| s.sacked).count() as u64
    }

    /// µs of the timeout.
    pub fn rto_us(&self) -> u64 {
        self.clock.jiffies_to_usecs(self.rto)
    }

    /// Smoothed round trip, µs.
    pub fn srtt_us(&self) -> u64 {
        self.usecs(self.estimator.srtt) >> 3
    }

    /// Units of the estimator as µs.
    pub fn usecs(&self, units: u64) -> u64 {
        if self.rules.microseconds { units } else { self.clock.jiffies_to_usecs(units) }
    }

    /// µs as units of the estimator.
    pub fn units(&self, us: u64) -> u64 {
        if self.rules.microseconds { us } else { (us * self.clock.hz / 1_000_000).max(1) }
    }

    /// Takes a measured round trip in and sets the timeout anew.
    pub fn take_sample(&mut self, us: u64, floor_us: u64, rto_max_ms: u64) {
        let (m, floor) = (self.units(us), self.units(floor_us));
        self.estimator.sample(m, floor, self.snd_una, self.snd_nxt);
        let rto = if self.rules.microseconds { self.estimator.rto(&self.clock) } else { self.estimator.sum() };
        self.rto = rto.min(self.clock.msecs_to_jiffies(rto_max_ms)).max(1);
        self.backoff = 0;
        self.last_rtt_us = us;
        self.min_rtt_us = if self.min_rtt_us == 0 { us } else { self.min_rtt_us.min(us) };
    }

    /// Sets the timer (`inet_csk_reset_xmit_timer`).
    pub fn set_timer(&mut self, now: Nanos, pending: Pending, ticks: u64) {
        let at = if self.in_timer { self.clock.expiry_in_handler(now, ticks) } else { self.clock.expiry(now, ticks) };
        self.timer = Some(Timer { pending, set: now, ticks, at });
    }

    /// When the first packet out was sent last, and how long from now until its timeout, µs; negative
    /// once that has passed (`include/net/tcp.h: tcp_rto_delta_us`).
    fn rto_delta_us(&self, now: Nanos) -> i64 {
        let sent = self.segments.values().next().map_or(now, |head| head.sent);
        (sent / 1000 + self.rto_us()) as i64 - (now / 1000) as i64
    }

    /// Sets the timer for the timeout (`net/ipv4/tcp_input.c: tcp_rearm_rto`).
    pub fn rearm_rto(&mut self, now: Nanos) {
        if self.segments.is_empty() {
            self.timer = None;
            return;
        }
        let was = self.timer.map(|timer| timer.pending);
        let ticks = match was {
            // What has passed since the first packet was sent counts.
            Some(Pending::LossProbe | Pending::Reorder) => {
                self.clock.usecs_to_jiffies(self.rto_delta_us(now).max(1) as u64)
            }
            _ => self.rto,
        };
        self.set_timer(now, Pending::Retrans, ticks);
    }

    /// Sets the timer for a loss probe, if there is to be one
    /// (`net/ipv4/tcp_output.c: tcp_schedule_loss_probe`).
    pub fn schedule_loss_probe(&mut self, now: Nanos, enabled: bool, floor_us: u64, advancing: bool) -> bool {
        let wanted = enabled && self.rules.loss_probes && self.state == State::Established;
        if !wanted || self.segments.is_empty() || self.ca_state != CaState::Open || self.sacked_out() > 0 {
            return false;
        }
        let mut ticks = if self.estimator.srtt == 0 {
            self.clock.usecs_to_jiffies(self.rules.timeout_init_s * 1_000_000)
        } else {
            let twice = self.usecs(self.estimator.srtt) >> 2;
            let lone = self.segments.len() == 1;
            match (lone, self.rules.probe_margin_us) {
                (true, _) => self.clock.usecs_to_jiffies(twice + floor_us),
                (false, true) => self.clock.usecs_to_jiffies(twice + 2000),
                (false, false) => self.clock.usecs_to_jiffies(twice) + 2,
            }
        };
        let rto_us = if advancing { self.rto_us() as i64 } else { self.rto_delta_us(now) };
        if rto_us > 0 {
            ticks = ticks.min(self.clock.usecs_to_jiffies(rto_us as u64));
        }
        self.set_timer(now, Pending::LossProbe, ticks);
        true
    }
}

/// How long a connection is held on to for `boundary` retries from a timeout of `base_ms`, ms
/// (`net/ipv4/tcp_timer.c: tcp_model_timeout`).
pub fn model_timeout_ms(boundary: u64, base_ms: u64, max_ms: u64) -> u64 {
    let thresh = u64::from((max_ms / base_ms.max(1)).max(1).ilog2());
    let doubled = |n: u64| ((2_u64 << n.min(40)) - 1).saturating_mul(base_ms);
    if boundary <= thresh { doubled(boundary) } else { doubled(thresh) + (boundary - thresh).saturating_mul(max_ms) }
}

/// Ms of the kernel's clock, as retransmission is timed by.
pub fn ms(t: Nanos) -> u64 {
    t / MILLISECOND
}

/// The receiving side: what it has, and what it would answer.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    /// First number that is missing (`rcv_nxt`).
    pub rcv_nxt: u64,
    /// What came beyond it.
    pub beyond: BTreeSet<u64>,
    /// Time stamp that is echoed (`ts_recent`), ms.
    pub ts_recent: u64,
}

/// What an acknowledgment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// First number that is missing.
    pub ack: u64,
    /// What came beyond it.
    pub beyond: Vec<u64>,
    /// Echoed time stamp, ms.
    pub tsecr: u64,
}

impl Peer {
    /// A packet arrives; answers at once.
    pub fn receive(&mut self, number: u64, tsval: u64) -> Ack {
        if number <= self.rcv_nxt {
            self.ts_recent = self.ts_recent.max(tsval);
        }
        if number >= self.rcv_nxt {
            self.beyond.insert(number);
        }
        while self.beyond.remove(&self.rcv_nxt) {
            self.rcv_nxt += 1;
        }
        Ack { ack: self.rcv_nxt, beyond: self.beyond.iter().copied().collect(), tsecr: self.ts_recent }
    }
}

/// Why something was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// For the first time.
    First,
    /// As a loss probe.
    Probe,
    /// The timer went off.
    Timeout,
    /// The peer has what was sent after it.
    Fast,
    /// After a timeout, as there is room.
    SlowStart,
}

/// A packet as a picture shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shot {
    /// When it was sent.
    pub t: Nanos,
    /// Its number.
    pub number: u64,
    /// Why.
    pub why: Why,
    /// When it arrives; `None` for one that is lost.
    pub arrives: Option<Nanos>,
    /// When its acknowledgment comes back.
    pub answered: Option<Nanos>,
}

/// Most packets that a picture remembers.
pub const SHOTS: usize = 40;

/// Adds to a list that forgets its beginning.
pub fn remember<T>(list: &mut VecDeque<T>, one: T) {
    if list.len() == SHOTS {
        list.pop_front();
    }
    list.push_back(one);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_stand_for_a_time() {
        for (boundary, base, want) in [
            (3, 200, 3000),
            (5, 200, 12_600),
            (8, 200, 102_200),
            (9, 200, 204_600),
            (10, 200, 324_600),
            (15, 200, 924_600),
            (6, 1000, 127_000),
        ] {
            assert_eq!(model_timeout_ms(boundary, base, 120_000), want, "{boundary} from {base}");
        }
        assert_eq!(model_timeout_ms(255, 0, 0), 0);
    }

    #[test]
    fn a_peer_answers_with_what_is_missing() {
        let mut peer = Peer::default();
        let seen: Vec<_> = [0, 1, 3, 4, 4, 2, 0]
            .iter()
            .map(|n| peer.receive(*n, *n + 10))
            .map(|a| (a.ack, a.beyond, a.tsecr))
            .collect();
        let want = [
            (1, vec![], 10),
            (2, vec![], 11),
            (2, vec![3], 11),
            (2, vec![3, 4], 11),
            (2, vec![3, 4], 11),
            (5, vec![], 12),
            (5, vec![], 12),
        ];
        assert_eq!(seen, want);
    }
}
