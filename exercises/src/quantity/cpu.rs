//! CPUs: their layout and their idle states.

use std::collections::BTreeSet;

use sim_core::{Text, text};

use super::files::line;
use super::{ANY, Family, Lack, Name, Quantity, Unit, Which, pair, told, unit_of};
use crate::Machine;
use crate::machine::expand;
use crate::parse;

const CPU_ROOT: &str = "/sys/devices/system/cpu";
const CPUINFO_PATH: &str = "/proc/cpuinfo";

/// Topology.
pub const CPU: Family = Family {
    name: "cpu",
    which: Which::No,
    from: "/sys/devices/system/cpu/{online,possible,present,cpu*/topology/*}, /proc/cpuinfo",
    about: Text::fixed("CPU의 수와 배치", "number and layout of the CPUs"),
    fields: &[
        told("online", Unit::None, "온라인 논리 CPU", "online logical CPUs"),
        told("present", Unit::None, "있는 논리 CPU", "logical CPUs present"),
        told("possible", Unit::None, "있을 수 있는 논리 CPU", "logical CPUs possible"),
        told("sockets", Unit::None, "소켓", "sockets"),
        told("cores", Unit::None, "물리 코어", "physical cores"),
        told("threads_per_core", Unit::None, "코어당 스레드", "threads per core"),
        told("cores_per_socket", Unit::None, "소켓당 코어", "cores per socket"),
    ],
    paths: |name| match name.field {
        "online" | "present" | "possible" => vec![format!("{CPU_ROOT}/{}", name.field)],
        _ => {
            let mut paths: Vec<_> = ["physical_package_id", "die_id", "core_id"]
                .map(|file| format!("{CPU_ROOT}/cpu*/topology/{file}"))
                .to_vec();
            paths.push(CPUINFO_PATH.into());
            paths
        }
    },
    find: |name, machine| {
        let number = |value: f64, path: &str| Ok(Quantity::number(value, Unit::None, path, name.field));
        if matches!(name.field, "online" | "present" | "possible") {
            let path = format!("{CPU_ROOT}/{}", name.field);
            return number(parse::list(&path, &parse::text(machine, &path)?)?.len() as f64, &path);
        }
        let (cpus, path) = layout(machine)?;
        let sockets = cpus.iter().map(|(package, ..)| package).collect::<BTreeSet<_>>().len() as f64;
        // A core's number is its own only inside its package and die.
        let cores = cpus.iter().collect::<BTreeSet<_>>().len() as f64;
        match name.field {
            "sockets" => number(sockets, path),
            "cores" => number(cores, path),
            "threads_per_core" => number(cpus.len() as f64 / cores, path),
            _ => number(cores / sockets, path),
        }
    },
};

/// Package, die and core of a CPU.
type Place = (i64, i64, i64);

/// Package, die and core of every online CPU, and where that was read.
fn layout(machine: &dyn Machine) -> Result<(Vec<Place>, &'static str), Lack> {
    const TOPOLOGY: &str = "/sys/devices/system/cpu/cpu*/topology";
    let packages = expand(machine, &format!("{TOPOLOGY}/physical_package_id"));
    let mut cpus = Vec::new();
    for package in packages {
        let id = |file: &str| {
            let path = package.replace("physical_package_id", file);
            machine.read(&path).ok().and_then(|text| text.trim().parse::<i64>().ok())
        };
        // An offline CPU has no topology.
        if let (Some(package), Some(core)) = (id("physical_package_id"), id("core_id")) {
            cpus.push((package, id("die_id").unwrap_or(0), core));
        }
    }
    if !cpus.is_empty() {
        return Ok((cpus, TOPOLOGY));
    }
    for cpu in parse::cpuinfo(CPUINFO_PATH, &parse::text(machine, CPUINFO_PATH)?)? {
        let id = |field: &str| -> Result<Option<i64>, Lack> { Ok(cpu.fields.number(field)?.map(|n| n as i64)) };
        let missing = || Lack::Missing { path: CPUINFO_PATH.to_owned(), what: "physical id".to_owned() };
        let (package, core) = id("physical id")?.zip(id("core id")?).ok_or_else(missing)?;
        cpus.push((package, 0, core));
    }
    Ok((cpus, CPUINFO_PATH))
}

/// `/proc/cpuinfo`.
pub const CPUINFO: Family = Family {
    name: "cpuinfo",
    which: Which::No,
    from: CPUINFO_PATH,
    about: Text::fixed(
        "첫째 CPU의 줄. 빈칸은 `_`로 적습니다(`model_name`). `flags`는 그 가운데 하나",
        "lines of the first CPU, `_` for a space (`model_name`); of `flags` any one",
    ),
    fields: &[told("processors", Unit::None, "논리 CPU", "logical CPUs"), ANY],
    paths: |_| vec![CPUINFO_PATH.into()],
    find: |name, machine| {
        let cpus = parse::cpuinfo(CPUINFO_PATH, &parse::text(machine, CPUINFO_PATH)?)?;
        if name.field == "processors" {
            return Ok(Quantity::number(cpus.len() as f64, Unit::None, CPUINFO_PATH, "processor"));
        }
        let key = name.field.replace('_', " ");
        let fields = &cpus[0].fields;
        let key = if fields.word(name.field).is_some() { name.field } else { &key };
        if matches!(name.field, "flags" | "Features" | "bugs") {
            let missing = || Lack::Missing { path: CPUINFO_PATH.to_owned(), what: key.to_owned() };
            let words = fields.word(key).ok_or_else(missing)?.split_ascii_whitespace().map(str::to_owned).collect();
            return Ok(Quantity::words(words, CPUINFO_PATH, key));
        }
        pair(fields, key, CPUINFO_PATH, Unit::None)
    },
};

const IDLE_ROOT: &str = "/sys/devices/system/cpu/cpuidle";
const STATES: &str = "/sys/devices/system/cpu/cpu0/cpuidle";

/// Idle states.
pub const IDLE: Family = Family {
    name: "idle",
    which: Which::May("0, 1, …"),
    from: "/sys/devices/system/cpu/{cpuidle/*,cpu0/cpuidle/state*/*}, /sys/module/intel_idle/parameters/max_cstate",
    about: Text::fixed(
        "CPU가 쉴 때 들어가는 상태(C-state). `[1]`은 상태 1. CPU 0의 것을 봅니다",
        "states a CPU rests in (C-states), looked at on CPU 0; `[1]` is state 1",
    ),
    fields: &[
        told("driver", Unit::None, "유휴 상태의 드라이버", "driver of the idle states"),
        told("governor", Unit::None, "유휴 상태를 고르는 것", "governor of the idle states"),
        told("max_cstate", Unit::None, "intel_idle의 max_cstate", "max_cstate of intel_idle"),
        told("states", Unit::None, "유휴 상태의 수", "number of idle states"),
        told("deepest", Unit::None, "가장 깊은 유휴 상태", "deepest idle state"),
        told("name", Unit::None, "유휴 상태의 이름", "name of the idle state"),
        told("latency", Unit::Us, "깨어나는 시간", "time to wake up"),
        told("residency", Unit::Us, "쉴 만한 시간", "time worth resting"),
        told("usage", Unit::None, "들어간 횟수", "times entered"),
        told("time", Unit::Us, "머문 시간", "time spent"),
        told("disable", Unit::None, "꺼져 있는가", "switched off"),
    ],
    paths: |name| match name.field {
        "driver" => vec![format!("{IDLE_ROOT}/current_driver")],
        "governor" => vec![format!("{IDLE_ROOT}/current_governor"), format!("{IDLE_ROOT}/current_governor_ro")],
        "max_cstate" => vec!["/sys/module/intel_idle/parameters/max_cstate".into()],
        "states" | "deepest" => vec![format!("{STATES}/state*/name")],
        file => vec![format!("{STATES}/state{}/{file}", name.which.unwrap_or("0"))],
    },
    find: idle,
};

fn idle(name: &Name<'_>, machine: &dyn Machine) -> Result<Quantity, Lack> {
    let paths = (IDLE.paths)(name);
    let plain = Name { which: None, ..*name };
    match name.field {
        "governor" => {
            line(&plain, machine, &paths[0], Unit::None).or_else(|_| line(&plain, machine, &paths[1], Unit::None))
        }
        "states" | "deepest" => {
            let mut states = expand(machine, &paths[0]);
            // state10 comes after state9.
            states.sort_by_key(|path| (path.len(), path.clone()));
            let Some(deepest) = states.last() else {
                return Err(Lack::Nothing(text!(
                    ko: "이 컴퓨터는 유휴 상태를 보여 주지 않습니다({STATES}). 가상 머신에서는 흔한 일입니다.",
                    en: "This machine shows no idle states ({STATES}), which is usual for a virtual machine."
                )));
            };
            match name.field {
                "states" => Ok(Quantity::number(states.len() as f64, Unit::None, &paths[0], "state*")),
                _ => line(&plain, machine, deepest, Unit::None),
            }
        }
        field => line(&plain, machine, &paths[0], unit_of(IDLE.fields, field)),
    }
}
