//! The frame's own words, in both languages.

use sim_core::Text;

macro_rules! words {
    ($($name:ident: $ko:literal, $en:literal;)*) => {
        $(#[doc = $en] pub static $name: Text = Text::fixed($ko, $en);)*
    };
}

words! {
    PRESET: "프리셋", "Preset";
    OWN: "내가 바꾼 실행", "My own run";
    STAGE: "시뮬레이터. 스페이스: 재생과 멈춤, 왼쪽과 오른쪽 화살표: 이전과 다음 사건, Home과 End: 처음과 끝", "Simulator. Space: play and pause; left and right arrow: previous and next event; Home and End: start and end";
    PLAY: "재생", "Play";
    PAUSE: "멈춤", "Pause";
    BACK: "이전 사건", "Previous event";
    STEP: "다음 사건", "Next event";
    HOME: "처음으로", "To the start";
    END: "끝으로", "To the end";
    TRANSPORT: "실행 조작", "Transport";
    SCRUB: "시각", "Time";
    SPEED: "속도", "Speed";
    KIND: "사건 종류", "Kind of event";
    ANY_KIND: "모든 사건", "any event";
    NEXT_OF: "다음으로 건너뛰기", "Jump to the next one";
    BACK_TO: "이전으로 건너뛰기", "Jump to the previous one";

    PARAMETERS: "매개변수와 입력", "Parameters and input";
    KERNEL: "커널 버전", "Kernel version";
    INVALID: "아래 값을 받아들일 수 없어, 그림은 마지막으로 올바른 실행을 보여 줍니다.", "These values cannot be run; the picture shows the last run that could.";

    OWN_RUN: "직접 바꾼 실행입니다. 프리셋을 고르면 처음으로 돌아갑니다.", "A run of your own. Choose a preset to go back.";
    WORKING: "실행을 계산하고 있습니다. 그동안 그림은 앞의 실행을 보여 줍니다.", "The run is being worked out; until then the picture shows the one before.";
    CANCEL: "그만두기", "Cancel";
    CANCELLED: "계산을 그만두고 앞의 실행으로 돌아왔습니다.", "Cancelled: back to the run before.";

    FILES: "커널 파일", "Kernel files";
    FILES_HELP: "커서 시각에 커널이 보여 줄 파일입니다. 바로 앞 사건 뒤로 바뀐 값을 표시합니다.", "The files the kernel would show at the cursor; what changed since the previous event is marked.";
    CHANGED: "바뀜", "changed";
    EVENTS: "사건 표", "Event table";
    EVENTS_HELP: "모든 사건과 그 까닭입니다. 시각을 누르면 그 순간으로 갑니다.", "Every event and its reason. Press a time to go there.";
    TIME: "시각", "Time";
    EVENT: "사건", "Event";
    WHY: "까닭", "Why";
    FIRST_PAGE: "첫 쪽", "First page";
    BACK_PAGE: "이전 쪽", "Previous page";
    NEXT_PAGE: "다음 쪽", "Next page";
    LAST_PAGE: "마지막 쪽", "Last page";
    TO_CURSOR: "커서로", "To the cursor";

    NUMBERS: "수치와 비교", "Numbers and comparison";
    PIN: "이 실행을 고정", "Pin this run";
    PIN_AGAIN: "지금 실행으로 바꿔 고정", "Pin this run instead";
    UNPIN: "고정 풀기", "Unpin";
    PIN_HELP: "고정한 뒤 값을 바꾸면 두 실행을 같은 그래프와 표에서 견줄 수 있습니다.", "Pin a run, change something, and see both in one chart and one table.";
    SHOWN: "지금 실행", "This run";
    PINNED: "고정한 실행", "Pinned run";
    DIFFERENCE: "차이", "Difference";
    METRIC: "수치", "Number";
    FIELD: "다른 입력", "What differs";
    SAME_INPUT: "두 실행의 입력이 같습니다.", "Both runs have the same input.";

    PREDICT: "예측해 보기", "Predict";
    PREDICT_HELP: "먼저 예측하고 나서 곡선을 봅니다. 결과를 가린 그래프 위에 선을 그리거나, 시각과 값을 적으십시오. 그래프를 선택한 뒤 화살표로도 그릴 수 있습니다.", "Commit yourself before you look: with the result hidden, draw on the chart or type times and values. With the chart focused, the arrow keys draw as well.";
    PREDICT_START: "예측 시작", "Start predicting";
    REVEAL: "결과 보기", "Reveal";
    PREDICT_AGAIN: "다시 예측하기", "Predict again";
    GUESS_FIRST: "먼저 예측을 그리거나 적으십시오.", "Draw or type a prediction first.";
    CLEAR: "지우고 끝내기", "Discard";
    GUESS_TIME: "시각", "Time";
    GUESS_VALUE: "예측값", "Value";
    GUESS_PUT: "이 점을 그리기", "Draw this point";
    GUESS_STAGE: "예측 그래프. 왼쪽과 오른쪽 화살표: 시각, 위와 아래 화살표: 값, Enter: 결과 보기", "Prediction chart. Left and right arrow: time; up and down arrow: value; Enter: reveal";
    GUESS_LABEL: "내 예측", "My prediction";
    GUESS_HIDDEN: "예측하는 동안 결과를 가렸습니다.", "The result is hidden while you predict.";
    REAL: "시뮬레이터", "Simulator";

    SHARE: "공유와 내보내기", "Share and export";
    COPY_LINK: "링크 복사", "Copy link";
    COPY_COMMAND: "명령 복사", "Copy command";
    SAVE_CSV: "CSV로 저장", "Save CSV";
    SAVE_SVG: "SVG로 저장", "Save SVG";
    SAVE_PCAP: "pcap으로 저장", "Save pcap";
    LINK: "이 순간을 여는 링크", "A link to this very moment";
    COMMAND: "터미널에서 같은 실행", "The same run in a terminal";
    COPIED: "복사했습니다.", "Copied.";
    NOT_COPIED: "브라우저가 복사를 막았습니다. 아래 글자를 선택해 복사하십시오.", "The browser refused; select the text below and copy it.";
    SAVED: "파일을 내려받았습니다.", "Saved.";
    NOT_SAVED: "브라우저가 저장을 막았습니다.", "The browser refused to save the file.";

    LIVE: "내 서버와 겹쳐 보기", "Overlay my machine";
    LIVE_NONE: "이 책을 live-probe가 보여 줄 때만 쓸 수 있습니다. 리눅스 서버에서 다음 명령을 실행하고, 터미널에 나온 주소를 여십시오.", "Only when live-probe serves this book. Run this on a Linux machine and open the address it prints.";
    LIVE_HELP: "내 서버의 값을 시뮬레이터의 곡선 위에 굵은 선으로 겹쳐 그립니다.", "Draws your machine's figures as thick curves over the simulator's.";
    LIVE_START: "겹쳐 그리기 시작", "Start the overlay";
    LIVE_STOP: "멈추기", "Stop";
    LIVE_ADOPT: "내 서버의 값으로 시작", "Use my machine's values";
    LIVE_WAITING: "첫 값을 기다립니다.", "Waiting for the first sample.";
    LIVE_ADOPTED: "내 서버의 커널, CPU 수, 평균에서 시작합니다.", "The run now starts from your machine's kernel, CPUs and averages.";
}
