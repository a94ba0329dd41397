//! `live-probe top CHAPTER`: the figures a chapter teaches, as they change.
//!
//! [`figures`] says which and where they come from; [`history`] keeps the last minutes; [`draw`]
//! draws them on a terminal, [`lines`] prints them elsewhere.

mod draw;
mod figures;
mod history;
mod lines;
mod screen;

use std::io::IsTerminal;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use exercises::Machine;
use sim_core::text;

use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::machine;
use history::History;

/// Looks once at the figures of all chapters; the files that takes, for whoever weighs the cost.
pub fn look_at_all() -> (impl FnMut(&dyn Machine), Vec<&'static str>) {
    let mut all = History::new(figures::CHAPTERS.iter().flat_map(|(_, figures)| *figures));
    let paths = all.paths();
    (move |machine: &dyn Machine| all.look(machine), paths)
}

/// Arguments of `top`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(value_name = "CHAPTER")]
    chapter: String,
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=60))]
    interval: u32,
    #[arg(long)]
    once: bool,
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = PossibleValuesParser::new(["text", "json"]))]
    format: String,
}

/// Words of `top`.
pub static HELP: Help = Help::new(
    "한 장이 가르치는 수치만 실시간으로 보입니다(q로 끝냄)",
    "Watch just the figures a chapter teaches (q quits)",
)
.args(&[
    ("chapter", "장: ch03, 3, ch03-load-average", "Chapter: ch03, 3, ch03-load-average"),
    ("interval", "읽는 간격, 초", "Seconds between two looks"),
    ("once", "한 번만 출력합니다(두 번 읽어 초당 값을 냅니다)", "Print once (after two looks, for the rates)"),
    ("format", "출력 형식: text, json(줄마다 하나)", "Output format: text or json (one a line)"),
]);

/// Shows the figures of a chapter: on a terminal until `q`, elsewhere a block of lines for each
/// look until nobody reads any more.
///
/// # Errors
/// There is no such chapter, the machine cannot be read, or the terminal cannot be used.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let Some((chapter, figures)) = figures::of_chapter(&args.chapter) else {
        let (word, known) = (&args.chapter, figures::CHAPTERS.iter().map(|(id, _)| *id).collect::<Vec<_>>().join(", "));
        return Err(Failure::usage(text!(
            ko: "{word}: 그런 장은 없습니다. 있는 장: {known}",
            en: "{word}: there is no such chapter. There are: {known}"
        )));
    };
    context.needs_kernel("top")?;
    let machine = machine::open(context.root.as_deref()).map_err(Failure::usage)?;
    let every = Duration::from_secs(args.interval.into());
    let mut history = History::new(figures);
    history.look(machine.as_ref());
    if args.format == "text" && !args.once && std::io::stdout().is_terminal() && std::io::stdin().is_terminal() {
        return screen::run(chapter, &mut history, machine.as_ref(), every, context);
    }
    loop {
        std::thread::sleep(every);
        history.look(machine.as_ref());
        let out = match args.format.as_str() {
            "json" => lines::json(chapter, &history),
            _ => lines::text(&history, context.lang),
        };
        context.print(&out)?;
        if args.once || context.closed() {
            return Ok(Exit::Pass);
        }
    }
}
