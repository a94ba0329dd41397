//! The words of the page around the text, in both languages; the template names them `[[key]]`.

use sim_core::{Lang, Text};

/// Every string of the template.
pub static STRINGS: &[(&str, Text)] = &[
    ("language", Text::fixed("한국어", "English")),
    ("title", Text::fixed("커널 워크북", "Kernel Workbook")),
    (
        "description",
        Text::fixed(
            "리눅스 서버가 어떻게 움직일지 예측하고, 시뮬레이터로 돌려 보고, 내 서버에서 확인하는 책",
            "Predict how a Linux server behaves, run it in a simulator, and check it on your own machine",
        ),
    ),
    ("skip", Text::fixed("본문으로 건너뛰기", "Skip to the text")),
    ("contents", Text::fixed("차례", "Contents")),
    ("search", Text::fixed("찾기", "Search")),
    ("search-label", Text::fixed("이 책에서 찾기", "Search this book")),
    ("search-none", Text::fixed("‘{}’에 맞는 곳이 없습니다.", "Nothing matches ‘{}’.")),
    ("search-one", Text::fixed("‘{}’: 1곳", "‘{}’: 1 place")),
    ("search-many", Text::fixed("‘{}’: {n}곳", "‘{}’: {n} places")),
    ("search-more", Text::fixed("앞의 {max}곳만 보여 줍니다.", "The first {max} are shown.")),
    ("search-failed", Text::fixed("찾아보기 목록을 읽지 못했습니다.", "The search index could not be loaded.")),
    ("theme", Text::fixed("색", "Colours")),
    ("theme-auto", Text::fixed("시스템 설정", "As the system")),
    ("theme-light", Text::fixed("밝게", "Light")),
    ("theme-rust", Text::fixed("녹(Rust)", "Rust")),
    ("theme-coal", Text::fixed("석탄(Coal)", "Coal")),
    ("theme-navy", Text::fixed("남색(Navy)", "Navy")),
    ("theme-ayu", Text::fixed("아유(Ayu)", "Ayu")),
    ("view", Text::fixed("보기", "View")),
    ("workshop", Text::fixed("진행자 보기", "Workshop view")),
    ("workshop-help", Text::fixed("걸리는 시간, 흔한 오답, 줄일 곳", "minutes, common wrong answers, what to cut")),
    ("other-language", Text::fixed("English", "한국어")),
    ("print", Text::fixed("책 전체를 한 쪽으로 펼쳐 인쇄", "Print the whole book")),
    ("pages", Text::fixed("앞뒤 장", "Previous and next chapter")),
    ("previous", Text::fixed("이전", "Previous")),
    ("next", Text::fixed("다음", "Next")),
    ("copy", Text::fixed("복사", "Copy")),
    ("copied", Text::fixed("복사했습니다", "Copied")),
    ("copy-failed", Text::fixed("복사하지 못했습니다", "Could not copy")),
    ("to-come", Text::fixed("준비 중", "to come")),
    ("on-this-page", Text::fixed("이 장에서", "In this chapter")),
    ("here", Text::fixed(" (이 컴퓨터: {})", " (this machine: {})")),
    (
        "here-filled",
        Text::fixed(
            "이 컴퓨터를 live-probe가 읽은 값입니다. 값 아래에 나온 파일이 그 출처입니다.",
            "What live-probe reads on this machine; below each figure, the file it came from.",
        ),
    ),
    (
        "progress-exported",
        Text::fixed("연습 문제 {}개의 진행 상황을 내보냈습니다.", "Exported the progress of {} exercise(s)."),
    ),
    (
        "progress-imported",
        Text::fixed("연습 문제 {}개의 진행 상황을 합쳤습니다.", "Added the progress of {} exercise(s)."),
    ),
    (
        "progress-refused",
        Text::fixed(
            "가져올 수 없는 파일입니다({}). 이 책이나 `live-probe progress --export`가 만든 파일을 고르십시오.",
            "That file cannot be imported ({}). Choose one that this book or `live-probe progress --export` made.",
        ),
    ),
    ("note", Text::fixed("참고", "Note")),
    ("tip", Text::fixed("팁", "Tip")),
    ("important", Text::fixed("중요", "Important")),
    ("warning", Text::fixed("주의", "Warning")),
    ("caution", Text::fixed("위험", "Caution")),
];

/// A string of the template.
pub fn string(key: &str, lang: Lang) -> Option<&'static str> {
    STRINGS.iter().find(|(known, _)| *known == key).map(|(_, text)| text.get(lang))
}
