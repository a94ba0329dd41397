//! JUnit XML: what could not be checked is skipped, never passed.

use exercises::Verdict;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use sim_core::{Lang, Text};

use super::{Judged, reason};
use crate::context::Failure;

/// One suite a chapter, one test case an exercise.
pub(super) fn render(judged: &[Judged<'_>], lang: Lang) -> Result<String, Failure> {
    let mut report = Report::new("live-probe");
    for chunk in judged.chunk_by(|(a, _), (b, _)| a.chapter() == b.chapter()) {
        let chapter = chunk[0].0.chapter();
        let mut suite = TestSuite::new(chapter);
        suite.add_test_cases(chunk.iter().map(|(exercise, judgement)| {
            let mut status = match judgement.verdict {
                Verdict::Pass => TestCaseStatus::success(),
                Verdict::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
                Verdict::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
                Verdict::CannotCheck | Verdict::Denied | Verdict::Inconclusive => TestCaseStatus::skipped(),
            };
            if judgement.verdict != Verdict::Pass {
                // The kind is the same in every language; the sentence is for a person.
                status.set_type(judgement.verdict.name());
                status.set_message(reason(judgement, lang));
            }
            let mut case = TestCase::new(exercise.slug(), status);
            case.set_classname(chapter);
            case
        }));
        report.add_test_suite(suite);
    }
    report.to_string().map_err(|error| Failure::internal(Text::verbatim(error.to_string())))
}
