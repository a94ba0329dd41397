//! What may be wrong with a rule that works on any quantity, and the table of such rules for authors.

use std::fmt::Write as _;

use sim_core::{Lang, Text, text};

use crate::expression::{Given, Modelled, Part, Value};
use crate::{Check, Exercise, Kind, Pick, Prediction, judge, quantity};

type Bad<'b> = dyn FnMut(&str, Text) + 'b;

/// Every text of a rule with the path of its field.
pub(super) fn texts(check: &Check) -> Vec<(String, &Text)> {
    let mut texts = Vec::new();
    let mut push = |name: &str, i: usize, rest: &str, text| texts.push((format!("check.{name}[{i}]{rest}"), text));
    let (unclear, details, shows) = match check {
        Check::Observe(asked) | Check::Predict(asked) => {
            asked.mistakes.iter().enumerate().for_each(|(i, mistake)| push("mistakes", i, ".says", &mistake.says));
            (&asked.unclear[..], &asked.details[..], &asked.shows[..])
        }
        Check::Act(reached) => (&reached.unclear[..], &reached.details[..], &reached.shows[..]),
        Check::Diagnose(diagnosed) => {
            diagnosed.answers.iter().enumerate().for_each(|(i, suspect)| push("answers", i, ".says", &suspect.says));
            (&[][..], &diagnosed.details[..], &diagnosed.shows[..])
        }
        _ => return texts,
    };
    unclear.iter().enumerate().for_each(|(i, unclear)| push("unclear", i, ".says", &unclear.says));
    details.iter().enumerate().for_each(|(i, detail)| push("details", i, "", detail));
    for (i, label) in shows.iter().enumerate().filter_map(|(i, shown)| Some((i, shown.label.as_ref()?))) {
        push("shows", i, ".label", label);
    }
    if let Check::Act(reached) = check {
        texts.push(("check.not_yet".to_owned(), &reached.not_yet));
    }
    texts
}

/// Whether a generic rule fits its exercise, and whether everything it names is there.
pub(super) fn problems(exercise: &Exercise, bad: &mut Bad<'_>) {
    let choices: Vec<&str> = match &exercise.prediction {
        Prediction::Choice { options, .. } => options.iter().map(|option| option.id.as_str()).collect(),
        _ => Vec::new(),
    };
    let choice = |field: String, name: &str, bad: &mut Bad<'_>| {
        if !choices.contains(&name) {
            bad(&field, text!(ko: "`{name}` 선택지는 없습니다", en: "there is no choice `{name}`"));
        }
    };
    let kind = match &exercise.check {
        Check::Observe(asked) | Check::Predict(asked) => {
            if !judge::fits(asked, &exercise.prediction) {
                bad(
                    "prediction.kind",
                    Text::fixed(
                        "수와 말에는 check.value가, 선택에는 check.answers가 있어야 합니다",
                        "a number or a word takes check.value, a choice takes check.answers",
                    ),
                );
            }
            for (i, right) in asked.answers.iter().enumerate() {
                choice(format!("check.answers[{i}].choice"), &right.choice, bad);
            }
            for (i, mistake) in asked.mistakes.iter().enumerate() {
                if mistake.value.is_some() == mistake.choice.is_some() {
                    bad(
                        &format!("check.mistakes[{i}]"),
                        Text::fixed("value와 choice 가운데 하나만 있어야 합니다", "needs either a value or a choice"),
                    );
                }
                if let Some(name) = &mistake.choice {
                    choice(format!("check.mistakes[{i}].choice"), name, bad);
                }
            }
            let observes = matches!(exercise.check, Check::Observe(_));
            if observes && (exercise.workload.is_some() || asked.simulated.is_some() || asked.noise.is_some()) {
                bad(
                    "check.rule",
                    Text::fixed(
                        "observe에는 workload, simulated, noise를 쓰지 않습니다. predict를 쓰십시오",
                        "observe takes no workload, simulated or noise; use predict",
                    ),
                );
            }
            if !observes && exercise.workload.is_none() && asked.simulated.is_none() {
                bad(
                    "check.rule",
                    Text::fixed(
                        "predict에는 workload나 simulated가 있어야 합니다. 지금의 값은 observe로 묻습니다",
                        "predict takes a workload or simulated; what is there now is asked with observe",
                    ),
                );
            }
            if let Some(modelled) = &asked.simulated {
                simulated(exercise, modelled, bad);
            }
            if observes { Kind::Observe } else { Kind::Predict }
        }
        Check::Act(reached) => {
            if exercise.prediction.asks() {
                bad("prediction.kind", Text::fixed("act에는 nothing을 씁니다", "act takes nothing"));
            }
            if reached.baseline && exercise.workload.is_some() {
                bad(
                    "check.baseline",
                    Text::fixed(
                        "workload가 있으면 그 전이 기준입니다",
                        "with a workload, what was before it is the baseline",
                    ),
                );
            }
            Kind::Act
        }
        Check::Diagnose(diagnosed) => {
            for (i, suspect) in diagnosed.answers.iter().enumerate() {
                choice(format!("check.answers[{i}].choice"), &suspect.choice, bad);
            }
            let loads = exercise.workload.as_ref().filter(|workload| workload.pick == Pick::OneInSecret);
            if loads.is_none_or(|workload| workload.loads.len() != diagnosed.answers.len()) {
                bad(
                    "check.answers",
                    Text::fixed(
                        "몰래 고르는 부하마다 답이 하나씩 있어야 합니다",
                        "needs one for each load that is picked in secret",
                    ),
                );
            }
            Kind::Diagnose
        }
        _ => return,
    };
    if exercise.kind != kind {
        bad("kind", Text::fixed("check.rule과 맞지 않습니다", "does not fit check.rule"));
    }
    names(exercise, bad);
    stand_in(exercise, bad);
}

/// Quantities, given values, and the moments they are about.
fn names(exercise: &Exercise, bad: &mut Bad<'_>) {
    let empty = Given::new();
    let given = match &exercise.check {
        Check::Observe(asked) | Check::Predict(asked) => &asked.given,
        Check::Act(reached) => &reached.given,
        Check::Diagnose(diagnosed) => &diagnosed.given,
        _ => &empty,
    };
    let mut found = Vec::new();
    let timed = exercise.workload.is_some() || exercise.wants_baseline();
    let mut see = |part: Part<'_>| match part {
        Part::Value(Value::Number(_)) => {}
        Part::Value(Value::Made(made)) => {
            if made.of_time() && !timed {
                found.push(Text::fixed(
                    "앞뒤를 견주는 값(start, delta, peak, …)에는 workload나 baseline이 있어야 합니다",
                    "values that compare moments (start, delta, peak, …) take a workload or a baseline",
                ));
            }
        }
        Part::Value(Value::Name(name)) => found.extend(unknown(name, given)),
        Part::Word(name) => found.extend(unknown(name, given)),
    };
    exercise.check.visit(&mut see);
    exercise.needs.that.iter().for_each(|that| that.holds.visit(&mut see));
    let paths = exercise.check.quantities().into_iter().flat_map(|name| quantity::paths(name).unwrap_or_default());
    for path in paths.filter(|path| path.contains('{')) {
        if !exercise.workload.as_ref().is_some_and(|workload| workload.records.contains(&path)) {
            bad(
                "workload.records",
                text!(ko: "규칙이 읽는 `{path}`이(가) 있어야 합니다", en: "must name `{path}`, which the rule reads"),
            );
        }
    }
    found.dedup();
    found.into_iter().for_each(|message| bad("check", message));
    for (field, text) in texts(&exercise.check) {
        for words in [&text.ko, &text.en] {
            for name in words.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name) {
                if !given.contains_key(name) {
                    let message = text!(
                        ko: "`{{{name}}}`: check.given에 없습니다",
                        en: "`{{{name}}}` is not in check.given"
                    );
                    bad(&field, message);
                }
            }
        }
    }
}

fn unknown(name: &str, given: &Given) -> Option<Text> {
    match name.strip_prefix('$') {
        Some(own) if given.contains_key(own) => None,
        Some(own) => Some(text!(ko: "`${own}`: check.given에 없습니다", en: "`${own}` is not in check.given")),
        None => quantity::paths(name).err().map(|lack| lack.text()),
    }
}

fn simulated(exercise: &Exercise, modelled: &Modelled, bad: &mut Bad<'_>) {
    let ways = [modelled.value.is_some(), modelled.metric.is_some(), modelled.quantity.is_some()];
    if ways.iter().filter(|way| **way).count() != 1 {
        bad(
            "check.simulated",
            Text::fixed(
                "value, metric, quantity 가운데 하나만 있어야 합니다",
                "needs one of value, metric and quantity",
            ),
        );
    }
    if modelled.value.is_some() {
        return;
    }
    let entry = exercise.scenario.as_ref().and_then(|scenario| sim_core::find(&scenario.model));
    let Some(entry) = entry else {
        return bad("scenario", Text::fixed("simulated에는 scenario가 있어야 합니다", "simulated takes a scenario"));
    };
    if let Some(metric) = &modelled.metric
        && !(entry.metrics)().iter().any(|known| known.name == metric)
    {
        let known = (entry.metrics)().iter().map(|known| known.name).collect::<Vec<_>>().join(", ");
        bad(
            "check.simulated.metric",
            text!(ko: "모델에 `{metric}`은(는) 없습니다. 있는 것: {known}", en: "the model has no metric `{metric}`; there are {known}"),
        );
    }
}

/// Whether somebody whose machine does not fit can do it all the same.
fn stand_in(exercise: &Exercise, bad: &mut Bad<'_>) {
    let Some(machine) = &exercise.machine else {
        let modelled = matches!(&exercise.check, Check::Predict(asked) if asked.value.is_none());
        if exercise.workload.is_none() && !modelled {
            bad(
                "machine",
                Text::fixed(
                    "맞는 컴퓨터가 없는 독자를 위해 기록된 컴퓨터의 이름을 적으십시오(machine = { name = \"lab\" })",
                    "name a recorded machine for readers whose own does not fit (machine = { name = \"lab\" })",
                ),
            );
        }
        return;
    };
    if super::machine(&machine.name).is_none() {
        let (name, known) = (&machine.name, super::machines().iter().map(|m| m.name).collect::<Vec<_>>().join(", "));
        bad(
            "machine.name",
            text!(ko: "`{name}`이라는 컴퓨터는 없습니다. 있는 것: {known}", en: "there is no machine `{name}`; there are {known}"),
        );
    }
    if !machine.files.is_empty() {
        bad(
            "machine.files",
            Text::fixed("픽스처에서만 쓸 수 있습니다", "is for fixtures only: the machine is shown as it was recorded"),
        );
    }
}

/// The rules, values and conditions as Markdown lists.
pub fn table(lang: Lang) -> String {
    let mut out = String::new();
    for (heading, rows) in [RULES, VALUES, CONDITIONS] {
        let _ = writeln!(out, "\n| {} | |\n|---|---|", heading.get(lang));
        for (name, about) in rows {
            let _ = writeln!(out, "| `{name}` | {} |", about.get(lang));
        }
    }
    out
}

type Rows = (Text, &'static [(&'static str, Text)]);

const RULES: Rows = (
    Text::fixed("규칙(`check.rule`)", "rule (`check.rule`)"),
    &[
        (
            "observe",
            Text::fixed(
                "지금의 컴퓨터. 수와 말은 `value`, 선택은 `answers = [{ choice, when }]`",
                "the machine as it is: a number or a word takes `value`, a choice `answers = [{ choice, when }]`",
            ),
        ),
        (
            "predict",
            Text::fixed(
                "부하가 도는 동안의 값(`value`), 시뮬레이터의 값(`simulated`). 부하 전에 움직인 만큼과 `noise`는 잡음으로 봅니다",
                "a value while the workload runs (`value`), the simulator's (`simulated`); what moved before the load, and `noise`, count as noise",
            ),
        ),
        (
            "act",
            Text::fixed(
                "독자가 만든 상태(`done`). `baseline = true`이면 첫 확인이 기준을 적습니다",
                "a state the reader makes (`done`); with `baseline = true` the first check notes how it was",
            ),
        ),
        (
            "diagnose",
            Text::fixed(
                "몰래 돈 부하. 부하마다 `answers = [{ choice, shows_as, says }]`",
                "which load ran in secret: `answers = [{ choice, shows_as, says }]`, one a load",
            ),
        ),
    ],
);

const VALUES: Rows = (
    Text::fixed("값", "value"),
    &[
        (
            "5, \"family.field\", \"$name\"",
            Text::fixed("수, 값의 이름, `given`의 값", "a number, a quantity, a value of `given`"),
        ),
        (
            "sum, difference, product, smallest, largest",
            Text::fixed("여럿에서: `{ sum = [a, b] }`", "of several: `{ sum = [a, b] }`"),
        ),
        ("quotient, percent", Text::fixed("둘에서: 나눈 값, 백분율", "of two: the quotient, the percentage")),
        ("whole, size", Text::fixed("내림, 부호 없이", "the whole number below, without its sign")),
        ("bytes, kb, mib, pages, seconds", Text::fixed("단위를 바꿉니다", "brings it into that unit")),
        (
            "start, end, after",
            Text::fixed(
                "부하 전, 부하가 끝날 때, 기록이 끝날 때의 값",
                "before the load, at its end, at the end of the recording",
            ),
        ),
        (
            "delta, delta-after, rate",
            Text::fixed(
                "늘어난 만큼, 기록 끝까지 늘어난 만큼, 1초에 늘어난 만큼",
                "what it grew by, by the end of the recording, in a second",
            ),
        ),
        (
            "peak, lowest, typical",
            Text::fixed(
                "부하가 도는 동안의 최대, 최소, 가운데 값",
                "largest, smallest, middle value while the load ran",
            ),
        ),
        (
            "seconds-until, seconds-after-until",
            Text::fixed(
                "부하의 시작이나 끝부터 조건이 이루어지기까지",
                "from the beginning or end of the load until a condition held",
            ),
        ),
        ("one", Text::fixed("조건이 이루어지면 1, 아니면 0", "1 where a condition holds, else 0")),
    ],
);

const CONDITIONS: Rows = (
    Text::fixed("조건", "condition"),
    &[
        (
            "at-least, at-most, more, less, equal",
            Text::fixed("두 값을 견줍니다: `{ more = [a, b] }`", "compares two values: `{ more = [a, b] }`"),
        ),
        ("near", Text::fixed("`[a, b, c]`: 차이가 c를 넘지 않음", "`[a, b, c]`: no further apart than c")),
        (
            "word, begins",
            Text::fixed(
                "`[\"kernel.arch\", \"x86_64\"]`: 그 말이거나, 그 글자로 시작함",
                "`[\"kernel.arch\", \"x86_64\"]`: is that word, begins with these letters",
            ),
        ),
        ("present", Text::fixed("그 값이 이 컴퓨터에 있음", "the machine has that quantity")),
        ("all, any, none", Text::fixed("여러 조건", "of several conditions")),
    ],
);
