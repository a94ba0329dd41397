//! The exercises of the workbook, and the judge that reads a machine and decides.
//!
//! An [`Exercise`] is data: a TOML file in the folder of its chapter. The judge ([`judge()`]) takes
//! it together with what the reader predicted, the machine as it is now ([`Machine`]: live,
//! recorded or simulated) and what was recorded while the exercise's [`Workload`] ran
//! ([`Recording`]), and gives a [`Judgement`]. Types and judge have no features and compile for a
//! page; the files themselves, their schema and their linter are behind the feature `catalogue`.

//! # Adding an exercise
//!
//! 1. Copy a file of the chapter's folder to `chNN-slug/your-slug.toml` and give it the `id`
//!    `chNN-slug/your-slug`, which is permanent, and the next free `order`. There is nothing to
//!    register: the build finds the file, and a new folder is a new chapter. Editors that know
//!    `schema.json` complete the fields.
//! 2. Write title, story, question, hints (three or more, from vague to plain) and explanation in
//!    both languages, each as its own language would say it. The explanation holds the arithmetic.
//! 3. Name the `scenario` that shows the same in the simulator: a preset, or a token copied from a
//!    widget or from `live-probe sim`.
//! 4. Say what the reader commits to (`prediction`), what the machine is made to do (`workload`,
//!    bounded) and by which rule it is judged (`check`, see [`Check`]). A new rule is a variant of
//!    [`Check`], a file in `judge/` and a line in `judge/mod.rs`; it must say *cannot be checked*,
//!    *denied* or *inconclusive* wherever it does not know.
//! 5. Add fixtures: `untouched` fails, `solved` passes, `cannot-check` says why, and one for each
//!    wrong answer that deserves a word of its own. A machine is `{ simulated = {} }` (see
//!    [`Host`]), `{ files = { … } }`, or `{ recording = "fixtures/NAME.json" }`, which is what
//!    `live-probe run` or `live-probe capture` wrote.
//! 6. `cargo test -p exercises` lints the file, judges the fixtures and shows what readers would be
//!    told in both languages as a snapshot to look over; `INSTA_UPDATE=always` accepts it and
//!    writes `schema.json` anew.

#[cfg(feature = "catalogue")]
pub mod catalogue;
mod exercise;
pub mod expression;
pub mod judge;
mod judgement;
mod machine;
pub mod page;
pub mod parse;
pub mod quantity;
mod prediction;
pub mod recording;
mod simulate;
mod workload;

#[cfg(feature = "catalogue")]
pub use catalogue::{Finding, RecordedMachine, catalogue, find, lint, machine as recorded_machine, machines};
pub use exercise::{
    Check, Choice, Command, Exercise, FORMAT_VERSION, Kind, NeedThat, Needs, Prediction, RunningBlocked, Scenario, StandIn,
};
#[cfg(feature = "catalogue")]
pub use exercise::{Fixture, FixtureMachine};
pub use judge::{Evidence, judge};
pub use judgement::{Column, Curves, Judgement, Point, Reading, Verdict};
pub use machine::{MOST_NAMES, MOST_PROCESSES, MOST_SOCKETS, Machine, ReadError, Simulated, Source, expand};
pub use prediction::Answer;
pub use recording::{BadRecording, Content, Ended, Facts, Frame, Ran, Recording, Sighting};
pub use simulate::Host;
pub use workload::{Load, MAX_TASKS, Pick, Workload};
