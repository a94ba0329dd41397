//! When a timer that is armed for a jiffy really fires.

/// First distance of each level of the wheel, jiffies (`kernel/time/timer.c: LVL_START`).
const fn level_start(level: u32) -> u64 {
    63 << ((level - 1) * 3)
}

/// The jiffy at which a timer armed at `now` for `now + delta` fires, since 4.8
/// (`kernel/time/timer.c: calc_wheel_index`): the next turn of the level it lies in, never early. At
/// 60 s a turn is 512 jiffies for HZ 250 and 4096 for HZ 1000.
pub fn fires(now: u64, delta: u64) -> u64 {
    let shift = granularity(delta).trailing_zeros();
    (((now + delta) >> shift) + 1) << shift
}

/// Jiffies between two turns of the level in which a timer of that distance lies.
pub fn granularity(delta: u64) -> u64 {
    let level = (1..=8).rev().find(|level| delta >= level_start(*level)).unwrap_or(0);
    1 << (level * 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_fires_at_the_next_turn_of_its_level() {
        for (now, delta, want) in [
            (0, 0, 1),
            (0, 62, 63),
            (0, 63, 64),
            (0, 64, 72),
            (0, 503, 504),
            (0, 504, 512),
            (10, 504, 576),
            // 60 s: HZ 250, HZ 1000, HZ 100.
            (0, 15_000, 15_360),
            (359, 15_000, 15_360),
            (360, 15_000, 15_872),
            (0, 60_000, 61_440),
            (0, 6_000, 6_144),
        ] {
            assert_eq!(fires(now, delta), want, "{now} + {delta}");
        }
        assert_eq!([15_000, 60_000, 6_000, 2_500, 500].map(granularity), [512, 4096, 512, 64, 8]);
    }

    #[test]
    fn never_early_and_never_later_than_a_turn() {
        for now in (0..5000).step_by(7) {
            for delta in [1, 62, 63, 200, 503, 504, 2500, 4032, 15_000, 60_000, 250_000] {
                let late = fires(now, delta) - now - delta;
                assert!((1..=granularity(delta)).contains(&late), "{now} {delta} {late}");
            }
        }
    }
}
