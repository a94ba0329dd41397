//! How far the reader is, and taking that to another machine or into a page.

use std::path::PathBuf;

use sim_core::text;

use crate::columns::{Side, table};
use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::named_file;
use crate::progress::{MAX_BYTES, Progress, Store};

/// Arguments of `progress`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(long, value_name = "FILE", conflicts_with = "import")]
    export: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    import: Option<PathBuf>,
    #[arg(long, requires = "export")]
    force: bool,
}

/// Words of `progress`.
pub static HELP: Help = Help::new(
    "장마다 어디까지 했는지 보여 주고, 진행 상황을 파일로 내보내거나 가져옵니다",
    "Show how far you are in each chapter; export your progress to a file, or import it",
)
.more(
    "\
파일은 책의 \"내 진행 상황\"이 내보내는 것과 같은 형식입니다. 가져오면 합쳐집니다. 이미 통과한 것은 통과한 채로
남고, 이곳에 있는 예측은 바뀌지 않으며, 이곳에 없던 것만 더해집니다.",
    "\
The file is of the same form as the one that \"Your progress\" in the book exports. An import adds: what
was passed stays passed, predictions that are here stay, and only what was not here comes in.",
)
.args(&[
    ("export", "진행 상황을 쓸 파일", "File to write your progress to"),
    ("import", "가져올 파일", "File to take progress from"),
    ("force", "이미 있는 파일을 바꿉니다", "Replace a file that is there"),
]);

/// Shows, exports or imports.
///
/// # Errors
/// A file cannot be read, understood or written; progress cannot be kept.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let store = Store::new(context.state_dir()?);
    let imported = match &args.import {
        Some(file) => Some(Progress::parse(&named_file::read(file, MAX_BYTES)?, file)?),
        None => None,
    };
    let (progress, notice) = match imported {
        Some(imported) => store.update(|progress| progress.add(imported))?,
        None => store.read()?,
    };
    if let Some(notice) = notice {
        context.say(&notice);
    }
    if let Some(file) = &args.export {
        named_file::write(file, progress.to_json()?.as_bytes(), args.force)?;
        let (shown, count) = (file.display(), progress.exercises.len());
        context.say(&text!(
            ko: "{shown}: 연습 문제 {count}개의 진행 상황을 내보냈습니다. 다른 곳에서 `live-probe progress --import`로, 또는 책의 \"내 진행 상황\"에서 가져올 수 있습니다.",
            en: "{shown}: progress of {count} exercise(s) exported. Import it elsewhere with `live-probe progress --import`, or in \"Your progress\" of the book."
        ));
        return Ok(Exit::Pass);
    }
    context.print(&chapters(&progress, context))?;
    Ok(Exit::Pass)
}

/// A line a chapter: how many were passed, on this machine or on another, and how many begun.
fn chapters(progress: &Progress, context: &Context) -> String {
    let head = text!(ko: "장 통과 시작 전체", en: "chapter passed begun all");
    let mut rows = vec![head.get(context.lang).split(' ').map(str::to_owned).collect::<Vec<_>>()];
    for chapter in exercises::catalogue().chunk_by(|a, b| a.chapter() == b.chapter()) {
        let passed = chapter.iter().filter(|exercise| progress.passed(&exercise.id)).count();
        let begun = chapter.iter().filter(|exercise| progress.begun(&exercise.id)).count();
        rows.push(vec![
            chapter[0].chapter().to_owned(),
            passed.to_string(),
            begun.to_string(),
            chapter.len().to_string(),
        ]);
    }
    table(&[Side::Left, Side::Right, Side::Right, Side::Right], &rows)
}
