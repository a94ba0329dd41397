//! The figures where there is no terminal: lines, or JSON.

use sim_core::{Lang, Text};

use super::history::{History, Series};
use crate::columns::{Side, table};

/// What is shown of a figure that has no value.
pub fn missing(series: &Series) -> Text {
    match &series.error {
        Some(exercises::ReadError::NotFound) => Text::fixed("여기에는 없음", "not here"),
        Some(error) => {
            let Text { ko, en } = error.text(series.figure.path);
            Text { ko, en }
        }
        None => Text::fixed("잠시 뒤", "in a moment"),
    }
}

/// A line a figure: label, value, unit, file and field.
pub fn text(history: &History, lang: Lang) -> String {
    let row = |series: &Series| {
        let value = series.shown().filter(|_| series.error.is_none());
        let unit = if value.is_some() { series.figure.unit.trim() } else { "" };
        vec![
            series.figure.label().get(lang).to_owned(),
            value.unwrap_or_else(|| missing(series).get(lang).to_owned()),
            unit.to_owned(),
            format!("{} {}", series.figure.path, series.figure.at.field()),
        ]
    };
    let rows: Vec<_> = history.series.iter().map(row).collect();
    format!("{}\n", table(&[Side::Left, Side::Right, Side::Left, Side::Left], &rows))
}

/// One object in one line.
pub fn json(chapter: &str, history: &History) -> String {
    let figure = |series: &Series| {
        serde_json::json!({
            "label": series.figure.label(),
            "file": series.figure.path,
            "field": series.figure.at.field(),
            "unit": series.figure.unit.trim(),
            "value": series.values.back().filter(|_| series.error.is_none()),
        })
    };
    let figures: Vec<_> = history.series.iter().map(figure).collect();
    format!("{}\n", serde_json::json!({ "chapter": chapter, "figures": figures }))
}
