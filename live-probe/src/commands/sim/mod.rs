//! Runs a simulator in the terminal: the same run that a widget shows.

mod capture;
mod draw;
mod source;
mod table;
mod watch;

pub use source::time;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use sim_core::{Entry, Frame, Lang, Nanos, Run, SECOND, Text, catalogue, text};

use crate::columns;
use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::named_file;

/// Arguments of `sim`.
#[derive(clap::Args, Debug)]
pub struct Args {
    model: Option<String>,
    #[arg(long, conflicts_with_all = ["model", "list_presets", "preset", "scenario", "token"])]
    list: bool,
    #[arg(long, conflicts_with_all = ["preset", "scenario", "token"])]
    list_presets: bool,
    #[arg(long, value_name = "NAME", conflicts_with_all = ["scenario", "token"])]
    preset: Option<String>,
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    scenario: Option<PathBuf>,
    #[arg(long)]
    token: Option<String>,
    #[arg(long, value_name = "TIME", value_parser = source::time)]
    at: Option<Nanos>,
    #[arg(long)]
    events: bool,
    #[arg(long, conflicts_with_all = ["list", "list_presets", "events", "format"])]
    watch: bool,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Formats of a run.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Two dozen moments in aligned columns.
    Table,
    /// Everything, in one document.
    Json,
    /// Every frame's numbers.
    Csv,
    /// The kernel's files at one moment.
    Kernel,
    /// The figure of the book.
    Svg,
    /// The packets on the wire, for tcpdump and Wireshark.
    Pcap,
}

/// Words of `sim`.
pub static HELP: Help = Help::new("터미널에서 시뮬레이터를 돌립니다", "Run a simulator in the terminal")
    .more(
        "\
예:
  live-probe sim --list
  live-probe sim load-average --list-presets
  live-probe sim load-average --preset four-tasks-then-calm --format csv > run.csv
  live-probe sim load-average --preset four-tasks-then-calm --format kernel --at 5m
  live-probe sim load-average --scenario my.json
  live-probe sim tcp-rto --format pcap --output run.pcap
  live-probe sim cpu-shares --preset cpu-max --watch

시나리오는 JSON 객체입니다. --format json으로 나온 \"scenario\"를 고쳐 쓰면 됩니다.
토큰은 모든 실행과 함께 나옵니다. table과 json에서는 출력 안에, csv, kernel, svg, pcap에서는 표준 오류로 나오므로 표준 출력에는 자료만 남습니다. 책의 링크(#sim=토큰)에 넣으면 같은 실행이 열립니다.",
        "\
Examples:
  live-probe sim --list
  live-probe sim load-average --list-presets
  live-probe sim load-average --preset four-tasks-then-calm --format csv > run.csv
  live-probe sim load-average --preset four-tasks-then-calm --format kernel --at 5m
  live-probe sim load-average --scenario my.json
  live-probe sim tcp-rto --format pcap --output run.pcap
  live-probe sim cpu-shares --preset cpu-max --watch

A scenario is a JSON object: take the \"scenario\" that --format json prints and change it.
The token comes with every run: inside the output of table and json, on standard error with csv, kernel, svg and pcap, so that standard output holds the data alone. In a link of the book (#sim=TOKEN) it opens the same run.",
    )
    .args(&[
        ("model", "모델 이름", "Name of the model"),
        ("list", "모델을 나열합니다", "List the models"),
        ("list_presets", "모델의 프리셋을 나열합니다", "List the model's presets"),
        ("preset", "이 프리셋을 돌립니다. 기본값은 첫 프리셋", "Run this preset; default: the first"),
        (
            "scenario",
            "JSON 파일의 시나리오를 돌립니다. -는 표준 입력",
            "Run a scenario from a JSON file; - for standard input",
        ),
        ("token", "링크에서 얻은 토큰을 돌립니다", "Run a token, as found in a link"),
        (
            "at",
            "커서의 시각(60, 90s, 5m, 1m30s, 250ms). 기본값은 토큰이나 프리셋의 커서, 없으면 끝",
            "Moment of the cursor (60, 90s, 5m, 1m30s, 250ms); default: the token's or preset's, else the end",
        ),
        ("events", "table에 사건과 그 까닭을 함께 냅니다", "With table: list the events and their reasons too"),
        (
            "watch",
            "터미널에서 재생합니다(스페이스, ←, →, +, -, q)",
            "Play it in the terminal (space, left, right, +, -, q)",
        ),
        ("format", "출력 형식", "Output format"),
        ("output", "표준 출력 대신 이 파일에 씁니다", "Write to this file instead of standard output"),
    ]);

/// A run and where to look at it.
struct Shown {
    entry: &'static Entry,
    run: Run,
    /// The preset it is, if it is one.
    preset: Option<Preset>,
    cursor: Nanos,
    /// The state at the cursor.
    frame: Frame,
}

/// The words of a preset.
struct Preset {
    name: &'static str,
    title: Text,
    insight: Text,
}

/// Runs it, or lists what there is to run.
///
/// # Errors
/// There is no such model or preset; the scenario or the token is wrong; there is no terminal to play it on.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if args.list {
        context
            .print(&list(catalogue().iter().map(|entry| (entry.name, (entry.title)().get(context.lang).to_owned()))))?;
        return Ok(Exit::Pass);
    }
    let entry = source::model(args)?;
    let to_terminal = args.output.is_none() && std::io::stdout().is_terminal();
    if args.format == Format::Pcap && !args.list_presets && to_terminal {
        return Err(capture::onto_a_terminal());
    }
    if args.list_presets {
        context.print(&list_presets(entry, context.lang))?;
        return Ok(Exit::Pass);
    }
    let mut shown = source::shown(entry, args)?;
    if args.watch {
        return watch::run(&shown, context);
    }
    // What is printed opens where the reader looked, as a link copied from a widget does. JSON is
    // the run itself, the same bytes in a page, unless a place was asked for.
    if (args.format != Format::Json || args.at.is_some())
        && let Ok(token) = entry.token_at(&shown.run.token, shown.cursor)
    {
        shown.run.token = token;
    }
    let token = &shown.run.token;
    let output = match args.format {
        Format::Table => table::render(&shown, args.events, context.lang, columns::terminal_width()).into(),
        Format::Json => format!("{}\n", shown.run.to_json(context.lang)).into(),
        Format::Csv => shown.run.to_csv().into(),
        Format::Kernel => kernel(&shown).into(),
        Format::Svg => draw::svg(&shown, context.lang)?.into(),
        Format::Pcap => capture::file(&shown)?,
    };
    write(&output, args.output.as_deref(), context)?;
    let every = shown.run.frames_every;
    if every > 1 && args.format != Format::Pcap {
        context.say(&text!(
            ko: "긴 실행이라 {every}번째 순간마다만 남겼습니다. 커서의 값은 그대로 정확합니다.",
            en: "A long run: only every {every}th moment was kept. What stands at the cursor is exact all the same."
        ));
    }
    if matches!(args.format, Format::Csv | Format::Kernel | Format::Svg | Format::Pcap) {
        context.say(&text!(ko: "토큰: {token}", en: "token: {token}"));
    }
    Ok(Exit::Pass)
}

/// To the file that was named, whole or not at all; else to standard output.
fn write(output: &[u8], path: Option<&Path>, context: &Context) -> Result<(), Failure> {
    let Some(path) = path else { return context.print_bytes(output) };
    named_file::write(path, output, true)
}

fn list<'a>(lines: impl Iterator<Item = (&'a str, String)>) -> String {
    let rows: Vec<_> = lines.map(|(name, words)| vec![name.to_owned(), words]).collect();
    columns::table(&[columns::Side::Left; 2], &rows)
}

/// A line a preset, its name first; the insight follows in full, so that it can be searched.
fn list_presets(entry: &Entry, lang: Lang) -> String {
    list((entry.presets)().into_iter().map(|preset| {
        let words = format!("{}: {}", preset.title.get(lang), preset.insight.get(lang));
        (preset.name, words)
    }))
}

/// The files as `head` and `tail` show several.
fn kernel(shown: &Shown) -> String {
    let mut out = String::new();
    for (path, text) in &shown.frame.files {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&format!("==> {path} <==\n{text}"));
    }
    out
}

/// A time as a person would say it: `250 ms`, `61 s`, `5 min`.
fn moment(t: Nanos) -> String {
    if t.is_multiple_of(60 * SECOND) && t > 0 {
        format!("{} min", t / (60 * SECOND))
    } else if t.is_multiple_of(SECOND) {
        format!("{} s", t / SECOND)
    } else {
        let ms = t.div_ceil(sim_core::MILLISECOND);
        format!("{}.{:03} s", ms / 1000, ms % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A preset at its cursor.
    pub fn preset(model: &str, name: &str) -> Shown {
        let entry = sim_core::find(model).expect("a model");
        let args = Args {
            model: Some(model.to_owned()),
            list: false,
            list_presets: false,
            preset: Some(name.to_owned()),
            scenario: None,
            token: None,
            at: None,
            events: false,
            watch: false,
            format: Format::Table,
            output: None,
        };
        source::shown(entry, &args).expect("a preset that runs")
    }
}
