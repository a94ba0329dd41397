//! A machine's profile in words.

use sim_core::{Text, text};

use super::profile::{Cgroup, Faked, HzFrom, Profile, Psi};

/// Label and words of every fact.
pub fn describe(profile: &Profile) -> Vec<(Text, Text)> {
    let or_unknown = |words: Option<Text>| words.unwrap_or(Text::fixed("알 수 없음", "not known"));
    let config = match &profile.config {
        Some(path) => Text::verbatim(path.clone()),
        None => Text::fixed(
            "읽을 수 없음(/proc/config.gz, /boot/config-*)",
            "not readable (/proc/config.gz, /boot/config-*)",
        ),
    };
    vec![
        (Text::fixed("커널", "kernel"), or_unknown(profile.kernel.clone().map(Text::verbatim))),
        (Text::fixed("배포판", "system"), or_unknown(profile.system.clone().map(Text::verbatim))),
        (Text::fixed("커널 설정", "config"), config),
        (Text::fixed("틱(HZ)", "HZ"), or_unknown(hz(profile))),
        (Text::fixed("CPU", "CPUs"), or_unknown(profile.cpus.map(|n| Text::verbatim(n.to_string())))),
        (Text::fixed("NUMA 노드", "NUMA nodes"), or_unknown(profile.numa_nodes.map(|n| Text::verbatim(n.to_string())))),
        (Text::fixed("cgroup", "cgroup"), or_unknown(profile.cgroup.map(cgroup))),
        (Text::fixed("컨테이너", "container"), container(profile)),
        (Text::fixed("부하 평균", "load average"), loadavg(profile)),
        (
            Text::fixed("WSL", "WSL"),
            profile.wsl.map_or(Text::fixed("아님", "no"), |n| Text::verbatim(format!("WSL{n}"))),
        ),
        (Text::fixed("PSI", "PSI"), psi(profile.psi)),
        (Text::fixed("권한", "privilege"), or_unknown(privilege(profile))),
    ]
}

fn hz(profile: &Profile) -> Option<Text> {
    let hz = profile.hz?;
    let value = hz.value;
    Some(match hz.from {
        HzFrom::Config => text!(ko: "{value}(CONFIG_HZ)", en: "{value} (CONFIG_HZ)"),
        HzFrom::ClockResolution => {
            text!(ko: "{value}(커널 시계의 해상도)", en: "{value} (resolution of the kernel's coarse clock)")
        }
    })
}

fn cgroup(cgroup: Cgroup) -> Text {
    match cgroup {
        Cgroup::None => Text::fixed("마운트되지 않음", "not mounted"),
        Cgroup::V1 => Text::fixed("v1", "v1"),
        Cgroup::V2 => Text::fixed("v2", "v2"),
        Cgroup::Hybrid => Text::fixed("v1과 v2를 함께 사용", "v1 and v2 side by side"),
    }
}

fn container(profile: &Profile) -> Text {
    match profile.container.as_deref() {
        None => Text::fixed("아님", "no"),
        Some("unknown") => Text::fixed("컨테이너로 보임(PID가 따로 매겨짐)", "it seems so (process ids of its own)"),
        Some(engine) => text!(
            ko: "{engine}. 부하 평균은 컨테이너가 아니라 호스트 전체의 값입니다",
            en: "{engine}; the load average is that of the whole host, not of the container"
        ),
    }
}

fn loadavg(profile: &Profile) -> Text {
    match profile.loadavg_faked {
        // Without the mounts of a recorded machine nobody can tell.
        None if profile.cgroup.is_none() => Text::fixed("알 수 없음", "not known"),
        None => Text::fixed("커널의 값 그대로", "the kernel's own"),
        Some(Faked::Lxcfs) => {
            Text::fixed("LXCFS가 만든 값. 커널의 값이 아닙니다", "made by LXCFS, not the kernel's own")
        }
        Some(Faked::DiffersFromSysinfo) => Text::fixed(
            "/proc/loadavg가 sysinfo(2)의 값과 다름. 커널의 값이 아닙니다",
            "/proc/loadavg differs from sysinfo(2), so it is not the kernel's own",
        ),
    }
}

fn psi(psi: Psi) -> Text {
    match psi {
        Psi::Present => Text::fixed("사용 가능", "available"),
        Psi::Disabled => Text::fixed(
            "꺼져 있음. 커널 매개변수 psi=1로 부팅하면 켜집니다",
            "switched off; boot with the kernel parameter psi=1",
        ),
        Psi::Absent => Text::fixed(
            "없음(4.20보다 오래되었거나 CONFIG_PSI 없이 빌드한 커널)",
            "absent (a kernel before 4.20, or built without CONFIG_PSI)",
        ),
        Psi::Denied => Text::fixed("읽을 권한이 없음", "no permission to read it"),
        Psi::Unknown => Text::fixed("알 수 없음", "not known"),
    }
}

fn privilege(profile: &Profile) -> Option<Text> {
    let euid = profile.euid?;
    let mut words = if euid == 0 {
        Text::fixed("root", "root")
    } else {
        text!(ko: "일반 사용자(uid {euid})", en: "ordinary user (uid {euid})")
    };
    let mut add = |more: Text| {
        words.ko.to_mut().push_str(&format!(", {}", more.ko));
        words.en.to_mut().push_str(&format!(", {}", more.en));
    };
    if let Some(capabilities) = &profile.capabilities {
        let n = capabilities.len();
        add(match n {
            0 => Text::fixed("capability 없음", "no capabilities"),
            1..=4 => Text::verbatim(capabilities.join(" ")),
            _ => text!(ko: "capability {n}개", en: "{n} capabilities"),
        });
    }
    if profile.seccomp == Some(true) {
        add(Text::fixed("seccomp로 시스템 콜 제한", "system calls filtered by seccomp"));
    }
    if profile.no_new_privs == Some(true) {
        add(Text::fixed("권한을 더 얻을 수 없음(no_new_privs)", "no_new_privs"));
    }
    Some(words)
}
