//! A moment of a run as a picture of letters.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Sparkline};
use sim_core::{Lang, text};
use sim_figures::ticks::say;

use super::super::table::scaled;
use super::player::Player;
use crate::columns::{cut, width, wrap};
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

/// Draws everything: where the run is, the numbers that move with little charts, the picture in words,
/// what happened last with its reason, and the keys.
pub fn frame(frame: &mut Frame<'_>, player: &mut Player, look: Look) {
    let area = frame.area();
    let cells = usize::from(area.width);
    let bold = Style::new().add_modifier(Modifier::BOLD);
    row(frame, 0, Line::styled(cut(player.title.get(look.lang), cells), bold));
    row(frame, 1, Line::raw(place(player, cells, look)));
    let keys = text!(
        ko: "스페이스 재생/멈춤  ←→ 사건  +- 속도  Home End  q 끝내기",
        en: "space play/pause  ←→ events  +- speed  Home End  q quits"
    );
    if area.height > 3 {
        row(frame, area.height - 1, Line::styled(cut(keys.get(look.lang), cells), dim(look)));
    }
    // A third for the numbers, a third at most for the picture, the rest for what happened.
    let (mut top, last) = (3, area.height.saturating_sub(2));
    let rest = last.saturating_sub(top);
    let numbers = (rest / 3).min(u16::try_from(player.moving.len()).unwrap_or(u16::MAX));
    for at in 0..usize::from(numbers) {
        number(frame, top, player, at, look);
        top += 1;
    }
    let words = wrap(player.words().get(look.lang), 0, cells);
    let picture: Vec<&str> = words.lines().collect();
    let room = usize::from(rest / 3).min(picture.len());
    top += u16::from(numbers > 0);
    for (i, line) in picture.iter().take(room).enumerate() {
        // What found no room is said to be missing.
        let cut_off = i + 1 == room && room < picture.len();
        let line = if cut_off { cut(&format!("{line} …"), cells) } else { (*line).to_owned() };
        row(frame, top, Line::raw(line));
        top += 1;
    }
    top += u16::from(room > 0);
    let lines = events(player, cells, look);
    let room = usize::from(last.saturating_sub(top));
    for line in &lines[lines.len().saturating_sub(room)..] {
        row(frame, top, Line::raw(line.clone()));
        top += 1;
    }
}

fn row(frame: &mut Frame<'_>, y: u16, line: Line<'_>) {
    let area = frame.area();
    if y < area.height {
        frame.render_widget(Paragraph::new(line), Rect { y: area.y + y, height: 1, ..area });
    }
}

fn dim(look: Look) -> Style {
    if look.colour { Style::new().add_modifier(Modifier::DIM) } else { Style::new() }
}

/// Whether it plays, how far it is, and how fast it goes.
fn place(player: &Player, cells: usize, look: Look) -> String {
    let (t, ends, pace) = (say(player.t(), look.lang), say(player.ends(), look.lang), say(player.pace(), look.lang));
    let playing = match (player.playing(), look.blocks) {
        (true, true) => "▶",
        (false, true) => "‖",
        (true, false) => ">",
        (false, false) => "|",
    };
    let speed = text!(ko: "1초에 {pace}", en: "{pace} a second");
    let said = format!("{playing} {t} / {ends}");
    let speed = speed.get(look.lang);
    let room = cells.saturating_sub(28 + width(speed) + 2).min(200);
    let filled = sim_core::mul_div(player.t(), room as u64, player.ends().max(1)) as usize;
    let bar = format!("{}{}", "=".repeat(filled.min(room)), "-".repeat(room.saturating_sub(filled)));
    let said = format!("{said}{}", " ".repeat(26usize.saturating_sub(width(&said))));
    cut(&format!("{said}  {bar}  {speed}"), cells)
}

/// A number that moves: what it is, what it is now, and how it came to that.
fn number(frame: &mut Frame<'_>, y: u16, player: &Player, at: usize, look: Look) {
    let (metric, of) = player.moving[at];
    let cells = usize::from(frame.area().width);
    let label = cut(of.label.get(look.lang), 30.min(cells));
    let value = format!("{} {}", scaled(player.value(metric), of.scale), of.unit);
    let value = cut(value.trim_end(), 16.min(cells.saturating_sub(30)));
    let pad = |n: usize, text: &str| " ".repeat(n.saturating_sub(width(text)));
    let (after, before) = (pad(30, &label), pad(16, &value));
    let line = Line::from(vec![
        Span::raw(format!("{label}{after}{before}")),
        Span::styled(value, Style::new().add_modifier(Modifier::BOLD)),
    ]);
    row(frame, y, line);
    let Some(room) = cells.checked_sub(48).filter(|room| *room > 0) else { return };
    let (low, high) = player.range(metric);
    let span = i128::from(high) - i128::from(low);
    let part = |value: i64| ((i128::from(value) - i128::from(low)) * 1000 / span.max(1)) as u64;
    let data: Vec<u64> = player.curve(metric, room).into_iter().map(part).collect();
    let style = if look.colour { Style::new().fg(Color::Cyan) } else { Style::new() };
    let area = frame.area();
    let chart = Rect { x: area.x + 48, y: area.y + y, width: data.len() as u16, height: 1 };
    if y < area.height && chart.width > 0 {
        let bars = terminal::bars(look.blocks);
        frame.render_widget(Sparkline::default().data(data).max(1000).bar_set(bars).style(style), chart);
    }
}

/// What happened last, wrapped, the newest last.
fn events(player: &Player, cells: usize, look: Look) -> Vec<String> {
    let mut lines = Vec::new();
    for event in player.latest() {
        let when = say(event.t_ns, look.lang);
        // Lines after the first are set in, so that one sees where an event begins.
        let told = wrap(&format!("{when}  {}: {}", event.kind, event.why.get(look.lang)), 0, cells.saturating_sub(2));
        let indent = |(i, line): (usize, &str)| if i == 0 { line.to_owned() } else { format!("  {line}") };
        lines.extend(told.lines().enumerate().map(indent));
    }
    lines
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::super::super::tests::preset;
    use super::*;

    fn drawn(player: &mut Player, (width, height): (u16, u16), look: Look) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|f| frame(f, player, look)).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn a_run_is_drawn_in_80_by_24() {
        for lang in Lang::ALL {
            let mut player = Player::new(&preset("cpu-shares", "cpu-max")).unwrap();
            let look = Look { lang, colour: false, blocks: true };
            insta::assert_snapshot!(format!("watch_{lang}"), drawn(&mut player, (80, 24), look));
        }
    }

    #[test]
    fn every_model_and_size_can_be_drawn() {
        for entry in sim_core::catalogue() {
            let mut player = Player::new(&preset(entry.name, (entry.presets)()[0].name)).unwrap();
            for t in [0, player.ends() / 2, player.ends()] {
                player.go(t);
                for size in [(1, 1), (10, 3), (40, 12), (80, 24), (200, 60)] {
                    for lang in Lang::ALL {
                        drawn(&mut player, size, Look { lang, colour: true, blocks: false });
                    }
                }
            }
        }
    }
}
