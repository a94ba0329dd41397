//! Retransmission of one small message, as far as keepalive has to do with it. What it is in full is
//! the business of [`crate::tcp_rto`].

use crate::tcp_rto::model_timeout_ms;
use crate::timer::Jiffies;
use crate::{MILLISECOND, Nanos};

/// The timer of a message without an ACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retransmit {
    /// When it goes off.
    pub at: Nanos,
    /// Timeouts so far.
    pub count: u64,
    rto: u64,
    first: Option<Nanos>,
    probe: bool,
}

impl Retransmit {
    /// Set for a message that is sent now over a path whose round trip is steady.
    pub(super) fn armed(clock: &Jiffies, now: Nanos, rtt_us: u64, loss_probes: bool) -> Retransmit {
        let rto = clock.usecs_to_jiffies(rtt_us + 200_000);
        // A lone message is probed after twice the round trip and 200 ms, or with the timeout.
        Retransmit { at: clock.expiry(now, rto), count: 0, rto, first: None, probe: loss_probes }
    }

    /// Whether the connection is given up now.
    pub(super) fn given_up(&self, now: Nanos, retries2: u64, user_timeout_ms: u64) -> bool {
        let limit = if user_timeout_ms > 0 { user_timeout_ms } else { model_timeout_ms(retries2, 200, 120_000) };
        self.first.is_some_and(|first| now / MILLISECOND - first / MILLISECOND >= limit)
    }

    /// Sends again: as a loss probe the first time, if there are any, then doubling the wait. Whether it
    /// was a probe.
    pub(super) fn fire(&mut self, clock: &Jiffies, now: Nanos, user_timeout_ms: u64) -> bool {
        if std::mem::take(&mut self.probe) {
            self.at = clock.expiry_in_handler(now, self.rto);
            return true;
        }
        let first = *self.first.get_or_insert(now);
        self.count += 1;
        self.rto = (self.rto * 2).min(clock.msecs_to_jiffies(120_000));
        let gone = now / MILLISECOND - first / MILLISECOND;
        let ticks = match user_timeout_ms {
            0 => self.rto,
            limit => self.rto.min(clock.msecs_to_jiffies(limit.saturating_sub(gone)).max(1)),
        };
        self.at = clock.expiry_in_handler(now, ticks);
        false
    }
}
