//! What the running kernel says in system calls rather than in files.

use rustix::time::{ClockId, clock_getres};

/// The three load averages as the kernel keeps them, in 1/2048.
///
/// `sysinfo(2)` gives them with five more fractional bits, all zero (`kernel/sys.c: do_sysinfo`,
/// `SI_LOAD_SHIFT`), so nothing is lost, and no program that fakes `/proc/loadavg` is in the way.
pub fn avenrun() -> [u64; 3] {
    #[allow(clippy::unnecessary_cast, reason = "as wide as a pointer, so not 64 bits everywhere")]
    rustix::system::sysinfo().loads.map(|load| load as u64 >> 5)
}

/// The kernel's ticks a second, from the resolution of the coarse clocks, which is one tick
/// (`kernel/time/posix-timers.c: posix_get_coarse_res`); nothing if the answer is not that of a
/// tick.
pub fn tick_hz() -> Option<u32> {
    let resolution = clock_getres(ClockId::MonotonicCoarse);
    if resolution.tv_sec != 0 { None } else { hz_of_tick(u64::try_from(resolution.tv_nsec).ok()?) }
}

/// The NIS domain the machine belongs to, or `(none)`.
pub fn domain() -> String {
    rustix::system::uname().domainname().to_string_lossy().into_owned()
}

/// The rate whose tick is `ns` long: the kernel rounds `TICK_NSEC`, so only a length that comes
/// back the same is believed.
fn hz_of_tick(ns: u64) -> Option<u32> {
    const SECOND: u64 = 1_000_000_000;
    let hz = (SECOND + ns / 2).checked_div(ns)?;
    let back = (SECOND + hz / 2).checked_div(hz)?;
    (back == ns && (24..=1200).contains(&hz)).then_some(hz as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_has_one_rate() {
        for (ns, want) in [
            (10_000_000, Some(100)),
            (4_000_000, Some(250)),
            (3_333_333, Some(300)),
            (1_000_000, Some(1000)),
            (976_563, Some(1024)),
            (3_333_334, None),
            (1, None),
            (0, None),
        ] {
            assert_eq!(hz_of_tick(ns), want, "{ns}");
        }
    }
}
