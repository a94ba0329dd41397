//! Bounded loads that an exercise asks for, and the recording of what the machine made of them.

use sim_core::Text;

use crate::context::{Context, Exit, Failure};
use crate::help::Help;

/// Arguments of `run`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Exercise whose workload is run.
    pub exercise: String,
}

/// Words of `run`.
pub static HELP: Help = Help::new(
    "연습 문제의 부하를 제한된 시간 동안 일으키고 기록합니다",
    "Run an exercise's workload, bounded, and record the machine",
)
.args(&[("exercise", "연습 문제 ID", "Exercise id")]);

/// Runs the workload of an exercise and records the machine meanwhile.
///
/// # Errors
/// There is no such workload, or the recording cannot be kept.
pub fn run(_args: &Args, _context: &Context) -> Result<Exit, Failure> {
    Err(Failure::internal(Text::fixed("아직 없습니다", "Not there yet")))
}
