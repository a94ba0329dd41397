//! A run played in the terminal: time, the numbers that move, the picture in words, what happened last.

mod draw;
mod player;

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use sim_core::text;

use super::Shown;
use crate::context::{Context, Exit, Failure};
use crate::terminal;
use draw::Look;
use player::Player;

/// Time between two pictures while it plays.
const FRAME: Duration = Duration::from_millis(100);

/// Plays a run until the reader has seen enough. The terminal is given back as it was.
///
/// # Errors
/// There is no terminal, or none that can be drawn on.
pub(super) fn run(shown: &Shown, context: &Context) -> Result<Exit, Failure> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Failure::usage(text!(
            ko: "--watch에는 터미널이 필요합니다. 파일이나 파이프로 보낼 때는 --events나 --format csv를 쓰십시오.",
            en: "--watch needs a terminal. For a file or a pipe use --events or --format csv."
        )));
    }
    let wrong = |error: std::io::Error| {
        Failure::internal(text!(
            ko: "이 터미널에는 그릴 수 없습니다({error}). `--events`를 쓰십시오.",
            en: "This terminal cannot be drawn on ({error}). Use `--events`."
        ))
    };
    let mut player = Player::new(shown)?;
    // Asked to end, we still give the terminal back.
    let asked = crate::workload::endings().map_err(wrong)?;
    let mut screen = ratatui::try_init().map_err(wrong)?;
    let look = Look { lang: context.lang, colour: context.colour, blocks: terminal::draws_blocks() };
    let mut before = Instant::now();
    let mut done = Ok(());
    while asked.drain().is_empty() {
        done = screen.draw(|frame| draw::frame(frame, &mut player, look)).map(|_| ());
        if done.is_err() {
            break;
        }
        match event::poll(FRAME).and_then(|ready| if ready { event::read().map(Some) } else { Ok(None) }) {
            Ok(Some(Event::Key(key))) if key.kind == KeyEventKind::Press => {
                if !pressed(&mut player, key) {
                    break;
                }
            }
            Ok(_) => {}
            Err(error) => {
                done = Err(error);
                break;
            }
        }
        let now = Instant::now();
        player.pass(now.saturating_duration_since(before));
        before = now;
    }
    let _ = ratatui::try_restore();
    done.map(|()| Exit::Pass).map_err(wrong)
}

/// Does what a key asks for; false when it asks to leave.
fn pressed(player: &mut Player, key: KeyEvent) -> bool {
    match key.code {
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return false,
        // On a Korean keyboard the same key writes a letter of its own.
        KeyCode::Char('q' | 'Q' | 'ㅂ') | KeyCode::Esc => return false,
        KeyCode::Char(' ') => player.toggle(),
        KeyCode::Right => player.forward(),
        KeyCode::Left => player.back(),
        KeyCode::Home => player.go(0),
        KeyCode::End => player.go(player.ends()),
        KeyCode::Char('+' | '=') | KeyCode::Up => player.faster(),
        KeyCode::Char('-') | KeyCode::Down => player.slower(),
        _ => {}
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::tests::preset;
    use super::*;

    #[test]
    fn keys_move_through_the_run() {
        let shown = preset("cpu-shares", "cpu-max");
        let mut player = Player::new(&shown).unwrap();
        player.go(0);
        let mut press = |code| {
            let stays = pressed(&mut player, KeyEvent::new(code, KeyModifiers::NONE));
            (stays, player.t(), player.playing())
        };
        let end = 4_000_000_000;
        let tick = 4_000_000;
        assert_eq!(press(KeyCode::Right), (true, 5 * tick, false));
        assert_eq!(press(KeyCode::Left), (true, 0, false));
        assert_eq!(press(KeyCode::End), (true, end, false));
        assert_eq!(press(KeyCode::Char(' ')), (true, 0, true), "at the end it begins anew");
        assert_eq!(press(KeyCode::Char(' ')), (true, 0, false));
        assert_eq!(press(KeyCode::Char('x')), (true, 0, false));
        for code in [KeyCode::Char('q'), KeyCode::Char('ㅂ'), KeyCode::Esc] {
            assert!(!press(code).0);
        }
        assert!(!pressed(&mut player, KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)));
    }
}
