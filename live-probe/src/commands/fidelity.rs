//! Replays recorded traces of real kernels against the models.

use std::path::PathBuf;

use sim_core::fidelity::{GoldenFiles, TraceReport, embedded, replay_all};
use sim_core::{Lang, Text, text};

use crate::columns::{self, Side, wrap};
use crate::context::{Context, Exit, Failure};
use crate::help::Help;

/// Arguments of `fidelity`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(long, value_name = "DIR")]
    golden: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Formats of the report.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns.
    Table,
    /// One document.
    Json,
}

/// Words of `fidelity`.
pub static HELP: Help = Help::new(
    "실제 커널에서 남긴 기록을 모델에 다시 넣어 비교합니다",
    "Replay recorded traces of real kernels against the models",
)
.more(
    "\
DIR 아래에는 모델마다 폴더가 하나씩 있습니다(loadavg/A.json, loadavg/A.updates.csv.gz ...). 파일은 그대로이거나 .gz입니다. 모델이 없는 폴더는 건너뛰고 알립니다.
모든 기록이 맞으면 0, 하나라도 어긋나면 100으로 끝납니다.",
    "\
DIR has one folder a model (loadavg/A.json, loadavg/A.updates.csv.gz, ...), files plain or .gz. A folder that no model replays is skipped with a message.
Ends with 0 when every trace holds, with 100 when one does not.",
)
.args(&[
    ("golden", "프로그램에 든 기록 대신 쓸 폴더", "Folder to use instead of the traces inside the program"),
    ("format", "출력 형식", "Output format"),
]);

/// Replays and reports.
///
/// # Errors
/// The folder cannot be read or holds no trace of a known model.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let files = match &args.golden {
        Some(dir) => GoldenFiles::from_dir(dir).map_err(|error| {
            Failure::usage(text!(
                ko: "기록을 읽을 수 없습니다. {error}",
                en: "The traces cannot be read. {error}"
            ))
        })?,
        None => embedded(),
    };
    let (reports, unknown) = replay_all(&files);
    for folder in &unknown {
        context.say(&text!(
            ko: "{folder}: 이 폴더를 재생하는 모델이 없어 건너뜁니다.",
            en: "{folder}: no model replays this folder; skipped."
        ));
    }
    if reports.is_empty() {
        let dir = args.golden.as_deref().unwrap_or(std::path::Path::new("")).display();
        return Err(Failure::usage(text!(
            ko: "{dir}: 재생할 기록이 없습니다. 모델 이름의 폴더(loadavg/) 안에 NAME.json이 있어야 합니다.",
            en: "{dir}: there is no trace to replay. Expected NAME.json inside a model's folder (loadavg/)."
        )));
    }
    match args.format {
        Format::Json => context.print(&format!("{:#}\n", serde_json::json!({ "traces": reports })))?,
        Format::Table => context.print(&table(&reports, context.lang, columns::terminal_width()))?,
    }
    Ok(if reports.iter().all(|report| report.pass) { Exit::Pass } else { Exit::Failed })
}

fn table(reports: &[TraceReport], lang: Lang, width: usize) -> String {
    let heading = [
        ("모델과 기록", "model and trace", Side::Left),
        ("커널", "kernel", Side::Left),
        ("비교", "compared", Side::Right),
        ("불일치", "differ", Side::Right),
        ("오차", "error", Side::Right),
        ("허용", "allowed", Side::Right),
        ("판정", "verdict", Side::Left),
    ];
    let (holds, fails) = (Text::fixed("일치", "holds"), Text::fixed("어긋남", "FAILS"));
    let mut rows = vec![heading.map(|(ko, en, _)| Text::fixed(ko, en).get(lang).to_owned()).to_vec()];
    // A model stands over its traces: side by side the two would leave no room for the rest.
    for (i, r) in reports.iter().enumerate() {
        if i == 0 || reports[i - 1].model != r.model {
            rows.push(vec![columns::printable(&r.model)]);
        }
        rows.push(vec![
            format!("  {}", columns::printable(&r.trace)),
            short_kernel(&r.kernel),
            r.compared.to_string(),
            r.mismatches.to_string(),
            short(r.max_error),
            short(r.tolerance),
            if r.pass { &holds } else { &fails }.get(lang).to_owned(),
        ]);
    }
    let mut out = columns::table(&heading.map(|(.., side)| side), &rows);
    out.push('\n');
    for r in reports {
        let mut line = columns::printable(&format!("{} ({}): {}", r.trace, r.kernel, r.note));
        if r.tolerance > 0.0 {
            let (ko, en) = (r.unit.ko.trim(), r.unit.en.trim());
            line.push_str(text!(ko: "; 오차 단위 {ko}", en: "; error in {en}").get(lang));
        }
        out.push_str(&wrap(&line, 0, width));
    }
    let (held, all) = (reports.iter().filter(|r| r.pass).count(), reports.len());
    let summary = text!(ko: "기록 {all}개 가운데 {held}개가 일치합니다.", en: "{held} of {all} traces hold.");
    out.push_str(&format!("\n{}\n", summary.get(lang)));
    out
}

/// A distribution's whole release would push the verdict off the screen.
fn short_kernel(release: &str) -> String {
    let release = columns::printable(release);
    match release.char_indices().nth(12) {
        Some((end, _)) => format!("{}…", &release[..end]),
        None => release,
    }
}

/// An error in as many letters as a column has room for; JSON has all digits.
fn short(value: f64) -> String {
    if value.fract() == 0.0 { value.to_string() } else { format!("{value:.2}") }
}
