//! What happens, before it is put into words.

use super::calc::{CLUSTER, Decision};
use super::memory::Plan;
use super::scenario::Kind;
use crate::{MILLISECOND, Nanos, Text, text};

/// One thing that happened, with its numbers; memory in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A program begins.
    Start { program: usize, kind: Kind },
    /// It has gone through all it has, once.
    Through { program: usize, kind: Kind, available: u64 },
    /// It ends, and gives back so much.
    End { program: usize, kind: Kind, freed: u64 },
    /// kswapd wakes after a rest.
    Wake { free: u64, low: u64, high: u64 },
    /// It has rested for a second: how often it woke since, and how much was taken.
    Rest { runs: u64, taken: u64, free: u64 },
    /// A program reclaims for itself, for the first time in a while.
    Direct { program: usize, free: u64, min: u64 },
    /// What is looked at changes.
    Scan { plan: Plan, swappiness: u64, costs: [u64; 2] },
    /// Pages go to swap, for the first time in a while.
    SwapOut { swap_free: u64 },
    /// Pages come back that had gone, for the first time in a while.
    Refault { program: usize, file: bool, lasts: Nanos },
    /// Somebody dropped caches.
    Drop { what: u8, freed: u64 },
    /// A program is killed.
    Oom { program: usize, points: u64, freed: u64 },
    /// There is nobody to kill.
    Panic,
}

/// Pages as a reader thinks of them.
pub fn size(pages: u64) -> String {
    let tenths = (pages.saturating_mul(10) + 128) / 256;
    match tenths {
        0..10 => format!("{} KiB", pages * 4),
        10..1000 => format!("{}.{} MiB", tenths / 10, tenths % 10),
        1000..100_000 => format!("{} MiB", tenths / 10),
        _ => format!("{}.{} GiB", tenths / 10_240, tenths % 10_240 * 10 / 10_240),
    }
}

impl Kind {
    fn what(self) -> Text {
        match self {
            Kind::Heap => Text::fixed("힙", "heap"),
            Kind::Shmem => Text::fixed("메모리 파일", "a file in memory"),
            Kind::File => Text::fixed("파일", "a file"),
            Kind::Device => Text::fixed("블록 장치", "a block device"),
            Kind::Names => Text::fixed("이름", "names"),
        }
    }
}

impl Happening {
    /// The kind of event.
    pub fn kind(&self) -> &'static str {
        match self {
            Happening::Start { .. } => "start",
            Happening::Through { .. } => "through",
            Happening::End { .. } => "end",
            Happening::Wake { .. } => "kswapd-wake",
            Happening::Rest { .. } => "kswapd-rest",
            Happening::Direct { .. } => "direct",
            Happening::Scan { .. } => "scan",
            Happening::SwapOut { .. } => "swap-out",
            Happening::Refault { .. } => "refault",
            Happening::Drop { .. } => "drop",
            Happening::Oom { .. } => "oom",
            Happening::Panic => "panic",
        }
    }

    /// The reason, as a sentence.
    pub fn tell(&self) -> Text {
        match *self {
            Happening::Start { program, kind } => {
                let Text { ko, en } = kind.what();
                text!(ko: "programs[{program}]이 시작합니다({ko}).", en: "programs[{program}] begins ({en}).")
            }
            Happening::Through { program, kind, available } => {
                let (Text { ko, en }, available) = (kind.what(), size(available));
                text!(
                    ko: "programs[{program}]이 끝까지 갔습니다({ko}). MemAvailable은 {available}입니다.",
                    en: "programs[{program}] is through ({en}); MemAvailable is {available}.",
                )
            }
            Happening::End { program, kind: Kind::Heap | Kind::Shmem, freed } => {
                let freed = size(freed);
                text!(
                    ko: "programs[{program}]이 끝나 메모리 {freed}를 돌려줍니다.",
                    en: "programs[{program}] ends and gives back {freed}.",
                )
            }
            Happening::End { program, .. } => text!(
                ko: "programs[{program}]이 끝납니다. 캐시에 들어온 것은 남습니다.",
                en: "programs[{program}] ends; what it brought into the cache stays.",
            ),
            Happening::Wake { free, low, high } => text!(
                ko: "할당하면 빈 메모리가 {free}페이지로 low({low}) 아래라 kswapd가 깨어납니다. high({high})까지 회수합니다.",
                en: "An allocation takes free memory to {free} pages, below low ({low}): kswapd wakes, to reclaim up to high ({high}).",
            ),
            Happening::Rest { runs, taken, free } => {
                let taken = size(taken);
                text!(
                    ko: "kswapd가 1초째 잡니다. 그동안 {runs}번 깨어나 {taken}를 회수했고, 빈 메모리는 {free}페이지입니다.",
                    en: "kswapd has slept for a second. It woke {runs} times, {taken} were reclaimed, and {free} pages are free.",
                )
            }
            Happening::Direct { program, free, min } => text!(
                ko: "할당하면 빈 메모리가 {free}페이지로 min({min}) 아래입니다. programs[{program}]이 직접 회수하느라 기다립니다.",
                en: "An allocation would take free memory to {free} pages, below min ({min}): programs[{program}] has to reclaim for itself, and waits.",
            ),
            Happening::Scan { plan, swappiness, costs } => tell_plan(plan, swappiness, costs),
            Happening::SwapOut { swap_free } => {
                let free = size(swap_free);
                text!(
                    ko: "익명 페이지가 스왑으로 나갑니다. 스왑은 {free} 남았습니다.",
                    en: "Anonymous pages go to swap, where {free} are left.",
                )
            }
            Happening::Refault { program, file, lasts } => {
                let (ms, part) = (lasts / MILLISECOND, lasts % MILLISECOND / 100_000);
                let (ko, en) = if file { ("파일", "file") } else { ("스왑", "swap") };
                text!(
                    ko: "내보냈던 {CLUSTER}페이지를 programs[{program}]이 다시 찾아 {ko}에서 {ms}.{part} ms 걸려 읽습니다(refault).",
                    en: "programs[{program}] wants {CLUSTER} pages back that had gone: read from {en} in {ms}.{part} ms (refault).",
                )
            }
            Happening::Drop { what, freed } => {
                let freed = size(freed);
                text!(
                    ko: "drop_caches에 {what}을 썼습니다. {freed}가 비었습니다.",
                    en: "Somebody wrote {what} to drop_caches: {freed} came free.",
                )
            }
            Happening::Oom { program, points, freed } => {
                let freed = size(freed);
                text!(
                    ko: "더 회수할 것이 없습니다. OOM 킬러가 점수({points})가 가장 높은 programs[{program}]을 죽여 {freed}를 얻습니다.",
                    en: "Nothing more can be reclaimed. The OOM killer takes programs[{program}], whose points are highest ({points}), and gets {freed}.",
                )
            }
            Happening::Panic => Text::fixed(
                "회수할 것도 죽일 프로세스도 없습니다. 커널이 패닉을 일으킵니다.",
                "Nothing can be reclaimed and nobody be killed: the kernel panics.",
            ),
        }
    }
}

fn tell_plan(plan: Plan, swappiness: u64, [anon_cost, file_cost]: [u64; 2]) -> Text {
    let priority = plan.priority;
    let share = |part: u64| crate::mul_div(part, 1000, plan.weights.of.max(1));
    let [anon, file] = [plan.weights.anon, plan.weights.file].map(|part| {
        let thousandths = share(part);
        format!("{}.{}", thousandths / 10, thousandths % 10)
    });
    match plan.decision {
        Decision::NoSwap => text!(
            ko: "쓸 스왑이 없어 파일만 훑습니다(우선순위 {priority}).",
            en: "With no swap to be had, only files are looked at (priority {priority}).",
        ),
        Decision::Equal => text!(
            ko: "마지막 시도(우선순위 0)라 두 쪽을 모두 훑습니다.",
            en: "As the last attempt (priority 0), both are looked at in full.",
        ),
        Decision::FileIsTiny => text!(
            ko: "파일 캐시가 거의 없어 익명만 훑습니다(우선순위 {priority}).",
            en: "Hardly any file cache is left: only anonymous pages are looked at (priority {priority}).",
        ),
        Decision::CacheTrim => text!(
            ko: "비활성 파일이 넉넉해 swappiness와 상관없이 파일만 훑습니다(우선순위 {priority}).",
            en: "There are plenty of inactive file pages: only files are looked at, whatever swappiness is (priority {priority}).",
        ),
        Decision::Fraction => text!(
            ko: "swappiness {swappiness}, 비용 {anon_cost} 대 {file_cost}: 익명을 {anon} %, 파일을 {file} %의 무게로 훑습니다(우선순위 {priority}).",
            en: "Swappiness {swappiness}, costs {anon_cost} to {file_cost}: anonymous pages weigh {anon} % and files {file} % (priority {priority}).",
        ),
    }
}
