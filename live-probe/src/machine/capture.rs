//! `live-probe capture`: a redacted snapshot of the machine, usable as `--root`.

use std::path::PathBuf;

use exercises::{Content, Recording};
use sim_core::{Text, text};

use super::redact::Secrets;
use super::snapshot::snapshot;
use crate::context::{Context, Exit, Failure};
use crate::help::Help;
use crate::named_file;

/// Arguments of `capture`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// File to write.
    pub file: PathBuf,
    /// Replace a file that is there.
    #[arg(long)]
    pub force: bool,
    /// Print the paths that went into it.
    #[arg(long)]
    pub verbose: bool,
}

/// Words of `capture`.
pub static HELP: Help = Help::new(
    "이 컴퓨터의 지금 상태를 --root로 쓸 수 있는 파일에 담습니다",
    "Write a redacted snapshot of this machine, usable as --root",
)
.more(
    "\
커널 파일(/proc, /sys)과 /etc/os-release, 커널 설정, 그리고 프로세스와 TCP 소켓과 네트워크 카드에 대해
커널이 답하는 것을 읽습니다. 로그는 읽지 않습니다. 호스트 이름, 사용자 이름, 프로그램 이름, IP와 MAC
주소, UUID, 시리얼 번호, 부팅 시각, 마운트 경로, cgroup 경로, 알려지지 않은 부팅 매개변수의 값은
지웁니다. 담은 파일의 목록은 --verbose로 볼 수 있고, 결과는 읽을 수 있는 JSON입니다. 남에게 주기 전에
직접 살펴보십시오.",
    "\
Reads kernel files (/proc, /sys), /etc/os-release, the kernel's configuration, and what the kernel
answers about processes, TCP sockets and network cards; no logs. Removed are host name, user names,
names of programs, IP and MAC addresses, UUIDs, serial numbers, the time of boot, paths of mounts and
control groups, and the values of boot parameters that are not known to be harmless. --verbose lists
the files that went in; the result is readable JSON. Look through it before you give it away.",
)
.args(&[
    ("file", "만들 파일", "File to write"),
    ("force", "이미 있는 파일을 바꿉니다", "Replace a file that is there"),
    ("verbose", "담은 파일의 목록을 출력합니다", "List the files that went in"),
]);

/// Writes the snapshot.
///
/// # Errors
/// The file is there already, or cannot be written; the machine cannot be read.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    context.needs_kernel("capture")?;
    let machine = super::open(context.root.as_deref()).map_err(Failure::usage)?;
    let recording = snapshot(machine.as_ref(), &Secrets::of_here());
    let shown = args.file.display();
    let json = recording.to_json();
    named_file::write(&args.file, json.as_bytes(), args.force)?;
    if args.verbose {
        context.print(&listing(&recording))?;
    }
    let files = recording.frames.iter().map(|frame| frame.files.len()).sum::<usize>();
    context.say(&text!(
        ko: "{shown}: 파일 {files}개를 담았습니다. 남에게 주기 전에 살펴보십시오. `live-probe doctor --root {shown}`로 읽을 수 있습니다.",
        en: "{shown}: {files} files captured. Look through it before you give it away. `live-probe doctor --root {shown}` reads it."
    ));
    Ok(Exit::Pass)
}

fn listing(recording: &Recording) -> String {
    let mut out = String::new();
    for (path, content) in recording.frames.iter().flat_map(|frame| &frame.files) {
        let what = match content {
            Content::Text(text) => format!("{} B", text.len()),
            Content::Error(error) => Text::get(&error.text(path), sim_core::Lang::En).to_owned(),
        };
        out.push_str(&format!("{path}  {what}\n"));
    }
    out
}
