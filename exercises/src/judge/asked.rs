//! Questions about quantities: of the machine as it is, and of what becomes of them.

use sim_core::scenario::Problem;
use sim_core::{Json, Nanos, SECOND, Text, text};

use super::report::{Compared, Report, Standing, spaced};
use super::scene::{Scene, Trouble, print};
use super::{Models, Run, Stop};
use crate::expression::{Asked, Modelled, Shown, Value};
use crate::machine::Simulated;
use crate::quantity::{self, Found};
use crate::{Answer, Column, Exercise, Machine, Prediction, Verdict};

/// Judges the answer to a question about the machine as it is, or about a run.
pub fn decide(
    exercise: &Exercise,
    asked: &Asked,
    now: &dyn Machine,
    run: Option<&Run<'_>>,
    report: &mut Report<'_>,
) -> Result<(), Stop> {
    let scene = match run {
        Some(run) => Scene::run(run.recording, run.ran, &asked.given),
        None => Scene::now(now, &asked.given),
    };
    for unclear in &asked.unclear {
        if scene.holds(&unclear.when)? {
            show(&scene, &asked.shows, report);
            return Err(Stop::new(Verdict::Inconclusive, scene.fill(&unclear.says)));
        }
    }
    match (report.given_answer(), &asked.value) {
        (Some(Answer::Choice(choice)), _) => choose(asked, &choice.id, &scene, report)?,
        (Some(Answer::Word(word)), Some(value)) => spell(exercise, value, word, &scene, report)?,
        (Some(Answer::Number(number)), value) => measure(exercise, asked, value.as_ref(), number, &scene, report)?,
        _ => return Err(super::malformed(exercise)),
    }
    show(&scene, &asked.shows, report);
    scene.details(&asked.details).into_iter().for_each(|detail| report.detail(detail));
    read(asked_names(asked), &scene, now, run, report);
    Ok(())
}

fn asked_names(asked: &Asked) -> Vec<&str> {
    let mut names = Vec::new();
    asked.visit(&mut |part| names.extend(super::name_of(part)));
    names
}

/// One of a few.
fn choose(asked: &Asked, chosen: &str, scene: &Scene<'_>, report: &mut Report<'_>) -> Result<(), Stop> {
    let mut truth = None;
    for right in &asked.answers {
        if scene.holds(&right.when)? {
            truth = Some(right.choice.as_str());
            break;
        }
    }
    let Some(truth) = truth else {
        return Err(Stop::new(
            Verdict::CannotCheck,
            Text::fixed(
                "이 컴퓨터에는 선택지 가운데 맞는 것이 없습니다.",
                "None of the choices is right for this machine.",
            ),
        ));
    };
    report.column(Column {
        label: report.label(),
        prediction: report.choice_text(chosen),
        measured: report.choice_text(truth),
        ..Column::default()
    });
    if truth == chosen {
        report.decide(Verdict::Pass, Text::fixed("맞았습니다.", "Right."));
        return Ok(());
    }
    report.decide(Verdict::Fail, Text::fixed("아닙니다. 다시 살펴보십시오.", "No. Look again."));
    mistakes(asked, scene, report, |mistake, _| mistake.choice.as_deref() == Some(chosen));
    Ok(())
}

/// A word.
fn spell(
    exercise: &Exercise,
    value: &Value,
    typed: &str,
    scene: &Scene<'_>,
    report: &mut Report<'_>,
) -> Result<(), Stop> {
    let found = scene.words(value)?;
    let same = |word: &str| plain(word) == plain(typed);
    let right = match &found {
        Found::Word(word) => same(word),
        Found::Words(words) => words.iter().any(|word| same(word)),
        Found::Number(number) => same(&print(*number)),
    };
    report.column(Column {
        label: report.label(),
        prediction: Some(Text::verbatim(typed)),
        measured: Some(scene.shown(value)),
        ..Column::default()
    });
    if right {
        report.decide(Verdict::Pass, Text::fixed("맞았습니다.", "Right."));
        return Ok(());
    }
    report.decide(
        Verdict::Fail,
        text!(
            ko: "`{typed}`: 이 컴퓨터가 말하는 것과 다릅니다.",
            en: "`{typed}` is not what this machine says."
        ),
    );
    if let crate::Check::Observe(asked) | crate::Check::Predict(asked) = &exercise.check {
        mistakes(asked, scene, report, |mistake, scene| {
            let Some(value) = &mistake.value else { return false };
            match scene.words(value) {
                Ok(Found::Word(word)) => same(&word),
                Ok(Found::Words(words)) => words.iter().any(|word| same(word)),
                Ok(Found::Number(number)) => same(&print(number)),
                Err(_) => false,
            }
        });
    }
    Ok(())
}

/// A word without what people leave out or add.
fn plain(word: &str) -> String {
    let word = word.trim().trim_matches(['"', '\'', '`']);
    let word = word.strip_prefix("/dev/").unwrap_or(word);
    word.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A number: against the machine and, where there is one, against the simulator.
fn measure(
    exercise: &Exercise,
    asked: &Asked,
    value: Option<&Value>,
    predicted: f64,
    scene: &Scene<'_>,
    report: &mut Report<'_>,
) -> Result<(), Stop> {
    let simulated = match &asked.simulated {
        Some(modelled) => match model(report.models, exercise, modelled, scene) {
            Ok((figure, token)) => {
                if let Some(token) = token {
                    report.token(token);
                }
                Some(figure)
            }
            // What the machine measured stands without the simulator.
            Err(trouble) if value.is_some() => {
                report.detail(Stop::from(trouble).reason);
                None
            }
            Err(trouble) => return Err(trouble.into()),
        },
        None => None,
    };
    let tolerance = |figure: f64| report.tolerance().max(asked.tolerance_pct.unwrap_or(0.0) / 100.0 * figure.abs());
    let Some(value) = value else {
        let figure = simulated.ok_or_else(|| super::malformed(exercise))?;
        let by = tolerance(figure);
        report.simulated_only(figure, by);
        if (predicted - figure).abs() > by + 1e-9 {
            wrong_number(asked, predicted, by, scene, report);
        }
        return Ok(());
    };
    let measured = scene.value(value)?.number;
    let by = tolerance(measured);
    let noise = noise(asked, value, scene)?;
    // Where the figure might have been without the other work, on the side of the prediction.
    let alone = (noise > 0.0).then(|| measured + if predicted < measured { -noise } else { noise });
    let standing = report.compare(Compared {
        label: report.label(),
        unit: report.unit(),
        simulated,
        alone,
        measured,
        tolerance: by,
    });
    if standing == Standing::Wrong {
        wrong_number(asked, predicted, by, scene, report);
    }
    Ok(())
}

/// How far other work may have moved a figure: what it moved by in the time before the workload,
/// taken as long as the workload was, and what the exercise says on top.
fn noise(asked: &Asked, value: &Value, scene: &Scene<'_>) -> Result<f64, Stop> {
    let more =
        asked.noise.as_ref().map(|noise| scene.value(noise)).transpose()?.map_or(0.0, |noise| noise.number.abs());
    if !value.needs_time() && !asked.given.values().any(Value::needs_time) {
        return Ok(more);
    }
    let drift = scene.before().and_then(|(before, longer)| {
        let moved = before.value(value).ok()?;
        let grows = |part: &Value| {
            let mut grows = false;
            part.visit(&mut |part| {
                if let crate::expression::Part::Value(Value::Made(made)) = part {
                    grows |= matches!(**made, crate::expression::Made::Delta(_));
                }
            });
            grows
        };
        // Only what is a difference to begin with is nothing on a machine at rest.
        let difference = grows(value) || asked.given.values().any(grows);
        difference.then_some(moved.number.abs() * longer)
    });
    Ok(more + drift.unwrap_or(0.0))
}

fn wrong_number(asked: &Asked, predicted: f64, tolerance: f64, scene: &Scene<'_>, report: &mut Report<'_>) {
    mistakes(asked, scene, report, |mistake, scene| {
        let looks_like = mistake.value.as_ref().and_then(|value| scene.value(value).ok());
        // Rounded figures look like what they were rounded from.
        let near = |figure: f64| (predicted - figure).abs() <= tolerance.max(figure.abs() * 0.005) + 1e-9;
        looks_like.is_some_and(|amount| near(amount.number))
    });
}

/// Says of the first mistake that fits what there is to say.
fn mistakes(
    asked: &Asked,
    scene: &Scene<'_>,
    report: &mut Report<'_>,
    fits: impl Fn(&crate::expression::Mistake, &Scene<'_>) -> bool,
) {
    if let Some(mistake) = asked.mistakes.iter().find(|mistake| fits(mistake, scene)) {
        report.detail(scene.fill(&mistake.says));
    }
}

/// What the simulator says, and the token of its run.
fn model(
    models: Models,
    exercise: &Exercise,
    modelled: &Modelled,
    scene: &Scene<'_>,
) -> Result<(f64, Option<String>), Trouble> {
    let times = modelled.times.unwrap_or(1.0);
    if let Some(value) = &modelled.value {
        return scene.value(value).map(|amount| (amount.number * times, None));
    }
    let bad = |ko: &'static str, en: &'static str| Trouble::Malformed(Text::fixed(ko, en));
    let scenario = exercise.scenario.as_ref();
    let scenario = scenario.ok_or_else(|| bad("`scenario`가 있어야 합니다.", "There must be a `scenario`."))?;
    let entry = models(&scenario.model).ok_or_else(|| bad("그런 모델은 없습니다.", "There is no such model."))?;
    let (mut fields, mut at) = match (&scenario.preset, &scenario.token) {
        (Some(preset), None) => {
            let preset = entry.preset(preset);
            (preset.ok_or_else(|| bad("그런 프리셋은 없습니다.", "There is no such preset."))?.scenario, None)
        }
        (None, Some(token)) => {
            let (fields, cursor) = (entry.open)(token).map_err(|error| Trouble::Malformed(error.text()))?;
            (fields, Some(cursor).filter(|cursor| *cursor > 0))
        }
        _ => return Err(bad("preset과 token 가운데 하나만 있어야 합니다.", "Needs either a preset or a token.")),
    };
    for (name, value) in &modelled.set {
        let number = scene.value(value)?.number.round().clamp(-9e15, 9e15) as i64;
        // A field within a list is found by its path; one that is left out is added.
        if !fields.replace(name, Json::from(number)) {
            fields.set(name, Json::from(number));
        }
    }
    // A machine may have a figure the model does not reach.
    let refused = |problems: Vec<Problem>| {
        let ko = problems.iter().map(|problem| problem.text().ko.into_owned()).collect::<Vec<_>>().join(" ");
        let en = problems.iter().map(|problem| problem.text().en.into_owned()).collect::<Vec<_>>().join(" ");
        Trouble::Undefined(Text { ko: ko.into(), en: en.into() })
    };
    if let Some(seconds) = modelled.at_s.filter(|seconds| (0.0..=1e9).contains(seconds)) {
        at = Some((seconds * SECOND as f64) as Nanos);
    }
    let token = (entry.token)(&fields, 0).map_err(refused)?;
    let frame = entry.at(&fields, at.unwrap_or(Nanos::MAX)).map_err(refused)?;
    let figure = match (&modelled.metric, &modelled.quantity) {
        (Some(metric), _) => {
            let raw = frame.metrics.get(metric.as_str());
            let raw = raw.ok_or_else(|| bad("모델에 그런 값은 없습니다.", "The model has no such metric."))?;
            let scale = (entry.metrics)().iter().find(|known| known.name == metric).map_or(1, |known| known.scale);
            *raw as f64 / scale.max(1) as f64
        }
        (None, Some(quantity)) => {
            let machine = Simulated::new(&frame.files);
            Scene::now(&machine, &crate::expression::Given::new()).value(quantity)?.number
        }
        (None, None) => return Err(bad("metric이나 quantity가 있어야 합니다.", "Needs a metric or a quantity.")),
    };
    Ok((figure * times, Some(token)))
}

/// Figures beside the one that was asked for.
pub fn show(scene: &Scene<'_>, shows: &[Shown], report: &mut Report<'_>) {
    for shown in shows {
        let named = || match &shown.value {
            Value::Name(name) => quantity::label(name.trim_start_matches('$')),
            _ => Text::default(),
        };
        let label = shown.label.clone().unwrap_or_else(named);
        let unit = scene.unit(&shown.value).text();
        report.column(Column { label, measured: Some(scene.shown(&shown.value)), unit, ..Column::default() });
    }
}

/// Most files that a judgement names.
const MOST_READINGS: usize = 6;

/// The files that quantities came from, with what they said.
pub fn read(names: Vec<&str>, _: &Scene<'_>, now: &dyn Machine, run: Option<&Run<'_>>, report: &mut Report<'_>) {
    let mut seen = Vec::new();
    for name in names {
        let found = match run {
            Some(run) => run.frames().next_back().and_then(|i| run.recording.at(i)).map(|at| quantity::find(name, &at)),
            None => Some(quantity::find(name, now)),
        };
        let Some(Ok(quantity)) = found else { continue };
        let said = match &quantity.found {
            Found::Number(number) => print(*number),
            Found::Word(word) => word.clone(),
            Found::Words(words) if words.is_empty() => "-".to_owned(),
            Found::Words(words) => super::scene::listed(words),
        };
        let unit = spaced(&quantity.unit.text().en);
        let field = if quantity.field.is_empty() { String::new() } else { format!("{}: ", quantity.field) };
        let line = (quantity.path.clone(), format!("{field}{said}{unit}"));
        if !seen.contains(&line) && seen.len() < MOST_READINGS {
            report.reading(&line.0, line.1.clone());
            seen.push(line);
        }
    }
}

/// Whether a prediction is of the kind that a question asks for.
pub fn fits(asked: &Asked, prediction: &Prediction) -> bool {
    match prediction {
        Prediction::Choice { .. } => !asked.answers.is_empty() && asked.value.is_none(),
        Prediction::Word { .. } => asked.answers.is_empty() && asked.value.is_some(),
        Prediction::Number { .. } => asked.answers.is_empty() && (asked.value.is_some() || asked.simulated.is_some()),
        Prediction::Nothing { .. } => false,
    }
}
