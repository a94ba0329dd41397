//! The exercise's own words, in both languages.

use sim_core::Text;

macro_rules! words {
    ($($name:ident: $ko:literal, $en:literal;)*) => {
        $(#[doc = $en] pub static $name: Text = Text::fixed($ko, $en);)*
    };
}

words! {
    COMMIT: "예측 확정", "Commit my prediction";
    COMMIT_ANSWER: "답 확정", "Commit my answer";
    COMMIT_FIRST: "결과를 보기 전에 먼저 답을 확정합니다. 답은 이 브라우저에만 남습니다.", "Commit to an answer before you see the result. It stays in this browser.";
    MY_PREDICTION: "내 예측", "My prediction";
    MY_ANSWER: "내 답", "My answer";
    AGAIN: "다시 예측하기", "Predict again";
    AGAIN_ANSWER: "다시 답하기", "Answer again";
    CHOOSE: "하나를 고르십시오.", "Choose one.";
    TERMINAL: "내 서버의 터미널에서 하기", "Do it in a terminal of your own server";
    BEFORE: "먼저 살펴보기", "Look first";
    WHERE: "어디에서 확인할까요?", "Where shall it be checked?";
    LIVE: "이 컴퓨터로 하기", "Use this machine";
    SIMULATED: "시뮬레이션한 컴퓨터로 하기", "Use a simulated machine";
    NO_PROBE: "지금 이 페이지는 컴퓨터를 읽을 수 없습니다. 리눅스 컴퓨터의 터미널에서 다음 명령을 실행하고, 표시된 주소로 이 책을 여십시오.", "This page cannot read a machine now. On a Linux machine, run this command in a terminal and open the book at the address it prints.";
    NO_LINUX: "리눅스가 없어도 됩니다. 시뮬레이션한 컴퓨터는 같은 파일을 보여 주고, 같은 규칙으로 판정합니다.", "You need no Linux: a simulated machine shows the same files and is judged by the same rules.";
    CHECK: "확인하기", "Check";
    CHECK_AGAIN: "다시 확인하기", "Check again";
    RUN_SIMULATED: "실행하고 확인하기", "Run and check";
    RUN_HERE: "이 컴퓨터에서 실행하기", "Run it on this machine";
    RUN_IN_TERMINAL: "터미널에서 다음 명령을 실행하고, 끝나면 확인하십시오.", "Run this command in a terminal, then check when it has ended.";
    STOP: "멈추기", "Stop";
    RUNNING: "실행 중", "Running";
    WORKING: "확인하고 있습니다…", "Checking…";
    STOPPED: "실행을 멈추었습니다. 확인하려면 처음부터 끝까지 실행해야 합니다.", "The run was stopped. To be checked it has to run to its end.";
    PREDICTION: "예측", "Prediction";
    SIMULATOR: "시뮬레이터", "Simulator";
    THIS_MACHINE: "이 컴퓨터", "This machine";
    RECORDED_MACHINE: "이 컴퓨터(기록)", "This machine (recorded)";
    SIMULATED_MACHINE: "시뮬레이션한 컴퓨터", "Simulated machine";
    MEASURED: "측정", "Measured";
    COMPARED: "예측, 시뮬레이터, 측정", "Prediction, simulator, measurement";
    WHY: "차이가 난 까닭", "What explains the difference";
    NEXT: "다음 할 일", "What to do now";
    CURVES: "1분 평균의 곡선", "The curve of the 1-minute average";
    LOAD: "부하", "load";
    READINGS: "판정에 쓴 파일", "Files that were judged";
    OPEN_RUN: "이 실행을 시뮬레이터에서 열기", "Open this run in the simulator";
    HINTS: "힌트", "Hints";
    EXPLANATION: "풀이", "Explanation";
    SHOW_EXPLANATION: "풀이 보기", "Show the explanation";
    SOLVED: "이미 통과한 연습입니다.", "You have passed this exercise.";
    NEW_MACHINE: "새 컴퓨터입니다. 시작 값을 다시 살펴보십시오.", "This is a new machine: look at its values again.";
    SECONDS: "도는 동안의 vmstat", "vmstat while it runs";
    SECOND: "초", "s";
    BUSY: "CPU %", "CPU %";
    LOAD_NOW: "1분 평균", "1 min avg";
}
