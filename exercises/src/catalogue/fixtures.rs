//! Judges the fixtures of an exercise.

use std::fs;
use std::path::Path;

use sim_core::{Lang, Text, text};

use super::lint::Problems;
use super::machines::patched;
use crate::recording::MAX_RECORDING_BYTES;
use crate::{
    Content, Evidence, Exercise, Facts, Fixture, FixtureMachine, Frame, Judgement, Recording, Source, Verdict, judge,
};

/// The fixtures every exercise has, and what each must show.
const REQUIRED: [(&str, Verdict); 3] =
    [("untouched", Verdict::Fail), ("solved", Verdict::Pass), ("cannot-check", Verdict::CannotCheck)];

/// Judges every fixture; `folder` is the chapter's.
pub(super) fn check(exercise: &Exercise, folder: &Path, problems: &mut Problems) {
    for (name, verdict) in REQUIRED {
        let word = verdict.name();
        match exercise.fixtures.iter().find(|fixture| fixture.name == name) {
            None => {
                problems.push(("fixtures".into(), text!(ko: "`{name}`이 있어야 합니다", en: "`{name}` is missing")))
            }
            Some(fixture) if fixture.verdict != verdict => problems.push((
                "fixtures".into(),
                text!(ko: "`{name}`의 판정은 {word}이어야 합니다", en: "`{name}` must be {word}"),
            )),
            // What cannot be checked must be told why, and the why be checked.
            Some(fixture) if verdict == Verdict::CannotCheck && fixture.says.is_none() => problems
                .push(("fixtures".into(), text!(ko: "`{name}`에 says가 있어야 합니다", en: "`{name}` must have says"))),
            Some(_) => {}
        }
    }
    for (i, fixture) in exercise.fixtures.iter().enumerate() {
        let field = format!("fixtures[{i}]");
        let name = &fixture.name;
        if exercise.fixtures[..i].iter().any(|other| other.name == *name) {
            problems.push((field.clone(), text!(ko: "`{name}`이 두 번 있습니다", en: "`{name}` is there twice")));
        }
        match verdict_of(exercise, fixture, folder) {
            Ok(judgement) => problems.extend(compare(fixture, &judgement).map(|why| (field, why))),
            Err((part, why)) => problems.push((format!("{field}.{part}"), why)),
        }
    }
}

/// Judges one fixture; `folder` is the chapter's.
///
/// # Errors
/// The part of the fixture that gives no machine, and why.
pub fn verdict_of(exercise: &Exercise, fixture: &Fixture, folder: &Path) -> Result<Judgement, (&'static str, Text)> {
    let now = machine(exercise, &fixture.machine, folder, false).map_err(|why| ("machine", why))?;
    let run = match &fixture.run {
        Some(run) => Some(machine(exercise, run, folder, true).map_err(|why| ("run", why))?),
        None => None,
    };
    let now = now.last().ok_or_else(|| ("machine", Text::fixed("비어 있습니다", "it is empty")))?;
    let evidence = Evidence { prediction: fixture.prediction.as_deref(), now: &now, run: run.as_ref() };
    Ok(judge(exercise, &evidence))
}

fn machine(exercise: &Exercise, machine: &FixtureMachine, folder: &Path, run: bool) -> Result<Recording, Text> {
    match machine {
        FixtureMachine::Simulated(host) if run => host.run(exercise),
        FixtureMachine::Simulated(host) => host.rest(),
        FixtureMachine::Named(stand_in) => patched(stand_in),
        FixtureMachine::Files(files) => {
            let files = files.iter().map(|(path, text)| (path.clone(), Content::Text(text.clone()))).collect();
            let mut recording = Recording::new(Source::Recorded, Facts::default());
            recording.frames.push(Frame { t_ns: 0, avenrun: None, files });
            Ok(recording)
        }
        FixtureMachine::Recording(path) => {
            let inside = !path.starts_with('/') && !path.split('/').any(|part| part == "..");
            if !inside {
                return Err(Text::fixed("장의 폴더 안에 있어야 합니다", "must be inside the chapter's folder"));
            }
            let full = folder.join(path);
            let too_large = fs::metadata(&full).is_ok_and(|meta| meta.len() > MAX_RECORDING_BYTES as u64);
            if too_large {
                return Err(Text::fixed("너무 큽니다", "is too large"));
            }
            let json = fs::read_to_string(&full).map_err(
                |error| text!(ko: "`{path}`를 읽을 수 없습니다({error})", en: "`{path}` cannot be read ({error})"),
            )?;
            Recording::from_json(&json).map_err(|bad| bad.0)
        }
    }
}

fn compare(fixture: &Fixture, judgement: &Judgement) -> Option<Text> {
    let Fixture { name, verdict, says, .. } = fixture;
    let (want, got) = (verdict.name(), judgement.verdict.name());
    let Text { ko, en } = &judgement.reason;
    if *verdict != judgement.verdict {
        return Some(text!(
            ko: "`{name}`의 판정은 {want}이어야 하는데 {got}입니다. {ko}",
            en: "`{name}` should get {want} but gets {got}: {en}"
        ));
    }
    let silent = |lang| says.as_ref().is_some_and(|says| !judgement.reason.get(lang).contains(says.get(lang)));
    Lang::ALL.into_iter().any(silent).then(|| {
        text!(
            ko: "`{name}`의 이유에 says의 말이 없습니다. {ko} / {en}",
            en: "`{name}`: the reason lacks the words of says: {ko} / {en}"
        )
    })
}
