//! Whether the machine is already at work, so that a load would hurt somebody.

use exercises::Machine;
use sim_core::{Text, text};

/// Load for each CPU from which a machine counts as busy.
const BUSY_LOAD: f64 = 0.7;
/// Share of the last minute in which tasks waited for a CPU, in percent.
const BUSY_PRESSURE: f64 = 20.0;
/// Share of memory that is still available, in percent.
const LITTLE_MEMORY: f64 = 10.0;

/// Signs that the machine is busy, with their figures; none if it is calm or does not tell.
pub fn strain(machine: &dyn Machine, cpus: u32) -> Vec<Text> {
    let mut signs = Vec::new();
    let read = |path| machine.read(path).ok();
    let cpus = cpus.max(1);
    if let Some(load) = read("/proc/loadavg").and_then(|text| text.split(' ').next()?.parse::<f64>().ok())
        && load >= BUSY_LOAD * f64::from(cpus)
    {
        signs.push(text!(
            ko: "1분 부하 평균이 {load:.2}입니다(CPU {cpus}개).",
            en: "The 1-minute load average is {load:.2} ({cpus} CPUs)."
        ));
    }
    if let Some(waited) = read("/proc/pressure/cpu").and_then(|text| some_avg60(&text))
        && waited >= BUSY_PRESSURE
    {
        signs.push(text!(
            ko: "지난 1분 가운데 {waited:.0} % 동안 CPU를 기다린 태스크가 있었습니다.",
            en: "Tasks waited for a CPU during {waited:.0} % of the last minute."
        ));
    }
    if let Some(available) = read("/proc/meminfo").and_then(|text| available_pct(&text))
        && available < LITTLE_MEMORY
    {
        signs.push(text!(
            ko: "쓸 수 있는 메모리가 {available:.1} %뿐입니다.",
            en: "Only {available:.1} % of memory is available."
        ));
    }
    signs
}

fn some_avg60(pressure: &str) -> Option<f64> {
    let some = pressure.lines().find_map(|line| line.strip_prefix("some "))?;
    some.split(' ').find_map(|field| field.strip_prefix("avg60="))?.parse().ok()
}

fn available_pct(meminfo: &str) -> Option<f64> {
    let kib = |name: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse::<f64>().ok()
    };
    let total = kib("MemTotal")?;
    (total > 0.0).then_some(kib("MemAvailable")? / total * 100.0)
}

#[cfg(test)]
mod tests {
    use exercises::{ReadError, Source};

    use super::*;

    struct Files([(&'static str, &'static str); 3]);

    impl Machine for Files {
        fn read(&self, path: &str) -> Result<String, ReadError> {
            let found = self.0.iter().find(|(known, _)| *known == path);
            found.map(|(_, text)| (*text).to_owned()).ok_or(ReadError::NotFound)
        }

        fn source(&self) -> Source {
            Source::Recorded
        }
    }

    #[test]
    fn a_busy_machine_says_why() {
        let calm = "some avg10=90.00 avg60=0.00 avg300=0.00 total=1\n";
        let pressed = "some avg10=0.00 avg60=35.20 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00\n";
        let roomy = "MemTotal:       1000 kB\nMemFree: 1 kB\nMemAvailable:    500 kB\n";
        let full = "MemTotal:       1000 kB\nMemAvailable:    50 kB\n";
        for (load, pressure, memory, signs) in [
            ("0.10 0 0 1/2 3", calm, roomy, vec![]),
            ("1.40 0 0 1/2 3", calm, roomy, vec!["1.40"]),
            ("0.00 0 0 1/2 3", pressed, full, vec!["35 %", "5.0 %"]),
            ("", "", "", vec![]),
            ("nonsense", "some", "MemTotal: 0 kB\nMemAvailable: 0 kB\n", vec![]),
        ] {
            let machine = Files([("/proc/loadavg", load), ("/proc/pressure/cpu", pressure), ("/proc/meminfo", memory)]);
            let found = strain(&machine, 2);
            assert_eq!(found.len(), signs.len(), "{found:?}");
            for (text, figure) in found.iter().zip(signs) {
                assert!(text.ko.contains(figure) && text.en.contains(figure), "{text:?}");
            }
        }
    }
}
