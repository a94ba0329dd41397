//! Figures as a picture of letters.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Sparkline};
use sim_core::{Lang, text};

use super::history::{History, Series};
use super::lines::missing;
use crate::columns::{cut, width};
use crate::terminal;

/// How it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Language of the words.
    pub lang: Lang,
    /// Whether colours are wanted; nothing is said by colour alone.
    pub colour: bool,
    /// Whether the terminal has blocks.
    pub blocks: bool,
}

/// Draws everything: a title, each figure with its chart and where it comes from, and how to leave.
pub fn frame(frame: &mut Frame<'_>, chapter: &str, history: &History, look: Look) {
    let area = frame.area();
    let head = text!(ko: "live-probe top {chapter}   q 끝내기", en: "live-probe top {chapter}   q quits");
    row(frame, area, 0, Line::styled(head.get(look.lang).to_owned(), Style::new().add_modifier(Modifier::BOLD)));
    let count = u16::try_from(history.series.len()).unwrap_or(1).max(1);
    let room = area.height.saturating_sub(1) / count;
    // A line of words, and what is left for the chart: three rows at most.
    let height = room.clamp(1, 4);
    for (i, series) in history.series.iter().enumerate() {
        let top = 1 + i as u16 * height;
        if top >= area.height {
            return;
        }
        row(frame, area, top, words(series, usize::from(area.width), look));
        let chart = Rect { y: area.y + top + 1, height: (height - 1).min(area.height - top - 1), ..area };
        if chart.height > 0 {
            draw_chart(frame, chart, series, look);
        }
    }
}

fn row(frame: &mut Frame<'_>, area: Rect, y: u16, line: Line<'_>) {
    if y < area.height {
        frame.render_widget(Paragraph::new(line), Rect { y: area.y + y, height: 1, ..area });
    }
}

/// `label  value unit            /proc/file field`, in the cells there are.
fn words(series: &Series, cells: usize, look: Look) -> Line<'static> {
    let value = match series.shown().filter(|_| series.error.is_none()) {
        Some(value) => format!("{value}{}", series.figure.unit),
        None => missing(series).get(look.lang).to_owned(),
    };
    let label = series.figure.label().get(look.lang).to_owned();
    let source = format!("{} {}", series.figure.path, series.figure.at.field());
    let label_cells = 24.min(cells);
    let label = cut(&label, label_cells);
    let pad = " ".repeat(label_cells.saturating_sub(width(&label)));
    let value_cells = 22.min(cells.saturating_sub(label_cells));
    let value = cut(&value, value_cells);
    let before = " ".repeat(value_cells.saturating_sub(width(&value)));
    let left = cells.saturating_sub(label_cells + value_cells + 2);
    let source = cut(&source, left);
    let dim = if look.colour { Style::new().add_modifier(Modifier::DIM) } else { Style::new() };
    Line::from(vec![
        Span::raw(format!("{label}{pad}{before}")),
        Span::styled(value, Style::new().add_modifier(Modifier::BOLD)),
        Span::raw("  "),
        Span::styled(source, dim),
    ])
}

/// The last values from right to left; the highest of them fills the height.
fn draw_chart(frame: &mut Frame<'_>, area: Rect, series: &Series, look: Look) {
    let cells = usize::from(area.width);
    let shown: Vec<f64> = series.values.iter().rev().take(cells).rev().copied().collect();
    let most = shown.iter().copied().fold(0.0, f64::max);
    // Thousandths of the highest: the widget counts in whole numbers.
    let data: Vec<u64> =
        shown.iter().map(|value| if most > 0.0 { (value / most * 1000.0) as u64 } else { 0 }).collect();
    let style = if look.colour { Style::new().fg(Color::Cyan) } else { Style::new() };
    let start = cells.saturating_sub(data.len()) as u16;
    let area = Rect { x: area.x + start, width: data.len() as u16, ..area };
    frame.render_widget(
        Sparkline::default().data(data).max(1000).bar_set(terminal::bars(look.blocks)).style(style),
        area,
    );
}

#[cfg(test)]
mod tests {
    use exercises::{Machine, ReadError, Source};
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::top::figures::{CHAPTERS, of_chapter};

    struct Loadavg;

    impl Machine for Loadavg {
        fn read(&self, path: &str) -> Result<String, ReadError> {
            match path {
                "/proc/loadavg" => Ok("1.50 0.40 0.30 3/120 9\n".to_owned()),
                _ => Err(ReadError::NotFound),
            }
        }

        fn source(&self) -> Source {
            Source::Recorded
        }
    }

    fn drawn(chapter: &str, width: u16, height: u16, look: Look) -> String {
        let (id, figures) = of_chapter(chapter).unwrap();
        let mut history = History::new(figures);
        history.look(&Loadavg);
        history.look(&Loadavg);
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|f| frame(f, id, &history, look)).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn a_chapter_is_drawn_in_80_by_24() {
        for lang in Lang::ALL {
            let look = Look { lang, colour: false, blocks: true };
            insta::assert_snapshot!(format!("top_{lang}"), drawn("3", 80, 24, look));
        }
    }

    #[test]
    fn every_size_can_be_drawn_on() {
        for (id, _) in CHAPTERS {
            for (width, height) in [(1, 1), (10, 3), (40, 12), (80, 24), (200, 60)] {
                for lang in Lang::ALL {
                    drawn(id, width, height, Look { lang, colour: true, blocks: false });
                }
            }
        }
    }
}
