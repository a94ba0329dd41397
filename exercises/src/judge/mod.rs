//! The judge: what a machine said, against what the reader said it would.
//!
//! It reads nothing but the machine and the recording it is given, so it decides the same way on a
//! running kernel, on a snapshot and on a model.

use sim_core::Text;

use crate::{Exercise, Judgement, Machine, Recording, Verdict};

/// What there is to judge by.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// What the reader committed to, as typed.
    pub prediction: Option<&'a str>,
    /// The machine now.
    pub now: &'a dyn Machine,
    /// What was recorded while the exercise's workload ran.
    pub run: Option<&'a Recording>,
}

/// Judges an exercise.
pub fn judge(exercise: &Exercise, evidence: &Evidence<'_>) -> Judgement {
    let _ = evidence;
    Judgement {
        exercise: exercise.id.clone(),
        verdict: Verdict::Fail,
        reason: Text::fixed("아직 판단할 것이 없습니다.", "There is nothing to judge yet."),
        details: Vec::new(),
        next: None,
        columns: Vec::new(),
        curves: None,
        token: None,
        readings: Vec::new(),
        source: None,
    }
}
