//! The kernel, how it was built and started, and what kind of machine it runs.

use sim_core::{KernelVersion, Text, text};

use super::files::line;
use super::{Family, Lack, Name, Quantity, Unit, Which, told};
use crate::parse::{self, Unreadable};
use crate::{Machine, ReadError};

const RELEASE: &str = "/proc/sys/kernel/osrelease";

/// What `uname` says.
pub const KERNEL: Family = Family {
    name: "kernel",
    which: Which::No,
    from: "/proc/sys/kernel/{osrelease,version,arch,ostype}, /proc/version",
    about: Text::fixed("커널의 이름과 버전(`uname`)", "name and version of the kernel (`uname`)"),
    fields: &[
        told("release", Unit::None, "커널 릴리스", "kernel release"),
        told("major", Unit::None, "커널 버전의 첫째 수", "first number of the kernel's version"),
        told("minor", Unit::None, "커널 버전의 둘째 수", "second number of the kernel's version"),
        told("version", Unit::None, "커널 빌드", "kernel build"),
        told("preemption", Unit::None, "선점 방식", "preemption model"),
        told("arch", Unit::None, "아키텍처", "architecture"),
        told("compiler", Unit::None, "컴파일러", "compiler"),
    ],
    paths: |name| match name.field {
        "release" | "major" | "minor" => vec![RELEASE.into()],
        "arch" => vec!["/proc/sys/kernel/arch".into()],
        "compiler" => vec!["/proc/version".into()],
        _ => vec!["/proc/sys/kernel/version".into()],
    },
    find: kernel,
};

fn kernel(name: &Name<'_>, machine: &dyn Machine) -> Result<Quantity, Lack> {
    let path = (KERNEL.paths)(name).remove(0);
    let text = parse::text(machine, &path)?;
    let words = text.trim();
    let refused = |expected| Lack::File(parse::refuse(&path, 0, expected, words));
    match name.field {
        "major" | "minor" => {
            let version: KernelVersion = words.parse().map_err(|_| refused("6.12.0"))?;
            let shown = version.to_string();
            let number = shown.split('.').nth(usize::from(name.field == "minor")).and_then(parse::number);
            Ok(Quantity::number(number.ok_or_else(|| refused("6.12.0"))?, Unit::None, path, ""))
        }
        "preemption" => {
            // `#1 SMP PREEMPT_DYNAMIC Debian …`: one word, or none where nothing is preempted.
            let preempt = words.split_ascii_whitespace().find(|word| word.starts_with("PREEMPT"));
            Ok(Quantity::word(preempt.unwrap_or("none"), path, "PREEMPT"))
        }
        "compiler" => {
            let at = words.find("gcc").or_else(|| words.find("clang")).ok_or_else(|| refused("… (gcc …) …"))?;
            let name = words.get(at..).unwrap_or_default().split([' ', ')', '-', ',']).next().unwrap_or_default();
            Ok(Quantity::word(name, path, ""))
        }
        _ => Ok(Quantity::word(words, path, "")),
    }
}

const CMDLINE_PATH: &str = "/proc/cmdline";

/// `/proc/cmdline`.
pub const CMDLINE: Family = Family {
    name: "cmdline",
    which: Which::May("parameter"),
    from: CMDLINE_PATH,
    about: Text::fixed(
        "부팅 매개변수. `cmdline[crashkernel].value`는 없으면 `-`입니다",
        "boot parameters; `cmdline[crashkernel].value` of one that is not given is `-`",
    ),
    fields: &[
        told("count", Unit::None, "부팅 매개변수의 수", "boot parameters"),
        told("names", Unit::None, "부팅 매개변수의 이름", "names of boot parameters"),
        told("value", Unit::None, "부팅 매개변수의 값", "value of the boot parameter"),
        told("times", Unit::None, "부팅 매개변수가 나오는 횟수", "times the boot parameter is given"),
    ],
    paths: |_| vec![CMDLINE_PATH.into()],
    find: |name, machine| {
        let text = parse::text(machine, CMDLINE_PATH)?;
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let which = name.which.unwrap_or_default();
        // The kernel takes - and _ for the same.
        let plain = |word: &str| word.replace('-', "_");
        let mut given = words.iter().filter(|word| plain(word.split('=').next().unwrap_or(word)) == plain(which));
        Ok(match name.field {
            "count" => Quantity::number(words.len() as f64, Unit::None, CMDLINE_PATH, "words"),
            "names" => {
                let names = words.iter().map(|word| word.split('=').next().unwrap_or(word).to_owned()).collect();
                Quantity::words(names, CMDLINE_PATH, "words")
            }
            "times" => Quantity::number(given.count() as f64, Unit::None, CMDLINE_PATH, which),
            // Of several the last one counts.
            _ => match given.next_back() {
                None => Quantity::word("-", CMDLINE_PATH, which),
                Some(word) => {
                    let value = word.split_once('=').map_or("", |(_, value)| value);
                    Quantity::word(value, CMDLINE_PATH, *word)
                }
            },
        })
    },
};

/// The kernel's configuration.
pub const CONFIG: Family = Family {
    name: "config",
    which: Which::Must("CONFIG_X"),
    from: "/proc/config.gz, /boot/config-RELEASE, /lib/modules/RELEASE/config",
    about: Text::fixed(
        "커널 설정. `y`, `m`, 값, 그리고 켜지 않은 것은 `n`",
        "the kernel's configuration: `y`, `m`, a value, and `n` for what is not set",
    ),
    fields: &[told("", Unit::None, "커널 설정", "kernel configuration")],
    paths: |_| vec!["/proc/config.gz".into(), RELEASE.into(), "/boot/config-*".into(), "/lib/modules/*/config".into()],
    find: |name, machine| {
        let symbol = name.which.unwrap_or_default();
        let (path, text) = config(machine)?;
        let value = parse::config_value(&path, &text, symbol)?;
        Ok(Quantity::word(value, path, symbol))
    },
};

/// The running kernel's configuration and where it was found. The files of another release, such as a
/// container's own `/boot`, are not looked at.
fn config(machine: &dyn Machine) -> Result<(String, String), Lack> {
    let mut paths = vec!["/proc/config.gz".to_owned()];
    if let Ok(release) = machine.read(RELEASE) {
        let release = release.trim();
        paths.push(format!("/boot/config-{release}"));
        paths.push(format!("/lib/modules/{release}/config"));
    }
    let mut refused = None;
    for path in &paths {
        match machine.read(path) {
            Ok(text) => return Ok((path.clone(), text)),
            Err(ReadError::NotFound) => {}
            Err(error) => refused = refused.or(Some(Unreadable::Read { path: path.clone(), error })),
        }
    }
    if let Some(refused) = refused {
        return Err(Lack::File(refused));
    }
    let looked = paths.join(", ");
    Err(Lack::Nothing(text!(
        ko: "커널 설정을 찾을 수 없습니다({looked}).",
        en: "The kernel's configuration is nowhere to be found ({looked})."
    )))
}

/// What kind of machine it is.
pub const HOST: Family = Family {
    name: "host",
    which: Which::No,
    from: "/etc/os-release, /proc/self/{mountinfo,status}, /proc/1/cgroup, /proc/cpuinfo",
    about: Text::fixed("어떤 컴퓨터인가", "what kind of machine it is"),
    fields: &[
        told("system", Unit::None, "배포판", "distribution"),
        told("container", Unit::None, "컨테이너 엔진", "container engine"),
        told("cgroup", Unit::None, "cgroup 버전", "version of cgroups"),
        told("hypervisor", Unit::None, "가상 머신인가", "virtual machine"),
        told("euid", Unit::None, "유효 사용자 ID", "effective user id"),
    ],
    paths: |name| {
        let all: &[&str] = match name.field {
            "system" => &["/etc/os-release"],
            "cgroup" => &["/proc/self/mountinfo"],
            "hypervisor" => &["/proc/cpuinfo"],
            "euid" => &["/proc/self/status"],
            _ => &[
                "/proc/self/mountinfo",
                "/proc/1/cgroup",
                "/proc/1/comm",
                "/proc/2/comm",
                "/run/.containerenv",
                "/.dockerenv",
                "/run/systemd/container",
            ],
        };
        all.iter().map(|path| (*path).to_owned()).collect()
    },
    find: host,
};

fn host(name: &Name<'_>, machine: &dyn Machine) -> Result<Quantity, Lack> {
    let path = (HOST.paths)(name).remove(0);
    if name.field == "container" {
        // Something must be there to tell by.
        parse::text(machine, "/proc/self/mountinfo")?;
        return Ok(Quantity::word(parse::container(machine).as_deref().unwrap_or("none"), path, ""));
    }
    let text = parse::text(machine, &path)?;
    let missing = |what: &str| Lack::Missing { path: path.clone(), what: what.to_owned() };
    Ok(match name.field {
        "system" => {
            let fields = parse::Fields::equals(&path, &text)?;
            let name = fields.word("PRETTY_NAME").or_else(|| fields.word("NAME"));
            Quantity::word(name.ok_or_else(|| missing("PRETTY_NAME"))?, &path, "PRETTY_NAME")
        }
        "cgroup" => {
            let has = |kind: &str| parse::mountinfo(&text).any(|mount| mount.kind == kind);
            let version = match (has("cgroup"), has("cgroup2")) {
                (false, false) => "none",
                (true, false) => "v1",
                (false, true) => "v2",
                (true, true) => "hybrid",
            };
            Quantity::word(version, &path, "cgroup")
        }
        "hypervisor" => {
            let cpus = parse::cpuinfo(&path, &text)?;
            let flags = cpus[0].fields.word("flags").ok_or_else(|| missing("flags"))?;
            let yes = flags.split_ascii_whitespace().any(|flag| flag == "hypervisor");
            Quantity::word(if yes { "yes" } else { "no" }, &path, "flags")
        }
        _ => {
            let fields = parse::Fields::colon(&path, &text)?;
            let ids = fields.word("Uid").ok_or_else(|| missing("Uid"))?;
            let id = ids.split_ascii_whitespace().nth(1).and_then(parse::number);
            Quantity::number(id.ok_or_else(|| missing("Uid"))?, Unit::None, &path, "Uid")
        }
    })
}

/// A program.
pub const TOOL: Family = Family {
    name: "tool",
    which: Which::Must("program"),
    from: "@tool/WHICH",
    about: Text::fixed("프로그램이 설치되어 있는지", "whether a program is installed"),
    fields: &[told("", Unit::None, "프로그램", "program")],
    paths: |name| vec![format!("@tool/{}", name.which.unwrap_or_default())],
    find: |name, machine| {
        let tool = name.which.unwrap_or_default();
        let path = format!("@tool/{tool}");
        match machine.read(&path) {
            Ok(_) => Ok(Quantity::word("there", path, "")),
            Err(ReadError::NotFound) => Err(Lack::Nothing(text!(
                ko: "`{tool}` 프로그램이 설치되어 있지 않습니다.",
                en: "The program `{tool}` is not installed."
            ))),
            Err(error) => Err(Lack::File(Unreadable::Read { path, error })),
        }
    },
};

/// The size of a page.
pub const PAGE: Family = Family {
    name: "page",
    which: Which::No,
    from: "@page_size",
    about: Text::fixed("페이지의 크기", "size of a page"),
    fields: &[told("size", Unit::Bytes, "페이지 크기", "size of a page")],
    paths: |_| vec!["@page_size".into(), "/proc/meminfo".into(), "/proc/zoneinfo".into()],
    find: |_, machine| Ok(Quantity::number(page_size(machine), Unit::Bytes, "@page_size", "")),
};

/// Bytes of a page.
pub fn page_size(machine: &dyn Machine) -> f64 {
    let name = Name { family: "page", which: None, field: "size" };
    if let Ok(size) = line(&name, machine, "@page_size", Unit::Bytes)
        && let Some(size) = size.as_number().filter(|size| (1024.0..=1_048_576.0).contains(size))
    {
        return size;
    }
    // MemTotal is what the zones manage, in KiB instead of pages.
    let derived = || {
        let memory = super::find("meminfo.MemTotal", machine).ok()?.as_number()?;
        let managed = super::find("zone.managed", machine).ok()?.as_number().filter(|pages| *pages > 0.0)?;
        let size = memory * 1024.0 / managed;
        [4096.0, 16384.0, 65536.0].into_iter().find(|known: &f64| (size / known - 1.0).abs() < 0.05)
    };
    derived().unwrap_or(4096.0)
}
