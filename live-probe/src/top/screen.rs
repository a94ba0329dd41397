//! The terminal while figures are watched.

use std::time::{Duration, Instant};

use exercises::Machine;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use sim_core::text;

use super::draw::{self, Look};
use super::history::History;
use crate::context::{Context, Exit, Failure};
use crate::terminal;

/// Shows the figures until the reader has seen enough. The terminal is given back as it was.
///
/// # Errors
/// It is no terminal that can be drawn on.
pub fn run(
    chapter: &str,
    history: &mut History,
    machine: &dyn Machine,
    every: Duration,
    context: &Context,
) -> Result<Exit, Failure> {
    let wrong = |error: std::io::Error| {
        Failure::internal(text!(
            ko: "이 터미널에는 그릴 수 없습니다({error}). `--once`를 쓰십시오.",
            en: "This terminal cannot be drawn on ({error}). Use `--once`."
        ))
    };
    // Asked to end, we still give the terminal back.
    let asked = crate::workload::endings().map_err(wrong)?;
    let mut terminal = ratatui::try_init().map_err(wrong)?;
    let look = Look { lang: context.lang, colour: context.colour, blocks: terminal::draws_blocks() };
    let mut next = Instant::now() + every;
    let mut done = Ok(());
    while asked.drain().is_empty() {
        done = terminal.draw(|frame| draw::frame(frame, chapter, history, look)).map(|_| ());
        if done.is_err() {
            break;
        }
        let left = next.saturating_duration_since(Instant::now()).min(Duration::from_millis(200));
        match event::poll(left).and_then(|ready| if ready { event::read().map(Some) } else { Ok(None) }) {
            Ok(Some(Event::Key(key))) if key.kind == KeyEventKind::Press => {
                let ctrl_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
                if ctrl_c || matches!(key.code, KeyCode::Char('q' | 'Q' | 'ㅂ') | KeyCode::Esc) {
                    break;
                }
            }
            Ok(_) => {}
            Err(error) => {
                done = Err(error);
                break;
            }
        }
        if Instant::now() >= next {
            history.look(machine);
            next += every;
            if next < Instant::now() {
                next = Instant::now() + every;
            }
        }
    }
    let _ = ratatui::try_restore();
    done.map(|()| Exit::Pass).map_err(wrong)
}
