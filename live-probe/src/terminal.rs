//! What a terminal can show.

use ratatui::symbols::bar;

/// Bars where the terminal has no blocks.
const PLAIN: bar::Set<'static> = bar::Set {
    full: "#",
    seven_eighths: "#",
    three_quarters: "=",
    five_eighths: "=",
    half: "-",
    three_eighths: "-",
    one_quarter: ".",
    one_eighth: ".",
    empty: " ",
};

/// The bars of a little chart.
pub fn bars(blocks: bool) -> bar::Set<'static> {
    if blocks { bar::NINE_LEVELS } else { PLAIN }
}

/// Whether the terminal's letters include blocks: those of UTF-8 do.
pub fn draws_blocks() -> bool {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default().to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}
