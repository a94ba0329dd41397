//! The same in words: what a screen reader says in place of the drawings.

use sim_core::buddy_allocator::{
    BuddyAllocator, MAX_PAGE_ORDER, fragmentation_index, largest_order, unusable_free_index,
};
use sim_core::{Lang, Model, Nanos, Text, text};

use super::History;
use super::curves::LINES;
use crate::ticks::say;

/// What the first event of a kind is marked with; `None` for what is no trouble.
pub fn trouble(kind: &str) -> Option<Text> {
    Some(match kind {
        "fallback" => Text::fixed("폴백", "fallback"),
        "kswapd" => Text::fixed("kswapd", "kswapd"),
        "fail" => Text::fixed("실패", "fails"),
        _ => return None,
    })
}

/// The zones, their lists and what could be had from them.
pub fn state(model: &BuddyAllocator) -> Text {
    let (ko_now, en_now) = (say(model.now(), Lang::Ko), say(model.now(), Lang::En));
    let counts = model.counts();
    let (pages, failed) = (counts.pages, counts.failed);
    let mut words = text!(
        ko: "{ko_now}: 할당된 페이지 {pages}개, 실패한 요청 {failed}개.",
        en: "{en_now}: {pages} pages are handed out; failed requests: {failed}.",
    );
    for zone in model.zones().rev() {
        let (name, free, managed) = (&zone.name, zone.free_pages(), zone.managed);
        let lists: Vec<String> = (0..=MAX_PAGE_ORDER)
            .filter(|order| zone.nr_free(*order) > 0)
            .map(|order| format!("{order}: {}", zone.nr_free(order)))
            .collect();
        let lists = if lists.is_empty() { "-".to_owned() } else { lists.join(", ") };
        let more = text!(
            ko: " {name}: {managed}페이지 중 {free}페이지가 비어 있습니다. 차수별 빈 블록 수는 {lists}.",
            en: " Zone {name}: {free} of {managed} pages free; free blocks by order: {lists}.",
        );
        words.ko.to_mut().push_str(&more.ko);
        words.en.to_mut().push_str(&more.en);
    }
    let zone = model.preferred_zone();
    let unusable = unusable_free_index(zone, 9);
    let index = fragmentation_index(zone, 9);
    let largest = largest_order(zone).map_or("-".to_owned(), |order| order.to_string());
    let more = text!(
        ko: " 가장 큰 빈 블록의 차수는 {largest}, 차수 9에 쓸 수 없는 비율은 {unusable}/1000, 단편화 지수는 {index}/1000.",
        en: " The largest free block is of order {largest}; {unusable}/1000 of what is free is unusable for order 9; its fragmentation index is {index}/1000.",
    );
    words.ko.to_mut().push_str(&more.ko);
    words.en.to_mut().push_str(&more.en);
    words
}

/// The curves: where they are, where they were lowest, where they end.
pub fn curves(history: &History, cursor: Nanos) -> Text {
    let (ko_now, en_now) = (say(cursor, Lang::Ko), say(cursor, Lang::En));
    let mut words = text!(
        ko: "맨 위 영역의 페이지 수, 커서는 {ko_now}.",
        en: "Pages of the highest zone; the cursor is at {en_now}.",
    );
    for line in &LINES {
        let Some(points) = history.track.metrics.get(line.metric) else { continue };
        let known = points.partition_point(|point| point.0 <= cursor);
        let at = points[..known].last().map_or(0, |point| point.1);
        let least = points.iter().map(|point| point.1).min().unwrap_or(0);
        let end = points.last().map_or(0, |point| point.1);
        let (ko, en) = (line.run.0.get(Lang::Ko), line.run.0.get(Lang::En));
        let more = text!(
            ko: " {ko}: 지금 {at}, 최저 {least}, 끝 {end}.",
            en: " {en}: {at} now, lowest {least}, {end} at the end.",
        );
        words.ko.to_mut().push_str(&more.ko);
        words.en.to_mut().push_str(&more.en);
    }
    words
}
