//! Weight raising of interactive and soft real-time queues, and the bursts that are excepted.

use super::Bfq;
use super::queue::{LONG_AGO, Q};

/// How much more weight (`bfq_wr_coeff`).
pub(super) const WR_COEFF: u32 = 30;
/// How much more again for soft real time (`BFQ_SOFTRT_WEIGHT_FACTOR`).
const SOFTRT_FACTOR: u32 = 100;
/// Most sectors a second of a soft real-time queue.
const MAX_SOFTRT_RATE: i64 = 7000;
/// Sectors after which an interactive boost ends (`max_service_from_wr`).
const MAX_SERVICE: u64 = 120_000;
/// Queues made within [`BURST_MS`] that make a large burst.
const LARGE_BURST: u32 = 8;
const BURST_MS: i64 = 180;

impl Bfq {
    /// `bfq_wr_rt_max_time`.
    pub(super) fn wr_rt_max_time(&self) -> i64 {
        self.ms(300)
    }

    /// `bfq_wr_min_idle_time`.
    pub(super) fn wr_min_idle_time(&self) -> i64 {
        self.ms(2000)
    }

    /// Ticks an interactive boost lasts (`bfq_wr_duration`).
    pub(super) fn wr_duration(&self) -> i64 {
        let ticks = self.rate.product / u64::from(self.rate.peak.max(1));
        i64::try_from(ticks).unwrap_or(i64::MAX).clamp(self.ms(3000), self.ms(25_000))
    }

    fn back_to_interactive(&mut self, q: Q) {
        let duration = self.wr_duration();
        let queue = &mut self.queues[q];
        queue.wr_coeff = WR_COEFF;
        queue.wr_cur_max_time = duration;
        queue.last_wr_start_finish = queue.wr_start_at_switch_to_srt;
    }

    /// `bfq_bfqq_end_wr`.
    pub(super) fn end_wr(&mut self, q: Q) {
        let (tick, rt) = (self.tick, self.wr_rt_max_time());
        let queue = &mut self.queues[q];
        if queue.wr_cur_max_time != rt {
            queue.soft_rt_next_start = tick;
        }
        if queue.busy {
            self.wr_busy = self.wr_busy.saturating_sub(1);
        }
        queue.wr_coeff = 1;
        queue.wr_cur_max_time = 0;
        queue.last_wr_start_finish = tick;
        queue.prio_changed = true;
    }

    /// A request arrives at an idle queue (`bfq_update_bfqq_wr_on_rq_arrival`).
    pub(super) fn wr_on_arrival(&mut self, q: Q, old: u32, deserves: bool, interactive: bool, soft_rt: bool) {
        let (tick, duration, rt, least) = (self.tick, self.wr_duration(), self.wr_rt_max_time(), self.least_budget());
        let queue = &mut self.queues[q];
        if old == 1 && deserves {
            if interactive {
                queue.service_from_wr = 0;
                queue.wr_coeff = WR_COEFF;
                queue.wr_cur_max_time = duration;
            } else {
                queue.wr_start_at_switch_to_srt = LONG_AGO;
                queue.wr_coeff = WR_COEFF * SOFTRT_FACTOR;
                queue.wr_cur_max_time = rt;
            }
            queue.budget = queue.budget.min(2 * least);
        } else if old > 1 {
            if interactive {
                queue.wr_coeff = WR_COEFF;
                queue.wr_cur_max_time = duration;
            } else if queue.in_large_burst {
                queue.wr_coeff = 1;
            } else if soft_rt {
                if queue.wr_cur_max_time != rt {
                    queue.wr_start_at_switch_to_srt = queue.last_wr_start_finish;
                    queue.wr_cur_max_time = rt;
                    queue.wr_coeff = WR_COEFF * SOFTRT_FACTOR;
                }
                queue.last_wr_start_finish = tick;
            }
        }
    }

    /// Whether a boost has run out (`bfq_update_wr_data`).
    pub(super) fn update_wr(&mut self, q: Q) {
        let rt = self.wr_rt_max_time();
        let queue = &self.queues[q];
        if queue.wr_coeff > 1 {
            if queue.in_large_burst {
                self.end_wr(q);
            } else if queue.last_wr_start_finish + queue.wr_cur_max_time < self.tick {
                if queue.wr_cur_max_time != rt || queue.wr_start_at_switch_to_srt + self.wr_duration() < self.tick {
                    self.end_wr(q);
                } else {
                    self.back_to_interactive(q);
                    self.queues[q].prio_changed = true;
                }
            }
            let queue = &self.queues[q];
            if queue.wr_coeff > 1 && queue.wr_cur_max_time != rt && queue.service_from_wr > MAX_SERVICE {
                self.end_wr(q);
            }
        }
        let queue = &self.queues[q];
        if (queue.weight > queue.orig_weight) != (queue.wr_coeff > 1) {
            self.update_weight_prio(q, false);
        }
    }

    /// A soft real-time queue turns out to seek all the time (`bfq_update_io_seektime`).
    pub(super) fn seeky_soft_rt(&mut self, q: Q) {
        let queue = &self.queues[q];
        if queue.wr_coeff > 1 && queue.wr_cur_max_time == self.wr_rt_max_time() && queue.totally_seeky() {
            if queue.wr_start_at_switch_to_srt + self.wr_duration() < self.tick {
                self.end_wr(q);
            } else {
                self.back_to_interactive(q);
                self.queues[q].prio_changed = true;
            }
        }
    }

    /// `bfq_bfqq_softrt_next_start`.
    pub(super) fn softrt_next_start(&self, q: Q) -> i64 {
        let queue = &self.queues[q];
        let service = i64::try_from(queue.service_from_backlogged).unwrap_or(i64::MAX);
        let for_rate = self.hz.saturating_mul(service) / MAX_SOFTRT_RATE;
        let idle = self.ticks.at(self.set.slice_idle) as i64;
        queue.soft_rt_next_start.max(queue.last_idle_bklogged.saturating_add(for_rate)).max(self.tick + idle + 4)
    }

    fn reset_burst(&mut self, q: Q) {
        for queue in &mut self.queues {
            queue.in_burst_list = false;
        }
        self.burst_size = 0;
        if self.total_busy() == 0 {
            self.queues[q].in_burst_list = true;
            self.burst_size = 1;
        }
    }

    /// A queue was made (`bfq_handle_burst`).
    pub(super) fn handle_burst(&mut self, q: Q) {
        let queue = &self.queues[q];
        if queue.in_burst_list || queue.in_large_burst || queue.split_time + self.ms(10) >= self.tick {
            return;
        }
        if self.last_ins_in_burst + self.ms(BURST_MS) < self.tick {
            self.large_burst = false;
            self.reset_burst(q);
        } else if self.large_burst {
            self.queues[q].in_large_burst = true;
        } else {
            self.burst_size += 1;
            if self.burst_size == LARGE_BURST {
                self.large_burst = true;
                for queue in &mut self.queues {
                    queue.in_large_burst |= std::mem::take(&mut queue.in_burst_list);
                }
                self.queues[q].in_large_burst = true;
            } else {
                self.queues[q].in_burst_list = true;
            }
        }
        self.last_ins_in_burst = self.tick;
    }

    /// `bfq_burst_interval`.
    pub(super) fn burst_interval(&self) -> i64 {
        self.ms(BURST_MS)
    }
}
