//! The same few files again and again, cheaply.

use std::fs::File;
use std::io;
use std::time::{Duration, Instant};

use exercises::{ReadError, expand};

use super::files;
use super::open::Root;
use super::{LiveMachine, calls, path, virtuals};

/// Reads a set of files of this machine at once, as often as wanted.
///
/// Files stay open and are read again from their beginning into the same buffers, so a sample
/// costs a few microseconds more than nothing (`live-probe doctor --cost`). A file that fails is
/// opened anew next time. Unlike [`super::LiveMachine`] there is no patience: a file that hangs
/// holds the caller's thread.
pub struct Sampler {
    root: Root,
    files: Vec<Watched>,
}

struct Watched {
    path: String,
    file: Option<File>,
    buffer: Vec<u8>,
    read: Result<(), ReadError>,
}

/// One moment of the machine.
#[derive(Clone, Copy)]
pub struct Sample<'a> {
    /// When reading began.
    pub at: Instant,
    /// How long reading took.
    pub cost: Duration,
    /// The three load averages in 1/2048.
    pub avenrun: [u64; 3],
    files: &'a [Watched],
}

impl Sampler {
    /// A sampler of these files of the running machine, of which only kernel files are read (as
    /// [`super::LiveMachine`] does).
    ///
    /// # Errors
    /// `/` cannot be opened.
    pub fn new<'p>(paths: impl IntoIterator<Item = &'p str>) -> io::Result<Sampler> {
        // `*` stands for what is there now: what comes later is not looked at.
        let machine = LiveMachine::here()?;
        let mut all: Vec<String> = Vec::new();
        for path in paths.into_iter().flat_map(|path| expand(&machine, path)) {
            if !all.contains(&path) {
                all.push(path);
            }
        }
        let watched = |path: String| Watched { path, file: None, buffer: Vec::new(), read: Err(ReadError::NotFound) };
        Ok(Sampler { root: Root::open("/".as_ref())?, files: all.into_iter().map(watched).collect() })
    }

    /// Reads everything now.
    pub fn sample(&mut self) -> Sample<'_> {
        let at = Instant::now();
        let avenrun = calls::avenrun();
        for watched in &mut self.files {
            watched.read = watched.read(&self.root);
            if watched.read.is_err() {
                watched.file = None;
            }
        }
        Sample { at, cost: at.elapsed(), avenrun, files: &self.files }
    }
}

impl Watched {
    fn read(&mut self, root: &Root) -> Result<(), ReadError> {
        if self.path.starts_with('@') {
            path::vet(&self.path).map_err(ReadError::Refused)?;
            self.buffer = virtuals::read(&self.path)?.into_bytes();
            return Ok(());
        }
        let file = match &self.file {
            Some(file) => file,
            None => {
                path::vet(&self.path).map_err(ReadError::Refused)?;
                self.file.insert(files::open_regular(root, &self.path)?)
            }
        };
        files::again(file, &mut self.buffer).map_err(|error| files::read_error(&self.path, &error))?
    }
}

impl<'a> Sample<'a> {
    /// Every file with its text, in the order they were named.
    pub fn files(&self) -> impl Iterator<Item = (&'a str, Result<&'a str, ReadError>)> + use<'a> {
        self.files.iter().map(|watched| {
            let text = watched
                .read
                .clone()
                .and_then(|()| std::str::from_utf8(&watched.buffer).map_err(|_| ReadError::NotText));
            (watched.path.as_str(), text)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
    fn a_sample_says_what_the_files_say_now() {
        let paths = ["/proc/sys/kernel/ostype", "/proc/uptime", "/proc/vmstat", "/proc/nothing", "/etc/passwd"];
        let mut sampler = Sampler::new(paths).unwrap();
        let mut uptimes = Vec::new();
        for _ in 0..2 {
            let sample = sampler.sample();
            let files: Vec<_> = sample.files().collect();
            assert_eq!(files[0], ("/proc/sys/kernel/ostype", Ok("Linux\n")));
            uptimes.push(files[1].1.as_ref().unwrap().to_string());
            assert!(files[2].1.as_ref().unwrap().ends_with('\n'), "a file of many pages is whole");
            let whole = std::fs::read_to_string("/proc/vmstat").unwrap();
            assert_eq!(files[2].1.as_ref().unwrap().lines().count(), whole.lines().count());
            assert_eq!(files[3].1, Err(ReadError::NotFound));
            assert!(matches!(files[4].1, Err(ReadError::Refused(_))));
            assert!(sample.cost > Duration::ZERO);
            // More than the hundredth of a second in which the file counts.
            std::thread::sleep(Duration::from_millis(25));
        }
        assert_ne!(uptimes[0], uptimes[1]);
    }
}
