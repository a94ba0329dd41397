//! Help in both languages.
//!
//! The shape of the command line is derived; its words are kept beside each command as [`Help`] and
//! put into clap here, because a doc comment has only one language. A test holds that no command
//! and no option is without words.

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command};
use sim_core::Lang;

/// The same words in Korean and in English.
#[derive(Clone, Copy, Debug)]
pub struct Words(pub &'static str, pub &'static str);

impl Words {
    /// The words in one language.
    pub fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ko => self.0,
            Lang::En => self.1,
        }
    }
}

/// The words of a command.
pub struct Help {
    /// What it does, in one line.
    pub about: Words,
    /// What more `--help` and the manual say; `""` for nothing.
    pub more: Words,
    /// Every argument by its clap id (the name of the field).
    pub args: &'static [(&'static str, &'static str, &'static str)],
}

impl Help {
    /// A command without arguments.
    pub const fn new(ko: &'static str, en: &'static str) -> Help {
        Help { about: Words(ko, en), more: Words("", ""), args: &[] }
    }

    /// What more `--help` says.
    pub const fn more(mut self, ko: &'static str, en: &'static str) -> Help {
        self.more = Words(ko, en);
        self
    }

    /// The words of its arguments, by clap id.
    pub const fn args(mut self, args: &'static [(&'static str, &'static str, &'static str)]) -> Help {
        self.args = args;
        self
    }
}

const HELP: Words = Words("도움말을 출력합니다", "Print help");
const VERSION: Words = Words("버전을 출력합니다", "Print the version");

/// Puts the words of a command and its arguments into clap, headings included.
pub fn localise(command: Command, help: &Help, lang: Lang) -> Command {
    let pick = |ko: &'static str, en: &'static str| match lang {
        Lang::Ko => ko,
        Lang::En => en,
    };
    let name = command.get_name().to_owned();
    let mut command = command
        .about(help.about.get(lang).to_owned())
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .subcommand_help_heading(pick("명령", "Commands"))
        .subcommand_value_name(pick("명령", "COMMAND"))
        .help_template(match lang {
            Lang::Ko => "{about-with-newline}\n사용법: {usage}\n\n{all-args}{after-help}",
            Lang::En => "{about-with-newline}\nUsage: {usage}\n\n{all-args}{after-help}",
        })
        .arg(Arg::new("help").short('h').long("help").action(ArgAction::Help).display_order(900));
    if name == "live-probe" {
        command =
            command.arg(Arg::new("version").short('V').long("version").action(ArgAction::Version).display_order(901));
    }
    if !help.more.get(lang).is_empty() {
        command = command.after_help(help.more.get(lang).to_owned());
    }
    let words = |id: &str| match id {
        "help" => Some(HELP),
        "version" => Some(VERSION),
        _ => help.args.iter().find(|(known, ..)| *known == id).map(|(_, ko, en)| Words(ko, en)),
    };
    command = command.mut_args(|arg| {
        let mut line = words(arg.get_id().as_str()).map_or(String::new(), |text| text.get(lang).to_owned());
        line.push_str(&values(&arg, lang));
        let heading = if arg.is_positional() { pick("인자", "Arguments") } else { pick("옵션", "Options") };
        let arg = arg.help(line).help_heading(heading);
        if takes_value(&arg) { arg.hide_possible_values(true).hide_default_value(true) } else { arg }
    });
    let path = if name == "live-probe" { name } else { format!("live-probe {name}") };
    let usage = translate_usage(command.clone().bin_name(path).render_usage(), lang);
    command.override_usage(usage)
}

fn takes_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
}

/// Allowed values and default, which clap itself would print in English.
fn values(arg: &Arg, lang: Lang) -> String {
    if !takes_value(arg) {
        return String::new();
    }
    let names = arg.get_possible_values();
    let names: Vec<_> = names.iter().filter(|v| !v.is_hide_set()).map(|v| v.get_name().to_owned()).collect();
    let mut line = String::new();
    if !names.is_empty() {
        line.push_str(&format!(" [{}]", names.join(", ")));
    }
    if let [default] = arg.get_default_values() {
        let name = match lang {
            Lang::Ko => "기본값",
            Lang::En => "default",
        };
        line.push_str(&format!(" [{name}: {}]", default.to_string_lossy()));
    }
    line
}

fn translate_usage(usage: StyledStr, lang: Lang) -> String {
    let usage = usage.to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage).trim_end().to_owned();
    match lang {
        Lang::Ko => usage.replace("[OPTIONS]", "[옵션]").replace("<COMMAND>", "<명령>"),
        Lang::En => usage,
    }
}
