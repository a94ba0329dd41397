//! Reading what the reader committed to.

use sim_core::{Text, decimal, text};

use crate::{Choice, Prediction};

/// A prediction that was understood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer<'a> {
    /// A number within the allowed range.
    Number(f64),
    /// One of the choices.
    Choice(&'a Choice),
    /// A word, without spaces around it.
    Word(&'a str),
    /// There is nothing to answer.
    Nothing,
}

/// Longest word that is taken, in characters.
const LONGEST_WORD: usize = 200;

impl Prediction {
    /// Understands what a reader typed.
    ///
    /// # Errors
    /// What is wrong with it, what is expected, and what to do.
    pub fn parse<'a>(&'a self, typed: &'a str) -> Result<Answer<'a>, Text> {
        let typed = typed.trim();
        match self {
            Prediction::Number { min, max, unit, .. } => {
                // Korean and English keyboards both write a decimal point; some readers write a comma.
                let number = decimal::parse(&typed.replace(',', ".")).filter(|n| (*min..=*max).contains(n));
                number.map(Answer::Number).ok_or_else(|| {
                    let (quoted, min, max) = (quoted(typed), decimal::plain(*min), decimal::plain(*max));
                    let (ko_unit, en_unit) = (spaced(&unit.ko), spaced(&unit.en));
                    text!(
                        ko: "{quoted}{min}부터 {max}{ko_unit}까지의 수를 입력하십시오.",
                        en: "{quoted}enter a number from {min} to {max}{en_unit}."
                    )
                })
            }
            Prediction::Word { .. } if (1..=LONGEST_WORD).contains(&typed.chars().count()) => Ok(Answer::Word(typed)),
            Prediction::Word { .. } => {
                let quoted = quoted(typed);
                Err(text!(
                    ko: "{quoted}{LONGEST_WORD}자까지의 말을 입력하십시오.",
                    en: "{quoted}enter a word of at most {LONGEST_WORD} characters."
                ))
            }
            Prediction::Nothing { .. } => Ok(Answer::Nothing),
            Prediction::Choice { options, .. } => {
                let choice = options.iter().find(|option| option.id.eq_ignore_ascii_case(typed));
                choice.map(Answer::Choice).ok_or_else(|| {
                    let quoted = quoted(typed);
                    let ids = options.iter().map(|option| option.id.as_str()).collect::<Vec<_>>().join(", ");
                    text!(
                        ko: "{quoted}다음 중 하나를 고르십시오. {ids}",
                        en: "{quoted}choose one of {ids}."
                    )
                })
            }
        }
    }

    /// What is asked for, as a label.
    pub fn label(&self) -> &Text {
        match self {
            Prediction::Number { label, .. }
            | Prediction::Choice { label, .. }
            | Prediction::Word { label, .. }
            | Prediction::Nothing { label } => label,
        }
    }

    /// Whether there is anything to commit to.
    pub fn asks(&self) -> bool {
        !matches!(self, Prediction::Nothing { .. })
    }

    /// What stands for the value in a command a reader is told to type: `0.63`-like or the ids.
    pub fn placeholder(&self) -> String {
        match self {
            Prediction::Number { .. } => "VALUE".to_owned(),
            Prediction::Word { .. } => "WORD".to_owned(),
            Prediction::Nothing { .. } => String::new(),
            Prediction::Choice { options, .. } => {
                options.iter().map(|option| option.id.as_str()).collect::<Vec<_>>().join("|")
            }
        }
    }
}

fn spaced(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" {unit}") }
}

/// What was typed, before what is wrong with it; nothing when nothing was typed.
fn quoted(typed: &str) -> String {
    match typed.char_indices().nth(40) {
        _ if typed.is_empty() => String::new(),
        Some((end, _)) => format!("`{}…`: ", &typed[..end]),
        None => format!("`{typed}`: "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let spec = Prediction::Number {
            label: Text::default(),
            unit: Text::fixed("초", "s"),
            min: 0.0,
            max: 600.0,
            step: 1.0,
            tolerance: 6.0,
        };
        for (typed, want) in [
            ("42", Some(42.0)),
            (" 0.63 ", Some(0.63)),
            ("0,63", Some(0.63)),
            ("-1", None),
            ("601", None),
            ("nan", None),
            ("inf", None),
            ("", None),
            ("about 40", None),
        ] {
            let got = spec.parse(typed).ok();
            assert_eq!(got, want.map(Answer::Number), "{typed:?}");
        }
        for (typed, refusal) in
            [("soon", "`soon`: enter a number from 0 to 600 s."), (" ", "enter a number from 0 to 600 s.")]
        {
            assert_eq!(spec.parse(typed).unwrap_err().en, refusal);
        }
    }

    #[test]
    fn choices_are_named_by_id() {
        let choice = |id: &str| Choice { id: id.to_owned(), text: Text::default() };
        let spec = Prediction::Choice { label: Text::default(), options: vec![choice("cpu"), choice("waiting")] };
        assert_eq!(spec.parse("CPU "), Ok(Answer::Choice(&choice("cpu"))));
        assert_eq!(spec.parse("disk").unwrap_err().en, "`disk`: choose one of cpu, waiting.");
    }
}
