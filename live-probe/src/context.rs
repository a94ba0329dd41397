//! What every command gets, and how it ends.

use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use etcetera::BaseStrategy;
use sim_core::{Lang, Text, text};

use crate::machine;

/// How the program ends: a public contract, also printed by `--help` and the manual page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything that was asked for was done; every exercise checked passes.
    Pass = 0,
    /// Something broke that is not the reader's doing.
    Internal = 1,
    /// The command line or a file named on it is wrong.
    Usage = 2,
    /// An exercise failed, a trace did not hold.
    Failed = 100,
    /// Nothing failed, but something could not be checked here.
    CannotCheck = 101,
}

/// A command that could not do its work: what happened, and what to do next.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The exit code it ends with.
    pub exit: Exit,
    /// What is wrong, what was expected and what to do next.
    pub text: Text,
}

impl Failure {
    /// The command line, or a file named on it, is wrong.
    pub fn usage(text: Text) -> Failure {
        Failure { exit: Exit::Usage, text }
    }

    /// Something else went wrong.
    pub fn internal(text: Text) -> Failure {
        Failure { exit: Exit::Internal, text }
    }
}

/// What every command gets.
#[derive(Debug)]
pub struct Context {
    /// Language of everything that is printed.
    pub lang: Lang,
    /// `--root`: the root of another machine, or a capture of one; `None` for this machine.
    pub root: Option<PathBuf>,
    /// `--machine`: the name of a recorded machine to look at instead.
    pub machine: Option<String>,
    /// Whether stdout is a terminal that wants colours.
    pub colour: bool,
    /// Whether the reader of stdout has left.
    closed: AtomicBool,
}

impl Context {
    /// A context that prints in `lang`.
    pub fn new(lang: Lang, root: Option<PathBuf>, colour: bool) -> Context {
        Context { lang, root, machine: None, colour, closed: AtomicBool::new(false) }
    }

    /// The same, of the recorded machine of that name where there is one.
    pub fn on(self, machine: Option<String>) -> Context {
        Context { machine, ..self }
    }

    /// Whether another machine than this one is looked at.
    pub fn elsewhere(&self) -> bool {
        self.root.is_some() || self.machine.is_some()
    }

    /// The machine that is looked at.
    ///
    /// # Errors
    /// `--root` or `--machine` names none.
    pub fn open(&self) -> Result<Box<dyn exercises::Machine + Send + Sync>, Failure> {
        let opened = match &self.machine {
            Some(name) => machine::recorded(name),
            None => machine::open(self.root.as_deref()),
        };
        opened.map_err(Failure::usage)
    }

    /// What progress with an exercise is kept under: answers about a recorded machine are no answers
    /// about this one.
    pub fn key(&self, exercise: &str) -> String {
        match &self.machine {
            Some(machine) => format!("{exercise}@{machine}"),
            None => exercise.to_owned(),
        }
    }

    /// Prints to stdout, as it is. A reader who has left (`| head`) is no error, see
    /// [`Context::closed`].
    ///
    /// # Errors
    /// Stdout cannot be written for another reason, such as a full disk.
    pub fn print(&self, words: &str) -> Result<(), Failure> {
        self.print_bytes(words.as_bytes())
    }

    /// The same of what is no text.
    ///
    /// # Errors
    /// As [`Context::print`].
    pub fn print_bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        if self.closed() {
            return Ok(());
        }
        let mut out = std::io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                self.closed.store(true, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => Err(Failure::internal(text!(
                ko: "표준 출력에 쓸 수 없습니다: {error}",
                en: "Cannot write to standard output: {error}"
            ))),
        }
    }

    /// Refuses `what` (a command or option) where there is no Linux kernel and no `--root` instead.
    ///
    /// # Errors
    /// There is none.
    pub fn needs_kernel(&self, what: &str) -> Result<(), Failure> {
        match machine::no_kernel(self.root.as_deref()).filter(|_| self.machine.is_none()) {
            None => Ok(()),
            Some(_) => Err(Failure {
                exit: Exit::CannotCheck,
                text: text!(
                    ko: "{what}: 이 컴퓨터에는 리눅스 커널이 없어서 할 수 없습니다. 책에서는 시뮬레이션한 컴퓨터로 할 수 있습니다.",
                    en: "{what} takes a Linux kernel, and this machine has none. In the book a simulated machine stands in for it."
                ),
            }),
        }
    }

    /// Whether the reader of stdout has left, so that going on printing is of no use.
    pub fn closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Prints a line to stderr.
    pub fn say(&self, text: &Text) {
        say(self.lang, text);
    }

    /// The folder that keeps progress and recorded runs: `LIVE_PROBE_STATE_DIR`, or the platform's
    /// folder for state. It may not exist yet.
    ///
    /// # Errors
    /// There is no home directory.
    pub fn state_dir(&self) -> Result<PathBuf, Failure> {
        if let Some(dir) = std::env::var_os("LIVE_PROBE_STATE_DIR").filter(|dir| !dir.is_empty()) {
            return Ok(PathBuf::from(dir));
        }
        let strategy = etcetera::choose_base_strategy().map_err(|error| {
            Failure::internal(text!(
                ko: "상태를 둘 폴더를 알 수 없습니다({error}). LIVE_PROBE_STATE_DIR에 폴더를 지정하십시오.",
                en: "There is no folder to keep state in ({error}). Name one in LIVE_PROBE_STATE_DIR."
            ))
        })?;
        let base = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
        Ok(base.join("live-probe"))
    }

    /// Where the recording of an exercise's workload is kept (`runs/SLUG.json`).
    ///
    /// # Errors
    /// As [`Context::state_dir`].
    pub fn recording_path(&self, exercise: &str) -> Result<PathBuf, Failure> {
        let slug = exercise.rsplit('/').next().unwrap_or(exercise);
        Ok(self.state_dir()?.join("runs").join(format!("{slug}.json")))
    }
}

/// Prints a line to stderr; one that cannot be printed is dropped.
pub fn say(lang: Lang, text: &Text) {
    let _ = writeln!(std::io::stderr().lock(), "{}", text.get(lang));
}

/// The language the environment asks for: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is
/// set; English for a language the workbook does not have.
pub fn locale() -> Lang {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set).and_then(|tag| Lang::from_tag(&tag)).unwrap_or(Lang::En)
}
