//! The load averages, the CPU times and the pressure that chapter 3 reads.

use super::{Parse, Unreadable};

/// `/proc/loadavg` (`fs/proc/loadavg.c`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadAvg {
    /// The averages over 1, 5 and 15 minutes, in hundredths.
    pub hundredths: [u64; 3],
    /// Tasks on the run queues, the reader of the file among them.
    pub running: u64,
    /// Threads on the machine.
    pub threads: u64,
    /// The PID given out last.
    pub last_pid: u64,
}

impl Parse for LoadAvg {
    const PATH: &'static str = "/proc/loadavg";
    const SHAPE: &'static str = "0.00 0.01 0.05 1/123 4567";

    fn parse(text: &str) -> Result<LoadAvg, Unreadable> {
        let line = text.lines().next().unwrap_or_default();
        let parse = || {
            let mut fields = line.split_ascii_whitespace();
            let mut average = || hundredths(fields.next()?);
            let hundredths = [average()?, average()?, average()?];
            let (running, threads) = fields.next()?.split_once('/')?;
            Some(LoadAvg {
                hundredths,
                running: running.parse().ok()?,
                threads: threads.parse().ok()?,
                last_pid: fields.next()?.parse().ok()?,
            })
        };
        parse().ok_or_else(|| Self::refuse(0, line))
    }
}

/// A figure with exactly two digits after the point, in hundredths.
fn hundredths(field: &str) -> Option<u64> {
    let (whole, part) = field.split_once('.')?;
    let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !digits {
        return None;
    }
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(part.parse().ok()?)
}

/// The lines of `/proc/stat` that load is read from (`fs/proc/stat.c`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Time of all CPUs together at work, in 1/100 s: everything but idle and iowait.
    pub busy: u64,
    /// Time of all CPUs together without work, in 1/100 s: idle and iowait.
    pub idle: u64,
    /// How many CPUs have a line of their own.
    pub cpus: u32,
    /// Tasks on the run queues, the reader of the file among them.
    pub procs_running: u64,
    /// Tasks that wait for a block device.
    pub procs_blocked: u64,
}

impl Stat {
    /// Share of the CPUs' time at work since `earlier`, %; nothing when no time has passed.
    pub fn busy_pct_since(&self, earlier: &Stat) -> Option<f64> {
        // Idle time is corrected afterwards and may go backwards by a little.
        let busy = self.busy.saturating_sub(earlier.busy);
        let idle = self.idle.saturating_sub(earlier.idle);
        let all = busy.saturating_add(idle);
        (all > 0).then(|| busy as f64 * 100.0 / all as f64)
    }
}

impl Parse for Stat {
    const PATH: &'static str = "/proc/stat";
    const SHAPE: &'static str = "cpu 1 2 3 4 …, procs_running 1, procs_blocked 0";

    fn parse(text: &str) -> Result<Stat, Unreadable> {
        let mut stat = Stat { busy: 0, idle: 0, cpus: 0, procs_running: 0, procs_blocked: 0 };
        let (mut all, mut running, mut blocked) = (None, None, None);
        let mut lines = 0;
        for (i, line) in text.lines().enumerate() {
            lines = i;
            let mut fields = line.split_ascii_whitespace();
            let name = fields.next().unwrap_or_default();
            match name {
                "cpu" => all = Some(cpu_times(fields).ok_or_else(|| Self::refuse(i, line))?),
                "procs_running" => running = fields.next().and_then(|field| field.parse().ok()),
                "procs_blocked" => blocked = fields.next().and_then(|field| field.parse().ok()),
                _ => {
                    let number = name.strip_prefix("cpu").is_some_and(|n| n.parse::<u32>().is_ok());
                    stat.cpus += u32::from(number);
                }
            }
        }
        let (Some((busy, idle)), Some(running), Some(blocked)) = (all, running, blocked) else {
            return Err(Self::refuse(lines, text.lines().next_back().unwrap_or_default()));
        };
        Ok(Stat { busy, idle, procs_running: running, procs_blocked: blocked, ..stat })
    }
}

/// Time at work and time without: `user nice system idle iowait irq softirq steal`. Guest time is
/// part of user time already.
fn cpu_times<'a>(fields: impl Iterator<Item = &'a str>) -> Option<(u64, u64)> {
    let (mut busy, mut idle, mut count) = (0u64, 0u64, 0);
    for (i, field) in fields.take(8).enumerate() {
        let ticks: u64 = field.parse().ok()?;
        let sum = if i == 3 || i == 4 { &mut idle } else { &mut busy };
        *sum = sum.saturating_add(ticks);
        count = i + 1;
    }
    (count >= 4).then_some((busy, idle))
}

/// The `some` line of `/proc/pressure/cpu` (`kernel/sched/psi.c: psi_show`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuPressure {
    /// Share of the last 10 s in which some runnable task waited, in hundredths of a percent.
    pub avg10: u64,
    /// Time in which some runnable task waited since boot, µs.
    pub total_us: u64,
}

impl Parse for CpuPressure {
    const PATH: &'static str = "/proc/pressure/cpu";
    const SHAPE: &'static str = "some avg10=0.00 avg60=0.00 avg300=0.00 total=0";

    fn parse(text: &str) -> Result<CpuPressure, Unreadable> {
        let (i, line) = text
            .lines()
            .enumerate()
            .find(|(_, line)| line.starts_with("some "))
            .unwrap_or((0, text.lines().next().unwrap_or_default()));
        let value = |name: &str| {
            let mut fields = line.split_ascii_whitespace();
            fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
        };
        let parse = || {
            value("some").is_none().then_some(())?;
            Some(CpuPressure { avg10: hundredths(value("avg10")?)?, total_us: value("total")?.parse().ok()? })
        };
        parse().filter(|_| line.starts_with("some ")).ok_or_else(|| Self::refuse(i, line))
    }
}

/// `/sys/devices/system/cpu/online`: how many CPUs it lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnlineCpus(pub u32);

impl Parse for OnlineCpus {
    const PATH: &'static str = "/sys/devices/system/cpu/online";
    const SHAPE: &'static str = "0-3,8";

    fn parse(text: &str) -> Result<OnlineCpus, Unreadable> {
        let line = text.lines().next().unwrap_or_default();
        let range = |part: &str| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last): (u32, u32) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
            last.checked_sub(first)?.checked_add(1)
        };
        let count = line.split(',').map(range).try_fold(0u32, |sum, n| sum.checked_add(n?));
        count.filter(|n| *n > 0).map(OnlineCpus).ok_or_else(|| Self::refuse(0, line))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn loadavg_is_read_whole_or_refused() {
        let ok = |hundredths, running, threads, last_pid| Some(LoadAvg { hundredths, running, threads, last_pid });
        for (text, want) in [
            ("0.05 0.54 0.43 1/97 16939\n", ok([5, 54, 43], 1, 97, 16939)),
            ("128.00 4.10 0.00 130/4096 4194303", ok([12800, 410, 0], 130, 4096, 4_194_303)),
            ("", None),
            ("0.05 0.54 0.43 1/97", None),
            ("0.05 0.54 0.43 -1/97 1", None),
            ("0.5 0.54 0.43 1/97 1", None),
            ("0.05 0.54 1/97 1", None),
            ("99999999999999999999.00 0.00 0.00 1/1 1", None),
        ] {
            assert_eq!(LoadAvg::parse(text).ok(), want, "{text:?}");
        }
    }

    #[test]
    fn stat_needs_the_lines_that_load_is_read_from() {
        let whole = "cpu  10 1 5 80 4 0 0 0 0 0\ncpu0 5 1 2 40 2 0 0 0 0 0\ncpu1 5 0 3 40 2 0 0 0 0 0\n\
                     intr 1 2 3\nctxt 9\nprocs_running 3\nprocs_blocked 1\n";
        let stat = Stat::parse(whole).unwrap();
        assert_eq!(stat, Stat { busy: 16, idle: 84, cpus: 2, procs_running: 3, procs_blocked: 1 });
        let later = Stat { busy: 116, idle: 184, ..stat };
        assert_eq!((later.busy_pct_since(&stat), stat.busy_pct_since(&stat)), (Some(50.0), None));
        for (text, line) in [
            ("", 1),
            ("cpu 1 2 3\n", 1),
            ("cpu 1 2 3 x 5\n", 1),
            ("cpu 1 2 3 4\nprocs_running 1\n", 2),
            ("procs_running 1\nprocs_blocked 1\n", 2),
        ] {
            match Stat::parse(text) {
                Err(Unreadable::Parse { line: found, .. }) => assert_eq!(found, line, "{text:?}"),
                other => panic!("{text:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn pressure_is_read_from_the_some_line() {
        let some = "some avg10=95.21 avg60=39.00 avg300=9.41 total=30012345\n";
        let full = "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
        let want = Some(CpuPressure { avg10: 9521, total_us: 30_012_345 });
        for (text, want) in [
            (some.to_owned(), want),
            (format!("{some}{full}"), want),
            (format!("{full}{some}"), want),
            (full.to_owned(), None),
            ("some avg10=1 total=3\n".to_owned(), None),
            ("some\n".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(CpuPressure::parse(&text).ok(), want, "{text:?}");
        }
    }

    #[test]
    fn cpu_lists_are_counted() {
        for (text, want) in [
            ("0\n", Some(1)),
            ("0-1\n", Some(2)),
            ("0-3,8,10-11\n", Some(7)),
            ("", None),
            ("3-1", None),
            ("0-", None),
            ("0-4294967295", None),
            ("a", None),
        ] {
            assert_eq!(OnlineCpus::parse(text).ok().map(|n| n.0), want, "{text:?}");
        }
    }

    /// Texts that look like kernel files, with anything in place of a number.
    fn nearly_a_file() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            Just("cpu".to_owned()),
            Just("cpu0".to_owned()),
            Just("some".to_owned()),
            Just("avg10=".to_owned()),
            Just("total=".to_owned()),
            Just("procs_running".to_owned()),
            Just("procs_blocked".to_owned()),
            Just("\n".to_owned()),
            Just("/".to_owned()),
            Just("-".to_owned()),
            Just(",".to_owned()),
            any::<u64>().prop_map(|n| n.to_string()),
            any::<i64>().prop_map(|n| format!("{n}.00")),
            "\\PC{0,4}",
        ];
        (proptest::collection::vec(word, 0..40), prop_oneof![Just(" "), Just("")]).prop_map(|(w, sep)| w.join(sep))
    }

    proptest! {
        #[test]
        fn any_text_is_understood_or_refused(text in prop_oneof![any::<String>(), nearly_a_file()]) {
            let _ = LoadAvg::parse(&text).map_err(|e| e.text());
            let _ = CpuPressure::parse(&text).map_err(|e| e.text());
            let _ = OnlineCpus::parse(&text).map_err(|e| e.text());
            if let Ok(stat) = Stat::parse(&text) {
                let _ = stat.busy_pct_since(&stat);
            }
        }

        #[test]
        fn what_a_kernel_prints_is_read_back(a in 0u64..100_000_000, running in 0u64..5000, threads in 1u64..100_000) {
            let text = format!("{}.{:02} 0.00 0.00 {running}/{threads} 7\n", a / 100, a % 100);
            let read = LoadAvg::parse(&text).unwrap();
            prop_assert_eq!((read.hundredths[0], read.running, read.threads), (a, running, threads));
        }
    }
}
