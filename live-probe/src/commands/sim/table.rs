//! A run as a table that fits a terminal.

use sim_core::{Frame, Lang, MILLISECOND, Metric, Nanos, SECOND, Text, text};

use super::{Shown, moment};
use crate::columns::{self, Side, wrap};

/// Most rows of the table; every frame is in csv and json.
const MOST_ROWS: usize = 24;
/// Lines around the rows: title, insight, heading, legend, loadavg, token.
const AROUND: usize = 16;
/// Steps between rows, ms: as a clock would be read.
const STEPS: [u64; 25] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 180_000,
    240_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000,
];

/// Title, the metrics that move at a few moments, the files at the cursor, the token.
pub(super) fn render(shown: &Shown, events: bool, lang: Lang, width: usize) -> String {
    let run = &shown.run;
    let mut out = String::new();
    let title = (shown.entry.title)();
    match &shown.preset {
        Some(preset) => {
            out.push_str(&format!("{} · {}\n", title.get(lang), preset.title.get(lang)));
            out.push_str(&wrap(preset.insight.get(lang), 0, width));
        }
        None => out.push_str(&format!("{}\n", title.get(lang))),
    }
    out.push('\n');
    out.push_str(&metrics(shown, lang, width));
    if events {
        out.push('\n');
        for event in &run.events {
            let line = format!("{}  {}  {}", moment(event.t_ns), event.kind, event.why.get(lang));
            out.push_str(&wrap(&line, 0, width));
        }
    }
    let at = moment(shown.cursor);
    if let Some((path, text)) = shown.frame.files.first_key_value() {
        let line = text.lines().next().unwrap_or_default();
        let rest = Text::fixed("  (다른 파일: --format kernel)", "  (other files: --format kernel)");
        let room = width.saturating_sub(columns::width(rest.get(lang)));
        out.push_str(&format!("\n{}{}\n", columns::cut(&format!("{at} {path}: {line}"), room), rest.get(lang)));
    }
    let token = Text::fixed("토큰", "token");
    out.push_str(&format!("{}: {}\n", token.get(lang), run.token));
    out
}

/// A terminal shows the whole table at once; a file may be longer.
fn rows_that_fit() -> u64 {
    let rows = match columns::terminal_height() {
        Some(lines) => lines.saturating_sub(AROUND).clamp(8, MOST_ROWS),
        None => MOST_ROWS,
    };
    rows as u64
}

fn metrics(shown: &Shown, lang: Lang, width: usize) -> String {
    let run = &shown.run;
    let end = run.frames.last().map_or(0, |frame| frame.t_ns);
    let step = STEPS.into_iter().map(|ms| ms * MILLISECOND).find(|step| end / step < rows_that_fit());
    let step = step.unwrap_or(end.max(1));
    let mut times: Vec<Nanos> = (0..=end / step).map(|n| n * step).collect();
    times.extend([shown.cursor, end]);
    times.sort_unstable();
    times.dedup();

    let all = (shown.entry.metrics)();
    let value = |frame: &Frame, metric: &Metric| frame.metrics.get(metric.name).copied().unwrap_or_default();
    let moves = |metric: &&Metric| run.frames.iter().any(|frame| value(frame, metric) != value(&run.frames[0], metric));
    let (moving, still): (Vec<_>, Vec<_>) = all.iter().partition(moves);

    let mut columns_shown = moving.len();
    let table = loop {
        let table = rows(shown, &moving[..columns_shown], &times, value);
        let widest = table.lines().map(columns::width).max().unwrap_or(0);
        if widest <= width || columns_shown <= 1 {
            break table;
        }
        columns_shown -= 1;
    };
    let mut out = table;
    out.push('\n');
    let legend = moving[..columns_shown].iter().map(|metric| {
        let (name, label, unit) = (metric.name, metric.label.get(lang), metric.unit);
        if unit.is_empty() { format!("{name}: {label}") } else { format!("{name}: {label} ({unit})") }
    });
    out.push_str(&wrap(&legend.collect::<Vec<_>>().join(" · "), 2, width));
    if columns_shown < moving.len() {
        let names = moving[columns_shown..].iter().map(|metric| metric.name).collect::<Vec<_>>().join(", ");
        let line = text!(ko: "자리가 없어 뺐습니다(csv에 있습니다): {names}", en: "No room here, see csv: {names}");
        out.push_str(&wrap(line.get(lang), 2, width));
    }
    if !still.is_empty() {
        let names = still
            .iter()
            .map(|metric| match value(&run.frames[0], metric) {
                0 => format!("{} 0", metric.name),
                other => format!("{} {}", metric.name, scaled(other, metric.scale)),
            })
            .collect::<Vec<_>>()
            .join(", ");
        let line = text!(ko: "내내 그대로: {names}", en: "Never changes: {names}");
        out.push_str(&wrap(line.get(lang), 2, width));
    }
    out
}

fn rows(shown: &Shown, metrics: &[&Metric], times: &[Nanos], value: impl Fn(&Frame, &Metric) -> i64) -> String {
    let names: Vec<Vec<String>> = metrics.iter().map(|metric| heading(metric.name)).collect();
    let height = names.iter().map(Vec::len).max().unwrap_or(0);
    let mut table = Vec::new();
    for line in 0..height {
        let mut row = vec![String::new(), if line + 1 == height { "t".to_owned() } else { String::new() }];
        row.extend(names.iter().map(|name| {
            // Bottom-aligned: the last part stands on the numbers.
            let part = (line + name.len()).checked_sub(height).and_then(|i| name.get(i));
            part.cloned().unwrap_or_default()
        }));
        table.push(row);
    }
    for t in times {
        let frame = if *t == shown.cursor { &shown.frame } else { shown.run.at(*t) };
        let mark = if *t == shown.cursor { ">" } else { "" };
        let mut row = vec![mark.to_owned(), clock(*t)];
        row.extend(metrics.iter().map(|metric| scaled(value(frame, metric), metric.scale)));
        table.push(row);
    }
    let sides: Vec<_> =
        std::iter::once(Side::Left).chain(std::iter::repeat_n(Side::Right, metrics.len() + 1)).collect();
    columns::table(&sides, &table)
}

/// A kernel's name over several lines, so that its column stays as narrow as its numbers: broken at
/// underscores, and long words in the middle.
fn heading(name: &str) -> Vec<String> {
    const LONG: usize = 9;
    let halves = |part: &str| match part.len() {
        LONG.. if part.is_ascii() && part.len() > LONG => {
            let (a, b) = part.split_at(part.len() / 2);
            vec![format!("{a}-"), b.to_owned()]
        }
        _ => vec![part.to_owned()],
    };
    name.split('_').flat_map(halves).collect()
}

/// A time as a clock shows it: `1:30`, `1:00:00`, `0:00.250`, and `0:00.000300` where it is finer.
fn clock(t: Nanos) -> String {
    let (s, ns) = (t / SECOND, t % SECOND);
    let fraction = match (ns, ns % MILLISECOND) {
        (0, _) => String::new(),
        (_, 0) => format!(".{:03}", ns / MILLISECOND),
        _ => format!(".{:06}", ns / 1000),
    };
    match s / 3600 {
        0 => format!("{}:{:02}{fraction}", s / 60, s % 60),
        h => format!("{h}:{:02}:{:02}{fraction}", s / 60 % 60, s % 60),
    }
}

/// A count as it is; fixed point to three places, rounded to nearest.
pub(super) fn scaled(value: i64, scale: i64) -> String {
    if scale == 1 {
        return value.to_string();
    }
    let thousandths = (i128::from(value.unsigned_abs()) * 1000 + i128::from(scale) / 2) / i128::from(scale);
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}.{:03}", thousandths / 1000, thousandths % 1000)
}
