//! Writes down what the machine says while a workload runs.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

use exercises::recording::{MAX_FILE_BYTES, MAX_FRAMES, MAX_SIGHTINGS};
use exercises::{Content, Facts, Frame, ReadError, Recording, Reported, Sighting, Source};

use crate::machine::{Sample, Sampler, avenrun};

/// Time between two frames.
const FRAME: Duration = Duration::from_secs(1);
/// Time between two looks at the averages: an update is known to this much.
pub const LOOK: Duration = Duration::from_millis(25);

/// A recording in the making. Nothing is written to a file before it is whole.
pub struct Recorder {
    sampler: Sampler,
    /// Files of what the workload made, once it is known what that is: each under the name it is
    /// kept under.
    made: Option<(Sampler, Vec<(String, String)>)>,
    start: Instant,
    next_frame: Instant,
    last: Option<Sighting>,
    last_kept: bool,
    recording: Recording,
}

impl Recorder {
    /// Begins a recording of `paths` of this machine; its clock starts now.
    ///
    /// # Errors
    /// `/` cannot be opened.
    pub fn start<'p>(paths: impl IntoIterator<Item = &'p str>, facts: Facts) -> io::Result<Recorder> {
        let start = Instant::now();
        Ok(Recorder {
            sampler: Sampler::new(paths)?,
            made: None,
            start,
            next_frame: start,
            last: None,
            last_kept: false,
            recording: Recording::new(Source::Live, facts),
        })
    }

    /// Nanoseconds of the recording's clock at `moment`.
    pub fn ns(&self, moment: Instant) -> u64 {
        u64::try_from(moment.saturating_duration_since(self.start).as_nanos()).unwrap_or(u64::MAX)
    }

    /// Looks at the averages, and reads the files once a second. To be called every [`LOOK`].
    pub fn look(&mut self) {
        let sighting = Sighting { t_ns: self.ns(Instant::now()), avenrun: avenrun() };
        self.sight(sighting);
        if Instant::now() >= self.next_frame {
            self.frame();
        }
    }

    /// Reads the files now.
    pub fn frame(&mut self) {
        let now = Instant::now();
        // A program that was stopped for a while does not make up for what it missed.
        while self.next_frame <= now {
            self.next_frame += FRAME;
        }
        if self.recording.frames.len() >= MAX_FRAMES {
            return;
        }
        let mut frame = to_frame(&self.sampler.sample(), self.start);
        if let Some((sampler, names)) = &mut self.made {
            let sample = to_frame(&sampler.sample(), self.start);
            let contents =
                names.iter().filter_map(|(name, path)| Some((name.clone(), sample.files.get(path)?.clone())));
            frame.files.extend(contents);
        }
        if self.recording.frames.last().is_none_or(|last| last.t_ns < frame.t_ns) {
            self.recording.frames.push(frame);
        }
    }

    /// Hears what the workload says of itself, and from now on records `records` too, with what it
    /// made in place of the names in braces.
    pub fn hear(&mut self, reported: &Reported, records: &[String]) {
        self.recording.reported = reported.clone();
        let paths: Vec<_> =
            records.iter().filter_map(|name| Some((name.clone(), in_place(name, &reported.places)?))).collect();
        if !paths.is_empty() {
            let sampler = Sampler::new(paths.iter().map(|(_, path)| path.as_str())).ok();
            self.made = sampler.map(|sampler| (sampler, paths));
        }
    }

    /// Hears what the workload measured.
    pub fn hear_more(&mut self, reported: Reported) {
        self.recording.reported = reported;
    }

    /// Keeps a sighting that differs from the one before, and that one too.
    fn sight(&mut self, now: Sighting) {
        let changed = self.last.is_none_or(|last| last.avenrun != now.avenrun);
        if changed && self.recording.sightings.len() + 2 <= MAX_SIGHTINGS {
            self.recording.sightings.extend(self.last.filter(|_| !self.last_kept));
            self.recording.sightings.push(now);
        }
        self.last = Some(now);
        self.last_kept = changed;
    }

    /// The averages at the last look, in 1/2048.
    pub fn avenrun(&self) -> [u64; 3] {
        self.last.map_or([0; 3], |last| last.avenrun)
    }

    /// The recording, with a last frame.
    pub fn finish(mut self) -> Recording {
        self.frame();
        self.recording.sightings.extend(self.last.filter(|_| !self.last_kept));
        self.recording
    }
}

/// A path with what was made in place of the names in braces.
fn in_place(name: &str, places: &BTreeMap<String, String>) -> Option<String> {
    let (mut path, mut rest) = (String::new(), name);
    while let Some((before, after)) = rest.split_once('{') {
        let (place, after) = after.split_once('}')?;
        path.push_str(before);
        path.push_str(places.get(place)?);
        rest = after;
    }
    path.push_str(rest);
    Some(path)
}

fn to_frame(sample: &Sample<'_>, start: Instant) -> Frame {
    let content = |path: &str, text: Result<&str, ReadError>| match text {
        Ok(text) => {
            let text = shorten(path, text);
            if text.len() > MAX_FILE_BYTES { Content::Error(ReadError::TooLarge) } else { Content::Text(text) }
        }
        Err(error) => Content::Error(error),
    };
    Frame {
        t_ns: u64::try_from(sample.at.saturating_duration_since(start).as_nanos()).unwrap_or(u64::MAX),
        avenrun: Some(sample.avenrun),
        files: sample.files().map(|(path, text)| (path.to_owned(), content(path, text))).collect(),
    }
}

/// Leaves out the two lines of `/proc/stat` that no exercise reads and that are most of it.
fn shorten(path: &str, text: &str) -> String {
    if path != "/proc/stat" {
        return text.to_owned();
    }
    text.split_inclusive('\n').filter(|line| !line.starts_with("intr ") && !line.starts_with("softirq ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_stand_for_what_was_made() {
        let places = BTreeMap::from([("task", "7"), ("cgroup", "/sys/fs/cgroup/x")].map(|(a, b)| (a.into(), b.into())));
        for (name, path) in [
            ("/proc/{task}/status", Some("/proc/7/status")),
            ("{cgroup}/memory.stat", Some("/sys/fs/cgroup/x/memory.stat")),
            ("/proc/meminfo", Some("/proc/meminfo")),
            ("/proc/{other}/status", None),
            ("/proc/{task", None),
        ] {
            assert_eq!(in_place(name, &places).as_deref(), path, "{name}");
        }
    }

    #[test]
    fn sightings_bracket_every_change() {
        let mut recorder = Recorder::start([], Facts::default()).unwrap();
        for (t_ns, load) in [(0, 5), (25, 5), (50, 5), (75, 7), (100, 8), (125, 8), (150, 8)] {
            recorder.sight(Sighting { t_ns, avenrun: [load, 0, 0] });
        }
        let recording = recorder.finish();
        let kept: Vec<_> = recording.sightings.iter().map(|sighting| (sighting.t_ns, sighting.avenrun[0])).collect();
        assert_eq!(kept, [(0, 5), (50, 5), (75, 7), (100, 8), (150, 8)]);
    }

    #[test]
    #[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
    fn frames_hold_the_files_and_why_one_is_missing() {
        let paths = ["/proc/loadavg", "/proc/stat", "/proc/no-such-file"];
        let mut recorder = Recorder::start(paths, Facts::default()).unwrap();
        recorder.look();
        std::thread::sleep(Duration::from_millis(5));
        recorder.look();
        let recording = recorder.finish();
        assert_eq!(recording.problem(), None);
        assert_eq!(recording.frames.len(), 2, "the first and the last");
        let files = &recording.frames[0].files;
        assert!(matches!(&files["/proc/loadavg"], Content::Text(text) if text.split(' ').count() == 5));
        assert!(matches!(&files["/proc/stat"], Content::Text(text)
            if text.starts_with("cpu ") && text.contains("\nprocs_running ") && !text.contains("\nintr ")));
        assert_eq!(files["/proc/no-such-file"], Content::Error(ReadError::NotFound));
    }
}
