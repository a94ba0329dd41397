//! How fast the device is: what a budget may be, and how long a boost lasts.

use super::{Bfq, MIN_TT};
use crate::io_scheduler::request::Request;
use crate::{MILLISECOND, Nanos, SECOND};

/// Fixed point of a rate in sectors a µs (`BFQ_RATE_SHIFT`).
const SHIFT: u32 = 16;
const MIN_SAMPLES: u32 = 32;
const MIN_INTERVAL: u64 = 300 * MILLISECOND;
const REF_INTERVAL: u64 = SECOND;

/// `struct bfq_data`'s fields about the peak rate.
#[derive(Clone, Debug)]
pub(super) struct Rate {
    /// Sectors a µs, in 1/65536.
    pub peak: u32,
    /// Reference rate times reference duration in ticks.
    pub product: u64,
    samples: u32,
    sequential: u32,
    total: u64,
    last_max_size: u32,
    first_dispatch: Nanos,
    last_dispatch: Nanos,
    delta_from_first: u64,
}

impl Rate {
    pub fn new(rotational: bool, hz: i64) -> Rate {
        // Reference rates and how long an interactive application took to start on such devices.
        let (rate, ms): (u32, u64) = if rotational { (14_000, 7000) } else { (33_000, 2500) };
        let duration = (ms * hz.unsigned_abs()).div_ceil(1000);
        Rate {
            peak: rate * 2 / 3,
            product: u64::from(rate) * duration,
            samples: 0,
            sequential: 0,
            total: 0,
            last_max_size: 0,
            first_dispatch: 0,
            last_dispatch: 0,
            delta_from_first: 0,
        }
    }
}

impl Bfq {
    /// `bfq_calc_max_budget`.
    fn calc_max_budget(&self) -> i64 {
        let ms = self.ticks.to_ms(self.set.timeout as u64);
        i64::try_from((u64::from(self.rate.peak) * 1000).saturating_mul(ms) >> SHIFT).unwrap_or(i64::MAX)
    }

    fn rate_reset(&mut self, sectors: Option<u32>) {
        let rate = &mut self.rate;
        match sectors {
            Some(sectors) => {
                rate.last_dispatch = self.now;
                rate.first_dispatch = self.now;
                rate.samples = 1;
                rate.sequential = 0;
                rate.total = u64::from(sectors);
                rate.last_max_size = sectors;
            }
            None => rate.samples = 0,
        }
    }

    /// `bfq_update_rate_reset`.
    pub(super) fn update_rate_reset(&mut self, sectors: Option<u32>) {
        let last_completion = self.last_completion;
        let rate = &mut self.rate;
        if rate.samples < MIN_SAMPLES || rate.delta_from_first < MIN_INTERVAL {
            return self.rate_reset(sectors);
        }
        rate.delta_from_first = rate.delta_from_first.max(last_completion.saturating_sub(rate.first_dispatch));
        let measured = (u128::from(rate.total) << SHIFT) / u128::from((rate.delta_from_first / 1000).max(1));
        if (rate.sequential < (3 * rate.samples) >> 2 && measured <= u128::from(rate.peak)) || measured > 20 << SHIFT {
            return self.rate_reset(sectors);
        }
        let weight = u64::from(9 * rate.sequential / rate.samples);
        let weight = (weight * rate.delta_from_first / REF_INTERVAL).min(8) as u32;
        let divisor = 10 - weight;
        rate.peak = (u64::from(rate.peak) * u64::from(divisor - 1) / u64::from(divisor)) as u32;
        rate.peak = (rate.peak + measured as u32 / divisor).max(1);
        if self.set.user_max_budget == 0 {
            self.max_budget = self.calc_max_budget();
        }
        self.rate_reset(sectors);
    }

    /// A request leaves for the device (`bfq_update_peak_rate`).
    pub(super) fn update_peak_rate(&mut self, q: usize, request: &Request) {
        let far = self.far(self.last_position, request);
        let now = self.now;
        if self.rate.samples == 0 {
            self.rate_reset(Some(request.sectors));
        } else if now - self.rate.last_dispatch > 100 * MILLISECOND && self.in_driver == 0 {
            self.update_rate_reset(Some(request.sectors));
        } else {
            let near_in_time = self.in_driver > 0 || now.saturating_sub(self.last_completion) < MIN_TT;
            let rate = &mut self.rate;
            rate.samples = rate.samples.saturating_add(1);
            if near_in_time && !far {
                rate.sequential += 1;
            }
            rate.total += u64::from(request.sectors);
            rate.last_max_size =
                if rate.samples.is_multiple_of(32) { request.sectors } else { rate.last_max_size.max(request.sectors) };
            rate.delta_from_first = now - rate.first_dispatch;
            if rate.delta_from_first >= REF_INTERVAL {
                self.update_rate_reset(Some(request.sectors));
            }
        }
        self.last_position = request.end();
        if self.in_service == Some(q) {
            self.in_serv_last_pos = self.last_position;
        }
        self.rate.last_dispatch = now;
    }

    /// After a completion: a device that was idle for long says nothing of its rate.
    pub(super) fn completion_rate(&mut self) {
        let delta_us = (self.now - self.last_completion) / 1000;
        if delta_us > MIN_TT / 1000 && (u64::from(self.rate.last_max_size) << SHIFT) / delta_us < 1 << (SHIFT - 10) {
            self.update_rate_reset(None);
        }
    }

    /// Finds out whether the device takes several requests at once (`bfq_update_hw_tag`).
    pub(super) fn update_hw_tag(&mut self) {
        self.max_in_driver = self.max_in_driver.max(self.in_driver);
        if self.hw_tag == Some(true) || u64::from(self.in_driver) + self.queued <= 3 {
            return;
        }
        if let Some(q) = self.in_service {
            let queue = &self.queues[q];
            if queue.short_ttime && queue.dispatched as usize + queue.sort.len() < 3 && self.in_driver < 3 {
                return;
            }
        }
        self.hw_tag_samples += 1;
        if self.hw_tag_samples <= 32 {
            return;
        }
        self.hw_tag = Some(self.max_in_driver > 3);
        self.max_in_driver = 0;
        self.hw_tag_samples = 0;
        self.nonrot_with_queueing = !self.rotational && self.hw_tag == Some(true);
    }
}
