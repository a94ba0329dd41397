//! Numbers in the prose that a model computes: `{{=MODEL PRESET METRIC @TIME}}` becomes the value of
//! a metric at a moment of a preset's run, so that text and simulator cannot disagree.
//!
//! `TIME` is a number with a unit (`90s`, `5m`, `250ms`); without it the end of the run is meant.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sim_core::{MILLISECOND, Nanos, Run, SECOND, decimal};

use super::page::{Mistake, line_of, outside_code};

/// How a value is asked for, for messages.
const FORM: &str = "{{=MODEL PRESET METRIC @TIME}}, for example {{=load-average one-task-for-a-minute avenrun_1 @61s}}";

/// The text with its values filled in. What cannot be computed stays and is a mistake.
pub fn fill(text: &str) -> (String, Vec<Mistake>) {
    let mut filled = String::with_capacity(text.len());
    let mut mistakes = Vec::new();
    let mut done = 0;
    for span in outside_code(text, "{{=") {
        match value(&text[span.start + 3..span.end - 2]) {
            Ok(value) => {
                filled.push_str(&text[done..span.start]);
                filled.push_str(&value);
                done = span.end;
            }
            Err(what) => mistakes.push(Mistake { line: line_of(text, span.start), what }),
        }
    }
    filled.push_str(&text[done..]);
    (filled, mistakes)
}

/// Each value as it is written, with its line.
pub fn written(text: &str) -> Vec<(String, usize)> {
    outside_code(text, "{{=")
        .into_iter()
        .map(|span| (text[span.clone()].to_owned(), line_of(text, span.start)))
        .collect()
}

/// The value that the words between `{{=` and `}}` ask for, computed once for the life of the process: of a
/// very long run it takes going there again.
fn value(words: &str) -> Result<String, String> {
    static VALUES: Mutex<BTreeMap<String, Result<String, String>>> = Mutex::new(BTreeMap::new());
    let known = |values: &BTreeMap<_, _>| values.get(words).cloned();
    if let Some(value) = known(&VALUES.lock().unwrap_or_else(PoisonError::into_inner)) {
        return value;
    }
    let value = compute(words);
    VALUES.lock().unwrap_or_else(PoisonError::into_inner).insert(words.to_owned(), value.clone());
    value
}

fn compute(words: &str) -> Result<String, String> {
    let words: Vec<&str> = words.split_whitespace().collect();
    let (model, preset, metric, at) = match words.as_slice() {
        [model, preset, metric] => (*model, *preset, *metric, None),
        [model, preset, metric, at] => (*model, *preset, *metric, Some(time(at)?)),
        _ => return Err(format!("a value is written {FORM}")),
    };
    let entry = sim_core::find(model).ok_or_else(|| format!("there is no model {model}"))?;
    let about = (entry.metrics)().iter().find(|known| known.name == metric).ok_or_else(|| {
        let known: Vec<_> = (entry.metrics)().iter().map(|metric| metric.name).collect();
        format!("{model} has no metric {metric}: it has {}", known.join(", "))
    })?;
    let run = run(model, preset).ok_or_else(|| {
        let known: Vec<_> = (entry.presets)().iter().map(|preset| preset.name).collect();
        format!("{model} has no preset {preset}: it has {}", known.join(", "))
    })?;
    let at = at.unwrap_or(Nanos::MAX);
    // A very long run does not keep every moment.
    let there = (run.frames_every > 1).then(|| entry.at(&run.scenario, at).ok()).flatten();
    let frame = there.as_ref().unwrap_or_else(|| run.at(at));
    let value = frame.metrics.get(metric).copied().unwrap_or_default();
    Ok(number(value, about.scale, about.unit))
}

/// The run of a preset, made once for the life of the process.
fn run(model: &str, preset: &str) -> Option<Arc<Run>> {
    type Runs = BTreeMap<(String, String), Arc<Run>>;
    static RUNS: OnceLock<Mutex<Runs>> = OnceLock::new();
    let mut runs = RUNS.get_or_init(Mutex::default).lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let key = (model.to_owned(), preset.to_owned());
    if let Some(run) = runs.get(&key) {
        return Some(run.clone());
    }
    let run = Arc::new(sim_core::find(model)?.run_preset(preset)?);
    runs.insert(key, run.clone());
    Some(run)
}

/// A time such as `90s`.
fn time(word: &str) -> Result<Nanos, String> {
    let wrong = || format!("{word} is no time: write @ and a whole number with ms, s, m or h, such as @90s");
    let word = word.strip_prefix('@').ok_or_else(wrong)?;
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &word[digits.len()..] {
        "ms" => MILLISECOND,
        "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => 3600 * SECOND,
        _ => return Err(wrong()),
    };
    digits.parse::<Nanos>().ok().and_then(|count| count.checked_mul(unit)).ok_or_else(wrong)
}

/// A metric's value as prose writes it, in groups of three digits: with two decimals what has fractions,
/// but of an amount of something no more than say anything. A load average has no unit and is written as
/// the kernel does.
fn number(value: i64, scale: i64, unit: &str) -> String {
    let (sign, value) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    if scale > 1 {
        let scale = u128::from(scale.unsigned_abs());
        let hundredths = (u128::from(value) * 100 + scale / 2) / scale;
        if unit.is_empty() {
            return format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100);
        }
        if hundredths >= 100_000 {
            return format!("{sign}{}", grouped((u128::from(value) + scale / 2) / scale, ','));
        }
        return format!("{sign}{}", decimal::plain(hundredths as f64 / 100.0));
    }
    format!("{sign}{}", grouped(value.into(), ','))
}

/// A number in groups of three digits.
pub fn grouped(n: u128, between: char) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(between);
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_what_the_model_says_at_that_moment() {
        let text = "So it is {{=load-average one-task-for-a-minute avenrun_1 @61s}}, not 1.00; `{{=x}}` is code.\n\n\
                    {{=load-average four-tasks-then-calm nr_running @30s}}";
        let (filled, mistakes) = fill(text);
        assert_eq!(mistakes, []);
        assert_eq!(filled, "So it is 0.63, not 1.00; `{{=x}}` is code.\n\n4");
        assert_eq!(written(text).len(), 2);
    }

    #[test]
    fn what_cannot_be_computed_says_why() {
        for (text, what) in [
            ("{{=load-average}}", "a value is written"),
            ("\n{{=load x y}}", "there is no model load"),
            ("{{=load-average x avenrun_1}}", "has no preset x: it has one-task-for-a-minute"),
            ("{{=load-average one-task-for-a-minute x}}", "has no metric x: it has avenrun_1"),
            ("{{=load-average one-task-for-a-minute avenrun_1 60s}}", "60s is no time"),
            ("{{=load-average one-task-for-a-minute avenrun_1 @60}}", "@60 is no time"),
        ] {
            let (filled, mistakes) = fill(text);
            assert_eq!(filled, text);
            assert!(mistakes.len() == 1 && mistakes[0].what.contains(what), "{text}: {mistakes:?}");
        }
    }

    #[test]
    fn numbers_are_written_as_prose_writes_them() {
        for (value, scale, unit, want) in [
            (1299, 2048, "", "0.63"),
            (2048, 2048, "", "1.00"),
            (-5, 1, "", "-5"),
            (512, 1, "pages", "512"),
            (4096, 1, "pages", "4,096"),
            (1_048_576, 1, "", "1,048,576"),
            (1005, 10, "ms", "100.5"),
            (-1125, 100, "%", "-11.25"),
            (5000, 100, "%", "50"),
            (0, 100, "ms", "0"),
            (203_004, 100, "ms", "2,030"),
        ] {
            assert_eq!(number(value, scale, unit), want);
        }
    }
}
