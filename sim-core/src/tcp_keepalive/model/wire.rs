//! What the connection puts on the wire, how far it gets, and what comes back.

use super::{Coming, End, Ended, Kind, SHOTS, Shot, TcpKeepalive};
use crate::tcp_keepalive::retransmit::Retransmit;
use crate::tcp_keepalive::scenario::{By, Forgotten};
use crate::tcp_keepalive::{packets, tell};
use crate::{Log, Nanos};

impl TcpKeepalive {
    /// Puts a packet of this end on the wire; whatever answers it is on its way then.
    pub(super) fn emit(&mut self, kind: Kind, log: &mut Log) {
        self.out_segs += 1;
        log.packet(|| packets::ours(self, kind));
        let end = self.passes();
        self.remember(By::Us, kind, end);
        let rtt = self.rtt();
        let answer = match (end, kind) {
            (_, Kind::Reset) => None,
            (End::AtTheBox, _) => (self.scenario.forgotten == Forgotten::Resets).then_some(Coming::Reset),
            (End::Nowhere, _) => None,
            (End::Arrived, Kind::Ack) if self.known => None,
            (End::Arrived, _) if self.known => Some(Coming::Ack),
            (End::Arrived, _) => Some(Coming::Reset),
        };
        if let Some(answer) = answer {
            self.put(rtt, answer);
        }
    }

    pub(super) fn rtt(&self) -> Nanos {
        u64::try_from(self.scenario.rtt_us).unwrap_or(0) * 1000
    }

    fn put(&mut self, after: Nanos, coming: Coming) {
        self.coming.insert((self.now + after, self.order), coming);
        self.order += 1;
    }

    /// How far a packet gets that is sent now.
    fn passes(&mut self) -> End {
        if self.scenario.box_idle_s > 0 {
            if self.seen_by_box.is_none() {
                return End::AtTheBox;
            }
            self.seen_by_box = Some(self.now);
        }
        if self.vanished { End::Nowhere } else { End::Arrived }
    }

    pub(super) fn remember(&mut self, by: By, kind: Kind, end: End) {
        if self.shots.len() == SHOTS {
            self.shots.pop_front();
        }
        self.shots.push_back(Shot { t: self.now, by, kind, end });
    }

    pub(super) fn send(&mut self, by: By, log: &mut Log) {
        let t = self.now;
        match by {
            By::Us => {
                self.sent_bytes += packets::MESSAGE;
                self.emit(Kind::Data, log);
                let (clock, rtt) = (self.clock, self.scenario.rtt_us as u64);
                self.retransmit.get_or_insert_with(|| Retransmit::armed(&clock, t, rtt, self.rules.loss_probes));
                log.push(t, "send", tell::send);
            }
            By::Peer => {
                if self.vanished || !self.known {
                    return;
                }
                let end = self.passes();
                self.remember(By::Peer, Kind::Data, end);
                if end == End::Arrived {
                    self.put(self.rtt() / 2, Coming::Data);
                } else if self.scenario.forgotten == Forgotten::Resets {
                    // The RST goes to the peer: this end hears nothing, and the connection is known to it alone.
                    self.known = false;
                }
                log.push(t, "peer-send", || tell::peer_send(end));
            }
        }
    }

    pub(super) fn receive(&mut self, log: &mut Log) {
        let Some((_, coming)) = self.coming.pop_first() else { return };
        if self.ended.is_some() {
            return;
        }
        let t = self.now;
        self.in_segs += 1;
        let quiet = t - self.heard;
        match coming {
            Coming::Reset => {
                log.packet(|| packets::theirs(self, Kind::Reset));
                log.push(t, "reset", tell::reset);
                self.end(Ended::Reset);
            }
            Coming::Ack | Coming::Data => {
                let (probes, data) = (self.probes_out, coming == Coming::Data);
                log.packet(|| packets::theirs(self, if data { Kind::Data } else { Kind::Ack }));
                self.heard = t;
                self.probes_out = 0;
                if data {
                    self.received_bytes += packets::MESSAGE;
                    self.emit(Kind::Ack, log);
                } else {
                    self.remember(By::Peer, Kind::Ack, End::Arrived);
                    if self.scenario.box_idle_s > 0 && self.seen_by_box.is_some() {
                        self.seen_by_box = Some(t);
                    }
                    self.acked_bytes = self.sent_bytes;
                    self.retransmit = None;
                }
                log.push(t, if data { "receive" } else { "ack" }, || tell::heard(data, probes, quiet));
            }
        }
    }
}
