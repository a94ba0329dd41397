//! A judgement while it is being made.

use sim_core::{Nanos, Text, decimal, text};

use super::model::{Simulation, points};
use super::{Models, Run, number};
use crate::prediction::Answer;
use crate::{Column, Curves, Exercise, Judgement, Prediction, Reading, Source, Verdict};

/// Gathers what is found and becomes the judgement.
pub struct Report<'a> {
    /// Where what is said by the simulator comes from.
    pub models: Models,
    exercise: &'a Exercise,
    answer: Option<Answer<'a>>,
    judgement: Judgement,
}

/// How a prediction stands against a figure that other work may have moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Within the tolerance of the measurement.
    Right,
    /// Within the tolerance of the simulator, with which the machine agrees.
    RightBySimulator,
    /// Not that, but where the measurement might have been without the other work.
    Unclear,
    /// Neither.
    Wrong,
}

/// How `predicted` stands against `measured`, when the simulator says `simulated`, and `alone`
/// where only the load of the exercise runs.
///
/// Nobody can know how many other tasks will be awake. So whoever reckoned with none of them, or
/// with some, is not refuted by what they added.
pub fn weigh(predicted: f64, alone: Option<f64>, simulated: Option<f64>, measured: f64, tolerance: f64) -> Standing {
    // Two decimal figures that differ by exactly the tolerance must not fail by their last bit.
    let tolerance = tolerance + 1e-9;
    let simulated = simulated.unwrap_or(measured);
    let alone = alone.unwrap_or(simulated);
    let (low, high) = (measured.min(simulated).min(alone), measured.max(simulated).max(alone));
    if (predicted - measured).abs() <= tolerance {
        Standing::Right
    } else if (measured - simulated).abs() <= tolerance && (predicted - simulated).abs() <= tolerance {
        Standing::RightBySimulator
    } else if high - low > tolerance && (low - tolerance..=high + tolerance).contains(&predicted) {
        Standing::Unclear
    } else {
        Standing::Wrong
    }
}

/// A predicted quantity with what simulator and machine say.
pub struct Compared {
    /// What it is.
    pub label: Text,
    /// Its unit.
    pub unit: Text,
    /// What the simulator says; nothing when it says nothing.
    pub simulated: Option<f64>,
    /// What it says where no other task runs beside the load, if that is something else.
    pub alone: Option<f64>,
    /// What the machine said.
    pub measured: f64,
    /// How far off the prediction may be and still be right.
    pub tolerance: f64,
}

impl<'a> Report<'a> {
    pub fn new(exercise: &'a Exercise, models: Models) -> Report<'a> {
        let judgement = Judgement {
            exercise: exercise.id.clone(),
            verdict: Verdict::Error,
            reason: Text::default(),
            details: Vec::new(),
            next: None,
            columns: Vec::new(),
            curves: None,
            token: None,
            readings: Vec::new(),
            source: None,
        };
        Report { models, exercise, answer: None, judgement }
    }

    pub fn source(&mut self, source: Source) {
        self.judgement.source = Some(source);
    }

    pub fn answer(&mut self, answer: Answer<'a>) {
        self.answer = Some(answer);
    }

    /// What was answered.
    pub fn given_answer(&self) -> Option<Answer<'a>> {
        self.answer
    }

    /// What was asked for, as a label.
    pub fn label(&self) -> Text {
        self.exercise.prediction.label().clone()
    }

    /// The unit of what was asked for.
    pub fn unit(&self) -> Text {
        match &self.exercise.prediction {
            Prediction::Number { unit, .. } => unit.clone(),
            _ => Text::default(),
        }
    }

    /// The run of the simulator.
    pub fn token(&mut self, token: String) {
        self.judgement.token = Some(token);
    }

    /// Puts the prediction beside the simulator alone and decides.
    pub fn simulated_only(&mut self, simulated: f64, tolerance: f64) {
        let unit = self.unit();
        let [p, s, t] = [self.predicted(), simulated, tolerance].map(|value| self.print(value));
        let (u_ko, u_en) = (spaced(&unit.ko), spaced(&unit.en));
        let right = (self.predicted() - simulated).abs() <= tolerance + 1e-9;
        self.judgement.columns.push(Column {
            label: self.label(),
            prediction: Some(Text::verbatim(p.clone())),
            simulated: Some(Text::verbatim(s.clone())),
            unit,
            ..Column::default()
        });
        if right {
            self.decide(
                Verdict::Pass,
                text!(
                    ko: "맞았습니다. 시뮬레이터는 {s}{u_ko}, 예측은 {p}{u_ko}입니다(허용 오차 {t}{u_ko}).",
                    en: "Right: the simulator says {s}{u_en}, you said {p}{u_en} (within {t}{u_en})."
                ),
            );
        } else {
            self.decide(
                Verdict::Fail,
                text!(
                    ko: "시뮬레이터는 {s}{u_ko}, 예측은 {p}{u_ko}입니다.",
                    en: "The simulator says {s}{u_en}, you said {p}{u_en}."
                ),
            );
        }
    }

    /// The number that was predicted.
    pub fn predicted(&self) -> f64 {
        self.answer.and_then(number).unwrap_or_default()
    }

    /// The choice that was made, by id.
    pub fn chosen(&self) -> &'a str {
        match self.answer {
            Some(Answer::Choice(choice)) => &choice.id,
            _ => "",
        }
    }

    /// How a choice reads, by id.
    pub fn choice_text(&self, id: &str) -> Option<Text> {
        match &self.exercise.prediction {
            Prediction::Choice { options, .. } => options.iter().find(|o| o.id == id).map(|o| o.text.clone()),
            _ => None,
        }
    }

    pub fn tolerance(&self) -> f64 {
        match self.exercise.prediction {
            Prediction::Number { tolerance, .. } => tolerance,
            _ => 0.0,
        }
    }

    /// A figure of the predicted quantity as printed: with as many digits as can be predicted.
    pub fn print(&self, value: f64) -> String {
        let places = match &self.exercise.prediction {
            Prediction::Number { step, .. } if *step < 0.1 => 2,
            Prediction::Number { step, .. } if *step < 1.0 => 1,
            _ => 0,
        };
        decimal::fixed(value, places)
    }

    /// Puts the prediction beside simulator and machine and decides.
    pub fn compare(&mut self, compared: Compared) -> Standing {
        let Compared { label, unit, simulated, alone, measured, tolerance } = compared;
        // Decided by what the reader sees: 1.335 is shown as 1.34, and is 0.04 from 1.30.
        let seen = |value: f64| decimal::parse(&self.print(value)).unwrap_or(value);
        let (simulated, alone, measured) = (simulated.map(seen), alone.map(seen), seen(measured));
        let predicted = self.predicted();
        let standing = weigh(predicted, alone, simulated, measured, tolerance);
        let [p, m, t] = [predicted, measured, tolerance].map(|value| self.print(value));
        let d = self.print((predicted - measured).abs());
        let (u_ko, u_en) = (spaced(&unit.ko), spaced(&unit.en));
        let (verdict, reason) = match standing {
            Standing::Right if tolerance == 0.0 => (
                Verdict::Pass,
                text!(ko: "맞았습니다. 측정값은 {m}{u_ko}입니다.", en: "Right: the machine says {m}{u_en}."),
            ),
            Standing::Wrong if tolerance == 0.0 => (
                Verdict::Fail,
                text!(
                    ko: "측정값은 {m}{u_ko}, 예측은 {p}{u_ko}입니다.",
                    en: "The machine says {m}{u_en}, you said {p}{u_en}."
                ),
            ),
            Standing::RightBySimulator => {
                let s = self.print(simulated.unwrap_or(measured));
                (
                    Verdict::Pass,
                    text!(
                        ko: "맞았습니다. 시뮬레이터는 {s}{u_ko}, 측정값은 {m}{u_ko}, 예측은 {p}{u_ko}입니다(허용 오차 {t}{u_ko}).",
                        en: "Right: the simulator says {s}{u_en}, the machine {m}{u_en}, you said {p}{u_en} (within {t}{u_en})."
                    ),
                )
            }
            Standing::Right => (
                Verdict::Pass,
                text!(
                    ko: "맞았습니다. 측정값은 {m}{u_ko}, 예측은 {p}{u_ko}입니다(허용 오차 {t}{u_ko}).",
                    en: "Right: the machine says {m}{u_en}, you said {p}{u_en} (within {t}{u_en})."
                ),
            ),
            Standing::Wrong => (
                Verdict::Fail,
                text!(
                    ko: "측정값은 {m}{u_ko}, 예측은 {p}{u_ko}입니다. 허용 오차({t}{u_ko})보다 크게 벗어났습니다(차이 {d}{u_ko}).",
                    en: "The machine says {m}{u_en}, you said {p}{u_en}: off by {d}{u_en}, more than {t}{u_en}."
                ),
            ),
            Standing::Unclear => {
                let noise = self.print((measured - alone.or(simulated).unwrap_or(measured)).abs());
                (
                    Verdict::Inconclusive,
                    text!(
                        ko: "이 컴퓨터의 다른 일이 측정값을 {noise}{u_ko}만큼 움직여, 예측({p}{u_ko})이 맞는지 가릴 수 없습니다. 조용할 때 다시 실행하십시오.",
                        en: "Other work on this machine moved the figure by {noise}{u_en}, so your {p}{u_en} can be neither confirmed nor refuted. Run it again when the machine is quiet."
                    ),
                )
            }
        };
        let difference = if self.print(predicted) == m {
            Text::fixed("예측과 측정이 같습니다", "prediction and machine agree")
        } else if predicted > measured {
            text!(ko: "예측이 {d}{u_ko} 높습니다", en: "predicted {d}{u_en} too high")
        } else {
            text!(ko: "예측이 {d}{u_ko} 낮습니다", en: "predicted {d}{u_en} too low")
        };
        self.judgement.columns.push(Column {
            label,
            prediction: Some(Text::verbatim(p)),
            simulated: simulated.map(|value| Text::verbatim(self.print(value))),
            measured: Some(Text::verbatim(m)),
            unit,
            difference: Some(difference),
        });
        self.decide(verdict, reason);
        standing
    }

    pub fn decide(&mut self, verdict: Verdict, reason: Text) {
        self.judgement.verdict = verdict;
        self.judgement.reason = reason;
        if verdict == Verdict::Fail {
            let id = &self.exercise.id;
            self.judgement.next = Some(if self.exercise.prediction.asks() {
                text!(
                    ko: "`live-probe hint {id}`로 힌트를 보고 다시 예측하십시오.",
                    en: "See `live-probe hint {id}`, then predict again."
                )
            } else if self.exercise.workload.is_some() {
                text!(
                    ko: "`live-probe hint {id}`로 힌트를 보고 `live-probe run {id}`부터 다시 하십시오.",
                    en: "See `live-probe hint {id}`, then begin again with `live-probe run {id}`."
                )
            } else {
                text!(
                    ko: "`live-probe hint {id}`로 힌트를 보고 다시 해 보십시오. 처음 상태를 새로 적으려면 `live-probe reset {id}`를 먼저 하십시오.",
                    en: "See `live-probe hint {id}` and try again; `live-probe reset {id}` first if the machine is to be noted anew."
                )
            });
        } else if verdict == Verdict::Inconclusive && self.exercise.workload.is_some() {
            self.judgement.next = Some(super::run_command(self.exercise));
        }
    }

    /// What to do now.
    pub fn next(&mut self, next: Text) {
        self.judgement.next = Some(next);
    }

    pub fn column(&mut self, column: Column) {
        self.judgement.columns.push(column);
    }

    pub fn detail(&mut self, detail: Text) {
        self.judgement.details.push(detail);
    }

    /// A file that was decided on: the lines of it that were used.
    pub fn reading(&mut self, path: &str, excerpt: impl Into<String>) {
        self.judgement.readings.push(Reading { path: path.to_owned(), excerpt: Text::verbatim(excerpt) });
    }

    /// The curve of the machine and, where there is a simulation, its curve and token.
    pub fn curves(&mut self, run: &Run<'_>, simulation: Option<&Simulation>) {
        let ms = |t: Nanos| t / sim_core::MILLISECOND;
        let measured = run.averages.map(super::Averages::one_minute).unwrap_or_default();
        self.judgement.curves = Some(Curves {
            from_ms: ms(run.ran.from_ns),
            until_ms: ms(run.ran.until_ns),
            simulated: simulation.map(|s| points(&s.steps)).unwrap_or_default(),
            measured: points(&measured),
        });
        if let Some(simulation) = simulation {
            self.judgement.token = Some(simulation.token.clone());
            self.judgement.details.extend(simulation.assumed.iter().cloned());
        }
    }

    pub fn finish(self) -> Judgement {
        self.judgement
    }

    /// Ends without a comparison.
    pub fn stop(mut self, verdict: Verdict, reason: Text, next: Option<Text>) -> Judgement {
        self.judgement.verdict = verdict;
        self.judgement.reason = reason;
        self.judgement.next = next;
        self.judgement
    }
}

/// A unit as it stands behind a number.
pub fn spaced(unit: &str) -> String {
    match unit {
        "" => String::new(),
        // Korean writes these without a space.
        "초" | "개" => unit.to_owned(),
        _ => format!(" {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_widens_what_cannot_be_decided_and_nothing_else() {
        use Standing::{Right, RightBySimulator, Unclear, Wrong};
        for (predicted, alone, simulated, measured, want) in [
            (0.63, None, Some(0.63), 0.65, Right),
            (0.70, None, Some(0.63), 0.65, Right),
            (0.71, None, Some(0.63), 0.65, Wrong),
            (1.00, None, Some(0.63), 0.65, Wrong),
            (0.59, None, Some(0.63), 0.65, RightBySimulator),
            (0.57, None, Some(0.63), 0.65, Wrong),
            // Half a task of other work.
            (0.63, None, Some(0.63), 0.95, Unclear),
            (0.80, None, Some(0.63), 0.95, Unclear),
            (0.95, None, Some(0.63), 0.95, Right),
            (0.40, None, Some(0.63), 0.95, Wrong),
            (1.50, None, Some(0.63), 0.95, Wrong),
            (0.60, None, None, 0.65, Right),
            (0.55, None, None, 0.65, Wrong),
            // Three tasks of other work for most of the time: reckoning with none of them is right
            // as far as it goes, and what no count of them explains is wrong.
            (1.33, Some(1.33), Some(3.23), 3.96, Unclear),
            (2.60, Some(1.33), Some(3.23), 3.96, Unclear),
            (3.23, Some(1.33), Some(3.23), 3.96, Unclear),
            (3.96, Some(1.33), Some(3.23), 3.96, Right),
            (0.63, Some(1.33), Some(3.23), 3.96, Wrong),
            (4.50, Some(1.33), Some(3.23), 3.96, Wrong),
            // Steady work, which the simulator takes in.
            (2.60, Some(1.37), Some(2.63), 2.66, RightBySimulator),
            (1.37, Some(1.37), Some(2.63), 2.63, Unclear),
            (1.00, Some(1.37), Some(2.63), 2.63, Wrong),
        ] {
            let standing = weigh(predicted, alone, simulated, measured, 0.05);
            assert_eq!(standing, want, "{predicted} {alone:?} {simulated:?} {measured}");
        }
    }
}
