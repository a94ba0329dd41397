//! The Test Anything Protocol, version 13: the newest that Perl's `prove` of today's distributions reads.

use exercises::Verdict;
use sim_core::Lang;

use super::{Judged, reason};

/// One test point an exercise, its reason below it.
pub(super) fn render(judged: &[Judged<'_>], lang: Lang) -> String {
    let mut out = format!("TAP version 13\n1..{}\n", judged.len());
    for (n, (exercise, judgement)) in judged.iter().enumerate() {
        let (ok, skip) = match judgement.verdict {
            Verdict::Pass => ("ok", false),
            Verdict::Fail | Verdict::Error => ("not ok", false),
            Verdict::CannotCheck | Verdict::Denied | Verdict::Inconclusive => ("ok", true),
        };
        let reason = reason(judgement, lang).split_whitespace().collect::<Vec<_>>().join(" ");
        out.push_str(&format!("{ok} {} - {}", n + 1, exercise.id));
        if skip {
            // A number sign would begin another directive.
            out.push_str(&format!(" # SKIP {}", reason.replace('#', "\\#")));
        }
        // A JSON string is a YAML string, whatever it holds.
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let verdict = judgement.verdict.name();
        out.push_str(&format!("\n  ---\n  verdict: {verdict}\n  reason: {}\n  ...\n", quoted(&reason)));
    }
    out
}
