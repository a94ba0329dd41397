//! What an acknowledgment brings (`net/ipv4/tcp_input.c: tcp_ack`).

use super::model::TcpRto;
use super::output::MOST_CWND;
use super::sock::{Ack, CaState, Pending, State, Why, ms};
use super::{packets, tell};
use crate::model::Log;

/// What an acknowledgment newly told.
#[derive(Default)]
struct News {
    /// Packets newly known to have arrived.
    delivered: u64,
    /// Whether data was acknowledged in order.
    advanced: bool,
    /// Whether something that was sent twice was.
    retrans_acked: bool,
    /// Round trip of the first packet in order that was sent once, µs.
    seq_rtt_us: Option<u64>,
    /// The same of the first packet beyond a gap.
    sack_rtt_us: Option<u64>,
}

impl TcpRto {
    pub(super) fn tcp_ack(&mut self, ack: &Ack, log: &mut Log) {
        log.packet(|| packets::received(self, ack));
        self.sock.counters.in_segs += 1;
        if self.sock.state == State::Close {
            return;
        }
        let news = self.clean_rtx_queue(ack);
        let t = self.now;
        if news.advanced {
            self.sock.retransmits = 0;
        }
        self.update_rtt(&news, ack, log);
        if news.advanced && matches!(self.sock.state, State::SynSent | State::SynRecv) {
            self.established(log);
        }
        self.process_tlp_ack(ack);
        let mut set_timer = news.advanced;
        let budget = self.fastretrans_alert(&news, &mut set_timer);
        if set_timer {
            let (enabled, floor) = (self.scenario.tcp_early_retrans >= 3, self.floor_us());
            if !self.sock.schedule_loss_probe(t, enabled, floor, true) {
                self.sock.rearm_rto(t);
            }
        }
        let (sock, delivered) = (&self.sock, news.delivered);
        log.push(t, "ack", || tell::ack(delivered, sock));
        self.answered(log);
        self.retransmit_lost(budget, log);
        self.write_xmit(log);
        let done = self.sock.fin.is_some_and(|fin| self.sock.snd_una > fin);
        if done {
            self.sock.state = State::Close;
            self.sock.timer = None;
        }
    }

    /// `tcp_sacktag_write_queue` and `tcp_clean_rtx_queue`.
    fn clean_rtx_queue(&mut self, ack: &Ack) -> News {
        let mut news = News::default();
        let now = self.now;
        let us = |sent| (now - sent) / 1000;
        for number in &ack.beyond {
            let Some(segment) = self.sock.segments.get_mut(number).filter(|segment| !segment.sacked) else { continue };
            segment.sacked = true;
            news.delivered += 1;
            let segment = *segment;
            if segment.transmissions == 1 {
                news.sack_rtt_us.get_or_insert(us(segment.sent));
            }
            self.rack_advance(segment.sent, *number, segment.transmissions > 1);
        }
        while let Some((&number, &segment)) = self.sock.segments.first_key_value().filter(|(n, _)| **n < ack.ack) {
            self.sock.segments.remove(&number);
            news.advanced = true;
            if segment.transmissions > 1 {
                news.retrans_acked = true;
            } else if !segment.sacked {
                news.seq_rtt_us.get_or_insert(us(segment.sent));
            }
            if !segment.sacked {
                news.delivered += 1;
                self.rack_advance(segment.sent, number, segment.transmissions > 1);
            }
        }
        self.sock.snd_una = self.sock.snd_una.max(ack.ack);
        if news.retrans_acked {
            // Which transmission was answered is not known (Karn).
            news.seq_rtt_us = None;
        }
        news
    }

    /// `tcp_ack_update_rtt`.
    fn update_rtt(&mut self, news: &News, ack: &Ack, log: &mut Log) {
        let stamped = self.scenario.tcp_timestamps != 0 && news.advanced;
        let by_stamp = stamped.then(|| (ms(self.now).saturating_sub(ack.tsecr)).max(1) * 1000);
        let Some(us) = news.seq_rtt_us.or(news.sack_rtt_us).or(by_stamp) else { return };
        let (floor, most) = (self.floor_us(), self.rto_max_ms());
        self.sock.take_sample(us, floor, most);
        let (t, sock) = (self.now, &self.sock);
        log.push(t, "sample", || tell::sample(us, sock));
    }

    fn established(&mut self, log: &mut Log) {
        let t = self.now;
        self.sock.state = State::Established;
        self.sock.timer = None;
        self.sock.retrans_stamp = None;
        self.sock.ca_state = CaState::Open;
        self.sock.cwnd = super::output::INIT_CWND;
        self.connected = Some(t);
        log.push(t, "connected", || tell::connected(t));
        if self.scenario.start == super::Start::SynSent {
            log.packet(|| packets::pure_ack(self));
            self.sock.counters.out_segs += 1;
        }
    }

    /// `tcp_process_tlp_ack`.
    fn process_tlp_ack(&mut self, ack: &Ack) {
        let Some((high, again)) = self.sock.tlp_high_seq.filter(|(high, _)| ack.ack >= *high) else { return };
        if !again {
            self.sock.tlp_high_seq = None;
        } else if ack.ack > high {
            self.sock.tlp_high_seq = None;
            self.sock.counters.loss_probe_recovery += 1;
        }
    }

    /// What is newest of what arrived (`net/ipv4/tcp_recovery.c: tcp_rack_advance`).
    fn rack_advance(&mut self, sent: u64, number: u64, again: bool) {
        let rtt_us = (self.now - sent) / 1000;
        // It may be the answer to an earlier transmission.
        if again && rtt_us < self.sock.min_rtt_us {
            return;
        }
        if (sent, number) >= self.sock.rack.newest {
            self.sock.rack.newest = (sent, number);
            self.sock.rack.rtt_us = rtt_us;
        }
    }

    /// Takes to be lost what was overtaken long enough ago; sets a timer for what was not. Whether
    /// something is newly lost (`net/ipv4/tcp_recovery.c: tcp_rack_detect_loss`).
    pub(super) fn rack_detect_loss(&mut self) -> bool {
        let sock = &mut self.sock;
        let at_once = sock.ca_state != CaState::Open || sock.segments.values().filter(|s| s.sacked).count() >= 3;
        let window = if at_once { 0 } else { (sock.min_rtt_us / 4).min(sock.srtt_us()) };
        let (newest, limit, now) = (sock.rack.newest, sock.rack.rtt_us + window, self.now);
        let (mut found, mut wait) = (false, 0);
        for (number, segment) in sock.segments.iter_mut().filter(|(_, s)| !s.sacked && (!s.lost || s.again)) {
            if (segment.sent, *number) >= newest {
                continue;
            }
            let gone = (now - segment.sent) / 1000;
            if gone >= limit {
                (segment.lost, segment.again, found) = (true, false, true);
            } else {
                wait = wait.max(limit - gone);
            }
        }
        if wait > 0 {
            let ticks = sock.clock.usecs_to_jiffies(wait + 2000);
            sock.set_timer(now, Pending::Reorder, ticks);
        }
        found
    }

    pub(super) fn enter_recovery(&mut self) {
        if self.sock.ca_state == CaState::Open {
            self.sock.ca_state = CaState::Recovery;
            self.sock.high_seq = self.sock.snd_nxt;
            self.sock.ssthresh = (self.sock.cwnd / 2).max(2);
            self.sock.counters.sack_recovery += 1;
        }
    }

    /// Decides what to send again; how many packets of it at most (`tcp_fastretrans_alert`).
    fn fastretrans_alert(&mut self, news: &News, set_timer: &mut bool) -> u64 {
        if self.sock.ca_state != CaState::Open && self.sock.snd_una >= self.sock.high_seq {
            self.sock.ca_state = CaState::Open;
            self.sock.retrans_stamp = None;
            self.sock.cwnd = self.sock.cwnd.max(self.sock.ssthresh.min(MOST_CWND));
        }
        if self.sock.sacked_out() > 0 || self.sock.ca_state != CaState::Open {
            let before = self.sock.timer;
            if self.rack_detect_loss() && self.sock.ca_state == CaState::Open {
                self.enter_recovery();
            }
            let reordering = self.sock.timer.is_some_and(|timer| timer.pending == Pending::Reorder);
            *set_timer &= self.sock.timer == before || !reordering;
        }
        match self.sock.ca_state {
            CaState::Open => {
                if self.sock.cwnd < self.sock.ssthresh {
                    self.sock.cwnd = (self.sock.cwnd + news.delivered).min(MOST_CWND);
                }
                0
            }
            CaState::Loss => {
                self.sock.cwnd = (self.sock.cwnd + news.delivered).min(self.sock.ssthresh.min(MOST_CWND)).max(1);
                self.sock.cwnd.saturating_sub(self.sock.in_flight())
            }
            // Proportional rate reduction, at its lower bound.
            CaState::Recovery => news.delivered.max(1) + u64::from(news.advanced),
        }
    }

    /// Sends lost packets again, the first ones first (`tcp_xmit_retransmit_queue`).
    pub(super) fn retransmit_lost(&mut self, most: u64, log: &mut Log) {
        let lost = self.sock.segments.iter().filter(|(_, s)| s.lost && !s.again && !s.sacked);
        let numbers: Vec<u64> = lost.map(|(number, _)| *number).take(most as usize).collect();
        let t = self.now;
        for number in numbers {
            let why = if self.sock.ca_state == CaState::Loss { Why::SlowStart } else { Why::Fast };
            match why {
                Why::Fast => self.sock.counters.fast_retrans += 1,
                _ => self.sock.counters.slow_start_retrans += 1,
            }
            let head = self.sock.segments.keys().next() == Some(&number);
            self.sock.retrans_stamp.get_or_insert(t);
            self.transmit(number, why, log);
            if head && self.sock.timer.is_none_or(|timer| timer.pending != Pending::Reorder) {
                self.sock.set_timer(t, Pending::Retrans, self.sock.rto);
            }
            let lost = self.lost_now(number);
            let kind = if why == Why::Fast { "fast-retransmit" } else { "retransmit" };
            log.push(t, kind, || tell::again(number, why, lost));
        }
    }
}
