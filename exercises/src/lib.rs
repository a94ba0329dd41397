//! The exercises of the workbook, and the judge that reads a machine and decides.
//!
//! An [`Exercise`] is data: a TOML file in the folder of its chapter. The judge ([`judge()`]) takes
//! it together with what the reader predicted, the machine as it is now ([`Machine`]: live,
//! recorded or simulated) and what was recorded while the exercise's [`Workload`] ran
//! ([`Recording`]), and gives a [`Judgement`]. Types and judge have no features and compile for a
//! page; the files themselves, their schema and their linter are behind the feature `catalogue`.

#[cfg(feature = "catalogue")]
pub mod catalogue;
mod exercise;
pub mod judge;
mod judgement;
mod machine;
pub mod parse;
mod prediction;
pub mod recording;
mod simulate;
mod workload;

#[cfg(feature = "catalogue")]
pub use catalogue::{Finding, catalogue, find, lint};
pub use exercise::{
    Check, Choice, Command, Exercise, FORMAT_VERSION, Fixture, FixtureMachine, Kind, Needs, Prediction, RunningBlocked,
    Scenario,
};
pub use judge::{Evidence, judge};
pub use judgement::{Column, Curves, Judgement, Point, Reading, Verdict};
pub use machine::{Machine, ReadError, Simulated, Source};
pub use prediction::Answer;
pub use recording::{BadRecording, Content, Ended, Facts, Frame, Ran, Recording, Sighting};
pub use simulate::Host;
pub use workload::{Load, MAX_TASKS, Pick, Workload};
