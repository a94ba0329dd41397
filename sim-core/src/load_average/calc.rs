//! The arithmetic of one update, in the kernel's fixed point (11 fractional bits).

/// Fractional bits of `avenrun`.
pub const FSHIFT: u32 = 11;
/// 1.0 in `avenrun`.
pub const FIXED_1: u64 = 1 << FSHIFT;
/// Decay factors of the 1, 5 and 15 minute averages: 2048·e^(-5 s/period), rounded.
pub const EXP: [u64; 3] = [1884, 2014, 2037];

/// How a new average is rounded to the fixed point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Until 2.6.36: always down, so 1.00 is never reached.
    Down,
    /// 2.6.37 to 4.6, and RHEL 7: to the nearest, so an idle machine stays at 0.00 0.01 0.05.
    Nearest,
    /// Since 4.7: towards the active count, so both ends are reached.
    Towards,
}

/// One step of an average (`kernel/sched/loadavg.c: calc_load`).
///
/// `load` and `active` are in units of 1/2048; `active` is the number of active tasks times 2048.
pub fn calc_load(rounding: Rounding, load: u64, exp: u64, active: u64) -> u64 {
    let new = load * exp + active * (FIXED_1 - exp);
    match rounding {
        Rounding::Down => new >> FSHIFT,
        Rounding::Nearest => (new + (1 << (FSHIFT - 1))) >> FSHIFT,
        Rounding::Towards if active >= load => (new + FIXED_1 - 1) >> FSHIFT,
        Rounding::Towards => new >> FSHIFT,
    }
}

/// `x` to the power `n` with 11 fractional bits, rounded at each multiplication
/// (`kernel/sched/loadavg.c: fixed_power_int`).
pub fn fixed_power_int(mut x: u64, mut n: u64) -> u64 {
    let mut result = FIXED_1;
    while n != 0 {
        if n & 1 != 0 {
            result = (result * x + (1 << (FSHIFT - 1))) >> FSHIFT;
        }
        n >>= 1;
        if n != 0 {
            x = (x * x + (1 << (FSHIFT - 1))) >> FSHIFT;
        }
    }
    result
}

/// `n` steps at once with a constant active count (`kernel/sched/loadavg.c: calc_load_n`).
pub fn calc_load_n(rounding: Rounding, load: u64, exp: u64, active: u64, n: u64) -> u64 {
    calc_load(rounding, load, fixed_power_int(exp, n), active)
}

/// The active count the averages are fed with: a negative sum counts as none.
pub fn active_load(calc_load_tasks: i64) -> u64 {
    u64::try_from(calc_load_tasks).unwrap_or(0) * FIXED_1
}

/// One average as `/proc/loadavg` prints it: rounded by 1/200, cut to two digits.
pub fn print_load(avenrun: u64) -> String {
    print_fixed(avenrun.saturating_add(FIXED_1 / 200))
}

/// A fixed-point number cut to two digits, as the PSI files print theirs.
pub fn print_fixed(value: u64) -> String {
    format!("{}.{:02}", value >> FSHIFT, ((value & (FIXED_1 - 1)) * 100) >> FSHIFT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(rounding: Rounding, from: u64, tasks: i64, steps: u32) -> [u64; 3] {
        let mut avenrun = [from; 3];
        for _ in 0..steps {
            for (load, exp) in avenrun.iter_mut().zip(EXP) {
                *load = calc_load(rounding, *load, exp, active_load(tasks));
            }
        }
        avenrun
    }

    #[test]
    fn averages_rise_and_fall_as_recorded() {
        use Rounding::{Down, Nearest, Towards};
        for (rounding, from, tasks, steps, want) in [
            (Towards, 0, 1, 1, [164, 34, 11]),
            (Towards, 0, 1, 2, [315, 68, 22]),
            (Towards, 0, 1, 12, [1299, 378, 132]),
            (Towards, 0, 1, 60, [2040, 1317, 590]),
            (Towards, 0, 1, 360, [2048, 2048, 1832]),
            (Towards, 2048, 0, 12, [749, 1670, 1916]),
            (Towards, 2048, 0, 360, [0, 0, 216]),
            (Nearest, 0, 1, 12, [1295, 372, 129]),
            (Nearest, 0, 1, 60, [2034, 1298, 565]),
            (Down, 0, 1, 12, [1291, 367, 121]),
            (Down, 0, 1, 60, [2028, 1279, 540]),
            // A sum of active counts may be negative for a moment: it counts as nothing.
            (Towards, 0, -3, 12, [0, 0, 0]),
        ] {
            assert_eq!(walk(rounding, from, tasks, steps), want, "{rounding:?} {from} {tasks} {steps}");
        }
    }

    #[test]
    fn every_rounding_has_its_own_resting_place() {
        use Rounding::{Down, Nearest, Towards};
        for (rounding, from, tasks, want) in [
            (Towards, 9000, 0, "0.00 0.00 0.00"),
            (Nearest, 9000, 0, "0.00 0.01 0.05"),
            (Down, 9000, 0, "0.00 0.00 0.00"),
            (Towards, 0, 1, "1.00 1.00 1.00"),
            (Nearest, 0, 1, "1.00 0.99 0.95"),
            (Down, 0, 1, "0.99 0.97 0.91"),
            (Nearest, 0, 4, "4.00 3.99 3.95"),
            (Down, 0, 4, "3.99 3.97 3.91"),
        ] {
            let text = walk(rounding, from, tasks, 5000).map(print_load).join(" ");
            assert_eq!(text, want, "{rounding:?} {from} {tasks}");
        }
    }

    #[test]
    fn powers_are_those_of_the_kernel() {
        for (n, want) in [
            (0, [2048, 2048, 2048]),
            (1, [1884, 2014, 2037]),
            (2, [1733, 1981, 2026]),
            (3, [1594, 1948, 2015]),
            (12, [751, 1677, 1919]),
            (60, [14, 756, 1480]),
            (180, [0, 103, 773]),
        ] {
            assert_eq!(EXP.map(|exp| fixed_power_int(exp, n)), want, "n = {n}");
        }
        let bulk = EXP.map(|exp| calc_load_n(Rounding::Towards, 4096, exp, 0, 12));
        assert_eq!(bulk, [1502, 3354, 3838]);
        assert_eq!(walk(Rounding::Towards, 4096, 0, 12), [1501, 3346, 3835]);
    }

    #[test]
    fn the_text_rounds_by_a_two_hundredth() {
        for (raw, load, fixed) in [
            (0, "0.00", "0.00"),
            (11, "0.01", "0.00"),
            (2037, "0.99", "0.99"),
            (2038, "1.00", "0.99"),
            (1299, "0.63", "0.63"),
        ] {
            assert_eq!((print_load(raw).as_str(), print_fixed(raw).as_str()), (load, fixed), "{raw}");
        }
    }
}
