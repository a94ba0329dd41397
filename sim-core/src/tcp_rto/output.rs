//! Sending, and what the timer does when it goes off.

use super::model::{TcpRto, Wire};
use super::packets;
use super::sock::{CaState, Pending, Segment, Shot, State, Why, model_timeout_ms, ms, remember};
use super::tell;
use crate::model::Log;

/// Packets that may be out at the start (`TCP_INIT_CWND`; 3 before 2.6.39 is not modelled).
pub const INIT_CWND: u64 = 10;
/// Most packets that may ever be out here.
pub const MOST_CWND: u64 = 1000;

impl TcpRto {
    /// Time zero.
    pub(super) fn begin(&mut self, log: &mut Log) {
        match self.sock.state {
            State::Established => {
                // The handshake is past; its round trip is the first that was measured.
                let rtt = self.path.take() / 1000;
                (self.sock.snd_una, self.sock.snd_nxt, self.sock.write_seq) = (1, 1, 1);
                self.peer.rcv_nxt = 1;
                self.connected = Some(0);
                let (floor, most) = (self.floor_us(), self.rto_max_ms());
                self.sock.take_sample(rtt, floor, most);
                let sock = &self.sock;
                log.push(0, "sample", || tell::sample(rtt, sock));
            }
            State::SynSent | State::SynRecv => {
                self.sock.write_seq = 1;
                let answers = self.sock.state == State::SynRecv;
                if answers {
                    log.packet(|| packets::first_syn(self));
                    self.sock.counters.in_segs += 1;
                }
                self.sock.snd_nxt = 1;
                self.transmit(0, Why::First, log);
                let pending = if answers { Pending::SynAck } else { Pending::Retrans };
                self.sock.set_timer(0, pending, self.sock.rto);
                // Of a connection that is being made the time counts from its first SYN (tcp_connect).
                self.sock.retrans_stamp = (!answers).then_some(0);
                let timer = self.sock.timer;
                log.push(0, "syn", || tell::first_syn(answers, timer));
            }
            State::Close => {}
        }
    }

    /// Puts a packet on the wire.
    pub(super) fn transmit(&mut self, number: u64, why: Why, log: &mut Log) {
        let t = self.now;
        let segment = self.sock.segments.entry(number).or_insert(Segment {
            sent: t,
            transmissions: 0,
            sacked: false,
            lost: false,
            again: false,
        });
        segment.sent = t;
        segment.transmissions += 1;
        let transmission = segment.transmissions;
        if transmission > 1 {
            segment.again = segment.lost;
            self.sock.counters.retrans_segs += 1;
        } else {
            self.sock.counters.out_segs += 1;
        }
        log.packet(|| packets::sent(self, number));
        let rtt = self.path.take();
        let (there, back) = (rtt / 2, rtt - rtt / 2);
        let lost = self.path.loses(number, transmission);
        let arrives = (!lost).then(|| t + there);
        let answered = (!lost).then(|| t + rtt);
        remember(&mut self.shots, Shot { t, number, why, arrives, answered });
        if !lost {
            self.put(t + there, Wire::Packet(number, ms(t), back));
        }
    }

    /// Sends what was written as far as there is room (`net/ipv4/tcp_output.c: tcp_write_xmit`).
    pub(super) fn write_xmit(&mut self, log: &mut Log) {
        if self.sock.state != State::Established {
            return;
        }
        let mut sent = false;
        while self.sock.snd_nxt < self.sock.write_seq && self.sock.in_flight() < self.sock.cwnd {
            self.send_new(log);
            sent = true;
        }
        if sent {
            let (enabled, floor) = (self.scenario.tcp_early_retrans >= 3, self.floor_us());
            self.sock.schedule_loss_probe(self.now, enabled, floor, false);
        }
    }

    /// Sends the next packet for the first time (`tcp_event_new_data_sent`).
    fn send_new(&mut self, log: &mut Log) {
        let number = self.sock.snd_nxt;
        let first = self.sock.segments.is_empty();
        self.sock.snd_nxt += 1;
        self.transmit(number, Why::First, log);
        if first || self.sock.timer.is_some_and(|timer| timer.pending == Pending::LossProbe) {
            self.sock.rearm_rto(self.now);
        }
        let (t, sock) = (self.now, &self.sock);
        let lost = self.path.loses(number, 1);
        log.push(t, "send", || tell::sent(number, sock, lost));
    }

    /// The timer goes off (`net/ipv4/tcp_timer.c: tcp_write_timer_handler`).
    pub(super) fn write_timer(&mut self, log: &mut Log) {
        let Some(timer) = self.sock.timer else { return };
        self.sock.in_timer = true;
        match timer.pending {
            Pending::Retrans => self.retransmit_timer(log),
            Pending::LossProbe => self.send_loss_probe(log),
            Pending::Reorder => self.reo_timeout(log),
            Pending::SynAck => self.synack_timer(log),
        }
        self.sock.in_timer = false;
    }

    /// `net/ipv4/tcp_output.c: tcp_send_loss_probe`.
    fn send_loss_probe(&mut self, log: &mut Log) {
        let t = self.now;
        if self.sock.tlp_high_seq.is_none() {
            let fresh = self.sock.snd_nxt < self.sock.write_seq;
            let number = if fresh {
                let number = self.sock.snd_nxt;
                self.sock.snd_nxt += 1;
                Some(number)
            } else {
                self.sock.segments.keys().next_back().copied()
            };
            if let Some(number) = number {
                self.transmit(number, Why::Probe, log);
                self.sock.tlp_high_seq = Some((self.sock.snd_nxt, !fresh));
                self.sock.counters.loss_probes += 1;
                self.sock.timer = None;
                self.sock.rearm_rto(t);
                let (sock, lost) = (&self.sock, self.lost_now(number));
                log.push(t, "loss-probe", || tell::loss_probe(number, sock, lost));
                return;
            }
        }
        // One probe at a time: with another still unaccounted for, the timeout goes on counting from when
        // the packet was sent, and is due at once.
        self.sock.rearm_rto(t);
    }

    /// Whether the last transmission of a packet is lost.
    pub(super) fn lost_now(&self, number: u64) -> bool {
        self.sock.segments.get(&number).is_some_and(|segment| self.path.loses(number, segment.transmissions))
    }

    /// Whether the time for so many retries has passed since the first timeout sent something again
    /// (`net/ipv4/tcp_timer.c: retransmits_timed_out`).
    fn timed_out(&self, boundary: i64, user_timeout_ms: i64) -> bool {
        let Some(first) = self.sock.retrans_stamp.filter(|_| self.sock.retransmits > 0) else { return false };
        let limit = match u64::try_from(user_timeout_ms) {
            Ok(ms) if ms > 0 => ms,
            _ => self.limit_ms(boundary),
        };
        ms(self.now) - ms(first) >= limit
    }

    /// The time that so many retries stand for, ms.
    fn limit_ms(&self, boundary: i64) -> u64 {
        let base = if self.sock.state == State::SynSent { self.sock.rules.timeout_init_s * 1000 } else { 200 };
        model_timeout_ms(u64::try_from(boundary).unwrap_or(0), base, self.rto_max_ms())
    }

    /// Retries that hold for the socket as it is (`net/ipv4/tcp_timer.c: tcp_write_timeout`).
    pub(super) fn retry_until(&self) -> i64 {
        let s = &self.scenario;
        match self.sock.state {
            State::SynSent => s.tcp_syn_retries,
            _ if self.sock.orphan => {
                let alive = self.sock.rto < self.rto_max();
                if s.tcp_orphan_retries == 0 && alive { 8 } else { s.tcp_orphan_retries }
            }
            _ => s.tcp_retries2,
        }
    }

    /// Whether the connection is to be given up now.
    fn write_timeout(&self) -> bool {
        let retries = self.retry_until();
        let by_count = self.sock.state == State::SynSent && {
            let linear = if self.sock.rules.syn_linear { self.scenario.tcp_syn_linear_timeouts } else { 0 };
            self.sock.retransmits >= u64::try_from(retries + linear).unwrap_or(0)
        };
        by_count || self.timed_out(retries, self.scenario.user_timeout_ms)
    }

    /// `net/ipv4/tcp_timer.c: tcp_retransmit_timer`.
    fn retransmit_timer(&mut self, log: &mut Log) {
        self.sock.timer = None;
        let Some(head) = self.sock.segments.keys().next().copied() else { return };
        if self.write_timeout() {
            self.abort(log);
            return;
        }
        let t = self.now;
        self.sock.counters.timeouts += 1;
        self.enter_loss();
        self.sock.retransmits += 1;
        self.sock.total_rto += 1;
        self.sock.retrans_stamp.get_or_insert(t);
        self.transmit(head, Why::Timeout, log);
        let syn = self.sock.state == State::SynSent;
        if syn {
            self.sock.counters.syn_retrans += 1;
        } else {
            self.sock.counters.slow_start_retrans += 1;
        }
        let linear = if self.sock.rules.syn_linear { self.scenario.tcp_syn_linear_timeouts as u64 } else { 0 };
        if !syn || self.sock.total_rto > linear {
            self.sock.backoff += 1;
            self.sock.rto = self.sock.rto.saturating_mul(2).min(self.rto_max());
        }
        let ticks = self.clamped_rto();
        self.sock.set_timer(t, Pending::Retrans, ticks);
        let (sock, lost) = (&self.sock, self.lost_now(head));
        log.push(t, "rto", || tell::timeout(head, sock, lost));
    }

    /// The timeout, or less where a user timeout comes first
    /// (`net/ipv4/tcp_timer.c: tcp_clamp_rto_to_user_timeout`).
    fn clamped_rto(&self) -> u64 {
        let user = u64::try_from(self.scenario.user_timeout_ms).unwrap_or(0);
        let Some(first) = self.sock.retrans_stamp.filter(|_| user > 0 && self.sock.rules.clamps_to_user_timeout) else {
            return self.sock.rto;
        };
        match user.saturating_sub(ms(self.now) - ms(first)) {
            0 => 1,
            left => self.sock.rto.min(self.sock.clock.msecs_to_jiffies(left)),
        }
    }

    /// Everything that is out is taken to be lost (`net/ipv4/tcp_input.c: tcp_enter_loss`).
    fn enter_loss(&mut self) {
        let in_flight = self.sock.in_flight();
        for segment in self.sock.segments.values_mut().filter(|segment| !segment.sacked) {
            (segment.lost, segment.again) = (true, false);
        }
        if self.sock.ca_state != CaState::Loss {
            self.sock.ssthresh = (in_flight / 2).max(2);
        }
        self.sock.ca_state = CaState::Loss;
        self.sock.high_seq = self.sock.snd_nxt;
        self.sock.cwnd = 1;
    }

    /// `net/ipv4/tcp_recovery.c: tcp_rack_reo_timeout`.
    fn reo_timeout(&mut self, log: &mut Log) {
        if self.rack_detect_loss() {
            self.enter_recovery();
            self.retransmit_lost(1, log);
        }
        if self.sock.timer.is_none_or(|timer| timer.pending != Pending::Retrans) {
            self.sock.rearm_rto(self.now);
        }
    }

    /// `net/ipv4/inet_connection_sock.c: reqsk_timer_handler`.
    fn synack_timer(&mut self, log: &mut Log) {
        let t = self.now;
        if self.sock.retransmits >= u64::try_from(self.scenario.tcp_synack_retries).unwrap_or(0) {
            self.abort(log);
            return;
        }
        self.sock.counters.timeouts += 1;
        self.sock.retransmits += 1;
        self.transmit(0, Why::Timeout, log);
        self.sock.rto = self.sock.rto.saturating_mul(2).min(self.rto_max());
        self.sock.set_timer(t, Pending::SynAck, self.sock.rto);
        let (sock, lost) = (&self.sock, self.lost_now(0));
        log.push(t, "rto", || tell::timeout(0, sock, lost));
    }

    /// The application closes: what is left is the kernel's business (`net/ipv4/tcp.c: tcp_close`).
    pub(super) fn close(&mut self, log: &mut Log) {
        self.closed = true;
        let (t, left) = (self.now, self.sock.write_seq - self.sock.snd_una);
        log.push(t, "close", || tell::close(left));
        match self.sock.state {
            State::Established => {
                self.sock.orphan = true;
                self.sock.fin = Some(self.sock.write_seq);
                self.sock.write_seq += 1;
                self.write_xmit(log);
            }
            _ => {
                self.sock.state = State::Close;
                self.sock.timer = None;
            }
        }
    }
}
