//! The binary as a reader meets it: what it prints, in both languages, and how it ends.

mod capture;
mod exercises;
mod general;
mod hostile;
mod review;
mod sim;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run of the binary gave.
#[derive(Debug)]
struct Done {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// A folder for state, and the binary run with it.
struct Probe {
    dir: tempfile::TempDir,
}

impl Probe {
    /// With an empty state folder.
    fn new() -> Probe {
        Probe { dir: tempfile::tempdir().unwrap() }
    }

    /// A path in a folder that goes away with the test.
    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The state folder.
    fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// The command, its environment free of the tester's.
    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_live-probe"));
        for name in ["LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR"] {
            command.env_remove(name);
        }
        command.env("LIVE_PROBE_STATE_DIR", self.state()).args(line.split_whitespace());
        command
    }

    /// Runs a command line (words are split at blanks).
    fn run(&self, line: &str) -> Done {
        done(self.command(line).stdin(Stdio::null()))
    }

    /// Runs it with something on standard input.
    fn run_with(&self, line: &str, input: &[u8]) -> Done {
        let mut command = self.command(line);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        // Refused input is not read to its end: the pipe may break.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        read(&output)
    }
}

/// Runs a prepared command.
fn done(command: &mut Command) -> Done {
    read(&command.output().unwrap())
}

fn read(output: &std::process::Output) -> Done {
    Done {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout.clone()).unwrap(),
        err: String::from_utf8(output.stderr.clone()).unwrap(),
    }
}

/// Cells of the widest line.
fn widest(text: &str) -> usize {
    text.lines().map(unicode_width::UnicodeWidthStr::width).max().unwrap_or(0)
}

/// A file with this text.
fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
