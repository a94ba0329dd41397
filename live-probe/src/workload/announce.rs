//! A plan in words: what it does, how long, with how much, and what it leaves behind.

use exercises::{Load, Pick, Workload};
use sim_core::{Lang, Text, text};

use super::plan::Plan;

impl Plan {
    /// The plan as lines of a label and what stands behind it.
    pub fn lines(&self) -> Vec<(Text, Text)> {
        vec![
            (Text::fixed("하는 일", "what"), self.what()),
            (Text::fixed("시간", "how long"), self.how_long()),
            (Text::fixed("한도", "limits"), self.limits()),
            (Text::fixed("바꾸는 것", "changes"), self.changes()),
            (
                Text::fixed("멈추려면", "to stop"),
                Text::fixed(
                    "Ctrl-C. live-probe가 강제로 종료되어도 부하는 함께 끝납니다",
                    "Ctrl-C; the load also ends when live-probe is killed",
                ),
            ),
        ]
    }

    /// The same, where not even what may run is told.
    pub fn lines_of_secret(&self) -> Vec<(Text, Text)> {
        let what = Text::fixed(
            "말하지 않습니다. 무엇이 도는지 찾는 것이 문제입니다",
            "not told: finding out what runs is the task",
        );
        let changes = Text::fixed(
            "설정도 다른 파일도 건드리지 않습니다. 쓰는 것은 모두 자기 폴더, 네임스페이스, 장치, cgroup 안에 있고 끝나면 사라집니다",
            "no setting and no file of others; all it uses is in a folder, namespace, device or cgroup of its own and goes at the end",
        );
        let minutes = self.workload.seconds / 60;
        vec![
            (Text::fixed("하는 일", "what"), what),
            (Text::fixed("시간", "how long"), text!(ko: "길어도 {minutes}분", en: "{minutes} min at most")),
            (Text::fixed("한도", "limits"), self.limits()),
            (Text::fixed("바꾸는 것", "changes"), changes),
            (
                Text::fixed("멈추려면", "to stop"),
                Text::fixed(
                    "`live-probe incident stop`. 이 셸이 끝나면 부하도 끝납니다",
                    "`live-probe incident stop`; the load also ends with this shell",
                ),
            ),
        ]
    }

    fn what(&self) -> Text {
        let loads: Vec<_> = self.workload.loads.iter().map(|load| load.text(self.cpus)).collect();
        match self.workload.pick {
            Pick::All => joined(&loads, ", "),
            Pick::OneInSecret => {
                let Text { ko, en } = joined(&loads, " / ");
                text!(ko: "다음 중 하나를 몰래 고릅니다: {ko}", en: "one of these, chosen in secret: {en}")
            }
        }
    }

    fn how_long(&self) -> Text {
        let Workload { seconds, before_s, after_s, .. } = self.workload;
        let total = self.workload.total_s();
        let stretches = [
            (before_s, text!(ko: "부하 없이 {before_s}초", en: "{before_s} s before")),
            (seconds, text!(ko: "부하 {seconds}초", en: "{seconds} s of load")),
            (after_s, text!(ko: "부하가 끝나고 {after_s}초", en: "{after_s} s after")),
        ];
        let stretches: Vec<_> = stretches.into_iter().filter(|(s, _)| *s > 0).map(|(_, text)| text).collect();
        let Text { ko, en } = joined(&stretches, ", ");
        let Text { ko: first_ko, en: first_en } = if self.most_of(Load::disk_mib) > 0 {
            Text::fixed(
                ". 먼저 파일을 준비하는 데 몇 초 더 걸립니다",
                "; making the files first takes some seconds more",
            )
        } else {
            Text::default()
        };
        text!(
            ko: "{total}초({ko}). 내내 1초마다 기록합니다{first_ko}",
            en: "{total} s ({en}), recorded once a second{first_en}"
        )
    }

    fn limits(&self) -> Text {
        let (processes, cpus) = (self.most_of(|load| load.processes(self.cpus)), self.cpus);
        let (memory, disk) = (self.most_of(Load::memory_mib), self.most_of(Load::disk_mib));
        let nice = self.workload.loads.iter().find_map(|load| match load {
            Load::NicePair { nice_a, nice_b } => Some(format!("nice {nice_a}, {nice_b}")),
            _ => None,
        });
        let nice = nice.unwrap_or_else(|| "nice 19".to_owned());
        let mut parts = vec![text!(
            ko: "프로세스 {processes}개(CPU {cpus}개), {nice}",
            en: "{processes} process(es) ({cpus} CPUs), {nice}"
        )];
        if memory > 0 {
            parts.push(text!(ko: "메모리 {memory} MiB", en: "{memory} MiB of memory"));
        }
        if disk > 0 {
            parts.push(text!(
                ko: "디스크 {disk} MiB(64 MiB는 늘 남깁니다)",
                en: "{disk} MiB of disk (64 MiB always stay free)"
            ));
        }
        parts.push(Text::fixed(
            "저마다 CPU 시간·메모리·파일 크기 제한, 시간이 지나면 커널이 끝냅니다",
            "each bounded in CPU time, memory and file size; the kernel ends them when the time is over",
        ));
        joined(&parts, ", ")
    }

    fn changes(&self) -> Text {
        let mut made: Vec<Text> = Vec::new();
        for load in &self.workload.loads {
            made.extend(leaves(*load).filter(|text| !made.contains(text)));
        }
        if made.is_empty() {
            return Text::fixed(
                "없습니다. 설정도 다른 파일도 건드리지 않고, 기록 하나만 남깁니다",
                "nothing: no setting, no file but the recording",
            );
        }
        let Text { ko, en } = joined(&made, "; ");
        text!(
            ko: "{ko}. 끝나면 기록 하나만 남습니다",
            en: "{en}; in the end only the recording is left"
        )
    }
}

/// What a load makes besides processes, and what becomes of it.
fn leaves(load: Load) -> Option<Text> {
    Some(match load {
        Load::TimeWaits { count, .. } => text!(
            ko: "127.0.0.0/8의 연결 {count}개가 끝난 뒤에도 TIME_WAIT로 1분쯤 남았다가 사라집니다",
            en: "{count} connections within 127.0.0.0/8 stay in TIME_WAIT for a minute after the end, then go"
        ),
        Load::KeepaliveHolder { .. } => Text::fixed("127.0.0.0/8 안의 연결", "connections within 127.0.0.0/8"),
        Load::FewPorts { .. } | Load::LossyConnection { .. } | Load::SilentPeer { .. } => Text::fixed(
            "전용 네트워크 네임스페이스를 만들고, 끝나면 커널이 없앱니다. 밖으로 나가는 패킷은 없습니다",
            "network namespaces of its own, which the kernel removes at the end; no packet leaves them",
        ),
        Load::VisitService { .. } => Text::fixed(
            "자기 폴더의 설정으로 redis-server와(필요하면) nginx를 루프백에서만 실행하고, 끝나면 모두 종료합니다. 시스템의 설정과 서비스는 건드리지 않습니다",
            "a redis-server and, where wanted, an nginx with settings in a folder of their own, on loopback only, ended at the end; the system's own settings and services are not touched",
        ),
        Load::SchedulerRace { .. } => Text::fixed(
            "전용 루프 장치의 스케줄러를 바꾸었다가 되돌립니다. 다른 디스크는 건드리지 않습니다",
            "the scheduler of a loop device of its own, put back at the end; no other disk is touched",
        ),
        Load::LoopWriter { .. } => Text::fixed(
            "전용 루프 장치를 만들고, 끝나면 커널이 놓아 줍니다",
            "a loop device of its own, which the kernel lets go of at the end",
        ),
        Load::CgroupPressure { .. } | Load::QuotaStalls { .. } => {
            Text::fixed("전용 cgroup을 만들고 지웁니다", "a cgroup of its own, removed at the end")
        }
        Load::CacheReader { .. } | Load::DirtyWriter { .. } | Load::FlushStalls { .. } => Text::fixed(
            "자기 임시 폴더의 파일을 지웁니다",
            "files in a temporary folder of its own, removed at the end",
        ),
        Load::NegativeDentries { .. } | Load::FileDentries { .. } => Text::fixed(
            "자기 임시 폴더의 이름을 폴더째 지웁니다",
            "names in a temporary folder of its own, which is removed at the end",
        ),
        _ => return None,
    })
}

fn joined(texts: &[Text], with: &str) -> Text {
    let of = |lang: Lang| texts.iter().map(|text| text.get(lang)).collect::<Vec<_>>().join(with);
    Text { ko: of(Lang::Ko).into(), en: of(Lang::En).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_announced_with_what_it_takes() {
        for kind in Load::KINDS {
            let load = Load::of(kind, |name, default| Some(if name == "tasks" { 1 } else { default })).unwrap();
            let workload =
                Workload { seconds: 10, before_s: 1, after_s: 0, pick: Pick::All, loads: vec![load], records: vec![] };
            let lines = Plan::of_load(load, workload, 2).unwrap().lines();
            let of = |label: &str| lines.iter().find(|(name, _)| name.en == label).unwrap().1.clone();
            let limits = of("limits");
            for (amount, ko, en) in [(load.memory_mib(), "메모리", "of memory"), (load.disk_mib(), "디스크", "of disk")]
            {
                assert_eq!(limits.ko.contains(&format!("{ko} {amount} MiB")), amount > 0, "{kind}: {limits:?}");
                assert_eq!(limits.en.contains(&format!("{amount} MiB {en}")), amount > 0, "{kind}: {limits:?}");
            }
            assert_eq!(of("changes").en.starts_with("nothing"), leaves(load).is_none(), "{kind}");
            assert!(lines.iter().all(|(_, words)| !words.ko.is_empty() && words.ko != words.en), "{kind}");
        }
    }
}
