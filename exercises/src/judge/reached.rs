//! States a reader brings the machine into, and loads that ran in secret.

use sim_core::{Text, text};

use super::asked::{read, show};
use super::report::Report;
use super::scene::Scene;
use super::{Run, Stop};
use crate::expression::{Diagnosed, Reached};
use crate::{Column, Exercise, Machine, Recording, Verdict};

/// Judges whether a state is reached. `before` is how the machine was, where the exercise compares.
pub fn decide(
    exercise: &Exercise,
    reached: &Reached,
    now: &dyn Machine,
    before: Option<&Recording>,
    run: Option<&Run<'_>>,
    report: &mut Report<'_>,
) -> Result<(), Stop> {
    let scene = match (run, before) {
        (Some(run), _) => Scene::run(run.recording, run.ran, &reached.given),
        (None, Some(before)) if reached.baseline => Scene::since(before, now, &reached.given),
        (None, None) if reached.baseline => return Err(no_baseline(exercise)),
        (None, _) => Scene::now(now, &reached.given),
    };
    for unclear in &reached.unclear {
        if scene.holds(&unclear.when)? {
            show(&scene, &reached.shows, report);
            return Err(Stop::new(Verdict::Inconclusive, scene.fill(&unclear.says)));
        }
    }
    if scene.holds(&reached.done)? {
        report.decide(Verdict::Pass, Text::fixed("해냈습니다.", "Done."));
        scene.details(&reached.details).into_iter().for_each(|detail| report.detail(detail));
    } else {
        report.decide(Verdict::Fail, scene.fill(&reached.not_yet));
    }
    show(&scene, &reached.shows, report);
    let mut names = Vec::new();
    reached.visit(&mut |part| names.extend(super::name_of(part)));
    read(names, &scene, now, run, report);
    Ok(())
}

/// What to say where it was not noted how the machine was before.
fn no_baseline(exercise: &Exercise) -> Stop {
    let id = &exercise.id;
    Stop::new(
        Verdict::Fail,
        Text::fixed(
            "하기 전의 상태가 아직 없습니다. 확인을 한 번 하면 지금의 상태를 기준으로 적어 둡니다.",
            "There is no note yet of how the machine was before. A first check takes it as it is now.",
        ),
    )
    .then(text!(
        ko: "`live-probe check {id}`로 기준을 적고, 해 본 뒤에 다시 확인하십시오.",
        en: "`live-probe check {id}` notes it; then do it, and check again."
    ))
}

/// Judges a diagnosis.
pub fn diagnose(diagnosed: &Diagnosed, now: &dyn Machine, run: &Run<'_>, report: &mut Report<'_>) -> Result<(), Stop> {
    let suspect = run.ran.picked.and_then(|picked| diagnosed.answers.get(picked as usize));
    let Some(truth) = suspect else {
        return Err(Stop::new(
            Verdict::Error,
            Text::fixed(
                "무엇을 실행했는지 기록에 남아 있지 않습니다. 다시 실행하십시오.",
                "The recording does not say what ran. Run it again.",
            ),
        ));
    };
    let scene = Scene::run(run.recording, run.ran, &diagnosed.given);
    let chosen = report.chosen();
    report.column(Column {
        label: report.label(),
        prediction: report.choice_text(chosen),
        measured: report.choice_text(&truth.choice),
        ..Column::default()
    });
    if truth.choice == chosen {
        report.decide(Verdict::Pass, Text::fixed("맞았습니다.", "Right."));
    } else if scene.holds(&truth.shows_as)? {
        report.decide(
            Verdict::Fail,
            Text::fixed("아닙니다. 기록에 남은 값은 다른 쪽을 가리킵니다.", "No. What was recorded points elsewhere."),
        );
    } else {
        report.decide(
            Verdict::Inconclusive,
            Text::fixed(
                "다른 일이 섞여, 기록에 남은 값만으로는 가릴 수 없습니다. 조용할 때 다시 실행하십시오.",
                "Other work was mixed in, so that what was recorded cannot tell them apart. Run it again when the machine is quiet.",
            ),
        );
    }
    report.detail(scene.fill(&truth.says));
    scene.details(&diagnosed.details).into_iter().for_each(|detail| report.detail(detail));
    show(&scene, &diagnosed.shows, report);
    let mut names = Vec::new();
    diagnosed.visit(&mut |part| names.extend(super::name_of(part)));
    read(names, &scene, now, Some(run), report);
    Ok(())
}
