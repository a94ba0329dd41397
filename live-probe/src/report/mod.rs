//! Judgements as a terminal, a program or a build server wants them. All formats say the same.

mod junit;
mod table;
mod tap;

use exercises::{Exercise, Judgement, Verdict};
use sim_core::{Lang, Text, text};

use crate::context::{Context, Exit, Failure};

pub use table::{full, line};

/// Formats of judgements.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a person.
    Table,
    /// `{"judgements":[…],"summary":{…}}`.
    Json,
    /// For a build server.
    Junit,
    /// Test Anything Protocol, version 13.
    Tap,
}

/// How many of each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Passed.
    pub pass: usize,
    /// Failed.
    pub fail: usize,
    /// Neither: this machine, or its state, does not allow an answer.
    pub not_checked: usize,
}

impl Summary {
    /// Counts verdicts.
    pub fn of(verdicts: impl IntoIterator<Item = Verdict>) -> Summary {
        verdicts.into_iter().fold(Summary::default(), |mut summary, verdict| {
            match verdict {
                Verdict::Pass => summary.pass += 1,
                Verdict::Fail => summary.fail += 1,
                Verdict::CannotCheck | Verdict::Denied | Verdict::Inconclusive | Verdict::Error => {
                    summary.not_checked += 1;
                }
            }
            summary
        })
    }

    /// The exit code these verdicts give.
    pub fn exit(self) -> Exit {
        match self {
            Summary { fail: 1.., .. } => Exit::Failed,
            Summary { not_checked: 1.., .. } => Exit::CannotCheck,
            _ => Exit::Pass,
        }
    }

    /// The numbers in a sentence.
    pub fn text(self) -> Text {
        let Summary { pass, fail, not_checked } = self;
        let mut text = text!(ko: "통과 {pass}, 아직 {fail}", en: "{pass} passed, {fail} not yet");
        if not_checked > 0 {
            text.ko.to_mut().push_str(&format!(", 확인 못 함 {not_checked}"));
            text.en.to_mut().push_str(&format!(", {not_checked} not checked"));
        }
        text
    }
}

/// An exercise and what the judge said about it.
pub type Judged<'a> = (&'a Exercise, Judgement);

/// All of them in a format.
///
/// # Errors
/// A format's writer failed.
pub fn render(judged: &[Judged<'_>], format: Format, context: &Context) -> Result<String, Failure> {
    Ok(match format {
        Format::Table => table::render(judged, context),
        Format::Json => {
            let judgements: Vec<_> = judged.iter().map(|(_, judgement)| judgement).collect();
            let summary = Summary::of(judgements.iter().map(|judgement| judgement.verdict));
            format!("{:#}\n", serde_json::json!({ "judgements": judgements, "summary": summary }))
        }
        Format::Junit => junit::render(judged, context.lang)?,
        Format::Tap => tap::render(judged, context.lang),
    })
}

/// The reason and what to do now, as one text.
fn reason(judgement: &Judgement, lang: Lang) -> String {
    let mut text = judgement.reason.get(lang).to_owned();
    if let Some(next) = &judgement.next {
        text.push_str(&format!(" {}", next.get(lang)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_the_worst_verdict() {
        use Verdict::*;
        for (verdicts, want) in [
            (vec![], Exit::Pass),
            (vec![Pass, Pass], Exit::Pass),
            (vec![Pass, CannotCheck], Exit::CannotCheck),
            (vec![Denied], Exit::CannotCheck),
            (vec![Inconclusive, Pass], Exit::CannotCheck),
            (vec![Error], Exit::CannotCheck),
            (vec![CannotCheck, Fail, Pass], Exit::Failed),
        ] {
            assert_eq!(Summary::of(verdicts.clone()).exit(), want, "{verdicts:?}");
        }
    }
}
