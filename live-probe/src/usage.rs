//! A wrong command line, explained in the reader's language.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use sim_core::{Text, text};

/// What is wrong with the command line and what would be right.
pub fn explain(error: &clap::Error) -> Text {
    let context = |kind| error.get(kind).map(words).unwrap_or_default();
    let arg = context(ContextKind::InvalidArg);
    let value = context(ContextKind::InvalidValue);
    let mut text = match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => text!(
            ko: "{arg}: 값이 필요합니다.",
            en: "{arg}: a value is needed."
        ),
        ErrorKind::InvalidValue => text!(
            ko: "{arg}: 쓸 수 없는 값입니다: '{value}'",
            en: "{arg}: '{value}' is not a value it takes."
        ),
        ErrorKind::ValueValidation => text!(
            ko: "{arg}: 읽을 수 없는 값입니다: '{value}'",
            en: "{arg}: '{value}' cannot be read."
        ),
        ErrorKind::UnknownArgument => text!(
            ko: "{arg}: 이 명령에는 그런 인자가 없습니다.",
            en: "{arg}: this command has no such argument."
        ),
        ErrorKind::InvalidSubcommand => {
            let name = context(ContextKind::InvalidSubcommand);
            text!(ko: "{name}: 그런 명령은 없습니다.", en: "{name}: there is no such command.")
        }
        ErrorKind::MissingRequiredArgument => text!(
            ko: "다음 인자가 필요합니다: {arg}",
            en: "Needed: {arg}"
        ),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Text::fixed("무엇을 할지 명령을 지정하십시오.", "Say what to do: a command is needed.")
        }
        ErrorKind::ArgumentConflict => {
            let other = context(ContextKind::PriorArg);
            if other.is_empty() || other == arg {
                text!(ko: "{arg}: 한 번만 쓸 수 있습니다.", en: "{arg}: can be given only once.")
            } else {
                text!(
                    ko: "함께 쓸 수 없습니다: {arg}, {other}",
                    en: "{arg} cannot be used together with {other}."
                )
            }
        }
        ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues | ErrorKind::TooFewValues => text!(
            ko: "{arg}: 값의 개수가 맞지 않습니다.",
            en: "{arg}: not the right number of values."
        ),
        ErrorKind::NoEquals => text!(ko: "{arg}: `=값`이 필요합니다.", en: "{arg}: needs `=value`."),
        ErrorKind::InvalidUtf8 => {
            Text::fixed("인자가 올바른 UTF-8이 아닙니다.", "An argument is not well-formed UTF-8.")
        }
        kind => text!(ko: "명령줄이 올바르지 않습니다({kind}).", en: "The command line is wrong ({kind})."),
    };
    let mut allowed = context(ContextKind::ValidValue);
    // Our own readers of values say what they take, in no language.
    if let Some(source) = std::error::Error::source(error).filter(|_| error.kind() == ErrorKind::ValueValidation) {
        allowed = source.to_string();
    }
    if !allowed.is_empty() {
        add(&mut text, &text!(ko: "쓸 수 있는 값: {allowed}", en: "It takes: {allowed}"));
    }
    let commands = context(ContextKind::ValidSubcommand);
    if !commands.is_empty() {
        add(&mut text, &text!(ko: "있는 명령: {commands}", en: "There are: {commands}"));
    }
    for kind in [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue] {
        let meant = context(kind);
        if !meant.is_empty() {
            add(&mut text, &text!(ko: "혹시 {meant} 아닙니까?", en: "Did you mean {meant}?"));
        }
    }
    add(
        &mut text,
        &Text::fixed(
            "사용법은 `live-probe help`나 명령 뒤의 `--help`로 볼 수 있습니다.",
            "See `live-probe help`, or `--help` after the command.",
        ),
    );
    text
}

fn add(text: &mut Text, line: &Text) {
    text.ko.to_mut().push_str(&format!("\n{}", line.ko));
    text.en.to_mut().push_str(&format!("\n{}", line.en));
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(word) => word.clone(),
        ContextValue::Strings(list) => list.join(", "),
        ContextValue::StyledStr(word) => word.to_string(),
        ContextValue::StyledStrs(list) => list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        ContextValue::Number(number) => number.to_string(),
        ContextValue::Bool(flag) => flag.to_string(),
        _ => String::new(),
    }
}
