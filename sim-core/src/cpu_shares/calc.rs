//! The arithmetic of weights: how much virtual time a stretch of CPU time is.

/// Weight of nice 0 (`NICE_0_LOAD` without the scale below).
pub const NICE_0_LOAD: u64 = 1024;
/// Bits by which 64-bit kernels keep weights finer than they use them (`scale_load`).
pub const LOAD_SHIFT: u32 = 10;
/// Weight of a task under `SCHED_IDLE`.
pub const WEIGHT_IDLEPRIO: u64 = 3;
/// Smallest weight of a group on a CPU, in units of `scale_load`.
const MIN_SHARES: u64 = 2;
/// 2^32 - 1: what an inverse weight is a part of.
const WMULT_CONST: u64 = u32::MAX as u64;
const WMULT_SHIFT: u32 = 32;

/// Weights of nice -20 to 19 (`kernel/sched/core.c: sched_prio_to_weight`).
const PRIO_TO_WEIGHT: [u64; 40] = [
    88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904, 3906, 3121, 2501,
    1991, 1586, 1277, 1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
];

/// The weight of a nice value; what is out of range takes the nearest that is not.
pub fn weight_of_nice(nice: i64) -> u64 {
    PRIO_TO_WEIGHT[(nice.clamp(-20, 19) + 20) as usize]
}

/// A weight as the scheduler keeps it: with its inverse, so that dividing is multiplying
/// (`struct load_weight`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// The weight, times 1024.
    pub weight: u64,
    inv_weight: u64,
}

impl Load {
    /// The load of a task. The kernel keeps inverses in a table, rounded to the nearest
    /// (`sched_prio_to_wmult`).
    pub fn of_task(weight: u64) -> Load {
        Load { weight: weight << LOAD_SHIFT, inv_weight: ((1 << WMULT_SHIFT) + weight / 2) / weight.max(1) }
    }

    /// The load of a group on a CPU, or of a whole queue: the inverse is cut off
    /// (`kernel/sched/fair.c: __update_inv_weight`).
    pub fn of_sum(weight: u64) -> Load {
        let down = scale_load_down(weight);
        let inv_weight = match down {
            0 => WMULT_CONST,
            w if w >= WMULT_CONST => 1,
            w => WMULT_CONST / w,
        };
        Load { weight, inv_weight }
    }

    /// The weight in the units of the table: nice 0 is 1024.
    pub fn down(self) -> u64 {
        scale_load_down(self.weight)
    }
}

/// A weight without its finer bits; one that is not zero stays at least 2.
pub fn scale_load_down(weight: u64) -> u64 {
    if weight == 0 { 0 } else { (weight >> LOAD_SHIFT).max(2) }
}

/// `delta * weight / load`, by the inverse (`kernel/sched/fair.c: __calc_delta`). `weight` is in units
/// of the table.
pub fn calc_delta(delta: u64, weight: u64, load: Load) -> u64 {
    let mut shift = WMULT_SHIFT;
    let mut narrow = |fact: u64| {
        let bits = u64::BITS - (fact >> 32).leading_zeros();
        shift = shift.saturating_sub(bits);
        fact >> bits
    };
    let fact = narrow(weight);
    let fact = narrow(fact.saturating_mul(load.inv_weight));
    mul_u64_u32_shr(delta, fact, shift)
}

/// `(a * mul) >> shift` without losing the top (`mul_u64_u32_shr`).
fn mul_u64_u32_shr(a: u64, mul: u64, shift: u32) -> u64 {
    match a.checked_mul(mul) {
        Some(product) => product >> shift,
        None => ((u128::from(a) * u128::from(mul)) >> shift) as u64,
    }
}

/// Virtual time of `delta` ns on the CPU (`kernel/sched/fair.c: calc_delta_fair`).
pub fn calc_delta_fair(delta: u64, load: Load) -> u64 {
    if load.weight == NICE_0_LOAD << LOAD_SHIFT { delta } else { calc_delta(delta, NICE_0_LOAD, load) }
}

/// The weight of a `cpu.weight` (1 to 10000, 100 is nice 0), times 1024
/// (`kernel/sched/core.c: cpu_weight_write_u64`).
pub fn shares_of_cpu_weight(weight: u64) -> u64 {
    ((weight * NICE_0_LOAD + 50) / 100).max(MIN_SHARES) << LOAD_SHIFT
}

/// What a group weighs on one CPU: its weight in the measure of its tasks there
/// (`kernel/sched/fair.c: calc_group_shares`). `here` and `all` are loads of its queues.
pub fn calc_group_shares(shares: u64, here: u64, all: u64) -> u64 {
    let split = if all == 0 { shares } else { (u128::from(shares) * u128::from(here) / u128::from(all)) as u64 };
    split.clamp(MIN_SHARES, shares.max(MIN_SHARES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_millisecond_is_as_much_virtual_time_as_recorded_from_the_source() {
        for (nice, want) in [
            (-20, 11536),
            (-10, 107_247),
            (-5, 328_099),
            (-1, 801_879),
            (0, 1_000_000),
            (1, 1_248_780),
            (5, 3_056_716),
            (10, 9_309_090),
            (15, 28_444_444),
            (19, 68_266_666),
        ] {
            assert_eq!(calc_delta_fair(1_000_000, Load::of_task(weight_of_nice(nice))), want, "nice {nice}");
        }
    }

    #[test]
    fn slices_divide_the_period_by_weight() {
        let load = |nices: &[i64]| Load::of_sum(nices.iter().map(|n| weight_of_nice(*n) << LOAD_SHIFT).sum());
        for (period, nice, all, want) in [
            (6_000_000, 0, &[0, 0][..], 3_000_000),
            (6_000_000, 0, &[0, 5], 4_520_971),
            (6_000_000, 5, &[0, 5], 1_479_028),
        ] {
            let slice = calc_delta(period, weight_of_nice(nice), load(all));
            // The inverse of a sum is cut off: up to 2 ns of these are lost.
            assert!(slice <= want && want - slice <= 2, "{slice} {want}");
        }
    }

    #[test]
    fn groups_weigh_what_their_files_say() {
        for (cpu_weight, want) in [(100, 1024), (1, 10), (50, 512), (10_000, 102_400), (300, 3072)] {
            assert_eq!(shares_of_cpu_weight(cpu_weight) >> LOAD_SHIFT, want, "{cpu_weight}");
        }
        for (shares, here, all, want) in
            [(1024, 5, 5, 1024), (1024, 1, 4, 256), (1024, 0, 9, 2), (1024, 0, 0, 1024), (u64::MAX, 7, 7, u64::MAX)]
        {
            assert_eq!(calc_group_shares(shares, here, all), want, "{here}/{all}");
        }
    }

    #[test]
    fn hostile_numbers_stay_numbers() {
        for delta in [0, 1, u64::MAX] {
            for load in [Load::default(), Load::of_task(0), Load::of_sum(1), Load::of_sum(u64::MAX)] {
                let _ = calc_delta(delta, u64::MAX, load);
                let _ = calc_delta_fair(delta, load);
            }
        }
    }
}
