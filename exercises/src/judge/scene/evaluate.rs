//! What a value or a condition is at a moment of a scene.

use sim_core::{SECOND, Text, text};

use super::{Amount, At, DEEPEST, Result, Scene, Times, Trouble, no_time, print, unknown};
use crate::expression::{Condition, Made, Value};
use crate::judge::averages::median;
use crate::parse::Unreadable;
use crate::quantity::{self, Found, Lack, Unit};
use crate::{ReadError, Verdict};

impl Scene<'_> {
    pub(super) fn eval(&self, value: &Value, at: At, depth: u32) -> Result<Amount> {
        if depth > DEEPEST {
            return Err(Trouble::Malformed(Text::fixed(
                "`given`의 값이 서로를 가리킵니다.",
                "The values of `given` name each other in a circle.",
            )));
        }
        let depth = depth + 1;
        let made = match value {
            Value::Number(number) => return Ok(Amount { number: *number, unit: Unit::None }),
            Value::Name(name) => {
                if let Some(given) = name.strip_prefix('$') {
                    return self.eval(self.given.get(given).ok_or_else(|| unknown(given))?, at, depth);
                }
                let quantity = self.read(name, at)?;
                let number = quantity.as_number().ok_or_else(|| no_number(name))?;
                return Ok(Amount { number, unit: quantity.unit });
            }
            Value::Made(made) => &**made,
        };
        let eval = |value: &Value| self.eval(value, at, depth);
        let each = |all: &[Value]| all.iter().map(eval).collect::<Result<Vec<_>>>();
        let memory = |value: &Value, unit: Unit, size: f64| {
            let amount = eval(value)?;
            let page = self.with(at, quantity::page_size)?;
            let bytes = amount.unit.bytes(page).ok_or_else(|| no_amount(amount.unit))?;
            let into = if unit == Unit::Pages { page } else { size };
            Ok(Amount { number: amount.number * bytes / into, unit })
        };
        match made {
            Made::Sum(all) => one_unit(&each(all)?, |sum, next| sum + next),
            Made::Difference(all) => one_unit(&each(all)?, |rest, next| rest - next),
            Made::Smallest(all) => one_unit(&each(all)?, f64::min),
            Made::Largest(all) => one_unit(&each(all)?, f64::max),
            Made::Product(all) => {
                let all = each(all)?;
                // A number times an amount is an amount.
                let mut units = all.iter().map(|amount| amount.unit).filter(|unit| *unit != Unit::None);
                let unit = units.next().filter(|_| units.next().is_none()).unwrap_or(Unit::None);
                Ok(Amount { number: all.iter().map(|amount| amount.number).product(), unit })
            }
            Made::Quotient([a, b]) => {
                let (a, b) = (eval(a)?, eval(b)?);
                let unit = if b.unit == Unit::None { a.unit } else { Unit::None };
                Ok(Amount { number: divide(a.number, b.number)?, unit })
            }
            Made::Percent([a, b]) => {
                let (a, b) = (eval(a)?, eval(b)?);
                one_unit(&[a, b], f64::max)?;
                Ok(Amount { number: divide(a.number * 100.0, b.number)?, unit: Unit::Percent })
            }
            Made::Whole(value) => eval(value).map(|amount| Amount { number: amount.number.floor(), ..amount }),
            Made::Size(value) => eval(value).map(|amount| Amount { number: amount.number.abs(), ..amount }),
            Made::Bytes(value) => memory(value, Unit::Bytes, 1.0),
            Made::Kb(value) => memory(value, Unit::Kb, 1024.0),
            Made::Mib(value) => memory(value, Unit::None, 1_048_576.0),
            Made::Pages(value) => memory(value, Unit::Pages, 0.0),
            Made::Seconds(value) => {
                let amount = eval(value)?;
                let factor = match amount.unit {
                    Unit::None | Unit::Seconds => 1.0,
                    Unit::Centiseconds => 0.01,
                    Unit::Ms => 0.001,
                    Unit::Us => 0.000_001,
                    other => return Err(no_amount(other)),
                };
                Ok(Amount { number: amount.number * factor, unit: Unit::Seconds })
            }
            Made::Start(value) => self.eval(value, self.start()?, depth),
            Made::End(value) => self.eval(value, self.start().map(|_| self.usual())?, depth),
            Made::After(value) => self.eval(value, self.start().map(|_| self.after())?, depth),
            Made::Delta(value) => self.grown(value, self.usual(), depth),
            Made::DeltaAfter(value) => self.grown(value, self.after(), depth),
            Made::Rate(value) => {
                let grown = self.grown(value, self.usual(), depth)?;
                let seconds = self.seconds().ok_or_else(no_time)?;
                Ok(Amount { number: divide(grown.number, seconds)?, ..grown })
            }
            Made::Peak(value) => self.over(value, depth, |all| all.iter().copied().reduce(f64::max)),
            Made::Lowest(value) => self.over(value, depth, |all| all.iter().copied().reduce(f64::min)),
            Made::Typical(value) => self.over(value, depth, |all| {
                let bits: Vec<i64> = all.iter().map(|number| (number * 1000.0) as i64).collect();
                median(bits).map(|number| number as f64 / 1000.0)
            }),
            Made::SecondsUntil(condition) => self.until(condition, depth, false),
            Made::SecondsAfterUntil(condition) => self.until(condition, depth, true),
            Made::One(condition) => {
                let number = f64::from(u8::from(self.check(condition, at, depth)?));
                Ok(Amount { number, unit: Unit::None })
            }
        }
    }

    fn grown(&self, value: &Value, to: At, depth: u32) -> Result<Amount> {
        let (before, after) = (self.eval(value, self.start()?, depth)?, self.eval(value, to, depth)?);
        Ok(Amount { number: after.number - before.number, unit: after.unit })
    }

    /// Seconds the workload ran.
    fn seconds(&self) -> Option<f64> {
        let Times::Run { recording, from, to } = self.times else { return None };
        let ns = recording.frames.get(to)?.t_ns.checked_sub(recording.frames.get(from)?.t_ns)?;
        Some(ns as f64 / SECOND as f64)
    }

    /// What a value was at every frame of the workload, put together. A thing that was not there yet,
    /// or not any more, at some of them is left out.
    fn over(&self, value: &Value, depth: u32, fold: impl FnOnce(&[f64]) -> Option<f64>) -> Result<Amount> {
        let Times::Run { from, to, .. } = self.times else { return Err(no_time()) };
        let (mut all, mut unit, mut lacking) = (Vec::new(), Unit::None, None);
        for i in from..=to {
            match self.eval(value, At::Frame(i), depth) {
                Ok(amount) => {
                    all.push(amount.number);
                    unit = amount.unit;
                }
                Err(Trouble::Lack(lack)) if absent(&lack) => lacking = Some(lack),
                Err(other) => return Err(other),
            }
        }
        match (fold(&all), lacking) {
            (Some(number), _) => Ok(Amount { number, unit }),
            (None, Some(lack)) => Err(Trouble::Lack(lack)),
            (None, None) => Err(no_time()),
        }
    }

    /// Seconds until a condition first held, from the beginning or the end of the workload.
    fn until(&self, condition: &Condition, depth: u32, after: bool) -> Result<Amount> {
        let Times::Run { recording, from, to } = self.times else { return Err(no_time()) };
        let first = if after { to } else { from };
        let reference = recording.ran.as_ref().map(|ran| if after { ran.until_ns } else { ran.from_ns });
        let reference = reference.ok_or_else(no_time)?;
        for (i, frame) in recording.frames.iter().enumerate().skip(first) {
            if frame.t_ns >= reference && self.check(condition, At::Frame(i), depth)? {
                let seconds = (frame.t_ns - reference) as f64 / SECOND as f64;
                return Ok(Amount { number: seconds, unit: Unit::Seconds });
            }
        }
        Err(Trouble::Undefined(Text::fixed(
            "기록이 끝날 때까지 그렇게 되지 않았습니다.",
            "It had not come to that when the recording ended.",
        )))
    }

    pub(super) fn check(&self, condition: &Condition, at: At, depth: u32) -> Result<bool> {
        let depth = depth + 1;
        let two = |[a, b]: &[Value; 2]| -> Result<(f64, f64)> {
            let (a, b) = (self.eval(a, at, depth)?, self.eval(b, at, depth)?);
            one_unit(&[a, b], f64::max)?;
            Ok((a.number, b.number))
        };
        Ok(match condition {
            Condition::AtLeast(values) => two(values).map(|(a, b)| a >= b)?,
            Condition::AtMost(values) => two(values).map(|(a, b)| a <= b)?,
            Condition::More(values) => two(values).map(|(a, b)| a > b)?,
            Condition::Less(values) => two(values).map(|(a, b)| a < b)?,
            // Figures that went through a division differ in their last bit.
            Condition::Equal(values) => two(values).map(|(a, b)| (a - b).abs() <= 1e-9 * a.abs().max(1.0))?,
            Condition::Near([a, b, by]) => {
                let [a, b, by] = [self.eval(a, at, depth)?, self.eval(b, at, depth)?, self.eval(by, at, depth)?];
                one_unit(&[a, b], f64::max)?;
                (a.number - b.number).abs() <= by.number.abs() + 1e-9
            }
            Condition::Word([name, word]) => match self.found(name, at)? {
                Found::Word(found) => found == *word,
                Found::Words(found) => found.contains(word),
                Found::Number(number) => print(number) == *word,
            },
            Condition::Begins([name, letters]) => match self.found(name, at)? {
                Found::Word(found) => found.starts_with(letters.as_str()),
                Found::Words(found) => found.iter().any(|word| word.starts_with(letters.as_str())),
                Found::Number(number) => print(number).starts_with(letters.as_str()),
            },
            Condition::Present(name) => match self.found(name, at) {
                Ok(_) => true,
                Err(Trouble::Lack(lack)) if lack.verdict() == Verdict::CannotCheck => false,
                Err(other) => return Err(other),
            },
            Condition::All(all) => self.first(all, at, depth, false)?.is_none(),
            Condition::Any(all) => self.first(all, at, depth, true)?.is_some(),
            Condition::None(all) => self.first(all, at, depth, true)?.is_none(),
        })
    }

    /// The first condition that is as `wanted`. What is not known matters only where no other decides.
    fn first(&self, all: &[Condition], at: At, depth: u32, wanted: bool) -> Result<Option<usize>> {
        let mut trouble = None;
        for (i, condition) in all.iter().enumerate() {
            match self.check(condition, at, depth) {
                Ok(holds) if holds == wanted => return Ok(Some(i)),
                Ok(_) => {}
                Err(error) => trouble = trouble.or(Some(error)),
            }
        }
        trouble.map_or(Ok(None), Err)
    }
}

/// Whether a thing is not there, which is no trouble where it may come and go: the files of a process
/// are there while it is.
fn absent(lack: &Lack) -> bool {
    match lack {
        Lack::Missing { .. } | Lack::Nothing(_) => true,
        Lack::File(Unreadable::Read { error, .. }) => *error == ReadError::NotFound,
        Lack::File(Unreadable::Parse { .. }) | Lack::Name(_) => false,
    }
}

fn divide(a: f64, b: f64) -> Result<f64> {
    if b == 0.0 {
        return Err(Trouble::Undefined(Text::fixed(
            "나눌 값이 0이라 비율을 구할 수 없습니다. 그동안 일어난 일이 없습니다.",
            "There is nothing to divide by: nothing happened meanwhile.",
        )));
    }
    Ok(a / b)
}

/// Folds amounts that must be of one unit; a plain number goes with any.
fn one_unit(all: &[Amount], fold: fn(f64, f64) -> f64) -> Result<Amount> {
    let mut unit = Unit::None;
    for amount in all.iter().filter(|amount| amount.unit != Unit::None) {
        if unit != Unit::None && unit != amount.unit {
            let (a, b) = (unit.text(), amount.unit.text());
            let (a_ko, a_en, b_ko, b_en) = (a.ko, a.en, b.ko, b.en);
            return Err(Trouble::Malformed(text!(
                ko: "단위가 다른 값({a_ko}, {b_ko})을 함께 씁니다. `kb`나 `seconds`로 맞추십시오.",
                en: "Values of different units ({a_en}, {b_en}) are put together; bring them into one with `kb` or `seconds`."
            )));
        }
        unit = amount.unit;
    }
    let number = all.iter().map(|amount| amount.number).reduce(fold);
    let empty = || Trouble::Malformed(Text::fixed("빈 목록입니다.", "The list is empty."));
    Ok(Amount { number: number.ok_or_else(empty)?, unit })
}

fn no_number(name: &str) -> Trouble {
    Trouble::Malformed(text!(ko: "`{name}`의 값은 수가 아닙니다.", en: "`{name}` is not a number here."))
}

fn no_amount(unit: Unit) -> Trouble {
    let Text { ko, en } = unit.text();
    Trouble::Malformed(text!(
        ko: "`{ko}` 단위의 값은 이렇게 바꿀 수 없습니다.",
        en: "A value in `{en}` cannot be converted like this."
    ))
}
