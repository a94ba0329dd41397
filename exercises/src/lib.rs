//! The exercises of the workbook, and the judge that reads a machine and decides.
//!
//! An [`Exercise`] is data: a TOML file in the folder of its chapter. The judge ([`judge()`]) takes
//! it together with what the reader predicted, the machine as it is now ([`Machine`]: live,
//! recorded or simulated) and what was recorded while the exercise's [`Workload`] ran
//! ([`Recording`]), and gives a [`Judgement`]. Types and judge have no features and compile for a
//! page; the files themselves, their schema and their linter are behind the feature `catalogue`.
//!
//! What can be asked of a machine by name is in [`quantity`], how files are understood in [`parse`],
//! what an exercise file says about quantities in [`expression`]. How to add an exercise is told in
//! CONTRIBUTING.md, with a table of rules and quantities.

#[cfg(feature = "catalogue")]
pub mod catalogue;
mod check;
mod exercise;
pub mod expression;
#[cfg(feature = "catalogue")]
pub mod here;
#[cfg(feature = "catalogue")]
pub mod incident;
/// The files of this folder, as the build turned them.
#[cfg(feature = "catalogue")]
mod files {
    include!(concat!(env!("OUT_DIR"), "/files.rs"));
}
pub mod judge;
mod judgement;
mod machine;
pub mod page;
pub mod parse;
mod prediction;
pub mod quantity;
pub mod recording;
mod served;
mod simulate;
mod workload;

#[cfg(feature = "catalogue")]
pub use catalogue::{Finding, RecordedMachine, catalogue, find, lint, machine as recorded_machine, machines};
pub use check::{Check, RunningBlocked};
pub use exercise::{Choice, Command, Exercise, FORMAT_VERSION, Kind, NeedThat, Needs, Prediction, Scenario, StandIn};
#[cfg(feature = "catalogue")]
pub use exercise::{Fixture, FixtureMachine};
pub use judge::{Evidence, Models, judge, judge_with, shown};
pub use judgement::{Column, Curves, Judgement, Point, Reading, Verdict};
pub use machine::{MOST_NAMES, MOST_PROCESSES, MOST_SOCKETS, Machine, ReadError, Simulated, Source, expand};
pub use prediction::Answer;
pub use recording::{BadRecording, Content, Ended, Facts, Frame, Ran, Recording, Reported, Sighting};
pub use simulate::Host;
pub use workload::{Load, MAX_TASKS, Parameter, Pick, Workload};
