//! What is run: a preset, a scenario, a token.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sim_core::{Entry, MILLISECOND, Nanos, SECOND, Text, catalogue, find, text};

use super::{Args, Preset, Shown, moment};
use crate::context::Failure;

/// Longest scenario that is read, bytes: the largest valid one, generously indented, is a tenth.
const MAX_SCENARIO: u64 = 1 << 20;

/// The model that was named, by itself or inside the token.
pub(super) fn model(args: &Args) -> Result<&'static Entry, Failure> {
    let in_token = args.token.as_deref().and_then(|token| token.trim().split_once('.')).map(|(model, _)| model);
    let names = || catalogue().iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ");
    let Some(name) = args.model.as_deref().or(in_token) else {
        let names = names();
        return Err(Failure::usage(text!(
            ko: "어느 모델을 돌릴지 이름을 지정하십시오: {names}",
            en: "Name the model to run: {names}"
        )));
    };
    find(name).ok_or_else(|| {
        let names = names();
        Failure::usage(text!(
            ko: "{name}: 그런 모델은 없습니다. 있는 모델: {names}",
            en: "{name}: there is no such model. There are: {names}"
        ))
    })
}

/// Runs what was asked for.
pub(super) fn shown(entry: &'static Entry, args: &Args) -> Result<Shown, Failure> {
    let mut preset = None;
    let (run, cursor) = if let Some(token) = &args.token {
        let (run, cursor) = entry.run_token(token).map_err(|error| {
            let Text { ko, en } = error.text();
            Failure::usage(text!(ko: "--token: {ko}", en: "--token: {en}"))
        })?;
        (run, Some(cursor))
    } else if let Some(path) = &args.scenario {
        let json = read(path)?;
        let run = entry.run_json(&scenario_of(json)).map_err(|problems| {
            let (n, name) = (problems.len(), name(path));
            let (ko, en) = (name.ko, name.en);
            let mut all = text!(
                ko: "{ko}: 시나리오에 문제가 {n}개 있습니다.",
                en: "{en}: problems with the scenario: {n}"
            );
            for problem in problems {
                let line = problem.text();
                all.ko.to_mut().push_str(&format!("\n  {}", line.ko));
                all.en.to_mut().push_str(&format!("\n  {}", line.en));
            }
            Failure::usage(all)
        })?;
        (run, None)
    } else {
        let presets = (entry.presets)();
        let name = args.preset.as_deref().unwrap_or(presets[0].name);
        let found = entry.run_preset(name).zip(presets.iter().find(|known| known.name == name));
        let (run, found) = found.ok_or_else(|| {
            let model = entry.name;
            let names = presets.iter().map(|preset| format!("\n  {}", preset.name)).collect::<String>();
            Failure::usage(text!(
                ko: "{name}: {model}에 그런 프리셋은 없습니다. 있는 프리셋:{names}",
                en: "{name}: {model} has no such preset. There are:{names}"
            ))
        })?;
        preset = Some(Preset { name: found.name, title: found.title.clone(), insight: found.insight.clone() });
        (run, Some(found.cursor))
    };
    let end = run.frames.last().map_or(0, |frame| frame.t_ns);
    if let Some(at) = args.at
        && at > end
    {
        let (at, end) = (moment(at), moment(end));
        return Err(Failure::usage(text!(
            ko: "--at = {at}: 허용 범위 0..{end}(실행의 길이)",
            en: "--at = {at}: allowed 0..{end} (the length of the run)"
        )));
    }
    // A token at its start was copied without a place in mind.
    let cursor = args.at.or(cursor.filter(|cursor| *cursor > 0)).unwrap_or(end).min(end);
    // Counters of time go on between two events, so the moment before is not enough.
    let frame = entry.at(&run.scenario, cursor).unwrap_or_else(|_| run.at(cursor).clone());
    Ok(Shown { entry, run, preset, cursor, frame })
}

/// A scenario as it is, or the one inside what `--format json` printed.
fn scenario_of(json: String) -> String {
    let whole = serde_json::from_str::<serde_json::Value>(&json).ok();
    whole.and_then(|whole| whole.get("scenario").map(ToString::to_string)).unwrap_or(json)
}

/// What a reader calls the input.
fn name(path: &Path) -> Text {
    if path == Path::new("-") {
        Text::fixed("표준 입력", "standard input")
    } else {
        Text::verbatim(path.display().to_string())
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let fail = |error: &dyn std::fmt::Display| {
        let Text { ko, en } = name(path);
        Failure::usage(text!(
            ko: "{ko}: 시나리오를 읽을 수 없습니다({error}).",
            en: "{en}: the scenario cannot be read ({error})."
        ))
    };
    let input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(File::open(path).map_err(|e| fail(&e))?)
    };
    let mut bytes = Vec::new();
    input.take(MAX_SCENARIO + 1).read_to_end(&mut bytes).map_err(|e| fail(&e))?;
    if bytes.len() as u64 > MAX_SCENARIO {
        let Text { ko, en } = name(path);
        return Err(Failure::usage(text!(
            ko: "{ko}: 시나리오가 너무 큽니다. {MAX_SCENARIO}바이트까지 읽습니다.",
            en: "{en}: the scenario is too large; at most {MAX_SCENARIO} bytes are read."
        )));
    }
    String::from_utf8(bytes).map_err(|_| fail(&"not UTF-8"))
}

/// Reads a time: `60` and `60s` are seconds, `5m`, `1m30s`, `1.5s`, `250ms`.
pub fn time(typed: &str) -> Result<Nanos, String> {
    let wrong = || "60, 90s, 1.5s, 250ms, 5m, 1m30s".to_owned();
    let mut rest = typed.trim();
    let mut total: Nanos = 0;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let unit = match unit {
            "" if after.is_empty() => SECOND,
            "s" => SECOND,
            "ms" => MILLISECOND,
            "m" | "min" => 60 * SECOND,
            "h" => 3600 * SECOND,
            _ => return Err(wrong()),
        };
        total = decimal(number, unit).and_then(|part| total.checked_add(part)).ok_or_else(wrong)?;
        rest = after;
    }
    Ok(total)
}

/// A decimal number of units in ns, exactly.
fn decimal(number: &str, unit: Nanos) -> Option<Nanos> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || fraction.len() > 9 || (number.contains('.') && fraction.is_empty()) {
        return None;
    }
    let scale = 10_u64.pow(u32::try_from(fraction.len()).ok()?);
    let part = if fraction.is_empty() { 0 } else { fraction.parse::<u64>().ok()? };
    let part = u64::try_from(u128::from(part) * u128::from(unit) / u128::from(scale)).ok()?;
    whole.parse::<u64>().ok()?.checked_mul(unit)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (typed, want) in [
            ("60", Some(60_000)),
            ("60s", Some(60_000)),
            ("1.5s", Some(1_500)),
            ("0.25", Some(250)),
            ("250ms", Some(250)),
            ("5m", Some(300_000)),
            ("5min", Some(300_000)),
            ("1m30s", Some(90_000)),
            ("2h", Some(7_200_000)),
            ("0", Some(0)),
            ("", None),
            ("s", None),
            ("-1", None),
            ("1m30", Some(90_000)),
            ("1.s", None),
            ("1..5s", None),
            ("5 m", None),
            ("1d", None),
            ("99999999999999999999", None),
            ("18446744073709551615h", None),
        ] {
            assert_eq!(time(typed).ok(), want.map(|ms: u64| ms * MILLISECOND), "{typed:?}");
        }
    }
}
