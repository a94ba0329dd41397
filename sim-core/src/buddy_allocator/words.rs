//! What happened, in words.

use std::borrow::Cow;

use super::alloc::{Call, Node, Step};
use super::zone::{Block, MAX_PAGE_ORDER};
use crate::model::Log;
use crate::{Lang, Nanos, Text, text};

/// As [`text!`], where some words differ from language to language.
macro_rules! told {
    (ko: $ko:literal, en: $en:literal; $($word:ident),+) => {
        Text {
            ko: { $(let $word = $word.get(Lang::Ko);)+ Cow::Owned(format!($ko)) },
            en: { $(let $word = $word.get(Lang::En);)+ Cow::Owned(format!($en)) },
        }
    };
}

/// A migratetype as a reader calls it.
pub fn type_name(mt: u8) -> Text {
    match mt {
        0 => Text::fixed("이동 불가", "unmovable"),
        1 => Text::fixed("이동 가능", "movable"),
        2 => Text::fixed("회수 가능", "reclaimable"),
        _ => Text::fixed("그 밖", "other"),
    }
}

/// How often, in English.
fn times(n: u32) -> String {
    match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    }
}

/// Tells of a request and of all that it set off.
pub fn allocated(now: Nanos, node: &Node, call: &Call, got: Option<u32>, steps: &[Step], log: &mut Log) {
    let order = call.order;
    let kind = type_name(call.migratetype.number());
    let mut taken = None;
    for step in steps {
        if let Step::Left { from, .. } = step {
            taken = Some(*from);
        }
        tell(now, node, *step, log);
    }
    match got {
        Some(pfn) => {
            let zone = node.find(pfn).map_or("", |z| node.zones[z].1.name.as_ref());
            match taken {
                Some(from) if from > order => log.push(now, "split", || {
                    let (cuts, halved) = (from - order, times(from - order));
                    told!(
ko: "{zone}: 차수 {order} {kind}. 차수 {from} 목록의 맨 앞 블록 {pfn}번을 꺼내 {cuts}번 반으로 나눕니다. 위쪽 반은 한 차수 아래 목록의 맨 앞에 놓입니다.",
en: "{zone}: order {order}, {kind}. Block {pfn}, head of the order {from} list, is halved {halved}; each upper half goes to the head of the next list down."; kind)
                }),
                Some(_) => log.push(now, "alloc", || {
                    told!(
ko: "{zone}: 차수 {order} {kind}. 차수 {order} 목록의 맨 앞 블록 {pfn}번을 그대로 내줍니다.",
en: "{zone}: order {order}, {kind}. The head of the order {order} list, block {pfn}, is handed out as it is."; kind)
                }),
                None => log.push(now, "alloc", || {
                    told!(
ko: "{zone}: 차수 {order} {kind}. 블록 {pfn}번을 내줍니다.",
en: "{zone}: order {order}, {kind}. Block {pfn} is handed out."; kind)
                }),
            }
        }
        None => log.push(now, "fail", || {
            let pages = 1 << order;
            told!(
ko: "차수 {order} {kind} 요청이 실패합니다. 이어진 페이지 {pages}개가 필요했습니다.",
en: "The request for order {order}, {kind}, fails; pages in a row wanted: {pages}."; kind)
        }),
    }
}

/// Tells of a freed block.
pub fn freed(now: Nanos, node: &Node, block: &Block, became: Option<(u32, u32)>, steps: &[Step], log: &mut Log) {
    let Block { pfn, order, .. } = *block;
    let zone = node.find(pfn).map_or("", |z| node.zones[z].1.name.as_ref());
    match became {
        Some((start, merged)) if merged > order => log.push(now, "merge", || {
            let (merges, joins) = (merged - order, times(merged - order));
            text!(
                ko: "{zone}: 차수 {order} 블록 {pfn}번을 돌려받습니다. 짝이 비어 있어 {merges}번 합쳐져 {start}번에서 시작하는 차수 {merged} 블록이 됩니다.",
                en: "{zone}: block {pfn} of order {order} comes back. Its buddy is free, so it merges {joins} into block {start} of order {merged}.",
            )
        }),
        Some(_) if order < MAX_PAGE_ORDER => log.push(now, "free", || {
            let buddy = pfn ^ (1 << order);
            text!(
                ko: "{zone}: 차수 {order} 블록 {pfn}번을 돌려받습니다. 짝인 {buddy}번이 통째로 비어 있지 않아 합치지 못합니다.",
                en: "{zone}: block {pfn} of order {order} comes back. Its buddy {buddy} is not free as a whole, so they do not merge.",
            )
        }),
        Some(_) => log.push(now, "free", || {
            text!(
                ko: "{zone}: 가장 큰 블록 {pfn}번을 돌려받습니다.",
                en: "{zone}: block {pfn}, one of the largest, comes back.",
            )
        }),
        None => log.push(now, "free", || {
            text!(
                ko: "{zone}: 차수 {order} 블록 {pfn}번이 CPU별 목록의 맨 앞에 놓입니다. 버디 목록은 그대로입니다.",
                en: "{zone}: block {pfn} of order {order} goes to the head of its per-CPU list; the buddy lists do not change.",
            )
        }),
    }
    for step in steps {
        tell(now, node, *step, log);
    }
}

fn tell(now: Nanos, node: &Node, step: Step, log: &mut Log) {
    let name = |z: usize| node.zones[z].1.name.as_ref();
    match step {
        Step::Left { .. } => {}
        Step::Fell { zone, fell } => log.push(now, if fell.change_ownership { "claim" } else { "fallback" }, || {
            let (zone, from, wanted) = (name(zone), type_name(fell.fallback_mt), type_name(fell.mt));
            let (pfn, found) = (fell.pfn, fell.fallback_order);
            let mut why = told!(
ko: "{zone}: {wanted} 목록이 모두 비었습니다. {from} 쪽의 차수 {found} 블록을 씁니다({pfn}번).",
en: "{zone}: every {wanted} list is empty, so an order {found} block of the {from} ones is used ({pfn})."; wanted, from);
            let (ko, en) = if fell.change_ownership {
                (" 페이지블록이 통째로 넘어옵니다.", " The whole pageblock changes hands.")
            } else {
                (" 페이지블록의 유형은 그대로라서 두 유형이 한 블록에 섞입니다.", " The pageblock keeps its type: two kinds now share it.")
            };
            why.ko.to_mut().push_str(ko);
            why.en.to_mut().push_str(en);
            why
        }),
        Step::Boost { zone, pages } => log.push(now, "boost", || {
            let zone = name(zone);
            text!(
                ko: "{zone}: 유형이 섞였으므로 워터마크를 {pages}페이지 올려 kswapd가 미리 비우게 합니다.",
                en: "{zone}: types were mixed, so every mark is raised by {pages} pages for kswapd to make room.",
            )
        }),
        Step::Refill { zone, order, mt, blocks } => log.push(now, "refill", || {
            let (zone, kind) = (name(zone), type_name(mt));
            told!(
ko: "{zone}: CPU별 목록(차수 {order} {kind})이 비어 버디 목록에서 블록 {blocks}개를 한꺼번에 가져옵니다.",
en: "{zone}: the per-CPU list (order {order}, {kind}) was empty; {blocks} blocks come from the buddy lists at once."; kind)
        }),
        Step::Drain { zone, pages } => log.push(now, "drain", || {
            let zone = name(zone);
            text!(
                ko: "{zone}: CPU별 목록이 가득 차 {pages}페이지를 버디 목록으로 돌려보냅니다.",
                en: "{zone}: the per-CPU lists were full; {pages} pages go back to the buddy lists.",
            )
        }),
        Step::Kswapd { zone, free, low } => log.push(now, "kswapd", || {
            let zone = name(zone);
            text!(
                ko: "{zone}의 빈 페이지 {free}개로는 low 워터마크({low})를 넘겨 내줄 수 없어 kswapd를 깨웁니다.",
                en: "{zone}: nothing can be had above the low mark ({free} free, mark {low}), so kswapd is woken.",
            )
        }),
        Step::Reclaim { order } => log.push(now, "reclaim", || {
            text!(
                ko: "min 워터마크 위로도 차수 {order}을(를) 내줄 수 없어 요청한 쪽이 직접 회수에 나섭니다.",
                en: "Order {order} cannot be had above the min mark either: the caller has to reclaim by itself.",
            )
        }),
        Step::Compact { zone, order, index } => log.push(now, "compact", || {
            let zone = name(zone);
            text!(
                ko: "{zone}: 차수 {order}의 단편화 지수가 {index}/1000입니다. 메모리는 있고 흩어져 있을 뿐이라 압축을 시도합니다.",
                en: "{zone}: the fragmentation index of order {order} is {index}/1000. There is memory, only scattered: compaction is tried.",
            )
        }),
        Step::NoCompact { zone, order, index, lack } => log.push(now, "skip", || {
            let zone = name(zone);
            if lack {
                text!(
                    ko: "{zone}: 옮길 자리로 쓸 빈 페이지가 모자라 압축을 건너뜁니다(차수 {order}, 단편화 지수 {index}/1000).",
                    en: "{zone}: too little is free to move pages to, so compaction is skipped (order {order}, fragmentation index {index}/1000).",
                )
            } else {
                text!(
                    ko: "{zone}: 차수 {order}의 단편화 지수 {index}/1000이 extfrag_threshold 이하입니다. 메모리가 모자란 탓이라 압축을 건너뜁니다.",
                    en: "{zone}: the fragmentation index of order {order}, {index}/1000, is not above extfrag_threshold: memory is what lacks, so compaction is skipped.",
                )
            }
        }),
        Step::Oom { order } => log.push(now, "oom", || {
            text!(
                ko: "아무리 회수해도 차수 {order}을(를) 얻지 못했습니다. OOM killer를 부릅니다.",
                en: "Nothing that reclaim does yields order {order}: the OOM killer is called.",
            )
        }),
    }
}
