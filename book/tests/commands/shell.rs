//! Typing commands into a shell: in a fresh folder, with a time limit and bounded output, as an
//! ordinary user where the prompt is `$`, in namespaces of its own where the page names a room.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use regex::{Captures, Regex};

/// Longest time that the commands of one shell may take together.
const PATIENCE: Duration = Duration::from_secs(180);

/// Most bytes that are read of what they print.
const MOST: u64 = 4 << 20;

/// Who types where the prompt is `$` and the tests are root's.
const NOBODY: &str = "65534";

/// Parts the output of one command from that of the next.
const MARK: char = '\u{1e}';

/// A command as it is typed on this machine.
pub struct Typed {
    pub text: String,
    /// What the machine lacks for it.
    pub lacks: Option<String>,
}

impl Typed {
    /// With this machine's network card and disk for those of the text.
    pub fn on_this_machine(text: String) -> Typed {
        let mut lacks = None;
        let devices = Regex::new(r"\b(?:(eth0)|(sda|vda))\b").unwrap();
        let text = devices.replace_all(&text, |found: &Captures<'_>| {
            let (folder, what) =
                if found.get(1).is_some() { ("/sys/class/net", "a network card") } else { ("/sys/block", "a disk") };
            let named = &found[0];
            let has = |name: &str| Path::new(folder).join(name).join("device").exists();
            let others = || {
                std::fs::read_dir(folder)
                    .into_iter()
                    .flatten()
                    .flatten()
                    .map(|e| e.file_name().to_string_lossy().into_owned())
            };
            let first = Some(named.to_owned()).filter(|name| has(name)).or_else(|| others().find(|name| has(name)));
            first.unwrap_or_else(|| {
                lacks = Some(what.to_owned());
                named.to_owned()
            })
        });
        let text = text.into_owned();
        if text.contains("live-probe") && !programs().join("live-probe").exists() {
            lacks = Some("live-probe: cargo build -p live-probe".to_owned());
        }
        Typed { text, lacks }
    }
}

/// Where this build puts its programs.
fn programs() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_book")).parent().unwrap()
}

/// What a command printed, errors included, and how it ended.
pub struct Printed {
    pub text: String,
    pub status: Option<i32>,
}

/// A fresh folder in which everybody may write.
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    folder
}

/// Puts a file there that everybody may read.
pub fn put(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
    std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(0o644)).unwrap();
}

fn rooms_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/commands/rooms")
}

/// The rooms there are.
pub fn rooms() -> Vec<String> {
    let entries = std::fs::read_dir(rooms_folder()).unwrap();
    entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.starts_with(b"0\n"))
}

/// Types commands into one shell, in order.
///
/// # Errors
/// Why they cannot be typed here.
pub fn type_in(folder: &Path, room: Option<&str>, root: bool, commands: &[&str]) -> Result<Vec<Printed>, String> {
    if root && !is_root() {
        return Err("needs root".into());
    }
    if commands.is_empty() {
        return Ok(Vec::new());
    }
    let mut script = String::from("exec 2>&1\nulimit -f 1000000\n");
    if let Some(room) = room {
        script.push_str(&std::fs::read_to_string(rooms_folder().join(format!("{room}.sh"))).unwrap());
    }
    for command in commands {
        script.push_str(&format!("\nprintf '\\n{MARK}\\n'\n{command}\nprintf '\\n{MARK}%d\\n' $?\n"));
    }
    let file = format!("typed-{}-{root}.sh", room.unwrap_or("plain"));
    put(folder, &file, &script);
    let mut shell = match (room, root || !is_root()) {
        (Some(_), _) => program(
            "unshare",
            &["--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child=SIGTERM", "bash", "--norc", &file],
        ),
        (None, true) => program("bash", &["--norc", &file]),
        (None, false) => {
            program("setpriv", &["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "bash", "--norc", &file])
        }
    };
    shell.current_dir(folder).process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let output = run(&mut shell);
    Ok(commands.iter().enumerate().map(|(i, _)| part(&output, i)).collect())
}

fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    let path = format!("{}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", programs().display());
    command
        .args(arguments)
        .env_clear()
        .env("PATH", path)
        .env("LC_ALL", "C.UTF-8")
        .env("HOME", "/nonexistent")
        .env("TERM", "dumb")
        .env("COLUMNS", "200");
    command
}

/// Everything it prints, up to a limit of bytes and of time.
fn run(command: &mut Command) -> String {
    let mut child = command.spawn().unwrap();
    let group = child.id();
    let output = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = output.take(MOST).read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let begun = Instant::now();
    let mut told = false;
    while !reader.is_finished() {
        if begun.elapsed() > PATIENCE && !told {
            // Time to clean up for whoever wants to; then it is over.
            signal("-TERM", group);
            told = true;
        }
        if begun.elapsed() > PATIENCE + Duration::from_secs(10) {
            signal("-KILL", group);
        }
        if child.try_wait().unwrap().is_some() {
            // What it left running in the background holds the pipe.
            std::thread::sleep(Duration::from_millis(200));
            signal("-KILL", group);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    signal("-KILL", group);
    let _ = child.wait();
    reader.join().unwrap()
}

/// Signals the group that the shell and its children are.
fn signal(what: &str, group: u32) {
    let kill = Command::new("kill").args([what, "--", &format!("-{group}")]).stderr(Stdio::null()).status();
    kill.unwrap();
}

/// The output of the command of that number.
fn part(output: &str, number: usize) -> Printed {
    let begin = format!("\n{MARK}\n");
    let Some(own) = output.split(&begin).nth(number + 1) else {
        return Printed { text: "(the shell did not come so far)".into(), status: None };
    };
    let (text, end) = own.rsplit_once(&format!("\n{MARK}")).unwrap_or((own, ""));
    Printed { text: text.to_owned(), status: end.lines().next().and_then(|status| status.parse().ok()) }
}

#[test]
fn each_command_has_its_own_output_and_the_shell_is_one() {
    let folder = folder();
    let printed =
        type_in(folder.path(), None, false, &["f() { echo a; }; cd /", "f; pwd; ls /no-such >&2", "false"]).unwrap();
    let got: Vec<_> = printed.iter().map(|p| (p.text.trim_end(), p.status)).collect();
    assert_eq!(got[0], ("", Some(0)));
    assert!(got[1].0.starts_with("a\n/\nls: cannot access '/no-such'") && got[1].1 == Some(2), "{got:?}");
    assert_eq!(got[2], ("", Some(1)));
    let left = type_in(folder.path(), None, false, &["sleep 1000 & echo b", "exit 3", "echo c"]).unwrap();
    assert_eq!((left[0].text.trim_end(), left[2].status), ("b", None));
}
