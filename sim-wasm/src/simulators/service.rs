//! The part of the closed-loop service of its widget: kernels, names of events, the reader's machine.

use sim_core::{Json, KernelVersion, Text};

use super::{Simulator, kernel};
use crate::live::{Facts, Sample};

/// The widget. Everything that can be set is a parameter of its own.
pub static SIMULATOR: Simulator = Simulator {
    model: "service",
    kernels: KERNELS,
    kinds: &[
        ("wait", Text::fixed("줄을 섬", "waits")),
        ("begin", Text::fixed("워커가 맡음", "a worker takes it")),
        ("answer", Text::fixed("응답", "answer")),
        ("drop", Text::fixed("SYN이 버려짐", "a SYN is dropped")),
        ("no-port", Text::fixed("포트 없음", "no port")),
        ("return", Text::fixed("포트가 돌아옴", "ports are back")),
        ("window", Text::fixed("구간이 끝남", "a window ends")),
    ],
    editor: &[],
    guessed: "p50",
    measured,
    adopt,
};

const KERNELS: &[(KernelVersion, Text)] = &[
    kernel(
        2,
        6,
        32,
        "RHEL 6. SYN을 3초 뒤에야 다시 보내고, accept 큐는 기본 128입니다.",
        "RHEL 6. A SYN is sent again only after 3 s, and the accept queue is 128 by default.",
    ),
    kernel(
        3,
        10,
        0,
        "RHEL 7. SYN을 1, 3, 7초에 다시 보냅니다(3.1부터).",
        "RHEL 7. A SYN is sent again at 1, 3 and 7 s (since 3.1).",
    ),
    kernel(
        4,
        18,
        0,
        "RHEL 8의 번호입니다. 로컬 포트의 끝이 60999가 되었습니다(4.2부터).",
        "RHEL 8's number. Local ports end at 60999 (since 4.2).",
    ),
    kernel(5, 10, 0, "somaxconn의 기본값이 4096이 되었습니다(5.4부터).", "somaxconn is 4096 by default (since 5.4)."),
    kernel(
        6,
        12,
        0,
        "SYN을 1, 2, 3, 4, 5초에 다시 보낸 뒤에 간격이 두 배로 늘어납니다(6.5부터).",
        "A SYN is sent again at 1, 2, 3, 4 and 5 s before the time doubles (since 6.5).",
    ),
];

/// A look at the machine tells nothing of a service.
fn measured(_: &Sample) -> Vec<(&'static str, i64)> {
    Vec::new()
}

/// Kernel and CPUs.
fn adopt(scenario: &mut Json, facts: &Facts) {
    if let Ok(kernel) = facts.kernel.parse::<KernelVersion>() {
        scenario.replace("kernel", kernel.to_string().as_str().into());
    }
    scenario.replace("cpus", facts.cpus.into());
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    #[test]
    fn a_machine_is_taken_over_with_its_kernel_and_cpus() {
        let kind = Kind::find("service").unwrap();
        let facts = Facts {
            kernel: "6.18.44-cloud".to_owned(),
            hz: Some(250),
            cpus: 8,
            avenrun: [0; 3],
            nr_threads: 100,
            files: Vec::new(),
        };
        for preset in (kind.entry.presets)() {
            let mut scenario = preset.scenario.clone();
            adopt(&mut scenario, &facts);
            assert_eq!((kind.entry.problems)(&scenario), [], "{}", preset.name);
            assert_eq!((scenario["kernel"].as_str(), scenario["cpus"].as_i64()), (Some("6.18.44"), Some(8)));
        }
    }
}
