//! What a case says to the reader.

use std::time::{SystemTime, UNIX_EPOCH};

use exercises::incident::{Expected, Incident, Step};
use sim_core::{Lang, Text, text};

use super::state::{Current, State};
use crate::columns::{Side, table, wrap};

/// The list of cases.
pub fn list(cases: &[Incident], state: &State, lang: Lang) -> String {
    let rows: Vec<_> = cases
        .iter()
        .map(|case| {
            let score = state.past.get(&case.id).map(|score| format!("{}/{}", score.points, score.of));
            let running = state.current.as_ref().is_some_and(|current| current.case == case.id);
            let now = if running { Text::fixed("진행 중", "goes on") } else { Text::default() };
            vec![
                case.order.to_string(),
                case.id.clone(),
                case.title.get(lang).to_owned(),
                score.unwrap_or_default(),
                now.get(lang).to_owned(),
            ]
        })
        .collect();
    table(&[Side::Right, Side::Left, Side::Left, Side::Right, Side::Left], &rows)
}

/// A question, with what may be answered.
pub fn question(step: &Step, number: usize, of: usize, lang: Lang, width: usize) -> String {
    let (points, words) = (step.points, step.question.get(lang));
    let head = text!(ko: "질문 {number}/{of} ({points}점)  {words}", en: "Question {number}/{of} ({points} point(s))  {words}");
    let mut out = wrap(head.get(lang), 0, width);
    if let Expected::Choice { options, .. } = &step.answer {
        let rows: Vec<_> = options.iter().map(|o| (o.id.as_str(), o.text.get(lang))).collect();
        out.push_str(&crate::columns::labelled(&rows, 4, width));
    }
    let form = match &step.answer {
        Expected::Choice { .. } => "",
        Expected::Process { .. } => "PID",
        Expected::Name { .. } => "NAME",
        Expected::Number { .. } => "N",
    };
    let form = if form.is_empty() { Text::fixed("위의 하나", "one of these") } else { Text::verbatim(form) };
    let form = form.get(lang);
    out.push_str(&format!("\n    live-probe incident answer <{form}>\n    live-probe incident hint\n"));
    out
}

/// How much time is left of a case.
pub fn time_left(case: &Incident, current: &Current) -> Text {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let left = (current.since + u64::from(case.minutes) * 60).saturating_sub(now);
    let (minutes, seconds) = (left / 60, left % 60);
    text!(ko: "남은 시간 {minutes}분 {seconds}초", en: "{minutes} min {seconds} s left")
}

/// The page itself.
pub fn page(case: &Incident, lang: Lang, width: usize) -> String {
    let mut out = format!("{}\n\n", case.title.get(lang));
    out.push_str(&wrap(case.page.get(lang), 2, width));
    let scaled = case.scaled.get(lang);
    let scaled = text!(ko: "여기서는: {scaled}", en: "Here: {scaled}");
    out.push('\n');
    out.push_str(&wrap(scaled.get(lang), 2, width));
    out
}
