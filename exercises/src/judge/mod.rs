//! The judge: what a machine said, against what the reader said it would.
//!
//! It reads nothing but the machine and the recording it is given, so it decides the same way on a
//! running kernel, on a snapshot and on a model. This file does what all rules share: what the
//! machine lacks, what the reader has not done yet, what is wrong with a recording. Each rule of
//! [`Check`] then has a file of its own.

mod asked;
mod averages;
#[cfg(test)]
mod generic_tests;
mod load_at_end;
mod load_per_cpu;
mod model;
mod needs;
mod pressure;
mod reached;
mod report;
mod run_queue;
mod scene;
#[cfg(test)]
mod tests;
mod time_to_fall;
mod which_load;

use sim_core::{Entry, Text, text};

use crate::machine::Once;
use crate::parse::Unreadable;
use crate::prediction::Answer;
use crate::{Check, Ended, Exercise, Judgement, Machine, Ran, Recording, Verdict};
use averages::Averages;
use report::Report;

pub(crate) use crate::check::name_of;
pub use asked::fits;
pub use needs::{Lacking, all as lacking, instead, shown};
#[cfg(feature = "catalogue")]
pub(crate) use report::spaced;
#[cfg(feature = "catalogue")]
pub(crate) use scene::{Scene, Trouble};

/// What there is to judge by.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// What the reader committed to, as typed.
    pub prediction: Option<&'a str>,
    /// The machine now.
    pub now: &'a dyn Machine,
    /// What was recorded while the exercise's workload ran; of an exercise that compares with how the
    /// machine was before, what was noted of that.
    pub run: Option<&'a Recording>,
}

/// Why there is no more to say: the verdict and its reason, and what to do.
struct Stop {
    verdict: Verdict,
    reason: Text,
    next: Option<Text>,
}

impl Stop {
    fn new(verdict: Verdict, reason: Text) -> Stop {
        Stop { verdict, reason, next: None }
    }

    fn then(mut self, next: Text) -> Stop {
        self.next = Some(next);
        self
    }
}

impl From<Unreadable> for Stop {
    fn from(unreadable: Unreadable) -> Stop {
        let verdict = match &unreadable {
            Unreadable::Read { error, .. } => error.verdict(),
            Unreadable::Parse { .. } => Verdict::Error,
        };
        Stop::new(verdict, unreadable.text())
    }
}

/// Judges an exercise.
///
/// First comes what this machine can never show, then what the reader has left to do, then what is
/// wrong with the recording; only then is anything compared.
pub fn judge(exercise: &Exercise, evidence: &Evidence<'_>) -> Judgement {
    judge_with(sim_core::find, exercise, evidence)
}

/// Where a model is found by its name.
pub type Models = fn(&str) -> Option<&'static Entry>;

/// [`judge`] for whoever does not have every model: what the simulator would say is left out where its
/// model is not there.
pub fn judge_with(models: Models, exercise: &Exercise, evidence: &Evidence<'_>) -> Judgement {
    let now = Once::of(evidence.now);
    let evidence = Evidence { now: &now, ..*evidence };
    let mut report = Report::new(exercise, models);
    match decide(exercise, &evidence, &mut report) {
        Ok(()) => report.finish(),
        Err(stop) => report.stop(stop.verdict, stop.reason, stop.next),
    }
}

fn decide<'a>(exercise: &'a Exercise, evidence: &Evidence<'a>, report: &mut Report<'a>) -> Result<(), Stop> {
    match evidence.run {
        Some(run) if exercise.workload.is_some() => {
            if let Some(problem) = run.problem() {
                return Err(Stop::new(Verdict::Error, problem).then(run_command(exercise)));
            }
            let last = run.at(run.frames.len() - 1).ok_or_else(|| Stop::new(Verdict::Error, Text::default()))?;
            needs::lacks(exercise, &last)?;
            report.source(last.source());
        }
        _ => {
            needs::lacks(exercise, evidence.now)?;
            report.source(evidence.now.source());
        }
    }
    let nothing = (!exercise.prediction.asks()).then_some("");
    let typed = evidence.prediction.or(nothing).ok_or_else(|| {
        Stop::new(Verdict::Fail, Text::fixed("아직 답을 적지 않았습니다.", "You have not committed to an answer yet."))
            .then(predict_command(exercise))
    })?;
    let answer = exercise
        .prediction
        .parse(typed)
        .map_err(|why| Stop::new(Verdict::Fail, why).then(predict_command(exercise)))?;
    report.answer(answer);
    let Some(workload) = &exercise.workload else {
        return match &exercise.check {
            Check::LoadPerCpu { minutes } => load_per_cpu::decide(*minutes, evidence.now, report),
            Check::Observe(asked) | Check::Predict(asked) => asked::decide(exercise, asked, evidence.now, None, report),
            Check::Act(reached) => reached::decide(exercise, reached, evidence.now, evidence.run, None, report),
            _ => Err(malformed(exercise)),
        };
    };
    let recording = evidence.run.ok_or_else(|| {
        Stop::new(
            Verdict::Fail,
            if exercise.prediction.asks() {
                Text::fixed(
                    "답은 적었습니다. 이제 실행해서 확인할 차례입니다.",
                    "Your answer is written down. Now run the workload and see.",
                )
            } else {
                Text::fixed("아직 실행하지 않았습니다.", "It has not been run yet.")
            },
        )
        .then(run_command(exercise))
    })?;
    let ran = whole(exercise, recording)?;
    debug_assert_eq!(&ran.workload, workload);
    let averages = Averages::of(recording);
    let run = Run { recording, ran, averages: averages.as_ref() };
    match &exercise.check {
        Check::LoadAtEnd { busy_at_most_pct } => load_at_end::decide(*busy_at_most_pct, &run, report),
        Check::TimeToFall { to_pct } => time_to_fall::decide(*to_pct, &run, report),
        Check::RunningAndBlocked { answers } => run_queue::running_and_blocked(answers, &run, report),
        Check::RunningField => run_queue::running_field(&run, report),
        Check::WhichLoad { answers } => which_load::decide(answers, &run, report),
        Check::CpuPressure => pressure::decide(&run, report),
        Check::Predict(asked) => asked::decide(exercise, asked, evidence.now, Some(&run), report),
        Check::Act(reached) => reached::decide(exercise, reached, evidence.now, None, Some(&run), report),
        Check::Diagnose(diagnosed) => reached::diagnose(diagnosed, evidence.now, &run, report),
        Check::Observe(_) | Check::LoadPerCpu { .. } => Err(malformed(exercise)),
    }
}

/// A workload that ran to its end, and what was recorded.
struct Run<'a> {
    recording: &'a Recording,
    ran: &'a Ran,
    averages: Option<&'a Averages>,
}

impl Run<'_> {
    /// Online CPUs, from the facts or else from the recorded files.
    fn cpus(&self) -> u32 {
        let counted = || crate::parse::read::<crate::parse::Stat>(&self.recording.at(0)?).ok().map(|stat| stat.cpus);
        self.recording.facts.cpus.or_else(counted).unwrap_or(1).max(1)
    }

    /// The loads that ran.
    fn loads(&self) -> Vec<crate::Load> {
        let loads = &self.ran.workload.loads;
        match self.ran.picked {
            Some(picked) => loads.get(picked as usize).copied().into_iter().collect(),
            None => loads.clone(),
        }
    }

    /// Indices of the frames that were read while the load ran.
    fn frames(&self) -> std::ops::Range<usize> {
        let before = |t| self.recording.frames.partition_point(|frame| frame.t_ns < t);
        before(self.ran.from_ns)..before(self.ran.until_ns)
    }

    /// A file at every frame that was read while the load ran.
    fn while_running<T: crate::parse::Parse>(&self) -> Result<Vec<T>, Stop> {
        let read = |i| crate::parse::read::<T>(&self.recording.at(i)?).into();
        let all = self.frames().filter_map(read).collect::<Result<Vec<T>, Unreadable>>()?;
        if all.len() < 2 {
            return Err(Stop::new(
                Verdict::Error,
                text!(
                    ko: "부하가 도는 동안의 기록이 부족합니다. 다시 실행하십시오.",
                    en: "Too little was recorded while the workload ran. Run it again."
                ),
            ));
        }
        Ok(all)
    }
}

/// The run of a recording that can be judged: of this exercise, as planned, to its end.
fn whole<'a>(exercise: &Exercise, recording: &'a Recording) -> Result<&'a Ran, Stop> {
    let again = |verdict, reason| Err(Stop::new(verdict, reason).then(run_command(exercise)));
    let Some(ran) = &recording.ran else {
        return again(
            Verdict::Error,
            Text::fixed("부하를 걸지 않고 만든 기록입니다.", "The recording is of a machine without a workload."),
        );
    };
    if recording.exercise.as_ref().is_some_and(|id| *id != exercise.id) {
        let id = recording.exercise.as_deref().unwrap_or_default();
        return again(
            Verdict::Error,
            text!(ko: "다른 연습 문제({id})의 기록입니다.", en: "The recording is of another exercise ({id})."),
        );
    }
    if Some(&ran.workload) != exercise.workload.as_ref() {
        return again(
            Verdict::Fail,
            Text::fixed(
                "연습 문제의 부하가 바뀌기 전에 만든 기록입니다. 다시 실행하십시오.",
                "The recording was made before the exercise's workload changed. Run it again.",
            ),
        );
    }
    let planned = u64::from(ran.workload.seconds) * sim_core::SECOND;
    let lasted = ran.until_ns - ran.from_ns;
    let lasted_s = lasted / sim_core::SECOND;
    match &ran.ended {
        Ended::AsPlanned if lasted.abs_diff(planned) <= 2 * sim_core::SECOND => {}
        // The reader may have ended its task, as part of the lesson.
        Ended::AsPlanned if lasted < planned && ran.workload.loads.iter().all(|load| load.may_be_ended()) => {}
        Ended::AsPlanned => {
            let seconds = ran.workload.seconds;
            return again(
                Verdict::Inconclusive,
                text!(
                    ko: "부하가 {seconds}초가 아니라 {lasted_s}초 동안 돌았습니다. 컴퓨터가 잠들었거나 매우 바빴습니다.",
                    en: "The workload ran for {lasted_s} s instead of {seconds} s: the machine slept or was very busy."
                ),
            );
        }
        Ended::Stopped => {
            return again(
                Verdict::Fail,
                text!(
                    ko: "부하를 {lasted_s}초 만에 멈추었습니다. 끝까지 실행하십시오.",
                    en: "The workload was stopped after {lasted_s} s. Let it run to its end."
                ),
            );
        }
        Ended::Failed(why) => {
            return again(
                Verdict::Error,
                text!(ko: "부하를 실행하지 못했습니다({why}).", en: "The workload failed ({why})."),
            );
        }
    }
    let end = recording.frames.last().map_or(0, |frame| frame.t_ns);
    let wanted = ran.until_ns + u64::from(ran.workload.after_s) * sim_core::SECOND;
    if end + 2 * sim_core::SECOND < wanted {
        return again(
            Verdict::Fail,
            Text::fixed(
                "기록이 끝까지 이어지지 않았습니다. 다시 실행하십시오.",
                "The recording stops before its end. Run it again.",
            ),
        );
    }
    Ok(ran)
}

fn run_command(exercise: &Exercise) -> Text {
    let (id, seconds) = (&exercise.id, exercise.workload.as_ref().map_or(0, |workload| workload.total_s()));
    text!(
        ko: "`live-probe run {id}` (약 {seconds}초 걸립니다)",
        en: "`live-probe run {id}` (takes about {seconds} s)"
    )
}

fn predict_command(exercise: &Exercise) -> Text {
    let (id, value) = (&exercise.id, exercise.prediction.placeholder());
    text!(ko: "`live-probe predict {id} {value}`", en: "`live-probe predict {id} {value}`")
}

/// A file that the linter would have refused.
fn malformed(exercise: &Exercise) -> Stop {
    let id = &exercise.id;
    Stop::new(
        Verdict::Error,
        text!(
            ko: "연습 문제 {id}의 판정 규칙과 부하가 맞지 않습니다.",
            en: "The rule of exercise {id} does not fit its workload."
        ),
    )
}

/// The number a rule about numbers was given.
fn number(answer: Answer<'_>) -> Option<f64> {
    match answer {
        Answer::Number(number) => Some(number),
        _ => None,
    }
}
