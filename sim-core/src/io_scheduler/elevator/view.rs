//! What a scheduler shows of itself.

use super::store::{Sorted, Store};
use crate::io_scheduler::request::{Request, RequestId};
use crate::{Nanos, Text, text};

/// Why a request was chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Why {
    /// Nothing was chosen yet.
    #[default]
    Nothing,
    /// It was inserted at the head.
    Head,
    /// It has waited longest.
    Oldest,
    /// It is the next by sector, and the batch goes on.
    Batch,
    /// It is the next by sector, and begins a batch.
    NextBySector,
    /// Its deadline has passed.
    Expired,
    /// Nothing lies ahead in this direction: the oldest begins a batch.
    FifoHead,
    /// It waits since longer than lower classes may be kept waiting.
    Aged,
    /// Its process holds the disk, and it is the nearest.
    Slice,
    /// The queue is one that the active process works together with.
    Cooperator,
    /// The domain's turn.
    Domain,
}

impl Why {
    /// The reason in words.
    pub fn text(self) -> Text {
        match self {
            Why::Nothing => text!(ko: "아직 고른 요청이 없습니다", en: "nothing was chosen yet"),
            Why::Head => text!(ko: "맨 앞에 넣은 요청입니다", en: "it was inserted at the head"),
            Why::Oldest => text!(ko: "가장 오래 기다렸습니다", en: "it has waited longest"),
            Why::Batch => text!(ko: "묶음이 이어지고 섹터 순서로 다음입니다", en: "the batch goes on: next by sector"),
            Why::NextBySector => {
                text!(ko: "섹터 순서로 다음이며 새 묶음을 시작합니다", en: "next by sector, beginning a batch")
            }
            Why::Expired => text!(ko: "기한이 지났습니다", en: "its deadline has passed"),
            Why::FifoHead => {
                text!(ko: "이어 갈 위치가 없어 가장 오래된 요청부터 시작합니다", en: "no position to go on from: the oldest begins a batch")
            }
            Why::Aged => {
                text!(ko: "낮은 등급이지만 너무 오래 기다렸습니다", en: "of a lower class, but kept waiting too long")
            }
            Why::Slice => {
                text!(ko: "지금 차례인 프로세스의 가장 가까운 요청입니다", en: "nearest request of the process whose turn it is")
            }
            Why::Cooperator => {
                text!(ko: "차례인 프로세스와 가까운 곳을 읽는 프로세스의 요청입니다", en: "of a process that works close to the one whose turn it is")
            }
            Why::Domain => {
                text!(ko: "이 종류의 차례이고 토큰이 남았습니다", en: "its domain's turn, and a token is free")
            }
        }
    }
}

/// In which order a lane stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By age.
    Fifo,
    /// By sector.
    Sector,
}

/// A request that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The request.
    pub request: Request,
    /// When its deadline passes, where the scheduler keeps one.
    pub expires: Option<Nanos>,
}

impl Waiting {
    /// The first `most` by sector.
    pub fn first(store: &Store, sorted: &Sorted, most: usize) -> Vec<Waiting> {
        let entries = sorted.values().take(most).map(|slot| store.entry(*slot));
        entries.map(|entry| Waiting { request: entry.request, expires: Some(entry.expires) }).collect()
    }
}

/// One of the queues a scheduler keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// What a reader calls it.
    pub label: Text,
    /// The process it belongs to, where there is one for each.
    pub process: Option<u32>,
    /// The order of `waiting`.
    pub order: Order,
    /// What waits, no more than was asked for.
    pub waiting: Vec<Waiting>,
    /// How many wait in truth.
    pub len: usize,
    /// The request it would give next.
    pub next: Option<RequestId>,
    /// Whether the scheduler serves this lane now.
    pub active: bool,
}

impl Lane {
    /// What a reader calls the queue of a scheduler that has one for each process, and one of
    /// asynchronous writes for each priority.
    pub fn owner(sync: bool, process: Option<u32>, level: u8) -> Text {
        match (sync, process) {
            (false, _) => text!(ko: "비동기 쓰기(우선순위 {level})", en: "async writes (priority {level})"),
            (true, Some(process)) => text!(ko: "프로세스 {process}", en: "process {process}"),
            (true, None) => Text::fixed("합친 큐", "merged queue"),
        }
    }
}

/// The device is kept idle on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idling {
    /// For whose next request.
    pub process: Option<u32>,
    /// Until when.
    pub until: Nanos,
}

/// What a scheduler chooses from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Its queues, in the order in which it looks at them.
    pub lanes: Vec<Lane>,
    /// The idle slice that runs.
    pub idling: Option<Idling>,
    /// Its counters by the kernel's names (`batching`, `starved`), as debugfs shows them.
    pub counters: Vec<(&'static str, i64)>,
}
