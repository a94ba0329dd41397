//! This machine, or a copy of its files below another root, as the judge sees it.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use exercises::{MOST_NAMES, Machine, ReadError, Source};

use super::files::Kept;
use super::open::Root;
use super::{files, path, virtuals};

/// How long one file may take. A kernel file takes microseconds; one that a FUSE server such as
/// LXCFS shows can hang for ever.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// Reads that may hang, each holding a thread, before no further one is tried.
const MOST_STUCK: usize = 4;

/// Stands before a folder whose names are asked for.
const LIST: &str = "names of ";

type Answer = Result<String, ReadError>;
type Reader = dyn Fn(&str) -> Answer + Send + Sync;

/// A machine whose files are read when they are asked for.
///
/// Only kernel files below `/proc` and `/sys`, `/etc/os-release` and `/boot/config-*` are read,
/// never anything outside the root; a file may be as large as [`files::LARGEST`] and take as long as
/// [`PATIENCE`]. What may be read is found by trying: file modes in `/proc` promise more than they
/// keep. A gzipped file (`/proc/config.gz`) is given as its text.
pub struct LiveMachine {
    reader: Arc<Reader>,
    patience: Duration,
    worker: Mutex<Option<Worker>>,
    stuck: AtomicUsize,
    source: Source,
}

/// A thread that reads for us, so that a read that never returns costs a thread and not the probe.
struct Worker {
    ask: mpsc::Sender<Errand>,
    done: mpsc::Receiver<()>,
    thread: JoinHandle<()>,
}

/// Files to read in one go, which costs one wake-up and not one each. Who asked holds the answers; once they are
/// given up, so is the errand.
struct Errand {
    questions: Vec<String>,
    answers: Weak<Mutex<Vec<Answer>>>,
}

impl LiveMachine {
    /// The machine this program runs on.
    ///
    /// # Errors
    /// `/` cannot be opened.
    pub fn here() -> io::Result<LiveMachine> {
        LiveMachine::below(Path::new("/"), Source::Live)
    }

    /// The files of a machine copied below `dir`.
    ///
    /// # Errors
    /// The directory cannot be opened.
    pub fn fixture(dir: &Path) -> io::Result<LiveMachine> {
        LiveMachine::below(dir, Source::Recorded)
    }

    fn below(dir: &Path, source: Source) -> io::Result<LiveMachine> {
        let root = Root::open(dir)?;
        let live = source == Source::Live;
        let kept = Kept::default();
        let reader = move |path: &str| match path.strip_prefix(LIST) {
            Some(folder) => {
                root.names(folder, MOST_NAMES).map(|names| names.join("\n")).map_err(|e| files::read_error(path, &e))
            }
            None if live && path.starts_with('@') => virtuals::read(path),
            // A copy of a machine may hold what its calls said.
            None if path.starts_with('@') => files::text(&root, &format!("/{path}")),
            None if live && files::lasts(path) => kept.read(&root, path),
            None => files::text(&root, path),
        };
        Ok(LiveMachine::with_reader(Arc::new(reader), PATIENCE, source))
    }

    /// Asks the thread that reads, and waits for no answer longer than patience lasts. After a read that hangs,
    /// another thread reads the rest.
    fn ask(&self, questions: &[String]) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(questions.len());
        while answers.len() < questions.len() {
            let (more, failed) = self.ask_worker(&questions[answers.len()..]);
            answers.extend(more);
            answers.extend(failed.map(Err));
        }
        answers
    }

    /// The answers, or those before the one that does not come and why it does not.
    fn ask_worker(&self, questions: &[String]) -> (Vec<Answer>, Option<ReadError>) {
        let mut slot = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        let worker = match slot.take() {
            Some(worker) => worker,
            None if self.stuck.load(Ordering::Relaxed) >= MOST_STUCK => return (Vec::new(), Some(ReadError::TimedOut)),
            None => match self.start_worker() {
                Ok(worker) => worker,
                Err(error) => return (Vec::new(), Some(ReadError::Other(error.to_string()))),
            },
        };
        let answers = Arc::new(Mutex::new(Vec::with_capacity(questions.len())));
        let take = || std::mem::take(&mut *answers.lock().unwrap_or_else(PoisonError::into_inner));
        let errand = Errand { questions: questions.to_vec(), answers: Arc::downgrade(&answers) };
        let mut failed = worker.ask.send(errand).err().map(|_| mpsc::RecvTimeoutError::Disconnected);
        let mut got = Vec::new();
        while failed.is_none() {
            match worker.done.recv_timeout(self.patience) {
                Ok(()) => {
                    got.append(&mut take());
                    *slot = Some(worker);
                    return (got, None);
                }
                Err(error) => {
                    let more = take();
                    // As long as answers come, it is only slow.
                    failed = more.is_empty().then_some(error);
                    got.extend(more);
                }
            }
        }
        let failed = match failed {
            _ if got.len() == questions.len() => return (got, None),
            // The thread is left to itself; it ends when its read returns and nobody wants to know.
            Some(mpsc::RecvTimeoutError::Timeout) => {
                self.stuck.fetch_add(1, Ordering::Relaxed);
                ReadError::TimedOut
            }
            _ => ReadError::Other("the reading thread ended".into()),
        };
        (got, Some(failed))
    }

    fn ask_one(&self, question: String) -> Answer {
        self.ask(&[question]).pop().unwrap_or(Err(ReadError::NotFound))
    }

    fn with_reader(reader: Arc<Reader>, patience: Duration, source: Source) -> LiveMachine {
        LiveMachine { reader, patience, worker: Mutex::new(None), stuck: AtomicUsize::new(0), source }
    }

    fn start_worker(&self) -> io::Result<Worker> {
        let (ask, errands) = mpsc::channel::<Errand>();
        let (finished, done) = mpsc::channel();
        let reader = Arc::clone(&self.reader);
        let thread = std::thread::Builder::new().name("machine-read".into()).spawn(move || {
            for errand in errands {
                for path in &errand.questions {
                    let answer = reader(path);
                    let Some(answers) = errand.answers.upgrade() else { return };
                    answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
                }
                if finished.send(()).is_err() {
                    return;
                }
            }
        })?;
        Ok(Worker { ask, done, thread })
    }
}

impl Drop for LiveMachine {
    /// Waits for the reading thread, so that whoever counts threads next does not count it. It is
    /// idle: one that hangs is not kept.
    fn drop(&mut self) {
        if let Some(Worker { ask, thread, .. }) = self.worker.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            drop(ask);
            let _ = thread.join();
        }
    }
}

impl Machine for LiveMachine {
    fn read(&self, path: &str) -> Answer {
        path::vet(path).map_err(ReadError::Refused)?;
        self.ask_one(path.to_owned())
    }

    fn read_all(&self, paths: &[&str]) -> Vec<Answer> {
        let vetted = paths.iter().map(|path| path::vet(path).map_err(ReadError::Refused)).collect::<Vec<_>>();
        let allowed = paths.iter().zip(&vetted).filter(|(_, vetted)| vetted.is_ok());
        let questions: Vec<_> = allowed.map(|(path, _)| (*path).to_owned()).collect();
        let mut answers = self.ask(&questions).into_iter();
        let answer = |vetted: Result<_, _>| vetted.and_then(|_| answers.next().unwrap_or(Err(ReadError::NotFound)));
        vetted.into_iter().map(answer).collect()
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        let folder = path::vet_folder(folder).map_err(ReadError::Refused)?;
        let names = self.ask_one(format!("{LIST}{folder}"))?;
        Ok(names.lines().map(str::to_owned).collect())
    }

    fn source(&self) -> Source {
        self.source
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn kind(answer: &Answer) -> &'static str {
        match answer {
            Ok(_) => "text",
            Err(ReadError::NotFound) => "not found",
            Err(ReadError::Denied) => "denied",
            Err(ReadError::TooLarge) => "too large",
            Err(ReadError::TimedOut) => "timed out",
            Err(ReadError::NotText) => "not text",
            Err(ReadError::Refused(_)) => "refused",
            Err(ReadError::Other(_)) => "other",
        }
    }

    #[test]
    fn every_way_a_read_can_end_is_told_apart() {
        use std::io::Write;
        let dir = tempfile::tempdir().unwrap();
        let proc = dir.path().join("proc");
        std::fs::create_dir_all(proc.join("pressure")).unwrap();
        let write = |name: &str, bytes: &[u8]| std::fs::write(proc.join(name), bytes).unwrap();
        write("loadavg", b"0.00 0.01 0.05 1/100 7\n");
        write("empty", b"");
        write("binary", b"a\0b");
        write("latin1", b"\xe9t\xe9");
        write("large", &vec![b'x'; files::LARGEST as usize + 1]);
        write("limit", &vec![b'x'; files::LARGEST as usize]);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"CONFIG_HZ=250\n").unwrap();
        write("config.gz", &gzip.finish().unwrap());
        let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        bomb.write_all(&vec![0; files::LARGEST as usize * 2]).unwrap();
        write("bomb.gz", &bomb.finish().unwrap());
        write("broken.gz", &[0x1f, 0x8b, 8, 0, 0]);
        let fifo = proc.join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());

        let machine = LiveMachine::fixture(dir.path()).unwrap();
        for (path, want) in [
            ("/proc/loadavg", "text"),
            ("/proc/empty", "text"),
            ("/proc/limit", "text"),
            ("/proc/config.gz", "text"),
            ("/proc/large", "too large"),
            ("/proc/bomb.gz", "too large"),
            ("/proc/broken.gz", "not text"),
            ("/proc/binary", "not text"),
            ("/proc/latin1", "not text"),
            ("/proc/fifo", "refused"),
            ("/proc/pressure", "refused"),
            ("/proc/pressure/cpu", "not found"),
            ("/etc/os-release", "not found"),
            ("/etc/shadow", "refused"),
        ] {
            assert_eq!(kind(&machine.read(path)), want, "{path}");
        }
        assert_eq!(machine.read("/proc/config.gz").unwrap(), "CONFIG_HZ=250\n");
        assert!(matches!(machine.source(), Source::Recorded));
    }

    #[test]
    fn denial_is_found_by_trying() {
        if rustix::process::geteuid().is_root() {
            // Root may read a file nobody may; the kernel's own refusals are what is left.
            let error = io::Error::from_raw_os_error(libc::EPERM);
            assert_eq!(kind(&Err(files::read_error("/proc/1/stack", &error))), "denied");
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("proc")).unwrap();
        let file = dir.path().join("proc/secret");
        std::fs::write(&file, "x").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).unwrap();
        assert_eq!(kind(&LiveMachine::fixture(dir.path()).unwrap().read("/proc/secret")), "denied");
    }

    #[test]
    fn a_file_that_hangs_does_not_hang_us() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let reader: Arc<Reader> = Arc::new(move |path| {
            counter.fetch_add(1, Ordering::Relaxed);
            if path.ends_with("hangs") {
                std::thread::sleep(Duration::from_secs(3600));
            }
            Ok(path.to_owned())
        });
        // Long enough for what does not hang, however busy the machine is that tests.
        let machine = LiveMachine::with_reader(reader, Duration::from_secs(1), Source::Live);
        for stuck in 1..=MOST_STUCK {
            // Another thread reads what stands behind a file that hangs, until enough threads are stuck.
            let behind = if stuck < MOST_STUCK { "text" } else { "timed out" };
            let answers = machine.read_all(&["/proc/loadavg", "/proc/hangs", "/etc/shadow", "/proc/uptime"]);
            assert_eq!(answers.iter().map(kind).collect::<Vec<_>>(), ["text", "timed out", "refused", behind]);
        }
        // The rest is refused without a try.
        assert_eq!(kind(&machine.read("/proc/hangs")), "timed out");
        assert_eq!(asked.load(Ordering::Relaxed), 3 * MOST_STUCK - 1);
    }

    #[test]
    #[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
    fn this_machine_answers() {
        let machine = LiveMachine::here().unwrap();
        assert_eq!(machine.read("/proc/loadavg").unwrap().split(' ').count(), 5);
        assert!(matches!(machine.source(), Source::Live));
        assert_eq!(kind(&machine.read("/proc/self/root/etc/passwd")), "refused");
        assert!(machine.list("/proc").unwrap().contains(&"self".to_owned()));
        assert!(machine.list("/sys/class/net/").unwrap().contains(&"lo".to_owned()));
        assert!(matches!(machine.list("/etc"), Err(ReadError::Refused(_))));
        assert_eq!(machine.list("/proc/self/root"), Err(ReadError::Refused(read_error_text("/proc/self/root"))));
        assert!(machine.read("@page_size").unwrap().trim().parse::<u32>().unwrap() >= 4096);
        assert!(machine.read("@processes").unwrap().starts_with("pid ppid state"));
        assert_eq!(kind(&machine.read("@nic/no-such/ring")), "not found");
    }

    fn read_error_text(path: &str) -> sim_core::Text {
        match files::read_error(&format!("{LIST}{path}"), &io::Error::from_raw_os_error(libc::ELOOP)) {
            ReadError::Refused(text) => text,
            _ => sim_core::Text::default(),
        }
    }
}
